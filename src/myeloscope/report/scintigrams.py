"""All times of a cisternogram in one picture, and the course of each finding over them.

Images are black on white as nuclear medicine shows them, grey by the root of counts; each keeps
its own orientation, with the patient's R and L at its edges. A finding is outlined at every time
in the stroke of its grade then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import map_coordinates

from myeloscope.domain.grade import FindingKind, Grade
from myeloscope.domain.image import Station, Study
from myeloscope.domain.reading import Finding, Reading
from myeloscope.domain.scintigraphy import NuclearAcquisition, View
from myeloscope.report.marks import (
    ALERT,
    DIM,
    GRADE_STROKES,
    MIMIC_STROKE,
    NIGHT,
    PALE,
    PAPER,
    SAC,
    Stroke,
    measure_of,
    name_of,
    stroke_of,
)
from myeloscope.report.page import RESEARCH_ONLY
from myeloscope.report.reading_words import by_rank
from myeloscope.report.sheet import Face, Sheet, text_width

Floats = NDArray[np.float64]

HALF_MM = 105.0
MARGIN, HEAD, GAP = 64, 64, 12
LINE, DASH = 22, 34
"""Height of a line of the legend, and the room of its stroke before the words, pixels."""
MOST_HEIGHT = 720
_SMALL = Face(16, DIM)
_WARNING = Face(17, ALERT)
_INK = (40, 60, 80)
WIDE, HIGH, LEFT, LOW = 900, 430, 70, 50
INK = Face(15, NIGHT)


@dataclass(frozen=True, slots=True)
class Pose:
    """How the patient lay at a time against the reference time, mm and slope."""

    rise: float
    aside: float
    slope: float

    def there(self, points: Floats) -> Floats:
        """Return left and up (N, 2) at this time of points given at the reference time."""
        left = points[:, 0] + self.aside + self.slope * points[:, 1]
        return np.stack([left, points[:, 1] + self.rise], axis=1)

    def back(self, points: Floats) -> Floats:
        """Return left and up (N, 2) at the reference time of points given at this time."""
        up = points[:, 1] - self.rise
        return np.stack([points[:, 0] - self.aside - self.slope * up, up], axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One image on the sheet: its window in the detector's plane (mm) and its box (pixels).

    ``way`` is +1 where columns grow to the left by the header, ``flip`` -1 where the reader found
    that it is the other way.
    """

    station: Station
    time: int
    left: float
    top: float
    height: float
    box: tuple[int, int, int, int]
    way: float
    flip: float

    def to_sheet(self, points: Floats) -> Floats:
        """Return sheet positions (N, 2) of left and up (N, 2), mm."""
        x0, y0, x1, y1 = self.box
        scale = (x1 - x0) / (2 * HALF_MM)
        x = x0 + (HALF_MM + self.way * self.flip * (points[:, 0] - self.left)) * scale
        y = y0 + (self.top - points[:, 1]) * (y1 - y0) / self.height
        return np.stack([x, y], axis=1)


def nuclear(station: Station) -> NuclearAcquisition:
    """Return a planar image's acquisition."""
    return station.nuclear or NuclearAcquisition()


def time_of(study: Study, reading: Reading) -> list[int]:
    """Return the time (from 1) that each image belongs to, in the order of hours."""
    hours = sorted({round(nuclear(s).hours or 0.0, 3) for s in study.stations})
    groups: list[list[float]] = []
    for at in hours:
        if groups and at - groups[-1][0] < 0.34:
            groups[-1].append(at)
        else:
            groups.append([at])
    return [
        next(i for i, group in enumerate(groups, 1) if round(nuclear(s).hours or 0.0, 3) in group)
        for s in study.stations
    ]


def pose_of(reading: Reading, time: int) -> Pose:
    """Return how the patient lay at a time (from 1)."""
    get = reading.quality.measures.get
    turn = float(np.tan(np.radians(get(f"turn_deg_{time}", 0.0))))
    return Pose(get(f"rise_mm_{time}", 0.0), get(f"aside_mm_{time}", 0.0), turn)


