"""``myeloscope replay`` in-process: screen, files, another table, refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

from myeloscope.cli import main

HEADER = "patient,age,sex,reader1,reader2,ric,treatment,ebp_count\n"


def test_screen_has_the_slips_and_the_summary(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "0.98831" in out
    assert "73 printed figures and claims" in " ".join(out.split())
    assert "\x1b[" not in out


def test_files_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "--out", str(tmp_path / "deep" / "out")]) == 0
    assert "written: " in capsys.readouterr().out
    written = {p.name: p.read_bytes() for p in (tmp_path / "deep" / "out").iterdir()}
    assert {"replay.csv", "replay.html", "replay.pdf", "replay-calls.svg"} <= set(written)
    assert written["replay.pdf"].startswith(b"%PDF-")
    assert b"MyeloScope" in written["replay.html"]


def test_another_table_moves_the_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "t.csv"
    table.write_text(HEADER + "1,42,F,T/L,,T,EBP,3\n2,30,M,-,-,-,conservative,0\n")
    assert main(["replay", "--table", str(table)]) == 0
    out = capsys.readouterr().out
    assert "sum of ages 72 / 2" in out
    assert "Wald limit of 1/2" in out


def test_a_bad_table_is_one_line_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "t.csv"
    table.write_text(HEADER + "1,42,F,X,-,T,EBP,3\n")
    assert main(["replay", "--table", str(table)]) == 3
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "row 2, column reader1: must be C, T, L" in err
    assert "found 'X'" in err


def test_an_output_that_cannot_be_made_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert main(["replay", "--out", str(tmp_path / "file" / "below")]) == 4
    assert "the output can be written" in capsys.readouterr().err
