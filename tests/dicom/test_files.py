"""What lies behind a path: found in a fixed order, never outside it, never without bound."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from myeloscope.dicom import files
from myeloscope.dicom.files import Item, find
from myeloscope.errors import InputError


def names(*paths: Path) -> list[str]:
    return [item.name for item in find(paths)[0]]


def write(path: Path, data: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_folders_are_walked_in_order_and_hidden_files_left_out(tmp_path: Path) -> None:
    for name in ("b/2", "b/1", "a", ".hidden", "__MACOSX/x", "b/.DS_Store"):
        write(tmp_path / name)
    assert names(tmp_path) == ["a", "b/1", "b/2"]


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path / "a")
    assert names(path, path, tmp_path) == ["a"]


def test_a_dicomdir_stands_for_its_folder(tmp_path: Path) -> None:
    write(tmp_path / "IMAGES/1")
    assert names(write(tmp_path / "DICOMDIR")) == ["DICOMDIR", "IMAGES/1"]


def test_zip_members_are_read_in_memory(tmp_path: Path) -> None:
    path = zipped(tmp_path / "s.zip", {"b/2": b"two", "a": b"one", "__MACOSX/a": b"", "b/": b""})
    items = find([path])[0]
    assert [item.name for item in items] == ["s.zip/a", "s.zip/b/2"]
    assert [item.open().read() for item in items] == [b"one", b"two"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["s.zip"]


def test_a_dicom_file_with_a_zip_in_it_is_dicom(tmp_path: Path) -> None:
    tail = zipped(tmp_path / "z", {"a": b"one"}).read_bytes()
    path = write(tmp_path / "polyglot.dcm", bytes(128) + b"DICM" + tail)
    assert names(path) == ["polyglot.dcm"]


def test_links_that_leave_or_loop_are_named_and_not_followed(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside")
    root = tmp_path / "study"
    write(root / "real")
    (root / "within").symlink_to(root / "real")
    (root / "out").symlink_to(outside)
    (root / "loop").symlink_to(root / "loop")
    (root / "up").symlink_to(root)
    items, passed = find([root])
    assert [item.name for item in items] == ["real"]
    assert [(entry.path, entry.reason) for entry in passed] == [
        ("loop", "a link that leaves the folder, or leads nowhere"),
        ("out", "a link that leaves the folder, or leads nowhere"),
    ]


def test_what_is_no_file_is_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    write(tmp_path / "real")
    assert [entry.reason for entry in find([tmp_path])[1]] == ["no regular file"]
    with pytest.raises(InputError, match="must be a folder, a zip or a file; found something else"):
        find([tmp_path / "pipe"])


def test_a_missing_path_has_a_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no/where: a path must be .*; found no such file"):
        find([tmp_path / "no/where"])


def test_an_empty_folder_has_a_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must hold at least one file; found none"):
        find([tmp_path])


@pytest.mark.parametrize(
    "name", ["../up", "a/../../up", "/etc/abs", "C:\\win", "\\\\host\\share\\x", "a\\..\\..\\b"]
)
def test_zip_names_that_leave_are_refused(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "s.zip", {"ok": b"1"})
    with zipfile.ZipFile(path, "a") as archive:
        info = zipfile.ZipInfo("x")
        info.filename = name
        archive.writestr(info, b"2")
    with pytest.raises(InputError, match=r"s.zip: names in a zip must stay in it; found"):
        find([path])


def test_a_zip_bomb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "s.zip", {"zeros": bytes(files.FREE_BYTES + 1)})
    with pytest.raises(InputError, match=r"compressed 250 to 1 at most; found \d+ to 1"):
        find([path])


def test_the_sum_of_a_zip_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_ZIP_BYTES", 3)
    path = zipped(tmp_path / "s.zip", {"a": b"12", "b": b"34"})
    with pytest.raises(InputError, match="a zip may unpack to"):
        find([path])


def test_the_number_of_files_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_FILES", 1)
    write(tmp_path / "a")
    write(tmp_path / "b")
    with pytest.raises(InputError, match="at most 1 files are read at once"):
        find([tmp_path])


def test_a_huge_file_is_never_opened(tmp_path: Path) -> None:
    item = Item("big", tmp_path / "not there", files.MOST_BYTES + 1)
    with pytest.raises(InputError, match="big: a file must be at most 512 MiB"):
        item.open()


def test_files_that_vanish_have_a_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="gone: a file must be readable; found No such file"):
        Item("gone", tmp_path / "gone", 1).open()


def test_a_folder_without_permission_has_a_line(tmp_path: Path) -> None:
    def refuse(path: object) -> None:
        raise PermissionError(13, "Permission denied")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "scandir", refuse)
        with pytest.raises(InputError, match="must be readable; found Permission denied"):
            find([tmp_path])


def test_damaged_zips_have_a_line(tmp_path: Path) -> None:
    whole = zipped(tmp_path / "s.zip", {"a": bytes(range(256)) * 20}).read_bytes()
    broken = bytearray(whole)
    broken[40:60] = bytes(20)
    item = find([write(tmp_path / "t.zip", bytes(broken))])[0][0]
    with pytest.raises(InputError, match=r"t.zip/a: a file must be readable; found damaged zip"):
        item.open()
    directory = bytearray(whole)
    directory[whole.index(b"PK\x01\x02") : whole.index(b"PK\x01\x02") + 4] = b"XXXX"
    with pytest.raises(InputError, match=r"t.zip: a file must be readable; found a damaged zip"):
        find([write(tmp_path / "t.zip", bytes(directory))])


def test_encrypted_members_have_a_line(tmp_path: Path) -> None:
    data = bytearray(zipped(tmp_path / "s.zip", {"a": b"12"}).read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    items, passed = find([write(tmp_path / "t.zip", bytes(data))])
    assert (items, [entry.reason for entry in passed]) == ((), ["an encrypted zip member"])
