"""A reader's own reads: the work list, saving, voting, locking, and the images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from myeloscope.server.admission import InTrial, Member, RefusalError
from myeloscope.server.answers import (
    ReadLine,
    ReadOut,
    ReadPage,
    line_out,
    read_out,
    study_uid,
)
from myeloscope.server.image_answers import Shown, find_frame, metadata
from myeloscope.server.permissions import READ
from myeloscope.trial.answer import Answer
from myeloscope.trial.event import (
    ReadConfirmed,
    ReadEvent,
    ReadReopened,
    ReadSaved,
    ReadStarted,
    Voted,
)
from myeloscope.trial.reading_rules import MOST_SECONDS
from myeloscope.trial.visibility import ReadView, visible, visible_read

ReadId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
Uid = Annotated[str, Path(pattern="^[0-9.]{1,64}$")]
Number = Annotated[int, Field(ge=0, le=2**31 - 1)]
Seconds = Annotated[float, Field(ge=0, le=MOST_SECONDS)]


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer to save; ``base`` is the number of the draft it was made from.

    ``active_s`` and ``idle_s`` are what this save adds to the reading time, s.
    """

    base: Number
    answer: Answer
    active_s: Seconds = 0.0
    idle_s: Seconds = 0.0


@dataclass(frozen=True, slots=True)
class Vote:
    """A panel member's own answer."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Base:
    """The number of the draft that is to be locked."""

    base: Number


@dataclass(frozen=True, slots=True)
class Amendment:
    """Why a locked read is reopened."""

    reason: Annotated[str, Field(min_length=1, max_length=1000)]


def list_reads(
    member: InTrial,
    offset: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> ReadPage:
    """Return a page of my reads, in the order in which I read them."""
    lines: list[ReadLine] = []
    total = 0
    for role in sorted(member.roles & READ):
        part = slice(max(offset - total, 0), max(offset + limit - total, 0))
        view = visible(member.trial, role, member.id, part)
        lines += map(line_out, view.reads.values())
        total += view.total
    return ReadPage(total, offset, tuple(lines))


def get_read(member: InTrial, read: ReadId) -> ReadOut:
    """Return one of my reads."""
    return read_out(_own(member, read), member.trial.protocol, member.id)


def _own(member: Member, read: str) -> ReadView:
    view = visible_read(member.trial, member.id, read)
    if view is None:
        raise RefusalError(403, "a read belongs to its reader", "open one of your own")
    return view


def _happened(member: Member, event: ReadEvent) -> ReadOut:
    """Let something happen to a read and return it as it is then."""
    _own(member, event.read)
    trial = member.site.trials.read(member.trial.id, event, member.id)
    view = visible_read(trial, member.id, event.read)
    if view is None:
        raise RefusalError(403, "a read belongs to its reader", "open one of your own")
    return read_out(view, trial.protocol, member.id)


def start_read(member: InTrial, read: ReadId) -> ReadOut:
    """Begin a read."""
    return _happened(member, ReadStarted(read))


def save_read(member: InTrial, read: ReadId, given: Draft) -> ReadOut:
    """Save an answer; it is on disk when this answers."""
    event = ReadSaved(read, given.base, given.answer, given.active_s, given.idle_s)
    return _happened(member, event)


def vote(member: InTrial, read: ReadId, given: Vote) -> ReadOut:
    """Give my own answer as a panel's member; the others' show after it."""
    return _happened(member, Voted(read, given.answer))


def lock_read(member: InTrial, read: ReadId, given: Base) -> ReadOut:
    """Lock what is saved; a panel's read locks when its last member does this."""
    return _happened(member, ReadConfirmed(read, given.base))


def amend_read(member: InTrial, read: ReadId, given: Amendment) -> ReadOut:
    """Reopen a locked read; what was locked is kept."""
    return _happened(member, ReadReopened(read, given.reason))


def get_metadata(member: InTrial, read: ReadId, study: Uid) -> Response:
    """Return the images' metadata as DICOM JSON (PS3.18 F), with UIDs of this read alone."""
    shown = _shown(_own(member, read), study)
    return JSONResponse(metadata(shown), media_type="application/dicom+json")


def get_frame(member: InTrial, read: ReadId, study: Uid, series: Uid, instance: Uid) -> Response:
    """Return a frame's values: unsigned 16-bit little-endian, row by row."""
    image = find_frame(_shown(_own(member, read), study), series, instance)
    if image is None:
        raise _no_image()
    content = member.site.store.objects.get(image.frame_sha256)
    return Response(content, media_type="application/octet-stream")


def _shown(view: ReadView, study: str) -> Shown:
    for kind, images in (("own", view.images), ("prior", view.priors)):
        if study == study_uid(view.id, kind) and images:
            return Shown(view.id, kind, view.technique, images)
    raise _no_image()


def _no_image() -> RefusalError:
    return RefusalError(404, "an image is one of the read's", "see the read")
