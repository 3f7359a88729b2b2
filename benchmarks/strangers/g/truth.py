"""The truth record of a study: plain numbers, strings and lists, ready for JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.strangers.g.camera import Camera, best, covers, locate
from benchmarks.strangers.g.epidural import Collection
from benchmarks.strangers.g.leaks import Leak
from benchmarks.strangers.g.pouches import Pouch, Spot
from benchmarks.strangers.g.spine import Root, Spine

REGIONS = ("cervical", "thoracic", "lumbar")
MOST_MISSING = 2
"""Adjacent roots of a region that may be lost before the region is."""


@dataclass(frozen=True, slots=True)
class Case:
    """What the truth tells beside findings.

    ``ruin`` names what spoils ``poor`` stations: levels from ``lost_mm[0]`` to ``lost_mm[1]``
    along the axis can't be read in those; ``missing`` stations were never sent.
    """

    seed: int
    patient: bool
    level: str
    snr: float
    ruin: str
    poor: frozenset[int]
    lost_mm: tuple[float, float]
    missing: frozenset[int]


@dataclass(frozen=True, slots=True)
class Found:
    """What was drawn beside the sac and its normal sleeves."""

    leaks: tuple[Leak, ...]
    pouches: tuple[Pouch, ...]
    spots: tuple[Spot, ...]
    long: Collection | None


@dataclass(frozen=True, slots=True)
class Scene:
    """A study's spine as its stations see it."""

    case: Case
    spine: Spine
    cameras: Sequence[Camera]
    uids: Sequence[str]

    def spoilt(self, s_mm: float) -> frozenset[int]:
        """Return the stations that can't be read at a level."""
        low, high = self.case.lost_mm
        return self.case.missing | (self.case.poor if low <= s_mm <= high else frozenset())

    def station(self, s_mm: float) -> int | None:
        """Return the station that shows a level best and can be read there."""
        found = best(self.spine, self.cameras, s_mm, self.spoilt(s_mm))
        return None if found is None or found in self.spoilt(s_mm) else found

    def planned(self, s_mm: float) -> bool:
        """Say whether a station, readable or not, was to show a level."""
        return any(covers(self.spine, camera, s_mm) for camera in self.cameras)

    def place(self, s_mm: float, u_mm: float, station: int | None) -> list[float]:
        """Return a place beside the axis on a station's middle plane, LPS mm."""
        camera = self.cameras[station or 0]
        return camera.on_plane(*locate(self.spine, camera, s_mm, u_mm))

    def mouth(self, root: Root) -> float:
        """Return how far from the axis a root leaves the sac, mm, left positive."""
        return root.sign * self.spine.edge(root.s_mm, root.sign)


def _graded(segment: str) -> bool:
    return segment not in ("C1", "C2", "C3") and segment[0] != "S"


def lost_regions(scene: Scene) -> list[dict[str, Any]]:
    """Return regions with more than two adjacent roots of C4-L5 that can't be judged."""
    lost = []
    for region in REGIONS:
        roots = [r for r in scene.spine.roots[::2] if r.region == region and _graded(r.segment)]
        run = worst = 0
        gone = [root.segment for root in roots if scene.station(root.s_mm) is None]
        for root in roots:
            run = run + 1 if root.segment in gone else 0
            worst = max(worst, run)
        if worst > MOST_MISSING:
            kind = scene.case.ruin if scene.case.ruin != "none" else "not-covered"
            lost.append({"kind": kind, "regions": [region], "roots": gone})
    return lost


def _finding(scene: Scene, made: Leak | Pouch) -> dict[str, Any]:
    root = made.root
    station = scene.station(root.s_mm)
    u_mm = scene.mouth(root)
    entry: dict[str, Any] = {
        "segment": root.segment,
        "region": root.region,
        "side": "left" if root.sign > 0 else "right",
        "reach_mm": round(made.reach_mm, 3),
        "extent_mm": round(made.extent_mm, 3),
        "sac_width_mm": round(made.sac_width_mm, 3),
        "ratio": round(made.extent_mm / made.sac_width_mm, 4),
        "brightness": round(made.brightness, 4),
        "size_mm": round(made.size_mm, 3),
        "position_mm": scene.place(root.s_mm, u_mm, station),
        "station": station,
        "covered": scene.planned(root.s_mm),
        "source": None,
    }
    if station is not None:
        camera = scene.cameras[station]
        row, column = camera.pixel(*locate(scene.spine, camera, root.s_mm, u_mm))
        uid = scene.uids[station]
        entry["source"] = {"sop_uid": uid, "row": round(row, 3), "column": round(column, 3)}
    return entry


