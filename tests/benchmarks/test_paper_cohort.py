"""The cohort's benchmark counts what it is given: the analysed table equals the generated truth."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.paper_cohort import (
    PATIENTS,
    Person,
    agreements,
    differing,
    kappas,
    report,
    table_of,
    unlike_table_1,
)
from myeloscope.comparison.agreement import Agreement
from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import Grade, Technique
from myeloscope.domain.paper import TABLE_1
from myeloscope.exchange.reads import read_text
from myeloscope.phantom import Difficulty
from myeloscope.phantom.cohorts import paper_cohort
from myeloscope.phantom.knowing import know
from myeloscope.phantom.making import scene


def people() -> list[Person]:
    """Return the cohort by its truths alone, read without an error."""
    made = []
    for index in range(30):
        row = TABLE_1[index] if index < PATIENTS else None
        mrm = {*row.reader1, *row.reader2} if row else set()
        ric = {*row.ric} if row else set()
        truth = {
            technique: {r: Grade.PROBABLE if r in there else Grade.NONE for r in Region}
            for technique, there in ((Technique.MRM, mrm), (Technique.RIC, ric))
        }
        kinds = {(1, 1): Agreement.BOTH, (1, 0): Agreement.MRM_ONLY, (0, 1): Agreement.RIC_ONLY}
        told = {r: kinds.get((r in mrm, r in ric), Agreement.NEITHER) for r in Region}
        name = f"{'patient' if row else 'control'}-{index + 1:02d}"
        made.append(Person(name, row is not None, truth, truth, told))
    return made


def test_the_analysed_table_equals_the_generated_truth_and_table_1() -> None:
    cohort = people()
    reads = read_text(table_of(cohort), "cohort")
    assert differing(cohort, reads) == 0
    assert unlike_table_1(cohort) == 0
    lines = list(report(cohort))
    assert "cells of analyze's table unlike the generated truth: 0 of 180" in lines
    assert "regions whose agreement is read as it is: 90 of 90" in lines


def test_a_changed_cell_is_seen() -> None:
    cohort = people()
    reads = read_text(table_of(cohort), "cohort")
    truth = {t: dict(grades) for t, grades in cohort[2].truth.items()}
    truth[Technique.RIC][Region.LUMBAR] = Grade.POSSIBLE
    cohort[2] = replace(cohort[2], truth=truth)
    assert differing(cohort, reads) == 1
    assert unlike_table_1(cohort) == 1
    assert agreements(cohort)[Agreement.RIC_ONLY, Agreement.NEITHER] == 1


def test_kappas_of_presence_follow_from_table_1() -> None:
    found = dict(kappas(people()[:PATIENTS]))
    # any MRM reader is positive in 13, RIC in 14 of 15; they differ in patient 3 alone
    by_chance = (13 * 14 + 2 * 1) / 225
    assert found["MRM and RIC, truth"].value == pytest.approx(
        (14 / 15 - by_chance) / (1 - by_chance)
    )
    assert found["RIC read and its truth"].value == 1.0


def test_the_phantoms_of_the_cohort_have_table_1s_regions_by_construction() -> None:
    for row, member in zip(TABLE_1[:3], paper_cohort(21, Difficulty.MEDIUM), strict=False):
        made = scene(member.spec)
        truth = know(member.spec, made, "", (None,) * len(made.plans))
        assert {r for r, g in truth.grades[Technique.MRM].items() if g} == {
            *row.reader1, *row.reader2
        }  # fmt: skip
        assert {r for r, g in truth.grades[Technique.RIC].items() if g} == {*row.ric}
