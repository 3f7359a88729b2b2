"""Two readers, or two modalities, on the same units: the paired rows of an analysis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myeloscope.accuracy.agreement import (
    Coefficient,
    Weights,
    agreement,
    pair_table,
    presence_indices,
)
from myeloscope.accuracy.bootstrap import Resampling, bootstrap, draw, no_bootstrap
from myeloscope.accuracy.cluster import cluster_agreement, identical_level_set
from myeloscope.accuracy.figures import (
    auc_contributions,
    auc_difference_figure,
    difference_figure,
    is_coarse,
    pair_contributions,
    pair_figure,
    per_case,
)
from myeloscope.accuracy.marginal import marginal_homogeneity
from myeloscope.accuracy.paired import mcnemar, noninferiority, tango_difference
from myeloscope.accuracy.reads import GRADES, LEVELS, Grades, Grid
from myeloscope.accuracy.record import Statistic
from myeloscope.accuracy.roc import auc_difference
from myeloscope.accuracy.study_calls import THRESHOLDS, TOO_FINE

ENDPOINTS: tuple[str, ...] = ("sensitivity", "specificity", "accuracy")


@dataclass(frozen=True, slots=True)
class Pair:
    """Which two sources to compare, and how.

    Attributes
    ----------
    first, second
        Indices of the sources.
    across
        Whether they belong to two modalities.
    margin
        Largest loss that still counts as not inferior.
    resampling
        Bootstrap, or ``None``.
    """

    first: int
    second: int
    across: bool
    margin: float
    resampling: Resampling | None

    def grades(self, grid: Grid) -> tuple[Grades, Grades]:
        """Return the grades of both, shape (units,) each."""
        return grid.grade[:, self.first], grid.grade[:, self.second]


def _presence(grade: Grades) -> Grades:
    """Return calls at threshold 1: 0 or 1, -1 missing."""
    return np.minimum(grade, 1)


def _scales(pair: Pair, grid: Grid) -> Iterator[tuple[int | None, int, Grades, Grades]]:
    """Yield threshold, number of categories and both readers' values on each scale."""
    one, two = pair.grades(grid)
    yield None, GRADES, one, two
    yield 1, 2, _presence(one), _presence(two)


def agreement_rows(pair: Pair, grid: Grid) -> Iterator[Statistic]:
    """Yield agreement over independent units, on grades and at threshold 1."""
    for threshold, q, one, two in _scales(pair, grid):
        table = pair_table(one, two, q)
        rows = [agreement(table, kind, weights) for kind in Coefficient for weights in Weights]
        rows.extend(marginal_homogeneity(table))
        if threshold is not None:
            rows.extend(presence_indices(table))
        if pair.resampling is not None:
            shares = pair_contributions(one, two, q)
            rows.extend(_resampled_agreement(rows, shares, pair.resampling))
        yield from (row.about(threshold=threshold) for row in rows)


def cluster_agreement_rows(pair: Pair, grid: Grid) -> Iterator[Statistic]:
    """Yield agreement over levels, with cluster errors, on grades and at threshold 1."""
    for threshold, q, one, two in _scales(pair, grid):
        rows = [
            cluster_agreement(one, two, grid.case, q, kind, weights)
            for kind in Coefficient
            for weights in Weights
        ]
        if pair.resampling is not None:
            shares = per_case(pair_contributions(one, two, q), grid.case)
            for row in list(_resampled_agreement(rows, shares, pair.resampling)):
                rows.append(row.about(term="cluster"))
        yield from (row.about(threshold=threshold) for row in rows)


def _resampled_agreement(
    rows: list[Statistic], shares: NDArray[np.float64], resampling: Resampling
) -> Iterator[Statistic]:
    shares = shares[shares.any(axis=1)]
    if not len(shares):
        return
    resamples = draw(shares, resampling)
    for row in tuple(rows):
        if row.statistic in set(Coefficient):
            figure = pair_figure(Coefficient(row.statistic), row.weights)
            yield from bootstrap(row, resamples, figure)


