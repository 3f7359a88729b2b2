"""The spine as an axis in space with widths along it, and roots that leave it.

Positions along the axis are ``s`` in mm, 0 at the upper edge of C1, growing downward; arrays
have a sample each ``STEP`` mm from ``START`` on. Space is LPS mm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator

from benchmarks.strangers.g.fields import Array, Rng, course, spread
from benchmarks.strangers.g.person import Person

STEP = 0.5
START = -80.0
SIDES = (1, -1)
"""Left and right: the sign of the LPS x axis."""

HEIGHTS = {"C": (23.0, 17.0, 16.5, 16.0, 16.0, 16.5, 18.0), "S": (30.0, 25.0, 21.0, 18.0, 15.0)}
"""Heights of a vertebra with its disc, mm (ANATOMY: PAM50 template; sacrum an estimate)."""
WIDTHS = {
    "C1": 22.8, "C2": 21.0, "C3": 19.6, "C4": 18.8, "C7": 17.6, "T1": 15.9, "T4": 14.1,
    "T9": 14.1, "T11": 15.6, "T12": 17.2, "L1": 19.6, "L3": 20.0, "L4": 19.2, "L5": 17.8,
    "S1": 15.0, "S2": 11.0, "S5": 8.0,
}  # fmt: skip
"""Left to right inside the dura, mm (ANATOMY: PAM50 template; below L1 an estimate)."""
DEPTHS = {
    "C1": 14.5,
    "C4": 12.6,
    "C7": 12.4,
    "T3": 12.5,
    "T9": 12.8,
    "L1": 14.5,
    "L4": 13.5,
    "S1": 10,
}
"""Front to back inside the dura, mm."""
BACKWARD = {
    "C1": -2, "C4": -9, "C7": -3, "T2": 6, "T6": 20, "T9": 18, "T12": 5, "L2": -9, "L4": -12,
    "L5": -6, "S1": 6, "S2": 20, "S4": 36,
}  # fmt: skip
"""Where the canal lies front to back in a person on the back, mm (estimate)."""
CORD = {"C1": 5.6, "C3": 6.0, "C5": 6.8, "C7": 6.0, "T2": 4.6, "T8": 4.2, "T11": 4.8}
"""Half the cord's width, mm."""
REACH = {"C": 4.2, "C8": 4.8, "T": 4.4, "T11": 5.2, "T12": 6.2, "L1": 7.6, "L2": 8.8, "L3": 10.2,
         "L4": 11.5, "L5": 12.5, "L6": 12.5, "S1": 11.5, "S2": 7.0, "S": 3.0}  # fmt: skip
"""How far a usual sleeve reaches beside the sac, mm (ANATOMY: Hasegawa 1996 and estimate)."""
DROP = {"C": 16, "C7": 26, "C8": 32, "T": 36, "T11": 42, "T12": 47, "L1": 52, "L2": 55, "L3": 57,
        "L4": 59, "L5": 62, "L6": 63, "S1": 68, "S2": 70, "S": 72}  # fmt: skip
"""Angle of a usual sleeve below the level, degrees."""


@dataclass(frozen=True, slots=True)
class Root:
    """A root's normal sleeve on one side.

    ``s_mm`` is where it leaves the sac, ``reach_mm`` how far beside the sac it ends, ``slope``
    the way down per way out, ``wide_mm`` and ``tip_mm`` its half-widths at mouth and tip,
    ``light`` how much of it is fluid, ``bulb`` a swelling of its end.
    """

    segment: str
    region: str
    sign: int
    s_mm: float
    reach_mm: float
    slope: float
    wide_mm: float
    tip_mm: float
    light: float
    bulb: float


@dataclass(frozen=True, slots=True)
class Spine:
    """Axis, widths and roots; arrays along ``s``; ``half`` has rows left and right."""

    person: Person
    s: Array
    points: Array
    half: Array
    deep: Array
    cord: Array
    cord_shift: Array
    lean: Array
    discs: Array
    conus_mm: float
    end_mm: float
    roots: tuple[Root, ...]

    def row(self, s_mm: float) -> int:
        """Return the sample nearest to a position on the axis."""
        return int(np.clip(round((s_mm - START) / STEP), 0, len(self.s) - 1))

    def edge(self, s_mm: float, sign: int) -> float:
        """Return the distance of the sac's edge from the axis, mm."""
        return float(self.half[0 if sign > 0 else 1, self.row(s_mm)])

    def width(self, s_mm: float) -> float:
        """Return the sac's width, mm."""
        return float(self.half[:, self.row(s_mm)].sum())


