"""Opposed views of one time as one picture: registered, geometric mean, with Poisson's error.

The geometric mean of opposed views depends little on the depth of a source (Sorenson 1974): what
one view loses to tissue the other gains. Pictures are counts per mm2 on a grid of
:data:`STEP_MM`, x to the patient's left and z upward from the image's middle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft2, next_fast_len, rfft2
from scipy.ndimage import gaussian_filter1d, uniform_filter1d

from myeloscope.cisternography.blur import Singles, blur_matrix
from myeloscope.domain.image import FloatImage, PlaneGeometry, Station, Study
from myeloscope.domain.scintigraphy import NuclearAcquisition, View

Floats = NDArray[np.float64]

STEP_MM = 2.5
SMOOTH_MM = 1.9
"""SD of the smoothing that every picture gets, mm; widths are corrected for it."""
SAME_TIME_H = 0.34
MOST_SHIFT_MM = 22.0
HALF_WIDTH_MM = 145.0
"""Half the width of what is looked at beside the image's middle."""
LEAST_BRIGHT = 0.04
AROUND_MM = 60.0
MOST_HEIGHT_MM = 1100.0
AT_ONCE = 32
"""Places along an axis that are sampled together: few, and each needs few pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """One time after the injection as one picture.

    Attributes
    ----------
    hours
        After the injection.
    stations
        Indices of its views in the study, anterior first.
    views
        Each view's counts per mm2 on the same grid, the second moved onto the first.
    density
        Counts per mm2 of both (geometric mean), shape (rows, columns); row 0 is at ``top_mm``.
    variance
        Of the density.
    seen
        Whether the crystal saw that place, same shape.
    top_mm, left_mm
        z of the first row, x of the first column.
    scale
        Factor that makes densities of different times comparable: per second and MBq injected,
        without decay.
    sided
        Whether left and right are known.
    flipped
        The posterior image was found stored like an anterior one.
    motion_mm
        Shift found between the views; ``None`` for a single one.
    spread_mm
        SD of the blur added by smoothing and pixels.
    """

    hours: float
    stations: tuple[int, ...]
    views: tuple[Floats, ...]
    density: Floats
    variance: Floats
    seen: NDArray[np.bool_]
    top_mm: float
    left_mm: float
    scale: float
    sided: bool
    flipped: bool
    motion_mm: float | None
    spread_mm: float

    @property
    def z(self) -> Floats:
        """Return the height of each row, mm."""
        return np.asarray(self.top_mm - STEP_MM * np.arange(self.density.shape[0]), np.float64)

    @property
    def x(self) -> Floats:
        """Return the place of each column, mm to the left."""
        return np.asarray(self.left_mm + STEP_MM * np.arange(self.density.shape[1]), np.float64)


@dataclass(frozen=True, slots=True)
class Grid:
    """The common grid: heights of its upper and lower edge, and half its width, mm."""

    top: float
    bottom: float
    half_width: float


@dataclass(frozen=True, slots=True, eq=False)
class _Picture:
    density: Floats
    seen: NDArray[np.bool_]
    blur: float


def nuclear(station: Station) -> NuclearAcquisition:
    """Return a planar image's acquisition.

    Raises
    ------
    ValueError
        If it is no planar image.
    """
    if station.nuclear is None:
        raise ValueError(f"image {station.sop_uid} is no planar gamma-camera image")
    return station.nuclear


def moments_of(study: Study) -> tuple[Moment, ...]:
    """Return the times of a study, in order, each as one picture."""
    groups: list[list[int]] = []
    order = sorted(range(len(study.stations)), key=lambda i: nuclear(study.stations[i]).hours or 0)
    for index in order:
        hours = nuclear(study.stations[index]).hours or 0.0
        views = [nuclear(study.stations[i]).view for i in groups[-1]] if groups else []
        near = (
            groups
            and abs(hours - (nuclear(study.stations[groups[-1][0]]).hours or 0.0)) < SAME_TIME_H
        )
        view = nuclear(study.stations[index]).view
        if near and len(views) < 2 and (view is View.UNKNOWN or view not in views):
            groups[-1].append(index)
        else:
            groups.append([index])
    extent = _extent(study.stations)
    return tuple(_moment(study.stations, group, extent) for group in groups)


def _extent(stations: Sequence[Station]) -> Grid:
    """Return the grid common to all images: the heights at which there is a bright place.

    A sweep over the body shows legs too; rows whose brightest place is far below the brightest of
    the image hold no canal.
    """
    tops, bottoms = [], []
    for station in stations:
        spacing = station.geometry.row_spacing
        bright = gaussian_filter1d(station.pixels.max(axis=1).astype(float), 12.0 / spacing)
        rows = np.flatnonzero(bright > LEAST_BRIGHT * bright.max())
        if len(rows) == 0:
            continue
        tops.append(station.geometry.position[2] - spacing * rows[0])
        bottoms.append(station.geometry.position[2] - spacing * rows[-1])
    half = max(s.pixels.shape[0] * s.geometry.row_spacing for s in stations) / 2
    wide = max(s.pixels.shape[1] * s.geometry.column_spacing for s in stations) / 2
    top = min(max(tops, default=half) + AROUND_MM, half)
    bottom = max(min(bottoms, default=-half) - AROUND_MM, -half, top - MOST_HEIGHT_MM)
    return Grid(top, bottom, STEP_MM * int(min(wide, HALF_WIDTH_MM) / STEP_MM))


def _moment(stations: Sequence[Station], group: list[int], extent: Grid) -> Moment:
    """Return the views of one time as one picture."""
    group = sorted(group, key=lambda i: list(View).index(nuclear(stations[i]).view))
    first = nuclear(stations[group[0]])
    pictures = [_picture(stations[i], stations[i].geometry, extent) for i in group]
    flipped, motion = False, None
    density, seen = pictures[0].density, pictures[0].seen
    blur = pictures[0].blur
    variance = density / (4 * np.pi * blur**2)
    views: tuple[Floats, ...] = (density,)
    if len(group) == 2:
        other, flipped, move = _registered(stations, group, pictures)
        motion = float(np.hypot(*move)) * STEP_MM
        views = (density, other.density)
        total = density + other.density
        seen = seen & other.seen
        density = np.sqrt(np.maximum(density * other.density, 0))
        variance = total / 4 / (4 * np.pi * blur**2)
    hours = float(np.mean([nuclear(stations[i]).hours or 0.0 for i in group]))
    seconds = first.duration_s or 1.0
    decayed = 0.5 ** (hours / first.half_life_h)
    return Moment(
        hours=hours,
        stations=tuple(group),
        views=views,
        density=np.where(seen, density, 0.0),
        variance=variance + 1e-9,
        seen=seen,
        top_mm=extent.top - STEP_MM / 2,
        left_mm=-extent.half_width + STEP_MM / 2,
        scale=1.0 / (seconds * decayed * (first.dose_mbq or 1.0)),
        sided=all(nuclear(stations[i]).view is not View.UNKNOWN for i in group),
        flipped=flipped,
        motion_mm=motion,
        spread_mm=blur,
    )


def _picture(station: Station, plane: PlaneGeometry, extent: Grid) -> _Picture:
    """Return an image as smooth counts per mm2 on the grid."""
    area = plane.row_spacing * plane.column_spacing
    raw = station.pixels
    x = np.arange(-extent.half_width + STEP_MM / 2, extent.half_width, STEP_MM)
    z = np.arange(extent.top - STEP_MM / 2, extent.bottom, -STEP_MM)
    row = (plane.position[2] - z) / plane.row_spacing
    column = (x - plane.position[0]) / (plane.along_row[0] * plane.column_spacing)
    down = _weights(tuple(row.tolist()), raw.shape[0], SMOOTH_MM / plane.row_spacing)
    across = _weights(tuple(column.tolist()), raw.shape[1], SMOOTH_MM / plane.column_spacing)
    density = _sampled(down, _sampled(across, (raw / area).T).T)
    inside = _crystal(raw, max(plane.row_spacing, plane.column_spacing))
    seen = _within(row, inside[0])[:, None] & _within(column, inside[1])[None]
    pixel = float(np.sqrt(area))
    blur = float(np.hypot(max(SMOOTH_MM, 0.42 * pixel), 0.29 * pixel))
    return _Picture(np.maximum(density, 0.0), seen, blur)


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """Weights (places, pixels) of some places along one axis, for those pixels that count there."""

    weights: Floats
    places: slice
    pixels: slice


def _sampled(pieces: Sequence[_Piece], image: NDArray[np.floating]) -> Floats:
    """Return an image (pixels, columns) at places along its first axis, (places, columns)."""
    made = np.empty((pieces[-1].places.stop, image.shape[1]))
    for piece in pieces:
        np.matmul(piece.weights, image[piece.pixels], out=made[piece.places])
    return made


@lru_cache(maxsize=8)
def _weights(at: tuple[float, ...], count: int, sigma: float) -> tuple[_Piece, ...]:
    """Return how to smooth along one axis of ``count`` pixels and sample at places.

    A Gaussian of SD ``sigma`` pixels; coarse pixels are joined by a wider one, so that no grid of
    theirs is seen. Each row sums to 1 within the image.
    """
    width = max(sigma, 0.42)
    places = np.array(at)
    around = 4.5 * width + 1
    pieces = []
    for begin in range(0, len(places), AT_ONCE):
        some = places[begin : begin + AT_ONCE]
        first = int(np.clip(np.floor(some.min() - around), 0, count - 1))
        last = int(np.clip(np.ceil(some.max() + around) + 1, first + 1, count))
        gap = some[:, None] - np.arange(first, last)[None]
        found = np.where(np.abs(gap) < around, np.exp(-0.5 * (gap / width) ** 2), 0.0)
        whole = np.maximum(found.sum(axis=1, keepdims=True), 1e-12)
        outside = (some < -0.5) | (some > count - 0.5)
        weights = np.where(outside[:, None], 0.0, found / whole)
        pieces.append(_Piece(weights, slice(begin, begin + len(some)), slice(first, last)))
    return tuple(pieces)


def _within(places: Floats, span: tuple[float, float]) -> NDArray[np.bool_]:
    return np.asarray((places >= span[0]) & (places <= span[1]))


def _crystal(raw: FloatImage, pixel_mm: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return first and last row, and column, that a crystal saw: those with counts.

    The outermost 4 mm are left out: smoothing has taken counts over the edge there.
    """
    margin = max(1, round(4.0 / pixel_mm))
    spans = []
    for axis in (1, 0):
        some = np.flatnonzero(raw.sum(axis=axis) > 0)
        empty = len(some) == 0
        spans.append((1.0, 0.0) if empty else (some[0] + margin, some[-1] - margin))
    return spans[0], spans[1]


