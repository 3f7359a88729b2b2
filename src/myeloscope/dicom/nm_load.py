"""The planar images of one nuclear medicine study: which views and times there are, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from pydicom import Dataset

from myeloscope.dicom.decode import frame_values
from myeloscope.dicom.files import Item
from myeloscope.dicom.frames import MOST_SIDE, MOST_SPACING_MM, Frame
from myeloscope.dicom.header import faults_of, read
from myeloscope.dicom.nm_header import NmFrame, hours_in_words, nm_frames
from myeloscope.dicom.source import Loaded, PassedOver, Source, StudyProblem
from myeloscope.domain.grade import Technique
from myeloscope.domain.image import Acquisition, FloatImage, PlaneGeometry, Station, Study
from myeloscope.domain.scintigraphy import NuclearAcquisition, View
from myeloscope.errors import InputError

SAME_TIME_H = 0.34
"""Images of one time lie within 20 minutes: two single-headed views follow each other."""
PAPER_HOURS = (0.5, 2.0, 4.0, 6.0)
MOST_VIEWS = 48


@dataclass(frozen=True, slots=True, eq=False)
class _Shot:
    """One image with all that is known of it."""

    frame: Frame
    header: Dataset
    station: Station


def nm_study(frames: Sequence[Frame], passed: tuple[PassedOver, ...]) -> Loaded | StudyProblem:
    """Return the cisternogram of one study.

    Parameters
    ----------
    frames
        The study's nuclear medicine frames.
    passed
        What was passed over before.
    """
    shots: list[_Shot] = []
    left: list[PassedOver] = []
    faults: list[InputError] = []
    for item in {frame.item.name: frame.item for frame in frames}.values():
        own = [frame for frame in frames if frame.item.name == item.name]
        try:
            found, reasons = _shots_of(item, own)
        except InputError as error:
            faults.append(error)
            left.append(
                PassedOver(item.name, own[0].series_uid, f"{error.rule}, found {error.value}")
            )
            continue
        shots += found
        left += [PassedOver(item.name, own[0].series_uid, why, n) for why, n in reasons.items()]
    shots = _timed(shots)
    shots, doubles = _single(shots)
    every = (*passed, *left, *doubles)
    if not shots:
        return StudyProblem(frames[0].study_uid, _nothing(frames, faults, left), every)
    study = Study(frames[0].study_uid, Technique.RIC, tuple(shot.station for shot in shots))
    source = Source(
        images=tuple(shot.header for shot in shots),
        files=tuple(shot.frame.item.name for shot in shots),
        frames=tuple(shot.frame.number for shot in shots),
    )
    return Loaded(study, source, every, _words(shots))


def _shots_of(item: Item, frames: Sequence[Frame]) -> tuple[list[_Shot], dict[str, int]]:
    """Return the views in one file, and why others in it are none."""
    with faults_of(item, "header values must be readable"):
        header = read(item, pixels=False)
        described = nm_frames(header)
        spacing = _spacing(header, item)
    reasons: dict[str, int] = {}
    good: list[tuple[Frame, NmFrame]] = []
    for frame, told in zip(frames, described, strict=False):
        why = told.trouble or (None if max(frame.shape) <= MOST_SIDE else "too large")
        if why is not None:
            reasons[why] = reasons.get(why, 0) + 1
        else:
            good.append((frame, told))
    if not good:
        return [], reasons
    dataset = read(item, pixels=True)
    shots = []
    for frame, told in good:
        pixels = frame_values(dataset, item, frame.number)
        shots.append(_Shot(frame, header, _station(frame, told, pixels, spacing)))
    return shots, reasons


def _spacing(header: Dataset, item: Item) -> tuple[float, float]:
    """Return the distance between rows and between columns, mm."""
    values = [float(value) for value in header.get("PixelSpacing") or ()]
    if len(values) != 2 or not all(0 < value <= MOST_SPACING_MM for value in values):
        raise InputError(
            f"an image must have Pixel Spacing above 0 and at most {MOST_SPACING_MM:g} mm",
            value=values or "none",
            place=item.name,
            remedy="export the images again",
        )
    return values[0], values[1]


def planar_geometry(
    shape: tuple[int, int], spacing: tuple[float, float], *, left_grows: bool
) -> PlaneGeometry:
    """Return the detector's plane: left and up from the image's middle, mm."""
    way = 1.0 if left_grows else -1.0
    return PlaneGeometry(
        position=(-way * (shape[1] - 1) / 2 * spacing[1], 0.0, (shape[0] - 1) / 2 * spacing[0]),
        along_row=(way, 0.0, 0.0),
        along_column=(0.0, 0.0, -1.0),
        row_spacing=spacing[0],
        column_spacing=spacing[1],
    )


def _station(
    frame: Frame, told: NmFrame, pixels: FloatImage, spacing: tuple[float, float]
) -> Station:
    left = told.left_grows
    if left is None:
        left = told.acquisition.view is not View.POSTERIOR
    nuclear = told.acquisition
    if nuclear.hours is None and (named := hours_in_words(told.text)) is not None:
        nuclear = replace(nuclear, hours=named, times_from="the words of the series")
    return Station(
        pixels=pixels,
        geometry=planar_geometry(frame.shape, spacing, left_grows=left),
        acquisition=Acquisition(
            manufacturer=frame.acquisition.manufacturer, acquired=nuclear.started
        ),
        series_uid=frame.series_uid,
        sop_uid=frame.sop_uid,
        frame_of_reference_uid=frame.frame_of_reference_uid,
        frame=frame.number,
        nuclear=nuclear,
    )


def _nuclear(shot: _Shot) -> NuclearAcquisition:
    if shot.station.nuclear is None:
        raise ValueError("a planar image has its acquisition")
    return shot.station.nuclear


def _timed(shots: Sequence[_Shot]) -> list[_Shot]:
    """Return the images in order of time, each with hours after the injection.

    Without a time of injection the first image is taken as 0.5 h after it; without any times the
    order of series and instances and the source study's times are assumed. Both are said.
    """
    if all(_nuclear(shot).hours is not None for shot in shots):
        return sorted(shots, key=_order)
    if all(_nuclear(shot).started is not None for shot in shots):
        starts = [np.datetime64(_nuclear(shot).started) for shot in shots]
        first = min(starts, default=np.datetime64(0, "s"))
        words = "acquisition times; no time of injection, the first image taken as 0.5 h after it"
        timed = [
            _with_hours(shot, 0.5 + float((at - first) / np.timedelta64(3600, "s")), words)
            for shot, at in zip(shots, starts, strict=True)
        ]
        return sorted(timed, key=_order)
    places: dict[str, int] = {}
    ordered = sorted(
        shots, key=lambda s: (s.frame.instance, s.frame.item.name, s.frame.number or 0)
    )
    for shot in ordered:
        places.setdefault(shot.frame.sop_uid, len(places))
    words = "no times recorded: those of the source study assumed in order of the images"
    return [_with_hours(s, PAPER_HOURS[min(places[s.frame.sop_uid], 3)], words) for s in ordered]


def _with_hours(shot: _Shot, hours: float, words: str) -> _Shot:
    nuclear = replace(_nuclear(shot), hours=hours, times_from=words)
    return replace(shot, station=replace(shot.station, nuclear=nuclear))


def _order(shot: _Shot) -> tuple[float, str, str, int]:
    nuclear = _nuclear(shot)
    return (
        round(nuclear.hours or 0.0, 2),
        nuclear.view.value,
        shot.frame.sop_uid,
        shot.frame.number or 0,
    )


def _single(shots: Sequence[_Shot]) -> tuple[list[_Shot], list[PassedOver]]:
    """Return one image for each view and time, the one with most counts; name the others."""
    kept: list[_Shot] = []
    left: list[PassedOver] = []
    for shot in shots:
        twin = next((other for other in kept if _same_view(other, shot)), None)
        if twin is None:
            kept.append(shot)
            continue
        copy = np.array_equal(twin.station.pixels, shot.station.pixels)
        more = float(shot.station.pixels.sum()) > float(twin.station.pixels.sum())
        better, other = (shot, twin) if more and not copy else (twin, shot)
        kept[kept.index(twin)] = better
        why = "the same counts as" if copy else "another image of the same view and time as"
        left.append(
            PassedOver(
                other.frame.item.name, other.frame.sop_uid, f"{why} {better.frame.item.name}"
            )
        )
    if len(kept) > MOST_VIEWS:
        left += [
            PassedOver(s.frame.item.name, s.frame.sop_uid, f"more than {MOST_VIEWS} views")
            for s in kept[MOST_VIEWS:]
        ]
    return kept[:MOST_VIEWS], left


def _same_view(one: _Shot, other: _Shot) -> bool:
    a, b = _nuclear(one), _nuclear(other)
    if one.frame.sop_uid == other.frame.sop_uid and a.view is View.UNKNOWN:
        return False
    if a.view is View.UNKNOWN and b.view is View.UNKNOWN:
        return np.array_equal(one.station.pixels, other.station.pixels)
    return a.view is b.view and abs((a.hours or 0.0) - (b.hours or 0.0)) < SAME_TIME_H


def _words(shots: Sequence[_Shot]) -> str:
    """Return what was taken, in words."""
    parts = [
        f"{_nuclear(s).hours:.2f} h {_nuclear(s).view.value}: {s.frame.item.name}"
        + ("" if s.frame.number is None else f", frame {s.frame.number}")
        for s in shots
    ]
    times = {_nuclear(shot).times_from for shot in shots}
    return f"planar gamma-camera images, times from {'; '.join(sorted(times))}; " + "; ".join(parts)


def _nothing(
    frames: Sequence[Frame], faults: Sequence[InputError], left: Sequence[PassedOver]
) -> InputError:
    """Return the error for a study without a view to read."""
    if faults and not any(entry.reason for entry in left if entry.path != faults[0].place):
        return faults[0]
    return InputError(
        f"one of {len(frames)} nuclear medicine images must be a planar view of a cisternogram",
        value="; ".join(dict.fromkeys(entry.reason for entry in left)) or "none",
        place=f"study {frames[0].study_uid}",
        remedy="pass the right folder or name the series with --series UID",
    )
