"""Forms that leaked fluid takes beside a root: haze, streaks, net and triangle."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.strangers.a.anatomy import Floats, Rng
from benchmarks.strangers.a.shapes import Fan, Mist, along, wire
from benchmarks.strangers.a.sleeves import Body, Root

Flow = Callable[[Floats], Floats]
STEPS, DECAY = 46, 0.7
"""Steps of the particles of a haze, and the share of them lost over the way."""


def swirl(rng: Rng, low: float = 5.0, high: float = 26.0, amp: float = 0.9) -> Flow:
    """Return a smooth random flow, a sum of shear waves, as a function of points (n, 3)."""
    n = 7
    k = rng.normal(size=(n, 3))
    k /= np.linalg.norm(k, axis=1, keepdims=True)
    k *= (2 * np.pi / rng.uniform(low, high, n))[:, None]
    e = np.cross(k, rng.normal(size=(n, 3)))
    e /= np.linalg.norm(e, axis=1, keepdims=True)
    e *= amp * np.sqrt(2 / n)
    ph = rng.uniform(0, 2 * np.pi, n)

    def flow(p: Floats) -> Floats:
        """Return the flow at points."""
        moved: Floats = np.cos(p @ k.T + ph) @ e
        return moved

    return flow


def clumps(rng: Rng, p: Floats) -> Floats:
    """Return a haze's uneven density at points (n, 3): log-normal, a sum of octaves."""
    g = np.zeros(len(p))
    for wavelength, a in ((14.0, 0.7), (7.0, 0.6), (3.5, 0.5)):
        k = rng.normal(size=(4, 3)) * 2 * np.pi / wavelength / 1.7
        g += a * np.cos(p @ k.T + rng.uniform(0, 6.28, 4)).sum(1) * 0.7
    density: Floats = np.exp(np.clip(g, -2.5, 1.2))
    return density


def out_of(body: Body, root: Root, rng: Rng, steep: float = 0.0) -> Floats:
    """Return where fluid runs: along the root, then flatter along the planes of muscles."""
    t, left, post = body.frame(root.s)
    letter = root.segment[0]
    down = {"C": 0.45, "T": 0.28, "L": 0.75, "S": 1.3}[letter] + steep + rng.normal(0, 0.12)
    aft = {"C": -0.15, "T": 0.12, "L": -0.12, "S": -0.1}[letter] + rng.normal(0, 0.1)
    d = root.sign * left + down * t + aft * post
    unit: Floats = d / np.linalg.norm(d)
    return unit


def plume(
    body: Body, root: Root, rng: Rng, reach: float, looks: tuple[float, float, int]
) -> Floats:
    """Return the trails of particles that ride a swirling flow outward from the sleeve's tip.

    ``looks``: width of the source, mm, turbulence, and number of particles.
    """
    width, turbulence, n = looks
    d = out_of(body, root, rng)
    lat = float(abs(d @ body.frame(root.s)[1]))
    start = root.points[-1] * 0.75 + root.wall * 0.25
    s0 = body.lateral(start, root.sign)[1]
    length = max(4.0, (reach - s0) / max(lat, 0.25))
    p = start + rng.normal(0, 1, (n, 3)) * [width, width * 0.8, width] * 0.6
    f = swirl(rng, amp=turbulence)
    far = length * np.minimum(1.0, 0.25 + 0.85 * rng.beta(1.6, 1.1, n))
    h = length / STEPS
    trail, dist = [], np.zeros(n)
    for i in range(STEPS):
        v = d + f(p) * min(1.0, 0.35 + i / STEPS) + rng.normal(0, 0.18, (n, 3))
        p = p + h * v
        dist += h
        live = (dist < far) & (rng.random(n) < 1 - DECAY * i / STEPS)
        if live.any():
            trail.append(p[live])
    p = np.concatenate(trail)
    return p[~body.axial.inside(p, 0.3)]


