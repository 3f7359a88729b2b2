"""The sac: an ellipse of CSF at each height, less the cord, the roots in it and the cauda."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter, gaussian_filter1d

from benchmarks.strangers.f.body import HEAD_MM, Body, Root
from benchmarks.strangers.f.plate import UNIT_MM, Array, Grid, Patch, Sheet, lay, strokes, texture

CORD_DARK = 0.93
"""How much less than CSF the cord shines at a long echo time."""


def _ellipse(offset: Array, half: Array, depth: Array, power: float) -> Array:
    """Return the path through a rounded cross-section, mm."""
    share = np.clip(np.abs(offset) / np.maximum(half, 0.05), 0, 1) ** power
    return np.asarray(depth * np.sqrt(1 - share) * (half > 0.05))


def _filaments(rng: np.random.Generator, body: Body, root: Root) -> tuple[Array, Array]:
    """Return a root's course in the sac from the cord or conus to its exit, and its ink."""
    order = [r.segment for r in body.roots[::2]].index(root.segment)
    high = root.segment[0] == "C" or (root.segment[0] == "T" and order < 15)
    fall = rng.uniform(3, 9) if high else np.interp(order, [15, 20, 24, 28], [20, 55, 130, 190])
    start = min(root.q_mm - fall, body.conus_mm - rng.uniform(0, 22))
    q = np.linspace(start, root.q_mm + 1.0, max(int((root.q_mm - start) / 0.7), 8))
    t = np.linspace(0, 1, q.size)
    half = body.half(q)
    origin = np.interp(q, np.arange(body.width.size) * 0.35, body.cord_width) / 2
    inmost = {"S": 0.0, "L": 0.15}.get(root.segment[0], 0.35)
    side_lane = rng.uniform(inmost, 0.85) * half
    lane = np.where(t < 0.75, side_lane, side_lane + (half * 0.97 - side_lane) * (t - 0.75) / 0.25)
    u = origin + (lane - origin) * np.clip(t * (1.0 if high else rng.uniform(1.5, 6.0)), 0, 1)
    u += rng.normal(0, 0.35) * np.sin(t * rng.uniform(6, 20) + rng.uniform(0, 6))
    points = np.stack([u * root.side, q], axis=1)
    return points, np.full(q.size, -rng.uniform(0.05, 0.15) * (0.4 if high else 1.0))


def _flow(rng: np.random.Generator, sheet: Sheet) -> Grid:
    """Return a factor for CSF that moves: loss of signal in irregular stretches."""
    rows = sheet.u.shape[0]
    along = gaussian_filter1d(rng.standard_normal(rows), 90) * np.sqrt(180 * np.pi) / 1.4
    lost = np.clip(along * rng.uniform(0, 0.07), -0.05, 0.25)[:, None]
    patchy = 0.018 * texture(rng, sheet.u.shape, 8.0)
    return np.asarray(1 - lost + patchy, np.float32)


def draw_sac(rng: np.random.Generator, body: Body) -> Patch:
    """Return the sac with what it holds."""
    rows = body.width.size
    sheet = lay(body.axis, 0.0, 1, (-26.0, 26.0, 0.0, (rows - 1) * 0.35))
    rows = sheet.u.shape[0]
    width, ap = body.width[:rows, None], body.ap[:rows, None]
    power = float(rng.uniform(2.0, 2.7))
    path = _ellipse(sheet.u, width / 2, ap, power)
    wobble = gaussian_filter1d(rng.standard_normal(rows), 80)[:, None] * np.sqrt(160 * np.pi)
    room = (width - body.cord_width[:rows, None]) / 2
    off = np.clip(0.12 * wobble, -0.3, 0.3) * room
    cord = _ellipse(sheet.u - off, body.cord_width[:rows, None] / 2, body.cord_ap[:rows, None], 2.0)
    ink = (path - CORD_DARK * np.minimum(cord, path)) / UNIT_MM
    drawn = [_filaments(rng, body, root) for root in body.roots for _ in range(2)]
    drawn += [_filaments(rng, body, root) for root in body.roots[-4:] for _ in range(3)]
    for part, pen in ((drawn[::2], 0.9), (drawn[1::2], 1.4)):
        lines = strokes(sheet, [p for p, _ in part], [w for _, w in part], pen)
        ink += lines * np.clip(path / UNIT_MM, 0, 1)
    filum = np.arange(body.conus_mm, max(body.end_mm, body.conus_mm + 9), 0.7)
    line = np.stack([0.4 * np.sin(filum / 40), filum], axis=1)
    ink += strokes(sheet, [line], [np.full(filum.size, -0.05)], 1.3) * np.clip(path, 0, 1)
    ink = np.maximum(ink, 0.06 * path / UNIT_MM) * _flow(rng, sheet)
    return sheet.patch(np.asarray(ink, np.float32))


def draw_head(rng: np.random.Generator, body: Body) -> Patch:
    """Return the CSF about the brain stem and below the cerebellum, above C1."""
    sheet = lay(body.axis, 0.0, 1, (-60.0, 60.0, 0.0, HEAD_MM + 4))
    height = np.clip((HEAD_MM - sheet.v) / HEAD_MM, 0, 1)
    wide = 14 + 40 * height**0.7
    inside = np.clip((wide - np.abs(sheet.u)) / 2.0, 0, 1) * (height > 0)
    folds = np.exp(-(texture(rng, sheet.u.shape, 7.0) ** 2) / 0.12) * np.clip(height * 2, 0, 1)
    rim = np.exp(-(((wide - np.abs(sheet.u)) / 3.0) ** 2))
    ink = gaussian_filter(inside * (0.25 * folds + 0.5 * rim * height), 1.0)
    return sheet.patch(np.asarray(ink, np.float32), depth_mm=4.0)
