"""Each reference number held against ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypedDict

import numpy as np

from benchmarks.reference import literature
from benchmarks.reference.mapping import (
    Numbers,
    OutsideError,
    cluster_number,
    group_number,
    interval,
    number,
    pair_number,
    paired_number,
    single_number,
)
from benchmarks.reference.tables import Figures, Folder, pair_figures, raw, square
from myeloscope.accuracy import (
    Counts,
    GroupCoefficient,
    ProportionMethod,
    Ratings,
    Statistic,
    Weights,
    auc,
    auc_difference,
    binary_accuracy,
    cluster_agreement,
    cluster_proportion,
    complete_kappas,
    delong_covariance,
    group_agreement,
    krippendorff_metric_alpha,
    mcnemar,
    pair_table,
    predictive_values,
    proportion,
    proportion_interval,
    ratings,
    roc_components,
    tango_difference,
)
from myeloscope.exchange.reads import read_table


class Check(TypedDict):
    """One reference number, as ``expected.json`` has it."""

    id: str
    data: str | None
    statistic: str
    source: str
    value: float | list[float]
    tol: float


RAW = {
    "anxiety": "irr_anxiety.csv",
    "video": "irr_video.csv",
    "diagnoses": "irr_diagnoses.csv",
    "vision": "irr_vision.csv",
    "raw4raters": "irrCAC_cac.raw4raters.csv",
    "raw5obser": "irrCAC_cac.raw5obser.csv",
    "kripp12": "krippendorff_12units_4observers.csv",
}
LATER = ("VanDyke", "Franken", "Kundel", "sample_size", "power_roc", "iMRMC", "lit_VanDyke_Iowa")
_BINOMIAL = {
    "ci_agresti-coull": ProportionMethod.AGRESTI_COULL,
    "ci_asymptotic": ProportionMethod.WALD,
    "ci_exact": ProportionMethod.CLOPPER_PEARSON,
    "ci_wilson": ProportionMethod.WILSON,
}


FAULTS = {
    ("D2_r1_vs_r2", "diff_sens_tango"): "DTComPair turns the interval round only where the "
    "difference lies outside it: here it belongs to the opposite difference",
    ("D3_r1_vs_r2", "exact_sens_p"): "DTComPair doubles a tail beyond 1: p is 1, not 1.375",
}
"""Reference numbers that are wrong and not yet listed as disputed."""


def ours(check: Check, folder: Folder) -> Numbers:
    """Return our number for a check, or raise ``OutsideError``."""
    name, statistic = check["id"], check["statistic"]
    if (name, statistic) in FAULTS:
        raise OutsideError(f"{name} {statistic}: reference at fault, {FAULTS[name, statistic]}")
    if name.startswith((*LATER, "lit_RJafroc")) or statistic.startswith(("imrmc_", "or_")):
        raise OutsideError("multi-reader variance and sample size: a later issue")
    for pattern, answer in _ANSWERS.items():
        if found := re.fullmatch(pattern, name):
            return answer(found, check, folder)
    raise OutsideError(f"{name}: unknown data set")


def agrees(check: Check, got: Numbers) -> bool:
    """Return whether our number is within the tolerance, element by element."""
    wanted = np.atleast_1d(np.asarray(check["value"], dtype=float))
    found = np.atleast_1d(np.asarray(got, dtype=float))
    tolerance = np.maximum(check["tol"], check["tol"] * np.abs(wanted)) + 1e-15
    return wanted.shape == found.shape and bool((np.abs(found - wanted) <= tolerance).all())


_Found = re.Match[str]


def _two_columns(found: _Found, check: Check, folder: Folder) -> Numbers:
    grades, q = raw(folder.path / RAW[found[1]], (int(found[2]) - 1, int(found[3]) - 1))
    table = pair_table(grades[:, 0], grades[:, 1], q)
    if re.fullmatch(r"cohen_kappa_(linear|quadratic)(_z_H0)?", check["statistic"]):
        # irr::kappa2 weights over the grades that were used; where one was not, so do we here.
        used = (table.sum(axis=0) + table.sum(axis=1)) > 0
        table = table[np.ix_(used, used)]
        return pair_number(check["statistic"], pair_figures(table))
    return pair_number(check["statistic"], folder.once(found[0], lambda: pair_figures(table)))


def _vision(found: _Found, check: Check, folder: Folder) -> Numbers:
    grades, q = raw(folder.path / RAW["vision"])
    table = pair_table(grades[:, 0], grades[:, 1], q)
    return pair_number(check["statistic"], folder.once(found[0], lambda: pair_figures(table)))


def _square(found: _Found, check: Check, folder: Folder) -> Numbers:
    table = square(folder.path / str(check["data"]).split(" ")[0])
    if check["statistic"] == "weighted_kappa_disagreement_0_1_3_6":
        return literature.cohen_1968(table)
    return pair_number(check["statistic"], folder.once(found[0], lambda: pair_figures(table)))


def _paper_pair(found: _Found, check: Check, folder: Folder) -> Numbers:
    table = folder.paper_table(found[1])
    return pair_number(check["statistic"], folder.once(found[0], lambda: pair_figures(table)))


def _raw_group(found: _Found, check: Check, folder: Folder) -> Numbers:
    data = ratings(*raw(folder.path / RAW[found[0]]))
    figures = folder.once(f"{found[0]} all", lambda: _group_figures(data))
    return group_number(check["statistic"], figures)


def _group_figures(data: Ratings) -> Figures:
    rows = [group_agreement(data, kind, w) for kind in GroupCoefficient for w in Weights]
    return Figures((*rows, krippendorff_metric_alpha(data), *complete_kappas(data)))


def _study_pair(found: _Found, check: Check, folder: Folder) -> Numbers:
    rows = folder.study(f"rand_{found[1]}_cases.csv").where(
        modality="A", modality_2="", reader=found[3], reader_2=found[4], level="",
        threshold=1 if found[2] else None,
    )  # fmt: skip
    return pair_number(check["statistic"], rows)


def _study_group(found: _Found, check: Check, folder: Folder) -> Numbers:
    if "_levels" in str(check["data"]):
        return _study_levels(found, check, folder)
    rows = folder.study(f"rand_{found[1]}_cases.csv").where(
        modality="A", modality_2="", reader="", reader_2="", level="",
        threshold=1 if found[2] else None,
    )  # fmt: skip
    return group_number(check["statistic"], rows)


def _study_reader(found: _Found, check: Check, folder: Folder) -> Numbers:
    rows = folder.study(f"rand_{found[1]}_cases.csv").where(
        modality="A", modality_2="", reader=found[2], reader_2=""
    )
    statistic = check["statistic"]
    if statistic.startswith("auc"):
        return _area(statistic, rows.one("auc", method="delong"))
    at_one = rows.where(threshold=1)
    if statistic == "sens_wilson":
        return interval(at_one.one("sensitivity", method="wilson"))
    if statistic == "spec_exact":
        return interval(at_one.one("specificity", method="clopper-pearson"))
    sens, spec = (at_one.one(x, method="wald") for x in ("sensitivity", "specificity"))
    tp, tn = (round(number(row.value) * number(row.n)) for row in (sens, spec))
    return [tp, number(sens.n) - tp, number(spec.n) - tn, tn]


def _area(statistic: str, row: Statistic) -> Numbers:
    if statistic == "auc_var_obuchowski":
        raise OutsideError("auc_var_obuchowski: pROC's binormal variance")
    if statistic == "auc_ci95_delong":
        return interval(row)
    return number(row.value) if statistic == "auc" else number(row.se) ** 2


def _study_paired(found: _Found, check: Check, folder: Folder) -> Numbers:
    rows = folder.study(f"rand_{found[1]}_cases.csv").where(
        modality="A", modality_2="", reader=found[2], reader_2=found[3]
    )
    statistic = check["statistic"]
    if "correct per level" in str(check["data"]):
        raise OutsideError("clustered_*: not in the issue")
    if statistic.startswith("delong_paired"):
        row = rows.one("auc_difference", endpoint="auc", method="delong")
        return number(row.test if statistic.endswith("Z") else row.p)
    if statistic == "delong_cov" or statistic.startswith("test1"):
        return _two_readers(found, statistic, folder)
    return paired_number(statistic, rows.where(threshold=1))


def _two_readers(found: _Found, statistic: str, folder: Folder) -> Numbers:
    """Return what rests on the cases that both readers read, which analyze does not print."""
    reads = read_table(folder.path / f"rand_{found[1]}_cases.csv")
    grade = reads.cases.grade[:, [int(found[2]) - 1, int(found[3]) - 1]]
    both = (grade >= 0).all(axis=1)
    grade, truth = grade[both], reads.cases.truth[both]
    if statistic == "delong_cov":
        parts = roc_components(grade[truth == 1].T, grade[truth == 0].T)
        return float(delong_covariance(parts)[0, 1])
    call = grade[:, 0] >= 1
    return single_number(statistic, _sample(_counts(call, truth == 1)))


def _counts(call: object, truth: object) -> Counts:
    yes, sick = np.asarray(call, dtype=bool), np.asarray(truth, dtype=bool)
    cells = (yes & sick, ~yes & sick, yes & ~sick, ~yes & ~sick)
    tp, fn, fp, tn = (int(cell.sum()) for cell in cells)
    return Counts(tp, fn, fp, tn)


def _sample(counts: Counts) -> Figures:
    """Return accuracy with predictive values at the sample's own prevalence."""
    prevalence = counts.positives / (counts.positives + counts.negatives)
    return Figures(
        (
            *binary_accuracy(counts),
            *predictive_values(counts, prevalence),
            *proportion("ppv_sample", counts.tp, counts.tp + counts.fp),
            *proportion("npv_sample", counts.tn, counts.tn + counts.fn),
        )
    )


