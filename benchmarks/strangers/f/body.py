"""A person: where the roots leave, how wide sac and cord are, how the spine bends.

Widths, level heights and the sac's end follow canal, template and cadaver figures (PAM50 and
spine-generic for canal, cord and heights; the sac ends between L5/S1 and S3).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.ndimage import gaussian_filter1d

from benchmarks.strangers.f.plate import PX, UNIT_MM, Array, Axis

HEAD_MM = 34.0
"""The plate starts this far above C1."""
SACRAL = {"S1": 28.0, "S2": 24.0, "S3": 20.0, "S4": 17.0, "S5": 15.0}
SAC_KNOTS = (
    (0, 24.0, 15.5), (1, 21.5, 13.5), (3, 18.7, 12.6), (5, 18.2, 12.4), (6.5, 17.4, 12.4),
    (7.5, 15.4, 12.4), (10, 13.8, 12.4), (15, 13.7, 12.6), (17, 14.6, 13.4), (18.5, 17.3, 14.6),
    (19.5, 20.0, 15.4), (21, 18.9, 15.2), (22.5, 17.6, 14.4), (23.6, 15.8, 12.8),
    (24.4, 13.2, 10.2),
)  # fmt: skip
"""Vertebrae below C1's top (of a spine of 24), the sac's width and depth there, mm."""
CORD_KNOTS = (
    (0, 11.4, 8.4), (2, 12.0, 7.4), (4.5, 12.9, 7.3), (6.5, 11.0, 6.5), (8, 8.9, 6.2),
    (11, 7.9, 5.7), (15, 7.8, 6.0), (17.6, 8.7, 7.0), (18.4, 7.4, 6.4), (19.2, 4.2, 4.0),
    (19.8, 0.0, 0.0),
)  # fmt: skip
"""Vertebrae below C1's top, the cord's width and depth there, mm; the last is the conus' tip."""


@dataclass(frozen=True, slots=True)
class Root:
    """A root on one side (+1 left): where it leaves the sac, and its normal sleeve's make.

    ``angle`` is below the outward direction, radians.
    """

    segment: str
    region: str
    side: int
    q_mm: float
    angle: float
    length_mm: float
    base_mm: float


@dataclass(frozen=True, slots=True)
class Traits:
    """What is peculiar to a person."""

    stature: float
    breadth: float
    sleeve: float
    pouch: float
    bulbous: float
    side_bias: float
    scoliosis_mm: float


@dataclass(frozen=True, slots=True)
class Body:
    """A person's spine by rows of the plate; every array is (rows,), mm."""

    axis: Axis
    y: Array
    width: Array
    ap: Array
    cord_width: Array
    cord_ap: Array
    level: Array
    tops: dict[str, float]
    end_mm: float
    conus_mm: float
    roots: tuple[Root, ...]
    traits: Traits
    thoracic: int
    lumbar: int
    female: bool = field(default=True)
    age: int = field(default=40)

    def at(self, values: Array, q_mm: float) -> float:
        """Return one of the arrays at a height."""
        return float(np.interp(q_mm / PX, np.arange(values.size), values))

    def half(self, q_mm: Array) -> Array:
        """Return the sac's half width at heights."""
        return np.asarray(np.interp(q_mm / PX, np.arange(self.width.size), self.width) / 2)


def region_of(segment: str, thoracic: int) -> str:
    """Return the region a root is graded in: C8 is thoracic, the last thoracic root lumbar."""
    letter, number = segment[0], int(segment[1:])
    if letter == "C":
        return "cervical" if number < 8 else "thoracic"
    return "thoracic" if letter == "T" and number < thoracic else "lumbar"


def _formula(rng: np.random.Generator) -> tuple[int, int]:
    """Return the thoracic and lumbar vertebrae; one in eleven is transitional."""
    if rng.random() < 0.91:
        return 12, 5
    choices = ((12, 4), (12, 6), (11, 5), (13, 5), (11, 6), (13, 4))
    return choices[int(rng.choice(6, p=[0.3, 0.3, 0.13, 0.13, 0.07, 0.07]))]