def leak_entry(scene: Scene, leak: Leak) -> dict[str, Any]:
    """Return a leak as the truth writes it; it spans the roots whose mouths its signal passes."""
    mine = [r for r in scene.spine.roots if r.sign == leak.root.sign]
    passed = [r.segment for r in mine if leak.first_s_mm <= r.s_mm <= leak.last_s_mm]
    inside = leak.root.segment in passed
    span = [passed[0], passed[-1]] if inside else [leak.root.segment] * 2
    return {
        **_finding(scene, leak),
        "kind": "leak",
        "grade": leak.grade,
        "pattern": list(leak.pattern),
        "segment_range": span,
    }


def pouch_entry(scene: Scene, pouch: Pouch) -> dict[str, Any]:
    """Return a cyst or meningocele as the truth writes it."""
    return {**_finding(scene, pouch), "kind": pouch.kind, "grade": 0, "pattern": ["round"]}


def collection_entry(scene: Scene, long: Collection) -> dict[str, Any]:
    """Return a collection as the truth writes it: listed, not graded."""
    thick = long.thick_mm
    made = Pouch("epidural-collection", long.root, thick, 0.0, long.sac_width_mm,
                 long.brightness, long.size_mm)  # fmt: skip
    return {
        **_finding(scene, made),
        "kind": made.kind,
        "grade": None,
        "pattern": ["haze"],
        "segment_range": [long.first, long.last],
    }


def _sac(scene: Scene) -> list[dict[str, Any]]:
    points = []
    for s_mm in map(float, np.arange(0.0, scene.spine.end_mm, 5.0)):
        station = scene.station(s_mm)
        left, right = scene.spine.edge(s_mm, 1), scene.spine.edge(s_mm, -1)
        where = scene.place(s_mm, (left - right) / 2, station)
        width = round(left + right, 3)
        points.append({"s_mm": s_mm, "position_mm": where, "width_mm": width, "station": station})
    return points


def _root(scene: Scene, root: Root) -> dict[str, Any]:
    station = scene.station(root.s_mm)
    return {
        "segment": root.segment,
        "side": "left" if root.sign > 0 else "right",
        "visible": station is not None and root.reach_mm > 2,
        "in_view": scene.planned(root.s_mm),
        "judgeable": station is not None,
        "s_mm": round(root.s_mm, 3),
        "position_mm": scene.place(root.s_mm, scene.mouth(root), station),
        "sleeve_mm": round(root.reach_mm, 3),
        "station": station,
    }


def _fluid(scene: Scene, spot: Spot) -> dict[str, Any]:
    station = scene.station(spot.s_mm)
    where = scene.place(spot.s_mm, spot.u_mm, station)
    return {"name": spot.name, "position_mm": where, "in_view": station is not None}


def _station(camera: Camera, uid: str, present: bool) -> dict[str, Any]:
    return {
        "name": camera.name,
        "sop_uid": uid,
        "present": present,
        "shift_mm": [round(float(v), 3) for v in camera.shift],
        "normal": [round(float(v), 5) for v in camera.axes[2]],
        "slab_mm": camera.slab,
    }


def _grades(findings: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    grades = dict.fromkeys(REGIONS, 0)
    for entry in findings:
        if entry["station"] is not None:
            grades[entry["region"]] = max(grades[entry["region"]], entry["grade"])
    return grades


def write(scene: Scene, found: Found) -> dict[str, Any]:
    """Return the truth of a study."""
    case, person = scene.case, scene.spine.person
    leaks = [leak_entry(scene, leak) for leak in found.leaks]
    shown = [leak.brightness for leak in found.leaks]
    long = [] if found.long is None else [collection_entry(scene, found.long)]
    return {
        "seed": case.seed,
        "arm": "patient" if case.patient else "control",
        "variety": "wide",
        "signs_mrm": any(entry["station"] is not None for entry in leaks),
        "ruined": lost_regions(scene),
        "ruin": case.ruin,
        "findings": leaks + long,
        "mimics": [pouch_entry(scene, pouch) for pouch in found.pouches],
        "other_fluid": [_fluid(scene, spot) for spot in found.spots],
        "coverage": [
            r.segment for r in scene.spine.roots[::2] if scene.station(r.s_mm) is not None
        ],
        "difficulty": {
            "level": case.level,
            "sac_snr": round(case.snr, 3),
            "leak_over_sac": round(float(np.mean(shown)), 4) if shown else None,
        },
        "grades": {"mr-myelography": _grades(leaks)},
        "sac": _sac(scene),
        "roots": [_root(scene, root) for root in scene.spine.roots],
        "stations": [
            _station(camera, uid, k not in case.missing)
            for k, (camera, uid) in enumerate(zip(scene.cameras, scene.uids, strict=True))
        ],
        "formula": {"thoracic": person.thoracic, "lumbar": person.lumbar},
        "age_years": person.age,
        "sex": "F" if person.female else "M",
    }
