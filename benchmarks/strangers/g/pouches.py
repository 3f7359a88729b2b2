"""Cysts, meningoceles and other fluid that lies beside the sac and is no leak."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from benchmarks.strangers.g.fields import Array, Rng, course, sheet, spread
from benchmarks.strangers.g.lumen import ACROSS, sac_at, stroke
from benchmarks.strangers.g.spine import SIDES, Root, Spine

USUAL = {"C7": 2, "C8": 3, "T1": 3, "T2": 2, "T9": 2, "T10": 2, "T11": 2, "T12": 2, "L1": 1.5,
         "L2": 1.5, "L3": 1.5, "L4": 1.5, "L5": 2, "S1": 4, "S2": 6, "S3": 6}  # fmt: skip
"""How often cysts are found at a root, relative (ANATOMY, reviews)."""


@dataclass(frozen=True, slots=True)
class Pouch:
    """A round outpouching: where it meets the sac, its reach and size in mm."""

    kind: str
    root: Root
    reach_mm: float
    extent_mm: float
    sac_width_mm: float
    brightness: float
    size_mm: float


@dataclass(frozen=True, slots=True)
class Spot:
    """Fluid beside the spine that is neither CSF nor leak: name and place on the canvas, mm."""

    name: str
    s_mm: float
    u_mm: float


Drawn = tuple[slice, slice, Array]


def ball(rng: Rng, spine: Spine, centre: tuple[float, float], radii: tuple[float, float]) -> Drawn:
    """Return rows, columns and depth (mm) of a bulging ball with a wavy outline.

    ``centre`` is ``(s, u)``; ``radii`` along and across the axis.
    """
    pad = 1.4 * max(radii) + 1
    rows = slice(spine.row(centre[0] - pad), spine.row(centre[0] + pad) + 1)
    mine = np.flatnonzero(np.abs(ACROSS - centre[1]) < pad)
    columns = slice(int(mine[0]), int(mine[-1]) + 1) if mine.size else slice(0, 0)
    y = (spine.s[rows][:, None] - centre[0]) / radii[0]
    x = (ACROSS[None, columns] - centre[1]) / radii[1]
    angle = np.arctan2(y, x)
    outline = 1 + sum(
        rng.normal(0, 0.12 / k) * np.cos(k * angle + rng.uniform(0, 6.28)) for k in (2, 3, 4)
    )
    depth = 2 * min(radii) * np.sqrt(np.clip(1 - (x**2 + y**2) / outline**2, 0, None))
    return rows, columns, np.asarray(depth, dtype=np.float32)


def _size(rng: Rng, root: Root, giant: bool) -> float:
    """Return a cyst's radius, mm."""
    top = 15.0 if root.segment[0] == "S" else 11.0 if root.region == "lumbar" else 8.0
    return float(rng.uniform(5.0, top) if giant else rng.uniform(2.2, 5.2))


def make_pouch(rng: Rng, spine: Spine, root: Root, path: Array) -> tuple[Pouch, list[Drawn]]:
    """Return a cyst or meningocele of a root and what it adds to ``path`` (CSF, mm)."""
    giant = rng.random() < 0.15
    kind = "meningocele" if giant and root.segment[0] != "S" else "perineurial-cyst"
    radius = _size(rng, root, giant)
    edge = spine.edge(root.s_mm, root.sign)
    out = max(root.reach_mm * rng.uniform(0.4, 1.0), 0.7 * radius)
    if kind == "meningocele":
        out = radius * rng.uniform(0.6, 0.95)
    down = min(root.slope, 2.3) * out
    light = float(rng.uniform(0.55, 1.1))
    whole = []
    for lobe in range(int(rng.choice([1, 1, 1, 2, 3]))):
        shift = rng.normal(0, 0.6 * radius, 2) * (lobe > 0)
        size = radius * (1 if lobe == 0 else rng.uniform(0.4, 0.8))
        centre = (root.s_mm + down + shift[0], root.sign * (edge + out + abs(shift[1]) * 0.7))
        rows, columns, depth = ball(rng, spine, centre, (size * spread(rng, 0.12), size))
        whole.append((rows, columns, light * depth))
    neck = np.array(
        [[root.s_mm, root.sign * (edge - 1)], [root.s_mm + down, root.sign * (edge + out)]]
    )
    steps = np.linspace(0, 1, 14)[:, None]
    points = (neck[:1] * (1 - steps) + neck[1:] * steps).astype(np.float32)
    rows, columns, depth = stroke(spine, points, np.full(14, min(1.2, 0.4 * radius), np.float32))
    whole.append((rows, columns, light * depth))
    reach = 0.0
    for _, columns, depth in whole[:-1]:
        hit = np.flatnonzero((depth > 0.5).any(axis=0))
        if hit.size:
            far = ACROSS[columns][hit]
            reach = max(reach, float((root.sign * far).max()) - edge)
    bright = light * 1.5 * radius / sac_at(spine, path, root.s_mm)
    made = Pouch(kind, root, max(reach, 0.5), max(reach - root.reach_mm, 0.0),
                 spine.width(root.s_mm), bright, 2 * radius)  # fmt: skip
    return made, whole


