"""A scene drawn from a reading's own numbers, where its images are not at hand."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from myeloscope.domain.image import Acquisition, FloatImage, PlaneGeometry, Station, Study
from myeloscope.domain.reading import Position, Reading
from myeloscope.errors import InputError
from myeloscope.geometry.canvas import LONGEST_MM
from myeloscope.report.scene import Points, Scene, edges, set_scene

SPACING_MM = 0.5
MARGIN_MM = 60.0


def sketch(reading: Reading) -> Scene:
    """Return a scene whose image is the sac's silhouette as the reading measured it.

    The plane is coronal (rows downward, columns to the patient's left) and holds every point of
    the reading; what the reading does not tell is empty.
    """
    points = _plain([p.position_mm for p in reading.sac])
    others = [position for f in reading.findings for position in (f.position_mm, *f.outline_mm)]
    everything = np.vstack([points, _plain(others), np.zeros((int(not points.size), 3))])
    _check_size(everything)
    low, high = everything.min(axis=0) - MARGIN_MM, everything.max(axis=0) + MARGIN_MM
    rows, columns = (int((high[axis] - low[axis]) / SPACING_MM) + 1 for axis in (2, 0))
    plane = PlaneGeometry(
        (float(low[0]), float(everything[:, 1].mean()), float(high[2])),
        (1.0, 0.0, 0.0),
        (0.0, 0.0, -1.0),
        SPACING_MM,
        SPACING_MM,
    )
    path = np.stack([high[2] - points[:, 2], points[:, 0] - low[0]], axis=1) / SPACING_MM
    widths = np.array([p.width_mm for p in reading.sac])
    station = Station(_silhouette((rows, columns), path, widths), plane, Acquisition(), "", "")
    return set_scene(Study("", reading.technique, (station,)), reading)


def _check_size(points: Points) -> None:
    """Refuse points that no spine could have, before anything is allocated."""
    size = float(np.ptp(points, axis=0).max())
    if size > LONGEST_MM:
        raise InputError(
            f"positions of one spine must fit in {LONGEST_MM:g} mm",
            value=f"{size:.0f} mm",
            place="reading.json $.sac, $.findings",
            remedy="read the study again",
        )


def _plain(positions: list[Position]) -> Points:
    """Return positions as (N, 3), 0 where the technique has no such axis."""
    rows = [[0.0 if v is None else v for v in position] for position in positions]
    return np.array(rows, float).reshape(-1, 3)


def _silhouette(shape: tuple[int, int], path: Points, widths: Points) -> FloatImage:
    """Return an image in which the sac has one value and all else none."""
    drawn = Image.new("1", shape[::-1])
    if len(path) > 1:
        one, other = edges(path, widths, (SPACING_MM, SPACING_MM))
        ring = np.vstack([one, other[::-1]])[:, ::-1]
        ImageDraw.Draw(drawn).polygon([(float(x), float(y)) for x, y in ring], fill=1)
    return np.asarray(drawn, np.float32)
