"""What may happen when: tables of states and transitions, and :func:`apply`.

Who is administrator or lead is asked by whoever calls; here only a reader's own accounts count,
because the log must replay without them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from myeloscope.trial.adjudication import is_discordant
from myeloscope.trial.event import (
    SYSTEM,
    AdjudicationAssigned,
    Allocated,
    Archived,
    CasesAdded,
    Entry,
    Event,
    Locked,
    Opened,
    PhaseEvent,
    ProtocolChanged,
    ReaderAdded,
    SetUpEvent,
    TrialCreated,
    Unblinded,
)
from myeloscope.trial.protocol import Phase, Reader
from myeloscope.trial.reading_rules import apply_read
from myeloscope.trial.refusals import refused
from myeloscope.trial.sequence import DONE
from myeloscope.trial.state import Assignment, Case, Read, Status, Trial

PHASES: Mapping[type[PhaseEvent], tuple[Phase, Phase]] = {
    Opened: (Phase.DRAFT, Phase.OPEN),
    Locked: (Phase.OPEN, Phase.LOCKED),
    Unblinded: (Phase.LOCKED, Phase.UNBLINDED),
    Archived: (Phase.UNBLINDED, Phase.ARCHIVED),
}
"""Event -> the phase it needs and the phase it leads to."""

SET_UP: Mapping[type[SetUpEvent], Phase] = {
    ProtocolChanged: Phase.DRAFT,
    ReaderAdded: Phase.DRAFT,
    CasesAdded: Phase.DRAFT,
    Allocated: Phase.DRAFT,
    AdjudicationAssigned: Phase.OPEN,
}
"""Event -> the only phase in which it may happen."""

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
"""What a trial's name looks like; it stands in addresses."""

_T = TypeVar("_T", Reader, Case, Assignment)


def apply(trial: Trial | None, entry: Entry) -> Trial:
    """Return the trial after one more entry of its log.

    Raises
    ------
    TrialError
        If it may not happen now; the trial is as it was.
    """
    event = entry.event
    if isinstance(event, TrialCreated):
        return _create(trial, event)
    if trial is None:
        raise refused("a log begins with the trial's creation", event.kind, "trial log", "check it")
    if isinstance(event, PhaseEvent):
        return _step(trial, event)
    if isinstance(event, SetUpEvent):
        _need(trial, SET_UP[type(event)], event)
        return _set_up(trial, event, entry.by)
    _need(trial, Phase.OPEN, event)
    return apply_read(trial, event, entry)


def replay(entries: Iterable[Entry]) -> Trial:
    """Return the trial that a whole log leads to.

    Raises
    ------
    TrialError
        If the log is empty or breaks a rule.
    """
    trial: Trial | None = None
    for entry in entries:
        trial = apply(trial, entry)
    if trial is None:
        raise refused("a log has entries", "none", "trial log", "restore it from a backup")
    return trial


def _create(trial: Trial | None, event: TrialCreated) -> Trial:
    if trial is not None:
        raise refused("a trial is created once", event.trial, f"trial {trial.id}", "choose another")
    if not NAME.fullmatch(event.trial):
        raise refused(
            "a trial's name has 1 to 40 of a-z, 0-9 and '-'",
            event.trial[:60],
            "trial",
            "choose another",
        )
    if not event.leads:
        raise refused("a trial has a lead", "none", f"trial {event.trial}", "name one")
    return Trial(event.trial, event.title, event.protocol, event.leads)


def _need(trial: Trial, phase: Phase, event: Event) -> None:
    if trial.phase is not phase:
        raise refused(
            f"{event.kind} needs a trial that is {phase}", trial.phase, f"trial {trial.id}",
            "a phase never comes back",
        )  # fmt: skip


def _step(trial: Trial, event: PhaseEvent) -> Trial:
    before, after = PHASES[type(event)]
    _need(trial, before, event)
    if isinstance(event, Opened):
        _check_ready(trial)
    if isinstance(event, Locked):
        _check_complete(trial, event)
    return replace(trial, phase=after)


