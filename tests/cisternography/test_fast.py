"""What the reading computes its own way for speed, against numpy and scipy."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d, map_coordinates

from myeloscope.cisternography.blur import blur_matrix
from myeloscope.cisternography.course import smooth_course
from myeloscope.cisternography.planar import between


@pytest.mark.parametrize(
    ("count", "sigma", "truncate"),
    [(200, 12.0, 4.0), (90, 6.4, 3.0), (37, 0.75, 4.0), (50, 12.0, 4.0), (12, 4.0, 3.0)],
)
def test_a_blur_is_scipys(count: int, sigma: float, truncate: float) -> None:
    columns = np.random.default_rng(count).normal(size=(count, 5))
    expected = gaussian_filter1d(columns, sigma, axis=0, truncate=truncate)
    assert blur_matrix(count, sigma, truncate) @ columns == pytest.approx(expected, abs=2e-6)


def test_places_between_are_scipys_to_the_bit() -> None:
    rng = np.random.default_rng(5)
    picture = rng.normal(size=(30, 20))
    row, column = rng.uniform(-3, 33, 4000), rng.uniform(-3, 23, 4000)
    row[:5], column[:5] = (0, 29, 29, 12, 29.0000001), (0, 19, 3, 19, 4)
    expected = map_coordinates(picture, [row, column], order=1, cval=0.0)
    assert (expected == 0).any()
    assert between(picture, row, column).tolist() == expected.tolist()


def test_a_smooth_course_leaves_what_has_no_third_difference() -> None:
    """Whatever the weights: a parabola is its own smoothest course."""
    s = np.arange(120.0)
    weight = np.random.default_rng(2).uniform(0.1, 30.0, 120)
    parabola = 3 + 0.1 * s - 0.002 * s**2
    assert smooth_course(parabola, weight) == pytest.approx(parabola, abs=1e-8)
