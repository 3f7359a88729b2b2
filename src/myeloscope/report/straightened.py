"""The whole spine in one picture: the canvas sampled along the sac, so that the sac is upright.

Height is length along the sac's midline, width the distance beside it, both to one scale. The
patient's right is on the left. At the left edge stand the regions with their grades; what cannot
be judged is hatched.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from myeloscope.domain.anatomy import Region, Side
from myeloscope.domain.grade import Grade
from myeloscope.geometry.curve import Curve, curve_through, straighten
from myeloscope.report.labels import Margins, Outlined, draw_findings, fitted
from myeloscope.report.marks import (
    ALERT,
    DIM,
    GRADE_STROKES,
    NIGHT,
    PALE,
    SAC,
    Stroke,
    grade_text,
    root_name,
)
from myeloscope.report.overlay import BRIGHTEST, draw_legend, draw_scale
from myeloscope.report.page import RESEARCH_ONLY
from myeloscope.report.scene import Points, Scene, sac_signal
from myeloscope.report.sheet import Box, Face, Sheet, text_width, window

SCALE = 3.0
"""Pixels a millimetre."""
HALF_WIDTH_MM = 50.0
BEYOND_MM = 8.0
"""How far the picture goes on above and below the sac that was found."""
BAND, GUTTER, MARGIN = 56, 50, 300
HEAD, FOOT = 50, 84
LEAST_BAND = 160
"""Least height of a region's band that is written into."""
_ROOT = Face(16, PALE, bold=True)


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """The straightened image's place on the sheet; ``curve`` starts at its first row."""

    curve: Curve
    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Return the x of the right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Return the y of the lower edge."""
        return self.top + self.height

    @property
    def middle(self) -> float:
        """Return the x of the sac's midline."""
        return self.left + self.width / 2

    def place(self, rc: Points) -> Points:
        """Return sheet positions (N, 2) of canvas points: along the curve, and across it."""
        curve = self.curve
        apart = rc[:, None, :] - curve.points[None, :, :]
        nearest = np.argmin((apart**2).sum(axis=2), axis=1)
        off = rc - curve.points[nearest]
        normal = curve.normals[nearest]
        tangent = np.stack([normal[:, 1], -normal[:, 0]], axis=1)
        t = (off * normal).sum(axis=1) * curve.spacing_mm
        s = nearest * curve.step_mm + (off * tangent).sum(axis=1) * curve.spacing_mm
        return np.stack([self.middle + t * SCALE, self.top + s * SCALE], axis=1)


def straightened(scene: Scene) -> Image.Image | None:
    """Return the straightened spine, or ``None`` where no sac was found."""
    strip = strip_of(scene)
    if strip is None:
        return None
    width = 2 * (MARGIN + GUTTER) + BAND + strip.width
    sheet = Sheet(round(width), round(strip.height) + HEAD + FOOT)
    _paste(sheet, scene, strip)
    _draw_sac(sheet, scene, strip)
    _draw_regions(sheet, scene, strip)
    found = []
    for finding, outline in zip(scene.reading.findings, scene.outlines, strict=True):
        drawn = strip.place(outline)
        right = bool(drawn[:, 0].mean() > strip.middle)
        inside = np.clip(drawn, (strip.left, strip.top), (strip.right, strip.bottom))
        found.append(Outlined(finding, inside, right=right))
    edge = Margins(
        strip.left - GUTTER, strip.right + GUTTER, MARGIN, strip.top + 4, strip.bottom - 4
    )
    draw_findings(sheet, found, edge)
    _draw_roots(sheet, scene, strip)  # after the leader lines, which pass behind the names
    _draw_words(sheet, scene, strip)
    return sheet.picture()


def straightened_region(scene: Scene, region: Region) -> Image.Image | None:
    """Return the part of the straightened spine that shows a region, ``None`` where none does."""
    whole, strip = straightened(scene), strip_of(scene)
    spans = {} if strip is None else region_spans(scene, strip)
    if whole is None or region not in spans:
        return None
    low, high = spans[region]
    return whole.crop((0, round(low), whole.width, round(high)))


def strip_of(scene: Scene) -> Strip | None:
    """Return where the straightened image lies, ``None`` where no sac was found."""
    if len(scene.sac) < 2:
        return None
    spacing = scene.canvas.spacing_mm
    path = _lengthened(scene.sac, BEYOND_MM / spacing)
    curve = curve_through(path, spacing_mm=spacing, step_mm=1 / SCALE)
    left = BAND + MARGIN + GUTTER
    return Strip(curve, left, HEAD, 2 * HALF_WIDTH_MM * SCALE, len(curve.points))


def _lengthened(path: Points, by: float) -> Points:
    """Return a path that goes on straight at both ends, by so many pixels."""
    ends = []
    for end, inner in (
        (path[0], path[min(10, len(path) - 1)]),
        (path[-1], path[max(-11, -len(path))]),
    ):
        away = end - inner
        ends.append(end + away / max(float(np.hypot(*away)), 1e-9) * by)
    return np.vstack([ends[:1], path, ends[1:]])


