"""Second look, outside blinded reads: what a person makes of a study's automatic reading."""

from __future__ import annotations

import pathlib
import shutil
import zipfile
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Annotated

from fastapi import File, Path, Response, UploadFile
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter

from myeloscope import __version__
from myeloscope.domain.anatomy import Region
from myeloscope.domain.codec import dumps, loads
from myeloscope.domain.grade import Grade, Technique
from myeloscope.domain.reading import Reading
from myeloscope.errors import InputError
from myeloscope.pipeline.second_look import (
    Evidence,
    Looked,
    LookJob,
    ReportJob,
    SecondLook,
    look_into,
    second_reading,
    unjudged,
    write_report,
)
from myeloscope.server.admission import Guest, RefusalError, SignedIn
from myeloscope.server.answers import Done, ImageStudy
from myeloscope.server.image_answers import Shown, find_frame, metadata
from myeloscope.server.site import Site
from myeloscope.store.folder import IDENTITY_KEY
from myeloscope.store.looks import LOOKS, Looks
from myeloscope.trial.protocol import Phase
from myeloscope.trial.state import Trial

LookId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
Uid = Annotated[str, Path(pattern="^[0-9.]{1,64}$")]
MOST_LOOKS = 20
IMAGES, LOOKED, GIVEN = "images.zip", "looked.json", "given.json"
_LOOKED = TypeAdapter(Looked)
_GIVEN = TypeAdapter(SecondLook)
BLINDED = frozenset({Phase.DRAFT, Phase.OPEN, Phase.LOCKED})
"""Phases in which a reader of a trial may not learn what the algorithm says of its studies."""


@dataclass(frozen=True, slots=True)
class LookLine:
    """A study that is open for a second look; ``left`` counts findings that nobody judged yet."""

    id: str
    begun: str
    technique: Technique
    study_uid: str
    left: int


@dataclass(frozen=True, slots=True)
class RegionGrade:
    """The grade of a region as the reading stands, or why there is none."""

    region: Region
    automatic: Grade | None
    grade: Grade | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class LookOut:
    """A study with its automatic reading, what a person said of it, and what follows.

    ``left`` names findings without a judgement; ``sac_median`` is in values of the images.
    """

    id: str
    technique: Technique
    study_uid: str
    study: ImageStudy
    evidence: tuple[Evidence, ...]
    conclusion: str
    limits: tuple[str, ...]
    sac_median: float | None
    given: SecondLook
    regions: tuple[RegionGrade, ...]
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Look:
    """One look of somebody's."""

    id: str
    reader: str
    looked: Looked
    given: SecondLook

    @property
    def automatic(self) -> Reading:
        return loads(self.looked.reading)

    def reading(self) -> Reading:
        """Return the reading as it stands."""
        seen = self.looked
        return second_reading(self.automatic, self.given, seen.images, self.reader, __version__)


def _looks(site: Site) -> Looks:
    found = Looks(site.store.folder / LOOKS)
    found.sweep(site.clock())
    return found


def _open(guest: Guest, look: str) -> _Look:
    place = _place(guest, look)
    given = place / GIVEN
    return _Look(
        look,
        guest.session.account.name,
        _LOOKED.validate_json((place / LOOKED).read_bytes()),
        _GIVEN.validate_json(given.read_bytes()) if given.exists() else SecondLook(),
    )


def _place(guest: Guest, look: str) -> pathlib.Path:
    try:
        place = _looks(guest.site).place(guest.id, look)
    except InputError as error:
        raise RefusalError(404, error.rule, error.remedy) from error
    if not (place / LOOKED).exists():
        raise RefusalError(404, "a study is read before it is looked at", "wait, or open it again")
    return place


def list_looks(guest: SignedIn) -> list[LookLine]:
    """Return the studies that I have open for a second look."""
    looks = _looks(guest.site)
    found = [_open(guest, name) for name in looks.of(guest.id, LOOKED)]
    return [
        LookLine(
            each.id, looks.begun(guest.id, each.id), each.looked.technique, each.looked.study_uid,
            len(unjudged(each.automatic, each.given)),
        )
        for each in found
    ]  # fmt: skip


