"""What isn't a leak beside the sac: cysts, meningoceles, long collections, joint and vein fluid."""

from __future__ import annotations

import numpy as np

from benchmarks.strangers.e.leaks import Mark
from benchmarks.strangers.e.lumen import mouth, tip
from benchmarks.strangers.e.skeleton import Root, Spine
from benchmarks.strangers.e.voxels import Block, Box, Grid, capsule, ellipse, inside, noise

LIKELY = {"C7": 2, "C8": 3, "T1": 3, "T2": 2, "T8": 2, "T9": 3, "T10": 3, "T11": 3, "T12": 2,
          "L1": 2, "L2": 2, "S1": 4, "S2": 9}  # fmt: skip
"""How often a root has a cyst, beside 1 of the others."""


def pick_roots(
    rng: np.random.Generator, roots: tuple[Root, ...], count: int, likely: bool
) -> tuple[Root, ...]:
    """Return so many roots, those where cysts are common more often if ``likely``."""
    if not roots:
        return ()
    share = np.array([LIKELY.get(r.segment, 1) if likely else 1 for r in roots], dtype=float)
    chosen = rng.choice(len(roots), min(count, len(roots)), replace=False, p=share / share.sum())
    return tuple(roots[int(k)] for k in chosen)


def _ball(rng: np.random.Generator, box: Box, at: tuple[float, float, float],
          radii: tuple[float, float, float], rough: float) -> Grid:  # fmt: skip
    """Return how much of each voxel lies in an ellipsoid whose wall is a little uneven."""
    parts = (box.rows - at[0], box.depths - at[1], box.columns - at[2])
    size = np.sqrt(sum((p / r) ** 2 for p, r in zip(parts, radii, strict=True)))
    away = (size - 1) * min(radii) + rough * noise(rng, box.shape, 3.0)
    return inside(np.asarray(away, dtype=np.float32))


def make_cyst(rng: np.random.Generator, spine: Spine, root: Root, broad: bool) -> Mark:
    """Return a perineurial cyst about a sleeve, or a broad meningocele at the sac's side."""
    low = root.segment[0] == "S"
    size = float(np.clip(rng.lognormal(1.95, 0.3) * (1.35 if low else 1.0), 4.0, 19.0))
    row, v, u = mouth(spine, root)
    end = tip(spine, root)
    share = rng.uniform(0.0, 0.2) if broad else rng.uniform(0.25, 1.0)
    half = size / 2
    middle = (
        row + share * (end[0] - row) + (rng.uniform(-1, 2) if broad else 0.0),
        v + share * (end[1] - v),
        u + share * (end[2] - u) + (0.45 * half if broad else 0.25 * half),
    )
    radii = (
        half * rng.uniform(0.9, 1.25), half * rng.uniform(0.75, 1.05), half * rng.uniform(0.85, 1.1)
    )  # fmt: skip
    span = int(half * 1.3) + 6
    first = [int(c) - span for c in middle]
    box = Box(first[0], first[1], first[2], (2 * span + 1,) * 3)
    body = _ball(rng, box, middle, radii, 0.25)
    neck = inside(capsule(box, (row, v, u - 1), middle, (root.mouth, 0.35 * half)))
    rows = np.clip(np.arange(box.row, box.row + box.shape[0]), 0, spine.rows - 1)
    a, b = (
        np.maximum(s[rows], 0.1).astype(np.float32)[:, None, None]
        for s in (spine.half_width, spine.half_depth)
    )
    outside = 1 - inside(ellipse(box.columns, box.depths, a, b))
    fluid = rng.uniform(0.65, 1.0)
    values = np.maximum(body, neck) * outside * fluid
    cosine, width = spine.at(spine.cosine, row), 2 * spine.at(spine.half_width, row)
    reach = max(middle[2] + radii[2] - u, 0.5)
    return Mark(
        "meningocele" if broad else "perineurial-cyst", root.segment, root.region, root.side,
        root.sign, root.row, u, 0, reach * cosine, max(reach - root.lateral - root.tip, 0) * cosine,
        width * cosine, min(float(fluid * 1.6 * half / spine.at(spine.half_depth, row)), 1.4),
        size, ("round",), (box.filled(values.astype(np.float32)).mirrored(root.sign),),
    )  # fmt: skip


