"""``myeloscope compare``: files, answer on screen, and one line for a slip."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from myeloscope.cli import main
from myeloscope.comparison.record import comparison_schema
from myeloscope.domain.codec import dumps
from myeloscope.domain.grade import Technique
from tests.comparison.readings import Leak, View, reading

LATER = View(top=60.0, names=1, day="2024-06-01")


@pytest.fixture
def pair(tmp_path: Path) -> tuple[str, str]:
    """Return the paths of two readings three months apart."""
    for name, made in (("a", reading([Leak(12)])), ("b", reading([], LATER))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "reading.json").write_text(dumps(made))
    return str(tmp_path / "a"), str(tmp_path / "b" / "reading.json")


def test_the_comparison_is_written_whole(
    pair: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["compare", *pair, "--out", str(out)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "T5 left  resolved: no sign at this place any more"
    assert lines[-1] == str(out / "comparison.html")
    names = ["comparison.html", "comparison.json", "comparison.pdf"]
    assert sorted(p.name for p in out.iterdir()) == names
    record = json.loads((out / "comparison.json").read_text())
    jsonschema.Draft202012Validator(comparison_schema()).validate(record)
    assert main(["compare", *pair, "--out", str(out)]) == 4
    assert main(["compare", *pair, "--out", str(out), "--overwrite", "--ebp", "2024-05-30"]) == 0
    assert "2 days after a blood patch" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--ebp", "2024-07-01"], 3, "the patch came before the later images"),
        (["--ebp", "soon"], 2, "'soon' is no day of the calendar"),
    ],
)
def test_slips_are_one_line(
    pair: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str],
    options: list[str], code: int, words: str,
) -> None:  # fmt: skip
    assert main(["compare", *pair, "--out", str(tmp_path / "out"), *options]) == code
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1


def test_readings_that_do_not_go_together(
    pair: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["--out", str(tmp_path / "out")]
    assert main(["compare", pair[1], pair[0], *out]) == 3
    assert "BEFORE was acquired before AFTER" in capsys.readouterr().err
    other = tmp_path / "other.json"
    other.write_text(dumps(reading(view=View(technique=Technique.RIC))))
    assert main(["compare", pair[0], str(other), *out]) == 3
    assert "both readings are of MR myelography" in capsys.readouterr().err
    other.write_text(dumps(reading(view=View(day=None))))
    assert main(["compare", pair[0], str(other), *out, "--ebp", "2024-06-01"]) == 3
    assert "need the day of the later images" in capsys.readouterr().err
