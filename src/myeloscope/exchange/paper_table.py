"""Table 1 of the paper as CSV: ``patient,age,sex,reader1,reader2,ric,treatment,ebp_count``.

Levels are ``C``, ``T``, ``L`` joined by ``/``; ``-`` or nothing means no leak. Nothing is guessed:
a cell off its rule is refused with row, column, value and rule.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from myeloscope.domain.anatomy import Region
from myeloscope.domain.paper import Levels, PaperPatient, Sex, Treatment
from myeloscope.errors import InputError

COLUMNS = tuple(item.name for item in fields(PaperPatient))
_BY_LETTER = {region.letter: region for region in Region}
_OLDEST = 120
_Member = TypeVar("_Member", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell with its place: the line of the file (the header is line 1) and the column."""

    source: str
    line: int
    column: str
    text: str

    def refuse(self, rule: str, remedy: str = "correct the cell") -> InputError:
        """Return the error that says what is wrong with the cell."""
        place = f"{self.source}, row {self.line}, column {self.column}"
        return InputError(rule, value=repr(self.text), place=place, remedy=remedy)


def read_paper_table(path: Path) -> tuple[PaperPatient, ...]:
    """Return the patients of a file in the CSV form of Table 1.

    Raises
    ------
    InputError
        When the file cannot be read, or a cell breaks its rule.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(
            "the table must be a readable file", value=reason, place=str(path),
            remedy="give the path of a CSV file",
        ) from error  # fmt: skip
    except UnicodeDecodeError as error:
        raise InputError(
            "the table must be text in UTF-8", value=f"byte {error.object[error.start]:#04x}",
            place=str(path), remedy="save it as CSV in UTF-8",
        ) from error  # fmt: skip
    return parse_paper_table(text, str(path))


def parse_paper_table(text: str, source: str) -> tuple[PaperPatient, ...]:
    """Return the patients of a table given as text; ``source`` names it in messages.

    Raises
    ------
    InputError
        With row, column, value and rule of the first cell that breaks one.
    """
    rows = _rows(text, source)
    header = [name.strip() for name in rows[0][1]] if rows else []
    _check_header(header, source)
    patients: dict[int, PaperPatient] = {}
    for line, cells in rows[1:]:
        patient = _patient(cells, header, (source, line))
        if patient.patient in patients:
            cell = _Cell(source, line, "patient", str(patient.patient))
            raise cell.refuse("a patient stands in one row", "remove or renumber the row")
        patients[patient.patient] = patient
    if not patients:
        raise InputError(
            "the table must hold at least one patient", value="no row", place=source,
            remedy="add rows under the header",
        )  # fmt: skip
    return tuple(patients.values())


def _rows(text: str, source: str) -> list[tuple[int, list[str]]]:
    """Return the rows that hold anything, each with its line in the file."""
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        return [(reader.line_num, cells) for cells in reader if any(c.strip() for c in cells)]
    except csv.Error as error:
        raise InputError(
            "the table must be CSV", value=str(error), place=f"{source}, row {reader.line_num}",
            remedy="save it as plain CSV",
        ) from error  # fmt: skip


def _check_header(header: list[str], source: str) -> None:
    """Refuse a header that does not name each column once."""
    if sorted(header) != sorted(COLUMNS):
        raise InputError(
            f"the header must name each of {','.join(COLUMNS)} once",
            value=repr(",".join(header)), place=f"{source}, row 1", remedy="correct the header",
        )  # fmt: skip


def _patient(cells: list[str], header: list[str], place: tuple[str, int]) -> PaperPatient:
    """Return one row as a record."""
    source, line = place
    if len(cells) != len(header):
        raise InputError(
            f"a row has {len(header)} cells", value=len(cells), place=f"{source}, row {line}",
            remedy="correct the row",
        )  # fmt: skip
    row = {
        name: _Cell(source, line, name, text.strip())
        for name, text in zip(header, cells, strict=True)
    }
    treatment = _one_of(row["treatment"], Treatment)
    patches = _whole(row["ebp_count"], 0, 99)
    if (patches > 0) != (treatment is Treatment.EBP):
        rule = f"treatment {treatment} has {'at least 1 patch' if not patches else 'no patch'}"
        raise row["ebp_count"].refuse(rule, "correct ebp_count or treatment")
    return PaperPatient(
        patient=_whole(row["patient"], 1, 9999),
        age=_whole(row["age"], 0, _OLDEST),
        sex=_one_of(row["sex"], Sex),
        reader1=_levels(row["reader1"]),
        reader2=_levels(row["reader2"]),
        ric=_levels(row["ric"]),
        treatment=treatment,
        ebp_count=patches,
    )


def _whole(cell: _Cell, least: int, most: int) -> int:
    """Return a cell as a whole number within limits."""
    plain = cell.text.isascii() and cell.text.isdigit() and len(cell.text) <= len(str(most))
    if not plain or not least <= int(cell.text) <= most:
        raise cell.refuse(f"must be a whole number from {least} to {most}")
    return int(cell.text)


def _one_of(cell: _Cell, kind: type[_Member]) -> _Member:
    """Return a cell as a member of an enum."""
    try:
        return kind(cell.text)
    except ValueError as error:
        allowed = " or ".join(str(member) for member in kind)
        raise cell.refuse(f"must be {allowed}") from error


def _levels(cell: _Cell) -> Levels:
    """Return a cell as levels, in the order C, T, L."""
    if cell.text in ("", "-"):
        return ()
    found = [part.strip() for part in cell.text.split("/")]
    if len(set(found)) != len(found) or not set(found) <= set(_BY_LETTER):
        raise cell.refuse("must be C, T, L joined by /, each at most once, or - for no leak")
    return tuple(region for letter, region in _BY_LETTER.items() if letter in found)
