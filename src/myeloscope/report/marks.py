"""How each grade and kind is marked in pictures and pages: colour, line style and words.

Colours are Okabe and Ito's (2008, https://jfly.uni-koeln.de/color/), told apart by people with any
colour vision; width and dashes tell the same in grey.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from myeloscope.domain.anatomy import Segment, Side
from myeloscope.domain.grade import FindingKind, Grade
from myeloscope.domain.reading import Finding, Reading, RegionReading

Colour = tuple[int, int, int]

PAPER: Colour = (255, 255, 255)
NIGHT: Colour = (13, 17, 22)
PALE: Colour = (214, 221, 228)
DIM: Colour = (138, 150, 162)
SAC: Colour = (0, 158, 115)
ALERT: Colour = (255, 138, 118)


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line: colour (red, green, blue), width in pixels, dashes on and off in pixels, or solid."""

    colour: Colour
    width: float = 1.5
    dashes: tuple[float, ...] = ()


GRADE_STROKES: Mapping[Grade, Stroke] = {
    Grade.NONE: Stroke((86, 180, 233), 1.8, (3.0, 3.5)),
    Grade.POSSIBLE: Stroke((240, 228, 66), 2.0, (4.0, 4.0)),
    Grade.PROBABLE: Stroke((230, 159, 0), 2.5, (11.0, 5.0)),
    Grade.DEFINITE: Stroke((226, 92, 16), 3.5),
}
MIMIC_STROKE = Stroke((86, 180, 233), 1.8, (3.0, 3.5))

GRADE_WORDS: Mapping[Grade, str] = {
    Grade.NONE: "none",
    Grade.POSSIBLE: "possible",
    Grade.PROBABLE: "probable",
    Grade.DEFINITE: "definite",
}
KIND_WORDS: Mapping[FindingKind, str] = {
    FindingKind.LEAK: "leak sign",
    FindingKind.PERINEURIAL_CYST: "perineurial cyst",
    FindingKind.MENINGOCELE: "meningocele",
    FindingKind.EPIDURAL_COLLECTION: "epidural collection",
    FindingKind.OTHER_FLUID: "other fluid",
}
SIDE_LETTERS: Mapping[Side, str] = {
    Side.LEFT: "L",
    Side.RIGHT: "R",
    Side.MIDLINE: "midline",
    Side.UNKNOWN: "side ?",
}


def stroke_of(finding: Finding) -> Stroke:
    """Return how a finding is outlined."""
    if finding.kind is FindingKind.LEAK and finding.grade is not None:
        return GRADE_STROKES[finding.grade]
    return MIMIC_STROKE


def place_of(finding: Finding) -> str:
    """Return root and side, such as ``T3 L``, the letter being the patient's side."""
    root = finding.segment or "root ?"
    return f"{root} {SIDE_LETTERS[finding.side]}"


def root_name(reading: Reading, segment: Segment | None) -> str:
    """Return a root's name for a picture, with a ``?`` where the reading doubts its names."""
    if segment is None:
        return "?"
    return f"{segment}?" if reading.numbering.note else str(segment)


def name_of(finding: Finding) -> str:
    """Return the one-line name of a finding: ``T3 L grade 2``, ``T5 R perineurial cyst``."""
    if finding.kind is FindingKind.LEAK and finding.grade:
        return f"{place_of(finding)}  grade {finding.grade.value}"
    if finding.kind is FindingKind.LEAK:
        return f"{place_of(finding)}  no sign"
    return f"{place_of(finding)}  {KIND_WORDS[finding.kind]}"


def measure_of(finding: Finding) -> str:
    """Return the short measurement line under a finding's name."""
    if "hours_1" in finding.evidence and finding.extent_mm is not None:
        return activity_of(finding)
    if finding.kind is FindingKind.LEAK and finding.extent_mm is not None and _lateral(finding):
        ratio = "" if finding.ratio is None else f", ratio {finding.ratio:.2f}"
        return f"extent {finding.extent_mm:.1f} mm{ratio}"
    if finding.reach_mm is not None:
        return f"reaches {finding.reach_mm:.1f} mm"
    return "listed, not graded"


def activity_of(finding: Finding) -> str:
    """Return length and brightness of paraspinal activity, and when it was seen best."""
    time = int(finding.evidence.get("time", 0))
    text = f"length {finding.extent_mm or 0:.0f} mm"
    ratio, hours = (finding.evidence.get(f"{name}_{time}") for name in ("ratio", "hours"))
    if ratio is None or hours is None:
        return text
    return f"{text}, {ratio:.2f} of the canal at {hours:.1f} h"


def _lateral(finding: Finding) -> bool:
    """Return whether signal beyond the sleeve, and not only a triangle, made the grade."""
    return (finding.grade or 0) >= Grade.PROBABLE


def grade_text(region: RegionReading) -> str:
    """Return a region's grade as a cell shows it: ``2 probable``, ``>= 1``, ``not assessable``."""
    if region.grade is None:
        return "not assessable"
    mark = "\N{GREATER-THAN OR EQUAL TO} " if region.at_least else ""
    return f"{mark}{region.grade.value} {GRADE_WORDS[region.grade]}"
