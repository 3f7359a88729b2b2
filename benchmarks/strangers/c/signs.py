"""Leaks and what resembles them, laid into one straightened map and measured there.

The map has the tables' rows and columns of ``u`` from -72 to 72 mm, step 0.5 mm; its values are
mm of CSF along the ray. What a finding measures is read off its own map, never off its plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

from benchmarks.strangers.c.lumen import Grid
from benchmarks.strangers.c.seep import flood, haze, reticulum, streaks, tissue, wedge
from benchmarks.strangers.c.spine import STEP, Floats, Root, Spine, region_of, smooth_noise

WING = 72.0
"""Half width of the map, mm."""
POINT_BLUR = 0.5
"""Blur under which findings are measured, mm (sigma): that of a typical acquisition."""
TRIES = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """One finding or mimic with its measures; ``grade`` is ``None`` for what is not graded."""

    kind: str
    segment: str
    region: str
    side: str
    sign: int
    grade: int | None
    reach_mm: float
    extent_mm: float
    sac_width_mm: float
    brightness: float
    size_mm: float | None
    pattern: tuple[str, ...]
    s_mm: float
    u_mm: float


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One map, shape (s, u), and its depth behind the sac's axis, mm."""

    image: Grid
    depth: float


def columns() -> Floats:
    """Return ``u`` of the map's columns, mm."""
    return np.arange(-WING, WING + 0.1, STEP)


def blank(spine: Spine) -> Grid:
    """Return an empty map."""
    return np.zeros((len(spine.s), len(columns())), np.float32)


def measure(spine: Spine, image: Grid, root: Root, level: float) -> tuple[float, float]:
    """Return reach from the sac's edge, mm, and brightness over the sac, of one finding.

    The finding ends where its signal falls to a quarter of its own brightness.
    """
    rows = np.flatnonzero(image.max(axis=1) > 0)
    part = gaussian_filter(image[rows[0] : rows[-1] + 1], POINT_BLUR / STEP)
    beyond = columns()[None, :] * root.sign - spine.width[rows[0] : rows[-1] + 1, None] / 2
    outside = np.where(beyond > 0, part, 0)
    support = outside[outside > 0.15 * outside.max()]
    bright = float(np.quantile(support, 0.8))
    far = np.sort(beyond[outside >= bright / 4])
    return max(float(far[-min(4, len(far))]), 0.3), bright / level


def _lay(spine: Spine, root: Root, patch: Grid, corner: tuple[float, float]) -> Grid:
    """Return the map with a patch beside a root; ``corner`` is its first (a, v), mm."""
    out = blank(spine)
    first = spine.row(root.s_mm + corner[0])
    last = min(first + patch.shape[0] + 1, len(spine.s))
    v = columns()[None, :] * root.sign - spine.width[first:last, None] / 2
    a = np.broadcast_to((spine.s[first:last] - root.s_mm)[:, None], v.shape)
    place = [(a - corner[0]) / STEP, (v - corner[1]) / STEP]
    laid = map_coordinates(patch, place, order=1, mode="constant")
    out[first:last] = laid * np.clip(1 + v / 1.5, 0, 1)
    return out


def leak(
    rng: np.random.Generator, spine: Spine, root: Root, wish: tuple[int, float], level: float
) -> tuple[Grid, Mark]:
    """Return a leak's map and record; ``wish`` is the grade aimed at and brightness over the sac.

    The grade recorded follows the measures: a triangle alone is 1; with lateral signal it is 2 up
    to the sac's width and 3 beyond.
    """
    aim, ratio = wish
    width = 2 * spine.half(root.s_mm)
    for attempt in range(TRIES):
        image, pattern = _leak_map(rng, spine, root, aim, 1 + 0.25 * attempt)
        reach, bright = measure(spine, image, root, level)
        extent = reach - root.tip_mm
        grade = 1 if pattern == ("triangle",) else 3 if extent > width else 2
        if grade == aim and extent > (0.6 if aim == 1 else 1.5):
            break
    image *= np.float32(ratio / bright)
    mark = Mark(
        "leak", root.segment, root.region, root.side, root.sign, grade, reach, extent, width,
        ratio, None, pattern, root.s_mm, root.sign * width / 2,
    )  # fmt: skip
    return image, mark