def choose_pouched(rng: Rng, spine: Spine, count: int) -> list[Root]:
    """Return the roots that get a cyst."""
    odds = np.array([USUAL.get(root.segment, 0.6) for root in spine.roots])
    odds[[root.segment in ("C1", "C2") for root in spine.roots]] = 0
    chosen = rng.choice(len(spine.roots), size=count, replace=False, p=odds / odds.sum())
    return [spine.roots[int(k)] for k in chosen]


def facet(rng: Rng, spine: Spine) -> tuple[Spot, list[Drawn]]:
    """Return fluid in a facet joint: an upright sickle behind the foramen."""
    disc, sign = float(rng.choice(spine.discs[-9:])), int(rng.choice(SIDES))
    u = sign * (spine.edge(disc, sign) + rng.uniform(1, 9))
    tall, wide = rng.uniform(3, 7), rng.uniform(0.8, 2.4)
    rows, columns, depth = ball(rng, spine, (disc + rng.normal(0, 2), u), (tall, wide))
    return Spot("facet-fluid", disc, u), [(rows, columns, depth * rng.uniform(0.4, 1.2))]


def synovial_cyst(rng: Rng, spine: Spine) -> tuple[Spot, list[Drawn]]:
    """Return a synovial cyst or a ganglion at some distance from the sac."""
    disc, sign = float(rng.choice(spine.discs[3:])), int(rng.choice(SIDES))
    u = sign * (spine.edge(disc, sign) + rng.uniform(9, 26))
    radius = rng.uniform(2, 5)
    rows, columns, depth = ball(rng, spine, (disc + rng.normal(0, 4), u), (radius, radius))
    return Spot("joint-cyst", disc, u), [(rows, columns, depth * rng.uniform(0.4, 1))]


