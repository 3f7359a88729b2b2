"""The sac with its cord, its filaments and its sleeves, drawn along a straightened axis.

A canvas has a row each ``STEP`` mm of the axis and a column each ``STEP`` mm across it, the axis
in column ``HALF``, the patient's left to the right; values are mm of CSF seen from the front.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.strangers.g.fields import Array, Rng, coarse, course, ridged
from benchmarks.strangers.g.spine import START, STEP, Root, Spine

HALF = 180
"""Columns on each side of the axis."""
ACROSS = ((np.arange(2 * HALF + 1) - HALF) * STEP).astype(np.float32)
"""Distance of each column from the axis, mm, left positive."""
NEAR = slice(HALF - 100, HALF + 101)
"""Columns that the sac can reach."""


def beside(spine: Spine) -> Array:
    """Return the distance of each place from the sac's edge on its side, mm; inside negative."""
    edge = np.where(ACROSS > 0, spine.half[0][:, None], spine.half[1][:, None])
    return np.asarray(np.abs(ACROSS)[None, :] - edge, dtype=np.float32)


def sac_chord(spine: Spine) -> Array:
    """Return the sac's depth from front to back at each place, mm."""
    edge = np.where(ACROSS > 0, spine.half[0][:, None], spine.half[1][:, None])
    inside = 1 - np.square(ACROSS[None, :] / np.maximum(edge, 0.2))
    chord = 2 * spine.deep[:, None] * np.sqrt(np.clip(inside, 0, None))
    return np.asarray(chord * (edge > 0.4), dtype=np.float32)


def _cord(spine: Spine) -> Array:
    """Return the depth of cord and medulla at each place near the axis, mm."""
    half = np.maximum(spine.cord, 0.1)[:, None]
    off = (ACROSS[None, NEAR] - spine.cord_shift[:, None]) / half
    flat = np.minimum(0.8 * half, 4.2) * (spine.cord > 0.3)[:, None]
    depth = 2 * flat * np.sqrt(np.clip(1 - off**2, 0, None))
    return np.asarray(depth, dtype=np.float32)


def _filament(rng: Rng, spine: Spine, root: Root) -> tuple[slice, Array]:
    """Return rows and dark of a root's filaments from the cord to its sleeve's mouth."""
    start = root.s_mm - (rng.uniform(5, 16) if root.s_mm < spine.conus_mm else 0)
    start = min(start, spine.conus_mm - rng.uniform(0, 20))
    rows = slice(spine.row(start), spine.row(root.s_mm) + 4)
    count = max(rows.stop - rows.start, 2)
    run = np.linspace(0, 1, count)
    edge = np.maximum(spine.half[0 if root.sign > 0 else 1, rows], 0.5)
    begin = min(0.85, float(spine.cord[rows.start]) / float(edge[0]) + 0.08)
    share = begin + (0.97 - begin) * run ** rng.uniform(1.1, 4.0)
    place = root.sign * edge * share + 0.35 * course(rng, count, 25)
    wide = rng.uniform(0.45, 0.8) * (1.2 if root.s_mm > spine.conus_mm else 0.9)
    dark = rng.uniform(1.0, 2.3) * np.clip(1 - 0.3 * course(rng, count, 20), 0.2, 2)
    off = (ACROSS[None, NEAR] - place[:, None]) / wide
    return rows, np.asarray(dark[:, None] * np.exp(-np.square(off)), dtype=np.float32)


def sac_path(rng: Rng, spine: Spine, chord: Array) -> Array:
    """Return the CSF in the sac: without cord and filaments, dimmed where it flows."""
    path = chord.copy()
    path[:, NEAR] -= _cord(spine)
    for root in spine.roots:
        rows, dark = _filament(rng, spine, root)
        path[rows, NEAR] -= dark[: rows.stop - rows.start]
    np.maximum(path, 0.1 * chord, out=path)
    strength = rng.uniform(0.02, 0.16)
    flow = 1 - strength * np.abs(coarse(rng, path[:, NEAR].shape, 24))
    flow *= 1 - 0.5 * strength * np.abs(course(rng, len(path), 60))[:, None]
    path[:, NEAR] *= np.clip(flow, 0.35, 1)
    return path


def head(rng: Rng, spine: Spine, path: Array, depth: Array) -> None:
    """Draw cisterns, folia and the fourth ventricle above C1 into CSF and depth."""
    rows = slice(0, spine.row(3.0))
    s = spine.s[rows][:, None]
    wide = 10 + 46 * np.sqrt(np.clip(1 - np.exp((s + 4) / 26), 0, 1))
    share = np.abs(ACROSS[None, :]) / wide
    shape = (rows.stop, path.shape[1])
    folia = ridged(coarse(rng, shape, 5), 1.6) * np.clip(0.6 + coarse(rng, shape, 24), 0, 2)
    rim = np.exp(-np.square((share - 0.95) / 0.06)) * rng.uniform(0.1, 0.5)
    ventricle = np.exp(-np.square(ACROSS[None, :] / 4) - np.square((s + 48) / 11))
    fluid = 26 * (share < 1) * (rng.uniform(0.04, 0.17) * folia + rim + 0.6 * ventricle)
    above = np.clip((-2 - s) / 14, 0, 1)
    path[rows] = path[rows] * (1 - above) + fluid * above
    depth[rows] = np.maximum(depth[rows], 30 * above * (share < 1))


