"""Records of images refuse what is no image or no plane."""

from __future__ import annotations

import numpy as np
import pytest

from myeloscope.domain.image import Acquisition, PlaneGeometry, Station, Vector

CORONAL = PlaneGeometry((-135.0, 0.0, 135.0), (1.0, 0.0, 0.0), (0.0, 0.0, -1.0), 0.5, 0.5)


@pytest.mark.parametrize(
    ("along_row", "along_column"),
    [
        ((2.0, 0.0, 0.0), (0.0, 0.0, -1.0)),
        ((1.0, 0.0, 0.0), (0.0, 0.0, -2.0)),
        ((1.0, 0.0, 0.0), (0.6, 0.0, -0.8)),
    ],
)
def test_directions_that_are_no_orthogonal_units_are_refused(
    along_row: Vector, along_column: Vector
) -> None:
    with pytest.raises(ValueError, match="orthogonal units"):
        PlaneGeometry((0.0, 0.0, 0.0), along_row, along_column, 0.5, 0.5)


@pytest.mark.parametrize(("rows", "columns"), [(0.0, 0.5), (0.5, -0.5), (float("nan"), 0.5)])
def test_spacings_that_are_no_lengths_are_refused(rows: float, columns: float) -> None:
    with pytest.raises(ValueError, match="spacing must be positive"):
        PlaneGeometry((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, -1.0), rows, columns)


def test_a_position_that_is_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match="position must be finite"):
        PlaneGeometry((0.0, float("inf"), 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, -1.0), 0.5, 0.5)


@pytest.mark.parametrize("shape", [(4,), (2, 4, 4), (0, 4)])
def test_a_station_is_one_image(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="one image of rows and columns"):
        Station(np.zeros(shape, np.float32), CORONAL, Acquisition(), "1.2.3", "1.2.3.4")


def test_a_station_keeps_its_image() -> None:
    station = Station(np.ones((3, 4), np.float32), CORONAL, Acquisition(), "1.2.3", "1.2.3.4")
    assert station.pixels.shape == (3, 4)
    assert station.frame is None
