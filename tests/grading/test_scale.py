"""The scale, row by row against PAPER's table as DESIGN closes it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myeloscope.domain.grade import Grade
from myeloscope.grading.scale import (
    MRM_RULES,
    RIC_RULES,
    MrmEvidence,
    RicEvidence,
    grade_mrm,
    grade_ric,
    tried_rules,
)

lengths = st.floats(0, 80, allow_nan=False)


@pytest.mark.parametrize(
    ("triangle", "lateral", "extent", "corridor", "grade", "rule"),
    [
        (False, False, 0.0, True, 0, "no-sign"),
        (True, False, 0.0, True, 1, "triangle"),
        (True, False, 4.0, True, 1, "triangle"),
        (True, True, 9.0, True, 2, "lateral<=width"),
        (True, True, 15.0, True, 2, "lateral<=width"),  # a tie is grade 2
        (False, True, 9.0, True, 2, "no-triangle"),
        (True, True, 15.1, True, 3, "lateral>width"),
        (False, True, 30.0, True, 3, "lateral>width"),
        (True, True, 30.0, False, 0, "outside-corridor"),
    ],
)
def test_mrm_scale(
    triangle: bool, lateral: bool, extent: float, corridor: bool, grade: int, rule: str
) -> None:
    fired = grade_mrm(MrmEvidence(triangle, lateral, extent, 15.0, corridor))
    assert (fired.grade, fired.name) == (Grade(grade), rule)


@pytest.mark.parametrize(
    ("active", "hot", "length", "grade", "rule"),
    [
        (False, False, 0.0, 0, "no-activity"),
        (True, False, 10.0, 1, "faint"),
        (True, False, 40.0, 1, "faint-long"),
        (True, True, 20.0, 2, "hot<=canal"),
        (True, True, 20.1, 3, "hot>canal"),
    ],
)
def test_ric_scale(active: bool, hot: bool, length: float, grade: int, rule: str) -> None:
    fired = grade_ric(RicEvidence(active, hot, length, 20.0))
    assert (fired.grade, fired.name) == (Grade(grade), rule)


@given(st.booleans(), st.booleans(), lengths, lengths, st.floats(5, 30))
def test_more_leak_never_lowers_a_grade(
    triangle: bool, lateral: bool, extent: float, more: float, width: float
) -> None:
    before = grade_mrm(MrmEvidence(triangle, lateral, extent, width)).grade
    for after in (
        MrmEvidence(True, lateral, extent, width),
        MrmEvidence(triangle, True, extent, width),
        MrmEvidence(triangle, lateral, extent + more, width),
    ):
        assert grade_mrm(after).grade >= before


def test_every_rule_is_named_once() -> None:
    names = [rule.name for rule in MRM_RULES] + [rule.name for rule in RIC_RULES]
    assert len(names) == len(set(names))


def test_rules_are_told_up_to_the_one_that_holds() -> None:
    evidence = MrmEvidence(triangle=True, lateral=True, extent_mm=8.0, sac_width_mm=16.0)
    tried = tried_rules(MRM_RULES, evidence)
    assert tried[-1] is grade_mrm(evidence)
    assert [rule.holds(evidence) for rule in tried] == [False, False, False, True]