def all_times(study: Study, reading: Reading) -> Image.Image:
    """Return every image of a cisternogram with canal, levels and findings.

    A column for each time, anterior above posterior.
    """
    times = time_of(study, reading)
    axis = np.array([[p.position_mm[0] or 0.0, p.position_mm[2] or 0.0] for p in reading.sac])
    top, bottom = _heights(study, axis)
    height = min(MOST_HEIGHT, int(2.1 * (top - bottom)))
    width = int(height * 2 * HALF_MM / (top - bottom))
    rows = _rows(study)
    columns = max(times)
    wide = MARGIN + columns * (width + GAP) + 24
    foot = LINE * (len(legend_lines(wide)) + 1) + 16
    sheet = Sheet(wide, HEAD + len(rows) * (height + GAP + 30) + foot)
    for number, views in enumerate(rows):
        for index, station in enumerate(study.stations):
            if nuclear(station).view not in views or not _in_row(study, times, index, number):
                continue
            time = times[index]
            x = MARGIN + (time - 1) * (width + GAP)
            y = HEAD + number * (height + GAP + 30) + 26
            pose = pose_of(reading, time)
            middle = _middle(axis, pose)
            panel = Panel(
                station, time, middle, top + pose.rise, top - bottom,
                (x, y, x + width, y + height), _way(station),
                -1.0 if number and _mirrored(reading, time) else 1.0,
            )  # fmt: skip
            _draw_panel(sheet, panel, reading, axis)
    _draw_words(sheet)
    return sheet.picture()


def _rows(study: Study) -> list[tuple[View, ...]]:
    """Return the views of each row of panels."""
    known = {nuclear(station).view for station in study.stations}
    if View.UNKNOWN in known:
        return [(View.UNKNOWN, View.ANTERIOR), (View.UNKNOWN, View.POSTERIOR)]
    return [(view,) for view in (View.ANTERIOR, View.POSTERIOR) if view in known]


def _in_row(study: Study, times: Sequence[int], index: int, row: int) -> bool:
    """Return whether an image belongs to a row: unlabelled ones in their order at a time."""
    if nuclear(study.stations[index]).view is not View.UNKNOWN:
        return True
    same = [i for i, t in enumerate(times) if t == times[index]]
    return same.index(index) == row


def _heights(study: Study, axis: Floats) -> tuple[float, float]:
    """Return top and bottom of what is shown, mm: the canal and some room, within the image."""
    half = max(s.pixels.shape[0] * s.geometry.row_spacing for s in study.stations) / 2
    if len(axis) < 2:
        return min(half, 320.0), -min(half, 320.0)
    return min(half, float(axis[:, 1].max()) + 60), max(-half, float(axis[:, 1].min()) - 110)


def _middle(axis: Floats, pose: Pose) -> float:
    return float(pose.there(axis)[:, 0].mean()) if len(axis) else 0.0


def _way(station: Station) -> float:
    """Return +1 where the patient's left is on the right of the picture by the header, else -1."""
    return 1.0 if station.geometry.along_row[0] > 0 else -1.0


def _mirrored(reading: Reading, time: int) -> bool:
    """Return whether the reader found the image below, the posterior one, stored the other way."""
    return reading.quality.measures.get(f"posterior_unmirrored_{time}", 0.0) > 0


def _draw_panel(sheet: Sheet, panel: Panel, reading: Reading, axis: Floats) -> None:
    """Draw one image with its title, canal, levels and findings."""
    x0, y0, x1, y1 = panel.box
    sheet.paste(_grey(panel), panel.box)
    about = nuclear(panel.station)
    counts = panel.station.pixels.sum() / 1000
    title = f"{about.hours or 0:.1f} h  {about.view}"
    sheet.text((x0, y0 - 6), title, Face(17, PALE, bold=True), "lb")
    sheet.text((x1 - 6, y1 - 6), f"{counts:.0f} k", Face(14, _INK), "rb")
    ends = ("R", "L") if panel.way * panel.flip > 0 else ("L", "R")
    if about.view is View.UNKNOWN:
        ends = ("?", "?")
    sheet.text((x0 + 6, y0 + 6), ends[0], Face(18, _INK, bold=True), "la")
    sheet.text((x1 - 6, y0 + 6), ends[1], Face(18, _INK, bold=True), "ra")
    pose = pose_of(reading, panel.time)
    if len(axis) > 1:
        widths = np.array([point.width_mm for point in reading.sac])
        for sign in (-0.5, 0.5):
            edge = axis + np.stack([sign * widths, np.zeros(len(widths))], axis=1)
            line = panel.to_sheet(pose.there(edge))
            inside = (line[:, 1] > y0) & (line[:, 1] < y1)
            if inside.sum() > 1:
                sheet.line(line[inside], Stroke(SAC, 1.0, (2.0, 5.0)))
    _draw_levels(sheet, panel, reading, pose)
    for finding in by_rank(reading.findings):
        _draw_finding(sheet, panel, reading, finding)


