"""Solid signs: the column of CSF widened at a sleeve, smooth and tapering, in several shapes."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from benchmarks.strangers.f.plate import Array, Grid, dome, fill, outside, ribbon, rounded
from benchmarks.strangers.f.scene import Scene


def _hypotenuse(rng: np.random.Generator, a: Array, b: Array, bow: float) -> list[Array]:
    """Return points between two points on a line bowed outward (+) or inward, in mm."""
    t = np.array([0.25, 0.5, 0.75])[:, None]
    way = b - a
    normal = np.array([way[1], -way[0]]) / max(float(np.hypot(*way)), 1e-6)
    sag = bow * 4 * t * (1 - t) * (1 + 0.3 * rng.normal(size=(3, 1)))
    return list(a + t * way + sag * normal)


def _body(scene: Scene, outline: list[Array], thick_mm: float) -> Grid:
    """Return the ink of a contour closed within the sac, as deep as told."""
    first, last = outline[0], outline[-1]
    outline = [*outline, last - [2.5, 0.0], first - [2.5, 0.0]]
    ink = dome(fill(scene.sheet, rounded(np.array(outline), 3)), thick_mm)
    return np.asarray(ink * outside(scene.sheet, scene.edge(scene.sheet.v)), np.float32)


def triangle(rng: np.random.Generator, scene: Scene) -> Grid:
    """Return a filled triangle on the sac's edge whose apex lies about the sleeve's tip.

    Either leg may be concave or convex, and either may be much the longer.
    """
    root = scene.sleeve.root
    far = max(scene.size_mm, 0.3)
    apex = scene.sleeve.tip + far * np.array([np.cos(scene.course), np.sin(scene.course)]) * 0.9
    tall = scene.sleeve.reach_mm + far
    skew = rng.uniform(0.25, 0.75)
    base = max(tall * rng.uniform(0.9, 2.2), root.base_mm * 1.7, 6.0)
    top, low = apex[1] * 0.5 - base * (1 - skew), apex[1] * 0.5 + base * skew
    edge = scene.edge(np.array([top, low]))
    above, below = np.array([edge[0], top]), np.array([edge[1], low])
    bow = rng.uniform(-0.22, 0.2, 2) * tall
    upper = _hypotenuse(rng, above, apex, bow[0])
    lower = _hypotenuse(rng, apex, below, bow[1])
    return _body(scene, [above, *upper, apex, apex, *lower, below], rng.uniform(1.5, 4.0))


def shoulder(rng: np.random.Generator, scene: Scene) -> Grid:
    """Return a broad shoulder on one side of the sleeve: sac and sleeve joined by a slope."""
    root, tip = scene.sleeve.root, scene.sleeve.tip
    tall = scene.sleeve.reach_mm + max(scene.size_mm, 0.0)
    sign = 1.0 if rng.random() < 0.65 else -1.0
    long = max(tall * rng.uniform(1.0, 2.4), 7.0) * sign
    short = -sign * root.base_mm * rng.uniform(0.3, 0.9)
    apex = tip + max(scene.size_mm, 0.2) * np.array([0.9, 0.3])
    ends = sorted((float(apex[1] * 0.6 + long), short))
    edge = scene.edge(np.array(ends))
    above, below = np.array([edge[0], ends[0]]), np.array([edge[1], ends[1]])
    bow = rng.uniform(0.0, 0.22) * tall
    slope = (bow, 0.0) if sign < 0 else (0.0, bow)
    upper = _hypotenuse(rng, above, apex, slope[0])
    lower = _hypotenuse(rng, apex, below, slope[1])
    return _body(scene, [above, *upper, apex, *lower, below], rng.uniform(1.8, 4.0))


def tent(rng: np.random.Generator, scene: Scene) -> Grid:
    """Return a sail: triangle drawn out to a long thin tip along the sleeve, both legs concave."""
    root = scene.sleeve.root
    n = 30
    t = np.linspace(0, 1, n)
    length = scene.sleeve.reach_mm / max(np.cos(scene.sleeve.heading), 0.35) + scene.length_mm
    heading = scene.sleeve.heading + (scene.course - scene.sleeve.heading) * t
    step = length / (n - 1) * np.stack([np.cos(heading), np.sin(heading)], axis=1)
    path = scene.sleeve.path[0] + np.concatenate([np.zeros((1, 2)), step[:-1].cumsum(axis=0)])
    wide = max(root.base_mm * rng.uniform(0.95, 1.5), 3.4)
    half = wide * (1 - t) ** rng.uniform(1.2, 2.2) + 0.45
    start = path[:1] - [2.2, 0.0]
    contour = rounded(ribbon(np.concatenate([start, path]), np.concatenate([half[:1], half])), 1)
    ink = dome(fill(scene.sheet, contour), rng.uniform(1.5, 3.5))
    return np.asarray(ink * outside(scene.sheet, scene.edge(scene.sheet.v)), np.float32)


def comma(rng: np.random.Generator, scene: Scene) -> Grid:
    """Return a comma: a thick head at the sleeve whose tail sweeps up or, oftener, down."""
    n = 30
    t = np.linspace(0, 1, n)
    length = 1.2 * (scene.sleeve.reach_mm + scene.length_mm) + 2
    sweep = rng.uniform(0.7, 1.5) * (1 if rng.random() < 0.8 else -1)
    heading = scene.sleeve.heading * 0.6 + sweep * t
    step = length / (n - 1) * np.stack([np.cos(heading), np.sin(heading)], axis=1)
    path = scene.sleeve.path[0] + np.concatenate([np.zeros((1, 2)), step[:-1].cumsum(axis=0)])
    head = float(np.clip(0.32 * length, 2.0, scene.sleeve.root.base_mm))
    half = head * (1 - t) ** rng.uniform(0.6, 0.9) + 0.3
    ink = dome(fill(scene.sheet, rounded(ribbon(path, half), 1)), rng.uniform(1.5, 3.0))
    fade = gaussian_filter(ink, 1.0) * outside(scene.sheet, scene.edge(scene.sheet.v))
    return np.asarray(fade, np.float32)