def _looked_up(table: Mapping[str, float], segment: str) -> float:
    return table[segment] if segment in table else table[segment[0]]


def _names(person: Person) -> list[str]:
    counts = (("C", 7), ("T", person.thoracic), ("L", person.lumbar), ("S", 5))
    return [f"{letter}{k + 1}" for letter, count in counts for k in range(count)]


def _levels(rng: Rng, person: Person) -> dict[str, tuple[float, float]]:
    """Return upper and lower edge of each vertebra (disc below included)."""
    thoracic = np.linspace(21.5, 31.0, person.thoracic)
    lumbar = np.linspace(32.5, 34.5, person.lumbar)
    heights = np.concatenate([HEIGHTS["C"], thoracic, lumbar, HEIGHTS["S"]])
    heights *= person.scale * np.exp(0.022 * person.uneven * rng.standard_normal(len(heights)))
    edges = np.concatenate([[0.0], np.cumsum(heights)])
    return {name: (edges[k], edges[k + 1]) for k, name in enumerate(_names(person))}


def _along(levels: dict[str, tuple[float, float]], table: Mapping[str, float], s: Array) -> Array:
    """Return a table by vertebra as a smooth curve along the axis, constant beyond its ends."""
    known = [(np.mean(levels[name]), value) for name, value in table.items() if name in levels]
    where, value = np.array(sorted(known)).T
    curve = PchipInterpolator(where, value)(np.clip(s, where[0], where[-1]))
    return np.asarray(curve, dtype=np.float32)


def _axis(rng: Rng, person: Person, levels: dict[str, tuple[float, float]], s: Array) -> Array:
    """Return the axis in space: bends to the sides, kyphosis and lordosis, small wobbles."""
    count = len(s)
    x = 0.8 * course(rng, count, 90 / STEP) + s * np.float32(rng.normal(0, 0.012))
    middle, long = rng.uniform(180, 420), rng.uniform(110, 220)
    swing = np.cos(2 * np.pi * (s - middle) / (2.2 * long))
    x += rng.choice(SIDES) * person.bend_mm * swing * np.exp(-(((s - middle) / long) ** 2))
    y = person.curve * _along(levels, BACKWARD, s) + 1.0 * course(rng, count, 70 / STEP)
    slope = np.clip(np.hypot(np.gradient(x, STEP), np.gradient(y, STEP)), 0, 0.85)
    z = -np.cumsum(np.sqrt(1 - slope**2)) * STEP
    z -= z[np.searchsorted(s, levels["T8"][0])] + np.float32(rng.uniform(-40, 40))
    return np.stack([x, y, z], axis=1).astype(np.float32)


def _wear(rng: Rng, person: Person, discs: Array, s: Array) -> tuple[Array, Array, Array]:
    """Return what discs, stenoses and operations make of left, right half-width and depth."""
    sides, depth = np.ones((2, len(s)), np.float32), np.ones(len(s), np.float32)
    for disc in discs:
        if rng.random() > 0.2 + 0.6 * person.wear:
            continue
        deep = person.wear * float(rng.beta(1.5, 3))
        notch = np.exp(-0.5 * ((s - disc - rng.normal(0, 1.5)) / rng.uniform(2.0, 5.0)) ** 2)
        depth *= 1 - 0.75 * deep * notch
        sides[0] *= 1 - deep * rng.uniform(0, 0.4) * notch
        sides[1] *= 1 - deep * rng.uniform(0, 0.4) * notch
    if person.operated:
        place, long = rng.choice(discs[-5:]), rng.uniform(9, 25)
        bump = np.exp(-0.5 * ((s - place) / long) ** 2)
        factor = rng.choice([-0.25, 0.2, 0.3])
        sides *= 1 + factor * bump
        depth *= 1 + 0.5 * factor * bump
    return sides[0], sides[1], depth