def _leak_map(
    rng: np.random.Generator, spine: Spine, root: Root, aim: int, push: float
) -> tuple[Grid, tuple[str, ...]]:
    """Return the unscaled map of one leak and the patterns in it."""
    width = 2 * spine.half(root.s_mm)
    if aim == 1:
        extra = rng.uniform(1, 3) if rng.random() < 0.4 else rng.uniform(2.5, 7.5)
        tip = root.tip_mm + min(extra * push, 8.0) + 0.6
        medium = tissue(rng, root, tip, 0)
        base = tip * rng.uniform(0.6, 2.6) + 2
        patch = wedge(rng, root, tip, min(base, 0.8 * root.level_mm), medium)
        return _lay(spine, root, patch, (medium.a[0], medium.v[0])), ("triangle",)
    extent = rng.uniform(0.2, 0.92) * width if aim == 2 else rng.uniform(1.1, 2.2) * width
    goal = float(np.clip(root.tip_mm + max(extent, 3.0) * push, 4, 54))
    medium = tissue(rng, root, goal, float(rng.uniform(0, 1)))
    wet = flood(medium, root, goal, int(rng.integers(1, 3)))
    kinds = ["streaks", "reticular", "haze"]
    chosen = set(rng.choice(kinds, int(rng.integers(1, 3)) + (aim == 3), False, [0.5, 0.2, 0.3]))
    patch = np.zeros_like(haze(rng, wet, sharp=True))
    if "streaks" in chosen:
        patch += rng.uniform(0.6, 1.1) * streaks(rng, wet, rng.uniform(0.05, 0.3))
    if "reticular" in chosen:
        patch += rng.uniform(0.4, 0.9) * reticulum(rng, wet)
    if "haze" in chosen:
        patch += rng.uniform(0.3, 0.9) * haze(rng, wet, sharp=bool(rng.random() < 0.4))
    pattern = tuple(k for k in kinds if k in chosen)
    if rng.random() < 0.8:
        tip = float(min(root.tip_mm + rng.uniform(1, 6), goal))
        patch = np.maximum(patch, wedge(rng, root, tip, tip * rng.uniform(0.8, 2) + 2, medium))
        pattern = ("triangle", *pattern)
    return _lay(spine, root, patch, (medium.a[0], medium.v[0])), pattern


def collection(
    rng: np.random.Generator,
    spine: Spine,
    span: tuple[float, float],
    side: int,
    scale: tuple[float, float],
) -> tuple[Grid, Mark]:
    """Return fluid lying along the sac over several levels, scalloped by the pedicles.

    ``scale`` is its brightness over the sac and the sac's, mm of CSF.
    """
    s, out = spine.s, blank(spine)
    ends = np.array([e for _, e in spine.discs])
    phase = np.interp(s, ends, np.arange(len(ends)))
    bulge = 1.4 + 1.3 * np.cos(2 * np.pi * phase) + 0.5 * smooth_noise(rng, len(s), 12)
    thick = np.clip(rng.uniform(0.6, 1.3) * bulge, 0.3, None)
    thick *= np.clip((s - span[0]) / 12, 0, 1) * np.clip((span[1] - s) / 12, 0, 1)
    v = columns()[None, :] * side - spine.width[:, None] / 2
    body = np.clip(0.5 + (thick[:, None] - np.abs(v - 0.3)) / 0.8, 0, 1) * (thick[:, None] > 0.05)
    bright, level = scale
    out += (body * bright * level * (v > -2)).astype(np.float32)
    middle = sum(span) / 2
    nearest = min(spine.roots, key=lambda r: abs(r.s_mm - middle))
    name = "left" if side > 0 else "right"
    reach = float(thick.max())
    mark = Mark(
        "epidural-collection", nearest.segment, nearest.region, name, side, None, reach, 0.0,
        2 * spine.half(middle), bright, None, ("haze",), middle, side * spine.half(middle),
    )  # fmt: skip
    return out, mark


def cyst(rng: np.random.Generator, spine: Spine, root: Root, level: float) -> tuple[Grid, Mark]:
    """Return a perineurial cyst or, if large and necked, a meningocele."""
    sacral = root.segment[0] == "S" or root.segment == "L5"
    wide = rng.random() < (0.45 if sacral else 0.15)
    size = float(rng.uniform(11, 26 if sacral else 20) if wide else rng.uniform(4, 13))
    pouch = wide and not sacral
    fluid = float(rng.choice([rng.uniform(0.75, 1.0), rng.uniform(0.15, 0.5)], p=[0.7, 0.3]))
    angle, half = np.radians(root.angle_deg), spine.half(root.s_mm)
    touch = rng.random() < 0.35
    away = 0.36 * size if touch else root.tip_mm + rng.uniform(0.1, 0.5) * size
    centre = (root.s_mm + away / max(np.tan(angle), 0.4) * 0.8, half + away)
    v = columns()[None, :] * root.sign
    ds, du = spine.s[:, None] - centre[0], v - centre[1]
    lean = rng.uniform(-0.6, 0.6) + np.pi / 2 - angle
    long, across = ds * np.sin(lean) + du * np.cos(lean), ds * np.cos(lean) - du * np.sin(lean)
    oval = float(rng.uniform(1.0, 1.35))
    r2 = (long / oval) ** 2 + (across * oval**0.5) ** 2
    chord = 2 * np.sqrt(np.clip((size / 2) ** 2 - r2, 0, None))
    if rng.random() < 0.25:
        move = rng.uniform(0.25, 0.5) * size
        other = (long - move) ** 2 + (across - rng.uniform(-0.3, 0.3) * size) ** 2
        chord = np.maximum(chord, 2 * np.sqrt(np.clip((0.3 * size) ** 2 - other, 0, None)))
    if pouch:
        stalk = (centre[0] - root.s_mm, away)
        share = 1 + (ds * stalk[0] + du * stalk[1]) / np.hypot(*stalk) ** 2
        gap = np.hypot(ds + (1 - share) * stalk[0], du + (1 - share) * stalk[1])
        neck = (gap < size / 6) & (share > -0.1) & (share < 1)
        chord = np.maximum(chord, neck * size / 3)
    image = (chord * fluid * (v > half - 2)).astype(np.float32)
    reach, bright = measure(spine, image, root, level)
    kind = "meningocele" if pouch else "perineurial-cyst"
    mark = Mark(
        kind, root.segment, root.region, root.side, root.sign, 0, reach, reach - root.tip_mm,
        2 * half, bright, size * oval, ("round",), centre[0], root.sign * half,
    )  # fmt: skip
    return image, mark


