"""What the API says: nothing but what a reader, lead or administrator may have."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from myeloscope.domain.grade import Grade, ReaderMode, Technique
from myeloscope.store.accounts import Account, Session
from myeloscope.trial.answer import Answer, gaps
from myeloscope.trial.protocol import Phase, Protocol, Role
from myeloscope.trial.state import Status
from myeloscope.trial.visibility import ReadView, View


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something was refused: rule, what was found, where, what to do."""

    rule: str
    value: str
    place: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Done:
    """It is done."""

    done: bool = True


@dataclass(frozen=True, slots=True)
class WaysIn:
    """How one may log in: with a password, and at an identity provider (``/api/openid``)."""

    password: bool
    openid: bool


@dataclass(frozen=True, slots=True)
class Me:
    """Who is logged in; ``csrf`` goes into the header ``X-CSRF-Token`` of every change."""

    id: str
    name: str
    administrator: bool
    csrf: str
    expires: str


@dataclass(frozen=True, slots=True)
class SessionOut:
    """One of my sessions."""

    id: str
    created: str
    seen: str
    expires: str
    agent: str
    current: bool


@dataclass(frozen=True, slots=True)
class AccountOut:
    """An account."""

    id: str
    name: str
    administrator: bool
    disabled: bool


@dataclass(frozen=True, slots=True)
class Invitation:
    """An account and the secret of its one-time link ``/set-up#SECRET``, valid an hour."""

    account: AccountOut
    secret: str


@dataclass(frozen=True, slots=True)
class AuditRow:
    """A row of the audit log without its payload."""

    seq: int
    at: str
    actor: str
    trial: str | None
    kind: str
    mac: str


@dataclass(frozen=True, slots=True)
class HeadOut:
    """The end of the audit log, ``seq:mac``."""

    head: str


@dataclass(frozen=True, slots=True)
class TrialOut:
    """A trial as one of its people sees it; ``cases`` counts them, for readers in a draft only."""

    id: str
    title: str
    phase: Phase
    roles: tuple[Role, ...]
    protocol: Protocol
    cases: int | None


@dataclass(frozen=True, slots=True)
class RevisionOut:
    """A locked answer."""

    answer: Answer
    at: str
    mode: ReaderMode
    reason: str | None


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line of the work list."""

    id: str
    technique: Technique
    position: int
    block: int
    status: Status
    number: int
    ready: bool
    active_s: float


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page of the work list."""

    total: int
    offset: int
    reads: tuple[ReadLine, ...]


@dataclass(frozen=True, slots=True)
class ImageStudy:
    """A study of images as this read shows it; ``uid`` means nothing outside the read."""

    uid: str
    images: int


@dataclass(frozen=True, slots=True)
class ReadOut:
    """One of my reads; ``gaps`` says what the lock still needs; a panel has several ``members``."""

    id: str
    technique: Technique
    position: int
    block: int
    status: Status
    number: int
    draft: Answer | None
    revisions: tuple[RevisionOut, ...]
    reason: str | None
    votes: tuple[Answer, ...]
    voted: bool
    confirmed: bool
    gaps: tuple[str, ...]
    study: ImageStudy
    priors: ImageStudy
    age_years: int | None
    sex: str | None
    algorithm: Answer | None
    others: tuple[Answer, ...]
    members: int


@dataclass(frozen=True, slots=True)
class ProgressOut:
    """How far one reader is."""

    reader: str
    kind: str
    reads: int
    begun: int
    locked: int
    active_s: float
    idle_s: float


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case as those who run the trial see it: its number and its examinations."""

    id: str
    examinations: int
    images: int


@dataclass(frozen=True, slots=True)
class CasePage:
    """A page of the cases."""

    total: int
    offset: int
    cases: tuple[CaseLine, ...]


@dataclass(frozen=True, slots=True)
class TableRow:
    """One read and level, as the lead sees it after the lock."""

    case: str
    technique: Technique
    reader: str
    repeat: int
    visit: int
    region: str
    grade: Grade | None
    reason: str | None
    truth: bool | None


@dataclass(frozen=True, slots=True)
class Results:
    """The rows that ``myeloscope analyze`` writes, cells that do not apply left out."""

    unblinded: bool
    statistics: tuple[dict[str, str | int | float], ...]


def account_out(account: Account) -> AccountOut:
    """Return an account without anything secret."""
    return AccountOut(account.id, account.name, account.administrator, account.disabled)


def me_out(session: Session) -> Me:
    """Return who a session belongs to."""
    account = session.account
    return Me(account.id, account.name, account.administrator, session.csrf, session.expires)


def trial_out(view: View, own: frozenset[Role]) -> TrialOut:
    """Return a trial's heading."""
    roles = tuple(sorted(own))
    return TrialOut(view.trial, view.title, view.phase, roles, view.protocol, view.case_count)


def opaque_uid(read: str, *names: str | int) -> str:
    """Return a UID that follows from the read's random name alone, and so links it to nothing."""
    digest = hashlib.sha256("/".join(map(str, (read, *names))).encode()).digest()
    return f"2.25.{int.from_bytes(digest[:16])}"


def study_uid(read: str, kind: str) -> str:
    """Return the UID of a read's own images (``own``) or of earlier ones (``prior``)."""
    return opaque_uid(read, kind)


def line_out(view: ReadView) -> ReadLine:
    """Return a read as a line of the work list."""
    return ReadLine(
        view.id, view.technique, view.position, view.block, view.status, view.number,
        ready=bool(view.images), active_s=view.active_s,
    )  # fmt: skip


def read_out(view: ReadView, protocol: Protocol, user: str) -> ReadOut:
    """Return a read without any name, UID or date of where its images came from."""
    return ReadOut(
        view.id,
        view.technique,
        view.position,
        view.block,
        view.status,
        view.number,
        view.draft,
        tuple(RevisionOut(each.answer, each.at, each.mode, each.reason) for each in view.revisions),
        view.reason,
        tuple(view.votes.values()),
        voted=user in view.votes,
        confirmed=user in view.confirmed,
        gaps=gaps(view.draft or Answer(), protocol),
        study=ImageStudy(study_uid(view.id, "own"), len(view.images)),
        priors=ImageStudy(study_uid(view.id, "prior"), len(view.priors)),
        age_years=view.age_years,
        sex=view.sex,
        algorithm=view.algorithm,
        others=view.others,
        members=view.members,
    )
