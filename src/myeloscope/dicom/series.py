"""Which of many images are the MR myelography: by what they are, not by what they are called.

A coronal slab so thick and so heavily T2-weighted that only free fluid is left is MR myelography
(PAPER, "Acquisition": TE 1000 ms, 50 mm) or a study of another fluid, such as bile, made the same
way; only between those do names decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from myeloscope.dicom.frames import Frame
from myeloscope.dicom.source import PassedOver
from myeloscope.domain.image import PlaneGeometry
from myeloscope.errors import InputError
from myeloscope.geometry import plane as planes

HEAVY_TE_MS = 400.0
"""Echo time from which only fluid is left; ordinary T2 images have some 80-150 ms."""
SLAB_MM = 20.0
"""Thickness from which an image is a projection slab rather than a slice."""
CORONAL_COSINE = 0.7
NAMED_COSINE = 0.5
"""The same for a series the user has named: as oblique as a canvas can take."""
SAME_STATION = 0.35
"""Share of the image height within which two images show the same station."""
MOST_STATIONS = 6
LEAST_SLICES = 8
MOST_RUNS = 64
"""Stacks that one series may hold."""
SAME_AXES = 0.02
"""How far pixel steps of two slices of a stack may differ, as a share of their length."""
SAME_PLACE_MM = 2.0
"""How far two slices of a stack may be shifted in their plane."""
DERIVED_KINDS = frozenset(
    ("LOCALIZER", "PROJECTION IMAGE", "MIP", "MPR", "SUBTRACTION", "MAX_IP", "MIN_IP", "PROJECTION")
)


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """The image of one station: one slab, or the slices of a stack, in order of position."""

    frames: tuple[Frame, ...]

    @property
    def middle(self) -> Frame:
        """Return the middle frame, whose header speaks for the piece."""
        return self.frames[len(self.frames) // 2]

    @property
    def is_stack(self) -> bool:
        """Return whether the station has to be computed from slices."""
        return len(self.frames) > 1


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Stations from the top downward, each with its candidates, best first."""

    stations: tuple[tuple[Piece, ...], ...]
    passed_over: tuple[PassedOver, ...]


def choose(frames: Sequence[Frame], *, named: bool) -> Choice:
    """Return the myelography among the images of one study.

    Parameters
    ----------
    frames
        All images of the study; of one series only, if ``named``.
    named
        Whether the user has named the series, so that contrast and thickness are not asked.

    Raises
    ------
    InputError
        If there is none, with what was there instead.
    """
    slabs, reasons = _sift(frames, lambda frame: why_no_slab(frame, named=named))
    pieces = [Piece((frame,)) for frame in slabs]
    if not pieces or (named and all(_thin(frame) for frame in slabs)):
        stacks = _stacks(frames, named=named)
        if stacks:
            inside = {id(frame) for piece in stacks for frame in piece.frames}
            reasons = [(f, why) for f, why in reasons if id(f) not in inside]
            reasons += [(f, "not part of the stack") for f in slabs if id(f) not in inside]
            pieces = stacks
    if not named and any(piece.middle.clue >= 0 for piece in pieces):
        others = [piece for piece in pieces if piece.middle.clue < 0]
        pieces = [piece for piece in pieces if piece.middle.clue >= 0]
        reasons += [(p.middle, "named as a study of another fluid") for p in others]
    if not pieces:
        raise _nothing(frames, reasons)
    stations = _stations(pieces)
    for station in stations:
        reasons += [(p.middle, _why_second(station[0], p)) for p in station[1:]]
    if len(stations) > MOST_STATIONS:
        raise InputError(
            f"one spine may have {MOST_STATIONS} stations at most",
            value=len(stations),
            place=frames[0].study_uid,
            remedy="name the series with --series UID",
        )
    return Choice(stations, summary(reasons))


def why_no_slab(frame: Frame, *, named: bool) -> str | None:
    """Return why an image is no coronal slab of MR myelography, or ``None`` if it is."""
    acquired = frame.acquisition
    if min(frame.shape) == 0:
        return f"no image ({frame.modality})"
    if frame.modality != "MR":
        return f"modality {frame.modality}, not MR"
    kinds = DERIVED_KINDS.intersection(frame.image_type)
    if kinds and not named:
        return f"image type {min(kinds)}"
    if frame.geometry is None:
        return f"{frame.trouble.rule}, found {frame.trouble.value}" if frame.trouble else "geometry"
    if _facing(frame.geometry) < (NAMED_COSINE if named else CORONAL_COSINE):
        return f"{orientation(frame.geometry)}, not coronal"
    if named:
        return None
    if acquired.echo_time_ms is not None and acquired.echo_time_ms < HEAVY_TE_MS:
        return f"TE {acquired.echo_time_ms:g} ms, below {HEAVY_TE_MS:g} ms"
    if acquired.slab_mm is None or acquired.slab_mm < SLAB_MM:
        return f"{_thickness(frame)}, no slab of {SLAB_MM:g} mm or more"
    return None


