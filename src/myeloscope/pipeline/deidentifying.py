"""De-identification of whatever DICOM lies behind paths, in the worker process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from myeloscope.dicom.deidentify import Pseudonyms
from myeloscope.dicom.files import find
from myeloscope.dicom.intake import Identity, take
from myeloscope.errors import InputError
from myeloscope.pipeline.job import Skipped
from myeloscope.pipeline.worker import Step


@dataclass(frozen=True, slots=True)
class DeidentifyJob:
    """Paths to look into, the secret key of the pseudonyms, and a folder for the results."""

    paths: tuple[str, ...]
    key: bytes
    folder: str


@dataclass(frozen=True, slots=True)
class WrittenObject:
    """A de-identified object in the job's folder, and why text may be burned into its pixels."""

    file: str
    risk: str | None


@dataclass(frozen=True, slots=True)
class Deidentified:
    """What came of de-identification."""

    objects: tuple[WrittenObject, ...]
    identities: tuple[Identity, ...]
    skipped: tuple[Skipped, ...]


def deidentify_all(job: DeidentifyJob, tell: Callable[[Step], None]) -> Deidentified:
    """De-identify every DICOM object behind the job's paths into ``PATIENT/NUMBER.dcm``.

    Raises
    ------
    InputError
        If there is no DICOM object.
    """
    tell(Step("de-identifying"))
    items, left = find([Path(path) for path in job.paths])
    skipped = [Skipped(f"{entry.path}: {entry.reason}") for entry in left]
    written: list[WrittenObject] = []
    people: dict[tuple[str, str], Identity] = {}
    pseudonyms = Pseudonyms(job.key)
    for number, item in enumerate(items, start=1):
        tell(Step(f"de-identifying {number} of {len(items)}", study=True))
        try:
            taken = take(item, pseudonyms)
        except InputError as error:
            skipped.append(Skipped(str(error)))
            continue
        who = taken.identity
        people[who.patient, who.study_uid] = who
        name = f"{who.pseudonym}/{number:06d}.dcm"
        path = Path(job.folder) / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(taken.content)
        written.append(WrittenObject(name, taken.risk))
    if not written:
        raise InputError(
            "there must be a DICOM object to de-identify", value="none", place=job.paths[0],
            remedy=skipped[0].text,
        )  # fmt: skip
    return Deidentified(tuple(written), tuple(people.values()), tuple(skipped))
