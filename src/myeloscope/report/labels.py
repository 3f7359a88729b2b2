"""Names of findings in the margins of a picture, with leader lines, so that nothing covers text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from myeloscope.domain.reading import Finding
from myeloscope.report.marks import DIM, PALE, Stroke, measure_of, name_of, stroke_of
from myeloscope.report.sheet import Face, Sheet, font, spread, text_width

LABEL_HEIGHT = 58.0
SWATCH = 26.0
NAME = Face(21, PALE, bold=True)
MEASURE = Face(18, DIM)


@dataclass(frozen=True, slots=True, eq=False)
class Outlined:
    """A finding, its outline on a sheet, (N, 2) x and y in pixels, and the margin to name it in."""

    finding: Finding
    outline: NDArray[np.float64]
    right: bool


@dataclass(frozen=True, slots=True)
class Margins:
    """Where labels may stand: x of the picture's edges, width of a margin, top and bottom."""

    left: float
    right: float
    width: float
    top: float
    bottom: float


def draw_findings(sheet: Sheet, found: Sequence[Outlined], margins: Margins) -> None:
    """Outline findings in their strokes and name each in its margin."""
    for item in found:
        sheet.line(item.outline, stroke_of(item.finding), closed=True)
    ordered = sorted(found, key=lambda item: (item.right, float(_centre(item)[1])))
    for _, group in groupby(ordered, key=lambda item: item.right):
        _draw_side(sheet, list(group), margins)


def _draw_side(sheet: Sheet, found: list[Outlined], margins: Margins) -> None:
    half = LABEL_HEIGHT / 2
    wanted = [float(_centre(item)[1]) for item in found]
    places = spread(wanted, LABEL_HEIGHT, margins.top + half, margins.bottom - half)
    crowded = len(found) * LABEL_HEIGHT > margins.bottom - margins.top
    for item, y in zip(found, places, strict=True):
        _draw_label(sheet, item, margins, y, crowded=crowded)


def _draw_label(sheet: Sheet, item: Outlined, margins: Margins, y: float, *, crowded: bool) -> None:
    """Draw one label: leader, line sample, name and, unless crowded, measurement."""
    right = item.right
    stroke = stroke_of(item.finding)
    edge = margins.right if right else margins.left
    away = 1.0 if right else -1.0
    ends = item.outline[int(np.argmax(away * item.outline[:, 0]))]
    elbow = edge + away * 10
    sheet.line([ends, (elbow, y), (elbow + away * 4, y)], Stroke(DIM, 1.0))
    sample = [(elbow + away * 6, y), (elbow + away * (6 + SWATCH), y)]
    sheet.line(sample, stroke)
    start = elbow + away * (14 + SWATCH)
    anchor = "l" if right else "r"
    room = margins.width - 42 - SWATCH
    name, measure = name_of(item.finding), measure_of(item.finding)
    face = fitted(name, NAME, room)
    if crowded:
        sheet.text((start, y), name, face, anchor + "m")
        return
    sheet.text((start, y - 2), name, face, anchor + "b")
    sheet.text((start, y + 3), measure, fitted(measure, MEASURE, room), anchor + "t")


def fitted(text: str, face: Face, room: float) -> Face:
    """Return a face in which a line of text fits into ``room`` pixels, 9 pixels high at least."""
    size = face.size
    while size > 9 and text_width(text, Face(size, bold=face.bold)) > room:
        size -= 1
    return Face(size, face.colour, face.bold, face.halo)


def line_height(face: Face) -> float:
    """Return the height of a line of text, pixels."""
    ascent, descent = font(face.size, bold=face.bold).getmetrics()
    return float(ascent + descent)


def _centre(item: Outlined) -> NDArray[np.float64]:
    return np.asarray(item.outline.mean(axis=0))
