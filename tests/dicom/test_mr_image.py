from __future__ import annotations

import subprocess
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.pixels.processing import apply_modality_lut

from myeloscope.dicom.mr_image import ImageContext, Person, StoredForm, mr_image, mr_image_bytes
from myeloscope.domain.image import Acquisition, PlaneGeometry, Station

PLAIN = StoredForm(12, False, 1.0, 0.0, False, 700.0, 1900.0)
SLOPED = StoredForm(12, False, 2.568, 0.0, True, 700.0, 1900.0)
SIGNED = StoredForm(16, True, 1.0, 0.0, False, 700.0, 1900.0)
OFFSET = StoredForm(16, False, 0.05, -20.0, True, 700.0, 1900.0)
FORMS = [PLAIN, SLOPED, SIGNED, OFFSET]
CONTEXT = ImageContext("2.25.1", Person("PHANTOM^0001", "p1", 42, "F"), 1, "MR myelography")


def station(form: StoredForm) -> Station:
    stored = np.arange(48).reshape(6, 8) * 20 + (5 if form.signed else 0)
    pixels = (stored * form.slope + form.intercept).astype(np.float32)
    tilt = 0.123456789
    down = (0.0, round(float(np.sin(tilt)), 10), round(-float(np.cos(tilt)), 10))
    plane = PlaneGeometry((-134.7364, -20.5, 300.25), (1.0, 0.0, 0.0), down, 0.52734375, 0.52734375)
    acquisition = Acquisition(
        echo_time_ms=1000.0,
        repetition_time_ms=8000.0,
        echo_train_length=256.0,
        slab_mm=50.0,
        field_of_view_mm=270.0,
        field_strength_t=1.5,
        acquisition_type="2D",
        manufacturer="MyeloScope phantom",
        acquired="2024-05-06T10:20:30",
    )
    return Station(pixels, plane, acquisition, "2.25.2", "2.25.3", "2.25.4")


def read(form: StoredForm) -> Dataset:
    return dcmread(BytesIO(mr_image_bytes(station(form), form, CONTEXT)))


@pytest.mark.parametrize("form", FORMS)
def test_pixels_come_back_in_rescaled_units(form: StoredForm) -> None:
    image = read(form)
    values = apply_modality_lut(image.pixel_array, image)
    assert np.allclose(values, station(form).pixels, atol=1e-3)
    assert image.BitsStored == form.bits_stored
    assert image.PixelRepresentation == int(form.signed)
    assert ("RescaleSlope" in image) == form.rescaled


def test_geometry_and_acquisition_come_back() -> None:
    image, made = read(PLAIN), station(PLAIN)
    assert tuple(map(float, image.ImagePositionPatient)) == made.geometry.position
    directions = tuple(map(float, image.ImageOrientationPatient))
    assert directions == (*made.geometry.along_row, *made.geometry.along_column)
    assert list(map(float, image.PixelSpacing)) == [0.52734375, 0.52734375]
    assert (image.EchoTime, image.RepetitionTime, image.EchoTrainLength) == (1000, 8000, 256)
    assert (image.SliceThickness, image.MagneticFieldStrength) == (50, 1.5)
    assert (image.AcquisitionDate, image.AcquisitionTime) == ("20240506", "102030")
    assert (image.PatientAge, image.PatientSex) == ("042Y", "F")


def test_the_same_station_gives_the_same_bytes() -> None:
    first, second = (mr_image_bytes(station(SLOPED), SLOPED, CONTEXT) for _ in range(2))
    assert first == second


def test_values_outside_the_stored_range_are_refused() -> None:
    made = station(PLAIN)
    bright = replace(made, pixels=made.pixels + 5000)
    with pytest.raises(ValueError, match=r"2\.25\.3: stored values must lie in 0\.\.4095"):
        mr_image(bright, PLAIN, CONTEXT)


def test_what_is_not_known_is_empty() -> None:
    made = replace(station(PLAIN), acquisition=Acquisition(), frame_of_reference_uid=None)
    image = mr_image(made, PLAIN, CONTEXT)
    assert image.StudyDate == ""
    assert image.EchoTime is None
    assert image.FrameOfReferenceUID == made.series_uid


@pytest.mark.parametrize("form", FORMS)
def test_dciodvfy_finds_no_error(form: StoredForm, tmp_path: Path) -> None:
    path = tmp_path / "image.dcm"
    path.write_bytes(mr_image_bytes(station(form), form, CONTEXT))
    done = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
    errors = [line for line in done.stderr.splitlines() if line.startswith("Error")]
    assert errors == []
    assert done.returncode == 0
