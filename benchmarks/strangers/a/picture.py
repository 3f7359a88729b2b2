"""The images of a study: the clean scene of each station, then coils, k-space and noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, zoom

from benchmarks.strangers.a.anatomy import Floats, Rng
from benchmarks.strangers.a.case import Found, View
from benchmarks.strangers.a.filaments import filaments, nerves
from benchmarks.strangers.a.organs import MOVING, Organ, head_of, organs_of
from benchmarks.strangers.a.plane import Plane, SacImage, project_sac
from benchmarks.strangers.a.protocol import FINE, Protocol, Station
from benchmarks.strangers.a.scanner import (
    Acquired,
    Motion,
    Waves,
    acquire,
    chain,
    combine,
    flow_map,
    noise,
    sensitivities,
)
from benchmarks.strangers.a.shapes import Mist, Tube
from benchmarks.strangers.a.sleeves import Body


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """Images of the stations (``None``: missing), the sac on each plane, and the sac's level."""

    images: list[Floats | None]
    sacs: list[SacImage | None]
    level: float
    organs: list[Organ]


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    """A person's fluid, and faults of the scan that all stations share."""

    body: Body
    found: Found
    organs: list[Organ]
    head: Organ
    fibres: Mist
    nerves: Mist
    flow_seed: int
    ghost: float
    mild: bool
    fat_fails: bool
    haze: float

    def fall(self, y: Floats) -> Floats:
        """Return how signal falls off toward the belly, away from the coil."""
        reference = self.body.axial.table["y"].mean()
        return np.asarray(np.exp(np.clip((np.asarray(y) - reference) / 120, -1.2, 0.6)))

    def stream(self, number: int) -> Rng:
        """Return a generator of its own."""
        return np.random.default_rng([self.flow_seed, number])


@dataclass(frozen=True, slots=True, eq=False)
class _Clean:
    """One station before noise: what was acquired, coil bias, the sac and its core's pixels."""

    acquired: Acquired
    bias: Floats
    sac: SacImage
    core: NDArray[np.bool_]


def take(body: Body, seed: int, view: View, found: Found, snr: float) -> Pictures:
    """Return the images of all stations, float, scaled so that the sac has one level."""
    rng = np.random.default_rng([seed, 6])
    p = view.protocol
    scene = _scene(body, seed, found, p, rng)
    clean = [
        _acquired(scene, station, i, p, rng) if station.present else None
        for i, station in enumerate(view.stations)
    ]
    level = _level(view.stations, clean)
    sigma = level / snr
    images = [None if c is None else _noisy(c, p, rng, sigma) for c in clean]
    sacs = [None if c is None else c.sac for c in clean]
    return Pictures(images, sacs, level, [*scene.organs, scene.head])


def _scene(body: Body, seed: int, found: Found, p: Protocol, rng: Rng) -> _Scene:
    """Return the person's fluid and the scan's faults."""
    return _Scene(
        body=body,
        found=found,
        organs=organs_of(body, np.random.default_rng([seed, 7]), p.te, bool(found.leaks)),
        head=head_of(body, np.random.default_rng([seed, 8])),
        fibres=filaments(body, np.random.default_rng([seed, 9])),
        nerves=nerves(body),
        flow_seed=int(rng.integers(1 << 30)),
        ghost=rng.uniform(0.01, 0.05) if rng.random() < 0.35 else 0.0,
        mild=rng.random() < 0.25,
        fat_fails=rng.random() < 0.14,
        haze=rng.uniform(0.0, 0.012),
    )


