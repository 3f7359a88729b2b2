"""A batch of studies, read by a worker; and how large a batch should be."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from myeloscope.cohort.record import Entry, Failure, Order, StudyRef
from myeloscope.errors import InputError, LimitError, MyeloscopeError
from myeloscope.pipeline.each import Answered, Many, limited_run, work_through
from myeloscope.pipeline.warm import Warm

TRIES = 2
"""How often a study may fail before it is set aside."""
TO_JSON = "myeloscope.cohort.reading:read_to_json"
TO_FILES = "myeloscope.cohort.reading_whole:read_to_files"
TARGET_S = 10.0
"""How long a batch should take: long against a round trip, short against an evening, s."""
LEAST_S = 1.0
"""How short batches get toward the end at most: long against the start of one, s."""
MOST = 100
"""Studies of a batch at most, however quick."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Studies that one worker reads, one after another."""

    studies: tuple[StudyRef, ...]
    order: Order


def module_of(order: Order) -> str:
    """Return the module that a warm process loads for an order."""
    return work_of(order).partition(":")[0]


def work_of(order: Order) -> str:
    """Return the function that reads a study of an order."""
    return order.work or (TO_JSON if order.only_json else TO_FILES)


def read_batch(batch: Batch, warm: Warm) -> tuple[Entry, ...]:
    """Read a batch's studies; each comes back once, read or set aside.

    Raises
    ------
    MyeloscopeError
        What no study is to blame for, such as a folder that cannot be written.
    """
    order = batch.order
    entries: list[Entry] = []
    begun = time.perf_counter()

    def hear(study: StudyRef, answer: Answered) -> None:
        nonlocal begun
        now = time.perf_counter()
        entries.append(_entry(study, answer, order, now - begun))
        begun = now

    with tempfile.TemporaryDirectory(prefix="myeloscope-") as folder:
        here = []
        for number, study in enumerate(batch.studies):
            brought = _brought(study, order, Path(folder) / str(number))
            if isinstance(brought, Entry):
                entries.append(brought)
            else:
                here.append(brought)
        many = Many(work_of(order), tuple(here), replace(order, fetch=None))
        work_through(many, limited_run(warm.run, order.limits), hear, tries=TRIES)
    return tuple(entries)


def lost_entry(study: StudyRef, order: Order, tries: int) -> Entry:
    """Return the line of a study with which worker after worker was lost."""
    return Entry(
        study.uid, order.keys(study)[1], 0.0,
        failure=Failure.LOST, place=study.paths[0], tries=tries,
        reason="the worker that read it was lost each time; its memory may have been too small",
    )  # fmt: skip


def batch_size(seconds: float, left: int, workers: int) -> int:
    """Return how many studies the next batch has.

    Parameters
    ----------
    seconds
        What a study takes, as measured so far, s.
    left
        Studies that are not yet in a batch.
    workers
        Workers that share them; toward the end batches get smaller, so that all end together.
    """
    cost = max(seconds, 1e-3)
    share = left // workers
    if workers > 1:
        share = max(share // 2, min(share, int(LEAST_S / cost)))
    return max(1, min(int(TARGET_S / cost), MOST, share))


def _brought(study: StudyRef, order: Order, folder: Path) -> StudyRef | Entry:
    """Return a study with files to read, or the line that says why there are none."""
    if order.fetch is None:
        return study
    begun = time.perf_counter()
    for last in range(TRIES - 1, -1, -1):
        try:
            folder.mkdir(exist_ok=True)
            return order.fetch(study, folder)
        except InputError as error:
            if not last:
                seconds = time.perf_counter() - begun
                return _failed(study, order, seconds, Failure.FETCH, str(error), TRIES)
    raise AssertionError("unreachable")


def _entry(study: StudyRef, answer: Answered, order: Order, seconds: float) -> Entry:
    if answer.error is None:
        entry: Entry = replace(answer.value, tries=answer.tries)
        return entry
    error = answer.error.error()
    return _failed(study, order, seconds, failure_of(error), str(error), answer.tries)


def failure_of(error: MyeloscopeError) -> Failure:
    """Return what kind of failure an error is."""
    if isinstance(error, LimitError):
        return Failure.MEMORY if "address space" in error.rule else Failure.TIME
    if isinstance(error, InputError):
        starved = str(error.value).startswith("MemoryError")
        return Failure.MEMORY if starved else Failure.INPUT
    return Failure.CRASH


def _failed(
    study: StudyRef, order: Order, seconds: float, kind: Failure, reason: str, tries: int
) -> Entry:
    return Entry(
        study.uid,
        order.keys(study)[1],
        seconds,
        failure=kind,
        place=study.paths[0],
        reason=reason,
        tries=tries,
    )
