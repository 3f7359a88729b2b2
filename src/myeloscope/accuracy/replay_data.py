"""Table 1 and the control counts as arrays of calls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myeloscope.domain.anatomy import Region
from myeloscope.domain.paper import (
    CONTROLS,
    TABLE_1,
    ControlCounts,
    Levels,
    PaperPatient,
    PaperReader,
)

Calls = NDArray[np.int64]
MRM_READERS = (PaperReader.READER_1, PaperReader.READER_2)
PAIRS = (
    (PaperReader.READER_1, PaperReader.RIC),
    (PaperReader.READER_2, PaperReader.RIC),
    (PaperReader.READER_1, PaperReader.READER_2),
)


@dataclass(frozen=True, slots=True)
class PaperData:
    """What the recomputation starts from: a table of patients and the counts of controls."""

    patients: tuple[PaperPatient, ...] = TABLE_1
    controls: ControlCounts = CONTROLS

    def presence(self, reader: PaperReader) -> Calls:
        """Return whether each patient was called positive, 0 or 1, shape (patients,)."""
        return np.array([int(bool(p.levels(reader))) for p in self.patients], dtype=np.int64)

    def levels(self, reader: PaperReader) -> Calls:
        """Return the calls by level, 0 or 1, shape (patients, 3), columns C, T, L."""
        return np.array(
            [[int(region in p.levels(reader)) for region in Region] for p in self.patients],
            dtype=np.int64,
        )

    def control_calls(self, reader: PaperReader, shared: int | None = None) -> Calls:
        """Return the controls' calls of an MRM reader, 0 or 1, shape (controls,).

        Parameters
        ----------
        reader
            Reader 1 or 2; reader 1's positives come first, reader 2's begin so that ``shared``
            of them are reader 1's too.
        shared
            Controls called by both; by default the one of Figure 2D.
        """
        calls = np.zeros(self.controls.n, dtype=np.int64)
        shared = self.controls.both_positive if shared is None else shared
        if reader is PaperReader.READER_1:
            calls[: self.controls.reader1_positive] = 1
        else:
            start = self.controls.reader1_positive - shared
            calls[start : start + self.controls.reader2_positive] = 1
        return calls

    def all_calls(self, reader: PaperReader, shared: int | None = None) -> Calls:
        """Return an MRM reader's calls of patients, then controls, 0 or 1."""
        return np.concatenate([self.presence(reader), self.control_calls(reader, shared)])

    def control_positives(self, reader: PaperReader) -> int:
        """Return how many controls an MRM reader called positive."""
        return int(self.control_calls(reader).sum())

    def who(self, reader: PaperReader, region: Region) -> tuple[int, ...]:
        """Return the patients in whom a reader called a level."""
        return tuple(p.patient for p in self.patients if region in p.levels(reader))


def pair_name(first: PaperReader, second: PaperReader) -> str:
    """Return how a pair of readers is called, ``reader 1 vs RIC``."""
    return f"{first} vs {second}"


def letters(levels: Levels) -> str:
    """Return levels as Table 1 writes them: ``T/L``, or ``-`` for no leak."""
    return "/".join(region.letter for region in levels) or "-"
