"""The manifest: whole lines count, torn ones do not, and one run holds it."""

from __future__ import annotations

from pathlib import Path

import pytest

from myeloscope.cohort.manifest import FILE, Manifest
from myeloscope.cohort.record import Entry, Failure
from myeloscope.errors import OutputError


def everything(manifest: Manifest) -> list[Entry]:
    return list(manifest.entries(lambda uid, key: True))


def test_what_was_added_is_there_again_in_the_order_of_uids(tmp_path: Path) -> None:
    later = Entry("1.20", "k", 1.5, 7, {"regions": [["1.20", 1, None]]})
    sooner = Entry("1.10", "k", 0.5, failure=Failure.TIME, place="p", reason="r", tries=2)
    with Manifest(tmp_path) as manifest:
        manifest.add([later, sooner])
    with Manifest(tmp_path) as manifest:
        assert everything(manifest) == [sooner, later]
        assert manifest.done("1.20", ["other", "k"])
        assert not manifest.done("1.20", ["other"])
        assert not manifest.done("1.30", ["k"])
        assert manifest.failed("1.10")
        assert not manifest.failed("1.20")


def test_a_later_line_of_a_study_replaces_the_earlier(tmp_path: Path) -> None:
    with Manifest(tmp_path) as manifest:
        manifest.add([Entry("1.1", "old", 1.0)])
        manifest.add([Entry("1.1", "new", 2.0)])
    with Manifest(tmp_path) as manifest:
        assert [entry.key for entry in everything(manifest)] == ["new"]


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_line_torn_anywhere_is_cut_off_and_the_next_is_whole(tmp_path: Path, cut: int) -> None:
    first, second = Entry("1.1", "k", 1.0), Entry("1.2", "k", 1.0)
    with Manifest(tmp_path) as manifest:
        manifest.add([first, second])
    file = tmp_path / FILE
    file.write_bytes(file.read_bytes()[:-cut])
    with Manifest(tmp_path) as manifest:
        assert everything(manifest) == [first]
        manifest.add([second])
    with Manifest(tmp_path) as manifest:
        assert everything(manifest) == [first, second]


def test_a_manifest_torn_in_its_first_line_starts_anew(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b'{"schema": "myelo')
    with Manifest(tmp_path) as manifest:
        manifest.add([Entry("1.1", "k", 1.0)])
    with Manifest(tmp_path) as manifest:
        assert len(everything(manifest)) == 1


@pytest.mark.parametrize("content", [b"something\n", b'{"schema": "myeloscope.cohort/1"}\nx\n'])
def test_what_is_no_manifest_is_left_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(OutputError, match=r"one of myeloscope\.cohort/1; found something else"):
        Manifest(tmp_path)
    assert (tmp_path / FILE).read_bytes() == content


def test_two_runs_cannot_hold_it(tmp_path: Path) -> None:
    with Manifest(tmp_path), pytest.raises(OutputError, match=r"one run writes .* at a time"):
        Manifest(tmp_path)
    with Manifest(tmp_path) as manifest:
        assert everything(manifest) == []


def test_a_folder_that_cannot_be_made_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="can be written"):
        Manifest(tmp_path / "file" / "folder")
