"""A table of reads as arrays: who gave which unit (case, or level of a case) which grade."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import Grade

GRADES = len(Grade)
"""Grades on the scale, 0-3."""
LEVELS: tuple[str, ...] = tuple(region.letter for region in Region)
"""``C``, ``T``, ``L``: the order of levels within a case."""

Grades = NDArray[np.int8]


def natural_key(name: str) -> tuple[tuple[int, str], ...]:
    """Return a sort key that puts ``2`` before ``10`` and ``reader2`` before ``reader10``."""
    parts = re.split(r"(\d+)", name)
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in parts if part)


@dataclass(frozen=True, slots=True)
class Source:
    """One reader in one modality."""

    modality: str
    reader: str


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The reads of all sources over the same units.

    Attributes
    ----------
    truth
        1 with the condition, 0 without, -1 unknown; shape (units,).
    grade
        0-3, -1 missing; shape (units, sources).
    asked
        Whether the table has a row for that read, graded or not; shape (units, sources).
    case
        Index of the unit's case; shape (units,).
    score
        For ROC, NaN missing; shape (units, sources); ``None`` where the table has no scores.
    """

    truth: Grades
    grade: Grades
    asked: NDArray[np.bool_]
    case: NDArray[np.int64]
    score: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        """Refuse arrays that do not fit together."""
        units = len(self.truth)
        fits = self.grade.shape == self.asked.shape and len(self.grade) == units == len(self.case)
        if not fits or (self.score is not None and self.score.shape != self.grade.shape):
            raise ValueError("truth, grade, asked, case and score must cover the same units")

    def take(self, units: NDArray[np.int64]) -> Grid:
        """Return the same reads over some of the units."""
        score = None if self.score is None else self.score[units]
        return Grid(
            self.truth[units], self.grade[units], self.asked[units], self.case[units], score
        )

    def ranking(self, source: int) -> NDArray[np.float64]:
        """Return what orders the units for ROC: the score, or the grade; NaN where missing."""
        if self.score is not None:
            return self.score[:, source]
        grade = self.grade[:, source].astype(float)
        return np.where(grade < 0, np.nan, grade)


@dataclass(frozen=True, slots=True, eq=False)
class Reads:
    """A validated table of reads.

    Attributes
    ----------
    names
        The cases' names.
    sources
        Readers within modalities, in natural order: the columns of the grids.
    cases
        Reads of whole cases, in the order of ``names``.
    levels
        Reads of levels, case by case in the order of ``LEVELS``; ``None`` where only whole cases
        were read.
    """

    names: tuple[str, ...]
    sources: tuple[Source, ...]
    cases: Grid
    levels: Grid | None = None

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Return the pairs to compare: readers of one modality, and readers across modalities."""
        count = len(self.sources)
        return tuple((i, j) for i in range(count) for j in range(i + 1, count))

    @property
    def modalities(self) -> dict[str, tuple[int, ...]]:
        """Return modality -> indices of its sources."""
        found: dict[str, tuple[int, ...]] = {}
        for index, source in enumerate(self.sources):
            found[source.modality] = (*found.get(source.modality, ()), index)
        return found


def case_grid(levels: Grid, truth: Grades) -> Grid:
    """Return the case grades that follow from the levels (DESIGN's rule).

    A case's grade is the highest over its levels if that is >= 1 or all levels were read, else
    missing. Its score, where it has a grade, is the highest over the levels that were read, if all
    of them have one.

    Parameters
    ----------
    levels
        Units case by case, ``len(LEVELS)`` each.
    truth
        Truth of the cases, shape (cases,).
    """
    shape = (len(truth), len(LEVELS), levels.grade.shape[1])
    grade = levels.grade.reshape(shape)
    top, whole = grade.max(axis=1), (grade >= 0).all(axis=1)
    known = np.where((top >= Grade.POSSIBLE) | whole, top, -1).astype(np.int8)
    asked = np.asarray(levels.asked.reshape(shape).any(axis=1))
    score = None
    if levels.score is not None:
        given = np.where(grade >= 0, levels.score.reshape(shape), -np.inf).max(axis=1)
        score = np.where(known >= 0, given, np.nan)
    return Grid(truth, known, asked, np.arange(len(truth)), score)


def worst_case(grid: Grid) -> Grid:
    """Return the reads with every missing one counted as wrong.

    A read that was asked for and not given becomes grade 0 where the condition is present and
    grade 3 where it is absent (a missing score likewise goes beyond all others); where the truth
    is unknown it stays missing.
    """
    truth = grid.truth[:, None]
    lost = grid.asked & (grid.grade < 0) & (truth >= 0)
    wrong = np.where(truth == 1, 0, GRADES - 1).astype(np.int8)
    grade = np.where(lost, wrong, grid.grade).astype(np.int8)
    if grid.score is None:
        return replace(grid, grade=grade)
    worst = np.where(truth == 1, -np.finfo(float).max, np.finfo(float).max)
    return replace(
        grid, grade=grade, score=np.where(lost & np.isnan(grid.score), worst, grid.score)
    )
