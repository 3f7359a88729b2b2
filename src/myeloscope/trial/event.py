"""What can happen to a trial. The log of these, in order, is the trial."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from myeloscope.trial.answer import Answer
from myeloscope.trial.protocol import Protocol, Reader
from myeloscope.trial.state import Assignment, Case


@dataclass(frozen=True, slots=True)
class TrialCreated:
    """A trial begins as a draft."""

    trial: str
    title: str
    protocol: Protocol
    leads: tuple[str, ...]
    kind: Literal["trial-created"] = "trial-created"


@dataclass(frozen=True, slots=True)
class ProtocolChanged:
    """The protocol is replaced, while the trial is a draft."""

    protocol: Protocol
    kind: Literal["protocol-changed"] = "protocol-changed"


@dataclass(frozen=True, slots=True)
class ReaderAdded:
    """A person, a panel or the algorithm joins."""

    reader: Reader
    kind: Literal["reader-added"] = "reader-added"


@dataclass(frozen=True, slots=True)
class CasesAdded:
    """Cases are imported."""

    cases: tuple[Case, ...]
    kind: Literal["cases-added"] = "cases-added"


@dataclass(frozen=True, slots=True)
class Allocated:
    """Every reader gets an own order; ``seed`` is what the orders were drawn from."""

    assignments: tuple[Assignment, ...]
    seed: int
    kind: Literal["allocated"] = "allocated"


@dataclass(frozen=True, slots=True)
class Opened:
    """Reading begins; the protocol is fixed."""

    kind: Literal["opened"] = "opened"


@dataclass(frozen=True, slots=True)
class Locked:
    """Reading ends. Reads that are missing stay missing, and ``reason`` says why."""

    reason: str | None = None
    kind: Literal["locked"] = "locked"


@dataclass(frozen=True, slots=True)
class Unblinded:
    """Truth may be shown to the lead."""

    kind: Literal["unblinded"] = "unblinded"


@dataclass(frozen=True, slots=True)
class Archived:
    """Nothing happens any more."""

    kind: Literal["archived"] = "archived"


@dataclass(frozen=True, slots=True)
class ReadStarted:
    """A reader opens a read for the first time."""

    read: str
    kind: Literal["read-started"] = "read-started"


@dataclass(frozen=True, slots=True)
class ReadSaved:
    """An answer is saved; ``base`` is the number of the draft it was made from."""

    read: str
    base: int
    answer: Answer
    active_s: float = 0.0
    idle_s: float = 0.0
    kind: Literal["read-saved"] = "read-saved"


@dataclass(frozen=True, slots=True)
class Voted:
    """A panel's member gives an own answer, before seeing the others'."""

    read: str
    answer: Answer
    kind: Literal["voted"] = "voted"


@dataclass(frozen=True, slots=True)
class ReadConfirmed:
    """A reader, or a member of a panel, locks draft ``base``; the last one of all locks it."""

    read: str
    base: int
    kind: Literal["read-confirmed"] = "read-confirmed"


@dataclass(frozen=True, slots=True)
class ReadReopened:
    """A locked read is to be amended, for a reason; what was locked is kept."""

    read: str
    reason: str
    kind: Literal["read-reopened"] = "read-reopened"


@dataclass(frozen=True, slots=True)
class AlgorithmRead:
    """The algorithm's reading, locked at once; ``file`` is the hash of its ``reading.json``."""

    read: str
    answer: Answer
    file: str
    kind: Literal["algorithm-read"] = "algorithm-read"


@dataclass(frozen=True, slots=True)
class AdjudicationAssigned:
    """Discordant examinations go to the adjudicator."""

    assignments: tuple[Assignment, ...]
    kind: Literal["adjudication-assigned"] = "adjudication-assigned"


ReadEvent: TypeAlias = (
    ReadStarted | ReadSaved | Voted | ReadConfirmed | ReadReopened | AlgorithmRead
)
SetUpEvent: TypeAlias = (
    ProtocolChanged | ReaderAdded | CasesAdded | Allocated | AdjudicationAssigned
)
PhaseEvent: TypeAlias = Opened | Locked | Unblinded | Archived
Event: TypeAlias = TrialCreated | SetUpEvent | PhaseEvent | ReadEvent

SYSTEM = "system"
"""Who acts where no person does: the algorithm's reading, the assignment of adjudications."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a trial's log: what happened, by whom (account), when (ISO 8601, UTC)."""

    event: Event
    by: str
    at: str
