"""Signs of leaks and mimics: candidates of one root put together, judged, graded and located."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from myeloscope.domain.anatomy import Segment, Side
from myeloscope.domain.grade import FindingKind, Grade
from myeloscope.domain.reading import Finding, PixelRef
from myeloscope.geometry.canvas import to_station
from myeloscope.grading.scale import MrmEvidence, grade_mrm
from myeloscope.myelography.candidates import Candidate, find_candidates, join, prepare
from myeloscope.myelography.features import Features, measure_candidate
from myeloscope.myelography.judge import Judgement, judge
from myeloscope.myelography.lateral import SIGN, FloatArray
from myeloscope.myelography.quality import MIN_SNR
from myeloscope.myelography.sac import STEP_MM, Sac
from myeloscope.myelography.spine import Spine

END_MM = 12.0
"""Roots this near the upper or lower end of the sac are not searched for leaks, mm."""
REPORTED = 0.5
"""Score from which on a candidate is a sign."""


@dataclass(frozen=True, slots=True, eq=False)
class Sign:
    """A candidate with its features and what it was judged to be."""

    candidate: Candidate
    features: Features
    judgement: Judgement

    @property
    def segment(self) -> Segment:
        """Return the root it lies at."""
        return self.candidate.root.segment

    @property
    def side(self) -> Side:
        """Return its side of the patient."""
        return self.candidate.root.side


def find_signs(spine: Spine) -> tuple[Sign, ...]:
    """Return everything beside the sac that normal sleeves do not explain, judged.

    Round pieces stand for themselves; all other pieces at one root of one side are one sign, if
    any of them begins near the sleeve. What begins apart from every sleeve is other fluid, and no
    sign.
    """
    signs: list[Sign] = []
    if not spine.roots[0]:
        return ()
    for side in prepare(spine.laterals, spine.roots):
        groups: dict[Segment, list[Candidate]] = defaultdict(list)
        for candidate in find_candidates(side):
            if _too_noisy(candidate) or _at_end(candidate, spine.sac):
                continue
            if not candidate.is_detached:
                sign = _judged(candidate)
                if sign.judgement.kind is not FindingKind.LEAK:
                    signs.append(sign)
                    continue
            groups[candidate.root.segment].append(candidate)
        for group in groups.values():
            if not all(candidate.is_detached for candidate in group):
                signs.append(_judged(group[0] if len(group) == 1 else join(group)))
    return tuple(signs)


def _too_noisy(candidate: Candidate) -> bool:
    """Return whether the sac's signal at the root is too near the noise to measure against."""
    noise = candidate.side.lateral.noise
    row = min(round(candidate.root.s_mm / STEP_MM), len(noise) - 1)
    return bool(noise[row] * MIN_SNR > 1.0)


def _at_end(candidate: Candidate, sac: Sac) -> bool:
    """Return whether a root lies at the skull's opening or the sac's end, where edges fray."""
    row = round(candidate.root.s_mm / STEP_MM)
    margin = round(END_MM / STEP_MM)
    present = np.flatnonzero(sac.present)
    opens = present[0] > 0 and row - present[0] < margin
    ends = present[-1] < len(sac.present) - 1 and present[-1] - row < margin
    return bool(opens or ends)


def _judged(candidate: Candidate) -> Sign:
    features = measure_candidate(candidate)
    return Sign(candidate, features, judge(features))


def finding_of(sign: Sign, spine: Spine, study_uid: str, sop_uids: Sequence[str]) -> Finding:
    """Return a sign as a finding of the reading, graded by the published scale."""
    width = float(np.interp(sign.candidate.root.s_mm, spine.sac.curve.s_mm, spine.sac.width_mm))
    extent = sign.features.extent
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
        evidence=sign.features.as_record(),
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
    if not near.any():
        if d[columns].min() <= candidate.root.normal.sleeve_mm + 4.0:
            return np.array([candidate.root.s_mm]), np.array([0.0])
        return np.array([s.mean()]), np.array([d[columns].mean()])
    touch = float(s[near].mean())
    exit_mm = candidate.root.s_mm
    inside = s[near].min() - 4.0 <= exit_mm <= s[near].max() + 4.0
    return np.array([exit_mm if inside else touch]), np.array([0.0])


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
