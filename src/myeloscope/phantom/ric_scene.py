"""A person with tracer: leaks and cysts that fill, organs, and the courses of all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import Grade, Technique
from myeloscope.domain.scintigraphy import View
from myeloscope.phantom.body import Body
from myeloscope.phantom.gamma_camera import Glow, Torso
from myeloscope.phantom.knowing import know
from myeloscope.phantom.making import scene
from myeloscope.phantom.pools import Pool, fill, make_cyst_pool, make_leak_pool
from myeloscope.phantom.ric_plan import RicPlan, draw_plan
from myeloscope.phantom.ric_spec import RicRuin, RicSpec
from myeloscope.phantom.sleeves import Sleeve
from myeloscope.phantom.spec import Variety
from myeloscope.phantom.spine import Floats, Spine
from myeloscope.phantom.streams import stream
from myeloscope.phantom.tracer import Courses, Kinetics, draw_kinetics
from myeloscope.phantom.truth import Truth
from myeloscope.phantom.uptake import Organ, Stray, draw_organs, draw_strays, draw_torso


@dataclass(frozen=True, slots=True, eq=False)
class RicScene:
    """A person under the camera.

    ``pools`` are leaks, then cysts; ``courses`` are at the plan's times; ``mrm`` is the truth of
    the same person's MRM phantom.
    """

    body: Body
    torso: Torso
    organs: dict[str, Organ]
    pools: tuple[Pool, ...]
    kinetics: Kinetics
    courses: Courses
    plan: RicPlan
    mrm: Truth
    strays: tuple[Stray, ...] = ()

    def points(self, s: Floats, q: Floats, w: Floats) -> Floats:
        """Return LPS mm, shape (n, 3), of points in axis coordinates, mirrored if the body is."""
        placed = self.body.spine.to_patient(s, q, w)
        return np.asarray(placed * np.array([self.body.flip, 1.0, 1.0]))


def ric_scene(spec: RicSpec) -> RicScene:
    """Return everything about a cisternography phantom but its counts."""
    seed = spec.person.seed
    made = scene(spec.person)
    body, spine = made.body, made.body.spine
    mrm = know(spec.person, made, "", (None,) * len(made.plans))
    plan = draw_plan(spec, spine)
    wide = spec.person.variety is Variety.WIDE
    torso = draw_torso(stream(seed, "ric-torso"), spine, wide=wide)
    kinetics = _kinetics(spec, spine, plan)
    leaks = _leaks(spec, body, mrm, (plan, torso))
    cysts = [
        make_cyst_pool(
            stream(seed, "ric-cyst", i), spine, mimic, fwhm_at(plan, torso, spine, mimic.sleeve.s)
        )
        for i, mimic in enumerate(body.mimics)
        if mimic.bodies
    ]
    goals = [*(bright for _, bright in leaks), *(None for _ in cysts)]
    pools, courses = fill(
        spine, kinetics, [*(pool for pool, _ in leaks), *cysts], goals, plan.planned
    )
    organs = draw_organs(stream(seed, "ric-organs"), spine, torso, kinetics.injection_s)
    strays: tuple[Stray, ...] = ()
    if spec.strays:
        rng = stream(seed, "ric-strays")
        strays = draw_strays(rng, spine, torso, kinetics.injection_s, wide=wide)
    return RicScene(body, torso, organs, pools, kinetics, courses, plan, mrm, strays)


def fwhm_at(plan: RicPlan, torso: Torso, spine: Spine, s: float) -> float:
    """Return the resolution of the mean of both views at a place of the canal, mm."""
    point = spine.to_patient(np.array([s]), np.zeros(1), np.zeros(1))
    each = [plan.camera.fwhm(torso.distance(point, v)[0]) for v in (View.ANTERIOR, View.POSTERIOR)]
    return float(np.hypot(*each) / np.sqrt(2))


def _kinetics(spec: RicSpec, spine: Spine, plan: RicPlan) -> Kinetics:
    """Return how tracer moves, with a dose beside the sac or a leaking puncture where there is."""
    rng = stream(spec.person.seed, "ric-kinetics")
    kinetics = draw_kinetics(rng, spine, slow=plan.ruin is RicRuin.SLOW_ASCENT)
    rng = stream(spec.person.seed, "ric-puncture")
    leaking = bool(rng.random() < 0.18) if spec.extravasation is None else spec.extravasation
    beside = float(rng.uniform(0.4, 0.9)) if plan.ruin is RicRuin.INFILTRATED else 0.0
    return replace(
        kinetics,
        infiltrated=beside,
        puncture_rate=float(rng.uniform(0.3, 2.5)) if leaking else 0.0,
        puncture_delay=float(rng.uniform(1.0, 2.0)),
        free=_free(spec) if spec.strays else 0.0,
    )


def _free(spec: RicSpec) -> float:
    """Return how much of the tracer is free pertechnetate: little, seldom up to a quarter."""
    rng = stream(spec.person.seed, "ric-free")
    wide = spec.person.variety is Variety.WIDE
    return float(rng.uniform(0.05, 0.25) if rng.random() < (0.3 if wide else 0.1) else 0.01)


def _leaks(
    spec: RicSpec, body: Body, mrm: Truth, seen: tuple[RicPlan, Torso]
) -> list[tuple[Pool, float]]:
    """Return leaks in every region with signs: at its MRM leaks' roots, else at roots drawn."""
    made: list[tuple[Pool, float]] = []
    for region in Region:
        grade = mrm.grades[Technique.RIC][region]
        if grade is Grade.NONE:
            continue
        rng = stream(spec.person.seed, "ric-leak", region)
        for number, sleeve in enumerate(_sites(rng, body, region)):
            here = grade if number == 0 else Grade(int(rng.integers(1, int(grade) + 1)))
            fwhm = fwhm_at(*seen, body.spine, sleeve.s)
            made.append(make_leak_pool(rng, body.spine, sleeve, here, fwhm))
    return made


