"""Pixel indices and patient mm, against the standard's equation written out."""

from __future__ import annotations

import highdicom.spatial
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from myeloscope.domain.image import PlaneGeometry
from myeloscope.geometry.plane import axes, distance, normal, to_patient, to_pixel
from tests.geometry.scenes import View, plane

angles = st.floats(-180, 180)
lengths = st.floats(-500, 500)
VIEWS = st.builds(
    View,
    middle=st.tuples(lengths, lengths, lengths),
    in_plane=angles,
    tilt=angles,
    swing=angles,
    quarters=st.integers(0, 3),
    mirrored=st.booleans(),
    spacing=st.tuples(st.floats(0.1, 5), st.floats(0.1, 5)),
)


def test_a_position_is_the_standards_sum() -> None:
    geometry = PlaneGeometry((10, 20, 30), (1, 0, 0), (0, 0, -1), 2.0, 0.5)
    # PS3.3 equation C.7.6.2.1-1: P = S + X * column spacing * column + Y * row spacing * row
    np.testing.assert_allclose(to_patient(geometry, [(3, 4)]), [(10 + 4 * 0.5, 20, 30 - 3 * 2)])
    np.testing.assert_allclose(to_pixel(geometry, [(12, 99, 24)]), [(3, 4)])
    np.testing.assert_allclose(normal(geometry), (0, 1, 0))
    np.testing.assert_allclose(distance(geometry, [(0, 27, 0)]), [7])
    np.testing.assert_allclose(axes(geometry), np.array([(0, 0.5), (0, 0), (-2, 0)]))


@given(view=VIEWS, row=st.floats(-100, 600), column=st.floats(-100, 600))
def test_there_and_back_again(view: View, row: float, column: float) -> None:
    geometry = plane(view)
    xyz = to_patient(geometry, [(row, column)])
    expected = np.array([(row, column)])
    np.testing.assert_allclose(to_pixel(geometry, xyz), expected, atol=1e-6)
    off = xyz + 37.0 * normal(geometry)
    np.testing.assert_allclose(to_pixel(geometry, off), expected, atol=1e-6)
    assert distance(geometry, off)[0] == pytest.approx(37.0, abs=1e-6)


@given(view=VIEWS, row=st.integers(0, 500), column=st.integers(0, 500))
def test_highdicom_agrees(view: View, row: int, column: int) -> None:
    geometry = plane(view)
    transform = highdicom.spatial.ImageToReferenceTransformer(
        image_position=geometry.position,
        image_orientation=(*geometry.along_row, *geometry.along_column),
        pixel_spacing=(geometry.row_spacing, geometry.column_spacing),
    )
    # highdicom's image coordinates are (column, row) and count from the pixel's corner
    expected = transform(np.array([[column + 0.5, row + 0.5]]))
    np.testing.assert_allclose(to_patient(geometry, [(row, column)]), expected, atol=1e-6)
