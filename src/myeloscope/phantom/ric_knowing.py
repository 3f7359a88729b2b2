"""Work out the truth of a cisternography phantom from its scene; counts are never looked at."""

from __future__ import annotations

import numpy as np

from myeloscope.domain.anatomy import Region, Segment
from myeloscope.domain.grade import FindingKind, Grade, Technique
from myeloscope.domain.image import Station, Study
from myeloscope.domain.scintigraphy import View
from myeloscope.phantom.gamma_camera import Pose
from myeloscope.phantom.pools import Pool
from myeloscope.phantom.ric_scene import RicScene, fwhm_at
from myeloscope.phantom.ric_spec import RicRuin, RicSpec
from myeloscope.phantom.ric_truth import (
    PlanarPoint,
    RicDifficulty,
    RicTruth,
    TrueActivity,
    TrueShot,
    TrueSpot,
)
from myeloscope.phantom.sleeves import exit_point
from myeloscope.phantom.spine import Floats
from myeloscope.phantom.truth import RuinedRegion

LEAST_COUNTS = 120.0
"""Expected counts of the canal in a square of the resolution's size, in one view, below which a
faint sign there drowns in Poisson noise: a third of the canal's activity beside as much again
of background and the canal's own edge, 40 over sqrt(80) counts, is 4.5 standard deviations."""
LEAST_SHARE = 0.02
"""The same as a part of the brightest canal's at that time: below it scatter covers the canal."""
LIMIT_ADJACENT = 2
EARLY_H, EARLY_SHARE = 2.6, 0.02


def know_ric(spec: RicSpec, made: RicScene, study: Study) -> RicTruth:
    """Return everything known about a cisternography phantom."""
    plan = made.plan
    hours = tuple(sorted({shot.hours for shot in plan.shots}))
    times = [plan.planned.index(at) for at in hours]
    activities = [_activity(spec, made, study, index, times) for index in range(len(made.pools))]
    findings = tuple(a for a in activities if a.kind is FindingKind.LEAK)
    by_time = {region: _region_times(findings, region, len(hours)) for region in Region}
    grades = {region: max(by_time[region]) for region in Region}
    bladder = made.courses.extra["bladder"]
    early = [float(bladder[t]) for t, at in zip(times, hours, strict=True) if at <= EARLY_H]
    return RicTruth(
        seed=spec.person.seed,
        study_uid=study.uid,
        arm=spec.person.arm.value,
        variety=spec.person.variety.value,
        signs_mrm=made.mrm.signs_mrm,
        signs_ric=any(grades.values()),
        grades={Technique.MRM: made.mrm.grades[Technique.MRM], Technique.RIC: grades},
        hours=hours,
        by_time=by_time,
        findings=findings,
        mimics=tuple(a for a in activities if a.kind is not FindingKind.LEAK),
        other_activity=_spots(made, study),
        ruined=tuple(_ruined(made)),
        ruin=plan.ruin.value,
        packing=plan.packing.value,
        dose_mbq=plan.dose_mbq,
        injection_segment=_nearest_segment(made, made.kinetics.injection_s),
        slow_ascent=plan.ruin is RicRuin.SLOW_ASCENT,
        early_bladder=max(early, default=0.0) > EARLY_SHARE,
        difficulty=_difficulty(spec, study, findings),
        formula=made.body.spine.formula,
        shots=tuple(
            _shot(made, station, shot.pose, shot.view, shot.hours)
            for station, shot in zip(study.stations, plan.shots, strict=True)
        ),
        age_years=made.mrm.age_years,
        sex=made.mrm.sex,
    )


def _region_times(
    findings: tuple[TrueActivity, ...], region: Region, count: int
) -> tuple[Grade, ...]:
    """Return a region's highest grade at each time."""
    here = [finding for finding in findings if finding.region is region]
    return tuple(max((f.grades[i] for f in here), default=Grade.NONE) for i in range(count))


def _difficulty(spec: RicSpec, study: Study, findings: tuple[TrueActivity, ...]) -> RicDifficulty:
    """Return the difficulty in numbers."""
    bright = [max(finding.ratios) for finding in findings]
    counts = float(max(station.pixels.sum() for station in study.stations))
    level = spec.person.difficulty.value
    return RicDifficulty(level, counts, float(np.mean(bright)) if bright else 0.0)


def _activity(
    spec: RicSpec, made: RicScene, study: Study, index: int, times: list[int]
) -> TrueActivity:
    """Return the record of a leak or cyst."""
    pool = made.pools[index]
    every = pool.ratios(made.courses, index)
    ratios = tuple(float(every[t]) for t in times)
    grades = tuple(pool.grade(ratio) for ratio in ratios)
    best = made.plan.planned[times[int(np.argmax(ratios))]]
    shot = next(i for i, shot in enumerate(made.plan.shots) if shot.hours == best)
    kind = FindingKind.LEAK if pool.mimic is None else pool.mimic.kind
    return TrueActivity(
        id=f"{spec.person.seed}-ric-{index + 1}",
        kind=kind,
        region=made.body.spine.formula.region(pool.sleeve.segment),
        segment=pool.sleeve.segment,
        side=made.body.side(pool.sleeve.left),
        grade=max(grades),
        length_mm=pool.length,
        canal_mm=pool.canal,
        ratios=ratios,
        grades=grades,
        position_mm=_planar(made.plan.shots[shot].pose, _middle(made, pool)),
        sop_uid=study.stations[shot].sop_uid,
    )


