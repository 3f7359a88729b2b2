"""The dossier over the API is the one that the command writes, from what is sent alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from myeloscope import cli
from myeloscope.domain.codec import dumps
from myeloscope.errors import ExitCode
from tests.pathway.cases import reading
from tests.server.study import Town

FILE = """
[patient]
id = "P1"
[symptoms]
onset = 2024-03-01
orthostatic_headache = true
[[studies]]
technique = "mrm"
reading = "mrm"
"""


def _files(patient: str | bytes, *readings: tuple[str, str]) -> list[tuple[str, tuple[str, Any]]]:
    sent: list[tuple[str, tuple[str, Any]]] = [("patient", ("PATIENT.toml", patient))]
    return sent + [("readings", each) for each in readings]


def test_it_is_what_the_command_writes(small_town: Town, tmp_path: Path) -> None:
    text = dumps(reading())
    made = small_town["ann"].must(
        "POST", "/api/dossier", files=_files(FILE, ("P1/mrm/reading.json", text))
    )
    (tmp_path / "mrm").mkdir()
    (tmp_path / "mrm" / "reading.json").write_text(text)
    (tmp_path / "PATIENT.toml").write_text(FILE)
    out = tmp_path / "out"
    words = ["dossier", str(tmp_path / "PATIENT.toml"), "--out", str(out)]
    assert cli.main(words) == ExitCode.OK
    assert json.loads(made["record"]) == json.loads((out / "dossier.json").read_text())
    assert made["page"] == (out / "dossier.html").read_text()
    assert made["summary"][0].startswith("inclusion:")


@pytest.mark.parametrize(
    ("patient", "readings", "said"),
    [
        (FILE, (), "given 0 times"),
        (FILE, (("a/mrm/reading.json", "{}"), ("mrm", "{}")), "given 2 times"),
        (FILE.replace('reading = "mrm"', 'reading = "/etc/passwd"'), (), "given 0 times"),
        ("id = ", (), "TOML"),
        (b"\xff\xfe", (), "UTF-8"),
        ("x" * (5 << 20), (), "at most"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words(
    small_town: Town, patient: str | bytes, readings: tuple[tuple[str, str], ...], said: str
) -> None:
    answer = small_town["ann"].ask("POST", "/api/dossier", files=_files(patient, *readings))
    assert answer.status_code in (413, 422)
    assert said in answer.text
