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
from itertools import islice
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO

from myeloscope.dicom.source import PassedOver
from myeloscope.errors import InputError, one_line

MOST_FILES = 200_000
MOST_BYTES = 512 << 20
"""Largest single file: a stack of 1000 slices of 512 x 512."""
MOST_MEMBER_BYTES = 256 << 20
"""Largest member of a zip, which is unpacked in memory."""
MOST_ZIP_BYTES = 8 << 30
"""Largest sum of a zip's unpacked members; they are read one at a time."""
MOST_RATIO = 250
"""Largest compression ratio of members above :data:`FREE_BYTES`."""
FREE_BYTES = 32 << 20
ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""What unpacks within a bound that is known before."""
ENCRYPTED = 1
"""Bit 0 of a member's flags (APPNOTE 4.4.4)."""


@dataclass(frozen=True, slots=True)
class Member:
    """Where a zip member's bytes lie (APPNOTE 4.3.7), as the zip's directory says."""

    offset: int
    packed: int
    deflated: bool
    crc: int


@dataclass(frozen=True, slots=True)
class Item:
    """One file, or one member of a zip.

    ``name`` is what messages show: relative to the folder given, or ``archive.zip/member``.
    """

    name: str
    path: Path
    size: int
    member: Member | None = None

    def open(self) -> BinaryIO:
        """Open it for reading.

        Raises
        ------
        InputError
            If it is too large or cannot be read.
        """
        most = MOST_BYTES if self.member is None else MOST_MEMBER_BYTES
        if self.size > most:
            raise InputError(
                f"a file must be at most {most >> 20} MiB",
                value=f"{self.size >> 20} MiB",
                place=self.name,
                remedy="leave it out",
            )
        try:
            if self.member is None:
                return self.path.open("rb")
            return BytesIO(_unpacked(self.path, self.member, self.size))
        except OSError as error:
            raise _unreadable(self.name, error.strerror or "an I/O error") from error
        except (zipfile.BadZipFile, zlib.error) as error:
            raise _unreadable(self.name, "damaged zip data") from error


def _unpacked(path: Path, member: Member, size: int) -> bytes:
    """Return a zip member's content, never more than it was said to have."""
    with path.open("rb") as stream:
        stream.seek(member.offset)
        head = stream.read(30)
        if head[:4] != b"PK\x03\x04":
            raise zipfile.BadZipFile
        name, extra = head[26:28], head[28:30]
        stream.seek(int.from_bytes(name, "little") + int.from_bytes(extra, "little"), os.SEEK_CUR)
        data = stream.read(member.packed)
    if member.deflated:
        data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, size + 1)
    if len(data) != size or zlib.crc32(data) != member.crc:
        raise zipfile.BadZipFile
    return data


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
    found: dict[tuple[Path, Member | None], Item] = {}
    passed: list[PassedOver] = []
    for path in paths:
        empty = True
        for entry in behind(path):
            empty = False
            if isinstance(entry, PassedOver):
                passed.append(entry)
            else:
                found.setdefault((entry.path.resolve(), entry.member), entry)
            if len(found) + len(passed) > MOST_FILES:
                raise _too_many(path)
        if empty:
            raise InputError(
                "a folder or zip must hold at least one file",
                value="none",
                place=str(path),
                remedy="pass the folder of a study",
            )
    return tuple(found.values()), tuple(passed)


def behind(path: Path) -> Iterator[Item | PassedOver]:
    """Yield what lies behind one path, however much it is; ``archive.zip/member`` is in a zip.

    Raises
    ------
    InputError
        If a path does not exist, or is a zip that must not be trusted.
    """
    try:
        if path.is_dir():
            yield from _walk(path)
        elif path.name.upper() == "DICOMDIR":
            yield from _walk(path.parent)
        elif archive := _archive_of(path):
            yield from _inside(archive, path)
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
            yield Item(one_line(path.name), path, path.stat().st_size)
    except OSError as error:
        raise _unreadable(str(path), error.strerror or "an I/O error") from error


