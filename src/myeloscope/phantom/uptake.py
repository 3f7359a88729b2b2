"""Where tracer is besides canal and pools: head, kidneys, bladder, blood, track, puncture, glands.

And where it should not be: drops on skin and clothes, and markers that somebody has laid there.
"""

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


def draw_torso(rng: np.random.Generator, spine: Spine, *, wide: bool = False) -> Torso:
    """Draw skin behind and thickness by height; the back lies on the table, the neck hollow.

    Trunks are 175 to 300 mm thick, ``wide`` ones up to 360 mm.
    """
    size = float(rng.uniform(0.8, 1.65 if wide else 1.35))
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
        "thyroid": Organ("thyroid", _thyroid(rng, table)),
        "stomach": Organ("stomach", _stomach(rng, table)),
    }


def _kidneys(rng: np.random.Generator, table: Table) -> Floats:
    """Return points of the kidneys, the right one lower, their upper poles nearer the spine.

    The left one does between a tenth and nine tenths of the work, mostly about half.
    """
    made: list[Floats] = []
    share = float(np.clip(rng.normal(0.5, 0.05 if rng.random() < 0.75 else 0.22), 0.1, 0.9))
    for left in (1, -1):
        aside, back = left * rng.uniform(48, 68), rng.uniform(-5, 20)
        at = table.at("L1", aside, back, rng.uniform(-25, 12) - (8 if left < 0 else 0))
        axes = (rng.uniform(20, 27), rng.uniform(18, 25), rng.uniform(45, 58))
        points = _ellipsoid(rng, np.zeros(3), axes, int(1800 * (share if left > 0 else 1 - share)))
        turn = left * rng.uniform(0.1, 0.35)
        cos, sin = np.cos(turn), np.sin(turn)
        x, y, z = points.T
        if rng.random() > 0.02 or not made:
            made.append(at + np.stack([x * cos - z * sin, y, x * sin + z * cos], axis=1))
    return np.concatenate(made)


def _thyroid(rng: np.random.Generator, table: Table) -> Floats:
    """Return points of the thyroid's lobes, in front of C6-C7."""
    at = table.at("C7", 0.0, -rng.uniform(45, 65), rng.uniform(0, 20))
    lobes = [
        _ellipsoid(rng, at + np.array([way * rng.uniform(15, 21), 0.0, 0.0]), (8, 8, 21), 200)
        for way in (-1, 1)
    ]
    return np.concatenate(lobes)


def _stomach(rng: np.random.Generator, table: Table) -> Floats:
    """Return points of the stomach's wall, left in front of T11-L1."""
    at = table.at("T12", rng.uniform(35, 70), -rng.uniform(60, 110), rng.uniform(-25, 15))
    points = _ellipsoid(rng, np.zeros(3), (1, 1, 1), 900)
    points /= np.linalg.norm(points, axis=1)[:, None]
    return np.asarray(at + points * np.array([40.0, 30.0, 55.0]))


@dataclass(frozen=True, slots=True, eq=False)
class Stray:
    """Tracer on the outside: its points, its part of the dose, and from when on (h)."""

    name: str
    points: Floats
    share: float
    since: float = 0.0


def draw_strays(
    rng: np.random.Generator, spine: Spine, torso: Torso, puncture_s: float, *, wide: bool
) -> tuple[Stray, ...]:
    """Draw drops on the skin in front and behind (one in three at the puncture), and markers.

    Drops hold 0.01 to 0.4 % of the dose (estimate); markers lie beside the body, at shoulders or
    hips.
    """
    made: list[Stray] = []
    chance = 0.35 if wide else 0.12
    middle = spine.at(spine.centre, np.array([puncture_s]))[0]
    for _ in range(2):
        if rng.random() > chance:
            continue
        behind = rng.random() < 0.6
        x, z = rng.uniform(-130, 130), rng.uniform(torso.z[0] + 60, torso.z[-1] - 150)
        if behind and rng.random() < 0.35:
            x, z = middle[0] + rng.normal(0, 30), middle[2] + rng.normal(-10, 35)
        back = float(np.interp(z, torso.z, torso.back))
        y = back if behind else back - float(np.interp(z, torso.z, torso.thick))
        size = np.array([rng.uniform(2, 12), 1.0, rng.uniform(2, 12)])
        points = np.array([x, y, z]) + rng.standard_normal((200, 3)) * size
        share = float(np.exp(rng.uniform(*np.log((1e-4, 4e-3)))))
        made.append(Stray("drop", points, share, float(rng.choice((0.0, 0.0, 1.0, 3.0)))))
    if rng.random() < (0.2 if wide else 0.05):
        share = float(np.exp(rng.uniform(*np.log((2e-4, 3e-3)))))
        z = float(spine.centre[:, 2].max() - rng.choice((130.0, 480.0)))
        for way in (-1, 1) if rng.random() < 0.5 else (1,):
            at = np.array([middle[0] + way * rng.uniform(120, 165), middle[1], z])
            made.append(Stray("marker", at + rng.standard_normal((40, 3)), share))
    return tuple(made)


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
