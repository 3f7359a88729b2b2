"""The truth record of a study: plain numbers, strings and lists, ready for JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.strangers.c.camera import Camera, covered, ribbon
from benchmarks.strangers.c.signs import Mark
from benchmarks.strangers.c.spine import Spine

REGIONS = ("cervical", "thoracic", "lumbar")
MOST_MISSING = 2
"""Adjacent roots of a region that may be lost before the region is."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the truth tells beside findings: arm, ruin and difficulty.

    ``poor`` are the stations with a fault; places are told in another one where possible.
    """

    seed: int
    level: str
    snr: float
    ratio: float
    patient: bool
    ruin: str
    ruined: tuple[str, ...]
    poor: frozenset[int]


def lost_regions(spine: Spine, good: Mapping[str, bool]) -> tuple[str, ...]:
    """Return regions with more than two adjacent roots of C4-L5 that can't be judged."""
    lost = []
    for region in REGIONS:
        run = worst = 0
        for root in spine.roots[::2]:
            low = root.segment in ("C1", "C2", "C3") or root.segment[0] == "S"
            if root.region != region or low:
                continue
            run = 0 if good[root.segment] else run + 1
            worst = max(worst, run)
        if worst > MOST_MISSING:
            lost.append(region)
    return tuple(lost)


def station_of(
    spine: Spine, cameras: Sequence[Camera], poor: frozenset[int], s_mm: float
) -> int | None:
    """Return the station that sees a position on the axis best: sound, nearest to its middle."""
    point = spine.centre[spine.row(s_mm)]
    seen = [
        (index in poor, abs(float(camera.see(point)[1])), index)
        for index, camera in enumerate(cameras)
        if covered(spine, camera, s_mm)
    ]
    return min(seen)[2] if seen else None


def place(spine: Spine, camera: Camera, s_mm: float, u_mm: float) -> list[float]:
    """Return where a point beside the axis shows in a station, LPS mm."""
    band, row = ribbon(spine, camera), spine.row(s_mm)
    across = band.dq[row] * camera.axes[0] - band.dp[row] * camera.axes[1]
    point = spine.centre[row] + camera.shift + u_mm * across
    return [round(float(v), 3) for v in point]


def describe(
    spine: Spine, cameras: Sequence[Camera], poor: frozenset[int], mark: Mark
) -> dict[str, Any]:
    """Return one finding or mimic as the truth writes it."""
    station = station_of(spine, cameras, poor, mark.s_mm)
    camera = cameras[0 if station is None else station]
    return {
        "kind": mark.kind,
        "segment": mark.segment,
        "region": mark.region,
        "side": mark.side,
        "grade": mark.grade,
        "reach_mm": round(mark.reach_mm, 3),
        "extent_mm": round(mark.extent_mm, 3),
        "sac_width_mm": round(mark.sac_width_mm, 3),
        "ratio": round(mark.extent_mm / mark.sac_width_mm, 4),
        "brightness": round(mark.brightness, 4),
        "size_mm": None if mark.size_mm is None else round(mark.size_mm, 3),
        "pattern": list(mark.pattern),
        "position_mm": place(spine, camera, mark.s_mm, mark.u_mm),
        "station": station,
        "covered": station is not None,
    }


def write(
    answer: Answer,
    spine: Spine,
    cameras: Sequence[Camera],
    findings: Sequence[Mark],
    mimics: Sequence[Mark],
) -> dict[str, Any]:
    """Return the truth of a study."""
    grades = dict.fromkeys(REGIONS, 0)
    for mark in findings:
        grades[mark.region] = max(grades[mark.region], mark.grade or 0)
    sac = []
    for s in np.arange(0.0, spine.end_mm, 5.0):
        station = station_of(spine, cameras, answer.poor, float(s))
        camera = cameras[0 if station is None else station]
        width = round(float(spine.width[spine.row(float(s))]), 3)
        where = place(spine, camera, float(s), 0.0)
        sac.append({"s_mm": float(s), "position_mm": where, "width_mm": width, "station": station})
    return {
        "seed": answer.seed,
        "arm": "patient" if answer.patient else "control",
        "ruined": list(answer.ruined),
        "ruin": answer.ruin,
        "signs_mrm": answer.patient,
        "findings": [describe(spine, cameras, answer.poor, mark) for mark in findings],
        "mimics": [describe(spine, cameras, answer.poor, mark) for mark in mimics],
        "difficulty": {
            "level": answer.level,
            "sac_snr": round(answer.snr, 3),
            "leak_over_sac": round(answer.ratio, 4) if answer.patient else None,
        },
        "grades": {"mr-myelography": grades},
        "sac": sac,
        "formula": {"thoracic": spine.thoracic, "lumbar": spine.lumbar},
    }
