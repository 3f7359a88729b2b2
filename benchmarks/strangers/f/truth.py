"""What is true of a drawn study, as plain numbers, strings and lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.strangers.f.body import HEAD_MM, Body, Root
from benchmarks.strangers.f.dicom import Header
from benchmarks.strangers.f.leaks import Mark
from benchmarks.strangers.f.organs import Fluid
from benchmarks.strangers.f.plate import Array
from benchmarks.strangers.f.scanner import Scan
from benchmarks.strangers.f.sleeves import Sleeve
from benchmarks.strangers.f.station import Station, best_station

REGIONS = ("cervical", "thoracic", "lumbar")
SIDES = {-1: "right", 1: "left"}
SPARED = 2
"""So many adjacent roots of a region may be unreadable before the region is."""


@dataclass(frozen=True, slots=True)
class Told:
    """A drawn study: the person, the stations, what was drawn, how hard it is, what is ruined."""

    body: Body
    stations: Sequence[Station]
    sleeves: Mapping[int, Sleeve]
    leaks: Sequence[Mark]
    mimics: Sequence[Mark]
    fluids: Sequence[Fluid]
    header: Header
    scan: Scan
    level: str
    snr: float
    patient: bool
    ruin: str


def _place(told: Told, q_mm: float, u_mm: float) -> tuple[int | None, list[float]]:
    """Return the station that shows a place beside the axis (``u`` signed) best, and the point."""
    body = told.body
    station = best_station(body, told.stations, q_mm)
    seen = told.stations[0 if station is None else station]
    x = body.at(body.axis.x, q_mm) + u_mm / body.at(body.axis.cos, q_mm)
    return station, [round(float(v), 3) for v in seen.locate(x, q_mm)]


def _pixel(told: Told, station: int | None, point: Sequence[float]) -> dict[str, Any] | None:
    """Return where a point lies in a station's image."""
    if station is None:
        return None
    seen, scan = told.stations[station], told.scan
    away: Array = (np.array(point) - seen.centre) * scan.matrix / seen.fov_mm
    columns = scan.matrix - 2 * int(scan.matrix * told.header.crop)
    return {
        "sop_uid": str(told.header.uid("image", seen.name)),
        "row": round(float(away @ seen.down) + scan.matrix // 2, 2),
        "column": round(float(away @ seen.right) + columns // 2, 2),
    }


def _mark(told: Told, mark: Mark) -> dict[str, Any]:
    """Return one finding or mimic."""
    root = mark.root
    station, point = _place(told, root.q_mm, root.side * mark.u_mm)
    graded = mark.kind != "epidural-collection"
    return {
        "kind": mark.kind,
        "segment": root.segment,
        "segment_range": [root.segment, mark.last or root.segment],
        "region": root.region,
        "side": SIDES[root.side],
        "grade": mark.grade,
        "reach_mm": round(mark.reach_mm, 3),
        "extent_mm": round(mark.extent_mm, 3) if graded else None,
        "sac_width_mm": round(mark.sac_width_mm, 3),
        "ratio": round(mark.extent_mm / mark.sac_width_mm, 4) if graded else None,
        "brightness": round(mark.brightness, 4),
        "size_mm": None if mark.size_mm is None else round(mark.size_mm, 3),
        "pattern": list(mark.pattern),
        "position_mm": point,
        "depth_mm": round(-mark.patches[0].depth_mm, 2),
        "station": station,
        "source": _pixel(told, station, point),
        "covered": station is not None,
    }


def _root(told: Told, sleeve: Sleeve) -> dict[str, Any]:
    """Return one root's normal sleeve."""
    root, body = sleeve.root, told.body
    half = body.at(body.width, root.q_mm) / 2
    station, point = _place(told, root.q_mm, root.side * half)
    return {
        "segment": root.segment,
        "side": SIDES[root.side],
        "visible": sleeve.visible and station is not None,
        "in_view": any(s.inside(point[0], root.q_mm) > 0 for s in told.stations if s.present),
        "judgeable": station is not None,
        "s_mm": round(root.q_mm - HEAD_MM, 3),
        "position_mm": point,
        "sleeve_mm": round(sleeve.reach_mm, 3),
        "station": station,
    }


def _ruined(told: Told, roots: Sequence[Root]) -> list[dict[str, Any]]:
    """Return the regions with too many adjacent roots of C4-L5 that no image shows well."""
    found = []
    last = f"L{told.body.lumbar}"
    names = [root.segment for root in roots[::2]]
    judged = roots[::2][names.index("C4") : names.index(last) + 1]
    for region in REGIONS:
        lost, run, most = [], 0, 0
        for root in judged:
            if root.region != region:
                continue
            gone = best_station(told.body, told.stations, root.q_mm) is None
            run = run + 1 if gone else 0
            most = max(most, run)
            lost += [root.segment] if gone else []
        if most > SPARED:
            kind = told.ruin if told.ruin != "none" else "coverage"
            found.append({"kind": kind, "regions": [region], "roots": lost})
    return found


def _sac(told: Told) -> list[dict[str, Any]]:
    """Return the sac's middle and width every 5 mm from C1 to its end."""
    body, found = told.body, []
    for q in np.arange(HEAD_MM, body.end_mm - 1, 5.0).tolist():
        station, point = _place(told, q, 0.0)
        width = round(body.at(body.width, q), 3)
        found.append(
            {
                "s_mm": round(q - HEAD_MM, 3),
                "position_mm": point,
                "width_mm": width,
                "station": station,
            }
        )
    return found


def _station(told: Told, station: Station) -> dict[str, Any]:
    """Return how a station was acquired."""
    return {
        "name": station.name,
        "sop_uid": str(told.header.uid("image", station.name)),
        "present": station.present,
        "shift_mm": [round(float(v), 3) for v in station.shift],
        "normal": [round(float(v), 6) for v in station.normal],
        "slab_mm": station.slab_mm,
    }


def _fluid(told: Told, fluid: Fluid) -> dict[str, Any]:
    """Return one fluid that is neither CSF nor a leak."""
    seen = [s for s in told.stations if s.present and s.inside(fluid.x_mm, fluid.q_mm) > 0]
    place = (seen or told.stations)[0].locate(fluid.x_mm, fluid.q_mm)
    position = [round(float(v), 3) for v in place]
    return {"name": fluid.name, "position_mm": position, "in_view": bool(seen)}


def tell(told: Told) -> dict[str, Any]:
    """Return the truth of a study."""
    body = told.body
    collections = [mark for mark in told.mimics if mark.kind == "epidural-collection"]
    cysts = [mark for mark in told.mimics if mark.kind != "epidural-collection"]
    findings = [_mark(told, mark) for mark in (*told.leaks, *collections)]
    grades = dict.fromkeys(REGIONS, 0)
    for one in findings:
        if one["covered"]:
            grades[one["region"]] = max(grades[one["region"]], one["grade"] or 0)
    bright = [mark.brightness for mark in told.leaks]
    roots = [_root(told, sleeve) for sleeve in told.sleeves.values()]
    return {
        "seed": told.header.seed,
        "study_uid": str(told.header.uid("study")),
        "arm": "patient" if told.patient else "control",
        "signs_mrm": told.patient,
        "ruin": told.ruin,
        "ruined": _ruined(told, body.roots),
        "grades": {"mr-myelography": grades},
        "findings": findings,
        "mimics": [_mark(told, mark) for mark in cysts],
        "other_fluid": [_fluid(told, fluid) for fluid in told.fluids],
        "difficulty": {
            "level": told.level,
            "sac_snr": round(told.snr, 3),
            "leak_over_sac": round(float(np.mean(bright)), 4) if bright else None,
        },
        "coverage": [r["segment"] for r in roots[::2] if r["judgeable"]],
        "sac": _sac(told),
        "roots": roots,
        "stations": [_station(told, station) for station in told.stations],
        "formula": {"thoracic": body.thoracic, "lumbar": body.lumbar},
        "age_years": body.age,
        "sex": "F" if body.female else "M",
    }
