"""The images of a study: each station's scene, its coil and faults, and its stored pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from pydicom.dataset import Dataset
from scipy.ndimage import gaussian_filter, zoom

from benchmarks.strangers.b.anatomy import Floats, Rng, smooth_noise
from benchmarks.strangers.b.case import Scene
from benchmarks.strangers.b.dicom import (
    GE,
    MODELS,
    PHILIPS,
    SIEMENS,
    Header,
    Own,
    Sequence,
    to_dataset,
    uid,
)
from benchmarks.strangers.b.organs import Fat, Organ
from benchmarks.strangers.b.sac import Image
from benchmarks.strangers.b.scanner import Faults, Scan, acquire, shading
from benchmarks.strangers.b.sheet import field, smooth_step
from benchmarks.strangers.b.station import Plane, Station, render

STREAM = 0xB0B
NAMES = [
    "MRM thick slab {}", "MYELO {}", "SSh_TSE MYELOGRAPHY {}", "T2 HASTE MYELO COR {}",
    "MR MYELO COR 50MM {}",
]  # fmt: skip
SHORT = ("C-T", "T-L")


@dataclass(frozen=True, slots=True)
class Scaling:
    """How a maker stores pixels: bits, slope and intercept, and what the sac comes to."""

    bits: int
    slope: float | None
    intercept: float
    full: float
    gain: float


@dataclass(frozen=True, slots=True)
class Study:
    """What all images of a study share; ``hard`` scales how often and how badly scans fail."""

    header: Header
    sequence: Sequence
    scan: Scan
    scaling: Scaling
    hard: float
    snr: float
    ghosts: bool
    motion: bool


def choose_study(
    rng: Rng,
    person: tuple[int, str, int],
    times: tuple[float, float, int],
    difficulty: tuple[str, float],
    m: int,
) -> Study:
    """Return a study's settings; ``person``: seed, sex and age; ``times``: TE, TR, echo train."""
    (level, snr), (te, tr, etl) = difficulty, times
    vendor = str(rng.choice(list(MODELS), p=[0.4, 0.3, 0.2, 0.1]))
    hard = {"easy": 0.5, "medium": 1.0, "hard": 1.6}[level]
    pe_row = bool(rng.random() < 0.55)
    study, frame, series = uid(rng), uid(rng), uid(rng)
    one_series = bool(rng.random() < 0.55)
    scan = _scan(rng, pe_row, etl)
    scaling = _scaling(rng, vendor)
    ghosts, motion = rng.random() < 0.4 * hard, rng.random() < 0.3 * hard
    year, month, day = int(rng.integers(5, 24)), int(rng.integers(1, 13)), int(rng.integers(1, 29))
    date = f"20{year:02d}{month:02d}{day:02d}"
    sequence = Sequence(te, tr, etl, int(m * scan.acq_phase), pe_row)
    header = Header(*person, vendor, study, frame, series, one_series, date)
    return Study(header, sequence, scan, scaling, hard, snr, ghosts, motion)


def _scan(rng: Rng, pe_row: bool, etl: int) -> Scan:
    """Return how the stations were acquired."""
    return Scan(
        pe_row=pe_row,
        shading=rng.uniform(0.1, 0.9),
        filter=float(rng.choice([0, rng.uniform(0.1, 1)])),
        acq_phase=float(rng.choice([1.0, rng.uniform(0.5, 0.95)])),
        acq_freq=float(rng.choice([1.0, rng.uniform(0.7, 1)])),
        decay=rng.uniform(0.3, 0.75) * etl / 256 * (1 if rng.random() < 0.9 else 1.6),
        order=str(rng.choice(["linear", "centric"], p=[0.8, 0.2])),
        partial=1.0 if rng.random() < 0.7 else rng.uniform(0.6, 0.85),
        normal=bool(rng.random() < 0.35),
        background=rng.uniform(0, 0.025),
    )


def _scaling(rng: Rng, vendor: str) -> Scaling:
    """Return how a maker stores pixels."""
    gain = rng.uniform(0.6, 1.5)
    if vendor == PHILIPS:
        slope = float(rng.choice([2.568, rng.uniform(0.3, 6)]))
        return Scaling(12, slope, 0.0, rng.uniform(900, 3600), gain)
    if vendor == GE:
        return Scaling(16, None, 0.0, rng.uniform(800, 12000), gain)
    if vendor == SIEMENS:
        return Scaling(12, None, 0.0, rng.uniform(400, 3500), gain)
    intercept = float(rng.choice([0, 0, -rng.uniform(1, 40)]))
    return Scaling(16, 1.0, intercept, rng.uniform(1500, 30000), gain)


def take(
    rng: Rng, scene: Scene, study: Study, organs: list[Organ], fats: list[Fat]
) -> list[Dataset]:
    """Return the datasets of all stations that were taken."""
    datasets = []
    for k, station in enumerate(scene.view.stations):
        own = np.random.default_rng([scene.seed, STREAM, k])
        if not station.present:
            continue
        plane = render(station, scene.spine, scene.sheet)
        for organ in organs:
            organ.beads.draw(plane)
        plane = replace(plane, image=plane.image / scene.level)
        for fat in fats:
            stream = np.random.default_rng(fat.seed)
            plane.blob(fat.place, fat.sigma, fat.amp, stream, fat.rough)
        magnitude = _magnitude(own, scene, study, k, plane)
        datasets.append(_stored((rng, own), study, k, station, magnitude))
    return datasets


