"""Areas under empirical ROC curves, their errors, and paired differences.

Sources: DeLong, DeLong, Clarke-Pearson, Biometrics 1988;44:837; Sun, Xu, IEEE Signal Process Lett
2014;21:1389 (one sort, so O(n log n)); Obuchowski, Biometrics 1997;53:567 (units in clusters; with
one unit per cluster it is DeLong's).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from myeloscope.accuracy.agreement import Floats
from myeloscope.accuracy.proportion import Interval, Z
from myeloscope.accuracy.record import Statistic, undefined

DELONG = "delong"
OBUCHOWSKI = "obuchowski-cluster"


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """Structural components of k areas on the same units.

    Attributes
    ----------
    areas
        Shape (k,).
    positive, negative
        Share of each unit with and without the condition in each area, shapes (k, m) and (k, n).
    """

    areas: Floats
    positive: Floats
    negative: Floats


def _placements(positive: Floats, negative: Floats) -> tuple[Floats, Floats]:
    """Return each positive's share of negatives below it, each negative's of positives above it.

    One sort of all values: ties form blocks, of which half counts.
    """
    m, n = len(positive), len(negative)
    values: NDArray[np.float64] | NDArray[np.int16] = np.concatenate([positive, negative])
    whole = values.astype(np.int16) if np.abs(values).max() < 2**15 else values
    if (whole == values).all():
        values = whole  # grades: a stable sort of them is a radix sort
    order = np.argsort(values, kind="stable" if values.dtype == np.int16 else "quicksort")
    ordered = values[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    sizes = np.diff(starts, append=len(ordered))
    with_it = np.add.reduceat(order < m, starts, dtype=np.int64)
    without = sizes - with_it
    block = np.empty(m + n, dtype=np.int64)
    block[order] = np.repeat(np.arange(len(starts)), sizes)
    below = (np.cumsum(without) - without / 2) / n
    above = 1 - (np.cumsum(with_it) - with_it / 2) / m
    return below[block[:m]], above[block[m:]]


def roc_components(positive: ArrayLike, negative: ArrayLike) -> Components:
    """Return the structural components of areas.

    Parameters
    ----------
    positive, negative
        Scores of the units with and without the condition, shapes (k, m) and (k, n); higher
        means more suspicious; m, n >= 1.
    """
    x = np.atleast_2d(np.asarray(positive, dtype=float))
    y = np.atleast_2d(np.asarray(negative, dtype=float))
    m, n = x.shape[1], y.shape[1]
    if min(m, n) < 1:
        raise ValueError(f"an area needs units of both classes, not {m} and {n}")
    above = np.empty_like(x)
    below = np.empty_like(y)
    for row in range(len(x)):
        above[row], below[row] = _placements(x[row], y[row])
    return Components(above.mean(axis=1), above, below)


def delong_covariance(parts: Components) -> Floats:
    """Return the covariance matrix of the areas, shape (k, k), NaN with one unit in a class."""
    m, n = parts.positive.shape[1], parts.negative.shape[1]
    k = len(parts.areas)
    if min(m, n) < 2:
        return np.full((k, k), np.nan)
    above = parts.positive - parts.areas[:, None]
    below = parts.negative - parts.areas[:, None]
    return np.asarray(above @ above.T / ((m - 1) * m) + below @ below.T / ((n - 1) * n))


def obuchowski_covariance(
    parts: Components, positive_clusters: NDArray[np.int64], negative_clusters: NDArray[np.int64]
) -> Floats:
    """Return the covariance matrix of areas of units in clusters, shape (k, k).

    Parameters
    ----------
    parts
        From ``roc_components``.
    positive_clusters, negative_clusters
        Cluster of each unit, shapes (m,) and (n,).
    """
    m, n = parts.positive.shape[1], parts.negative.shape[1]
    names, index = np.unique(
        np.concatenate([positive_clusters, negative_clusters]), return_inverse=True
    )
    of_positive, of_negative = index[:m], index[m:]
    with_positive, with_negative = len(np.unique(of_positive)), len(np.unique(of_negative))
    total = len(names)
    if min(with_positive, with_negative, total) < 2:
        return np.full((len(parts.areas),) * 2, np.nan)
    areas = parts.areas[:, None]
    above = _sums(parts.positive - areas, of_positive, total)
    below = _sums(parts.negative - areas, of_negative, total)
    s10 = above @ above.T * with_positive / ((with_positive - 1) * m * m)
    s01 = below @ below.T * with_negative / ((with_negative - 1) * n * n)
    cross = above @ below.T * total / ((total - 1) * m * n)
    return np.asarray(s10 + s01 + cross + cross.T)


def _sums(values: Floats, clusters: NDArray[np.int64], total: int) -> Floats:
    return np.stack([np.bincount(clusters, weights=row, minlength=total) for row in values])


def _areas(
    scores: Floats, truth: NDArray[np.int64], clusters: NDArray[np.int64] | None
) -> tuple[Floats, Floats]:
    """Return the areas and their covariance for scores of shape (k, units)."""
    with_it = truth == 1
    parts = roc_components(scores[:, with_it], scores[:, ~with_it])
    if clusters is None:
        return parts.areas, delong_covariance(parts)
    return parts.areas, obuchowski_covariance(parts, clusters[with_it], clusters[~with_it])


def _one_class(truth: NDArray[np.int64]) -> str:
    if not len(truth):
        return "nothing was read"
    if not (truth == 1).any():
        return "no case with the condition was read"
    return "" if (truth == 0).any() else "no case without the condition was read"


def _prepare(
    scores: ArrayLike, truth: ArrayLike, clusters: ArrayLike | None
) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64] | None]:
    """Return scores (k, units), truth and clusters where all scored and the truth is known."""
    values = np.atleast_2d(np.asarray(scores, dtype=float))
    known = np.asarray(truth, dtype=np.int64)
    kept = np.isfinite(values).all(axis=0) & (known >= 0)
    groups = None if clusters is None else np.asarray(clusters, dtype=np.int64)[kept]
    return values[:, kept], known[kept], groups


def auc(scores: ArrayLike, truth: ArrayLike, clusters: ArrayLike | None = None) -> Statistic:
    """Return the area under the empirical ROC curve.

    Parameters
    ----------
    scores
        Grades or scores, shape (units,), NaN where missing.
    truth
        1 with the condition, 0 without, below 0 unknown; shape (units,).
    clusters
        Cluster of each unit, integers, for units within patients.

    Returns
    -------
    Statistic
        Method ``delong``, or ``obuchowski-cluster`` with clusters; z interval cut to 0-1.
    """
    values, known, groups = _prepare(scores, truth, clusters)
    method, n = DELONG if groups is None else OBUCHOWSKI, len(known)
    reason = _one_class(known)
    if reason:
        return undefined("auc", reason, method=method, n=n)
    areas, covariance = _areas(values, known, groups)
    area, variance = float(areas[0]), float(covariance[0, 0])
    base = Statistic(statistic="auc", method=method, value=area, n=n)
    if not math.isfinite(variance):
        unit = "case" if groups is None else "patient"
        note = f"standard error and interval undefined: one {unit} only in a class"
        return base.about(note=note)
    if variance < 1e-15:
        return base.about(se=0.0, note=f"interval undefined: AUC is {area:.6g}, its variance is 0")
    se = math.sqrt(variance)
    interval = Interval(area - Z * se, area + Z * se).within(0.0, 1.0)
    return base.about(se=se, ci_low=interval.low, ci_high=interval.high, cut=int(interval.cut))


def auc_difference(
    first: ArrayLike, second: ArrayLike, truth: ArrayLike, clusters: ArrayLike | None = None
) -> Statistic:
    """Return the paired difference of two areas, first minus second, on the units both scored.

    ``test`` is DeLong's z with pROC's sign (Obuchowski's with clusters); parameters as in ``auc``.
    """
    values, known, groups = _prepare(np.stack([first, second]), truth, clusters)
    method, n = DELONG if groups is None else OBUCHOWSKI, len(known)
    reason = _one_class(known)
    if reason:
        return undefined("auc_difference", reason, endpoint="auc", method=method, n=n)
    areas, covariance = _areas(values, known, groups)
    difference = float(areas[0] - areas[1])
    variance = float(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    base = Statistic(
        statistic="auc_difference", endpoint="auc", method=method, value=difference, n=n
    )
    if not math.isfinite(variance):
        note = "standard error, interval and test undefined: one patient only in a class"
        return base.about(note=note)
    if variance < 1e-15:
        note = "interval and test undefined: the variance of the difference is 0"
        return base.about(se=0.0, note=note)
    se = math.sqrt(variance)
    z = difference / se
    return base.about(
        se=se,
        ci_low=difference - Z * se,
        ci_high=difference + Z * se,
        cut=0,
        test=z,
        p=2 * float(special.ndtr(-abs(z))),
    )
