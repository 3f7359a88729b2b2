"""Leaked fluid: level sets and random walks along the planes that a root follows.

A leak is drawn in a patch of its own: rows along the axis, ``p`` mm from the root's course (down
positive), columns ``q`` mm outward from the sac's edge, and then sheared onto the canvas. All
measures are taken from what was drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

from benchmarks.strangers.g.fields import Array, Floats, Rng, course, ridged, sheet, spread
from benchmarks.strangers.g.lumen import ACROSS, HALF, sac_at
from benchmarks.strangers.g.spine import STEP, Root, Spine

LONG, TALL = 160, 161
"""Columns and rows of a patch."""
OUT = (np.arange(LONG) * STEP).astype(np.float32)[None, :]
DOWN = ((np.arange(TALL) - TALL // 2) * STEP).astype(np.float32)[:, None]
SEEN = 0.4
"""Share of a leak's bright parts from which on a place belongs to it."""
CLEAR = 11.0
"""Signal-to-noise ratio of the whole of what a leak adds, from which on it is clear to an eye."""
FRESH = 14.0
"""Least area in mm^2 where a leak outshines what lies there without it."""
OUTGROWN = 0.8
"""Least share of what lies there already (a sleeve, a cyst) that a leak adds in area."""
RESOLVED = 0.9
"""Area of a resolution element, mm^2."""
SPECK = 3.0
"""Area in mm^2 beyond a distance that makes a leak reach it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a leak shall look like: solid triangle, loose patterns, length beyond the sleeve.

    ``swell`` is a factor of the triangle's base.
    """

    triangle: bool
    loose: tuple[str, ...]
    beyond_mm: float
    brightness: float
    swell: float = 1.0

    def larger(self) -> Plan:
        """Return the plan of a leak that is seen better."""
        return replace(self, beyond_mm=1.25 * self.beyond_mm + 2, swell=1.3 * self.swell)


@dataclass(frozen=True, slots=True)
class Leak:
    """A drawn leak, its measures (mm) and its grade by the paper's rule."""

    root: Root
    grade: int
    pattern: tuple[str, ...]
    reach_mm: float
    extent_mm: float
    sac_width_mm: float
    brightness: float
    size_mm: float
    last_s_mm: float
    first_s_mm: float


def _triangle(rng: Rng, root: Root, length: float, swell: float) -> Array:
    """Return a solid wedge on the sac's edge that tapers to ``length``; 0-1."""
    base = 0.5 * rng.uniform(7, 17) * (1.2 if root.region == "lumbar" else 1)
    base = max(base, 2.0 * root.wide_mm) * swell
    run = np.clip(1 - OUT / length, 0, None)
    upper = base * run ** rng.uniform(0.8, 1.9) * rng.uniform(0.6, 1.1)
    lower = base * run ** rng.uniform(0.8, 1.9) * rng.uniform(0.8, 1.2)
    rough = rng.uniform(0.3, 1.1) * sheet(rng, (TALL, LONG), (6, 6)) * np.clip(run * 2, 0, 1)
    inside = np.minimum(lower - DOWN, DOWN + upper) + rough
    return np.asarray(np.clip(inside / 1.6, 0, 1) ** 0.6 * (run > 0), dtype=np.float32)


def _walkers(rng: Rng, count: int, far: Floats, fan: float, start: float) -> tuple[Array, Array]:
    """Return ``(p, q)`` of walkers, ``(count, steps)``, that drift outward along the planes."""
    steps = 130
    run = np.linspace(0, 1, steps)[None, :]
    q = 1.0 + (far[:, None] - 1.0) * run
    angle = fan * rng.standard_normal((count, 1))
    turn = np.cumsum(rng.standard_normal((count, steps)), axis=1) / math.sqrt(steps)
    p = start * rng.standard_normal((count, 1)) + angle * q * run**0.3
    p += turn * rng.uniform(0.06, 0.2) * far.max() * run
    return p.astype(np.float32), q.astype(np.float32)


def _deposit(rng: Rng, p: Array, q: Array, sigma: float) -> Array:
    """Return what walkers leave behind, each with fading and broken light."""
    patch = np.zeros((TALL, LONG), dtype=np.float32)
    count, steps = p.shape
    light = np.exp(0.45 * rng.standard_normal((count, 1)))
    light = light * (1 - rng.uniform(0.1, 0.55) * np.linspace(0, 1, steps)[None, :])
    broken = np.stack([course(rng, steps, 9) for _ in range(count)])
    light = light * np.clip(1 + 0.8 * broken, 0, 2)
    i = np.rint(p / STEP).astype(int) + TALL // 2
    j = np.rint(q / STEP).astype(int)
    fits = (i >= 0) & (i < TALL) & (j >= 0) & (j < LONG)
    np.add.at(patch, (i[fits], j[fits]), light[fits].astype(np.float32))
    return np.asarray(gaussian_filter(patch, (sigma, sigma * 0.8)), dtype=np.float32)


