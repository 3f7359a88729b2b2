"""Where tracer is besides canal and pools: head, kidneys, bladder, blood, track, puncture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from myeloscope.phantom.fluids import Table
from myeloscope.phantom.gamma_camera import Torso
from myeloscope.phantom.spine import Floats, Spine


@dataclass(frozen=True, slots=True, eq=False)
class Organ:
    """Where a compartment's tracer lies: points (n, 3), LPS mm, all alike."""

    name: str
    points: Floats


def _ellipsoid(rng: np.random.Generator, centre: Floats, axes: tuple[float, ...], n: int) -> Floats:
    ball = rng.standard_normal((n, 3))
    ball *= (rng.random(n) ** (1 / 3) / np.linalg.norm(ball, axis=1))[:, None]
    return np.asarray(centre + ball * np.asarray(axes))


def draw_torso(rng: np.random.Generator, spine: Spine) -> Torso:
    """Draw skin behind and thickness by height; the back lies on the table, the neck hollow."""
    size = float(rng.uniform(0.8, 1.35))
    levels = ("C1", "C4", "T1", "T6", "T12", "L3", "S2")
    behind = np.array([55.0, 48.0, 52.0, 46.0, 54.0, 64.0, 60.0]) * size
    thick = np.array([170.0, 125.0, 150.0, 215.0, 220.0, 215.0, 205.0]) * size
    names = [name for name in levels if name in spine.tops]
    s = np.array([spine.tops[name] for name in names])
    centre = spine.at(spine.centre, s)
    z = np.concatenate([[centre[0, 2] + 230], centre[:, 2], [centre[-1, 2] - 300]])
    back = np.concatenate([[behind[0]], behind[: len(s)], [behind[-1]]])
    back = back + np.concatenate([centre[:1, 1], centre[:, 1], centre[-1:, 1]])
    deep = np.concatenate([[thick[0]], thick[: len(s)], [thick[-1]]])
    order = np.argsort(z)
    return Torso(z[order], back[order], deep[order], float(rng.uniform(10, 60)))


def draw_organs(
    rng: np.random.Generator, spine: Spine, torso: Torso, puncture_s: float
) -> dict[str, Organ]:
    """Draw every compartment's place, by the names of :data:`myeloscope.phantom.tracer.EXTRA`."""
    table = Table(spine)
    top = spine.at(spine.centre, np.array([-20.0]))[0]
    cisterns = np.concatenate(
        [
            _ellipsoid(rng, top + np.array([0.0, 2.0, 12.0]), (18, 10, 9), 300),
            _ellipsoid(rng, top + np.array([0.0, -28.0, 38.0]), (26, 16, 18), 700),
        ]
    )
    shell = _ellipsoid(rng, top + np.array([0.0, -12.0, 80.0]), (68, 82, 62), 2600)
    inner = np.linalg.norm((shell - top - np.array([0, -12, 80])) / (68, 82, 62), axis=1)
    kidneys = _kidneys(rng, table)
    bladder = table.at("S4", rng.normal(0, 8), -rng.uniform(55, 100), rng.uniform(-45, -10))
    size = float(rng.uniform(24, 48))
    return {
        "cisterns": Organ("cisterns", cisterns),
        "convexity": Organ("convexity", shell[inner > 0.75]),
        "blood": Organ("blood", _flesh(rng, spine, torso)),
        "kidneys": Organ("kidneys", kidneys),
        "bladder": Organ("bladder", _ellipsoid(rng, bladder, (size, 0.8 * size, 0.75 * size), 900)),
        "epidural": Organ("epidural", _epidural(rng, spine, puncture_s)),
        "puncture": Organ("puncture", _puncture(rng, spine, puncture_s)),
        "track": Organ("track", _track(rng, spine, torso, puncture_s)),
    }


def _kidneys(rng: np.random.Generator, table: Table) -> Floats:
    """Return points of the kidneys, the right one lower, their upper poles nearer the spine."""
    made: list[Floats] = []
    for left in (1, -1):
        aside, back = left * rng.uniform(48, 68), rng.uniform(-5, 20)
        at = table.at("L1", aside, back, rng.uniform(-25, 12) - (8 if left < 0 else 0))
        axes = (rng.uniform(20, 27), rng.uniform(18, 25), rng.uniform(45, 58))
        points = _ellipsoid(rng, np.zeros(3), axes, 900)
        turn = left * rng.uniform(0.1, 0.35)
        cos, sin = np.cos(turn), np.sin(turn)
        x, y, z = points.T
        if rng.random() > 0.02 or not made:
            made.append(at + np.stack([x * cos - z * sin, y, x * sin + z * cos], axis=1))
    return np.concatenate(made)


def _flesh(rng: np.random.Generator, spine: Spine, torso: Torso) -> Floats:
    """Return points all over the trunk and head."""
    n = 14_000
    z = rng.uniform(torso.z[0] - 150, torso.z[-1], n)
    head = float(spine.centre[0, 2])
    half = np.interp(z, [torso.z[0], head - 90, head - 30], [170.0, 160.0, 65.0])
    thick = np.interp(z, torso.z, torso.thick)
    angle, r = rng.uniform(0, 2 * np.pi, n), np.sqrt(rng.random(n))
    x = float(spine.centre[:, 0].mean()) + half * r * np.cos(angle)
    y = np.interp(z, torso.z, torso.back) - thick * (0.5 + 0.5 * r * np.sin(angle))
    return np.asarray(np.stack([x, y, z], axis=1))


def _epidural(rng: np.random.Generator, spine: Spine, puncture_s: float) -> Floats:
    """Return points of a dose that went beside the sac: irregular, around the puncture."""
    n = 700
    s = np.clip(puncture_s + rng.normal(rng.uniform(-20, 10), rng.uniform(20, 45), n),
                spine.s[0], spine.s[-1])  # fmt: skip
    a = spine.at(spine.half_width, s)
    side = rng.choice((-1.0, 1.0), n, p=(0.5 - (bias := rng.uniform(-0.3, 0.3)), 0.5 + bias))
    q = side * a * rng.uniform(0.7, 1.9, n)
    return spine.to_patient(s, q, rng.normal(8, 5, n))


def _puncture(rng: np.random.Generator, spine: Spine, puncture_s: float) -> Floats:
    """Return points of what left through the puncture: lumbosacral, along the roots, both sides."""
    n = 700
    s = puncture_s + rng.normal(rng.uniform(0, 25), rng.uniform(12, 35), n)
    s = np.clip(s, spine.s[0], spine.s[-1])
    r = rng.exponential(rng.uniform(6, 14), n)
    side = rng.choice((-1.0, 1.0), n, p=(p := rng.uniform(0.15, 0.85), 1 - p))
    q = side * (spine.at(spine.half_width, s) * rng.uniform(0.6, 1.0, n) + r)
    lower = np.clip(s + 0.9 * r, spine.s[0], spine.s[-1])
    return spine.to_patient(lower, q, rng.normal(6, 6, n))


def _track(rng: np.random.Generator, spine: Spine, torso: Torso, puncture_s: float) -> Floats:
    """Return points of the needle's track: from the sac straight back to the skin."""
    n = 300
    begin = spine.to_patient(np.array([puncture_s]), np.array([0.0]), np.array([0.0]))[0]
    back = float(np.interp(begin[2], torso.z, torso.back))
    part = rng.random(n)[:, None]
    end = np.array([begin[0] + rng.normal(0, 5), back, begin[2] - rng.uniform(0, 15)])
    return np.asarray(begin + (end - begin) * part + rng.normal(0, 2.0, (n, 3)))
