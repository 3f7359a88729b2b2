"""The picture of all scintigrams: which image is drawn the other way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from myeloscope.cisternography.read import read_cisternogram
from myeloscope.domain.image import Study
from myeloscope.domain.scintigraphy import View
from myeloscope.phantom.ric_spec import RicRuin
from myeloscope.report import scintigrams
from myeloscope.settings import ReadSettings
from tests.cisternography.scenes import SICK, phantom


def _stored_otherwise(study: Study) -> Study:
    """Return a study whose posterior images, the second of each time, are stored unmirrored."""
    stations = tuple(
        replace(s, pixels=np.ascontiguousarray(s.pixels[:, ::-1])) if number % 2 else s
        for number, s in enumerate(study.stations)
    )
    return replace(study, stations=stations)


@pytest.mark.parametrize("ruin", [RicRuin.NONE, RicRuin.UNLABELLED])
def test_only_the_lower_image_of_a_pair_is_turned_to_fit_the_upper_one(
    monkeypatch: pytest.MonkeyPatch, ruin: RicRuin
) -> None:
    whole = phantom(SICK, ruin).study
    turned = _stored_otherwise(whole)
    views = {s.nuclear.view for s in whole.stations if s.nuclear is not None}
    assert (View.UNKNOWN in views) == (ruin is RicRuin.UNLABELLED)
    flips: dict[bool, set[tuple[int, float, float]]] = {}
    for study in (whole, turned):
        drawn: list[scintigrams.Panel] = []
        monkeypatch.setattr(
            scintigrams, "_draw_panel", lambda _s, p, _r, _a, to=drawn: to.append(p)
        )
        scintigrams.all_times(study, read_cisternogram(study, ReadSettings()))
        lower = max(panel.box[1] for panel in drawn)
        flips[study is turned] = {(p.time, float(p.box[1] == lower), p.flip) for p in drawn}
    upper_rows = [flip for found in flips.values() for _, low, flip in found if not low]
    assert set(upper_rows) == {1.0}
    lower_of = {which: {t: f for t, low, f in found if low} for which, found in flips.items()}
    assert lower_of[True] == {time: -flip for time, flip in lower_of[False].items()}
