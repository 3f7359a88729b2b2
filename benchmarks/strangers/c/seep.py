"""Leaked fluid finds its own way: first-passage percolation through tissue.

Tissue is a random medium with fast fascial planes, a fast tract along the root, loose epidural fat
and slow bone. Arrival times from the sleeve are shortest paths; the tree of those paths is a river
network whose trunks are streaks, the region reached by a given time is haze, and the walls of fat
lobules inside that region are a reticulum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, zoom
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from benchmarks.strangers.c.lumen import Grid
from benchmarks.strangers.c.spine import STEP, Floats, Root

Number = TypeVar("Number", np.float64, np.int64)

LAYERS = np.array([-6.0, -2.0, 2.0, 6.0])
"""Depths of the medium's layers from the sac's axis, mm."""
OFFSETS = (
    (0, 1, 0), (0, 0, 1), (1, 0, 0), (0, 1, 1), (0, 1, -1), (1, 0, 1), (1, 1, 0), (1, 0, -1),
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Medium:
    """Tissue beside one root: speed per cell, shape (w, a, v).

    ``a`` counts mm along the axis from the root's take-off, ``v`` mm outward from the sac's edge.
    """

    speed: Floats
    a: Floats
    v: Floats
    cell: float


@dataclass(frozen=True, slots=True, eq=False)
class Flood:
    """Arrival times, shape (w, a, v), scaled so that 1 is the time the goal is reached.

    ``before`` is the cell each cell was reached from, negative at the sources.
    """

    medium: Medium
    time: Floats
    before: NDArray[np.int32]


def tissue(rng: np.random.Generator, root: Root, goal_mm: float, order: float) -> Medium:
    """Return a new medium wide enough for fluid to get ``goal_mm`` from the sac's edge.

    ``order`` (0-1) says how far fascial planes dominate over mere disorder.
    """
    cell = 0.9 if goal_mm < 14 else 1.15
    span = 9 + 0.75 * goal_mm
    a = np.arange(-0.8 * span, 1.2 * span, cell)
    v = np.arange(-1.5, goal_mm + 6, cell)
    shape = (len(LAYERS), len(a), len(v))
    rough = gaussian_filter(rng.normal(size=shape), (0.4, 1.1, 1.1))
    log = rng.uniform(0.9, 1.5) * rough / rough.std()
    broad = gaussian_filter(rng.normal(size=shape), (0.5, rng.uniform(2, 5), rng.uniform(2, 7)))
    log = log + rng.uniform(0.4, 1.5) * broad / broad.std()
    aa, vv = a[None, :, None], v[None, None, :]
    warp = gaussian_filter(rng.normal(size=shape), (0.4, 5, 5))
    warp *= rng.uniform(1, 3) / warp.std()
    for _ in range(int(rng.integers(1, 4))):
        lean = np.radians(rng.normal(root.angle_deg - 8, 26))
        gap = rng.uniform(4.5, 10)
        phase = (aa * np.sin(lean) - vv * np.cos(lean) + warp) / gap + rng.random()
        near = np.abs(phase - np.round(phase)) * gap
        log = log + order * rng.uniform(1.0, 2.8) * np.exp(-((near / 0.9) ** 2))
    steep = 1 / np.tan(np.radians(np.clip(root.angle_deg, 18, 100)))
    tract = aa - steep * vv * (1 + 0.008 * vv)
    log = log + rng.uniform(0.2, 2.6) * np.exp(-((tract / rng.uniform(1.8, 5)) ** 2))
    log = log + rng.uniform(0.2, 1.2) * np.exp(-np.clip(vv, 0, None) / 1.8)
    half = root.level_mm / 2
    bone = np.maximum(np.abs(np.abs(aa - 3) - half) / (0.33 * half), np.abs(vv - 3) / 5.5)
    log = log - rng.uniform(1.0, 2.5) * (bone < 1)
    rim = np.clip((np.hypot(aa / (0.9 * span), vv / (goal_mm + 6)) - 0.72) / 0.28, 0, 1)
    log = log - rng.uniform(1.5, 4.0) * rim
    return Medium(np.exp(np.clip(log, -5, 4)), a, v, cell)


def flood(medium: Medium, root: Root, goal_mm: float, depth: int) -> Flood:
    """Let fluid out along a sleeve until it first gets ``goal_mm`` from the sac's edge."""
    slow = 1 / medium.speed
    nodes = np.arange(slow.size).reshape(slow.shape)
    heads, tails, costs = [], [], []
    for step in OFFSETS:
        back = tuple(-k for k in step)
        one, two = _pair(nodes, step), _pair(nodes, back)
        size = medium.cell * float(np.hypot(step[1], step[2])) if step[0] == 0 else 3.2
        heads.append(one.ravel())
        tails.append(two.ravel())
        costs.append(0.5 * size * (_pair(slow, step) + _pair(slow, back)).ravel())
    weights = np.concatenate(costs)
    ends = (np.concatenate(heads), np.concatenate(tails))
    graph = csr_matrix((weights, ends), shape=(slow.size, slow.size))
    angle = np.radians(root.angle_deg)
    along = np.linspace(0.2, 1.0, 4) * root.length_mm
    rows = np.searchsorted(medium.a, along * np.cos(angle)).clip(0, len(medium.a) - 1)
    columns = np.searchsorted(medium.v, along * np.sin(angle)).clip(0, len(medium.v) - 1)
    source = np.unique(nodes[depth, rows, columns])
    found, before, _ = dijkstra(
        graph, directed=False, indices=source, return_predecessors=True, min_only=True
    )
    time = np.asarray(found).reshape(slow.shape)
    goal = int(np.searchsorted(medium.v, goal_mm).clip(1, len(medium.v) - 1))
    limit = max(float(time[:, :, goal].min()), 1e-6)
    return Flood(medium, time / limit, np.asarray(before, dtype=np.int32))