def open_look(
    guest: SignedIn, images: Annotated[UploadFile, File(description="a zip of DICOM files")]
) -> LookOut:
    """Read a study in the worker process and open it for a second look."""
    site = guest.site
    looks = _looks(site)
    if not zipfile.is_zipfile(images.file):
        raise RefusalError(422, "images come as a zip of DICOM files", "send a zip")
    images.file.seek(0)
    if len(list(looks.of(guest.id))) >= MOST_LOOKS:
        raise RefusalError(409, f"at most {MOST_LOOKS} studies are open", "close one first")
    name = looks.new(guest.id, site.clock())
    place = looks.place(guest.id, name)
    with ExitStack() as undo:
        undo.callback(looks.close, guest.id, name)
        with (place / IMAGES).open("wb") as stream:
            shutil.copyfileobj(images.file, stream)
        looked = look_into(LookJob(str(place / IMAGES), str(place), site.store.key(IDENTITY_KEY)))
        _refuse_blinded(guest, looked)
        looks.put(guest.id, name, LOOKED, _LOOKED.dump_json(looked))
        undo.pop_all()
    site.store.log.note(guest.id, "second-look", site.clock(), {"study": looked.new_study_uid})
    return _out(_open(guest, name))


def _refuse_blinded(guest: Guest, looked: Looked) -> None:
    """Refuse a study that the account reads in a trial which is not unblinded."""
    log = guest.site.store.log
    for name in log.trials():
        trial = log.trial(name)
        if (
            trial.phase in BLINDED
            and trial.readers_of(guest.id)
            and _holds(trial, looked.new_study_uid)
        ):
            raise RefusalError(
                403, "a study that one reads blinded is shown without the automatic reading",
                "wait until the trial is unblinded",
            )  # fmt: skip


def _holds(trial: Trial, study: str) -> bool:
    return any(
        image.study_uid == study
        for case in trial.cases.values()
        for each in case.examinations
        for image in each.images
    )


def get_look(guest: SignedIn, look: LookId) -> LookOut:
    """Return a study that I have open."""
    return _out(_open(guest, look))


def save_look(guest: SignedIn, look: LookId, given: SecondLook) -> LookOut:
    """Save what I say of the automatic reading, and return what follows from it."""
    before = _open(guest, look)
    answer = _out(_Look(look, before.reader, before.looked, given))
    _looks(guest.site).put(guest.id, look, GIVEN, _GIVEN.dump_json(given))
    return answer


def _out(look: _Look) -> LookOut:
    seen, automatic, reading = look.looked, look.automatic, look.reading()
    regions = tuple(
        RegionGrade(region, automatic.regions[region].grade, made.grade, made.reason)
        for region, made in reading.regions.items()
    )
    return LookOut(
        look.id,
        seen.technique,
        seen.study_uid,
        ImageStudy(_shown(look).study_uid, len(seen.images)),
        seen.evidence,
        seen.conclusion,
        seen.limits,
        seen.sac_median,
        look.given,
        regions,
        unjudged(automatic, look.given),
    )


def close_look(guest: SignedIn, look: LookId) -> Done:
    """Close a study: its images and what was said of it are removed."""
    _place(guest, look)
    _looks(guest.site).close(guest.id, look)
    return Done()


def _shown(look: _Look) -> Shown:
    return Shown(look.id, "look", look.looked.technique, look.looked.images)


def get_look_metadata(guest: SignedIn, look: LookId, study: Uid) -> Response:
    """Return the images' metadata as DICOM JSON, stripped to what display needs."""
    shown = _shown(_open(guest, look))
    if study != shown.study_uid:
        raise RefusalError(404, "an image is one of the look's", "see the look")
    return JSONResponse(metadata(shown), media_type="application/dicom+json")


def get_look_frame(
    guest: SignedIn, look: LookId, study: Uid, series: Uid, instance: Uid
) -> Response:
    """Return a frame's values: unsigned 16-bit little-endian, row by row."""
    shown = _shown(_open(guest, look))
    image = find_frame(shown, series, instance) if study == shown.study_uid else None
    if image is None:
        raise RefusalError(404, "an image is one of the look's", "see the look")
    content = (_place(guest, look) / image.frame_sha256).read_bytes()
    return Response(content, media_type="application/octet-stream")


def get_look_report(guest: SignedIn, look: LookId) -> Response:
    """Return the reading as a DICOM structured report of the patient, mode second-look."""
    found = _open(guest, look)
    left = unjudged(found.automatic, found.given)
    if left:
        raise RefusalError(
            409, "every finding is accepted, changed or rejected", "judge the others",
            f"{len(left)} left",
        )  # fmt: skip
    job = ReportJob(str(_place(guest, look) / IMAGES), dumps(found.reading()))
    headers = {"Content-Disposition": 'attachment; filename="second-look.dcm"'}
    return Response(write_report(job), media_type="application/dicom", headers=headers)