def vein(rng: Rng, spine: Spine) -> tuple[Spot, list[Drawn]]:
    """Return a slow vein beside the canal: a faint winding line along it, with side branches."""
    start, sign = rng.uniform(60, spine.end_mm - 60), int(rng.choice(SIDES))
    long, count = rng.uniform(25, 110), 70
    run = np.linspace(0, 1, count)
    s = start + long * run
    edge = np.interp(s, spine.s, spine.half[0 if sign > 0 else 1])
    u = edge + rng.uniform(0.8, 6) + rng.uniform(0.6, 1.8) * course(rng, count, rng.uniform(4, 10))
    points = np.stack([s, sign * np.maximum(u, edge + 0.4)], axis=1).astype(np.float32)
    radii = 0.8 * np.exp(0.3 * course(rng, count, 6)).astype(np.float32)
    light = rng.uniform(0.15, 0.75)
    rows, columns, depth = stroke(spine, points, radii)
    drawn = [(rows, columns, light * depth)]
    for _ in range(int(rng.integers(0, 4))):
        at, out = points[int(rng.integers(count))], np.linspace(0, rng.uniform(6, 28), 40)
        way = np.stack(
            [at[0] + rng.normal(0, 0.4) * out + course(rng, 40, 8), at[1] + sign * out], 1
        )
        rows, columns, depth = stroke(spine, way.astype(np.float32), np.full(40, 0.7, np.float32))
        drawn.append((rows, columns, light * rng.uniform(0.5, 1) * depth))
    return Spot("vein", float(start + long / 2), float(points[count // 2, 1])), drawn


def chyle(rng: Rng, spine: Spine) -> tuple[Spot, list[Drawn]]:
    """Return the cisterna chyli and a beaded thoracic duct above it."""
    low = float(spine.discs[-5 - int(rng.integers(0, 2))])
    long, u0 = rng.uniform(14, 45), rng.uniform(-11, 4)
    count = 90
    run = np.linspace(0, 1, count)
    body = rng.uniform(1.6, 3.6) * np.sin(np.pi * np.clip(run / 0.45, 0, 1)) ** 0.7
    beads = 0.75 + 0.25 * course(rng, count, 3)
    duct = np.clip(rng.uniform(0.5, 1.1) * beads, 0.1, 2) * (run > 0.3)
    s = low - run * long / 0.45
    u = u0 + 7 * run + 1.5 * course(rng, count, 16)
    points = np.stack([s, u], axis=1).astype(np.float32)
    rows, columns, depth = stroke(spine, points, np.maximum(body, duct).astype(np.float32))
    return Spot("cisterna-chyli", low, u0), [(rows, columns, depth * rng.uniform(0.3, 0.9))]


def fat(rng: Rng, spine: Spine) -> tuple[Spot, list[Drawn]]:
    """Return fat beside the spine whose signal was not removed: broad, faint, mottled."""
    s0, sign = rng.uniform(20, spine.end_mm - 20), int(rng.choice(SIDES))
    u0, radii = sign * rng.uniform(22, 55), (rng.uniform(18, 60), rng.uniform(7, 16))
    rows, columns, depth = ball(rng, spine, (s0, u0), radii)
    if depth.size:
        mottle = np.exp(0.6 * sheet(rng, (depth.shape[0], depth.shape[1]), (6, 4)))
        smooth = gaussian_filter(depth * mottle, 2.0) / max(min(radii), 1)
        depth = np.asarray(smooth, dtype=np.float32)
    return Spot("fat", float(s0), float(u0)), [(rows, columns, depth * rng.uniform(0.15, 0.6))]


def bright_disc(rng: Rng, spine: Spine) -> list[Drawn]:
    """Return the faint bands of watery discs; strongest in the young."""
    light = rng.uniform(0, 0.8) * (1 - spine.person.age / 100)
    drawn = []
    for disc in spine.discs:
        wide = 9 + 0.5 * spine.width(float(disc)) * 0.6
        rows, columns, depth = ball(rng, spine, (float(disc), 0.0), (rng.uniform(1.6, 3), wide))
        drawn.append((rows, columns, depth * light * 0.06 * spread(rng, 0.5)))
    return drawn


LOOSE = ((facet, 0.5, 5), (synovial_cyst, 0.2, 2), (vein, 0.45, 5), (chyle, 0.4, 1), (fat, 0.25, 4))
"""What may lie beside a spine of either arm: how often, and how many at most."""


def bystanders(rng: Rng, spine: Spine) -> tuple[list[Spot], list[Drawn]]:
    """Return the other fluid beside the spine; no arm is asked."""
    spots: list[Spot] = []
    drawn = bright_disc(rng, spine)
    for make, odds, most in LOOSE:
        if rng.random() > odds:
            continue
        for _ in range(int(rng.integers(1, most + 1))):
            spot, parts = make(rng, spine)
            spots.append(spot)
            drawn += parts
    return spots, drawn


def add(canvas: Array, drawn: list[Drawn]) -> None:
    """Add drawn parts to a canvas."""
    for rows, columns, depth in drawn:
        canvas[rows, columns] += depth[: rows.stop - rows.start, : columns.stop - columns.start]


def raise_to(canvas: Array, drawn: list[Drawn]) -> None:
    """Let drawn parts stand on a canvas where they are deeper than what is there."""
    for rows, columns, depth in drawn:
        np.maximum(canvas[rows, columns], depth, out=canvas[rows, columns])
