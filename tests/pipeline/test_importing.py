"""Import in the worker: de-identified objects, frames to show, and who is who apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from myeloscope.dicom.deidentify import Pseudonyms
from myeloscope.dicom.display import display_frame
from myeloscope.domain.image import Acquisition, PlaneGeometry, Station
from myeloscope.errors import InputError
from myeloscope.pipeline.importing import ImportJob, deidentify_all, import_all

KEY = b"k" * 32


def test_studies_are_imported_without_identity(two_studies: Path, tmp_path: Path) -> None:
    steps: list[str] = []
    done = import_all(
        ImportJob((str(two_studies),), KEY, str(tmp_path)), lambda step: steps.append(step.text)
    )
    assert len(done.studies) == 2
    assert steps[0] == "looking for MR myelograms"
    for study in done.studies:
        assert [image.view for image in study.images] == ["cervicothoracic", "thoracolumbar"]
        assert study.risks == ()
        assert study.age_years is not None
        for image in study.images:
            made = dcmread(tmp_path / image.object_file)
            assert made.PatientID == study.identity.pseudonym
            assert made.StudyInstanceUID == study.identity.new_study_uid == image.study_uid
            shown = np.frombuffer((tmp_path / image.frame_file).read_bytes(), "<u2")
            assert shown.size == image.shown.rows * image.shown.columns
            assert image.shown.slope == 1.0 or made.get("RescaleSlope") not in (None, 1)
    original = dcmread(next(two_studies.glob("*.dcm")))
    assert original.StudyInstanceUID in {study.identity.study_uid for study in done.studies}
    assert Pseudonyms(KEY).uid(str(original.StudyInstanceUID)) in {
        study.images[0].study_uid for study in done.studies
    }


def test_a_burned_in_study_is_skipped_and_no_study_is_an_error(study: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for path in study.glob("*.dcm"):
        image = dcmread(path)
        image.BurnedInAnnotation = "YES"
        image.save_as(folder / path.name)
    job = ImportJob((str(folder),), KEY, str(tmp_path / "out"))
    with pytest.raises(InputError, match="an MR myelogram to import"):
        import_all(job, lambda _: None)
    with pytest.raises(InputError, match="a DICOM object to de-identify"):
        deidentify_all(job, lambda _: None)


def test_everything_dicom_is_deidentified(study: Path, tmp_path: Path) -> None:
    done = deidentify_all(ImportJob((str(study),), KEY, str(tmp_path)), lambda _: None)
    assert len(done.objects) == 2
    assert [skipped.text.split(":")[0] for skipped in done.skipped] == ["truth.json"]
    assert all((tmp_path / written.file).is_file() for written in done.objects)


def test_values_that_do_not_fit_16_bits_are_scaled() -> None:
    pixels = np.array([[-5.0, 0.0], [2.5, 70000.0]], np.float32)
    plane = PlaneGeometry((0, 0, 0), (1, 0, 0), (0, 0, -1), 0.5, 0.7)
    frame = display_frame(Station(pixels, plane, Acquisition(), "1", "2"))
    stored = np.frombuffer(frame.content, "<u2").reshape(2, 2)
    assert np.allclose(stored * frame.slope + frame.intercept, pixels, atol=frame.slope)
    assert frame.spacing == (0.5, 0.7)
    flat = display_frame(Station(np.zeros((2, 2), np.float32), plane, Acquisition(), "1", "2"))
    assert flat.window == (0.0, 1.0)
