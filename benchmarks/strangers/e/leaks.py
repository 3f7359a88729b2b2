"""Leaks: a tear at a sleeve, the fluid's spread, and what a careful eye measures of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter, label, zoom

from benchmarks.strangers.e.lumen import mouth, tip
from benchmarks.strangers.e.seep import Course, run, soak, wetted
from benchmarks.strangers.e.skeleton import Root, Spine
from benchmarks.strangers.e.tissue import Tissue, make_tissue
from benchmarks.strangers.e.voxels import Block, Grid

QUARTER = 0.25
"""Signal ends where it falls to this share of the leak's own brightness."""
LEAST_MM2, SPECK_MM2 = 20.0, 3.0
GRAIN_MM2, CERTAIN = 0.6, 12.0
"""Size of a grain of noise, and how far above noise the sum over a leak must stand."""
BESIDE = 1.2
"""From the outline of sac and normal sleeve, mm, beyond which fluid is seen to be outside it."""
TOUCH = 1.6
"""Beside the sac's edge, mm, within which a leak touches it."""
CLEAR = 9.0
"""Projected leak beyond the sleeve, mm2, below which there is no sign lateral to it."""
CLOUD = 30.0
"""The same of a haze alone, which is round and like a cyst where it is small."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding or mimic as measured, before it is seen by any station.

    ``row`` and ``beside``, mm from the axis, are where it meets the sac or, detached, its middle.
    """

    kind: str
    segment: str
    region: str
    side: str
    sign: int
    row: float
    beside: float
    grade: int | None
    reach_mm: float
    extent_mm: float
    sac_width_mm: float
    brightness: float
    size_mm: float | None
    pattern: tuple[str, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is meant to leak: the grade aimed at, brightness over the sac, kinds of spread.

    ``least`` is the area beside the sleeve, mm2, from which on a careful eye sees it.
    """

    grade: int
    brightness: float
    triangle: bool
    habit: str
    least: float


@dataclass(frozen=True, slots=True)
class Measured:
    """A projected leak: ``own``, the mean where it is brighter than a quarter of that, mm of path.

    ``reach`` is from the sac's edge, mm; ``area`` and ``lateral`` lie beside the sleeve and beyond
    its tip, mm2; ``row`` and ``beside``, mm from the axis, are where it meets the sac or, detached,
    its middle.
    """

    own: float
    reach: float
    area: float
    lateral: float
    row: float = 0.0
    beside: float = 0.0


def plan_leak(rng: np.random.Generator, brightness: float, snr: float, most: int) -> Plan:
    """Return a leak to aim at, its grade at ``most``: ways of spread as patients show them.

    ``snr`` is the sac's at this root.
    """
    grade = min(int(rng.choice([1, 2, 2, 3, 3])), most)
    habit = str(rng.choice(["streaks", "streaks", "reticular", "haze", "mixed"]))
    own = max(brightness * float(rng.lognormal(0, 0.18)), 0.1)
    least = max(LEAST_MM2, GRAIN_MM2 * (CERTAIN / (own * snr)) ** 2)
    return Plan(grade, own, grade == 1 or bool(rng.random() < 0.85), habit, least)


def _tear(rng: np.random.Generator, spine: Spine, root: Root, tissue: Tissue) -> tuple[int, ...]:
    """Return the voxel at which the dura is torn: axilla, shoulder, or toward the tip."""
    row, v, u = mouth(spine, root)
    end = tip(spine, root)
    kind = rng.random()
    share = rng.uniform(0.0, 0.35) if kind < 0.8 else rng.uniform(0.5, 1.0)
    side = 1.0 if kind < 0.55 or kind > 0.9 else -1.0
    off = side * (root.mouth * (1 - share) + root.tip * share + 0.6)
    at = (
        row + share * (end[0] - row) + off * np.sin(root.angle),
        v + share * (end[1] - v) + rng.uniform(-2, 2),
        u + share * (end[2] - u) - off * np.cos(root.angle) * 0.6 + 0.8,
    )
    box = tissue.box
    near = np.array([at[0] - box.row, at[1] - box.v, at[2] - box.u])
    low, high = np.round(near).astype(int) - 3, np.round(near).astype(int) + 4
    cut = tuple(slice(max(a, 0), b) for a, b in zip(low, high, strict=True))
    open_ = np.argwhere(tissue.near[cut] > 0.05) + [max(a, 0) for a in low]
    if len(open_) == 0:
        return tuple(int(k) for k in np.round(near))
    best = int(np.square(open_ - near).sum(axis=1).argmin())
    return tuple(int(k) for k in open_[best])


def _fill(
    rng: np.random.Generator,
    spine: Spine,
    root: Root,
    tissue: Tissue,
    source: tuple[int, ...],
    more: float,
) -> Grid:
    """Return fluid held beside the sac and about the sleeve: what shows as a triangle.

    From the tear a film first follows the dura, along the sac's side and along the sleeve; the
    angle between them fills as the film thickens.
    """
    box = tissue.box
    row, v = box.row + source[0], box.v + source[1]
    end, out = tip(spine, root), root.lateral
    below = row >= mouth(spine, root)[0]
    share = np.linspace(0, rng.uniform(0.55, 1.15), 24)
    side = root.mouth * (1 - share) + root.tip * share + 0.5
    flank = side * (1 if below else -1)
    film = [np.stack([
        mouth(spine, root)[0] + share * (end[0] - mouth(spine, root)[0])
        + flank * np.sin(root.angle), v + share * (end[1] - v),
        mouth(spine, root)[2] + share * out - flank * np.cos(root.angle) + 0.4,
    ], axis=1)]  # fmt: skip
    along = row + np.linspace(-rng.uniform(0, 3), rng.uniform(4, 11), 20) * (1 if below else -1)
    wall = np.interp(along, np.arange(spine.rows), spine.half_width) + 0.7
    film.append(np.stack([along, np.full_like(along, v), wall], axis=1))
    at = np.round(np.concatenate(film) - (box.row, box.v, box.u)).astype(int)
    at = at[((at >= 0) & (at < np.array(box.shape))).all(axis=1)]
    low = np.maximum(np.minimum(at.min(axis=0), source) - 7, 0)
    high = np.maximum(at.max(axis=0), source) + 8
    cut = tuple(slice(int(p), int(q)) for p, q in zip(low, high, strict=True))
    seeds = np.zeros(box.shape, dtype=bool)
    seeds[tuple(at.T)] = tissue.free[tuple(at.T)] > 0.2
    seeds[source] = True
    filled = np.zeros_like(tissue.near)
    near = np.ascontiguousarray(tissue.near[cut])
    filled[cut] = soak(near, seeds[cut], np.inf, int(more * rng.integers(70, 240)))
    return filled


def _haze(tissue: Tissue, source: tuple[int, ...], volume: float) -> Grid:
    """Return fluid soaked far into loose tissue, on voxels of 2 mm."""
    shape = tuple(n // 2 for n in tissue.flow.shape)
    cut = tissue.flow[: 2 * shape[0], : 2 * shape[1], : 2 * shape[2]]
    coarse = cut.reshape(shape[0], 2, shape[1], 2, shape[2], 2).mean(axis=(1, 3, 5))
    seeds = np.zeros(shape, dtype=bool)
    seeds[tuple(min(k // 2, n - 2) for k, n in zip(source, shape, strict=True))] = True
    soaked = soak(coarse, seeds, volume / 8, 260)
    back = zoom(soaked, 2, order=1)
    full = np.zeros_like(tissue.flow)
    full[: back.shape[0], : back.shape[1], : back.shape[2]] = back
    fabric = np.float32(0.06) + np.minimum(tissue.flow, np.float32(1.5))
    return np.asarray(full * fabric, dtype=np.float32)


def _threads(
    rng: np.random.Generator, root: Root, tissue: Tissue, source: tuple[int, ...], reach: float
) -> Grid:
    """Return streaks along planes and the root; ``reach`` is the last column of the box."""
    net = reach < 0
    last = abs(reach)
    down = (float(np.cos(root.angle)), -root.ventral, float(np.sin(root.angle)))
    course = Course(
        parcels=int(rng.integers(90, 200) if net else rng.integers(6, 30)),
        reach=last,
        straight=rng.uniform(0.3, 0.8) if net else rng.uniform(1.3, 3.0),
        pull=rng.uniform(0.3, 0.9) if net else rng.uniform(1.0, 2.2),
        gravity=rng.uniform(0.0, 0.6),
        thirst=rng.uniform(1.0, 1.8) if net else rng.uniform(0.4, 1.1),
        fade=rng.uniform(14, 40) if net else rng.uniform(20, 80),
        heading=down,
    )
    a, b, c = source
    left = run(rng, tissue.flow, (a, b, c), course)
    return wetted(left, rng.uniform(0.45, 0.9), rng.uniform(0.6, 2.0))


def _shadow(conc: Grid) -> Grid:
    """Return a leak's path lengths (rows, columns), mm, as blurred as the image will be."""
    return np.asarray(gaussian_filter(conc.sum(axis=1), 0.55), dtype=np.float32)


def _level(conc: Grid, share: float) -> Grid:
    """Return concentration scaled so that its shadow is about ``share`` mm bright."""
    shadow = _shadow(conc)
    top = float(shadow.max())
    if top <= 0:
        return conc
    own = float(np.quantile(shadow[shadow > QUARTER * top], 0.7))
    return np.asarray(conc * (share / own), dtype=np.float32)


def measure(spine: Spine, root: Root, tissue: Tissue, conc: Grid) -> Measured:
    """Measure a leak's shadow as a reader would: what is brighter than a quarter of its own."""
    box = tissue.box
    shadow = _shadow(conc)
    rows = np.clip(np.arange(box.row, box.row + box.shape[0]), 0, spine.rows - 1)
    beside = box.columns[0, 0][None, :] - spine.half_width[rows][:, None]
    shadow = np.where(beside > 0, shadow, 0)
    top = float(shadow.max())
    if top <= 0:
        return Measured(0, 0, 0, 0)
    own = float(np.quantile(shadow[shadow > QUARTER * top], 0.6))
    for _ in range(3):
        own = float(shadow[shadow > QUARTER * own].mean())
    parts, _ = label(shadow > QUARTER * own)
    sizes = np.bincount(parts.ravel())
    seen = (parts > 0) & (sizes[parts] >= SPECK_MM2)
    if not seen.any():
        return Measured(own, 0, 0, 0)
    clear = seen & (tissue.away.min(axis=1) > BESIDE)
    reach = float(beside[seen].max()) + 0.5
    lateral = float((seen & (beside > root.lateral + root.tip + 1.5)).sum())
    row, off = _meeting(shadow * seen, beside)
    return Measured(
        own, reach, float(clear.sum()), lateral,
        box.row + row, spine.at(spine.half_width, box.row + row) + off,
    )  # fmt: skip


def _meeting(seen: Grid, beside: Grid) -> tuple[float, float]:
    """Return row and mm beside the sac's edge where a leak meets it or, detached, of its middle."""
    touching = seen * (beside < TOUCH)
    met = float(touching.sum()) > 0
    weight = touching if met else seen
    rows = np.arange(len(weight))[:, None]
    total = float(weight.sum())
    row = float((weight * rows).sum()) / total
    return row, 0.0 if met else float((weight * beside).sum()) / total


def _spread(
    rng: np.random.Generator, spine: Spine, root: Root, tissue: Tissue, plan: Plan, more: float
) -> tuple[Grid, tuple[str, ...]]:
    """Return a leak's concentration by the plan, and the forms that it was made of.

    ``more`` is how much longer than usual the fluid soaks.
    """
    source = _tear(rng, spine, root, tissue)
    width = 2 * spine.at(spine.half_width, root.row)
    parts, forms = [], []
    if plan.triangle:
        parts.append(_level(_fill(rng, spine, root, tissue, source, more), 1.0))
        forms.append("triangle")
    if plan.grade > 1:
        share = rng.uniform(0.4, 0.95) if plan.grade == 2 else rng.uniform(1.35, 2.5)
        edge = spine.at(spine.half_width, root.row) - tissue.box.u
        last = min(edge + root.lateral + root.tip + share * width, tissue.box.shape[2] - 2)
        last = max(last, edge + root.lateral + root.tip + 5.0)
        if plan.habit != "haze":
            thread = _threads(rng, root, tissue, source, last)
            parts.append(_level(thread, rng.uniform(0.6, 1.1)))
            forms.append("streaks")
        if plan.habit in ("reticular", "mixed"):
            net = _threads(rng, root, tissue, source, -last)
            parts.append(_level(net, rng.uniform(0.5, 0.9)))
            forms.append("reticular")
        if plan.habit == "haze" or (plan.habit == "mixed" and rng.random() < 0.5):
            soaked = _haze(tissue, source, rng.uniform(0.5, 1.5) * (40 * last))
            kept = np.clip(last - np.arange(soaked.shape[2]), 0, 4) / 4
            soaked = np.asarray(gaussian_filter(soaked, 0.6), dtype=np.float32)
            parts.append(_level(soaked * kept.astype(np.float32), rng.uniform(0.5, 1.0)))
            forms.append("haze")
    left = np.clip((tissue.box.shape[0] - np.arange(tissue.box.shape[0])) / 12, 0, 1)
    conc = np.sum(parts, axis=0) * tissue.free * left[:, None, None]
    return np.asarray(conc, dtype=np.float32), tuple(forms)


def make_leak(rng: np.random.Generator, spine: Spine, root: Root, plan: Plan, sac: float
              ) -> Mark | None:  # fmt: skip
    """Return a leak at a root, graded by what was drawn; none where no sign came of it.

    ``sac`` is the path, mm, that makes the sac's brightness here.
    """
    tissue = make_tissue(rng, spine, root)
    normal = root.lateral + root.tip
    width = 2 * spine.at(spine.half_width, root.row)
    cosine = spine.at(spine.cosine, root.row)
    for more in (1.0, 1.6, 2.4):
        conc, forms = _spread(rng, spine, root, tissue, plan, more)
        found = measure(spine, root, tissue, conc)
        solid, cloud = plan.grade == 1, forms[-1:] == ("haze",)
        if found.area >= plan.least and (solid or found.lateral >= (CLOUD if cloud else CLEAR)):
            break
    else:
        return None
    extent = max(found.reach - normal, 0.0)
    grade = 1 if solid else 3 if extent > width else 2
    scale = plan.brightness * sac / found.own
    block = tissue.box.filled(conc * np.float32(scale)).mirrored(root.sign)
    return Mark(
        "leak", root.segment, root.region, root.side, root.sign, found.row, found.beside, grade,
        found.reach * cosine, extent * cosine, width * cosine, plan.brightness, None,
        forms, (block,),
    )  # fmt: skip
