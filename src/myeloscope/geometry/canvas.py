"""The stations of a study joined to one image in patient millimetres.

On the canvas rows run from superior to inferior and columns from the patient's right to left;
pixels are square. Stations are placed by their headers (:mod:`~myeloscope.geometry.placement`),
corrected by what their overlap shows (:mod:`~myeloscope.geometry.seam`): movement of the patient
between stations, and different scaling.

Noise. Where one station gives a pixel, its noise is the station's, times the gain. In the short
band where two are blended with weights w and 1 - w, independent noise falls by
sqrt(w^2 + (1 - w)^2), so to 71 % in the band's middle; nowhere else is it touched, but for
stations that had to be interpolated (:mod:`~myeloscope.geometry.resample`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myeloscope.domain.image import FloatImage, PlaneGeometry, Study
from myeloscope.errors import InputError
from myeloscope.geometry import plane as planes
from myeloscope.geometry.blend import blend
from myeloscope.geometry.placement import Layout, corners, lay_flat
from myeloscope.geometry.resample import Block, apply, inverse, on_grid
from myeloscope.geometry.seam import Seam, compare

Floats = NDArray[np.float64]

FINEST_MM = 0.4
"""Least default pixel size: finer ones are interpolated by the scanner, not acquired."""
MOST_PIXELS = 20 << 20
"""Largest canvas: one of 0.4 mm for the whole body of a tall adult has half of it."""
LONGEST_MM = 2500.0
"""Longest canvas; longer ones come from contradictory headers."""


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """The stations joined.

    Attributes
    ----------
    pixels
        (rows, columns), in the units of the first station; 0 where not covered.
    covered
        (rows, columns), where any station has a pixel.
    station
        (rows, columns), index of the station that gives (most of) each pixel, -1 where none.
    geometry
        The mean plane of the stations. Exact for one station and for parallel ones; for patient
        positions of a point use :func:`to_patient`, which goes through the source image.
    shifts_mm
        Per station, (down, left) mm by which it was moved against its headers.
    gains
        Per station, the factor its pixels were multiplied with.
    seam_error_mm
        Largest sideways error left at a seam (what was not corrected, and the estimate's own
        standard deviation); ``None`` with one station or where a seam could not be checked.
    warnings
        What could not be corrected, as sentences.
    planes
        The stations' own planes.
    to_station_maps
        (stations, 2, 3) affine maps: canvas (row, column, 1) -> station (row, column).
    """

    pixels: FloatImage
    covered: NDArray[np.bool_]
    station: NDArray[np.int8]
    geometry: PlaneGeometry
    shifts_mm: tuple[tuple[float, float], ...]
    gains: tuple[float, ...]
    seam_error_mm: float | None
    warnings: tuple[str, ...]
    planes: tuple[PlaneGeometry, ...]
    to_station_maps: Floats

    @property
    def spacing_mm(self) -> float:
        """Return the size of the square pixels, mm."""
        return self.geometry.row_spacing


def stitch(study: Study, spacing_mm: float | None = None) -> Canvas:
    """Join the stations of a study.

    Parameters
    ----------
    study
        Stations from the top downward, planes within 60 degrees of coronal.
    spacing_mm
        Pixel size of the canvas; by default the finest of the stations, not below 0.4 mm.

    Raises
    ------
    InputError
        If a plane is not coronal, or the stations lie too far apart to be one spine.
    """
    stations = study.stations
    geometries = [station.geometry for station in stations]
    shapes = [(station.pixels.shape[0], station.pixels.shape[1]) for station in stations]
    finest = min(min(g.row_spacing, g.column_spacing) for g in geometries)
    spacing = max(finest, FINEST_MM) if spacing_mm is None else spacing_mm
    layout = lay_flat(geometries, shapes)
    _check_size(layout, shapes, spacing)
    blocks = [
        on_grid(station.pixels, to_flat / spacing)
        for station, to_flat in zip(stations, layout.to_flat, strict=True)
    ]
    joined = _join(blocks, spacing)
    pixels, covered, station, corner = blend(joined.blocks, joined.gains, joined.seams, spacing)
    maps = np.array([_offset(block.to_station, corner) for block in joined.blocks])
    return Canvas(
        pixels=pixels,
        covered=covered,
        station=station,
        geometry=_mean_plane(layout, study, maps, joined.shifts_mm, spacing),
        shifts_mm=joined.shifts_mm,
        gains=joined.gains,
        seam_error_mm=joined.error_mm,
        warnings=joined.warnings,
        planes=tuple(geometries),
        to_station_maps=maps,
    )


def to_station(canvas: Canvas, rc: ArrayLike) -> tuple[NDArray[np.int64], Floats]:
    """Return the source pixels of canvas points.

    Parameters
    ----------
    canvas
        The joined stations.
    rc
        Canvas row and column indices, shape (N, 2), pixel centres at whole numbers.

    Returns
    -------
    stations
        (N,) index of the station that shows each point; for points that none covers, that of
        the nearest pixel of the canvas that is covered on the same row, else the nearest row.
    rc
        (N, 2) row and column in that station's image, moves between stations undone.
    """
    points = np.asarray(rc, float).reshape(-1, 2)
    index = _station_of(canvas, points)
    out = np.empty_like(points)
    for i, affine in enumerate(canvas.to_station_maps):
        out[index == i] = apply(affine, points[index == i])
    return index, out


def to_patient(canvas: Canvas, rc: ArrayLike) -> Floats:
    """Return the patient positions of canvas points, by the source image's own header.

    Parameters
    ----------
    canvas
        The joined stations.
    rc
        Canvas row and column indices, shape (N, 2).

    Returns
    -------
    ndarray of shape (N, 3)
        LPS mm, in the station each point came from (moves between stations are not applied).
    """
    index, pixels = to_station(canvas, rc)
    out = np.empty((len(pixels), 3))
    for i, geometry in enumerate(canvas.planes):
        out[index == i] = planes.to_patient(geometry, pixels[index == i])
    return out


def from_station(canvas: Canvas, station: int, rc: ArrayLike) -> Floats:
    """Return the canvas points (N, 2) of pixel indices (N, 2) of one station."""
    return apply(inverse(canvas.to_station_maps[station]), np.asarray(rc, float).reshape(-1, 2))


@dataclass(frozen=True, slots=True, eq=False)
class _Joined:
    """Blocks moved to match, and what was done to them."""

    blocks: tuple[Block, ...]
    shifts_mm: tuple[tuple[float, float], ...]
    gains: tuple[float, ...]
    seams: tuple[int, ...]
    """Grid row in the middle of each overlap."""
    error_mm: float | None
    warnings: tuple[str, ...]


def _check_size(layout: Layout, shapes: Sequence[tuple[int, int]], spacing: float) -> None:
    """Refuse stations that lie too far apart or are too large, before anything is allocated."""
    points = np.concatenate(
        [
            apply(to_flat, corners(shape))
            for to_flat, shape in zip(layout.to_flat, shapes, strict=True)
        ]
    )
    size = np.ptp(points, axis=0)
    if size.max() > LONGEST_MM:
        raise InputError(
            f"stations of one spine must fit in {LONGEST_MM:.0f} mm",
            value=f"{size[0]:.0f} x {size[1]:.0f} mm",
            place="Image Position (Patient) and Pixel Spacing",
            remedy="check the geometry in the headers",
        )
    if np.prod(size / spacing) > MOST_PIXELS:
        raise InputError(
            f"the joined stations must have {MOST_PIXELS >> 20} Mi pixels at most",
            value=f"{size[0]:.0f} x {size[1]:.0f} mm at {spacing:.2g} mm",
            place="Pixel Spacing",
            remedy="check the geometry in the headers",
        )


def _join(blocks: Sequence[Block], spacing: float) -> _Joined:
    """Return the blocks, each moved by whole pixels to match the one above it."""
    placed, gains, rows = [blocks[0]], [1.0], []
    off = blocks[0].exact_off * spacing
    shifts, errors, notes = [(float(off[0]), float(off[1]))], [], []
    carried = np.zeros(2)
    for number, block in enumerate(blocks[1:], start=2):
        # a patient who moved stays moved: start from where the station above was put
        start = _moved(block, carried)
        seam, row, overlap = _seam(placed[-1], start, spacing)
        name = f"station {number}"
        whole = np.zeros(2)
        if seam is not None and seam.sure:
            whole = np.rint(np.array(seam.move_mm) / spacing)
            left_over = abs(seam.move_mm[1] - whole[1] * spacing)
            errors.append(float(np.hypot(left_over, seam.deviation_mm[1])))
        else:
            errors.append(np.inf)
            why = _why(seam, overlap)
            notes.append(f"{name}: {why}, so it is placed by its header alone")
        gain = seam.gain if seam is not None else None
        if gain is None:
            notes.append(f"{name}: no bright overlap, so its brightness is not matched")
        gains.append(gains[-1] * (gain or 1.0))
        carried = carried + whole
        placed.append(_moved(block, carried))
        total = (carried + block.exact_off) * spacing
        shifts.append((float(total[0]), float(total[1])))
        rows.append(row)
    worst = max(errors, default=np.inf)
    return _Joined(
        tuple(placed),
        tuple(shifts),
        tuple(gains),
        tuple(rows),
        float(worst) if np.isfinite(worst) else None,
        tuple(notes),
    )


def _why(seam: Seam | None, overlap_px: int) -> str:
    """Return why a seam could not be checked."""
    if overlap_px <= 0:
        return "no overlap with the station above"
    if seam is None:
        return "its overlap is too small to compare"
    return "its overlap does not fit the station above"


def _moved(block: Block, by: Floats) -> Block:
    """Return a block moved by whole grid pixels (down, left)."""
    if not by.any():
        return block
    corner = (block.corner[0] + int(by[0]), block.corner[1] + int(by[1]))
    return Block(
        block.pixels, block.covered, corner, _offset(block.to_station, -by), block.exact_off
    )


def _offset(to_station: Floats, by: ArrayLike) -> Floats:
    """Return the map for a grid whose origin lies at ``by`` of the old one."""
    moved = to_station.copy()
    moved[:, 2] += to_station[:, :2] @ np.asarray(by, float)
    return moved


def _seam(upper: Block, lower: Block, spacing: float) -> tuple[Seam | None, int, int]:
    """Return what the overlap tells, the grid row in its middle, and its height in pixels."""
    starts = np.array([upper.corner, lower.corner])
    ends = starts + np.array([upper.pixels.shape, lower.pixels.shape])
    (top, left), (bottom, right) = starts.max(0), ends.min(0)
    row, height = int(top + bottom) // 2, int(bottom - top)
    if height <= 0 or right <= left:
        return None, row, min(height, int(right - left))
    parts = [
        (
            slice(top - block.corner[0], bottom - block.corner[0]),
            slice(left - block.corner[1], right - block.corner[1]),
        )
        for block in (upper, lower)
    ]
    both = upper.covered[parts[0]] & lower.covered[parts[1]]
    return compare(upper.pixels[parts[0]], lower.pixels[parts[1]], both, spacing), row, height


def _mean_plane(
    layout: Layout,
    study: Study,
    maps: Floats,
    shifts_mm: Sequence[tuple[float, float]],
    spacing: float,
) -> PlaneGeometry:
    """Return the canvas's plane: through the mean of the station centres, in the common frame."""
    pairs = [
        (station.geometry, affine, (np.array([station.pixels.shape]) - 1) / 2)
        for station, affine in zip(study.stations, maps, strict=True)
    ]
    centre = np.mean([planes.to_patient(geometry, at)[0] for geometry, _, at in pairs], axis=0)
    moved = np.mean(shifts_mm, axis=0) / spacing
    on_canvas = np.mean([apply(inverse(affine), at)[0] for _, affine, at in pairs], axis=0) - moved
    position = centre - layout.frame @ on_canvas * spacing
    down, left = layout.frame.T
    return PlaneGeometry(
        position=(float(position[0]), float(position[1]), float(position[2])),
        along_row=(float(left[0]), float(left[1]), float(left[2])),
        along_column=(float(down[0]), float(down[1]), float(down[2])),
        row_spacing=spacing,
        column_spacing=spacing,
    )


def _station_of(canvas: Canvas, points: Floats) -> NDArray[np.int64]:
    """Return the index of the station that shows each point, or the nearest one."""
    rows, columns = canvas.station.shape
    whole = np.rint(points).astype(int)
    row = np.clip(whole[:, 0], 0, rows - 1)
    column = np.clip(whole[:, 1], 0, columns - 1)
    index: NDArray[np.int64] = canvas.station[row, column].astype(np.int64)
    for n in np.flatnonzero(index < 0):
        given = np.argwhere(canvas.station >= 0)
        apart = np.abs(given - (row[n], column[n])) @ (columns, 1)
        index[n] = canvas.station[tuple(given[np.argmin(apart)])]
    return index