def _pair(array: NDArray[Number], step: tuple[int, ...]) -> NDArray[Number]:
    """Return an array without the cells that have no neighbour at ``step``."""
    cut = tuple(
        slice(None, -k) if k > 0 else slice(-k, None) if k < 0 else slice(None) for k in step
    )
    return array[cut]


def _fine_shape(medium: Medium) -> tuple[int, int]:
    """Return rows and columns of the projection of a medium at the tables' step."""
    return (
        int(len(medium.a) * medium.cell / STEP) + 1,
        int(len(medium.v) * medium.cell / STEP) + 1,
    )


def streaks(rng: np.random.Generator, wet: Flood, richness: float) -> Grid:
    """Return the projected trunks of the river network, unit height."""
    medium = wet.medium
    time = wet.time.ravel()
    inside = np.flatnonzero(time <= 1)
    load = np.zeros(time.size)
    load[inside] = 1.0
    before = wet.before
    for node in inside[np.argsort(-time[inside])]:
        up = before[node]
        if up >= 0:
            load[up] += load[node]
    need = np.quantile(load[inside], 1 - richness)
    trunk = inside[(load[inside] >= max(need, 2)) & (before[inside] >= 0)]
    place = np.array(np.unravel_index(trunk, wet.time.shape)[1:], dtype=np.float64).T
    origin = np.array(np.unravel_index(before[trunk], wet.time.shape)[1:], dtype=np.float64).T
    part = np.linspace(0, 1, 5)[:-1, None, None]
    rough = rng.normal(0, 0.12, (4, len(trunk), 2))
    at = ((origin + (place - origin) * part + rough) * medium.cell / STEP).reshape(-1, 2)
    shape = _fine_shape(medium)
    cell = np.clip(np.round(at).astype(int), 0, np.array(shape) - 1)
    weight = np.tile(load[trunk] ** 0.35, 4)
    image = np.bincount(cell[:, 0] * shape[1] + cell[:, 1], weight, shape[0] * shape[1])
    thin = gaussian_filter(image.reshape(shape), rng.uniform(0.6, 1.5))
    return _unit(np.asarray(thin, dtype=np.float32))


def haze(rng: np.random.Generator, wet: Flood, sharp: bool) -> Grid:
    """Return the projected depth of all tissue reached, unit height."""
    shape = _fine_shape(wet.medium)
    share = np.clip(1 - wet.time, 0, 1)
    body = (share > 0).astype(np.float64) if sharp else share ** rng.uniform(0.5, 1.1)
    flat = body.sum(axis=0)
    large = zoom(flat, (shape[0] / flat.shape[0], shape[1] / flat.shape[1]), order=1)
    return _unit(gaussian_filter(large, 0.8 if sharp else 2.0).astype(np.float32))


def reticulum(rng: np.random.Generator, wet: Flood) -> Grid:
    """Return fluid between fat lobules: walls of two layers of random cells, unit height."""
    shape = _fine_shape(wet.medium)
    extent = np.array(shape) * STEP
    rows, columns = np.indices(shape) * STEP
    points = np.stack([rows.ravel(), columns.ravel()], axis=1)
    total = np.zeros(shape)
    for _ in range(2):
        size = rng.uniform(3.2, 6.5)
        seeds = rng.uniform(-5, extent + 5, (int((extent + 10).prod() / size**2) + 4, 2))
        near = np.asarray(cKDTree(seeds).query(points, k=2)[0])
        total += np.exp(-(((near[:, 1] - near[:, 0]) / rng.uniform(0.7, 1.2)) ** 2)).reshape(shape)
    reached = haze(rng, wet, sharp=True)
    return _unit(np.asarray(total * np.sqrt(np.clip(reached - 0.05, 0, 1)), dtype=np.float32))


def wedge(
    rng: np.random.Generator, root: Root, tip_mm: float, base_mm: float, medium: Medium
) -> Grid:
    """Return the triangular expansion of the column, unit height.

    Its base lies on the sac's edge, its tip ``tip_mm`` outward along the root; the flanks are
    straight, hollow or bulging.
    """
    shape = _fine_shape(medium)
    a = medium.a[0] + np.arange(shape[0])[:, None] * STEP
    v = medium.v[0] + np.arange(shape[1])[None, :] * STEP
    steep = 1 / np.tan(np.radians(np.clip(root.angle_deg, 25, 95)))
    share = np.clip(v / tip_mm, 0, 1)
    middle = steep * np.clip(v, 0, None) - 0.18 * base_mm * (1 - share) * np.clip(steep, 0, 1.5)
    flank = 0.5 * base_mm * (1 - share) ** rng.uniform(0.8, 1.9) + 0.35
    lobe = np.clip(0.5 + (flank - np.abs(a - middle)) / 0.8, 0, 1)
    lobe *= np.clip(0.5 + (tip_mm - v) / 0.8, 0, 1)
    roof = np.sqrt(np.clip(1 - ((a - middle) / (flank + 0.6)) ** 2, 0, 1))
    return _unit((lobe * roof * (1 - rng.uniform(0.2, 0.6) * share)).astype(np.float32))


def _unit(image: Grid) -> Grid:
    """Return an image scaled so that its bright part is about 1."""
    bright = image[image > 0.15 * image.max()] if image.size and image.max() > 0 else image
    top = float(np.quantile(bright, 0.8)) if bright.size else 1.0
    return np.asarray(np.clip(image / max(top, 1e-6), 0, 1.8), dtype=np.float32)
