"""The spine as a bent ribbon: vertebrae, centreline, sac and cord calibre, roots.

Everything along the spine is a table over ``s``, the distance in mm along the sac's axis from
the top of C1 downward. Beside it, ``u`` counts mm to the patient's left and ``w`` mm to posterior.
Patient coordinates are DICOM LPS.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

Floats = NDArray[np.float64]

STEP = 0.5
"""Step of the tables along ``s``, mm."""
ABOVE, BELOW = 45.0, 40.0
"""How far the tables go on above C1 and below the sac's end, mm."""
SIDES = (("left", 1), ("right", -1))

HEIGHTS = {
    "C": (22.0, 18.5, 17.0, 16.5, 16.0, 16.5, 18.0),
    "T": (21.5, 22.5, 23.5, 24.5, 25.0, 25.5, 26.0, 27.0, 28.0, 29.0, 30.5, 31.5),
    "L": (33.0, 34.5, 35.0, 35.0, 34.0),
    "S": (31.0, 27.0, 23.0, 20.0, 16.0),
}
"""Height of a level with its disc, mm, before the person's scale."""
SAC_WIDTH = {
    "C": (22.5, 21.0, 19.2, 18.5, 18.6, 18.2, 17.5),
    "T": (15.6, 14.6, 14.1, 13.8, 13.6, 13.5, 13.5, 13.7, 14.0, 14.5, 15.8, 17.5),
    "L": (20.3, 20.6, 20.0, 19.0, 17.8),
    "S": (14.5, 11.5, 8.0, 6.0, 5.0),
}
SAC_DEPTH = {
    "C": (16.0, 14.5, 13.0, 12.6, 12.4, 12.3, 12.5),
    "T": (12.6, 12.5, 12.4, 12.4, 12.5, 12.6, 12.8, 13.0, 13.3, 13.8, 14.5, 15.3),
    "L": (16.3, 16.0, 15.3, 14.6, 13.6),
    "S": (10.8, 8.5, 6.0, 5.0, 4.0),
}
CORD_WIDTH = {
    "C": (11.4, 11.6, 12.0, 12.7, 12.6, 12.0, 10.6),
    "T": (9.2, 8.6, 8.3, 8.0, 7.8, 7.7, 7.7, 7.8, 7.9, 8.2, 8.7, 8.2),
    "L": (4.5, 0.5, 0.1, 0.1, 0.1),
    "S": (0.1, 0.1, 0.1, 0.1, 0.1),
}
ANGLE = {
    "C": (86.0, 88.0, 86.0, 84.0, 80.0, 74.0, 68.0, 62.0),
    "T": (58.0, 56.0, 56.0, 56.0, 57.0, 57.0, 57.0, 56.0, 54.0, 51.0, 48.0, 44.0),
    "L": (40.0, 36.0, 33.0, 30.0, 26.0),
    "S": (20.0, 17.0, 14.0, 12.0, 10.0),
}
"""Angle between a root and the downward axis, degrees: level in the neck, steep at S1."""
LENGTH = {
    "C": (3.0, 3.2, 4.0, 4.4, 4.8, 5.0, 5.0, 4.6),
    "T": (4.0, 3.4, 3.2, 3.2, 3.4, 3.6, 3.8, 4.0, 4.4, 4.8, 5.6, 7.0),
    "L": (8.5, 10.0, 12.0, 14.0, 16.0),
    "S": (18.0, 12.0, 8.0, 5.0, 4.0),
}
"""Length of a sleeve along its root, mm."""
LIFT = {"C": 1.0, "T": 4.0, "L": 11.0, "S": 17.0}
"""How far above the disc a root leaves the sac, mm."""


@dataclass(frozen=True, slots=True)
class Root:
    """One root of one side: where it leaves the sac and its normal sleeve.

    ``sign`` is +1 on the patient's left; ``angle_deg`` is measured from the downward axis;
    ``tip_mm`` is how far the normal sleeve reaches from the sac's edge, across the axis.
    """

    segment: str
    region: str
    side: str
    sign: int
    s_mm: float
    angle_deg: float
    length_mm: float
    radius_mm: float
    tip_mm: float
    level_mm: float
    flare: float


@dataclass(frozen=True, slots=True, eq=False)
class Spine:
    """Tables over ``s`` (all of one length), the sac's end and the roots.

    ``centre`` has shape (n, 3), LPS mm; ``turn`` is the axial rotation in radians.
    """

    thoracic: int
    lumbar: int
    s: Floats
    centre: Floats
    width: Floats
    depth: Floats
    turn: Floats
    cord_width: Floats
    cord_shift: Floats
    conus_mm: float
    end_mm: float
    discs: tuple[tuple[str, float], ...]
    roots: tuple[Root, ...]

    def row(self, s_mm: float) -> int:
        """Return the table row of a position along the axis."""
        return int(np.clip(round((s_mm - self.s[0]) / STEP), 0, len(self.s) - 1))

    def half(self, s_mm: float) -> float:
        """Return half the sac's width at a position, mm."""
        return float(self.width[self.row(s_mm)]) / 2


