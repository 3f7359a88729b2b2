"""Studies that somebody has open for a second look: kept for a day, for one account alone.

They are as they were uploaded, with the patient's identity, because a report needs it: they stand
apart from trials, in no backup, and go when they are closed or a day old.
"""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from myeloscope.errors import InputError
from myeloscope.store.folder import write_private

LOOKS = "looks"
KEPT = timedelta(hours=24)
_NAME = re.compile("[0-9a-f]{32}")
_BEGUN = "begun"


@dataclass(frozen=True, slots=True)
class Looks:
    """The open looks below a folder, ``OWNER/LOOK/`` each."""

    folder: Path

    def new(self, owner: str, at: str) -> str:
        """Return the name of a new look, and make its folder, readable by us alone."""
        name = secrets.token_hex(16)
        place = self.folder / owner / name
        place.mkdir(mode=0o700, parents=True)
        write_private(place / _BEGUN, at.encode())
        return name

    def place(self, owner: str, look: str) -> Path:
        """Return the folder of a look.

        Raises
        ------
        InputError
            If the owner has no such look (any more).
        """
        place = self.folder / owner / look
        if not _NAME.fullmatch(look) or not place.is_dir():
            raise InputError(
                "a look is one of your own, and less than a day old", value=look[:40],
                place="look", remedy="open the study again",
            )  # fmt: skip
        return place

    def of(self, owner: str, holding: str = _BEGUN) -> Iterator[str]:
        """Yield the names of somebody's looks that hold a file, the oldest first."""
        places = (path for path in (self.folder / owner).glob("*") if (path / holding).exists())
        yield from (path.name for path in sorted(places, key=_begun))

    def begun(self, owner: str, look: str) -> str:
        """Return when a look was opened."""
        return _begun(self.place(owner, look))

    def put(self, owner: str, look: str, name: str, content: bytes) -> None:
        """Write a file of a look, whole or not at all."""
        place = self.place(owner, look)
        part = place / f".{secrets.token_hex(8)}"
        write_private(part, content)
        part.replace(place / Path(name).name)

    def close(self, owner: str, look: str) -> None:
        """Remove a look with all its files."""
        shutil.rmtree(self.place(owner, look))

    def sweep(self, at: str) -> None:
        """Remove every look that is more than a day old."""
        last = (datetime.fromisoformat(at) - KEPT).isoformat(timespec="microseconds")
        for path in self.folder.glob("*/*"):
            if not (path / _BEGUN).exists() or _begun(path) < last:
                shutil.rmtree(path, ignore_errors=True)


def _begun(place: Path) -> str:
    return (place / _BEGUN).read_text(encoding="ascii")
