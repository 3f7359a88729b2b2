"""One station's own image with everything the reading says about it.

The image keeps its own orientation; letters at its edges tell the patient's (R, L, A, P, H, F as
in DICOM PS3.3 C.7.6.1.1.1). Grey runs from 0 to 1.2 times the sac's median signal.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from myeloscope.domain.anatomy import Segment
from myeloscope.domain.grade import Grade
from myeloscope.domain.image import PlaneGeometry, Station, Vector
from myeloscope.domain.reading import Reading
from myeloscope.report.labels import Margins, Outlined, draw_findings
from myeloscope.report.marks import (
    ALERT,
    DIM,
    GRADE_STROKES,
    GRADE_WORDS,
    MIMIC_STROKE,
    PALE,
    SAC,
    Stroke,
    root_name,
)
from myeloscope.report.page import RESEARCH_ONLY
from myeloscope.report.scene import Points, Scene, edges, on_station, sac_signal
from myeloscope.report.sheet import Face, Point, Sheet, text_width, window

LONG_SIDE = 1024
MARGIN = 310
HEAD, FOOT = 50, 84
BRIGHTEST = 1.2
"""White, in sac medians."""

_LETTERS: tuple[tuple[str, str], ...] = (("L", "R"), ("P", "A"), ("H", "F"))
_SMALL = Face(16, DIM)
_NAME = Face(15, PALE, bold=True, halo=True)


def overlay(scene: Scene, index: int) -> Image.Image:
    """Return a station's image with sac, roots, findings, orientation and scale.

    Parameters
    ----------
    scene
        What was read and found; what lies outside this station is left out.
    index
        Which station, from 0.
    """
    station = scene.study.stations[index]
    frame = Frame.of(station)
    sheet = Sheet(frame.width + 2 * MARGIN, frame.height + HEAD + FOOT)
    white = BRIGHTEST * sac_signal(scene) / scene.canvas.gains[index]
    below, right = HEAD + frame.height, MARGIN + frame.width
    sheet.paste(window(station.pixels, white), (MARGIN, HEAD, right, below))
    _draw_sac(sheet, frame, scene, index)
    _draw_roots(sheet, frame, scene, index)
    midline = on_station(scene.canvas, index, scene.sac)
    found = []
    for finding, drawn in zip(scene.reading.findings, scene.outlines, strict=True):
        outline = on_station(scene.canvas, index, drawn)
        if frame.shows(outline):
            beyond = _beyond(midline, outline.mean(axis=0))
            inside = np.clip(frame.to_sheet(outline), (MARGIN, HEAD), (right, below))
            found.append(Outlined(finding, inside, right=beyond))
    draw_findings(sheet, found, Margins(MARGIN, right, MARGIN, HEAD + 26, below))
    _draw_orientation(sheet, frame, station.geometry)
    _draw_words(sheet, frame, station_title(scene.reading, index), scene.reading)
    return sheet.picture()


def station_title(reading: Reading, index: int) -> str:
    """Return what a station's picture is called."""
    part = reading.sources[index].station if index < len(reading.sources) else f"{index + 1}"
    return f"{part.capitalize()} station"


class Frame:
    """The place of an image on its sheet: isotropic, ``scale`` pixels a millimetre."""

    def __init__(self, rows: int, columns: int, geometry: PlaneGeometry) -> None:
        height, width = rows * geometry.row_spacing, columns * geometry.column_spacing
        self.scale = LONG_SIDE / max(height, width)
        self.height, self.width = round(height * self.scale), round(width * self.scale)
        self._shape = (rows, columns)
        self._step = np.array([geometry.column_spacing, geometry.row_spacing]) * self.scale

    @classmethod
    def of(cls, station: Station) -> Frame:
        """Return the frame of a station's image."""
        rows, columns = station.pixels.shape
        return cls(rows, columns, station.geometry)

    def to_sheet(self, rc: Points) -> Points:
        """Return sheet positions (N, 2) of rows and columns (N, 2)."""
        return np.asarray((rc[:, ::-1] + 0.5) * self._step + (MARGIN, HEAD))

    def shows(self, rc: Points) -> bool:
        """Return whether the middle of some points lies in the image."""
        return len(rc) > 0 and bool(self.inside(rc.mean(axis=0, keepdims=True))[0])

    def inside(self, rc: Points) -> NDArray[np.bool_]:
        """Return which of some points lie in the image."""
        return np.asarray(np.all((rc > -0.5) & (rc < np.array(self._shape) - 0.5), axis=1))


def _beyond(midline: Points, at: Points) -> bool:
    """Return whether a point lies on the right side of the midline on the screen."""
    if len(midline) == 0:
        return True
    nearest = midline[np.argmin(np.hypot(*(midline - at).T))]
    return bool(at[1] > nearest[1])


def _draw_sac(sheet: Sheet, frame: Frame, scene: Scene, index: int) -> None:
    geometry = scene.study.stations[index].geometry
    path = on_station(scene.canvas, index, scene.sac)
    spacing = (geometry.row_spacing, geometry.column_spacing)
    for run in scene.stretches:
        seen = frame.inside(path[run])
        if seen.sum() > 1:
            for edge in edges(path[run], scene.widths[run], spacing):
                sheet.line(frame.to_sheet(edge[seen]), Stroke(SAC, 1.0))


