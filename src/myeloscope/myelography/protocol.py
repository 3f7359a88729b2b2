"""The acquisition held against the paper's (PAPER, "Acquisition")."""

from __future__ import annotations

from myeloscope.domain.grade import Verdict
from myeloscope.domain.image import Acquisition, Station
from myeloscope.domain.reading import ProtocolItem

TOLERANCE = 0.05
"""A setting within 5 % of the paper's counts as the paper's: scanners round."""

_PAPER: tuple[tuple[str, str, float], ...] = (
    ("EchoTime", "echo_time_ms", 1000.0),
    ("RepetitionTime", "repetition_time_ms", 8000.0),
    ("EchoTrainLength", "echo_train_length", 256.0),
    ("SliceThickness", "slab_mm", 50.0),
    ("FieldOfView", "field_of_view_mm", 270.0),
    ("MagneticFieldStrength", "field_strength_t", 1.5),
)


def check_protocol(stations: tuple[Station, ...]) -> tuple[ProtocolItem, ...]:
    """Return every setting of the paper with what the stations have.

    Where stations differ, the value furthest from the paper's is the one shown.
    """
    settings = tuple(station.acquisition for station in stations)
    items = [_compare(name, field, paper, settings) for name, field, paper in _PAPER]
    items.append(_compare_matrix(stations))
    items.append(_compare_type(settings))
    return tuple(items)


def _compare(
    name: str, field: str, paper: float, settings: tuple[Acquisition, ...]
) -> ProtocolItem:
    values: list[float] = [v for v in (getattr(a, field) for a in settings) if v is not None]
    if not values:
        return ProtocolItem(name, None, paper, Verdict.MISSING)
    found = max(values, key=lambda value: abs(value - paper))
    same = abs(found - paper) <= TOLERANCE * paper
    return ProtocolItem(name, found, paper, Verdict.AS_IN_THE_PAPER if same else Verdict.DIFFERS)


def _compare_matrix(stations: tuple[Station, ...]) -> ProtocolItem:
    found = sorted({"x".join(map(str, station.pixels.shape)) for station in stations})
    verdict = Verdict.AS_IN_THE_PAPER if found == ["512x512"] else Verdict.DIFFERS
    return ProtocolItem("Matrix", ", ".join(found), "512x512", verdict)


def _compare_type(settings: tuple[Acquisition, ...]) -> ProtocolItem:
    found = sorted({a.acquisition_type for a in settings if a.acquisition_type})
    if not found:
        return ProtocolItem("MRAcquisitionType", None, "2D", Verdict.MISSING)
    verdict = Verdict.AS_IN_THE_PAPER if found == ["2D"] else Verdict.DIFFERS
    return ProtocolItem("MRAcquisitionType", ", ".join(found), "2D", verdict)