def _paste(sheet: Sheet, scene: Scene, strip: Strip) -> None:
    t: Points = (np.arange(strip.width, dtype=float) + 0.5) / SCALE - HALF_WIDTH_MM
    grey = window(straighten(scene.canvas.pixels, strip.curve, t), BRIGHTEST * sac_signal(scene))
    sheet.paste(grey, (round(strip.left), HEAD, round(strip.right), round(strip.bottom)))
    covered = straighten(scene.canvas.covered.astype(np.float32), strip.curve, t)
    for low, high in _runs(covered[:, covered.shape[1] // 2] < 0.5):
        box = (strip.left, strip.top + low, strip.right, strip.top + high)
        sheet.hatch(box, DIM)


def _draw_sac(sheet: Sheet, scene: Scene, strip: Strip) -> None:
    y = strip.place(scene.sac)[:, 1]
    for run in scene.stretches:
        for sign in (-1, 1):
            x = strip.middle + sign * scene.widths[run] / 2 * SCALE
            sheet.line(np.stack([x, y[run]], axis=1), Stroke(SAC, 1.0))


def _draw_roots(sheet: Sheet, scene: Scene, strip: Strip) -> None:
    """Write each root's name in the gutter of its side, with a tick; dim where none was seen."""
    for root, (x, y) in zip(scene.reading.roots, strip.place(scene.roots), strict=True):
        if root.side not in (Side.LEFT, Side.RIGHT):
            continue
        if not strip.top <= y <= strip.bottom:
            continue
        sign = 1 if root.side is Side.LEFT else -1
        edge = strip.right if sign > 0 else strip.left
        colour = PALE if root.visible else DIM
        sheet.line([(edge, y), (edge + sign * 7, y)], Stroke(colour, 1.5))
        if root.visible:
            sheet.line([(x - 4, y), (x + 4, y)], Stroke(SAC, 2.0))
        name = root_name(scene.reading, root.segment)
        face = Face(_ROOT.size, colour, bold=root.visible)
        near, far = edge + sign * 9, edge + sign * (13 + text_width(name, face))
        sheet.box((min(near, far), y - 10, max(near, far), y + 10), NIGHT)
        sheet.text((edge + sign * 11, y), name, face, "lm" if sign > 0 else "rm")


def _draw_regions(sheet: Sheet, scene: Scene, strip: Strip) -> None:
    for region, (low, high) in region_spans(scene, strip).items():
        read = scene.reading.regions[region]
        box: Box = (0.0, low + 1, BAND - 12, high - 1)
        if read.grade is None:
            sheet.hatch(box, DIM)
            sheet.hatch((strip.left, low, strip.right, high), (70, 78, 88), every=24.0)
        elif read.grade is Grade.NONE:
            sheet.box(box, (38, 46, 56))
        else:
            sheet.box(box, GRADE_STROKES[read.grade].colour)
        sheet.line([(0, low), (BAND - 12, low)], Stroke(NIGHT, 2.0))
        dark = read.grade is not None and read.grade > Grade.NONE
        if high - low >= LEAST_BAND:
            words = f"{region.value}  {grade_text(read)}"
            face = fitted(words, Face(22, NIGHT if dark else PALE, bold=True), high - low - 24)
            if read.grade is None:
                half = text_width(words, face) / 2 + 6
                sheet.box((8, (low + high) / 2 - half, BAND - 20, (low + high) / 2 + half), NIGHT)
            sheet.upright(((BAND - 12) / 2, (low + high) / 2), words, face)


def region_spans(scene: Scene, strip: Strip) -> dict[Region, tuple[float, float]]:
    """Return top and bottom of each region on the sheet, met halfway between its named roots."""
    heights: dict[Region, list[float]] = {}
    formula = scene.reading.numbering.formula
    places = strip.place(scene.roots)
    for root, (_, y) in zip(scene.reading.roots, places, strict=True):
        if root.segment is not None:
            heights.setdefault(formula.region(root.segment), []).append(float(y))
    there = [region for region in Region if region in heights]
    cuts = [strip.top]
    for upper, lower in pairwise(there):
        cuts.append((max(heights[upper]) + min(heights[lower])) / 2)
    cuts.append(strip.bottom)
    return {region: (cuts[i], cuts[i + 1]) for i, region in enumerate(there)}


def _draw_words(sheet: Sheet, scene: Scene, strip: Strip) -> None:
    wide = sheet.size[0]
    sheet.text((16, HEAD / 2), "Straightened spine", Face(22, PALE, bold=True), "lm")
    sheet.text(
        (wide - 16, HEAD / 2), f"RESEARCH \N{EM DASH} {RESEARCH_ONLY}", Face(18, ALERT), "rm"
    )
    face = Face(20, PALE, bold=True, halo=True)
    sheet.text((strip.left + 8, strip.top + 34), "R", face, "lt")
    sheet.text((strip.right - 8, strip.top + 34), "L", face, "rt")
    y = strip.bottom + 22
    draw_scale(sheet, (strip.right, y), SCALE, room=strip.width)
    spans = region_spans(scene, strip)
    unnamed = [r for r in Region if r not in spans or spans[r][1] - spans[r][0] < LEAST_BAND]
    if unnamed:
        grades = [
            f"{region.value} {grade_text(scene.reading.regions[region])}" for region in unnamed
        ]
        sheet.text((16, y), f"also: {', '.join(grades)}", Face(16, PALE), "lm")
    draw_legend(sheet, 16, strip.bottom + 62)


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the first and last-but-one-past index of every run of true flags."""
    steps = np.diff(np.concatenate([[0], flags.astype(int), [0]]))
    starts, stops = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    return [(int(a), int(b)) for a, b in zip(starts, stops, strict=True)]
