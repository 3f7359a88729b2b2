"""Which part of the patient each station shows: slab, field of view, tilt, and the patient's shift.

Patient coordinates are LPS mm; the plate's row 0 lies at ``z`` 0, so that ``z = -q``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import affine_transform

from benchmarks.strangers.f.body import Body
from benchmarks.strangers.f.plate import HALF_MM, PX, Array, Grid, Patch

FINE = 768
"""Rows and columns of the image that the scanner encodes."""
MARGIN_MM = 5.0


@dataclass(frozen=True, slots=True)
class Layout:
    """How the stations of a study are laid out; ``oblique`` slabs follow the spine's slope."""

    count: int
    fov_mm: float
    overlap_mm: float
    slab_mm: float
    oblique: bool


@dataclass(frozen=True, slots=True)
class Station:
    """One image's plane: centre (3,), unit vectors to the right of the image and down it (3,).

    ``lost`` are stretches (q0, q1) that can't be read in it.
    """

    name: str
    centre: Array
    right: Array
    down: Array
    fov_mm: float
    slab_mm: float
    shift: Array
    lost: tuple[tuple[float, float], ...] = ()
    present: bool = True

    @property
    def normal(self) -> Array:
        """Return the slab's normal, toward the patient's back."""
        a, b = self.right.tolist(), self.down.tolist()
        cross = (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
        return np.array(cross)

    def plane_y(self, x_mm: Array, q_mm: Array) -> Array:
        """Return where the slab's middle plane lies, LPS y, at patient places of the plate."""
        n = self.normal
        away = n[0] * (x_mm + self.shift[0] - self.centre[0])
        away = away + n[2] * (-q_mm + self.shift[2] - self.centre[2])
        return np.asarray(self.centre[1] - away / n[1])

    def locate(self, x_mm: float, q_mm: float) -> Array:
        """Return the point (3,) of the middle plane at which a place of the plate shows."""
        y = self.plane_y(np.array(x_mm), np.array(q_mm))
        return np.array([x_mm + self.shift[0], float(y), -q_mm + self.shift[2]])

    def inside(self, x_mm: float, q_mm: float) -> float:
        """Return how far inside the field of view a place lies, mm; negative is outside."""
        away = self.locate(x_mm, q_mm) - self.centre
        far = max(abs(float(away @ self.right)), abs(float(away @ self.down)))
        return self.fov_mm / 2 - far

    def weight(self, body: Body, q_mm: Array, depth_mm: float) -> Array:
        """Return how much signal (rows,) the slab takes from a depth behind the sac."""
        rows = np.arange(body.y.size) * PX
        y, x = np.interp(q_mm, rows, body.y), np.interp(q_mm, rows, body.axis.x)
        off = (y + depth_mm - self.plane_y(x, q_mm)) * self.normal[1]
        return np.asarray(np.exp(-np.log(2) * np.abs(2 * off / self.slab_mm) ** 7))


def choose_layout(rng: np.random.Generator) -> Layout:
    """Return the layout of a new study; two in three are as in the paper."""
    if rng.random() < 0.64:
        return Layout(2, 270.0, float(rng.uniform(10, 35)), 50.0, bool(rng.random() < 0.2))
    if rng.random() < 0.4:
        fov = float(rng.choice([200.0, 220.0, 240.0]))
        return Layout(3, fov, float(rng.uniform(18, 45)), float(rng.choice([40, 50, 60])), True)
    fov = float(rng.choice([280.0, 300.0, 320.0, 300.0]))
    slab = float(rng.choice([40.0, 50.0, 60.0, 70.0]))
    return Layout(2, fov, float(rng.uniform(15, 60)), slab, bool(rng.random() < 0.5))


def _axes(tilt: float, roll: float) -> tuple[Array, Array]:
    """Return right and down of a coronal image tilted (top forward) and rolled, radians."""
    right = np.array([1.0, 0.0, 0.0])
    down = np.array([0.0, np.sin(tilt), -np.cos(tilt)])
    return (
        np.cos(roll) * right + np.sin(roll) * down,
        np.cos(roll) * down - np.sin(roll) * right,
    )


def plan_stations(rng: np.random.Generator, body: Body, layout: Layout) -> list[Station]:
    """Return the stations of a study, from above downward."""
    step = layout.fov_mm - layout.overlap_mm
    last = f"L{body.lumbar}"
    middle = 0.5 * (body.tops["C4"] - 12 + body.tops[last] + 38) + rng.normal(2, 14)
    rows = np.arange(body.y.size) * PX
    rolled = rng.random() < 0.15
    stations = []
    for k in range(layout.count):
        q = middle + (k - (layout.count - 1) / 2) * step
        here = np.abs(rows - q) < 0.45 * layout.fov_mm
        slope, mean = np.polyfit(rows[here] - q, body.y[here], 1)
        tilt = float(np.arctan(slope)) if layout.oblique else 0.0
        roll = float(rng.normal(0, 0.05)) if rolled else 0.0
        right, down = _axes(tilt, roll)
        shift = np.zeros(3)
        if k:
            shift = rng.normal(0, [1.2, 0.0, 0.8]) * (3.0 if rng.random() < 0.12 else 1.0)
        x = body.at(body.axis.x, q) + rng.normal(0, 3)
        centre = np.array([x, mean + rng.normal(0, 2.5), -q])
        names = (
            ("cervicothoracic", "thoracolumbar")
            if layout.count == 2
            else ("upper", "middle", "lower")
        )
        stations.append(
            Station(names[k], centre, right, down, layout.fov_mm, layout.slab_mm, shift)
        )
    return stations


def readable(body: Body, station: Station, q_mm: float) -> bool:
    """Return whether a station shows a place on the sac's axis, and shows it well enough."""
    x = body.at(body.axis.x, q_mm)
    seen = station.inside(x, q_mm) > MARGIN_MM
    strong = float(station.weight(body, np.array([q_mm]), 0.0)[0]) > 0.5
    spoilt = any(low <= q_mm <= high for low, high in station.lost)
    return station.present and seen and strong and not spoilt


def best_station(body: Body, stations: Sequence[Station], q_mm: float) -> int | None:
    """Return the station in whose middle a place lies most, of those that show it well."""
    x = body.at(body.axis.x, q_mm)
    seen = [(s.inside(x, q_mm), k) for k, s in enumerate(stations) if readable(body, s, q_mm)]
    return max(seen)[1] if seen else None


def compose(body: Body, station: Station, patches: Sequence[Patch]) -> Grid:
    """Return the plate (rows, columns) as a station's slab takes it up."""
    plate = np.zeros((body.width.size, int(2 * HALF_MM / PX)), np.float32)
    far = 0.75 * station.fov_mm
    for patch in patches:
        height, width = patch.ink.shape
        rows = np.arange(patch.row, min(patch.row + height, plate.shape[0]))
        mid = PX * (patch.row + height / 2) + station.centre[2]
        if abs(mid) - PX * height / 2 > far:
            continue
        weight = station.weight(body, rows * PX, patch.depth_mm).astype(np.float32)
        part = patch.ink[: rows.size] * weight[:, None]
        plate[patch.row : patch.row + rows.size, patch.col : patch.col + width] += part
    return plate


def sample(station: Station, plate: Grid) -> Grid:
    """Return the plate as the scanner has it, (``FINE``, ``FINE``), rows down the image."""
    step = station.fov_mm / FINE
    right, down, centre = station.right, station.down, station.centre - station.shift
    matrix = np.array([[-down[2], -right[2]], [down[0], right[0]]]) * step / PX
    origin = np.array([-centre[2], centre[0] + HALF_MM]) / PX
    offset = origin - matrix @ np.array([FINE // 2, FINE // 2])
    seen = affine_transform(plate, matrix, offset, output_shape=(FINE, FINE), order=1)
    return np.asarray(seen, np.float32)
