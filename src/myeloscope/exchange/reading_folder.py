"""A folder of ``reading.json`` files and a list of cases, to a table of reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from myeloscope.accuracy.reads import Reads
from myeloscope.domain.anatomy import Region
from myeloscope.domain.codec import loads
from myeloscope.domain.reading import Reading
from myeloscope.errors import InputError
from myeloscope.exchange.reads import TableOptions, load_frame, reads_from_frame

FILE = "reading.json"


def read_folder(
    folder: Path,
    cases: Path,
    options: TableOptions | None = None,
    *,
    others: Path | None = None,
    listed_only: bool = False,
) -> Reads:
    """Return the reads of every ``reading.json`` below a folder.

    Parameters
    ----------
    folder
        Searched at any depth.
    cases
        CSV with ``study_uid,case,truth[,truth_<name>]``; several studies may share a case.
        References for levels (``level_truth``) have no place there, so accuracy over levels is
        undefined, while agreement over levels is not.
    others
        A table of other readers' reads of the same cases, put beneath.
    listed_only
        Whether readings of studies that are not listed are left out; else they are refused.

    Raises
    ------
    InputError
        When a file cannot be read, a study is not listed, or the reads break a rule of tables.
    """
    chosen = options or TableOptions()
    listed = _listed(cases, chosen)
    rows: list[tuple[str, ...]] = []
    seen: dict[tuple[str, ...], Path] = {}
    for path in sorted(path for path in folder.rglob(FILE) if path.is_file()):
        made = list(_rows(path, listed, cases, listed_only=listed_only))
        if not made:
            continue
        case, _, modality, reader = made[0][:4]
        if (first := seen.setdefault((case, modality, reader), path)) is not path:
            raise InputError(
                "a reader reads a case once in a modality",
                value=f"case {case}, modality {modality}, reader {reader}",
                place=str(path), remedy=f"it stands in {first} already; keep one of them",
            )  # fmt: skip
        rows.extend(made)
    if not rows:
        raise InputError(
            f"the folder holds {FILE} files", value="none", place=str(folder),
            remedy="give the folder that 'myeloscope read' wrote to",
        )  # fmt: skip
    names = ("case", chosen.truth_column, *_COLUMNS[2:])
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    if others is not None:
        frame = pl.concat([frame, load_frame(others)], how="diagonal")
    return reads_from_frame(frame, str(folder), TableOptions(truth=chosen.truth))


_COLUMNS = ("case", "truth", "modality", "reader", "grade", "level", "level_truth", "score")


def _listed(cases: Path, options: TableOptions) -> dict[str, tuple[str, str]]:
    """Return study UID -> case and truth."""
    frame = load_frame(cases)
    renamed = {theirs: ours for ours, theirs in options.columns.items() if theirs in frame.columns}
    frame = frame.rename(renamed)
    for name in ("study_uid", "case", options.truth_column):
        if name not in frame.columns:
            raise InputError(
                f"the list of cases needs the column {name}",
                value=f"columns {', '.join(frame.columns)}", place=str(cases),
                remedy="give study_uid,case,truth",
            )  # fmt: skip
    found: dict[str, tuple[str, str]] = {}
    columns = frame.select("study_uid", "case", options.truth_column).rows()
    for line, (uid, case, truth) in enumerate(columns, start=2):
        if uid in found:
            raise InputError(
                "each study stands in the list once", value=uid,
                place=f"{cases}, row {line}, column study_uid", remedy="keep one of the rows",
            )  # fmt: skip
        if truth not in ("0", "1") and (truth or not options.truth):
            raise InputError(
                "the truth is 0 or 1", value=repr(truth),
                place=f"{cases}, row {line}, column {options.truth_column}",
                remedy="correct the cell",
            )  # fmt: skip
        found[uid] = (case, truth)
    return found


def _rows(
    path: Path, listed: dict[str, tuple[str, str]], cases: Path, *, listed_only: bool
) -> Iterator[tuple[str, ...]]:
    """Yield one row a region of a reading."""
    reading = _loaded(path)
    uids = sorted({source.study_uid for source in reading.sources})
    if listed_only and not listed.keys() & uids:
        return
    if len(uids) != 1 or uids[0] not in listed:
        raise InputError(
            f"every reading is of one study listed in {cases}",
            value=", ".join(uids) or "no source", place=str(path),
            remedy="add the study to the list, or move the reading out of the folder",
        )  # fmt: skip
    case, truth = listed[uids[0]]
    for region in Region:
        answer = reading.regions[region]
        grade = "" if answer.grade is None else str(int(answer.grade))
        score = "" if answer.score is None else repr(answer.score)
        modality = reading.technique.code
        yield (case, truth, modality, reading.reader.id, grade, region.letter, "", score)


def _loaded(path: Path) -> Reading:
    try:
        return loads(path.read_bytes())
    except InputError as error:
        raise InputError(
            error.rule,
            value=error.value,
            place=f"{path}, {error.place.removeprefix(FILE).strip()}",
            remedy=error.remedy,
        ) from error
    except OSError as error:
        raise InputError(
            "a reading can be read", value=error.strerror or type(error).__name__,
            place=str(path), remedy="check the file and its permissions",
        ) from error  # fmt: skip
