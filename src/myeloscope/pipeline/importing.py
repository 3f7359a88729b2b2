"""Studies in, de-identified objects and frames out, in the worker process: nothing else decodes."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from myeloscope.dicom.deidentify import Pseudonyms
from myeloscope.dicom.display import DisplayFrame, display_frame
from myeloscope.dicom.files import Item, find
from myeloscope.dicom.intake import Identity, Taken, take
from myeloscope.dicom.load import load_all
from myeloscope.dicom.source import Loaded, StudyProblem
from myeloscope.domain.grade import Technique
from myeloscope.domain.image import Station
from myeloscope.domain.scintigraphy import NuclearAcquisition
from myeloscope.errors import InputError
from myeloscope.exchange.cases_table import CaseRow, read_cases
from myeloscope.pipeline.intake import Intake, IntakeJob
from myeloscope.pipeline.job import Skipped
from myeloscope.pipeline.worker import Step
from myeloscope.trial.state import Case, Display, Examination, ImageRef, Truth

Tell = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class _Study:
    """One technique of a study that was taken in."""

    technique: Technique
    identity: Identity
    age_years: int | None
    sex: str | None
    images: tuple[ImageRef, ...]
    risks: tuple[str, ...]


def import_all(job: IntakeJob, tell: Tell) -> Intake:
    """De-identify the listed studies behind the job's paths, with a frame to show of each image.

    Both techniques are taken in: MR myelography and cisternography of one person are rows of one
    case, each with its study, or one row where both carry the same Study Instance UID.

    The order of the list is shuffled before the cases get their numbers, so that a number says
    nothing about the arm.

    Raises
    ------
    InputError
        If there is nothing to read, or list and studies do not fit each other.
    """
    tell(Step("looking for MR myelograms and cisternograms"))
    rows = read_cases(Path(job.listed))
    studies, skipped = _studies(job, tell)
    by_uid: dict[str, list[_Study]] = {}
    for study in studies:
        by_uid.setdefault(study.identity.study_uid, []).append(study)
    _check(by_uid, rows)
    groups: dict[str, list[CaseRow]] = {}
    for row in rows:
        groups.setdefault(row.case, []).append(row)
    order = list(groups)
    random.SystemRandom().shuffle(order)
    names = {f"case-{job.first + number:04d}": name for number, name in enumerate(order)}
    return Intake(
        tuple(_case(case, groups[name], by_uid) for case, name in names.items()),
        names,
        tuple(asdict(study.identity) for study in studies),
        tuple(risk for study in studies for risk in study.risks),
        tuple(skipped),
    )


def _studies(job: IntakeJob, tell: Tell) -> tuple[list[_Study], list[Skipped]]:
    paths = [Path(path) for path in job.paths]
    by_name = {item.name: item for item in find(paths)[0]}
    studies: list[_Study] = []
    skipped: list[Skipped] = []
    for found in load_all(paths):
        tell(Step("de-identifying a study", study=True))
        try:
            if isinstance(found, StudyProblem):
                raise found.error
            studies.append(_study(found, by_name, job))
        except InputError as error:
            skipped.append(Skipped(str(error)))
    if not studies:
        raise InputError(
            "there must be a myelogram or cisternogram to import", value="none", place=job.paths[0],
            remedy=skipped[0].text,
        )  # fmt: skip
    return studies, skipped


def _study(found: Loaded, by_name: Mapping[str, Item], job: IntakeJob) -> _Study:
    if found.study.derived:
        raise InputError(
            "a trial reads images as they were acquired", value="a stack of thin slices",
            place=f"study {found.study.uid}", remedy="import its projection",
        )  # fmt: skip
    names = found.source.files
    pseudonyms = Pseudonyms(job.key)
    taken = {name: take(by_name[name], pseudonyms) for name in dict.fromkeys(names)}
    first = taken[names[0]]
    pairs = [(s, taken[name]) for s, name in zip(found.study.stations, names, strict=True)]
    return _Study(
        found.study.technique,
        first.identity,
        first.age_years,
        first.sex,
        tuple(_images(pairs, Path(job.folder))),
        tuple(each.risk for each in taken.values() if each.risk is not None),
    )


def _images(pairs: Sequence[tuple[Station, Taken]], folder: Path) -> Iterator[ImageRef]:
    for (station, taken), view in zip(pairs, views([s for s, _ in pairs]), strict=True):
        shown = display_frame(station)
        yield ImageRef(
            write_by_content(folder, taken.content),
            write_by_content(folder, shown.content),
            taken.study_uid,
            taken.series_uid,
            taken.sop_uid,
            taken.frame_of_reference_uid,
            view,
            display_of(shown, station),
            station.frame,
        )


def display_of(shown: DisplayFrame, station: Station) -> Display:
    """Return what showing a station's frame needs."""
    along_row, along_column = shown.orientation
    return Display(
        shown.rows,
        shown.columns,
        shown.slope,
        shown.intercept,
        *shown.window,
        *shown.spacing,
        (*along_row, *along_column),
        station.geometry.position,
    )


def views(stations: Sequence[Station]) -> tuple[str, ...]:
    """Return what each image shows, from the top downward, as the paper calls two stations.

    A gamma camera's image is told by the side that the detector faced, and the time.
    """
    if all(station.nuclear is None for station in stations) and len(stations) == 2:
        return ("cervicothoracic", "thoracolumbar")
    return tuple(
        f"station {number}" if station.nuclear is None else _nuclear_view(station.nuclear)
        for number, station in enumerate(stations, start=1)
    )


def _nuclear_view(seen: NuclearAcquisition) -> str:
    """Return view and hours after the injection, as far as they are known."""
    return seen.view.value if seen.hours is None else f"{seen.view} {seen.hours:.1f} h"


def write_by_content(folder: Path, content: bytes) -> str:
    """Write a file that is named by its content, and return the name."""
    name = hashlib.sha256(content).hexdigest()
    (folder / name).write_bytes(content)
    return name


def _check(by_uid: Mapping[str, Sequence[_Study]], listed: Sequence[CaseRow]) -> None:
    wanted = {row.study_uid for row in listed}
    for uids, rule in (
        (by_uid.keys() - wanted, "every imported study is in the list of cases"),
        (wanted - by_uid.keys(), "every listed study is imported"),
    ):
        if uids:
            raise InputError(
                rule, value=min(uids), place="list of cases", remedy="correct the list"
            )


def _case(name: str, rows: Sequence[CaseRow], by_uid: Mapping[str, Sequence[_Study]]) -> Case:
    pairs = [(row, study) for row in rows for study in by_uid[row.study_uid]]
    ordered = sorted(pairs, key=lambda pair: (pair[0].visit, pair[1].technique))
    if len({(row.visit, study.technique) for row, study in pairs}) < len(pairs):
        raise InputError(
            "a case has one study a visit and technique",
            value=f"{len(pairs)} studies of {rows[0].case}", place="list of cases",
            remedy="number the visits from 0",
        )  # fmt: skip
    examinations = tuple(
        Examination(study.technique, row.visit, study.images) for row, study in ordered
    )
    first = ordered[0][1]
    truth = Truth(rows[0].truth, rows[0].levels, rows[0].references)
    return Case(name, examinations, truth, first.age_years, first.sex)
