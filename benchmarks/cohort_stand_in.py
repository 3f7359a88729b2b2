"""A reading that takes no time, and studies that go wrong, to measure a cohort alone."""

from __future__ import annotations

import time

from myeloscope.cohort.record import Entry, Order, StudyRef
from myeloscope.cohort.tables import rows_of
from myeloscope.domain.anatomy import Region
from myeloscope.errors import InputError

MEASURES = ("copy_1", "copy_2", "edge_sd_mm", "noise", "seam_error_mm", "visible_1", "visible_2")
FINDING = {
    "kind": "leak", "region": "thoracic", "segment": "T3", "side": "left", "grade": 2,
    "reach_mm": 13.4, "extent_mm": 9.8, "sac_width_mm": 15.1, "ratio": 0.65,
    "pattern": ["triangle", "streaks"], "rule": "lateral<=width", "score": 0.97,
    "position_mm": [-14.2, -3.0, 122.5], "id": "2.25.159909723161615701149725367157594698619",
}  # fmt: skip
REGION = {"grade": 2, "assessable": True, "at_least": False, "score": 0.5, "reason": None}
READING = {
    "technique": "mr-myelography",
    "positive": True,
    "regions": {region.value: REGION for region in Region},
    "findings": [FINDING, FINDING],
    "quality": {
        "snr": 40.0,
        "measures": dict.fromkeys(MEASURES, 0.1234),
        "protocol": [{"item": "EchoTime", "found": 1000.0, "verdict": "as in the paper"}] * 8,
        "warnings": ["cervical: not judged: C1 (not in the image), C2 (not in the image)"] * 2,
    },
    "numbering": {"kind": "assumed", "uncertainty_roots": 0.5},
}
"""As large as a phantom's."""


def read(study: StudyRef, order: Order) -> Entry:
    """Do what a study's path says: ``hang``, ``gorge``, ``corrupt``, or be read at once."""
    what = study.paths[0]
    if what == "hang":
        time.sleep(600)
    if what == "gorge":
        len(bytearray(64 * 2**30))
    if what == "corrupt":
        raise InputError("a file must be DICOM", value="junk", place=study.uid, remedy="drop it")
    return Entry(study.uid, order.key(study), 0.001, 20_000, rows_of(study.uid, [READING]))
