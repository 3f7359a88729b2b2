"""Cohorts of phantoms: the paper's 30 people.

Table 1 holds opinions, not truth. A region called by both MRM readers gets a clear sign, one
called by a single reader a subtle grade 1, one called by none no sign; the RIC column says the
signs on cisternography. The 15 controls are those PAPER tells of: one with a round midthoracic
hyperintensity (a cyst) that both readers called grade 1; their ages and sexes are drawn to
PAPER's mean (37.3 years, 18-59) and ratio (2 : 1), because the paper prints no more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from myeloscope.domain.anatomy import Region, Segment, Side, SpineFormula
from myeloscope.domain.grade import FindingKind, Grade
from myeloscope.domain.paper import TABLE_1, PaperPatient
from myeloscope.phantom.spec import Arm, Difficulty, FindingSpec, PhantomSpec, Ruin, Variety
from myeloscope.phantom.streams import stream

CONTROLS = 15
# Younger first; mean 37.3, range 18-59 as PAPER says.
CONTROL_AGES = (18, 22, 25, 28, 30, 33, 35, 37, 39, 41, 44, 46, 49, 54, 59)
_ROOTS = {
    Region.CERVICAL: ("C4", "C5", "C6", "C7"),
    Region.THORACIC: ("C8", "T1", "T2", "T3", "T5", "T7", "T9", "T10"),
    Region.LUMBAR: ("T12", "L1", "L2", "L3", "L4"),
}


@dataclass(frozen=True, slots=True)
class Member:
    """One person of a cohort: a name for the folder, and the phantom."""

    name: str
    spec: PhantomSpec


def paper_cohort(seed: int, difficulty: Difficulty) -> tuple[Member, ...]:
    """Return the paper's 15 patients and 15 controls, in that order.

    Parameters
    ----------
    seed
        Seed of the whole cohort; member i uses ``seed * 1000 + i``.
    difficulty
        Difficulty of every study.
    """
    patients = [
        Member(f"patient-{row.patient:02d}", _patient(seed, difficulty, row)) for row in TABLE_1
    ]
    return (*patients, *_controls(seed, difficulty))


def _patient(seed: int, difficulty: Difficulty, row: PaperPatient) -> PhantomSpec:
    """Return the phantom of one row of Table 1."""
    number = seed * 1000 + row.patient
    rng = stream(number, "cohort")
    wanted: list[FindingSpec] = []
    for region in Region:
        calls = (region in row.reader1) + (region in row.reader2)
        if calls:
            wanted += _signs(rng, region, clear=calls == 2)
    return PhantomSpec(
        seed=number,
        difficulty=difficulty,
        variety=Variety.PAPER,
        findings=tuple(wanted),
        signs_ric=frozenset(row.ric),
        formula=SpineFormula(),
        covers=True,
        ruin=Ruin.NONE,
        age_years=row.age,
        sex=row.sex.value,
    )


def _signs(rng: np.random.Generator, region: Region, *, clear: bool) -> list[FindingSpec]:
    """Return one to three clear leaks of a region (grade 2 or 3), or one subtle grade 1."""
    count = int(rng.integers(1, 4)) if clear else 1
    roots = rng.choice(_ROOTS[region], size=count, replace=False)
    return [
        FindingSpec(
            FindingKind.LEAK,
            Segment(str(root)),
            Side.LEFT if rng.random() < 0.5 else Side.RIGHT,
            Grade(int(rng.integers(2, 4))) if clear else Grade.POSSIBLE,
        )
        for root in roots
    ]


def _controls(seed: int, difficulty: Difficulty) -> list[Member]:
    """Return the controls; the first has the round midthoracic mimic."""
    rng = stream(seed, "controls")
    ages = rng.permutation(CONTROL_AGES)
    members = []
    for index in range(CONTROLS):
        mimic = (FindingSpec(FindingKind.PERINEURIAL_CYST, Segment.T6, Side.RIGHT, size_mm=7.0),)
        spec = PhantomSpec(
            seed=seed * 1000 + 500 + index,
            arm=Arm.CONTROL,
            difficulty=difficulty,
            findings=mimic if index == 0 else (),
            signs_ric=frozenset(),
            formula=SpineFormula(),
            covers=True,
            ruin=Ruin.NONE,
            age_years=int(ages[index]),
            sex="M" if index % 3 else "F",
        )
        members.append(Member(f"control-{index + 1:02d}", spec))
    return members
