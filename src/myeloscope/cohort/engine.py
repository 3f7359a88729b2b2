"""Who reads the batches: here one process, after the other; in ``cluster`` the workers of Dask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from myeloscope.cohort.batch import Batch, batch_size, module_of, read_batch
from myeloscope.cohort.record import Entry, Order, StudyRef
from myeloscope.pipeline.warm import Warm

FIRST_S = 1.0
"""What a study is taken to take before one was read, s."""


class Engine(Protocol):
    """Reads studies, each once."""

    def read(self, studies: Sequence[StudyRef], order: Order) -> Iterator[tuple[Entry, ...]]:
        """Yield what came of the studies, batch after batch, in any order.

        Raises
        ------
        MyeloscopeError
            What no study is to blame for.
        """


class Supply:
    """Deals studies into batches, as large as the measured cost of a study suggests."""

    def __init__(self, studies: Sequence[StudyRef], order: Order) -> None:
        self._studies = studies
        self._order = order
        self._next = 0
        self._seconds, self._count = 0.0, 0

    def deal(self, workers: int) -> Batch | None:
        """Return the next batch for one of so many workers; ``None`` when all are dealt."""
        left = len(self._studies) - self._next
        if not left:
            return None
        cost = self._seconds / self._count if self._count else FIRST_S
        end = self._next + batch_size(cost, left, workers)
        dealt = tuple(self._studies[self._next : end])
        self._next = end
        return Batch(dealt, self._order)

    def learn(self, entries: Sequence[Entry]) -> None:
        """Take note of what studies took."""
        self._seconds += sum(entry.seconds for entry in entries)
        self._count += len(entries)


class InProcess:
    """Reads one batch after another in a process of this machine."""

    def read(self, studies: Sequence[StudyRef], order: Order) -> Iterator[tuple[Entry, ...]]:
        """Yield what came of the studies, batch after batch, in their order."""
        supply = Supply(studies, order)
        with Warm(module_of(order)) as warm:
            while (batch := supply.deal(1)) is not None:
                entries = read_batch(batch, warm)
                supply.learn(entries)
                yield entries
