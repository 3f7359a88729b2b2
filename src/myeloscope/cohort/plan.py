"""What a run would do, before it does it: what was found, what is left, time and disk needed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from myeloscope.cohort.batch import Batch, read_batch
from myeloscope.cohort.record import Entry, Listing, StudyRef
from myeloscope.cohort.run import Cohort
from myeloscope.pipeline.warm import Warm

SAMPLE = 3
"""Studies that are read to know what one takes."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a study takes, as measured on ``studies`` of them: s and bytes."""

    studies: int
    seconds: float
    written: float


def cost_of(entries: Sequence[Entry]) -> Cost | None:
    """Return the mean cost of the studies that were read, ``None`` if there is none."""
    read = [entry for entry in entries if entry.failure is None]
    if not read:
        return None
    count = len(read)
    return Cost(
        count,
        sum(entry.seconds for entry in read) / count,
        sum(entry.written for entry in read) / count,
    )


def measured_cost(cohort: Cohort, waiting: Sequence[StudyRef], warm: Warm) -> Cost | None:
    """Return what a study takes, by reading a few of those that wait; nothing of them is kept."""
    step = max(1, len(waiting) // SAMPLE)
    sample = tuple(waiting[::step][:SAMPLE])
    with tempfile.TemporaryDirectory(prefix="myeloscope-") as folder:
        return cost_of(read_batch(Batch(sample, replace(cohort.order, out=folder)), warm))


def plan_lines(
    cohort: Cohort, waiting: Sequence[StudyRef], cost: Cost | None, workers: int
) -> Iterator[str]:
    """Yield the plan in lines of text.

    Parameters
    ----------
    cohort
        The cohort.
    waiting
        The studies that would be read.
    cost
        What one takes; ``None`` if none of a sample could be read.
    workers
        How many read at a time.
    """
    listing = cohort.listing
    size = sum(study.size for study in listing.studies)
    yield f"found: {len(listing.studies)} studies, {_bytes(size)}"
    done = len(listing.studies) - len(waiting)
    if done:
        yield f"done before: {done}"
    yield from skipped_lines(listing)
    yield f"to read: {len(waiting)}"
    if waiting and cost is None:
        yield "time and disk: unknown, for no study of the sample could be read"
    elif waiting and cost is not None:
        seconds = cost.seconds * len(waiting) / workers
        yield (
            f"time: about {duration(seconds)} with {workers} at a time; "
            f"disk: about {_bytes(cost.written * len(waiting))} "
            f"(measured on {cost.studies} of them)"
        )


def skipped_lines(listing: Listing) -> Iterator[str]:
    """Yield what of the source is not read and why, one line a reason."""
    for left in listing.damaged:
        yield f"cannot be read: {left.uid or left.place}: {left.reason}"
    for left in listing.others:
        yield f"passed over: {left.count} files: {left.reason}; the first: {left.place}"


def duration(seconds: float) -> str:
    """Return a length of time in the two units that matter."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours / 24:.1f} days"


def _bytes(size: float) -> str:
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"