def _registered(
    stations: Sequence[Station], group: list[int], pictures: list[_Picture]
) -> tuple[_Picture, bool, tuple[int, int]]:  # fmt: skip
    """Return the second view moved onto the first, whether it was stored flipped, and the shift.

    A posterior image is taken as its detector sees it, unless the other way fits much better.
    """
    first = pictures[0]
    # the grid is even about the image's middle, so that the mirrored picture is the other way
    other = _Picture(pictures[1].density[:, ::-1], pictures[1].seen[:, ::-1], pictures[1].blur)
    (fit, move), (fit_turned, move_turned) = _best_shifts(
        first.density, [pictures[1].density, other.density]
    )
    unsure = View.UNKNOWN in (nuclear(stations[i]).view for i in group)
    flipped = fit_turned > fit + (0.0 if unsure else 0.01)
    chosen, move = (other, move_turned) if flipped else (pictures[1], move)
    density = _moved(chosen.density, move)
    seen = _moved(chosen.seen.astype(np.float64), move) > 0.5
    return _Picture(density, seen, chosen.blur), flipped, move


def _moved(picture: Floats, move: tuple[int, int]) -> Floats:
    """Return a picture moved by whole steps down and to the right; what comes in is zero."""
    rows, columns = picture.shape
    down, right = move
    made = np.zeros_like(picture)
    made[max(down, 0) : rows + min(down, 0), max(right, 0) : columns + min(right, 0)] = picture[
        max(-down, 0) : rows - max(down, 0), max(-right, 0) : columns - max(right, 0)
    ]
    return made


