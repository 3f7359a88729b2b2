"""Which regions can be judged: DESIGN's rule of more than two adjacent roots of C4-L5."""

from __future__ import annotations

from collections.abc import Iterable

from myeloscope.domain.anatomy import TYPICAL_SPINE, Region, Segment, Side, SpineFormula
from myeloscope.myelography.quality import (
    Obstacle,
    RootView,
    graded_roots,
    judge_regions,
    region_gap,
    unjudged_roots,
)

NO_SCORES = dict.fromkeys(Region, 0.0)


def views(lost: Iterable[Segment]) -> list[RootView]:
    return [RootView(segment, Side.LEFT, Obstacle.OUTSIDE) for segment in lost]


def test_two_adjacent_roots_may_be_lost_but_not_three() -> None:
    two = unjudged_roots(views([Segment.T4, Segment.T5, Segment.T8]))
    assert region_gap(Region.THORACIC, TYPICAL_SPINE, two) == (Segment.T4, Segment.T5)
    three = views([Segment.T4, Segment.T5, Segment.T6])
    regions, warnings = judge_regions(TYPICAL_SPINE, three, [], NO_SCORES)
    assert regions[Region.THORACIC].grade is None
    assert regions[Region.THORACIC].reason == "T4-T6 cannot be judged: not in the image"
    assert regions[Region.CERVICAL].grade == 0
    assert warnings == (
        "thoracic: not judged: T4 (not in the image), T5 (not in the image), T6 (not in the image)",
    )


def test_where_names_may_be_off_one_root_outside_leaves_a_region_open() -> None:
    outside = views([Segment.T11])
    regions, _ = judge_regions(TYPICAL_SPINE, outside, [], NO_SCORES, names_off=2)
    assert regions[Region.THORACIC].grade is None
    assert regions[Region.THORACIC].reason == (
        "T11 cannot be judged: not in the image, and names may be off by 2 roots"
    )
    assert judge_regions(TYPICAL_SPINE, outside, [], NO_SCORES)[0][Region.THORACIC].grade == 0
    noisy = [RootView(Segment.T11, Side.LEFT, Obstacle.NOISE)]
    regions, _ = judge_regions(TYPICAL_SPINE, noisy, [], NO_SCORES, names_off=2)
    assert regions[Region.THORACIC].grade == 0


def test_upper_cervical_and_sacral_roots_only_warn() -> None:
    lost = views([Segment.C1, Segment.C2, Segment.C3, Segment.S1, Segment.S2])
    regions, warnings = judge_regions(TYPICAL_SPINE, lost, [], NO_SCORES)
    assert all(region.assessable for region in regions.values())
    assert len(warnings) == 2


def test_a_root_seen_on_one_side_only_is_not_judged() -> None:
    one_side = [
        RootView(Segment.T4, Side.RIGHT, None),
        RootView(Segment.T4, Side.LEFT, Obstacle.NOISE),
    ]
    assert unjudged_roots(one_side) == {Segment.T4: Obstacle.NOISE}


def test_graded_roots_follow_the_junction_rule() -> None:
    assert graded_roots(Region.CERVICAL, TYPICAL_SPINE)[0] is Segment.C4
    assert graded_roots(Region.THORACIC, TYPICAL_SPINE)[0] is Segment.C8
    assert graded_roots(Region.THORACIC, TYPICAL_SPINE)[-1] is Segment.T11
    assert graded_roots(Region.LUMBAR, SpineFormula(lumbar=4))[-1] is Segment.L4
