"""``myeloscope compare``: files, answer on screen, and one line for a slip."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from myeloscope import phantom
from myeloscope.cli import main
from myeloscope.cli.phantom import write_phantom
from myeloscope.comparison.record import comparison_schema
from myeloscope.domain.codec import dumps
from myeloscope.domain.grade import Technique
from myeloscope.phantom.visits import Visit, make_visit
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
        (["--ebp", "2024-07-01"], 3, "a patch came before the last images"),
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
    assert main(["compare", pair[0], *out]) == 3
    assert "takes two examinations or more" in capsys.readouterr().err
    other = tmp_path / "other.json"
    other.write_text(dumps(reading(view=View(day=None))))
    assert main(["compare", pair[0], str(other), *out, "--ebp", "2024-06-01"]) == 3
    assert "need their dates" in capsys.readouterr().err


def test_a_folder_of_readings_of_both_techniques_is_a_course(
    pair: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "r/ric").mkdir(parents=True)
    ric = View(day="2024-02-28", technique=Technique.RIC)
    (tmp_path / "r/ric/reading.json").write_text(dumps(reading([Leak(13)], ric)))
    out = tmp_path / "out"
    assert main(["compare", pair[1], pair[0], str(tmp_path / "r"), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "T5 left  resolved" in said
    assert "T5 left  both: same level within 2 roots" in said
    assert "2 days after the tracer's lumbar puncture" in said
    record = json.loads((out / "comparison.json").read_text())
    assert [each["kind"] for each in record["comparisons"]] == ["follow-up", "agreement"]


def test_studies_are_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in (0, 1):
        made = make_visit(phantom.demo_spec(), Visit(number, (), days=30 * number))
        write_phantom(made, f"v{number}", tmp_path / f"v{number}")
    (tmp_path / "v1/notes.txt").write_text("not an image")
    studies = [str(tmp_path / "v1"), str(tmp_path / "v0")]
    assert main(["compare", *studies, "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr()
    assert "registered along the sac by" in said.out
    assert "passed over: notes.txt" in said.err
    record = json.loads((tmp_path / "out/comparison.json").read_text())
    assert record["interval_days"] == 30
