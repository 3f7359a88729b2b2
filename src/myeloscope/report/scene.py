"""Where the points of a reading lie on the joined canvas and on each station's image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myeloscope.domain.image import Study
from myeloscope.domain.reading import Position, Reading, sac_stretches
from myeloscope.geometry import plane as planes
from myeloscope.geometry.canvas import Canvas, from_station, stitch

Points = NDArray[np.float64]
Widths = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A study, its reading, and what every picture needs of them.

    Attributes
    ----------
    study, reading
        What was read, and the answer.
    canvas
        The stations joined.
    sac
        The sac's midline on the canvas, (N, 2) row and column.
    widths
        The sac's width at each point of ``sac``, mm.
    stretches
        Where ``sac`` goes on without a gap.
    roots
        Where each root of the reading leaves the sac on the canvas, (roots, 2).
    outlines
        The outline of each finding of the reading on the canvas, (N, 2), or its position alone.
    """

    study: Study
    reading: Reading
    canvas: Canvas
    sac: Points
    widths: Widths
    stretches: tuple[slice, ...]
    roots: Points
    outlines: tuple[Points, ...]


def set_scene(study: Study, reading: Reading) -> Scene:
    """Join the stations of a study and place its reading's sac on them."""
    canvas = stitch(study)
    outlines = [finding.outline_mm or (finding.position_mm,) for finding in reading.findings]
    return Scene(
        study,
        reading,
        canvas,
        sac=on_canvas(canvas, [point.position_mm for point in reading.sac]),
        widths=np.array([point.width_mm for point in reading.sac]),
        stretches=sac_stretches(reading.sac),
        roots=on_canvas(canvas, [root.position_mm for root in reading.roots]),
        outlines=tuple(on_canvas(canvas, outline) for outline in outlines),
    )


def on_canvas(canvas: Canvas, positions: Sequence[Position]) -> Points:
    """Return canvas rows and columns (N, 2) of patient positions.

    A position belongs to the station that shows it on the canvas: a patient who moved between
    stations has two places for one point, and only the shown one is meant.
    """
    if not positions:
        return np.empty((0, 2))
    xyz = np.array([[0.0 if v is None else v for v in position] for position in positions])
    size = np.array(canvas.station.shape)
    best = np.zeros((len(xyz), 2))
    least = np.full(len(xyz), np.inf)
    for index, geometry in enumerate(canvas.planes):
        rc = from_station(canvas, index, planes.to_pixel(geometry, xyz))
        row, column = np.clip(np.rint(rc).astype(int), 0, size - 1).T
        shown = canvas.station[row, column] == index
        outside = np.abs(rc - np.clip(rc, 0, size - 1)).sum(axis=1)
        # Distance off the plane decides between stations that both claim a point.
        cost = 1e6 * ~shown + outside + np.abs(planes.distance(geometry, xyz))
        better = cost < least
        best[better], least[better] = rc[better], cost[better]
    return best


def on_station(canvas: Canvas, index: int, rc: Points) -> Points:
    """Return the pixels (N, 2) of one station's image that show canvas points (N, 2)."""
    affine = canvas.to_station_maps[index]
    return np.asarray(rc @ affine[:, :2].T + affine[:, 2])


def edges(path: Points, widths: Widths, spacing: tuple[float, float]) -> tuple[Points, Points]:
    """Return the two edges of the sac, half a width beside its midline.

    Parameters
    ----------
    path
        (N, 2) row and column, N >= 2.
    widths
        (N,) mm.
    spacing
        Distance between rows and between columns, mm.
    """
    step = np.array(spacing)
    along = np.gradient(path * step, axis=0)
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) * widths[:, None] / 2 / step
    return path + across, path - across


def sac_signal(scene: Scene) -> float:
    """Return the median signal in the middle half of the sac, or of the canvas's bright part."""
    pixels = scene.canvas.pixels
    if scene.stretches:
        spacing = scene.canvas.spacing_mm
        one, other = edges(scene.sac, scene.widths, (spacing, spacing))
        mixes = np.linspace(0.25, 0.75, 9)[:, None, None]
        points = np.rint(one * mixes + other * (1 - mixes)).reshape(-1, 2).astype(int)
        inside = np.all((points >= 0) & (points < pixels.shape), axis=1)
        if inside.sum() > 20:
            return float(np.median(pixels[points[inside, 0], points[inside, 1]]))
    return float(np.percentile(pixels, 99))
