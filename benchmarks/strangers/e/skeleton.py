"""The spine of one person: levels, the sac's course and size, the cord, roots and their sleeves.

Rows are millimetres downward from the foramen magnum, one voxel each. A place beside the axis is
``u`` (to the patient's left), ``v`` (to the back) and a row, in mm; the body is sheared so that
``u = v = 0`` is the axis of the sac in every row.

Widths of sac and cord: PAM50 template and 203 canals; heights: PAM50 template; the sac's end:
Park 1996; sleeves' course: Hasegawa 1996 and estimates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import gaussian_filter1d

Row = NDArray[np.float64]
"""A value for each row."""
ABOVE, BELOW = 26, 40
"""Rows above the first vertebra and below the last."""
SIDES = ((1, "left"), (-1, "right"))
WIDTHS = {
    "C1": 22.5, "C2": 20.6, "C4": 18.6, "C7": 17.5, "T1": 15.6, "T4": 13.6, "T10": 14.4,
    "T12": 17.5, "L1": 20.0, "L2": 19.2, "L4": 17.2, "L5": 15.6, "S1": 12.4, "S3": 9.5,
}  # fmt: skip
DEPTHS = {"C1": 15.0, "C3": 11.8, "C6": 11.6, "T2": 12.6, "T8": 12.8, "T12": 14.6, "L3": 14.4,
          "L5": 13.2, "S1": 11.0, "S3": 8.0}  # fmt: skip
CORD_WIDTHS = {"C1": 12.0, "C5": 13.2, "C7": 11.9, "T2": 9.2, "T7": 8.0, "T11": 8.8, "T12": 8.2}
CORD_DEPTHS = {"C1": 9.0, "C5": 7.0, "T2": 6.4, "T7": 6.0, "T11": 6.8, "T12": 6.0}
COURSE = {"C1": 2.0, "C4": -4.0, "C7": 0.0, "T3": 9.0, "T7": 13.0, "T11": 7.0, "L1": 2.0,
          "L3": -6.0, "L5": -3.0, "S1": 3.0, "S3": 16.0}  # fmt: skip
"""How far behind a straight line the canal runs, mm: lordosis and kyphosis."""
RISE = {"T12": 0.28, "L1": 0.36, "L2": 0.42, "L3": 0.5, "L4": 0.58, "L5": 0.7}
"""How far above its vertebra's lower edge a root leaves the sac, in the vertebra's heights."""
ANGLES = {"C": (68, 84), "T": (50, 70), "L": (26, 44), "S": (14, 24)}
"""Between a sleeve and the axis, degrees."""
LENGTHS = {"C": (3.0, 6.5), "T": (3.2, 7.0), "L": (9.0, 18.0), "S": (13.0, 24.0)}
"""Of a sleeve along the root, mm."""


@dataclass(frozen=True, slots=True)
class Root:
    """A root and its normal sleeve: where it leaves, its course, size and how much is fluid."""

    segment: str
    side: str
    sign: int
    region: str
    row: float
    angle: float
    length: float
    mouth: float
    tip: float
    ventral: float
    fluid: float

    @property
    def lateral(self) -> float:
        """Return how far the sleeve's tip lies beside its mouth, mm."""
        return float(self.length * np.sin(self.angle))


@dataclass(frozen=True, slots=True)
class Vertebra:
    """A vertebra's name and its rows."""

    name: str
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Spine:
    """What is known of a spine in each row (n,), mm, LPS; half sizes of sac and cord."""

    thoracic: int
    lumbar: int
    vertebrae: tuple[Vertebra, ...]
    roots: tuple[Root, ...]
    x: Row
    y: Row
    z: Row
    half_width: Row
    half_depth: Row
    cord_width: Row
    cord_depth: Row
    cord_v: Row
    cosine: Row
    conus: float
    end: float

    @property
    def rows(self) -> int:
        """Return the number of rows."""
        return len(self.z)

    def at(self, values: Row, row: float) -> float:
        """Return a value between rows; beyond the first or last, that row's."""
        first = int(min(max(row, 0), len(values) - 2))
        share = min(max(row - first, 0), 1)
        return float(values[first] * (1 - share) + values[first + 1] * share)

    def middle(self, name: str) -> float:
        """Return the row of a vertebra's middle; of the nearest that this spine has."""
        found = {v.name: (v.top + v.bottom) / 2 for v in self.vertebrae}
        while name not in found:
            name = f"{name[0]}{int(name[1:]) - 1}"
        return found[name]


def region_of(segment: str, thoracic: int) -> str:
    """Return the region that a root is graded in, by the junction rule."""
    letter, number = segment[0], int(segment[1:])
    if letter == "C":
        return "thoracic" if number == 8 else "cervical"
    return "thoracic" if letter == "T" and number < thoracic else "lumbar"


