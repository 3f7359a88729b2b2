"""Who a study is of, how it was planned, what ruins it and what is found in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.strangers.b.anatomy import Floats, Rng, Root, Spine
from benchmarks.strangers.b.sac import Straight
from benchmarks.strangers.b.signs import Drawn, Measured, draw_cyst, draw_leak
from benchmarks.strangers.b.station import Format, Station, lay

AREAS = (
    ("C3", "C4", "C5", "C6", "C7"),
    ("C7", "C8", "T1", "T2"),
    ("T11", "T12", "L1"),
    ("L1", "L2", "L3", "L4", "L5", "S1"),
)
"""Parts of the spine that get their share of leaks."""
STATION_NAMES = ("cervicothoracic", "thoracolumbar")


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A root as the study shows it: station (``None``: not in view), and its place there."""

    root: Root
    station: int | None
    judgeable: bool
    position: Floats


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The stations, and what ruins which of them."""

    stations: list[Station]
    ruin: str
    ruined: int

    def lost(self, station: int, point: Floats) -> bool:
        """Say whether a point cannot be read in a station."""
        if self.ruin == "none" or station != self.ruined:
            return False
        void = self.stations[station].void
        if self.ruin == "void" and void is not None:
            row = self.stations[station].pixel(point)[1] * self.stations[station].form.px
            return void[0] - 6 < row < void[0] + void[1] + 6
        return self.ruin == "motion"

    def station_of(self, point: Floats) -> int | None:
        """Return the station that shows a point best: readable, far from the edge."""
        best, most = None, 3.0
        for k, station in enumerate(self.stations):
            if station.sees(point):
                margin = station.margin(point) - (500 if self.lost(k, point) else 0)
                if best is None or margin > most:
                    best, most = k, margin
        return best

    def shift(self, station: int | None) -> Floats:
        """Return the patient's move when a station was taken."""
        return np.zeros(3) if station is None else self.stations[station].shift

    def root(self, spine: Spine, root: Root) -> Seen:
        """Return a root as the study shows it."""
        point = spine.at(root.s, root.side * spine.w(root.s) / 2)
        k = self.station_of(point)
        judgeable = k is not None and not self.lost(k, point)
        return Seen(root, k, judgeable, point + self.shift(k))


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """A leak or cyst: where, what it measures, and its brightness over the sac's."""

    id: str
    kind: str
    at: Seen
    measured: Measured
    pattern: tuple[str, ...]
    span: tuple[str, str]
    brightness: float
    size: float | None = None


def plan(rng: Rng, spine: Spine, form: Format) -> list[Station]:
    """Return the two stations, laid with the errors technicians make."""
    lap = rng.uniform(10, 35) if rng.random() < 0.9 else rng.uniform(35, 80)
    roots = {(r.segment, r.side): r for r in spine.roots}
    last = f"L{spine.levels.lumbar}"
    z_c4, z_l5 = (spine.at(roots[name, 1].s)[2] for name in ("C4", last))
    total = 2 * form.fov - lap
    slack = total - (z_c4 - z_l5)
    if slack > 10:
        bottom = z_l5 - np.clip(slack, 10, 200) * rng.uniform(0.25, 0.75)
    else:
        bottom = z_l5 - rng.uniform(2, 20)
    if rng.random() < 0.08:
        bottom += rng.uniform(-55, 55)
    places = (bottom + total - form.fov / 2, bottom + form.fov / 2)
    tilted = rng.random() < 0.6
    return [_station(rng, spine, form, (k, float(z)), tilted) for k, z in enumerate(places)]


