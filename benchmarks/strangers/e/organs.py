"""Other fluid of the body that a slab may cut: voxels of 2 mm, grown rather than drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter, zoom

from benchmarks.strangers.e.camera import FAR, SIDEWAYS, Camera, Vector
from benchmarks.strangers.e.skeleton import Spine
from benchmarks.strangers.e.voxels import Grid, noise

SIZE = 2.0
Shape = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Organ:
    """Fluid of a name, its centre LPS mm, and ``values[z down, y, x]`` in voxels of 2 mm."""

    name: str
    centre: Vector
    values: Grid


def _radius(shape: Shape) -> Grid:
    """Return the distance from a box's middle, 1 at the middles of its faces."""
    axes = [np.linspace(-1, 1, n, dtype=np.float32) for n in shape]
    z, y, x = np.meshgrid(*axes, indexing="ij")
    return np.asarray(np.sqrt(z * z + y * y + x * x), dtype=np.float32)


def bag(rng: np.random.Generator, shape: Shape) -> Grid:
    """Return a full, smooth bag: gall bladder, bladder, a cyst."""
    wall = 0.82 - _radius(shape) + 0.07 * noise(rng, shape, 4.0)
    full = np.clip(wall * min(shape) / 2 + 0.5, 0, 1) * rng.uniform(0.6, 1.1)
    return np.asarray(full, dtype=np.float32)


def loops(rng: np.random.Generator, shape: Shape) -> Grid:
    """Return bowel: winding full parts, folds and gas in a mass that is mostly collapsed."""
    field = noise(rng, shape, rng.uniform(2.5, 4.0))
    folds = 0.75 + 0.25 * np.sin(2.4 * noise(rng, shape, 2.0) + field * 4)
    lumen = np.clip((field - rng.uniform(0.4, 1.1)) * 3, 0, 1) * folds
    filling = np.clip(0.5 + 0.6 * noise(rng, shape, 6.0), 0, 1)
    return np.asarray(lumen * filling * (_radius(shape) < 1), dtype=np.float32)


def pelvis(rng: np.random.Generator, shape: Shape) -> Grid:
    """Return a kidney's pelvis and calyces: branches that grow from the hilum."""
    found = np.zeros(shape, dtype=np.float32)
    hilum = np.array([shape[0] * 0.55, shape[1] * 0.5, shape[2] * 0.25])
    for _ in range(int(rng.integers(5, 10))):
        turn = rng.uniform(-1.2, 1.2)
        way = np.array([np.sin(turn), rng.normal(0, 0.3), np.cos(turn)])
        end = hilum + way * np.array(shape) * rng.uniform(0.25, 0.48)
        for share in np.linspace(0, 1, 18):
            at = np.clip(
                np.round(hilum + share * (end - hilum)).astype(int), 1, np.array(shape) - 2
            )
            found[tuple(at)] += 1.2 if share < 0.2 or share > 0.8 else 0.5
    soft = gaussian_filter(found, rng.uniform(0.8, 1.5))
    return np.asarray(np.clip(soft * rng.uniform(3, 7), 0, 1), dtype=np.float32)


def tube(rng: np.random.Generator, shape: Shape) -> Grid:
    """Return a duct that runs down a box with gaps, as peristalsis leaves it."""
    found = np.zeros(shape, dtype=np.float32)
    rows = np.arange(0, shape[0], 0.25)
    bend = [np.cumsum(gaussian_filter(rng.normal(0, 0.5, len(rows)), 8)) for _ in range(2)]
    full = np.clip(0.6 + gaussian_filter(rng.normal(0, 6, len(rows)), 12), 0.0, 1)
    y, x = (np.clip(np.round(n / 2 + b).astype(int), 0, n - 1)
            for n, b in zip(shape[1:], bend, strict=True))  # fmt: skip
    np.add.at(found, (rows.astype(int), y, x), full)
    return np.asarray(np.clip(gaussian_filter(found, 0.7) * 4, 0, 1), dtype=np.float32)


