"""One finding close up: the plain image beside the same image with its measurements drawn in.

Both panes share one grey window, chosen by the finding's own brightness, because signs are often
much dimmer than the sac. The ruler runs from the sac's edge across the local axis to the finding's
reach; its thick part is the extent beyond the normal sleeve.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import map_coordinates

from myeloscope.domain.image import Vector
from myeloscope.domain.reading import Finding
from myeloscope.report.marks import PALE, PAPER, SAC, Stroke, stroke_of
from myeloscope.report.overlay import BRIGHTEST, letter
from myeloscope.report.scene import Points, Scene, edges, on_canvas, on_station, sac_signal
from myeloscope.report.sheet import Face, Sheet, window

HALF_MM = 32.0
SCALE = 4.5
"""Pixels a millimetre."""
GAP = 8
DIMMEST = 0.35
"""Least white of the grey window, in sac medians."""


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """A close-up; ``white`` is the top of its grey window in sac medians."""

    picture: Image.Image
    white: float
    station: int


@dataclass(frozen=True, slots=True, eq=False)
class _Pane:
    """A square piece of a station's image: its middle (row, column) and its half size, pixels."""

    station: int
    middle: Points
    step: Points

    def to_sheet(self, rc: Points) -> Points:
        """Return positions in the pane of the station's rows and columns (N, 2)."""
        mm = ((rc - self.middle) * self.step)[:, ::-1]
        return np.asarray((mm + HALF_MM) * SCALE)


@dataclass(frozen=True, slots=True, eq=False)
class Ruler:
    """Where a reach is measured: from the sac's edge, mm of the station (down, right).

    ``tip_mm`` is where the expected normal sleeve ends, ``reach_mm`` where the signal does.
    """

    edge: Points
    along: Points
    across: Points
    tip_mm: float
    reach_mm: float

    def at(self, mm: float) -> Points:
        """Return the place so far from the sac's edge."""
        return np.asarray(self.edge + self.across * mm)


def close_up(scene: Scene, finding: Finding) -> Crop:
    """Return a finding close up, on the station that the reader measured it on.

    Parameters
    ----------
    scene
        The study and its reading.
    finding
        One of the reading's findings.
    """
    index = station_of(scene, finding)
    outline = _outline(scene, index, finding)
    station = scene.study.stations[index]
    step = _steps(scene, index)
    middle = (outline.min(axis=0) + outline.max(axis=0)) / 2
    white = _white(scene, index, outline)
    size = round(2 * HALF_MM * SCALE)
    pane = _Pane(index, middle, step)
    grey = _sample(scene, pane, white, size)
    both = Image.new("RGB", (2 * size + GAP, size), PAPER)
    for left, marked in ((0, False), (size + GAP, True)):
        sheet = Sheet(size, size)
        sheet.paste(grey, (0, 0, size, size))
        if marked:
            _draw_marks(sheet, scene, finding, pane)
        _draw_corners(sheet, station.geometry.along_row, size)
        both.paste(sheet.picture(), (left, 0))
    return Crop(both, white * scene.canvas.gains[index] / sac_signal(scene), index)


def station_of(scene: Scene, finding: Finding) -> int:
    """Return the index of the station a finding was measured on, or of the one that shows it."""
    for index, station in enumerate(scene.study.stations):
        source = finding.source
        if source and (source.sop_uid, source.frame) == (station.sop_uid, station.frame):
            return index
    rc = on_canvas(scene.canvas, [finding.position_mm])[0]
    row, column = np.clip(np.rint(rc).astype(int), 0, np.array(scene.canvas.station.shape) - 1)
    return max(0, int(scene.canvas.station[row, column]))


def _outline(scene: Scene, index: int, finding: Finding) -> Points:
    drawn = scene.outlines[scene.reading.findings.index(finding)]
    return on_station(scene.canvas, index, drawn)


def _white(scene: Scene, index: int, outline: Points) -> float:
    """Return the top of the grey window: a little above the finding's own brightness."""
    pixels = scene.study.stations[index].pixels
    sac = sac_signal(scene) / scene.canvas.gains[index]
    low = np.clip(np.floor(outline.min(axis=0)).astype(int), 0, np.array(pixels.shape) - 1)
    high = np.clip(np.ceil(outline.max(axis=0)).astype(int) + 1, low + 1, pixels.shape)
    own = float(np.percentile(pixels[low[0] : high[0], low[1] : high[1]], 92))
    return float(np.clip(1.2 * own, DIMMEST * sac, BRIGHTEST * sac))


