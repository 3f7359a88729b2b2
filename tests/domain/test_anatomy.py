"""Regions follow DESIGN's junction rule; root order is anatomy's (ANATOMY.md)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myeloscope.domain.anatomy import TYPICAL_SPINE, Region, Segment, SpineFormula

formulas = st.builds(SpineFormula, st.sampled_from((11, 12, 13)), st.sampled_from((4, 5, 6)))


def test_a_typical_spine_has_30_roots_from_c1_to_s5() -> None:
    # 8 cervical, 12 thoracic, 5 lumbar, 5 sacral ; the coccygeal root is not graded.
    assert len(TYPICAL_SPINE.segments) == 30
    assert (TYPICAL_SPINE.segments[0], TYPICAL_SPINE.segments[-1]) == (Segment.C1, Segment.S5)
    assert TYPICAL_SPINE.segments[7:9] == (Segment.C8, Segment.T1)


@pytest.mark.parametrize(
    ("segment", "region"),
    [
        (Segment.C1, Region.CERVICAL),
        (Segment.C7, Region.CERVICAL),
        (Segment.C8, Region.THORACIC),  # leaves at C7/T1
        (Segment.T1, Region.THORACIC),
        (Segment.T11, Region.THORACIC),
        (Segment.T12, Region.LUMBAR),  # leaves at T12/L1
        (Segment.L5, Region.LUMBAR),
        (Segment.S2, Region.LUMBAR),
    ],
)
def test_junction_roots_belong_to_the_region_below(segment: Segment, region: Region) -> None:
    assert TYPICAL_SPINE.region(segment) is region


@pytest.mark.parametrize(
    ("thoracic", "last"), [(11, Segment.T11), (12, Segment.T12), (13, Segment.T13)]
)
def test_the_last_thoracic_root_is_lumbar_in_every_spine(thoracic: int, last: Segment) -> None:
    spine = SpineFormula(thoracic=thoracic)
    above = spine.segments[spine.segments.index(last) - 1]
    assert spine.region(last) is Region.LUMBAR
    assert spine.region(above) is Region.THORACIC


@given(formulas)
def test_going_down_a_spine_regions_never_go_back_up(spine: SpineFormula) -> None:
    order = [list(Region).index(spine.region(segment)) for segment in spine.segments]
    assert order == sorted(order)
    assert len(spine.segments) == 8 + spine.thoracic + spine.lumbar + 5


@pytest.mark.parametrize(("thoracic", "lumbar"), [(10, 5), (14, 5), (12, 3), (12, 7)])
def test_a_spine_that_nobody_has_is_refused(thoracic: int, lumbar: int) -> None:
    with pytest.raises(ValueError, match=f"not {thoracic} and {lumbar}"):
        SpineFormula(thoracic, lumbar)


def test_letters_are_those_of_tables_of_readings() -> None:
    assert [region.letter for region in Region] == ["C", "T", "L"]
