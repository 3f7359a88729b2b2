"""Work out the truth of a phantom from its scene; pixels are never looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from myeloscope.domain.anatomy import Region, Segment
from myeloscope.domain.grade import FindingKind, Grade, Pattern, Technique
from myeloscope.phantom.body import Body
from myeloscope.phantom.imaging import pixel_of
from myeloscope.phantom.leaks import Leak
from myeloscope.phantom.mimics import Mimic
from myeloscope.phantom.scene import Scene
from myeloscope.phantom.sleeves import Sleeve
from myeloscope.phantom.spec import DIFFICULTY, Arm, PhantomSpec, Ruin
from myeloscope.phantom.spine import Floats
from myeloscope.phantom.streams import stream
from myeloscope.phantom.truth import (
    Point,
    RuinedRegion,
    TrueDifficulty,
    TrueFinding,
    TrueFluid,
    TruePixel,
    TrueRoot,
    TrueSac,
    TrueStation,
    Truth,
)

EDGE_MM = 4.0  # a root this near a station's edge cannot be judged
LEAST_SENSITIVITY = 0.4  # of the slab, at the sac
SAC_STEP_MM = 5.0
LIMIT_ADJACENT = 2  # DESIGN: more adjacent roots than this make a region not assessable


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a point is seen: station (``None`` nowhere), position on its slab's middle plane.

    ``covered`` also holds for stations that were planned but are missing.
    """

    station: int | None
    covered: bool
    pixel: tuple[float, float]
    position: Point
    depth: float
    inside_mm: float
    sensitivity: float


def see(scene: Scene, point: Floats) -> Seen:
    """Find the station that shows a point (LPS, shape (3,)) farthest from its edges."""
    best: Seen | None = None
    for index, plan in enumerate(scene.plans):
        detector = plan.seen
        plane = detector.slab.plane
        row, column = (float(v[0]) for v in pixel_of(plane, point[None]))
        inside = min(
            (row + 0.5) * plane.row_spacing,
            (detector.rows - 0.5 - row) * plane.row_spacing,
            (column + 0.5) * plane.column_spacing,
            (detector.columns - 0.5 - column) * plane.column_spacing,
        )
        depth = detector.slab.depth(point[None])
        missing = scene.ruin.kind is Ruin.MISSING_STATION and scene.ruin.station == index
        flat = point + np.asarray(plan.shift) - float(depth[0]) * np.asarray(detector.slab.normal)
        here = Seen(
            station=index if inside > 0 and not missing else None,
            covered=inside > 0,
            pixel=(row, column),
            position=(float(flat[0]), float(flat[1]), float(flat[2])),
            depth=float(depth[0]),
            inside_mm=inside if not missing else inside - 1e6,
            sensitivity=float(detector.slab.profile(depth, np.full(1, 3.0))[0]),
        )
        if best is None or here.inside_mm > best.inside_mm:
            best = replace(here, covered=here.covered or (best is not None and best.covered))
        elif here.covered:
            best = replace(best, covered=True)
    if best is None:
        raise ValueError("a scene has at least one station")
    return best


def _spoilt(scene: Scene, seen: Seen) -> str | None:
    """Return why what is seen there cannot be judged, or ``None``."""
    ruin = scene.ruin
    if seen.station is None or seen.inside_mm < EDGE_MM:
        missing = ruin.kind is Ruin.MISSING_STATION
        name = scene.plans[ruin.station].name
        return f"{name} station missing" if missing else "not covered"
    if ruin.kind is Ruin.MOTION and ruin.station == seen.station:
        return "motion"
    dark = ruin.kind is Ruin.LOST_SIGNAL and ruin.station == seen.station
    if dark and ruin.band[1] < seen.position[2] < ruin.band[0]:
        return "signal lost"
    return "outside the slab" if seen.sensitivity < LEAST_SENSITIVITY else None


def _range(body: Body, low: float, high: float, segment: Segment) -> tuple[Segment, Segment]:
    """Return the first and last root whose exit lies between two arc lengths."""
    inside = [sl.segment for sl in body.sleeves if low <= sl.s <= high] + [segment]
    order = body.spine.formula.segments
    indices = [order.index(item) for item in inside]
    return order[min(indices)], order[max(indices)]