def _acquired(scene: _Scene, station: Station, i: int, p: Protocol, rng: Rng) -> _Clean:
    """Return one station as acquired, without noise."""
    pl = station.plane
    sac = project_sac(scene.body, pl)
    layer = np.zeros(pl.shape)
    scene.fibres.draw(pl, layer, None)
    csf = sac.csf - np.minimum(layer, 0.8 * sac.csf)
    image = _fluid(scene, pl, i, sac, csf)
    maps = sensitivities(scene.stream(100), pl, p.coils)
    bias = np.sqrt((np.abs(maps) ** 2).sum(0))
    if station.lost is not None:
        c, a = station.lost
        k = 1 / (1 + np.exp(-(np.abs(pl.v - c) - a / 2) / 2.5))
        maps = maps * (0.02 + 0.98 * k)[:, None].astype(np.float32)
    coils = image[None].astype(np.complex64) * maps
    if scene.ghost:
        coils = coils + _ghost(scene, pl, p, rng, (sac, csf, maps))
    q = np.clip((np.minimum(np.arange(FINE), FINE - 1 - np.arange(FINE)) * pl.pitch) / 2.0, 0, 1)
    motion = _motion(scene, station, p, rng)
    coils = coils * (q[:, None] * q[None]).astype(np.float32)
    return _Clean(acquire(coils, p, motion), bias, sac, _core(sac, p.n))


def _motion(scene: _Scene, station: Station, p: Protocol, rng: Rng) -> Motion | None:
    """Return how the patient moved during a station."""
    if station.severe:
        return [[(rng.normal(0, 6), rng.normal(0, 4)) for _ in range(4)] for _ in range(3)]
    if scene.mild:
        return [
            [(rng.normal(0, 0.35), rng.normal(0, 0.25)) for _ in range(2)]
            for _ in range(max(1, p.averages))
        ]
    return None


def _ghost(
    scene: _Scene, pl: Plane, p: Protocol, rng: Rng, seen: tuple[SacImage, Floats, Waves]
) -> Waves:
    """Return displaced copies of the pulsating CSF, along the phase axis."""
    sac, csf, maps = seen
    shift = int(pl.shape[0] * rng.uniform(0.08, 0.3))
    away = np.abs(sac.s - scene.body.top["T3"]) / 200
    w = (csf * (1 - 0.5 * np.clip(away, 0, 2)).clip(0)).astype(np.float32)
    axis = 1 if p.phase_axis == 1 else 0
    twice = np.roll(w, shift, axis) * np.exp(2j) + np.roll(w, -shift, axis) * np.exp(-1j)
    return np.asarray(scene.ghost * twice[None].astype(np.complex64) * np.abs(maps))


def _fluid(scene: _Scene, pl: Plane, i: int, sac: SacImage, csf: Floats) -> Floats:
    """Return the clean scene of one station: sac, sleeves, findings, organs, background."""
    column = csf * flow_map(scene.body, scene.stream(i), sac)
    row_y = scene.body.axial.at("y", pl.c[2] + pl.v * pl.k[2])
    side = _beside(scene, pl, sac)
    img = (column + side) * scene.fall(row_y)[:, None]
    far, gut = np.zeros(pl.shape), np.zeros(pl.shape)
    for organ in [*scene.organs, scene.head] if i == 0 else scene.organs:
        gain = float(scene.fall(organ.centre[1]))
        for part in organ.parts:
            part.draw(pl, gut if organ.name in MOVING else far, sac, gain)
    img = img + far + _smear(scene.stream(70 + i), gut, pl)
    level = float(np.median(csf[csf > 2])) if (csf > 2).any() else 5.0
    return img + _background(scene, pl, scene.stream(50 + i), level)


def _beside(scene: _Scene, pl: Plane, sac: SacImage) -> Floats:
    """Return what lies beside the sac: sleeves with their nerves, findings, mimics."""
    side = np.zeros(pl.shape)
    for root in scene.body.roots:
        Tube(root.points, root.radii, root.amplitude).draw(pl, side, sac)
    layer = np.zeros(pl.shape)
    scene.nerves.draw(pl, layer, None)
    side -= np.minimum(layer, 0.75 * side)
    leaked = [part for leak in scene.found.leaks for part in leak.parts]
    for part in [*leaked, *(part for c in scene.found.collections for part in c.parts)]:
        part.draw(pl, side, sac)
    for mimic in scene.found.mimics:
        mimic.part.draw(pl, side, sac)
    return side