def region_of(segment: str, thoracic: int) -> str:
    """Return the region of a root: C8 is thoracic, the last thoracic root lumbar."""
    letter, number = segment[0], int(segment[1:])
    if letter == "C":
        return "thoracic" if number == 8 else "cervical"
    return "thoracic" if letter == "T" and number < thoracic else "lumbar"


def smooth_noise(rng: np.random.Generator, n: int, length: float) -> Floats:
    """Return a random curve of unit spread over ``n`` samples, smooth over ``length`` samples."""
    wave = gaussian_filter1d(rng.normal(size=n + int(6 * length)), length)[int(3 * length) :][:n]
    return np.asarray(wave / (np.std(wave) + 1e-9), dtype=np.float64)


def _stretch(values: tuple[float, ...], count: int) -> list[float]:
    """Return a table resampled to another number of vertebrae."""
    at = np.linspace(0, len(values) - 1, count)
    return [float(v) for v in np.interp(at, np.arange(len(values)), values)]


def _column(table: dict[str, tuple[float, ...]], counts: dict[str, int]) -> Floats:
    """Return one table over all vertebrae, from C1 downward."""
    return np.array([v for letter, n in counts.items() for v in _stretch(table[letter], n)])


def grow(rng: np.random.Generator) -> Spine:
    """Return the spine of a new person."""
    kind = rng.random()
    thoracic, lumbar = (11, 5) if kind < 0.02 else (13, 5) if kind < 0.04 else (12, 5)
    lumbar = 6 if 0.04 <= kind < 0.08 else 4 if 0.08 <= kind < 0.11 else lumbar
    counts = {"C": 7, "T": thoracic, "L": lumbar, "S": 5}
    heights = _column(HEIGHTS, counts) * np.clip(rng.normal(0.915, 0.045), 0.80, 1.02)
    heights *= rng.normal(1.0, 0.02, len(heights))
    ends = np.cumsum(heights)
    names = [f"{letter}{i + 1}" for letter, n in counts.items() for i in range(n)]
    end = float(ends[names.index("S2")] + rng.uniform(-0.9, 0.7) * heights[-4])
    s = np.arange(-ABOVE, end + BELOW, STEP)
    centre, turn = _bend(rng, s, ends, counts)
    width, depth = _calibre(rng, s, (ends - heights / 2, ends), end, counts)
    conus = float(ends[names.index("L1")] + rng.normal(0, 9.0))
    cord = np.interp(s, ends - heights / 2, _column(CORD_WIDTH, counts) * rng.normal(1.0, 0.07))
    cord *= np.clip((conus - s) / rng.uniform(28, 45), 0, 1) ** 0.75
    cord = np.minimum(cord * (1 + np.clip(-s - 4, 0, 25) / 40), 0.86 * width)
    roots = _roots(rng, (heights, ends), counts)
    bow = -np.gradient(gaussian_filter1d(np.gradient(centre[:, 0]), 20))
    shift = np.clip(bow * 900, -1.6, 1.6) + 0.5 * smooth_noise(rng, len(s), 60)
    discs = tuple(zip(names, (float(e) for e in ends), strict=True))
    return Spine(
        thoracic, lumbar, s, centre, width, depth, turn, cord, shift, conus, end, discs, roots
    )


def _bend(
    rng: np.random.Generator, s: Floats, ends: Floats, counts: dict[str, int]
) -> tuple[Floats, Floats]:
    """Return the centreline (n, 3), LPS mm, and the axial rotation."""
    neck, back = ends[6], ends[6 + counts["T"]]
    low = ends[6 + counts["T"] + counts["L"]]
    knots = [-30, 0.5 * neck, neck, 0.5 * (neck + back), back, 0.5 * (back + low), low, low + 70]
    kypho, lordo, neck_bow = rng.normal(17, 6), rng.normal(13, 5), rng.normal(7, 4)
    drop = rng.uniform(14, 36)
    lean = [0.0, -neck_bow, 0.0, kypho, 4.0, -lordo, -2.0, drop]
    fine = np.interp(s, knots, lean)
    y = gaussian_filter1d(fine, 34 / STEP, mode="nearest")
    scoliotic = rng.random()
    size = rng.uniform(9, 26) if scoliotic < 0.2 else rng.uniform(0.5, 6)
    wave = smooth_noise(rng, len(s), rng.uniform(55, 120) / STEP)
    x = size * (wave - np.mean(wave)) / 1.6 + rng.uniform(0, 0.35) * smooth_noise(rng, len(s), 28)
    x += np.tan(np.radians(rng.normal(0, 1.6))) * (s - np.mean(s))
    slope = np.hypot(np.gradient(x, STEP), np.gradient(y, STEP))
    z = -np.cumsum(np.sqrt(np.clip(1 - slope**2, 0.3, 1))) * STEP
    z -= 0.5 * (z[0] + z[-1])
    turn = np.radians(rng.normal(0, 3.5)) + 0.012 * (x - np.mean(x)) * rng.uniform(0.2, 1.2)
    return np.stack([x, y, z], axis=1), np.clip(turn, -0.45, 0.45)


