"""``myeloscope demo``: ten lines, the report last, and the whole way through DICOM."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from myeloscope import cli
from myeloscope.cli.demo import LINES, story
from myeloscope.domain.codec import loads
from myeloscope.pipeline.job import StudyRead


def test_the_demo_ends_with_its_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["demo", "--out", str(tmp_path / "out")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= LINES
    assert lines[-1] == str(tmp_path / "out" / "report.html")
    assert Path(lines[-1]).is_file()
    # The demonstration's phantom by its specification: two leaks and a cyst.
    assert all(said in lines[0] for said in ("T2 L", "L1 R", "T9 R perineurial cyst"))
    assert sorted(p.name for p in (tmp_path / "out" / "study").iterdir())[-1] == "truth.json"
    assert loads((tmp_path / "out" / "reading.json").read_text()).positive is True
    check_course(tmp_path / "out")
    assert cli.main(["demo", "--out", str(tmp_path / "out")]) == 4


def check_course(out: Path) -> None:
    """The same patient's course stands beside it: what was made is what is told."""
    dossier = json.loads((out / "dossier" / "dossier.json").read_text())
    assert dossier["schema"].startswith("myeloscope.dossier/")
    course = json.loads((out / "comparison" / "comparison.json").read_text())
    follow_up = next(c for c in course["comparisons"] if c["kind"] == "follow-up")
    # by demo_course: L1 has gone, T2 is less, 75 days later, 63 after the patch
    assert {(f["segment"], f["change"]) for f in follow_up["findings"]} == {
        ("T2", "improved"),
        ("L1", "resolved"),
    }
    assert (follow_up["interval_days"], follow_up["days_after_patch"]) == (75, 63)
    for name in ("dossier/dossier", "comparison/comparison", "ric/report", "follow-up/report"):
        assert (out / f"{name}.html").is_file()
        assert (out / f"{name}.pdf").is_file()


@pytest.mark.parametrize("found", [0, 2, 3, 9])
def test_the_story_has_room_for_any_reading(found: int) -> None:
    study = StudyRead("1.2", "{}", "x", ("answer", "regions", *(f"f{n}" for n in range(found))))
    lines = story(("one", "two"), study, Path("out"))
    assert len(lines) <= LINES
    assert (lines[0], lines[-1]) == ("A simulated patient, with one, two.", "out/report.html")
    assert sum(line.startswith("  f") for line in lines) >= min(found, 2)
