"""Everything else that shines, as chains of spheres: organs, joints, veins, posterior fossa."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter

from benchmarks.strangers.b.anatomy import Floats, Rng, Spine, offset
from benchmarks.strangers.b.station import Beads

Point = list[float] | Floats


@dataclass(frozen=True, slots=True, eq=False)
class Organ:
    """Named fluid and where it lies."""

    name: str
    place: Floats
    beads: Beads


@dataclass(frozen=True, slots=True, eq=False)
class Fat:
    """A patch of fat whose suppression failed; ``sigma`` across and down, mm."""

    place: Floats
    sigma: tuple[float, float]
    amp: float
    seed: int
    rough: float


@dataclass(frozen=True, slots=True, eq=False)
class _Maker:
    """Collects the organs of one person around a spine."""

    rng: Rng
    spine: Spine
    organs: list[Organ] = field(default_factory=list)

    def at(self, level: str, side: int, lateral: float, ahead: float, up: float = 0.0) -> Floats:
        """Return a point beside a level, mm."""
        point = self.spine.at(self.spine.levels.mid[level])
        return point + offset(side * lateral, -ahead, up)

    def curve(self, points: list[Point], n: int = 60, wobble: float = 0.0) -> Floats:
        """Return a smooth curve through points, wobbling by mm."""
        pts = np.asarray(points, float)
        c = CubicSpline(np.linspace(0, 1, len(pts)), pts)(np.linspace(0, 1, n))
        if wobble:
            rough = gaussian_filter(self.rng.standard_normal((n, 3)), (n / 12, 0))
            c = c + rough * wobble * np.sqrt(n / 12) * 1.9
        return np.asarray(c)

    def tube(
        self,
        name: str,
        points: Floats,
        radii: float | Floats,
        weight: float,
        limits: tuple[float, float] = (1e9, 0.0),
    ) -> None:
        """Add one organ; ``limits`` are the cap of its path and its blur, mm."""
        pts = np.atleast_2d(points)
        beads = Beads(pts, radii, weight, *limits)
        self.organs.append(Organ(name, np.asarray(pts[len(pts) // 2], float), beads))


def organs_of(rng: Rng, spine: Spine) -> list[Organ]:
    """Return all fluid of a person outside the spine."""
    make = _Maker(rng, spine)
    _bile(make)
    for side in (1, -1):
        if rng.random() < 0.85:
            _kidney(make, side)
        if rng.random() < 0.15:
            c = make.at("L1", side, *_uniforms(rng, (45, 85), (-10, 30), (-40, 30)))
            make.tube("renal cyst", c, rng.uniform(4, 22), rng.uniform(0.4, 1), (30, 0.0))
    _gut(make)
    _bladder(make)
    for side in (1, -1):
        _chest_and_neck(make, side)
        _joints(make, side)
        _veins(make, side)
    _azygos(make)
    _head(make)
    _skin(make)
    return make.organs


def _uniforms(rng: Rng, *spans: tuple[float, float]) -> list[float]:
    """Return one uniform draw from each span, in order."""
    return [rng.uniform(*span) for span in spans]


def _bile(make: _Maker) -> None:
    """Add gallbladder and bile duct."""
    rng, u = make.rng, make.rng.uniform
    if rng.random() < 0.6:
        c = make.at("L1", -1, u(40, 80), u(10, 45), u(-10, 25))
        ax = np.array([u(-0.5, 0.5), 0, 1.0]) * u(8, 22)
        radii = np.linspace(u(5, 9), u(9, 16), 20)
        make.tube("gallbladder", make.curve([c - ax, c, c + ax], 20), radii, u(0.2, 0.9), (30, 0.0))
    if rng.random() < 0.35:
        c = make.at("L1", -1, u(18, 35), u(10, 30), 10)
        moves = ((-25, 35), (-8, 15), (0, 0), (8, -35))
        path = make.curve([c + offset(x, 0, z) for x, z in moves], 60, 2)
        make.tube("bile duct", path, u(1.5, 4.5), u(0.3, 0.9))


def _kidney(make: _Maker, side: int) -> None:
    """Add renal pelvis, calyces and ureter."""
    rng, u = make.rng, make.rng.uniform
    lateral = u(32, 62)
    c = make.at("L2", side, lateral, u(-5, 35), u(-20, 35))
    weight, radius = u(0.15, 0.95), u(3, 10)
    path = make.curve(
        [c + offset(side * u(4, 10), 0, u(4, 12)), c, c + offset(-side * u(2, 6), 0, -u(6, 15))],
        14,
    )
    make.tube("renal pelvis", path, np.linspace(radius * 0.8, radius * 0.4, 14), weight, (18, 0.0))
    for _ in range(int(rng.integers(3, 10))):
        a, r = u(-1.35, 1.35), u(7, 22)
        q = c + offset(side * (r * np.cos(a) + 3), u(-5, 5), r * np.sin(a) * 1.7 + 4)
        bend = c * 0.45 + q * 0.55 + rng.normal(0, 1.6, 3)
        path = make.curve([c + offset(side * 3, 0, 0), bend, q], 26)
        cup = u(1.2, 3.6)
        stem = np.linspace(u(0.7, 1.8), u(0.4, 1.0), 20)
        radii = np.concatenate([stem, np.linspace(0.8, cup, 6)])
        shine = weight * u(0.35, 0.9)
        make.tube("calyx", path, radii, shine, (u(2.5, 6), u(0.2, 0.8)))
    if rng.random() < 0.6:
        e = make.at("S1", side, u(20, 45), u(5, 30), -30)
        bow = c * 0.66 + e * 0.34 + offset(-side * u(0, 14), 0, 0)
        path = make.curve([c, bow, c * 0.3 + e * 0.7, e], 110, 2.0)
        wave = 1.2 * np.sin(np.linspace(0, u(6, 30), 110) + u(0, 6)) + u(0.3, 1.6)
        f = np.clip(wave, 0, None)
        make.tube("ureter", path, 0.4 + f * u(0.6, 1.4), weight * u(0.5, 1))


def _gut(make: _Maker) -> None:
    """Add bowel loops, stomach and duodenum."""
    rng, u = make.rng, make.rng.uniform
    for _ in range(int(rng.integers(0, 7))):
        lateral = u(5, 105)
        level, side = str(rng.choice(["L2", "L3", "L4", "S1"])), int(rng.choice([1, -1]))
        c = make.at(level, side, lateral, u(10, 60) + (20 if lateral < 32 else 0), u(-25, 25))
        k = np.cumsum(rng.normal(0, 9, (6, 3)) * [1, 0.35, 1], 0)
        radius, n = u(3, 12), 46
        bead = 1 + u(0.1, 0.45) * np.sin(np.linspace(0, u(18, 60), n))
        shine = u(0.03, 0.6)
        make.tube("bowel", c + make.curve(list(k), n), radius * bead, shine, (14, u(0, 1.2)))
    if rng.random() < 0.4:
        c = make.at("T12", 1, u(25, 80), u(15, 55), 0)
        path = c + make.curve([[20, 0, 30], [15, 0, 0], [0, -10, -25], [-35, -30, -30]], 30)
        make.tube("stomach", path, np.linspace(18, 7, 30), u(0.05, 0.7), (25, 1))
    if rng.random() < 0.3:
        c = make.at("L2", -1, u(20, 35), u(10, 35), 0)
        loop: list[Point] = [
            [10, 0, 18], [-8, 0, 5], [-8, 0, -25], [10, -22, -33], [35, -32, -30],
        ]  # fmt: skip
        path = c + make.curve(loop, 50, 1)
        make.tube("duodenum", path, u(3, 8), u(0.05, 0.6), (12, 0.6))


def _bladder(make: _Maker) -> None:
    """Add the bladder."""
    rng, u = make.rng, make.rng.uniform
    if rng.random() < 0.7:
        r0 = u(10, 26)
        c = make.at("S3", 0, 0, u(10, 60), -u(15, 50)) + offset(rng.normal(0, 12), 0, 0)
        wide = u(6, 26)
        ends = [offset(-wide, 0, u(-4, 4)), offset(0, 0, u(0, 8)), offset(wide, 0, u(-4, 4))]
        path = make.curve([c + end for end in ends], 18, 1.5)
        radii = r0 * (1 - 0.35 * np.linspace(-1, 1, 18) ** 2 * u(0.2, 1))
        make.tube("bladder", path, radii, u(0.2, 1), (u(20, 50), u(0.2, 1)))


def _chest_and_neck(make: _Maker, side: int) -> None:
    """Add pleural sinus, glands and vessels of the neck on one side."""
    rng, u = make.rng, make.rng.uniform
    if rng.random() < 0.4:
        c = make.at("T11", side, u(62, 98), u(-20, 15), u(-20, 20))
        start = c + offset(-side * u(10, 40), 0, u(5, 20))
        path = make.curve([start, c, c + offset(side * u(5, 14), 0, u(20, 60))])
        make.tube("pleural sinus", path, u(0.6, 2.5), u(0.1, 0.9), (1e9, 0.4))
    for odds, lateral, radius in ((0.8, (32, 60), (3, 9)), (0.6, (25, 55), (2, 5))):
        for _ in range(int(rng.integers(0, 4))):
            if rng.random() < odds:
                level = str(rng.choice(["C2", "C3", "C4", "C6"]))
                c = make.at(level, side, u(*lateral), u(-15, 30), u(-10, 10))
                size, shine = u(*radius), u(0.02, 0.25)
                make.tube("neck gland", c, size, shine, (12, u(0.3, 1.5)))
    if rng.random() < 0.6:
        a = make.at("C2", side, u(20, 45), u(0, 20))
        b = make.at("T1", side, u(15, 45), u(5, 25))
        path = make.curve([a, (a + b) / 2 + offset(rng.normal(0, 5), 0, 0), b], 70, 1.5)
        make.tube("neck vessel", path, u(0.8, 3), u(0.02, 0.2), (1e9, 0.6))


def _joints(make: _Maker, side: int) -> None:
    """Add shoulder, hip and facet joints of one side."""
    rng, u = make.rng, make.rng.uniform
    if rng.random() < 0.35:
        c = make.at("T2", side, u(95, 135), u(-10, 15), u(-20, 20))
        path = make.curve(
            [c + offset(0, 0, 14), c + offset(side * 7, 0, 0), c + offset(0, 0, -16)], 30
        )
        make.tube("shoulder joint", path, u(0.6, 2), u(0.1, 0.8))
    if rng.random() < 0.3:
        c = make.at("S3", side, u(75, 110), u(-10, 30), -u(5, 35))
        ends = [offset(-side * 12, 0, 10), offset(0, 0, 20), offset(side * 14, 0, 8)]
        make.tube("hip joint", make.curve([c + end for end in ends], 30), u(0.6, 2), u(0.1, 0.8))
    mid = make.spine.levels.mid
    for level in mid:
        if level[0] in "CL" and rng.random() < (0.07 if level[0] == "C" else 0.16):
            p = make.spine.at(mid[level] + u(8, 16)) + offset(side * u(12, 20), u(8, 18), 0)
            high = p + offset(rng.normal(0, 1), 0, u(1, 5))
            path = make.curve([high, p, p + offset(rng.normal(0, 1), 0, -u(1, 5))], 12)
            make.tube("facet joint", path, u(0.7, 2.2), u(0.15, 0.9))


def _veins(make: _Maker, side: int) -> None:
    """Add veins along the sac, and veins that leave it, on one side."""
    rng, u, spine = make.rng, make.rng.uniform, make.spine
    mid = spine.levels.mid
    for _ in range(int(rng.integers(0, 4))):
        level = str(rng.choice([k for k in mid if k[0] in "CTL"]))
        length = u(15, 140)
        s = np.clip(np.linspace(mid[level], mid[level] + length, 60), 0, spine.s_end)
        beside = spine.widths(s) / 2 + u(3, 28)
        rough = gaussian_filter(rng.standard_normal((60, 3)), (4, 0))
        path = spine.at(s, side * beside) + rough * [u(0.5, 5), 0, 0]
        make.tube("vein", path, u(0.4, 1.1), u(0.05, 0.45), (1e9, 0.3))
    for _ in range(int(rng.integers(0, 5)) if rng.random() < 0.6 else 0):
        level = str(rng.choice([k for k in mid if k[0] in "TL"]))
        at = mid[level] + u(-6, 12)
        a = spine.at(at, side * (spine.w(mid[level]) / 2 + u(6, 30)))
        length, slope = u(12, 60), u(-0.15, 0.9)
        half = a + offset(side * length / 2, 3, -slope * length / 2)
        end = a + offset(side * length, 6, -slope * length + rng.normal(0, 4))
        path = make.curve([a, half, end], 60, 0.7)
        make.tube("vein", path, u(0.35, 1.0), u(0.05, 0.5), (1e9, 0.3))


def _azygos(make: _Maker) -> None:
    """Add the azygos vein."""
    rng, u, mid = make.rng, make.rng.uniform, make.spine.levels.mid
    if rng.random() < 0.35:
        s = np.linspace(mid["T4"], mid["L1"], 120)
        path = make.spine.at(s, -u(8, 16)) + offset(0, -u(18, 30), 0)
        rough = gaussian_filter(rng.standard_normal((120, 3)), (8, 0))
        make.tube("vein", path + rough * 6 * [1, 0, 0], u(0.8, 2), u(0.03, 0.2), (1e9, 0.5))


def _head(make: _Maker) -> None:
    """Add the posterior fossa, seen when the head is in view."""
    u = make.rng.uniform
    top = make.spine.at(-10.0)
    size = u(0.8, 1.25)
    for side in (1, -1):
        _half_head(make, top, size, side)
    path = make.curve([[-14, 12, 10], [-5, 14, 2], [5, 14, 2], [14, 12, 10]], 40, 1.5)
    radii = np.interp(np.linspace(-1, 1, 40), [-1, 0, 1], [2, u(4, 8), 2])
    make.tube("cisterna magna", top + path, radii, u(0.3, 0.8), (10, 0.8))
    path = make.curve([[0, 2, 20.0], [0, 4, 27], [u(-1, 1), 4, 34]], 12)
    radii = np.array([1, 2, 2.5, 3, 3.5, 4, 4, 4, 3.5, 3, 2, 1])
    make.tube("fourth ventricle", top + path, radii, u(0.4, 1), (6, 0.6))


def _half_head(make: _Maker, top: Floats, size: float, side: int) -> None:
    """Add lateral cistern, surface and folia of the cerebellum on one side."""
    rng, u = make.rng, make.rng.uniform
    weight = u(0.2, 0.6)
    line: list[Point] = [
        [side * 7, -8, 2], [side * 14, -12, 14], [side * 22, -14, 30], [side * 34, -14, 36],
    ]  # fmt: skip
    path = top + size * make.curve(line, 50, 2)
    radii = np.interp(np.linspace(0, 1, 50), [0, 0.4, 1], [3, u(2, 4.5), 1])
    make.tube("lateral cistern", path, radii, weight, (6, 0.6))
    line = [[side * 6, 14, 2], [side * 28, 14, 4], [side * 46, 10, 18], [side * 52, 5, 42]]
    path = top + size * make.curve(line, 70, 2)
    radii = np.interp(np.linspace(0, 1, 70), [0, 0.3, 1], [3, u(1, 2), 0.6])
    make.tube("cerebellar surface", path, radii, u(0.2, 0.6), (4, 0.7))
    for _ in range(int(rng.integers(7, 16))):
        z, x1 = u(8, 55), u(15, 46)
        first: Point = [side * u(2, 8), 10, z]
        line = [first, [side * x1 * 0.6, 10, z + u(0, 6)], [side * x1, 10, z - u(2, 12)]]
        path = top + size * make.curve(line, 50, 1.6)
        make.tube("folia", path, u(0.3, 0.8), u(0.1, 0.5), (1e9, 0.5))


def _skin(make: _Maker) -> None:
    """Add wet skin folds."""
    rng, u = make.rng, make.rng.uniform
    for _ in range(int(rng.integers(0, 3))):
        side = int(rng.choice([1, -1]))
        level = str(rng.choice(["C6", "T12", "L3", "S1"]))
        a = make.at(level, side, u(85, 125), 0, 0)
        half = a + offset(-side * u(5, 25), 0, u(-8, 8))
        path = make.curve([a, half, a + offset(-side * u(20, 45), 0, u(-14, 14))], 60)
        make.tube("skin fold", path, u(0.3, 0.9), u(0.05, 0.5), (1e9, 0.5))


def fat_of(rng: Rng, spine: Spine) -> list[Fat]:
    """Return the patches of fat that were not suppressed."""
    out = []
    for _ in range(int(rng.integers(0, 5))):
        level = str(rng.choice(["C4", "C7", "T2", "T12", "L3", "S1", "S2"]))
        side = int(rng.choice([1, -1]))
        near = 15 if rng.random() < 0.15 else 55
        move = offset(side * rng.uniform(near, 130), 0, rng.uniform(-25, 25))
        place = spine.at(spine.levels.mid[level]) + move
        sigma = (rng.uniform(6, 35), rng.uniform(8, 45))
        amp = rng.uniform(0.02, 0.30) * float(rng.choice([0.3, 1.0]))
        seed = int(rng.integers(1 << 30))
        out.append(Fat(place, sigma, amp, seed, rng.uniform(0.2, 0.8)))
    return out
