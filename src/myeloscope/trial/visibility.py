"""Who may see what: :func:`visible` alone decides, and everything shown is taken from its answer.

Readers see their own reads. What they may not see does not stand in the view at all: case and
reader names, truth, arm, other people's reads, the other technique, later visits, and whether a
read is a repeat. The lead sees progress while reading goes on, every read after the lock, and
truth after unblinding. The administrator never sees a read or truth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from myeloscope.domain.grade import ReaderKind, Technique
from myeloscope.trial.adjudication import key_of, peers
from myeloscope.trial.allocation import Key
from myeloscope.trial.answer import Answer
from myeloscope.trial.protocol import Hidden, Phase, Protocol, Reader, Role, Shown
from myeloscope.trial.sequence import DONE, in_reach, order_of
from myeloscope.trial.state import Case, ImageRef, Read, Revision, Status, Trial, Truth

READS_SHOWN = frozenset({Phase.LOCKED, Phase.UNBLINDED, Phase.ARCHIVED})
"""Phases in which the lead sees every read."""
TRUTH_SHOWN = frozenset({Phase.UNBLINDED, Phase.ARCHIVED})
"""Phases in which the lead sees truth."""
ALL = slice(None)
READING = frozenset({Role.READER, Role.PANEL_MEMBER})
RUNNING = frozenset({Role.LEAD, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class ReadView:
    """What a reader sees of one own read.

    Attributes
    ----------
    id, technique, position, block, status, number
        As in the assignment and the read; ``position`` counts in the reader's own order.
    draft, revisions, reason
        The reader's own answers, and why the read is being amended.
    votes
        Members' answers by account: one's own, and the others' after it.
    confirmed
        Accounts that agreed to lock the present draft.
    images, priors
        The images of the examination and of earlier visits; empty while out of reach.
    age_years, sex
        Of the person, where the protocol shows clinical data.
    algorithm
        The automatic reading, where the protocol shows it now.
    others
        For the adjudicator: the answers that differ, in no telling order.
    members
        How many accounts the read takes: one, or a panel's.
    active_s
        Reading time so far, s.
    """

    id: str
    technique: Technique
    position: int
    block: int
    status: Status
    number: int
    draft: Answer | None
    revisions: tuple[Revision, ...]
    reason: str | None
    votes: Mapping[str, Answer] = field(default_factory=dict)
    confirmed: frozenset[str] = frozenset()
    images: tuple[ImageRef, ...] = ()
    priors: tuple[ImageRef, ...] = ()
    age_years: int | None = None
    sex: str | None = None
    algorithm: Answer | None = None
    others: tuple[Answer, ...] = ()
    members: int = 1
    active_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one reader is; times are sums over the reads, s."""

    reader: str
    kind: ReaderKind
    reads: int
    begun: int
    locked: int
    active_s: float
    idle_s: float


@dataclass(frozen=True, slots=True)
class CaseView:
    """What those who run a trial see of a case before they may see more."""

    id: str
    examinations: tuple[tuple[Technique, int, int], ...]
    """Technique, visit and number of images of each examination."""


