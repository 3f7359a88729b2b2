"""Fluid of the trunk that has nothing to do with the spine: kidneys, gut, bile, neck and head."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from benchmarks.strangers.a.anatomy import Floats, Rng, offset
from benchmarks.strangers.a.shapes import Ellipsoid, Part, Tube, along
from benchmarks.strangers.a.sleeves import Body

MOVING = ("bowel", "stomach", "duodenum", "pleural fluid")
"""Organs that move while they are imaged."""


@dataclass(frozen=True, slots=True, eq=False)
class Organ:
    """Named fluid: where it lies and what it is made of."""

    name: str
    centre: Floats
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Trunk:
    """What one person's organs are collected in; signals fall off with ``echo_ms`` by T2."""

    body: Body
    rng: Rng
    echo_ms: float
    organs: list[Organ] = field(default_factory=list)

    def add(self, name: str, *parts: Part) -> None:
        """Add one organ; its place is its first part's."""
        self.organs.append(Organ(name, np.asarray(parts[0].place, float), parts))

    def tube(
        self, name: str, points: Floats, radii: Floats, amplitude: float, flat: float = 1.0
    ) -> None:
        """Add an organ made of one tube."""
        self.add(name, Tube(points, radii, amplitude, flat, outside=False))

    def blob(
        self, name: str, centre: Floats, half: Floats, amplitude: float, tilt: float = 0.0
    ) -> None:
        """Add an organ made of one ellipsoid."""
        self.add(name, Ellipsoid(centre, half, amplitude, tilt, outside=False))

    def signal(self, t2_ms: float) -> float:
        """Return the signal of fluid of a T2 against CSF's at this echo time."""
        return float(np.exp(-self.echo_ms / t2_ms) / np.exp(-self.echo_ms / 1800))

    def wander(self, start: Floats, end: Floats, n: int, amp: float) -> Floats:
        """Return a wavy path of ``n`` points."""
        f = np.linspace(0, 1, n)[:, None]
        w = np.cumsum(self.rng.normal(0, amp, (n, 3)), 0)
        path: Floats = start + (end - start) * f + w - f * w[-1]
        return path


def organs_of(body: Body, rng: Rng, echo_ms: float, leaky: bool) -> list[Organ]:
    """Return all fluid of the trunk and neck; ``leaky`` people may have some behind C1."""
    trunk = _Trunk(body, rng, echo_ms)
    for sign in (1, -1):
        if rng.random() < 0.93:
            _kidney(trunk, sign)
        for _ in range(rng.poisson(0.35)):
            r0 = float(np.clip(rng.gamma(2, 3.5), 2, 22))
            at = body.top["L1"] + rng.uniform(-30, 50)
            c = body.at(at, sign * rng.uniform(52, 85), rng.uniform(-35, 5))
            trunk.blob("renal cyst", c, r0 * rng.uniform(0.85, 1.1, 3), 1.0)
    if rng.random() < 0.85:
        _bile(trunk)
    _gut(trunk)
    _bladder_and_pleura(trunk)
    for sign in (1, -1):
        _neck(trunk, sign)
        _facets(trunk, sign)
    if leaky and rng.random() < 0.05:
        at = body.bottom["C1"] + rng.uniform(-4, 8)
        c = body.at(at, rng.normal(0, 2), body.value(body.ry, 20) + 7)
        half = rng.uniform([9, 2, 6], [15, 4, 11])
        trunk.add("retrospinal fluid", Ellipsoid(c, half, rng.uniform(0.3, 0.8)))
    _veins(trunk)
    return trunk.organs