def _draw_roots(sheet: Sheet, frame: Frame, scene: Scene, index: int) -> None:
    """Mark where each root leaves the sac, and write its name on the midline."""
    midline = on_station(scene.canvas, index, scene.sac)
    pairs: dict[Segment, list[Points]] = {}
    places = on_station(scene.canvas, index, scene.roots)[:, None, :]
    for root, place in zip(scene.reading.roots, places, strict=True):
        if not frame.inside(place)[0]:
            continue
        x, y = frame.to_sheet(place)[0]
        reach = 4.0 if root.visible else 1.5
        sheet.line([(x - reach, y), (x + reach, y)], Stroke(SAC if root.visible else DIM, 2.0))
        if root.segment is not None:
            pairs.setdefault(root.segment, []).append(place)
    for segment, pair in pairs.items():
        mean = np.mean(pair, axis=0)
        if len(midline):
            mean = midline[[np.argmin(np.hypot(*(midline - mean).T))]]
        x, y = frame.to_sheet(mean)[0]
        y = min(max(y, HEAD + 10), HEAD + frame.height - 10)
        sheet.text((x, y), root_name(scene.reading, segment), _NAME, "mm")


def _draw_orientation(sheet: Sheet, frame: Frame, geometry: PlaneGeometry) -> None:
    right, bottom = MARGIN + frame.width, HEAD + frame.height
    x, y = MARGIN + frame.width / 8, (HEAD + bottom) / 2
    across, down = geometry.along_row, geometry.along_column
    face = Face(26, PALE, bold=True, halo=True)
    sheet.text((MARGIN + 10, y), letter(across, toward=-1), face, "lm")
    sheet.text((right - 10, y), letter(across, toward=1), face, "rm")
    sheet.text((x, HEAD + 8), letter(down, toward=-1), face, "mt")
    sheet.text((x, bottom - 8), letter(down, toward=1), face, "mb")


def letter(direction: Vector, *, toward: int) -> str:
    """Return the letter of the patient's side that a direction (LPS) points to, or away from."""
    axis = int(np.argmax(np.abs(direction)))
    positive = (direction[axis] > 0) == (toward > 0)
    return _LETTERS[axis][0 if positive else 1]


def _draw_words(sheet: Sheet, frame: Frame, title: str, reading: Reading) -> None:
    """Write the head (title, research mark) and the foot (scale bar, what each line means)."""
    wide, low = sheet.size[0], HEAD + frame.height
    sheet.text((16, HEAD / 2), title, Face(24, PALE, bold=True), "lm")
    sheet.text(
        (wide - 16, HEAD / 2), f"RESEARCH \N{EM DASH} {RESEARCH_ONLY}", Face(20, ALERT), "rm"
    )
    draw_scale(sheet, (MARGIN + frame.width, low + 22), frame.scale, room=frame.width)
    reader = f"{reading.reader.id} {reading.reader.version}, scale {reading.scale}"
    sheet.text((wide - 16, low + 62), reader, _SMALL, "rm")
    draw_legend(sheet, 16, low + 62, grey=f"grey 0 to {BRIGHTEST} \N{MULTIPLICATION SIGN} sac")


def draw_scale(sheet: Sheet, right: Point, scale: float, *, room: float) -> None:
    """Draw a bar of 50, 20, 10 or 5 mm with its length, at most half of ``room`` long.

    Parameters
    ----------
    sheet
        The sheet to draw on.
    right
        Its right end.
    scale
        Pixels a millimetre.
    room
        Width of the picture it belongs to, pixels.
    """
    length = next((mm for mm in (50, 20, 10) if mm * scale <= room / 2), 5)
    (x, y), bar = right, length * scale
    sheet.line([(x - bar, y), (x, y)], Stroke(PALE, 2.0))
    for end in (x - bar, x):
        sheet.line([(end, y - 5), (end, y + 5)], Stroke(PALE, 2.0))
    sheet.text((x - bar - 8, y), f"{length} mm", Face(18, PALE), "rm")


def draw_legend(sheet: Sheet, x: float, y: float, *, grey: str = "") -> None:
    """Write what each line means, in one row from (x, y) to the right."""
    entries = [
        (GRADE_STROKES[grade], f"grade {grade.value} {GRADE_WORDS[grade]}")
        for grade in (Grade.POSSIBLE, Grade.PROBABLE, Grade.DEFINITE)
    ]
    entries += [(MIMIC_STROKE, "mimic, not graded as leak"), (Stroke(SAC, 1.5), "sac edge, roots")]
    for stroke, words in entries:
        sheet.line([(x, y), (x + 30, y)], stroke)
        sheet.text((x + 37, y), words, _SMALL, "lm")
        x += 37 + text_width(words, _SMALL) + 22
    sheet.text((x, y), grey, _SMALL, "lm")
