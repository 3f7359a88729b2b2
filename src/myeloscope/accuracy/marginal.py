"""Whether two readers use the grades alike: tests of marginal homogeneity.

Sources: Stuart, Biometrika 1955;42:412; Maxwell, Br J Psychiatry 1970;116:651; Bhapkar, JASA
1966;61:228. A pseudo-inverse keeps both defined where a grade is unused or perfectly agreed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from myeloscope.accuracy.record import Statistic, undefined


def marginal_homogeneity(table: ArrayLike) -> tuple[Statistic, Statistic]:
    """Return the Stuart-Maxwell and the Bhapkar test of a square table of counts.

    ``value`` and ``test`` are the chi-square, ``df`` the rank of the covariance matrix of the
    differences between the margins (grades - 1 where all are used and disagreed upon).
    """
    counts = np.asarray(table, dtype=float)
    n = round(float(counts.sum()))
    names = ("stuart_maxwell", "bhapkar")
    if n == 0:
        one, two = (undefined(name, "no case was read by both", n=0) for name in names)
        return one, two
    difference = counts.sum(axis=1) - counts.sum(axis=0)
    spread = np.diag(counts.sum(axis=1) + counts.sum(axis=0)) - counts - counts.T
    rank = int(np.linalg.matrix_rank(spread, tol=1e-9 * max(n, 1)))
    if rank == 0:
        one, two = (undefined(name, "no discordant pair", n=n) for name in names)
        return one, two
    chi2 = float(difference @ np.linalg.pinv(spread, rcond=1e-12, hermitian=True) @ difference)
    stuart = _chi_square(names[0], chi2, rank, n)
    if n - chi2 < 1e-9 * n:
        return stuart, undefined(names[1], "the margins share no grade", n=n)
    return stuart, _chi_square(names[1], chi2 / (1 - chi2 / n), rank, n)


def _chi_square(statistic: str, chi2: float, df: int, n: int) -> Statistic:
    p = float(special.chdtrc(df, chi2))
    return Statistic(statistic=statistic, value=chi2, test=chi2, df=df, p=p, n=n)
