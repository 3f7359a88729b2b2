"""The tables of a cohort as CSV and Parquet: equal rows give equal bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import polars as pl

from myeloscope.exchange.trial_export import FORMULA

CHUNK = 20_000
"""Rows that are held as Python's objects at a time."""
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
    """
    schema = {column: _TYPES[kind] for column, kind in columns.items()}
    chunks = [pl.DataFrame(schema=schema)]
    chunks += [pl.DataFrame(rows, schema=schema, orient="row") for rows in _chunks(rows)]
    frame = pl.concat(chunks, rechunk=True)
    texts = [column for column, kind in columns.items() if kind is str]
    text = pl.col(texts)
    safe = pl.when(text.str.slice(0, 1).is_in(FORMULA)).then("'" + text).otherwise(text)
    for ending, write in (
        ("csv", frame.with_columns(safe.name.keep()).write_csv),
        ("parquet", frame.write_parquet),
    ):
        part = folder / f".{name}.{ending}.part"
        write(part)
        part.replace(folder / f"{name}.{ending}")
    return frame.height


def _chunks(rows: Iterable[Sequence[Cell]]) -> Iterator[list[Sequence[Cell]]]:
    """Yield the rows in lists of at most :data:`CHUNK`."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