def _roots(rng: Rng, person: Person, levels: dict[str, tuple[float, float]]) -> list[Root]:
    """Return the sleeves of all roots, left and right of one after the other."""
    roots, uneven = [], person.uneven
    names = [f"C{k}" for k in range(1, 9)] + [n for n in _names(person) if n[0] != "C"]
    flare, drift = spread(rng, 0.2), course(rng, len(names), 3.0)
    for number, name in enumerate(names):
        host = "C7" if name == "C8" else name
        upper, lower = levels[host]
        cervical = name[0] == "C" and name != "C8"
        level = (lower - upper) * (0.08 if name[0] == "C" else 0.22 if name[0] == "T" else 0.36)
        s_mm = (upper if cervical else lower) - level + rng.normal(0, 0.9 * uneven**0.5)
        number_t = int(name[1:]) if name[0] == "T" else 0
        low = name[0] in "LS" or number_t == person.thoracic
        region = "cervical" if cervical else "lumbar" if low else "thoracic"
        common = person.sleeves * spread(rng, 0.1 * uneven) * np.exp(0.1 * uneven * drift[number])
        wide = (2.6 if name[0] == "C" else 2.0 if name[0] == "T" else 3.0) * flare
        for sign in SIDES:
            reach = _looked_up(REACH, name) * common * spread(rng, 0.11 * uneven)
            angle = _looked_up(DROP, name) + rng.normal(0, 3 + 3 * uneven)
            roots.append(
                Root(
                    segment=name,
                    region=region,
                    sign=sign,
                    s_mm=float(s_mm + rng.normal(0, 0.7 * uneven)),
                    reach_mm=float(np.clip(reach, 1.5, 24)),
                    slope=float(np.tan(np.radians(np.clip(angle, -8, 72)))),
                    wide_mm=float(wide * spread(rng, 0.14 * uneven)),
                    tip_mm=float(rng.uniform(0.45, 1.1)),
                    light=float(np.clip(person.sleeve_light * spread(rng, 0.2 * uneven), 0.2, 1)),
                    bulb=float(rng.uniform(0.4, 1.3) if rng.random() < 0.07 * uneven else 0),
                )
            )
    return roots


def make_spine(rng: Rng, person: Person) -> Spine:
    """Return the spine of a person."""
    levels = _levels(rng, person)
    s = np.arange(START, levels["S5"][1] + 30, STEP, dtype=np.float32)
    count, last_l = len(s), f"L{person.lumbar}"
    discs = np.array([low for name, (_, low) in levels.items() if name[0] != "S" and name > "C2"])
    end = float(np.clip(rng.normal(np.mean(levels["S2"]), 13), levels[last_l][1], levels["S3"][1]))
    left, right, worn = _wear(rng, person, discs, s)
    width = 0.5 * person.width * _along(levels, WIDTHS, s)
    width *= np.exp(0.035 * person.uneven * course(rng, count, 18 / STEP))
    width += np.clip(-s, 0, 20) * 0.2
    taper = np.clip((s - end) / rng.uniform(28, 60) + 1, 0, 1)
    width *= np.sqrt(np.clip(1 - taper ** rng.uniform(1.6, 3.0), 0, 1))
    lop = 0.04 * person.uneven * course(rng, count, 25 / STEP)
    half = np.stack([width * left * (1 + lop), width * right * (1 - lop)])
    deep = 0.5 * person.width**0.5 * _along(levels, DEPTHS, s) * worn
    deep *= np.exp(0.06 * course(rng, count, 20 / STEP)) * np.sqrt(np.clip(1 - taper**3, 0, 1))
    conus = float(rng.normal(np.mean(levels["L1"]), 15))
    ending = np.clip((conus - s) / rng.uniform(22, 40), 0, 1) ** 0.6
    cord = spread(rng, 0.06) * _along(levels, CORD, s) * ending
    shift = 0.7 * person.uneven**0.5 * course(rng, count, 40 / STEP)
    roots = [r for r in _roots(rng, person, levels) if r.s_mm < end - 4]
    return Spine(
        person=person,
        s=s,
        points=_axis(rng, person, levels, s),
        half=half.astype(np.float32),
        deep=deep.astype(np.float32),
        cord=np.minimum(cord, 0.72 * width).astype(np.float32),
        cord_shift=shift.astype(np.float32),
        lean=(-0.15 + 0.3 * np.stack([course(rng, count, 120), course(rng, count, 120)])),
        discs=discs.astype(np.float32),
        conus_mm=conus,
        end_mm=end,
        roots=tuple(roots),
    )
