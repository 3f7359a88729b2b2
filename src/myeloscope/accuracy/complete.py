"""Classical kappas of several readers over the cases that all of them read.

Sources: Fleiss, Psychol Bull 1971;76:378; Fleiss, Nee, Landis, Psychol Bull 1979;86:974 (null
variance); Conger, Psychol Bull 1980;88:322; Light, Psychol Bull 1971;76:365.
"""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from myeloscope.accuracy.agreement import Coefficient, Weights, linearise, pair_table
from myeloscope.accuracy.raters import GroupCoefficient, Ratings, group_agreement
from myeloscope.accuracy.record import UNDEFINED, Statistic

METHOD = "complete"


def complete_kappas(
    data: Ratings, weights: Weights | str = Weights.UNWEIGHTED
) -> tuple[Statistic, Statistic, Statistic]:
    """Return Fleiss', Conger's (exact) and Light's kappa, method ``complete``.

    Fleiss' unweighted kappa comes with the z test by its null standard error; Light's kappa is the
    mean of the pairwise Cohen kappas that are defined.
    """
    whole = (data.grades >= 0).all(axis=1)
    kept = Ratings(data.grades[whole], data.counts[whole], data.reads[whole])
    fleiss = group_agreement(kept, GroupCoefficient.FLEISS, weights).about(method=METHOD)
    conger = group_agreement(kept, GroupCoefficient.CONGER, weights).about(method=METHOD)
    if Weights(weights) is Weights.UNWEIGHTED:
        fleiss = _with_test(fleiss, kept)
    return fleiss, conger, light_kappa(kept.grades, data.categories, weights)


def _with_test(fleiss: Statistic, data: Ratings) -> Statistic:
    """Return Fleiss' kappa with its test against chance (Fleiss, Nee, Landis 1979, eq. 12)."""
    if fleiss.value is None:
        return fleiss
    n, r = data.grades.shape
    p = data.counts.sum(axis=0) / (n * r)
    spread = float((p * (1 - p)).sum())
    variance = 2 * (spread**2 - float((p * (1 - p) * (1 - 2 * p)).sum()))
    se_null = math.sqrt(variance / (n * r * (r - 1))) / spread
    z = fleiss.value / se_null
    return fleiss.about(se_null=se_null, test=z, p=2 * float(special.ndtr(-abs(z))))


def light_kappa(
    grades: NDArray[np.int64], categories: int, weights: Weights | str = Weights.UNWEIGHTED
) -> Statistic:
    """Return the mean of the pairwise Cohen kappas.

    Parameters
    ----------
    grades
        Shape (cases, readers), complete.
    categories
        Grades on the scale.
    weights
        Of the kappas.
    """
    n, r = grades.shape
    label = Weights(weights).value
    base = Statistic(statistic="light_kappa", method=METHOD, weights=label, n=n)
    if n == 0 or r < 2:
        reason = "one reader only" if r < 2 else "no case was read by all"
        return base.about(note=f"{UNDEFINED}{reason}")
    kappas = [
        linearise(
            pair_table(grades[:, i], grades[:, j], categories), Coefficient.COHEN, label
        ).value
        for i, j in combinations(range(r), 2)
    ]
    values = [kappa for kappa in kappas if kappa is not None]
    if not values:
        return base.about(note=f"{UNDEFINED}all reads in one grade")
    note = "" if len(values) == len(kappas) else f"mean of {len(values)} of {len(kappas)} pairs"
    return base.about(value=sum(values) / len(values), note=note)
