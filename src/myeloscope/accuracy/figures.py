"""Figures as functions of sums over cases, for the bootstrap.

Each function takes sums of shape (resamples, k) and returns one value per resample, NaN where the
figure does not exist; the matching ``*_contributions`` function makes the k columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from myeloscope.accuracy.agreement import (
    Coefficient,
    Floats,
    Weights,
    coefficient_values,
    weight_matrix,
)
from myeloscope.accuracy.bootstrap import Figure
from myeloscope.accuracy.raters import GroupCoefficient, Ratings

FINEST = 1000
"""Most distinct scores whose area is resampled; beyond, the columns would not fit in memory."""


def is_coarse(ranking: Floats) -> bool:
    """Return whether a ranking has few enough distinct values for ``auc_contributions``."""
    return len(np.unique(ranking[np.isfinite(ranking)])) <= FINEST


def ratio(above: Floats, below: Floats) -> Floats:
    """Return a quotient, NaN where the divisor is 0."""
    return np.asarray(np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0))


def _sensitivity(sums: Floats) -> Floats:
    return ratio(sums[:, 0], sums[:, 0] + sums[:, 1])


def _specificity(sums: Floats) -> Floats:
    return ratio(sums[:, 3], sums[:, 2] + sums[:, 3])


def _accuracy(sums: Floats) -> Floats:
    return ratio(sums[:, 0] + sums[:, 3], sums.sum(axis=1))


def _youden(sums: Floats) -> Floats:
    return np.asarray(_sensitivity(sums) + _specificity(sums) - 1)


def _lr_positive(sums: Floats) -> Floats:
    return ratio(_sensitivity(sums), 1 - _specificity(sums))


def _lr_negative(sums: Floats) -> Floats:
    return ratio(1 - _sensitivity(sums), _specificity(sums))


def _odds_ratio(sums: Floats) -> Floats:
    return ratio(sums[:, 0] * sums[:, 3], sums[:, 1] * sums[:, 2])


BINARY: Mapping[str, Figure] = {
    "sensitivity": _sensitivity,
    "specificity": _specificity,
    "accuracy": _accuracy,
    "youden": _youden,
    "lr_positive": _lr_positive,
    "lr_negative": _lr_negative,
    "diagnostic_odds_ratio": _odds_ratio,
}
"""Figures of a 2 x 2 table; columns tp, fn, fp, tn."""


def per_case(shares: Floats, case: NDArray[np.int64]) -> Floats:
    """Return the sums of units' shares within each case that occurs, shape (cases, k)."""
    names, index = np.unique(case, return_inverse=True)
    if len(names) == len(case):
        return shares
    columns = [np.bincount(index, weights=column, minlength=len(names)) for column in shares.T]
    return np.stack(columns, axis=1)


def auc_contributions(
    rankings: Sequence[Floats], truth: NDArray[np.int8], case: NDArray[np.int64]
) -> Floats:
    """Return what each case adds to the distributions of scores of both classes.

    Columns, for each ranking: positives at each distinct value (rising), then negatives. Cases
    without a unit scored by all rankings are left out.

    Raises
    ------
    ValueError
        When a ranking has more than ``FINEST`` distinct values.
    """
    values = np.stack(rankings)
    kept = np.isfinite(values).all(axis=0) & (truth >= 0)
    with_it = truth[kept] == 1
    columns = []
    for row in values[:, kept]:
        distinct, index = np.unique(row, return_inverse=True)
        if len(distinct) > FINEST:
            raise ValueError(f"a ranking has {len(distinct)} values, more than {FINEST}")
        hot = np.zeros((len(row), len(distinct)))
        hot[np.arange(len(row)), index] = 1
        columns += [hot * with_it[:, None], hot * ~with_it[:, None]]
    return per_case(np.concatenate(columns, axis=1), case[kept])


def auc_figure(sums: Floats) -> Floats:
    """Return the area from the distributions of positives, then negatives."""
    positive, negative = np.hsplit(sums, 2)
    below = np.cumsum(negative, axis=1) - negative / 2
    pairs = positive.sum(axis=1) * negative.sum(axis=1)
    return ratio((positive * below).sum(axis=1), pairs)


def auc_difference_figure(first: int) -> Figure:
    """Return the figure of a difference of areas; ``first`` is the first ranking's columns."""

    def difference(sums: Floats) -> Floats:
        return np.asarray(auc_figure(sums[:, :first]) - auc_figure(sums[:, first:]))

    return difference


