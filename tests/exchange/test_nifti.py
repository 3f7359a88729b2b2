from __future__ import annotations

import gzip
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from nibabel.orientations import axcodes2ornt, io_orientation, ornt_transform

from myeloscope.domain.image import Acquisition, PlaneGeometry, Station
from myeloscope.errors import InputError
from myeloscope.exchange.nifti import read_volume, station_affine, station_nifti


def station() -> Station:
    tilt = 0.2
    down = (0.0, float(np.sin(tilt)), -float(np.cos(tilt)))
    plane = PlaneGeometry((-10.0, 20.0, 300.0), (1.0, 0.0, 0.0), down, 0.5, 0.4)
    pixels = np.arange(12, dtype=np.float32).reshape(3, 4)
    return Station(pixels, plane, Acquisition(slab_mm=50.0), "1.2", "1.2.3")


def test_a_station_as_nifti_keeps_pixels_and_place(tmp_path: Path) -> None:
    path = tmp_path / "s.nii.gz"
    path.write_bytes(station_nifti(station()))
    image = nib.Nifti1Image.from_filename(path)
    assert image.shape == (4, 3, 1)
    assert (station().pixels == image.get_fdata()[:, :, 0].T).all()
    # RAS: x and y change sign. Pixel (row 2, column 3) by hand from the plane:
    tilt = 0.2
    lps = np.array([-10 + 3 * 0.4, 20 + 2 * 0.5 * np.sin(tilt), 300 - 2 * 0.5 * np.cos(tilt)])
    found = image.affine @ [3, 2, 0, 1]
    assert found[:3] == pytest.approx(lps * [-1, -1, 1], abs=1e-4)
    assert np.linalg.norm(image.affine[:3, 2]) == pytest.approx(50.0)


def test_the_same_station_gives_the_same_bytes() -> None:
    assert station_nifti(station()) == station_nifti(station())


def test_an_unknown_slab_is_1_mm() -> None:
    made = station()
    plain = Station(made.pixels, made.geometry, Acquisition(), "1.2", "1.2.3")
    assert np.linalg.norm(station_affine(plain)[:3, 2]) == pytest.approx(1.0)


@pytest.mark.parametrize("axes", ["RAS", "LPS", "PSR", "SAL", "LIP"])
def test_volumes_come_back_as_lps_whatever_their_axes(tmp_path: Path, axes: str) -> None:
    data = np.zeros((20, 22, 24), dtype=np.float32)
    data[3, 5, 7] = 1
    affine = np.diag([1.5, 1.0, 2.0, 1.0])
    affine[:3, 3] = -11, 4, 9
    image = nib.Nifti1Image(data, affine)  # type: ignore[no-untyped-call]
    want = axcodes2ornt(tuple(axes))  # type: ignore[no-untyped-call]
    change = ornt_transform(io_orientation(affine), want)  # type: ignore[no-untyped-call]
    turned = image.as_reoriented(change)  # type: ignore[no-untyped-call]
    assert nib.aff2axcodes(turned.affine) == tuple(axes)  # type: ignore[no-untyped-call]
    path = tmp_path / "v.nii"
    path.write_bytes(turned.to_bytes())
    volume = read_volume(path)
    index = np.argwhere(volume.data > 0.5)[0]
    place = volume.affine[:3, :3] @ index + volume.affine[:3, 3]
    ras = affine @ [3, 5, 7, 1]
    assert place == pytest.approx(ras[:3] * [-1, -1, 1])
    assert (np.diag(volume.affine)[:3] > 0).all()


@pytest.mark.parametrize("content", [b"", b"no nifti", gzip.compress(b"x" * 400, mtime=0)])
def test_what_is_no_volume_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.nii.gz"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"bad\.nii\.gz: .*give a \.nii"):
        read_volume(path)


def test_flat_empty_and_missing_volumes_are_refused(tmp_path: Path) -> None:
    for name, data in (
        ("flat.nii", np.ones((30, 30), dtype=np.float32)),
        ("dark.nii", np.zeros((20, 20, 20), dtype=np.float32)),
        ("thin.nii", np.ones((2, 30, 30), dtype=np.float32)),
    ):
        image = nib.Nifti1Image(data, np.eye(4))  # type: ignore[no-untyped-call]
        (tmp_path / name).write_bytes(image.to_bytes())
        with pytest.raises(InputError, match=name):
            read_volume(tmp_path / name)
    with pytest.raises(InputError, match=r"absent\.nii"):
        read_volume(tmp_path / "absent.nii")


def test_a_header_that_claims_too_much_is_refused_before_it_is_read(tmp_path: Path) -> None:
    image = nib.Nifti1Image(np.zeros((20, 20, 20), np.uint8), np.eye(4))  # type: ignore[no-untyped-call]
    data = bytearray(image.to_bytes())
    data[42:48] = np.array([30000] * 3, "<i2").tobytes()  # dim[1..3] (NIfTI-1 header)
    (tmp_path / "huge.nii").write_bytes(bytes(data))
    with pytest.raises(InputError, match=r"huge\.nii.*more than 64 Mi voxels"):
        read_volume(tmp_path / "huge.nii")