def _finding(
    scene: Scene, item: Leak | Mimic, name: str, sops: tuple[str | None, ...]
) -> TrueFinding:
    """Return the record of a leak or mimic."""
    body = scene.body
    sleeve = item.plan.sleeve if isinstance(item, Leak) else item.sleeve
    kind = FindingKind.LEAK if isinstance(item, Leak) else item.kind
    grade: Grade | None = item.grade if isinstance(item, Leak) else Grade.NONE
    patterns = item.patterns if isinstance(item, Leak) else (Pattern.ROUND,)
    if kind is FindingKind.EPIDURAL_COLLECTION:
        grade, patterns = None, ()
    seen = see(scene, _edge_point(body, sleeve))
    ratio = item.extent / item.sac_width
    return TrueFinding(
        id=name,
        kind=kind,
        region=body.spine.formula.region(sleeve.segment),
        segment=sleeve.segment,
        segment_range=_range(body, item.low, item.high, sleeve.segment),
        side=body.side(sleeve.left),
        grade=grade,
        reach_mm=item.reach,
        extent_mm=item.extent,
        sac_width_mm=item.sac_width,
        ratio=ratio,
        pattern=patterns,
        position_mm=seen.position,
        depth_mm=seen.depth,
        station=seen.station,
        covered=seen.covered,
        source=_pixel(seen, sops),
        brightness=item.brightness if isinstance(item, Leak) else 1.0,
        size_mm=None if isinstance(item, Leak) else item.size,
    )


def _pixel(seen: Seen, sops: tuple[str | None, ...]) -> TruePixel | None:
    """Return where a point lies in its image, or ``None`` where no image shows it."""
    sop = None if seen.station is None else sops[seen.station]
    return None if sop is None else TruePixel(sop, *seen.pixel)


def _edge_point(body: Body, sleeve: Sleeve) -> Floats:
    """Return where a sleeve's axis meets the sac's edge, LPS mm."""
    a = float(body.spine.at(body.spine.half_width, np.array([sleeve.s]))[0])
    return body.place(sleeve.s, sleeve.sign * a)


def _roots(scene: Scene) -> tuple[list[TrueRoot], dict[Segment, str]]:
    """Return the roots, and why those that cannot be judged cannot."""
    body = scene.body
    roots, reasons = [], {}
    for sleeve in body.sleeves:
        seen = see(scene, _edge_point(body, sleeve))
        reason = _spoilt(scene, seen)
        if reason is not None:
            reasons[sleeve.segment] = reason
        roots.append(
            TrueRoot(
                segment=sleeve.segment,
                side=body.side(sleeve.left),
                visible=sleeve.visible,
                in_view=seen.station is not None,
                judgeable=reason is None,
                s_mm=sleeve.s,
                position_mm=seen.position,
                sleeve_mm=sleeve.across,
                station=seen.station,
            )
        )
    return roots, reasons


def _ruined(body: Body, reasons: dict[Segment, str]) -> list[RuinedRegion]:
    """Return the regions of which more than two adjacent roots of C4-L5 cannot be judged."""
    formula = body.spine.formula
    segments = formula.segments
    counted = segments[segments.index(Segment.C4) : segments.index(Segment.S1)]
    ruined = []
    for region in Region:
        run: list[Segment] = []
        worst: list[Segment] = []
        for segment in (s for s in counted if formula.region(s) is region):
            run = [*run, segment] if segment in reasons else []
            worst = max(worst, run, key=len)
        if len(worst) > LIMIT_ADJACENT:
            ruined.append(RuinedRegion(region, reasons[worst[0]], tuple(worst)))
    return ruined


def _sac(scene: Scene) -> tuple[TrueSac, ...]:
    """Return the sac every 5 mm."""
    spine = scene.body.spine
    points = []
    for s in np.arange(0.0, spine.sac_end, SAC_STEP_MM):
        seen = see(scene, scene.body.place(float(s), 0.0))
        width = float(spine.width(np.array([s]))[0])
        points.append(TrueSac(float(s), seen.position, width, seen.station))
    return tuple(points)


