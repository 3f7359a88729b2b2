"""Counts of a STARD flow diagram from a table of reads.

Source: Bossuyt et al., STARD 2015, BMJ 2015;351:h5527 (doi:10.1136/bmj.h5527), item 19 and the
prototype diagram: who was eligible, who had the index test with which result, who had the
reference standard, and who has the condition.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from myeloscope.accuracy.reads import Reads


class IndexResult(StrEnum):
    """Result of the index test, in the order of the diagram."""

    NEGATIVE = "negative"
    POSITIVE = "positive"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class StardBranch:
    """Cases with one result of the index test.

    Attributes
    ----------
    result
        Which result.
    n
        How many cases have it.
    no_reference
        Of those, how many have no reference standard.
    present, absent
        Of the others, how many have the condition, and how many do not.
    """

    result: IndexResult
    n: int
    no_reference: int
    present: int
    absent: int

    @property
    def reference(self) -> int:
        """Return how many cases have the reference standard."""
        return self.n - self.no_reference


@dataclass(frozen=True, slots=True)
class StardFlow:
    """The flow of cases past one reader in one modality.

    Attributes
    ----------
    modality, reader
        The index test.
    threshold
        Lowest grade that is a positive result.
    eligible
        Cases in the table.
    no_index_test
        Cases for which the table has no row of this reader.
    branches
        The others by result; a row without a grade is inconclusive.
    """

    modality: str
    reader: str
    threshold: int
    eligible: int
    no_index_test: int
    branches: tuple[StardBranch, ...]

    @property
    def index_test(self) -> int:
        """Return how many cases had the index test."""
        return self.eligible - self.no_index_test


def stard_flows(reads: Reads, threshold: int = 1) -> tuple[StardFlow, ...]:
    """Return the flow of cases past each reader in each modality.

    Parameters
    ----------
    reads
        A table of reads; with levels, a case's grade follows from them.
    threshold
        Lowest grade that counts as positive, 1-3.

    Raises
    ------
    ValueError
        When the threshold is not 1, 2 or 3.
    """
    if threshold not in (1, 2, 3):
        raise ValueError(f"a threshold is 1, 2 or 3, not {threshold}")
    grid = reads.cases
    flows = []
    for index, source in enumerate(reads.sources):
        grade, asked = grid.grade[:, index], grid.asked[:, index]
        groups = {
            IndexResult.NEGATIVE: (grade >= 0) & (grade < threshold),
            IndexResult.POSITIVE: grade >= threshold,
            IndexResult.INCONCLUSIVE: asked & (grade < 0),
        }
        branches = tuple(_branch(result, grid.truth[of]) for result, of in groups.items())
        flows.append(
            StardFlow(
                source.modality, source.reader, threshold, len(grid.truth),
                int((~asked).sum()), branches,
            )
        )  # fmt: skip
    return tuple(flows)


def _branch(result: IndexResult, truth: NDArray[np.int8]) -> StardBranch:
    counts = (int((truth == value).sum()) for value in (-1, 1, 0))
    return StardBranch(result, len(truth), *counts)
