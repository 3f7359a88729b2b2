"""Signs of leaks and mimics: candidates of one root put together, judged, graded and located."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from myeloscope.domain.anatomy import Segment, Side
from myeloscope.domain.grade import FindingKind, Grade
from myeloscope.domain.reading import Finding, PixelRef
from myeloscope.geometry.canvas import to_station
from myeloscope.grading.scale import MrmEvidence, grade_mrm
from myeloscope.myelography.candidates import DETACHED_MM, Candidate, find_candidates, prepare
from myeloscope.myelography.features import Features, measure_candidate, without_spot
from myeloscope.myelography.judge import Judgement, holds_cyst, is_round, judge, judge_round
from myeloscope.myelography.lateral import SIGN, FloatArray
from myeloscope.myelography.leak_score import leak_scores
from myeloscope.myelography.pieces import adjoins, within_reach
from myeloscope.myelography.quality import RootView, is_searched
from myeloscope.myelography.roots import expected_sleeve_mm
from myeloscope.myelography.sac import STEP_MM
from myeloscope.myelography.sites import Site, expansion_of, survey
from myeloscope.myelography.spine import Spine

LEAST_REST_MM2 = 12.0
"""Unexplained area beside a round outpouching from which on it is a piece of its own."""
REPORTED = 0.5
"""Score from which on a candidate is a sign."""


@dataclass(frozen=True, slots=True, eq=False)
class Sign:
    """A candidate, its features, what was measured of its site, and what it was judged to be."""

    candidate: Candidate
    features: Features
    measures: Mapping[str, float]
    judgement: Judgement

    @property
    def segment(self) -> Segment:
        """Return the root it lies at."""
        return self.candidate.root.segment

    @property
    def side(self) -> Side:
        """Return its side of the patient."""
        return self.candidate.root.side


def find_sites(spine: Spine) -> tuple[tuple[Site, ...], tuple[Sign, ...]]:
    """Return every root that can be searched as a site, and the round outpouchings as signs.

    Round pieces stand for themselves; all other pieces at one root of one side that begin near the
    sleeve, or go on from those, belong to its site. What is apart from them is other fluid, and no
    sign.
    """
    if not spine.roots[0]:
        return (), ()
    sides = prepare(spine.laterals, spine.roots)
    pieces: list[dict[int, list[Candidate]]] = []
    cysts: list[list[Candidate]] = []
    measured: dict[Candidate, Features] = {}
    rounds: list[Sign] = []
    for side in sides:
        at_roots: dict[int, list[Candidate]] = defaultdict(list)
        round_here = []
        for candidate in find_candidates(side):
            if not candidate.is_detached:
                features = measured[candidate] = measure_candidate(candidate)
                rest = None
                if holds_cyst(features):
                    candidate, rest = without_spot(candidate)
                    features = measure_candidate(candidate)
                if rest is not None or is_round(features):
                    round_here.append(candidate)
                    rounds.append(Sign(candidate, features, {}, judge_round(features)))
                    if rest is None or rest.area_mm2 < LEAST_REST_MM2:
                        continue
                    candidate = rest
            at_roots[side.roots.index(candidate.root)].append(candidate)
        belonging = {k: within_reach(group) for k, group in at_roots.items()}
        pieces.append({k: group for k, group in belonging.items() if group})
        cysts.append(round_here)
    sites = survey(sides, pieces, cysts, measured)
    usable = tuple(site for site in sites if is_searched(spine.sac, site.root.s_mm))
    return usable, tuple(
        sign for sign in rounds if is_searched(spine.sac, sign.candidate.root.s_mm)
    )


@dataclass(frozen=True, slots=True)
class Found:
    """What the search found.

    Attributes
    ----------
    signs
        Every site that is called a leak, and every round outpouching.
    scores
        Every root that was searched, of both sides, with its evidence for a leak.
    """

    signs: tuple[Sign, ...]
    scores: Mapping[tuple[Segment, Side], float]


def find_signs(spine: Spine, views: Sequence[RootView]) -> Found:
    """Score every root's site, and return those called a leak and every round outpouching.

    Where motion or noise hides what a sleeve is like, nothing is called: ``views`` says where.
    """
    hidden = {
        (view.segment, view.side)
        for view in views
        if view.obstacle is not None and view.obstacle.hides_signs
    }
    everywhere, outpouchings = find_sites(spine)
    sites = [site for site in everywhere if site.place not in hidden]
    rounds = [sign for sign in outpouchings if (sign.segment, sign.side) not in hidden]
    scores = leak_scores([site.measures for site in sites])
    scored = tuple(zip(sites, scores, strict=True))
    return Found(
        (*_called([(site, score) for site, score in scored if score >= REPORTED]), *rounds),
        {site.place: score for site, score in scored},
    )


def _called(scored: Sequence[tuple[Site, float]]) -> list[Sign]:
    """Return the sites called a leak as signs.

    A site that only exceeds its neighbours, without a piece of its own, is no second leak where
    its excess adjoins a called neighbour's piece: that leak's fluid runs into its corridor.
    """
    pieces = [site.candidate for site, _ in scored if site.candidate is not None]
    signs = []
    for site, score in scored:
        candidate = site.candidate or expansion_of(site)
        if candidate is None:
            continue
        if site.candidate is None and any(
            piece.side is site.side and adjoins(candidate, piece) for piece in pieces
        ):
            continue
        features = site.features or measure_candidate(candidate)
        signs.append(Sign(candidate, features, site.measures, judge(features, score)))
    return signs


def finding_of(sign: Sign, spine: Spine, study_uid: str, sop_uids: Sequence[str]) -> Finding:
    """Return a sign as a finding of the reading, graded by the published scale."""
    width = float(np.interp(sign.candidate.root.s_mm, spine.sac.curve.s_mm, spine.sac.width_mm))
    tip = expected_sleeve_mm(sign.candidate.root, (*spine.roots[0], *spine.roots[1]))
    extent = max(0.0, sign.features.reach - tip)
    evidence = MrmEvidence(
        sign.judgement.triangle,
        sign.judgement.lateral,
        extent,
        width,
    )
    leak = sign.judgement.kind is FindingKind.LEAK
    rule = grade_mrm(evidence)
    kind = sign.judgement.kind
    s, d = place_of(sign.candidate)
    position = spine.patient_mm(s, d, sign.side)[0]
    canvas_rc = spine.sac.curve.at(s, SIGN[sign.side] * (width / 2 + d))
    station, rc = to_station(spine.canvas, canvas_rc)
    formula = spine.chain.formula
    name = f"{study_uid}/{kind}/{sign.segment}/{sign.side}/{s[0]:.1f}/{d[0]:.1f}"
    return Finding(
        id=f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, name).int}",
        kind=kind,
        region=formula.region(sign.segment),
        segment=sign.segment,
        segment_range=_segment_range(sign, spine),
        side=sign.side,
        grade=rule.grade if leak else Grade.NONE,
        reach_mm=sign.features.reach,
        extent_mm=extent,
        sac_width_mm=width,
        ratio=extent / width,
        pattern=sign.judgement.patterns,
        rule=rule.name if leak else f"{kind}-alone",
        score=sign.judgement.score,
        position_mm=(float(position[0]), float(position[1]), float(position[2])),
        outline_mm=_outline(sign, spine),
        source=PixelRef(sop_uids[int(station[0])], float(rc[0, 0]), float(rc[0, 1])),
        evidence={**sign.features.as_record(), **sign.measures, "tip": tip, "extent": extent},
    )


def place_of(candidate: Candidate) -> tuple[FloatArray, FloatArray]:
    """Return (s, d) of where a candidate meets the sac or, detached, of its middle.

    What meets the sac near the root's exit, or begins where its sleeve ends, is placed at the
    exit; what meets the sac elsewhere at the middle of where it touches.
    """
    d = candidate.side.lateral.d_mm[candidate.columns]
    rows, columns = np.nonzero(candidate.region)
    s = (candidate.rows.start + rows) * STEP_MM
    near = d[columns] < 2.0
    exit_mm = candidate.root.s_mm
    if not near.any():
        if d[columns].min() <= candidate.root.normal.sleeve_mm + DETACHED_MM:
            return np.array([exit_mm]), np.array([0.0])
        return np.array([s.mean()]), np.array([d[columns].mean()])
    inside = s[near].min() - 8.0 <= exit_mm <= s[near].max() + 8.0
    return np.array([exit_mm if inside else float(s[near].mean())]), np.array([0.0])


def _segment_range(sign: Sign, spine: Spine) -> tuple[Segment, Segment] | None:
    """Return the neighbours among which the name may be wrong, if that is likelier than 1 in 5."""
    probability = spine.chain.shift_probability
    segments = list(spine.chain.exits_mm)
    at = segments.index(sign.segment)
    up = 1 if probability.get(-1, 0.0) + probability.get(-2, 0.0) > 0.1 else 0
    down = 1 if probability.get(1, 0.0) + probability.get(2, 0.0) > 0.1 else 0
    if not up and not down:
        return None
    return segments[max(0, at - up)], segments[min(len(segments) - 1, at + down)]


def _outline(sign: Sign, spine: Spine) -> tuple[tuple[float, float, float], ...]:
    """Return a sign's outline as a closed polygon in patient mm, one pair of points each mm."""
    candidate = sign.candidate
    d = candidate.side.lateral.d_mm[candidate.columns]
    used = np.flatnonzero(candidate.region.any(axis=1))[:: round(1.0 / STEP_MM)]
    s = (candidate.rows.start + used) * STEP_MM
    inner = d[candidate.region[used].argmax(axis=1)] - STEP_MM / 2
    outer = d[candidate.region.shape[1] - 1 - candidate.region[used][:, ::-1].argmax(axis=1)]
    points = spine.patient_mm(
        np.concatenate([s, s[::-1]]), np.concatenate([inner, outer[::-1] + STEP_MM / 2]), sign.side
    )
    return tuple((float(p[0]), float(p[1]), float(p[2])) for p in points)
