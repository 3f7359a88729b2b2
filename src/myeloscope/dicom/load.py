"""From paths to a study: find MR myelography and cisternograms among what is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydicom import Dataset

from myeloscope.dicom.decode import frame_values
from myeloscope.dicom.files import Item, find
from myeloscope.dicom.frames import TAGS, Frame, frames_of
from myeloscope.dicom.header import faults_of, read, sound
from myeloscope.dicom.nm_load import nm_study
from myeloscope.dicom.series import Choice, Piece, choose, summary
from myeloscope.dicom.source import Loaded, PassedOver, Source, StudyProblem
from myeloscope.dicom.stack import stack_station
from myeloscope.domain.grade import Technique
from myeloscope.domain.image import Station, Study
from myeloscope.errors import InputError, one_line

MEDIA_DIRECTORY = "1.2.840.10008.1.3.10"
TELL_EACH = 200
"""Files between two words of progress."""
MOST_TRIES = 8
"""Candidates for one station that are tried when better ones cannot be decoded."""


def load(paths: Sequence[Path], *, series: str | None = None) -> Loaded:
    """Return the one MR myelography study behind paths.

    Parameters
    ----------
    paths
        Folders (read recursively), zip files, single files; other series may lie among them.
    series
        Series Instance UID to take, or its unique beginning, whatever its contrast.

    Raises
    ------
    InputError
        If there is no such study, or more than one.
    """
    results = load_all(paths, series=series, technique=Technique.MRM)
    loaded = [result for result in results if isinstance(result, Loaded)]
    problems = [result for result in results if isinstance(result, StudyProblem)]
    if len(loaded) > 1:
        raise InputError(
            "one study is read at a time",
            value=f"{len(loaded)} studies: " + ", ".join(each.study.uid for each in loaded),
            place=_place(paths),
            remedy="pass the folder of one study, or --series UID",
        )
    if not loaded:
        raise problems[0].error
    taken = loaded[0]
    others = tuple(
        PassedOver(entry.path, entry.uid, f"another study: {entry.reason}", entry.count)
        for problem in problems
        for entry in problem.passed_over
        if entry not in taken.passed_over
    )
    return Loaded(taken.study, taken.source, taken.passed_over + others, taken.choice)


def load_all(
    paths: Sequence[Path], *, series: str | None = None, technique: Technique | None = None
) -> tuple[Loaded | StudyProblem, ...]:
    """Return every study behind paths, by Study Instance UID; parameters as for :func:`load`.

    ``technique`` is the only one to look for; ``None`` looks for both, so that one Study Instance
    UID may come twice, MR myelography first.

    Raises
    ------
    InputError
        If no path holds a readable DICOM object, or the named series is not there.
    """
    found = look(paths, series=series)
    return tuple(one for uid in found.studies for one in open_study(found, uid, technique))


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What lies behind paths, by its headers.

    Attributes
    ----------
    studies
        Study Instance UID -> its images, in the order of the UIDs.
    passed_over
        Files that belong to no study (not DICOM, damaged), and series that were not named.
    named
        Whether the user named a series.
    """

    studies: Mapping[str, Sequence[Frame]]
    passed_over: tuple[PassedOver, ...]
    named: bool


