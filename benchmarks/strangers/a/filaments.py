"""Nerve fibres within the sac, which displace CSF: rootlets and cauda equina."""

from __future__ import annotations

import numpy as np

from benchmarks.strangers.a.anatomy import Floats, Rng
from benchmarks.strangers.a.shapes import Mist, wire
from benchmarks.strangers.a.sleeves import Body, Root


def filaments(body: Body, rng: Rng) -> Mist:
    """Return all fibres of the sac as one cloud."""
    parts: list[Mist] = []
    for root in body.roots:
        above = root.s < body.s_conus - 15
        parts += _rootlets(body, root, rng) if above else _strands(body, root, rng)
    for m in range(8):  # lower sacral roots and the filum
        s: Floats = np.arange(body.s_conus - 20, body.s_end - 2, 4.0)
        off = rng.normal(0, 0.22)
        pts = body.points(s)
        sway = np.clip(off + 0.05 * np.sin(s / 20 + m), -0.6, 0.6)
        pts[:, 0] += sway * body.values(body.rx, s)
        pts[:, 1] += (0.45 + 0.1 * np.sin(s / 30 + 2 * m)) * body.values(body.ry, s)
        parts.append(wire(pts, 0.3 if m else 0.6))
    return merged(parts, 0.4)


def merged(parts: list[Mist], sigma: float) -> Mist:
    """Return clouds as one, of amplitude 1."""
    points = np.concatenate([part.points for part in parts])
    return Mist(points, np.concatenate([part.volumes for part in parts]), sigma)


def nerves(body: Body) -> Mist:
    """Return the nerves within the sleeves, dimmed as their sleeves are."""
    clouds = [(wire(root.points, root.nerve), root.amplitude) for root in body.roots]
    points = np.concatenate([cloud.points for cloud, _ in clouds])
    return Mist(points, np.concatenate([cloud.volumes * amp for cloud, amp in clouds]), 0.3)


def _rootlets(body: Body, root: Root, rng: Rng) -> list[Mist]:
    """Return rootlets that fan from the cord to a sleeve."""
    usual = {"C": 5.0, "T": 16.0}.get(root.segment[0], 22.0)
    rise = usual * rng.uniform(0.7, 1.3)
    parts = []
    for dy in (-1, -1, 1, 1):
        s0 = max(2, root.s - rise * rng.uniform(0.6, 1.3))
        _, left, post = body.frame(s0)
        cord = body.at(s0, body.value(body.cox, s0), body.value(body.coy, s0))
        a = cord + left * root.sign * body.value(body.crx, s0) * 0.8
        a = a + post * dy * body.value(body.cry, s0) * 0.6
        middle = 0.5 * (a + root.wall) + root.sign * left * 0.6
        parts.append(wire(np.asarray([a, middle, root.wall]), rng.uniform(0.25, 0.42)))
    return parts


def _strands(body: Body, root: Root, rng: Rng) -> list[Mist]:
    """Return two strands of the cauda equina that end in a sleeve."""
    parts = []
    for _ in range(2):
        s0 = min(body.s_conus - rng.uniform(8, 40), root.s - 8)
        s: Floats = np.arange(max(s0, 5), root.s + 1, 4.0)
        f = np.clip((s - s0) / max(root.s - s0, 1), 0, 1)
        _, left, post = body.frame(0.5 * (s0 + root.s))
        rx, ry = body.values(body.rx, s), body.values(body.ry, s)
        lat0 = rng.uniform(0.15, 0.55)
        lat = lat0 + (0.96 - lat0) * f ** rng.uniform(1.5, 4)
        lat = lat + 0.03 * np.sin(s / rng.uniform(8, 16) + rng.uniform(0, 6))
        deep = np.clip(0.5 - 0.45 * f + rng.normal(0, 0.12), -0.2, 0.75)
        deep = deep * np.sqrt(np.clip(1 - lat**2, 0.02, 1))
        pts = body.points(s) + (lat * rx * root.sign)[:, None] * left
        parts.append(wire(pts + (deep * ry)[:, None] * post, rng.uniform(0.5, 0.8)))
    return parts
