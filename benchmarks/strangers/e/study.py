"""A study by its seed: person, leaks or none, stations, images, truth."""

from __future__ import annotations

from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from scipy.ndimage import gaussian_filter1d, zoom

from benchmarks.strangers.e.camera import choose_cameras
from benchmarks.strangers.e.dicom import choose_folder, write
from benchmarks.strangers.e.leaks import Mark, make_leak, plan_leak
from benchmarks.strangers.e.lumen import FINE, sac_block, sleeve_block, strands
from benchmarks.strangers.e.organs import far_sheet, make_organs
from benchmarks.strangers.e.pouches import (
    joint_fluid,
    make_collection,
    make_cyst,
    pick_roots,
    veins,
)  # fmt: skip
from benchmarks.strangers.e.scanner import Fault, choose_scanner, expose
from benchmarks.strangers.e.skeleton import Root, Row, Spine, make_spine, wander
from benchmarks.strangers.e.truth import Scene, lost, tell
from benchmarks.strangers.e.voxels import BACK, FRONT, HALF, Block, Grid, noise, summed

LEVELS = {
    "easy": ((45, 80), (0.4, 0.7)),
    "medium": ((22, 42), (0.2, 0.4)),
    "hard": ((10, 22), (0.1, 0.25)),
}
"""Difficulty -> sac SNR, brightness of leaks over the sac."""
Answer = dict[str, Any]


def simulate(seed: int) -> tuple[list[Dataset], Answer]:
    """Return a study's images and its truth; the same for the same seed."""
    rng = np.random.default_rng([seed, 0x5EE9])
    patient = bool(rng.random() < 0.5)
    level = str(rng.choice(list(LEVELS)))
    snr, bright = (float(rng.uniform(*span)) for span in LEVELS[level])
    folder = choose_folder(rng, seed)
    spine = make_spine(rng)
    scene = _scene(rng, spine)
    own = [sac_block(spine), *(sleeve_block(spine, root) for root in spine.roots)]
    flow, lines = _flow(rng, spine), strands(rng, spine)
    sac = _brightness(spine, own[0], flow, lines)
    leaks = _leaks(rng, scene, (bright, snr), sac) if patient else []
    mimics = _mimics(rng, scene, leaks)
    layers = _collections(rng, spine, leaks)
    organs = make_organs(rng, spine)
    other = _small(rng, spine)
    beside = [b for mark in (*leaks, *mimics, *layers) for b in mark.blocks] + other
    scanner = choose_scanner(rng, snr)
    datasets = []
    for number, camera in enumerate(scene.cameras):
        if not scene.present[number]:
            continue
        sheet = _sheet(spine, camera.weights(spine), own, beside, flow)
        fine = _fine(sheet, camera.rows(spine), lines)
        image = camera.image(spine, fine, far_sheet(camera, organs)) / np.float32(np.median(sac))
        fault = scene.fault if scene.fault and scene.fault.station == number else None
        shown = expose(rng, scanner, camera, image, fault)
        datasets.append(write(folder, camera, scanner, shown, number))
    difficulty = (level, snr, bright if leaks else None)
    return datasets, tell(scene, folder, [*leaks, *layers], mimics, organs, difficulty)


def _scene(rng: np.random.Generator, spine: Spine) -> Scene:
    """Return the stations; one study in twelve is ruined in part."""
    cameras = choose_cameras(rng, spine)
    fault, index = None, int(rng.integers(len(cameras)))
    if rng.random() < 1 / 12:
        kind = str(rng.choice(["motion", "void", "missing"]))
        start = float(rng.uniform(0.0, 0.55))
        size = float(rng.uniform(3.5, 9.0))
        fault = Fault(kind, index, size, (start, start + float(rng.uniform(0.3, 0.6))))
    bad = None if fault is None else fault.kind
    count = range(len(cameras))
    present = [not (bad == "missing" and k == index) for k in count]
    sound = [present[k] and not (bad == "motion" and k == index) for k in count]
    return Scene(spine, cameras, present, sound, fault)


def _flow(rng: np.random.Generator, spine: Spine) -> Grid:
    """Return what pulsation leaves of the sac's signal, rows by columns of a sheet."""
    rows = np.arange(spine.rows)
    neck = rng.uniform(0, 0.22) * np.clip(1 - rows / 260, 0, 1)
    course = 1 - neck + wander(rng, spine.rows, 30, rng.uniform(0, 0.05))
    fine = 1 + rng.uniform(0, 0.06) * noise(rng, (spine.rows, 2 * HALF + 1), (9.0, 2.0))
    return np.clip(course[:, None] * fine, 0.3, 1.3).astype(np.float32)


def _fine(sheet: Grid, rows: slice, lines: Grid) -> Grid:
    """Return some rows of a sheet on twice as many pixels, less what the roots take of them."""
    part = sheet[rows]
    shape = [FINE * (n - 1) + 1 for n in part.shape]
    scale = [b / a for a, b in zip(part.shape, shape, strict=True)]
    first = FINE * rows.start
    fine = np.zeros_like(lines)
    wide = zoom(part, scale, order=3, mode="nearest") - lines[first : first + shape[0]]
    fine[first : first + shape[0]] = np.maximum(wide, 0)
    return fine


