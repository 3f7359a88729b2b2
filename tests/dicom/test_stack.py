"""Thin slices of the same contrast become the slab that would have been acquired."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from myeloscope.dicom import stack as stack_module
from myeloscope.dicom.load import load
from myeloscope.dicom.source import Loaded
from myeloscope.domain.reading import Reading
from myeloscope.errors import InputError
from myeloscope.geometry.plane import to_patient
from myeloscope.myelography.read import read_study
from myeloscope.settings import ReadSettings
from tests.dicom import volumes
from tests.dicom.foreign import SAGITTAL, SERIES, mr, ramp, save


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


@pytest.fixture(scope="module")
def voxels() -> Any:  # noqa: ANN401
    return volumes.volume(volumes.picture())


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    """Return the reading of the slab image that the stacks stand for."""
    path = save(volumes.slab(volumes.picture()), tmp_path_factory.mktemp("slab") / "a")
    return read_study(load([path]).study, ReadSettings())


@pytest.mark.parametrize(
    ("plane", "write"),
    [
        ("coronal", volumes.write_files),
        ("sagittal", volumes.write_files),
        *((plane, volumes.write_enhanced) for plane in volumes.PLANES),
    ],
)
def test_a_stack_in_any_plane_is_read_as_its_slab(
    tmp_path: Path,
    plane: str,
    write: Callable[[Path, str, Any], Path],
    voxels: Any,  # noqa: ANN401
    twin: Reading,
) -> None:
    loaded = load([write(tmp_path, plane, voxels)])
    reading = read_study(loaded.study, ReadSettings())
    assert loaded.study.derived
    assert [source.derived for source in reading.sources] == [True]
    assert loaded.study.stations[0].acquisition.slab_mm == pytest.approx(50, abs=1)
    assert {r: g.grade for r, g in reading.regions.items()} == {
        r: g.grade for r, g in twin.regions.items()
    }
    assert [(f.segment, f.side, f.grade) for f in reading.findings] == [
        (f.segment, f.side, f.grade) for f in twin.findings
    ]
    mine, theirs = ([f.extent_mm or 0 for f in each.findings] for each in (reading, twin))
    np.testing.assert_allclose(mine, theirs, atol=0.5)


def test_brighter_bowel_in_front_is_not_in_the_slab(tmp_path: Path, voxels: Any) -> None:  # noqa: ANN401
    station = load([volumes.write_files(tmp_path, "coronal", voxels)]).study.stations[0]
    share = (volumes.SAC.stop - volumes.SAC.start) * volumes.STEP_MM / 50
    np.testing.assert_allclose(station.pixels, volumes.picture() * share, atol=0.01)


def test_two_stacks_of_one_series_are_two_stations(tmp_path: Path) -> None:
    for name, top in (("a", 200), ("b", -10)):
        for number in range(10):
            place: dict[str, Any] = {"ImagePositionPatient": [-77.5, 5 * number, top]}
            ds = mr(f"{name == 'a':d}{number}", SliceThickness=5, PixelSpacing=[6, 5], **place)
            save(ds, tmp_path / f"{name}{number}")
    stations = load([tmp_path]).study.stations
    assert [station.geometry.position[2] for station in stations] == [200, -10]


def test_of_slices_at_one_place_the_later_is_taken(tmp_path: Path) -> None:
    for number in range(20):
        at, later = number // 2, number % 2
        ds = mr(
            str(number),
            stored=ramp() // (2 - later),
            SliceThickness=5,
            ImagePositionPatient=[-77.5, 5 * at, 200],
            AcquisitionTime=f"03040{later}",
        )
        save(ds, tmp_path / f"{19 - number:02}")
    np.testing.assert_allclose(load([tmp_path]).study.stations[0].pixels, ramp(), atol=0.01)


def test_a_stack_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack_module, "MOST_VOXELS", 1000)
    with pytest.raises(
        InputError, match="a stack may have 0 Mi voxels at most; found 12 x 40 x 32"
    ):
        stack(lambda n: {"ImagePositionPatient": [0, 5 * n, 200]}, 12, lambda _: ramp(), tmp_path)


def test_an_ordinary_t2_stack_is_no_myelography(tmp_path: Path, voxels: Any) -> None:  # noqa: ANN401
    volumes.write_files(tmp_path, "sagittal", voxels[..., :40], EchoTime=100)
    with pytest.raises(
        InputError, match=r"40 x MR sagittal TE 100 ms .* \(sagittal, not coronal\)"
    ):
        load([tmp_path])


@pytest.mark.parametrize("plane", volumes.PLANES)
def test_tissue_beside_the_sac_is_never_graded(tmp_path: Path, plane: str, voxels: Any) -> None:  # noqa: ANN401
    # fat and muscle of a T2 image have some 0.3 to 0.9 of the signal of CSF
    tissue = np.maximum(voxels, np.random.default_rng(1).integers(1200, 1600, voxels.shape))
    volumes.write_enhanced(tmp_path, plane, tissue)
    loaded = load([tmp_path], series=SERIES)
    reading = read_study(loaded.study, ReadSettings())
    assert [region.grade for region in reading.regions.values()] == [None] * 3
    assert reading.findings == ()
    assert all("not heavily T2-weighted" in (r.reason or "") for r in reading.regions.values())
