"""One study from one seed: a person, slabs, signs, images and the truth about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from scipy.ndimage import gaussian_filter, map_coordinates

from benchmarks.strangers.c import signs, truth
from benchmarks.strangers.c.body import Body, furnish, shine
from benchmarks.strangers.c.camera import Camera, aim, covered, ribbon
from benchmarks.strangers.c.dicom import choose_header, to_dataset
from benchmarks.strangers.c.lumen import Grid, Lumen, fill, threads
from benchmarks.strangers.c.scanner import Fault, acquire, choose_scanner
from benchmarks.strangers.c.signs import Layer, Mark
from benchmarks.strangers.c.spine import STEP, Floats, Root, Spine, grow

LEVELS = ("easy", "medium", "hard")
SNR = {"easy": (45.0, 80.0), "medium": (22.0, 42.0), "hard": (10.0, 22.0)}
LEAK = {"easy": (0.4, 0.7), "medium": (0.2, 0.4), "hard": (0.1, 0.25)}
RUINED_SHARE = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """All fluid of a study before it is imaged; ``level`` is the sac's, mm of CSF."""

    spine: Spine
    lumen: Lumen
    strands: Grid
    pulse: Grid
    layers: list[Layer]
    body: Body
    level: float


@dataclass(frozen=True, slots=True, eq=False)
class Ruin:
    """What went wrong: the ruin's name, stations that were not taken, and faults of others."""

    name: str
    missing: frozenset[int]
    faults: dict[int, Fault]


def simulate(seed: int) -> tuple[list[Dataset], dict[str, Any]]:
    """Return the images of a study and its truth; the same for the same seed."""
    streams = [np.random.default_rng([seed, 7001, k]) for k in range(6)]
    patient, level = seed % 2 == 1, LEVELS[seed % 3]
    snr, ratio = (float(streams[0].uniform(*table[level])) for table in (SNR, LEAK))
    female = bool(streams[0].random() < 0.65)
    spine = grow(streams[1])
    cameras = aim(streams[1], spine)
    ruin = _ruin(streams[0], spine, cameras)
    good = _judged(spine, cameras, ruin)
    scene, findings, mimics = _people(streams, spine, (patient, level, ratio), good, female)
    scanner = choose_scanner(streams[4], snr, cameras[0].fov)
    header = choose_header(streams[4], seed, female)
    datasets: list[Dataset] = []
    taken: list[Camera] = []
    poor: set[int] = set()
    columns = _crop(streams[4], scanner.matrix)
    for index, camera in enumerate(cameras):
        if index in ruin.missing:
            continue
        if index in ruin.faults:
            poor.add(len(taken))
        picture = _picture(streams[5], scene, camera)
        image = acquire(streams[5], picture, scanner, ruin.faults.get(index), camera.fov)
        image = image[:, columns : scanner.matrix - columns]
        datasets.append(to_dataset(header, camera, scanner, image, len(taken)))
        taken.append(camera)
    lost = truth.lost_regions(spine, good)
    name = ruin.name if lost else "none"
    name = "coverage" if lost and name == "none" else name
    answer = truth.Answer(seed, level, snr, ratio, patient, name, lost, frozenset(poor))
    return datasets, truth.write(answer, spine, taken, findings, mimics)


def _crop(rng: np.random.Generator, matrix: int) -> int:
    """Return how many columns are cut from each side (rectangular field of view)."""
    return int(matrix * rng.uniform(0.02, 0.14)) if rng.random() < 0.25 else 0


def _ruin(rng: np.random.Generator, spine: Spine, cameras: list[Camera]) -> Ruin:
    """Return what ruins a study, which is nothing for nine of ten."""
    ruined, kind = rng.random() < RUINED_SHARE, rng.random()
    index = int(rng.integers(0, len(cameras)))
    if not ruined:
        return Ruin("none", frozenset(), {})
    if kind < 0.35 and len(cameras) > 1:
        return Ruin("missing-station", frozenset({index}), {})
    if kind < 0.7:
        return Ruin("motion", frozenset(), {index: Fault("motion")})
    fov = cameras[index].fov
    middle = rng.uniform(-0.25, 0.25) * fov
    half = rng.uniform(0.25, 0.42) * fov
    band = (middle - half, middle + half)
    return Ruin("lost-signal", frozenset(), {index: Fault("lost-signal", band)})


