"""The whole analysis of a table of reads, as rows of ``statistics.csv``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from myeloscope.accuracy.agreement import Weights
from myeloscope.accuracy.bootstrap import Resampling, bootstrap, draw
from myeloscope.accuracy.complete import complete_kappas
from myeloscope.accuracy.figures import group_contributions, group_figure
from myeloscope.accuracy.raters import (
    GroupCoefficient,
    Ratings,
    group_agreement,
    krippendorff_metric_alpha,
    ratings,
)
from myeloscope.accuracy.reads import GRADES, LEVELS, Grid, Reads, worst_case
from myeloscope.accuracy.record import Statistic
from myeloscope.accuracy.study_calls import case_rows, level_rows
from myeloscope.accuracy.study_pairs import (
    Pair,
    agreement_rows,
    area_rows,
    cluster_agreement_rows,
    level_set_row,
    paired_test_rows,
)

WORST_CASE = "worst-case"


@dataclass(frozen=True, slots=True)
class StudySettings:
    """What a user may set for an analysis.

    Attributes
    ----------
    prevalence
        Prevalence for predictive values, or ``None`` for none of them.
    margin
        Non-inferiority margin, a difference of proportions.
    resampling
        Bootstrap, or ``None``.
    worst_case
        Whether to add the analysis that counts missing reads as wrong.
    """

    prevalence: float | None = None
    margin: float = 0.10
    resampling: Resampling | None = None
    worst_case: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """A table of reads with all its figures: what reports are made from.

    Attributes
    ----------
    source
        Name of the table's file or folder.
    reference
        Name of the reference for truth; empty for the column ``truth``.
    reads
        The table.
    settings
        How it was analysed.
    statistics
        The rows of ``statistics.csv``.
    """

    source: str
    reference: str
    reads: Reads
    settings: StudySettings
    statistics: tuple[Statistic, ...]


def analyse(reads: Reads, settings: StudySettings | None = None) -> tuple[Statistic, ...]:
    """Return every figure of a table of reads.

    Accuracy of each source, agreement and paired tests of each pair, agreement of all readers of
    each modality; then the same for the levels where the table has them, and the worst case where
    it was asked for.
    """
    chosen = StudySettings() if settings is None else settings
    rows = [*_cases(reads, chosen)]
    if reads.levels is not None:
        rows.extend(_levels(reads, reads.levels, chosen))
    if chosen.worst_case:
        worst = Reads(
            reads.names,
            reads.sources,
            worst_case(reads.cases),
            None if reads.levels is None else worst_case(reads.levels),
        )
        rows.extend(row.about(term=WORST_CASE) for row in _worst(worst, chosen))
    return tuple(rows)


def _pair(reads: Reads, first: int, second: int, settings: StudySettings) -> Pair:
    across = reads.sources[first].modality != reads.sources[second].modality
    return Pair(first, second, across, settings.margin, settings.resampling)


def _of_source(reads: Reads, index: int, row: Statistic, level: str = "") -> Statistic:
    source = reads.sources[index]
    return row.about(modality=source.modality, reader=source.reader, level=level)


def _of_pair(reads: Reads, pair: Pair, row: Statistic, level: str = "") -> Statistic:
    one, two = reads.sources[pair.first], reads.sources[pair.second]
    return row.about(
        modality=one.modality,
        modality_2=two.modality if pair.across else "",
        reader=one.reader,
        reader_2=two.reader,
        level=level,
    )


def _cases(reads: Reads, settings: StudySettings) -> Iterator[Statistic]:
    grid = reads.cases
    for index in range(len(reads.sources)):
        for row in case_rows(grid, index, settings.prevalence, settings.resampling):
            yield _of_source(reads, index, row)
    for first, second in reads.pairs:
        pair = _pair(reads, first, second, settings)
        for made in (agreement_rows(pair, grid), area_rows(pair, grid, False)):
            yield from (_of_pair(reads, pair, row) for row in made)
        yield from (_of_pair(reads, pair, row) for row in paired_test_rows(pair, grid))
    yield from _groups(reads, grid, settings, "")


def _views(levels: Grid | None) -> Iterator[tuple[str, Grid]]:
    """Yield all levels pooled under an empty name, then each level under its own."""
    if levels is None:
        return
    yield "", levels
    for place, level in enumerate(LEVELS):
        yield level, levels.take(np.arange(place, len(levels.truth), len(LEVELS)))


def _levels(reads: Reads, levels: Grid, settings: StudySettings) -> Iterator[Statistic]:
    """Yield the figures of each level, and those pooled over the levels."""
    for level, grid in _views(levels):
        for index in range(len(reads.sources)):
            for row in level_rows(grid, index, settings.resampling):
                yield _of_source(reads, index, row, level)
        for first, second in reads.pairs:
            pair = _pair(reads, first, second, settings)
            for row in _level_pair(pair, grid, independent=bool(level)):
                yield _of_pair(reads, pair, row, level)
            if not level:
                yield _of_pair(reads, pair, level_set_row(pair, levels))
        if level:
            yield from _groups(reads, grid, settings, level)


def _level_pair(pair: Pair, grid: Grid, independent: bool) -> Iterator[Statistic]:
    """Yield the paired figures over levels; one level has independent units."""
    yield from cluster_agreement_rows(pair, grid)
    yield from area_rows(pair, grid, True)
    if independent:
        yield from agreement_rows(pair, grid)
        yield from paired_test_rows(pair, grid)


def _worst(reads: Reads, settings: StudySettings) -> Iterator[Statistic]:
    """Yield accuracy and paired tests, without agreement, which has no wrong answer."""
    plain = StudySettings(settings.prevalence, settings.margin)
    for index in range(len(reads.sources)):
        for row in case_rows(reads.cases, index, plain.prevalence, None):
            yield _of_source(reads, index, row)
        for level, grid in _views(reads.levels):
            for row in level_rows(grid, index, None):
                yield _of_source(reads, index, row, level)
    for first, second in reads.pairs:
        pair = _pair(reads, first, second, plain)
        yield from (_of_pair(reads, pair, row) for row in area_rows(pair, reads.cases, False))
        yield from (_of_pair(reads, pair, row) for row in paired_test_rows(pair, reads.cases))


def _groups(reads: Reads, grid: Grid, settings: StudySettings, level: str) -> Iterator[Statistic]:
    """Yield agreement of all readers of each modality, on grades and at threshold 1."""
    for modality, sources in reads.modalities.items():
        grade = grid.grade[:, sources]
        for threshold, q in ((None, GRADES), (1, 2)):
            data = ratings(grade if threshold is None else np.minimum(grade, 1), q)
            for row in _group_rows(data, settings.resampling):
                yield row.about(modality=modality, level=level, threshold=threshold)


def _group_rows(data: Ratings, resampling: Resampling | None) -> Iterator[Statistic]:
    rows = [
        group_agreement(data, kind, weights) for kind in GroupCoefficient for weights in Weights
    ]
    yield from rows
    yield krippendorff_metric_alpha(data)
    for weights in Weights:
        yield from complete_kappas(data, weights)
    if resampling is None or data.grades.shape[1] < 2 or not len(data.reads):
        return
    resamples = draw(group_contributions(data), resampling)
    for row in rows:
        if row.value is not None:
            kind = GroupCoefficient(row.statistic)
            figure = group_figure(kind, row.weights, data.categories)
            yield from bootstrap(row, resamples, figure)
