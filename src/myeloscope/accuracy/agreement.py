"""Agreement of two readers from their square table of grades.

Every coefficient is (pa - pe) / (1 - pe), with its own chance agreement pe, and has a variance by
the delta method over the cells: the term of a cell is w - (1 - coefficient) g, where g is the
gradient of pe. Sources: Fleiss, Cohen, Everitt, Psychol Bull 1969;72:323 (kappa, both errors);
Gwet, Handbook of Inter-Rater Reliability, 4th ed. 2014, ch. 5 (the others; factor 1/n for two
readers); Byrt, Bishop, Carlin, J Clin Epidemiol 1993;46:423 (PABAK and the indices).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from myeloscope.accuracy.proportion import (
    Interval,
    ProportionMethod,
    Z,
    proportion_interval,
    student_quantile,
)
from myeloscope.accuracy.record import Statistic, undefined

Floats = NDArray[np.float64]


class Weights(StrEnum):
    """How much a disagreement of d grades still counts as agreement, 0-1."""

    UNWEIGHTED = "unweighted"
    LINEAR = "linear"
    QUADRATIC = "quadratic"
    ORDINAL = "ordinal"


class Coefficient(StrEnum):
    """The agreement coefficients of two readers."""

    PERCENT = "percent_agreement"
    COHEN = "cohen_kappa"
    SCOTT = "scott_pi"
    GWET = "gwet_ac"
    BENNETT = "bennett_s"
    KRIPPENDORFF = "krippendorff_alpha"


def weight_matrix(categories: int, weights: Weights | str = Weights.UNWEIGHTED) -> Floats:
    """Return the weights of agreement, shape (categories, categories), 1 on the diagonal.

    ``ordinal`` is Gwet's 1 - C(d + 1, 2) / C(q, 2) for grades d apart on a scale of q.
    """
    if categories < 2:
        raise ValueError(f"a scale has at least 2 grades, not {categories}")
    d = np.abs(np.subtract.outer(np.arange(categories), np.arange(categories))).astype(float)
    kind, widest = Weights(weights), categories - 1
    if kind is Weights.LINEAR:
        return np.asarray(1 - d / widest)
    if kind is Weights.QUADRATIC:
        return np.asarray(1 - (d / widest) ** 2)
    if kind is Weights.ORDINAL:
        return np.asarray(1 - d * (d + 1) / (categories * widest))
    return np.asarray((d == 0).astype(float))


def pair_table(first: ArrayLike, second: ArrayLike, categories: int) -> NDArray[np.int64]:
    """Return how often the first reader gave row's grade and the second column's.

    Negative grades are missing; a pair with a missing grade is left out. Shape (q, q).
    """
    one, two = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
    read = (one >= 0) & (two >= 0)
    if read.any() and max(one[read].max(), two[read].max()) >= categories:
        raise ValueError(f"a grade is off the scale of {categories} grades")
    cells = np.bincount(one[read] * categories + two[read], minlength=categories**2)
    return cells.reshape(categories, categories)


@dataclass(frozen=True, slots=True, eq=False)
class Chance:
    """Chance agreement of tables, and its gradient over the cells of one table.

    ``gradient`` has shape (q, q) and mean 2 pe over the observed cells.
    """

    pe: float
    gradient: Floats


def _chance(p: Floats, w: Floats, coefficient: Coefficient) -> Chance:
    """Return the chance agreement of one table of proportions."""
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    if coefficient is Coefficient.COHEN:
        gradient = np.add.outer(w @ columns, w.T @ rows)
        return Chance(float(rows @ w @ columns), gradient)
    shared, q = (rows + columns) / 2, len(p)
    if coefficient in (Coefficient.SCOTT, Coefficient.KRIPPENDORFF):
        return Chance(float(shared @ w @ shared), np.add.outer(w @ shared, w @ shared))
    if coefficient is Coefficient.GWET:
        scale = float(w.sum()) / (q * (q - 1))
        gradient = scale * np.add.outer(1 - shared, 1 - shared)
        return Chance(scale * float(shared @ (1 - shared)), gradient)
    pe = float(w.sum()) / q**2 if coefficient is Coefficient.BENNETT else 0.0
    return Chance(pe, np.full_like(w, 2 * pe))


@dataclass(frozen=True, slots=True, eq=False)
class Linearised:
    """A coefficient of one table with what its variance is made of.

    Attributes
    ----------
    value
        The coefficient, or ``None`` where chance agreement is 1.
    influence
        Shape (q, q): n times the change of the coefficient by one pair in that cell.
    pe
        Chance agreement.
    """

    value: float | None
    influence: Floats
    pe: float


def linearise(
    table: ArrayLike, coefficient: Coefficient | str, weights: Weights | str | Floats
) -> Linearised:
    """Return a coefficient of a square table of counts and its influence per cell.

    ``weights`` may also be a matrix of agreement weights, symmetric, 1 on the diagonal.
    """
    counts = np.asarray(table, dtype=float)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise ValueError(f"a table of two readers is square, not {counts.shape}")
    w = weights if isinstance(weights, np.ndarray) else weight_matrix(len(counts), weights)
    kind, n = Coefficient(coefficient), counts.sum()
    p = counts / n
    chance = _chance(p, w, kind)
    left = 1 - chance.pe
    if left < 1e-12:
        return Linearised(None, np.zeros_like(p), 1.0)
    observed = float((w * p).sum())
    plain = (observed - chance.pe) / left
    terms = (w - (1 - plain) * chance.gradient) / left
    value = plain
    if kind is Coefficient.KRIPPENDORFF:
        value = plain + (1 - plain) / (2 * float(n))
    return Linearised(value, terms - float((terms * p).sum()), chance.pe)


def coefficient_values(
    tables: Floats, coefficient: Coefficient | str, weights: Weights | str
) -> Floats:
    """Return a coefficient of many tables at once, NaN where undefined.

    Parameters
    ----------
    tables
        Counts, shape (tables, q * q), cells row by row.

    Returns
    -------
    array of shape (tables,)
    """
    kind, q = Coefficient(coefficient), math.isqrt(tables.shape[1])
    w = weight_matrix(q, weights)
    n = tables.sum(axis=1)
    cells = np.eye(q * q).reshape(q, q, q * q)
    with np.errstate(invalid="ignore", divide="ignore"):
        observed = tables @ w.ravel() / n
        if kind is Coefficient.PERCENT:
            return np.asarray(observed)
        rows = tables @ cells.sum(axis=1).T / n[:, None]
        columns = tables @ cells.sum(axis=0).T / n[:, None]
        expected = _chances(rows, columns, w, kind)
        left = np.where(1 - expected < 1e-12, np.nan, 1 - expected)
        value = (observed - expected) / left
        if kind is Coefficient.KRIPPENDORFF:
            value = value + (1 - value) / (2 * n)
    return np.asarray(value)


def _chances(rows: Floats, columns: Floats, w: Floats, kind: Coefficient) -> Floats:
    """Return the chance agreement for margins of shape (tables, q)."""
    if kind is Coefficient.COHEN:
        return np.asarray(((rows @ w) * columns).sum(axis=1))
    shared, q = (rows + columns) / 2, len(w)
    if kind in (Coefficient.SCOTT, Coefficient.KRIPPENDORFF):
        return np.asarray(((shared @ w) * shared).sum(axis=1))
    if kind is Coefficient.GWET:
        return np.asarray((shared * (1 - shared)).sum(axis=1) * w.sum() / (q * (q - 1)))
    return np.full(len(rows), float(w.sum()) / q**2)


def _null_error(p: Floats, w: Floats, pe: float, n: float) -> float:
    """Return kappa's standard error under independence (Fleiss, Cohen, Everitt 1969)."""
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    spread = w - np.add.outer(w @ columns, w.T @ rows)
    variance = float(rows @ (spread**2) @ columns) - pe * pe
    return math.sqrt(max(variance, 0.0) / n) / (1 - pe)


