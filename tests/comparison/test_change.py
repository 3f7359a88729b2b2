"""What became of a sign: the issue's six changes, each by an example."""

from __future__ import annotations

import datetime
from dataclasses import replace

import numpy as np
import pytest

from myeloscope.comparison.change import Change, Comparison, compare
from myeloscope.domain.anatomy import Region, Segment, Side
from myeloscope.domain.grade import Grade
from myeloscope.domain.reading import RegionReading
from tests.comparison.readings import SEGMENTS, Leak, View, reading

LATER = View(top=60.0, names=1, day="2024-06-01")
T5 = 12


def only(made: Comparison) -> tuple[Change, str]:
    (sign,) = made.signs
    return sign.change, sign.reason


@pytest.mark.parametrize(
    ("before", "after", "change", "words"),
    [
        ([Leak(T5)], [Leak(T5)], Change.UNCHANGED, "within what two readings"),
        ([Leak(T5)], [Leak(T5, extent=13.0)], Change.UNCHANGED, "within"),
        ([Leak(T5)], [Leak(T5, extent=16.0)], Change.WORSE, "extent +6.0 mm"),
        ([Leak(T5, extent=15.0)], [Leak(T5, extent=6.0)], Change.IMPROVED, "extent -9.0 mm"),
        # 5 mm of 25 are less than 35 %.
        ([Leak(T5, extent=20.0)], [Leak(T5, extent=25.0)], Change.UNCHANGED, "within"),
        ([Leak(T5)], [Leak(T5, brightness=0.6)], Change.WORSE, "brightness over the sac's x 2.00"),
        ([Leak(T5)], [Leak(T5, brightness=0.1)], Change.IMPROVED, "x 0.33"),
        ([Leak(T5)], [Leak(T5, brightness=None)], Change.UNCHANGED, "within"),
        ([Leak(T5)], [Leak(T5, brightness=0.5)], Change.UNCHANGED, "within"),
        # brighter, but so much smaller that there is no more of it; dimmer, but as much wider
        ([Leak(T5)], [Leak(T5, brightness=0.7, area=30.0)], Change.UNCHANGED, "within"),
        ([Leak(T5)], [Leak(T5, brightness=0.1, area=300.0)], Change.UNCHANGED, "within"),
        ([Leak(T5)], [], Change.RESOLVED, "no sign at this place any more"),
        ([], [Leak(T5)], Change.NEW, "no sign at this place before"),
        ([Leak(T5)], [Leak(T5, extent=50.0)], Change.NOT_COMPARABLE, "more than 45 mm"),
        ([Leak(T5)], [Leak(T5, extent=None)], Change.NOT_COMPARABLE, "has no extent"),
        # what ran into other fluid both times did not change
        ([Leak(T5, extent=50.0)], [Leak(T5, extent=51.0)], Change.UNCHANGED, "within"),
        # 10 to 20 mm, and the signal at that place rose by 3 in 13, or by 2 in 13
        (
            [Leak(T5, fluid=0.12)],
            [Leak(T5, extent=20.0, fluid=0.16)],
            Change.WORSE,
            "extent +10.0 mm",
        ),
        (
            [Leak(T5, fluid=0.12)],
            [Leak(T5, extent=20.0, fluid=0.14)],
            Change.NOT_COMPARABLE,
            "22 mm beside the sac, x 1.15, did not change so",
        ),
        (
            [Leak(T5, extent=20.0, fluid=0.14)],
            [Leak(T5, fluid=0.18)],
            Change.NOT_COMPARABLE,
            "x 1.27, did not change so",
        ),
        ([Leak(T5, extent=20.0, fluid=0.16)], [Leak(T5, fluid=0.12)], Change.IMPROVED, "extent"),
        # nothing but noise beside the sac both times
        (
            [Leak(T5, fluid=0.001)],
            [Leak(T5, extent=20.0, fluid=0.003)],
            Change.NOT_COMPARABLE,
            "did not change so",
        ),
        ([Leak(T5, fluid=0.1)], [Leak(T5, brightness=0.6, fluid=0.1)], Change.NOT_COMPARABLE, "so"),
        ([Leak(T5, fluid=0.1)], [Leak(T5, fluid=0.3)], Change.UNCHANGED, "within"),
        # a sign barely one: that it shrank to that, or was no more yet, is no doubt
        ([Leak(T5, extent=16.0)], [Leak(T5, score=0.6)], Change.IMPROVED, "extent -6.0 mm"),
        ([Leak(T5, score=0.6)], [Leak(T5)], Change.UNCHANGED, "within"),
        ([Leak(T5, score=0.6)], [], Change.NOT_COMPARABLE, "barely one (score 0.60)"),
        ([], [Leak(T5, score=0.6)], Change.NOT_COMPARABLE, "barely one (score 0.60)"),
    ],
)
def test_changes(before: list[Leak], after: list[Leak], change: Change, words: str) -> None:
    told = only(compare(reading(before), reading(after, LATER)))
    assert told[0] is change
    assert words in told[1]


