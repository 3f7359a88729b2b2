"""Cisternograms as DICOM: valid, read back as they were, and what is odd in them is named."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.sequence import Sequence as Items
from pydicom.uid import UID

from myeloscope.cli.phantom import write_ric
from myeloscope.dicom.load import load_all
from myeloscope.dicom.mr_image import ImageContext, Person
from myeloscope.dicom.nm_header import hours_after, hours_in_words, moment, nm_frames, nuclide_of
from myeloscope.dicom.nm_image import NmContext, nm_image
from myeloscope.dicom.source import Loaded, StudyProblem
from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import Technique
from myeloscope.domain.scintigraphy import View, ViewLabel
from myeloscope.phantom.ric_making import RicPhantom, make_ric
from myeloscope.phantom.ric_spec import Packing, RicRuin, RicSpec
from myeloscope.phantom.spec import PhantomSpec
from tests.dicom.validators import iod_errors

PERSON = PhantomSpec(seed=7321, signs_ric=frozenset({Region.LUMBAR}))


def made(packing: Packing = Packing.TWO_FRAMES, ruin: RicRuin = RicRuin.NONE) -> RicPhantom:
    return make_ric(RicSpec(PERSON, packing, ruin))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a cisternogram of two frames a file."""
    path = tmp_path_factory.mktemp("ric") / "one"
    write_ric(made(), "one", path)
    return path


def loaded(path: Path) -> Loaded:
    (found,) = load_all([path])
    assert isinstance(found, Loaded)
    return found


def changed(folder: Path, target: Path, edit: object) -> Path:
    """Return a copy of a folder with every object edited."""
    target.mkdir()
    for file in sorted(folder.glob("*.dcm")):
        data = dcmread(file)
        edit(data, file)  # type: ignore[operator]
        data.save_as(target / file.name)
    return target


def test_two_views_that_no_label_tells_apart_have_a_detector_each(tmp_path: Path) -> None:
    write_ric(made(ruin=RicRuin.UNLABELLED), "p", tmp_path / "p")
    for file in sorted((tmp_path / "p").glob("*.dcm")):
        image = dcmread(file)
        assert (image.NumberOfDetectors, image.DetectorVector) == (2, [1, 2])
        assert len(image.DetectorInformationSequence) == 2
        assert iod_errors(file) == []
    views = [s.nuclear.view for s in loaded(tmp_path / "p").study.stations if s.nuclear]
    assert set(views) == {View.UNKNOWN}


@pytest.mark.parametrize("packing", Packing)
def test_every_packing_is_valid_and_read_back(packing: Packing, tmp_path: Path) -> None:
    phantom = made(packing)
    write_ric(phantom, "p", tmp_path / "p")
    files = sorted((tmp_path / "p").glob("*.dcm"))
    assert [e for file in files for e in iod_errors(file)] == []
    back = loaded(tmp_path / "p").study
    assert back.technique is Technique.RIC
    key = [(s.sop_uid, s.frame) for s in phantom.study.stations]
    assert [(s.sop_uid, s.frame) for s in back.stations] == key
    for one, two in zip(phantom.study.stations, back.stations, strict=True):
        assert np.array_equal(one.pixels, two.pixels)
        assert one.nuclear is not None
        assert two.nuclear is not None
        assert two.nuclear.view is one.nuclear.view
        assert two.nuclear.hours == pytest.approx(one.nuclear.hours, abs=0.01)
        assert two.nuclear.dose_mbq == pytest.approx(one.nuclear.dose_mbq)
        assert two.nuclear.nuclide == "Tc-99m"


@pytest.mark.parametrize("label", ViewLabel)
def test_a_view_is_known_by_code_orientation_or_angle(label: ViewLabel, tmp_path: Path) -> None:
    phantom = made(Packing.SEPARATE)
    for number, views in enumerate(phantom.files):
        image = ImageContext(phantom.study.uid, Person("A^B", "x", 40, "F"), number, "images")
        data = nm_image(views, NmContext(image, phantom.injected, label=label))
        data.save_as(tmp_path / f"{number}.dcm", enforce_file_format=True)
        assert iod_errors(tmp_path / f"{number}.dcm") == []
    found = {s.sop_uid: s for s in loaded(tmp_path).study.stations}
    for station in phantom.study.stations:
        back = found[station.sop_uid]
        assert back.nuclear is not None
        assert station.nuclear is not None
        assert back.nuclear.view is station.nuclear.view
        assert back.geometry.along_row == station.geometry.along_row


