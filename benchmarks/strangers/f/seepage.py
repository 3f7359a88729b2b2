"""Loose signs: fluid beyond the sleeve as a reader meets it, each drawn in its own hand.

Every form takes a scene and returns ink with a peak of about 1.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

from benchmarks.strangers.f.plate import (
    PX,
    Array,
    Grid,
    fill,
    ribbon,
    rounded,
    strokes,
    texture,
    wander,
)
from benchmarks.strangers.f.scene import Scene


def _taper(n: int, power: float) -> Array:
    """Return weights (n,) that fall from 1 to nothing."""
    return np.asarray((1 - np.linspace(0, 1, n)) ** power)


def _start(rng: np.random.Generator, scene: Scene, share: float = 0.35) -> Array:
    """Return a point at the outer part of the sleeve."""
    path = scene.sleeve.path
    at = int((1 - share * rng.random()) * (len(path) - 1))
    return np.asarray(path[at] + rng.normal(0, 0.4, 2))


def _softness(rng: np.random.Generator, scene: Scene) -> float:
    """Return how soft edges are, a Gaussian's sigma in pixels: the softer the larger the sign."""
    return float(np.clip(scene.size_mm * rng.uniform(0.05, 0.14), 1.0, 6.0))


def _stretched(rng: np.random.Generator, scene: Scene, scale_mm: float) -> Grid:
    """Return band-limited noise on the scene's sheet, drawn out along the fluid's course."""
    along, across = scene.rotated(scene.course + rng.normal(0, 0.2))
    plain = texture(rng, along.shape, scale_mm)
    places = [
        (across - across.min()) / PX % along.shape[0],
        (along - along.min()) / rng.uniform(1.2, 2.4) / PX % along.shape[1],
    ]
    return np.asarray(map_coordinates(plain, places, order=1, mode="grid-wrap"), np.float32)


def flame(rng: np.random.Generator, scene: Scene) -> Grid:
    """Return tongues that spread from the tip, broad at the root, pointed outward."""
    ink = scene.sheet.blank()
    for k in range(int(rng.integers(2, 6))):
        part = 1.0 if k == 0 else rng.uniform(0.35, 0.9)
        angle = scene.course + (0.0 if k == 0 else rng.normal(0, 0.4))
        path = wander(rng, _start(rng, scene), angle, scene.length_mm * part, 0.5)
        wide = float(np.clip(scene.size_mm * rng.uniform(0.08, 0.17), 0.6, 5.0))
        half = wide * _taper(len(path), 0.7) * np.linspace(0.6, 1.0, len(path)) + 0.25
        ink = np.maximum(ink, fill(scene.sheet, ribbon(path, half)) * rng.uniform(0.6, 1.0))
    along, _ = scene.rotated(scene.course)
    fade = 1 - 0.55 * np.clip(along / scene.length_mm, 0, 1)
    grain = 1 + 0.13 * texture(rng, ink.shape, rng.uniform(3.5, 8))
    soft = _softness(rng, scene)
    return np.asarray(gaussian_filter(ink, soft) * fade * grain, np.float32)


def feather(rng: np.random.Generator, scene: Scene) -> Grid:
    """Return fine strands that fan out along the root."""
    spread, count = rng.uniform(0.12, 0.5), int(rng.integers(4, 19))
    paths, weights = [], []
    for k in range(count):
        part = 1.0 if k == 0 else rng.uniform(0.3, 1.0)
        angle = scene.course + (0.3 if k == 0 else 1.0) * rng.normal(0, spread)
        path = wander(rng, _start(rng, scene, 0.6), angle, scene.length_mm * part, 0.6)
        paths.append(path)
        weights.append(rng.uniform(0.4, 1.0) * (0.25 + 0.75 * _taper(len(path), 0.6)))
    ink = strokes(scene.sheet, paths, weights, rng.uniform(0.8, 1.7))
    return np.asarray(np.tanh(ink), np.float32)


def honeycomb(rng: np.random.Generator, scene: Scene) -> Grid:
    """Return a net: bright walls about dark lobules, within a soft-edged field."""
    along, across = scene.rotated(scene.course)
    long, wide = scene.length_mm, scene.length_mm * rng.uniform(0.3, 0.65)
    middle = 0.42 * long
    field = ((along - middle) / (0.58 * long)) ** 2 + (across / wide) ** 2
    field = field + 0.35 * texture(rng, along.shape, 0.6 * long + 2)
    envelope = np.clip((1.1 - field) / rng.uniform(0.5, 1.1), 0, 1)
    cells = _stretched(rng, scene, float(np.clip(0.35 * long, 2.5, rng.uniform(5, 11))))
    patchy = np.clip(0.75 + 0.45 * texture(rng, along.shape, 0.5 * long + 4), 0.1, 1.6)
    walls = np.exp(-((cells / (rng.uniform(0.22, 0.45) * patchy)) ** 2))
    fade = 1 - rng.uniform(0.2, 0.8) * np.clip(along / long, 0, 1)
    ink = envelope * fade * patchy * (walls + rng.uniform(0.1, 0.5))
    return np.asarray(gaussian_filter(ink, 1.2), np.float32)


