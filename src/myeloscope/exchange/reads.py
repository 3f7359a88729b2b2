"""Tables of reads, CSV or Parquet, to :class:`myeloscope.accuracy.reads.Reads`.

Columns ``case,truth,modality,reader,grade``, for levels also ``level,level_truth``, optional
``score`` and further references ``truth_<name>``. An empty grade is a missing read. Everything
else that breaks a rule is refused with row (the header is row 1), column, value and rule.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from myeloscope.accuracy.reads import LEVELS, Grades, Grid, Reads, Source, case_grid, natural_key
from myeloscope.errors import InputError, UsageError

NEEDED: tuple[str, ...] = ("case", "truth", "modality", "reader", "grade")
OPTIONAL: tuple[str, ...] = ("level", "level_truth", "score")
_TRUTH = {"0": 0, "1": 1, "0.0": 0, "1.0": 1}
_GRADE = {f"{grade}{tail}": grade for grade in range(4) for tail in ("", ".0")} | {"": -1}
_PARQUET = (".parquet", ".pq")
_ROW = "_row"
_DOUBLE = re.compile(r"_duplicated_\d+$")
"""What polars adds to the second of two columns of one name."""


@dataclass(frozen=True, slots=True)
class TableOptions:
    """How to read a table.

    Attributes
    ----------
    columns
        Our column -> the table's column, where they differ.
    truth
        Name of the reference: ``ric`` reads ``truth_ric`` (and ``level_truth_ric`` for levels);
        empty for ``truth``.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    truth: str = ""

    @property
    def truth_column(self) -> str:
        """Return the column of the reference for cases."""
        return f"truth_{self.truth}" if self.truth else "truth"

    @property
    def level_truth_column(self) -> str:
        """Return the column of the reference for levels."""
        return f"level_truth_{self.truth}" if self.truth else "level_truth"


def read_table(path: Path, options: TableOptions | None = None) -> Reads:
    """Return the reads of a CSV or Parquet file (by its suffix).

    Raises
    ------
    InputError
        When the file cannot be read, a column is missing, or a cell breaks its rule.
    UsageError
        When a column is mapped that the table or this format does not have.
    """
    return reads_from_frame(load_frame(path), str(path), options or TableOptions())


def read_text(table: str, source: str, options: TableOptions | None = None) -> Reads:
    """Return the reads of a CSV text; ``source`` is named in errors, raised as ``read_table``."""
    frame = pl.read_csv(io.StringIO(table), infer_schema=False)
    return reads_from_frame(
        frame.with_columns(pl.all().fill_null("")), source, options or TableOptions()
    )


