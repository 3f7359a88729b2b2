"""Agreement of all readers at once, with missing reads.

Each coefficient is (pa - pe) / (1 - pe). A subject with one read counts for chance agreement, not
for observed agreement; Krippendorff's alpha drops it and adds a small-sample term. Standard errors
are unconditional on subjects, for an infinite population, with factor 1 / (n (n - 1)). Sources:
Gwet, Br J Math Stat Psychol 2008;61:29; Gwet, Handbook of Inter-Rater Reliability, 4th ed. 2014;
Krippendorff, Content Analysis, 2004, ch. 11; Conger, Psychol Bull 1980;88:322.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myeloscope.accuracy.agreement import Floats, Weights, weight_matrix, with_interval
from myeloscope.accuracy.proportion import student_quantile
from myeloscope.accuracy.record import Statistic, undefined

KRIPPENDORFF_METRIC = "krippendorff-metric"


class GroupCoefficient(StrEnum):
    """The agreement coefficients of any number of readers."""

    PERCENT = "percent_agreement"
    GWET = "gwet_ac"
    FLEISS = "fleiss_kappa"
    CONGER = "conger_kappa"
    BENNETT = "bennett_s"
    KRIPPENDORFF = "krippendorff_alpha"


@dataclass(frozen=True, slots=True, eq=False)
class Ratings:
    """Grades of n subjects by r readers.

    Attributes
    ----------
    grades
        Shape (subjects, readers), whole numbers from 0, negative where missing. Subjects without
        any read are left out by ``ratings``.
    counts
        Shape (subjects, categories): how many readers gave each grade.
    reads
        Shape (subjects,): how many readers read the subject.
    """

    grades: NDArray[np.int64]
    counts: Floats
    reads: Floats

    @property
    def categories(self) -> int:
        """Return how many grades the scale has."""
        return int(self.counts.shape[1])


def ratings(grades: ArrayLike, categories: int) -> Ratings:
    """Return grades of shape (subjects, readers) ready for the coefficients.

    Raises
    ------
    ValueError
        When a grade is off the scale 0..categories - 1.
    """
    given = np.asarray(grades, dtype=np.int64)
    if given.ndim != 2:
        raise ValueError(f"grades have the shape (subjects, readers), not {given.shape}")
    if given.size and given.max() >= categories:
        raise ValueError(f"a grade is off the scale of {categories} grades")
    given = given[(given >= 0).any(axis=1)]
    counts = np.stack([(given == k).sum(axis=1) for k in range(categories)], axis=1).astype(float)
    return Ratings(given, counts, counts.sum(axis=1))


@dataclass(frozen=True, slots=True, eq=False)
class _Terms:
    """Observed and chance agreement, and the share of each subject in both.

    ``observed`` has shape (subjects,), each subject's own agreement scaled so that its mean is
    ``pa``; ``shared`` is 1 where a subject counts for it (scaled alike); ``chance`` is linearised
    chance agreement with mean ``pe``.
    """

    pa: float
    pe: float
    observed: Floats
    shared: Floats
    chance: Floats


def _observed(data: Ratings, w: Floats) -> tuple[Floats, Floats]:
    """Return each subject's observed agreement and its share (mean 1), zero for single reads."""
    more = data.reads >= 2
    pairs = np.where(more, data.reads * (data.reads - 1), 1.0)
    agree = (data.counts * (data.counts @ w - 1)).sum(axis=1)
    scale = len(more) / more.sum()
    return np.where(more, agree / pairs, 0.0) * scale, more * scale


def _shares(data: Ratings) -> Floats:
    """Return the share of each grade in each subject's reads, shape (subjects, categories)."""
    return np.asarray(data.counts / data.reads[:, None])


def _fleiss_chance(data: Ratings, w: Floats) -> tuple[float, Floats]:
    shares = _shares(data)
    pi = shares.mean(axis=0)
    return float(pi @ w @ pi), np.asarray(shares @ (w @ pi))


def _gwet_chance(data: Ratings, w: Floats) -> tuple[float, Floats]:
    shares, q = _shares(data), data.categories
    pi = shares.mean(axis=0)
    scale = float(w.sum()) / (q * (q - 1))
    return scale * float(pi @ (1 - pi)), np.asarray(scale * (shares @ (1 - pi)))


def _uniform_chance(data: Ratings, w: Floats) -> tuple[float, Floats]:
    pe = float(w.sum()) / data.categories**2
    return pe, np.full(len(data.reads), pe)


def _no_chance(data: Ratings, w: Floats) -> tuple[float, Floats]:
    return 0.0, np.zeros(len(data.reads))


def _conger_chance(data: Ratings, w: Floats) -> tuple[float, Floats]:
    """Return Conger's chance agreement: the mean over pairs of readers of their margins' product.

    Each reader's margin is a ratio over the subjects that reader read, linearised as such.
    """
    n, r = data.grades.shape
    read = data.grades >= 0
    by_reader = read.sum(axis=0)
    hits = np.stack([data.grades == k for k in range(data.categories)], axis=2).astype(float)
    margins = hits.sum(axis=0) / by_reader[:, None]
    others = margins.sum(axis=0) - margins
    partners = others @ w
    pe = float((margins * partners).sum()) / (r * (r - 1))
    own = np.einsum("igk,gk->ig", hits, partners) - read * (margins * partners).sum(axis=1)
    linear = (own * (n / by_reader)).sum(axis=1) / (r * (r - 1))
    return pe, np.asarray(pe + linear)


