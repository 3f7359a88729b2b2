"""A whole study of simulator G from its seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from scipy.ndimage import uniform_filter

from benchmarks.strangers.g.body import Shape, choose_shapes, flesh, shape_image
from benchmarks.strangers.g.camera import Camera, choose_cameras, course_of, project
from benchmarks.strangers.g.dicom import choose_header, to_dataset
from benchmarks.strangers.g.epidural import make_collection
from benchmarks.strangers.g.fields import Array, Rng, spread
from benchmarks.strangers.g.leaks import Ground, Leak, choose_plan, make_leak
from benchmarks.strangers.g.lumen import draw, sac_level
from benchmarks.strangers.g.person import choose_person
from benchmarks.strangers.g.pouches import (
    add,
    bystanders,
    choose_pouched,
    make_pouch,
    raise_to,
)
from benchmarks.strangers.g.scanner import (
    Fault,
    Scanner,
    acquire,
    choose_scanner,
    finish,
    void,
)
from benchmarks.strangers.g.spine import Root, Spine, make_spine
from benchmarks.strangers.g.truth import Case, Found, Scene, write

LEVELS = {
    "easy": ((45.0, 80.0), (0.4, 0.7)),
    "medium": ((22.0, 42.0), (0.2, 0.4)),
    "hard": ((10.0, 22.0), (0.1, 0.25)),
}
"""Ranges of the sac's signal-to-noise ratio and of the leaks' brightness over the sac's."""
SOMEWHERE = {"cervical": 1.4, "thoracic": 1.0, "lumbar": 1.0}
"""How often leaks are sought in a region, relative to its number of roots."""


@dataclass(frozen=True, slots=True)
class Content:
    """What is drawn along the spine: fluid and depth (mm), and the records of it."""

    path: Array
    depth: Array
    unit: float
    found: Found


