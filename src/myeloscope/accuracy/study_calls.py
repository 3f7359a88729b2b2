"""Accuracy of each reader: the rows of an analysis that hold calls against the reference."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from myeloscope.accuracy.binary import Counts, binary_accuracy, predictive_values
from myeloscope.accuracy.bootstrap import Resampling, bootstrap, draw, no_bootstrap
from myeloscope.accuracy.cluster import cluster_proportion
from myeloscope.accuracy.figures import (
    BINARY,
    FINEST,
    auc_contributions,
    auc_figure,
    is_coarse,
    per_case,
)
from myeloscope.accuracy.reads import Grid
from myeloscope.accuracy.record import Statistic
from myeloscope.accuracy.roc import auc
from myeloscope.domain.grade import Grade

THRESHOLDS: tuple[int, ...] = tuple(int(grade) for grade in Grade if grade)
"""Lowest grades that can count as positive."""
TOO_FINE = f"areas of more than {FINEST} distinct scores are not resampled"


def counts_of(grid: Grid, source: int, threshold: int) -> Counts:
    """Return the 2 x 2 table of one reader at one threshold, over the units read."""
    tp, fn, fp, tn = (int(np.count_nonzero(cell)) for cell in _cells(grid, source, threshold))
    return Counts(tp, fn, fp, tn)


def _calls(grid: Grid, source: int, threshold: int) -> NDArray[np.float64]:
    """Return each unit's share in tp, fn, fp, tn: shape (units, 4)."""
    return np.stack(_cells(grid, source, threshold), axis=1).astype(float)


def _cells(grid: Grid, source: int, threshold: int) -> tuple[NDArray[np.bool_], ...]:
    """Return which units are tp, fn, fp and tn, shape (units,) each."""
    grade, truth = grid.grade[:, source], grid.truth
    read, positive = grade >= 0, grade >= threshold
    with_it, without = read & (truth == 1), read & (truth == 0)
    return with_it & positive, with_it & ~positive, without & positive, without & ~positive


def case_rows(
    grid: Grid, source: int, prevalence: float | None, resampling: Resampling | None
) -> Iterator[Statistic]:
    """Yield accuracy and area of one reader over cases."""
    for threshold in THRESHOLDS:
        rows = list(_at_threshold(grid, source, threshold, prevalence))
        if resampling is not None:
            rows.extend(_resampled(_calls(grid, source, threshold), rows, resampling))
        yield from (row.about(threshold=threshold) for row in rows)
    area = auc(grid.ranking(source), grid.truth)
    yield area
    if resampling is not None:
        yield from _resampled_area(grid, source, area, resampling)


def _at_threshold(
    grid: Grid, source: int, threshold: int, prevalence: float | None
) -> Iterator[Statistic]:
    counts = counts_of(grid, source, threshold)
    yield from binary_accuracy(counts)
    if prevalence is not None:
        yield from predictive_values(counts, prevalence)


def level_rows(grid: Grid, source: int, resampling: Resampling | None) -> Iterator[Statistic]:
    """Yield accuracy and area of one reader over levels, with cluster errors."""
    known = (grid.grade[:, source] >= 0) & (grid.truth >= 0)
    grade, truth, case = grid.grade[known, source], grid.truth[known], grid.case[known]
    for threshold in THRESHOLDS:
        right = (grade >= threshold) == (truth == 1)
        rows = [
            cluster_proportion(name, right[units], case[units])
            for name, units in (
                ("sensitivity", truth == 1),
                ("specificity", truth == 0),
                ("accuracy", truth >= 0),
            )
        ]
        if resampling is not None:
            shares = per_case(_calls(grid, source, threshold), grid.case)
            rows.extend(row.about(term="cluster") for row in _resampled(shares, rows, resampling))
        yield from (row.about(threshold=threshold) for row in rows)
    area = auc(grid.ranking(source), grid.truth, grid.case)
    yield area
    if resampling is not None:
        for row in _resampled_area(grid, source, area, resampling):
            yield row.about(term="cluster")


def _resampled(
    shares: NDArray[np.float64], rows: list[Statistic], resampling: Resampling
) -> Iterator[Statistic]:
    """Yield bootstrap rows for each figure of a 2 x 2 table that ``rows`` holds."""
    shares = shares[shares.any(axis=1)]
    if not len(shares):
        return
    resamples = draw(shares, resampling)
    seen = set()
    for row in rows:
        if row.statistic in BINARY and row.statistic not in seen:
            seen.add(row.statistic)
            yield from bootstrap(row, resamples, BINARY[row.statistic])


def _resampled_area(
    grid: Grid, source: int, area: Statistic, resampling: Resampling
) -> Iterator[Statistic]:
    if not is_coarse(grid.ranking(source)):
        yield from no_bootstrap(area, TOO_FINE)
        return
    shares = auc_contributions([grid.ranking(source)], grid.truth, grid.case)
    if len(shares):
        yield from bootstrap(area, draw(shares, resampling), auc_figure)
