from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from myeloscope.accuracy import Reads, Resampling, Source, Statistic, StudySettings, analyse
from myeloscope.accuracy.reads import Grid, case_grid

PAPER = Path(__file__).parents[1] / "data" / "reference" / "paper_patient_levels.csv"
IDENTITY = (
    *("statistic", "endpoint", "modality", "modality_2", "reader", "reader_2", "level"),
    *("weights", "threshold", "method", "effects", "term"),
)
NAMES = """
sensitivity specificity accuracy lr_positive lr_negative diagnostic_odds_ratio youden ppv npv auc
auc_difference percent_agreement cohen_kappa scott_pi gwet_ac bennett_s krippendorff_alpha
fleiss_kappa conger_kappa light_kappa pabak prevalence_index bias_index mcnemar_exact mcnemar_midp
mcnemar_chi2 tango_difference stuart_maxwell bhapkar noninferiority identical_level_set
"""
METHODS = """
wald wald-clipped wilson clopper-pearson agresti-coull jeffreys cluster delong obuchowski-cluster
complete krippendorff-metric corrected uncorrected bootstrap-percentile bootstrap-bca
"""
ALL = StudySettings(prevalence=0.2, margin=0.05, resampling=Resampling(60, 1), worst_case=True)


def _cases(grades: list[list[int]], truth: list[int]) -> Reads:
    grade = np.array(grades, dtype=np.int8)
    sources = tuple(Source("MRM", str(i + 1)) for i in range(grade.shape[1]))
    names = tuple(f"c{i}" for i in range(len(truth)))
    grid = Grid(
        np.array(truth, dtype=np.int8), grade, np.ones(grade.shape, bool), np.arange(len(truth))
    )
    return Reads(names, sources, grid)


def _levels(n: int, seed: int, missing: float = 0.1) -> Reads:
    generator = np.random.default_rng(seed)
    truth = (generator.random(n) < 0.5).astype(np.int8)
    level_truth = (truth[:, None] * (generator.random((n, 3)) < 0.6)).ravel().astype(np.int8)
    noise = generator.choice([-1, 0, 1], size=(3 * n, 3), p=[0.2, 0.6, 0.2])
    grade = np.clip(2 * level_truth[:, None] + noise, 0, 3)
    grade = np.where(generator.random(grade.shape) < missing, -1, grade).astype(np.int8)
    case = np.repeat(np.arange(n), 3)
    levels = Grid(level_truth, grade, np.ones(grade.shape, bool), case)
    sources = (Source("MRM", "1"), Source("MRM", "2"), Source("RIC", "panel"))
    return Reads(tuple(map(str, range(n))), sources, case_grid(levels, truth), levels)


def _one(rows: tuple[Statistic, ...], **identity: object) -> Statistic:
    found = [r for r in rows if all(getattr(r, name) == v for name, v in identity.items())]
    assert len(found) == 1, (len(found), identity)
    return found[0]


@pytest.fixture(scope="module")
def rows() -> tuple[Statistic, ...]:
    return analyse(_levels(40, 3), ALL)


def test_every_row_has_its_own_identity(rows: tuple[Statistic, ...]) -> None:
    keys = [tuple(getattr(row, name) for name in IDENTITY) for row in rows]
    assert len(set(keys)) == len(keys)


def test_every_name_of_the_issue_is_there(rows: tuple[Statistic, ...]) -> None:
    assert {row.statistic for row in rows} == set(NAMES.split())
    assert {row.method for row in rows} == {"", *METHODS.split()}
    assert {row.term for row in rows} == {"", "cluster", "worst-case"}
    assert {row.level for row in rows} == {"", "C", "T", "L"}


def test_predictive_values_only_where_asked() -> None:
    made = analyse(_levels(10, 1))
    assert not {"ppv", "npv"} & {row.statistic for row in made}
    assert {row.term for row in made} == {""}
    assert not any(row.method.startswith("bootstrap") for row in made)