def test_a_sign_a_little_off_is_neither_new_nor_gone() -> None:
    # C5 and C6 of the drawn person lie 16.6 mm apart
    before = reading([Leak(4)])
    made = compare(before, reading([Leak(5)], View(day="2024-06-01")))
    assert 12.0 < abs(made.signs[1].s_mm - made.signs[0].s_mm) < 20.0
    assert [sign.change for sign in made.signs] == [Change.NOT_COMPARABLE] * 2
    assert "has no partner: it may be the same one" in made.signs[0].reason
    other = compare(before, reading([Leak(5, Side.RIGHT)], View(day="2024-06-01")))
    assert [sign.change for sign in other.signs] == [Change.RESOLVED, Change.NEW]


def test_the_ratio_does_not_count_when_the_sac_has_become_wider() -> None:
    made = compare(reading([Leak(T5)]), reading([Leak(T5)], View(wider=1.2)))
    assert only(made)[0] is Change.UNCHANGED
    assert made.sac is not None
    assert made.sac.width_after_mm / made.sac.width_before_mm == pytest.approx(1.2, abs=0.02)
    # A tube's volume goes with the square of its width.
    index = made.sac.volume_index_after_ml / made.sac.volume_index_before_ml
    assert index == pytest.approx(1.44, abs=0.05)


def test_signs_are_paired_by_place_and_side_and_not_by_name() -> None:
    before = reading([Leak(T5), Leak(T5, Side.RIGHT), Leak(18)])
    after = reading([Leak(18), Leak(T5, Side.RIGHT), Leak(T5 + 2)], LATER)
    told = {(s.segment, s.side): s.change for s in compare(before, after).signs}
    assert told == {
        (SEGMENTS[T5], Side.LEFT): Change.RESOLVED,
        (SEGMENTS[T5], Side.RIGHT): Change.UNCHANGED,
        (SEGMENTS[T5 + 3], Side.LEFT): Change.NEW,
        (SEGMENTS[18], Side.LEFT): Change.UNCHANGED,
    }


def test_each_sign_is_paired_once_the_nearest_first() -> None:
    before = reading([Leak(T5), Leak(T5)])
    made = compare(before, reading([Leak(T5)], LATER))
    assert sorted(sign.change for sign in made.signs) == [Change.RESOLVED, Change.UNCHANGED]


GOOD = RegionReading(Grade.NONE, True, score=0.05)
UNREAD = RegionReading(None, False, reason="ruined")
PARTLY = RegionReading(Grade.POSSIBLE, True, at_least=True)
DOUBTFUL = RegionReading(Grade.NONE, True, score=0.4)


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (View(bottom=240.0), "later: not covered"),
        (View(top=250.0), "later: not covered"),
        (View(regions=(GOOD, UNREAD, GOOD)), "thoracic region not assessable (ruined)"),
        (View(regions=(GOOD, PARTLY, GOOD)), "thoracic region judged in part only"),
        (View(regions=(GOOD, DOUBTFUL, GOOD)), "doubt in the thoracic region (score 0.40)"),
    ],
)
def test_what_the_later_study_does_not_show_is_never_resolved(view: View, words: str) -> None:
    told = only(compare(reading([Leak(T5 + 1)]), reading([], view)))
    assert told[0] is Change.NOT_COMPARABLE
    assert words in told[1]
    back = only(compare(reading([], view), reading([Leak(T5 + 1)])))
    assert back[0] is Change.NOT_COMPARABLE
    assert back[1].startswith("earlier: ")