def test_a_scatter_window_is_passed_over(tmp_path: Path) -> None:
    phantom = made()
    context = NmContext(
        ImageContext(phantom.study.uid, Person("A^B", "x", 40, "F"), 1, "RIC"), phantom.injected
    )
    views = phantom.files[0]
    image = nm_image(views, context, [view.pixels // 4 for view in views])
    image.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    assert iod_errors(tmp_path / "a.dcm") == []
    found = loaded(tmp_path)
    assert [s.frame for s in found.study.stations] == [1, 2]
    assert found.passed_over[0].reason == "another energy window than the photopeak"
    assert found.passed_over[0].count == 2


def test_counts_beyond_16_bits_are_refused() -> None:
    phantom = made()
    station = phantom.study.stations[0]
    station.pixels[0, 0] = 70_000
    context = NmContext(ImageContext("1.2", Person("A", "x", 40, "F"), 1, "R"), phantom.injected)
    with pytest.raises(ValueError, match="counts must lie in 0"):
        nm_image([station], context)


def test_copies_and_repeats_are_named(folder: Path, tmp_path: Path) -> None:
    for file in folder.glob("*.dcm"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    for number, factor in ((1, 1), (2, 2)):
        data = dcmread(folder / "ric-1.dcm")
        data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = UID(f"2.25.{number}")
        if factor > 1:
            data.PixelData = (data.pixel_array // 2).astype("<u2").tobytes()
        data.save_as(tmp_path / f"again-{number}.dcm")
    found = loaded(tmp_path)
    assert len(found.study.stations) == 8
    reasons = {entry.reason.rsplit(" ", 1)[0] for entry in found.passed_over}
    assert "the same counts as" in reasons
    assert "another image of the same view and time as" in reasons


def test_views_are_known_by_words_orientation_or_angle(folder: Path, tmp_path: Path) -> None:
    def words(data: Dataset, _: Path) -> None:
        for item, text in zip(data.DetectorInformationSequence, ("ANT", "Post view"), strict=True):
            code = item.ViewCodeSequence[0]
            code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "1", "99X", text

    def orientation(data: Dataset, _: Path) -> None:
        for item, way in zip(data.DetectorInformationSequence, (1, -1), strict=True):
            del item.ViewCodeSequence
            item.ImageOrientationPatient = [way, 0, 0, 0, 0, -1]

    def angle(data: Dataset, _: Path) -> None:
        for item, at in zip(data.DetectorInformationSequence, (0, 180), strict=True):
            del item.ViewCodeSequence
            item.StartAngle = at

    for number, edit in enumerate((words, orientation, angle)):
        found = loaded(changed(folder, tmp_path / f"{number}", edit))
        views = [s.nuclear.view for s in found.study.stations if s.nuclear is not None]
        assert views == [View.ANTERIOR, View.POSTERIOR] * 4


def test_lateral_views_tomography_and_other_tracers_are_passed_over(
    folder: Path, tmp_path: Path
) -> None:
    def spoil(data: Dataset, file: Path) -> None:
        if file.stem == "ric-1":
            for item in data.DetectorInformationSequence:
                item.ViewCodeSequence[0].CodeValue = "1"
                item.ViewCodeSequence[0].CodeMeaning = "Left lateral"
        if file.stem == "ric-2":
            data.ImageType = ["ORIGINAL", "PRIMARY", "TOMO", "EMISSION"]
        if file.stem == "ric-3":
            data.RadiopharmaceuticalInformationSequence[0].Radiopharmaceutical = "Tc-99m MDP"

    found = loaded(changed(folder, tmp_path / "a", spoil))
    assert len(found.study.stations) == 2
    reasons = " ".join(entry.reason for entry in found.passed_over)
    assert "lateral view" in reasons
    assert "image type TOMO, not planar" in reasons
    assert "tracer MDP" in reasons


def test_without_an_injection_time_words_or_order_give_the_times(
    folder: Path, tmp_path: Path
) -> None:
    def untimed(data: Dataset, _: Path) -> None:
        del data.RadiopharmaceuticalInformationSequence[0].RadiopharmaceuticalStartTime

    def worded(data: Dataset, file: Path) -> None:
        untimed(data, file)
        data.SeriesDescription = {"1": "30 min", "2": "2 h", "3": "4h", "4": "6 HR"}[file.stem[-1]]

    def timeless(data: Dataset, file: Path) -> None:
        untimed(data, file)
        for level in ("Series", "Acquisition", "Content"):
            delattr(data, f"{level}Time")
        data.InstanceNumber = file.stem[-1]

    hours = []
    for number, edit in enumerate((untimed, worded, timeless)):
        study = loaded(changed(folder, tmp_path / f"{number}", edit)).study
        hours.append([s.nuclear.hours for s in study.stations[::2] if s.nuclear is not None])
    assert hours[0][0] == 0.5
    assert hours[1] == [0.5, 2.0, 4.0, 6.0]
    assert hours[2] == [0.5, 2.0, 4.0, 6.0]


@pytest.mark.parametrize(
    ("start", "injection", "hours"),
    [
        (datetime(2024, 5, 2, 1, 30), "193000", 6.0),
        (datetime(2024, 5, 1, 23, 30), "193000", 4.0),
        (datetime(2024, 5, 2, 19, 30), datetime(2024, 5, 1, 19, 30), 24.0),
        (datetime(2024, 5, 1, 8), datetime(2024, 5, 1, 9), None),
        (None, "1200", None),
        (datetime(2024, 5, 1, 8), "99", None),
    ],
)
def test_hours_run_across_midnight(
    start: datetime | None, injection: datetime | str, hours: float | None
) -> None:
    assert hours_after(start, injection, 0.0)[0] == hours


@pytest.mark.parametrize(
    ("text", "hours"),
    [("4 h post", 4.0), ("30 min", 0.5), ("RIC 1,5 h", 1.5), ("2h and 4h", None), ("spine", None)],
)
def test_times_in_words(text: str, hours: float | None) -> None:
    assert hours_in_words(text) == hours


def test_headers_with_little_in_them() -> None:
    bare = Dataset()
    (frame,) = nm_frames(bare)
    assert frame.acquisition.view is View.UNKNOWN
    assert frame.acquisition.hours is None
    assert nuclide_of(bare) == (None, "99m")
    assert moment(bare, "Acquisition") is None
    bare.StudyDate, bare.AcquisitionTime = "20240230", "101112"
    assert moment(bare, "Acquisition") is None
    drug = Dataset()
    drug.Radiopharmaceutical = "In-111 DTPA"
    drug.RadionuclideTotalDose = 18.5e6
    bare.RadiopharmaceuticalInformationSequence = Items([drug])
    bare.ImageType = ["DERIVED", "PRIMARY", "STATIC"]
    (frame,) = nm_frames(bare)
    assert frame.trouble == "image type DERIVED"
    assert frame.acquisition.half_life_h == pytest.approx(67.31)
    assert frame.acquisition.dose_mbq == pytest.approx(18.5)


def test_images_without_spacing_are_a_problem_that_says_so(folder: Path, tmp_path: Path) -> None:
    def bare(data: Dataset, _: Path) -> None:
        del data.PixelSpacing

    (found,) = load_all([changed(folder, tmp_path / "a", bare)])
    assert isinstance(found, StudyProblem)
    assert "Pixel Spacing" in str(found.error)


def test_only_the_technique_that_is_asked_for(folder: Path) -> None:
    (other,) = load_all([folder], technique=Technique.MRM)
    assert isinstance(other, StudyProblem)
    (own,) = load_all([folder], technique=Technique.RIC)
    assert isinstance(own, Loaded)
