"""The methods paragraph of an analysis: each method used, with its source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from myeloscope.accuracy.record import Statistic
from myeloscope.accuracy.study import Analysis


@dataclass(frozen=True, slots=True)
class Method:
    """One method of the analysis.

    Attributes
    ----------
    text
        What was done, a sentence without its full stop.
    source
        Who described it and where.
    doi
        Digital object identifier of the source.
    statistics, methods
        Names in ``statistics.csv`` that say that it was used; empty methods mean any.
    """

    text: str
    source: str
    doi: str
    statistics: tuple[str, ...]
    methods: tuple[str, ...] = ()

    def used(self, rows: tuple[Statistic, ...]) -> bool:
        """Return whether an analysis holds a figure made by it."""
        return any(
            row.statistic in self.statistics and (not self.methods or row.method in self.methods)
            for row in rows
        )


_SHARES = ("sensitivity", "specificity", "accuracy")
_BOOTSTRAPPED = (*_SHARES, "auc", "cohen_kappa", "gwet_ac", "tango_difference")

METHODS: Final[tuple[Method, ...]] = (
    Method(
        "Proportions have Wilson's score interval",
        "Wilson, J Am Stat Assoc 1927;22:209",
        "10.1080/01621459.1927.10502953",
        _SHARES,
        ("wilson",),
    ),
    Method(
        "Exact intervals are those of Clopper and Pearson",
        "Clopper, Pearson, Biometrika 1934;26:404",
        "10.1093/biomet/26.4.404",
        _SHARES,
        ("clopper-pearson",),
    ),
    Method(
        "The intervals of Wald, Agresti and Coull, and Jeffreys are given for comparison",
        "Brown, Cai, DasGupta, Stat Sci 2001;16:101",
        "10.1214/ss/1009213286",
        _SHARES,
        ("agresti-coull", "jeffreys", "wald"),
    ),
    Method(
        "Proportions over levels have the error of a ratio estimator with patients as clusters",
        "Rao, Scott, Biometrics 1992;48:577",
        "10.2307/2532311",
        _SHARES,
        ("cluster",),
    ),
    Method(
        "Likelihood ratios have log-scale intervals",
        "Simel, Samsa, Matchar, J Clin Epidemiol 1991;44:763",
        "10.1016/0895-4356(91)90128-V",
        ("lr_positive", "lr_negative"),
    ),
    Method(
        "Odds ratios have Woolf's interval",
        "Woolf, Ann Hum Genet 1955;19:251",
        "10.1111/j.1469-1809.1955.tb01348.x",
        ("diagnostic_odds_ratio",),
    ),
    Method(
        "Predictive values at the stated prevalence have logit intervals",
        "Mercaldo, Lau, Zhou, Stat Med 2007;26:2170",
        "10.1002/sim.2677",
        ("ppv", "npv"),
    ),
    Method(
        "Youden's index has a square-and-add interval",
        "Newcombe, Stat Med 1998;17:873",
        "10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I",
        ("youden",),
        ("wilson",),
    ),
    Method(
        "Areas under empirical ROC curves and their paired differences have DeLong's errors",
        "DeLong, DeLong, Clarke-Pearson, Biometrics 1988;44:837",
        "10.2307/2531595",
        ("auc", "auc_difference"),
        ("delong",),
    ),
    Method(
        "Areas over levels have errors for clustered units",
        "Obuchowski, Biometrics 1997;53:567",
        "10.2307/2533958",
        ("auc", "auc_difference"),
        ("obuchowski-cluster",),
    ),
    Method(
        "Cohen's kappa, plain and weighted, has its large-sample error",
        "Fleiss, Cohen, Everitt, Psychol Bull 1969;72:323",
        "10.1037/h0028106",
        ("cohen_kappa",),
    ),
    Method(
        "AC1 and AC2, and the errors of all further coefficients, are Gwet's",
        "Gwet, Br J Math Stat Psychol 2008;61:29",
        "10.1348/000711006X126600",
        ("gwet_ac",),
    ),
    Method(
        "Scott's pi is given beside it",
        "Scott, Public Opin Q 1955;19:321",
        "10.1086/266577",
        ("scott_pi",),
    ),
    Method(
        "Bennett's S takes chance as uniform over the scale",
        "Bennett, Alpert, Goldstein, Public Opin Q 1954;18:303",
        "10.1086/266520",
        ("bennett_s",),
    ),
    Method(
        "Krippendorff's alpha uses all pairable reads",
        "Hayes, Krippendorff, Commun Methods Meas 2007;1:77",
        "10.1080/19312450709336664",
        ("krippendorff_alpha",),
    ),
    Method(
        "Agreement of all readers is given as Fleiss' kappa",
        "Fleiss, Psychol Bull 1971;76:378",
        "10.1037/h0031619",
        ("fleiss_kappa",),
    ),
    Method(
        "Conger's kappa keeps each reader's own use of the grades",
        "Conger, Psychol Bull 1980;88:322",
        "10.1037/0033-2909.88.2.322",
        ("conger_kappa",),
    ),
    Method(
        "Light's kappa is the mean over pairs of readers",
        "Light, Psychol Bull 1971;76:365",
        "10.1037/h0031643",
        ("light_kappa",),
    ),
    Method(
        "PABAK and the indices of prevalence and bias show what holds kappa down",
        "Byrt, Bishop, Carlin, J Clin Epidemiol 1993;46:423",
        "10.1016/0895-4356(93)90018-V",
        ("pabak",),
    ),
    Method(
        "Paired calls are compared by McNemar's test, exact and by chi-square",
        "McNemar, Psychometrika 1947;12:153",
        "10.1007/BF02295996",
        ("mcnemar_exact", "mcnemar_chi2"),
    ),
    Method(
        "Its mid-p version is less conservative",
        "Fagerland, Lydersen, Laake, BMC Med Res Methodol 2013;13:91",
        "10.1186/1471-2288-13-91",
        ("mcnemar_midp",),
    ),
    Method(
        "Paired differences have Tango's score interval, from which non-inferiority is tested",
        "Tango, Stat Med 1998;17:891",
        "10.1002/(SICI)1097-0258(19980430)17:8<891::AID-SIM780>3.0.CO;2-B",
        ("tango_difference", "noninferiority"),
    ),
    Method(
        "Equal use of the grades is tested by the Stuart-Maxwell chi-square",
        "Stuart, Biometrika 1955;42:412",
        "10.1093/biomet/42.3-4.412",
        ("stuart_maxwell",),
    ),
    Method(
        "Bhapkar's chi-square tests the same",
        "Bhapkar, J Am Stat Assoc 1966;61:228",
        "10.1080/01621459.1966.10502021",
        ("bhapkar",),
    ),
    Method(
        "Bootstrap intervals resample cases, percentile and bias-corrected accelerated",
        "Efron, J Am Stat Assoc 1987;82:171",
        "10.1080/01621459.1987.10478410",
        _BOOTSTRAPPED,
        ("bootstrap-bca", "bootstrap-percentile"),
    ),
)


def methods_used(analysis: Analysis) -> tuple[Method, ...]:
    """Return the methods behind the figures of an analysis, in the order of the report."""
    return tuple(method for method in METHODS if method.used(analysis.statistics))


def handling(analysis: Analysis) -> Iterator[str]:
    """Yield how the table was read and what was done about missing reads, as sentences."""
    reference = analysis.reference or "truth"
    yield f"The reference standard is the column {reference!r} of {analysis.source}."
    yield "A case is positive at a threshold when its grade is that threshold or higher."
    if analysis.reads.levels is not None:
        yield "A case's grade is the highest over its levels if that is >= 1 or all were read."
    yield "Missing reads are left out of each figure that would need them, and counted."
    if analysis.settings.worst_case:
        yield "A second analysis counts each missing read as wrong (worst case)."
    yield "All intervals are two-sided at 95%; nothing is adjusted for multiple testing."
    yield (
        "Figures of single readers do not generalise to other readers: no multi-reader "
        "multi-case variance is part of this analysis."
    )
