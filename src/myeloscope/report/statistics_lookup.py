"""Finding figures of an analysis by what they are, for its tables and pictures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from myeloscope.accuracy.reads import LEVELS, Reads
from myeloscope.accuracy.record import Statistic
from myeloscope.accuracy.study import Analysis
from myeloscope.report.statistics_grid import ReadGrid, reader_pairs
from myeloscope.report.statistics_names import Labels, labels, reader_name

MOST_PAIRS: Final = 48


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which figure is meant, apart from whose it is.

    Attributes
    ----------
    statistic, endpoint, level, weights, threshold, method, term
        As in :class:`myeloscope.accuracy.record.Statistic`.
    """

    statistic: str
    threshold: int | None = None
    method: str = ""
    weights: str = ""
    endpoint: str = ""
    level: str = ""
    term: str = ""


QUADRATIC_KAPPA: Final = Wanted("cohen_kappa", weights="quadratic")
PRESENCE_KAPPA: Final = Wanted("cohen_kappa", 1, weights="unweighted")


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose figure is meant; ``second`` empty for one reader, readers empty for all of them."""

    modality: str
    reader: str = ""
    modality_2: str = ""
    reader_2: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Lookup:
    """The figures of an analysis by their identity."""

    analysis: Analysis
    rows: Mapping[tuple[Wanted, Whose], Statistic]

    @property
    def reads(self) -> Reads:
        """Return the table of reads."""
        return self.analysis.reads

    def find(self, wanted: Wanted, whose: Whose) -> Statistic | None:
        """Return a figure, or ``None`` where the analysis does not hold it."""
        return self.rows.get((wanted, whose))

    def source(self, index: int) -> Whose:
        """Return one reader in one modality, by its place among the sources."""
        source = self.reads.sources[index]
        return Whose(source.modality, source.reader)

    def pair(self, first: int, second: int) -> Whose:
        """Return a pair of sources."""
        one, two = self.reads.sources[first], self.reads.sources[second]
        other = two.modality if two.modality != one.modality else ""
        return Whose(one.modality, one.reader, other, two.reader)

    def name(self, index: int) -> str:
        """Return how a source is called, its modality left out where there is only one."""
        source = self.reads.sources[index]
        alone = len(self.reads.modalities) == 1
        return reader_name("" if alone else source.modality, source.reader)

    def labels(self, length: int) -> Labels:
        """Return what figures write for the sources."""
        return labels([self.name(index) for index in range(len(self.reads.sources))], length)

    def pair_name(self, pair: tuple[int, int]) -> str:
        """Return how a pair of sources is called."""
        return f"{self.name(pair[0])} vs {self.name(pair[1])}"

    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Return the pairs that a report shows: within a modality, then across modalities.

        Of more than 48 pairs within modalities, the 48 that agree least.
        """
        every = self._every_pair()
        within = [pair for pair in every if not self.pair(*pair).modality_2]
        kept = set(sorted(within, key=self._agreement)[:MOST_PAIRS])
        return tuple(p for p in every if p in kept or self.pair(*p).modality_2)

    @property
    def pairs_left_out(self) -> str:
        """Return which pairs ``pairs`` leaves out, as a sentence; nothing where it is none."""
        every = self._every_pair()
        left = len(every) - len(self.pairs())
        if not left:
            return ""
        within = left + MOST_PAIRS
        return (
            f" Shown are the {MOST_PAIRS} of {within} pairs of one modality that agree least by "
            "quadratic kappa; all stand in statistics.csv."
        )

    def _every_pair(self) -> tuple[tuple[int, int], ...]:
        return reader_pairs(read_grid(self.reads))

    def _agreement(self, pair: tuple[int, int]) -> float:
        """Return the quadratic kappa of a pair; undefined ones agree most."""
        row = self.find(QUADRATIC_KAPPA, self.pair(*pair))
        return math.inf if row is None or row.value is None else row.value


def lookup(analysis: Analysis) -> Lookup:
    """Return the figures of an analysis by their identity."""
    rows: dict[tuple[Wanted, Whose], Statistic] = {}
    for row in analysis.statistics:
        wanted = Wanted(
            row.statistic, row.threshold, row.method, row.weights, row.endpoint, row.level, row.term
        )
        whose = Whose(row.modality, row.reader, row.modality_2, row.reader_2)
        rows.setdefault((wanted, whose), row)
    return Lookup(analysis, rows)


def read_grid(reads: Reads) -> ReadGrid:
    """Return the reads as the array that figures draw; an only modality goes without name."""
    count = len(reads.sources)
    levels: tuple[str, ...]
    levels, grades = ("",), reads.cases.grade[:, :, None]
    if reads.levels is not None:
        shape = (len(reads.names), len(LEVELS), count)
        levels, grades = LEVELS, np.swapaxes(reads.levels.grade.reshape(shape), 1, 2)
    alone = len(reads.modalities) == 1
    return ReadGrid(
        cases=reads.names,
        readers=tuple(("" if alone else s.modality, s.reader) for s in reads.sources),
        levels=levels,
        grades=grades,
        truth=reads.cases.truth,
    )
