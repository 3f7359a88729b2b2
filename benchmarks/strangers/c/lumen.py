"""The fluid inside the dura as voxels: signed distances, smooth unions, then sums along rays.

The volume is straightened: axes (s, u, w), steps 0.5, 0.5 and 1 mm, in the camera's frame, so a
turned body is sampled with turned coordinates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.strangers.c.spine import STEP, Floats, Root, Spine, smooth_noise

Grid = NDArray[np.float32]

REACH_U, REACH_W = 27.0, 10.0
"""Half widths of the volume across and along the rays, mm."""


@dataclass(frozen=True, slots=True, eq=False)
class Lumen:
    """Fluid share per voxel, shape (s, u, w), and the ``u`` and ``w`` of its columns, mm."""

    fluid: Grid
    u: Floats
    w: Floats


def smooth_union(a: Grid, b: Grid, blend: float) -> Grid:
    """Return the union of two distance fields with a fillet about ``blend`` mm wide."""
    h = np.maximum(blend - np.abs(a - b), 0) / blend
    return np.asarray(np.minimum(a, b) - h * h * blend * 0.25, dtype=np.float32)


def fill(rng: np.random.Generator, spine: Spine) -> Lumen:
    """Return the fluid of sac and sleeves around the cord."""
    u = np.arange(-REACH_U, REACH_U + 0.1, STEP)
    w = np.arange(-REACH_W + 0.5, REACH_W, 1.0)
    field, cord = _tubes(rng, spine, u, w)
    blend = float(rng.uniform(0.8, 4.0))
    for root in spine.roots:
        if root.s_mm > spine.end_mm - 5:
            continue
        _join(field, spine, root, (u, w), blend * float(rng.lognormal(0, 0.3)))
    fluid = np.clip(0.5 - field / 0.7, 0, 1)
    solid = np.clip(0.5 - cord / 0.7, 0, 1)
    if rng.random() < 0.03:
        hollow = np.exp(-(((spine.s - rng.uniform(60, 330)) / rng.uniform(15, 60)) ** 4))
        core = (cord + 1.2 + 1.5 * (1 - hollow[:, None, None].astype(np.float32))) / 0.7
        solid *= np.clip(0.5 + core, 0, 1)
    fluid *= 1 - solid
    return Lumen(fluid, u, w)


def _tubes(rng: np.random.Generator, spine: Spine, u: Floats, w: Floats) -> tuple[Grid, Grid]:
    """Return the distance fields of sac and cord."""
    n = len(spine.s)
    cos, sin = (f(spine.turn)[:, None, None].astype(np.float32) for f in (np.cos, np.sin))
    uu, ww = u[None, :, None].astype(np.float32), w[None, None, :].astype(np.float32)
    across, deep = uu * cos + ww * sin, ww * cos - uu * sin
    a = np.maximum(spine.width / 2, 0.05)[:, None, None].astype(np.float32)
    b = np.maximum(spine.depth / 2, 0.05)[:, None, None].astype(np.float32)
    square = np.float32(rng.uniform(0.0, 0.9))
    x, y = (across / a) ** 2, (deep / b) ** 2
    sac = (np.sqrt(x + y - square * np.minimum(x * y, 1)) - 1) * np.minimum(a, b)
    sac += np.where((spine.s > spine.end_mm) | (spine.s < -38), 3.0, 0.0)[:, None, None].astype(
        np.float32
    )
    ahead = 0.9 * smooth_noise(rng, n, 90) - 0.8
    cu, cw = (v[:, None, None].astype(np.float32) for v in (spine.cord_shift, ahead))
    ca = np.maximum(spine.cord_width / 2, 0.02)[:, None, None].astype(np.float32)
    flat = np.interp(spine.s, [0, 120, 300], [0.62, 0.64, 0.76])[:, None, None]
    cb = (ca * flat).astype(np.float32)
    cord = (np.sqrt(((across - cu) / ca) ** 2 + ((deep - cw) / cb) ** 2) - 1) * cb
    return sac.astype(np.float32), cord.astype(np.float32)


def _join(field: Grid, spine: Spine, root: Root, grid: tuple[Floats, Floats], blend: float) -> None:
    """Join one sleeve, a tapering and slightly bent tube, to the distance field in place."""
    u, w = grid
    half, angle = spine.half(root.s_mm), np.radians(root.angle_deg)
    down, out = np.cos(angle), np.sin(angle)
    r0, r1 = spine.row(root.s_mm - 9), spine.row(root.s_mm + root.length_mm * down + 7)
    low, high = sorted((root.sign * (half - 6), root.sign * (half + root.length_mm * out + 5)))
    c0, c1 = np.searchsorted(u, [low, high])
    if r1 - r0 < 4 or c1 - c0 < 4:
        return
    ds = (spine.s[r0:r1] - root.s_mm)[:, None, None]
    du = (u[c0:c1] * root.sign - half + 1.5)[None, :, None]
    dw = w[None, None, :] + 0.5
    length = root.length_mm + 1.5
    along = np.clip(ds * down + du * out, 0, length)
    bent = 0.02 * along**2 * (0.25 if root.segment[0] in "LS" else 1.0)
    off = np.sqrt((ds - along * down - 0.3 * bent) ** 2 + (du - along * out) ** 2 + dw**2)
    share = (along / length) ** root.flare
    tube = off - (root.radius_mm + 1.0 - (1.0 + 0.5 * root.radius_mm) * share)
    part = field[r0:r1, c0:c1]
    part[...] = smooth_union(part, tube.astype(np.float32), blend)


def threads(rng: np.random.Generator, spine: Spine, u: Floats) -> Grid:
    """Return the ray length of nerve roots inside the sac, shape (s, u), mm.

    Cauda equina strands run from the conus to each lumbar and sacral root; in the neck and chest
    a few rootlets slant from the cord to each sleeve.
    """
    out = np.zeros((len(spine.s), len(u)), np.float32)
    for root in spine.roots:
        cauda = root.s_mm > spine.conus_mm + 8
        count = 2 if cauda else int(rng.integers(2, 5))
        for k in range(count):
            start = root.s_mm - rng.uniform(2, 4 + 4 * k)
            if cauda:
                start = min(spine.conus_mm - rng.uniform(-15, 55), root.s_mm - 20)
            thick = rng.uniform(0.45, 0.85) if cauda else rng.uniform(0.2, 0.4)
            _strand(rng, out, spine, root, (start, thick, cauda))
    return out


def _strand(
    rng: np.random.Generator,
    out: Grid,
    spine: Spine,
    root: Root,
    course: tuple[float, float, bool],
) -> None:
    """Add one strand's ray length to the map in place."""
    start, thick, cauda = course
    r0, r1 = spine.row(start), spine.row(root.s_mm)
    if r1 - r0 < 3:
        return
    t = np.linspace(0, 1, r1 - r0)
    half = spine.width[r0:r1] / 2
    if cauda:
        lateral = rng.uniform(0.1, 0.75) * (1 - t**3) + 0.97 * t**3
        wobble = 0.25 * smooth_noise(rng, r1 - r0, 30 / STEP)
    else:
        lateral = np.interp(t, [0, 1], [spine.cord_width[r0] / max(spine.width[r0], 1), 1.0])
        wobble = np.zeros(r1 - r0)
    at = root.sign * half * lateral + wobble * (1 - t)
    column = (at + REACH_U) / STEP
    base = np.floor(column).astype(int)
    for k in (-1, 0, 1, 2):
        gap = np.abs(base + k - column) * STEP
        inside = np.clip(base + k, 0, out.shape[1] - 1)
        chord = 2 * np.sqrt(np.clip(thick**2 - gap**2, 0, None))
        out[np.arange(r0, r1), inside] += chord * np.clip(5 * t, 0, 1)