def _best_shifts(one: Floats, others: Sequence[Floats]) -> list[tuple[float, tuple[int, int]]]:
    """Return each picture's best correlation with one over shifts of a few steps, and the shift."""
    most = int(MOST_SHIFT_MM / STEP_MM)
    rows, columns = np.arange(-most // 2, most // 2 + 1), np.arange(-most, most + 1)
    size = [next_fast_len(side + most, real=True) for side in one.shape]
    outlines = [_outlines(picture) for picture in (one, *others)]
    spectra = [rfft2(outline, size) for outline in outlines]
    norms = [float((outline**2).sum()) for outline in outlines]
    made = []
    for spectrum, norm in zip(spectra[1:], norms[1:], strict=True):
        found = irfft2(spectra[0] * np.conj(spectrum), size)
        window = found[np.ix_(rows, columns)]
        best = np.unravel_index(int(window.argmax()), window.shape)
        both = float(np.sqrt(norms[0] * norm)) or 1.0
        made.append((float(window.max()) / both, (int(rows[best[0]]), int(columns[best[1]]))))
    return made


def _outlines(picture: Floats) -> Singles:
    """Return the root of a picture less its wide surroundings, so that all structures count."""
    rows, columns = picture.shape
    down, across = _outlining(rows, columns)
    return np.asarray(down @ np.sqrt(picture, dtype=np.float32) @ across)


@lru_cache(maxsize=8)
def _outlining(rows: int, columns: int) -> tuple[Singles, Singles]:
    """Return what blurs columns, and what takes wide surroundings from rows and blurs the rest."""
    around = uniform_filter1d(np.eye(columns), int(60 / STEP_MM), axis=0)
    across = (blur_matrix(columns, 1.0) @ (np.eye(columns) - around)).T
    return blur_matrix(rows, 1.0), across.astype(np.float32)


def between(picture: Floats, row: Floats, column: Floats) -> Floats:
    """Return a picture at places between its own (bilinear); zero outside.

    ``row`` and ``column``, in steps of the picture, and the result have one shape.
    """
    rows, columns = picture.shape
    i = np.minimum(np.maximum(np.floor(row), 0), rows - 2)
    j = np.minimum(np.maximum(np.floor(column), 0), columns - 2)
    first = (i * columns + j).astype(np.intp)
    up, left = 1 - (row - i), 1 - (column - j)
    down, right = 1 - up, 1 - left
    flat = picture.ravel()
    found = flat.take(first) * up * left
    found += flat[1:].take(first) * up * right
    found += flat[columns:].take(first) * down * left
    found += flat[columns + 1 :].take(first) * down * right
    inside = (row >= 0) & (row <= rows - 1) & (column >= 0) & (column <= columns - 1)
    return np.where(inside, found, 0.0)