def _sheet(spine: Spine, weights: Grid, own: list[Block], beside: list[Block], flow: Grid) -> Grid:
    """Return the path lengths of everything near the spine under a slab's weights."""
    sheet = np.zeros((spine.rows, 2 * HALF + 1), dtype=np.float32)
    for block in own:
        summed(block, weights, sheet)
    sheet *= flow
    for block in beside:
        summed(block, weights, sheet)
    return sheet


def _brightness(spine: Spine, sac: Block, flow: Grid, lines: Grid) -> Row:
    """Return how bright the sac is in each row, mm of path: the median over its inner width."""
    weights = np.ones((spine.rows, BACK - FRONT + 1), dtype=np.float32)
    sheet = _sheet(spine, weights, [sac], [], flow)
    sheet = np.maximum(sheet - lines[::FINE, ::FINE][: spine.rows], 0)
    values = np.full(spine.rows, np.nan)
    for row in range(spine.rows):
        half = int(0.75 * spine.half_width[row])
        if half >= 2:
            values[row] = np.median(sheet[row, HALF - half : HALF + half + 1])
    known = np.flatnonzero(~np.isnan(values))
    filled = np.interp(np.arange(spine.rows), known, values[known])
    return np.maximum(gaussian_filter1d(filled, 8), 2.0)


def _leaking(rng: np.random.Generator, roots: tuple[Root, ...]) -> list[Root]:
    """Return the roots at which a patient leaks: clusters, often on both sides, and strays."""
    aim = int(np.clip(1 + rng.poisson(2.4), 1, 8))
    chosen: list[Root] = []
    while len(chosen) < min(aim, len(roots)):
        regions = sorted({root.region for root in roots})
        region = regions[int(rng.integers(len(regions)))]
        among = [root for root in roots if root.region == region]
        first = among[int(rng.integers(len(among)))]
        both, spread = rng.random() < 0.6, rng.uniform(8, 80)
        for root in sorted(roots, key=lambda r: abs(r.row - first.row)):
            near = abs(root.row - first.row) < spread and (both or root.side == first.side)
            taken = any(root is other for other in chosen)
            if near and not taken and len(chosen) < aim and rng.random() < 0.6:
                chosen.append(root)
    return chosen


def _leaks(
    rng: np.random.Generator, scene: Scene, signal: tuple[float, float], sac: Row
) -> list[Mark]:
    """Return a patient's leaks: at least one where an image shows it well, if any place is."""
    spine = scene.spine
    low = {entry["regions"][0] for entry in lost(scene)}
    shown = tuple(r for r in spine.roots if scene.clear(r.row) and r.segment not in ("C1", "C2"))
    sound = tuple(r for r in shown if r.region not in low) or shown
    if not sound:
        return []
    most = int(rng.choice([1, 2, 3], p=[0.2, 0.3, 0.5]))
    marks: list[Mark] = []
    usual = float(np.median(sac))

    def leak(root: Root) -> list[Mark]:
        here = spine.at(sac, root.row)
        plan = plan_leak(rng, signal[0], signal[1] * here / usual, most)
        mark = make_leak(rng, spine, root, plan, here)
        if mark is None or scene.station(mark.row, mark.sign * mark.beside) is None:
            return []
        return [mark]

    for root in _leaking(rng, shown if rng.random() < 0.5 else sound):
        marks += leak(root)
    for _ in range(12):
        if any(mark.region not in low for mark in marks) or (marks and sound is shown):
            break
        marks += leak(sound[int(rng.integers(len(sound)))])
    return marks


def _mimics(rng: np.random.Generator, scene: Scene, leaks: list[Mark]) -> list[Mark]:
    """Return cysts and meningoceles, some at a root that leaks."""
    spine = scene.spine
    taken = {(mark.segment, mark.side) for mark in leaks}
    free = tuple(r for r in spine.roots if (r.segment, r.side) not in taken)
    count = int(rng.choice([0, 1, 2, 3, 5], p=[0.35, 0.25, 0.2, 0.12, 0.08]))
    marks = [make_cyst(rng, spine, root, False) for root in pick_roots(rng, free, count, True)]
    if rng.random() < 0.2:
        chest = tuple(r for r in free if r.segment[0] in "TL")
        broad = pick_roots(rng, chest, int(rng.integers(1, 3)), False)
        had = {(mark.segment, mark.side) for mark in marks}
        marks += [make_cyst(rng, spine, r, True) for r in broad if (r.segment, r.side) not in had]
    for root in spine.roots:
        if (root.segment, root.side) in taken and rng.random() < 0.1:
            marks.append(make_cyst(rng, spine, root, False))
    return marks


def _collections(rng: np.random.Generator, spine: Spine, leaks: list[Mark]) -> list[Mark]:
    """Return long epidural layers: in one patient of six."""
    if not leaks or rng.random() > 1 / 6:
        return []
    at = leaks[int(rng.integers(len(leaks)))]
    root = next(r for r in spine.roots if (r.segment, r.side) == (at.segment, at.side))
    return [make_collection(rng, spine, root, float(rng.uniform(50, 160)))]


def _small(rng: np.random.Generator, spine: Spine) -> list[Block]:
    """Return joint fluid and veins, which everybody may have."""
    blocks = []
    for bone in spine.vertebrae:
        for sign in (1, -1):
            if bone.name[0] == "L" and rng.random() < 0.16:
                blocks.append(joint_fluid(rng, spine, bone.bottom - 2, sign))
            if rng.random() < 0.04:
                blocks.append(veins(rng, spine, bone.bottom - 4, sign))
    return blocks