@pytest.mark.parametrize(
    ("scores", "change", "words"),
    [
        ({T5: 0.02}, Change.RESOLVED, "no sign at this place any more"),
        ({T5: 0.3}, Change.NOT_COMPARABLE, f"doubt at {SEGMENTS[T5]} (score 0.30)"),
        # doubt elsewhere does no harm, though the region has it
        ({T5: 0.02, T5 + 1: 0.4}, Change.RESOLVED, "no sign"),
        ({T5 + 1: 0.02}, Change.NOT_COMPARABLE, "no root was searched within 12 mm"),
    ],
)
def test_doubt_is_of_the_place(scores: dict[int, float], change: Change, words: str) -> None:
    view = View(regions=(GOOD, DOUBTFUL, GOOD), scores=scores, day="2024-06-01")
    told = only(compare(reading([Leak(T5)]), reading([], view)))
    assert told[0] is change
    assert words in told[1]
    back = only(compare(reading([], view), reading([Leak(T5)])))
    assert (back[0] is Change.NEW) == (change is Change.RESOLVED)
    assert words in back[1] or back[0] is Change.NEW


def test_the_other_sides_doubt_does_not_count() -> None:
    view = View(scores={T5: 0.4}, day="2024-06-01")
    told = only(compare(reading([Leak(T5, Side.RIGHT)]), reading([], view)))
    assert told == (Change.NOT_COMPARABLE, "later: no root was searched within 12 mm")


def test_a_root_without_name_may_be_doubtful() -> None:
    after = reading([], View(scores={T5: 0.3}))
    nameless = tuple(
        replace(root, segment=None) if root.leak_score is not None else root for root in after.roots
    )
    told = only(compare(reading([Leak(T5)]), replace(after, roots=nameless)))
    assert told[1] == "later: no sign, but doubt at a root without name (score 0.30)"


def test_a_gap_in_the_sac_hides_what_is_there() -> None:
    after = reading()
    holed = replace(after, sac=tuple(p for p in after.sac if not 150 < p.s_mm < 260))
    told = only(compare(reading([Leak(T5)]), holed))
    assert told == (Change.NOT_COMPARABLE, "later: no sac signal there")


@pytest.mark.parametrize(
    ("day", "days", "change"),
    [("2024-05-31", 1, Change.NOT_COMPARABLE), ("2024-06-01", 0, Change.NOT_COMPARABLE),
     ("2024-05-25", 7, Change.UNCHANGED)],
)  # fmt: skip
def test_shortly_after_a_patch_nothing_is_comparable(day: str, days: int, change: Change) -> None:
    patch = datetime.date.fromisoformat(day)
    made = compare(reading([Leak(T5)]), reading([Leak(T5)], LATER), patch)
    assert made.days_after_patch == days
    assert only(made)[0] is change
    for one, other in (([Leak(T5)], []), ([], [Leak(T5)])):
        told = only(compare(reading(one), reading(other, LATER), patch))
        expected = Change.RESOLVED if one else Change.NEW
        assert told[0] is (Change.NOT_COMPARABLE if days < 7 else expected)


def test_without_a_common_scale_nothing_is_comparable() -> None:
    made = compare(reading([Leak(T5)]), reading([Leak(3)], View(bottom=70.0)))
    assert made.registration is None
    assert {s.change for s in made.signs} == {Change.NOT_COMPARABLE}
    assert made.sac is None
    assert len(made.signs) == 2


def test_residual_sites_and_regions_are_counted() -> None:
    made = compare(reading([Leak(T5)]), reading([Leak(T5), Leak(18), Leak(19)]))
    assert made.residual_sites == 3
    graded = {r.region: (r.before, r.after) for r in made.regions}
    assert graded[Region.THORACIC] == (Grade.PROBABLE, Grade.PROBABLE)
    assert graded[Region.CERVICAL] == (Grade.NONE, Grade.NONE)


def test_a_grown_sign_is_never_called_better() -> None:
    # Property: with all else alike, more extent never turns worse into improved.
    order = [Change.IMPROVED, Change.UNCHANGED, Change.WORSE]
    before = reading([Leak(T5, extent=15.0)])
    ranks = [
        order.index(only(compare(before, reading([Leak(T5, extent=extent)])))[0])
        for extent in np.arange(1.0, 44.0, 7.0).tolist()
    ]
    assert ranks == sorted(ranks)
    assert set(ranks) == {0, 1, 2}


def test_roots_of_findings_may_be_unnamed() -> None:
    made = compare(reading([Leak(T5)]), reading([Leak(T5)], LATER))
    assert made.signs[0].segment is Segment.T5
