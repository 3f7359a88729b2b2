"""Images and other files named by their content, outside the database."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from myeloscope.errors import InputError

_NAME = re.compile(r"[0-9a-f]{64}")


class Objects:
    """A folder of files, each named by the SHA-256 of what it holds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Store bytes and return their name; on disk when this returns, readable by us alone."""
        name = hashlib.sha256(content).hexdigest()
        path = self.path(name)
        if path.exists():
            return name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, made = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(made).replace(path)
        _sync(path.parent)
        return name

    def get(self, name: str) -> bytes:
        """Return what a name stands for.

        Raises
        ------
        InputError
            If it is no name, not there, or not what it was.
        """
        if not _NAME.fullmatch(name):
            raise _lost(name[:80], "not a name")
        try:
            content = self.path(name).read_bytes()
        except OSError as error:
            raise _lost(name, error.strerror or "unreadable") from error
        if hashlib.sha256(content).hexdigest() != name:
            raise _lost(name, "altered content")
        return content

    def names(self) -> Iterator[str]:
        """Yield every name that is stored."""
        for path in sorted(self._folder.glob("??/*")):
            if _NAME.fullmatch(path.name):
                yield path.name

    def path(self, name: str) -> Path:
        """Return where the file of a name lies."""
        return self._folder / name[:2] / name


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _lost(name: str, why: str) -> InputError:
    return InputError(
        "a stored file is there as it was written", value=why, place=f"object {name}",
        remedy="restore it from a backup",
    )  # fmt: skip
