"""Files that were made to do harm, or that chance has made so, end in one clean line."""

from __future__ import annotations

import os
import struct
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from pydicom.encaps import encapsulate
from pydicom.uid import EnhancedMRImageStorage, MRImageStorage

from benchmarks.fuzzing.elements import Element, join, split
from myeloscope.dicom import files, header
from myeloscope.dicom.decode import frame_values
from myeloscope.dicom.files import Item, find
from myeloscope.dicom.frames import frames_of
from myeloscope.dicom.load import MOST_TRIES, load, look
from myeloscope.errors import InputError
from tests.dicom.foreign import enhanced, mr, ramp, save
from tests.dicom.test_files import write, zipped


@pytest.mark.parametrize(
    "uid", ["../../../etc", "..", "1.2/3", "1.2\\3", "1.2.a", "1..2", ".1", "1" * 65]
)
@pytest.mark.parametrize("level", ["Study", "Series", "SOP"])
def test_a_uid_cannot_name_a_folder_outside(tmp_path: Path, uid: str, level: str) -> None:
    path = save(mr(), tmp_path / "a")
    keyword = f"{level}InstanceUID"
    tag = mr()[keyword].tag
    elements = [
        Element(e.tag, e.vr, uid.encode()) if e.tag == (tag.group, tag.element) else e
        for e in split(path.read_bytes())
    ]
    path.write_bytes(join(elements))
    with pytest.raises(InputError, match=r"UID|must be"):
        load([path])


def test_a_deflated_member_gives_no_more_than_it_claims(tmp_path: Path) -> None:
    data = bytearray(zipped(tmp_path / "s.zip", {"a": bytes(10 << 20)}).read_bytes())
    entry = data.index(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<L", 1000)  # size (APPNOTE 4.3.12)
    item = find([write(tmp_path / "t.zip", bytes(data))])[0][0]
    assert item.size == 1000
    with pytest.raises(InputError, match="damaged zip data"):
        item.open()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zip_methods_without_bound_are_passed_over(tmp_path: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "s.zip", "w", method) as archive:
        archive.writestr("a", bytes(1000))
    items, passed = find([tmp_path / "s.zip"])
    assert items == ()
    assert passed[0].reason == "a zip member neither stored nor deflated"
    with pytest.raises(InputError, match=r"must hold DICOM images; found 1 other files, the first"):
        load([tmp_path / "s.zip"])


def test_a_member_beyond_the_zip_is_passed_over(tmp_path: Path) -> None:
    data = bytearray(zipped(tmp_path / "s.zip", {"a": bytes(10)}).read_bytes())
    entry = data.index(b"PK\x01\x02")
    data[entry + 20 : entry + 24] = struct.pack("<L", 1 << 31)
    assert find([write(tmp_path / "t.zip", bytes(data))])[1][0].reason == (
        "a zip member that is cut short"
    )


def test_a_zip_in_a_zip_is_named_and_not_opened(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner", {"a": b"x"}).read_bytes()
    path = zipped(
        tmp_path / "s.zip", {"inner.zip": inner, "b": save(mr(), tmp_path / "b").read_bytes()}
    )
    loaded = load([path])
    assert loaded.source.files == ("s.zip/b",)
    assert (
        loaded.passed_over[0].reason == "a file must be DICOM, found a zip inside a folder or zip"
    )


def test_a_member_is_found_without_reading_the_directory_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = find([zipped(tmp_path / "s.zip", {str(n): bytes([n]) for n in range(9)})])[0]
    monkeypatch.delattr(zipfile, "ZipFile")
    assert [item.open().read() for item in items] == [bytes([n]) for n in range(9)]


def test_entries_of_a_dicomdir_are_not_followed(tmp_path: Path) -> None:
    save(mr(), tmp_path / "outside")
    media = dcmread(str(get_testdata_file("DICOMDIR")))
    for record in media.DirectoryRecordSequence:
        if "ReferencedFileID" in record:
            record.ReferencedFileID = ["..", "outside"]
    (tmp_path / "disc").mkdir()
    media.save_as(tmp_path / "disc/DICOMDIR")
    with pytest.raises(InputError, match="found only a DICOMDIR"):
        load([tmp_path / "disc/DICOMDIR"])


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """Give a folder of 2100 folders in each other, deeper than a path can tell."""
    root = tmp_path / "deep"
    root.mkdir()
    here = os.open(root, os.O_RDONLY)
    for _ in range(2100):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    yield root
    # deeper than Python's own removal goes, so pytest could not tidy up
    subprocess.run(["rm", "-rf", root], check=True)


def test_folders_as_deep_as_paths_can_be_are_walked(deep: Path) -> None:
    write(deep / "real")
    items, passed = find([deep])
    assert [item.name for item in items] == ["real"]
    assert ["File name too long" in entry.reason for entry in passed] == [True]


def test_an_unreadable_folder_does_not_cost_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "locked/a")
    write(tmp_path / "open/a")
    scan = os.scandir

    def refuse(path: Path) -> Any:  # noqa: ANN401
        if path.name == "locked":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    items, passed = find([tmp_path])
    assert [item.name for item in items] == ["open/a"]
    assert [(e.path, e.reason) for e in passed] == [("locked", "unreadable: Permission denied")]


def test_a_folder_of_too_many_is_refused_before_it_is_listed_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_FILES", 3)
    for number in range(5):
        os.mkfifo(tmp_path / str(number))
    with pytest.raises(InputError, match="at most 3 files"):
        find([tmp_path])


def test_names_of_files_are_shown_as_one_line(tmp_path: Path) -> None:
    write(tmp_path / "a\n\x1b[31m\udcff")
    assert [item.name for item in find([tmp_path])[0]] == ["a \\x1b[31m\\udcff"]


def test_two_files_of_one_name_keep_their_own_headers(tmp_path: Path) -> None:
    paths = [
        save(mr("1"), tmp_path / "1/im"),
        save(mr("2", ImagePositionPatient=[-77.5, 10, 0]), tmp_path / "2/im"),
    ]
    loaded = load(paths)
    assert [str(image.SOPInstanceUID) for image in loaded.source.images] == [
        station.sop_uid for station in loaded.study.stations
    ]


@pytest.mark.parametrize("depth", [300, 5000])
def test_sequences_without_end_have_a_line(tmp_path: Path, depth: int) -> None:
    opened = struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF)
    inner = struct.pack("<HH2sHL", 0x0040, 0xA730, b"SQ", 0, 0xFFFFFFFF)
    value = opened + (inner + opened) * depth
    elements = split(save(mr(), tmp_path / "a").read_bytes())
    made = Element((0x5200, 0x9229), b"SQ", value, 0xFFFFFFFF)
    (tmp_path / "a").write_bytes(join([*elements[:-1], made, elements[-1]]))
    with pytest.raises(InputError, match="must") as caught:
        load([tmp_path / "a"])
    assert "\n" not in str(caught.value)


