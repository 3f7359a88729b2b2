"""The analysis report: its tables against STATISTICS.md's numbers of the paper, page and files."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import cohen_kappa_score

from myeloscope.accuracy.agreement import agreement, pair_table
from myeloscope.accuracy.bootstrap import Resampling
from myeloscope.accuracy.reads import LEVELS, Grid, Reads, Source, case_grid
from myeloscope.accuracy.replay_data import PaperData
from myeloscope.accuracy.study import Analysis, StudySettings, analyse
from myeloscope.domain.paper import PaperReader
from myeloscope.report.statistics_cells import NONE, Table, figure_text, number, p_text
from myeloscope.report.statistics_lookup import Lookup, lookup, read_grid
from myeloscope.report.statistics_matrix import kappa_matrix, matrix_plots
from myeloscope.report.statistics_methods import METHODS, handling, methods_used
from myeloscope.report.statistics_page import analysis_files
from myeloscope.report.statistics_plots import (
    accuracy_plots,
    analysis_plots,
    calls_plots,
    kappa_plots,
    roc_plots,
    roc_points,
)
from myeloscope.report.statistics_tables import reader_tables, undefined_table
from myeloscope.report.statistics_tables_pairs import grades_table, pair_tables

SETTINGS = StudySettings(prevalence=0.3, resampling=Resampling(60, 1), worst_case=True)


def _paper(levels: bool = True) -> Reads:
    """Return the paper's calls as grades 0 and 1; controls' calls are put at the T level."""
    data = PaperData()
    columns = []
    for reader in PaperReader:
        patients = data.levels(reader)
        controls = np.full((data.controls.n, 3), -1)
        if reader is not PaperReader.RIC:
            controls = np.outer(data.control_calls(reader), [0, 1, 0])
        columns.append(np.concatenate([patients, controls]).ravel())
    grade = np.stack(columns, axis=1).astype(np.int8)
    n = len(data.patients) + data.controls.n
    truth = np.repeat([1, 0], [len(data.patients), data.controls.n]).astype(np.int8)
    level_truth = np.concatenate([data.levels(PaperReader.RIC), np.zeros((15, 3))]).ravel()
    grid = Grid(
        level_truth.astype(np.int8), grade, grade >= 0, np.repeat(np.arange(n), len(LEVELS))
    )
    sources = (Source("MRM", "1"), Source("MRM", "2"), Source("RIC", "RIC"))
    names = tuple(f"case {i + 1}" for i in range(n))
    return Reads(names, sources, case_grid(grid, truth), grid if levels else None)


def _analysis(reads: Reads, settings: StudySettings = SETTINGS) -> Analysis:
    return Analysis("paper.csv", "", reads, settings, analyse(reads, settings))


@pytest.fixture(scope="module")
def found() -> Lookup:
    return lookup(_analysis(_paper()))


@pytest.fixture(scope="module")
def tables(found: Lookup) -> dict[str, Table]:
    made = (*reader_tables(found), *pair_tables(found), undefined_table(found))
    return {table.title: table for table in made}


def _row(table: Table, *first: str) -> dict[str, str]:
    (row,) = [r for r in table.rows if r[: len(first)] == first]
    return dict(zip(table.head, row, strict=True))


def test_every_row_has_a_cell_for_each_column(tables: dict[str, Table]) -> None:
    assert len(tables) == 15
    for table in tables.values():
        assert {len(row) for row in table.rows} == {len(table.head)}, table.title


@pytest.mark.parametrize(
    ("title", "first", "column", "cell"),
    [  # STATISTICS.md part 1 (statsmodels = R binom; irr; vcd), rounded to two places
        ("Accuracy of cases", ("reader 1 (MRM)", "≥ 1"), "Sensitivity", "0.87 (0.62 to 0.96)"),
        ("Accuracy of cases", ("reader 2 (MRM)", "≥ 1"), "Specificity", "0.93 (0.70 to 0.99)"),
        ("Accuracy of cases", ("reader 2 (MRM)", "≥ 1"), "Accuracy", "0.87 (0.70 to 0.95)"),
        ("Accuracy of cases", ("RIC", "≥ 1"), "Specificity", "undefined"),
        ("Agreement on presence (positive from grade 1)", ("reader 1 (MRM) vs RIC",), "Kappa",
         "0.63 (\N{MINUS SIGN}0.01 to 1.00)"),
        ("Agreement on presence (positive from grade 1)", ("reader 2 (MRM) vs RIC",), "Bias index",
         "0.13"),
        ("Agreement on levels", ("reader 1 (MRM) vs RIC",), "Kappa, all levels",
         "0.54 (0.37 to 0.71)"),
        ("Reads", ("RIC",), "Cases read", "15"),
        ("Reads", ("reader 1 (MRM)",), "Grade 1", "15"),
    ],
)  # fmt: skip
def test_cells_hold_the_papers_numbers(
    tables: dict[str, Table], title: str, first: tuple[str, ...], column: str, cell: str
) -> None:
    assert _row(tables[title], *first)[column] == cell


def test_paired_comparison_with_ric(tables: dict[str, Table]) -> None:
    row = _row(tables["Paired comparison"], "reader 2 (MRM) vs RIC", "sensitivity")
    # STATISTICS.md part 1: Tango -.133 (-.379, .098), McNemar exact p .5
    minus = "\N{MINUS SIGN}"
    assert row["Difference"] == f"{minus}0.133 ({minus}0.379 to 0.098)"
    assert (row["p"], row["Non-inferior"], row["n"]) == ("0.500", "not shown", "15")


def test_undefined_figures_are_listed_with_their_reason(tables: dict[str, Table]) -> None:
    reasons = {row[1] for row in tables["Figures that are undefined"].rows}
    assert "no case without the condition was read" in reasons


def test_settings_that_are_off_leave_their_tables_out() -> None:
    plain = lookup(_analysis(_paper(levels=False), StudySettings()))
    titles = {table.title for table in (*reader_tables(plain), *pair_tables(plain))}
    assert not any(
        words in title
        for title in titles
        for words in ("levels", "Bootstrap", "Worst", "Predictive")
    )


def test_cell_texts() -> None:
    assert (number(-0.001), number(346.9), number(-12.3456, 1)) == (
        "0.00", "347", "\N{MINUS SIGN}12.3",
    )  # fmt: skip
    assert (p_text(None), p_text(0.0004), p_text(0.5)) == (NONE, "<0.001", "0.500")
    assert figure_text(None) == NONE


def test_methods_name_what_was_used_and_each_has_a_doi(found: Lookup) -> None:
    used = methods_used(found.analysis)
    assert set(METHODS) - set(used) == set()
    assert all(re.fullmatch(r"10\.\d{4,5}/\S+", method.doi) for method in METHODS)
    plain = _analysis(_paper(levels=False), StudySettings())
    left_out = {m.source for m in METHODS} - {m.source for m in methods_used(plain)}
    assert any("Obuchowski" in source for source in left_out)
    assert any("Efron" in source for source in left_out)
    assert any("worst case" in sentence for sentence in handling(found.analysis))
    assert not any("worst case" in sentence for sentence in handling(plain))


def test_roc_points_of_a_hand_made_table() -> None:
    # 2 positives at 3 and 1, 2 negatives at 1 and 0, one missing, one of unknown truth
    ranking = np.array([3.0, 1.0, 1.0, 0.0, np.nan, 2.0])
    truth = np.array([1, 1, 0, 0, 1, -1], dtype=np.int8)
    assert roc_points(ranking, truth) == ((0, 0), (0, 0.5), (0.5, 1), (1, 1))


def test_roc_of_many_scores_is_thinned_and_ends_at_one() -> None:
    ranking = np.arange(5000.0)
    points = roc_points(ranking, (np.arange(5000) % 3 == 0).astype(np.int8))
    assert len(points) == 401
    assert points[-1] == (1, 1)


def test_area_under_the_drawn_points_is_the_area(found: Lookup) -> None:
    grid = found.reads.cases
    x, y = np.array(roc_points(grid.ranking(0), grid.truth)).T
    # STATISTICS.md part 1: binary AUC of each reader .867
    assert np.trapezoid(y, x) == pytest.approx(0.8667, abs=1e-4)


def test_figures_of_the_paper(found: Lookup) -> None:
    names = [plot.name for plot in analysis_plots(found)]
    assert names == [
        "forest-accuracy", "roc", "forest-differences", "forest-levels", "kappas",
        "agreement-map", "calls",
    ]  # fmt: skip


def test_a_reader_without_controls_has_no_curve(found: Lookup) -> None:
    (plot,) = roc_plots(found)
    assert "2 readers" in plot.alt


def _many(n_sources: int, n_cases: int = 12) -> Reads:
    rng = np.random.default_rng(5)
    truth = (np.arange(n_cases) % 2).astype(np.int8)
    grade = np.clip(rng.integers(0, 3, (n_cases, n_sources)) + truth[:, None], 0, 3)
    grid = Grid(
        truth, grade.astype(np.int8), np.ones((n_cases, n_sources), bool), np.arange(n_cases)
    )
    sources = tuple(Source("MRM", str(i + 1)) for i in range(n_sources))
    return Reads(tuple(f"c{i}" for i in range(n_cases)), sources, grid)


@pytest.mark.parametrize(
    ("plots", "names"),
    [
        (accuracy_plots, [f"forest-accuracy-{k}" for k in (1, 2, 3, 4)]),
        (roc_plots, ["roc"]),
        (kappa_plots, [f"kappas-{k}" for k in range(1, 7)]),
    ],
)
def test_many_readers_make_several_figures(
    plots: Callable[[Lookup], tuple[object, ...]], names: list[str]
) -> None:
    reads = _many(12)
    many = lookup(Analysis("t", "", reads, StudySettings(), ()))
    made = [getattr(plot, "name", "") for plot in plots(many)]
    assert made == (names if plots is not roc_plots else [])


def test_of_many_pairs_those_that_agree_least_are_shown_and_all_in_one_square() -> None:
    reads = _many(12)
    settings = StudySettings()
    found = lookup(Analysis("t", "", reads, settings, analyse(reads, settings)))
    values = kappa_matrix(found, tuple(range(12)))
    grade = reads.cases.grade
    for i, j in combinations(range(12), 2):
        one, two = grade[:, i], grade[:, j]
        wanted = cohen_kappa_score(one, two, labels=[0, 1, 2, 3], weights="quadratic")
        assert values[j, i] == pytest.approx(wanted)
        assert values[i, j] == pytest.approx(cohen_kappa_score(one >= 1, two >= 1))
    shown = found.pairs()
    hidden = set(combinations(range(12), 2)) - set(shown)
    assert len(shown) == 48
    assert len(hidden) == 18
    assert max(values[j, i] for i, j in shown) <= min(values[j, i] for i, j in hidden)
    plots = {plot.name: plot for plot in analysis_plots(found)}
    assert "12 readers" in plots["kappa-matrix"].alt
    assert "the 48 of 66 pairs" in plots["kappas-1"].caption
    assert grades_table(found).note.endswith("all stand in statistics.csv.")


def test_few_pairs_are_all_shown_and_make_no_square(found: Lookup) -> None:
    assert found.pairs_left_out == ""
    assert matrix_plots(found) == ()


@pytest.mark.parametrize(("readers", "numbered"), [(12, True), (40, False)])
def test_kappas_of_more_readers_than_fit_with_numbers_are_shades(
    readers: int, numbered: bool
) -> None:
    reads = _many(readers)
    grade = reads.cases.grade
    rows = tuple(
        agreement(pair_table(grade[:, i], grade[:, j], 4), "cohen_kappa", "quadratic").about(
            modality="MRM", reader=str(i + 1), reader_2=str(j + 1)
        )
        for i, j in combinations(range(readers), 2)
    )
    (plot,) = matrix_plots(lookup(Analysis("t", "", reads, StudySettings(), rows)))
    # the text of a cell stands as a comment beside its paths
    assert f"<!-- reader {readers} -->".encode() in plot.svg
    assert bool(re.search(rb"<!-- .?\.\d\d -->", plot.svg)) is numbered


def test_one_reader_and_one_class_still_make_a_report() -> None:
    reads = _many(1)
    alone = replace(reads, cases=replace(reads.cases, truth=np.ones(12, np.int8)))
    found = lookup(_analysis(alone, StudySettings()))
    assert [plot.name for plot in analysis_plots(found)] == ["forest-accuracy", "calls"]
    assert all(table.rows for table in reader_tables(found))


def test_grid_of_many_cases_shows_those_readers_differ_on() -> None:
    grid = read_grid(_many(2, 400))
    plots = calls_plots(grid)
    assert len(plots) == 1
    assert "the 45 of 400 cases" in plots[0].caption


def test_files_are_whole_and_repeat() -> None:
    analysis = replace(_analysis(_many(2), StudySettings()), source="<script>.csv")
    files = analysis_files(analysis, "1.2.3")
    assert {"report.html", "report.pdf", "calls.svg", "calls.png"} <= set(files)
    page = files["report.html"].decode()
    assert "&lt;script&gt;.csv" in page
    assert "<script>" not in page
    assert "1.2.3" in page
    assert page.count("data:image/svg+xml;base64,") == sum(n.endswith(".svg") for n in files)
    with Image.open(io.BytesIO(files["calls.png"])) as image:
        assert image.width > 800
    assert files == analysis_files(analysis, "1.2.3")
