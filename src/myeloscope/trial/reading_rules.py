"""What may happen to one read: a table of states, and the checks of each step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from myeloscope.domain.grade import ReaderKind, ReaderMode
from myeloscope.trial.answer import Answer, gaps
from myeloscope.trial.event import (
    SYSTEM,
    AlgorithmRead,
    Entry,
    ReadConfirmed,
    ReadEvent,
    ReadReopened,
    ReadSaved,
    ReadStarted,
    Voted,
)
from myeloscope.trial.protocol import Reader, Shown
from myeloscope.trial.refusals import ConflictError, ForbiddenError, refused
from myeloscope.trial.sequence import is_rested, rested_from, waits_for
from myeloscope.trial.state import Read, Revision, Status, Trial

STEPS: Mapping[tuple[Status, type[ReadEvent]], Status] = {
    (Status.ASSIGNED, ReadStarted): Status.STARTED,
    (Status.STARTED, ReadSaved): Status.SAVED,
    (Status.SAVED, ReadSaved): Status.SAVED,
    (Status.STARTED, Voted): Status.STARTED,
    (Status.SAVED, Voted): Status.SAVED,
    (Status.SAVED, ReadConfirmed): Status.LOCKED,
    (Status.LOCKED, ReadReopened): Status.AMENDING,
    (Status.AMENDING, ReadSaved): Status.AMENDING,
    (Status.AMENDING, ReadConfirmed): Status.LOCKED,
    (Status.ASSIGNED, AlgorithmRead): Status.LOCKED,
}
"""(status, event) -> status. A panel's read keeps its status until all members have confirmed."""

DONE_TO: Mapping[type[ReadEvent], str] = {
    ReadStarted: "begun",
    ReadSaved: "saved",
    Voted: "voted on",
    ReadConfirmed: "locked",
    ReadReopened: "amended",
    AlgorithmRead: "read by the algorithm",
}
"""What each event does to a read, in words."""

MOST_SECONDS = 3600.0
"""Longest time that one save may add to a read's reading time."""


def apply_read(trial: Trial, event: ReadEvent, entry: Entry) -> Trial:
    """Return the trial after something happened to one read.

    Raises
    ------
    ConflictError
        If a save or lock rests on an older draft.
    ForbiddenError
        If it is another reader's read.
    TrialError
        If the read is not in a state, or not of a kind, for it.
    """
    read = trial.reads.get(event.read)
    if read is None:
        raise ForbiddenError(
            "a read is one of the trial's", value=event.read, place="read", remedy="open the list"
        )
    reader = trial.readers[read.assignment.reader]
    _check_actor(reader, read, entry.by)
    after = STEPS.get((read.status, type(event)))
    if after is None:
        raise refused(
            f"a read that is {read.status} cannot be {DONE_TO[type(event)]}", event.kind,
            _place(read), "reload it",
        )  # fmt: skip
    made = replace(_stepped(trial, read, event, entry), status=after)
    if isinstance(event, ReadConfirmed) and made.confirmed != frozenset(reader.users):
        made = replace(made, status=read.status)
    elif isinstance(event, ReadConfirmed):
        made = _locked(trial, read, made, entry.at)
    return replace(trial, reads={**trial.reads, event.read: made})


def _place(read: Read) -> str:
    return f"read {read.assignment.id}"


def _check_actor(reader: Reader, read: Read, by: str) -> None:
    allowed = (SYSTEM,) if reader.kind is ReaderKind.ALGORITHM else reader.users
    if by not in allowed:
        raise ForbiddenError(
            "a read belongs to its reader", value=by, place=_place(read), remedy="open your own"
        )


def _stepped(trial: Trial, read: Read, event: ReadEvent, entry: Entry) -> Read:
    """Return the read with what the event brings, its status not yet changed."""
    reader = trial.readers[read.assignment.reader]
    if isinstance(event, ReadStarted):
        return _start(trial, reader, read, entry.at)
    if isinstance(event, ReadSaved):
        return _save(trial, reader, read, event)
    if isinstance(event, Voted):
        return _vote(trial, reader, read, entry.by, event)
    if isinstance(event, ReadConfirmed):
        return _confirm(trial, read, entry.by, event)
    if isinstance(event, ReadReopened):
        return _reopen(read, event)
    revision = Revision(event.answer, entry.at, ReaderMode.UNAIDED, file=event.file)
    return replace(read, draft=event.answer, number=1, revisions=(revision,))