def _heights(thoracic: int, lumbar: int) -> dict[str, float]:
    """Return each vertebra's height with its disc, mm, in a straight spine of common stature."""
    heights = {"C1": 21.0, "C2": 18.5}
    heights |= {f"C{k}": 15.6 + 0.4 * (k - 3) for k in range(3, 8)}
    heights |= {f"T{k + 1}": h for k, h in enumerate(np.linspace(20.5, 31.0, thoracic))}
    heights |= {f"L{k + 1}": h for k, h in enumerate(np.linspace(33.0, 35.0, lumbar))}
    return heights | {"S1": 30.0, "S2": 25.0, "S3": 21.0, "S4": 18.0, "S5": 15.0}


def _stack(rng: np.random.Generator, thoracic: int, lumbar: int) -> tuple[Vertebra, ...]:
    stature = float(np.clip(rng.normal(0.89, 0.037), 0.79, 0.99))
    trunk = float(rng.normal(1.0, 0.03))
    vertebrae, top = [], float(ABOVE)
    for name, height in _heights(thoracic, lumbar).items():
        share = {"C": trunk, "L": 2 - trunk}.get(name[0], 1.0)
        bottom = top + height * stature * share * float(rng.normal(1.0, 0.025))
        vertebrae.append(Vertebra(name, top, bottom))
        top = bottom
    return tuple(vertebrae)


def _through(stack: tuple[Vertebra, ...], table: dict[str, float], count: int) -> Row:
    """Return a table of values by vertebra as a smooth course over all rows."""
    known = {v.name: (v.top + v.bottom) / 2 for v in stack}
    pairs = sorted((known[name], value) for name, value in table.items() if name in known)
    rows, values = zip(*pairs, strict=True)
    course = PchipInterpolator(rows, values, extrapolate=False)(np.arange(count))
    inside = np.clip(np.arange(count), rows[0], rows[-1]).astype(int) - int(rows[0])
    filled = course[int(np.ceil(rows[0])) : int(rows[-1]) + 1]
    return np.asarray(filled[np.clip(inside, 0, len(filled) - 1)], dtype=np.float64)


def wander(rng: np.random.Generator, count: int, scale: float, size: float) -> Row:
    """Return a smooth random course of so many rows, of unit steps ``scale`` rows wide."""
    course = gaussian_filter1d(rng.standard_normal(count + 8 * int(scale)), scale)
    course = course[4 * int(scale) :][:count]
    return np.asarray(size * course / (course.std() + 1e-9), dtype=np.float64)


def _sac(
    rng: np.random.Generator, stack: tuple[Vertebra, ...], count: int, end: float
) -> tuple[Row, Row]:
    """Return half widths and half depths: discs and age narrow them, the end tapers."""
    rows = np.arange(count)
    wide, deep = (_through(stack, table, count) / 2 for table in (WIDTHS, DEPTHS))
    wide = wide * np.clip(rng.normal(1, 0.075), 0.82, 1.2)
    deep = deep * np.clip(rng.normal(1, 0.08), 0.8, 1.2)
    wide *= 1 + wander(rng, count, 11, 0.02) + wander(rng, count, 60, 0.035)
    deep *= 1 + wander(rng, count, 9, 0.03)
    lumbar = rng.uniform(0.0, 0.07)
    for vertebra in stack[1:]:
        dent = np.exp(-(((rows - vertebra.bottom) / 4.5) ** 2))
        narrow = rng.uniform(0.2, 0.4) if rng.random() < 0.012 else 0.0
        low = vertebra.name[0] == "L"
        wide *= 1 - dent * (narrow + (lumbar if low else 0.01))
        deep *= 1 - dent * (narrow + rng.uniform(0.03, 0.16))
    above = np.clip((ABOVE + 8 - rows) / (ABOVE + 8), 0, 1) ** 1.6
    wide, deep = wide * (1 + rng.uniform(0.2, 0.5) * above), deep * (1 + 0.25 * above)
    left = np.clip((end - rows) / rng.uniform(18, 42), 0, 1)
    taper = np.sqrt(1 - (1 - left) ** 2) if rng.random() < 0.6 else left**0.7
    return wide * taper, deep * np.maximum(taper, 0) ** 0.8