def _case(rng: Rng, seed: int, spine: Spine, cameras: Sequence[Camera]) -> Case:
    """Return difficulty and arm by seed, and in one of twelve studies a ruin."""
    level = tuple(LEVELS)[seed // 2 % 3]
    snr = float(rng.uniform(*LEVELS[level][0]))
    ruin, poor, lost, missing = "none", frozenset[int](), (0.0, 0.0), frozenset[int]()
    if rng.random() < 1 / 12:
        ruin = str(rng.choice(["motion", "signal-loss", "missing-station"], p=[0.4, 0.35, 0.25]))
        one = int(rng.integers(len(cameras)))
        down = course_of(spine, cameras[one]).down
        half = cameras[one].fov / 2
        low, high = -half, half
        if ruin == "signal-loss":
            middle, tall = rng.uniform(-0.6, 0.6) * half, rng.uniform(55, 90)
            low, high = middle - tall, middle + tall
        lost = (float(np.interp(low, down, spine.s)), float(np.interp(high, down, spine.s)))
        if ruin == "missing-station":
            missing = frozenset({one})
        else:
            poor = frozenset({one})
    return Case(seed, seed % 2 == 1, level, snr, ruin, poor, lost, missing)


def _sites(rng: Rng, scene: Scene, pouched: Sequence[Root]) -> list[Root]:
    """Return the roots that leak: one that can be read, neighbours, both sides, elsewhere.

    In some the first is a root with a cyst, one of ``pouched``.
    """
    spine = scene.spine
    ok = [r for r in spine.roots if scene.station(r.s_mm) is not None]
    ok = [r for r in ok if r.segment not in ("C1", "C2") and spine.width(r.s_mm) > 9]
    ok = ok or list(spine.roots)
    cysts = [r for r in ok if r in pouched]
    begin = cysts if cysts and rng.random() < 0.4 else ok
    odds = np.array([SOMEWHERE[r.region] for r in begin])
    chosen = [begin[int(rng.choice(len(begin), p=odds / odds.sum()))]]
    for _ in range(
        int(rng.choice([0, 1, 2, 3, 4, 5, 7, 12], p=[0.18, 0.2, 0.2, 0.14, 0.1, 0.08, 0.06, 0.04]))
    ):
        how, base = rng.random(), chosen[int(rng.integers(len(chosen)))]
        if how < 0.4:
            near = [r for r in ok if r.segment == base.segment and r is not base]
        elif how < 0.75:
            near = [r for r in ok if r is not base and abs(r.s_mm - base.s_mm) < 48]
        else:
            near = ok
        fresh = [r for r in near if r not in chosen]
        if fresh:
            chosen.append(fresh[int(rng.integers(len(fresh)))])
    return chosen


def _leaks(
    rng: Rng, scene: Scene, ground: Ground, pouched: Sequence[Root]
) -> tuple[list[Leak], Array]:
    """Return the leaks of a patient and their fluid, mm."""
    fluid, made = np.zeros_like(ground.path), list[Leak]()
    bright = LEVELS[scene.case.level][1]
    for _ in range(6):
        for root in _sites(rng, scene, pouched):
            plan = choose_plan(rng, scene.spine, root, bright)
            drawn = make_leak(rng, ground, root, plan)
            if drawn is not None:
                leak, rows, columns, value = drawn
                middle = float(np.average(scene.spine.s[rows], weights=value.sum(axis=1)))
                ends = (middle, leak.first_s_mm + 0.8 * (leak.last_s_mm - leak.first_s_mm))
                if any(scene.station(s) is None for s in ends):
                    continue
                fluid[rows, columns] += value
                made.append(leak)
        if made:
            break
    return made, fluid


def _content(rng: Rng, scene: Scene) -> Content:
    """Draw the spine with all that lies beside it; only leaks ask for the arm."""
    spine = scene.spine
    path, depth = draw(rng, spine)
    unit = sac_level(spine, path)
    count = int(rng.choice([0, 1, 2, 3, 5, 8, 12], p=[0.24, 0.2, 0.18, 0.14, 0.12, 0.08, 0.04]))
    roots = choose_pouched(rng, spine, count)
    pouches = []
    bare = path.copy()
    for root in roots:
        pouch, drawn = make_pouch(rng, spine, root, bare)
        raise_to(path, drawn)
        raise_to(depth, drawn)
        pouches.append(pouch)
    ground = Ground(spine, path.copy(), unit / scene.case.snr)
    leaks, fluid = _leaks(rng, scene, ground, roots) if scene.case.patient else ([], None)
    spots, drawn = bystanders(rng, spine)
    add(path, drawn)
    long = None
    if fluid is not None:
        if rng.random() < 0.12:
            bright = LEVELS[scene.case.level][1]
            long, rows, columns, value = make_collection(rng, spine, ground.path, bright)
            np.maximum(fluid[rows, columns], value, out=fluid[rows, columns])
        path += fluid
    return Content(path, depth, unit, Found(tuple(leaks), tuple(pouches), tuple(spots), long))


def _fault(case: Case, station: int, rng: Rng) -> Fault:
    if station in case.poor and case.ruin == "motion":
        return Fault(motion_mm=float(rng.uniform(7, 14)))
    return Fault()


def _image(
    rng: Rng,
    scene: Scene,
    content: Content,
    shapes: Sequence[Shape],
    scanner: Scanner,
    station: int,
) -> Array:
    """Return one station's image, sac about 1."""
    camera, spine = scene.cameras[station], scene.spine
    picture = project(spine, camera, content.path, content.depth)
    large = shape_image(rng, camera, shapes, 2) / content.unit
    large = large.clip(0, rng.uniform(1.5, 3.5)) + flesh(rng, camera, spine, 2)
    picture = picture / content.unit + uniform_filter(large.repeat(2, axis=0).repeat(2, axis=1), 3)
    case = scene.case
    if station in case.poor and case.ruin == "signal-loss":
        down = course_of(spine, camera).down
        rows = [camera.pixel(0.0, float(np.interp(s, spine.s, down)))[0] for s in case.lost_mm]
        picture = void(rng, picture, (int(rows[0]), int(rows[1])))
    image = acquire(rng, scanner, picture, _fault(case, station, rng))
    return finish(rng, scanner, image, camera.fov / camera.size)


def simulate(seed: int) -> tuple[list[Dataset], dict[str, Any]]:
    """Return the images of a study as datasets, and its truth; the same for the same seed."""
    rng = np.random.default_rng([0x67, seed])
    person = choose_person(rng)
    spine = make_spine(rng, person)
    cameras = choose_cameras(rng, spine)
    case = _case(rng, seed, spine, cameras)
    header = choose_header(rng, seed, person)
    uids = [str(header.uid("image", k)) for k in range(len(cameras))]
    scene = Scene(case, spine, cameras, uids)
    content = _content(rng, scene)
    shapes = choose_shapes(rng, spine)
    scanner = choose_scanner(rng, case.snr, cameras[0].size)
    seam = spread(rng, 0.15)
    datasets = []
    for station, camera in enumerate(cameras):
        image = _image(rng, scene, content, shapes, scanner, station) * seam ** (station % 2)
        if station not in case.missing:
            datasets.append(to_dataset(header, camera, scanner, image, station))
    return datasets, write(scene, content.found)
