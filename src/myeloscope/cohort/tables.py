"""The tables of a cohort: columns, and the rows that one reading gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from myeloscope.cohort.record import Cell, Rows
from myeloscope.domain.anatomy import Region

Document = Mapping[str, Any]
"""A decoded ``reading.json``."""

REGIONS: Mapping[str, type] = {
    "study_uid": str, "technique": str, "region": str, "grade": int, "assessable": bool,
    "at_least": bool, "score": float, "reason": str, "positive": bool,
}  # fmt: skip
"""One row a region; ``positive`` is the study's."""
FINDINGS: Mapping[str, type] = {
    "study_uid": str, "technique": str, "finding": int, "kind": str, "region": str,
    "segment": str, "side": str, "grade": int, "reach_mm": float, "extent_mm": float,
    "sac_width_mm": float, "ratio": float, "pattern": str, "rule": str, "score": float,
    "x_mm": float, "y_mm": float, "z_mm": float, "id": str,
}  # fmt: skip
"""One row a finding, numbered from 1 in the order of ``reading.json``; positions are LPS mm."""
QUALITY: Mapping[str, type] = {
    "study_uid": str, "technique": str, "item": str, "value": float, "text": str,
}  # fmt: skip
"""One row a measure, a setting of the acquisition (with the verdict) or a warning."""
FAILURES: Mapping[str, type] = {
    "study_uid": str, "kind": str, "place": str, "reason": str, "tries": int,
}  # fmt: skip
"""One row a study that was set aside, or a file that should be an image and cannot be read."""
TABLES: Mapping[str, Mapping[str, type]] = {
    "regions": REGIONS, "findings": FINDINGS, "quality": QUALITY, "failures": FAILURES,
}  # fmt: skip


def rows_of(uid: str, readings: Sequence[Document]) -> Rows:
    """Return a study's rows of ``regions``, ``findings`` and ``quality``."""
    made: dict[str, list[list[Cell]]] = {"regions": [], "findings": [], "quality": []}
    for reading in readings:
        head: list[Cell] = [uid, reading["technique"]]
        made["regions"] += [[*head, *cells] for cells in _regions(reading)]
        made["findings"] += [[*head, *cells] for cells in _findings(reading)]
        made["quality"] += [[*head, *cells] for cells in _quality(reading)]
    return made


def _regions(reading: Document) -> Iterator[list[Cell]]:
    for region in Region:
        answer = reading["regions"][region.value]
        names = ("grade", "assessable", "at_least", "score", "reason")
        yield [region.value, *(answer.get(name) for name in names), reading["positive"]]


def _findings(reading: Document) -> Iterator[list[Cell]]:
    for number, finding in enumerate(reading["findings"], start=1):
        names = (
            *("kind", "region", "segment", "side", "grade", "reach_mm", "extent_mm"),
            *("sac_width_mm", "ratio", "pattern", "rule", "score"),
        )
        cells = [finding[name] for name in names]
        cells[names.index("pattern")] = " ".join(finding["pattern"])
        yield [number, *cells, *finding["position_mm"], finding["id"]]


def _quality(reading: Document) -> Iterator[list[Cell]]:
    quality = reading["quality"]
    yield ["snr", quality["snr"], None]
    for name, value in quality["measures"].items():
        yield [name, value, None]
    for item in quality["protocol"]:
        found, verdict = item["found"], item["verdict"]
        text = f"{found} ({verdict})" if isinstance(found, str) else verdict
        yield [item["item"], None if isinstance(found, str) else found, text]
    yield [
        "uncertainty_roots",
        reading["numbering"]["uncertainty_roots"],
        reading["numbering"]["kind"],
    ]
    for warning in quality["warnings"]:
        yield ["warning", None, warning]
