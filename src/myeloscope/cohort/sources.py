"""Where studies come from, behind one small protocol: what is there, how workers get at it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from myeloscope.cohort.bids import Bids, is_bids
from myeloscope.cohort.dicomweb import open_dicomweb
from myeloscope.cohort.listing import Tell, list_dicom, read_list
from myeloscope.cohort.record import Fetch, Listing
from myeloscope.pipeline.each import Run

LIST_NAMES = (".txt", ".list")
"""Endings of names of files that list paths."""


class Source(Protocol):
    """Studies to be read."""

    @property
    def fetch(self) -> Fetch | None:
        """Return what brings images to a worker; ``None`` where it sees the files."""

    def listing(self, run: Run, tell: Tell) -> Listing:
        """Return what is there.

        Parameters
        ----------
        run
            Runs work in a limited process.
        tell
            Hears how many files have been looked at.

        Raises
        ------
        InputError
            If the source itself cannot be read.
        """


@dataclass(frozen=True, slots=True)
class Files:
    """DICOM below folders, in zips, single files; workers see them under the same paths."""

    paths: tuple[Path, ...]
    fetch: None = None

    def listing(self, run: Run, tell: Tell) -> Listing:
        """Return the studies behind the paths."""
        return list_dicom([path.absolute() for path in self.paths], run, tell)


def open_source(text: str) -> Source:
    """Return the source that a command line names.

    Parameters
    ----------
    text
        A folder, a BIDS data set, a zip, a text file (``.txt``, ``.list``) with one path a line,
        or the address of a DICOMweb server with a query.

    Raises
    ------
    MyeloscopeError
        InputError if a list of paths cannot be read, UsageError if an address is not safe.
    """
    if text.startswith(("http://", "https://")):
        return open_dicomweb(text)
    path = Path(text)
    if is_bids(path):
        return Bids(path.absolute())
    if path.suffix.lower() in LIST_NAMES and path.is_file():
        return Files(read_list(path))
    return Files((path,))