def _sites(rng: np.random.Generator, body: Body, region: Region) -> Sequence[Sleeve]:
    """Return one to three sleeves of a region (C3 to L5, S1 seldom), MRM leaks' sleeves first."""
    formula = body.spine.formula
    shown = [leak.plan.sleeve for leak in body.leaks]
    leaking = [sleeve for sleeve in shown if formula.region(sleeve.segment) is region]
    order = formula.segments
    first, last = order.index(order[2]), order.index(order[-5])
    possible = [
        sleeve
        for sleeve in body.sleeves
        if formula.region(sleeve.segment) is region and first <= order.index(sleeve.segment) < last
    ]
    count = int(rng.choice((1, 2, 3), p=(0.55, 0.3, 0.15)))
    drawn = [possible[int(i)] for i in rng.choice(len(possible), count, replace=False)]
    sites = {(sleeve.segment, sleeve.left): sleeve for sleeve in [*leaking, *drawn]}
    return list(sites.values())[:count]


def glows(made: RicScene, time: int) -> list[Glow]:
    """Return all tracer at one of the plan's times, decayed."""
    plan = made.plan
    hours = plan.planned[time]
    active = plan.dose_mbq * plan.decayed(hours)
    courses = made.courses
    lit = [_canal(made, courses.line[time] * active)]
    for pool, part in zip(made.pools, courses.pockets[time], strict=True):
        share = np.full(len(pool.s), part * active / len(pool.s))
        lit.append(Glow(made.points(pool.s, pool.q, pool.w), share))
    turn = np.array([made.body.flip, 1.0, 1.0])
    parts = {name: float(course[time]) for name, course in courses.extra.items()}
    parts["track"] = 0.004 * float(np.exp(-hours / 3.0))
    for name, part in parts.items():
        points = made.organs[name].points * turn
        lit.append(Glow(points, np.full(len(points), part * active / len(points))))
    for stray in made.strays:
        if hours >= stray.since:
            share = np.full(len(stray.points), stray.share * active / len(stray.points))
            lit.append(Glow(stray.points * turn, share))
    return lit


def _ring() -> Floats:
    """Return points over a unit disk: its middle and two rings."""
    points = [(0.0, 0.0)]
    for radius, n in ((0.45, 6), (0.85, 12)):
        angles = np.linspace(0, 2 * np.pi, n, endpoint=False)
        points += [(radius * float(np.cos(t)), radius * float(np.sin(t))) for t in angles]
    return np.array(points)


def _canal(made: RicScene, line: Floats) -> Glow:
    """Return the tracer in sac and normal sleeves; ``line`` is MBq per mm at the cells."""
    spine = made.body.spine
    step = 2.0
    s = np.arange(made.courses.s[0], spine.sac_end - step, step)
    ring = _ring()
    a, b = spine.at(spine.half_width, s), spine.at(spine.half_depth, s)
    q, w = a[:, None] * ring[:, 0], b[:, None] * ring[:, 1]
    cord = ((q - spine.at(spine.cord_q, s)[:, None]) / np.maximum(
        spine.at(spine.cord_half_width, s), 0.1)[:, None]) ** 2 + (
        (w - spine.at(spine.cord_w, s)[:, None])
        / np.maximum(spine.at(spine.cord_half_depth, s), 0.1)[:, None]
    ) ** 2  # fmt: skip
    free = np.where(cord < 1, 0.02, 1.0)
    free /= free.sum(axis=1, keepdims=True)
    here = np.interp(s, made.courses.s, line)
    activity = free * (here * step)[:, None]
    along = np.repeat(s, len(ring))
    points, lit = [made.points(along, q.ravel(), w.ravel())], [activity.ravel()]
    for sleeve in made.body.sleeves:
        if sleeve.fill <= 0 or sleeve.s >= s[-1]:
            continue
        at = np.array([sleeve.s])
        area = float(np.pi * spine.at(spine.half_width, at)[0] * spine.at(spine.half_depth, at)[0])
        volume = 1.2 * sleeve.across * sleeve.base * sleeve.depth * sleeve.fill
        out = float(spine.at(spine.half_width, at)[0]) + 0.4 * sleeve.across
        points.append(made.points(at, np.array([sleeve.sign * out]), np.zeros(1)))
        lit.append(np.interp(at, made.courses.s, line) * volume / (0.7 * area))
    return Glow(np.concatenate(points), np.concatenate(lit))