def facet(
    rng: np.random.Generator, spine: Spine, disc: int, sign: int, level: float
) -> tuple[Grid, Mark]:
    """Return the fluid of one facet joint: a short slanting bar beside the canal."""
    name, at = spine.discs[disc]
    half = spine.half(at)
    u0, s0 = half + rng.uniform(3.5, 10), at + rng.normal(-1, 2.5)
    tall, thin = rng.uniform(3, 8), rng.uniform(0.9, 2.6)
    lean = np.radians(rng.uniform(-25, 25))
    ds, du = spine.s[:, None] - s0, columns()[None, :] * sign - u0
    long, across = ds * np.cos(lean) + du * np.sin(lean), du * np.cos(lean) - ds * np.sin(lean)
    bow = across - 0.03 * long**2 * rng.choice([-1, 1])
    ratio = float(rng.uniform(0.06, 0.5))
    shape = np.clip(1.2 - (long / tall) ** 2 - (bow / thin) ** 2, 0, 1)
    image = (shape * ratio * level).astype(np.float32)
    segment = name if name[0] != "C" else f"C{int(name[1:]) + 1}"
    side = "left" if sign > 0 else "right"
    region = region_of(segment, spine.thoracic)
    mark = Mark(
        "other-fluid", segment, region, side, sign, 0, float(u0 - half + thin),
        0.0, 2 * half, ratio, float(2 * tall), (), float(s0), float(sign * u0),
    )  # fmt: skip
    return image, mark


def texture(rng: np.random.Generator, spine: Spine, level: float, bright: float) -> list[Layer]:
    """Return what lies beside every sac: veins, discs, haemangiomas; never a finding."""
    veins, bodies = blank(spine), blank(spine)
    u = columns()
    for _ in range(int(rng.integers(0, 26))):
        root = spine.roots[int(rng.integers(0, len(spine.roots)))]
        n = int(rng.integers(16, 90))
        heading = rng.normal(0.3, 1.0) + np.cumsum(rng.normal(0, 0.12, n))
        rows = spine.row(root.s_mm + rng.normal(0, 6)) + np.cumsum(np.sin(heading))
        v = spine.half(root.s_mm) + rng.uniform(1, 14) + np.cumsum(np.cos(heading)) * STEP
        cols = (root.sign * v + WING) / STEP
        ok = (rows > 0) & (rows < len(spine.s) - 1) & (cols > 0) & (cols < len(u) - 1) & (v > 1)
        place = (rows[ok].astype(int), cols[ok].astype(int))
        np.add.at(veins, place, rng.uniform(0.05, 1.0) * np.sqrt(np.linspace(1, 0.1, n))[ok])
    veins = gaussian_filter(veins, 1.0) * np.float32(2.6 * 0.45 * bright * level)
    glow = rng.uniform(0, 0.035) if rng.random() < 0.5 else 0.0
    for k in range(7, len(spine.discs) - 4):
        at, wide = spine.discs[k][1], spine.half(spine.discs[k][1]) + rng.uniform(6, 10)
        r2 = ((spine.s[:, None] - at) / rng.uniform(2.5, 4)) ** 2 + (u[None, :] / wide) ** 4
        bodies += (glow * rng.uniform(0, 1) * level * np.exp(-(r2**2))).astype(np.float32)
        if rng.random() < 0.02:
            spot = (at - rng.uniform(9, 16), rng.uniform(-12, 12), rng.uniform(3, 8))
            r2 = ((spine.s[:, None] - spot[0]) ** 2 + (u[None, :] - spot[1]) ** 2) / spot[2] ** 2
            bodies += (rng.uniform(0.02, 0.12) * level * np.exp(-(r2**2))).astype(np.float32)
    return [Layer(veins, 4.0), Layer(bodies, -24.0)]
