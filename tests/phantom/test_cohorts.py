from __future__ import annotations

import numpy as np

from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import FindingKind, Grade, Technique
from myeloscope.domain.paper import TABLE_1
from myeloscope.phantom.cohorts import CONTROL_AGES, paper_cohort
from myeloscope.phantom.knowing import know
from myeloscope.phantom.making import scene
from myeloscope.phantom.spec import Arm, Difficulty

COHORT = paper_cohort(3, Difficulty.MEDIUM)


def test_fifteen_patients_and_fifteen_controls() -> None:
    arms = [member.spec.arm for member in COHORT]
    assert arms == [Arm.PATIENT] * 15 + [Arm.CONTROL] * 15
    assert len({member.spec.seed for member in COHORT}) == 30


def test_regions_follow_table_1() -> None:
    # The issue: called by both, a clear sign; by one, a subtle grade 1; by none, no sign
    for member, row in zip(COHORT[:15], TABLE_1, strict=True):
        made = scene(member.spec)
        truth = know(member.spec, made, "1.2", ("1.2.1", "1.2.2"))
        for region in Region:
            calls = (region in row.reader1) + (region in row.reader2)
            grade = truth.grades[Technique.MRM][region]
            assert grade in {0: (0,), 1: (1,), 2: (2, 3)}[calls]
            assert (truth.grades[Technique.RIC][region] > 0) == (region in row.ric)
        assert (truth.age_years, truth.sex) == (row.age, row.sex.value)
        assert truth.ruined == ()


def test_controls_are_those_paper_tells_of() -> None:
    controls = [member.spec for member in COHORT[15:]]
    mimics = [f for spec in controls for f in spec.findings or ()]
    assert [(f.kind, f.grade) for f in mimics] == [(FindingKind.PERINEURIAL_CYST, None)]
    assert mimics[0].segment.value in ("T5", "T6", "T7", "T8")
    assert round(float(np.mean(CONTROL_AGES)), 1) == 37.3
    assert (min(CONTROL_AGES), max(CONTROL_AGES)) == (18, 59)
    assert sorted(spec.age_years or 0 for spec in controls) == sorted(CONTROL_AGES)
    assert [spec.sex for spec in controls].count("M") == 10
    assert all(spec.signs_ric == frozenset() for spec in controls)


def test_another_cohort_seed_is_another_cohort() -> None:
    other = paper_cohort(4, Difficulty.MEDIUM)
    assert {m.spec.seed for m in other}.isdisjoint(m.spec.seed for m in COHORT)
    assert Grade.POSSIBLE in [f.grade for f in other[0].spec.findings or ()]
