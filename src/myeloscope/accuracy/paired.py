"""Two sets of yes-no calls on the same cases: McNemar's tests, Tango's score interval.

``b`` counts cases the first calls right (or positive) and the second not, ``c`` the reverse.
Sources: McNemar, Psychometrika 1947;12:153; Fagerland, Lydersen, Laake, BMC Med Res Methodol
2013;13:91 (mid-p); Tango, Stat Med 1998;17:891 (score interval and non-inferiority test).
"""

from __future__ import annotations

import math

from scipy import special
from scipy.optimize import brentq

from myeloscope.accuracy.proportion import Z
from myeloscope.accuracy.record import Statistic, undefined

_NO_PAIRS = "no case was called by both"


def _check(b: int, c: int, n: int) -> None:
    if min(b, c) < 0 or b + c > n:
        raise ValueError(f"discordant pairs must be counts within n, not {b} and {c} of {n}")


def mcnemar(b: int, c: int, n: int) -> tuple[Statistic, ...]:
    """Return McNemar's tests: exact, mid-p, and chi-square with and without correction.

    Parameters
    ----------
    b, c
        Discordant pairs of either kind.
    n
        All pairs.

    Returns
    -------
    tuple of Statistic
        ``mcnemar_exact`` and ``mcnemar_midp`` with ``value`` = p; ``mcnemar_chi2`` with ``value``
        and ``test`` the chi-square, methods ``corrected`` (by 1) and ``uncorrected``.
    """
    _check(b, c, n)
    if n == 0:
        names = ("mcnemar_exact", "mcnemar_midp")
        return (
            *(undefined(name, _NO_PAIRS, n=0) for name in names),
            *(
                undefined("mcnemar_chi2", _NO_PAIRS, method=method, n=0)
                for method in ("corrected", "uncorrected")
            ),
        )
    discordant, fewer = b + c, min(b, c)
    tail = float(special.bdtr(fewer, discordant, 0.5)) if discordant else 1.0
    exact = min(1.0, 2 * tail)
    midp = 1.0
    if b != c:
        midp = 2 * tail - math.exp(_log_choose(discordant, fewer) - discordant * math.log(2))
    return (
        Statistic(statistic="mcnemar_exact", value=exact, p=exact, n=n),
        Statistic(statistic="mcnemar_midp", value=midp, p=midp, n=n),
        _chi_square("corrected", max(abs(b - c) - 1, 0) if discordant else 0, discordant, n),
        _chi_square("uncorrected", abs(b - c), discordant, n),
    )


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _chi_square(method: str, numerator: int, discordant: int, n: int) -> Statistic:
    if discordant == 0:
        return undefined("mcnemar_chi2", "no discordant pair", method=method, n=n)
    chi2 = numerator * numerator / discordant
    p = float(special.chdtrc(1, chi2))
    return Statistic(statistic="mcnemar_chi2", method=method, value=chi2, test=chi2, df=1, p=p, n=n)


def tango_score(b: int, c: int, n: int, difference: float) -> float:
    """Return Tango's score z of H0: (b - c) / n has the expectation ``difference``.

    The nuisance probability of the second kind of discordance has its restricted maximum
    likelihood estimate in closed form (Tango 1998, eq. 4).
    """
    first = 2 * n
    second = -b - c + (2 * n - b + c) * difference
    third = -c * difference * (1 - difference)
    rare = (math.sqrt(max(second * second - 4 * first * third, 0.0)) - second) / (2 * first)
    variance = n * (2 * rare + difference * (1 - difference))
    distance = b - c - n * difference
    if distance == 0:
        return 0.0
    return distance / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, distance)


def _limit(b: int, c: int, n: int, z: float) -> float:
    """Return the difference at which the score statistic equals ``z``."""
    estimate = (b - c) / n
    end = -1.0 if z > 0 else 1.0
    if estimate == end:
        return end

    def excess(difference: float) -> float:
        score = tango_score(b, c, n, difference)
        return max(min(score, 1e9), -1e9) - z

    inside = end * (1 - 1e-12)
    if excess(inside) * excess(estimate) > 0:
        return end
    return float(brentq(excess, min(inside, estimate), max(inside, estimate), xtol=1e-14))


def tango_difference(b: int, c: int, n: int) -> Statistic:
    """Return the paired difference ``(b - c) / n`` with Tango's 95 % score interval.

    ``se`` is the Wald standard error of the difference. The interval exists without discordant
    pairs too: it then ends at z^2 / (n + z^2) on both sides.
    """
    _check(b, c, n)
    if n == 0:
        return undefined("tango_difference", _NO_PAIRS, n=0)
    estimate = (b - c) / n
    return Statistic(
        statistic="tango_difference",
        value=estimate,
        se=math.sqrt(max((b + c) - (b - c) ** 2 / n, 0.0)) / n,
        ci_low=_limit(b, c, n, Z),
        ci_high=_limit(b, c, n, -Z),
        cut=0,
        n=n,
    )


def noninferiority(b: int, c: int, n: int, margin: float = 0.10) -> Statistic:
    """Return Tango's test that the first is worse than the second by less than ``margin``.

    ``value`` is first minus second, its interval the two-sided 95 % score interval, ``test`` the
    score z of H0: difference = -margin and ``p`` one-sided. Shown at the 2.5 % level where the
    lower limit lies above -margin.

    Raises
    ------
    ValueError
        When the margin is not strictly between 0 and 1.
    """
    if not 0 < margin < 1:
        raise ValueError(f"margin must lie strictly between 0 and 1, not {margin}")
    base = tango_difference(b, c, n)
    if base.value is None or base.ci_low is None:
        return undefined("noninferiority", _NO_PAIRS, n=0)
    z = tango_score(b, c, n, -margin)
    shown = "shown" if base.ci_low > -margin else "not shown"
    return Statistic(
        statistic="noninferiority",
        value=base.value,
        se=base.se,
        ci_low=base.ci_low,
        ci_high=base.ci_high,
        cut=0,
        test=z,
        p=float(special.ndtr(-z)),
        n=n,
        note=f"margin {margin:.6g}: non-inferiority {shown}; p one-sided",
    )
