from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from myeloscope import __version__, cli
from myeloscope.accuracy import COLUMNS
from myeloscope.cli import analyze
from myeloscope.errors import ExitCode

REFERENCE = Path(__file__).parents[1] / "data" / "reference"


@pytest.fixture(autouse=True)
def _without_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the report: it has its own tests and takes seconds."""
    monkeypatch.setattr(analyze, "_pages", lambda analysis: {})


def _rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "statistics.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def _one(rows: list[dict[str, str]], **identity: str) -> dict[str, str]:
    (row,) = (row for row in rows if all(row[name] == value for name, value in identity.items()))
    return row


def test_writes_the_table_and_the_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "deep" / "out"
    assert cli.main(["analyze", str(REFERENCE / "rand_D1_levels.csv"), "--out", str(out)]) == 0
    rows = _rows(out)
    assert tuple(rows[0]) == COLUMNS
    # binom 1.1-1.1, expected.json D1_A_reader1 sens_wilson
    row = _one(
        rows, statistic="sensitivity", method="wilson", reader="1", threshold="1", level="", term=""
    )
    assert float(row["ci_low"]) == pytest.approx(0.480495659440194, abs=1e-12)
    # survey 4.1-1, expected.json D1 r1_level_sens
    row = _one(rows, statistic="sensitivity", method="cluster", reader="1", threshold="1", level="")
    assert float(row["deff"]) == pytest.approx(1.30571428571429, abs=1e-12)
    made = json.loads((out / "analysis.json").read_text())
    assert made["version"] == __version__
    assert len(made["statistics"]) == len(rows)
    assert made["settings"]["missing"] == "left out"
    shown = capsys.readouterr().out
    assert "30 cases (15 with the condition, 15 without), 60 reads, 0 missing" in shown
    assert "A 1: sensitivity 0.733 (0.480-0.891); specificity" in shown


def test_every_option(tmp_path: Path) -> None:
    text = (REFERENCE / "rand_D2_cases.csv").read_text()
    table = tmp_path / "reads.csv"
    table.write_text(text.replace("truth", "truth_ct").replace("grade", "Score"))
    argv = ["analyze", str(table), "--out", str(tmp_path / "out"), "--truth", "ct"]
    argv += ["--column", "grade=Score", "--missing", "worst-case", "--prevalence", "0.1"]
    argv += ["--margin", "0.2", "--bootstrap", "50", "--seed", "7"]
    assert cli.main(argv) == 0
    rows = _rows(tmp_path / "out")
    assert {row["term"] for row in rows} == {"", "worst-case"}
    assert {"ppv", "npv"} <= {row["statistic"] for row in rows}
    assert any(row["method"] == "bootstrap-bca" for row in rows)
    assert any("margin 0.2" in row["note"] for row in rows)
    assert not any("nan" in row.values() for row in rows)
    settings = json.loads((tmp_path / "out" / "analysis.json").read_text())["settings"]
    assert settings == {
        "source": "reads.csv",
        "columns": {"grade": "Score"},
        "truth": "ct",
        "missing": "worst-case",
        "prevalence": 0.1,
        "margin": 0.2,
        "bootstrap": 50,
        "seed": 7,
        "confidence": 0.95,
    }


def test_a_figure_that_is_undefined_is_shown_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "reads.csv"
    table.write_text("case,truth,modality,reader,grade\na,1,M,1,2\nb,1,M,1,3\n")
    assert cli.main(["analyze", str(table), "--out", str(tmp_path / "out")]) == 0
    shown = capsys.readouterr().out
    assert "specificity undefined: no case without the condition was read" in shown
    table.write_text("case,truth,modality,reader,grade\na,1,M,1,2\nb,0,M,1,0\n")
    assert cli.main(["analyze", str(table), "--out", str(tmp_path / "out")]) == 0
    assert "auc 1.000\n" in capsys.readouterr().out


def test_each_step_is_told_where_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["analyze", str(REFERENCE / "rand_D1_cases.csv"), "--out", str(tmp_path / "out")]
    assert cli.main([*argv, "--verbose"]) == 0
    told = [line.split(" s  ")[1] for line in capsys.readouterr().err.splitlines()]
    assert [line.split()[0] for line in told] == ["reading", "computing", "drawing", "writing"]
    assert told[1] == "computing the figures of 2 readers"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--column", "grade"], "write OURS=THEIRS"),
        (["--prevalence", "0"], "a number between 0 and 1"),
        (["--margin", "much"], "a number between 0 and 1"),
        (["--bootstrap", "10"], "a whole number of 40 or more"),
        (["--seed", "-1"], "a whole number of 0 or more"),
        (["--missing", "best-case"], "invalid choice"),
        (["--cases", "x.csv"], "--cases belongs to a folder"),
        (["--column", "grade=a", "--column", "grade=b"], "each column is mapped once"),
    ],
)
def test_options_that_do_not_fit(
    options: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["analyze", str(REFERENCE / "rand_D1_cases.csv"), "--out", str(tmp_path / "out")]
    assert cli.main([*argv, *options]) == ExitCode.USAGE
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_bad_tables_and_folders_write_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "reads.csv"
    table.write_text("case,truth,modality,reader,grade\na,1,M,1,9\n")
    out = str(tmp_path / "out")
    assert cli.main(["analyze", str(table), "--out", out]) == ExitCode.INPUT
    error = capsys.readouterr().err
    assert "reads.csv, row 2, column grade: a grade is 0, 1, 2, 3 or empty; found '9'" in error
    assert error.count("\n") == 1
    assert cli.main(["analyze", str(tmp_path), "--out", out]) == ExitCode.USAGE
    assert "a folder of reading.json needs a list of cases" in capsys.readouterr().err
    cases = tmp_path / "cases.csv"
    cases.write_text("study_uid,case,truth\n1.2,a,1\n")
    argv = ["analyze", str(tmp_path), "--cases", str(cases), "--out", out]
    assert cli.main(argv) == ExitCode.INPUT
    assert "the folder holds reading.json files; found none" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    argv = ["analyze", str(REFERENCE / "rand_D1_cases.csv"), "--out", str(tmp_path / "out")]
    assert cli.main(argv) == ExitCode.OUTPUT
