"""A DICOM file as a flat list of elements whose every part can be made wrong.

pydicom would refuse to write most of what is wanted here; the encoding is PS3.5 7.1.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

LONG = frozenset((b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"UC", b"UN", b"UR", b"UT"))
"""Value representations with a length of 32 bits in explicit form."""
PREFIX = bytes(128) + b"DICM"


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a data set; ``length`` is what the file claims, if not the truth."""

    tag: tuple[int, int]
    vr: bytes
    value: bytes
    length: int | None = None

    def encode(self) -> bytes:
        """Return it in Explicit VR Little Endian."""
        size = len(self.value) if self.length is None else self.length
        head = struct.pack("<HH", *self.tag) + self.vr
        if self.vr in LONG:
            return head + struct.pack("<HL", 0, size & 0xFFFFFFFF) + self.value
        return head + struct.pack("<H", size & 0xFFFF) + self.value


def split(data: bytes) -> list[Element]:
    """Return the elements of a file in Explicit VR Little Endian, a rest left out."""
    elements, at = [], len(PREFIX)
    while at + 12 <= len(data):
        group, number, vr = struct.unpack_from("<HH2s", data, at)
        if vr in LONG:
            (size,) = struct.unpack_from("<L", data, at + 8)
            at += 12
        else:
            (size,) = struct.unpack_from("<H", data, at + 6)
            at += 8
        size = min(size, len(data) - at)  # undefined length: encapsulated pixels, to the end
        elements.append(Element((group, number), vr, data[at : at + size]))
        at += size
    return elements


def join(elements: Sequence[Element]) -> bytes:
    """Return the file of elements."""
    return PREFIX + b"".join(element.encode() for element in elements)
