"""A patient's file and the readings it names: ``PATIENT.toml`` beside ``reading.json`` files."""

from __future__ import annotations

import datetime
from pathlib import Path

from myeloscope.domain.codec import loads
from myeloscope.domain.reading import Reading
from myeloscope.errors import InputError
from myeloscope.pathway.patient import Patient
from myeloscope.pathway.patient_file import check_days, patient_from_text
from myeloscope.pathway.rulebook import Rulebook
from myeloscope.pathway.rules_file import rulebook_from_text

SPINE_PICTURE = "straightened.png"
LARGEST_BYTES = 4 << 20
"""No patient's file and no file of rules is larger."""


def read_patient(path: Path, rules: Rulebook, as_of: datetime.date) -> Patient:
    """Return the patient of a file; readings are looked for from the file's folder on.

    Raises
    ------
    InputError
        When a file cannot be read, or what it says cannot be.
    """

    def load(name: str) -> Reading:
        return load_reading(path.parent / name)

    patient = patient_from_text(_text(path), path.name, load, rules.schemes)
    check_days(patient, as_of, path.name)
    return patient


def read_rules(path: Path) -> Rulebook:
    """Return the rules of a file.

    Raises
    ------
    InputError
        When it cannot be read or holds half a rule.
    """
    return rulebook_from_text(_text(path), path.name)


def load_reading(path: Path) -> Reading:
    """Return the reading of a ``reading.json``, or of the folder that holds one.

    Raises
    ------
    InputError
        With the file's path, when it cannot be read or breaks the contract.
    """
    file = path / "reading.json" if path.is_dir() else path
    try:
        return loads(file.read_bytes())
    except InputError as error:
        place = f"{file}, {error.place.removeprefix('reading.json').strip()}"
        raise InputError(error.rule, value=error.value, place=place, remedy=error.remedy) from error
    except OSError as error:
        raise _unreadable(file, error) from error


def spine_pictures(path: Path, patient: Patient) -> dict[str, bytes]:
    """Return the straightened spines that lie beside a patient's readings, by path of reading."""
    found = {}
    for exam in patient.examinations:
        named = path.parent / exam.reading
        picture = (named if named.is_dir() else named.parent) / SPINE_PICTURE
        if exam.reading and picture.is_file():
            found[exam.reading] = picture.read_bytes()
    return found


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise InputError(
                "a file of rules or of a patient is small", value=f"{path.stat().st_size} bytes",
                place=str(path), remedy="give the TOML file",
            )  # fmt: skip
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            "the file is text in UTF-8", value=error.reason, place=str(path),
            remedy="save it as UTF-8",
        ) from error  # fmt: skip
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> InputError:
    return InputError(
        "the file can be read", value=error.strerror or type(error).__name__,
        place=str(path), remedy="check the path and its permissions",
    )  # fmt: skip
