"""Who a study is of and what is in it: ruin, views of the stations, findings."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.strangers.a.anatomy import Floats, Rng
from benchmarks.strangers.a.findings import Collection, Mimic, collection, cyst, leak
from benchmarks.strangers.a.measure import Measured, settle, window
from benchmarks.strangers.a.protocol import Protocol, Station
from benchmarks.strangers.a.shapes import Part
from benchmarks.strangers.a.sleeves import Body, Root

JUNCTION = ("C7", "C8", "T1", "T2")
SITES = {"C": 0.2 / 12, "T": 0.5 / 22, "L": 0.28 / 10, "S": 0.02 / 4}
"""How likely a root leaks, by the letter of its name."""


@dataclass(frozen=True, slots=True)
class Difficulty:
    """Level, the sac's SNR, range of the leaks' brightness over the sac's, and the aim in it."""

    level: str
    snr: float
    span: tuple[float, float]
    bright: float


@dataclass(frozen=True, slots=True, eq=False)
class Leak:
    """A leak laid in, with its measures."""

    root: Root
    parts: tuple[Part, ...]
    pattern: list[str]
    measured: Measured


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Everything a reader may be asked about."""

    leaks: list[Leak]
    mimics: list[Mimic]
    collections: list[Collection]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The stations of a study, and what they show."""

    stations: list[Station]
    protocol: Protocol

    def seen(self, point: Floats) -> tuple[int | None, bool]:
        """Return the station that shows a body point best, and whether it can be read there."""
        best, gap = None, -1e9
        for i, station in enumerate(self.stations):
            if not station.present:
                continue
            u, v, d = station.plane.see_one(point)
            g = self.protocol.fov / 2 - max(abs(u), abs(v)) - 2.0
            if g < 0 or station.plane.weight(d) < 0.3:
                continue
            bad = station.bad
            g = g + (0 if bad is not None and bad[0] <= v <= bad[1] else 1e4)
            if g > gap:
                best, gap = i, g
        return best, gap > 5e3

    def nearest(self, point: Floats) -> int:
        """Return the station whose plane a finding is measured in even when none shows it."""
        i, _ = self.seen(point)
        if i is not None:
            return i
        return int(np.argmin([abs(st.plane.see(point)[1][0]) for st in self.stations]))


def ruined(rng: Rng, stations: list[Station], p: Protocol) -> tuple[str, list[Station]]:
    """Return what ruins a study, which is nothing for nine of ten, and the stations after it."""
    if rng.random() > 0.10:
        return "none", stations
    kind = str(rng.choice(["missing-station", "motion", "signal-loss"]))
    k = int(rng.integers(len(stations)))
    station = stations[k]
    if kind == "missing-station":
        station = replace(station, present=False)
    elif kind == "motion":
        station = replace(station, severe=True, bad=(-1e3, 1e3))
    else:
        a = rng.uniform(80, 150)
        c = rng.uniform(-p.fov / 2 + a / 2, p.fov / 2 - a / 2)
        station = replace(station, lost=(c, a), bad=(c - a / 2, c + a / 2))
    return kind, [*stations[:k], station, *stations[k + 1 :]]


def add_findings(body: Body, rng: Rng, view: View, patient: bool, hard: Difficulty) -> Found:
    """Return leaks and collections of a patient, and cysts of anyone."""
    found = Found([], [], [])
    if patient:
        count = int(rng.choice([1, 2, 3, 4, 5], p=[0.33, 0.3, 0.2, 0.11, 0.06]))
        _add_leaks(body, rng, (view, hard), count, found.leaks)
        if rng.random() < 0.09:
            found.collections.append(collection(body, rng))
    if rng.random() < (0.22 if patient else 0.36):
        taken = {(f.root.segment, f.root.side) for f in found.leaks}
        for _ in range(int(rng.choice([1, 2, 3, 5], p=[0.5, 0.25, 0.15, 0.1]))):
            kind = "meningocele" if rng.random() < 0.2 else "perineurial-cyst"
            mimic = cyst(body, rng, kind)
            if (mimic.root.segment, mimic.root.side) in taken and rng.random() < 0.8:
                continue
            found.mimics.append(mimic)
    return found


def _able(body: Body, view: View) -> list[Root]:
    """Return the roots that may leak: within a station's height, below C2, at an open sac."""
    roots = []
    for root in body.roots:
        v = [st.plane.see(root.wall)[1][0] for st in view.stations]
        inside = any(abs(x) < view.protocol.fov / 2 - 8 for x in v)
        open_sac = body.value(body.rx, root.s) > 3
        if inside and root.segment not in ("C1", "C2") and open_sac:
            roots.append(root)
    return roots


def _add_leaks(
    body: Body, rng: Rng, study: tuple[View, Difficulty], count: int, leaks: list[Leak]
) -> None:
    """Add leaks, most of them near the first."""
    view, hard = study
    able = _able(body, view)
    usual = np.array([
        SITES[r.segment[0]] * (1.5 if r.segment in JUNCTION else 1) for r in able
    ])  # fmt: skip
    home = None
    used: list[int] = []
    for _ in range(count * 3):
        if len(leaks) == count:
            break
        w = usual.copy()
        if home is not None and rng.random() < 0.65:
            w = w * np.exp(-0.5 * ((np.array([r.s for r in able]) - home) / 55) ** 2)
        w[used] = 0
        k = int(rng.choice(len(able), p=w / w.sum()))
        used.append(k)
        root = able[k]
        home = root.s if home is None else home
        aim = int(rng.choice([1, 2, 3], p=[0.27, 0.38, 0.35]))
        parts, pattern = leak(body, root, rng, aim)
        plane = window(view.stations[view.nearest(root.wall)].plane, root.wall)
        target = float(np.clip(hard.bright * rng.normal(1, 0.15), *hard.span))
        settled = settle(body, plane, root, parts, target)
        if settled is not None:
            leaks.append(Leak(root, tuple(settled[0]), pattern, settled[1]))
