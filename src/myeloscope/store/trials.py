"""What people and the program do with trials: each call is one acknowledged change of the log."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from myeloscope.store.chain import Head
from myeloscope.store.log import Log
from myeloscope.trial.adjudication import to_adjudicate
from myeloscope.trial.allocation import allocate
from myeloscope.trial.answer import Answer
from myeloscope.trial.event import (
    SYSTEM,
    AdjudicationAssigned,
    AlgorithmRead,
    Allocated,
    Archived,
    CasesAdded,
    Entry,
    Event,
    Locked,
    Opened,
    ProtocolChanged,
    ReadConfirmed,
    ReaderAdded,
    ReadEvent,
    TrialCreated,
    Unblinded,
)
from myeloscope.trial.protocol import Protocol, Reader
from myeloscope.trial.refusals import refused
from myeloscope.trial.rules import apply
from myeloscope.trial.state import Case, Trial

Clock = Callable[[], str]


def now() -> str:
    """Return the present moment, ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def random_name() -> str:
    """Return a name of 128 random bits, which says nothing."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Trials:
    """The trials of a log.

    Attributes
    ----------
    log
        Where they are kept.
    clock
        Gives the moment of each change.
    new_id
        Gives the opaque name of each read.
    """

    log: Log
    clock: Clock = now
    new_id: Callable[[], str] = random_name

    def create(
        self, trial: str, title: str, protocol: Protocol, leads: tuple[str, ...], by: str
    ) -> Trial:
        """Create a trial as a draft; raises as :meth:`Log.change`."""
        return self._do(trial, by, TrialCreated(trial, title, protocol, leads))

    def change_protocol(self, trial: str, protocol: Protocol, by: str) -> Trial:
        """Replace the protocol of a draft."""
        return self._do(trial, by, ProtocolChanged(protocol))

    def add_reader(self, trial: str, reader: Reader, by: str) -> Trial:
        """Add a person, a panel or the algorithm to a draft."""
        return self._do(trial, by, ReaderAdded(reader))

    def add_cases(self, trial: str, cases: tuple[Case, ...], by: str) -> Trial:
        """Add cases to a draft."""
        return self._do(trial, by, CasesAdded(cases))

    def assign(self, trial: str, seed: int, by: str) -> Trial:
        """Draw every reader's order from a seed."""

        def decide(state: Trial | None) -> list[Entry]:
            drawn = allocate(self._there(state, trial), seed, self.new_id)
            return [Entry(Allocated(drawn, seed), by, self.clock())]

        return self.log.change(trial, decide)

    def open(self, trial: str, by: str) -> Trial:
        """Let reading begin."""
        return self._do(trial, by, Opened())

    def lock(self, trial: str, by: str, reason: str | None = None) -> tuple[Trial, Head]:
        """End reading and return the head of the audit log, to be printed."""
        state = self._do(trial, by, Locked(reason))
        return state, self.log.head()

    def unblind(self, trial: str, by: str) -> Trial:
        """Join reads and truth."""
        return self._do(trial, by, Unblinded())

    def archive(self, trial: str, by: str) -> Trial:
        """End the trial."""
        return self._do(trial, by, Archived())

    def read(self, trial: str, event: ReadEvent, by: str) -> Trial:
        """Let something happen to a read; a lock may call for adjudications, which follow."""

        def decide(state: Trial | None) -> list[Entry]:
            before = self._there(state, trial)
            entries = [Entry(event, by, self.clock())]
            if isinstance(event, ReadConfirmed):
                given = to_adjudicate(apply(before, entries[0]), self.new_id)
                if given:
                    entries.append(Entry(AdjudicationAssigned(given), SYSTEM, self.clock()))
            return entries

        return self.log.change(trial, decide)

    def read_by_algorithm(self, trial: str, read: str, answer: Answer, file: str) -> Trial:
        """Lock the algorithm's reading; ``file`` is the hash of its ``reading.json``."""
        return self.read(trial, AlgorithmRead(read, answer, file), SYSTEM)

    def _do(self, trial: str, by: str, event: Event) -> Trial:
        return self.log.change(trial, lambda _: [Entry(event, by, self.clock())])

    def _there(self, state: Trial | None, trial: str) -> Trial:
        if state is None:
            raise refused("a trial is one that was created", trial, "trial", "create it first")
        return state
