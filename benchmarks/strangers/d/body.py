"""A body in voxels: how much it takes from rays, and where its spine, organs and roots lie.

Axes: x to the patient's left, y to posterior, z upward, mm from the middle of the chest's spine.
Heights of levels follow the PAM50 template (ANATOMY); the rest are textbook figures and estimates.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from myeloscope.domain.anatomy import Segment, SpineFormula

Floats = NDArray[np.float64]

STEP = 3.0
HALF = (204.0, 150.0)
TALL = 1000.0
TISSUE, LUNG, BONE = 0.0120, 0.0045, 0.0155
"""Effective attenuation of a broad beam of 140 keV, 1/mm (estimates)."""
HEIGHTS = (
    *(21.0, 18.0, 17.5, 17.0, 16.0, 16.5, 17.0),
    *(20.5, 22.0, 23.0, 23.5, 24.0, 25.0, 26.0, 27.0, 28.0, 29.0, 30.0, 31.0),
    *(32.0, 33.5, 34.5, 34.5, 33.0),
    *(28.0, 25.0, 22.0),
)
"""Levels C1..C7, T1..T12, L1..L5, S1..S3, mm."""
NAMES = (
    *(f"C{i}" for i in range(1, 8)),
    *(f"T{i}" for i in range(1, 13)),
    *(f"L{i}" for i in range(1, 6)),
    *("S1", "S2", "S3"),
)
CANAL = {"C1": 23.0, "C4": 20.0, "T1": 16.5, "T6": 14.0, "T11": 15.5, "L1": 20.0, "L4": 19.0,
         "S1": 14.0, "S3": 6.0}  # fmt: skip
"""Width of the sac, mm."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a body is drawn from: stature, half width and half depth, bends (mm, each plane)."""

    stature: float
    wide: float
    deep: float
    bend: tuple[float, float, float]
    sway: float
    narrow: float


@dataclass(frozen=True)
class Body:
    """A body; ``edges`` are the upper ends of levels along the spine, mm from C1's upper edge."""

    shape: Shape
    edges: Floats
    end: float

    @cached_property
    def s(self) -> Floats:
        """Return places along the spine, mm, every 2 mm from the foramen magnum."""
        return np.asarray(np.arange(-18.0, self.end, 2.0))

    def at(self, s: Floats) -> Floats:
        """Return the middle of the sac, shape (n, 3)."""
        total = float(self.edges[-1])
        part = s / total
        one, two, phase = self.shape.bend
        x = one * np.sin(2 * np.pi * (1.1 * part + phase)) + two * np.sin(
            2 * np.pi * (2.3 * part - phase)
        )
        x = x * np.sin(np.pi * np.clip(part, 0, 1)) ** 0.5
        y = -self.shape.sway * np.cos(2 * np.pi * (1.35 * part + 0.05)) + 8.0 * part
        y = y + 35.0 * np.clip(part - 0.9, 0, 1) / 0.1
        slope = np.gradient(np.stack([x, y]), s, axis=1)
        rise = np.sqrt(np.clip(1 - (slope**2).sum(axis=0), 0.3, 1.0))
        down = np.concatenate([[0.0], np.cumsum(0.5 * (rise[1:] + rise[:-1]) * np.diff(s))])
        z = float(np.interp(0.0, s, down)) - down
        middle = float(np.interp(self.edges[14], s, down) - np.interp(0.0, s, down))
        return np.stack([x, y, z + middle], axis=1)

    @cached_property
    def line(self) -> Floats:
        """Return the middle of the sac at each of ``s``."""
        return self.at(self.s)

    def place(self, s: float) -> Floats:
        """Return the middle of the sac at one place."""
        return np.array([np.interp(s, self.s, self.line[:, i]) for i in range(3)])

    def width(self, s: Floats) -> Floats:
        """Return the sac's width, mm; it tapers to its end."""
        at = [self.edges[NAMES.index(name)] + 8 for name in CANAL]
        wide = np.interp(s, at, list(CANAL.values())) * self.shape.narrow
        return np.asarray(wide * np.clip((self.end - s) / 25.0, 0.05, 1) ** 0.5)

    def level(self, name: str, share: float) -> float:
        """Return a place along the spine: a share of a level's height below its upper edge."""
        k = NAMES.index(name)
        return float(self.edges[k] + share * (self.edges[k + 1] - self.edges[k]))

    @cached_property
    def roots(self) -> dict[Segment, float]:
        """Return where each root leaves the sac, mm along the spine."""
        made = {}
        for segment in SpineFormula().segments:
            letter, number = segment.value[0], int(segment.value[1:])
            if letter == "C":
                name, share = (f"C{number}", 0.1) if number < 8 else ("T1", 0.0)
            elif segment.value in NAMES:
                name, share = segment.value, 0.8 if letter == "T" else 0.45
            else:
                continue
            made[segment] = self.level(name, share)
        return made