def _judged(spine: Spine, cameras: list[Camera], ruin: Ruin) -> dict[str, bool]:
    """Return for each segment whether a sound station shows it."""
    good: dict[str, bool] = {}
    for root in spine.roots[::2]:
        seen = False
        for index, camera in enumerate(cameras):
            if index in ruin.missing or not covered(spine, camera, root.s_mm):
                continue
            fault = ruin.faults.get(index)
            q = float(camera.see(spine.centre[spine.row(root.s_mm)])[1])
            lost = fault is not None and (
                fault.name == "motion" or fault.band_mm[0] - 7 < q < fault.band_mm[1] + 7
            )
            seen = seen or not lost
        good[root.segment] = seen
    return good


def _people(
    streams: list[np.random.Generator],
    spine: Spine,
    arm: tuple[bool, str, float],
    good: dict[str, bool],
    female: bool,
) -> tuple[Scene, list[Mark], list[Mark]]:
    """Return a person's fluid, with findings and mimics laid in."""
    rng = streams[2]
    patient, _, ratio = arm
    lumen = fill(rng, spine)
    strands = threads(rng, spine, lumen.u)
    depth = np.maximum(lumen.fluid.sum(axis=2) - strands, 0)
    wide = np.abs(lumen.u)[None, :] < 0.4 * spine.width[:, None]
    inner = wide & ((spine.s > 50) & (spine.s < spine.end_mm - 40))[:, None]
    level = float(np.median(depth[inner]))
    pulse = _pulse(rng, depth.shape)
    layers = signs.texture(streams[3], spine, level, ratio)
    mimics = _add_mimics(streams[3], spine, layers, level)
    findings = _add_leaks(streams[3], spine, layers, (arm, level), good) if patient else []
    body = furnish(streams[4], spine, female)
    return Scene(spine, lumen, strands, pulse, layers, body, level), findings, mimics


def _pulse(rng: np.random.Generator, shape: tuple[int, ...]) -> Grid:
    """Return how moving CSF changes the signal: slow waves, and voids in some people."""
    slow = gaussian_filter(rng.normal(size=shape), (50, 18))
    quick = gaussian_filter(rng.normal(size=shape), (8, 3))
    gain = 1 + rng.uniform(0.02, 0.1) * slow / slow.std()
    void = rng.uniform(0.0, 0.22) * np.clip(quick / quick.std() - 0.8, 0, None)
    return np.asarray(np.clip(gain - void, 0.25, 1.3), dtype=np.float32)


def _add_mimics(
    rng: np.random.Generator, spine: Spine, layers: list[Layer], level: float
) -> list[Mark]:
    """Lay cysts and facet fluid into the layers and return them."""
    marks: list[Mark] = []
    cysts = int(rng.choice([0, 1, 2, 3, 5, 9], p=[0.45, 0.2, 0.15, 0.1, 0.07, 0.03]))
    likely = np.array([_cyst_odds(r) * (r.s_mm < spine.end_mm - 6) for r in spine.roots])
    for index in rng.choice(len(likely), cysts, replace=False, p=likely / likely.sum()):
        image, mark = signs.cyst(rng, spine, spine.roots[int(index)], level)
        layers.append(Layer(image, float(rng.normal(1, 2))))
        marks.append(mark)
    if rng.random() < 0.3:
        last = len(spine.discs) - 5
        for disc in range(last - int(rng.integers(1, 5)), last):
            for sign in (1, -1):
                if rng.random() < 0.6:
                    image, mark = signs.facet(rng, spine, disc, sign, level)
                    layers.append(Layer(image, 15.0))
                    marks.append(mark)
    return marks


def _cyst_odds(root: Root) -> float:
    """Return how likely a root is to bear a cyst."""
    number = int(root.segment[1:])
    if root.segment[0] == "C":
        return 2.0 if number == 8 else 0.6 if number > 4 else 0.1
    if root.segment[0] == "T":
        return 2.0 if number < 3 else 1.6 if number > 8 else 1.0
    if root.segment[0] == "L":
        return 1.3
    return 3.5 if number < 4 else 0.0


