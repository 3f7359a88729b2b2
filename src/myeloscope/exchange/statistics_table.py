"""The figures of an analysis as ``statistics.csv`` and ``analysis.json``."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping

from myeloscope.accuracy.record import COLUMNS, Statistic

ANALYSIS_SCHEMA = "myeloscope.analysis/1"
Cell = str | int | float | None


def _finite(value: Cell) -> Cell:
    """Return the cell, or ``None`` for a number that a table cannot hold."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def statistics_csv(rows: Iterable[Statistic]) -> str:
    """Return the tidy table, one row a figure; numbers in full double precision."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        cells = (_finite(getattr(row, name)) for name in COLUMNS)
        writer.writerow("" if cell is None else cell for cell in cells)
    return text.getvalue()


def analysis_json(rows: Iterable[Statistic], settings: Mapping[str, object], version: str) -> str:
    """Return the same figures with settings and version; cells that do not apply are left out."""
    records = [
        {name: cell for name in COLUMNS if (cell := _finite(getattr(row, name))) not in ("", None)}
        for row in rows
    ]
    document = {
        "schema": ANALYSIS_SCHEMA,
        "version": version,
        "settings": dict(settings),
        "statistics": records,
    }
    return json.dumps(document, indent=1, allow_nan=False) + "\n"
