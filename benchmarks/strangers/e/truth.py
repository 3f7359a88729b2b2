"""The truth of a study as plain values, ready for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.strangers.e.camera import Camera, best
from benchmarks.strangers.e.dicom import Folder
from benchmarks.strangers.e.leaks import Mark
from benchmarks.strangers.e.organs import Organ, in_view
from benchmarks.strangers.e.scanner import Fault
from benchmarks.strangers.e.skeleton import ABOVE, Root, Spine

REGIONS = ("cervical", "thoracic", "lumbar")
MOST_LOST = 2
"""Adjacent roots of C4-L5 that may be lost before their region is ruined."""
SEEN_FLUID = 0.3
"""Share of fluid in a sleeve from which on it stands out of the sac."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A study before it is told: the person, the stations, and which stations are whole.

    ``present`` are the stations whose image there is, ``sound`` those that no fault spoils.
    """

    spine: Spine
    cameras: tuple[Camera, ...]
    present: list[bool]
    sound: list[bool]
    fault: Fault | None

    def station(self, row: float, u: float = 0.0) -> int | None:
        """Return the station that shows a place best, a sound one if there is one."""
        good = best(self.spine, self.cameras, self.sound, row, u)
        if good is not None and not self._void(good, row):
            return good
        return best(self.spine, self.cameras, self.present, row, u)

    def planned(self, row: float) -> bool:
        """Return whether a planned station shows a row, missing or not."""
        every = [True] * len(self.cameras)
        return best(self.spine, self.cameras, every, row, 0.0) is not None

    def _void(self, index: int, row: float) -> bool:
        fault = self.fault
        if fault is None or fault.kind != "void" or fault.station != index:
            return False
        camera = self.cameras[index]
        share = camera.pixel(camera.place(self.spine, row, 0.0))[0] / camera.matrix
        return fault.span[0] - 0.02 < share < fault.span[1] + 0.02

    def clear(self, row: float) -> bool:
        """Return whether some image shows a row so that it can be judged."""
        return any(
            self.sound[k] and camera.shows(self.spine, row) and not self._void(k, row)
            for k, camera in enumerate(self.cameras)
        )


def _counted(root: Root) -> bool:
    """Return whether a root is among C4-L5, those that a region needs."""
    return root.segment not in ("C1", "C2", "C3") and root.segment[0] != "S"


def lost(scene: Scene) -> list[dict[str, Any]]:
    """Return the ruined regions with the roots lost in them, one entry for each."""
    kind = scene.fault.kind if scene.fault else "coverage"
    found = []
    for region in REGIONS:
        roots = [r for r in scene.spine.roots if r.region == region and r.sign > 0]
        run, worst, names = 0, 0, []
        for root in filter(_counted, roots):
            bad = not scene.clear(root.row)
            run = run + 1 if bad else 0
            worst = max(worst, run)
            names += [root.segment] if bad else []
        if worst > MOST_LOST:
            found.append({"kind": kind, "regions": [region], "roots": names})
    return found


def _rounded(values: Iterable[float]) -> list[float]:
    return [round(float(value), 3) for value in values]


def _mark(scene: Scene, folder: Folder, mark: Mark) -> dict[str, Any]:
    """Return a finding or mimic: measures, and where the station that shows it best has it."""
    u = mark.sign * mark.beside
    index = scene.station(mark.row, u)
    camera = scene.cameras[index or 0]
    at = camera.place(scene.spine, mark.row, u)
    source = None
    if index is not None:
        row, column = _rounded(camera.pixel(at))
        source = {"sop_uid": folder.uid("station", index), "row": row, "column": column}
    depth = camera.depth(scene.spine, mark.row)
    return {
        "kind": mark.kind, "region": mark.region, "segment": mark.segment, "side": mark.side,
        "grade": mark.grade, "reach_mm": round(mark.reach_mm, 3),
        "extent_mm": round(mark.extent_mm, 3), "sac_width_mm": round(mark.sac_width_mm, 3),
        "ratio": round(mark.extent_mm / mark.sac_width_mm, 4), "pattern": list(mark.pattern),
        "position_mm": _rounded(at), "depth_mm": round(depth, 3), "station": index,
        "covered": scene.planned(mark.row), "source": source,
        "brightness": round(mark.brightness, 4),
        "size_mm": None if mark.size_mm is None else round(mark.size_mm, 3),
    }  # fmt: skip


def _root(scene: Scene, root: Root) -> dict[str, Any]:
    u = root.sign * scene.spine.at(scene.spine.half_width, root.row)
    index = scene.station(root.row, u)
    at = scene.cameras[index or 0].place(scene.spine, root.row, u)
    clear = scene.clear(root.row)
    cosine = scene.spine.at(scene.spine.cosine, root.row)
    return {
        "segment": root.segment, "side": root.side,
        "visible": bool(clear and root.fluid > SEEN_FLUID), "in_view": index is not None,
        "judgeable": clear, "s_mm": round(root.row - ABOVE, 3), "position_mm": _rounded(at),
        "sleeve_mm": round((root.lateral + root.tip) * cosine, 3), "station": index,
    }  # fmt: skip


def _sac(scene: Scene) -> list[dict[str, Any]]:
    points, spine = [], scene.spine
    for row in np.arange(ABOVE, spine.end - 2, 5.0):
        index = scene.station(row)
        at = scene.cameras[index or 0].place(spine, row, 0.0)
        width = 2 * spine.at(spine.half_width, row) * spine.at(spine.cosine, row)
        points.append({
            "s_mm": float(row - ABOVE), "position_mm": _rounded(at),
            "width_mm": round(width, 3), "station": index,
        })  # fmt: skip
    return points


def _station(scene: Scene, folder: Folder, index: int) -> dict[str, Any]:
    camera = scene.cameras[index]
    return {
        "name": camera.name, "sop_uid": folder.uid("station", index),
        "present": scene.present[index], "shift_mm": _rounded(camera.shift),
        "normal": [round(float(value), 6) for value in camera.normal], "slab_mm": camera.slab,
    }  # fmt: skip


def _fluid(scene: Scene, organ: Organ) -> dict[str, Any]:
    seen = any(
        present and in_view(scene.spine, camera, organ)
        for camera, present in zip(scene.cameras, scene.present, strict=True)
    )
    return {"name": organ.name, "position_mm": _rounded(organ.centre), "in_view": seen}


def tell(
    scene: Scene, folder: Folder, findings: Sequence[Mark], mimics: Sequence[Mark],
    organs: Sequence[Organ], difficulty: tuple[str, float, float | None],
) -> dict[str, Any]:  # fmt: skip
    """Return the truth of a study; ``difficulty`` is its name, the sac's SNR, leaks over sac."""
    told = [_mark(scene, folder, mark) for mark in findings]
    grades = dict.fromkeys(REGIONS, 0)
    for entry in told:
        if entry["station"] is not None:
            grades[entry["region"]] = max(grades[entry["region"]], entry["grade"] or 0)
    leaks = any(mark.kind == "leak" for mark in findings)
    spine = scene.spine
    return {
        "seed": folder.seed, "study_uid": folder.uid("study"),
        "arm": "patient" if leaks else "control", "signs_mrm": leaks, "signs_ric": False,
        "grades": {"mr-myelography": grades}, "findings": told,
        "mimics": [_mark(scene, folder, mark) for mark in mimics],
        "other_fluid": [_fluid(scene, organ) for organ in organs],
        "ruined": lost(scene), "ruin": scene.fault.kind if scene.fault else "none",
        "coverage": [r.segment for r in spine.roots if r.sign > 0 and scene.planned(r.row)],
        "difficulty": {
            "level": difficulty[0], "sac_snr": round(difficulty[1], 3),
            "leak_over_sac": None if difficulty[2] is None else round(difficulty[2], 4),
        },
        "formula": {"thoracic": spine.thoracic, "lumbar": spine.lumbar},
        "sac": _sac(scene), "roots": [_root(scene, root) for root in spine.roots],
        "stations": [_station(scene, folder, k) for k in range(len(scene.cameras))],
        "age_years": folder.age, "sex": folder.sex,
    }  # fmt: skip
