"""A case's call and grade from its levels, by DESIGN's rule; and what a region may say."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myeloscope.domain.grade import Grade
from myeloscope.domain.reading import (
    RegionReading,
    SacPoint,
    case_grade,
    is_positive,
    sac_stretches,
)

G0, G1, G2, G3 = Grade
levels = st.lists(st.sampled_from((*Grade, None)), min_size=1, max_size=5).map(tuple)


@pytest.mark.parametrize(
    ("grades", "positive", "case"),
    [
        # DESIGN, "positive": true if any >= 1; else null if any is not assessable; else false.
        ((G0, G2, None), True, G2),
        ((G1, G3, G0), True, G3),
        ((G0, None, G0), None, None),
        ((None, None, None), None, None),
        ((G0, G0, G0), False, G0),
    ],
)
def test_the_case_follows_from_its_levels(
    grades: tuple[Grade | None, ...], positive: bool | None, case: Grade | None
) -> None:
    assert is_positive(grades) is positive
    assert case_grade(grades) == case


@given(levels)
def test_call_and_grade_of_a_case_agree(grades: tuple[Grade | None, ...]) -> None:
    grade = case_grade(grades)
    assert is_positive(grades) is (None if grade is None else grade >= Grade.POSSIBLE)


@given(levels, st.integers(0, 4))
def test_more_leak_at_a_level_never_lowers_the_case(
    grades: tuple[Grade | None, ...], where: int
) -> None:
    where %= len(grades)
    before = case_grade(grades)
    after = case_grade((*grades[:where], Grade.DEFINITE, *grades[where + 1 :]))
    assert after is not None
    assert before is None or after >= before


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"grade": None, "assessable": True, "reason": "x"}, "says why"),
        ({"grade": None, "assessable": False}, "says why"),
        ({"grade": None, "assessable": False, "reason": ""}, "says why"),
        ({"grade": G0, "assessable": False, "reason": "x"}, "has no grade"),
        ({"grade": G0, "assessable": True, "at_least": True}, "grade of 1 or more"),
        (
            {"grade": None, "assessable": False, "at_least": True, "reason": "x"},
            "grade of 1 or more",
        ),
    ],
)
def test_a_region_never_contradicts_itself(fields: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        RegionReading(**fields)


def test_a_partly_covered_region_keeps_its_grade() -> None:
    assert RegionReading(G1, assessable=True, at_least=True).grade is Grade.POSSIBLE


@pytest.mark.parametrize(
    ("heights", "stretches"),
    [
        ((), ()),
        ((0.0,), ()),
        ((0.0, 4.0, 8.0), (slice(0, 3),)),
        ((0.0, 10.0, 20.1, 24.0), (slice(0, 2), slice(2, 4))),
        ((0.0, 4.0, 30.0, 60.0, 64.0), (slice(0, 2), slice(3, 5))),
    ],
)
def test_the_sac_goes_on_across_ten_millimetres_but_no_more(
    heights: tuple[float, ...], stretches: tuple[slice, ...]
) -> None:
    sac = [SacPoint(s, (0.0, 0.0, -s), 14.0) for s in heights]
    assert sac_stretches(sac) == stretches