def _heights(thoracic: int, lumbar: int) -> dict[str, float]:
    """Return the heights of all levels, downward, mm, of an average template."""
    heights = {"C1": 21.0, "C2": 18.5, "C3": 16.6, "C4": 15.8, "C5": 15.6, "C6": 16.0, "C7": 17.5}
    chest = np.interp(np.linspace(0, 11, thoracic), [0, 5, 11], [21.5, 25.5, 31.5])
    heights |= {f"T{i + 1}": float(h) for i, h in enumerate(chest)}
    loin = np.interp(np.linspace(0, 4, lumbar), [0, 2, 4], [33.0, 35.0, 33.0])
    heights |= {f"L{i + 1}": float(h) for i, h in enumerate(loin)}
    return heights | SACRAL


def _leaving(name: str, thoracic: int, lumbar: int) -> tuple[str, float]:
    """Return the vertebra at which a root leaves the sac, and where in it (0 top, 1 bottom)."""
    letter, number = name[0], int(name[1:])
    if letter == "C":
        return ("T1", -0.02) if number == 8 else (name, 0.02)
    if letter == "T":
        return name, float(np.interp(number, [1, 6, thoracic], [0.93, 0.86, 0.66]))
    if letter == "L":
        return name, float(np.interp(number, [1, lumbar], [0.52, 0.2]))
    return (f"S{number}", -0.12) if number == 1 else (f"S{number - 1}", 0.5)


def _sleeve(name: str, thoracic: int) -> tuple[float, float, float]:
    """Return a typical sleeve's angle below outward (degrees), length and base, mm."""
    order = {"C": 0, "T": 8, "L": 8 + thoracic, "S": 13 + thoracic}[name[0]] + int(name[1:])
    place = order if name[0] != "S" else min(order, 27)
    knots = [1, 5, 8, 11, 16, 20, 22, 25, 26, 28]
    angle = float(np.interp(place, knots, [0, 9, 26, 38, 42, 50, 55, 62, 70, 76]))
    length = float(np.interp(place, knots, [3, 4.4, 5.0, 5.4, 5.6, 8.5, 11.5, 15, 16, 11]))
    base = float(np.interp(place, knots, [4, 5.0, 4.6, 4.0, 4.0, 5.0, 5.6, 6.0, 5.4, 4.0]))
    return angle, length, base


def _roots(
    rng: np.random.Generator,
    heights: dict[str, float],
    tops: dict[str, float],
    traits: Traits,
    end_mm: float,
) -> tuple[Root, ...]:
    """Return the roots from C1 to S2 that leave above the sac's end, right and left of each."""
    names = list(heights)
    thoracic = sum(name[0] == "T" for name in names)
    lumbar = sum(name[0] == "L" for name in names)
    segments = [f"C{i + 1}" for i in range(8)] + [n for n in names if n[0] in "TL"] + ["S1", "S2"]
    found = []
    for name in segments:
        vertebra, part = _leaving(name, thoracic, lumbar)
        q = tops[vertebra] + part * heights[vertebra] * traits.stature + rng.normal(0, 1.0)
        if q > end_mm - 8:
            break
        degrees, length, base = _sleeve(name, thoracic)
        degrees += rng.normal(0, 5)
        both = traits.sleeve * np.exp(rng.normal(0, 0.13))
        for side in (-1, 1):
            one = both * np.exp(rng.normal(0, 0.14) + side * traits.side_bias)
            angle = np.deg2rad(np.clip(degrees + rng.normal(0, 4), -8, 80))
            wide = base * (0.7 + 0.3 * both) * np.exp(rng.normal(0, 0.12))
            place = float(q + rng.normal(0, 1.1))
            region = region_of(name, thoracic)
            found.append(Root(name, region, side, place, float(angle), float(length * one), wide))
    return tuple(found)


def _traits(rng: np.random.Generator) -> Traits:
    """Return a person's peculiarities."""
    prominent = rng.random() < 0.3
    return Traits(
        stature=float(np.clip(rng.normal(0.91, 0.045), 0.8, 1.04)),
        breadth=float(np.clip(rng.normal(1.0, 0.075), 0.82, 1.2)),
        sleeve=float(np.exp(rng.normal(0.2 if prominent else 0.0, 0.13))),
        pouch=float(rng.gamma(1.4, 0.25) + (0.5 if prominent else 0)),
        bulbous=0.25 if prominent else 0.05,
        side_bias=float(rng.normal(0, 0.05)),
        scoliosis_mm=float(rng.normal(0, 4) if rng.random() < 0.8 else rng.normal(0, 13)),
    )


