"""Intervals for one binomial proportion.

Sources: Brown, Cai, DasGupta, Stat Sci 2001;16:101 (doi:10.1214/ss/1009213286); Wilson, JASA
1927;22:209; Clopper, Pearson, Biometrika 1934;26:404; Agresti, Coull, Am Stat 1998;52:119.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from scipy import special

LEVEL = 0.95
"""Two-sided confidence level of every interval in this room."""
Z = float(special.ndtri(0.5 + LEVEL / 2))


class ProportionMethod(StrEnum):
    """How the interval of a proportion is made."""

    WALD = "wald"
    WALD_CLIPPED = "wald-clipped"
    WILSON = "wilson"
    CLOPPER_PEARSON = "clopper-pearson"
    AGRESTI_COULL = "agresti-coull"
    JEFFREYS = "jeffreys"


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval; ``cut`` says whether it was cut to the statistic's range."""

    low: float
    high: float
    cut: bool = False

    def within(self, lowest: float, highest: float) -> Interval:
        """Return the interval cut to a range."""
        low, high = max(self.low, lowest), min(self.high, highest)
        return Interval(low, high, self.cut or low != self.low or high != self.high)


def student_quantile(df: float) -> float:
    """Return the two-sided 95 % quantile of Student's t."""
    return float(special.stdtrit(df, 0.5 + LEVEL / 2))


def _wald(successes: int, n: int) -> Interval:
    p = successes / n
    half = Z * math.sqrt(p * (1 - p) / n)
    return Interval(p - half, p + half)


def _wald_clipped(successes: int, n: int) -> Interval:
    return _wald(successes, n).within(0.0, 1.0)


def _wilson(successes: int, n: int) -> Interval:
    p, z2 = successes / n, Z * Z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    low = 0.0 if successes == 0 else middle - half
    return Interval(low, 1.0 if successes == n else middle + half)


def _clopper_pearson(successes: int, n: int) -> Interval:
    tail = (1 - LEVEL) / 2
    low = float(special.betaincinv(successes, n - successes + 1, tail)) if successes else 0.0
    if successes == n:
        return Interval(low, 1.0)
    return Interval(low, float(special.betaincinv(successes + 1, n - successes, 1 - tail)))


def _agresti_coull(successes: int, n: int) -> Interval:
    size = n + Z * Z
    p = (successes + Z * Z / 2) / size
    half = Z * math.sqrt(p * (1 - p) / size)
    return Interval(p - half, p + half)


def _jeffreys(successes: int, n: int) -> Interval:
    tail = (1 - LEVEL) / 2
    a, b = successes + 0.5, n - successes + 0.5
    low, high = special.betaincinv(a, b, tail), special.betaincinv(a, b, 1 - tail)
    return Interval(float(low), float(high))


_INTERVALS: Mapping[ProportionMethod, Callable[[int, int], Interval]] = {
    ProportionMethod.WALD: _wald,
    ProportionMethod.WALD_CLIPPED: _wald_clipped,
    ProportionMethod.WILSON: _wilson,
    ProportionMethod.CLOPPER_PEARSON: _clopper_pearson,
    ProportionMethod.AGRESTI_COULL: _agresti_coull,
    ProportionMethod.JEFFREYS: _jeffreys,
}


def proportion_interval(
    successes: int, n: int, method: ProportionMethod | str = ProportionMethod.WILSON
) -> Interval:
    """Return the 95 % interval of ``successes / n``.

    Only ``wald-clipped`` is cut to 0-1; ``wald`` and ``agresti-coull`` may leave it, as printed by
    their sources. ``jeffreys`` is the equal-tailed interval at the ends too.

    Raises
    ------
    ValueError
        When ``n`` is not positive or ``successes`` lies outside 0..n.
    """
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(f"successes must lie in 0..n with n >= 1, not {successes} of {n}")
    return _INTERVALS[ProportionMethod(method)](successes, n)