def _grey(panel: Panel) -> NDArray[np.uint8]:
    """Return the image in its window as grey levels, dark where counts are."""
    x0, y0, x1, y1 = panel.box
    height, width = (y1 - y0), (x1 - x0)
    x = panel.left * panel.flip + panel.way * ((np.arange(width) + 0.5) / width * 2 - 1) * HALF_MM
    z = panel.top - (np.arange(height) + 0.5) / height * panel.height
    plane = panel.station.geometry
    row = (plane.position[2] - z) / plane.row_spacing
    column = (x - plane.position[0]) / (plane.along_row[0] * plane.column_spacing)
    at = np.meshgrid(row, column, indexing="ij")
    values = map_coordinates(panel.station.pixels.astype(np.float64), at, order=1, cval=0.0)
    white = float(np.percentile(values, 99.3)) or 1.0
    dark = np.sqrt(np.clip(values / white, 0, 1))
    grey: NDArray[np.uint8] = np.clip(255 * (1 - dark), 0, 255).astype(np.uint8)
    return grey


def _draw_levels(sheet: Sheet, panel: Panel, reading: Reading, pose: Pose) -> None:
    """Write some level names at the panel's edge."""
    x0, y0, _, y1 = panel.box
    named = ("C4", "C8", "T4", "T8", "T12", "L2", "L4", "S1")
    for root in reading.roots:
        if root.segment is None or root.segment.value not in named or root.side.value != "left":
            continue
        place = np.array([[root.position_mm[0] or 0.0, root.position_mm[2] or 0.0]])
        y = float(panel.to_sheet(pose.there(place))[0, 1])
        if y0 + 14 < y < y1 - 8:
            sheet.line([(x0, y), (x0 + 9, y)], Stroke(_INK, 1.5))
            sheet.text((x0 + 12, y), root.segment.value, Face(13, _INK), "lm")


def grade_at(finding: Finding, time: int) -> Grade | None:
    """Return a finding's grade at a time (from 1), ``None`` where it was not judged."""
    value = finding.evidence.get(f"grade_{time}")
    return None if value is None else Grade(int(value))


def _draw_finding(sheet: Sheet, panel: Panel, reading: Reading, finding: Finding) -> None:
    grade = grade_at(finding, panel.time)
    outline = np.array([[p[0] or 0.0, p[2] or 0.0] for p in finding.outline_mm])
    if len(outline) < 3 or grade is None:
        return
    own = pose_of(reading, int(finding.evidence.get("time", 1)))
    there = pose_of(reading, panel.time).there(own.back(outline))
    line = panel.to_sheet(there)
    x0, y0, x1, y1 = panel.box
    middle = line.mean(axis=0)
    if not (x0 < middle[0] < x1 and y0 < middle[1] < y1):
        return
    stroke = GRADE_STROKES[grade] if finding.kind is FindingKind.LEAK else MIMIC_STROKE
    strong = _bold(stroke)
    sheet.line(np.clip(line, (x0, y0), (x1, y1)), strong, closed=True)


def _bold(stroke: Stroke) -> Stroke:
    """Return a stroke dark enough for a white ground: yellow is darkened."""
    colour = (176, 150, 0) if stroke == GRADE_STROKES[Grade.POSSIBLE] else stroke.colour
    return Stroke(colour, max(stroke.width, 2.0), stroke.dashes)


def legend_lines(wide: int) -> list[list[tuple[float, Stroke, str]]]:
    """Return the legend in lines that fit into a width: place (pixels), stroke and words."""
    entries = [(GRADE_STROKES[g], f"grade {g.value} then") for g in Grade if g > Grade.NONE]
    entries += [
        (GRADE_STROKES[Grade.NONE], "no sign then, or no leak"),
        (Stroke(SAC, 1.5, (2.0, 5.0)), "canal's apparent edges"),
    ]
    lines: list[list[tuple[float, Stroke, str]]] = [[]]
    x = 16.0
    for stroke, words in entries:
        room = DASH + text_width(words, _SMALL)
        if lines[-1] and x + room > wide - 16:
            lines.append([])
            x = 16.0
        lines[-1].append((x, stroke, words))
        x += room + 18
    return lines