def _binomial(found: _Found, check: Check, folder: Folder) -> Numbers:
    if check["statistic"] not in _BINOMIAL:
        raise OutsideError(f"{check['statistic']}: another interval than the six of the issue")
    made = proportion_interval(int(found[1]), int(found[2]), _BINOMIAL[check["statistic"]])
    return [made.low, made.high]


def _two_by_two(found: _Found, check: Check, folder: Folder) -> Numbers:
    counts = re.fullmatch(r"TP(\d+) FP(\d+) FN(\d+) TN(\d+)", str(check["data"]))
    assert counts
    tp, fp, fn, tn = (int(x) for x in counts.groups())
    return single_number(check["statistic"], _sample(Counts(tp, fn, fp, tn)))


def _asah(found: _Found, check: Check, folder: Folder) -> Numbers:
    (outcome,) = folder.text("pROC_aSAH.csv", ("outcome",))
    truth = np.array([int(name != "Good") for name in outcome])
    scores = folder.columns("pROC_aSAH.csv", [name for name in found.groups() if name])
    if len(scores) == 1:
        return _area(check["statistic"], auc(scores[0], truth))
    if check["statistic"] == "delong_cov":
        both = np.stack(scores)
        parts = roc_components(both[:, truth == 1], both[:, truth == 0])
        return float(delong_covariance(parts)[0, 1])
    row = auc_difference(scores[0], scores[1], truth)
    return number(row.test if check["statistic"].endswith("Z") else row.p)