def _check_ready(trial: Trial) -> None:
    if not trial.reads:
        raise refused(
            "a trial opens when every reader has an order", "no allocation", f"trial {trial.id}",
            "add readers, import cases and assign them",
        )  # fmt: skip


def _check_complete(trial: Trial, event: Locked) -> None:
    """Refuse to lock with reads undone without a reason, and in mid-amendment ever."""
    amending = [read for read in trial.reads.values() if read.status is Status.AMENDING]
    if amending:
        raise refused(
            "a trial is locked when no read is being amended", f"{len(amending)} reads",
            f"trial {trial.id}", "let the readers lock them",
        )  # fmt: skip
    undone = sum(read.status not in DONE for read in trial.reads.values())
    if undone and not (event.reason and event.reason.strip()):
        raise refused(
            "a trial is locked when every read is, or a reason is given",
            f"{undone} of {len(trial.reads)} reads not locked", f"trial {trial.id}",
            "wait for the readers, or give a reason",
        )  # fmt: skip


def _set_up(trial: Trial, event: SetUpEvent, by: str) -> Trial:
    if isinstance(event, Allocated):
        _check_allocation(trial, event)
        return _with_assignments(replace(trial, reads={}, orders={}), event.assignments)
    if isinstance(event, AdjudicationAssigned):
        _check_adjudication(trial, event, by)
        return _with_assignments(trial, event.assignments)
    # What was assigned no longer fits what is to be read.
    fresh = replace(trial, reads={}, orders={})
    if isinstance(event, ProtocolChanged):
        return replace(fresh, protocol=event.protocol)
    if isinstance(event, ReaderAdded):
        return replace(fresh, readers=_added(trial.readers, (event.reader,), _reader_id))
    return replace(fresh, cases=_added(trial.cases, event.cases, _case_id))


def _reader_id(reader: Reader) -> str:
    return reader.id


def _case_id(case: Case) -> str:
    return case.id


def _added(
    there: Mapping[str, _T], new: tuple[_T, ...], name: Callable[[_T], str]
) -> Mapping[str, _T]:
    made = dict(there)
    for each in new:
        if name(each) in made:
            raise refused("each name is used once", name(each), "trial", "choose another name")
        made[name(each)] = each
    return made


def _check_allocation(trial: Trial, event: Allocated) -> None:
    """Refuse assignments of readers, cases or examinations that are not there."""
    names = {assignment.id for assignment in event.assignments}
    if len(names) < len(event.assignments):
        raise refused("each read has a name of its own", "two alike", f"trial {trial.id}", "redraw")
    for each in event.assignments:
        _check_assignment(trial, each, adjudicates=False)


def _check_assignment(trial: Trial, each: Assignment, *, adjudicates: bool) -> None:
    reader, case = trial.readers.get(each.reader), trial.cases.get(each.case)
    if reader is None or reader.adjudicates is not adjudicates:
        raise refused(
            "reads go to a reader of their kind", each.reader, f"read {each.id}", "add it"
        )
    if case is None or case.examination(each.technique, each.visit) is None:
        raise refused("a read is of an examination", each.case, f"read {each.id}", "import it")


def _check_adjudication(trial: Trial, event: AdjudicationAssigned, by: str) -> None:
    if by != SYSTEM:
        raise refused("adjudications follow from the reads", by, f"trial {trial.id}", "wait")
    for each in event.assignments:
        _check_assignment(trial, each, adjudicates=True)
        key = (each.case, each.technique, each.visit)
        if each.id in trial.reads or not is_discordant(trial, key):
            raise refused("only discordant reads are adjudicated", each.id, "trial log", "wait")


def _with_assignments(trial: Trial, assignments: tuple[Assignment, ...]) -> Trial:
    reads = {**trial.reads, **{each.id: Read(each) for each in assignments}}
    orders = {reader: list(names) for reader, names in trial.orders.items()}
    for each in sorted(assignments, key=lambda one: one.position):
        orders.setdefault(each.reader, []).append(each.id)
    made = {reader: tuple(names) for reader, names in orders.items()}
    return replace(trial, reads=reads, orders=made)