def orientation(geometry: PlaneGeometry) -> str:
    """Return ``sagittal``, ``coronal`` or ``axial``, whichever the plane is nearest to."""
    return ("sagittal", "coronal", "axial")[int(np.argmax(np.abs(planes.normal(geometry))))]


def describe(frame: Frame) -> str:
    """Return modality, orientation, echo time and thickness of an image in a few words."""
    words = [frame.modality]
    if frame.geometry is not None:
        words.append(orientation(frame.geometry))
    if frame.acquisition.echo_time_ms is not None:
        words.append(f"TE {frame.acquisition.echo_time_ms:g} ms")
    if frame.acquisition.slab_mm is not None:
        words.append(f"{frame.acquisition.slab_mm:g} mm")
    return " ".join(words)


def summary(reasons: Iterable[tuple[Frame, str]]) -> tuple[PassedOver, ...]:
    """Return one entry per series and reason."""
    first: dict[tuple[str, str], Frame] = {}
    count: dict[tuple[str, str], int] = {}
    for frame, why in reasons:
        key = (frame.series_uid, why)
        first.setdefault(key, frame)
        count[key] = count.get(key, 0) + 1
    return tuple(
        PassedOver(frame.item.name, frame.series_uid, why, count[frame.series_uid, why])
        for (_, why), frame in first.items()
    )


def _sift(
    frames: Iterable[Frame], why_not: Callable[[Frame], str | None]
) -> tuple[list[Frame], list[tuple[Frame, str]]]:
    """Return the frames without an objection, and the others with theirs."""
    kept, reasons = [], []
    for frame in frames:
        why = why_not(frame)
        if why is None:
            kept.append(frame)
        else:
            reasons.append((frame, why))
    return kept, reasons


def _thin(frame: Frame) -> bool:
    """Return whether an image is a slice rather than a slab."""
    return frame.acquisition.slab_mm is not None and frame.acquisition.slab_mm < SLAB_MM


def _thickness(frame: Frame) -> str:
    """Return the thickness in words."""
    slab = frame.acquisition.slab_mm
    return "no thickness recorded" if slab is None else f"{slab:g} mm thick"


def _facing(geometry: PlaneGeometry) -> float:
    """Return |cosine| between a plane's normal and the patient's front-back axis."""
    return abs(float(planes.normal(geometry)[1]))


def _stacks(frames: Sequence[Frame], *, named: bool) -> list[Piece]:
    """Return the runs of parallel thin slices with the contrast of myelography."""
    kinds: dict[tuple[object, ...], list[list[Frame]]] = {}
    for frame in frames:
        te = frame.acquisition.echo_time_ms
        heavy = named or (te is not None and te >= HEAVY_TE_MS)
        derived = not named and DERIVED_KINDS.intersection(frame.image_type)
        if frame.geometry is None or frame.modality != "MR" or not heavy or derived:
            continue
        key = (frame.series_uid, frame.shape, None if te is None else round(te))
        runs = kinds.setdefault(key, [])
        run = next((run for run in runs if _lies_on(frame, run[0])), None)
        if run is not None:
            run.append(frame)
        elif len(runs) < MOST_RUNS:
            runs.append([frame])
    pieces = []
    for run in (run for runs in kinds.values() for run in runs):
        # of slices at one place the later is taken
        run.sort(key=lambda frame: (frame.acquisition.acquired or "", frame.instance))
        by_place = {round(_depth(frame, run[0]), 2): frame for frame in run}
        if len(by_place) >= LEAST_SLICES:
            pieces.append(Piece(tuple(by_place[at] for at in sorted(by_place))))
    return pieces


def _lies_on(frame: Frame, first: Frame) -> bool:
    """Return whether a slice lies behind or before another one, pixel on pixel."""
    if frame.geometry is None or first.geometry is None:
        raise ValueError("a stack has geometry")
    axes, others = planes.axes(frame.geometry), planes.axes(first.geometry)
    if np.abs(axes - others).max() > SAME_AXES * np.abs(others).max():
        return False
    apart = np.array(frame.geometry.position) - np.array(first.geometry.position)
    along = apart @ (others / np.linalg.norm(others, axis=0))
    return bool(np.abs(along).max() < SAME_PLACE_MM)