def _draw_words(sheet: Sheet) -> None:
    """Write head and foot: title, research mark, what each line means."""
    wide, high = sheet.size
    title = Face(22, PALE, bold=True)
    sheet.text((16, 22), "Cisternogram, all times", title, "lm")
    beside = text_width("Cisternogram, all times", title) + text_width(RESEARCH_ONLY, _WARNING)
    place = ((wide - 16, 22), "rm") if beside + 60 < wide else ((16, 48), "lm")
    sheet.text(place[0], RESEARCH_ONLY, _WARNING, place[1])
    lines = legend_lines(wide)
    for number, line in enumerate(lines):
        y = high - 16.0 - LINE * (len(lines) - number)
        for x, stroke, words in line:
            sheet.line([(x, y), (x + DASH - 6, y)], _bold(stroke))
            sheet.text((x + DASH, y), words, _SMALL, "lm")
    sheet.text((16, high - 15), "grey: root of counts, each image by itself", _SMALL, "lm")


@dataclass(frozen=True, slots=True)
class _Axes:
    """Where hours and activity lie on the sheet of courses."""

    last: float
    top: float

    def place(self, hours: float, ratio: float) -> tuple[float, float]:
        """Return the sheet position of a time and an activity."""
        x = LEFT + (WIDE - 330 - LEFT) * hours / self.last
        return x, HIGH - LOW - (HIGH - LOW - 40) * float(np.clip(ratio / self.top, 0, 1))


def courses(reading: Reading, *, bounds: tuple[float, float]) -> Image.Image | None:
    """Return each finding's activity over the canal's against time, with the scale's bounds.

    ``bounds`` are faint and hot. ``None`` without findings.
    """
    shown = [f for f in by_rank(reading.findings) if "time" in f.evidence][:8]
    if not shown:
        return None
    sheet = Sheet(WIDE, HIGH, ground=PAPER)
    times = sorted({v for f in shown for k, v in f.evidence.items() if k.startswith("hours_")})
    ratios = [v for f in shown for k, v in f.evidence.items() if k.startswith("ratio_")]
    axes = _Axes(1.05 * max([*times, 1.0]), 1.05 * max([1.0, *ratios]))
    _draw_axes(sheet, axes, times, bounds)
    for number, finding in enumerate(shown, start=1):
        _draw_course(sheet, axes, finding, number)
    return sheet.picture()


def _draw_axes(
    sheet: Sheet, axes: _Axes, times: Sequence[float], bounds: tuple[float, float]
) -> None:
    """Draw the bounds as dashed lines, and the times."""
    for value, words in zip((0.0, *bounds), ("", "faint", "hot"), strict=True):
        begin, end = axes.place(0, value), axes.place(axes.last, value)
        sheet.line([begin, end], Stroke(DIM, 1.0, (5.0, 4.0) if value else ()))
        sheet.text((LEFT - 8, begin[1]), f"{value:g}", INK, "rm")
        sheet.text((LEFT + 4, begin[1] - 3), words, INK, "lb")
    for at in times:
        x, y = axes.place(at, 0)
        sheet.line([(x, y), (x, y + 6)], Stroke(DIM, 1.0))
        sheet.text((x, y + 10), f"{at:.1f} h", INK, "ma")
    sheet.text((LEFT, 18), "activity over the canal's at the same level and time", INK, "lm")


def _draw_course(sheet: Sheet, axes: _Axes, finding: Finding, number: int) -> None:
    """Draw one finding's course, its number at the end, and its name on the right."""
    points = [
        axes.place(finding.evidence[f"hours_{i}"], finding.evidence[f"ratio_{i}"])
        for i in range(1, 50)
        if f"ratio_{i}" in finding.evidence
    ]
    stroke = _bold(stroke_of(finding))
    if len(points) > 1:
        sheet.line(points, stroke)
    y = 50 + 44 * (number - 1)
    sheet.line([(WIDE - 310, y), (WIDE - 286, y)], stroke)
    sheet.text((WIDE - 318, y), f"{number}", INK, "rm")
    sheet.text((WIDE - 278, y - 1), name_of(finding), Face(15, NIGHT, bold=True), "lb")
    sheet.text((WIDE - 278, y + 1), measure_of(finding), Face(12, NIGHT), "lt")
    if points:
        sheet.text((points[-1][0] + 6, points[-1][1]), f"{number}", INK, "lm")