def _archive_of(path: Path) -> Path | None:
    """Return the zip that a path leads into, if it leads into one."""
    if path.exists():
        return None
    parent = next((parent for parent in path.parents if parent.exists()), None)
    return parent if parent is not None and parent.is_file() else None


def _inside(archive: Path, path: Path) -> Iterator[Item | PassedOver]:
    """Yield the members of a zip that a path into it names: one, or those of a folder in it."""
    name = one_line(f"{archive.name}/{path.relative_to(archive)}")
    found = False
    for entry in _members(archive):
        shown = entry.name if isinstance(entry, Item) else entry.path
        if shown == name or shown.startswith(f"{name}/"):
            found = True
            yield entry
    if not found:
        raise InputError(
            "a path into a zip must name something in it",
            value="no such member",
            place=str(path),
            remedy="check the path",
        )


def _walk(root: Path) -> Iterator[Item | PassedOver]:
    """Yield the files of a folder and the folders in it, sorted by name, hidden ones left out."""
    waiting = [root]
    while waiting:
        path = waiting.pop()
        name = one_line(str(path.relative_to(root)))
        try:
            if path != root and path.is_symlink():
                entry = _link(path, name, root)
            elif path.is_dir():
                waiting += reversed(_listed(path))
                continue
            elif path.is_file():
                entry = Item(name, path, path.stat().st_size)
            else:
                entry = PassedOver(name, None, "no regular file")
        except OSError as error:
            if path == root:
                raise
            entry = PassedOver(name, None, f"unreadable: {error.strerror or 'an I/O error'}")
        if entry is not None:
            yield entry


def _listed(folder: Path) -> list[Path]:
    """Return what is in a folder, sorted by name, hidden entries left out."""
    with os.scandir(folder) as scan:
        names = [entry.name for entry in islice(scan, MOST_FILES + 1)]
    if len(names) > MOST_FILES:
        raise _too_many(folder)
    return [folder / name for name in sorted(names) if not name.startswith((".", "__MACOSX"))]


def _link(path: Path, name: str, root: Path) -> Item | PassedOver | None:
    """Return the file that a link inside a folder leads to; links to folders are not followed."""
    if not _stays(path, root):
        return PassedOver(name, None, "a link that leaves the folder, or leads nowhere")
    return Item(name, path, path.stat().st_size) if path.is_file() else None


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


def _members(path: Path) -> Iterator[Item | PassedOver]:
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
    size = path.stat().st_size
    for info in sorted(infos, key=lambda info: info.filename):
        parts = PurePosixPath(info.filename).parts
        if not any(part.startswith((".", "__MACOSX")) for part in parts):
            yield _member(info, path, size)


def _member(info: zipfile.ZipInfo, path: Path, size: int) -> Item | PassedOver:
    """Return one member of a zip, or why it cannot be read."""
    name = one_line(f"{path.name}/{info.filename}")
    if info.flag_bits & ENCRYPTED:
        return PassedOver(name, None, "an encrypted zip member")
    if info.compress_type not in ZIP_METHODS:
        return PassedOver(name, None, "a zip member neither stored nor deflated")
    if info.header_offset + info.compress_size > size:
        return PassedOver(name, None, "a zip member that is cut short")
    deflated = info.compress_type == zipfile.ZIP_DEFLATED
    member = Member(info.header_offset, info.compress_size, deflated, info.CRC)
    return Item(name, path, info.file_size, member)


def _leaves(name: str) -> bool:
    """Return whether a member's name could point outside the folder it is unpacked to."""
    windows = PureWindowsPath(name)
    return bool(windows.drive or windows.root) or ".." in windows.parts or "\x00" in name


def _too_many(path: Path) -> InputError:
    """Return the error for more files than are read."""
    return InputError(
        f"at most {MOST_FILES} files are read at once",
        value="more",
        place=str(path),
        remedy="pass the folder of one study",
    )


def _unreadable(name: str, why: str) -> InputError:
    """Return the error for something that cannot be read."""
    return InputError(
        "a file must be readable", value=why, place=name, remedy="check or copy it again"
    )