def _calibre(
    rng: np.random.Generator,
    s: Floats,
    levels: tuple[Floats, Floats],
    end: float,
    counts: dict[str, int],
) -> tuple[Floats, Floats]:
    """Return the sac's width and depth: personal scale, waists at worn discs, taper at the end."""
    mids, ends = levels
    big, deep = rng.normal(1.0, 0.07), rng.normal(1.0, 0.08)
    wide = np.interp(s, mids, _column(SAC_WIDTH, counts)) * big
    thick = np.interp(s, mids, _column(SAC_DEPTH, counts)) * deep
    wide = gaussian_filter1d(wide, 8 / STEP) + 0.3 * smooth_noise(rng, len(s), 14)
    thick = gaussian_filter1d(thick, 8 / STEP) + 0.3 * smooth_noise(rng, len(s), 14)
    worn = rng.beta(1.0, 4.0, len(ends)) * (1.6 if rng.random() < 0.3 else 0.8)
    for k in [3, 4, 5, *range(len(ends) - 9, len(ends) - 5)]:
        waist = np.exp(-(((s - ends[k]) / rng.uniform(4, 7)) ** 2))
        wide *= 1 - 0.16 * worn[k] * waist
        thick *= 1 - np.minimum(0.6 * worn[k], 0.85) * waist
    taper = np.sqrt(np.clip((end - s) / rng.uniform(14, 34), 0, 1))
    scallop = 1 + 0.02 * rng.random() * np.cos(2 * np.pi * np.interp(s, ends, np.arange(len(ends))))
    above = np.clip(-s - 4, 0, None)
    flare = (1 + above / 45) * np.sqrt(np.clip(1 - (above / rng.uniform(27, 36)) ** 4, 0, 1))
    return wide * taper * scallop * flare, np.maximum(thick * taper * flare, 0.05)


def _roots(
    rng: np.random.Generator, levels: tuple[Floats, Floats], counts: dict[str, int]
) -> tuple[Root, ...]:
    """Return all roots of both sides, with the wide side differences of normal people."""
    heights, ends = levels
    nerve = {"C": 8, "T": counts["T"], "L": counts["L"], "S": 4}
    exits = [0.0, *ends]
    long, fat, uneven = rng.normal(1.0, 0.2), rng.normal(1.1, 0.16), rng.uniform(0.08, 0.4)
    flare = rng.uniform(0.6, 1.5)
    rows: list[Root] = []
    for letter, n in nerve.items():
        angles, lengths = _stretch(ANGLE[letter], n), _stretch(LENGTH[letter], n)
        for i in range(n):
            own = lengths[i] * long * rng.lognormal(0, 0.12)
            where = (exits[len(rows) // 2], float(heights[min(len(rows) // 2, len(heights) - 1)]))
            name = f"{letter}{i + 1}"
            region = region_of(name, counts["T"])
            habit = (angles[i], own, fat, flare, uneven)
            rows += [_root(rng, (name, region), where, side, habit) for side in SIDES]
    return tuple(rows)


def _root(
    rng: np.random.Generator,
    name: tuple[str, str],
    where: tuple[float, float],
    side: tuple[str, int],
    habit: tuple[float, float, float, float, float],
) -> Root:
    """Return one side's root; ``where``: disc and level height, ``habit``: the level's usual."""
    usual_angle, usual_length, fat, flare, uneven = habit
    letter = name[0][0]
    length = float(usual_length * np.clip(rng.lognormal(0, uneven), 0.3, 1.9))
    angle = float(np.clip(usual_angle + rng.normal(0, 5), 8, 97))
    radius = float((1.15 if letter in "CT" else 1.35) * fat * rng.lognormal(0, 0.14))
    return Root(
        segment=name[0],
        region=name[1],
        side=side[0],
        sign=side[1],
        s_mm=float(where[0] - LIFT[letter] * rng.uniform(0.75, 1.25) + rng.normal(0, 0.8)),
        angle_deg=angle,
        length_mm=length,
        radius_mm=radius,
        tip_mm=max(length * float(np.sin(np.radians(angle))) + 0.25 * radius, 0.5),
        level_mm=where[1],
        flare=float(flare * rng.lognormal(0, 0.15)),
    )