def agreement(
    table: ArrayLike,
    coefficient: Coefficient | str = Coefficient.COHEN,
    weights: Weights | str | Floats = Weights.UNWEIGHTED,
) -> Statistic:
    """Return one agreement coefficient of two readers.

    Cohen's kappa has the large-sample standard error, a z interval, and a test against chance by
    the null standard error; the others a t interval on n - 1 df. Intervals are cut at 1 only
    (percent agreement also at 0).

    Parameters
    ----------
    table
        Counts, shape (q, q), all grades of the scale, used or not; rows are the first reader.
    coefficient, weights
        What to compute; ``weights`` may be a matrix.
    """
    kind = Coefficient(coefficient)
    counts = np.asarray(table, dtype=float)
    named = weights.value if isinstance(weights, Weights) else weights
    label = named if isinstance(named, str) else "own"
    n = round(float(counts.sum()))
    if n == 0:
        return undefined(kind.value, "no case was read by both", weights=label, n=0)
    result = linearise(counts, kind, weights)
    if result.value is None:
        return undefined(kind.value, "both used one grade only", weights=label, n=n)
    p = counts / n
    se = math.sqrt(float((p * result.influence**2).sum()) / n)
    base = Statistic(statistic=kind.value, weights=label, value=result.value, se=se, n=n)
    if kind is Coefficient.COHEN:
        w = weights if isinstance(weights, np.ndarray) else weight_matrix(len(p), weights)
        return with_interval(_against_chance(base, _null_error(p, w, result.pe, n)), Z)
    if n == 1:
        return base.about(se=None, note="standard error and interval undefined: one case only")
    floor = 0.0 if kind is Coefficient.PERCENT else -math.inf
    return with_interval(base.about(df=n - 1), student_quantile(n - 1), floor)