def make_collection(rng: np.random.Generator, spine: Spine, root: Root, length: float) -> Mark:
    """Return a long layer of fluid in the epidural space, uneven, on one side or behind."""
    tall = int(length)
    top = int(np.clip(root.row - rng.uniform(0.2, 0.8) * tall, 0, spine.rows - tall - 2))
    box = Box(top, -16, -18, (tall, 33, 37))
    rows = np.arange(top, top + tall)
    a, b = (
        np.maximum(s[rows], 0.1).astype(np.float32)[:, None, None]
        for s in (spine.half_width, spine.half_depth)
    )
    thick = rng.uniform(1.2, 3.0)
    wave = np.clip(1 + 0.45 * noise(rng, (tall,), 9.0), 0.1, 2)[:, None, None]
    turn = np.arctan2(box.depths, root.sign * box.columns) - rng.uniform(-1.2, 1.4)
    lobe = np.clip(np.cos(turn * 0.7) + 0.35 * noise(rng, box.shape, (9.0, 4.0, 4.0)), 0, 1)
    ends = np.sin(np.pi * (np.arange(tall) + 0.5) / tall)[:, None, None] ** 0.4
    away = ellipse(box.columns, box.depths, a, b)
    layer = inside(away - thick * wave * lobe * ends) - inside(away)
    values = np.clip(layer, 0, 1) * rng.uniform(0.12, 0.45)
    cosine, width = spine.at(spine.cosine, root.row), 2 * spine.at(spine.half_width, root.row)
    return Mark(
        "epidural-collection", root.segment, root.region, root.side, root.sign, root.row,
        spine.at(spine.half_width, root.row), None, thick * cosine, 0.0, width * cosine, 0.4,
        length, ("haze",), (box.filled(values.astype(np.float32)),),
    )  # fmt: skip


def joint_fluid(rng: np.random.Generator, spine: Spine, row: float, sign: int) -> Block:
    """Return fluid in a facet joint, a thin curved slit behind and beside the sac."""
    a, b = spine.at(spine.half_width, row), spine.at(spine.half_depth, row)
    long, u = rng.uniform(4, 9), a + rng.uniform(4, 9)
    box = Box(int(row) - 9, int(b) - 2, int(u) - 9, (19, 17, 19))
    v = b + rng.uniform(4, 8)
    ends = ((row - long / 2, v - 2, u - 1.5), (row + long / 2, v + 2, u + 1.5))
    slit = inside(capsule(box, ends[0], ends[1], (rng.uniform(0.6, 1.4), rng.uniform(0.8, 2.0))))
    return box.filled((slit * rng.uniform(0.3, 0.9)).astype(np.float32)).mirrored(sign)


def veins(rng: np.random.Generator, spine: Spine, row: float, sign: int) -> Block:
    """Return faint smooth veins that leave a foramen and run up or down along the vertebrae."""
    a = spine.at(spine.half_width, row)
    box = Box(int(row) - 22, -16, int(a), (45, 26, 40))
    total = np.zeros(box.shape, dtype=np.float32)
    for _ in range(int(rng.integers(1, 4))):
        at = (row + rng.uniform(-3, 3), rng.uniform(-6, 3), a + 2.0)
        thick = rng.uniform(0.6, 1.1)
        for _ in range(3):
            to = (at[0] + rng.normal(0, 7), at[1] - rng.uniform(0, 4), at[2] + rng.uniform(3, 9))
            total = np.maximum(total, inside(capsule(box, at, to, (thick, thick * 0.9))))
            at = to
    return box.filled((total * rng.uniform(0.05, 0.2)).astype(np.float32)).mirrored(sign)