def _bends(rng: np.random.Generator, n: int, traits: Traits) -> tuple[Array, Array]:
    """Return the axis' sideways and sagittal (posterior +) positions, mm."""
    t = np.linspace(0, 1, n)
    phase = rng.uniform(0, 2 * np.pi)
    x = traits.scoliosis_mm * np.sin(2 * np.pi * t * rng.uniform(0.7, 1.4) + phase)
    x += rng.normal(0, 1.2) * np.sin(2 * np.pi * t * rng.uniform(2, 3.4)) + rng.normal(0, 3)
    knots = [0, 0.1, 0.2, 0.5, 0.76, 0.9, 1.0]
    curve = np.array([2.0, -9.0, -5.0, 17.0, -9.0, 1.0, 14.0]) * rng.uniform(0.35, 1.15)
    curve += rng.normal(0, 2, 7)
    return x, gaussian_filter1d(np.interp(t, knots, curve), 0.05 * n)


def _waist(rng: np.random.Generator, q: Array, tops: dict[str, float]) -> Array:
    """Return a factor of the width (rows,): narrower at discs, wider between, a little uneven."""
    factor = 1 + 0.02 * gaussian_filter1d(rng.standard_normal(q.size), 30) * np.sqrt(60 * np.pi)
    worn = rng.gamma(1.2, 0.018)
    for name, top in tops.items():
        if name[0] in "CL" and name not in ("C1", "C2"):
            depth = worn * rng.gamma(1.5, 0.6) + (0.14 if rng.random() < 0.015 else 0)
            factor -= min(depth, 0.3) * np.exp(-0.5 * ((q - top) / rng.uniform(2.5, 4.5)) ** 2)
    return np.asarray(np.clip(factor, 0.6, 1.15))


def make_body(rng: np.random.Generator) -> Body:
    """Return a person."""
    thoracic, lumbar = _formula(rng)
    traits = _traits(rng)
    heights = _heights(thoracic, lumbar)
    edges = HEAD_MM + traits.stature * np.cumsum([0.0, *heights.values()])
    tops = dict(zip(heights, edges.tolist(), strict=False))
    n = int((tops["S3"] + 135.0) / PX)
    q = np.arange(n, dtype=np.float64) * PX
    presacral = 7 + thoracic + lumbar
    index = np.interp(q, edges[: presacral + 3], np.arange(presacral + 3) * 24.0 / presacral)
    index = np.where(q < HEAD_MM, (q - HEAD_MM) / 20.0, index)
    at, width, ap = np.array(SAC_KNOTS).T
    end = float(tops["S2"] + traits.stature * np.clip(rng.normal(8, 14), -27, 40))
    taper = np.sqrt(np.clip((end - q) / rng.uniform(18, 34), 0, 1))
    breadth = traits.breadth * _waist(rng, q, tops)
    wide = gaussian_filter1d(np.interp(index, at, width), 12) * breadth
    wide = np.where(q < HEAD_MM, wide + ((HEAD_MM - q) / 9.0) ** 2, wide) * taper
    deep = gaussian_filter1d(np.interp(index, at, ap), 12) * rng.normal(1, 0.07) * taper
    at, cord, cord_ap = np.array(CORD_KNOTS).T
    low = rng.normal(0, 0.35)
    shift = index - low * np.clip((index - 12) / 6, 0, 1)
    size = float(np.clip(rng.normal(1, 0.06), 0.85, 1.15))
    cords = [size * np.interp(shift, at, values) for values in (cord, cord_ap)]
    x, y = _bends(rng, n, traits)
    axis = Axis(x, 1 / np.sqrt(1 + (np.gradient(x) / PX) ** 2))
    level = 0.86 * deep - 0.25 * np.pi * cords[0] * cords[1] / np.maximum(0.85 * wide, 1)
    return Body(
        axis=axis, y=y, width=wide, ap=deep, cord_width=cords[0], cord_ap=cords[1],
        level=np.maximum(level, 0.5) / UNIT_MM, tops=tops, end_mm=end,
        conus_mm=float(q[np.argmax(shift > at[-1])]),
        roots=_roots(rng, heights, tops, traits, end), traits=traits,
        thoracic=thoracic, lumbar=lumbar,
        female=bool(rng.random() < 0.6), age=int(rng.integers(17, 75)),
    )  # fmt: skip
