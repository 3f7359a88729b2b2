"""Curves and straightening against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from myeloscope.geometry.curve import curve_through, sample, straighten


def circle(radius_px: float) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    angle = np.linspace(-0.5, 0.5, 200)
    return np.stack([100 + radius_px * np.sin(angle), radius_px * np.cos(angle)], axis=1)


def test_arc_length_of_a_circle() -> None:
    curve = curve_through(circle(80.0), spacing_mm=0.5, step_mm=0.25)
    assert curve.s_mm[-1] == pytest.approx(40.0, abs=0.26)  # radius 40 mm x 1 radian


def test_normals_of_a_downward_line_point_to_growing_columns() -> None:
    curve = curve_through(np.array([[0.0, 5.0], [10.0, 5.0]]), spacing_mm=1.0, step_mm=1.0)
    assert np.allclose(curve.normals, [0.0, 1.0])


def test_coordinates_across_a_circle_lie_on_its_radii() -> None:
    curve = curve_through(circle(80.0), spacing_mm=0.5, step_mm=0.25)
    points = curve.at(curve.s_mm, np.full(len(curve.s_mm), 5.0))
    radius = np.hypot(points[:, 0] - 100, points[:, 1])
    assert np.allclose(radius[2:-2], 90.0, atol=0.05)


def test_beyond_its_ends_a_curve_goes_on_straight() -> None:
    curve = curve_through(np.array([[0.0, 5.0], [10.0, 5.0]]), spacing_mm=2.0, step_mm=1.0)
    points = curve.at(np.array([-4.0, 24.0]), np.array([0.0, 2.0]))
    assert np.allclose(points, [[-2.0, 5.0], [12.0, 6.0]])


def test_straightened_column_is_where_it_was() -> None:
    image = np.zeros((60, 40), dtype=np.float32)
    image[:, 23] = 1.0
    path = np.array([[0.0, 20.0], [59.0, 20.0]])
    curve = curve_through(path, spacing_mm=0.5, step_mm=0.5)
    t = np.arange(-5.0, 5.01, 0.5)
    frame = straighten(image, curve, t)
    assert frame.shape == (60, 21)
    assert np.all(t[frame.argmax(axis=1)] == 1.5)


@pytest.mark.parametrize("path", [[[0.0, 0.0]], [[1.0, 1.0], [1.0, 1.0]], [[0.0, 0.0], [0.1, 0.0]]])
def test_a_curve_needs_length(path: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="distinct points"):
        curve_through(np.array(path), spacing_mm=1.0, step_mm=1.0)


def test_samples_are_those_of_linear_interpolation() -> None:
    drawn = np.random.default_rng(5)
    image = drawn.normal(size=(40, 30)).astype(np.float32)
    image[12, 7] = np.nan
    rows, columns = drawn.uniform(-3, 43, (600, 20)), drawn.uniform(-3, 33, (600, 20))
    rows[0, :4], columns[0, :4] = (0.0, 39.0, 39.0, 5.0), (0.0, 29.0, 3.0, 29.0)
    expected = map_coordinates(image, [rows, columns], order=1, mode="constant", cval=-7.0)
    found = sample(image, rows, columns, -7.0)
    assert found.shape == (600, 20)
    assert np.array_equal(np.isnan(found), np.isnan(expected))
    assert np.allclose(found, expected, atol=1e-4, equal_nan=True)
