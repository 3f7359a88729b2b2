"""When a read may be begun: the reader's own order, blocks and washout."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import takewhile

from myeloscope.trial.protocol import Order
from myeloscope.trial.state import Read, Status, Trial

DONE = frozenset({Status.LOCKED, Status.AMENDING})
"""Status of reads that have a locked answer."""


def order_of(trial: Trial, reader: str) -> Iterator[Read]:
    """Yield a reader's reads in the reader's own order."""
    return (trial.reads[name] for name in trial.orders.get(reader, ()))


def waits_for(trial: Trial, read: Read) -> Read | None:
    """Return the read that must be locked before this one may be begun, ``None`` if none."""
    own = read.assignment
    enforced = trial.protocol.order is Order.ENFORCED
    before = takewhile(lambda other: other.assignment.id != own.id, order_of(trial, own.reader))
    for other in before:
        if (enforced or other.assignment.block < own.block) and other.status not in DONE:
            return other
    return None


def in_reach(trial: Trial, reader: str) -> Iterator[Read]:
    """Yield the reads whose images a reader may have: begun ones, and those that come next.

    The next read's images can be fetched while the one before is being read.
    """
    free = trial.protocol.order is Order.FREE_IN_BLOCK
    waiting: int | None = None
    for read in order_of(trial, reader):
        if read.status is not Status.ASSIGNED:
            yield read
        elif waiting is None or (free and read.assignment.block == waiting):
            waiting = read.assignment.block
            yield read


def rested_from(trial: Trial, read: Read) -> datetime | None:
    """Return the moment at which the washout of this read's case ends, ``None`` if never begun.

    Reads of the same case count whoever of the same people made them, alone or in a panel, with
    either technique.
    """
    if not trial.protocol.washout_days:
        return None
    own = read.assignment
    users = set(trial.readers[own.reader].users)
    ends = [
        datetime.fromisoformat(other.revisions[0].at)
        for other in trial.reads.values()
        if other.assignment.case == own.case
        and other.assignment.id != own.id
        and other.revisions
        and users & set(trial.readers[other.assignment.reader].users)
    ]
    if not ends:
        return None
    return max(ends) + timedelta(days=trial.protocol.washout_days)


def is_rested(trial: Trial, read: Read, at: str) -> bool:
    """Return whether the washout of this read's case has passed at a moment (ISO 8601)."""
    end = rested_from(trial, read)
    return end is None or datetime.fromisoformat(at) >= end