def _threads(rng: Rng, far: float, kind: str) -> Array:
    """Return streaks (few, together) or a feathered fan (many, apart)."""
    fan = kind == "fan"
    count = int(rng.integers(14, 34) if fan else rng.integers(2, 7))
    lengths = far * (rng.beta(2.2, 1.2, count) if fan else rng.uniform(0.55, 1, count))
    lengths[0] = far
    spread_angle = rng.uniform(0.25, 0.6) if fan else rng.uniform(0.03, 0.2)
    p, q = _walkers(rng, count, lengths, spread_angle, rng.uniform(0.5, 1.8))
    return _deposit(rng, p, q, float(rng.uniform(0.8, 1.2) if fan else rng.uniform(0.9, 1.9)))


def _front(rng: Rng, far: float, middle: float, wide: float) -> Array:
    """Return how deep inside an irregular front each place lies; 0 on the front, 1 within."""
    q = (OUT - middle) / max(far - middle, 2.0)
    back = np.minimum((OUT - middle) / max(middle, 2.0), 0)
    p = DOWN / wide
    distance = np.sqrt(np.where(q > 0, q, back) ** 2 + p**2)
    rough = rng.uniform(0.15, 0.4) * sheet(rng, (TALL, LONG), (rng.uniform(4, 9),) * 2)
    return np.asarray(
        np.clip(1 - distance + rough * np.clip(distance, 0, 1), 0, 1), dtype=np.float32
    )


def _cloud(rng: Rng, far: float) -> Array:
    front = _front(rng, far, far * rng.uniform(0.1, 0.5), rng.uniform(3, 9) + 0.12 * far)
    grain = np.exp(0.5 * sheet(rng, (TALL, LONG), (5, 7)))
    return np.asarray(gaussian_filter(front**0.8 * grain, 1.5), dtype=np.float32)


def _pool(rng: Rng, far: float) -> Array:
    """Return a ragged lake at some distance, with a stalk from the sac and wisps beyond."""
    long = min(far * 0.5, rng.uniform(4, 10))
    front = _front(rng, far, far - long, rng.uniform(3, 7.5))
    rough = 0.5 + 0.6 * sheet(rng, (TALL, LONG), (rng.uniform(3, 5), rng.uniform(3, 5)))
    lake = np.sqrt(front) * np.clip(rough, 0.05, 1)
    stalk = np.exp(-np.square(DOWN / rng.uniform(0.9, 1.8))) * (far - long > OUT) * 0.6
    wisps = _threads(rng, far, "fan")
    wisps = wisps / max(float(wisps.max()), 1e-3) * rng.uniform(0.3, 0.9)
    whole = np.maximum(np.maximum(lake, stalk), wisps)
    return np.asarray(gaussian_filter(whole, 0.8), dtype=np.float32)


def _net(rng: Rng, far: float) -> Array:
    front = _front(rng, far, 0.35 * far, rng.uniform(4, 9) + 0.15 * far)
    mesh = rng.uniform(2.5, 4.5)
    field = sheet(rng, (TALL, LONG), (mesh, mesh * rng.uniform(1.2, 2.2)))
    lines = ridged(field, rng.uniform(1.8, 3.0))
    return np.asarray(gaussian_filter(np.sqrt(front) * lines, 0.7), dtype=np.float32)


PATTERNS = {
    "streaks": "streaks", "fan": "streaks", "net": "reticular", "cloud": "haze", "pool": "haze",
}  # fmt: skip
"""The truth's word for each look."""


def _look(rng: Rng, look: str, far: float) -> Array:
    if look in ("streaks", "fan"):
        return _threads(rng, far, look)
    return {"cloud": _cloud, "pool": _pool, "net": _net}[look](rng, far)


def _patch(rng: Rng, root: Root, plan: Plan) -> Array:
    """Return the leak's fluid in its own patch, bright parts 1, uneven within."""
    far = root.reach_mm + plan.beyond_mm
    patch = np.zeros((TALL, LONG), dtype=np.float32)
    for number, look in enumerate(plan.loose):
        part = _look(rng, look, far * (1 if number == 0 else rng.uniform(0.5, 0.95)))
        patch += part / max(float(np.quantile(part[part > 0.02], 0.9)), 1e-3) * spread(rng, 0.25)
    if plan.triangle:
        tip = far if not plan.loose else root.reach_mm * rng.uniform(0.9, 1.4)
        patch = np.maximum(patch, rng.uniform(0.7, 1.3) * _triangle(rng, root, tip, plan.swell))
    patch *= np.exp(rng.uniform(0.1, 0.4) * sheet(rng, (TALL, LONG), (14, 14)))
    return patch / max(float(np.quantile(patch[patch > 0.05], 0.85)), 1e-3)


def _way(rng: Rng, root: Root) -> Array:
    """Return how far down a leak's course lies at each distance from the sac, mm."""
    slope = np.minimum(root.slope, 2.2)
    after = min(slope, 1.5) * rng.uniform(0.2, 1.0) + rng.normal(0, 0.1)
    steep = np.where(OUT[0] < root.reach_mm, slope, after)
    smooth = gaussian_filter(np.concatenate([[slope] * 20, steep]), 8)[20:]
    return np.asarray(np.cumsum(smooth) * STEP, dtype=np.float32)