def crescent(rng: np.random.Generator, shape: Shape) -> Grid:
    """Return a pleural effusion: a layer that lies on the back wall and is deepest below."""
    z, y, x = (np.linspace(-1, 1, n, dtype=np.float32) for n in shape)
    chest = np.sqrt((y + 0.1)[None, :, None] ** 2 + (x * x)[None, None, :] + 0 * z[:, None, None])
    wall = 0.9 - np.maximum(z - 0.3, 0) ** 2 * 1.4
    depth = 0.12 + 0.3 * np.clip(z + 0.7, 0, 2) * (1 - 0.5 * np.maximum(z, 0))
    rough = 0.06 * noise(rng, shape, 4.0)
    outer = np.clip((wall[:, None, None] - chest + rough) * 9, 0, 1)
    inner = np.clip((chest - (wall - depth)[:, None, None] + rough) * 9, 0, 1)
    back = np.clip(y * 3 + 0.6, 0, 1)[None, :, None] * np.clip((1 + z) * 1.1, 0, 1)[:, None, None]
    return np.asarray(outer * inner * back * rng.uniform(0.3, 0.9), dtype=np.float32)


def cisterns(rng: np.random.Generator, shape: Shape) -> Grid:
    """Return CSF about the brain's base: a web of sulci and cisterns, fullest at its edge."""
    web = np.exp(-((noise(rng, shape, 2.2) / 0.35) ** 2))
    return np.asarray(web * np.clip(_radius(shape) * 1.3 - 0.35, 0, 1) * (_radius(shape) < 1) * 0.8,
                      dtype=np.float32)  # fmt: skip


Grow = Callable[[np.random.Generator, Shape], Grid]
Entry = tuple[str, float, Grow, str, tuple[float, float], tuple[float, float], tuple[int, int, int]]
LIST: tuple[Entry, ...] = (
    ("kidney right", 0.85, pelvis, "L2", (-66, -46), (-38, -8), (30, 16, 22)),
    ("kidney left", 0.85, pelvis, "L1", (46, 66), (-38, -8), (30, 16, 22)),
    ("ureter right", 0.6, tube, "L4", (-40, -26), (-44, -24), (60, 9, 9)),
    ("ureter left", 0.6, tube, "L4", (26, 40), (-44, -24), (60, 9, 9)),
    ("renal cyst right", 0.12, bag, "L1", (-85, -50), (-35, 0), (14, 14, 14)),
    ("renal cyst left", 0.12, bag, "T12", (50, 85), (-35, 0), (12, 12, 12)),
    ("gall bladder", 0.55, bag, "L1", (-75, -45), (-75, -35), (28, 16, 14)),
    ("bile duct", 0.5, tube, "L1", (-36, -20), (-60, -34), (30, 9, 9)),
    ("stomach", 0.6, loops, "T12", (40, 80), (-60, -25), (34, 24, 34)),
    ("duodenum", 0.6, loops, "L3", (-45, 45), (-60, -36), (22, 14, 40)),
    ("small bowel", 0.7, loops, "L4", (-40, 60), (-70, -40), (46, 24, 50)),
    ("colon right", 0.6, loops, "L4", (-105, -75), (-50, -15), (56, 18, 20)),
    ("colon left", 0.6, loops, "L3", (75, 105), (-50, -10), (60, 18, 20)),
    ("bladder", 0.7, bag, "S4", (-12, 12), (-75, -50), (30, 30, 40)),
    ("ovarian cyst", 0.12, bag, "S2", (-50, 50), (-60, -25), (16, 16, 16)),
    ("pleural fluid right", 0.1, crescent, "T10", (-80, -55), (0, 22), (44, 16, 34)),
    ("pleural fluid left", 0.1, crescent, "T10", (55, 80), (0, 22), (44, 16, 34)),
    ("cisterna chyli", 0.2, tube, "T12", (-9, 2), (-30, -22), (34, 7, 7)),
    ("salivary gland right", 0.4, loops, "C2", (-62, -48), (-28, -8), (18, 12, 10)),
    ("salivary gland left", 0.4, loops, "C2", (48, 62), (-28, -8), (18, 12, 10)),
    ("lymph node", 0.3, bag, "C5", (-60, 60), (-25, 10), (7, 5, 5)),
    ("thyroid cyst", 0.1, bag, "C7", (-35, 35), (-48, -32), (10, 10, 9)),
    ("shoulder right", 0.35, loops, "T2", (-135, -112), (-15, 15), (24, 14, 16)),
    ("shoulder left", 0.35, loops, "T2", (112, 135), (-15, 15), (24, 14, 16)),
    ("hiatal hernia", 0.06, bag, "T10", (-15, 25), (-48, -30), (18, 14, 16)),
)
"""Name, how often, form, level, range beside and behind the axis, mm, size in voxels."""
DIM = {"salivary gland": 0.3, "lymph node": 0.3, "shoulder": 0.5, "cisterna chyli": 0.6}


