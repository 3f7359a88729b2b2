"""Studies in, de-identified objects and frames out, in the worker process: nothing else decodes.

The worker writes files into the job's folder and returns records; the caller takes them from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from myeloscope.dicom.deidentify import Pseudonyms
from myeloscope.dicom.display import DisplayFrame, display_frame
from myeloscope.dicom.files import Item, find
from myeloscope.dicom.intake import Identity, Taken, take
from myeloscope.dicom.load import load_all
from myeloscope.dicom.source import Loaded, StudyProblem
from myeloscope.domain.image import Station
from myeloscope.errors import InputError
from myeloscope.pipeline.job import Skipped
from myeloscope.pipeline.worker import Step

Tell = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class ImportJob:
    """What to take in: paths, the secret key of the pseudonyms, and a folder for the results."""

    paths: tuple[str, ...]
    key: bytes
    folder: str


@dataclass(frozen=True, slots=True)
class WrittenObject:
    """A de-identified object in the job's folder, and why text may be burned into its pixels."""

    file: str
    patient: str
    sop_uid: str
    risk: str | None


@dataclass(frozen=True, slots=True)
class Deidentified:
    """What came of de-identification."""

    objects: tuple[WrittenObject, ...]
    identities: tuple[Identity, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class ImportedImage:
    """One image of an imported study: files in the job's folder, UIDs, and how to show it."""

    object_file: str
    frame_file: str
    study_uid: str
    series_uid: str
    sop_uid: str
    frame_of_reference_uid: str | None
    view: str
    frame: int | None
    shown: DisplayFrame


@dataclass(frozen=True, slots=True)
class ImportedStudy:
    """One imported study; ``folder`` is the first folder of its files' names, to group them by."""

    folder: str
    identity: Identity
    age_years: int | None
    sex: str | None
    images: tuple[ImportedImage, ...]
    risks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import."""

    studies: tuple[ImportedStudy, ...]
    skipped: tuple[Skipped, ...]


def deidentify_all(job: ImportJob, tell: Tell) -> Deidentified:
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
        _write(Path(job.folder) / name, taken.content)
        written.append(WrittenObject(name, who.pseudonym, taken.sop_uid, taken.risk))
    if not written:
        raise InputError(
            "there must be a DICOM object to de-identify", value="none", place=job.paths[0],
            remedy=skipped[0].text if skipped else "pass the folder of a study",
        )  # fmt: skip
    return Deidentified(tuple(written), tuple(people.values()), tuple(skipped))


def import_all(job: ImportJob, tell: Tell) -> Imported:
    """De-identify the MR myelograms behind the job's paths, with a frame to show of each image.

    Raises
    ------
    InputError
        If there is no MR myelogram.
    """
    tell(Step("looking for MR myelograms"))
    paths = [Path(path) for path in job.paths]
    by_name = {item.name: item for item in find(paths)[0]}
    studies: list[ImportedStudy] = []
    skipped: list[Skipped] = []
    for found in load_all(paths):
        tell(Step("de-identifying a study", study=True))
        if isinstance(found, StudyProblem):
            skipped.append(Skipped(str(found.error)))
            continue
        try:
            studies.append(_study(found, by_name, job))
        except InputError as error:
            skipped.append(Skipped(str(error)))
    if not studies:
        raise InputError(
            "there must be an MR myelogram to import", value="none", place=job.paths[0],
            remedy=skipped[0].text if skipped else "pass the folder of a study",
        )  # fmt: skip
    return Imported(tuple(studies), tuple(skipped))


def _study(found: Loaded, by_name: dict[str, Item], job: ImportJob) -> ImportedStudy:
    if found.study.derived:
        raise InputError(
            "a trial reads images as they were acquired", value="a stack of thin slices",
            place=f"study {found.study.uid}", remedy="import its projection",
        )  # fmt: skip
    names = found.source.files
    pseudonyms = Pseudonyms(job.key)
    taken = {name: take(by_name[name], pseudonyms) for name in dict.fromkeys(names)}
    first = taken[names[0]]
    pairs = [
        (station, taken[name]) for station, name in zip(found.study.stations, names, strict=True)
    ]
    return ImportedStudy(
        names[0].split("/")[0] if "/" in names[0] else "",
        first.identity,
        first.age_years,
        first.sex,
        tuple(_images(pairs, Path(job.folder))),
        tuple(each.risk for each in taken.values() if each.risk is not None),
    )


def _images(pairs: Sequence[tuple[Station, Taken]], folder: Path) -> Iterator[ImportedImage]:
    for (station, taken), view in zip(pairs, _views(len(pairs)), strict=True):
        shown = display_frame(station)
        object_file = f"{taken.sop_uid}.dcm"
        frame_file = f"{taken.sop_uid}-{station.frame or 1}.raw"
        _write(folder / object_file, taken.content)
        _write(folder / frame_file, shown.content)
        yield ImportedImage(
            object_file, frame_file, taken.study_uid, taken.series_uid, taken.sop_uid,
            taken.frame_of_reference_uid, view, station.frame, shown,
        )  # fmt: skip


def _views(count: int) -> tuple[str, ...]:
    """Return what each image shows, from the top downward, as the paper calls two stations."""
    if count == 2:
        return ("cervicothoracic", "thoracolumbar")
    return tuple(f"station {number}" for number in range(1, count + 1))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
