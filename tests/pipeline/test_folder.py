"""A folder appears whole or not at all, and nothing of the user's is lost."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from myeloscope.errors import OutputError
from myeloscope.pipeline.folder import whole_folder


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def fill(target: Path, *, fault: BaseException | None = None, overwrite: bool = False) -> None:
    with whole_folder(target, overwrite=overwrite) as made:
        (made / "reading.json").write_text("new")
        if fault is not None:
            raise fault


def test_a_good_end_leaves_the_folder_and_nothing_else(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "a" / "out") as made:
        (made / "reading.json").write_text("{}")
        assert not (tmp_path / "a" / "out").exists()
    assert names(tmp_path / "a") == ["out"]
    assert names(tmp_path / "a" / "out") == ["reading.json"]


def test_the_folder_has_the_permissions_of_any_other(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    with whole_folder(tmp_path / "out"):
        pass
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        fill(tmp_path / "out", fault=ZeroDivisionError())
    assert names(tmp_path) == []


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with whole_folder(tmp_path / "out") as made:
        (made / "report.pdf").write_text("x")
    assert names(tmp_path / "out") == ["report.pdf"]
    assert names(tmp_path) == ["out"]


def test_a_full_folder_is_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "reading.json").write_text("old")
    with pytest.raises(OutputError, match=r"new or empty; found 1 entries; .* --overwrite"):
        whole_folder(tmp_path).__enter__()
    assert (tmp_path / "reading.json").read_text() == "old"


@pytest.mark.parametrize("name", ["thesis.doc", "1.2/notes.txt", "scan.dcm", "1.2/sr.dcm"])
def test_overwrite_never_takes_what_is_not_ours(tmp_path: Path, name: str) -> None:
    mine = tmp_path / "out" / name
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    (tmp_path / "out" / "reading.json").write_text("old")
    with pytest.raises(OutputError, match=f"'{name}', which is not ours"):
        whole_folder(tmp_path / "out", overwrite=True).__enter__()
    assert mine.read_text() == "mine"


def test_overwrite_replaces_the_whole_earlier_output(tmp_path: Path) -> None:
    old = tmp_path / "out"
    (old / "1.2.3").mkdir(parents=True)
    for name in (
        *("reading.json", "overlay-1.png", "report.html", "seg-1.dcm", "sr.dcm", "capture-2.dcm"),
        *("1.2.3/reading.json", "1.2.3/report.pdf"),
    ):
        (old / name).write_text("old")
    with whole_folder(old, overwrite=True) as made:
        (made / "reading.json").write_text("new")
        assert (old / "report.html").read_text() == "old"
    assert names(old) == ["reading.json"]
    assert (old / "reading.json").read_text() == "new"
    assert names(tmp_path) == ["out"]


def test_overwrite_replaces_earlier_phantoms(tmp_path: Path) -> None:
    (tmp_path / "out" / "phantom-1").mkdir(parents=True)
    for name in ("truth.json", "1-cervicothoracic.dcm"):
        (tmp_path / "out" / "phantom-1" / name).write_text("old")
    fill(tmp_path / "out", overwrite=True)
    assert names(tmp_path / "out") == ["reading.json"]


def test_a_failed_overwrite_keeps_the_earlier_output(tmp_path: Path) -> None:
    old = tmp_path / "out"
    old.mkdir()
    (old / "reading.json").write_text("old")
    with pytest.raises(KeyboardInterrupt):
        fill(old, fault=KeyboardInterrupt(), overwrite=True)
    assert (old / "reading.json").read_text() == "old"
    assert names(tmp_path) == ["out"]


def test_a_failed_rename_puts_the_earlier_output_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "out"
    old.mkdir()
    (old / "reading.json").write_text("old")
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name.endswith(".part"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OutputError, match="Input/output error"):
        fill(old, overwrite=True)
    assert (old / "reading.json").read_text() == "old"
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize("link", [False, True])
def test_a_file_or_link_in_the_place_is_refused(tmp_path: Path, link: bool) -> None:
    place = tmp_path / "out"
    place.symlink_to(tmp_path) if link else place.write_text("mine")
    with pytest.raises(OutputError, match="not a folder"):
        whole_folder(place, overwrite=True).__enter__()
    assert place.is_symlink() if link else place.read_text() == "mine"


def test_a_place_below_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="choose a folder that you may write"):
        whole_folder(tmp_path / "file" / "out").__enter__()


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="No space left on device; make room"):
        fill(tmp_path / "out", fault=OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    assert names(tmp_path) == []
