"""The command that takes identity out."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from pydicom import dcmread

from myeloscope import cli, phantom
from myeloscope.cli.phantom import write_phantom
from myeloscope.errors import ExitCode


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    write_phantom(phantom.make(phantom.demo_spec()), "one", folder)
    return folder


def _run(study: Path, out: Path, keep: Path) -> int:
    options = ["--key", str(keep / "secret.key"), "--table", str(keep / "who.jsonl")]
    return cli.main(["deidentify", str(study), "--out", str(out), *options])


def test_a_study_is_copied_without_its_patient(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(study, tmp_path / "out", tmp_path) == ExitCode.OK
    told = capsys.readouterr()
    assert "2 objects of 1 patients" in told.out
    assert "truth.json" in told.err
    made = [dcmread(path) for path in sorted((tmp_path / "out").rglob("*.dcm"))]
    assert {image.PatientID for image in made} == {str(made[0].PatientName)}
    assert made[0].PatientID.startswith("P")
    (line,) = (tmp_path / "who.jsonl").read_text().splitlines()
    row = json.loads(line)
    assert row["patient"] == "/one"
    assert row["new_study_uid"] == made[0].StudyInstanceUID
    for name in ("secret.key", "who.jsonl"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert _run(study, tmp_path / "again", tmp_path) == ExitCode.OK
    again = [dcmread(path) for path in sorted((tmp_path / "again").rglob("*.dcm"))]
    assert again == made


def test_the_way_back_is_kept_apart(study: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    options = ["--key", str(out / "secret.key"), "--table", str(tmp_path / "who")]
    assert cli.main(["deidentify", str(study), "--out", str(out), *options]) == ExitCode.USAGE
    options = ["--key", str(tmp_path / "no" / "key"), "--table", str(tmp_path / "who")]
    assert cli.main(["deidentify", str(study), "--out", str(out), *options]) == ExitCode.OUTPUT
    options = ["--key", str(tmp_path / "key"), "--table", str(tmp_path / "no" / "who")]
    assert cli.main(["deidentify", str(study), "--out", str(out), *options]) == ExitCode.OUTPUT


def test_nothing_to_do_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "note.txt").write_text("no image")
    assert _run(tmp_path / "in", tmp_path / "out", tmp_path) == ExitCode.INPUT
    assert "a DICOM object to de-identify" in capsys.readouterr().err
