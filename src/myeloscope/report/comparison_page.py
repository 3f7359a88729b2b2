"""The page of a comparison: the course in time, each sign's change, where techniques agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from myeloscope.comparison.agreement import TwoTechniques
from myeloscope.comparison.change import Change, Comparison, Measured, day_of
from myeloscope.comparison.course import Course, Visit
from myeloscope.comparison.record import SETTINGS, interval_days
from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import Technique
from myeloscope.domain.reading import Finding, Reading
from myeloscope.pathway.dossier import Event
from myeloscope.pathway.patient import TECHNIQUE_NAMES, ExamTechnique
from myeloscope.report.comparison_picture import (
    AGREEMENT_COLOURS,
    CHANGE_COLOURS,
    agreement_picture,
    comparison_picture,
)
from myeloscope.report.dossier_course import course_picture
from myeloscope.report.marks import grade_text
from myeloscope.report.page import data_uri, render

CHANGE_MARKS: Mapping[Change, str] = {
    Change.RESOLVED: "\N{CHECK MARK}",
    Change.IMPROVED: "\N{DOWNWARDS ARROW}",
    Change.UNCHANGED: "=",
    Change.WORSE: "\N{UPWARDS ARROW}",
    Change.NEW: "+",
    Change.NOT_COMPARABLE: "?",
}
LIMITS: tuple[str, ...] = (
    "The level of a sign is no proof of the level of the dural defect, and a sign that has gone "
    "is no proof that the defect has closed.",
    "A change is judged on extent in mm and on brightness over the sac's, not on the ratio to the "
    "sac's width: the sac re-expands after treatment.",
    "What counts as a change was set on simulated leaks, not on patients; how often it is right "
    "stands in the benchmarks.",
    "Signs that one reading missed look new or resolved. Where a reading was in doubt, or did not "
    "show a place, the sign is not comparable.",
    "The volume index is that of a round tube as wide as the sac: it follows change, is no volume.",
    "Two techniques may differ because they see different things: fluid that stands still, and "
    "tracer that has run out by the time of the image.",
)
_NAMES = {
    Technique.MRM: TECHNIQUE_NAMES[ExamTechnique.MRM],
    Technique.RIC: TECHNIQUE_NAMES[ExamTechnique.RIC],
}


@dataclass(frozen=True, slots=True)
class Part:
    """One comparison of a page."""

    kind: str
    title: str
    made: Comparison | TwoTechniques
    counts: Mapping[Change, int]
    picture: str


def comparison_page(course: Course, version: str) -> str:
    """Return the comparisons of a course as a self-contained HTML page."""
    days = [visit.day for visit in course.visits if visit.day is not None]
    picture = _timeline(course)
    return render(
        "comparison.html",
        title=title(course),
        version=version,
        last_day=max(days, default=None),
        timeline=None if picture is None else data_uri(picture.encode(), "image/svg+xml"),
        rows=[_row(visit) for visit in course.visits],
        parts=[
            *(_follow_up(made) for made in course.follow_ups),
            *(_agreement(made) for made in course.agreements),
        ],
        marks=CHANGE_MARKS,
        colours=CHANGE_COLOURS,
        agreement_colours=AGREEMENT_COLOURS,
        measured=measured_text,
        found=found_text,
        settings=SETTINGS,
        limits=LIMITS,
    )


def title(course: Course) -> str:
    """Return what a page of a course is called."""
    if len(course.visits) > 2:
        return f"{len(course.visits)} examinations compared"
    if course.agreements:
        return "MR myelography and cisternography compared"
    return "Two MR myelograms compared"


def _follow_up(made: Comparison) -> Part:
    counts = {change: sum(sign.change is change for sign in made.signs) for change in Change}
    apart = interval_days(made)
    told = f"From {_day(made.before)} to {_day(made.after)}"
    told += "" if apart is None else f", {apart} days"
    if made.days_after_patch is not None:
        told += f"; {made.days_after_patch} days after a blood patch"
    picture = data_uri(comparison_picture(made).encode(), "image/svg+xml")
    return Part("follow-up", told, made, {c: n for c, n in counts.items() if n}, picture)


def _agreement(made: TwoTechniques) -> Part:
    told = f"MR myelography of {_day(made.mrm)} and cisternography of {_day(made.ric)}"
    if made.days is not None:
        first = "the same day" if made.days == 0 else f"{abs(made.days)} days apart"
        told += f", {first}"
    picture = data_uri(agreement_picture(made).encode(), "image/svg+xml")
    return Part("agreement", told, made, {}, picture)


def _timeline(course: Course) -> str | None:
    events = [
        Event(visit.day, None, _NAMES[visit.reading.technique], "")
        for visit in course.visits
        if visit.day is not None
    ]
    events += [Event(day, None, "epidural blood patch", "") for day in course.patches]
    return course_picture(sorted(events, key=lambda event: event.day))


def _row(visit: Visit) -> tuple[str, ...]:
    grades = [grade_text(visit.reading.regions[region]) for region in Region]
    since = "\N{EN DASH}" if visit.days_after_patch is None else f"{visit.days_after_patch}"
    name = _NAMES[visit.reading.technique]
    return (_day(visit.reading), name, *grades, f"{visit.sites}", since)


def _day(reading: Reading) -> str:
    day = day_of(reading)
    return "a day not known" if day is None else str(day)


def measured_text(sign: Measured | None) -> str:
    """Return grade, extent and brightness of a sign, or a dash where it is not there."""
    if sign is None:
        return "\N{EN DASH}"
    parts = [f"grade {sign.grade.value}"]
    if sign.extent_mm is not None:
        parts.append(f"extent {sign.extent_mm:.1f} mm")
    if sign.brightness is not None:
        parts.append(f"brightness {sign.brightness:.2f}")
    return ", ".join(parts)


def found_text(finding: Finding | None) -> str:
    """Return root, grade and length of a technique's sign, or a dash where it has none."""
    if finding is None:
        return "\N{EN DASH}"
    grade = finding.grade.value if finding.grade is not None else "?"
    long = "" if finding.extent_mm is None else f", {finding.extent_mm:.0f} mm"
    return f"{finding.segment or 'root ?'}, grade {grade}{long}"
