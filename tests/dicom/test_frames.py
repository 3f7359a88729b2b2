"""What headers say about geometry is taken as the standard means it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from myeloscope.dicom.load import load
from myeloscope.geometry.plane import to_patient
from tests.dicom.foreign import mr, save


def orientations() -> list[tuple[float, ...]]:
    """Return the coronal image orientations: quarter turns and mirrors, seen from both sides."""
    x, z = np.array([1.0, 0, 0]), np.array([0, 0, 1.0])
    pairs = [(a * s, b * t) for a, b in ((x, z), (z, x)) for s in (1, -1) for t in (1, -1)]
    return [tuple(np.concatenate(pair).tolist()) for pair in pairs]


@pytest.mark.parametrize("orientation", orientations())
@pytest.mark.parametrize("degrees", [0, 15])
def test_geometry_of_all_orientations_follows_the_standard(
    tmp_path: Path, orientation: tuple[float, ...], degrees: float
) -> None:
    turn = np.radians(degrees)
    tilt = np.array([[1, 0, 0], [0, np.cos(turn), -np.sin(turn)], [0, np.sin(turn), np.cos(turn)]])
    row, column = tilt @ orientation[:3], tilt @ orientation[3:]
    header = mr(
        ImageOrientationPatient=[f"{value:.6f}" for value in (*row, *column)],
        ImagePositionPatient=[3, -4, 5],
    )
    station = load([save(header, tmp_path / "a")]).study.stations[0]
    # PS3.3 equation C.7.6.2.1-1, written out: first spacing between rows, second between columns
    expected = np.array([3, -4, 5]) + row * 5 * 7 + column * 6 * 11
    np.testing.assert_allclose(to_patient(station.geometry, [(11, 7)])[0], expected, atol=1e-3)
