"""From a reference number's name to our figure, or to why it is outside the contract."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from benchmarks.reference.tables import Figures
from myeloscope.accuracy import Statistic

Numbers = float | Sequence[float]


class OutsideError(Exception):
    """The number belongs to something this issue does not list; the message says what."""


def number(value: float | None) -> float:
    """Return a figure's number, NaN where it is undefined (which agrees with nothing)."""
    return float("nan") if value is None else float(value)


def interval(row: Statistic) -> list[float]:
    """Return the limits of a row."""
    return [number(row.ci_low), number(row.ci_high)]


_CAC2 = {
    "cohen": "cohen_kappa",
    "scott_pi": "scott_pi",
    "gwet": "gwet_ac",
    "brennan_prediger": "bennett_s",
    "krippendorff": "krippendorff_alpha",
}
_CAC = {
    "gwet": "gwet_ac",
    "fleiss": "fleiss_kappa",
    "conger": "conger_kappa",
    "krippendorff": "krippendorff_alpha",
    "brennan_prediger": "bennett_s",
    "percent": "percent_agreement",
}
_PAIR: Mapping[str, Callable[[Figures], Numbers]] = {
    "n_pairs": lambda f: number(f.one("cohen_kappa", weights="unweighted").n),
    "percent_agreement": lambda f: number(f.one("percent_agreement", weights="unweighted").value),
    "psych_cohen_kappa_CI95": lambda f: interval(f.one("cohen_kappa", weights="unweighted")),
    "psych_weighted_quadratic_kappa": lambda f: number(
        f.one("cohen_kappa", weights="quadratic").value
    ),
    "psych_var_weighted_kappa": lambda f: number(f.one("cohen_kappa", weights="quadratic").se) ** 2,
    "stuart_maxwell_chisq": lambda f: number(f.one("stuart_maxwell").value),
    "bhapkar_chisq": lambda f: number(f.one("bhapkar").value),
    "prevalence_index": lambda f: number(f.one("prevalence_index").value),
    "pabak_est_CI": lambda f: [number(f.one("pabak").value), *interval(f.one("pabak"))],
    "epi_kappa_fleiss": lambda f: _epi_kappa(f.one("cohen_kappa", weights="unweighted")),
    "epi_mcnemar_stat_p": lambda f: _test(f.one("mcnemar_chi2", method="uncorrected")),
    "mcnemar_exact_p": lambda f: number(f.one("mcnemar_exact").p),
    "mcnemar_cc_chisq": lambda f: number(f.one("mcnemar_chi2", method="corrected").value),
    "mcnemar_chisq": lambda f: number(f.one("mcnemar_chi2", method="uncorrected").value),
    "tango_score_CI_diff": lambda f: interval(f.one("tango_difference")),
}


def _test(row: Statistic) -> list[float]:
    return [number(row.test), number(row.p)]


def _epi_kappa(row: Statistic) -> list[float]:
    """Return what epiR prints for Fleiss: its error and interval are those under chance."""
    value, se = number(row.value), number(row.se_null)
    return [value, se, value - 1.959963984540054 * se, value + 1.959963984540054 * se]


def pair_number(statistic: str, figures: Figures) -> Numbers:
    """Return our number for a paired statistic of two raters."""
    if statistic in _PAIR:
        return _PAIR[statistic](figures)
    kappa = re.fullmatch(r"cohen_kappa(_linear|_quadratic)?(_z_H0|_ASE|_CI95)?", statistic)
    if kappa:
        row = figures.one("cohen_kappa", weights=(kappa[1] or "_unweighted")[1:])
        if kappa[2] == "_CI95":
            return interval(row)
        return number({None: row.value, "_z_H0": row.test, "_ASE": row.se}[kappa[2]])
    cac = re.fullmatch(r"cac2_(\w+)_(identity|linear|quadratic|ordinal)(_SE)?", statistic)
    if cac and cac[1] in _CAC2:
        weights = "unweighted" if cac[2] == "identity" else cac[2]
        row = figures.one(_CAC2[cac[1]], weights=weights)
        return number(row.se if cac[3] else row.value)
    raise OutsideError(f"{statistic}: not among the paired figures of the issue")