def _kidney(trunk: _Trunk, sign: int) -> None:
    """Add pelvis and calyces, and the ureter in pieces as it contracts."""
    body, rng = trunk.body, trunk.rng
    s0 = body.top["L1"] + rng.uniform(-5, 25) + (6 if sign < 0 else 0)
    c = body.at(s0, sign * rng.uniform(40, 56), rng.uniform(-34, 0))
    a = trunk.signal(rng.uniform(900, 1900)) * rng.uniform(0.5, 1.0)
    full = rng.uniform(0.5, 1.25)
    half = np.array([5.5, 4, 8.5]) * full
    parts: list[Part] = [
        Ellipsoid(c, half, a, sign * rng.uniform(0.1, 0.6), outside=False),
    ]
    for q in np.linspace(-1, 1, int(rng.integers(4, 8))):
        out = sign * rng.uniform(7, 15) * (1 - 0.35 * q * q)
        tip = c + offset(out, rng.normal(0, 5), q * rng.uniform(16, 30))
        path = trunk.wander(c + offset(0, 0, 6 * q), tip, 4, 0.5)
        r = np.array([3.0, 1.7, 1.3, 2.2]) * full * rng.uniform(0.7, 1.1)
        parts.append(Tube(path, r, a, outside=False))
        cup = np.array([1.7, 2.8, 3.2]) * full * rng.uniform(0.7, 1.25)
        tilt = sign * (-0.9 * q) + rng.normal(0, 0.3)
        parts.append(Ellipsoid(tip, cup, a, tilt, outside=False))
    trunk.add("renal pelvis", *parts)
    at = body.top["S1"] + 5
    end = body.at(at, sign * rng.uniform(28, 40), rng.uniform(-55, -30))
    path, _ = along(trunk.wander(c + offset(-sign * 3, 0, -8), end, 16, 1.6), 2.0)
    radius = rng.uniform(0.9, 1.7)
    i = 0
    while i < len(path) - 6:
        m = int(rng.integers(5, 28))
        piece = path[i : i + m]
        if len(piece) > 3:
            r = radius * np.sin(np.linspace(0.25, np.pi - 0.25, len(piece))) ** 0.5
            trunk.tube("ureter", piece, r, a)
        i += m + int(rng.integers(2, 30))


def _bile(trunk: _Trunk) -> None:
    """Add gallbladder and bile ducts."""
    body, rng = trunk.body, trunk.rng
    at = body.top["L1"] + rng.uniform(0, 40)
    c = body.at(at, -rng.uniform(50, 85), rng.uniform(-75, -25))
    half = rng.uniform([9, 9, 17], [16, 14, 30])
    amp = trunk.signal(rng.uniform(450, 1000))
    trunk.blob("gallbladder", c, half, amp, rng.uniform(-0.7, 0.2))
    d = c + offset(rng.uniform(15, 35), 15, rng.uniform(5, 20))
    path = trunk.wander(d, d + offset(12, 8, -55), 10, 1.2)
    trunk.tube("bile duct", path, np.full(10, rng.uniform(1.4, 2.8)), trunk.signal(800))
    for _ in range(rng.integers(1, 5)):
        end = d + offset(rng.uniform(-50, 20), rng.normal(0, 10), rng.uniform(10, 45))
        path = trunk.wander(d, end, 8, 1.5)
        trunk.tube("bile duct", path, np.linspace(1.3, 0.4, 8), trunk.signal(800))


def _gut(trunk: _Trunk) -> None:
    """Add bowel loops, stomach and duodenum."""
    body, rng = trunk.body, trunk.rng
    for _ in range(rng.integers(2, 9)):
        sign = 1 if rng.random() < 0.55 else -1
        at = rng.uniform(body.top["L1"], body.top["S1"])
        c = body.at(at, sign * rng.uniform(32, 115), rng.uniform(-75, -12))
        a, n = trunk.signal(rng.uniform(350, 1100)), int(rng.integers(3, 11))
        pts = trunk.wander(c, c + rng.normal(0, [22, 8, 24]), n, 5.0)
        r = rng.uniform(3, 11) * rng.uniform(0.6, 1.15, n)
        trunk.tube("bowel", pts, r, a * rng.uniform(0.3, 1))
    if rng.random() < 0.6:
        at = body.top[body.last_t] + rng.uniform(-25, 30)
        c = body.at(at, rng.uniform(40, 95), rng.uniform(-85, -30))
        parts = []
        for _ in range(4):
            spot, half = c + rng.normal(0, 9, 3), rng.uniform(8, 24, 3)
            amp = trunk.signal(rng.uniform(500, 1300)) * 0.6
            parts.append(Ellipsoid(spot, half, amp, rng.normal(0, 0.6), outside=False))
        trunk.add("stomach", *parts)
    if rng.random() < 0.6:
        at = body.top["L1"] + rng.uniform(-5, 30)
        c = body.at(at, -rng.uniform(20, 38), -rng.uniform(30, 60))
        end = c + offset(rng.uniform(-6, 25), 5, -rng.uniform(30, 60))
        pts = trunk.wander(c, end, 9, 2.5)
        r = rng.uniform(2, 7) * rng.uniform(0.4, 1.1, 9)
        trunk.tube("duodenum", pts, r, trunk.signal(700))


