"""What is known of a simulated cisternogram, in the package's records of a truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.strangers.d.body import Body, Floats
from benchmarks.strangers.d.camera import Head
from benchmarks.strangers.d.leaks import Pocket
from myeloscope.domain.anatomy import Region, Segment, Side, SpineFormula
from myeloscope.domain.grade import FindingKind, Grade, Technique
from myeloscope.domain.image import Study
from myeloscope.phantom.ric_truth import (
    PlanarPoint,
    RicDifficulty,
    RicTruth,
    TrueActivity,
    TrueShot,
    TrueSpot,
)
from myeloscope.phantom.truth import RuinedRegion

Pose = tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """Everything that went into a study."""

    seed: int
    body: Body
    pockets: list[Pocket]
    hours: tuple[float, ...]
    head: Head
    poses: list[Pose]
    spots: dict[str, Floats]
    shares: dict[str, Floats]
    puncture: Floats


def truth_of(made: Made, study: Study) -> RicTruth:
    """Return the truth of a study."""
    formula = SpineFormula()
    found = [_activity(made, study, pocket, k) for k, pocket in enumerate(made.pockets)]
    leaks = tuple(f for f in found if f.kind is FindingKind.LEAK)
    by_time = {
        region: tuple(
            max((f.grades[k] for f in leaks if f.region is region), default=Grade.NONE)
            for k in range(len(made.hours))
        )
        for region in Region
    }
    grades = {region: max(by_time[region]) for region in Region}
    start = min(made.body.roots, key=lambda r: abs(made.body.roots[r] - 480))
    return RicTruth(
        seed=made.seed, study_uid=study.uid, arm="patient" if leaks else "control", variety="d",
        signs_mrm=False, signs_ric=any(grades.values()), grades={Technique.RIC: grades},
        hours=made.hours, by_time=by_time, findings=leaks,
        mimics=tuple(f for f in found if f.kind is not FindingKind.LEAK),
        other_activity=_spots(made), ruined=_ruined(made, formula), ruin="none",
        packing="separate-views", dose_mbq=222.0, injection_segment=start, slow_ascent=False,
        early_bladder=False,
        difficulty=RicDifficulty("d", float(max(s.pixels.sum() for s in study.stations)), 0.0),
        formula=formula, shots=_shots(made, study), age_years=40, sex="F",
    )  # fmt: skip


def _planar(pose: Pose, point: Floats) -> PlanarPoint:
    x, _, z = point
    cos, sin = np.cos(pose[2]), np.sin(pose[2])
    return float(cos * x - sin * z + pose[0]), None, float(sin * x + cos * z + pose[1])


def _activity(made: Made, study: Study, pocket: Pocket, number: int) -> TrueActivity:
    best = int(np.argmax(pocket.ratios))
    return TrueActivity(
        id=f"{made.seed}-{number}",
        kind=FindingKind.MENINGOCELE if pocket.cyst else FindingKind.LEAK,
        region=SpineFormula().region(pocket.segment),
        segment=pocket.segment,
        side=Side.LEFT if pocket.left else Side.RIGHT,
        grade=max(pocket.grades),
        length_mm=pocket.length,
        canal_mm=pocket.canal,
        ratios=tuple(pocket.ratios.tolist()),
        grades=pocket.grades,
        position_mm=_planar(made.poses[best], pocket.points.mean(axis=0)),
        sop_uid=study.stations[2 * best].sop_uid,
    )


def _shots(made: Made, study: Study) -> tuple[TrueShot, ...]:
    shots = []
    for k, station in enumerate(study.stations):
        pose = made.poses[k // 2]
        roots = {root: _planar(pose, made.body.place(s)) for root, s in made.body.roots.items()}
        view = "anterior" if k % 2 == 0 else "posterior"
        hours = made.hours[k // 2]
        turn = float(np.degrees(pose[2]))
        shots.append(TrueShot(station.sop_uid, None, view, hours, turn, roots))
    return tuple(shots)


def _spots(made: Made) -> tuple[TrueSpot, ...]:
    pose = made.poses[-1]
    found = []
    for name in ("kidneys", "bladder", "puncture"):
        share = float((made.puncture if name == "puncture" else made.shares[name]).max())
        points = made.spots[name]
        sides = [points[points[:, 0] > 0], points[points[:, 0] <= 0]]
        for part in sides if name == "kidneys" else [points]:
            middle = part.mean(axis=0)
            radius = float(np.percentile(np.hypot(*(part - middle)[:, [0, 2]].T), 95))
            found.append(TrueSpot(name, _planar(pose, middle), radius + 12, share))
    return tuple(found)


def _ruined(made: Made, formula: SpineFormula) -> tuple[RuinedRegion, ...]:
    """Return regions of which more than two adjacent roots of C4-L5 no image shows."""
    ruined = []
    roots = [s for s in formula.segments if s in made.body.roots]
    counted = roots[roots.index(Segment.C4) : roots.index(Segment.S1)]
    for region in Region:
        lost = [
            s
            for s in counted
            if formula.region(s) is region
            and all(
                abs(_planar(pose, made.body.place(made.body.roots[s]))[2])
                > made.head.field[0] / 2 - 5
                for pose in made.poses
            )
        ]
        if len(lost) > 2:
            ruined.append(RuinedRegion(region, "not in the image", tuple(lost)))
    return tuple(ruined)
