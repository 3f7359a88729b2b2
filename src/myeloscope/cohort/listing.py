"""What a source holds: the studies behind folders, zips and lists of paths, by their headers.

Headers are parsed in a limited process, file by file, so that a hostile file costs one line.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from myeloscope.cohort.record import Form, Left, Listing, StudyRef
from myeloscope.dicom.census import Belonging
from myeloscope.dicom.files import Item, behind
from myeloscope.dicom.source import PassedOver
from myeloscope.errors import InputError
from myeloscope.pipeline.each import Answered, Many, Run, work_through

CENSUS = "myeloscope.dicom.census:belonging"
CHUNK = 2000
"""Files that are looked at in one process."""
READABLE = ("MR", "NM")
"""Modalities of what can be read (PS3.3 C.7.3.1.1.1)."""
IMAGE_NAMES = (".dcm", ".ima", ".dicom")
"""Endings of names that promise a DICOM image."""
NOT_DICOM = "a file must be DICOM"
"""The rule that files of another kind break."""

Tell = Callable[[int], None]
"""Hears how many files have been looked at."""


@dataclass(slots=True)
class _Study:
    """A study as it is being found."""

    paths: list[str] = field(default_factory=list)
    size: int = 0
    sops: set[str] = field(default_factory=set)
    modalities: set[str] = field(default_factory=set)


def list_dicom(paths: Sequence[Path], run: Run, tell: Tell) -> Listing:
    """Return the studies behind paths.

    Parameters
    ----------
    paths
        Folders (read recursively, with the zips in them), zips, single files.
    run
        Runs work in a limited process.
    tell
        Hears how many files have been looked at.

    Raises
    ------
    InputError
        If a path does not exist.
    """
    studies: dict[str, _Study] = {}
    damaged: list[Left] = []
    others: Counter[str] = Counter()
    first: dict[str, str] = {}

    def pass_over(place: str, reason: str) -> None:
        others[reason] += 1
        first.setdefault(reason, place)

    def hear(item: Item, answer: Answered) -> None:
        if answer.error is not None:
            error = answer.error.error()
            if error.rule == NOT_DICOM and not item.name.lower().endswith(IMAGE_NAMES):
                pass_over(item.name, f"{error.rule}, found {error.value}")
            else:
                damaged.append(Left("", item.name, str(error)))
        elif answer.value.study_uid:
            _join(studies.setdefault(answer.value.study_uid, _Study()), item, answer.value)

    looked = 0
    entries = (entry for path in paths for entry in _entries(path))
    while chunk := tuple(islice(entries, CHUNK)):
        for entry in chunk:
            if isinstance(entry, Left):
                damaged.append(entry)
            elif isinstance(entry, PassedOver):
                pass_over(entry.path, entry.reason)
        items = tuple(entry for entry in chunk if isinstance(entry, Item))
        work_through(Many(CENSUS, items), run, hear, tries=1)
        looked += len(chunk)
        tell(looked)
    wanted = {u: s for u, s in studies.items() if s.modalities.intersection(READABLE)}
    damaged += [_nothing_to_read(uid, studies[uid]) for uid in studies.keys() - wanted.keys()]
    return Listing(
        tuple(_ref(uid, wanted[uid]) for uid in sorted(wanted)),
        tuple(sorted(damaged, key=lambda left: (left.uid, left.place))),
        tuple(Left("", first[reason], reason, n) for reason, n in sorted(others.items())),
    )


def read_list(path: Path) -> tuple[Path, ...]:
    """Return the paths that a text file lists, one a line; relative ones start at its folder.

    Raises
    ------
    InputError
        If the file cannot be read, or lists nothing.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "a list of paths is a text file in UTF-8", value=type(error).__name__,
            place=str(path), remedy="check the file",
        ) from error  # fmt: skip
    listed = [path.parent / line.strip() for line in lines if line.strip() and line[0] != "#"]
    if not listed:
        raise InputError(
            "a list of paths names at least one", value="none", place=str(path),
            remedy="write one path a line",
        )  # fmt: skip
    return tuple(listed)


def _entries(path: Path) -> Iterator[Item | PassedOver | Left]:
    """Yield what lies behind a path, and behind the zips in a folder."""
    for entry in behind(path):
        inner = isinstance(entry, Item) and entry.member is None and entry.path != path
        if isinstance(entry, Item) and inner and entry.path.suffix.lower() == ".zip":
            try:
                yield from behind(entry.path)
            except InputError as error:
                yield Left("", entry.name, str(error))
        else:
            yield entry


def _join(study: _Study, item: Item, found: Belonging) -> None:
    """Add a file to its study, unless the same object is there already."""
    if found.sop_uid in study.sops:
        return
    study.sops.add(found.sop_uid)
    study.modalities.add(found.modality)
    study.size += item.size
    # a member is addressed as if its zip were a folder
    study.paths.append(str(item.path if item.member is None else item.path.parent / item.name))


def _ref(uid: str, study: _Study) -> StudyRef:
    return StudyRef(
        uid, Form.DICOM, tuple(sorted(study.paths)), study.size, digest_of(sorted(study.sops))
    )


def digest_of(parts: Iterable[str]) -> str:
    """Return a short digest of what identifies a study's images."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _nothing_to_read(uid: str, study: _Study) -> Left:
    kinds = ", ".join(sorted(kind or "none" for kind in study.modalities))
    return Left(uid, min(study.paths), f"no MR or nuclear medicine image, only {kinds}")