def haze(rng: np.random.Generator, scene: Scene) -> Grid:
    """Return a smooth veil that widens and fades outward, with no edge."""
    along, across = scene.rotated(scene.course)
    long = scene.length_mm
    wide = rng.uniform(1.2, 2.5) + np.clip(along, 0, None) * rng.uniform(0.25, 0.7)
    fall = np.exp(-(np.clip(along / (0.62 * long), 0, None) ** rng.uniform(1.3, 3.0)))
    rise = 1 / (1 + np.exp(-(along + 1.0) / 0.8))
    cloud = 1 + 0.2 * texture(rng, along.shape, rng.uniform(5, 14))
    return np.asarray(fall * rise * np.exp(-((across / wide) ** 2)) * cloud, np.float32)


def band(rng: np.random.Generator, scene: Scene) -> Grid:
    """Return a band along the muscle beside the spine, joined to the sleeve by a short limb."""
    size = scene.size_mm
    lie = scene.sleeve.tip[0] + size * rng.uniform(0.75, 0.95)
    low = scene.sleeve.tip[1] + rng.uniform(0.3, 0.8) * size + rng.uniform(5, 22)
    high = scene.sleeve.tip[1] - rng.uniform(0.1, 0.6) * size - 2
    v = np.linspace(high, low, 50)
    lean = rng.normal(0.08, 0.08)
    sway = np.interp(v, np.linspace(high, low, 5), rng.normal(0, 0.08, 5) * (size + 4))
    path = np.stack([lie + lean * (v - v.mean()) + sway, v], axis=1)
    half = np.clip(size * rng.uniform(0.04, 0.1), 0.5, 2.4) * np.sin(np.linspace(0.25, 2.9, 50))
    field = fill(scene.sheet, ribbon(path, half + 0.3))
    field *= np.clip(0.6 + 0.35 * texture(rng, field.shape, rng.uniform(4, 14)), 0.1, 1)
    grain = []
    for _ in range(int(rng.integers(2, 8))):
        at = int(rng.uniform(0, 0.6) * 49)
        way = path[min(at + 8, 49)] - path[at]
        start = path[at] + rng.normal(0, 0.5, 2) * half.max()
        long = rng.uniform(0.25, 0.8) * (low - high)
        grain.append(wander(rng, start, float(np.arctan2(way[1], way[0])), long, 0.3))
    fibres = strokes(scene.sheet, grain, [np.sin(np.linspace(0.2, 3, len(p))) for p in grain], 1.3)
    ink = gaussian_filter(field, 0.6 * _softness(rng, scene)) + 0.6 * np.tanh(fibres)
    to = path[int(rng.integers(12, 35))] - scene.sleeve.tip
    away = float(np.arctan2(to[1], to[0]))
    limbs = [
        wander(rng, _start(rng, scene, 0.2), away + rng.normal(0, 0.1), float(np.hypot(*to)), 0.3)
        for _ in range(int(rng.integers(1, 4)))
    ]
    limb = strokes(scene.sheet, limbs, [np.full(len(p), 0.8) for p in limbs], rng.uniform(1.2, 2.5))
    return np.asarray(np.maximum(ink, limb), np.float32)