def _add_leaks(
    rng: np.random.Generator,
    spine: Spine,
    layers: list[Layer],
    case: tuple[tuple[bool, str, float], float],
    good: dict[str, bool],
) -> list[Mark]:
    """Lay a patient's leaks into the layers and return them."""
    (_, difficulty, ratio), level = case
    low, high = LEAK[difficulty]
    odds = np.array([(0.55, 0.3, 0.15), (0.2, 0.45, 0.35), (0.1, 0.25, 0.65), (1.0, 0.0, 0.0)])
    mix = odds[int(rng.choice(4, p=[0.3, 0.3, 0.22, 0.18]))]
    together = np.zeros_like(layers[0].image)
    marks: list[Mark] = []
    for root in _sites(rng, spine, good):
        bright = float(np.clip(ratio * rng.uniform(0.8, 1.25), low, high))
        aim_at = int(rng.choice([1, 2, 3], p=mix))
        image, mark = signs.leak(rng, spine, root, (aim_at, bright), level)
        together = np.maximum(together, image)
        marks.append(mark)
    layers.append(Layer(together, 0.0))
    if rng.random() < 0.22:
        middle = marks[0].s_mm + rng.normal(0, 30)
        reach = rng.uniform(25, 110)
        for side in (1, -1):
            if rng.random() < 0.7:
                span = (max(middle - reach, 5.0), min(middle + reach, spine.end_mm - 5))
                bright = ratio * rng.uniform(0.5, 1.0)
                image, mark = signs.collection(rng, spine, span, side, (bright, level))
                layers.append(Layer(image, 0.0))
                marks.append(mark)
    return marks


def _sites(rng: np.random.Generator, spine: Spine, good: dict[str, bool]) -> list[Root]:
    """Return the leaking roots: clusters of neighbours, often on both sides."""
    levels = [root.segment for root in spine.roots[::2]]
    last = spine.end_mm - 14
    able = [k for k, name in enumerate(levels) if good[name] and spine.roots[2 * k].s_mm < last]
    able = [k for k in able if 2 <= k <= len(levels) - 4]
    if not able:
        able = list(range(7, 20))
    sites: dict[tuple[int, int], Root] = {}
    for _ in range(1 if rng.random() < 0.7 else 2):
        heart = int(rng.choice(able))
        both = rng.random() < 0.55
        side = int(rng.integers(0, 2))
        for _ in range(int(min(1 + rng.geometric(0.36), 7))):
            k = int(np.clip(heart + round(rng.normal(0, 1.6)), able[0], able[-1]))
            hand = int(rng.integers(0, 2)) if both else side
            if k in able:
                sites[k, hand] = spine.roots[2 * k + hand]
    return list(sites.values()) or [spine.roots[2 * able[len(able) // 2]]]


def _picture(rng: np.random.Generator, scene: Scene, camera: Camera) -> Grid:
    """Return the object as a camera projects it, in units of the sac's brightness."""
    spine = scene.spine
    band = ribbon(spine, camera)
    ribbon_map = _ribbon_map(scene, camera, band.depth)
    n, h = camera.n, camera.pitch
    axis: Floats = (np.arange(n) - n // 2) * np.float64(h)
    inside = np.abs(axis[None, :] - np.interp(axis, band.q, band.p)[:, None]) < signs.WING - 2
    rows, cols = np.nonzero(inside)
    row, u = band.straighten(spine, axis[cols], axis[rows])
    place = [row, (u + signs.WING) / STEP]
    image = np.zeros((n, n), np.float32)
    image[rows, cols] = map_coordinates(ribbon_map, place, order=1, mode="constant")
    coarse, pitch = shine(rng, scene.body, spine, camera)
    at = axis / pitch + coarse.shape[0] // 2
    image += _resample(coarse, at)
    return np.asarray(image / scene.level, dtype=np.float32)


def _resample(coarse: Grid, at: Floats) -> Grid:
    """Return a square map at new sample places, the same along both axes, linearly."""
    low = np.clip(at.astype(int), 0, coarse.shape[0] - 2)
    share = (at - low).astype(np.float32)
    tall = coarse[low] * (1 - share)[:, None] + coarse[low + 1] * share[:, None]
    wide = tall[:, low] * (1 - share)[None, :] + tall[:, low + 1] * share[None, :]
    return np.asarray(wide, dtype=np.float32)


def _ribbon_map(scene: Scene, camera: Camera, depth: Floats) -> Grid:
    """Return the straightened projection of all fluid at the spine through one slab."""
    lumen = scene.lumen
    through = camera.weight(depth[:, None] + lumen.w[None, :]).astype(np.float32)
    sac = np.einsum("suw,sw->su", lumen.fluid, through)
    sac = np.maximum(sac - scene.strands * through.mean(axis=1)[:, None], 0) * scene.pulse
    out = signs.blank(scene.spine)
    for layer in scene.layers:
        out += layer.image * camera.weight(depth + layer.depth)[:, None].astype(np.float32)
    first = int(np.searchsorted(signs.columns(), lumen.u[0] - STEP / 2))
    out[:, first : first + len(lumen.u)] += sac
    return out