def _hanley(found: _Found, check: Check, folder: Folder) -> Numbers:
    truth, rating = folder.columns("hanley_mcneil_1982.csv", ("truth", "rating"))
    return _area(check["statistic"], auc(rating, truth))


def _paired1(found: _Found, check: Check, folder: Folder) -> Numbers:
    d, one, two = (x == 1 for x in folder.columns("DTComPair_Paired1.csv", ("d", "y1", "y2")))
    if check["statistic"].startswith("test1"):
        return single_number(check["statistic"], _sample(_counts(one, d)))
    rows: list[Statistic] = []
    for endpoint, among, right in (
        ("sensitivity", d, (one, two)),
        ("specificity", ~d, (~one, ~two)),
    ):
        first, second = (x[among] for x in right)
        b, c, n = int((first & ~second).sum()), int((~first & second).sum()), len(first)
        tests = (*mcnemar(b, c, n), tango_difference(c, b, n))
        rows.extend(row.about(endpoint=endpoint) for row in tests)
    return paired_number(check["statistic"], Figures(tuple(rows)))


def _thyroids(found: _Found, check: Check, folder: Folder) -> Numbers:
    statistic = check["statistic"]
    if statistic.startswith("clustered_"):
        raise OutsideError("clustered_*: not in the issue")
    test, _, part = statistic.partition("_")
    patient, hits = folder.columns("clust_thyroids_long.csv", ("patient", test))
    row = cluster_proportion("sensitivity", hits == 1, patient)
    return cluster_number(part, row, len(np.unique(patient)))