_CHANCES: Mapping[GroupCoefficient, Callable[[Ratings, Floats], tuple[float, Floats]]] = {
    GroupCoefficient.PERCENT: _no_chance,
    GroupCoefficient.GWET: _gwet_chance,
    GroupCoefficient.FLEISS: _fleiss_chance,
    GroupCoefficient.CONGER: _conger_chance,
    GroupCoefficient.BENNETT: _uniform_chance,
}


def _terms(data: Ratings, kind: GroupCoefficient, w: Floats) -> _Terms:
    if kind is not GroupCoefficient.KRIPPENDORFF:
        observed, shared = _observed(data, w)
        pe, chance = _CHANCES[kind](data, w)
        return _Terms(float(observed.mean()), pe, observed, shared, chance)
    mean_reads = float(data.reads.mean())
    weight = data.reads / mean_reads
    agree = (data.counts * (data.counts @ w - 1)).sum(axis=1)
    raw = agree / (mean_reads * (data.reads - 1))
    pa = float(raw.mean())
    pi = data.counts.mean(axis=0) / mean_reads
    pe = float(pi @ w @ pi)
    reads = float(data.reads.sum())
    observed = raw - (pa + (1 - pa) / reads) * (weight - 1)
    chance = data.counts @ (w @ pi) / mean_reads - pe * (weight - 1)
    return _Terms(pa, pe, observed, np.ones(len(weight)), chance)


def _value(pa: float, pe: float, kind: GroupCoefficient, reads: float) -> float:
    plain = (pa - pe) / (1 - pe)
    return plain + (1 - plain) / reads if kind is GroupCoefficient.KRIPPENDORFF else plain


def group_agreement(
    data: Ratings,
    coefficient: GroupCoefficient | str,
    weights: Weights | str = Weights.UNWEIGHTED,
) -> Statistic:
    """Return one agreement coefficient over all readers and all available reads.

    The interval is t on n - 1 df, cut at 1 only (percent agreement also at 0).

    Parameters
    ----------
    data
        From ``ratings``.
    coefficient, weights
        What to compute.
    """
    kind, label = GroupCoefficient(coefficient), Weights(weights).value
    w = weight_matrix(data.categories, label)
    return _group(data, kind, w).about(weights=label)


def krippendorff_metric_alpha(data: Ratings) -> Statistic:
    """Return alpha with Krippendorff's own ordinal metric, method ``krippendorff-metric``.

    The metric depends on how often each grade was used (Krippendorff 2011, "Computing
    Krippendorff's Alpha-Reliability", section D), so no analytic standard error is given.
    """
    name = GroupCoefficient.KRIPPENDORFF
    kept = _pairable(data)
    reason = _why_not(kept)
    n = len(kept.reads)
    if reason:
        return undefined(name.value, reason, method=KRIPPENDORFF_METRIC, weights="ordinal", n=n)
    used = kept.counts.sum(axis=0)
    middle = np.cumsum(used) - used / 2
    distance = np.subtract.outer(middle, middle) ** 2
    terms = _terms(kept, name, np.asarray(1 - distance / distance.max()))
    return Statistic(
        statistic=name.value,
        method=KRIPPENDORFF_METRIC,
        weights="ordinal",
        value=_value(terms.pa, terms.pe, name, float(kept.reads.sum())),
        n=n,
        note="no analytic standard error",
    )


def _pairable(data: Ratings) -> Ratings:
    """Return the subjects read at least twice."""
    more = data.reads >= 2
    return Ratings(data.grades[more], data.counts[more], data.reads[more])


def _why_not(data: Ratings) -> str:
    """Return why no coefficient can be had, or nothing."""
    if data.grades.shape[1] < 2:
        return "one reader only"
    if not (data.reads >= 2).any():
        return "no case was read by two"
    return "" if (data.counts.sum(axis=0) > 0).sum() > 1 else "all reads in one grade"


def _group(data: Ratings, kind: GroupCoefficient, w: Floats) -> Statistic:
    kept = _pairable(data) if kind is GroupCoefficient.KRIPPENDORFF else data
    n, reason = len(kept.reads), _why_not(kept)
    free = (GroupCoefficient.PERCENT, GroupCoefficient.BENNETT, GroupCoefficient.GWET)
    if reason.startswith("all reads") and kind in free:
        reason = ""
    if not reason and kind is GroupCoefficient.CONGER and (kept.grades < 0).all(axis=0).any():
        reason = "a reader read nothing"
    if reason:
        return undefined(kind.value, reason, n=n)
    terms = _terms(kept, kind, w)
    if 1 - terms.pe < 1e-12:
        return undefined(kind.value, "chance agreement is 1", n=n)
    plain = (terms.pa - terms.pe) / (1 - terms.pe)
    base = Statistic(
        statistic=kind.value,
        value=_value(terms.pa, terms.pe, kind, float(kept.reads.sum())),
        n=n,
    )
    if n == 1:
        return base.about(note="standard error and interval undefined: one case only")
    each = (terms.observed - terms.pe * terms.shared) / (1 - terms.pe)
    each = each - 2 * (1 - plain) * (terms.chance - terms.pe) / (1 - terms.pe)
    se = math.sqrt(float(((each - plain) ** 2).sum()) / (n * (n - 1)))
    floor = 0.0 if kind is GroupCoefficient.PERCENT else -math.inf
    return with_interval(base.about(se=se, df=n - 1), student_quantile(n - 1), floor)
