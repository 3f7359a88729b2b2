"""What activity beside the canal is: the sign of a leak with its grades, or the puncture's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from myeloscope.cisternography.activity import Activity
from myeloscope.cisternography.bounds import BOUNDS, Bounds
from myeloscope.cisternography.canal import Canal
from myeloscope.cisternography.depth import Depth, depth_over
from myeloscope.cisternography.kinetics import in_balance, onset_of
from myeloscope.cisternography.landmarks import Landmarks
from myeloscope.cisternography.signs import LEAST_WIDTH_MM, TAPER_MM, Spot, ends_of
from myeloscope.domain.grade import FindingKind, Grade
from myeloscope.grading.scale import RicEvidence, grade_ric

PUNCTURE_RULE = "injection-site"
BESIDE_RULE = "dose-beside-sac"
UPPERMOST_RULE = "c1-c2"
SACRAL_RULE = "sacral-cyst"
DEPTH_RULE = "other-depth"
BALANCE_RULE = "in-balance"
CYSTS = {BALANCE_RULE: FindingKind.MENINGOCELE, SACRAL_RULE: FindingKind.PERINEURIAL_CYST}
"""Kinds of what is no leak by a rule; by all others it is other fluid."""
ABOVE_MM = -40.0
"""How far above the injection as it is found what came through the puncture may lie."""
PAIRED_MM = 20.0
"""How far along the canal two spots lie at most that are one thing on both sides."""
OUTFLOW_MM = 60.0
"""How far along the canal what came through the puncture spreads from where it is told by its
course: two vertebrae (traces of punctures lie within three, Brain 2015, PMC4614121)."""
ORGAN_MM = 40.0
"""How far along the canal from what is told to be an organ the rest of it lies: half of a
stomach's height, a lobe of the thyroid's."""
OUTFLOW_ONSET = 2.0
"""Observed over expected activity in the first hours from which on it was there all the time."""


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
    onset = onset_of(canal, activities, spot, bounds)
    score = spot.evidence**2 / (1 + spot.evidence**2)
    depth = depth_over(canal, activities, spot) if spot.evidence >= 1 else None
    rules = [_rule(spot, i, bounds) for i in range(len(spot.ratios))]
    found = tuple(None if rule is None else rule[0] for rule in rules)
    top = max((rule for rule in rules if rule is not None), default=(Grade.NONE, "no-activity"))
    made = Judgement(spot, FindingKind.LEAK, found, top[1], onset, score, depth)
    around = landmarks.injection is not None and (
        abs(spot.s_mm - landmarks.injection[0]) < bounds.beside_mm
    )
    lungs = landmarks.lungs
    in_chest = lungs is not None and lungs[0] <= spot.s_mm <= lungs[1]
    if depth is not None and depth.elsewhere(bounds, lungs=in_chest):
        return no_leak(made, DEPTH_RULE)
    if _came_late(activities, landmarks, made, bounds):
        return no_leak(made, PUNCTURE_RULE)
    if around and beside:
        return no_leak(made, BESIDE_RULE)
    compact = spot.length_mm <= spot.canal_mm
    if made.grade > Grade.NONE and compact and in_balance(canal, activities, spot, bounds):
        return no_leak(made, BALANCE_RULE)
    return made


def no_leak(judged: Judgement, rule: str) -> Judgement:
    """Return the judgement of what is listed and no sign, by a rule."""
    if judged.kind is not FindingKind.LEAK:
        return judged
    kind = CYSTS.get(rule, FindingKind.OTHER_FLUID)
    grades = tuple(None if grade is None else Grade.NONE for grade in judged.grades)
    return replace(judged, kind=kind, grades=grades, rule=rule, score=0.3 * judged.score)


def one_outflow(
    canal: Canal, activities: Sequence[Activity], landmarks: Landmarks,
    judgements: Sequence[Judgement], bounds: Bounds = BOUNDS,
) -> list[Judgement]:  # fmt: skip
    """Return the judgements, faint late activity around the puncture's own judged with it.

    What comes through the puncture spreads along the sac on both sides: it is told by its course,
    or makes the sac's rows wide that were a canal's in the first image.
    """
    own = [
        j.spot.s_mm for j in judgements if j.rule == PUNCTURE_RULE and j.spot.evidence >= 1.0
    ]  # fmt: skip
    own += _widened(canal, activities, landmarks, bounds)

    def with_it(judged: Judgement) -> bool:
        late = judged.onset is None or judged.onset < OUTFLOW_ONSET
        near = any(abs(judged.spot.s_mm - at) <= OUTFLOW_MM for at in own)
        return near and late and _faint(judged.spot, bounds) and _unseen_first(judged.spot, bounds)

    return [no_leak(j, PUNCTURE_RULE) if with_it(j) else j for j in judgements]


def one_organ(judgements: Sequence[Judgement], bounds: Bounds = BOUNDS) -> list[Judgement]:
    """Return the judgements, faint late activity amid an organ's judged with it.

    Thyroid and stomach are seen in several places along the canal, of which the faintest leave the
    depth open.
    """
    organs = [j.spot for j in judgements if j.rule == DEPTH_RULE and j.spot.evidence >= 1.0]

    def with_it(judged: Judgement) -> bool:
        spot, depth = judged.spot, judged.depth
        near = any(
            organ.sign == spot.sign and abs(organ.s_mm - spot.s_mm) <= ORGAN_MM for organ in organs
        )
        late = _faint(spot, bounds) and _unseen_first(spot, bounds)
        return near and late and depth is not None and depth.may_be_organ(bounds)

    return [no_leak(j, DEPTH_RULE) if with_it(j) else j for j in judgements]


def _widened(
    canal: Canal, activities: Sequence[Activity], landmarks: Landmarks, bounds: Bounds
) -> list[float]:
    """Return the places around the injection that became wide on both sides, mm."""
    if landmarks.injection is None:
        return []
    _, bottom = ends_of(canal, activities, landmarks)
    near = np.abs(canal.s - landmarks.injection[0]) < bounds.beside_mm
    near &= (canal.s < bottom - TAPER_MM) & activities[0].valid
    late = np.any([activity.wide for activity in activities[1:]], axis=0)
    return [float(at) for at in canal.s[near & late]]


def without_end(
    canal: Canal, activities: Sequence[Activity], landmarks: Landmarks,
    judgements: Sequence[Judgement], bounds: Bounds = BOUNDS,
) -> list[Judgement]:  # fmt: skip
    """Return the judgements without what lies beside the sac's tapering end and is not surely more.

    There the canal's profile changes from row to row, the bladder rises and the puncture's own
    activity gathers. A leak is on one side, beside a sac still as wide as a camera shows it, and
    was fed from the beginning.
    """
    _, bottom = ends_of(canal, activities, landmarks)

    def stays(judged: Judgement) -> bool:
        spot = judged.spot
        if spot.s_mm <= bottom - TAPER_MM:
            return True
        fed = judged.onset is not None and judged.onset >= bounds.fill_out_faint
        paired = any(
            j.spot.sign != spot.sign
            and abs(j.spot.s_mm - spot.s_mm) <= PAIRED_MM
            and j.spot.evidence >= 0.5 * spot.evidence
            for j in judgements
        )
        wide = spot.canal_mm >= LEAST_WIDTH_MM
        return judged.kind is FindingKind.LEAK and fed and wide and not paired

    return [judged for judged in judgements if stays(judged)]


def not_uppermost(judged: Judgement) -> Judgement:
    """Return the judgement of activity named C1 or C2: it is listed, and no sign.

    Fluid behind C1-C2 is not where the leak is (J Neurosurg 2004;100:639), and cisterns end there.
    """
    return no_leak(judged, UPPERMOST_RULE)


def not_sacral(judged: Judgement, bounds: Bounds = BOUNDS) -> Judgement:
    """Return the judgement of activity below L5: what is faint, late and short is a cyst there.

    Perineurial cysts lie on the sacral roots and fill over hours (Tarlov 1970, J Neurol Neurosurg
    Psychiatry 33:833); leaks are rare below L5.
    """
    spot = judged.spot
    late = _faint(spot, bounds) and _unseen_first(spot, bounds)
    short = spot.length_mm <= spot.canal_mm
    return no_leak(judged, SACRAL_RULE) if late and short else judged


def _faint(spot: Spot, bounds: Bounds) -> bool:
    return float(np.nanmax(spot.ratios)) < bounds.hot


def _unseen_first(spot: Spot, bounds: Bounds) -> bool:
    """Return whether the first image does not show a spot for certain."""
    return spot.ratios[0] < bounds.faint or spot.certainties[0] < bounds.certain


def _came_late(
    activities: Sequence[Activity], landmarks: Landmarks, judged: Judgement, bounds: Bounds
) -> bool:
    """Return whether activity around the puncture came late: CSF that leaks through it.

    Where it is faint and beside or below the puncture it may be a faint leak; but lumbosacral
    activity that is not there at 1 h is the puncture's own as a rule (PubMed 22990687).
    """
    if landmarks.injection is None:
        return False
    spot, onset = judged.spot, judged.onset
    below = spot.s_mm - landmarks.injection[0]
    faint = _faint(spot, bounds)
    least = bounds.fill_out_faint if faint else bounds.fill_out
    if -0.6 * bounds.near_mm < below < bounds.near_mm and onset is not None and onset < least:
        return True
    early = activities[0].straight.moment.hours <= bounds.early_h
    doubtful = onset is None or onset < bounds.fill_out_faint
    beside = ABOVE_MM < below < bounds.near_mm
    return early and doubtful and faint and beside and _unseen_first(spot, bounds)


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
