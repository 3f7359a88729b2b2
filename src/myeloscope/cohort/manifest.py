"""The manifest: a file to which a line is added for each study that was read or set aside.

It is the only memory of a cohort. A line is whole or it does not count: what a killed run left
half written at the end is cut off before the next line is added. Later lines of a study replace
earlier ones, as after a change of settings.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from myeloscope.cohort.record import Entry, Failure
from myeloscope.errors import OutputError
from myeloscope.pipeline.folder import output_error

FILE = "manifest.jsonl"
SCHEMA = "myeloscope.cohort/1"


class Manifest:
    """The manifest of a cohort's folder, held by one run at a time.

    Use it in a ``with`` block.

    Parameters
    ----------
    folder
        The cohort's folder, which is made.

    Raises
    ------
    OutputError
        If the folder cannot be written, another run holds it, or the file is not a manifest.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._places: dict[str, tuple[int, str, bool]] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file: IO[bytes] = self._path.open("a+b")
        except OSError as error:
            raise output_error(folder, error) from error
        try:
            self._hold()
            self._load()
        except OutputError:
            self._file.close()
            raise

    def done(self, uid: str, keys: Collection[str]) -> bool:
        """Return whether a study was read, or set aside, with one of these keys."""
        return uid in self._places and self._places[uid][1] in keys

    def failed(self, uid: str) -> bool:
        """Return whether the last that is known of a study is a failure."""
        return uid in self._places and self._places[uid][2]

    def add(self, entries: Iterable[Entry]) -> None:
        """Add a line for each study, on the disk when this returns.

        Raises
        ------
        OutputError
            If the operating system refuses.
        """
        try:
            for entry in entries:
                place = self._file.seek(0, os.SEEK_END)
                self._file.write(json.dumps(asdict(entry), separators=(",", ":")).encode() + b"\n")
                self._places[entry.uid] = (place, entry.key, entry.failure is not None)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise output_error(self._path, error) from error

    def entries(self, wanted: Callable[[str, str], bool]) -> Iterator[Entry]:
        """Yield the last entry of each study, in the order of the UIDs, if its key is wanted."""
        for uid in sorted(self._places):
            place, key, _ = self._places[uid]
            if wanted(uid, key):
                self._file.seek(place)
                yield _entry(self._file.readline())

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Close the file and let others have the folder."""
        self._file.close()

    def _hold(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OutputError(
                "one run writes to a cohort's folder at a time",
                value="another one at work",
                place=str(self._path.parent),
                remedy="wait for it, or choose another --out",
            ) from error

    def _load(self) -> None:
        self._file.seek(0)
        head = self._file.readline()
        if not head.endswith(b"\n"):
            self._file.truncate(0)
            self._file.write(json.dumps({"schema": SCHEMA}).encode() + b"\n")
            self._file.flush()
            return
        if head != json.dumps({"schema": SCHEMA}).encode() + b"\n":
            raise self._foreign()
        place = self._file.tell()
        for line in iter(self._file.readline, b""):
            if not line.endswith(b"\n"):
                self._file.truncate(place)
                return
            try:
                entry = _entry(line)
            except (ValueError, TypeError) as error:
                raise self._foreign() from error
            self._places[entry.uid] = (place, entry.key, entry.failure is not None)
            place += len(line)

    def _foreign(self) -> OutputError:
        return OutputError(
            f"the folder's manifest is one of {SCHEMA}",
            value="something else",
            place=str(self._path),
            remedy="choose another --out",
        )


def _entry(line: bytes) -> Entry:
    record = json.loads(line)
    failure = record.pop("failure")
    return Entry(**record, failure=None if failure is None else Failure(failure))
