"""Registration along the sac against maps that are known by construction."""

from __future__ import annotations

from dataclasses import replace

import pytest

from myeloscope.comparison.registration import (
    Registration,
    common_range,
    distance_along,
    register,
    width_correlation,
)
from myeloscope.domain.reading import SacPoint
from tests.comparison.readings import SPINE_MM, View, reading


@pytest.mark.parametrize(
    ("view", "shift"),
    [
        (View(), 0),
        (View(top=75.0), 0),
        (View(top=10.0, bottom=500.0), 0),
        (View(top=60.0, names=1), 1),
        (View(top=60.0, names=-2), -2),
        (View(top=30.0, stretch=1.02), 0),
        (View(wider=1.15), 0),
        # Half a spine, its names wrong by four roots.
        (View(top=260.0, names=4), 4),
        (View(top=40.0, bottom=300.0, names=-3), -3),
    ],
)
def test_known_maps_are_found(view: View, shift: int) -> None:
    made = register(reading(), reading(view=view))
    assert made is not None
    assert made.name_shift == shift
    for s in SPINE_MM:
        if view.top < s < view.bottom:
            before, after = s - 40.0, view.stretch * (s - view.top)
            assert made.later(before) == pytest.approx(after, abs=3.0)  # issue: median <= 3 mm
            assert made.earlier(made.later(before)) == pytest.approx(before)


def test_without_enough_roots_or_likeness_there_is_no_map() -> None:
    assert register(reading(), reading(view=View(bottom=70.0))) is None
    assert register(reading(), reading(view=View(visible=False))) is None
    other = reading()
    strange = replace(
        other,
        sac=tuple(replace(p, width_mm=15 + 4 * (-1) ** (n // 3)) for n, p in enumerate(other.sac)),
    )
    assert register(reading(), strange) is None
    piled = replace(other, roots=tuple(replace(root, s_mm=5.0) for root in other.roots))
    assert register(piled, other) is None


def test_widths_that_do_not_vary_or_overlap_do_not_correlate() -> None:
    one = reading()
    flat = replace(one, sac=tuple(replace(p, width_mm=15.0) for p in one.sac))
    fit = Registration(0.0, 1.0, 0.0, 10, 0)
    assert width_correlation(fit, one, one) == pytest.approx(1.0)
    assert width_correlation(fit, one, flat) == 0.0
    assert width_correlation(replace(fit, offset_mm=900.0), one, one) == 0.0
    assert width_correlation(replace(fit, offset_mm=515.0), one, one) == 0.0
    assert common_range(fit, one.sac, ()) is None


def test_distance_along_is_that_of_the_nearest_point_of_the_midline() -> None:
    sac = tuple(SacPoint(4.0 * i, (0.0, None, -4.0 * i), 15.0) for i in range(5))
    assert distance_along(sac, (9.0, 3.0, -7.0)) == pytest.approx(7.0)
    assert distance_along(sac, (0.0, None, 50.0)) == 0.0
    assert distance_along(sac[:1], (0.0, 0.0, -7.0)) == 0.0
    assert distance_along((), (0.0, 0.0, 0.0)) is None
