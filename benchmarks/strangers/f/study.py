"""A study by its seed: who, what, how seen, and what is true of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from pydicom.dataset import Dataset

from benchmarks.strangers.f.body import Body, make_body
from benchmarks.strangers.f.dicom import choose_header, write_image
from benchmarks.strangers.f.leaks import Noise, choose_roots, draw_leaks
from benchmarks.strangers.f.mimics import draw_collection, draw_cysts, draw_joints, draw_veins
from benchmarks.strangers.f.organs import draw_organs, draw_tissue
from benchmarks.strangers.f.plate import PX, Grid, Patch
from benchmarks.strangers.f.sac import draw_head, draw_sac
from benchmarks.strangers.f.scanner import Trouble, acquire, choose_scan, choose_trouble
from benchmarks.strangers.f.sleeves import Sleeve, draw_sleeve
from benchmarks.strangers.f.station import (
    Station,
    best_station,
    choose_layout,
    compose,
    plan_stations,
    sample,
)  # fmt: skip
from benchmarks.strangers.f.truth import Told, tell

STREAM = 0x5F
"""Tells this simulator's random numbers from others' of the same seed."""
LEVELS = ("easy", "medium", "hard")
SNR = {"easy": (45.0, 80.0), "medium": (22.0, 42.0), "hard": (10.0, 22.0)}
BRIGHTNESS = {"easy": (0.4, 0.7), "medium": (0.2, 0.4), "hard": (0.1, 0.25)}
RUINED = 1 / 12
EVERYWHERE = (-1e4, 1e4)
ACQUIRED_MM = 0.53
"""Pixel of the published protocol, at which the least conspicuous leak is defined."""


def simulate(seed: int) -> tuple[list[Dataset], dict[str, Any]]:
    """Return a study's images and its truth; the same for the same seed."""
    rng = np.random.default_rng([STREAM, seed])
    patient, level = seed % 2 == 1, LEVELS[seed // 2 % 3]
    snr = float(rng.uniform(*SNR[level]))
    body, scan = make_body(rng), choose_scan(rng)
    stations = plan_stations(rng, body, choose_layout(rng))
    header = choose_header(rng, seed, body.female, body.age)
    sigma = _sac_level(body) / snr
    spread = sigma * stations[0].fov_mm / np.sqrt(scan.read * scan.lines) / ACQUIRED_MM
    noise = Noise(float(spread), scan.coils)
    open_to = [
        k
        for k, root in enumerate(body.roots)
        if root.segment not in ("C1", "C2") and best_station(body, stations, root.q_mm) is not None
    ]
    chosen = choose_roots(rng, open_to, body.roots) if patient else []
    sleeves = {k: draw_sleeve(rng, body, r, k in chosen) for k, r in enumerate(body.roots)}
    leaks = draw_leaks(rng, body, sleeves, chosen, BRIGHTNESS[level], noise)
    mimics = draw_cysts(rng, body, sleeves, chosen, 1.3 if patient else 1.8)
    if patient and rng.random() < 0.12:
        mimics += draw_collection(rng, body)
    fluids = draw_organs(rng, body)
    tissue = float(rng.choice([0.006, 0.015, 0.04], p=[0.45, 0.35, 0.2]) * rng.uniform(0.5, 1.5))
    patches = [
        *_anatomy(rng, body, list(sleeves.values())), *draw_tissue(rng, body, tissue),
        *(patch for mark in (*leaks, *mimics) for patch in mark.patches),
        *(fluid.patch for fluid in fluids),
    ]  # fmt: skip
    ruin, stations, troubles, hole = _ruin(rng, body, stations)
    told = Told(
        body, stations, sleeves, leaks, mimics, fluids, header, scan, level, snr, patient, ruin
    )
    seen = [k for k, station in enumerate(stations) if station.present]
    images = [_image(rng, told, stations[k], (troubles[k], hole, sigma), patches) for k in seen]
    datasets = [
        write_image(header, stations[k], scan, image, k)
        for k, image in zip(seen, images, strict=True)
    ]
    return datasets, tell(told)


def _sac_level(body: Body) -> float:
    """Return the sac's usual ink from C4 to the last lumbar vertebra."""
    rows = slice(int(body.tops["C4"] / PX), int(body.tops[f"L{body.lumbar}"] / PX))
    return float(np.median(body.level[rows]))


def _anatomy(rng: np.random.Generator, body: Body, sleeves: Sequence[Sleeve]) -> list[Patch]:
    """Return the sac, its normal sleeves, and small things beside it that are no signs."""
    patches = [draw_sac(rng, body), draw_head(rng, body)]
    patches += [sleeve.patch for sleeve in sleeves]
    return [*patches, *draw_joints(rng, body), *draw_veins(rng, body)]


def _image(
    rng: np.random.Generator,
    told: Told,
    station: Station,
    make: tuple[Trouble, tuple[float, float] | None, float],
    patches: Sequence[Patch],
) -> Grid:
    """Return a station's image, cropped as its maker does."""
    trouble, hole, sigma = make
    plate = compose(told.body, station, patches)
    if hole is not None:
        plate *= _void(told.body, hole)
    fine = sample(station, plate)
    image = acquire(rng, fine, told.scan, trouble, sigma, station.fov_mm)
    cut = int(told.scan.matrix * told.header.crop)
    return image[:, cut : image.shape[1] - cut]


def _void(body: Body, hole: tuple[float, float]) -> Grid:
    """Return the factor (rows, columns) by which metal at ``hole`` takes the signal away."""
    q = np.arange(body.width.size)[:, None] * PX
    x = np.arange(int(330.0 / PX))[None, :] * PX - 165.0
    middle, half = 0.5 * (hole[0] + hole[1]), 0.5 * (hole[1] - hole[0])
    away = np.sqrt(((q - middle) / half) ** 2 + ((x - body.axis.x[:, None]) / 42.0) ** 2)
    away += 0.09 * np.sin(x / 9.0) * np.sin(q / 13.0)
    rim = 0.35 * np.exp(-(((away - 1.1) / 0.07) ** 2))
    return np.asarray(1 / (1 + np.exp(np.clip((1 - away) * 18, -50, 50))) + rim, np.float32)


def _ruin(
    rng: np.random.Generator, body: Body, stations: Sequence[Station]
) -> tuple[str, list[Station], list[Trouble], tuple[float, float] | None]:
    """Return what is ruined (one study in twelve), and stations and troubles as they became."""
    troubles = [choose_trouble(rng) for _ in stations]
    new = list(stations)
    if rng.random() > RUINED:
        return "none", new, troubles, None
    k = int(rng.integers(len(new)))
    kind = str(rng.choice(["motion", "signal loss", "coil", "missing station"]))
    if kind == "motion":
        troubles[k] = replace(troubles[k], motion_mm=float(rng.uniform(2.2, 5.0)))
        new[k] = replace(new[k], lost=(EVERYWHERE,))
    elif kind == "missing station":
        new[k] = replace(new[k], present=False)
    elif kind == "coil":
        share = float(rng.uniform(0.3, 0.6))
        edge = -float(new[k].centre[2]) + (share - 0.5) * new[k].fov_mm
        troubles[k] = replace(troubles[k], weak=share)
        new[k] = replace(new[k], lost=((edge - 8, 1e4),))
    else:
        middle = rng.uniform(body.tops["C6"], body.tops["L4"])
        hole = (float(middle - rng.uniform(35, 60)), float(middle + rng.uniform(35, 60)))
        new = [replace(station, lost=(hole,)) for station in new]
        return kind, new, troubles, hole
    return kind, new, troubles, None
