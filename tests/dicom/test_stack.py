"""Thin slices of the same contrast become the slab that would have been acquired."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from myeloscope.dicom.load import load
from myeloscope.dicom.source import Loaded
from myeloscope.errors import InputError
from myeloscope.geometry.plane import to_patient
from tests.dicom.foreign import SAGITTAL, mr, ramp, save


def stack(
    place: Callable[[int], dict[str, Any]], count: int, picture: Callable[[int], Any], folder: Path
) -> Loaded:
    for number in range(count):
        ds = mr(
            str(number),
            stored=picture(number),
            SliceThickness=5,
            MRAcquisitionType="3D",
            PixelSpacing=[5, 5],
            **place(number),
        )
        save(ds, folder / f"{number:02}")
    return load([folder])


def test_a_coronal_stack_becomes_the_mean_over_50_mm(tmp_path: Path) -> None:
    def picture(number: int) -> Any:  # noqa: ANN401
        image = np.zeros((40, 32), int)
        image[:, 15] = 1000 if 8 <= number < 18 else 10
        return image

    def place(number: int) -> dict[str, Any]:
        return {"ImagePositionPatient": [-77.5, 5 * number, 200]}

    loaded = stack(place, 24, picture, tmp_path)
    station = loaded.study.stations[0]
    assert loaded.study.derived
    assert station.pixels[:, 15].tolist() == [1000.0] * 40
    assert station.acquisition.slab_mm == 50
    # slices 8 to 17 lie 40 to 85 mm behind the first: the slab's middle is at 62.5
    np.testing.assert_allclose(station.geometry.position, (-77.5, 62.5, 200))
    assert "projected from thin slices; station 1: 24 slices of 5 mm" in loaded.choice
    assert loaded.passed_over == ()


def test_a_sagittal_stack_is_projected_from_front_to_back(tmp_path: Path) -> None:
    def picture(number: int) -> Any:  # noqa: ANN401
        image = np.zeros((40, 32), int)
        image[20, 10:20] = 100 * number
        return image

    def place(number: int) -> dict[str, Any]:
        return {
            "ImagePositionPatient": [5 * number - 40, -60, 200],
            "ImageOrientationPatient": list(SAGITTAL),
        }

    station = stack(place, 16, picture, tmp_path).study.stations[0]
    assert station.pixels.shape == (40, 16)
    # the slices' normal points to the patient's right, so the last one comes first;
    # columns 10 to 19 of 5 mm from y = -60: middle at 14.5 columns
    np.testing.assert_allclose(station.pixels[20], 100.0 * np.arange(15, -1, -1))
    np.testing.assert_allclose(station.geometry.position, (35, 12.5, 200))
    spot = to_patient(station.geometry, [(20, 8)])[0]
    np.testing.assert_allclose(spot, (-5, 12.5, 100))


def test_an_uneven_stack_is_refused(tmp_path: Path) -> None:
    def place(number: int) -> dict[str, Any]:
        return {"ImagePositionPatient": [0, 5 * number + 5 * (number > 5), 200]}

    with pytest.raises(InputError, match=r"evenly spaced; found 5.00 to 10.00 mm"):
        stack(place, 12, lambda _: ramp(), tmp_path)