def sheared(spine: Spine, root: Root, way: Array, patch: Array) -> tuple[slice, slice, Array]:
    """Return rows, columns and values of a patch laid beside the sac at its root."""
    low, high = float(DOWN[0, 0]), float(DOWN[-1, 0] + way.max())
    rows = slice(spine.row(root.s_mm + low), spine.row(root.s_mm + high) + 1)
    columns = slice(HALF, 2 * HALF + 1) if root.sign > 0 else slice(0, HALF + 1)
    edge = spine.half[0 if root.sign > 0 else 1, rows][:, None]
    q = np.abs(ACROSS[None, columns]) - edge
    p = spine.s[rows][:, None] - root.s_mm - np.interp(q, OUT[0], way)
    where = np.stack([p / STEP + TALL // 2, np.maximum(q, 0) / STEP])
    value = map_coordinates(patch, where, order=1, mode="constant")
    return rows, columns, np.asarray(value * np.clip(q / 0.6 + 1, 0, 1), dtype=np.float32)


def _measured(spine: Spine, root: Root, value: Array, rows: slice, columns: slice) -> Leak | None:
    """Return reach, extent and size of what lies on the canvas; no grade yet."""
    edge = spine.half[0 if root.sign > 0 else 1, rows][:, None]
    q = np.abs(ACROSS[None, columns]) - edge
    mine = (value > SEEN) & (q > 0)
    if mine.sum() * STEP**2 < 2 * SPECK:
        return None
    out = np.sort(q[mine])
    reach = float(out[-int(SPECK / STEP**2)]) + 0.5 * STEP
    along = np.flatnonzero(mine.any(axis=1))
    first, last = (float(spine.s[rows.start + along[k]]) for k in (0, -1))
    return Leak(root, 0, (), reach, reach - root.reach_mm, spine.width(root.s_mm), 0.0,
                last - first, last, first)  # fmt: skip


def graded(leak: Leak, plan: Plan) -> tuple[int, tuple[str, ...]]:
    """Return the grade and the truth's patterns of a measured leak."""
    words = ["triangle"] if plan.triangle else []
    words += sorted({PATTERNS[look] for look in plan.loose})
    if not plan.loose:
        return 1, tuple(words)
    return (3 if leak.extent_mm > leak.sac_width_mm else 2), tuple(words)


def clear(added: Array, before: Array, noise: float) -> bool:
    """Say whether what a leak adds (CSF, mm) stands out; ``noise`` is in mm of CSF."""
    fresh = np.clip(added - 0.5 * before, 0, None)
    bright = 0.25 * added.max()
    area = float((fresh > bright).sum()) * STEP**2
    old = float(((before > bright) & (added > 0.2 * bright)).sum()) * STEP**2
    whole = math.sqrt(float(np.square(fresh / noise).sum()) * STEP**2 / RESOLVED)
    return area > max(FRESH, OUTGROWN * old) and whole > CLEAR


@dataclass(frozen=True, slots=True)
class Ground:
    """What a leak is drawn on: spine, CSF without leaks (mm), noise in the image (mm of CSF)."""

    spine: Spine
    path: Array
    noise: float


def make_leak(
    rng: Rng, ground: Ground, root: Root, plan: Plan
) -> tuple[Leak, slice, slice, Array] | None:
    """Return a leak and the CSF it adds (mm), or None where none can be seen."""
    spine, path = ground.spine, ground.path
    for _ in range(4):
        patch = _patch(rng, root, plan)
        rows, columns, value = sheared(spine, root, _way(rng, root), patch)
        found = _measured(spine, root, value, rows, columns)
        if found is None or found.extent_mm < (2.5 if plan.loose else 1.0 + 0.2 * root.reach_mm):
            plan = plan.larger()
            continue
        own = float(value[value > SEEN].mean())
        value = value * (plan.brightness * sac_at(spine, path, root.s_mm) / own)
        if not clear(value, path[rows, columns], ground.noise):
            plan = plan.larger()
            continue
        grade, words = graded(found, plan)
        leak = replace(found, grade=grade, pattern=words, brightness=plan.brightness)
        return leak, rows, columns, value
    return None


def choose_plan(rng: Rng, spine: Spine, root: Root, bright: tuple[float, float]) -> Plan:
    """Return a plan for a leak: grade aimed at, looks, length, brightness."""
    width = spine.width(root.s_mm)
    aim = int(rng.choice([1, 2, 3], p=[0.25, 0.42, 0.33]))
    light = float(rng.uniform(*bright))
    if aim == 1:
        return Plan(True, (), float(rng.uniform(1.5, 0.45 * width)), light)
    looks = list(rng.permutation(list(PATTERNS)))[
        : int(rng.choice([1, 2, 3], p=[0.55, 0.33, 0.12]))
    ]
    ratio = rng.uniform(0.25, 0.95) if aim == 2 else 1.08 + rng.gamma(1.5, 0.5)
    beyond = float(min(ratio * width, 74 - root.reach_mm))
    return Plan(bool(rng.random() < 0.7), tuple(map(str, looks)), beyond, light)