def _against_chance(base: Statistic, se_null: float) -> Statistic:
    """Return kappa with its test against chance."""
    if base.value is None or se_null < 1e-12:
        return base.about(note="test undefined: one of the two used one grade only")
    z = base.value / se_null
    return base.about(se_null=se_null, test=z, p=2 * float(special.ndtr(-abs(z))))


def with_interval(base: Statistic, quantile: float, floor: float = -math.inf) -> Statistic:
    """Return a coefficient with value +- quantile * se, cut at 1 and at ``floor``."""
    if base.value is None or base.se is None:
        return base
    if base.se < 1e-12:
        reason = "interval undefined: the standard error is 0"
        if base.value > 1 - 1e-12:
            reason = "interval undefined: perfect agreement, the standard error is 0"
        return base.about(se=0.0, note="; ".join(x for x in (base.note, reason) if x))
    half = quantile * base.se
    interval = Interval(base.value - half, base.value + half).within(floor, 1.0)
    return base.about(ci_low=interval.low, ci_high=interval.high, cut=int(interval.cut))


def presence_indices(table: ArrayLike) -> tuple[Statistic, Statistic, Statistic]:
    """Return PABAK, the prevalence index and the bias index of a 2 x 2 table (0 before 1).

    PABAK is 2 po - 1, its interval that of the exact interval of po; the prevalence index is
    (both negative - both positive) / n; the bias index (second positive alone - first positive
    alone) / n.
    """
    counts = np.asarray(table, dtype=np.int64)
    if counts.shape != (2, 2):
        raise ValueError(f"these indices need a 2 x 2 table, not {counts.shape}")
    (a, b), (c, d) = counts.tolist()
    n = a + b + c + d
    if n == 0:
        names = ("pabak", "prevalence_index", "bias_index")
        one, two, three = (undefined(name, "no case was read by both", n=0) for name in names)
        return one, two, three
    exact = proportion_interval(a + d, n, ProportionMethod.CLOPPER_PEARSON)
    po = (a + d) / n
    return (
        Statistic(
            statistic="pabak",
            value=2 * po - 1,
            se=2 * math.sqrt(po * (1 - po) / n),
            ci_low=2 * exact.low - 1,
            ci_high=2 * exact.high - 1,
            cut=0,
            n=n,
        ),
        Statistic(statistic="prevalence_index", value=(a - d) / n, n=n),
        Statistic(statistic="bias_index", value=(b - c) / n, n=n),
    )