def _middle(made: RicScene, pool: Pool) -> Floats:
    return np.asarray(made.points(pool.s, pool.q, pool.w).mean(axis=0))


def _planar(pose: Pose, point: Floats) -> PlanarPoint:
    placed = pose.of(point[None])[0]
    return float(placed[0]), None, float(placed[2])


def _spots(made: RicScene, study: Study) -> tuple[TrueSpot, ...]:
    """Return kidneys, bladder, injection site and epidural dose as seen in the last image."""
    pose = made.plan.shots[-1].pose
    turn = np.array([made.body.flip, 1.0, 1.0])
    spots = []
    names = ("kidneys", "bladder", "puncture", "epidural", "thyroid", "stomach")
    lit = [(n, float(made.courses.extra[n].max()), made.organs[n].points) for n in names]
    lit += [(stray.name, stray.share, stray.points) for stray in made.strays]
    for name, share, every in lit:
        if share < 1e-4:
            continue
        points = every * turn
        middle = points[:, 0].mean()
        parts = [points]
        if name == "kidneys":
            parts = [points[points[:, 0] > middle], points[points[:, 0] <= middle]]
        for part in parts:
            placed = pose.of(part)[:, [0, 2]]
            at = placed.mean(axis=0)
            radius = float(np.percentile(np.linalg.norm(placed - at, axis=1), 90))
            spots.append(TrueSpot(name, (float(at[0]), None, float(at[1])), radius, share))
    return tuple(spots)


def _nearest_segment(made: RicScene, s: float) -> Segment:
    spine = made.body.spine
    return min(spine.formula.segments[:-2], key=lambda segment: abs(exit_point(segment, spine) - s))


def _root_points(made: RicScene) -> dict[Segment, Floats]:
    """Return the sac's middle where each root leaves it, LPS mm."""
    spine = made.body.spine
    points = {}
    for segment in spine.formula.segments[:-2]:
        at = np.array([exit_point(segment, spine)])
        points[segment] = made.points(at, np.zeros(1), np.zeros(1))[0]
    return points


def _shot(made: RicScene, station: Station, pose: Pose, view: View, hours: float) -> TrueShot:
    roots = {segment: _planar(pose, point) for segment, point in _root_points(made).items()}
    turn = float(np.degrees(pose.turn))
    return TrueShot(station.sop_uid, station.frame, view.value, hours, turn, roots)


def _ruined(made: RicScene) -> list[RuinedRegion]:
    """Return the regions of which more than two adjacent roots of C4-L5 cannot be judged."""
    formula = made.body.spine.formula
    segments = formula.segments
    counted = segments[segments.index(Segment.C4) : segments.index(Segment.S1)]
    reasons = {segment: reason for segment in counted if (reason := _obstacle(made, segment))}
    ruined = []
    for region in Region:
        if region is Region.LUMBAR and made.plan.ruin is RicRuin.INFILTRATED:
            ruined.append(RuinedRegion(region, "dose beside the sac", ()))
            continue
        run: list[Segment] = []
        worst: list[Segment] = []
        for segment in (s for s in counted if formula.region(s) is region):
            run = [*run, segment] if segment in reasons else []
            worst = max(worst, run, key=len)
        if len(worst) > LIMIT_ADJACENT:
            ruined.append(RuinedRegion(region, reasons[worst[0]], tuple(worst)))
    return ruined


def _obstacle(made: RicScene, segment: Segment) -> str | None:
    """Return why a root cannot be judged at any time, or ``None``."""
    plan, camera = made.plan, made.plan.camera
    s = exit_point(segment, made.body.spine)
    point = made.points(np.array([s]), np.zeros(1), np.zeros(1))
    reason = "not in the image"
    for shot in plan.shots:
        placed = shot.pose.of(point)[0]
        if (
            abs(placed[2]) > camera.useful[0] / 2 - 5
            or abs(placed[2]) > camera.rows * camera.pixel_mm / 2
        ):
            continue
        time = plan.planned.index(shot.hours)
        line = made.courses.line[time]
        here = float(np.interp(s, made.courses.s, line))
        weak = float(np.exp(-camera.attenuation * made.torso.depth(point, shot.view))[0])
        fwhm = fwhm_at(plan, made.torso, made.body.spine, s)
        rate = here * plan.dose_mbq * plan.decayed(shot.hours) * camera.sensitivity * weak
        if rate * camera.seconds * fwhm > LEAST_COUNTS and here > LEAST_SHARE * line.max():
            return None
        reason = "no tracer seen there at any time"
    return reason
