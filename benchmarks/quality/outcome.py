"""One study's reading beside its truth, as a record of numbers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.strangers.source import Source, make_study
from myeloscope.domain.anatomy import Region, Segment, Side
from myeloscope.domain.grade import FindingKind, Grade, Technique
from myeloscope.domain.image import Study
from myeloscope.domain.reading import Finding, Reading
from myeloscope.geometry.canvas import stitch
from myeloscope.myelography.leak_score import leak_scores
from myeloscope.myelography.read import read_study
from myeloscope.myelography.signs import find_sites
from myeloscope.myelography.spine import see_spine, station_noise
from myeloscope.phantom.truth import TrueFinding, Truth
from myeloscope.settings import ReadSettings

NEAR_MM = 12.0
"""A finding is the true one if it lies on the same side within this distance (issue's rule)."""
CYSTS = (FindingKind.PERINEURIAL_CYST, FindingKind.MENINGOCELE)


@dataclass(frozen=True, slots=True)
class LeakOutcome:
    """A true leak that an image shows, and whether a finding lies at it.

    ``brightness`` is its own over the sac's, ``score`` the highest of a root within 12 mm on its
    side, called a leak or not; 0 where none was searched.
    """

    region: str
    grade: int
    brightness: float
    found: bool
    score: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """One study's reading beside its truth."""

    seed: int
    difficulty: str
    variety: str
    snr: float
    positive_truth: bool
    visible_truth: bool
    positive: bool | None
    score: float
    grades_truth: tuple[int, ...]
    grades: tuple[int | None, ...]
    at_least: tuple[bool, ...]
    ruined: tuple[bool, ...]
    leaks: tuple[LeakOutcome, ...]
    false_scores: tuple[float, ...]
    false_leaks: int
    cysts: int
    cysts_called: int
    named: int
    unnamed: int
    named_exactly: int
    named_within_one: int
    extent_errors: tuple[float, ...]
    reach_errors: tuple[float, ...]
    width_errors: tuple[float, ...]


Sites = Mapping[Side, tuple[NDArray[np.float64], NDArray[np.float64]]]
"""Side -> patient positions (n, 3), mm, of the roots' exits, and their scores (n,)."""


def score_sites(study: Study) -> Sites:
    """Return the score of every root that was searched, called a leak or not."""
    canvas = stitch(study)
    spine = see_spine(canvas, station_noise(canvas, study), {})
    sites = () if spine is None else find_sites(spine)[0]
    scores = np.array(leak_scores([site.measures for site in sites]))
    found = {}
    for side in (Side.RIGHT, Side.LEFT):
        here = [k for k, site in enumerate(sites) if site.root.side is side]
        s = np.array([sites[k].root.s_mm for k in here])
        at = np.empty((0, 3)) if spine is None else spine.patient_mm(s, np.zeros_like(s), side)
        found[side] = (at.reshape(-1, 3), scores[here] if here else np.empty(0))
    return found


def compare(reading: Reading, truth: Truth, sites: Sites) -> Outcome:
    """Hold one reading, and the scores of all roots, against the truth."""
    grades = truth.grades[Technique.MRM]
    ruined = {item.region for item in truth.ruined}
    leaks = [f for f in truth.findings if f.kind is FindingKind.LEAK and f.station is not None]
    cysts = [f for f in truth.mimics if f.kind in CYSTS and f.station is not None]
    called = [f for f in reading.findings if f.kind is FindingKind.LEAK]
    pairs = [(t, f) for t in leaks for f in [_nearest(t, called)] if f is not None]
    matched = {f.id for _, f in pairs}
    false = [f for f in called if f.id not in matched and _nearest_truth(f, leaks) is None]
    on_cyst = [t for t in cysts for f in [_nearest(t, false)] if f is not None]
    shifts = _shifts(pairs, truth.formula.segments)
    return Outcome(
        seed=truth.seed,
        difficulty=truth.difficulty.level,
        variety=truth.variety,
        snr=truth.difficulty.sac_snr,
        positive_truth=truth.signs_mrm,
        visible_truth=any(grades[r] > Grade.NONE and r not in ruined for r in Region),
        positive=reading.positive,
        score=reading.score or 0.0,
        grades_truth=tuple(int(grades[r]) for r in Region),
        grades=tuple(None if g is None else int(g) for g in _grades(reading)),
        at_least=tuple(reading.regions[r].at_least for r in Region),
        ruined=tuple(r in ruined for r in Region),
        leaks=tuple(_leak(t, _nearest(t, called) is not None, sites) for t in leaks),
        false_scores=_false_scores(leaks, sites),
        false_leaks=len(false),
        cysts=len(cysts),
        cysts_called=len(on_cyst),
        named=len(shifts),
        unnamed=sum(f.segment is None for _, f in pairs),
        named_exactly=sum(shift == 0 for shift in shifts),
        named_within_one=sum(shift <= 1 for shift in shifts),
        extent_errors=tuple((f.extent_mm or 0.0) - t.extent_mm for t, f in pairs),
        reach_errors=tuple((f.reach_mm or 0.0) - t.reach_mm for t, f in pairs),
        width_errors=tuple(_width_errors(reading, truth)),
    )


def _shifts(pairs: Sequence[tuple[TrueFinding, Finding]], order: Sequence[Segment]) -> list[int]:
    """Return by how many roots each finding's name is off."""
    return [
        abs(order.index(f.segment) - order.index(t.segment))
        for t, f in pairs
        if f.segment is not None and f.segment in order
    ]


def _leak(true: TrueFinding, found: bool, sites: Sites) -> LeakOutcome:
    at, scores = sites.get(true.side, (np.empty((0, 3)), np.empty(0)))
    near = _apart(at, true) <= NEAR_MM
    return LeakOutcome(
        str(true.region),
        int(true.grade or 0),
        true.brightness,
        found,
        float(scores[near].max(initial=0.0)),
    )


def _false_scores(leaks: Sequence[TrueFinding], sites: Sites) -> tuple[float, ...]:
    """Return the scores of the roots at which nothing leaks, from 0.01 on."""
    kept: list[float] = []
    for side, (at, scores) in sites.items():
        normal = scores >= 0.01
        for true in leaks:
            if true.side is side:
                normal &= _apart(at, true) > NEAR_MM
        kept += scores[normal].tolist()
    return tuple(kept)


def _apart(at: NDArray[np.float64], true: TrueFinding) -> NDArray[np.float64]:
    return np.asarray(np.hypot(at[:, 0] - true.position_mm[0], at[:, 2] - true.position_mm[2]))


def _grades(reading: Reading) -> list[Grade | None]:
    return [reading.regions[region].grade for region in Region]


def _distance(a: Sequence[float | None], b: Sequence[float | None]) -> float:
    """Return the distance in the coronal plane, mm: a projection knows no depth."""
    return float(np.hypot((a[0] or 0) - (b[0] or 0), (a[2] or 0) - (b[2] or 0)))


def _nearest(true: TrueFinding, called: Sequence[Finding]) -> Finding | None:
    near = [
        (distance, f)
        for f in called
        for distance in [_distance(true.position_mm, f.position_mm)]
        if f.side is true.side and distance <= NEAR_MM
    ]
    return min(near, key=lambda pair: pair[0])[1] if near else None


def _nearest_truth(found: Finding, leaks: Sequence[TrueFinding]) -> TrueFinding | None:
    near = [
        t
        for t in leaks
        if t.side is found.side and _distance(t.position_mm, found.position_mm) <= NEAR_MM
    ]
    return near[0] if near else None


def _width_errors(reading: Reading, truth: Truth) -> list[float]:
    if not reading.sac:
        return []
    z = np.array([p.position_mm[2] or 0.0 for p in reading.sac])
    width = np.array([p.width_mm for p in reading.sac])
    order = np.argsort(z)
    seen = [p for p in truth.sac if p.station is not None and z.min() < p.position_mm[2] < z.max()]
    return [
        float(np.interp(p.position_mm[2], z[order], width[order]) - p.width_mm)
        for p in seen
        if p.width_mm > 8.0
    ]


def anchors_of(truth: Truth, named: Collection[Segment]) -> dict[Segment, float]:
    """Return the roots a person would name: the z at which each leaves the sac, where it is seen.

    It is read off the image once, so that both sides have one height: their mean, mm.
    """
    return {
        segment: float(np.mean([root.position_mm[2] for root in here]))
        for segment in named
        if (here := [r for r in truth.roots if r.segment is segment and r.in_view])
    }


def run_one(
    seed: int, source: Source = Source.PHANTOM, anchors: Collection[Segment] = ()
) -> Outcome:
    """Make, read and compare one study, with the roots ``anchors`` named by the user."""
    study, truth = make_study(source, seed)
    settings = ReadSettings(anchors=anchors_of(truth, anchors))
    return compare(read_study(study, settings), truth, score_sites(study))
