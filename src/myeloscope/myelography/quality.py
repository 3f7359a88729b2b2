"""What of the spine can be judged, root by root and region by region, and why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from myeloscope.domain.anatomy import Region, Segment, Side, SpineFormula
from myeloscope.domain.grade import Grade
from myeloscope.domain.reading import Finding, RegionReading
from myeloscope.geometry.ranks import percentiles
from myeloscope.myelography.sac import STEP_MM, Sac
from myeloscope.myelography.spine import Spine

MIN_SNR = 6.0
"""Sac signal over noise below which a sign at the edge of the scale's visibility is lost."""
MAX_GAP = 2
"""Adjacent roots of C4-L5 that may be unjudged in an assessable region (DESIGN)."""
ALONE_MM = 400.0
"""Length of spine below which a single image is one of two stations: names may be off by two."""
END_MM = 12.0
"""Roots this near an end of the sac or a loss of its signal are not searched: its edges fray."""
ABOVE_MM, BELOW_MM = 4.0, 8.0
"""How far the image must reach above and below a root's exit; its sleeve descends."""
MIN_LATERAL_MM = 18.0
"""How far beside the sac the image must reach at a root: about one sac's width."""
EDGE_TAIL = 0.10
"""Share of the sac's signal at which the tail of its edge is read off."""
BLURRED_MM = 1.5
"""Tail of the sac's edge from which on it is blurred; a still patient's is 0.5 to 1.0 mm."""
SMEARED_MM = 3.2
"""The same, where nothing else need be asked."""
COPY = 0.2
"""Signal over the sac's of a stripe that runs along the sac for 60 mm: a copy of it by motion."""
FEW_SLEEVES, HARDLY_ANY = 0.60, 0.35
"""Share of roots with a visible sleeve, below which blur or copies are taken for motion."""


@dataclass(frozen=True, slots=True)
class Sharpness:
    """How sharp one station shows the sac and its sleeves.

    Attributes
    ----------
    tail_mm
        How far outside its edge the sac's signal falls to a tenth, between sleeves, mm.
    copy
        Brightest stripe along the sac 4 to 25 mm beside it, over the sac's signal.
    visible
        Share of the station's roots, of both sides, whose sleeve is visible; 1 without roots.
    """

    tail_mm: float
    copy: float
    visible: float

    @property
    def moved(self) -> bool:
        """Return whether the patient moved so much that sleeves are smeared away.

        Blur alone may be the image's own; it is motion where sleeves are missing as well.
        """
        return (
            self.tail_mm >= SMEARED_MM
            or (self.tail_mm >= BLURRED_MM and self.visible < FEW_SLEEVES)
            or (self.copy >= COPY and self.tail_mm >= 1.0 and self.visible < HARDLY_ANY)
        )


def sharpness(spine: Spine) -> dict[int, Sharpness]:
    """Return the sharpness of every station that shows at least 60 mm of the sac, by its index."""
    station = station_along(spine)
    result = {}
    for index in np.unique(station[station >= 0]):
        rows = (station == index) & spine.sac.present
        if rows.sum() * STEP_MM < COPY_MM:
            continue
        sides = [_edge_and_copy(lateral.signal[rows], lateral.d_mm) for lateral in spine.laterals]
        seen = [
            place.visible
            for places in spine.roots
            for place in places
            if station[min(round(place.s_mm / STEP_MM), len(station) - 1)] == index
        ]
        result[int(index)] = Sharpness(
            float(np.mean([tail for tail, _ in sides])),
            max(copy for _, copy in sides),
            float(np.mean(seen)) if seen else 1.0,
        )
    return result


def station_along(spine: Spine) -> NDArray[np.int8]:
    """Return (N,) the station that shows the sac's midline at each place; -1 where none does."""
    index = spine.canvas.station
    row, column = np.round(spine.sac.curve.points).astype(np.intp).T
    inside = (row >= 0) & (row < index.shape[0]) & (column >= 0) & (column < index.shape[1])
    at = index[np.clip(row, 0, index.shape[0] - 1), np.clip(column, 0, index.shape[1] - 1)]
    return np.asarray(np.where(inside, at, -1), dtype=np.int8)


COPY_MM = 60.0
"""Length of stripe that is looked for, mm."""


