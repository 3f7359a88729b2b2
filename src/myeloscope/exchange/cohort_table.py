"""The tables of a cohort as CSV and Parquet: equal rows give equal bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import polars as pl
from polars.io.plugins import register_io_source

from myeloscope.exchange.trial_export import FORMULA

CHUNK = 5_000
"""Rows that are held as Python's objects at a time."""
GROUP = 10_000
"""Rows of a row group of the Parquet file, which are in memory at once."""
_TYPES: Mapping[type, pl.DataType] = {
    str: pl.String(),
    int: pl.Int64(),
    float: pl.Float64(),
    bool: pl.Boolean(),
}
Cell = str | int | float | bool | None


def write_table(
    folder: Path, name: str, columns: Mapping[str, type], rows: Iterable[Sequence[Cell]]
) -> int:
    """Write ``name.csv`` and ``name.parquet`` and return the number of rows.

    Text that a spreadsheet would take for a formula gets a quote before it in the CSV.

    Parameters
    ----------
    folder
        Where to write; a file that is there is replaced when the new one is whole.
    name
        Name without ending.
    columns
        Column -> type of its cells.
    rows
        Cells in the order of the columns; ``None`` is an empty cell.

    Raises
    ------
    OSError
        If the operating system refuses.
    """
    schema = {column: _TYPES[kind] for column, kind in columns.items()}
    text = pl.col([column for column, kind in columns.items() if kind is str])
    formula = text.str.slice(0, 1).is_in(FORMULA)
    safe = pl.when(formula).then("'" + text).otherwise(text).name.keep()
    parts = {ending: folder / f".{name}.{ending}.part" for ending in ("csv", "parquet")}
    count = 0

    def frames(*_: object) -> Iterator[pl.DataFrame]:
        nonlocal count
        with parts["csv"].open("wb") as csv:
            pl.DataFrame(schema=schema).write_csv(csv)
            for chunk in _chunks(rows):
                frame = pl.DataFrame(chunk, schema=schema, orient="row")
                frame.with_columns(safe).write_csv(csv, include_header=False)
                count += len(frame)
                yield frame

    source = register_io_source(frames, schema=schema)
    try:
        source.sink_parquet(parts["parquet"], row_group_size=GROUP, maintain_order=True)
    except pl.exceptions.ComputeError as error:
        raise OSError(f"no Parquet file can be written: {error}") from error
    for ending, part in parts.items():
        part.replace(folder / f"{name}.{ending}")
    return count


def _chunks(rows: Iterable[Sequence[Cell]]) -> Iterator[list[Sequence[Cell]]]:
    """Yield the rows in lists of at most :data:`CHUNK`."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
