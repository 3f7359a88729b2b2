"""What of the spine a cisternogram can tell of, and what limits it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from myeloscope.cisternography.activity import Activity
from myeloscope.cisternography.bounds import BOUNDS, Bounds
from myeloscope.cisternography.canal import CORE_MM, Canal
from myeloscope.cisternography.findings import root_of
from myeloscope.cisternography.judge import Judgement
from myeloscope.cisternography.landmarks import Landmarks
from myeloscope.cisternography.levels import Ladder
from myeloscope.cisternography.planar import Moment, nuclear
from myeloscope.domain.anatomy import Region, Segment
from myeloscope.domain.grade import FindingKind, Grade
from myeloscope.domain.image import Study
from myeloscope.domain.reading import RegionReading, TimeGrade
from myeloscope.domain.scintigraphy import View

MAX_GAP = 2
"""Adjacent roots of C4-L5 that may be unjudged in an assessable region (DESIGN)."""
ROOM_MM = 25.0
"""How far beside the axis the crystal must have seen."""


def obstacles(
    canal: Canal, activities: Sequence[Activity], ladder: Ladder, bounds: Bounds = BOUNDS
) -> tuple[dict[Segment, str], list[dict[Segment, str]]]:
    """Return the roots that no time can judge and why, and the same for each time."""
    beside = np.abs(canal.q) <= ROOM_MM
    by_time: list[dict[Segment, str]] = []
    places = {
        segment: (at, int(np.abs(canal.s - at).argmin())) for segment, at in ladder.exits_mm.items()
    }
    for activity in activities:
        seen = np.asarray(activity.straight.seen[:, beside].all(axis=1))
        here: dict[Segment, str] = {}
        error = np.sqrt(activity.straight.variance[:, np.abs(canal.q) <= CORE_MM].mean(axis=1) / 2)
        told = activity.canal > bounds.tellable * error
        for segment, (at, row) in places.items():
            rows = slice(max(row - 2, 0), row + 3)
            if not canal.s[0] <= at <= canal.s[-1] or not seen[rows].any():
                here[segment] = "not in the image"
            elif not (activity.valid[rows] & told[rows]).any():
                here[segment] = "too little tracer there"
        by_time.append(here)
    never = {
        segment: by_time[-1][segment]
        for segment in ladder.exits_mm
        if by_time and all(segment in here for here in by_time)
    }
    return never, by_time


def gap_of(region: Region, ladder: Ladder, lost: Mapping[Segment, str]) -> tuple[Segment, ...]:
    """Return the longest run of adjacent unjudged roots of C4-L5 in a region."""
    formula = ladder.formula
    order = formula.segments
    counted = order[order.index(Segment.C4) : order.index(Segment.S1)]
    longest: tuple[Segment, ...] = ()
    run: tuple[Segment, ...] = ()
    for segment in (s for s in counted if formula.region(s) is region and s in ladder.exits_mm):
        run = (*run, segment) if segment in lost else ()
        longest = max(longest, run, key=len)
    return longest


def judge_regions(
    canal: Canal, activities: Sequence[Activity], ladder: Ladder, judgements: Sequence[Judgement]
) -> tuple[dict[Region, RegionReading], tuple[str, ...]]:
    """Give every region its highest grade at each time and over all, or the reason for none."""
    never, by_time = obstacles(canal, activities, ladder)
    regions, warnings = {}, []
    for region in Region:
        here = [
            j
            for j in judgements
            if j.kind is FindingKind.LEAK
            and ladder.formula.region(root_of(ladder, j.spot)) is region
        ]
        times = []
        for index, activity in enumerate(activities):
            top = max((j.grades[index] or Grade.NONE for j in here), default=Grade.NONE)
            lost = len(gap_of(region, ladder, by_time[index])) > MAX_GAP
            hours = activity.straight.moment.hours
            times.append(TimeGrade(hours, None if lost and top is Grade.NONE else top))
        grade = max((j.grade for j in here), default=Grade.NONE)
        score = max((j.score for j in here), default=0.0)
        gap = gap_of(region, ladder, never)
        partly = len(gap) > MAX_GAP
        if partly and grade is Grade.NONE:
            reason = f"{gap[0]}-{gap[-1]} cannot be judged: {never[gap[0]]}"
            regions[region] = RegionReading(
                None, False, score=score, reason=reason, by_time=tuple(times)
            )
        else:
            regions[region] = RegionReading(grade, True, partly, score, by_time=tuple(times))
        missed = [s for s in ladder.exits_mm if ladder.formula.region(s) is region and s in never]
        if missed:
            listed = ", ".join(f"{s} ({never[s]})" for s in missed)
            warnings.append(f"{region}: not judged: {listed}")
    return regions, tuple(warnings)


def study_warnings(
    study: Study, moments: Sequence[Moment], bounds: Bounds = BOUNDS
) -> tuple[str, ...]:
    """Return what limits the images themselves: views, times, motion, their sources."""
    warnings = []
    for moment in moments:
        views = {nuclear(study.stations[i]).view for i in moment.stations}
        at = f"{moment.hours:.1f} h"
        if View.UNKNOWN in views:
            warnings.append(f"{at}: no header says which view is which; sides are unknown")
        elif len(moment.stations) == 1:
            missing = "posterior" if View.ANTERIOR in views else "anterior"
            warnings.append(f"{at}: the {missing} view is missing; no geometric mean of views")
        if moment.motion_mm is not None and moment.motion_mm > bounds.motion_mm:
            warnings.append(f"{at}: the views lie {moment.motion_mm:.0f} mm apart; moved together")
    turned = [f"{m.hours:.1f} h" for m in moments if m.flipped and m.sided]
    if turned:
        warnings.append(
            f"{', '.join(turned)}: the posterior view fits the anterior one only unmirrored; taken "
            "as stored with the patient's left on the right"
        )
    sources = {nuclear(s).times_from for s in study.stations}
    warnings += [
        f"times: {text}" for text in sorted(sources) if "assumed" in text or "taken" in text
    ]
    if len(moments) == 1:
        warnings.append("one time only: what comes and goes cannot be told")
    if all(moment.hours > bounds.early_h for moment in moments):
        warnings.append(
            "no image in the first hour: activity near the puncture may be the puncture's own"
        )
    return tuple(warnings)


def infiltration(
    canal: Canal, activities: Sequence[Activity], landmarks: Landmarks, bounds: Bounds = BOUNDS
) -> float | None:
    """Return counts beside the canal over those in it, around the injection, in the first image.

    ``None`` without an early image. A dose beside the sac stays where it was put, wide and uneven.
    """
    first = activities[0]
    if first.straight.moment.hours > bounds.early_h or landmarks.injection is None:
        return None
    rows = np.abs(canal.s - landmarks.injection[0]) < 60
    if not (rows & first.valid).any():
        return None
    beside = (np.abs(canal.q) > 8) & (np.abs(canal.q) < 35)
    inside = np.abs(canal.q) <= 8
    out = float(np.maximum(first.excess[np.ix_(rows, beside)], 0).sum())
    held = float((first.straight.counts - first.background)[np.ix_(rows, inside)].sum())
    return out / max(held, 1e-9)


def without_injection(lumbar: RegionReading) -> RegionReading:
    """Return the lumbar region's reading where part of the dose lies beside the sac there.

    Without another sign it has no grade: what lies beside the canal is the dose itself.
    """
    if lumbar.grade:
        return replace(lumbar, at_least=True)
    reason = "part of the dose lies beside the sac around the injection"
    times = tuple(replace(each, grade=None) for each in lumbar.by_time or ())
    return RegionReading(None, False, score=lumbar.score, reason=reason, by_time=times)
