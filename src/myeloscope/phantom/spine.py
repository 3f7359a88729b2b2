"""A spine in mm: levels, curved axis, thecal sac and cord, drawn from published figures.

Along the axis, ``s`` (mm) is the arc length from the upper edge of C1 downward. A point is given
by ``(s, q, w)``: ``q`` across the axis toward the patient's left, ``w`` toward posterior.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myeloscope.domain.anatomy import SpineFormula

Floats = NDArray[np.float64]

STEP_MM = 0.5
TOP_MM = -45.0  # the sac is drawn up to the cisterna magna
SACRAL_HEIGHTS = (30.0, 25.0, 21.0, 18.0, 16.0)


@dataclass(frozen=True, slots=True, eq=False)
class Spine:
    """Axis, sac and cord, sampled every :data:`STEP_MM` along the axis.

    Attributes
    ----------
    formula
        Numbers of vertebrae.
    tops
        Upper edge (s, mm) of each vertebra, ``C1`` to ``S5``; a level includes its lower disc.
    heights
        Height of each level, mm.
    s
        Arc length, shape (n,), mm.
    centre
        Sac's centre, shape (n, 3), LPS mm.
    across, deep
        Unit vectors across the axis in the coronal plane (toward the left) and toward
        posterior, shape (n, 3).
    half_width, half_depth
        Half axes of the sac's elliptic cross-section, shape (n,), mm; zero below its end.
    cord_half_width, cord_half_depth, cord_q, cord_w
        The same of the cord, and its centre in the sac, shape (n,), mm.
    flow
        Part of the signal that moving CSF keeps, shape (n,), 0-1: pulsation dephases it, most in
        neck and chest (textbook; amount estimated).
    sac_end, conus
        Where sac and cord end (s, mm).
    """

    formula: SpineFormula
    tops: Mapping[str, float]
    heights: Mapping[str, float]
    s: Floats
    centre: Floats
    across: Floats
    deep: Floats
    half_width: Floats
    half_depth: Floats
    cord_half_width: Floats
    cord_half_depth: Floats
    cord_q: Floats
    cord_w: Floats
    flow: Floats
    sac_end: float
    conus: float

    def at(self, values: Floats, s: Floats) -> Floats:
        """Return sampled ``values`` (shape (n,) or (n, 3)) at arc lengths ``s`` (linear)."""
        position = np.clip((s - self.s[0]) / STEP_MM, 0, len(self.s) - 1.001)
        low = position.astype(np.intp)
        part = position - low
        if values.ndim == 2:
            part = part[:, None]
        found: Floats = values[low] * (1 - part) + values[low + 1] * part
        return found

    def width(self, s: Floats) -> Floats:
        """Return the sac's silhouette width (both half widths) at ``s``, mm."""
        return 2 * self.at(self.half_width, s)

    def to_patient(self, s: Floats, q: Floats, w: Floats) -> Floats:
        """Return LPS mm, shape (n, 3), of points in axis coordinates."""
        frame = self.at(np.hstack([self.centre, self.across, self.deep]), s)
        points: Floats = frame[:, :3] + frame[:, 3:6] * q[:, None] + frame[:, 6:] * w[:, None]
        return points


def vertebrae(formula: SpineFormula) -> tuple[str, ...]:
    """Return the vertebrae of a spine from C1 to S5."""
    counts = (("C", 7), ("T", formula.thoracic), ("L", formula.lumbar), ("S", 5))
    return tuple(f"{letter}{i + 1}" for letter, n in counts for i in range(n))


def level_heights(formula: SpineFormula) -> dict[str, float]:
    """Return heights of the levels, mm (ANATOMY: PAM50 template; L2-L5 and sacrum estimated)."""
    cervical = (23.0, 18.5, 17.5, 17.0, 16.5, 16.0, 16.5)
    thoracic = np.linspace(21.5, 31.5, formula.thoracic)
    lumbar = np.interp(np.linspace(0, 4, formula.lumbar), range(5), (33.0, 34.0, 34.5, 34.0, 32.0))
    return dict(
        zip(vertebrae(formula), (*cervical, *thoracic, *lumbar, *SACRAL_HEIGHTS), strict=True)
    )


def _by_level(levels: Mapping[str, float], mids: Mapping[str, float], s: Floats) -> Floats:
    """Interpolate figures given at vertebrae's middles along the axis."""
    known = [(mids[name], value) for name, value in levels.items() if name in mids]
    at, values = zip(*sorted(known), strict=True)
    return np.asarray(np.interp(s, at, values), dtype=np.float64)