def _grades(leaks: Sequence[TrueFinding]) -> dict[Region, Grade]:
    """Return the highest grade of each region from leaks that the planned stations cover.

    What lies in a missing or spoilt station counts: ``ruined`` says that it cannot be read.
    """
    grades = dict.fromkeys(Region, Grade.NONE)
    for leak in leaks:
        if leak.covered:
            grades[leak.region] = max(grades[leak.region], leak.grade or Grade.NONE)
    return grades


def _ric(spec: PhantomSpec, mrm: dict[Region, Grade]) -> dict[Region, Grade]:
    """Return cisternography grades: as asked for, or mostly where the leaks are."""
    rng = stream(spec.seed, "ric")
    grades = dict.fromkeys(Region, Grade.NONE)
    for region in Region:
        drawn = Grade(int(rng.choice(3, p=(0.2, 0.35, 0.45))) + 1)
        chance = 0.85 if mrm[region] else 0.12
        positive = rng.random() < chance and spec.arm is Arm.PATIENT
        if spec.signs_ric is not None:
            positive = region in spec.signs_ric
        grades[region] = drawn if positive else Grade.NONE
    return grades


def _person(spec: PhantomSpec) -> tuple[int, str]:
    """Return age and sex as asked for, or drawn from PAPER's ranges."""
    rng = stream(spec.seed, "person")
    age = int(np.clip(rng.normal(37.5, 10), 17, 59))
    sex = "F" if rng.random() < 0.6 else "M"
    return spec.age_years or age, spec.sex or sex


def _fluids(scene: Scene) -> tuple[TrueFluid, ...]:
    """Return the other fluid, and whether a slab shows it."""
    turn = np.array([scene.body.flip, 1.0, 1.0])
    fluids = []
    for fluid in scene.body.fluids:
        seen = see(scene, np.asarray(fluid.position) * turn)
        in_view = seen.station is not None and seen.sensitivity > 0.05
        fluids.append(TrueFluid(fluid.name, seen.position, in_view))
    return tuple(fluids)


def _difficulty(spec: PhantomSpec, scene: Scene) -> TrueDifficulty:
    """Return the difficulty in numbers; without leaks, the middle of the level's brightness."""
    bright = [leak.brightness for leak in scene.body.leaks]
    limits = DIFFICULTY[spec.difficulty].leak_over_sac
    return TrueDifficulty(spec.difficulty.value, scene.snr, float(np.mean(bright or limits)))


def _stations(scene: Scene, sops: tuple[str | None, ...]) -> tuple[TrueStation, ...]:
    """Return how each station was acquired."""
    return tuple(
        TrueStation(
            name=plan.name,
            sop_uid=sop,
            present=sop is not None,
            shift_mm=plan.shift,
            normal=plan.detector.slab.normal,
            slab_mm=plan.detector.slab.thickness,
        )
        for plan, sop in zip(scene.plans, sops, strict=True)
    )


def know(spec: PhantomSpec, scene: Scene, study_uid: str, sops: tuple[str | None, ...]) -> Truth:
    """Return everything known about a phantom.

    Parameters
    ----------
    spec, scene
        What was made.
    study_uid, sops
        UIDs of the study and of each station's image, ``None`` where missing.
    """
    body = scene.body
    roots, reasons = _roots(scene)
    leaks, mimics = (
        tuple(_finding(scene, item, f"{spec.seed}-{name}-{i + 1}", sops) for i, item in many)
        for name, many in (("leak", enumerate(body.leaks)), ("mimic", enumerate(body.mimics)))
    )
    mrm = _grades(leaks)
    ric = _ric(spec, mrm)
    age, sex = _person(spec)
    covered = {root.segment for root in roots if root.in_view}
    return Truth(
        seed=spec.seed,
        study_uid=study_uid,
        arm=spec.arm.value,
        variety=spec.variety.value,
        signs_mrm=any(mrm.values()),
        signs_ric=any(ric.values()),
        grades={Technique.MRM: mrm, Technique.RIC: ric},
        findings=leaks,
        mimics=mimics,
        other_fluid=_fluids(scene),
        ruined=tuple(_ruined(body, reasons)),
        ruin=scene.ruin.kind.value,
        coverage=tuple(s for s in body.spine.formula.segments if s in covered),
        difficulty=_difficulty(spec, scene),
        formula=body.spine.formula,
        sac=_sac(scene),
        roots=tuple(roots),
        stations=_stations(scene, sops),
        age_years=age,
        sex=sex,
    )
