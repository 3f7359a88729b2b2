"""Published numbers, typed: each recomputed from its own small table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from benchmarks.reference.mapping import Numbers, OutsideError, interval, number
from benchmarks.reference.tables import Folder, raw, square
from myeloscope.accuracy import (
    Coefficient,
    GroupCoefficient,
    ProportionMethod,
    agreement,
    auc,
    group_agreement,
    krippendorff_metric_alpha,
    proportion_interval,
    ratings,
)

_FLEISS_WIKIPEDIA = (
    (0, 0, 0, 0, 14), (0, 2, 6, 4, 2), (0, 0, 3, 5, 6), (0, 3, 9, 2, 0), (2, 2, 8, 1, 1),
    (7, 7, 0, 0, 0), (3, 2, 6, 3, 0), (2, 5, 3, 2, 2), (6, 5, 2, 1, 0), (0, 2, 2, 3, 7),
)  # fmt: skip
"""How many of 14 raters gave each of 5 grades to each of 10 subjects."""


def cohen_1968(table: NDArray[np.int64]) -> float:
    """Return kappa with Cohen's own disagreements 0, 1, 3; 1, 0, 6; 3, 6, 0."""
    disagreement = np.array([[0.0, 1, 3], [1, 0, 6], [3, 6, 0]])
    return number(agreement(table, Coefficient.COHEN, 1 - disagreement / 6).value)


def votes(counts: object) -> NDArray[np.int64]:
    """Return grades of shape (subjects, raters) from votes per category."""
    table = np.asarray(counts, dtype=np.int64)
    return np.array([np.repeat(np.arange(table.shape[1]), row) for row in table])


def _fixed_and_free(counts: object) -> list[float]:
    grades = votes(counts)
    data = ratings(grades, np.asarray(counts).shape[1])
    kinds = (GroupCoefficient.FLEISS, GroupCoefficient.BENNETT)
    return [number(group_agreement(data, kind).value) for kind in kinds]


def _all(table: NDArray[np.int64]) -> list[float]:
    kinds = (Coefficient.PERCENT, Coefficient.COHEN, Coefficient.GWET, Coefficient.KRIPPENDORFF)
    return [number(agreement(table, kind).value) for kind in kinds]


def _sas_10(folder: Folder, weights: str) -> list[float]:
    row = agreement(square(folder.path / "lit_statsmodels_sas10.csv"), Coefficient.COHEN, weights)
    return [
        number(row.value),
        number(row.se),
        *interval(row),
        number(row.se_null),
        number(row.test),
    ]


def _raw4(folder: Folder) -> list[float]:
    data = ratings(*raw(folder.path / "irrCAC_cac.raw4raters.csv"))
    kinds = ("gwet_ac", "fleiss_kappa", "conger_kappa", "krippendorff_alpha", "bennett_s")
    return [number(group_agreement(data, kind).value) for kind in (*kinds, "percent_agreement")]


def _kripp12(folder: Folder, weights: str) -> float:
    data = ratings(*raw(folder.path / "krippendorff_12units_4observers.csv"))
    if weights == "metric":
        return number(krippendorff_metric_alpha(data).value)
    return number(group_agreement(data, "krippendorff_alpha", weights).value)


def _fleiss_1971(folder: Folder) -> float:
    data = ratings(*raw(folder.path / "irr_diagnoses.csv"))
    return number(group_agreement(data, "fleiss_kappa").value)


def _s100b(folder: Folder) -> list[float]:
    outcome, scores = folder.text("pROC_aSAH.csv", ("outcome", "s100b"))
    row = auc([float(x) for x in scores], [int(x != "Good") for x in outcome])
    return [number(row.value), *interval(row)]


def _paper(folder: Folder, one: str, two: str) -> float:
    return number(agreement(folder.paper_table(f"{one}_{two}")).value)


def _wald(x: int, n: int) -> float:
    return proportion_interval(x, n, ProportionMethod.WALD).low


def _outside(reason: str) -> Callable[[Folder], Numbers]:
    def refuse(folder: Folder) -> Numbers:
        raise OutsideError(reason)

    return refuse


_COHEN = "kappa, weighted kappa (disagreement 0,1,3;1,0,6;3,6,0)"
_ANSWERS: Mapping[str, Callable[[Folder], Numbers]] = {
    "kappa_R1_RIC": lambda f: _paper(f, "R1", "RIC"),
    "kappa_R2_RIC": lambda f: _paper(f, "R2", "RIC"),
    "kappa_R1_R2_30": lambda f: _paper(f, "R1", "R2_30"),
    "se_r1": lambda f: 13 / 15,
    "se_r2": lambda f: 12 / 15,
    "sp_r1": lambda f: 13 / 15,
    "sp_r2": lambda f: 14 / 15,
    "acc_r1": lambda f: 26 / 30,
    "acc_r2": lambda f: 26 / 30,
    "se_ric": lambda f: 14 / 15,
    "wald_se_r1_lo": lambda f: _wald(13, 15),
    "wald_se_r2_lo": lambda f: _wald(12, 15),
    "wald_sp_r2_lo": lambda f: _wald(14, 15),
    "wald_acc_lo": lambda f: _wald(26, 30),
    "wald_acc_hi_printed": _outside("wald_acc_hi_printed: a slip of the paper (Wald gives 0.988)"),
    "alpha_nominal": lambda f: _kripp12(f, "unweighted"),
    "alpha_ordinal": lambda f: _kripp12(f, "metric"),
    "alpha_interval": lambda f: _kripp12(f, "quadratic"),
    "alpha_ratio": _outside("alpha_ratio: grades are no ratio scale"),
    "alpha_nominal_2x10": lambda f: number(
        agreement([[5, 3], [1, 1]], Coefficient.KRIPPENDORFF).value
    ),
    "fleiss_kappa_diagnoses": _fleiss_1971,
    "kappa_10x5": lambda f: _fixed_and_free(_FLEISS_WIKIPEDIA)[0],
    "[[7,1],[3,5]] fixed,free": lambda f: _fixed_and_free([[7, 1], [3, 5]]),
    "[[6,1,0],[0,7,0]] fixed,free": lambda f: _fixed_and_free([[6, 1, 0], [0, 7, 0]]),
    "kappa ase lo hi ase0 z": lambda f: _sas_10(f, "unweighted"),
    "linear weighted kappa ase lo hi ase0 z": lambda f: _sas_10(f, "linear"),
    _COHEN: lambda f: [
        number(agreement(square(f.path / "cohen1968_table.csv")).value),
        cohen_1968(square(f.path / "cohen1968_table.csv")),
    ],
    "AC1 fleiss conger kripp bp pa": _raw4,
    "kappa PABAK PI BI ppos": _outside("ppos: positive agreement is not in the issue"),
    "auc, HM se": _outside("HM se: Hanley and McNeil's exponential error is not in the issue"),
    "s100b auc lo hi": _s100b,
}


def answer(name: str, statistic: str, folder: Folder) -> Numbers:
    """Return our number for a published one."""
    if statistic == "po kappa AC1 alpha":
        file = "lit_gwet2014_3x3.csv" if name == "lit_gwet2014" else "lit_gwet2008_paradox.csv"
        return _all(square(folder.path / file))
    if statistic.startswith(("wilson_", "clopper_pearson_")):
        method, _, counts = statistic.rpartition("_")
        x, n = (int(part) for part in counts.split("/"))
        made = proportion_interval(x, n, method.replace("_", "-"))
        return [made.low, made.high]
    if statistic not in _ANSWERS:
        raise OutsideError(f"{statistic}: unknown number")
    return _ANSWERS[statistic](folder)