def test_frames_without_groups_of_their_own_have_a_line(tmp_path: Path) -> None:
    ds = enhanced(np.stack([ramp(), ramp()]), [200.0])
    with pytest.raises(InputError, match="2 frames must have functional groups each; found 1"):
        load([save(ds, tmp_path / "e")])


def test_of_ten_thousand_frames_that_cannot_be_decoded_a_few_are_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(mr(NumberOfFrames=10_000), tmp_path / "a")
    tried: list[int | None] = []

    def refuse(_: Dataset, item: Item, number: int | None) -> None:
        tried.append(number)
        raise InputError("r", value="v", place=item.name, remedy="m")

    monkeypatch.setattr("myeloscope.dicom.load.frame_values", refuse)
    with pytest.raises(InputError, match="a: r; found v"):
        load([path])
    assert len(tried) == MOST_TRIES


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"RescaleSlope": "1e30"},
            r"largest pixel value must lie in 1e-06 to 1e\+12; found 4.095e\+33",
        ),
        ({"RescaleSlope": "1e-12"}, r"largest pixel value must lie in .*; found 4.095e-09"),
        ({"RescaleSlope": "1e308", "RescaleIntercept": "1e308"}, "must be finite"),
    ],
)
@pytest.mark.filterwarnings("ignore:overflow")
def test_values_that_single_precision_cannot_carry_have_a_line(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        frame_values(mr(**changes), Item("a", Path("a"), 1), None)


def test_an_image_of_one_value_shows_nothing(tmp_path: Path) -> None:
    save(mr(stored=np.full((40, 32), 7)), tmp_path / "flat")
    with pytest.raises(InputError, match="flat: an image must show something; found 7 in every"):
        load([tmp_path])
    save(mr("2", ImagePositionPatient=[-77.5, 10, 0]), tmp_path / "good")
    loaded = load([tmp_path])
    assert loaded.source.files == ("good",)
    assert any(entry.path == "flat" for entry in loaded.passed_over)


def test_a_later_frame_cannot_hide_a_larger_codestream(tmp_path: Path) -> None:
    small, large = (
        dcmread(save(mr(stored=ramp(*size)), tmp_path / "a", "JPEG-LS"))
        for size in ((40, 32), (400, 320))
    )
    streams = [next(_frames(ds)) for ds in (small, large)]
    small.NumberOfFrames = 2
    small.PixelData = encapsulate(streams)
    item = Item("a", Path("a"), 1)
    np.testing.assert_array_equal(frame_values(small, item, 1), ramp())
    with pytest.raises(InputError, match="header's size 40 x 32; found 400 x 320"):
        frame_values(small, item, 2)


def _frames(ds: Dataset) -> Any:  # noqa: ANN401
    from_start = ds.PixelData.index(b"\xff\xd8\xff")
    yield ds.PixelData[from_start : ds.PixelData.rindex(b"\xff\xd9") + 2]


def test_a_codestream_without_header_never_reaches_a_codec(tmp_path: Path) -> None:
    ds = dcmread(save(mr(), tmp_path / "a", "JPEG 2000"))
    ds.PixelData = encapsulate([b"\0" * 100])
    with pytest.raises(InputError, match="header's size 40 x 32; found no size"):
        frame_values(ds, Item("a", Path("a"), 1), None)


def test_several_components_are_refused_by_the_codestream(tmp_path: Path) -> None:
    ds = dcmread(save(mr(), tmp_path / "a", "JPEG 2000"))
    at = ds.PixelData.index(b"\xff\x4f\xff\x51") + 40
    ds.PixelData = ds.PixelData[:at] + struct.pack(">H", 16384) + ds.PixelData[at + 2 :]
    with pytest.raises(InputError, match="found 40 x 32 x 16384"):
        frame_values(ds, Item("a", Path("a"), 1), None)


def test_a_sound_header_keeps_what_can_be_carried_over(tmp_path: Path) -> None:
    path = save(mr(StudyDate="20080102", Rows=40), tmp_path / "a")
    elements = split(path.read_bytes())
    dates = [e for e in elements if e.tag == (0x0008, 0x0020)]
    bad = Element((0x0018, 0x0050), b"DS", b"not a number")
    elements = [bad if e.tag == bad.tag else e for e in elements if e.tag != (0x0008, 0x0016)]
    path.write_bytes(join(elements))
    item = find([path])[0][0]
    made = header.sound(header.read(item, pixels=False))
    assert made.StudyDate == dates[0].value.decode().strip()
    assert "SliceThickness" not in made
    assert made.SOPClassUID == MRImageStorage


def test_a_uid_that_a_damaged_file_calls_a_name_is_a_uid_still(tmp_path: Path) -> None:
    path = save(mr(), tmp_path / "a")
    elements = split(path.read_bytes())
    own = next(e for e in elements if e.tag == (0x0008, 0x0018))
    named = [Element(e.tag, b"PN", e.value) if e is own else e for e in elements]
    path.write_bytes(join(named))
    made = header.sound(header.read(find([path])[0][0], pixels=False))
    assert made["SOPInstanceUID"].VR == "UI"
    assert made.SOPInstanceUID == own.value.decode().strip("\0")


def test_a_uid_that_swallowed_its_neighbours_shows_no_name(tmp_path: Path) -> None:
    path = save(mr(), tmp_path / "a")
    wrong = b"1.2.3\0\x10\0PNSecret^Name"
    elements = [
        Element(e.tag, e.vr, wrong.ljust(len(wrong) + len(wrong) % 2, b"\0"))
        if e.tag == (0x0020, 0x000D)
        else e
        for e in split(path.read_bytes())
    ]
    path.write_bytes(join(elements))
    item = find([path])[0][0]
    with pytest.raises(InputError, match=r"found '1\.2\.3' and \d+ more characters") as told:
        frames_of(header.read(item, pixels=False), item)
    assert "Secret" not in str(told.value)


def test_the_sop_class_is_taken_from_the_meta_information(tmp_path: Path) -> None:
    path = save(mr(SOPClassUID=EnhancedMRImageStorage), tmp_path / "a")
    elements = [e for e in split(path.read_bytes()) if e.tag != (0x0008, 0x0016)]
    path.write_bytes(join(elements))
    made = header.sound(header.read(find([path])[0][0], pixels=False))
    assert made.SOPClassUID == EnhancedMRImageStorage


@pytest.mark.parametrize("uid", ["%s%n{0}", "1.3.12.2.1107.5.9.1", ""])
def test_a_class_that_others_do_not_know_is_not_referred_to(tmp_path: Path, uid: str) -> None:
    path = save(mr(), tmp_path / "a")
    tags = {(0x0008, 0x0016), (0x0002, 0x0002)}
    elements = [
        Element(e.tag, e.vr, uid.encode().ljust(len(uid) + len(uid) % 2, b"\0"))
        if e.tag in tags
        else e
        for e in split(path.read_bytes())
    ]
    path.write_bytes(join(elements))
    assert header.sound(header.read(find([path])[0][0], pixels=False)).SOPClassUID == MRImageStorage


def test_looking_tells_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("myeloscope.dicom.load.TELL_EACH", 2)
    for number in range(5):
        save(mr(str(number)), tmp_path / str(number))
    told: list[tuple[int, int]] = []
    look([tmp_path], tell=lambda done, of: told.append((done, of)))
    assert told == [(2, 5), (4, 5)]