def _depth(frame: Frame, first: Frame) -> float:
    """Return how far a slice lies from the first one along that one's normal, mm."""
    if frame.geometry is None or first.geometry is None:
        raise ValueError("a stack has geometry")
    return float(planes.distance(first.geometry, [frame.geometry.position])[0])


def _stations(pieces: Sequence[Piece]) -> tuple[tuple[Piece, ...], ...]:
    """Return pieces grouped by height in the patient, best first, from the top downward."""
    groups: list[list[Piece]] = []
    spans = {id(piece): _span(piece) for piece in pieces}
    for piece in pieces:
        middle, height = spans[id(piece)]
        for group in groups:
            other, its_height = spans[id(group[0])]
            if abs(middle - other) < SAME_STATION * min(height, its_height):
                group.append(piece)
                break
        else:
            groups.append([piece])
    kinds = [{_kind(piece) for piece in group} for group in groups]
    ranked = [
        sorted(group, key=lambda p: _rank(p, sum(_kind(p) in kind for kind in kinds)), reverse=True)
        for group in groups
    ]
    return tuple(tuple(g) for g in sorted(ranked, key=lambda g: -spans[id(g[0])][0]))


def _span(piece: Piece) -> tuple[float, float]:
    """Return height (LPS z) of the middle and the vertical size of a piece, mm."""
    tops, bottoms = [], []
    for frame in (piece.frames[0], piece.frames[-1]):
        if frame.geometry is None:
            raise ValueError("a chosen image has geometry")
        rows, columns = frame.shape
        ends = [(0, 0), (0, columns - 1), (rows - 1, 0), (rows - 1, columns - 1)]
        heights = planes.to_patient(frame.geometry, ends)[:, 2]
        tops.append(heights.max())
        bottoms.append(heights.min())
    return float(max(tops) + min(bottoms)) / 2, max(float(max(tops) - min(bottoms)), 1.0)


def _kind(piece: Piece) -> tuple[object, ...]:
    """Return what two stations of one examination share."""
    acquired = piece.middle.acquisition
    te = acquired.echo_time_ms
    return (None if te is None else round(te / 20), acquired.slab_mm, piece.middle.shape)


def _rank(piece: Piece, shared: int) -> tuple[float | int | str, ...]:
    """Return the order of candidates for one station: the greatest is taken."""
    frame = piece.middle
    facing = 0.0 if frame.geometry is None else _facing(frame.geometry)
    angle = round(float(np.degrees(np.arccos(min(facing, 1.0)))) / 5)
    known = frame.acquisition.echo_time_ms is not None
    return (frame.clue, known, shared, -angle, frame.acquisition.acquired or "", frame.instance)


def _why_second(taken: Piece, other: Piece) -> str:
    """Return why another candidate for the same station was not taken."""
    words = ("names", "echo time recorded", "same kind as the other stations", "more coronal")
    pairs = zip(words, _rank(taken, 0), _rank(other, 0), strict=False)
    why = next((word for word, a, b in pairs if a != b), "later, or the same")
    return f"another image of the station of {taken.middle.item.name}, which was taken ({why})"


def _nothing(frames: Sequence[Frame], reasons: Sequence[tuple[Frame, str]]) -> InputError:
    """Return the error for a study without myelography: the trouble of what nearly was, if any."""
    for frame in frames:
        te = frame.acquisition.echo_time_ms or 0.0
        alone = len(frames) == 1
        if frame.trouble is not None and frame.modality == "MR" and (te >= HEAVY_TE_MS or alone):
            return frame.trouble
    kinds: dict[str, int] = {}
    for frame, why in reasons:
        text = f"{describe(frame)} ({why})"
        kinds[text] = kinds.get(text, 0) + 1
    shown = [f"{count} x {text}" for text, count in list(kinds.items())[:4]]
    more = f" and {len(kinds) - 4} kinds more" if len(kinds) > 4 else ""
    return InputError(
        f"one of {len(frames)} objects must be MR myelography "
        f"(coronal slab of {SLAB_MM:g} mm or more, TE of {HEAVY_TE_MS:g} ms or more)",
        value="; ".join(shown) + more,
        place=f"study {frames[0].study_uid}",
        remedy="pass the right folder or name the series with --series UID",
    )