def _station(
    rng: Rng, spine: Spine, form: Format, place: tuple[int, float], tilted: bool
) -> Station:
    """Return one station at a height."""
    (k, zc), z = place, spine.xyz[:, 2]
    here = np.abs(z - zc) < form.fov / 2 - 5
    usual = np.polyfit(z[here], spine.xyz[here, 1], 1)[0] if here.sum() > 50 else 0
    slope = np.clip(usual, -0.35, 0.35) * (rng.uniform(0.5, 1) if tilted else 0)
    rest = spine.xyz[here, 1] - slope * (z[here] - zc)
    y = 0.5 * (rest.max() + rest.min()) + rng.normal(0, 3)
    spin = np.radians(rng.normal(0, 1.0) if rng.random() < 0.8 else rng.uniform(-7, 7))
    yaw = np.radians(rng.normal(0, 0.8) if rng.random() < 0.85 else rng.uniform(-6, 6))
    shift = np.zeros(3)
    if k > 0:
        shift = rng.normal(0, [1.8, 1.2, 1.8]) * (1 if rng.random() < 0.85 else 3)
    x = np.interp(-zc, -z, spine.xyz[:, 0]) * rng.uniform(0.3, 1) + rng.normal(0, 6)
    centre = np.array([x, y, zc]) + (shift if rng.random() < 0.2 else 0)
    return lay(STATION_NAMES[k], form, centre, (-np.arctan(slope), spin, yaw), shift)


def ruined(rng: Rng, stations: list[Station], fov: float) -> View:
    """Return the stations after what ruins one study in ten."""
    if rng.random() >= 0.10:
        return View(stations, "none", -1)
    ruin = str(rng.choice(["missing-station", "motion", "void"], p=[0.35, 0.35, 0.3]))
    k = int(rng.integers(2))
    station = stations[k]
    if ruin == "missing-station":
        station = replace(station, present=False)
    if ruin == "void":
        span = rng.uniform(0.28, 0.65) * fov
        first = float(rng.uniform(0.1, 0.9 - span / fov)) * fov
        station = replace(station, void=(first, span))
    return View([*stations[:k], station, *stations[k + 1 :]], ruin, k)


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What findings are laid into: the person, the view, the sac's sheet and its level."""

    seed: int
    spine: Spine
    view: View
    seen: list[Seen]
    sheet: Straight
    level: float

    def margin(self, at: Seen) -> float:
        """Return how far the axis at a root lies from its station's edge, mm."""
        k = at.station
        if k is None:
            return -1e9
        return self.view.stations[k].margin(self.spine.at(at.root.s))


def add_leaks(rng: Rng, scene: Scene, ratio: float) -> list[Finding]:
    """Lay a patient's leaks into the sheet and return them; ``ratio`` is their brightness."""
    want = int(rng.choice([1, 2, 3, 4, 5, 6], p=[0.26, 0.24, 0.18, 0.14, 0.10, 0.08]))
    sites, style = _sites(rng, scene, want)
    findings = []
    for i, at in enumerate(sites):
        aim = int(style if rng.random() < 0.6 else rng.choice([1, 2, 3]))
        bright = ratio * rng.uniform(0.82, 1.2) if len(sites) > 1 else ratio
        drawn = _drawn(rng, scene, at, aim, bright)
        scene.sheet.paste(drawn.sheet, drawn.layer, at.root.side, scene.level)
        m = drawn.measured
        span, name = _span(scene.spine, at.root, m), f"{scene.seed}-leak-{i + 1}"
        findings.append(Finding(name, "leak", at, m, m.pattern, span, bright))
    return findings


def _sites(rng: Rng, scene: Scene, want: int) -> tuple[list[Seen], int]:
    """Return the leaking roots, clusters around a focus or two, and the study's usual grade."""
    usable = [
        at for at in scene.seen
        if at.station is not None and at.root.segment not in ("C1", "C2", "S2")
    ]  # fmt: skip
    judge = [at for at in usable if at.judgeable] or usable
    pool = usable if rng.random() < 0.25 else judge
    open_sac = [at for at in pool if scene.spine.w(at.root.s) > 8.5 and scene.margin(at) > 9]
    pool = open_sac or pool
    focus = pool[int(rng.integers(len(pool)))]
    if rng.random() < 0.5:
        area = AREAS[int(rng.integers(4))]
        inside = [at for at in pool if at.root.segment in area]
        if inside:
            focus = inside[int(rng.integers(len(inside)))]
    style = int(rng.choice([1, 2, 3], p=[0.3, 0.38, 0.32]))
    sites: list[Seen] = []
    while len(sites) < want:
        if rng.random() < 0.3:
            focus = pool[int(rng.integers(len(pool)))]
        free = [at for at in pool if at not in sites]
        if not free:
            break
        away = [abs(at.root.s - focus.root.s) + rng.uniform(0, 22) for at in free]
        sites.append(free[int(np.argmin(away))])
    return sites, style