def _is_sound(row: Statistic) -> bool:
    numbers = [getattr(row, name) for name in ("value", "se", "ci_low", "ci_high", "test", "p")]
    finite = all(number is None or math.isfinite(number) for number in numbers)
    return finite and (row.value is None) == row.note.startswith("undefined: ")


TRAPS = {
    "one grade only": _cases([[0, 0], [0, 0], [0, 0], [0, 0]], [1, 1, 0, 0]),
    "one class absent": _cases([[0, 1], [2, 2], [3, 1]], [1, 1, 1]),
    "areas of one": _cases([[0, 0], [0, 0], [2, 3], [3, 2]], [0, 0, 1, 1]),
    "one reader": _cases([[0], [1], [2], [3]], [0, 0, 1, 1]),
    "perfect agreement": _cases([[0, 0], [1, 1], [2, 2], [3, 3]], [0, 0, 1, 1]),
    "nothing read": _cases([[-1, -1], [-1, -1]], [0, 1]),
    "no case read by both": _cases([[0, -1], [-1, 2], [1, -1], [-1, 0]], [0, 1, 1, 0]),
    "one case": _cases([[1, 0]], [1]),
    "unknown truth": _cases([[1, 0], [0, 0], [3, 1]], [-1, -1, -1]),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_traps_give_reasons_not_nans(trap: str) -> None:
    made = analyse(TRAPS[trap], ALL)
    assert [row for row in made if not _is_sound(row)] == []


def test_levels_are_sound_too(rows: tuple[Statistic, ...]) -> None:
    assert [row for row in rows if not _is_sound(row)] == []
    unread = analyse(_levels(6, 2, missing=1.0), ALL)
    assert [row for row in unread if not _is_sound(row)] == []
    assert all(row.value is None for row in unread if not row.term)


def test_reasons_are_those_a_reader_needs() -> None:
    made = analyse(TRAPS["one grade only"])
    kappa = _one(made, statistic="cohen_kappa", weights="linear", threshold=None)
    assert kappa.undefined == "both used one grade only"
    made = analyse(TRAPS["one reader"])
    fleiss = _one(made, statistic="fleiss_kappa", weights="linear", threshold=None, method="")
    assert fleiss.undefined == "one reader only"
    made = analyse(TRAPS["areas of one"])
    area = _one(made, statistic="auc", reader="1")
    assert (area.value, area.ci_low) == (1.0, None)
    assert "undefined: AUC is 1" in area.note


def test_an_unread_level_is_missing_not_grade_0() -> None:
    levels = np.array([0, -1, 0, 0, 0, 0], dtype=np.int8)[:, None]
    grid = Grid(np.zeros(6, np.int8), levels, np.ones((6, 1), bool), np.repeat([0, 1], 3))
    cases = case_grid(grid, np.zeros(2, np.int8))
    made = analyse(Reads(("a", "b"), (Source("MRM", "1"),), cases, grid))
    row = _one(made, statistic="specificity", method="wilson", threshold=1)
    assert row.n == 1
    level = _one(made, statistic="specificity", method="cluster", threshold=1, level="T")
    assert level.n == 1
    pooled = _one(made, statistic="specificity", method="cluster", threshold=1, level="")
    assert pooled.n == 5


def test_worst_case_counts_the_missing_as_wrong() -> None:
    reads = _cases([[2], [2], [-1], [0], [-1]], [1, 1, 1, 0, 0])
    made = analyse(reads, StudySettings(worst_case=True))
    wanted = {"statistic": "sensitivity", "method": "wilson", "threshold": 2}
    assert _one(made, term="", **wanted).value == 1
    assert _one(made, term="worst-case", **wanted).value == pytest.approx(2 / 3)
    worst = _one(made, term="worst-case", statistic="auc")
    # positives 2 2 0, negatives 0 3: by pairs (1 + 1 + 1/2) of 6
    assert worst.value == pytest.approx(2.5 / 6)


def test_direction_of_differences(rows: tuple[Statistic, ...]) -> None:
    sens = {
        (row.modality, row.reader): row.value
        for row in analyse(_levels(40, 3, missing=0.0))
        if (row.statistic, row.threshold, row.method) == ("sensitivity", 1, "wilson")
    }
    made = analyse(_levels(40, 3, missing=0.0))
    wanted = {
        "statistic": "tango_difference",
        "endpoint": "sensitivity",
        "threshold": 1,
        "level": "",
    }
    within = _one(made, reader="1", reader_2="2", **wanted)
    assert within.value == pytest.approx(sens["MRM", "2"] - sens["MRM", "1"])  # type: ignore[operator]
    assert within.note == "reader_2 minus reader"
    across = _one(made, reader="1", reader_2="panel", **wanted)
    assert across.modality_2 == "RIC"
    assert across.value == pytest.approx(sens["MRM", "1"] - sens["RIC", "panel"])  # type: ignore[operator]
    assert across.note == "modality minus modality_2"
    margin = _one(
        rows, **{**wanted, "statistic": "noninferiority"}, reader="1", reader_2="panel", term=""
    )
    assert "margin 0.05" in margin.note


def test_bootstrap_is_reproducible_and_seeded() -> None:
    reads = _levels(20, 5)
    one, two, other = (
        analyse(reads, StudySettings(resampling=Resampling(50, seed))) for seed in (1, 1, 2)
    )
    assert one == two
    assert one != other


def test_very_fine_scores_are_not_resampled() -> None:
    n = 1100
    scores = np.random.default_rng(1).normal(size=(n, 2))
    grid = Grid(
        np.tile([0, 1], n // 2).astype(np.int8),
        np.ones((n, 2), np.int8),
        np.ones((n, 2), bool),
        np.arange(n),
        scores,
    )
    reads = Reads(tuple(map(str, range(n))), (Source("M", "1"), Source("M", "2")), grid)
    rows = analyse(reads, StudySettings(resampling=Resampling(40)))
    for name in ("auc", "auc_difference"):
        made = [r for r in rows if r.statistic == name and r.method.startswith("bootstrap")]
        reasons = {row.undefined for row in made}
        assert reasons == {"areas of more than 1000 distinct scores are not resampled"}


def test_paper_through_the_whole_analysis() -> None:
    # STATISTICS part 1: levels of Table 1, calls as grade 1, all 15 with the condition
    with PAPER.open(newline="") as file:
        rows_in = sorted(
            csv.DictReader(file), key=lambda row: (int(row["patient"]), "CTL".index(row["level"]))
        )
    patients = np.array([int(row["patient"]) for row in rows_in]) - 1
    grade = np.array([[row["r1"], row["r2"], row["ric"]] for row in rows_in]).astype(np.int8)
    levels = Grid(np.full(45, -1, np.int8), grade, np.ones((45, 3), bool), patients)
    sources = (Source("MRM", "1"), Source("MRM", "2"), Source("RIC", "panel"))
    names = tuple(map(str, range(15)))
    rows = analyse(Reads(names, sources, case_grid(levels, np.ones(15, np.int8)), levels))
    first = {"reader": "1", "reader_2": "2"}
    across = {"reader": "1", "modality_2": "RIC"}
    plain = {"statistic": "cohen_kappa", "weights": "unweighted", "threshold": 1}
    kappa = _one(rows, **plain, **across, method="", level="")
    assert kappa.value == pytest.approx(26 / 41)
    pooled = _one(rows, **plain, **first, method="cluster", level="")
    assert (pooled.value, pooled.se) == pytest.approx((0.716, 0.130), abs=5e-4)
    pooled = _one(rows, **plain, **across, method="cluster", level="")
    assert (pooled.value, pooled.se) == pytest.approx((0.538, 0.078), abs=5e-4)
    same = {"statistic": "identical_level_set"}
    assert _one(rows, **same, **first).value == pytest.approx(11 / 15)
    assert _one(rows, **same, **across).value == pytest.approx(5 / 15)
    tango = {
        "statistic": "tango_difference",
        "endpoint": "sensitivity",
        "threshold": 1,
        "level": "",
    }
    row = _one(rows, **tango, **across)
    assert (row.value, row.ci_low, row.ci_high) == pytest.approx((-0.067, -0.298, 0.151), abs=5e-4)
