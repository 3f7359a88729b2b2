"""Masks hold the pixels whose centres lie inside, no more and no less."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.path import Path as Outline

from myeloscope.dicom.mask import polygon_mask, ribbon

SHAPE = (24, 30)
CENTRES = np.indices(SHAPE).reshape(2, -1).T


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(2.0, 40.0), min_size=3, max_size=12),
    st.floats(-5.0, 28.0),
    st.floats(-5.0, 34.0),
    st.booleans(),
)
def test_a_star_is_filled_as_matplotlib_fills_it(
    radii: list[float], row: float, column: float, backward: bool
) -> None:
    # Irrational angles and an offset keep corners off the pixel centres, where fills may differ.
    angles = np.linspace(0, 2 * np.pi, len(radii), endpoint=False) + 0.1234567
    lengths = np.array(radii)[:, None] / 2
    corners = lengths * np.stack([np.sin(angles), np.cos(angles)], axis=1)
    corners = corners[:: -1 if backward else 1] + np.array(
        [row + 1e-4 * np.pi, column + 1e-4 * np.e]
    )
    theirs = Outline(np.concatenate([corners, corners[:1]])).contains_points(CENTRES)
    np.testing.assert_array_equal(polygon_mask(corners, SHAPE), theirs.reshape(SHAPE))


def test_a_square_on_pixel_edges_holds_its_area() -> None:
    square = np.array([[1.5, 2.5], [1.5, 6.5], [4.5, 6.5], [4.5, 2.5]])
    mask = polygon_mask(square, SHAPE)
    assert mask.sum() == 3 * 4
    assert mask[2:5, 3:7].all()


def test_neighbours_that_share_an_edge_share_no_pixel_and_miss_none() -> None:
    left = np.array([[2.0, 2.0], [2.0, 5.0], [8.0, 9.0], [8.0, 2.0]])
    right = np.array([[2.0, 5.0], [2.0, 12.0], [8.0, 12.0], [8.0, 9.0]])
    both = np.array([[2.0, 2.0], [2.0, 12.0], [8.0, 12.0], [8.0, 2.0]])
    one, other = polygon_mask(left, SHAPE), polygon_mask(right, SHAPE)
    assert not (one & other).any()
    np.testing.assert_array_equal(one | other, polygon_mask(both, SHAPE))


def test_an_outline_that_crosses_itself_has_no_hole() -> None:
    turns = np.linspace(0, 4 * np.pi, 60, endpoint=False)
    radii = np.linspace(6, 9, 60)[:, None]
    twice_round = [12, 15] + radii * np.stack([np.sin(turns), np.cos(turns)], axis=1)
    assert polygon_mask(twice_round, SHAPE)[12, 15]


@pytest.mark.parametrize("offset", [-100.0, 100.0])
def test_an_outline_outside_the_image_holds_nothing(offset: float) -> None:
    square = np.array([[0.0, 0.0], [0.0, 5.0], [5.0, 5.0], [5.0, 0.0]])
    assert not polygon_mask(square + np.array([offset, 0]), SHAPE).any()
    assert not polygon_mask(square + np.array([0, offset]), SHAPE).any()


def test_a_ribbon_is_as_wide_as_said_across_its_axis() -> None:
    along = np.array([0.6, 0.8])
    middle = np.arange(10)[:, None] * along
    corners = ribbon(middle, np.full(10, 4.0))
    across = np.array([-0.8, 0.6])
    np.testing.assert_allclose(
        (corners - np.concatenate([middle, middle[::-1]])) @ along, 0, atol=1e-12
    )
    np.testing.assert_allclose((corners[:10] - middle) @ across, 2.0)
    np.testing.assert_allclose((corners[10:] - middle[::-1]) @ across, -2.0)
