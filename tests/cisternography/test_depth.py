"""Depth from opposed views, on scenes whose depth follows from the law of attenuation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from myeloscope.cisternography.activity import Activity, take_apart
from myeloscope.cisternography.bounds import BOUNDS
from myeloscope.cisternography.canal import Canal, find_canal
from myeloscope.cisternography.depth import Depth, depth_of, depth_over
from myeloscope.cisternography.judge import DEPTH_RULE, judge
from myeloscope.cisternography.landmarks import Landmarks
from myeloscope.cisternography.planar import moments_of
from myeloscope.cisternography.signs import Spot, find_spots
from myeloscope.domain.grade import FindingKind, Grade
from myeloscope.domain.scintigraphy import View
from tests.cisternography.test_parts import PIXEL, column, station, study

NOWHERE = Landmarks(None, None, None, ())


def drop(left: float, up: float, height: float) -> np.ndarray:
    """Return a round spot of 12 mm FWHM."""
    x = (np.arange(256) - 127.5) * PIXEL
    away = (x[None] - left) ** 2 + (-x[:, None] - up) ** 2
    return np.asarray(height * np.exp(-4 * np.log(2) * away / 12.0**2))


def spot_at(depth_mm: float, views: int = 2) -> tuple[Canal, Activity, Spot]:
    """Return a canal with a spot 24 mm to its left, so far behind it, and what is found of it."""
    front = np.exp(-BOUNDS.attenuation * depth_mm)
    stations = [station(column(16, 100) + drop(24, 40, 60 * front), View.ANTERIOR)]
    back = column(16, 100) + drop(24, 40, 60 / front)
    stations.append(station(back[:, ::-1], View.POSTERIOR, way=-1.0))
    canal = find_canal(moments_of(study(*stations[:views])))
    assert canal is not None
    activity = take_apart(canal, canal.times[0])
    return canal, activity, find_spots(canal, [activity], NOWHERE)[0]


@pytest.mark.parametrize("depth_mm", [-60.0, -20.0, 0.0, 20.0, 60.0])
def test_the_ratio_of_opposed_views_gives_the_depth(depth_mm: float) -> None:
    canal, activity, spot = spot_at(depth_mm)
    depth = depth_of(canal, activity, spot)
    assert depth is not None
    # ln(anterior / posterior) = -2 mu depth, by construction
    assert depth.middle_mm == pytest.approx(depth_mm, abs=5.0)
    assert depth.least_mm < depth.middle_mm < depth.greatest_mm


def test_one_view_tells_no_depth() -> None:
    assert depth_of(*spot_at(0.0, views=1)) is None


def test_activity_on_the_skin_is_listed_and_no_sign() -> None:
    canal, activity, spot = spot_at(70.0)
    found = judge(canal, [activity], NOWHERE, spot)
    assert (found.kind, found.rule) == (FindingKind.OTHER_FLUID, DEPTH_RULE)
    assert found.grade is Grade.NONE
    canal, activity, spot = spot_at(10.0)
    beside = judge(canal, [activity], NOWHERE, spot)
    assert beside.kind is FindingKind.LEAK


def test_a_leak_beside_a_lung_looks_nearer_to_the_front() -> None:
    """80 mm of lung for tissue: counts in front as from 80 x (0.125 - 0.04) / (2 x 0.125) mm."""
    canal, activity, spot = spot_at(-40.0)
    assert judge(canal, [activity], NOWHERE, spot).rule == DEPTH_RULE
    in_chest = replace(NOWHERE, lungs=(spot.s_mm - 50, spot.s_mm + 50))
    assert judge(canal, [activity], in_chest, spot).kind is FindingKind.LEAK
    below = replace(NOWHERE, lungs=(spot.s_mm - 90, spot.s_mm - 50))
    assert judge(canal, [activity], below, spot).rule == DEPTH_RULE


def test_lungs_excuse_nothing_behind_and_nothing_farther_in_front() -> None:
    assert Depth(-60.0, -66.0, -54.0).elsewhere()
    assert not Depth(-48.0, -52.0, -44.0).elsewhere(lungs=True)
    assert Depth(-80.0, -90.0, -70.0).elsewhere(lungs=True)
    assert Depth(30.0, 24.0, 36.0).elsewhere(lungs=True)


@pytest.mark.parametrize(
    ("depth", "elsewhere"),
    [
        (Depth(0.0, -10.0, 10.0), False),
        (Depth(20.0, 14.0, 26.0), False),
        (Depth(30.0, 24.0, 36.0), True),
        (Depth(-45.0, -85.0, -5.0), True),
        (Depth(-45.0, -95.0, 5.0), False),
        (Depth(-25.0, -45.0, -5.0), False),
    ],
)
def test_what_lies_elsewhere_is_surely_not_beside_the_canal(depth: Depth, elsewhere: bool) -> None:
    assert depth.elsewhere() is elsewhere


def test_the_depth_over_times_is_that_of_each_with_less_doubt() -> None:
    canal, activity, spot = spot_at(40.0)
    once = depth_over(canal, [activity], spot)
    assert once is not None
    assert once.middle_mm == pytest.approx(40.0, abs=5.0)
    both = replace(spot, ratios=spot.ratios * 2, certainties=spot.certainties * 2)
    twice = depth_over(canal, [activity, activity], both)
    assert twice is not None
    assert twice.middle_mm == pytest.approx(once.middle_mm)
    assert twice.away_mm() > once.away_mm()
    canal, activity, spot = spot_at(0.0, views=1)
    assert depth_over(canal, [activity], spot) is None
