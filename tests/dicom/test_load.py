"""The myelography is found among whatever there is, placed rightly, and everything else named."""

from __future__ import annotations

import shutil
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file

from myeloscope.dicom import header
from myeloscope.dicom.frames import MOST_FRAMES
from myeloscope.dicom.load import load, load_all
from myeloscope.dicom.source import Loaded, StudyProblem
from myeloscope.domain.grade import Technique
from myeloscope.errors import InputError
from tests.dicom.foreign import CORONAL, SAGITTAL, SERIES, STUDY, enhanced, mr, ramp, save


def lower(uid: str = "2", **changes: Any) -> Dataset:  # noqa: ANN401
    """Return the lower station: 40 rows of 6 mm, 40 mm of overlap."""
    changes.setdefault("ImagePositionPatient", [-77.5, 10, 0])
    return mr(uid, **changes)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a study as it comes: both stations among other series."""
    save(lower(), tmp_path / "IM/1")
    save(mr(), tmp_path / "IM/2")
    for number in range(3):
        t2: dict[str, Any] = {
            "EchoTime": 105,
            "SliceThickness": 4,
            "ImageOrientationPatient": list(SAGITTAL),
        }
        save(
            mr(f"20.{number}", SeriesInstanceUID=f"{STUDY}.50", **t2),
            tmp_path / f"S/{number}",
        )
    save(
        mr(
            "60",
            SeriesInstanceUID=f"{STUDY}.60",
            ImageType=["DERIVED", "SECONDARY", "PROJECTION IMAGE"],
        ),
        tmp_path / "mip",
    )
    (tmp_path / "notes.txt").write_text("not an image")
    return tmp_path


def test_stations_are_found_ordered_and_explained(folder: Path) -> None:
    loaded = load([folder])
    study = loaded.study
    assert (study.uid, study.technique, study.derived) == (STUDY, Technique.MRM, False)
    assert [station.sop_uid for station in study.stations] == [f"{STUDY}.3.1", f"{STUDY}.3.2"]
    np.testing.assert_array_equal(study.stations[0].pixels, ramp())
    assert loaded.choice == (
        "heavily T2-weighted and coronal; "
        f"station 1: 50 mm, TE 1000 ms, IM/2, series {SERIES}; "
        f"station 2: 50 mm, TE 1000 ms, IM/1, series {SERIES}"
    )
    assert [(entry.path, entry.reason, entry.count) for entry in loaded.passed_over] == [
        ("notes.txt", "a file must be DICOM, found another format", 1),
        ("S/0", "sagittal, not coronal", 3),
        ("mip", "image type PROJECTION IMAGE", 1),
    ]


def test_headers_are_kept_apart_from_the_study(folder: Path) -> None:
    loaded = load([folder])
    source = loaded.source
    assert source.files == ("IM/2", "IM/1")
    assert [str(image.SOPInstanceUID) for image in source.images] == [
        station.sop_uid for station in loaded.study.stations
    ]
    assert [str(image.PatientID) for image in source.distinct] == ["ID", "ID"]
    assert source.study_uid == STUDY
    assert all("PixelData" not in image for image in source.images)
    assert "Secret" not in repr(loaded.study) + loaded.choice + repr(loaded.passed_over)


def test_acquisition_is_taken_from_the_header(folder: Path) -> None:
    acquired = load([folder]).study.stations[0].acquisition
    assert acquired.echo_time_ms == 1000
    assert acquired.repetition_time_ms == 8000
    assert acquired.echo_train_length == 256
    assert acquired.slab_mm == 50
    assert acquired.field_of_view_mm == 240  # 40 rows of 6 mm: no Reconstruction Diameter
    assert acquired.field_strength_t == 1.5
    assert acquired.acquisition_type == "2D"
    assert acquired.manufacturer is None
    assert acquired.acquired == "2008-01-02T03:04:05"


def test_a_zip_and_single_files_give_the_same_study(folder: Path, tmp_path: Path) -> None:
    archive = tmp_path / "study.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path != archive:
                out.write(path, str(path.relative_to(folder)))
    twins = [load([archive]), load([folder / "IM/1", folder / "IM/2"])]
    for twin in twins:
        assert [station.sop_uid[-1] for station in twin.study.stations] == ["1", "2"]
        np.testing.assert_array_equal(twin.study.stations[1].pixels, ramp())
    assert twins[0].source.files == ("study.zip/IM/2", "study.zip/IM/1")


def test_stations_in_two_series_are_paired(tmp_path: Path) -> None:
    save(mr(), tmp_path / "a")
    save(lower(SeriesInstanceUID=f"{STUDY}.77"), tmp_path / "b")
    assert len(load([tmp_path]).study.stations) == 2


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"AcquisitionTime": "040000"}, "later, or the same"),
        ({"ImageOrientationPatient": [0.866, 0.5, 0, 0, 0, -1]}, None),
    ],
)
def test_of_repeats_the_later_and_more_coronal_one_is_taken(
    tmp_path: Path, change: dict[str, Any], why: str | None
) -> None:
    save(mr("1"), tmp_path / "first")
    save(mr("5", **change), tmp_path / "second")
    loaded = load([tmp_path])
    assert loaded.source.files == (("second",) if why else ("first",))
    assert [entry.reason for entry in loaded.passed_over] == [
        f"another image of the station of {loaded.source.files[0]}, which was taken "
        f"({why or 'more coronal'})"
    ]


def test_bile_ducts_made_the_same_way_are_left_by_name(tmp_path: Path) -> None:
    save(mr(), tmp_path / "a")
    bile: dict[str, Any] = {"SeriesInstanceUID": f"{STUDY}.8", "ProtocolName": "MRCP thick slab"}
    save(lower("8", **bile), tmp_path / "b")
    loaded = load([tmp_path])
    assert loaded.source.files == ("a",)
    assert loaded.passed_over[0].reason == "named as a study of another fluid"


def test_names_do_not_make_a_myelography(tmp_path: Path) -> None:
    save(mr(SeriesDescription="MR MYELO", EchoTime=90), tmp_path / "a")
    with pytest.raises(InputError, match=r"must be MR myelography .*TE 90 ms, below 400 ms"):
        load([tmp_path])


def test_a_named_series_is_taken_whatever_its_contrast(folder: Path) -> None:
    save(mr("70", EchoTime=90, SeriesInstanceUID=f"{STUDY}.70", SliceThickness=5), folder / "odd")
    loaded = load([folder], series=f"{STUDY}.7")
    assert loaded.source.files == ("odd",)
    assert loaded.choice.startswith("the series named; station 1: 5 mm, TE 90 ms, odd")
    assert {e.reason for e in loaded.passed_over if e.uid} == {"another series was named"}


@pytest.mark.parametrize(
    ("series", "found"),
    [("9.9", "9.9, which fits 0 of 3 series"), (STUDY, f"{STUDY}, which fits 3 of 3 series")],
)
def test_a_series_name_that_fits_none_or_many_is_refused(
    folder: Path, series: str, found: str
) -> None:
    with pytest.raises(InputError, match="--series must name one series") as caught:
        load([folder], series=series)
    assert caught.value.value == found
    assert SERIES in caught.value.remedy


def test_the_same_object_twice_is_read_once(tmp_path: Path) -> None:
    shutil.copy(save(mr(), tmp_path / "a"), tmp_path / "b")
    loaded = load([tmp_path])
    assert loaded.source.files == ("a",)
    assert loaded.passed_over[0].reason == "the same object as a"


def test_two_studies_are_kept_apart(tmp_path: Path) -> None:
    save(mr(), tmp_path / "a")
    other: dict[str, Any] = {"StudyInstanceUID": f"{STUDY}.90", "SeriesInstanceUID": f"{STUDY}.91"}
    save(mr("90", **other), tmp_path / "b")
    save(
        mr("92", StudyInstanceUID="1.2.9", SeriesInstanceUID="1.2.9.1", Modality="CT"),
        tmp_path / "c",
    )
    results = load_all([tmp_path])
    assert [type(result) for result in results] == [Loaded, Loaded, StudyProblem]
    problem = results[2]
    assert isinstance(problem, StudyProblem)
    assert problem.study_uid == "1.2.9"
    assert "modality CT, not MR" in str(problem.error)
    with pytest.raises(InputError, match=f"one study is read at a time; found 2 studies: {STUDY}"):
        load([tmp_path])
    (tmp_path / "b").unlink()
    assert [e.reason for e in load([tmp_path]).passed_over] == ["another study: no MR myelography"]


def test_enhanced_mr_with_both_stations_in_one_object(tmp_path: Path) -> None:
    save(enhanced(np.stack([ramp() // 2, ramp()]), [0.0, 200.0]), tmp_path / "e")
    loaded = load([tmp_path])
    upper, low = loaded.study.stations
    assert (upper.frame, low.frame) == (2, 1)
    assert loaded.source.frames == (2, 1)
    assert len(loaded.source.images) == 2
    assert len(loaded.source.distinct) == 1
    np.testing.assert_array_equal(upper.pixels, ramp() * 2 - 3)
    assert upper.geometry.position == (-77.5, 10, 200)
    assert upper.acquisition.echo_time_ms == 950
    assert upper.acquisition.echo_train_length == 200
    assert upper.acquisition.slab_mm == 45
    assert upper.acquisition.acquired == "2008-01-02T03:04:05"
    assert ", e, frame 2, series" in loaded.choice


def test_one_bad_file_among_good_ones_is_named_and_passed_over(folder: Path) -> None:
    whole = (folder / "IM/1").read_bytes()
    (folder / "IM/1").write_bytes(whole[: len(whole) - 1000])
    loaded = load([folder])
    assert [station.sop_uid[-1] for station in loaded.study.stations] == ["1"]
    bad = [entry for entry in loaded.passed_over if entry.path == "IM/1"]
    assert len(bad) == 1
    assert "bytes of pixel data is less than expected (1560 vs 2560 bytes)" in bad[0].reason


def test_a_bad_repeat_falls_back_to_the_earlier_image(tmp_path: Path) -> None:
    save(mr("1"), tmp_path / "first")
    path = save(mr("5", AcquisitionTime="040000"), tmp_path / "second")
    path.write_bytes(path.read_bytes()[:-1000])
    loaded = load([tmp_path])
    assert loaded.source.files == ("first",)
    assert [entry.path for entry in loaded.passed_over] == ["second"]


ROTATED = (0.6, 0.8, 0, 0, 0, -1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"PixelSpacing": None}, r"must have Pixel Spacing, for lengths in mm; found none"),
        ({"ImagePositionPatient": None}, r"must have Image Position \(Patient\).*found none"),
        ({"ImageOrientationPatient": None}, r"must have Image Orientation \(Patient\)"),
        ({"PixelSpacing": [0, 1]}, "Pixel Spacing must be 0.05 to 20 mm; found 0 x 1"),
        ({"PixelSpacing": [5]}, "Pixel Spacing must have 2 finite numbers"),
        ({"ImagePositionPatient": ["nan", 0, 0]}, "must have 3 finite numbers"),
        (
            {"ImageOrientationPatient": [1, 0, 0, 0.5, 0.5, 0]},
            r"two unit vectors at right angles; found 1\\0\\0\\0.5\\0.5\\0",
        ),
        ({"Rows": 9000}, "at most; found 9000 x 32"),
        ({"SamplesPerPixel": 3}, r"one value per pixel; found 3 \(colour\)"),
        ({"NumberOfFrames": 10**6}, f"may have {MOST_FRAMES} frames at most; found 1000000"),
        ({"SeriesInstanceUID": ""}, "study, series and SOP UIDs"),
        ({"EchoTime": 90}, r"found 1 x MR coronal TE 90 ms 50 mm \(TE 90 ms, below 400 ms\)"),
        ({"SliceThickness": 5}, "5 mm thick, no slab of 20 mm or more"),
        ({"SliceThickness": None}, "no thickness recorded, no slab"),
        ({"Rows": None}, r"no image \(MR\)"),
        ({"ImageOrientationPatient": list(ROTATED)}, "sagittal, not coronal"),
    ],
)
def test_every_lack_has_its_line(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    path = save(mr(**changes), tmp_path / "a.dcm")
    with pytest.raises(InputError, match=message) as caught:
        load([path])
    assert "\n" not in str(caught.value)
    assert "Secret" not in str(caught.value)


def test_a_folder_without_myelography_says_what_was_there(folder: Path) -> None:
    shutil.rmtree(folder / "IM")
    with pytest.raises(InputError, match="one of 4 objects must be MR myelography") as caught:
        load([folder])
    assert caught.value.value == (
        "3 x MR sagittal TE 105 ms 4 mm (sagittal, not coronal); "
        "1 x MR coronal TE 1000 ms 50 mm (image type PROJECTION IMAGE)"
    )
    assert caught.value.place == f"study {STUDY}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "a.dcm: a file must be DICOM; found an empty file"),
        (b"GIF89a" + bytes(300), "found another format"),
        (bytes(128) + b"DICM" + b"\x08\x00\x05\x00CS\xff", "UIDs; found none"),
        (bytes(128) + b"DICM" + b"\xff" * 4000, "must"),
    ],
)
def test_foreign_and_mangled_files_have_a_line(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "a.dcm"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        load([path])


def test_a_folder_of_foreign_files_has_a_line(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("hello")
    with pytest.raises(
        InputError, match=r"must hold DICOM images; found 2 other files, the first: a.txt"
    ):
        load([tmp_path])


def test_a_dicomdir_alone_has_a_line(tmp_path: Path) -> None:
    shutil.copy(str(get_testdata_file("DICOMDIR")), tmp_path / "DICOMDIR")
    with pytest.raises(InputError, match="must hold DICOM images; found only a DICOMDIR"):
        load([tmp_path / "DICOMDIR"])
    save(mr(), tmp_path / "IMAGES/1")
    assert load([tmp_path / "DICOMDIR"]).source.files == ("IMAGES/1",)


def test_a_missing_preamble_is_tolerated(tmp_path: Path) -> None:
    whole = dcmread(save(mr(), tmp_path / "a"))
    whole.preamble = None
    del whole.file_meta
    whole.save_as(
        tmp_path / "bare", implicit_vr=True, little_endian=True, enforce_file_format=False
    )
    bare = (tmp_path / "bare").read_bytes()
    assert bare[128:132] != b"DICM"
    np.testing.assert_array_equal(load([tmp_path / "bare"]).study.stations[0].pixels, ramp())


def test_a_deflate_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(header, "MOST_INFLATED", 1 << 21)
    big = mr(stored=np.zeros((1200, 1000), int))
    path = save(big, tmp_path / "a", "deflated")
    assert path.stat().st_size < 1 << 14
    with pytest.raises(InputError, match="a deflated file may unpack to 2 MiB at most"):
        load([path])


def test_damaged_deflate_has_a_line(tmp_path: Path) -> None:
    data = bytearray(save(mr(), tmp_path / "a", "deflated").read_bytes())
    data[-400:] = bytes(400)
    (tmp_path / "a").write_bytes(bytes(data))
    with pytest.raises((InputError, zlib.error), match="must"):
        load([tmp_path])


def test_a_transposed_coronal_header_keeps_its_orientation(tmp_path: Path) -> None:
    station = load([save(mr(), tmp_path / "a")]).study.stations[0]
    assert (*station.geometry.along_row, *station.geometry.along_column) == CORONAL


def test_a_wrong_length_in_the_meta_information_has_a_line(tmp_path: Path) -> None:
    data = bytearray(save(mr(), tmp_path / "a").read_bytes())
    data[138] = 97  # length of (0002,0000), an UL of 4 bytes
    (tmp_path / "a").write_bytes(bytes(data))
    with pytest.raises(InputError, match="must"):
        load([tmp_path / "a"])
