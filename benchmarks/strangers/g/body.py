"""Fluid and tissue of the trunk: organs as swollen shapes in space, faint flesh behind all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.strangers.g.camera import Camera, within
from benchmarks.strangers.g.fields import Array, Floats, Rng, coarse, course, ridged, spread
from benchmarks.strangers.g.spine import SIDES, Spine


@dataclass(frozen=True, slots=True)
class Shape:
    """A chain of balls in space: LPS mm ``(n, 3)``, radii, stretch (down over across), look.

    ``light`` is CSF's signal times this; ``look`` one of ``plain``, ``feathery``, ``mottled``.
    """

    name: str
    points: Floats
    radii: Floats
    stretch: float
    light: float
    look: str = "plain"


Maker = Callable[[Rng, Spine], list[Shape]]


def _at(spine: Spine, disc: int) -> Floats:
    """Return the axis in space at a disc, counted from the lowest (-1) or highest (0)."""
    return np.asarray(spine.points[spine.row(float(spine.discs[disc]))], dtype=np.float64)


def _blob(name: str, where: Floats, radius: float, stretch: float, light: float) -> Shape:
    return Shape(name, where[None, :], np.array([radius]), stretch, light)


def _tube(rng: Rng, start: Floats, stop: Floats, wander: float, count: int = 40) -> Floats:
    """Return points of a winding way between two places."""
    run = np.linspace(0, 1, count)[:, None]
    wobble = np.stack([course(rng, count, count / 6) for _ in range(3)], axis=1)
    return start + (stop - start) * run + wander * wobble * np.sin(np.pi * run) ** 0.5


def _before_bones(spine: Spine, way: Floats) -> Floats:
    """Return a way through the belly moved forward where vertebrae would be in it, LPS mm."""
    axis = spine.points[np.argmin(np.abs(spine.points[:, 2:3] - way[None, :, 2]), axis=0)]
    off = np.clip(np.abs(way[:, 0] - axis[:, 0]) - 24, 0, 60)
    front = axis[:, 1] - 46 + 0.9 * off
    return np.stack([way[:, 0], np.minimum(way[:, 1], front), way[:, 2]], axis=1)


def kidneys(rng: Rng, spine: Spine) -> list[Shape]:
    """Return pelves, calyces and ureters, one side or both, and renal cysts."""
    shapes = []
    for sign in SIDES:
        if rng.random() < 0.3:
            continue
        hilum = _at(spine, -4) + np.array(
            [
                sign * rng.uniform(38, 52),
                rng.uniform(-26, 4),
                rng.uniform(-8, 22),
            ]
        )
        wide, light = rng.uniform(2.5, 8), rng.uniform(0.3, 0.95)
        shapes.append(_blob("kidney", hilum, wide, rng.uniform(1.2, 2.4), light))
        tall = rng.uniform(14, 26)
        for along in np.linspace(-1, 1, int(rng.integers(4, 9))):
            begin = hilum + np.array([0, 0, 0.5 * tall * along])
            away = np.array([sign * rng.uniform(6, 19), rng.uniform(-9, 9), tall * 0.7 * along])
            way = _tube(rng, begin, begin + away, 1.2, 20)
            cup = rng.uniform(1.0, 3.4) * np.exp(-np.square((np.linspace(0, 1, 20) - 0.92) / 0.2))
            radii = rng.uniform(0.5, 1.3) * np.ones(20) + cup
            shapes.append(Shape("kidney", way, radii, 1.0, light * rng.uniform(0.5, 1)))
        if rng.random() < 0.6:
            low = _at(spine, -1) + np.array(
                [sign * rng.uniform(22, 40), rng.uniform(-45, -20), -60]
            )
            way = _tube(rng, hilum, low, 4.0, 90)
            radii = rng.uniform(0.5, 1.5) * np.clip(course(rng, 90, 6) + 0.4, 0, 2)
            shapes.append(Shape("ureter", way, radii, 1.0, light))
        for _ in range(int(rng.choice([0, 0, 0, 0, 1, 3]))):
            place = hilum + rng.normal(0, 1, 3) * [12, 8, 28] + np.array([sign * 12, 0, 0])
            shapes.append(_blob("renal-cyst", place, rng.uniform(3, 17), spread(rng, 0.1), 1.0))
    return shapes


def biliary(rng: Rng, spine: Spine) -> list[Shape]:
    """Return gallbladder, bile ducts and the pancreatic duct; some liver cysts."""
    porta = _at(spine, -5) + np.array(
        [-rng.uniform(24, 42), rng.uniform(-58, -12), rng.uniform(-10, 25)]
    )
    light = rng.uniform(0.35, 0.9)
    bottom = porta + np.array([-rng.uniform(8, 25), rng.uniform(-14, 0), -rng.uniform(22, 60)])
    body = _tube(rng, porta + np.array([-6, 0, -8]), bottom, 3, 24)
    swell = rng.uniform(5, 15) * np.sin(np.linspace(0.25, 2.6, 24)) ** 0.8
    shapes = [Shape("gallbladder", body, swell, 1.0, light)]
    low = porta + np.array([rng.uniform(8, 18), 0, -rng.uniform(35, 65)])
    shapes.append(
        Shape("bile-duct", _tube(rng, porta, low, 3), np.full(40, rng.uniform(1.2, 4)), 1, light)
    )
    for _ in range(int(rng.integers(0, 5))):
        twig = porta + np.array([rng.uniform(-60, 30), rng.uniform(-6, 6), rng.uniform(5, 45)])
        shapes.append(
            Shape("bile-duct", _tube(rng, porta, twig, 5), np.linspace(1.6, 0.4, 40), 1, light)
        )
    if rng.random() < 0.5:
        tail = low + np.array([rng.uniform(60, 110), 0, rng.uniform(15, 45)])
        shapes.append(
            Shape("pancreatic-duct", _tube(rng, low, tail, 4), np.full(40, 0.9), 1, light)
        )
    for _ in range(int(rng.choice([0, 0, 1, 4]))):
        place = porta + np.array([rng.uniform(-75, -10), rng.uniform(-10, 10), rng.uniform(0, 70)])
        shapes.append(_blob("liver-cyst", place, rng.uniform(2, 14), 1.0, 1.0))
    return shapes


def gut(rng: Rng, spine: Spine) -> list[Shape]:
    """Return stomach, duodenum and loops of bowel with folds."""
    shapes = []
    if rng.random() < 0.5:
        top = _at(spine, -7) + np.array([rng.uniform(35, 60), rng.uniform(-60, -18), 0])
        way = _tube(
            rng, top, top + np.array([-rng.uniform(5, 32), -8, -rng.uniform(60, 100)]), 8, 20
        )
        radii = rng.uniform(12, 30) * np.linspace(1, 0.5, 20)
        shapes.append(
            Shape(
                "stomach", _before_bones(spine, way), radii, 1.0, rng.uniform(0.2, 0.8), "mottled"
            )
        )
    middle = _at(spine, -3)
    for _ in range(int(rng.integers(0, 8))):
        sign = rng.choice(SIDES)
        start = middle + np.array(
            [sign * rng.uniform(15, 85), rng.uniform(-75, -14), rng.uniform(-120, 30)]
        )
        way = _tube(rng, start, start + rng.normal(0, 30, 3) * [1, 0.2, 1], 14, 50)
        radii = rng.uniform(3, 11) * np.exp(0.25 * course(rng, 50, 8))
        look = str(rng.choice(["feathery", "feathery", "mottled", "plain"]))
        shapes.append(
            Shape("bowel", _before_bones(spine, way), radii, 1.0, rng.uniform(0.15, 0.85), look)
        )
    return shapes


def pelvis(rng: Rng, spine: Spine) -> list[Shape]:
    """Return the bladder, free fluid and, in women, cysts of the ovaries."""
    low = spine.points[spine.row(spine.end_mm)] + np.array([0, rng.uniform(-75, -25), 0])
    shapes = []
    if rng.random() < 0.7:
        place = low + np.array([rng.normal(0, 6), 0, -rng.uniform(5, 50)])
        shapes.append(_blob("bladder", place, rng.uniform(18, 42), rng.uniform(0.6, 1.1), 1.0))
    if spine.person.female and rng.random() < 0.4:
        for sign in SIDES:
            place = low + np.array(
                [sign * rng.uniform(28, 50), rng.uniform(0, 25), rng.uniform(-20, 25)]
            )
            for _ in range(int(rng.integers(0, 6))):
                near = place + rng.normal(0, 7, 3)
                shapes.append(_blob("ovary", near, rng.uniform(1.5, 7), spread(rng, 0.15), 0.95))
    return shapes


def chest(rng: Rng, spine: Spine) -> list[Shape]:
    """Return pleural fluid, fluid in the gullet and the azygos vein."""
    shapes = []
    top, low = _at(spine, 8), _at(spine, 15)
    for sign in SIDES:
        if rng.random() < 0.1:
            out = np.array([sign * rng.uniform(45, 80), rng.uniform(0, 20), 0])
            way = _tube(rng, top + out * [0.7, 1, 1], low + out, 8, 60)
            radii = np.linspace(1.0, rng.uniform(3, 12), 60) * np.exp(0.3 * course(rng, 60, 8))
            shapes.append(Shape("pleura", way, radii, 1.0, rng.uniform(0.2, 0.8)))
    if rng.random() < 0.3:
        way = _tube(rng, top + np.array([4, -24, 10]), low + np.array([10, -26, 0]), 4, 90)
        radii = rng.uniform(1, 4) * np.clip(course(rng, 90, 6), 0, 2)
        shapes.append(Shape("gullet", way, radii, 1.0, rng.uniform(0.2, 0.7)))
    if rng.random() < 0.3:
        way = _tube(rng, top + np.array([-12, -16, 0]), low + np.array([-8, -18, 0]), 3, 90)
        shapes.append(
            Shape("azygos", way, np.full(90, rng.uniform(1, 2.2)), 1, rng.uniform(0.1, 0.4))
        )
    return shapes


def neck(rng: Rng, spine: Spine) -> list[Shape]:
    """Return salivary glands, throat, thyroid cysts, nodes and the jugular veins."""
    shapes = []
    for sign in SIDES:
        jaw = spine.points[spine.row(10)] + np.array([sign * rng.uniform(40, 52), -22, 6])
        if rng.random() < 0.6:
            light, size = rng.uniform(0.05, 0.25), rng.uniform(9, 15)
            shapes.append(Shape("gland", jaw[None, :], np.array([size]), 1.6, light, "mottled"))
        for _ in range(int(rng.integers(0, 5))):
            place = jaw + np.array(
                [-sign * rng.uniform(0, 14), rng.uniform(-5, 15), -rng.uniform(5, 90)]
            )
            size, light = rng.uniform(2, 5), rng.uniform(0.08, 0.5)
            shapes.append(_blob("node", place, size, rng.uniform(1, 2.2), light))
        if rng.random() < 0.35:
            way = _tube(
                rng,
                jaw + np.array([-sign * 14, 6, -5]),
                jaw + np.array([-sign * 16, 4, -110]),
                3,
                60,
            )
            radii = rng.uniform(2, 5) * np.exp(0.2 * course(rng, 60, 8))
            shapes.append(Shape("jugular", way, radii, 1.0, rng.uniform(0.08, 0.35)))
        if rng.random() < 0.15:
            place = spine.points[spine.row(115)] + np.array([sign * rng.uniform(14, 26), -32, 0])
            shapes.append(_blob("thyroid-cyst", place, rng.uniform(2, 9), 1.2, 0.9))
    return shapes


SYSTEMS: Sequence[tuple[Maker, float]] = (
    (kidneys, 0.8), (biliary, 0.6), (gut, 0.75), (pelvis, 0.8), (chest, 0.7), (neck, 0.7),
)  # fmt: skip
"""Systems and how often each shows; no arm is asked."""


def choose_shapes(rng: Rng, spine: Spine) -> list[Shape]:
    """Return all fluid of the trunk."""
    shapes = []
    for make, odds in SYSTEMS:
        if rng.random() < odds:
            shapes += make(rng, spine)
    return shapes


def _textured(rng: Rng, depth: Array, look: str) -> Array:
    if look == "plain" or min(depth.shape) < 4:
        return depth
    field = coarse(rng, (depth.shape[0], depth.shape[1]), 3.0 if look == "feathery" else 6.0)
    grain = ridged(field, 1.2) if look == "feathery" else np.exp(0.5 * field)
    return np.asarray(depth * grain, dtype=np.float32)


def _ends(count: int) -> Floats:
    """Return factors that let a long shape taper at both ends."""
    return np.asarray(np.sin(np.linspace(0.05, np.pi - 0.05, count)) ** 0.35)


def shape_image(rng: Rng, camera: Camera, shapes: Sequence[Shape], step: int) -> Array:
    """Return fluid of shapes in a slab (mm), each ``step``-th pixel."""
    count = camera.size // step
    pixel = camera.fov / count
    place = ((np.arange(count) - (count - 1) / 2) * pixel).astype(np.float32)
    image = np.zeros((count, count), dtype=np.float32)
    for shape in shapes:
        seen = camera.see(shape.points)
        radii = shape.radii * (1 if len(shape.radii) < 30 else _ends(len(shape.radii)))
        keep = (np.abs(seen[:, 2]) < camera.slab / 2 + radii) & (radii > 0.15)
        if not keep.any():
            continue
        seen, radii = seen[keep], radii[keep]
        pad = radii.max() * max(shape.stretch, 1) + pixel
        (x0, y0), (x1, y1) = seen[:, :2].min(axis=0) - pad, seen[:, :2].max(axis=0) + pad
        columns, rows = (slice(*np.searchsorted(place, w)) for w in ((x0, x1), (y0, y1)))
        x, y = place[columns][None, :], place[rows][:, None]
        if 0 in (x.size, y.size):
            continue
        whole = np.zeros((y.size, x.size), dtype=np.float32)
        for (right, down, deep), radius in zip(seen, radii, strict=True):
            square = radius**2 - (x - right) ** 2 - ((y - down) / shape.stretch) ** 2
            chord = 2 * np.sqrt(np.clip(square, 0, None)) + 1e-3
            part = chord * within(camera.slab, np.full_like(chord, deep), chord) * (square > 0)
            np.maximum(whole, part, out=whole)
        image[rows, columns] += shape.light * _textured(rng, whole, shape.look)
    return image


def flesh(rng: Rng, camera: Camera, spine: Spine, step: int) -> Array:
    """Return what is left of muscle, fat and skin, as a share of the sac's signal."""
    count = camera.size // step
    pixel = camera.fov / count
    place = ((np.arange(count) - (count - 1) / 2) * pixel).astype(np.float32)
    down = camera.see(spine.points)
    s = np.interp(place, down[:, 1], spine.s)[:, None]
    middle = np.interp(place, down[:, 1], down[:, 0])[:, None]
    stout = 0.85 + 0.5 * spine.person.stout
    shoulder = float(spine.discs[5])
    wide = stout * (
        62 + 118 / (1 + np.exp(-(s - shoulder) / 9)) - 22 * np.exp(-(((s - 430) / 90) ** 2))
    )
    inside = (wide - np.abs(place[None, :] - middle)) / (2 * pixel)
    body = np.clip(inside + 0.5, 0, 1)
    level, texture = rng.uniform(0.002, 0.02), coarse(rng, (count, count), 7.0)
    lungs = np.exp(-(((s - shoulder - 150) / 90) ** 4)) * (np.abs(place[None, :] - middle) > 26)
    image = level * body * (1 - 0.6 * lungs) * np.exp(0.5 * texture)
    image += rng.uniform(0, 0.015) * body * np.clip(coarse(rng, (count, count), 18.0), 0, None)
    if rng.random() < 0.3:
        rim = np.exp(-np.square((inside - rng.uniform(2, 8)) / rng.uniform(1, 4)))
        image += (
            rng.uniform(0.02, 0.3) * rim * np.clip(0.3 + coarse(rng, (count, count), 20.0), 0, 2)
        )
    return np.asarray(image, dtype=np.float32)
