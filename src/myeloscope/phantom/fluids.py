"""Other bright fluid: the records, how to build them, and which a body has.

Places are textbook anatomy (vertebral levels and distances from the canal; estimates), given in
mm from the canal's middle at a vertebra: to the left, to posterior, upward. The 50 mm slab then
decides how much of it is seen. T2 at 1.5 T: urine and CSF-like fluid above 1.5 s; bile, gut and
joint fluid 0.5-1 s; glands, veins and residual fat far below, so that at TE 1000 ms little is left
of them (textbook ranges; ``signal`` is what is left at TE, per mm, over CSF).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from myeloscope.phantom.matter import Cloud, Ellipsoid
from myeloscope.phantom.spine import Floats, Spine, wander

WATER_T2, MIDDLE_T2, SHORT_T2 = 1900.0, 750.0, 220.0
LATTICE_MM = 0.22


@dataclass(frozen=True, slots=True, eq=False)
class Fluid:
    """One body of other fluid: its name, matter and T2 (ms); ``position`` is LPS mm."""

    name: str
    position: tuple[float, float, float]
    clouds: tuple[Cloud, ...]
    bodies: tuple[Ellipsoid, ...]
    t2_ms: float


@dataclass(frozen=True, slots=True)
class Table:
    """A body's reference points: the canal's middle at vertebrae."""

    spine: Spine

    def at(
        self, vertebra: str, left: float, back: float, up: float = 0.0, *, axis: bool = False
    ) -> Floats:
        """Return LPS mm, shape (3,), of a place near a vertebra's middle.

        Organs keep to the body's midline; with ``axis`` the place follows a scoliotic spine.
        """
        spine = self.spine
        name = self.known(vertebra)
        s = np.array([spine.tops[name] + 0.5 * spine.heights[name]])
        x, y, z = spine.at(spine.centre, s)[0]
        middle = x if axis else 0.35 * x + 0.65 * float(spine.centre[:, 0].mean())
        return np.array([middle + left, y + back, z + up])

    def known(self, vertebra: str) -> str:
        """Return a vertebra that this spine has (its last thoracic or lumbar one at most)."""
        if vertebra in self.spine.tops:
            return vertebra
        formula = self.spine.formula
        return f"T{formula.thoracic}" if vertebra[0] == "T" else f"L{formula.lumbar}"


def triple(point: Floats) -> tuple[float, float, float]:
    """Return a point (3,) as plain numbers."""
    return float(point[0]), float(point[1]), float(point[2])


def ball(
    name: str, place: Floats, axes: tuple[float, float, float], signal: float, t2_ms: float,
    *, turn: float = 0.0,
) -> Fluid:  # fmt: skip
    """Return a round fluid; ``axes`` are half axes (across, deep, along), mm."""
    body = Ellipsoid(triple(place), axes, turn, signal)
    return Fluid(name, triple(place), (), (body,), t2_ms)


def tube(name: str, path: Floats, radius: Floats | float, signal: float, t2_ms: float) -> Fluid:
    """Return a tube of fluid around a path (n, 3), radius in mm (one or per point)."""
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    lattice = LATTICE_MM if np.max(radius) < 3 else 2 * LATTICE_MM
    steps = np.arange(0, max(length[-1], lattice), lattice)
    points = np.stack([np.interp(steps, length, path[:, i]) for i in range(3)], axis=1)
    radii = np.broadcast_to(np.asarray(radius, dtype=np.float64), (len(path),))
    r = np.interp(steps, length, radii)
    along = np.gradient(points, axis=0) if len(points) > 1 else np.array([[0.0, 0.0, 1.0]])
    side = np.stack([-along[:, 2], np.zeros(len(points)), along[:, 0]], axis=1)
    side /= np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-9)
    n = max(1, int(np.ceil(float(r.max()) / lattice)))
    c = np.arange(-n, n + 1) * lattice
    half = np.sqrt(np.maximum(r[:, None] ** 2 - c**2, 0))
    row, column = np.nonzero(half > 0)
    cloud = Cloud(
        points=points[row] + side[row] * c[column, None],
        volumes=2 * half[row, column] * lattice**2 * signal,
        half_depth=half[row, column],
        blur_mm=0.25 if lattice == LATTICE_MM else 0.55,
    )
    return Fluid(name, triple(path[len(path) // 2]), (cloud,), (), t2_ms)


def winding(
    rng: np.random.Generator, begin: Floats, end: Floats, sway: float, wave: float
) -> Floats:
    """Return a winding path (n, 3) between two points; ``sway`` its SD, ``wave`` its length, mm."""
    span = float(np.linalg.norm(end - begin))
    n = max(12, int(span / 0.5))
    part = np.linspace(0, 1, n)[:, None]
    free = np.sin(np.pi * part) ** 0.5
    bends = np.stack([wander(rng, n + 8, wave)[:n] for _ in range(3)], axis=1)
    path: Floats = begin + (end - begin) * part + sway * free * bends
    return path


def patch(
    rng: np.random.Generator, name: str, place: Floats, size: tuple[float, float], signal: float
) -> Fluid:
    """Return a soft mottled patch of short-T2 signal, ``size`` across and along (mm)."""
    n = 1400
    spread = rng.standard_normal((n, 3)) * np.array([size[0], 6.0, size[1]]) / 2
    weight = np.abs(1 + 0.6 * rng.standard_normal(n))
    volume = np.pi / 4 * size[0] * size[1] * 20 * signal
    cloud = Cloud(place + spread, weight * volume / n, np.full(n, 10.0), blur_mm=2.5)
    return Fluid(name, triple(place), (cloud,), (), SHORT_T2)