def root_line(rng: Rng, root: Root, uneven: float) -> tuple[Array, Array, Array]:
    """Return distance beside the sac, way down and half-width along a sleeve, mm."""
    run = np.linspace(0, 1, 30)
    out = -1.2 + (root.reach_mm + 1.2 - root.tip_mm) * run
    bow = rng.uniform(-0.25, 0.35)
    down = root.slope * root.reach_mm * (run + bow * run * (1 - run))
    down += 0.25 * uneven * course(rng, 30, 8) * run
    shape = (1 - run) ** rng.uniform(1.0, 2.6)
    wide = root.tip_mm + (root.wide_mm - root.tip_mm) * shape
    wide *= np.exp(0.10 * uneven**0.5 * course(rng, 30, 5))
    wide += root.bulb * np.exp(-0.5 * ((run - 0.85) / 0.12) ** 2)
    return out.astype(np.float32), down.astype(np.float32), wide.astype(np.float32)


def stroke(spine: Spine, points: Array, radii: Array) -> tuple[slice, slice, Array]:
    """Return rows, columns and depth (mm) of a round tube through points ``(s, u)``, mm."""
    pad = float(radii.max()) + 1
    low, high = points.min(axis=0) - pad, points.max(axis=0) + pad
    rows = slice(spine.row(float(low[0])), spine.row(float(high[0])) + 1)
    first = int(np.clip((low[1] / STEP) + HALF, 0, 2 * HALF))
    last = int(np.clip((high[1] / STEP) + HALF, 0, 2 * HALF))
    columns = slice(first, last + 1)
    s, u = spine.s[rows][:, None], ACROSS[columns][None, :]
    depth = np.zeros((s.size, u.size), dtype=np.float32)
    for (at_s, at_u), radius in zip(points, radii, strict=True):
        np.maximum(depth, radius**2 - (s - at_s) ** 2 - (u - at_u) ** 2, out=depth)
    return rows, columns, 2 * np.sqrt(depth)


def sleeves(rng: Rng, spine: Spine) -> Iterator[tuple[slice, slice, Array, Array]]:
    """Yield rows, columns, depth and CSF of each root's sleeve."""
    uneven = spine.person.uneven
    for root in spine.roots:
        out, down, wide = root_line(rng, root, uneven)
        side = spine.half[0 if root.sign > 0 else 1]
        edge = np.interp(root.s_mm + 0 * down, spine.s, side)
        points = np.stack([root.s_mm + down, root.sign * (edge + out)], axis=1)
        rows, columns, depth = stroke(spine, points.astype(np.float32), wide)
        nerve = np.clip(0.45 * wide, 0.2, 0.9)
        _, _, dark = stroke(spine, points.astype(np.float32), np.maximum(nerve, 0.3))
        hole = np.zeros_like(depth)
        top = max((depth.shape[0] - dark.shape[0]) // 2, 0)
        left = max((depth.shape[1] - dark.shape[1]) // 2, 0)
        fit = dark[: depth.shape[0], : depth.shape[1]]
        hole[top : top + fit.shape[0], left : left + fit.shape[1]] = fit
        fluid = np.maximum(depth - 0.8 * hole, 0.25 * depth) * root.light
        yield rows, columns, depth, fluid


def draw(rng: Rng, spine: Spine) -> tuple[Array, Array]:
    """Return the CSF of sac and normal sleeves, and their depth front to back, mm."""
    depth = sac_chord(spine)
    path = sac_path(rng, spine, depth)
    out = beside(spine) > -0.6
    for rows, columns, deep, fluid in sleeves(rng, spine):
        mine = out[rows, columns]
        path[rows, columns] = np.where(
            mine, np.maximum(path[rows, columns], fluid), path[rows, columns]
        )
        depth[rows, columns] = np.maximum(depth[rows, columns], deep)
    head(rng, spine, path, depth)
    return path, depth


def sac_level(spine: Spine, path: Array) -> float:
    """Return the usual CSF depth seen in the sac, mm: what has brightness 1."""
    inside = (beside(spine)[:, NEAR] < -1.5) & (spine.s > 0)[:, None]
    return float(np.median(path[:, NEAR][inside]))


def sac_at(spine: Spine, path: Array, s_mm: float) -> float:
    """Return the mean CSF depth across the sac at a level, mm."""
    rows = slice(spine.row(s_mm - 4), spine.row(s_mm + 4) + 1)
    inside = beside(spine)[rows, NEAR] < -0.5
    return float(path[rows, NEAR][inside].mean())


def row_of(s_mm: float) -> float:
    """Return the fractional row of a position on the axis."""
    return (s_mm - START) / STEP
