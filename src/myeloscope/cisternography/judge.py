"""What activity beside the canal is: the sign of a leak with its grades, or the puncture's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from myeloscope.cisternography.activity import Activity
from myeloscope.cisternography.bounds import BOUNDS, Bounds
from myeloscope.cisternography.canal import Canal
from myeloscope.cisternography.depth import Depth, depth_of
from myeloscope.cisternography.landmarks import Landmarks
from myeloscope.cisternography.signs import Spot
from myeloscope.domain.grade import FindingKind, Grade
from myeloscope.grading.scale import RicEvidence, grade_ric

PUNCTURE_RULE = "injection-site"
BESIDE_RULE = "dose-beside-sac"
UPPERMOST_RULE = "c1-c2"
DEPTH_RULE = "other-depth"
ABOVE_MM = -40.0
"""How far above the injection as it is found what came through the puncture may lie."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a spot is.

    Attributes
    ----------
    spot
        What was measured.
    kind
        ``leak``, or ``other-fluid`` for CSF that came through the puncture.
    grades
        At each time; ``None`` where the level could not be judged then.
    rule
        The scale's rule at its highest grade, or why it is no leak.
    onset
        Observed over expected activity in the first image; ``None`` where that says nothing.
    score
        Orders by evidence; 0.5 is at the bounds.
    depth
        Its depth against the canal's; ``None`` where one view is all there is.
    """

    spot: Spot
    kind: FindingKind
    grades: tuple[Grade | None, ...]
    rule: str
    onset: float | None
    score: float
    depth: Depth | None = None

    @property
    def grade(self) -> Grade:
        """Return the highest grade over the times."""
        return max((grade for grade in self.grades if grade is not None), default=Grade.NONE)


def judge(
    canal: Canal, activities: Sequence[Activity], landmarks: Landmarks, spot: Spot,
    *, beside: bool = False, bounds: Bounds = BOUNDS,
) -> Judgement:  # fmt: skip
    """Say what one spot is; ``beside``: part of the dose lies beside the sac at the injection."""
    onset = _onset(canal, activities, spot, bounds)
    near = landmarks.injection is not None and (
        -0.6 * bounds.near_mm < spot.s_mm - landmarks.injection[0] < bounds.near_mm
    )
    score = spot.evidence**2 / (1 + spot.evidence**2)
    depth = depth_of(canal, activities[spot.best], spot) if spot.evidence >= 1 else None
    if depth is not None and depth.away_mm() > bounds.depth_mm:
        grades = tuple(None if np.isnan(r) else Grade.NONE for r in spot.ratios)
        return Judgement(
            spot, FindingKind.OTHER_FLUID, grades, DEPTH_RULE, onset, 0.3 * score, depth
        )
    faint = float(np.nanmax(spot.ratios)) < bounds.hot
    least = bounds.fill_out_faint if faint else bounds.fill_out
    doubtful = onset is None or onset < bounds.fill_out_faint
    unseen = doubtful and faint and _late_below(activities, landmarks, spot, bounds)
    if (near and onset is not None and onset < least) or unseen:
        grades = tuple(None if np.isnan(r) else Grade.NONE for r in spot.ratios)
        return Judgement(spot, FindingKind.OTHER_FLUID, grades, PUNCTURE_RULE, onset, 0.3 * score)
    around = landmarks.injection is not None and (
        abs(spot.s_mm - landmarks.injection[0]) < bounds.beside_mm
    )
    if around and beside:
        grades = tuple(None if np.isnan(r) else Grade.NONE for r in spot.ratios)
        return Judgement(spot, FindingKind.OTHER_FLUID, grades, BESIDE_RULE, onset, 0.3 * score)
    rules = [_rule(spot, i, bounds) for i in range(len(spot.ratios))]
    found = tuple(None if rule is None else rule[0] for rule in rules)
    top = max((rule for rule in rules if rule is not None), default=(Grade.NONE, "no-activity"))
    return Judgement(spot, FindingKind.LEAK, found, top[1], onset, score, depth)


def not_uppermost(judged: Judgement) -> Judgement:
    """Return the judgement of activity named C1 or C2: it is listed, and no sign.

    Fluid behind C1-C2 is not where the leak is (J Neurosurg 2004;100:639), and cisterns end there.
    """
    if judged.kind is not FindingKind.LEAK:
        return judged
    grades = tuple(None if grade is None else Grade.NONE for grade in judged.grades)
    return replace(
        judged,
        kind=FindingKind.OTHER_FLUID,
        grades=grades,
        rule=UPPERMOST_RULE,
        score=0.3 * judged.score,
    )


def _late_below(
    activities: Sequence[Activity], landmarks: Landmarks, spot: Spot, bounds: Bounds
) -> bool:
    """Return whether activity beside or below the puncture came after the first hour.

    Where it is faint it may be a faint leak; but lumbosacral activity that is not there at 1 h is
    the puncture's own as a rule (PubMed 22990687), and is listed instead.
    """
    if landmarks.injection is None or activities[0].straight.moment.hours > bounds.early_h:
        return False
    below = spot.s_mm - landmarks.injection[0]
    unseen = spot.ratios[0] < bounds.faint or spot.certainties[0] < bounds.certain
    return bool(ABOVE_MM < below < bounds.near_mm and unseen)


def _rule(spot: Spot, index: int, bounds: Bounds) -> tuple[Grade, str] | None:
    """Return grade and rule at one time; ``None`` where the level could not be judged."""
    ratio, sure = spot.ratios[index], spot.certainties[index]
    if np.isnan(ratio) or np.isnan(sure):
        return None
    active = ratio >= bounds.faint and sure >= bounds.certain and spot.evidence >= 1.0
    rule = grade_ric(
        RicEvidence(active, active and ratio >= bounds.hot, spot.length_mm, spot.canal_mm)
    )
    return rule.grade, rule.name


def _onset(
    canal: Canal, activities: Sequence[Activity], spot: Spot, bounds: Bounds
) -> float | None:
    """Return how much of the activity expected in the first hours was there.

    A leak is fed from the canal beside it from the beginning: what is in it at a time is
    proportional to the canal's activity there summed over the time before. The time at which it is
    measured gives the factor, each earlier one of the first hours is held against it, its error
    added, so that doubt speaks for a leak; the least stands. ``None`` without an early image, or
    where too little would be expected to be seen.
    """
    hours = np.array([a.straight.moment.hours for a in activities])
    scale = np.array([a.straight.moment.scale for a in activities])
    row = int(np.abs(canal.s - spot.s_mm).argmin())
    level = np.array([float(a.canal[max(row - 2, 0) : row + 3].mean()) for a in activities]) * scale
    ratios, sure = np.array(spot.ratios), np.nan_to_num(spot.certainties)
    later = np.flatnonzero((hours > bounds.early_h) & (sure >= bounds.certain))
    if hours[0] > bounds.early_h or np.isnan(ratios[0]) or len(later) == 0:
        return None
    fed = np.concatenate([[level[0] * hours[0]], level[0] * hours[0] + np.cumsum(
        np.diff(hours) * 0.5 * (level[1:] + level[:-1]))])  # fmt: skip
    pool = np.nan_to_num(ratios) * level
    first = spot.best if spot.best in later else int(later[0])
    factor = pool[first] / max(fed[first], 1e-12)
    parts = []
    for early in range(first):
        expected = factor * fed[early]
        error = abs(pool[early]) / max(abs(sure[early]), 0.3) if sure[early] else 0.0
        error = max(error, 0.015 * level[early])
        if hours[early] <= bounds.early_bladder_h and expected >= 2.5 * error:
            parts.append(float((pool[early] + error) / expected))
    return min(parts, default=None)