@dataclass(frozen=True, slots=True)
class View:
    """Everything that one person may see of a trial in one role.

    ``reads`` are a reader's own. ``progress`` and ``cases`` are for lead and administrator;
    ``all_reads`` and ``truth`` for the lead, when it is time. ``reads`` and ``cases`` hold the part
    that was asked for, ``total`` counts all of the one that the role has. ``case_count`` counts the
    cases; readers see it in a draft only, as beside their reads it would tell of repeats.
    """

    trial: str
    title: str
    phase: Phase
    protocol: Protocol
    reads: Mapping[str, ReadView] = field(default_factory=dict)
    progress: tuple[Progress, ...] = ()
    cases: tuple[CaseView, ...] = ()
    all_reads: Mapping[str, Read] | None = None
    truth: Mapping[str, Truth] | None = None
    total: int = 0
    case_count: int | None = None


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case with its images, truth and every read of it."""

    case: Case
    reads: tuple[Read, ...]


def roles(trial: Trial, user: str, *, administrator: bool) -> frozenset[Role]:
    """Return what an account is to a trial; the empty set for a stranger."""
    found = {Role.ADMINISTRATOR} if administrator else set()
    if user in trial.leads:
        found.add(Role.LEAD)
    for reader in trial.readers_of(user):
        found.add(Role.PANEL_MEMBER if reader.kind is ReaderKind.PANEL else Role.READER)
    return frozenset(found)


def visible(trial: Trial, role: Role, user: str, part: slice = ALL) -> View:
    """Return what an account may see of a trial in a role that :func:`roles` gave it.

    Parameters
    ----------
    trial, role, user
        The trial, the role in it, and whose it is.
    part
        The stretch of the list of reads or cases that is wanted, by default all of it.
    """
    base = (trial.id, trial.title, trial.phase, trial.protocol)
    count = len(trial.cases)
    if role in READING:
        own = list(_own_reads(trial, role, user))
        shown = (_read(scope, read) for scope, read in own[part])
        told = count if trial.phase is Phase.DRAFT else None
        reads = {view.id: view for view in shown}
        return View(*base, reads=reads, total=len(own), case_count=told)
    lead = role is Role.LEAD
    return View(
        *base,
        progress=tuple(_progress(trial, reader) for reader in trial.readers.values()),
        cases=tuple(_case(case) for case in tuple(trial.cases.values())[part]),
        all_reads=trial.reads if lead and trial.phase in READS_SHOWN else None,
        truth=_truth(trial) if lead and trial.phase in TRUTH_SHOWN else None,
        total=count,
        case_count=count,
    )


def visible_read(trial: Trial, user: str, read: str) -> ReadView | None:
    """Return what an account may see of one read as its reader; ``None`` if nothing."""
    found = trial.reads.get(read)
    if found is None or trial.phase is Phase.DRAFT:
        return None
    reader = trial.readers[found.assignment.reader]
    return _read(_scope(trial, reader, user), found) if user in reader.users else None


def visible_case(trial: Trial, role: Role, case: str) -> CaseFile | None:
    """Return a case as the lead may see it: whole once truth is shown; ``None`` before."""
    found = trial.cases.get(case)
    if found is None or role is not Role.LEAD or trial.phase not in TRUTH_SHOWN:
        return None
    reads = (read for read in trial.reads.values() if read.assignment.case == case)
    return CaseFile(found, tuple(reads))


def _truth(trial: Trial) -> Mapping[str, Truth]:
    return {case.id: case.truth for case in trial.cases.values()}


def _case(case: Case) -> CaseView:
    found = tuple((each.technique, each.visit, len(each.images)) for each in case.examinations)
    return CaseView(case.id, found)


def _progress(trial: Trial, reader: Reader) -> Progress:
    reads = list(order_of(trial, reader.id))
    begun = [read for read in reads if read.status is not Status.ASSIGNED]
    return Progress(
        reader.id,
        reader.kind,
        reads=len(reads),
        begun=len(begun),
        locked=sum(read.status in DONE for read in begun),
        active_s=sum(read.active_s for read in begun),
        idle_s=sum(read.idle_s for read in begun),
    )


def _own_reads(trial: Trial, role: Role, user: str) -> Iterator[tuple[_Scope, Read]]:
    if trial.phase is Phase.DRAFT:
        return
    for reader in trial.readers_of(user):
        if (reader.kind is ReaderKind.PANEL) is (role is Role.PANEL_MEMBER):
            scope = _scope(trial, reader, user)
            yield from ((scope, read) for read in order_of(trial, reader.id))


@dataclass(frozen=True, slots=True)
class _Scope:
    """Who looks, which reads are in reach, and what the algorithm said of each examination."""

    trial: Trial
    reader: Reader
    user: str
    near: frozenset[str]
    automatic: Mapping[Key, Answer | None]


def _scope(trial: Trial, reader: Reader, user: str) -> _Scope:
    near = frozenset(read.assignment.id for read in in_reach(trial, reader.id))
    automatic = {
        key_of(read): read.answer
        for other in trial.readers.values()
        if other.kind is ReaderKind.ALGORITHM and trial.protocol.algorithm is not Shown.NEVER
        for read in order_of(trial, other.id)
    }
    return _Scope(trial, reader, user, near, automatic)


def _read(scope: _Scope, read: Read) -> ReadView:
    trial, own = scope.trial, read.assignment
    case, hidden = trial.cases[own.case], trial.protocol.hidden
    near = own.id in scope.near
    clinical = near and Hidden.CLINICAL not in hidden
    earlier = near and Hidden.PRIORS not in hidden
    return ReadView(
        own.id,
        own.technique,
        own.position,
        own.block,
        read.status,
        read.number,
        read.draft,
        read.revisions,
        read.reason,
        votes=read.votes if scope.user in read.votes else {},
        confirmed=read.confirmed,
        images=case.images(own.technique, own.visit) if near else (),
        priors=_priors(case, own.technique, own.visit) if earlier else (),
        age_years=case.age_years if clinical else None,
        sex=case.sex if clinical else None,
        algorithm=_algorithm(scope, read) if near else None,
        others=_others(scope, read) if near else (),
        members=len(scope.reader.users),
        active_s=read.active_s,
    )


def _priors(case: Case, technique: Technique, visit: int) -> tuple[ImageRef, ...]:
    return tuple(
        image
        for each in case.examinations
        if each.technique is technique and each.visit < visit
        for image in each.images
    )


def _algorithm(scope: _Scope, read: Read) -> Answer | None:
    """Return the automatic reading of the same examination, if the protocol shows it now."""
    always = scope.trial.protocol.algorithm is Shown.ALWAYS
    return scope.automatic.get(key_of(read)) if always or read.revisions else None


def _others(scope: _Scope, read: Read) -> tuple[Answer, ...]:
    if not scope.reader.adjudicates:
        return ()
    found = sorted(peers(scope.trial, key_of(read)), key=lambda other: other.assignment.id)
    return tuple(other.answer for other in found if other.answer is not None)