def drops(rng: np.random.Generator, scene: Scene) -> Grid:
    """Return drops apart from each other along the root, irregular, smaller outward."""
    ink = scene.sheet.blank()
    way, count = scene.length_mm, int(rng.integers(2, 6))
    path = wander(rng, scene.sleeve.tip, scene.course, way, 0.6)
    for t in np.sort(np.r_[rng.uniform(0.08, 0.8, count - 1), 0.93]):
        centre = path[int(t * (len(path) - 1))] + rng.normal(0, 0.05, 2) * way
        radius = float(np.clip(way * rng.uniform(0.06, 0.15), 0.8, 4.0)) * (1.15 - 0.5 * t)
        angle = np.linspace(0, 2 * np.pi, 9)[:-1]
        far = (
            radius * np.exp(rng.normal(0, 0.25, 8)) * (1 + 0.5 * np.cos(angle - scene.course) ** 2)
        )
        spot = centre + far[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        ink = np.maximum(ink, fill(scene.sheet, rounded(spot, 2)) * rng.uniform(0.6, 1.0))
    return gaussian_filter(ink, rng.uniform(1.0, 2.0))


def line(rng: np.random.Generator, scene: Scene) -> Grid:
    """Return one long thin line, now and then broken or double, as a tract is."""
    count = 1 + int(rng.random() < 0.3)
    paths = [
        wander(
            rng, _start(rng, scene, 0.1), scene.course + rng.normal(0, 0.08), scene.length_mm, 0.7
        )
        for _ in range(count)
    ]
    weights = []
    for path in paths:
        knots = np.linspace(0, 1, 7)
        uneven = np.interp(np.linspace(0, 1, len(path)), knots, rng.uniform(0.4, 1.0, 7))
        weights.append(uneven * (0.5 + 0.5 * _taper(len(path), 0.5)))
    return strokes(scene.sheet, paths, weights, rng.uniform(0.9, 1.8))


def tree(rng: np.random.Generator, scene: Scene) -> Grid:
    """Return a stem that forks and forks again."""
    stem = wander(rng, _start(rng, scene, 0.2), scene.course, scene.length_mm, 0.5)
    paths, weights = [stem], [0.4 + 0.6 * _taper(len(stem), 0.5)]
    for _ in range(int(rng.integers(3, 9))):
        parent = paths[int(rng.integers(len(paths)))]
        at = int(rng.uniform(0.1, 0.75) * (len(parent) - 2))
        ahead = parent[at + 1] - parent[at]
        fork = float(np.arctan2(ahead[1], ahead[0])) + rng.choice([-1, 1]) * rng.uniform(0.3, 0.9)
        twig = wander(rng, parent[at], fork, scene.length_mm * rng.uniform(0.15, 0.5), 0.6)
        paths.append(twig)
        weights.append(rng.uniform(0.3, 0.7) * (0.2 + 0.8 * _taper(len(twig), 0.5)))
    return np.asarray(np.tanh(strokes(scene.sheet, paths, weights, rng.uniform(0.9, 1.7))))


def sheath(rng: np.random.Generator, scene: Scene) -> Grid:
    """Return a stripe about the root: the sleeve goes on, long, uneven, beaded."""
    path = wander(rng, _start(rng, scene, 0.5), scene.course, scene.length_mm * 1.05, 0.4)
    t = np.linspace(0, 1, len(path))
    beads = np.interp(t, np.linspace(0, 1, 9), np.exp(rng.normal(0, 0.45, 9)))
    wide = float(np.clip(scene.size_mm * rng.uniform(0.05, 0.12), 0.6, 2.4))
    ink = fill(scene.sheet, rounded(ribbon(path, wide * beads * (1 - 0.4 * t)), 1))
    along, _ = scene.rotated(scene.course)
    fade = 1 - 0.45 * np.clip(along / scene.length_mm, 0, 1)
    return np.asarray(gaussian_filter(ink, 0.5 * _softness(rng, scene)) * fade, np.float32)


def pool(rng: np.random.Generator, scene: Scene) -> Grid:
    """Return a profuse ragged pool lateral to and about the sleeve, frayed at its rim."""
    angle = np.linspace(0, 2 * np.pi, 13)[:-1]
    ragged = np.exp(rng.normal(0, 0.22, 12))
    unit = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    shape = 0.5 * scene.size_mm * ragged[:, None] * unit * [1.0, rng.uniform(0.7, 1.7)]
    centre = scene.sleeve.tip + 0.42 * scene.size_mm * np.array([1.0, np.tan(scene.course) * 0.6])
    ink = gaussian_filter(fill(scene.sheet, rounded(centre + shape, 2)), rng.uniform(1.5, 4.0))
    ink = ink * (1.1 - np.hypot(*scene.rotated(0.0)) / (1.6 * scene.size_mm)).clip(0.3, 1)
    ink = ink * (0.85 + 0.14 * texture(rng, ink.shape, rng.uniform(4, 12)))
    rays = [
        wander(rng, centre + 0.7 * shape[k], float(angle[k]), scene.size_mm * 0.3, 0.5)
        for k in rng.choice([0, 1, 2, 3, 9, 10, 11], 4, replace=False)
    ]
    weights = [0.7 * _taper(len(ray), 0.7) for ray in rays]
    return np.asarray(np.maximum(ink, strokes(scene.sheet, rays, weights, 1.3)), np.float32)


def curtain(rng: np.random.Generator, scene: Scene) -> Grid:
    """Return strands that leave the sleeve outward and then hang down, side by side."""
    paths, weights = [], []
    for far in np.linspace(0.15, 1.0, int(rng.integers(3, 8))):
        drop = scene.size_mm * rng.uniform(0.3, 0.9) + 3
        n = max(int((scene.size_mm + drop) / 0.4), 8)
        t = np.linspace(0, 1, n)
        u = scene.sleeve.tip[0] + far * scene.size_mm * np.minimum(t * 2, 1) ** 0.7
        v = scene.sleeve.tip[1] + drop * np.maximum(t - 0.25, 0) ** 1.4
        sway = 0.05 * scene.size_mm * np.sin(t * rng.uniform(4, 9) + rng.uniform(0, 6))
        paths.append(np.stack([u + sway, v], axis=1))
        weights.append(rng.uniform(0.4, 1.0) * (0.3 + 0.7 * _taper(n, 0.6)))
    return np.asarray(np.tanh(strokes(scene.sheet, paths, weights, rng.uniform(1, 2))))
