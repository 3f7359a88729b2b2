"""The list of a trial's cases: which studies belong to whom, and what is known of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from myeloscope.domain.anatomy import Region
from myeloscope.errors import InputError
from myeloscope.exchange.reads import load_frame

NEEDED = ("study_uid", "case", "truth")
LEVELS = {f"level_truth_{region.letter}": region for region in Region}
REFERENCE = "truth_"


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One study of a case.

    Attributes
    ----------
    study_uid
        Study Instance UID as the images have it.
    case
        Name of the case in the list; it stays apart, the trial draws another.
    visit
        0 for the first examination with a technique.
    truth, levels, references
        Whether the case has the disease, by level where known, and by further references.
    """

    study_uid: str
    case: str
    visit: int
    truth: bool
    levels: Mapping[Region, bool]
    references: Mapping[str, bool | None]


def read_cases(path: Path) -> tuple[CaseRow, ...]:
    """Return the rows of ``study_uid,case,truth[,visit][,level_truth_C...][,truth_<name>...]``.

    Raises
    ------
    InputError
        With row, column, value and rule.
    """
    frame = load_frame(path)
    for name in NEEDED:
        if name not in frame.columns:
            raise InputError(
                f"the list of cases needs the column {name}",
                value=f"columns {', '.join(frame.columns)}", place=str(path),
                remedy="give study_uid,case,truth",
            )  # fmt: skip
    rows: dict[str, CaseRow] = {}
    facts: dict[str, tuple[object, ...]] = {}
    for number, cells in enumerate(frame.rows(named=True), start=2):
        row = _row(cells, f"{path}, row {number}")
        known = (row.truth, row.levels, row.references)
        if row.study_uid in rows:
            raise _refused(path, number, "study_uid", row.study_uid, "each study stands once")
        if facts.setdefault(row.case, known) != known:
            raise _refused(path, number, "truth", row.case, "a case's rows agree about its truth")
        rows[row.study_uid] = row
    return tuple(rows.values())


def _row(cells: Mapping[str, str], place: str) -> CaseRow:
    levels = {region: cells[name] for name, region in LEVELS.items() if cells.get(name)}
    references = {
        name.removeprefix(REFERENCE): cells[name] for name in cells if name.startswith(REFERENCE)
    }
    visit = cells.get("visit") or "0"
    if not visit.isdecimal() or not cells["case"] or not cells["study_uid"]:
        raise InputError(
            "a row has a study, a case and a visit from 0", value=visit, place=place,
            remedy="correct it",
        )  # fmt: skip
    return CaseRow(
        cells["study_uid"],
        cells["case"],
        int(visit),
        _flag(cells["truth"], f"{place}, column truth"),
        {region: _flag(text, f"{place}, level {region}") for region, text in levels.items()},
        {
            name: _flag(text, f"{place}, column truth_{name}") if text else None
            for name, text in references.items()
        },
    )


def _flag(text: str, place: str) -> bool:
    if text not in ("0", "1"):
        raise InputError("the truth is 0 or 1", value=repr(text), place=place, remedy="correct it")
    return text == "1"


def _refused(path: Path, row: int, column: str, value: str, rule: str) -> InputError:
    place = f"{path}, row {row}, column {column}"
    return InputError(rule, value=value, place=place, remedy="correct the list")
