"""The dossier of a patient: made from what is sent, and kept nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import File, UploadFile

from myeloscope.pipeline.job import DossierJob, DossierMade
from myeloscope.pipeline.run import Watch
from myeloscope.pipeline.worker import run_limited
from myeloscope.server.admission import RefusalError, SignedIn

WORK = "myeloscope.pipeline.dossier_work:dossier_of"
MOST_BYTES = 4 << 20
"""No patient's file and no reading is larger."""


@dataclass(frozen=True, slots=True)
class DossierOut:
    """A dossier as ``myeloscope dossier`` makes it: HTML page, JSON record, summary in lines."""

    page: str
    record: str
    summary: tuple[str, ...]


def make_dossier(
    guest: SignedIn,
    patient: Annotated[UploadFile, File(description="PATIENT.toml")],
    readings: Annotated[
        list[UploadFile] | None, File(description="reading.json files, by their paths")
    ] = None,
) -> DossierOut:
    """Hold a patient against published rules."""
    texts = {each.filename or "": _text(each) for each in readings or ()}
    job = DossierJob(_text(patient), texts, guest.site.clock()[:10])
    watch = Watch()
    made: DossierMade = run_limited(WORK, job, limits=watch.limits, on_step=watch.on_step)
    return DossierOut(made.page, made.record, made.summary)


def _text(upload: UploadFile) -> str:
    content = upload.file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise RefusalError(413, f"a file has at most {MOST_BYTES} bytes", "send the right one")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RefusalError(422, "a file is text in UTF-8", "save it as UTF-8") from error
