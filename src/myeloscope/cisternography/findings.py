"""A judged spot as a finding of the reading, placed in the image that shows it best."""

from __future__ import annotations

import hashlib

import numpy as np

from myeloscope.cisternography.bounds import BOUNDS
from myeloscope.cisternography.canal import Canal
from myeloscope.cisternography.judge import Judgement
from myeloscope.cisternography.levels import Ladder
from myeloscope.cisternography.planar import nuclear
from myeloscope.cisternography.signs import Spot
from myeloscope.domain.anatomy import Segment, Side
from myeloscope.domain.grade import FindingKind
from myeloscope.domain.image import Study
from myeloscope.domain.reading import Finding, PixelRef, Position
from myeloscope.domain.scintigraphy import View
from myeloscope.geometry.plane import to_pixel


def finding_of(study: Study, canal: Canal, ladder: Ladder, judged: Judgement) -> Finding:
    """Return the finding; its position is in the detector's plane of its source image."""
    spot = judged.spot
    straight = canal.times[spot.best]
    moment = straight.moment
    views = [nuclear(study.stations[i]).view for i in moment.stations]
    # the spine lies nearer to the posterior detector
    chosen = views.index(View.POSTERIOR) if View.POSTERIOR in views else 0
    if moment.flipped and chosen > 0:
        chosen = 0
    station = study.stations[moment.stations[chosen]]
    place = _place(canal, spot.best, spot.s_mm, spot.q_mm)
    outline = _outline(canal, judged)
    row, column = to_pixel(station.geometry, np.array([[place[0] or 0, 0.0, place[2] or 0]]))[0]
    segment = root_of(ladder, spot)
    leak = judged.kind is FindingKind.LEAK
    side = (Side.LEFT if spot.sign > 0 else Side.RIGHT) if moment.sided else Side.UNKNOWN
    name = f"{study.uid}/ric/{segment}/{spot.sign}/{spot.s_mm:.1f}"
    digest = hashlib.sha256(name.encode()).digest()[:16]
    reach = abs(spot.q_mm) - spot.canal_mm / 2 + spot.length_mm / 2
    return Finding(
        id=f"2.25.{int.from_bytes(digest, 'big')}",
        kind=judged.kind,
        region=ladder.formula.region(segment),
        segment=segment,
        segment_range=_span(ladder, spot),
        side=side,
        grade=judged.grade if leak else None,
        reach_mm=max(reach, 0.0),
        extent_mm=spot.length_mm,
        sac_width_mm=spot.canal_mm,
        ratio=spot.length_mm / spot.canal_mm,
        pattern=(),
        rule=judged.rule,
        score=judged.score,
        position_mm=place,
        outline_mm=outline,
        source=PixelRef(station.sop_uid, float(row), float(column), station.frame),
        evidence=_evidence(canal, judged),
    )


def root_of(ladder: Ladder, spot: Spot) -> Segment:
    """Return the root that a spot belongs to."""
    return ladder.root_of(spot.s_mm, max(abs(spot.q_mm) - 0.5 * spot.canal_mm, 0.0))


def uppermost(ladder: Ladder, spot: Spot) -> bool:
    """Return whether a spot is named C1, lies at C1-C2 for sure, or is faint and named C2."""
    upper = (Segment.C1, Segment.C2)
    named = root_of(ladder, spot)
    faint = float(np.nanmax(spot.ratios)) < BOUNDS.hot
    return named is Segment.C1 or (faint and named in upper) or _span(ladder, spot)[1] in upper


def sacral(ladder: Ladder, spot: Spot) -> bool:
    """Return whether a spot is named by a sacral root."""
    return root_of(ladder, spot).value.startswith("S")


def _span(ladder: Ladder, spot: Spot) -> tuple[Segment, Segment]:
    """Return the roots that one SD of the naming leaves open."""
    sd = ladder.sd_mm[root_of(ladder, spot)]
    aside = max(abs(spot.q_mm) - 0.5 * spot.canal_mm, 0.0)
    return ladder.root_of(spot.s_mm - sd, aside), ladder.root_of(spot.s_mm + sd, aside)


def _place(canal: Canal, time: int, s: float, q: float) -> Position:
    straight = canal.times[time]
    axis = float(np.interp(s, canal.s, straight.axis))
    height = float(np.interp(s, canal.s, straight.z))
    return (axis + q, None, height)


def _outline(canal: Canal, judged: Judgement) -> tuple[Position, ...]:
    """Return the box of the spot's half maximum, as an ellipse of 16 corners."""
    spot = judged.spot
    middle = 0.5 * (spot.low_mm + spot.high_mm)
    along = 0.5 * max(spot.high_mm - spot.low_mm, 10.0) + 3.0
    across = 0.5 * spot.length_mm + 3.0
    angles = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    return tuple(
        _place(
            canal,
            spot.best,
            middle + along * float(np.sin(a)),
            spot.q_mm + across * float(np.cos(a)),
        )
        for a in angles
    )


def _evidence(canal: Canal, judged: Judgement) -> dict[str, float]:
    """Return what was measured at each time, by name."""
    made: dict[str, float] = {"time": float(judged.spot.best + 1), "evidence": judged.spot.evidence}
    for number, straight in enumerate(canal.times, start=1):
        made[f"hours_{number}"] = straight.moment.hours
        ratio, sure = judged.spot.ratios[number - 1], judged.spot.certainties[number - 1]
        if np.isfinite(ratio):
            made[f"ratio_{number}"] = ratio
        if np.isfinite(sure):
            made[f"certainty_{number}"] = sure
        grade = judged.grades[number - 1]
        if grade is not None:
            made[f"grade_{number}"] = float(grade)
    if judged.onset is not None:
        made["onset"] = judged.onset
    if judged.depth is not None:
        made["depth_mm"] = judged.depth.middle_mm
    return made