def look(
    paths: Sequence[Path],
    *,
    series: str | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> Found:
    """Return what lies behind paths; no pixel is read yet.

    Parameters
    ----------
    paths, series
        As for :func:`load`.
    tell
        Called with the number of files done and of all files, now and then.

    Raises
    ------
    InputError
        If no path holds a readable DICOM object, or the named series is not there.
    """
    items, left = find(paths)
    frames, passed, faults = _scan(items, tell)
    passed = [*left, *passed]
    if not frames:
        raise faults[0] if len(items) == len(faults) == 1 else _no_dicom(passed, paths)
    if series is not None:
        uid = _named(frames, series, paths)
        others = [
            (frame, "another series was named") for frame in frames if frame.series_uid != uid
        ]
        passed += summary(others)
        frames = [frame for frame in frames if frame.series_uid == uid]
    studies: dict[str, list[Frame]] = {}
    for frame in sorted(frames, key=lambda frame: frame.study_uid):
        studies.setdefault(frame.study_uid, []).append(frame)
    return Found(studies, tuple(passed), series is not None)


def _scan(
    items: Sequence[Item], tell: Callable[[int, int], None] | None
) -> tuple[list[Frame], list[PassedOver], list[InputError]]:
    """Return the images of all files by their headers, the files that have none, and why."""
    frames: list[Frame] = []
    passed: list[PassedOver] = []
    faults: list[InputError] = []
    seen: dict[str, str] = {}
    for number, item in enumerate(items, start=1):
        if tell is not None and number % TELL_EACH == 0:
            tell(number, len(items))
        try:
            header = read(item, pixels=False, tags=TAGS)
            if _is_directory(header, item):
                continue
            found = frames_of(header, item)
        except InputError as error:
            passed.append(_passed(error, item.name, None))
            faults.append(error)
            continue
        uid = found[0].sop_uid
        if uid in seen:
            passed.append(PassedOver(item.name, uid, f"the same object as {seen[uid]}"))
            continue
        seen[uid] = item.name
        frames.extend(found)
    return frames, passed, faults


def _is_directory(header: Dataset, item: Item) -> bool:
    """Return whether an object is a DICOMDIR."""
    with faults_of(item, "header values must be readable"):
        return str(header.file_meta.get("MediaStorageSOPClassUID", "")) == MEDIA_DIRECTORY


def _named(frames: Sequence[Frame], series: str, paths: Sequence[Path]) -> str:
    """Return the full UID of the named series."""
    uids = sorted({frame.series_uid for frame in frames})
    matching = [uid for uid in uids if uid == series] or [
        uid for uid in uids if uid.startswith(series)
    ]
    if len(matching) == 1:
        return matching[0]
    shown = ", ".join((matching or uids)[:5])
    raise InputError(
        "--series must name one series that is there",
        value=f"{series}, which fits {len(matching)} of {len(uids)} series",
        place=_place(paths),
        remedy=f"use one of: {shown}",
    )


def open_study(
    found: Found, uid: str, technique: Technique | None = None
) -> tuple[Loaded | StudyProblem, ...]:
    """Return what one study holds of each technique looked for, its pixels read.

    A problem is among it only if the study holds nothing else to read.
    """
    frames, passed = found.studies[uid], found.passed_over
    nuclear = [frame for frame in frames if frame.modality == "NM"]
    others = [frame for frame in frames if frame.modality != "NM"]
    if technique is Technique.MRM or not nuclear:
        if technique is Technique.RIC:
            return (StudyProblem(uid, _no_nuclear(frames), passed),)
        return (_open_myelogram(found, uid, frames),)
    if technique is Technique.RIC or not others:
        return (nm_study(nuclear, passed + summary((f, "no cisternogram") for f in others)),)
    results = (_open_myelogram(found, uid, others), nm_study(nuclear, passed))
    loaded = [result for result in results if isinstance(result, Loaded)]
    if len(loaded) != 1:
        return results
    own = loaded[0]
    lost = next(result for result in results if isinstance(result, StudyProblem))
    extra = tuple(entry for entry in lost.passed_over if entry not in own.passed_over)
    return (replace(own, passed_over=own.passed_over + extra),)


def _no_nuclear(frames: Sequence[Frame]) -> InputError:
    """Return the error for a study without one nuclear medicine image where those are wanted."""
    return InputError(
        "a cisternogram is made of nuclear medicine images",
        value=f"{len(frames)} other images",
        place=f"study {frames[0].study_uid}",
        remedy="pass the right folder, or leave --technique out",
    )


def _open_myelogram(found: Found, uid: str, frames: Sequence[Frame]) -> Loaded | StudyProblem:
    """Return the MR myelogram among a study's images."""
    passed, named = found.passed_over, found.named
    try:
        choice = choose(frames, named=named)
    except InputError as error:
        seen = summary((frame, "no MR myelography") for frame in frames)
        return StudyProblem(uid, error, passed + seen)
    stations: list[tuple[Station, Piece]] = []
    faults: list[InputError] = []
    for candidates in choice.stations:
        for piece in candidates[:MOST_TRIES]:
            try:
                stations.append((_station(piece), piece))
                break
            except InputError as error:
                faults.append(error)
    passed += _without(choice, [piece for _, piece in stations])
    passed += tuple(_passed(error, error.place, None) for error in faults)
    if not stations:
        return StudyProblem(uid, faults[0], passed)
    study = Study(
        uid,
        Technique.MRM,
        tuple(station for station, _ in stations),
        derived=any(piece.is_stack for _, piece in stations),
    )
    pieces = [piece for _, piece in stations]
    return Loaded(study, _source(pieces), passed, _words(pieces, named=named))


def _without(choice: Choice, taken: Sequence[Piece]) -> tuple[PassedOver, ...]:
    """Return what was passed over, less what was taken after all when a better file failed."""
    names = {piece.middle.item.name for piece in taken}
    return tuple(
        entry for entry in choice.passed_over if entry.path not in names or entry.count > 1
    )


def _station(piece: Piece) -> Station:
    """Return one station with its pixels.

    Raises
    ------
    InputError
        If they cannot be decoded or show nothing.
    """
    station = stack_station(piece) if piece.is_stack else _slab(piece.middle)
    low, high = float(station.pixels.min()), float(station.pixels.max())
    if low == high:
        raise InputError(
            "an image must show something",
            value=f"{low:g} in every pixel",
            place=piece.middle.item.name,
            remedy="leave it out",
        )
    return station


def _slab(frame: Frame) -> Station:
    """Return the station of a single image."""
    if frame.geometry is None:
        raise ValueError("a chosen image has geometry")
    dataset = read(frame.item, pixels=True)
    return Station(
        pixels=frame_values(dataset, frame.item, frame.number),
        geometry=frame.geometry,
        acquisition=frame.acquisition,
        series_uid=frame.series_uid,
        sop_uid=frame.sop_uid,
        frame_of_reference_uid=frame.frame_of_reference_uid,
        frame=frame.number,
    )


def _source(pieces: Sequence[Piece]) -> Source:
    """Return identity and references of the stations, in their order."""
    headers: dict[Item, Dataset] = {}
    for piece in pieces:
        item = piece.middle.item
        if item not in headers:
            headers[item] = sound(read(item, pixels=False))
    return Source(
        images=tuple(headers[piece.middle.item] for piece in pieces),
        files=tuple(piece.middle.item.name for piece in pieces),
        frames=tuple(piece.middle.number for piece in pieces),
    )


def _words(pieces: Sequence[Piece], *, named: bool) -> str:
    """Return what was taken, and why, in words."""
    parts = []
    for number, piece in enumerate(pieces, start=1):
        frame = piece.middle
        te, slab = frame.acquisition.echo_time_ms, frame.acquisition.slab_mm
        what = f"{len(piece.frames)} slices of " if piece.is_stack else ""
        thick = "unrecorded thickness" if slab is None else f"{slab:g} mm"
        echo = "no echo time recorded" if te is None else f"TE {te:g} ms"
        where = "" if frame.number is None or piece.is_stack else f", frame {frame.number}"
        parts.append(
            f"station {number}: {what}{thick}, {echo}, {frame.item.name}{where}, "
            f"series {frame.series_uid}"
        )
    why = "the series named" if named else "heavily T2-weighted and coronal"
    if any(piece.is_stack for piece in pieces):
        why += ", projected from thin slices"
    return one_line(f"{why}; " + "; ".join(parts))


def _no_dicom(passed: Sequence[PassedOver], paths: Sequence[Path]) -> InputError:
    """Return the error for paths without one readable DICOM object."""
    return InputError(
        "a folder must hold DICOM images",
        value=f"{len(passed)} other files, the first: {passed[0].path}, {passed[0].reason}"
        if passed
        else "only a DICOMDIR",
        place=_place(paths),
        remedy="pass the folder of a study",
    )


def _passed(error: InputError, path: str, uid: str | None) -> PassedOver:
    """Return an error as an entry of what was passed over."""
    return PassedOver(path, uid, f"{error.rule}, found {error.value}")


def _place(paths: Sequence[Path]) -> str:
    """Return the paths as shown in a message."""
    return ", ".join(str(path) for path in paths[:3]) + (" ..." if len(paths) > 3 else "")