def make_organs(rng: np.random.Generator, spine: Spine) -> tuple[Organ, ...]:
    """Return a person's other fluid."""
    found = []
    for name, often, grow, level, beside, behind, size in LIST:
        if rng.random() > often:
            continue
        row = spine.middle(level) + rng.normal(0, 9)
        at = [spine.at(values, row) for values in (spine.x, spine.y, spine.z)]
        centre = np.array([at[0] + rng.uniform(*beside), at[1] + rng.uniform(*behind), at[2]])
        scale = rng.uniform(0.75, 1.3)
        a, b, c = (max(5, int(n * scale)) for n in size)
        values = grow(rng, (a, b, c)) * rng.uniform(0.5, 1.0)
        values *= next((share for key, share in DIM.items() if name.startswith(key)), 1.0)
        if name.startswith("kidney right"):
            values = values[:, :, ::-1]
        found.append(Organ(name, centre, values.astype(np.float32)))
    if rng.random() < 0.9:
        centre = np.array([spine.x[0], spine.y[0] + rng.uniform(-4, 10), spine.z[0] + 26])
        found.append(Organ("cisterns", centre, cisterns(rng, (38, 34, 50))))
    return tuple(found)


def far_sheet(camera: Camera, organs: tuple[Organ, ...]) -> Grid:
    """Return path lengths of other fluid in a station's plane, mm; pixels of 1 mm."""
    sheet = np.zeros((2 * FAR + 1, 2 * FAR + 1), dtype=np.float32)
    for organ in organs:
        away = organ.centre + camera.shift - camera.centre
        deep = float(away @ camera.normal)
        n = organ.values.shape[1]
        share = camera.weight(deep + SIZE * (np.arange(n) - (n - 1) / 2)).astype(np.float32)
        if share.max() < 0.02:
            continue
        patch = SIZE * np.einsum("ijk,j->ik", organ.values, share)
        patch = zoom(patch, 2, order=1)
        top = int(FAR + float(away @ camera.along) - patch.shape[0] / 2)
        left = int(FAR + float(away @ SIDEWAYS) - patch.shape[1] / 2)
        i, j = min(max(top, 0), len(sheet)), min(max(left, 0), len(sheet))
        cut = patch[max(-top, 0) :, max(-left, 0) :][: len(sheet) - i, : len(sheet) - j]
        if cut.size and top > -patch.shape[0] and left > -patch.shape[1]:
            sheet[i : i + cut.shape[0], j : j + cut.shape[1]] += cut
    return sheet


def in_view(spine: Spine, camera: Camera, organ: Organ) -> bool:
    """Return whether an organ's middle is within a station's image and slab."""
    away = organ.centre + camera.shift - camera.centre
    i, j = camera.pixel(organ.centre + camera.shift)
    deep = np.array(float(away @ camera.normal))
    return bool(0 <= i < camera.matrix and 0 <= j < camera.width and camera.weight(deep) > 0.2)
