"""Bootstrap intervals by case, or by cluster: percentile and BCa.

A figure that is a function of sums over cases is resampled without touching the cases: cases with
equal contributions form a pattern, the multiplicities of the patterns are multinomial, and every
resample is one row of a matrix product. Source: Efron, Tibshirani, An Introduction to the
Bootstrap, 1993, ch. 13 (percentile) and 14.3 (BCa, acceleration by the jackknife).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from myeloscope.accuracy.agreement import Floats
from myeloscope.accuracy.proportion import LEVEL, Interval
from myeloscope.accuracy.record import UNDEFINED, Statistic

PERCENTILE = "bootstrap-percentile"
BCA = "bootstrap-bca"
_BLOCK = 4_000_000
"""Multiplicities held at once."""

Figure = Callable[[Floats], Floats]
"""Sums of shape (resamples, k) to values of shape (resamples,), NaN where undefined."""


@dataclass(frozen=True, slots=True)
class Resampling:
    """How many resamples to draw, from which seed."""

    resamples: int
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse too few resamples for a 95 % interval."""
        if self.resamples < 40:
            raise ValueError(f"a 95 % interval needs at least 40 resamples, not {self.resamples}")


@dataclass(frozen=True, slots=True, eq=False)
class Resamples:
    """Sums of the contributions in the data, in each resample, and with one case left out.

    Attributes
    ----------
    total
        Shape (1, k): sums of the data.
    sums
        Shape (resamples, k).
    without
        Shape (patterns, k): sums with one case of each pattern left out.
    multiplicity
        Shape (patterns,): cases of each pattern.
    """

    total: Floats
    sums: Floats
    without: Floats
    multiplicity: Floats


def draw(contributions: ArrayLike, settings: Resampling) -> Resamples:
    """Resample cases with replacement.

    Parameters
    ----------
    contributions
        What each case (or cluster) adds to the sums, shape (cases, k).
    settings
        Resamples and seed; equal seeds give equal resamples.
    """
    given = np.asarray(contributions, dtype=float)
    if given.ndim != 2 or not len(given):
        raise ValueError(f"contributions have the shape (cases, k), not {given.shape}")
    patterns, multiplicity = _patterns(given)
    cases = len(given)
    generator = np.random.default_rng(settings.seed)
    block = max(1, _BLOCK // len(patterns))
    parts = []
    for start in range(0, settings.resamples, block):
        size = min(block, settings.resamples - start)
        drawn = generator.multinomial(cases, multiplicity / cases, size=size)
        parts.append(drawn.astype(float) @ patterns)
    total = multiplicity @ patterns
    return Resamples(total[None, :], np.concatenate(parts), total - patterns, multiplicity)


def _patterns(contributions: Floats) -> tuple[Floats, Floats]:
    """Return the distinct rows and how often each occurs, in a fixed order."""
    order = np.lexsort(contributions.T[::-1])
    ordered = contributions[order]
    first = np.concatenate(([True], (ordered[1:] != ordered[:-1]).any(axis=1)))
    starts = np.flatnonzero(first)
    return ordered[starts], np.diff(np.append(starts, len(ordered))).astype(float)


def bootstrap(base: Statistic, resamples: Resamples, figure: Figure) -> tuple[Statistic, Statistic]:
    """Return the percentile and the BCa interval of a figure, as rows beside ``base``.

    Where BCa cannot be had (all resamples alike, or the data beyond all of them) its row holds
    the percentile interval and its note says so; undefined resamples are left out and counted.

    Parameters
    ----------
    base
        The figure without interval: name and identity are taken from it.
    resamples
        From ``draw``.
    figure
        The figure as a function of sums.
    """
    estimate = float(figure(resamples.total)[0])
    values = figure(resamples.sums)
    defined = values[np.isfinite(values)]
    if not math.isfinite(estimate) or len(defined) < len(values) / 2:
        where = "in the data" if not math.isfinite(estimate) else "in most resamples"
        return no_bootstrap(base, f"the figure does not exist {where}")
    plain = _stripped(base)
    lost = len(values) - len(defined)
    note = f"{lost} of {len(values)} resamples undefined" if lost else ""
    plain = plain.about(value=estimate, se=float(defined.std(ddof=1)), cut=0)
    percentile = _quantiles(defined, (1 - LEVEL) / 2, (1 + LEVEL) / 2)
    adjusted = _bca(defined, estimate, figure(resamples.without), resamples.multiplicity)
    fallback = adjusted if isinstance(adjusted, str) else ""
    chosen = percentile if isinstance(adjusted, str) else adjusted
    notes = "; ".join(text for text in (fallback, note) if text)
    return (
        _with(plain.about(method=PERCENTILE, note=note), percentile),
        _with(plain.about(method=BCA, note=notes), chosen),
    )


def _stripped(base: Statistic) -> Statistic:
    """Return the figure's identity without its numbers."""
    return base.about(
        value=None, se=None, se_null=None, ci_low=None, ci_high=None, cut=None, test=None, df=None,
        p=None, deff=None, note="",
    )  # fmt: skip


def no_bootstrap(base: Statistic, reason: str) -> tuple[Statistic, Statistic]:
    """Return the two rows of a figure that cannot be resampled, with the reason."""
    plain = _stripped(base).about(note=f"{UNDEFINED}{reason}")
    return plain.about(method=PERCENTILE), plain.about(method=BCA)


def _with(row: Statistic, interval: Interval) -> Statistic:
    return row.about(ci_low=interval.low, ci_high=interval.high)


def _quantiles(values: Floats, low: float, high: float) -> Interval:
    one, two = np.quantile(values, [low, high])
    return Interval(float(one), float(two))


def _bca(
    values: Floats, estimate: float, jackknife: Floats, multiplicity: NDArray[np.float64]
) -> Interval | str:
    """Return the BCa interval, or why the percentile interval stands in its place."""
    if float(np.ptp(values)) < 1e-12:
        return "fallback: percentile, as all resamples are alike"
    close = np.abs(values - estimate) < 1e-12
    below = float(np.mean((values < estimate) & ~close) + np.mean(close) / 2)
    if not 0 < below < 1:
        return "fallback: percentile, as all resamples lie on one side of the estimate"
    usable = np.isfinite(jackknife)
    if not usable.all():
        return "fallback: percentile, as the figure does not exist without some case"
    spread = float(np.average(jackknife, weights=multiplicity)) - jackknife
    squares = float(multiplicity @ spread**2)
    if squares < 1e-24:
        return "fallback: percentile, as no single case moves the figure"
    acceleration = float(multiplicity @ spread**3) / (6 * squares**1.5)
    bias = float(special.ndtri(below))
    limits = []
    for tail in ((1 - LEVEL) / 2, (1 + LEVEL) / 2):
        z = bias + float(special.ndtri(tail))
        left = 1 - acceleration * z
        if left <= 0:
            return "fallback: percentile, as the acceleration is too large"
        limits.append(float(special.ndtr(bias + z / left)))
    return _quantiles(values, limits[0], limits[1])