def load_frame(path: Path) -> pl.DataFrame:
    """Return a table as text, cells stripped, missing ones empty.

    Raises
    ------
    InputError
        When the file cannot be read as its suffix says.
    """
    try:
        if path.suffix.lower() in _PARQUET:
            frame = pl.read_parquet(path)
        else:
            frame = pl.read_csv(path, infer_schema=False, glob=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        if isinstance(error, pl.exceptions.ComputeError):
            _refuse_uneven_rows(path)
        raise InputError(
            "the table must be a readable CSV (UTF-8, commas) or Parquet file",
            value=str(error).splitlines()[0][:160],
            place=str(path),
            remedy="save it as CSV with one header row and equally long rows",
        ) from error
    if frame.width and frame.to_series(frame.width - 1).null_count():
        _refuse_uneven_rows(path)
    plain = [
        pl.col(name).cast(pl.Int8) for name, kind in frame.schema.items() if kind == pl.Boolean
    ]
    plain += [pl.col(name).fill_nan(None) for name, kind in frame.schema.items() if kind.is_float()]
    text = frame.with_columns(plain).with_columns(pl.all().cast(pl.String).fill_null(""))
    names = [_DOUBLE.sub("", name).strip() for name in text.columns]
    if double := [name for name in names if names.count(name) > 1]:
        raise InputError(
            "each column has a name of its own", value=f"{double[0]!r} twice", place=str(path),
            remedy="rename or remove one of them",
        )  # fmt: skip
    text.columns = names
    return text.with_columns(pl.all().str.strip_chars())


def _refuse_uneven_rows(path: Path) -> None:
    """Refuse a CSV row with more cells than the header, or fewer, which would pass for empty."""
    if path.suffix.lower() in _PARQUET:
        return
    with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
        rows = csv.reader(file)
        width = len(next(rows))
        for number, row in enumerate(rows, start=2):
            if row and len(row) != width:
                more = len(row) > width
                raise InputError(
                    f"each row has as many cells as the header, {width}", value=len(row),
                    place=f"{path}, row {number}, column {width + 1 if more else len(row) + 1}",
                    remedy="quote a cell that holds a comma" if more
                    else "write the comma before an empty cell too",
                )  # fmt: skip


def reads_from_frame(frame: pl.DataFrame, source: str, options: TableOptions) -> Reads:
    """Return the reads of a table of text columns; ``source`` is named in errors.

    Raises
    ------
    InputError, UsageError
        As ``read_table``.
    """
    table = _Checked(_named(frame, source, options), source)
    leveled = "level" in table.frame.columns
    key = ["case", "modality", "reader", *(["level"] if leveled else [])]
    table.present(key)
    if leveled:
        table.mapped("level", {level: place for place, level in enumerate(LEVELS)}, _LEVEL_RULE)
    truth = table.mapped(options.truth_column, _truths(options.truth), _TRUTH_RULE)
    table.constant(
        options.truth_column, ["case"], "the truth of a case is the same in all its rows"
    )
    grade = table.mapped("grade", _GRADE, "a grade is 0, 1, 2, 3 or empty")
    table.unique(key)
    score = _scores(table)
    if not leveled:
        return _of_cases(table, truth, grade, score)
    level_truth = _level_truth(table, options)
    return _of_levels(table, _Columns(truth, level_truth, grade, score))


def _scores(table: _Checked) -> NDArray[np.float64] | None:
    """Return the scores, or ``None`` where the table has none."""
    if "score" not in table.frame.columns or not (table.frame["score"] != "").any():
        return None
    return table.numbers("score")


_LEVEL_RULE = f"a level is one of {', '.join(LEVELS)}"
_TRUTH_RULE = "the truth is 0 or 1"


def _truths(named: str) -> dict[str, int]:
    """Return text -> truth; a named reference may leave cases out, ``truth`` may not."""
    return _TRUTH | {"": -1} if named else _TRUTH


def _named(frame: pl.DataFrame, source: str, options: TableOptions) -> pl.DataFrame:
    """Return the table with our column names and row numbers, refusing what is missing."""
    known = {*NEEDED, *OPTIONAL, options.truth_column, options.level_truth_column}
    for ours, theirs in options.columns.items():
        if ours not in known and not ours.startswith("truth_"):
            raise UsageError(
                f"a mapped column is one of {', '.join((*NEEDED, *OPTIONAL))} or truth_<name>",
                value=ours, place="--column", remedy="write OURS=THEIRS, such as grade=Score",
            )  # fmt: skip
        if theirs not in frame.columns:
            raise InputError(
                f"the column mapped to {ours} must be in the table", value=repr(theirs),
                place=source, remedy=f"its columns are {', '.join(frame.columns)}",
            )  # fmt: skip
    taken = set(options.columns.values())
    renamed = frame.select(
        *(pl.col(theirs).alias(ours) for ours, theirs in options.columns.items()),
        *(name for name in frame.columns if name not in options.columns and name not in taken),
    )
    needed = [options.truth_column if name == "truth" else name for name in NEEDED]
    if "level" in renamed.columns and not options.truth:
        needed.append("level_truth")
    for name in needed:
        if name not in renamed.columns:
            raise InputError(
                f"the table needs the column {name}", value=f"columns {', '.join(frame.columns)}",
                place=source, remedy=f"add it, or name it with --column {name}=THEIRS",
            )  # fmt: skip
    rows = renamed.with_row_index(_ROW, offset=2)
    rows = rows.filter(pl.any_horizontal(pl.col(renamed.columns) != ""))
    if not len(rows):
        raise InputError(
            "a table of reads has rows", value="none", place=source, remedy="give one row a read"
        )
    return rows


@dataclass(frozen=True, slots=True)
class _Checked:
    """A table with our column names, and the rules that its columns must keep."""

    frame: pl.DataFrame
    source: str

    def refuse(self, row: int, column: str, rule: str, remedy: str) -> InputError:
        """Return the error about one cell; ``row`` indexes the table."""
        cells = self.frame.row(row, named=True)
        place = f"{self.source}, row {cells[_ROW]}, column {column}"
        shown = cells.get(column, "")
        return InputError(rule, value=repr(shown), place=place, remedy=remedy)

    def _first(self, bad: pl.Series, column: str, rule: str, remedy: str) -> None:
        if bad.any():
            raise self.refuse(int(bad.arg_max() or 0), column, rule, remedy)

    def present(self, columns: list[str]) -> None:
        """Refuse empty names."""
        for column in columns:
            self._first(self.frame[column] == "", column, f"{column} is never empty", "fill it in")

    def mapped(self, column: str, codes: Mapping[str, int], rule: str) -> Grades:
        """Return a column's codes, refusing what has none."""
        found = self.frame[column].replace_strict(
            list(codes), list(codes.values()), default=None, return_dtype=pl.Int8
        )
        self._first(found.is_null(), column, rule, "correct the cell or leave out the row")
        return found.to_numpy()

    def numbers(self, column: str) -> NDArray[np.float64]:
        """Return a column of finite numbers, NaN where empty."""
        text = self.frame[column]
        value = text.cast(pl.Float64, strict=False)
        bad = (text != "") & ~value.is_finite().fill_null(value=False)
        self._first(bad, column, f"a {column} is a finite number or empty", "correct the cell")
        return value.fill_null(np.nan).to_numpy()

    def constant(self, column: str, within: list[str], rule: str) -> None:
        """Refuse a column that changes within a group."""
        first = self.frame.select(pl.col(column).first().over(within))[column]
        changed = self.frame[column] != first
        if changed.any():
            row = int(changed.arg_max() or 0)
            names = ", ".join(f"{name} {self.frame[name][row]}" for name in within)
            remedy = f"{names} has {first[row]!r} above; correct one of them"
            raise self.refuse(row, column, rule, remedy)

    def unique(self, key: list[str]) -> None:
        """Refuse a second row for the same read."""
        again = ~self.frame.select(pl.struct(key).is_first_distinct()).to_series()
        if again.any():
            row = int(again.arg_max() or 0)
            cells = self.frame.row(row, named=True)
            same = pl.all_horizontal(*(pl.col(name) == cells[name] for name in key))
            before = self.frame.filter(same)[_ROW][0]
            named = ", ".join(f"{name} {cells[name]}" for name in key)
            rule = f"each read stands in one row, not twice ({named})"
            raise self.refuse(row, key[0], rule, f"row {before} holds it already; keep one")

    def codes(self, column: str, names: tuple[str, ...]) -> NDArray[np.int64]:
        """Return the place of each cell in ``names``."""
        order = pl.DataFrame({column: names, "_place": np.arange(len(names))})
        found = self.frame.select(column).join(order, on=column, how="left", maintain_order="left")
        return found["_place"].to_numpy()

    def names(self, column: str) -> tuple[str, ...]:
        """Return the distinct cells in the order of their first appearance."""
        return tuple(self.frame[column].unique(maintain_order=True).to_list())


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """The numbers of a levels table, shape (rows,) each."""

    truth: Grades
    level_truth: Grades
    grade: Grades
    score: NDArray[np.float64] | None


def _sources(table: _Checked) -> tuple[tuple[Source, ...], NDArray[np.int64]]:
    """Return the sources in natural order and each row's place among them."""
    modalities = tuple(sorted(table.names("modality"), key=natural_key))
    readers = tuple(sorted(table.names("reader"), key=natural_key))
    both = table.codes("modality", modalities) * len(readers) + table.codes("reader", readers)
    used, place = np.unique(both, return_inverse=True)
    sources = tuple(
        Source(modalities[index // len(readers)], readers[index % len(readers)]) for index in used
    )
    return sources, place


def _grid(
    unit: NDArray[np.int64], place: NDArray[np.int64], shape: tuple[int, int], rows: _Columns
) -> Grid:
    """Return the grid of reads, without truth and case."""
    grade = np.full(shape, -1, dtype=np.int8)
    grade[unit, place] = rows.grade
    asked = np.zeros(shape, dtype=np.bool_)
    asked[unit, place] = True
    score = None
    if rows.score is not None:
        score = np.full(shape, np.nan)
        score[unit, place] = rows.score
    truth = np.full(shape[0], -1, dtype=np.int8)
    truth[unit] = rows.level_truth
    return Grid(truth, grade, asked, np.arange(shape[0]), score)


def _of_cases(
    table: _Checked, truth: Grades, grade: Grades, score: NDArray[np.float64] | None
) -> Reads:
    names = table.names("case")
    sources, place = _sources(table)
    unit = table.codes("case", names)
    shape = (len(names), len(sources))
    grid = _grid(unit, place, shape, _Columns(truth, truth, grade, score))
    return Reads(names, sources, grid)


def _level_truth(table: _Checked, options: TableOptions) -> Grades:
    """Return the reference of each level; another reference has its own column or none."""
    name = options.level_truth_column
    if name not in table.frame.columns:
        return np.full(len(table.frame), -1, dtype=np.int8)
    found = table.mapped(name, _TRUTH | {"": -1}, "the truth of a level is 0, 1 or empty")
    rule = "the truth of a level is the same in all its rows"
    table.constant(name, ["case", "level"], rule)
    return found


def _of_levels(table: _Checked, rows: _Columns) -> Reads:
    names = table.names("case")
    sources, place = _sources(table)
    case = table.codes("case", names)
    unit = case * len(LEVELS) + table.codes("level", LEVELS)
    made = _grid(unit, place, (len(names) * len(LEVELS), len(sources)), rows)
    levels = Grid(made.truth, made.grade, made.asked, made.case // len(LEVELS), made.score)
    truth = np.full(len(names), -1, dtype=np.int8)
    truth[case] = rows.truth
    return Reads(names, sources, case_grid(levels, truth), levels)
