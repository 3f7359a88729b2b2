"""What stands in a leak's way beside a root, and where fluid runs easily.

Everything is told on the patient's left and mirrored afterwards. Conductance is 0 in bone, pleura
and the sac, near 0 in muscle, about 1 in loose epidural and foraminal fat, more along fascial
planes and perimysium.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.strangers.e.lumen import mouth, sac_distance, sleeve_distance, tip
from benchmarks.strangers.e.skeleton import Root, Spine
from benchmarks.strangers.e.voxels import Box, Grid, capsule, ellipse, inside, noise

UP, FRONT, BACK, ACROSS = 18, -15, 16, 52
DOWN = {"C": 32, "T": 36, "L": 52, "S": 52}
"""Extent of the box about a root, mm."""


@dataclass(frozen=True, slots=True)
class Tissue:
    """Conductance of the voxels beside a root; ``near``: epidural space and foramen alone.

    ``free`` is the share of a voxel that leaked fluid may fill: what CSF spaces and bone leave.
    ``away`` is the distance from the sleeve, mm.
    """

    box: Box
    flow: Grid
    near: Grid
    free: Grid
    away: Grid


def box_of(spine: Spine, root: Root) -> Box:
    """Return the box in which a root's leak spreads."""
    u = int(spine.at(spine.half_width, root.row)) - 3
    tall = UP + DOWN[root.segment[0]]
    return Box(int(root.row) - UP, FRONT, u, (tall, BACK - FRONT, ACROSS))


def _vertebral(spine: Spine, box: Box, rng: np.random.Generator) -> Grid:
    """Return how much of each voxel is vertebra: bodies, pedicles, processes, facets, ribs."""
    solid = np.zeros(box.shape, dtype=np.float32)
    for bone in spine.vertebrae:
        height = bone.bottom - bone.top
        if bone.bottom < box.row - 20 or bone.top > box.row + box.shape[0] + 5:
            continue
        middle = (bone.top + bone.bottom) / 2
        a, b = spine.at(spine.half_width, middle), spine.at(spine.half_depth, middle)
        letter = bone.name[0]
        wall = a + rng.uniform(2.0, 3.5)
        body = {"C": 10.0, "T": 15.0, "L": 22.0, "S": 26.0}[letter] + rng.normal(0, 1)
        tall = np.abs(box.rows - (middle - 0.06 * height)) - 0.42 * height
        slab = np.maximum(tall, np.maximum(box.depths + b + 3.0, box.columns - body))
        solid = np.maximum(solid, inside(slab))
        level = bone.top + 0.3 * height
        thick = {"C": 2.8, "T": 4.2, "L": 5.2, "S": 7.0}[letter]
        ends = ((level, -b, wall + thick), (level + 1.0, b * 0.4, wall + thick + 4.0))
        solid = np.maximum(solid, inside(capsule(box, *ends, (thick, thick))))
        back = wall + {"C": 9.0, "T": 20.0, "L": 30.0, "S": 12.0}[letter]
        drop = rng.uniform(-4, 3)
        ends = ((level + 1.5, b * 0.7, wall + thick), (level + drop, b + 4.0, back))
        solid = np.maximum(solid, inside(capsule(box, *ends, (4.0, 2.4))))
        ends = ((bone.bottom - 6.0, b + 5.5, wall + 2.5), (bone.bottom + 5.0, b + 6.0, wall + 4.0))
        solid = np.maximum(solid, inside(capsule(box, *ends, (4.0, 3.2))))
        if letter == "T":
            fall = 0.25 + 0.02 * int(bone.name[1:])
            ends = ((bone.top + 2, -b, wall + 8.0), (bone.top + 2 + 50 * fall, 9.0, wall + 58.0))
            solid = np.maximum(solid, inside(capsule(box, *ends, (3.8, 4.4))))
    return solid


def _muscles(letter: str, box: Box, rng: np.random.Generator) -> Grid:
    """Return how much of each voxel is muscle or, in the chest, lung behind pleura (as 2)."""
    u, v = box.columns, box.depths
    at = rng.normal(0, 1.5, 3)
    back = inside(ellipse(u - (26 + at[0]), v - 19, 24.0, 11.0))
    if letter == "T":
        lung = inside(np.asarray(v + 9 - at[1] - 0.25 * (u - 20), dtype=np.float32))
        lung = np.where(u > 20, lung, 0)
        return np.asarray(np.maximum(back, 2 * lung) + 0 * box.rows, dtype=np.float32)
    if letter == "C":
        front = inside(ellipse(u - (17 + at[1]), v + 14, 8.0, 7.0))
        side = inside(ellipse(u - (34 + at[2]), v + 3, 11.0, 9.0))
        return np.asarray(np.maximum(np.maximum(back, front), side) + 0 * box.rows)
    grows = 13 + 0.08 * (box.rows - box.row)
    psoas = inside(ellipse(u - (33 + at[1]), v + 17, grows, grows))
    side = inside(ellipse(u - (55 + at[2]), v - 2, 14.0, 5.0))
    return np.asarray(np.maximum(np.maximum(back + 0 * psoas, psoas), side))


def _along(field: Grid, root: Root) -> Grid:
    """Return a field sheared so that what runs outward runs down with the root."""
    slope = 1 / np.tan(max(root.angle, 0.45))
    moved = np.empty_like(field)
    for k in range(field.shape[2]):
        moved[:, :, k] = np.roll(field[:, :, k], round(k * slope), axis=0)
    return moved


def make_tissue(rng: np.random.Generator, spine: Spine, root: Root) -> Tissue:
    """Return the voxels beside a root; their fabric differs by person and place."""
    box = box_of(spine, root)
    sac, sleeve = sac_distance(spine, box), sleeve_distance(spine, root, box)
    bone = _vertebral(spine, box, rng)
    meat = _muscles(root.segment[0], box, rng)
    sheets = _along(noise(rng, box.shape, (1.6, 2.2, 7.0)), root)
    lobes = noise(rng, box.shape, 2.0)
    planes = np.exp(-((sheets / rng.uniform(0.16, 0.3)) ** 2))
    fat = np.exp(rng.uniform(0.3, 0.8) * lobes) * (0.35 + 0.9 * planes)
    flesh = 0.03 + rng.uniform(0.3, 0.8) * planes * (lobes > -0.3)
    flow = np.where(meat > 1.2, 0, np.where(meat > 0.5, flesh, fat))
    follow = np.exp(-np.maximum(sleeve, 0) / rng.uniform(4, 9))
    flow = flow * (0.25 + 1.5 * follow)
    free = (1 - inside(np.minimum(sac, sleeve))) * (1 - bone) * (meat < 1.2)
    free[:2] = free[-2:] = free[:, :1] = free[:, -1:] = free[:, :, -1:] = 0
    _, _, edge = mouth(spine, root)
    end = tip(spine, root)[2] + rng.uniform(-0.5, 3.5)
    cuff = inside(np.asarray(box.columns - end + 0.4 * np.abs(box.depths), dtype=np.float32))
    canal = np.exp(-np.maximum(sac, 0) / rng.uniform(2.0, 4.5))
    near = cuff * (0.2 + np.maximum(canal, follow)) * np.exp(0.35 * lobes)
    course = root.row + np.clip(box.columns - edge, 0, root.lateral) / np.tan(root.angle)
    near *= np.exp(-np.maximum(np.abs(box.rows - course) - 5, 0) / 5)
    return Tissue(
        box,
        (flow * free).astype(np.float32),
        (near * free).astype(np.float32),
        free.astype(np.float32),
        np.maximum(sleeve, 0),
    )
