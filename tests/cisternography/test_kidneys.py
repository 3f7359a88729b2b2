"""Where a kidney's slope ends, on courses drawn by hand and on pictures of ovals."""

from __future__ import annotations

import numpy as np
import pytest

from myeloscope.cisternography.activity import Activity, take_apart
from myeloscope.cisternography.canal import find_canal
from myeloscope.cisternography.landmarks import Kidney, Landmarks
from myeloscope.cisternography.levels import LANDMARKS, STATURE, name_levels
from myeloscope.cisternography.planar import moments_of
from myeloscope.cisternography.read import _by_levels
from myeloscope.cisternography.signs import Spot, _falls_to, find_spots
from myeloscope.domain.anatomy import Segment
from myeloscope.domain.scintigraphy import View
from tests.cisternography.test_parts import PIXEL, column, station, study


@pytest.mark.parametrize(
    ("course", "end"),
    [
        ((1.0, 0.8, 0.5, 0.2, 0.05, 0.0, 0.0), 4),  # to nothing
        ((1.0, 0.6, 0.3, 0.7, 1.2), 2),  # a valley, and something else
        ((1.0, 0.6, 0.5, 0.6, 0.5, 0.3), 5),  # a ripple of less than half is the kidney's own
        ((0.2, 0.15, 0.2, 0.1), 3),  # and so is one of less than can be seen
        ((0.0, 0.5, 1.0), 0),  # no kidney there
        ((0.4, 0.7, 1.0), 0),  # something that rises at once
    ],
)
def test_a_slope_ends_at_nothing_or_in_a_valley(course: tuple[float, ...], end: int) -> None:
    assert _falls_to(course) == end


def oval(left: float, up: float, height: float, wide: float, tall: float) -> np.ndarray:
    """Return a Gaussian of such SDs (mm)."""
    x = (np.arange(256) - 127.5) * PIXEL
    across, along = (x[None] - left) / wide, (-x[:, None] - up) / tall
    return np.asarray(height * np.exp(-0.5 * (across**2 + along**2)))


def spots_of(*more: np.ndarray, sign: int, q_mm: float) -> list[Spot]:
    """Return what is found within 60 mm of height 0, where a kidney is known, so far aside."""
    picture = column(16, 100) + np.sum(more, axis=0)
    views = (station(picture, View.ANTERIOR), station(picture[:, ::-1], View.POSTERIOR, way=-1.0))
    canal = find_canal(moments_of(study(*views)))
    assert canal is not None
    activities: list[Activity] = [take_apart(canal, canal.times[0])]
    middle = float(np.interp(0.0, -canal.times[0].z, canal.s))
    kidney = Kidney(sign, middle, sign * q_mm, 2.0)
    found = find_spots(canal, activities, Landmarks(None, None, None, (kidney,)))
    return [spot for spot in found if spot.evidence >= 1 and abs(spot.s_mm - middle) < 60]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_leak_beside_a_kidney_is_seen_and_the_kidneys_slope_is_none(sign: int) -> None:
    kidney = oval(sign * 54.0, 0.0, 60.0, 10.0, 26.0)
    assert not spots_of(kidney, sign=sign, q_mm=54.0)
    both = spots_of(kidney, oval(sign * 22.0, 10.0, 60.0, 6.0, 6.0), sign=sign, q_mm=54.0)
    assert [spot.sign for spot in both] == [sign]
    assert abs(both[0].q_mm) == pytest.approx(22.0, abs=4.0)
    # a leak's own skirt taken for a kidney does not hide the leak
    assert spots_of(oval(sign * 22.0, 10.0, 60.0, 8.0, 6.0), sign=sign, q_mm=42.0)


def test_a_skull_that_cannot_be_one_ends_no_canal() -> None:
    exact = {name: (STATURE * at, 8.0) for name, (at, _) in LANDMARKS.items() if name != "skull"}
    wrong = Landmarks(
        exact["end"], (STATURE * LANDMARKS["skull"][0] + 120.0, 8.0), exact["injection"], (),
        exact["neck"],
    )  # fmt: skip
    right = Landmarks(
        exact["end"], (STATURE * LANDMARKS["skull"][0], 8.0), exact["injection"], (), exact["neck"]
    )
    levels = {each: name_levels(each.known()) for each in (wrong, right)}
    assert _by_levels(wrong, levels[wrong]).skull is None
    assert _by_levels(right, levels[right]).skull == right.skull
    lungs = _by_levels(right, levels[right]).lungs
    places = levels[right].exits_mm
    assert lungs == (places[Segment.T1], places[Segment.T10])
    assert _by_levels(Landmarks(None, None, None, ()), levels[right]).injection is None
