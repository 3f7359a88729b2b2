"""The course of a patient as a drawing: one lane a kind of event, days from left to right."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from html import escape

from myeloscope.pathway.dossier import Event
from myeloscope.pathway.patient import TECHNIQUE_NAMES, ExamTechnique

WIDTH, LANE, LEFT, TOP = 720.0, 24.0, 150.0, 12.0
_LANES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("Symptoms", ("symptoms",), "#16202b"),
    ("Brain MRI", ("brain MRI",), "#5a6672"),
    ("Dural puncture", ("dural puncture",), "#8c1d18"),
    ("MR myelography", (TECHNIQUE_NAMES[ExamTechnique.MRM],), "#0b4f7d"),
    ("Cisternography", (TECHNIQUE_NAMES[ExamTechnique.RIC],), "#8a5a00"),
    (
        "Other spine imaging",
        tuple(
            TECHNIQUE_NAMES[name]
            for name in (ExamTechnique.SPINE_MRI, ExamTechnique.CTM, ExamTechnique.DSM)
        ),
        "#54318f",
    ),
    (
        "Treatment",
        ("conservative treatment", "epidural blood patch", "surgery", "embolisation"),
        "#00664b",
    ),
)


def course_picture(course: Sequence[Event]) -> str | None:
    """Return the course as SVG; ``None`` where fewer than two days are known."""
    days = [event.day.toordinal() for event in course]
    if len(set(days)) < 2:
        return None
    lanes = [lane for lane in _LANES if any(event.kind in lane[1] for event in course)]
    first, last = min(days), max(days)

    def across(day: int) -> float:
        return LEFT + 10 + (WIDTH - LEFT - 60) * (day - first) / (last - first)

    height = TOP + LANE * len(lanes) + 30
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:g}" '
        'font-family="Liberation Sans, DejaVu Sans, sans-serif" font-size="11">'
    ]
    for row, (name, kinds, colour) in enumerate(lanes):
        y = TOP + LANE * (row + 0.5)
        drawn.append(
            f'<text x="0" y="{y + 4:g}" fill="#5a6672">{escape(name)}</text>'
            f'<line x1="{LEFT:g}" y1="{y:g}" x2="{WIDTH - 20:g}" y2="{y:g}" stroke="#cfd6dd"/>'
        )
        marks = sorted(across(e.day.toordinal()) for e in course if e.kind in kinds)
        drawn += [f'<circle cx="{x:.1f}" cy="{y:g}" r="5" fill="{colour}"/>' for x in marks]
    drawn += _axis(course[0].day, course[-1].day, TOP + LANE * len(lanes))
    return "".join([*drawn, "</svg>"])


def _axis(first: datetime.date, last: datetime.date, y: float) -> list[str]:
    """Return the line of days below the lanes, with the first and the last day."""
    left, right = LEFT + 10, WIDTH - 50
    parts = [f'<line x1="{left:g}" y1="{y:g}" x2="{right:g}" y2="{y:g}" stroke="#16202b"/>']
    for x, day in ((left, first), (right, last)):
        parts.append(
            f'<line x1="{x:g}" y1="{y:g}" x2="{x:g}" y2="{y + 4:g}" stroke="#16202b"/>'
            f'<text x="{x:g}" y="{y + 16:g}" text-anchor="middle" fill="#16202b">{day}</text>'
        )
    return parts
