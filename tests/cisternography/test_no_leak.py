"""What is no leak by what lies around it or by its name, and long leaks that are ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from myeloscope.cisternography.activity import take_apart
from myeloscope.cisternography.bounds import BOUNDS
from myeloscope.cisternography.canal import find_canal
from myeloscope.cisternography.depth import Depth, _likely, _Opposed
from myeloscope.cisternography.findings import sacral, uppermost
from myeloscope.cisternography.judge import (
    DEPTH_RULE,
    PUNCTURE_RULE,
    SACRAL_RULE,
    Judgement,
    no_leak,
    not_sacral,
    one_organ,
    one_outflow,
)
from myeloscope.cisternography.landmarks import Landmarks
from myeloscope.cisternography.levels import LANDMARKS, STATURE, name_levels
from myeloscope.cisternography.planar import moments_of
from myeloscope.cisternography.signs import BELOW_SKULL_MM, Spot, ends_of, find_spots
from myeloscope.domain.anatomy import Segment
from myeloscope.domain.grade import FindingKind, Grade
from myeloscope.domain.scintigraphy import View
from tests.cisternography.test_kidneys import oval
from tests.cisternography.test_kinetics import NOWHERE, Times, spot, steady
from tests.cisternography.test_parts import column, station, study

__all__ = ["steady"]

LATE = (0.0, 0.03, 0.1, 0.2)


def leak(seen: Spot, depth: Depth | None = None) -> Judgement:
    return Judgement(seen, FindingKind.LEAK, (Grade.POSSIBLE,) * 4, "faint", None, 0.6, depth)


def test_a_long_leak_that_is_brightest_far_out_is_seen() -> None:
    beads = ((22.0, 25.0), (40.0, 60.0), (58.0, 90.0), (76.0, 130.0))

    def sides(*some: tuple[float, float]) -> set[int]:
        picture = column(16, 100) + sum(oval(-at, 0.0, height, 6.0, 6.0) for at, height in some)
        canal = find_canal(moments_of(study(station(picture, View.ANTERIOR))))
        assert canal is not None
        middle = float(np.interp(0.0, -canal.times[0].z, canal.s))
        found = find_spots(canal, [take_apart(canal, canal.times[0])], NOWHERE)
        return {each.sign for each in found if abs(each.s_mm - middle) < 60}

    assert sides(*beads) == {-1}
    # what does not hang together with the canal is none
    assert sides(*beads[2:]) == set()


def test_a_bladder_brighter_than_the_canal_hides_none_of_it() -> None:
    """The upper canal holds a tenth of the lower one's, a two-hundredth of the bladder's."""
    picture = column(16, 100)
    picture[:128] = 2 + 0.1 * (picture[:128] - 2)
    picture = picture + oval(0.0, -262.0, 2000.0, 24.0, 8.0)
    canal = find_canal(moments_of(study(station(picture, View.ANTERIOR))))
    assert canal is not None
    activity = take_apart(canal, canal.times[0])
    height = canal.times[0].z
    assert activity.valid[(height > -200) & (height < 50)].all()
    assert activity.wide[np.abs(height + 262) < 10].all()


def test_what_one_view_alone_shows_is_not_of_any_depth() -> None:
    """Two times, front 1.0, back 0.0, errors 0.2: 50 / (1 + r2) = 4 more than its least."""
    once = _Opposed(1.0, 0.0, 0.2, 0.2, 0.0, 0.0)
    depth = _likely([once, once], 0.0, BOUNDS)
    assert depth is not None
    least = 50 / (1 + np.exp(2 * 0.025 * 150))
    ratio = np.sqrt(50 / (4 + least) - 1)
    assert depth.greatest_mm == pytest.approx(-np.log(ratio) / 0.025, abs=1.0)
    assert depth.elsewhere()


def test_times_that_disagree_leave_more_open() -> None:
    one, other = (_Opposed(1.0, back, 0.05, 0.05, 0.0, 0.0) for back in (1.0, 0.5))
    alike, apart = _likely([one, one], 0.0, BOUNDS), _likely([one, other], 0.0, BOUNDS)
    assert alike is not None
    assert apart is not None
    assert alike.middle_mm == 0.0
    # ln 2 / 0.025 = 27.7 mm apart
    assert -27.7 < apart.middle_mm < 0
    assert apart.greatest_mm - apart.least_mm > 2 * (alike.greatest_mm - alike.least_mm)
    assert _likely([], 0.0, BOUNDS) is None


def test_faint_activity_amid_an_organ_is_the_organs() -> None:
    unsure, beside = Depth(-20.0, -60.0, 20.0), Depth(-5.0, -15.0, 5.0)
    organ = no_leak(leak(spot((0.0, 0.1, 0.2, 0.4), 200.0), Depth(-60.0, -70.0, -50.0)), DEPTH_RULE)
    amid = leak(spot(LATE, 230.0), unsure)
    sure = leak(spot(LATE, 230.0), beside)
    far = leak(spot(LATE, 260.0), unsure)
    other_side = leak(spot(LATE, 230.0, -1), unsure)
    hot = leak(spot((0.0, 0.2, 0.4, 0.8), 230.0), unsure)
    early = leak(spot((0.2, 0.2, 0.3, 0.4), 230.0), unsure)
    unknown = leak(spot(LATE, 230.0))
    every = [organ, amid, sure, far, other_side, hot, early, unknown]
    rules = [each.rule == DEPTH_RULE for each in one_organ(every)]
    assert rules == [True, True, False, False, False, False, False, False]


def test_rows_that_became_wide_around_the_injection_are_the_punctures(steady: Times) -> None:
    canal, activities = steady
    near, far = leak(spot(LATE, 330.0)), leak(spot(LATE, 200.0))
    there = Landmarks((480.0, 6.0), None, (400.0, 10.0), ())

    def rules(late: slice, first: bool = True) -> list[bool]:
        wide = np.zeros(len(canal.s), bool)
        wide[late] = True
        last = replace(activities[-1], wide=wide)
        begun = activities[0] if first else replace(activities[0], valid=~wide)
        made = one_outflow(canal, [begun, *activities[1:-1], last], there, [near, far])
        return [each.rule == PUNCTURE_RULE for each in made]

    rows = slice(int(canal.s.searchsorted(370)), int(canal.s.searchsorted(430)))
    assert rules(rows) == [True, False]
    assert rules(rows, first=False) == [False, False]
    assert rules(slice(0, 40)) == [False, False]
    assert rules(slice(len(canal.s) - 20, len(canal.s))) == [False, False]


def test_short_faint_late_activity_below_l5_is_a_cyst() -> None:
    found = not_sacral(leak(spot(LATE)))
    assert (found.kind, found.rule) == (FindingKind.PERINEURIAL_CYST, SACRAL_RULE)
    assert found.grade is Grade.NONE
    for other in (
        replace(spot(LATE), length_mm=20.0),
        spot((0.0, 0.2, 0.4, 0.8)),
        spot((0.2, 0.2, 0.3, 0.4)),
    ):
        assert not_sacral(leak(other)).kind is FindingKind.LEAK


def test_names_tell_what_lies_below_l5_and_what_at_the_top() -> None:
    ladder = name_levels({name: (STATURE * at, 8.0) for name, (at, _) in LANDMARKS.items()})
    places = ladder.exits_mm
    faint, hot = spot(LATE), spot((0.0, 0.2, 0.4, 0.8))

    def at(seen: Spot, segment: Segment) -> Spot:
        return replace(seen, s_mm=places[segment], q_mm=8.0)

    assert [sacral(ladder, at(faint, s)) for s in (Segment.L5, Segment.S1)] == [False, True]
    assert [uppermost(ladder, at(faint, s)) for s in (Segment.C1, Segment.C2, Segment.C4)] == [
        *(True, True, False)
    ]
    assert uppermost(ladder, at(hot, Segment.C1))
    assert not uppermost(ladder, replace(at(hot, Segment.C2), s_mm=places[Segment.C2] + 6.0))
    assert uppermost(ladder, replace(at(faint, Segment.C2), s_mm=places[Segment.C2] + 6.0))


def test_a_canal_seen_narrow_above_the_skulls_place_begins_there(steady: Times) -> None:
    canal, activities = steady
    first = float(canal.s[np.flatnonzero(activities[0].valid)[0]])
    skull = Landmarks(None, (first + 40.0, 14.0), None, ())
    assert ends_of(canal, activities, skull)[0] == pytest.approx(first + BELOW_SKULL_MM)
    above = Landmarks(None, (first - 20.0, 14.0), None, ())
    assert ends_of(canal, activities, above)[0] == pytest.approx(first - 20.0 + BELOW_SKULL_MM)
