"""``myeloscope stard`` in-process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from myeloscope.cli import main
from myeloscope.domain.anatomy import Region
from myeloscope.domain.codec import dumps
from myeloscope.domain.grade import Grade, ReaderKind, Technique
from myeloscope.domain.reading import (
    Numbering,
    Quality,
    Reader,
    Reading,
    RegionReading,
    SourceImage,
)
from myeloscope.errors import ExitCode

TABLE = """case,truth,modality,reader,grade
a,1,MRM,1,2
b,0,MRM,1,0
c,1,MRM,1,
a,1,RIC,RIC,1
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "reads.csv"
    path.write_text(TABLE)
    return path


def test_files_and_lines(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stard", str(table), "--out", str(tmp_path / "o")]) == 0
    out = capsys.readouterr().out
    assert "MRM 1: 3 of 3 read: 1 negative (0 with the condition), 1 positive (1" in out
    assert "RIC RIC: 1 of 3 read" in out
    written = {path.name for path in (tmp_path / "o").iterdir()}
    assert written == {"stard.svg", "stard.png", "stard.csv", "stard.json"}
    record = json.loads((tmp_path / "o" / "stard.json").read_text())
    assert [flow["no_index_test"] for flow in record["flows"]] == [0, 2]


def test_one_reader_mapped_columns_and_threshold(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table.write_text(TABLE.replace("grade", "Score"))
    options = ["--column", "grade=Score", "--modality", "MRM", "--threshold", "3"]
    assert main(["stard", str(table), "--out", str(tmp_path), *options]) == 0
    out = capsys.readouterr().out
    assert "RIC" not in out
    assert "0 positive" in out


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--reader", "9"], 2, "the table must hold reads of the chosen modality and reader"),
        (["--potentially-eligible", "2"], 2, "found 2 potentially eligible, 3 in the table"),
        (["--potentially-eligible", "x"], 2, "a whole number, not 'x'"),
        (["--column", "grade"], 2, "write OURS=THEIRS"),
        (["--column", "grade=none"], 3, "the column mapped to grade must be in the table"),
    ],
)
def test_mistakes_are_one_line(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    options: list[str], code: int, words: str,
) -> None:  # fmt: skip
    assert main(["stard", str(table), "--out", str(tmp_path), *options]) == code
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1


def test_an_output_that_cannot_be_made_is_refused(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["stard", str(table), "--out", str(table / "below")]) == 4
    assert "the output can be written" in capsys.readouterr().err


def test_a_folder_of_readings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for uid, grade in (("1.1", Grade.DEFINITE), ("1.2", Grade.NONE)):
        reading = Reading(
            technique=Technique.MRM,
            scale="paper-mrm/1",
            reader=Reader(ReaderKind.PERSON, "r2", "1"),
            sources=(SourceImage(uid, "1.2.3", f"{uid}.1", None, None, "cervicothoracic"),),
            regions={region: RegionReading(grade, assessable=True) for region in Region},
            findings=(),
            sac=(),
            roots=(),
            numbering=Numbering("assumed"),
            quality=Quality(None),
            settings={},
        )
        path = tmp_path / "readings" / uid / "reading.json"
        path.parent.mkdir(parents=True)
        path.write_text(dumps(reading))
    cases = tmp_path / "cases.csv"
    cases.write_text("study_uid,case,truth\n1.1,a,1\n1.2,b,0\n")
    argv = ["stard", str(tmp_path / "readings"), "--out", str(tmp_path / "o")]
    assert main(argv) == ExitCode.USAGE
    assert "a folder of reading.json needs a list of cases" in capsys.readouterr().err
    assert main([*argv, "--cases", str(cases)]) == 0
    said = "MRM r2: 2 of 2 read: 1 negative (0 with the condition), 1 positive (1 with"
    assert said in capsys.readouterr().out