def _bladder_and_pleura(trunk: _Trunk) -> None:
    """Add the bladder and, now and then, pleural fluid."""
    body, rng = trunk.body, trunk.rng
    c = body.at(
        body.bottom["S3"], rng.normal(0, 8), -rng.uniform(55, 95), -rng.uniform(10, 40)
    )  # fmt: skip
    trunk.blob("bladder", c, rng.uniform([25, 20, 15], [45, 35, 40]), 1.0)
    if rng.random() >= 0.18:
        return
    both = rng.random() < 0.5
    for sign in (1, -1) if both else (1 if rng.random() < 0.5 else -1,):
        s = body.top[body.last_t] + np.linspace(-rng.uniform(25, 90), 15, 12)
        share = np.linspace(0, 1, 12)
        pts = np.stack([
            body.at(q, sign * (38 + 45 * f**0.7), 25 - 22 * f)
            for q, f in zip(s, share, strict=True)
        ])  # fmt: skip
        r = rng.uniform(1.5, 4.5) * np.sin(np.linspace(0.1, np.pi - 0.1, 12)) ** 0.7
        trunk.tube("pleural fluid", pts, r, trunk.signal(1200), flat=1.2)


def _neck(trunk: _Trunk, sign: int) -> None:
    """Add thyroid cysts, salivary glands and slow vessels of one side."""
    body, rng = trunk.body, trunk.rng
    if rng.random() < 0.22:
        at = body.bottom["C7"] + rng.uniform(-8, 16)
        c = body.at(at, sign * rng.uniform(13, 26), -rng.uniform(38, 60))
        trunk.blob("thyroid cyst", c, rng.uniform(1.5, 7, 3), trunk.signal(900))
    if rng.random() < 0.7:
        at = body.top["C2"] + rng.uniform(-8, 22)
        c = body.at(at, sign * rng.uniform(38, 58), -rng.uniform(12, 45))
        parts = []
        for _ in range(3):
            spot, half = c + rng.normal(0, 3, 3), rng.uniform([5, 5, 8], [11, 10, 17])
            amp = trunk.signal(300) * 0.6
            parts.append(Ellipsoid(spot, half, amp, rng.normal(0, 0.3), outside=False))
        trunk.add("salivary gland", *parts)
    if rng.random() < 0.55:
        a = body.at(body.top["C2"], sign * rng.uniform(24, 36), -rng.uniform(15, 30))
        b = body.at(body.bottom["C7"] + 15, sign * rng.uniform(20, 42), -rng.uniform(18, 35))
        path = trunk.wander(a, b, 14, 1.0)
        r = rng.uniform(2, 4.5) * rng.uniform(0.7, 1.1, 14)
        trunk.tube("neck vessel", path, r, rng.uniform(0.02, 0.14))


