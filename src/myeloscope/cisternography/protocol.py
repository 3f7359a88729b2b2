"""Acquisition held against the paper's (PAPER, "Acquisition", RIC)."""

from __future__ import annotations

from collections.abc import Sequence

from myeloscope.cisternography.planar import Moment, nuclear
from myeloscope.domain.grade import Verdict
from myeloscope.domain.image import Study
from myeloscope.domain.reading import ProtocolItem
from myeloscope.domain.scintigraphy import View

HOURS = (0.5, 2.0, 4.0, 6.0)
DOSE_MBQ = (185.0, 259.0)
TOLERANCE = 0.2
"""A time within a fifth (or 15 minutes) of the paper's counts as the paper's."""


def check_protocol(study: Study, moments: Sequence[Moment]) -> tuple[ProtocolItem, ...]:
    """Return nuclide, dose, times and views with what the study has."""
    first = nuclear(study.stations[0])
    items = [_same("Radionuclide", first.nuclide, "Tc-99m"), _dose(first.dose_mbq)]
    items += [_time(hours, moments) for hours in HOURS]
    paired = all(
        {View.ANTERIOR, View.POSTERIOR}
        <= {nuclear(study.stations[i]).view for i in moment.stations}
        for moment in moments
    )
    known = any(nuclear(s).view is not View.UNKNOWN for s in study.stations)
    views = "anterior and posterior at every time" if paired else "not both at every time"
    verdict = Verdict.AS_IN_THE_PAPER if paired else Verdict.DIFFERS if known else Verdict.MISSING
    wanted = "anterior and posterior at every time"
    items.append(ProtocolItem("Views", views if known else None, wanted, verdict))
    return tuple(items)


def _same(item: str, found: str | None, paper: str) -> ProtocolItem:
    if found is None:
        return ProtocolItem(item, None, paper, Verdict.MISSING)
    verdict = Verdict.AS_IN_THE_PAPER if found == paper else Verdict.DIFFERS
    return ProtocolItem(item, found, paper, verdict)


def _dose(found: float | None) -> ProtocolItem:
    paper = f"{DOSE_MBQ[0]:g}-{DOSE_MBQ[1]:g}"
    if found is None:
        return ProtocolItem("Dose", None, paper, Verdict.MISSING)
    inside = DOSE_MBQ[0] * 0.98 <= found <= DOSE_MBQ[1] * 1.02
    verdict = Verdict.AS_IN_THE_PAPER if inside else Verdict.DIFFERS
    return ProtocolItem("Dose", round(found, 1), paper, verdict)


def _time(hours: float, moments: Sequence[Moment]) -> ProtocolItem:
    name = f"Image at {hours:g} h"
    nearest = min((m.hours for m in moments), key=lambda at: abs(at - hours))
    if abs(nearest - hours) <= max(TOLERANCE * hours, 0.25):
        return ProtocolItem(name, round(nearest, 2), hours, Verdict.AS_IN_THE_PAPER)
    if abs(nearest - hours) <= 0.5 * hours:
        return ProtocolItem(name, round(nearest, 2), hours, Verdict.DIFFERS)
    return ProtocolItem(name, None, hours, Verdict.MISSING)
