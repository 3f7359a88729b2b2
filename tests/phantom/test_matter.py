"""Projection against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from myeloscope.domain.image import PlaneGeometry
from myeloscope.phantom.column import strand
from myeloscope.phantom.matter import Cloud, Detector, Ellipsoid, Slab, flipped, project


def detector(tilt: float = 0.0, thickness: float = 50.0, edge: float = 2.0) -> Detector:
    down = (0.0, float(np.sin(tilt)), -float(np.cos(tilt)))
    normal = (0.0, float(np.cos(tilt)), float(np.sin(tilt)))
    corner = -np.array([1.0, 0, 0]) * 25.2 - np.array(down) * 25.2
    plane = PlaneGeometry(
        (float(corner[0]), float(corner[1]), float(corner[2])), (1.0, 0.0, 0.0), down, 0.8, 0.8
    )
    return Detector(Slab(plane, normal, thickness, edge), 64, 64, 2)


AREA = 0.4**2


@given(
    st.floats(-0.35, 0.35),
    st.floats(-1.5, 1.5),
    st.tuples(st.floats(3, 9), st.floats(3, 9), st.floats(3, 9)),
)
def test_an_ellipsoid_keeps_its_volume(
    tilt: float, turn: float, axes: tuple[float, float, float]
) -> None:
    image = project([], [Ellipsoid((1.0, 2.0, -3.0), axes, turn)], detector(tilt))
    assert image.sum() * AREA == pytest.approx(4 / 3 * np.pi * np.prod(axes), rel=0.02)


def test_the_middle_of_an_ellipsoid_is_its_full_depth() -> None:
    image = project([], [Ellipsoid((0.0, 0.0, 0.0), (6.0, 9.0, 6.0))], detector())
    assert image.max() == pytest.approx(18.0, rel=0.01)


def test_half_of_a_body_on_the_slabs_edge_is_seen() -> None:
    whole = project([], [Ellipsoid((0.0, 0.0, 0.0), (5.0, 5.0, 5.0))], detector())
    half = project([], [Ellipsoid((0.0, 25.0, 0.0), (5.0, 5.0, 5.0))], detector())
    assert half.sum() == pytest.approx(whole.sum() / 2, rel=0.02)
    outside = project([], [Ellipsoid((0.0, 40.0, 0.0), (5.0, 5.0, 5.0))], detector())
    assert outside.max() == 0


def test_the_slice_profile_has_the_area_of_the_slab() -> None:
    slab = detector(thickness=50.0, edge=3.0).slab
    depth = np.arange(-60, 60, 0.1)
    profile = slab.profile(depth, np.full_like(depth, 0.05))
    assert profile.sum() * 0.1 == pytest.approx(50.0, rel=1e-3)
    assert profile[len(depth) // 2] == 1
    at_edge = slab.profile(np.array([25.0]), np.array([0.05]))
    assert at_edge[0] == pytest.approx(0.5, abs=0.01)


def test_a_cloud_keeps_its_volume_and_place() -> None:
    points = np.array([[4.0, 0.0, -2.0], [4.2, 1.0, -2.0]])
    grid = detector()
    image = project([Cloud(points, np.array([3.0, 5.0]), np.ones(2), 0.6)], [], grid)
    assert image.sum() * AREA == pytest.approx(8.0, rel=1e-3)
    rows, columns = np.indices(image.shape)
    row, column = grid.locate(np.array([[4.125, 0.0, -2.0]]))
    assert (image * rows).sum() / image.sum() == pytest.approx(row[0], abs=0.02)
    assert (image * columns).sum() / image.sum() == pytest.approx(column[0], abs=0.02)


def test_a_strand_has_the_volume_of_its_cylinder() -> None:
    path = np.column_stack([np.linspace(-10, 10, 101), np.zeros(101), np.zeros(101)])
    image = project([strand(path, 0.5)], [], detector())
    assert image.sum() * AREA == pytest.approx(np.pi * 0.25 * 20, rel=0.02)


def test_flipping_twice_is_nothing() -> None:
    cloud = Cloud(np.array([[1.0, 2.0, 3.0]]), np.ones(1), np.ones(1))
    assert (flipped(cloud).points == [[-1, 2, 3]]).all()
    assert (flipped(flipped(cloud)).points == cloud.points).all()


def test_arrays_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(ValueError, match="volumes"):
        Cloud(np.zeros((2, 3)), np.zeros(3), np.zeros(3))


def test_what_lies_outside_the_field_is_not_seen() -> None:
    away = [Ellipsoid((200.0, 0.0, 0.0), (5.0, 5.0, 5.0))]
    cloud = [Cloud(np.array([[0.0, 0.0, 200.0]]), np.ones(1), np.ones(1), 0.5)]
    assert project(cloud, away, detector()).max() == 0
