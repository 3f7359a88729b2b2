"""The acquisition held against the figures of PAPER."""

from __future__ import annotations

import numpy as np

from myeloscope.domain.grade import Verdict
from myeloscope.domain.image import Acquisition, PlaneGeometry, Station
from myeloscope.myelography.protocol import check_protocol

PLANE = PlaneGeometry((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, -1.0), 0.527, 0.527)


def station(acquisition: Acquisition, size: int = 512) -> Station:
    return Station(np.zeros((size, size), np.float32), PLANE, acquisition, "1.2", "1.3")


def test_the_papers_own_settings() -> None:
    paper = Acquisition(1000.0, 8000.0, 256.0, 50.0, 270.0, 1.5, "2D")
    items = check_protocol((station(paper), station(paper)))
    assert {item.verdict for item in items} == {Verdict.AS_IN_THE_PAPER}


def test_the_value_furthest_from_the_papers_is_shown() -> None:
    items = check_protocol(
        (station(Acquisition(echo_time_ms=1020.0)), station(Acquisition(echo_time_ms=740.0), 256))
    )
    found = {item.item: (item.found, item.verdict) for item in items}
    assert found["EchoTime"] == (740.0, Verdict.DIFFERS)
    assert found["RepetitionTime"] == (None, Verdict.MISSING)
    assert found["Matrix"] == ("256x256, 512x512", Verdict.DIFFERS)
    assert found["MRAcquisitionType"] == (None, Verdict.MISSING)


def test_a_3d_sequence_differs() -> None:
    items = check_protocol((station(Acquisition(acquisition_type="3D")),))
    assert items[-1].verdict is Verdict.DIFFERS
