"""Files behind the paths a user gives: folders, zips, single files, without surprises.

Nothing is unpacked to disk. Links that leave the folder are not followed, links to folders never
are, and what a zip may hold is bounded before it is read.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO

from myeloscope.dicom.source import PassedOver
from myeloscope.errors import InputError

MOST_FILES = 200_000
MOST_BYTES = 1 << 30
"""Largest single file or zip member."""
MOST_ZIP_BYTES = 8 << 30
"""Largest sum of a zip's unpacked members; they are read one at a time."""
MOST_RATIO = 250
"""Largest compression ratio of members above :data:`FREE_BYTES`."""
FREE_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class Item:
    """One file, or one member of a zip.

    ``name`` is what messages show: relative to the folder given, or ``archive.zip/member``.
    """

    name: str
    path: Path
    size: int
    member: str | None = None

    def open(self) -> BinaryIO:
        """Open it for reading.

        Raises
        ------
        InputError
            If it is too large or cannot be read.
        """
        if self.size > MOST_BYTES:
            raise InputError(
                f"a file must be at most {MOST_BYTES >> 20} MiB",
                value=f"{self.size >> 20} MiB",
                place=self.name,
                remedy="leave it out",
            )
        try:
            if self.member is None:
                return self.path.open("rb")
            with zipfile.ZipFile(self.path) as archive:
                return BytesIO(archive.read(self.member))
        except OSError as error:
            raise _unreadable(self.name, error.strerror or "an I/O error") from error
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise _unreadable(self.name, "damaged zip data") from error
        except (RuntimeError, NotImplementedError) as error:
            raise _unreadable(self.name, "an encrypted or unknown zip method") from error


def find(paths: Sequence[Path]) -> tuple[tuple[Item, ...], tuple[PassedOver, ...]]:
    """Return all files behind paths, in a fixed order, and what was not followed.

    Parameters
    ----------
    paths
        Folders (read recursively), zip files, single files. A ``DICOMDIR`` stands for its folder.

    Raises
    ------
    InputError
        If a path does not exist, holds no file, or is a zip that must not be trusted.
    """
    found: dict[tuple[Path, str | None], Item] = {}
    passed: list[PassedOver] = []
    for path in paths:
        empty = True
        for entry in _behind(path):
            empty = False
            if isinstance(entry, PassedOver):
                passed.append(entry)
            else:
                found.setdefault((entry.path.resolve(), entry.member), entry)
            if len(found) > MOST_FILES:
                raise InputError(
                    f"at most {MOST_FILES} files are read at once",
                    value="more",
                    place=str(path),
                    remedy="pass the folder of one study",
                )
        if empty:
            raise InputError(
                "a folder or zip must hold at least one file",
                value="none",
                place=str(path),
                remedy="pass the folder of a study",
            )
    return tuple(found.values()), tuple(passed)


def _behind(path: Path) -> Iterator[Item | PassedOver]:
    """Yield what lies behind one path."""
    try:
        if path.is_dir():
            yield from _walk(path, path)
        elif path.name.upper() == "DICOMDIR":
            yield from _walk(path.parent, path.parent)
        elif not path.is_file():
            raise InputError(
                "a path must be a folder, a zip or a file",
                value="no such file" if not path.exists() else "something else",
                place=str(path),
                remedy="check the path",
            )
        elif zipfile.is_zipfile(path) and not _starts_as_dicom(path):
            yield from _members(path)
        else:
            yield Item(path.name, path, path.stat().st_size)
    except OSError as error:
        raise _unreadable(str(path), error.strerror or "an I/O error") from error


def _walk(folder: Path, root: Path) -> Iterator[Item | PassedOver]:
    """Yield the files of a folder and the folders in it, sorted by name, hidden ones left out."""
    with os.scandir(folder) as scan:
        entries = sorted(scan, key=lambda entry: entry.name)
    for entry in entries:
        if entry.name.startswith((".", "__MACOSX")):
            continue
        path = Path(entry.path)
        name = str(path.relative_to(root))
        if entry.is_symlink():
            if not _stays(path, root):
                yield PassedOver(name, None, "a link that leaves the folder, or leads nowhere")
            elif path.is_file():
                yield Item(name, path, path.stat().st_size)
        elif entry.is_dir(follow_symlinks=False):
            yield from _walk(path, root)
        elif entry.is_file(follow_symlinks=False):
            yield Item(name, path, entry.stat().st_size)
        else:
            yield PassedOver(name, None, "no regular file")


def _stays(link: Path, root: Path) -> bool:
    """Return whether a link's target exists inside the folder."""
    try:
        return link.resolve(strict=True).is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        return False


def _starts_as_dicom(path: Path) -> bool:
    """Return whether a file has the DICOM prefix, whatever follows at its end."""
    with path.open("rb") as stream:
        return stream.read(132)[128:] == b"DICM"


def _members(path: Path) -> Iterator[Item]:
    """Yield the members of a zip after checking all names and sizes."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise _unreadable(str(path), "a damaged zip") from error
    total = 0
    for info in infos:
        total += info.file_size
        ratio = info.file_size / max(info.compress_size, 1)
        fault = None
        if _leaves(info.filename):
            fault = ("names in a zip must stay in it", repr(info.filename[:80]))
        elif info.file_size > FREE_BYTES and ratio > MOST_RATIO:
            fault = (f"a zip may be compressed {MOST_RATIO} to 1 at most", f"{ratio:.0f} to 1")
        elif total > MOST_ZIP_BYTES:
            fault = (f"a zip may unpack to {MOST_ZIP_BYTES >> 30} GiB at most", "more")
        if fault is not None:
            rule, value = fault
            raise InputError(rule, value=value, place=path.name, remedy="unpack it with care")
    for info in sorted(infos, key=lambda info: info.filename):
        parts = PurePosixPath(info.filename).parts
        if not any(part.startswith((".", "__MACOSX")) for part in parts):
            yield Item(f"{path.name}/{info.filename}", path, info.file_size, info.filename)


def _leaves(name: str) -> bool:
    """Return whether a member's name could point outside the folder it is unpacked to."""
    windows = PureWindowsPath(name)
    return bool(windows.drive or windows.root) or ".." in windows.parts or "\x00" in name


def _unreadable(name: str, why: str) -> InputError:
    """Return the error for something that cannot be read."""
    return InputError(
        "a file must be readable", value=why, place=name, remedy="check or copy it again"
    )