def _sample(scene: Scene, pane: _Pane, white: float, size: int) -> NDArray[np.uint8]:
    """Return the pane's grey picture, black where it leaves the image."""
    pixels = scene.study.stations[pane.station].pixels
    at = ((np.arange(size) + 0.5) / SCALE - HALF_MM)[:, None] / pane.step + pane.middle
    rows, columns = np.meshgrid(at[:, 0], at[:, 1], indexing="ij")
    sampled = map_coordinates(pixels, [rows, columns], order=1, mode="constant")
    return window(sampled, white)


def _draw_marks(sheet: Sheet, scene: Scene, finding: Finding, pane: _Pane) -> None:
    path = on_station(scene.canvas, pane.station, scene.sac)
    spacing = (float(pane.step[0]), float(pane.step[1]))
    for run in scene.stretches:
        near = np.all(np.abs((path[run] - pane.middle) * pane.step) < 1.5 * HALF_MM, axis=1)
        if near.sum() > 1:
            for edge in edges(path[run], scene.widths[run], spacing):
                sheet.line(pane.to_sheet(edge[near]), Stroke(SAC, 1.5))
    if finding.outline_mm:
        outline = pane.to_sheet(_outline(scene, pane.station, finding))
        sheet.line(outline, stroke_of(finding), closed=True)
    _draw_ruler(sheet, scene, finding, pane)


def ruler_of(scene: Scene, finding: Finding) -> Ruler | None:
    """Return where a finding's reach is measured, on the station it was measured on.

    It stands at the height of the point furthest from the midline, which is what reach speaks of.
    ``None`` where the finding has no reach or the reading no sac.
    """
    index = station_of(scene, finding)
    path = on_station(scene.canvas, index, scene.sac)
    if finding.reach_mm is None or len(path) < 3:
        return None
    line = path * _steps(scene, index)
    drawn = _outline(scene, index, finding) * _steps(scene, index)
    apart = np.hypot(*(drawn[:, None, :] - line).transpose(2, 0, 1))
    tip = int(np.argmax(apart.min(axis=1)))
    at = int(np.argmin(apart[tip]))
    along = line[min(at + 3, len(line) - 1)] - line[max(at - 3, 0)]
    along /= max(float(np.hypot(*along)), 1e-9)
    across = np.array([-along[1], along[0]])
    if (drawn[tip] - line[at]) @ across < 0:
        across = -across
    reach = finding.reach_mm
    tip_mm = max(0.0, reach - (finding.extent_mm or 0.0))
    return Ruler(line[at] + across * scene.widths[at] / 2, along, across, tip_mm, reach)


def _steps(scene: Scene, index: int) -> Points:
    """Return the distance between rows and between columns of a station, mm."""
    geometry = scene.study.stations[index].geometry
    return np.array([geometry.row_spacing, geometry.column_spacing])


def _draw_ruler(sheet: Sheet, scene: Scene, finding: Finding, pane: _Pane) -> None:
    ruler = ruler_of(scene, finding)
    if ruler is None:
        return
    spots = np.array([ruler.at(mm) for mm in (0.0, ruler.tip_mm, ruler.reach_mm)])
    ends = pane.to_sheet(spots / pane.step)
    sheet.line(ends[:2], Stroke(PALE, 1.0))
    sheet.line(ends[1:], Stroke(PALE, 2.5))
    for spot in (spots[0], spots[2]):
        tick = np.array([spot - 1.2 * ruler.along, spot + 1.2 * ruler.along])
        sheet.line(pane.to_sheet(tick / pane.step), Stroke(PALE, 1.5))


def _draw_corners(sheet: Sheet, along_row: Vector, size: int) -> None:
    """Write the patient's sides into the lower corners and a scale bar between them."""
    face = Face(16, PALE, bold=True, halo=True)
    sheet.text((6, size - 6), letter(along_row, toward=-1), face, "ls")
    sheet.text((size - 6, size - 6), letter(along_row, toward=1), face, "rs")
    bar = 10 * SCALE
    sheet.line([(size / 2 - bar / 2, size - 9), (size / 2 + bar / 2, size - 9)], Stroke(PALE, 2))
    sheet.text((size / 2, size - 14), "10 mm", Face(13, PALE, halo=True), "ms")
