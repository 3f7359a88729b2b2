"""CSF where it belongs: the sac about the cord, normal sleeves, and the roots that swim in it."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from benchmarks.strangers.e.skeleton import Root, Spine
from benchmarks.strangers.e.voxels import (
    HALF,
    Block,
    Box,
    Grid,
    blend,
    capsule,
    ellipse,
    inside,
)  # fmt: skip

FINE = 2
"""Pixels of the fine sheet in a millimetre."""
WIDE, DEEP = 20, 13
"""Half size of the box about the sac, mm."""
TINY = 0.05


def sac_block(spine: Spine) -> Block:
    """Return the fluid of the sac about the cord."""
    box = Box(0, -DEEP, -WIDE, (spine.rows, 2 * DEEP + 1, 2 * WIDE + 1))
    a, b, c, d = (
        np.maximum(size, TINY).astype(np.float32)[:, None, None]
        for size in (spine.half_width, spine.half_depth, spine.cord_width, spine.cord_depth)
    )
    fluid = inside(ellipse(box.columns, box.depths, a, b))
    fading = np.clip(np.arange(spine.rows) / 16, 0, 1) * (spine.half_width > 0.8)
    fluid *= fading.astype(np.float32)[:, None, None]
    behind = box.depths - spine.cord_v.astype(np.float32)[:, None, None]
    cord = inside(ellipse(box.columns, behind, c, d)) * (spine.cord_width > 0.4)[:, None, None]
    return box.filled(fluid * (1 - cord))


def mouth(spine: Spine, root: Root) -> tuple[float, float, float]:
    """Return where a sleeve leaves the sac: row, v, and mm beside the axis."""
    return (
        root.row,
        -0.12 * spine.at(spine.half_depth, root.row),
        spine.at(spine.half_width, root.row),
    )


def tip(spine: Spine, root: Root) -> tuple[float, float, float]:
    """Return where a sleeve ends: row, v, and mm beside the axis."""
    row, v, u = mouth(spine, root)
    down = root.length * float(np.cos(root.angle))
    return row + down, v - root.ventral * root.length, u + root.lateral


def sac_distance(spine: Spine, box: Box) -> Grid:
    """Return the signed distance to the sac's wall in a box on the patient's left, mm."""
    rows = np.clip(np.arange(box.row, box.row + box.shape[0]), 0, spine.rows - 1)
    a = np.maximum(spine.half_width[rows], TINY).astype(np.float32)[:, None, None]
    b = np.maximum(spine.half_depth[rows], TINY).astype(np.float32)[:, None, None]
    return ellipse(box.columns, box.depths, a, b)


def sleeve_distance(spine: Spine, root: Root, box: Box) -> Grid:
    """Return the signed distance to a sleeve's wall, its shoulder at the sac smooth, mm."""
    row, v, u = mouth(spine, root)
    start = (row - 1.2 * float(np.cos(root.angle)), v, u - 1.4)
    rod = capsule(box, start, tip(spine, root), (root.mouth, root.tip))
    return blend(sac_distance(spine, box), rod, 0.9 * root.mouth)


def sleeve_block(spine: Spine, root: Root) -> Block:
    """Return the fluid of a sleeve outside the sac, on its own side."""
    row, v, u = mouth(spine, root)
    down = int(root.length * np.cos(root.angle)) + 8
    wide = int(root.lateral) + 9
    box = Box(int(row) - 8, int(v) - 10, int(u) - 5, (down + 9, 17, wide))
    extra = inside(sleeve_distance(spine, root, box)) - inside(sac_distance(spine, box))
    along = np.clip((box.columns - u) / max(root.lateral, 1.0), 0, 1)
    share = 1 - (1 - root.fluid) * along**0.7
    return box.filled(np.maximum(extra, 0) * share).mirrored(root.sign)


def _strand(rng: np.random.Generator, spine: Spine, root: Root, start: float) -> Grid:
    """Return points (n, 2) of one rootlet, row and u, from the cord to its sleeve."""
    count = max(30, int((root.row - start) / 0.15))
    share = np.linspace(0, 1, count)
    rows = start + share * (root.row - start)
    at = np.clip(rows, 0, spine.rows - 1)
    edge = np.interp(at, np.arange(spine.rows), spine.half_width)
    cord = np.interp(start, np.arange(spine.rows), spine.cord_width)
    inner = max(float(cord) * rng.uniform(0.5, 1.0), rng.uniform(0.5, 3.0))
    bent = share ** rng.uniform(0.9, 2.2)
    sway = np.sin(rng.uniform(2, 9) * np.pi * share + rng.uniform(0, 6)) * share * (1 - share)
    u = inner + bent * (edge[-1] - 0.5 - inner) + sway * rng.uniform(0, 0.02) * (root.row - start)
    return np.stack([rows, root.sign * np.minimum(u, edge - 0.3)], axis=1).astype(np.float32)


def strands(rng: np.random.Generator, spine: Spine) -> Grid:
    """Return how much path the roots take from the sac's fluid, mm, on the fine sheet."""
    sheet = np.zeros((FINE * spine.rows, FINE * (2 * HALF) + 1), dtype=np.float32)
    thick = rng.uniform(0.7, 1.25)
    for root in spine.roots:
        low = root.row > spine.conus - 20
        start = (
            min(spine.conus - rng.uniform(4, 34), root.row - 14)
            if low
            else (root.row - rng.uniform(3, 9 if root.segment[0] == "C" else 18))
        )
        for _ in range(int(rng.integers(2, 4)) if low else 2):
            points = _strand(rng, spine, root, start + rng.normal(0, 1.5))
            radius = rng.uniform(0.35, 0.7) * thick * (1.0 if low else 0.8)
            step = abs(root.row - start) / len(points)
            lost = np.pi * radius**2 * step * FINE**2
            at = np.round(points * FINE).astype(int) + np.array([0, FINE * HALF])
            at[:, 0] = np.clip(at[:, 0], 0, sheet.shape[0] - 1)
            np.add.at(sheet, (at[:, 0], at[:, 1]), lost)
    return np.asarray(gaussian_filter(sheet, 0.8), dtype=np.float32)
