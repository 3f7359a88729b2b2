"""Whether studies that were read are read the same again: a sample, without touching the cohort."""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from myeloscope.cohort.engine import Engine
from myeloscope.cohort.record import STUDIES, StudyRef
from myeloscope.cohort.run import Cohort

READING = "reading.json"
VARYING = "elapsed_s"
"""The one block of a reading that differs from run to run."""


@dataclass(frozen=True, slots=True)
class Verified:
    """How many readings came out the same, and the studies whose readings did not."""

    same: int
    different: tuple[str, ...]


def verify(cohort: Cohort, engine: Engine, count: int) -> Verified:
    """Read some of a cohort's studies again and compare their readings, block by block.

    Which ones is drawn by a digest of the UIDs: at random over the cohort, yet the same each time.

    Raises
    ------
    MyeloscopeError
        What no study is to blame for.
    """
    out = Path(cohort.order.out)
    read = {entry.uid for entry in cohort.entries() if entry.failure is None}
    sample = sorted((study for study in cohort.listing.studies if study.uid in read), key=_lot)[
        :count
    ]
    different = []
    # in the cohort's folder, because workers elsewhere see no other
    with tempfile.TemporaryDirectory(prefix=".verify-", dir=out) as folder:
        order = replace(cohort.order, out=folder, montage=False)
        for entries in engine.read(sorted(sample, key=lambda study: study.uid), order):
            for entry in entries:
                again = _readings(Path(folder) / STUDIES / entry.uid)
                if entry.failure is not None or again != _readings(out / STUDIES / entry.uid):
                    different.append(entry.uid)
    return Verified(len(sample) - len(different), tuple(sorted(different)))


def _lot(study: StudyRef) -> str:
    return hashlib.sha256(study.uid.encode()).hexdigest()


def _readings(folder: Path) -> dict[str, Any]:
    """Return the readings of a study, by their place in its folder, without what varies."""
    found: dict[str, Any] = {}
    for file in sorted(folder.rglob(READING)):
        reading = json.loads(file.read_bytes())
        reading.pop(VARYING)
        found[str(file.relative_to(folder))] = reading
    return found
