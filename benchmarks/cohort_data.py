"""Cohorts of any size from a few phantoms: the same images under new UIDs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from myeloscope import phantom
from myeloscope.cli.phantom import write_phantom
from myeloscope.phantom import Arm, Difficulty, PhantomSpec

UIDS = (b"\x20\x00\x0d\x00UI", b"\x20\x00\x0e\x00UI", b"\x08\x00\x18\x00UI")
"""Study, Series and SOP Instance UID in explicit little endian (PS3.5 7.1.2)."""
DIGITS = 7
"""Digits at the end of a UID that tell the copies apart."""


def originals(folder: Path, count: int, seed: int) -> tuple[Path, ...]:
    """Write phantoms of all difficulties, every second a control, and return their folders."""
    kinds = list(Difficulty)
    for number in range(count):
        arm = Arm.CONTROL if number % 2 else Arm.PATIENT
        spec = PhantomSpec(seed=seed + number, arm=arm, difficulty=kinds[number % len(kinds)])
        write_phantom(phantom.make(spec), f"original-{number}", folder / f"{number:03d}")
    return tuple(folder / f"{number:03d}" for number in range(count))


def copies(studies: Sequence[Path], count: int, folder: Path) -> Iterator[Path]:
    """Write as many studies as wanted, each a copy of one of those given, and yield their folders.

    Study, series and object UIDs are new, of the same length; everything else is the same.
    """
    for number in range(count):
        place = folder / f"{number // 1000:03d}" / f"study-{number:06d}"
        place.mkdir(parents=True)
        for file in sorted(studies[number % len(studies)].glob("*.dcm")):
            (place / file.name).write_bytes(renamed(file.read_bytes(), number))
        yield place


def renamed(content: bytes, number: int) -> bytes:
    """Return a file whose study, series and object UIDs end in a number."""
    for tag in UIDS:
        at = content.index(tag) + len(tag)
        length = int.from_bytes(content[at : at + 2], "little")
        old = content[at + 2 : at + 2 + length]
        kept = old.rstrip(b"\0")
        new = (kept[:-DIGITS] + f"{number:0{DIGITS}d}".encode()).ljust(length, b"\0")
        content = content.replace(old, new)
    return content
