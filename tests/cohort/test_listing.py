"""What a source holds: folders, zips, lists; damage and other files named."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from pydicom import dcmread

from myeloscope.cohort.listing import list_dicom, read_list
from myeloscope.cohort.record import Listing
from myeloscope.cohort.sources import Files, open_source
from myeloscope.dicom.load import look
from myeloscope.errors import InputError
from myeloscope.pipeline.each import limited_run
from myeloscope.pipeline.worker import Limits, run_limited

RUN = limited_run(run_limited, Limits(30.0))


def listed(*paths: Path) -> Listing:
    return list_dicom(paths, RUN, lambda _: None)


def test_each_study_of_a_folder_is_found_with_its_files(six: Path) -> None:
    looked: list[int] = []
    listing = list_dicom([six], RUN, looked.append)
    by_header: dict[str, set[str]] = {}
    for file in six.rglob("*.dcm"):
        uid = str(dcmread(file, stop_before_pixels=True).StudyInstanceUID)
        by_header.setdefault(uid, set()).add(str(file))
    assert [study.uid for study in listing.studies] == sorted(by_header)
    assert len(listing.studies) == 6
    for study in listing.studies:
        assert set(study.paths) == by_header[study.uid]
        assert study.size == sum(Path(path).stat().st_size for path in study.paths)
    assert len({study.digest for study in listing.studies}) == 6
    assert (listing.damaged, listing.others) == ((), ())
    assert looked == [12]


def test_a_study_in_a_zip_is_found_and_can_be_opened(six: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    with zipfile.ZipFile(folder / "all.ZIP", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(six.rglob("*.dcm")):
            archive.write(file, f"deep/{file.relative_to(six)}")
    plain, zipped, directly = listed(six), listed(folder), listed(folder / "all.ZIP")
    assert [(s.uid, s.digest) for s in zipped.studies] == [(s.uid, s.digest) for s in plain.studies]
    assert zipped == directly
    for study in zipped.studies:
        found = look([Path(path) for path in study.paths])
        assert list(found.studies) == [study.uid]
        assert len(found.studies[study.uid]) == 2


def test_a_study_is_the_same_wherever_its_files_lie_and_twice_is_once(
    six: Path, tmp_path: Path
) -> None:
    for number, file in enumerate(sorted(six.rglob("*.dcm"))):
        for copy in ("a", "b"):
            place = tmp_path / copy / f"{number}"
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(file.read_bytes())
    moved = listed(tmp_path)
    assert [(s.uid, s.digest) for s in moved.studies] == [
        (s.uid, s.digest) for s in listed(six).studies
    ]
    assert all(len(study.paths) == 2 for study in moved.studies)


def test_damaged_images_are_named_and_other_files_are_counted(six: Path, tmp_path: Path) -> None:
    image = next(six.rglob("*.dcm")).read_bytes()
    for name, content in {
        "cut.dcm": image[:200], "junk.dcm": b"junk", "notes.txt": b"hello", "more.txt": b"hello",
    }.items():  # fmt: skip
        (tmp_path / name).write_bytes(content)
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 and no directory")
    (tmp_path / "away").symlink_to(six.parent)
    ct = dcmread(next(six.rglob("*.dcm")))
    ct.Modality, ct.StudyInstanceUID, ct.SOPInstanceUID = "CT", "1.2.3", "1.2.3.4"
    ct.save_as(tmp_path / "ct.dcm")
    ct.StudyInstanceUID = "../../etc"
    ct.save_as(tmp_path / "wicked.dcm")
    listing = listed(tmp_path)
    assert listing.studies == ()
    named = {left.place.rsplit("/", 1)[-1]: left for left in listing.damaged}
    assert sorted(named) == ["ct.dcm", "cut.dcm", "junk.dcm", "wicked.dcm"]
    assert named["ct.dcm"].uid == "1.2.3"
    assert named["ct.dcm"].reason == "no MR or nuclear medicine image, only CT"
    assert (
        "at most 64 digits and dots; found '..' and 7 more characters" in named["wicked.dcm"].reason
    )
    others = {left.reason: left for left in listing.others}
    assert others["a file must be DICOM, found another format"].count == 2
    assert others["a link that leaves the folder, or leads nowhere"].place == "away"


def test_a_zip_with_a_bomb_costs_one_line(six: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.dcm", bytes(64 << 20))
    (tmp_path / "good.dcm").write_bytes(next(six.rglob("*.dcm")).read_bytes())
    listing = listed(tmp_path)
    assert len(listing.studies) == 1
    assert [left.place for left in listing.damaged] == ["bomb.zip"]
    assert "250 to 1" in listing.damaged[0].reason


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        listed(tmp_path / "nothing")


def test_a_member_that_is_not_in_the_zip_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("one.dcm", b"x")
    with pytest.raises(InputError, match="name something in it; found no such member"):
        listed(tmp_path / "a.zip" / "two.dcm")


def test_a_list_names_paths_beside_itself(six: Path, tmp_path: Path) -> None:
    text = tmp_path / "paths.txt"
    (tmp_path / "here").symlink_to(six)
    text.write_text(f"# cohort\n{six}/000/study-000000\n\nhere/000/study-000001 \n")
    source = open_source(str(text))
    assert isinstance(source, Files)
    assert source.fetch is None
    assert len(source.listing(RUN, lambda _: None).studies) == 2
    assert open_source(str(six)) == Files((six,))


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"\xff\xfe"])
def test_a_list_without_paths_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "paths.txt").write_bytes(content)
    with pytest.raises(InputError, match="a list of paths"):
        read_list(tmp_path / "paths.txt")