def difference_figure(sums: Floats) -> Floats:
    """Return the paired difference (b - c) / n; columns b, c, n."""
    return ratio(sums[:, 0] - sums[:, 1], sums[:, 2])


def pair_contributions(first: NDArray[np.int8], second: NDArray[np.int8], q: int) -> Floats:
    """Return the cell of each unit in the table of two readers, shape (units, q * q)."""
    read = (first >= 0) & (second >= 0)
    cells = np.zeros((len(first), q * q))
    cell = first.astype(np.int64) * q + second
    cells[np.flatnonzero(read), cell[read]] = 1
    return cells


def pair_figure(coefficient: Coefficient, weights: Weights | str) -> Figure:
    """Return the figure of a two-reader coefficient; columns are the cells row by row."""

    def value(sums: Floats) -> Floats:
        return coefficient_values(sums, coefficient, weights)

    return value


def group_contributions(data: Ratings) -> Floats:
    """Return what each case adds to the figures of all readers.

    Columns: 1; whether read twice; the shares of the grades (q); observed coincidences (q * q,
    mean over ordered pairs of reads); the same times the reads (q * q); grades of cases read twice
    (q); each reader's grades (r * q).
    """
    n, r = data.grades.shape
    q = data.categories
    more = (data.reads >= 2).astype(float)
    both = np.einsum("ik,il->ikl", data.counts, data.counts)
    both[:, np.arange(q), np.arange(q)] -= data.counts
    pairs = np.maximum(data.reads * (data.reads - 1), 1)
    coincidence = both.reshape(n, q * q) / pairs[:, None]
    hits = np.stack([data.grades == k for k in range(q)], axis=2).reshape(n, r * q)
    return np.concatenate(
        [
            np.ones((n, 1)),
            more[:, None],
            data.counts / data.reads[:, None],
            coincidence,
            coincidence * data.reads[:, None],
            data.counts * more[:, None],
            hits,
        ],
        axis=1,
    )


def group_figure(kind: GroupCoefficient, weights: Weights | str, q: int) -> Figure:
    """Return the figure of an all-reader coefficient over ``group_contributions``."""
    w = weight_matrix(q, weights)
    ends = np.cumsum([1, 1, q, q * q, q * q, q])

    def value(sums: Floats) -> Floats:
        ones, more, shares, seen, all_seen, grades, hits = np.split(sums, ends, axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            if kind is GroupCoefficient.KRIPPENDORFF:
                return _alpha(all_seen, grades, w)
            pa = (seen @ w.ravel()) / more[:, 0]
            if kind is GroupCoefficient.PERCENT:
                return np.asarray(pa)
            if kind is GroupCoefficient.CONGER:
                pe = _conger_chances(hits, w)
            else:
                pe = _shared_chances(shares / ones, w, kind)
            left = np.where(1 - pe < 1e-12, np.nan, 1 - pe)
            return np.asarray((pa - pe) / left)

    return value


def _alpha(all_seen: Floats, grades: Floats, w: Floats) -> Floats:
    reads = grades.sum(axis=1)
    pi = grades / reads[:, None]
    pe = ((pi @ w) * pi).sum(axis=1)
    left = np.where(1 - pe < 1e-12, np.nan, 1 - pe)
    plain = (all_seen @ w.ravel() / reads - pe) / left
    return np.asarray(plain + (1 - plain) / reads)


def _shared_chances(pi: Floats, w: Floats, kind: GroupCoefficient) -> Floats:
    q = len(w)
    if kind is GroupCoefficient.FLEISS:
        return np.asarray(((pi @ w) * pi).sum(axis=1))
    if kind is GroupCoefficient.GWET:
        return np.asarray((pi * (1 - pi)).sum(axis=1) * w.sum() / (q * (q - 1)))
    return np.full(len(pi), float(w.sum()) / q**2)


def _conger_chances(hits: Floats, w: Floats) -> Floats:
    grades = hits.reshape(len(hits), -1, len(w))
    margins = grades / grades.sum(axis=2, keepdims=True)
    r = margins.shape[1]
    others = margins.sum(axis=1, keepdims=True) - margins
    return np.asarray((margins * (others @ w)).sum(axis=(1, 2)) / (r * (r - 1)))
