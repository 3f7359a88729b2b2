"""A patient's file with the readings beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from myeloscope.domain.codec import dumps
from myeloscope.errors import InputError
from myeloscope.exchange.patient_folder import (
    LARGEST_BYTES,
    load_reading,
    read_patient,
    read_rules,
    spine_pictures,
)
from myeloscope.pathway.rules_file import shipped_rules
from tests.pathway.cases import SHIPPED, TODAY, reading

FILE = "[patient]\nid = 'P1'\n[[studies]]\ntechnique = 'mrm'\nreading = '{}'\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with ``mrm/reading.json`` and its spine beside it."""
    (tmp_path / "mrm").mkdir()
    (tmp_path / "mrm" / "reading.json").write_text(dumps(reading()))
    (tmp_path / "mrm" / "straightened.png").write_bytes(b"png")
    return tmp_path


@pytest.mark.parametrize("name", ["mrm", "mrm/reading.json"])
def test_readings_are_found_from_the_files_folder_on(folder: Path, name: str) -> None:
    file = folder / "P1.toml"
    file.write_text(FILE.format(name))
    patient = read_patient(file, shipped_rules(), TODAY)
    assert patient.examinations[0].positive is True
    assert spine_pictures(file, patient) == {name: b"png"}
    (folder / "mrm" / "straightened.png").unlink()
    assert spine_pictures(file, patient) == {}


def test_rules_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(SHIPPED.replace("version = 1", "version = 7"))
    assert read_rules(file).version == 7


def test_files_that_cannot_be_read_are_named(folder: Path) -> None:
    file = folder / "P1.toml"
    with pytest.raises(InputError, match=r"P1\.toml: the file can be read; found No such file"):
        read_patient(file, shipped_rules(), TODAY)
    file.write_text(FILE.format("gone.json"))
    with pytest.raises(InputError, match=r"gone\.json: the file can be read"):
        read_patient(file, shipped_rules(), TODAY)
    file.write_bytes(b"id = '\xff'")
    with pytest.raises(InputError, match="the file is text in UTF-8"):
        read_patient(file, shipped_rules(), TODAY)
    file.write_bytes(b"#" * (LARGEST_BYTES + 1))
    with pytest.raises(InputError, match="is small"):
        read_patient(file, shipped_rules(), TODAY)
    broken = folder / "mrm" / "reading.json"
    broken.write_text("{}")
    with pytest.raises(InputError, match=r"mrm/reading\.json, \$\.schema: schema is"):
        load_reading(folder / "mrm")