def _edge_and_copy(signal: NDArray[np.float64], d_mm: NDArray[np.float64]) -> tuple[float, float]:
    """Return the tail of the sac's edge, mm, and the brightest stripe, of one side's rows.

    The 40th percentile over rows leaves the sleeves out.
    """
    each = round(2.0 / STEP_MM)
    thinned = signal[: len(signal) // each * each].reshape(-1, each, signal.shape[1]).mean(axis=1)
    smooth = gaussian_filter1d(thinned, 3.0 / STEP_MM / each, axis=0)
    profile = percentiles(smooth.T, 40.0)
    low = np.flatnonzero((profile < EDGE_TAIL) & (d_mm >= 0.0))
    tail = float(d_mm[low[0]]) if len(low) else float(d_mm[-1])
    length = round(COPY_MM / STEP_MM / each)
    beside = (d_mm > 4.0) & (d_mm < 25.0)
    starts = range(0, max(1, len(smooth) - length + 1), length // 2)
    stripes = [percentiles(smooth[a : a + length, beside].T, 40.0).max() for a in starts]
    return tail, float(max(stripes))


class Obstacle(StrEnum):
    """Why a root cannot be judged."""

    OUTSIDE = "not in the image"
    NO_SAC = "no sac signal"
    EDGE = "too near the image's edge"
    END = "too near where the sac's signal ends"
    NOISE = "too noisy"
    MOTION = "blurred by motion"

    @property
    def hides_signs(self) -> bool:
        """Return whether what looks like a sign there may be an artefact as well."""
        return self in (Obstacle.NOISE, Obstacle.MOTION)


@dataclass(frozen=True, slots=True)
class RootView:
    """Whether one root of one side can be judged; ``obstacle`` says why not."""

    segment: Segment
    side: Side
    obstacle: Obstacle | None


def unjudged_roots(views: Sequence[RootView]) -> dict[Segment, Obstacle]:
    """Return the roots that cannot be judged on one side or both, with the first obstacle."""
    obstacles: dict[Segment, Obstacle] = {}
    for view in views:
        if view.obstacle is not None:
            obstacles.setdefault(view.segment, view.obstacle)
    return obstacles


def names_off(spine: Spine) -> int:
    """Return by how many roots the names may be off: two in a single station without an anchor."""
    alone = len(spine.canvas.planes) == 1 and len(spine.sac.present) * STEP_MM < ALONE_MM
    return 2 if alone and not spine.chain.anchors_mm else 0


def region_gap(
    region: Region, formula: SpineFormula, obstacles: dict[Segment, Obstacle]
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


def view_roots(spine: Spine, stations: Mapping[int, Sharpness]) -> tuple[RootView, ...]:
    """Say of every root from C1 to S2, on both sides, whether it can be judged and why not.

    Parameters
    ----------
    spine
        The spine as seen.
    stations
        How sharp each station is, by its index.
    """
    sac = spine.sac
    station = station_along(spine)
    moved = {index for index, sharp in stations.items() if sharp.moved}
    above, beyond = round(ABOVE_MM / STEP_MM), round(BELOW_MM / STEP_MM)
    below = len(sac.present) - beyond
    views = []
    for lateral in spine.laterals:
        reach = lateral.column(MIN_LATERAL_MM)
        for segment, s in spine.chain.exits_mm.items():
            row = round(s / STEP_MM)
            obstacle: Obstacle | None = None
            if not 0 <= row < len(sac.present):
                obstacle = Obstacle.OUTSIDE
            elif not sac.present[row]:
                obstacle = Obstacle.NO_SAC
            elif not is_searched(sac, s):
                obstacle = Obstacle.END
            elif not (
                above <= row < below
                and sac.covered[row - above : row + beyond].all()
                and lateral.seen[row, :reach].all()
            ):
                obstacle = Obstacle.EDGE
            elif not 0.0 < lateral.noise[row] * MIN_SNR <= 1.0:
                obstacle = Obstacle.NOISE
            elif int(station[row]) in moved:
                obstacle = Obstacle.MOTION
            views.append(RootView(segment, lateral.side, obstacle))
    return tuple(views)


def is_searched(sac: Sac, s_mm: float) -> bool:
    """Return whether a root at a place along the sac can be searched: no end of the sac near.

    Where the sac opens into the skull, ends or loses its signal, its edges fray; where only the
    image ends they do not.
    """
    row = min(round(s_mm / STEP_MM), len(sac.present) - 1)
    far, near = round(END_MM / STEP_MM), round(ABOVE_MM / STEP_MM)
    frays = sac.covered & ~sac.present
    return bool(
        sac.present[max(0, row - near) : row + near].all()
        and not frays[max(0, row - far) : row + far].any()
    )


def judge_regions(
    formula: SpineFormula,
    views: Sequence[RootView],
    findings: Sequence[Finding],
    scores: Mapping[Region, float],
    names_off: int = 0,
) -> tuple[dict[Region, RegionReading], tuple[str, ...]]:
    """Give every region its highest grade, or the reason why it has none, and what to warn of.

    ``names_off`` is by how many roots names may be off: where the image ends within the thoracic
    region, so many roots more may lie outside. That is where one station hands over to the other.
    """
    obstacles = unjudged_roots(views)
    regions, warnings = {}, []
    for region in Region:
        grade = max(
            (f.grade for f in findings if f.region is region and f.grade is not None),
            default=Grade.NONE,
        )
        gap = region_gap(region, formula, obstacles)
        outside = any(obstacles[root] is Obstacle.OUTSIDE for root in gap)
        doubt = names_off if region is Region.THORACIC and outside else 0
        lost = len(gap) + doubt > MAX_GAP
        if lost and grade is Grade.NONE:
            which = str(gap[0]) if len(gap) == 1 else f"{gap[0]}-{gap[-1]}"
            reason = f"{which} cannot be judged: {obstacles[gap[0]]}"
            reason += f", and names may be off by {doubt} roots" if doubt else ""
            regions[region] = RegionReading(None, False, score=scores[region], reason=reason)
        else:
            regions[region] = RegionReading(grade, True, lost, scores[region])
        missed = [s for s in formula.segments if formula.region(s) is region and s in obstacles]
        if missed:
            listed = ", ".join(f"{s} ({obstacles[s]})" for s in missed)
            warnings.append(f"{region}: not judged: {listed}")
    return regions, tuple(warnings)