def _facets(trunk: _Trunk, sign: int) -> None:
    """Add the fluid of facet joints of one side."""
    body, rng = trunk.body, trunk.rng
    levels = [f"C{i}" for i in range(3, 8)] + [f"T{i}" for i in range(1, body.thoracic + 1)]
    for level in levels + [f"L{i}" for i in range(1, body.lumbar + 1)]:
        odds = {"C": 0.1, "T": 0.05, "L": 0.3}[level[0]] * (0.5 + body.age / 60)
        if rng.random() >= odds:
            continue
        s0 = body.bottom[level] + rng.normal(0, 2)
        k = 1 if level[0] == "L" else 0.6
        beside = sign * (body.value(body.rx, s0) + rng.uniform(1, 8) * k)
        c = body.at(s0, beside, body.value(body.ry, s0) + rng.uniform(3, 9))
        half = np.array([rng.uniform(0.6, 1.3), rng.uniform(2, 4.5), rng.uniform(3, 6)]) * k
        amp = trunk.signal(900) * rng.uniform(0.3, 1)
        trunk.blob("facet joint", c, half, amp, sign * rng.normal(0.2, 0.2))


def _veins(trunk: _Trunk) -> None:
    """Add slow paravertebral and epidural veins."""
    body, rng = trunk.body, trunk.rng
    for _ in range(rng.poisson(3.0)):
        s0 = rng.uniform(body.top["C4"], body.bottom[body.last_l])
        sign = 1 if rng.random() < 0.5 else -1
        beside = sign * (body.value(body.rx, s0) + rng.uniform(1, 12))
        a = body.at(s0, beside, rng.normal(-4, 5))
        b = a + offset(sign * rng.uniform(-4, 26), rng.normal(0, 6), rng.uniform(-32, 12))
        path = trunk.wander(a, b, 12, 1.1)
        r = rng.uniform(0.6, 1.4) * rng.uniform(0.5, 1.2, 12)
        trunk.add("vein", Tube(path, r, rng.uniform(0.08, 0.35)))


def head_of(body: Body, rng: Rng) -> Organ:
    """Return cisterns and posterior fossa above C1, seen when the top station reaches there."""
    top = body.p[0]
    rx = body.rx[0]
    up = np.linspace(0, 1, 7)
    parts: list[Part] = []
    for sign in (1, -1):
        p = np.stack([top + offset(sign * (0.62 * rx + 3 * q), -1 - 6 * q, 22 * q) for q in up])
        parts.append(Tube(p, 0.42 * rx + 2.0 * up, 0.55, 0.9))
    c = top + offset(rng.normal(0, 1), 7, 11)
    half = np.array([rng.uniform(8, 14), 3.5, rng.uniform(9, 14)])
    parts.append(Ellipsoid(c, half, 0.9))
    middle = np.stack(
        [top + offset(0, 2, 14.0), top + offset(0, 0, 24.0), top + offset(0, -2, 34.0)]
    )
    parts.append(Tube(middle, np.array([1.2, 6.0, 2.0]), 0.6))
    for sign in (1, -1):
        line = [(15, -6, 16.0), (22, -10, 28.0), (28, -12, 42.0)]
        side = np.stack([top + offset(sign * x, y, z) for x, y, z in line])
        parts.append(Tube(side, np.array([2, 4.0, 5.0]), 0.7, outside=False))
        parts += [_folium(top, rng, sign, m) for m in range(9)]
    return Organ("cisterna magna and folia", top + offset(0, 6, 12.0), tuple(parts))


def _folium(top: Floats, rng: Rng, sign: int, m: int) -> Tube:
    """Return one cleft between the folia of the cerebellum."""
    z = 18 + 5.2 * m + rng.normal(0, 0.8)
    w = 42 * np.sqrt(max(0.1, 1 - ((m - 4.5) / 7) ** 2))
    pts = np.stack([
        top + offset(sign * (6 + w * f), 20 - 14 * f, z - 9 * f * f + rng.normal(0, 0.6))
        for f in np.linspace(0, 1, 8)
    ])  # fmt: skip
    r = np.full(8, rng.uniform(0.5, 1.2))
    return Tube(pts, r, rng.uniform(0.4, 0.9), 5.0, outside=False)