def _drawn(rng: Rng, scene: Scene, at: Seen, aim: int, bright: float) -> Drawn:
    """Return a leak that has the grade aimed at and is seen whole, if a few tries give one."""
    spine, root = scene.spine, at.root
    for attempt in range(8):
        ratios = (0.0, rng.uniform(0.25, 0.95), rng.uniform(1.05, 2.15))
        drawn = draw_leak(rng, spine, root, (aim, ratios[aim - 1]), bright)
        m = drawn.measured
        far = [
            spine.at(v, root.side * (spine.w(v) / 2 + m.reach * q))
            for v in m.s_span
            for q in (0, 1)
        ]
        whole = all(any(st.present and st.margin(p) > 1 for st in scene.view.stations) for p in far)
        enough = m.extent > (2.5 if "triangle" in m.pattern else 5.0)
        if (aim == 1 or (m.grade == aim and enough)) and (whole or not at.judgeable):
            break
        if attempt == 5 and not whole:
            aim = max(aim - 1, 1)
    return drawn


def _span(spine: Spine, root: Root, measured: Measured) -> tuple[str, str]:
    """Return the first and last root whose take-off lies within a finding's rows."""
    low, high = measured.s_span
    same = [q for q in spine.roots if q.side == root.side]
    order = [q.segment for q in same]
    over = {q.segment for q in same if low < q.s < high} | {root.segment}
    ends = sorted(over, key=order.index)
    return ends[0], ends[-1]


def add_cysts(rng: Rng, scene: Scene, patient: bool, leaking: Sequence[Seen]) -> list[Finding]:
    """Lay cysts into the sheet and return them; half of patients' first ones lie on a leak."""
    spine, count = scene.spine, 0
    if not patient and rng.random() < 0.34:
        count = int(rng.integers(1, 6))
    elif patient and rng.random() < 0.3:
        count = int(rng.integers(1, 4))
    findings: list[Finding] = []
    for i in range(count):
        same = bool(leaking) and i == 0 and rng.random() < 0.5
        pool = list(leaking) if same else _cyst_pool(scene)
        odds = np.array([_cyst_odds(at.root.segment) for at in pool], float)
        at = pool[int(rng.choice(len(pool), p=odds / odds.sum()))]
        if at in [f.at for f in findings] or (at in leaking and not same):
            continue
        big = rng.random() < 0.12
        drawn, size = draw_cyst(rng, spine, at.root, big)
        layer = drawn.layer
        if rng.random() < 0.8:
            weight = min(1.0, rng.uniform(0.3, 1.2) / (layer.max() / scene.level))
        else:
            weight = rng.uniform(0.3, 1.0)
        scene.sheet.paste(drawn.sheet, layer * weight, at.root.side, 1.0)
        shown = float(np.percentile(layer[layer > 0.3 * layer.max()], 75) * weight / scene.level)
        kind = "meningocele" if big else "perineurial-cyst"
        span, name = (at.root.segment, at.root.segment), f"{scene.seed}-cyst-{i + 1}"
        findings.append(Finding(name, kind, at, drawn.measured, ("round",), span, shown, size))
    return findings


def _cyst_pool(scene: Scene) -> list[Seen]:
    """Return the roots that may bear a cyst."""
    open_sac = [at for at in scene.seen if scene.spine.w(at.root.s) > 4]
    shown = [
        at for at in open_sac if at.station is not None and at.root.segment not in ("C1", "C2")
    ]
    return shown or open_sac


def _cyst_odds(segment: str) -> float:
    """Return how likely a root is to bear a cyst."""
    if segment in ("C7", "C8", "T1", "T2"):
        return 3
    return 2 if segment[0] in "LS" or segment in ("T9", "T10", "T11", "T12") else 1
