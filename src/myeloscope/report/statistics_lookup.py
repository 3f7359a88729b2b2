"""Finding figures of an analysis by what they are, for its tables and pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from myeloscope.accuracy.reads import LEVELS, Reads
from myeloscope.accuracy.record import Statistic
from myeloscope.accuracy.study import Analysis
from myeloscope.report.statistics_grid import ReadGrid, reader_pairs
from myeloscope.report.statistics_names import Labels, labels, reader_name

Key = tuple[str | int | None, ...]


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
        """Return the pairs that a report shows: within a modality, then across modalities."""
        return reader_pairs(read_grid(self.reads))


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