def area_rows(pair: Pair, grid: Grid, clustered: bool) -> Iterator[Statistic]:
    """Yield the paired difference of areas."""
    one, two = grid.ranking(pair.first), grid.ranking(pair.second)
    row = auc_difference(one, two, grid.truth, grid.case if clustered else None)
    yield row
    if pair.resampling is None or row.value is None:
        return
    term = "cluster" if clustered else ""
    if not (is_coarse(one) and is_coarse(two)):
        yield from (made.about(term=term) for made in no_bootstrap(row, TOO_FINE))
        return
    shares = auc_contributions([one, two], grid.truth, grid.case)
    known = np.isfinite(one) & np.isfinite(two) & (grid.truth >= 0)
    figure = auc_difference_figure(2 * len(np.unique(one[known])))
    for made in bootstrap(row, draw(shares, pair.resampling), figure):
        yield made.about(term=term)


def paired_test_rows(pair: Pair, grid: Grid) -> Iterator[Statistic]:
    """Yield the paired tests at each threshold, of calls and of being right."""
    one, two = pair.grades(grid)
    read = (one >= 0) & (two >= 0)
    for threshold in THRESHOLDS:
        first, second = one >= threshold, two >= threshold
        yield from (
            row.about(threshold=threshold) for row in _calls(pair, first[read], second[read])
        )
        right_1, right_2 = (calls == (grid.truth == 1) for calls in (first, second))
        truths = (grid.truth == 1, grid.truth == 0, grid.truth >= 0)
        for endpoint, among in zip(ENDPOINTS, truths, strict=True):
            units = read & among
            for row in _endpoint(pair, right_1[units], right_2[units]):
                yield row.about(endpoint=endpoint, threshold=threshold)


def _discordant(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> tuple[int, int, int]:
    b, c = (int(np.count_nonzero(cell)) for cell in (first > second, first < second))
    return b, c, len(first)


def _calls(pair: Pair, first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Iterator[Statistic]:
    """Yield the tests of how often each calls a unit positive, whatever the truth."""
    b, c, n = _discordant(first, second)
    yield from mcnemar(b, c, n)
    yield _noted(tango_difference(b, c, n), _first_minus_second(pair) + ", positive calls")


def _first_minus_second(pair: Pair) -> str:
    return "modality minus modality_2" if pair.across else "reader minus reader_2"


def _endpoint(
    pair: Pair, first: NDArray[np.bool_], second: NDArray[np.bool_]
) -> Iterator[Statistic]:
    """Yield the tests of being right.

    Two readers of one modality are compared as DTComPair prints it, second minus first; two
    modalities as first minus second. Each row's note says which.
    """
    b, c, n = _discordant(first, second)
    yield from mcnemar(b, c, n)
    if pair.across:
        b_, c_, note = b, c, _first_minus_second(pair)
    else:
        b_, c_, note = c, b, "reader_2 minus reader"
    difference = tango_difference(b_, c_, n)
    yield _noted(difference, note)
    if pair.resampling is not None and n:
        shares = np.stack([first & ~second, ~first & second, np.ones(n, bool)], axis=1)
        swapped = shares.astype(float)[:, [0, 1, 2] if pair.across else [1, 0, 2]]
        for row in bootstrap(difference, draw(swapped, pair.resampling), difference_figure):
            yield _noted(row, note)
    yield _noted(noninferiority(b, c, n, pair.margin), _first_minus_second(pair))


def _noted(row: Statistic, note: str) -> Statistic:
    return row.about(note=f"{row.note}; {note}" if row.note else note)


def level_set_row(pair: Pair, levels: Grid) -> Statistic:
    """Return in how many cases both call the same levels positive, at threshold 1."""
    one, two = (_presence(grade).reshape(-1, len(LEVELS)) for grade in pair.grades(levels))
    return identical_level_set(one, two).about(threshold=1)
