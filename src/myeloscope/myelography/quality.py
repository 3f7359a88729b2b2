"""What of the spine can be judged, root by root and region by region, and why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from myeloscope.domain.anatomy import Region, Segment, Side, SpineFormula
from myeloscope.domain.grade import Grade
from myeloscope.domain.reading import Finding, RegionReading
from myeloscope.myelography.sac import STEP_MM
from myeloscope.myelography.spine import Spine

MIN_SNR = 6.0
"""Sac signal over noise below which a sign at the edge of the scale's visibility is lost."""
MAX_GAP = 2
"""Adjacent roots of C4-L5 that may be unjudged in an assessable region (DESIGN)."""
MIN_LATERAL_MM = 18.0
"""How far beside the sac the image must reach at a root: about one sac's width."""


@dataclass(frozen=True, slots=True)
class RootView:
    """Whether one root of one side can be judged; ``obstacle`` says why not."""

    segment: Segment
    side: Side
    obstacle: str | None


def unjudged_roots(views: Sequence[RootView]) -> dict[Segment, str]:
    """Return the roots that cannot be judged on one side or both, with the first obstacle."""
    obstacles: dict[Segment, str] = {}
    for view in views:
        if view.obstacle is not None:
            obstacles.setdefault(view.segment, view.obstacle)
    return obstacles


def region_gap(
    region: Region, formula: SpineFormula, obstacles: dict[Segment, str]
) -> tuple[Segment, ...]:
    """Return the longest run of adjacent unjudged roots of C4-L5 in a region.

    The upper cervical and the sacral roots are left out: two 270 mm stations do not reach from end
    to end in most adults.
    """
    graded = graded_roots(region, formula)
    longest: tuple[Segment, ...] = ()
    run: tuple[Segment, ...] = ()
    for segment in graded:
        run = (*run, segment) if segment in obstacles else ()
        if len(run) > len(longest):
            longest = run
    return longest


def graded_roots(region: Region, formula: SpineFormula) -> tuple[Segment, ...]:
    """Return the roots of a region that its assessability rests on: those from C4 to L5 (L4)."""
    segments = formula.segments
    first, last = segments.index(Segment.C4), segments.index(Segment.S1)
    return tuple(s for s in segments[first:last] if formula.region(s) is region)


def view_roots(spine: Spine) -> tuple[RootView, ...]:
    """Say of every root from C1 to S2, on both sides, whether it can be judged and why not."""
    sac = spine.sac
    noise_ok = spine.sigma > 0
    views = []
    for lateral in spine.laterals:
        reach = lateral.column(MIN_LATERAL_MM)
        for segment, s in spine.chain.exits_mm.items():
            row = round(s / STEP_MM)
            obstacle = None
            if not 0 <= row < len(sac.present):
                obstacle = "not in the image"
            elif not sac.present[row]:
                obstacle = "no sac signal"
            elif not lateral.seen[row, :reach].all():
                obstacle = "too near the image's edge"
            elif not noise_ok or 1.0 / lateral.noise[row] < MIN_SNR:
                obstacle = "too noisy"
            views.append(RootView(segment, lateral.side, obstacle))
    return tuple(views)


def judge_regions(
    formula: SpineFormula,
    views: Sequence[RootView],
    findings: Sequence[Finding],
    scores: Mapping[Region, float],
) -> tuple[dict[Region, RegionReading], tuple[str, ...]]:
    """Give every region its highest grade, or the reason why it has none, and what to warn of."""
    obstacles = unjudged_roots(views)
    regions, warnings = {}, []
    for region in Region:
        grade = max(
            (f.grade for f in findings if f.region is region and f.grade is not None),
            default=Grade.NONE,
        )
        gap = region_gap(region, formula, obstacles)
        lost = len(gap) > MAX_GAP
        if lost and grade is Grade.NONE:
            reason = f"{gap[0]}-{gap[-1]} cannot be judged: {obstacles[gap[0]]}"
            regions[region] = RegionReading(None, False, score=scores[region], reason=reason)
        else:
            regions[region] = RegionReading(grade, True, lost, scores[region])
        missed = [s for s in formula.segments if formula.region(s) is region and s in obstacles]
        if missed:
            listed = ", ".join(f"{s} ({obstacles[s]})" for s in missed)
            warnings.append(f"{region}: not judged: {listed}")
    return regions, tuple(warnings)