def _sleeves(
    rng: np.random.Generator, stack: tuple[Vertebra, ...], thoracic: int, end: float
) -> tuple[Root, ...]:
    """Return the roots of both sides from C2 to the last that the sac reaches."""
    size, slant = rng.normal(1.0, 0.14), rng.normal(0, 4)
    rich = rng.random() < 0.22
    share = rng.uniform(0.45, 0.9)
    roots = []
    for segment, row in _exits(rng, stack):
        letter, number = segment[0], int(segment[1:])
        if row > end - 6:
            continue
        low, high = LENGTHS[letter]
        level = min(1.0, (number - 1) / 4) if letter == "L" else rng.uniform(0.2, 0.8)
        base, steep = low + (high - low) * level, ANGLES[letter]
        degrees = steep[1] - (steep[1] - steep[0]) * (level if letter == "L" else rng.random())
        for sign, side in SIDES:
            long = base * size * rng.lognormal(0, 0.22) * (0.5 if rng.random() < 0.06 else 1.0)
            big = rich and rng.random() < 0.35
            long *= rng.uniform(1.25, 1.8) if big else 1.0
            mouth = rng.uniform(1.6, 2.4) + (0.5 if letter in "LS" else 0.0)
            roots.append(
                Root(
                    segment=segment,
                    side=side,
                    sign=sign,
                    region=region_of(segment, thoracic),
                    row=row + rng.normal(0, 0.9),
                    angle=float(np.radians(degrees + slant + rng.normal(0, 3))),
                    length=float(long),
                    mouth=float(mouth * (1.3 if big else 1.0)),
                    tip=float(rng.uniform(0.35, 0.9) * (1.5 if big else 1.0)),
                    ventral=float(rng.uniform(0.05, 0.35)),
                    fluid=float(np.clip(share * rng.lognormal(0, 0.2), 0.2, 1.0)),
                )
            )
    return tuple(roots)


def _exits(rng: np.random.Generator, stack: tuple[Vertebra, ...]) -> list[tuple[str, float]]:
    """Return each root's name and the row at which its sleeve leaves the sac."""
    exits = []
    rise = rng.normal(1.0, 0.1)
    for above in stack[:-1]:
        letter, height = above.name[0], above.bottom - above.top
        if letter == "C":
            number = int(above.name[1:]) + 1
            exits.append((f"C{number}", above.bottom - 0.12 * height))
            continue
        share = RISE.get(above.name, {"T": 0.2, "L": 0.72, "S": 1.02}[letter])
        exits.append((above.name, above.bottom - share * height * rise))
    return exits


def make_spine(rng: np.random.Generator) -> Spine:
    """Return a new person's spine; one in eight has transitional anatomy."""
    pick = rng.random()
    changed = [(12, 4), (12, 6), (11, 5), (13, 5), (13, 4), (11, 6)]
    thoracic, lumbar = changed[int(rng.integers(6))] if pick < 0.12 else (12, 5)
    stack = _stack(rng, thoracic, lumbar)
    count = int(stack[-1].bottom) + BELOW
    last = next(k for k, v in enumerate(stack) if v.name == "S1")
    ends = np.array([v.bottom for v in stack])
    end = float(
        np.interp(np.clip(rng.normal(1.55, 0.6), 0, 3), range(4), ends[last - 1 : last + 3])
    )
    rows = np.arange(count)
    lean = rng.uniform(0.3, 1.25)
    y = gaussian_filter1d(_through(stack, COURSE, count), 12) * lean
    bend = rng.lognormal(0.5, 0.6) if rng.random() < 0.9 else rng.uniform(7, 12)
    x = wander(rng, count, 75, bend) + wander(rng, count, 25, 0.4)
    wide, deep = _sac(rng, stack, count, end)
    conus = float(np.clip(rng.normal(0.6, 0.5), -0.9, 1.9))
    at = next(k for k, v in enumerate(stack) if v.name == "L1")
    conus = float(np.interp(conus, range(-1, 3), ends[at - 2 : at + 2]))
    shrink = np.clip((conus - rows) / 34, 0, 1) ** 0.7
    cord_w, cord_d = (_through(stack, t, count) / 2 for t in (CORD_WIDTHS, CORD_DEPTHS))
    cord = rng.normal(1.0, 0.06) * (1 + 0.45 * np.clip((ABOVE + 4 - rows) / ABOVE, 0, 1))
    return Spine(
        thoracic, lumbar, stack, _sleeves(rng, stack, thoracic, end),
        x=x - x.mean(), y=y - y.mean(), z=rng.uniform(200, 330) - rows.astype(np.float64),
        half_width=wide, half_depth=deep,
        cord_width=np.minimum(cord_w * shrink * cord, 0.86 * wide),
        cord_depth=np.minimum(cord_d * shrink * cord, 0.8 * deep),
        cord_v=wander(rng, count, 45, 0.8) - 0.3,
        cosine=1 / np.hypot(1.0, np.gradient(x)),
        conus=conus, end=end,
    )  # fmt: skip