def _magnitude(rng: Rng, scene: Scene, study: Study, k: int, plane: Plane) -> Floats:
    """Return one station's magnitude image from its scene."""
    station, view = scene.view.stations[k], scene.view
    image = plane.image
    image += _tissue(rng, k, plane.n, station.form.fov, study.scan.background)
    coil = shading(rng, plane.n, study.scan.shading)
    c, r, _ = plane.to(scene.spine.xyz)
    inside = (r > 0) & (r < plane.n - 1) & (c > 0) & (c < plane.n - 1)
    if inside.sum() > 5:
        coil = coil / np.median(coil[r[inside].astype(int), c[inside].astype(int)])
    image = image * coil
    if station.void is not None:
        image = _voided(rng, image, station, plane)
    faults, blur = _faults(rng, study, station, view.ruin == "motion" and k == view.ruined)
    if blur is not None:
        image = gaussian_filter(image, np.array(blur) / plane.px)
    ghosts = _ghosts(rng, study, station.form.m)
    magnitude = acquire(image, station.form.m, rng, study.scan, replace(faults, ghost=ghosts))
    if study.scan.normal:
        step, m = station.form.fine, station.form.m
        small = coil[step // 2 :: step, step // 2 :: step][:m, :m]
        magnitude = magnitude / np.clip(small, 0.25, 3) ** rng.uniform(0.5, 1.0)
    return magnitude


def _tissue(rng: Rng, k: int, n: int, fov: float, background: float) -> Image:
    """Return the faint outline of the body."""
    coarse = field(rng, (64, 64), 5)
    axis = (np.arange(64) - 32) / 64 * fov
    wide = 105 + 25 * np.tanh(axis / 120) * (1 if k == 0 else 0.4)
    wide = (wide + 6 * field(rng, (64, 64), 12)[:, :1].ravel())[:, None]
    body = smooth_step((wide + 30 - np.abs(axis)[None]) / 12)
    body = body * np.clip(1 + 0.45 * coarse, 0, 3) * background
    return np.asarray(zoom(body, n / 64, order=1)[:n, :n].astype(np.float32))


def _voided(rng: Rng, image: Image, station: Station, plane: Plane) -> Image:
    """Return an image with a ragged band without signal."""
    first, span = station.void or (0.0, 0.0)
    n = plane.n
    y = np.arange(n)[:, None] * plane.px
    x = (np.arange(n)[None] - n / 2) * plane.px
    ragged = 3 * smooth_noise(rng, n, 60)[None]
    hole = smooth_step((y - first + ragged) / 6 + 0.5)
    hole = hole * smooth_step((first + span - y + ragged) / 6 + 0.5)
    middle = np.abs(x - rng.normal(0, 8))
    hole = hole * smooth_step((station.form.fov * 0.45 - middle) / 25)
    return np.asarray(image * (1 - 0.985 * hole))


def _ghosts(rng: Rng, study: Study, m: int) -> tuple[float, float, float, float]:
    """Return the ghosts' strength, lines apart, phase and asymmetry."""
    strength = rng.uniform(0.004, 0.03) * study.hard if study.ghosts else 0.0
    shift = m / 2 if rng.random() < 0.3 else rng.uniform(0.03, 0.5) * m
    return strength, shift, rng.random(), rng.uniform(0, 1)


def _faults(
    rng: Rng, study: Study, station: Station, severe: bool
) -> tuple[Faults, tuple[float, float] | None]:
    """Return a station's noise and motion, and how far severe motion blurs the scene, mm."""
    px = station.form.px
    double, shotwise, drift = None, 0, 0.0
    if study.motion and rng.random() < 0.8:
        a = rng.normal(0, 1.0, 2) * rng.uniform(0.4, 1.6) / px
        double = (a[0], a[1], rng.uniform(0.15, 0.5))
        shotwise = int(rng.choice([0, 0, 1, 2]))
        if rng.random() < 0.4:
            drift = rng.uniform(0.2, 1.2) / px
    none = (0.0, 0.0, 0.0, 0.0)
    if not severe:
        return Faults(1 / study.snr, none, double, shotwise, drift, 0.0), None
    drift = rng.uniform(22, 60) / px
    double = (rng.uniform(8, 25) / px, rng.uniform(-20, 20) / px, 0.5)
    shotwise = int(rng.integers(1, 6))
    sigma = 1 / (study.snr * rng.uniform(0.2, 0.4))
    jitter = rng.uniform(3, 8) / px
    blur = (rng.uniform(2, 5), rng.uniform(2, 5))
    return Faults(sigma, none, double, shotwise, drift, jitter), blur


def _stored(
    streams: tuple[Rng, Rng], study: Study, k: int, station: Station, magnitude: Floats
) -> Dataset:
    """Return one station's dataset."""
    (rng, own), scaling, header = streams, study.scaling, study.header
    usual = own.random() < 0.75
    gain = scaling.gain * (own.uniform(0.85, 1.18) if usual else own.uniform(0.45, 2.0))
    top = 2**scaling.bits - 1
    values = magnitude * scaling.full / 1.8 * gain
    if values.max() > top:
        clipped = own.random() < 0.08
        values = np.minimum(values, top) if clipped else values * top / values.max()
    pixels = np.round(np.clip(values - scaling.intercept, 0, top)).astype(np.uint16)
    slope = 1.0 if scaling.slope is None else scaling.slope
    description = str(own.choice(NAMES)).format(SHORT[k])
    model = str(own.choice(MODELS[header.vendor]))
    fat_suppressed = bool(rng.random() < 0.5)
    series = header.series if header.one_series else uid(own)
    centre = 700 if own.random() < 0.4 else float(np.percentile(pixels, 99.5) * slope / 2)
    width = 1900 if own.random() < 0.4 else float(max(np.percentile(pixels, 99.9) * slope, 2))
    image = Own(
        k, model, description, series, fat_suppressed,
        scaling.bits, scaling.slope, scaling.intercept, (centre, width),
    )  # fmt: skip
    return to_dataset(header, study.sequence, station, image, pixels)
