"""The truth of a study as plain numbers, strings and lists, ready for JSON.

Positions are those of the station named with them, its shift added; what no station shows has the
anatomy's own. Grades count all leaks, signs those covered alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.strangers.b.anatomy import SIDES, Floats
from benchmarks.strangers.b.case import Finding, Scene, Seen
from benchmarks.strangers.b.organs import Fat, Organ

Record = dict[str, Any]
REGIONS = ("cervical", "thoracic", "lumbar")


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What the truth tells beside the scene."""

    study: str
    arm: str
    variety: str
    level: str
    snr: float
    ratio: float
    age: int
    sex: str
    findings: list[Finding]
    mimics: list[Finding]
    organs: list[Organ]
    fats: list[Fat]


def _rounded(values: Floats) -> list[float]:
    """Return a point to 0.1 um."""
    return [round(float(v), 4) for v in values]


def write(scene: Scene, answer: Answer) -> Record:
    """Return the truth of a study."""
    findings = [_finding(scene, f) for f in answer.findings]
    grades = {
        g: max([f["grade"] for f in findings if f["region"] == g], default=0) for g in REGIONS
    }
    levels = scene.spine.levels
    return {
        "schema": "myeloscope.truth/1",
        "seed": scene.seed,
        "study_uid": answer.study,
        "arm": answer.arm,
        "variety": answer.variety,
        "signs_mrm": any(f["covered"] and f["grade"] for f in findings),
        "signs_ric": False,
        "grades": {"mr-myelography": grades},
        "findings": findings,
        "mimics": [_finding(scene, f) for f in answer.mimics],
        "other_fluid": _other_fluid(scene, answer),
        "ruined": _ruined(scene),
        "ruin": scene.view.ruin,
        "coverage": _coverage(scene),
        "difficulty": {
            "level": answer.level,
            "sac_snr": round(float(answer.snr), 4),
            "leak_over_sac": round(float(answer.ratio), 4) if findings else None,
        },
        "formula": {"thoracic": levels.thoracic, "lumbar": levels.lumbar},
        "sac": _sac(scene),
        "roots": [_root(at) for at in scene.seen],
        "stations": _stations(scene),
        "age_years": answer.age,
        "sex": answer.sex,
    }


def _finding(scene: Scene, f: Finding) -> Record:
    """Return one finding or mimic."""
    at, m = f.at, f.measured
    source, depth = None, None
    if at.station is not None:
        station = scene.view.stations[at.station]
        column, row, deep = station.pixel(at.position - station.shift)
        depth = round(deep, 4)
        source = {"sop_uid": station.sop, "row": round(row, 4), "column": round(column, 4)}
    return {
        "id": f.id,
        "kind": f.kind,
        "region": at.root.region,
        "segment": at.root.segment,
        "segment_range": list(f.span),
        "side": SIDES[at.root.side],
        "grade": m.grade,
        "reach_mm": round(m.reach, 4),
        "extent_mm": round(float(m.extent), 4),
        "sac_width_mm": round(m.width, 4),
        "ratio": round(float(m.extent / max(m.width, 1e-3)), 4),
        "pattern": list(f.pattern),
        "position_mm": _rounded(at.position),
        "depth_mm": depth,
        "station": at.station,
        "covered": at.judgeable,
        "source": source,
        "brightness": round(f.brightness, 4),
        "size_mm": None if f.size is None else round(f.size, 4),
    }


def _other_fluid(scene: Scene, answer: Answer) -> list[Record]:
    """Return fluid that is neither CSF nor a leak, and fat."""
    view, records = scene.view, []
    known = [(o.name, o.place, True) for o in answer.organs]
    for name, place, deep in known + [("fat", f.place, False) for f in answer.fats]:
        k = None
        for i, st in enumerate(view.stations):
            within = not deep or abs(st.pixel(place)[2]) < st.form.slab / 2
            if k is None and st.present and st.margin(place) > 0 and within:
                k = i
        point = _rounded(place + view.shift(k))
        records.append({"name": name, "position_mm": point, "in_view": k is not None})
    return records


def _main(scene: Scene) -> list[Seen]:
    """Return the roots C4 to L5."""
    low = ("C1", "C2", "C3", "S1", "S2")
    return [at for at in scene.seen if at.root.segment not in low]


def _ruined(scene: Scene) -> list[Record]:
    """Return what was lost of the left roots to the study's ruin."""
    view = scene.view
    if view.ruin == "none":
        return []
    station = view.stations[view.ruined]
    bad = [at for at in _main(scene) if at.root.side > 0 and not at.judgeable]
    why = [at for at in bad if view.ruin == "missing-station" or at.station is not None]
    if station.void is not None:
        rows: Sequence[float] = (station.void[0], station.void[0] + station.void[1])
    else:
        rows = (0.0, (station.form.m - 1) * station.form.px)
    top, foot = ((station.corner + row * station.row)[2] for row in rows)
    lost = {at.root.region for at in why}
    return [{
        "kind": view.ruin,
        "station": view.ruined,
        "name": station.name,
        "z_mm": [round(float(foot), 3), round(float(top), 3)],
        "regions": [g for g in REGIONS if g in lost],
        "roots": [at.root.segment for at in why],
    }]  # fmt: skip


def _coverage(scene: Scene) -> list[str]:
    """Return the roots in view on both sides."""
    sides: dict[str, list[bool]] = {}
    for at in _main(scene):
        sides.setdefault(at.root.segment, []).append(at.station is not None)
    return [segment for segment, seen in sides.items() if all(seen)]


def _sac(scene: Scene) -> list[Record]:
    """Return the sac's place and width every 5 mm."""
    spine, view, records = scene.spine, scene.view, []
    for s in np.arange(0.0, spine.s_end, 5.0):
        point = spine.at(s)
        k = view.station_of(point)
        place, width = _rounded(point + view.shift(k)), round(spine.w(s), 4)
        records.append({"s_mm": float(s), "position_mm": place, "width_mm": width, "station": k})
    return records


def _root(at: Seen) -> Record:
    """Return one root's sleeve."""
    root = at.root
    return {
        "segment": root.segment,
        "side": SIDES[root.side],
        "visible": root.visible,
        "in_view": at.station is not None,
        "judgeable": at.judgeable,
        "s_mm": round(root.s, 4),
        "position_mm": _rounded(at.position),
        "sleeve_mm": round(root.lateral, 4),
        "angle_deg": round(root.angle, 2),
        "station": at.station,
    }


def _stations(scene: Scene) -> list[Record]:
    """Return how each station was taken."""
    return [
        {
            "name": st.name,
            "sop_uid": st.sop,
            "present": st.present,
            "shift_mm": _rounded(st.shift),
            "normal": _rounded(st.normal),
            "slab_mm": st.form.slab,
        }
        for st in scene.view.stations
    ]
