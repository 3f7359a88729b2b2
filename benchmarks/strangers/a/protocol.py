"""Scan settings, and how the stations of a study are laid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from benchmarks.strangers.a.anatomy import Floats, Rng
from benchmarks.strangers.a.plane import Plane, Slab
from benchmarks.strangers.a.sleeves import Body

FINE = 640
"""Samples along one edge of the plane the body is drawn on."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """Settings of one study: times ms, lengths mm, ``n`` pixels along an edge.

    ``phase_axis`` is 1 if phase is encoded left-right, 0 if head-foot; ``partial`` the share of
    phase-encoding steps acquired, ``phase_pct`` their share of the matrix.
    """

    te: float
    tr: float
    fov: float
    n: int
    slab: float
    etl: int
    stations: int
    b0: float
    overlap: float
    maker: str
    phase_axis: int
    phase_pct: float
    partial: float
    filter: str
    coils: int
    normalise: bool
    sharpen: float
    post: str
    gdc: bool
    edge: float
    tail: float
    train_ms: float
    averages: int
    bandwidth: float

    @property
    def paper_like(self) -> bool:
        """Say whether field of view and matrix are the paper's."""
        return self.fov == 270.0 and self.n == 512


@dataclass(frozen=True, slots=True, eq=False)
class Station:
    """One slab as planned; ``plane`` is in the body's coordinates, which moved by ``shift``.

    ``bad`` are ranges of v, mm from the centre, that cannot be read; ``lost`` is the centre and
    height of a band without signal.
    """

    centre: Floats
    row: Floats
    column: Floats
    shift: Floats
    plane: Plane
    present: bool = True
    severe: bool = False
    lost: tuple[float, float] | None = None
    bad: tuple[float, float] | None = None


def choose_protocol(rng: Rng, main: Rng, paper: bool) -> Protocol:
    """Return the settings of a study, the paper's or varied ones."""
    te, tr, fov, n, slab, etl, b0, stations = 1000.0, 8000.0, 270.0, 512, 50.0, 256, 1.5, 2
    if not paper:
        te = float(rng.choice([600, 750, 850, 920, 1000, 1100, 1200]))
        tr = float(rng.choice([5000, 6000, 8000, 8000, 10000]))
        fov = float(rng.choice([250, 270, 280, 300, 320, 350]))
        n = int(rng.choice([256, 320, 384, 448, 512, 512, 640]))
        slab = float(rng.choice([40, 45, 50, 55, 60]))
        etl = int(rng.choice([160, 192, 256, 256, 320]))
        b0 = float(rng.choice([1.5, 1.5, 3.0]))
        if rng.random() < 0.25:
            stations, fov = 3, float(rng.choice([220, 230, 250]))
    return Protocol(
        te=te, tr=tr, fov=fov, n=n, slab=slab, etl=etl, stations=stations, b0=b0,
        overlap=float(rng.uniform(10, 35) if stations == 2 else rng.uniform(25, 60)),
        maker=str(rng.choice(["Philips", "Siemens", "GE"], p=[0.5, 0.3, 0.2])),
        phase_axis=int(rng.random() < 0.6),
        phase_pct=float(rng.choice([1.0, 1.0, 0.85, 0.7, 0.6])),
        partial=float(rng.choice([1.0, 1.0, 1.0, 0.8, 0.65, 0.575])),
        filter=str(rng.choice(["none", "tukey", "hann"], p=[0.4, 0.4, 0.2])),
        coils=int(rng.choice([1, 3, 4, 6], p=[0.55, 0.15, 0.2, 0.1])),
        normalise=bool(rng.random() < 0.4),
        sharpen=float(rng.uniform(0.3, 1.0) if rng.random() < 0.22 else 0),
        post=str(rng.choice(["none", "gauss", "median", "edge"], p=[0.72, 0.1, 0.06, 0.12])),
        gdc=bool(rng.random() < 0.25),
        edge=float(rng.uniform(2.0, 6.0)),
        tail=float(rng.uniform(0.0, 0.06)),
        train_ms=etl * 7.2,
        averages=4 if paper else int(main.choice([1, 2, 4])),
        bandwidth=float(main.choice([130, 217, 326, 434])),
    )  # fmt: skip


def plan(body: Body, rng: Rng, p: Protocol) -> list[Station]:
    """Return the stations from head to foot, laid as a technician would, with small errors."""
    n, fov = p.stations, p.fov
    z4 = body.at(body.top["C4"])[2]
    z5 = body.at(next(r.s for r in body.roots if r.segment == body.last_l))[2]
    need = z4 - z5 + 24
    lap = p.overlap
    total = n * fov - (n - 1) * lap
    if total > need + 120:
        lap = min(lap + (total - need - 120) / (n - 1), 0.45 * fov)
        total = n * fov - (n - 1) * lap
    spare = 0.12 * max(total - need, 0)
    mid = 0.5 * (z4 + z5) + rng.normal(0, 6) - spare * rng.random()
    oblique = rng.random() < 0.6
    roll = np.radians(rng.normal(0, 2.0)) if rng.random() < 0.25 else 0.0
    yaw = np.radians(rng.normal(0, 2.5)) if rng.random() < 0.2 else 0.0
    stations = []
    for i in range(n):
        zc = mid + total / 2 - fov / 2 - i * (fov - lap)
        stations.append(_station(body, rng, p, (i, zc), (oblique, roll, yaw)))
    return stations


def _station(
    body: Body, rng: Rng, p: Protocol, place: tuple[int, float], turn: tuple[bool, float, float]
) -> Station:
    """Return one station at a height."""
    (i, zc), (oblique, roll, yaw) = place, turn
    z = np.linspace(zc - 0.45 * p.fov, zc + 0.45 * p.fov, 60)
    z = z[(z > body.at(body.s_end)[2]) & (z < body.p[0, 2])]
    y, x = body.axial.at("y", z), body.axial.at("x", z)
    m, _ = np.polyfit(z - zc, y, 1)
    m = np.clip(m * rng.normal(0.95, 0.12), -0.35, 0.35) if oblique else 0.0
    yc = 0.5 * (np.max(y - m * (z - zc)) + np.min(y - m * (z - zc))) + rng.normal(0, 2.0)
    row = np.array([np.cos(yaw), np.sin(yaw), 0.0])
    col = np.array([0.0, -m, -1.0])
    col -= row * (col @ row)
    col /= np.linalg.norm(col)
    q = Rotation.from_rotvec(np.cross(row, col) * roll).as_matrix()
    row, col = q @ row, q @ col
    shift = np.zeros(3)
    if i > 0:
        shift = rng.normal(0, [0.8, 0.5, 0.8]) * (4.0 if rng.random() < 0.12 else 1.0)
    centre = np.array([x.mean() + rng.normal(0, 3.5), yc, zc])
    slab = Slab(p.slab, p.edge, p.tail)
    plane = Plane(centre - shift, (row, col), p.fov / FINE, FINE, slab)
    return Station(centre, row, col, shift, plane)