def lines(body: Body, root: Root, rng: Rng, reach: float, count: int) -> list[Mist]:
    """Return streaks: separate wavy threads that fan out along the root."""
    out = []
    for _ in range(count):
        start = root.points[rng.integers(4, 9)]
        d = out_of(body, root, rng, rng.normal(0.0, 0.28))
        lat = float(abs(d @ body.frame(root.s)[1]))
        goal = reach * rng.uniform(0.6, 1.0) - body.lateral(start, root.sign)[1]
        length = max(4.0, goal / max(lat, 0.25))
        n = int(length / 1.2) + 4
        drift = np.cumsum(rng.normal(0, 0.13, (n, 3)), 0)
        q = np.linspace(0, length, n)[:, None]
        pts = start + rng.normal(0, [1.4, 1.4, 2.0], 3) + q * d + drift * [1, 1, 1.1]
        pts = pts + 0.004 * q**2 * np.array([0, 0, -1.0])
        fade = np.clip(1.2 - 0.75 * np.linspace(0, 1, n), 0, 1)
        w = np.clip(rng.normal(1, 0.35, n), 0.15, 1.7) * fade
        part = wire(pts, rng.uniform(0.55, 0.95), rng.uniform(0.45, 0.95), w)
        keep = ~body.axial.inside(part.points, 0.2)
        if keep.sum() > 8:
            out.append(Mist(part.points[keep], part.volumes[keep], part.sigma))
    return out


def net(body: Body, root: Root, rng: Rng, reach: float) -> Mist:
    """Return a reticular pattern: random nodes beside the sleeve, joined to their nearest."""
    d = out_of(body, root, rng)
    lat = float(abs(d @ body.frame(root.s)[1]))
    away = body.lateral(root.points[-1], root.sign)[1]
    length = max(5.0, (reach - away) / max(lat, 0.25))
    n = int(np.clip(length * 1.3, 10, 46))
    a = rng.uniform(0, 1, n) ** 0.8
    spread = rng.normal(0, 1, (n, 3)) * (2.0 + 0.17 * length * a)[:, None] * [0.5, 0.6, 1.0]
    nodes = root.points[-2] + (a * length)[:, None] * d + spread
    apart = np.linalg.norm(nodes[:, None] - nodes[None], axis=2) + np.eye(n) * 99
    threads, volumes = [], []
    for i in range(n):
        for j in np.argsort(apart[i])[: rng.integers(2, 4)]:
            mid = 0.5 * (nodes[i] + nodes[j]) + rng.normal(0, 0.12 * apart[i, j], 3)
            p, _ = along(np.stack([nodes[i], mid, nodes[j]]), 0.3)
            threads.append(p)
            ends = 0.35 + 0.65 * np.sin(np.linspace(0, np.pi, len(p)))
            thick = rng.uniform(0.4, 0.7) ** 2
            volumes.append(ends * np.pi * thick * 0.3 * (1.1 - 0.5 * a[i]))
    pts, vol = np.concatenate(threads), np.concatenate(volumes)
    keep = ~body.axial.inside(pts, 0.2)
    return Mist(pts[keep], vol[keep], rng.uniform(0.5, 0.8))


def triangle(body: Body, root: Root, rng: Rng, size: float) -> Fan:
    """Return a web in the axilla: base on the sac's side, tip along the sleeve."""
    t, left, post = body.frame(root.s)
    up, down = rng.uniform(1.5, 4) * size, rng.uniform(4, 8) * size
    s = np.linspace(root.s - up, min(root.s + down, body.s_end - 3), 8)
    yo = (root.wall - body.at(root.s)) @ post
    walls = np.stack([
        body.at(q) + root.sign * left * body.value(body.rx, q) * 0.93 + post * yo * 0.6 for q in s
    ])  # fmt: skip
    length = max(root.length, 5.0 * min(size, 1.3))
    course = root.direction * 0.6 + 0.4 * (root.sign * left + 0.3 * t)
    unit = course / np.linalg.norm(course)
    tip = root.wall + unit * length * rng.uniform(0.9, 1.15) * (0.6 + 0.5 * size)
    radius = rng.uniform(0.75, 1.15)
    return Fan(walls, tip, (radius, 0.4), rng.uniform(0.4, 0.8), rng.uniform(1.8, 3.0))
