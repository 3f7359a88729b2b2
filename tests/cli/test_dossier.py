"""``myeloscope dossier``: files, answer on screen, and one line for a slip."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pypdfium2
import pytest

from myeloscope.cli import main
from myeloscope.domain.codec import dumps
from myeloscope.pathway.record import dossier_schema
from tests.pathway.cases import SHIPPED, puncture, reading

FILE = """
[patient]
id = "P1"
[symptoms]
onset = 2024-03-01
orthostatic_headache = true
[brain_mri]
pachymeningeal_enhancement = true
[[studies]]
technique = "mrm"
reading = "mrm"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a patient's file with its reading."""
    (tmp_path / "mrm").mkdir()
    (tmp_path / "mrm" / "reading.json").write_text(dumps(reading()))
    path = tmp_path / "P1.toml"
    path.write_text(FILE)
    return path


def test_the_dossier_is_written_whole(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["dossier", str(file), "--out", str(out), "--as-of", "2024-12-31"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("inclusion: paper met")
    assert "Research use, not for clinical decisions." in lines
    assert lines[-1] == str(out / "dossier.html")
    assert sorted(p.name for p in out.iterdir()) == ["dossier.html", "dossier.json", "dossier.pdf"]
    record = json.loads((out / "dossier.json").read_text())
    jsonschema.Draft202012Validator(dossier_schema()).validate(record)
    assert record["as_of"] == "2024-12-31"
    assert record["rules"] == {"name": "shipped", "version": 1}
    assert len(pypdfium2.PdfDocument(out / "dossier.pdf")) > 1
    assert main(["dossier", str(file), "--out", str(out)]) == 4
    assert main(["dossier", str(file), "--out", str(out), "--overwrite"]) == 0


def test_a_clinicians_rules_are_used_and_named(file: Path, tmp_path: Path) -> None:
    # ICHD-3's own limit moved by somebody: exactly 60 would then be met.
    rules = tmp_path / "mine.toml"
    rules.write_text(SHIPPED.replace('equal = "not met"', 'equal = "met"', 1))
    plain = FILE.replace("pachymeningeal_enhancement = true", "brain_sagging = false")
    file.write_text(plain + puncture(pressure="60 mmH2O"))
    answers = []
    for name, more in (("a", []), ("b", ["--rules", str(rules)])):
        options = ["--out", str(tmp_path / name), "--as-of", "2024-12-31", *more]
        assert main(["dossier", str(file), *options]) == 0
        record = json.loads((tmp_path / name / "dossier.json").read_text())
        signs = {s["id"]: s["answer"] for s in record["criteria"][1]["signs"]}
        answers.append((record["rules"]["name"], signs["low-pressure-ichd3"]))
    assert answers == [("shipped", "not met"), ("mine.toml", "met")]


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--as-of", "2024-02-30"], 2, "'2024-02-30' is no day of the calendar"),
        (["--as-of", "2024-01-01"], 3, "no day lies after that of the dossier"),
        (["--rules", "gone.toml"], 3, "the file can be read"),
    ],
)
def test_slips_are_one_line(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    options: list[str], code: int, words: str,
) -> None:  # fmt: skip
    assert main(["dossier", str(file), "--out", str(tmp_path / "out"), *options]) == code
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()
