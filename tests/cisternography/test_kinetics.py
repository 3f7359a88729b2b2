"""Courses of activity, on courses that one compartment gives in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from myeloscope.cisternography.activity import Activity, take_apart
from myeloscope.cisternography.canal import Canal, find_canal
from myeloscope.cisternography.judge import (
    BALANCE_RULE,
    PUNCTURE_RULE,
    Judgement,
    judge,
    no_leak,
    one_outflow,
    without_end,
)
from myeloscope.cisternography.kinetics import course_of, in_balance, onset_of
from myeloscope.cisternography.landmarks import Landmarks
from myeloscope.cisternography.planar import moments_of
from myeloscope.cisternography.signs import Spot
from myeloscope.domain.grade import FindingKind, Grade
from myeloscope.domain.scintigraphy import TC99M_HALF_LIFE_H, View
from tests.cisternography.test_parts import column, station, study

HOURS = (0.5, 2.0, 4.0, 6.0)
NOWHERE = Landmarks(None, None, None, ())
Times = tuple[Canal, list[Activity]]


@pytest.fixture(scope="module")
def steady() -> Times:
    """Return a canal whose activity does not change but for decay."""
    lit = [column(16, 400 * 0.5 ** (h / TC99M_HALF_LIFE_H)) for h in HOURS]
    stations = []
    for hours, counts in zip(HOURS, lit, strict=True):
        stations.append(station(counts, View.ANTERIOR, hours))
        stations.append(station(counts[:, ::-1], View.POSTERIOR, hours, way=-1.0))
    canal = find_canal(moments_of(study(*stations)))
    assert canal is not None
    return canal, [take_apart(canal, straight) for straight in canal.times]


def spot(ratios: tuple[float, ...], s: float = 250.0, sign: int = 1, sure: float = 40.0) -> Spot:
    certain = tuple(sure * ratio / max(ratios) for ratio in ratios)
    best = int(np.argmax(ratios))
    return Spot(
        sign, s, 18.0 * sign, s - 8, s + 8, ratios, certain, best, 12.0, 16.0, max(ratios) / 0.15
    )


def pool(lost: float, height: float = 1.0) -> tuple[float, ...]:
    """Return a pool's ratio to a steady canal: (1 - exp(-k t)) / k, its last ``height``."""
    hours = np.array(HOURS)
    held = hours if lost == 0 else (1 - np.exp(-lost * hours)) / lost
    return tuple((height * held / held[-1]).tolist())


def test_the_course_of_the_canal_is_corrected_for_decay(steady: Times) -> None:
    hours, level = course_of(*steady, spot(pool(0.1)))
    assert hours == pytest.approx(HOURS)
    assert level == pytest.approx([level[0]] * 4, rel=0.03)


@pytest.mark.parametrize(("lost", "balanced"), [(0.0, False), (0.3, False), (0.8, False),
                                                (3.0, True), (10.0, True)])  # fmt: skip
def test_what_follows_the_canal_within_the_hour_is_in_balance(
    steady: Times, lost: float, balanced: bool
) -> None:
    assert in_balance(*steady, spot(pool(lost))) is balanced


def test_noise_and_few_times_tell_no_balance(steady: Times) -> None:
    assert not in_balance(*steady, spot(pool(3.0), sure=5.0))
    canal, activities = steady
    assert not in_balance(canal, activities[:2], spot(pool(3.0)[:2]))
    assert not in_balance(canal, activities, spot(pool(3.0, 0.1)))


def test_a_cyst_open_to_the_sac_is_listed_and_no_sign(steady: Times) -> None:
    found = judge(*steady, NOWHERE, spot(pool(5.0)))
    assert (found.kind, found.rule) == (FindingKind.MENINGOCELE, BALANCE_RULE)
    assert found.grade is Grade.NONE
    leak = judge(*steady, NOWHERE, spot(pool(0.1)))
    assert (leak.kind, leak.grade) == (FindingKind.LEAK, Grade.PROBABLE)


def test_one_view_among_pairs_does_not_bend_the_course(steady: Times) -> None:
    lit = [column(16, 400 * 0.5 ** (h / TC99M_HALF_LIFE_H)) for h in HOURS]
    stations = []
    for hours, counts in zip(HOURS, lit, strict=True):
        # what is seen from the front is a quarter of what is from behind
        stations.append(station(0.25 * counts, View.ANTERIOR, hours))
        if hours != 4.0:
            stations.append(station(counts[:, ::-1], View.POSTERIOR, hours, way=-1.0))
    canal = find_canal(moments_of(study(*stations)))
    assert canal is not None
    activities = [take_apart(canal, straight) for straight in canal.times]
    _, level = course_of(canal, activities, spot(pool(0.1)))
    assert level == pytest.approx([level[0]] * 4, rel=0.05)


def test_what_came_late_was_not_there_in_the_first_hours(steady: Times) -> None:
    fed = onset_of(*steady, spot(pool(0.0)))
    late = onset_of(*steady, spot((0.0, 0.05, 0.6, 1.0)))
    assert fed is not None
    assert fed >= 1.0
    assert late is not None
    assert late < 0.5


def test_the_punctures_outflow_is_one_thing(steady: Times) -> None:
    own = Judgement(spot((0.0, 0.1, 0.4, 0.6)), FindingKind.LEAK, (Grade.NONE,) * 4, "", 0.4, 0.5)
    own = no_leak(own, PUNCTURE_RULE)
    late = Judgement(
        spot((0.0, 0.03, 0.1, 0.2), 290.0, -1), FindingKind.LEAK, (Grade.POSSIBLE,) * 4, "", None,
        0.6,
    )  # fmt: skip
    far = Judgement(
        spot((0.0, 0.03, 0.1, 0.2), 90.0), FindingKind.LEAK, (Grade.POSSIBLE,) * 4, "", None, 0.6
    )
    rules = [j.rule == PUNCTURE_RULE for j in one_outflow(*steady, NOWHERE, [own, late, far])]
    assert rules == [True, True, False]
    assert no_leak(own, BALANCE_RULE) is own


@pytest.mark.parametrize(
    ("onset", "sign", "kept"), [(1.5, 0, True), (0.9, 0, False), (None, 0, False), (1.5, -1, False)]
)
def test_beside_the_sacs_end_only_what_was_fed_on_one_side_stays(
    steady: Times, onset: float | None, sign: int, kept: bool
) -> None:
    canal, activities = steady
    ended = Landmarks((480.0, 6.0), None, None, ())
    here = Judgement(
        spot(pool(0.1), 468.0), FindingKind.LEAK, (Grade.PROBABLE,) * 4, "", onset, 0.9
    )
    above = Judgement(
        spot(pool(0.1), 300.0), FindingKind.LEAK, (Grade.PROBABLE,) * 4, "", onset, 0.9
    )
    made = [here, above]
    if sign:
        made.append(
            Judgement(
                spot(pool(0.1), 462.0, sign), FindingKind.LEAK, (Grade.PROBABLE,) * 4, "", None, 0.9
            )
        )
    left = without_end(canal, activities, ended, made)
    assert (here in left) is kept
    assert above in left
