"""The data of the reference numbers: square tables, raw ratings and tables of reads."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from myeloscope.accuracy import (
    Coefficient,
    Statistic,
    Weights,
    agreement,
    analyse,
    marginal_homogeneity,
    mcnemar,
    pair_table,
    presence_indices,
    tango_difference,
)
from myeloscope.exchange.reads import read_table

LEVELS = ("C", "T", "L")
READERS = {"R1": "r1", "R2": "r2", "RIC": "ric"}


@dataclass(frozen=True, slots=True)
class Figures:
    """Rows that can be looked up by what identifies them."""

    rows: tuple[Statistic, ...]

    def one(self, statistic: str, **identity: str | int | None) -> Statistic:
        """Return the only row with that identity; unnamed text fields are empty."""
        wanted = {"endpoint": "", "weights": "", "method": "", **identity}
        found = [
            row
            for row in self.rows
            if row.statistic == statistic
            and all(getattr(row, name) == value for name, value in wanted.items())
        ]
        if len(found) != 1:
            raise LookupError(f"{len(found)} rows are {statistic} {identity}")
        return found[0]

    def where(self, **identity: str | int | None) -> Figures:
        """Return the rows with that identity."""
        return Figures(
            tuple(
                row
                for row in self.rows
                if all(getattr(row, name) == value for name, value in identity.items())
            )
        )


def rows_of(path: Path) -> list[list[str]]:
    """Return a CSV file's rows, the header first."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def square(path: Path) -> NDArray[np.int64]:
    """Return a square table of counts."""
    return np.array([[int(cell) for cell in row] for row in rows_of(path)[1:]])


def raw(path: Path, columns: Sequence[int] | None = None) -> tuple[NDArray[np.int64], int]:
    """Return raw ratings, shape (subjects, readers), -1 missing, and the number of categories.

    The scale is that of the whole file, also where two columns are taken.
    """
    cells = [["" if cell in ("NA", "") else cell for cell in row] for row in rows_of(path)[1:]]
    scale = sorted({cell for row in cells for cell in row if cell})
    codes = np.array([[scale.index(cell) if cell else -1 for cell in row] for row in cells])
    return (codes if columns is None else codes[:, list(columns)]), len(scale)


def pair_figures(table: NDArray[np.int64]) -> Figures:
    """Return every paired figure of a square table (first category before the second)."""
    rows: list[Statistic] = [agreement(table, k, w) for k in Coefficient for w in Weights]
    rows.extend(marginal_homogeneity(table))
    if len(table) == 2:
        rows.extend(presence_indices(table))
        b, c, n = int(table[1, 0]), int(table[0, 1]), int(table.sum())
        rows.extend((*mcnemar(b, c, n), tango_difference(b, c, n)))
    return Figures(tuple(rows))


@dataclass(frozen=True)
class Folder:
    """A folder of reference data, its files read once."""

    path: Path

    @cached_property
    def paper_calls(self) -> dict[str, NDArray[np.int64]]:
        """Return the paper's levels: patient, and each reader's calls, shape (patients, 3)."""
        header, *rows = rows_of(self.path / "paper_patient_levels.csv")
        order = sorted(rows, key=lambda row: (int(row[0]), LEVELS.index(row[1])))
        return {
            name: np.array([int(row[header.index(column)]) for row in order]).reshape(-1, 3)
            for name, column in READERS.items()
        }

    def paper_table(self, name: str) -> NDArray[np.int64]:
        """Return the 2 x 2 table of an id such as ``R1_RIC``, ``R1_R2_30`` or ``T_R1_R2``."""
        parts = name.split("_")
        calls = self.paper_calls
        if parts[0] in LEVELS:
            place = LEVELS.index(parts[0])
            return pair_table(calls[parts[1]][:, place], calls[parts[2]][:, place], 2)
        one, two = (calls[reader].max(axis=1) for reader in parts[:2])
        controls = np.array([[13, 0], [1, 1]]) if parts[-1] == "30" else 0
        return pair_table(one, two, 2) + controls

    def study(self, name: str) -> Figures:
        """Return the analysis of a table of reads, made once."""
        return self.once(name, lambda: Figures(analyse(read_table(self.path / name))))

    def once(self, name: str, make: Callable[[], Figures]) -> Figures:
        """Return the figures called ``name``, made at the first call."""
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    @cached_property
    def _made(self) -> dict[str, Figures]:
        return {}

    def text(self, name: str, columns: Iterable[str]) -> list[list[str]]:
        """Return some columns of a CSV file."""
        header, *rows = rows_of(self.path / name)
        return [[row[header.index(c)] for row in rows] for c in columns]

    def columns(self, name: str, columns: Iterable[str]) -> list[NDArray[np.float64]]:
        """Return some columns of a CSV file as numbers."""
        return [np.array(cells, dtype=float) for cells in self.text(name, columns)]
