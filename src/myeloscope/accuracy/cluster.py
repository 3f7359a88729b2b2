"""Levels within patients: proportions and agreement whose errors allow for clustering.

A ratio or coefficient is linearised over the patients (clusters), with factor m / (m - 1) for m
patients that have such a level. Sources: Cochran, Sampling Techniques 1977, ch. 9A; Rao, Scott,
Biometrics 1992;48:577 (ratio estimator, design effect); Lin et al. svykappa in R's survey package
(the same linearisation of kappa).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from myeloscope.accuracy.agreement import (
    Coefficient,
    Floats,
    Weights,
    linearise,
    pair_table,
    with_interval,
)
from myeloscope.accuracy.binary import proportion
from myeloscope.accuracy.proportion import ProportionMethod, student_quantile
from myeloscope.accuracy.record import Statistic, undefined

METHOD = "cluster"


def _per_cluster(values: Floats, clusters: NDArray[np.int64]) -> Floats:
    """Return the sum of the values of each cluster that occurs."""
    _, index = np.unique(clusters, return_inverse=True)
    return np.asarray(np.bincount(index, weights=values), dtype=np.float64)


def _cluster_error(totals: Floats, n: int) -> float:
    """Return the standard error from the sums of influence per cluster (mean influence 0)."""
    m = len(totals)
    return math.sqrt(m / (m - 1) * float((totals**2).sum())) / n


def cluster_proportion(statistic: str, correct: ArrayLike, clusters: ArrayLike) -> Statistic:
    """Return a proportion of units in clusters, with its design effect.

    Parameters
    ----------
    statistic
        Name of the figure, such as ``sensitivity``.
    correct
        Whether each unit counts, shape (units,), bool.
    clusters
        Cluster of each unit, integers, shape (units,).

    Returns
    -------
    Statistic
        Method ``cluster``: logit interval with t on m - 1 df; ``deff`` is the variance over
        p (1 - p) / (n - 1); ``n`` counts units.
    """
    hits, groups = np.asarray(correct, dtype=float), np.asarray(clusters, dtype=np.int64)
    n = len(hits)
    if n == 0:
        return undefined(statistic, "no such level of known truth was read", method=METHOD, n=0)
    p = float(hits.mean())
    base = Statistic(statistic=statistic, method=METHOD, value=p, n=n)
    totals = _per_cluster(hits - p, groups)
    if len(totals) < 2:
        return base.about(note="standard error and interval undefined: one patient only")
    se, df = _cluster_error(totals, n), len(totals) - 1
    if not 0 < p < 1:
        return base.about(se=0.0, df=df, note=f"interval undefined: the proportion is {p:.0f}")
    base = base.about(se=se, df=df, deff=se * se * (n - 1) / (p * (1 - p)))
    half = student_quantile(df) * se / (p * (1 - p))
    middle = math.log(p / (1 - p))
    return base.about(
        ci_low=float(special.expit(middle - half)),
        ci_high=float(special.expit(middle + half)),
        cut=0,
    )


def cluster_agreement(
    first: ArrayLike,
    second: ArrayLike,
    clusters: ArrayLike,
    categories: int,
    coefficient: Coefficient | str = Coefficient.COHEN,
    weights: Weights | str = Weights.UNWEIGHTED,
) -> Statistic:
    """Return an agreement coefficient of two readers over units in clusters.

    Parameters
    ----------
    first, second
        Grades, shape (units,), negative where missing.
    clusters
        Cluster of each unit, integers, shape (units,).
    categories
        Grades on the scale.
    coefficient, weights
        What to compute.

    Returns
    -------
    Statistic
        Method ``cluster``, with a t interval on m - 1 df, cut at 1.
    """
    one, two = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
    groups, kind, label = np.asarray(clusters), Coefficient(coefficient), Weights(weights).value
    read = (one >= 0) & (two >= 0)
    n = int(read.sum())
    if n == 0:
        reason = "no level was read by both"
        return undefined(kind.value, reason, method=METHOD, weights=label, n=0)
    result = linearise(pair_table(one, two, categories), kind, weights)
    if result.value is None:
        reason = "both used one grade only"
        return undefined(kind.value, reason, method=METHOD, weights=label, n=n)
    base = Statistic(statistic=kind.value, method=METHOD, weights=label, value=result.value, n=n)
    totals = _per_cluster(result.influence[one[read], two[read]], groups[read])
    if len(totals) < 2:
        return base.about(note="standard error and interval undefined: one patient only")
    df = len(totals) - 1
    base = base.about(se=_cluster_error(totals, n), df=df)
    return with_interval(base, student_quantile(df), 0.0 if kind is Coefficient.PERCENT else -1e9)


def identical_level_set(first: ArrayLike, second: ArrayLike) -> Statistic:
    """Return in how many cases two readers call the same set of levels, with a Wilson interval.

    Parameters
    ----------
    first, second
        Calls, shape (cases, levels): 1 positive, 0 negative, below 0 missing. A case counts where
        both read every level.
    """
    one, two = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
    read = ((one >= 0) & (two >= 0)).all(axis=1)
    same = int((one[read] == two[read]).all(axis=1).sum())
    rows = proportion("identical_level_set", same, int(read.sum()), "no case was read by both")
    wilson = next(row for row in rows if row.method == ProportionMethod.WILSON)
    return wilson.about(method="", note=wilson.note or "Wilson interval")