def draw_body(rng: np.random.Generator) -> Body:
    """Draw a body."""
    stature = float(np.clip(rng.normal(0.92, 0.055), 0.78, 1.05))
    size = float(np.exp(rng.normal(0, 0.18)))
    shape = Shape(
        stature,
        float(np.clip(165 * size, 125, 200)),
        float(np.clip(108 * size, 80, 145)),
        (float(rng.normal(0, 9)), float(rng.normal(0, 5)), float(rng.random())),
        float(rng.uniform(2, 16)),
        float(rng.uniform(0.85, 1.12)),
    )
    heights = np.array(HEIGHTS) * stature * rng.normal(1, 0.03, len(HEIGHTS))
    edges = np.concatenate([[0.0], np.cumsum(heights)])
    low, high = edges[NAMES.index("S1")] + 10, edges[NAMES.index("S3")]
    return Body(shape, edges, float(rng.triangular(low, 0.5 * (low + high) + 4, high)))


def grid() -> tuple[Floats, Floats, Floats]:
    """Return the middles of voxels: x, y, z (z downward)."""
    x = np.arange(-HALF[0], HALF[0] + 1, STEP)
    y = np.arange(-HALF[1], HALF[1] + 1, STEP)
    z = np.arange(TALL / 2, -TALL / 2, -STEP)
    return x, y, z


def taking(body: Body) -> Floats:
    """Return attenuation, 1/mm, shape (z, y, x)."""
    x, y, z = grid()
    line = body.line
    order = np.argsort(line[:, 2])
    cx, cy = (np.interp(z, line[order, 2], line[order, i]) for i in (0, 1))
    neck = body.place(body.level("T1", 0.0))[2]
    wide = body.shape.wide * np.where(z > neck, 0.42, 1.0)
    deep = body.shape.deep * np.where(z > neck + 60, 0.9, np.where(z > neck, 0.62, 1.0))
    back = cy + 0.52 * deep
    front = back - 2 * deep
    mid = 0.5 * (back + front)
    u = (x[None, None] - 0.2 * cx[:, None, None]) / wide[:, None, None]
    v = (y[None, :, None] - mid[:, None, None]) / deep[:, None, None]
    mu = np.where(u**2 + v**2 <= 1, TISSUE, 0.0)
    top, low = (body.place(body.level(name, 0.5))[2] for name in ("T2", "T10"))
    h = (z - 0.5 * (top + low)) / (0.5 * (top - low) + 1)
    for side in (-1, 1):
        lung = ((u - 0.45 * side) / 0.36) ** 2 + (v / 0.75) ** 2 + h[:, None, None] ** 2 <= 1
        mu = np.where(lung & (mu > 0), LUNG, mu)
    bone = (x[None, None] - cx[:, None, None]) ** 2 / 20**2 + (
        y[None, :, None] - cy[:, None, None] + 22
    ) ** 2 / 16**2 <= 1
    return np.asarray(np.where(bone & (mu > 0), BONE, mu))