def group_number(statistic: str, figures: Figures) -> Numbers:
    """Return our number for a statistic of all readers."""
    simple = {
        "fleiss_kappa_complete": ("fleiss_kappa", "unweighted", "complete"),
        "fleiss_kappa_z": ("fleiss_kappa", "unweighted", "complete"),
        "conger_exact_kappa_complete": ("conger_kappa", "unweighted", "complete"),
        "light_kappa_complete": ("light_kappa", "unweighted", "complete"),
        "n_complete": ("light_kappa", "unweighted", "complete"),
        "krippendorff_alpha_nominal": ("krippendorff_alpha", "unweighted", ""),
        "krippendorff_alpha_interval": ("krippendorff_alpha", "quadratic", ""),
        "krippendorff_alpha_ordinal": ("krippendorff_alpha", "ordinal", "krippendorff-metric"),
    }
    if statistic in simple:
        name, weights, method = simple[statistic]
        row = figures.one(name, weights=weights, method=method)
        part = {"n_complete": row.n, "fleiss_kappa_z": row.test}
        return number(part.get(statistic, row.value))
    cac = re.fullmatch(r"cac_(\w+)_(unweighted|linear|quadratic|ordinal)(_SE)?", statistic)
    if cac and cac[1] in _CAC:
        row = figures.one(_CAC[cac[1]], weights=cac[2])
        return number(row.se if cac[3] else row.value)
    raise OutsideError(f"{statistic}: not among the all-reader figures of the issue")


_TANGO = {"diff_sens_tango": "sensitivity", "diff_spec_tango": "specificity"}
_CHI2 = {"mcnemar_sens_stat_p": "sensitivity", "mcnemar_spec_stat_p": "specificity"}
_EXACT = {"exact_sens_p": "sensitivity", "exact_spec_p": "specificity"}


def paired_number(statistic: str, figures: Figures) -> Numbers:
    """Return our number for a paired comparison of accuracy."""
    if statistic in _TANGO:
        row = figures.one("tango_difference", endpoint=_TANGO[statistic])
        return [number(row.value), *interval(row)]
    if statistic in _CHI2:
        return _test(figures.one("mcnemar_chi2", endpoint=_CHI2[statistic], method="uncorrected"))
    if statistic in _EXACT:
        return number(figures.one("mcnemar_exact", endpoint=_EXACT[statistic]).p)
    raise OutsideError(f"{statistic}: not among the paired comparisons of the issue")


def single_number(statistic: str, figures: Figures) -> Numbers:
    """Return our number for the accuracy of one reader (``test1_*`` and epiR's names)."""
    if statistic == "test1_sens_spec":
        names = ("sensitivity", "specificity")
        return [number(figures.one(name, method="wilson").value) for name in names]
    if statistic == "test1_ppv_npv":
        return [number(figures.one(name).value) for name in ("ppv", "npv")]
    exact = {"se": "sensitivity", "sp": "specificity", "diag.ac": "accuracy", "youden": "youden"}
    ratios = {
        "test1_pdlr": "lr_positive",
        "test1_ndlr": "lr_negative",
        "lr.pos": "lr_positive",
        "lr.neg": "lr_negative",
        "diag.or": "diagnostic_odds_ratio",
    }
    if statistic in exact:
        row = figures.one(exact[statistic], method="clopper-pearson")
    elif statistic in ratios:
        row = figures.one(ratios[statistic], method="wald")
    elif statistic in ("pv.pos", "pv.neg"):
        row = figures.one({"pv.pos": "ppv_sample", "pv.neg": "npv_sample"}[statistic],
                          method="clopper-pearson")  # fmt: skip
    else:
        raise OutsideError(f"{statistic}: not among the accuracy figures of the issue")
    return [number(row.value), *interval(row)]


def cluster_number(part: str, row: Statistic, clusters: int) -> Numbers:
    """Return our number for a proportion over levels within patients."""
    if part == "x_n_clusters":
        n = number(row.n)
        return [round(number(row.value) * n), n, clusters]
    if part == "est_clusterSE":
        return [number(row.value), number(row.se)]
    if part == "deff":
        return number(row.deff)
    if part == "ci_logit":
        return interval(row)
    raise OutsideError(f"{part}: another interval than the logit one of the issue")