def _smooth(values: Floats, length_mm: float) -> Floats:
    """Smooth samples along the axis with a raised cosine of the given length."""
    n = max(3, round(length_mm / STEP_MM) | 1)
    kernel = np.hanning(n + 2)[1:-1]
    padded = np.pad(values, n // 2, mode="edge")
    return np.asarray(np.convolve(padded, kernel / kernel.sum(), mode="valid"))


def wander(rng: np.random.Generator, n: int, length_mm: float) -> Floats:
    """Return a smooth random course of unit SD, shape (n,), with the given wavelength."""
    knots = max(4, int(n * STEP_MM / (length_mm / 3)) + 3)
    values = rng.standard_normal(knots)
    course = np.interp(np.linspace(0, knots - 1, n), range(knots), values)
    return _smooth(course, length_mm / 2) * 1.4


# Widths and depths of CSF + cord, mm: PAM50 template (ANATOMY); lumbosacral: estimate.
WIDTH = {
    "C1": 22.5, "C2": 20.5, "C4": 18.5, "C7": 17.5, "T1": 15.5, "T2": 14.7, "T4": 14.0,
    "T10": 14.3, "T11": 15.5, "T12": 17.5, "L1": 20.0, "L2": 19.5, "L3": 19.0, "L4": 18.5,
    "L5": 17.0, "S1": 13.5, "S2": 10.0, "S3": 8.0,
}  # fmt: skip
DEPTH = {
    "C1": 15.0, "C3": 12.8, "C7": 12.6, "T2": 12.6, "T6": 12.6, "T12": 14.6, "L1": 15.6,
    "L3": 15.0, "L5": 13.0, "S1": 10.0, "S2": 7.5, "S3": 6.0,
}  # fmt: skip
# Cord, mm: spine-generic whole-spine figures, mean of 58 (canal_and_cord.json).
CORD_WIDTH = {
    "C1": 11.4, "C2": 11.6, "C3": 12.0, "C4": 12.7, "C5": 12.6, "C6": 12.0, "C7": 10.6,
    "T1": 9.3, "T2": 8.7, "T4": 8.0, "T8": 7.8, "T10": 8.2, "T11": 8.7, "T12": 8.6, "L1": 8.0,
}  # fmt: skip
CORD_DEPTH = {
    "C1": 8.7, "C2": 7.8, "C4": 7.4, "C6": 6.9, "C7": 6.4, "T2": 6.1, "T5": 5.6, "T8": 6.0,
    "T10": 6.5, "T11": 7.0, "T12": 6.9, "L1": 6.5,
}  # fmt: skip
# Tilt of the axis in the sagittal plane, degrees, downward-and-backward positive: lordosis of
# the neck and loin, kyphosis of the chest, supine (textbook ranges, estimate).
TILT = {
    "C1": -8.0, "C4": 2.0, "C7": 18.0, "T2": 19.0, "T5": 7.0, "T8": -3.0, "T11": -13.0,
    "L1": -14.0, "L3": -2.0, "L5": 18.0, "S1": 34.0, "S2": 44.0, "S4": 46.0,
}  # fmt: skip


def _axis(
    rng: np.random.Generator, s: Floats, mids: Mapping[str, float], curved: float
) -> tuple[Floats, Floats, Floats]:
    """Return centre, across and deep vectors of a drawn axis."""
    factor = {"C": rng.uniform(0.2, 1.4), "T": rng.uniform(0.5, 1.4), "L": rng.uniform(0.5, 1.4)}
    tilt = {name: t * factor.get(name[0], factor["L"]) for name, t in TILT.items()}
    sagittal = np.radians(_smooth(_by_level(tilt, mids, s), 60))
    group = rng.choice(3, p=(0.66, 0.24, 0.10))
    cobb = (rng.uniform(0, 9), rng.uniform(9, 18), rng.uniform(18, 30))[group]
    wave, apex = rng.uniform(240, 480), rng.uniform(mids["T4"], mids["L3"])
    window = np.exp(-(((s - apex) / rng.uniform(150, 300)) ** 2))
    sign = rng.choice((-1.0, 1.0))
    sagittal = sagittal * min(curved, 1.5)
    coronal = 0.5 * curved * cobb * sign * np.sin(2 * np.pi * (s - apex) / wave) * window
    coronal = np.radians(coronal + rng.normal(0, 1.0) + 0.8 * wander(rng, len(s), 150))
    tangent = np.stack(
        [np.sin(coronal), np.cos(coronal) * np.sin(sagittal), -np.cos(coronal) * np.cos(sagittal)],
        axis=1,
    )
    centre = np.cumsum(tangent, axis=0) * STEP_MM
    middle = (np.abs(s - mids["T8"])).argmin()
    centre -= centre[middle]
    across = np.stack([-tangent[:, 2], np.zeros(len(s)), tangent[:, 0]], axis=1)
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    deep = np.cross(across, tangent)  # toward posterior: x cross -z is +y
    return centre, across, deep


def _sac(
    rng: np.random.Generator,
    s: Floats,
    tops: Mapping[str, float],
    mids: Mapping[str, float],
    narrowed: float,
) -> tuple[Floats, Floats, float]:
    """Return half width, half depth and lower end of the sac."""
    person = float(np.clip(rng.normal(1.0, 0.075), 0.82, 1.22)) * narrowed
    width = _smooth(_by_level(WIDTH, mids, s), 35) * person
    depth = _smooth(_by_level(DEPTH, mids, s), 35) * np.clip(rng.normal(1, 0.08), 0.8, 1.2)
    width *= 1 + 0.035 * wander(rng, len(s), 60) + 0.02 * wander(rng, len(s), 20)
    depth *= 1 + 0.05 * wander(rng, len(s), 50)
    ectasia = rng.random() < 0.03
    if ectasia:
        width *= 1 + rng.uniform(0.15, 0.35) / (1 + np.exp(-(s - tops["L2"]) / 12))
    wear = rng.uniform(0.2, 1.0)
    for name, top in tops.items():
        if name[0] == "C" and int(name[1:]) < 4:
            continue
        lumbar = name[0] in "LS"
        dent = wear * rng.uniform(0, 0.20 if lumbar else 0.07)
        bell = np.exp(-0.5 * ((s - top) / rng.uniform(2.5, 4.0)) ** 2)
        width *= 1 - 0.6 * dent * bell
        severe = lumbar and rng.random() < 0.06
        depth *= 1 - (rng.uniform(0.3, 0.6) if severe else 1.5 * dent) * bell
    cisterna = 1 / (1 + np.exp((s + rng.uniform(6, 14)) / 3.5))
    width *= 1 + rng.uniform(0.3, 0.9) * cisterna
    end = float(rng.triangular(tops["S1"], mids["S2"], tops["S4"]))
    taper = np.clip((end - s) / rng.uniform(30, 70), 0, 1)
    shape = np.sin(0.5 * np.pi * taper) ** rng.uniform(0.45, 0.75)
    shape *= np.sqrt(np.clip((s - TOP_MM) / 25, 0, 1))
    return 0.5 * width * shape, 0.5 * depth * shape, end


def _cord(
    rng: np.random.Generator, s: Floats, mids: Mapping[str, float], conus: float
) -> tuple[Floats, Floats]:
    """Return half width and half depth of the cord; zero below the conus."""
    person = rng.normal(1, 0.06)
    width = _smooth(_by_level(CORD_WIDTH, mids, s), 25) * person
    depth = _smooth(_by_level(CORD_DEPTH, mids, s), 25) * person
    shape = np.sqrt(np.clip((conus - s) / rng.uniform(28, 45), 0, 1))
    return 0.5 * width * shape, 0.5 * depth * shape


def draw_spine(
    rng: np.random.Generator, formula: SpineFormula, *, stature: float, narrowed: float,
    curved: float = 1.0,
) -> Spine:  # fmt: skip
    """Draw a spine.

    Parameters
    ----------
    rng
        Random stream of the anatomy.
    formula
        Numbers of vertebrae.
    stature
        Scale of the levels' heights; 1 is the PAM50 template.
    narrowed
        Factor on the sac's width (below 1 in intracranial hypotension).
    curved
        Factor on the axis's curves in both planes; in the sagittal one 1.5 at most.

    Returns
    -------
    Spine
        In patient coordinates with T8's middle at the origin.
    """
    heights = {
        name: h * stature * float(np.clip(rng.normal(1, 0.035), 0.88, 1.12))
        for name, h in level_heights(formula).items()
    }
    edges = np.concatenate([[0.0], np.cumsum(list(heights.values()))])
    tops = dict(zip(heights, edges[:-1].tolist(), strict=True))
    mids = {name: top + 0.5 * heights[name] for name, top in tops.items()}
    s = np.arange(TOP_MM, edges[-1] + 20, STEP_MM)
    centre, across, deep = _axis(rng, s, mids, curved)
    half_width, half_depth, end = _sac(rng, s, tops, mids, narrowed)
    last = f"T{formula.thoracic}"
    conus = float(np.clip(rng.normal(tops["L1"] + 14, 11), mids[last], mids["L2"]))
    cord_width, cord_depth = _cord(rng, s, mids, conus)
    cord_width = np.minimum(cord_width, 0.86 * half_width)
    cord_depth = np.minimum(cord_depth, 0.80 * half_depth)
    room_q, room_w = half_width - cord_width, half_depth - cord_depth
    return Spine(
        formula=formula,
        tops=tops,
        heights=heights,
        s=s,
        centre=centre,
        across=across,
        deep=deep,
        half_width=half_width,
        half_depth=half_depth,
        cord_half_width=cord_width,
        cord_half_depth=cord_depth,
        cord_q=room_q * np.clip(0.22 * wander(rng, len(s), 90), -0.5, 0.5),
        cord_w=room_w * np.clip(-0.1 + 0.3 * wander(rng, len(s), 120), -0.6, 0.6),
        flow=_flow(rng, s, tops[last]),
        sac_end=end,
        conus=conus,
    )


def _flow(rng: np.random.Generator, s: Floats, calm: float) -> Floats:
    """Return the part of the signal that moving CSF keeps; it is calm below ``calm`` (s, mm)."""
    depth = rng.uniform(0, 0.3) * np.clip(0.4 + 0.6 * wander(rng, len(s), 70), 0, 1.5)
    return np.asarray(1 - depth / (1 + np.exp((s - calm) / 25)))