def _smear(rng: Rng, gut: Floats, pl: Plane) -> Floats:
    """Return moving, folded, gas-filled organs: blurred and textured."""
    if not gut.any():
        return gut
    n = gut.shape[0]
    t = 0.6 * zoom(rng.normal(0, 1, (90, 90)), n / 90, order=1)[:n, :n]
    t = t + 0.5 * zoom(rng.normal(0, 1, (30, 30)), n / 30 + 0.01, order=1)[:n, :n]
    blurred = gaussian_filter(gut, rng.uniform(0.8, 2.2) / pl.pitch)
    return np.asarray(blurred * np.clip(0.75 + 0.55 * t, 0.02, 1.6))


def _background(scene: _Scene, pl: Plane, rng: Rng, level: float) -> Floats:
    """Return what is left of the body at long TE: a glow, and fat where its suppression failed."""
    n = pl.shape[0]
    z = zoom(rng.normal(0, 1, (12, 12)), n / 12, order=1)[:n, :n]
    x = pl.u[None, :] + pl.c[0]
    trunk = 1 / (1 + np.exp((np.abs(x) - 145) / 6))
    fine = gaussian_filter(rng.normal(0, 1, (n // 2, n // 2)), (7, 3))
    fine = zoom(fine / fine.std(), 2, order=1)
    g = level * scene.haze * trunk * (1 + 0.35 * z + 0.25 * fine)
    if scene.fat_fails:
        sign = rng.choice([-1, 1])
        v = pl.v[:, None]
        beside = ((x * sign - rng.uniform(95, 130)) / rng.uniform(10, 28)) ** 2
        along = ((v - rng.uniform(-110, 110)) / rng.uniform(30, 90)) ** 2
        edge = np.exp(-beside) * np.exp(-along)
        rough = zoom(rng.normal(0, 1, (40, 10)), (n / 40, n / 10), order=1)[:n, :n]
        streak = 1 + 0.5 * np.abs(rough)
        g = g + level * rng.uniform(0.05, 0.4) * edge * streak
    return np.asarray(np.clip(g, 0, None))


def _picks(size: int, n: int) -> tuple[NDArray[np.intp], ...]:
    """Return the samples of a square map nearest to ``n`` by ``n`` pixels."""
    i = np.clip((np.arange(n) * (size / n)).astype(int), 0, size - 1)
    return np.ix_(i, i)


def _core(sac: SacImage, n: int) -> NDArray[np.bool_]:
    """Return the image's pixels well inside the sac."""
    c = (sac.csf > 0) & (sac.csf > 0.5 * np.median(sac.csf[sac.csf > 0]))
    return np.asarray(c[_picks(len(c), n)])


def _level(stations: list[Station], clean: list[_Clean | None]) -> float:
    """Return the sac's signal: the median over its core in all stations that can be read."""
    values = []
    for station, c in zip(stations, clean, strict=True):
        if c is not None and not station.severe:
            v = combine(c.acquired.coils)[c.core]
            values.append(v if station.lost is None else v[v > 0.15 * np.median(v)])
    if not values:
        values = [combine(c.acquired.coils)[c.core] for c in clean if c is not None]
    return float(np.median(np.concatenate(values)))


def _noisy(clean: _Clean, p: Protocol, rng: Rng, sigma: float) -> Floats:
    """Return one station's image: noise of each coil, now and then a zipper, the vendor's chain."""
    noisy = [x + sigma * noise(rng, clean.acquired, p) for x in clean.acquired.coils]
    if not p.paper_like and rng.random() < 0.05:
        q = int(rng.integers(p.n))
        line = sigma * 6 * rng.standard_normal(p.n)
        for x in noisy:
            x[q if p.phase_axis == 1 else (slice(None), q)] += line
    bias = np.abs(clean.bias[_picks(len(clean.bias), p.n)])
    return chain(combine(noisy), p, rng, bias)