def _start(trial: Trial, reader: Reader, read: Read, at: str) -> Read:
    if reader.kind is ReaderKind.ALGORITHM:
        raise refused("the algorithm reads at once", reader.id, _place(read), "leave it")
    before = waits_for(trial, read)
    if before is not None:
        raise refused(
            "reads are done in the reader's own order", f"number {read.assignment.position + 1}",
            _place(read), f"lock number {before.assignment.position + 1} first",
        )  # fmt: skip
    if not is_rested(trial, read, at):
        end = rested_from(trial, read)
        raise refused("the washout must have passed", at, _place(read), f"come back after {end}")
    return read


def _save(trial: Trial, reader: Reader, read: Read, event: ReadSaved) -> Read:
    _check_base(read, event.base)
    _check_answer(trial, read, event.answer)
    if reader.kind is ReaderKind.PANEL and read.status is not Status.AMENDING:
        _check_votes(reader, read)
    for name, value in (("active_s", event.active_s), ("idle_s", event.idle_s)):
        if not 0 <= value <= MOST_SECONDS:
            raise refused(f"{name} lies in 0..{MOST_SECONDS:g}", value, _place(read), "correct it")
    return replace(
        read,
        draft=event.answer,
        number=read.number + 1,
        confirmed=frozenset(),
        active_s=read.active_s + event.active_s,
        idle_s=read.idle_s + event.idle_s,
    )


def _check_base(read: Read, base: int) -> None:
    if base != read.number:
        raise ConflictError(
            "a change rests on what was saved last",
            value=f"draft {base}, while draft {read.number} is stored",
            place=_place(read),
            remedy="another tab, device or member saved meanwhile; look at it, then save again",
        )


def _check_answer(trial: Trial, read: Read, answer: Answer) -> None:
    """Refuse regions that are not asked, and a caliper's grade where the protocol has none."""
    calipers = trial.protocol.calipers
    before = read.draft or Answer()
    for region, given in answer.regions.items():
        if region not in trial.protocol.regions:
            raise refused("only asked regions are graded", region, _place(read), "leave it out")
        if given.proposed is None or calipers is Shown.ALWAYS:
            continue
        if calipers is Shown.NEVER or not before.region(region).answered:
            raise refused(
                f"calipers propose a grade: {calipers}", f"{region}: {given.proposed}",
                _place(read), "save your own grade first, or leave the proposal out",
            )  # fmt: skip


def _check_votes(reader: Reader, read: Read) -> None:
    missing = [user for user in reader.users if user not in read.votes]
    if missing:
        raise refused(
            "a panel agrees after each member has voted", f"{len(missing)} votes missing",
            _place(read), "let every member vote",
        )  # fmt: skip


def _vote(trial: Trial, reader: Reader, read: Read, by: str, event: Voted) -> Read:
    if reader.kind is not ReaderKind.PANEL:
        raise refused("only a panel votes", reader.kind, _place(read), "save the read instead")
    if by in read.votes:
        raise refused("each member votes once", "a second vote", _place(read), "your first counts")
    _check_answer(trial, read, event.answer)
    _check_gaps(trial, read, event.answer)
    return replace(read, votes={**read.votes, by: event.answer})


def _check_gaps(trial: Trial, read: Read, answer: Answer) -> None:
    missing = gaps(answer, trial.protocol)
    if missing:
        raise refused(
            "everything that the protocol asks for is filled in", f"missing {'; '.join(missing)}",
            _place(read), "fill it in",
        )  # fmt: skip


def _confirm(trial: Trial, read: Read, by: str, event: ReadConfirmed) -> Read:
    _check_base(read, event.base)
    _check_gaps(trial, read, read.draft or Answer())
    return replace(read, confirmed=read.confirmed | {by})


def _locked(trial: Trial, before: Read, read: Read, at: str) -> Read:
    """Return the read with its draft as one more locked revision."""
    mode = mode_of(trial.protocol.algorithm, amended=bool(before.revisions))
    revision = Revision(read.draft or Answer(), at, mode, read.reason)
    return replace(read, revisions=(*read.revisions, revision), confirmed=frozenset(), reason=None)


def mode_of(algorithm: Shown, *, amended: bool) -> ReaderMode:
    """Return how far the algorithm's reading was seen before an answer was locked."""
    if algorithm is Shown.ALWAYS:
        return ReaderMode.CONCURRENT
    if algorithm is Shown.AFTER_OWN_GRADE and amended:
        return ReaderMode.AFTER_OWN_GRADE
    return ReaderMode.UNAIDED


def _reopen(read: Read, event: ReadReopened) -> Read:
    if not event.reason.strip():
        raise refused("an amendment has a reason", "none", _place(read), "say why")
    return replace(read, reason=event.reason)
