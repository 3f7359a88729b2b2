"""The truth of a study as plain numbers, strings and lists, ready for JSON.

Positions are those of the station named with them, its shift added, in the true depth; what no
station shows has the body's own coordinates. Grades count covered leaks alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from benchmarks.strangers.a.anatomy import REGIONS, Floats
from benchmarks.strangers.a.case import Difficulty, Found, Leak, View
from benchmarks.strangers.a.findings import Collection, Mimic
from benchmarks.strangers.a.picture import Pictures
from benchmarks.strangers.a.sleeves import Body, Root

Record = dict[str, Any]
MOST_LOST = 2
"""Adjacent roots of C4-L5 that may be lost before their region is."""
STATION_NAMES = {
    2: ("cervicothoracic", "thoracolumbar"),
    3: ("cervical", "thoracic", "lumbar"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A study, and what is to be told about it."""

    seed: int
    body: Body
    view: View
    found: Found
    pictures: Pictures
    study: str
    sops: list[str]
    arm: str
    paper: bool
    ruin: str
    difficulty: Difficulty


def _rounded(values: Floats) -> list[float]:
    """Return a point to 0.1 um."""
    return [round(float(x), 4) for x in values]


def _placed(case: Case, point: Floats) -> tuple[int | None, Floats, Record]:
    """Return station, place and the fields that say where a body point shows."""
    i, readable = case.view.seen(point)
    if i is None:
        shown = point
        extra = {"depth_mm": None, "station": None, "covered": False, "source": None}
        return None, shown, {"position_mm": _rounded(shown), **extra}
    station, p = case.view.stations[i], case.view.protocol
    u, v, d = station.plane.see_one(point)
    pitch, n = p.fov / p.n, p.n
    shown = point + station.shift
    source = {
        "sop_uid": case.sops[i],
        "row": round(v / pitch + n // 2, 4),
        "column": round(u / pitch + n // 2, 4),
    }
    place = {"position_mm": _rounded(shown), "depth_mm": round(d, 4), "station": i}
    return i, shown, {**place, "covered": bool(readable), "source": source}


def write(case: Case) -> Record:
    """Return the truth of a study."""
    body, view, found = case.body, case.view, case.found
    roots = _roots(case)
    judged: dict[str, bool] = {}
    for r in roots:
        judged[r["segment"]] = judged.get(r["segment"], True) and r["judgeable"]
    low = ("C1", "C2", "C3", "S1", "S2")
    core = [s for s in body.segments() if s not in low]
    leaks = [_leak(case, k, f) for k, f in enumerate(found.leaks)]
    grades = {region: _grade(leaks, region) for region in REGIONS}
    assessable = {r: _assessable([judged[s] for s in core if body.region(s) == r]) for r in REGIONS}
    return {
        "schema": "myeloscope.truth/1",
        "seed": case.seed,
        "study_uid": case.study,
        "arm": case.arm,
        "variety": "paper" if case.paper else "varied",
        "signs_mrm": any(g >= 1 for g in grades.values()),
        "signs_ric": None,
        "grades": {"mr-myelography": grades},
        "findings": leaks + [_collection(case, k, c) for k, c in enumerate(found.collections)],
        "mimics": [_mimic(case, k, f) for k, f in enumerate(found.mimics)],
        "other_fluid": [_fluid(case, o.name, o.centre) for o in case.pictures.organs],
        "ruined": [r for r, a in assessable.items() if not a] if case.ruin != "none" else [],
        "ruin": case.ruin,
        "coverage": [s for s in core if judged[s]],
        "difficulty": _difficulty(case.difficulty),
        "formula": {"thoracic": body.thoracic, "lumbar": body.lumbar},
        "sac": _sac(case),
        "roots": roots,
        "stations": _stations(case, view),
        "age_years": body.age,
        "sex": body.sex,
        "strange": _strange(case, assessable),
    }


def _difficulty(hard: Difficulty) -> Record:
    """Return the difficulty in numbers."""
    return {
        "level": hard.level,
        "sac_snr": round(hard.snr, 4),
        "leak_over_sac": round(hard.bright, 4),
    }


def _grade(leaks: Sequence[Record], region: str) -> int:
    """Return a region's grade: that of its worst covered leak."""
    return max((f["grade"] for f in leaks if f["region"] == region and f["covered"]), default=0)


def _strange(case: Case, assessable: Mapping[str, bool]) -> Record:
    """Return what no other truth tells: how the body and the scan were drawn."""
    return {
        "assessable": assessable,
        "leaks_in_body": len(case.found.leaks),
        "check": [_check(case, k, f) for k, f in enumerate(case.found.leaks)],
        "protocol": asdict(case.view.protocol),
        "scoliosis_deg": round(case.body.scoliosis, 2),
        "stature": round(case.body.stature, 3),
        "sac_end_mm": round(case.body.s_end, 1),
    }


def _assessable(judged: Sequence[bool]) -> bool:
    """Say whether no more than two adjacent roots of a region are lost."""
    run = worst = 0
    for sound in judged:
        run = 0 if sound else run + 1
        worst = max(worst, run)
    return worst <= MOST_LOST


def _roots(case: Case) -> list[Record]:
    """Return all roots, and whether their sleeves can be seen."""
    levels = [5.0 if sac is None else np.median(sac.csf[sac.csf > 2]) for sac in case.pictures.sacs]
    records = []
    for root in case.body.roots:
        i, _, where = _placed(case, root.wall)
        weight = 1.0 if i is None else case.view.stations[i].plane.weight(where["depth_mm"])
        path = 2 * root.radii[5] * root.amplitude * weight
        shown = path / levels[i or 0] * case.difficulty.snr
        records.append({
            "segment": root.segment,
            "side": root.side,
            "visible": bool(shown > 2 and root.reach > 1.2),
            "in_view": i is not None,
            "judgeable": where["covered"],
            "s_mm": round(root.s, 4),
            "position_mm": where["position_mm"],
            "sleeve_mm": round(max(root.reach, 0.0), 4),
            "station": i,
        })  # fmt: skip
    return records


def _leak(case: Case, k: int, f: Leak) -> Record:
    """Return one leak; a triangle alone is grade 1, lateral signal 2 up to the sac's width."""
    root, m = f.root, f.measured
    ratio = m.extent / m.width
    same = [r for r in case.body.roots if r.side == root.side]
    span = [r for r in same if m.span[0] - 2 <= r.s <= m.span[1] + 2 or r is root]
    return {
        "id": f"{case.seed}-leak-{k + 1}",
        "kind": "leak",
        **_named(case.body, root.segment, (span[0].segment, span[-1].segment), root.side),
        "grade": 1 if f.pattern == ["triangle"] else 2 if ratio <= 1 else 3,
        "reach_mm": round(m.reach, 4),
        "extent_mm": round(m.extent, 4),
        "sac_width_mm": round(m.width, 4),
        "ratio": round(ratio, 3),
        "pattern": f.pattern,
        **_placed(case, m.position)[2],
        "brightness": round(m.brightness, 4),
        "size_mm": None,
    }


def _named(body: Body, segment: str, span: tuple[str, str], side: str) -> Record:
    """Return the fields that name a place of the spine."""
    region = body.region(segment)
    return {"region": region, "segment": segment, "segment_range": list(span), "side": side}


def _check(case: Case, k: int, f: Leak) -> Record:
    """Return what helps to judge a leak's reach."""
    return {
        "id": f"{case.seed}-leak-{k + 1}",
        "reach_if_quarter_of_peak_mm": round(f.measured.reach_of_max, 3),
        "normal_sleeve_mm": round(f.root.reach, 3),
    }


def _collection(case: Case, k: int, c: Collection) -> Record:
    """Return one epidural collection, which has no grade."""
    roots = case.body.roots
    nearest: Root = min(roots, key=lambda r: abs(r.s - c.s))
    span = [r.segment for r in roots if c.s0 <= r.s <= c.s1] or [nearest.segment]
    side = "midline" if len(c.sides) == 2 else "left" if c.sides[0] > 0 else "right"
    width = 2 * float(case.body.value(case.body.rx, c.s))
    return {
        "id": f"{case.seed}-collection-{k + 1}",
        "kind": "epidural-collection",
        **_named(case.body, nearest.segment, (span[0], span[-1]), side),
        "grade": None,
        "reach_mm": None,
        "extent_mm": None,
        "sac_width_mm": round(width, 4),
        "ratio": None,
        "pattern": ["haze"],
        **_placed(case, case.body.at(c.s))[2],
        "brightness": None,
        "size_mm": round(c.s1 - c.s0, 2),
    }


def _mimic(case: Case, k: int, f: Mimic) -> Record:
    """Return one cyst or meningocele."""
    body, root, part = case.body, f.root, f.part
    s, lateral = body.lateral(part.centre, root.sign)
    reach = lateral + float(part.half[0]) * 0.97
    width = 2 * float(body.value(body.rx, s))
    extent = max(0.0, reach - root.reach)
    return {
        "id": f"{case.seed}-mimic-{k + 1}",
        "kind": f.kind,
        **_named(body, root.segment, (root.segment, root.segment), root.side),
        "grade": 0,
        "reach_mm": round(reach, 4),
        "extent_mm": round(extent, 4),
        "sac_width_mm": round(width, 4),
        "ratio": round(extent / max(width, 1), 3),
        "pattern": ["round"],
        **_placed(case, part.centre)[2],
        "brightness": None,
        "size_mm": round(f.size, 4),
    }


def _sac(case: Case) -> list[Record]:
    """Return the sac's place and width every 5 mm."""
    body, records = case.body, []
    for s in np.arange(0, body.s_end, 5.0):
        i, shown, _ = _placed(case, body.at(s))
        width = round(2 * float(body.value(body.rx, s)), 4)
        place = _rounded(shown)
        records.append({"s_mm": float(s), "position_mm": place, "width_mm": width, "station": i})
    return records


def _fluid(case: Case, name: str, centre: Floats) -> Record:
    """Return one fluid that is neither CSF nor a leak."""
    i, shown, _ = _placed(case, centre)
    return {"name": name, "position_mm": _rounded(shown), "in_view": i is not None}


def _stations(case: Case, view: View) -> list[Record]:
    """Return how each station was taken."""
    names = STATION_NAMES[view.protocol.stations]
    return [
        {
            "name": name,
            "sop_uid": sop,
            "present": station.present,
            "shift_mm": _rounded(station.shift),
            "normal": _rounded(station.plane.n),
            "slab_mm": view.protocol.slab,
        }
        for name, sop, station in zip(names, case.sops, view.stations, strict=True)
    ]