def _study_levels(found: _Found, check: Check, folder: Folder) -> Numbers:
    rows = folder.study(f"rand_{found[1]}_levels.csv").where(modality="A", modality_2="", level="")
    statistic = check["statistic"]
    kappa = re.fullmatch(r"level_(pos|grade)_kappa_r(\d)r(\d)", statistic)
    if kappa:
        pair = rows.where(reader=kappa[2], reader_2=kappa[3])
        at = pair.where(threshold=1 if kappa[1] == "pos" else None)
        row = at.one("cohen_kappa", weights="unweighted", method="cluster")
        return [number(row.value), number(row.se)]
    part = re.fullmatch(r"r(\d)_level_(sens|spec)_(\w+)", statistic)
    if not part:
        raise OutsideError(f"{_short(statistic)}: not in the issue")
    name = "sensitivity" if part[2] == "sens" else "specificity"
    row = rows.where(reader=part[1], threshold=1).one(name, method="cluster")
    return cluster_number(part[3], row, round(number(row.df)) + 1)


def _short(statistic: str) -> str:
    """Return the family of a name."""
    return "clustered_*" if statistic.startswith("clustered") else re.sub(".*Rao", "Rao", statistic)


def _paper_levels(found: _Found, check: Check, folder: Folder) -> Numbers:
    statistic, calls = check["statistic"], folder.paper_calls
    patients = np.repeat(np.arange(15), 3)
    kappa = re.fullmatch(r"kappa_(R1|R2)_(R2|RIC)", statistic)
    if kappa:
        one, two = (calls[name].ravel() for name in kappa.groups())
        row = cluster_agreement(one, two, patients, 2)
        return [number(row.value), number(row.se)]
    part = re.fullmatch(r"r(\d)_(sens|spec)_vs_ric_(\w+)", statistic)
    if not part:
        raise OutsideError(f"{_short(statistic)}: not in the issue")
    truth, call = calls["RIC"].ravel() == 1, calls[f"R{part[1]}"].ravel() == 1
    among = truth if part[2] == "sens" else ~truth
    row = cluster_proportion("x", (call == truth)[among], patients[among])
    return cluster_number(part[3], row, len(np.unique(patients[among])))


def _clustered(found: _Found, check: Check, folder: Folder) -> Numbers:
    raise OutsideError("clustered_*: not in the issue")


_TABLES = (
    "cont3x3abstractors|cont4x4diagnosis|cohen1968|sas_skin|gwet2008_paradox|gwet2014_3x3|"
    "warrens_W1|warrens_W2|sas242_paradox|statsmodels_sas10|SexualFun|MSPatients_\\w+"
)
_ANSWERS: Mapping[str, Callable[[_Found, Check, Folder], Numbers]] = {
    r"(anxiety|diagnoses)_r(\d)r(\d)": _two_columns,
    "vision": _vision,
    _TABLES: _square,
    r"paper_(?:level_)?((?:[CTL]_)?R1_R(?:2|IC)(?:_15|_30)?|(?:[CTL]_)?R2_RIC)": _paper_pair,
    "anxiety|video|diagnoses|raw4raters|raw5obser|kripp12": _raw_group,
    r"(D\d)(_pos)?_r(\d)r(\d)": _study_pair,
    r"(D\d)(_pos)?": _study_group,
    r"(D\d)_A_reader(\d)": _study_reader,
    r"(D\d)_r(\d)_vs_r(\d)": _study_paired,
    r"binom_(\d+)_(\d+)": _binomial,
    r"paper_R\d_2x2": _two_by_two,
    r"aSAH_([a-z0-9]+)(?:_vs_([a-z0-9]+))?": _asah,
    "hanley_mcneil": _hanley,
    "Paired1": _paired1,
    "thyroids": _thyroids,
    "paper_levels": _paper_levels,
    "psychiatry|obfuscation|lit_thyroids|lit_psychiatry": _clustered,
    r"lit_(\w+)": lambda found, check, folder: literature.answer(
        check["id"], check["statistic"], folder
    ),
}
