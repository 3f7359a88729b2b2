"""A smooth course follows a spine's curves and not what lies beside it."""

from __future__ import annotations

import numpy as np
import pytest

from myeloscope.cisternography.course import smooth_course
from myeloscope.cisternography.planar import STEP_MM

AT = np.arange(240) * STEP_MM
CURVE = 12.0 * np.sin(2 * np.pi * AT / 320.0)


def test_a_curve_of_a_spine_is_followed() -> None:
    found = smooth_course(CURVE, np.ones(240))
    assert np.abs(found - CURVE)[20:-20].max() < 0.5


@pytest.mark.parametrize(("length", "pull"), [(25.0, 0.5), (40.0, 2.0)])
def test_a_bulge_of_a_leak_hardly_is(length: float, pull: float) -> None:
    bulge = 8.0 * (np.abs(AT - 300.0) < length / 2)
    found = smooth_course(CURVE + bulge, np.ones(240))
    assert np.abs(found - CURVE)[20:-20].max() < pull


def test_places_without_weight_are_bridged() -> None:
    weight = np.where(np.abs(AT - 250.0) < 60.0, 0.0, 1.0)
    found = smooth_course(np.where(weight > 0, CURVE, 40.0), weight)
    assert np.abs(found - CURVE).max() < 4.0


def test_a_short_course_is_left_alone() -> None:
    few = np.arange(5.0)
    assert np.array_equal(smooth_course(few, np.ones(5)), few)
