"""Ways to damage a study: bytes, lengths, tags, values, sequences, pixels, containers.

Each takes the study's files and a random generator and returns other files; the same state of the
generator gives the same damage.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from benchmarks.fuzzing.corpus import Files
from benchmarks.fuzzing.elements import PREFIX, Element, join, split

Draw = np.random.Generator
Damage = Callable[[Files, Draw], Files]

HEAD = 1600
"""Bytes within which headers lie: half of all damage falls there."""
LENGTHS = (0, 1, 2, 3, 7, 8, 255, 65534, 65535, 1 << 20, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF)
VALUES: tuple[bytes, ...] = (
    *(b"", b"0", b"-1", b"1", b"2", b"1e308", b"-1e308", b"1e-308", b"nan", b"inf", b"-inf"),
    *(b"4294967296", b"99999999999999999999", b"0x10", b"1,5", b" ", b"\\", b"\\\\\\", b"\0" * 8),
    *(b"1\\2\\3\\4\\5\\6", b"1\\0\\0\\1\\0\\0", b"0\\0\\0\\0\\0\\0", b"a\\b", b"MR\n\x1b[31m"),
    *(b"\xff\xfe\xfd", "Größe".encode(), b"../../up", b"..", b"/etc/passwd", b"=cmd()", b"<b>&"),
    *(b"A" * 70000, b"1\\" * 5000, b"%s%n{0}", b"1.2..3", b"19990230", b"996199", b"ISO_IR 999"),
    *(b"ISO 2022 IR 87", b"\x1b$B", b"\xff\xff", b"\0\0", b"\0\x80", b"\xff\xff\xff\x7f"),
)
VRS = (
    *(b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FL", b"FD", b"IS", b"LO", b"LT", b"OB"),
    *(b"OF", b"OW", b"PN", b"SH", b"SL", b"SQ", b"SS", b"ST", b"TM", b"UC", b"UI", b"UL", b"UN"),
    *(b"UR", b"US", b"UT", b"OV", b"SV", b"UV", b"ZZ", b"\0\0"),
)
SYNTAXES = (
    *(f"1.2.840.10008.1.2{tail}".encode() for tail in ("", ".1", ".2", ".1.99", ".5")),
    *(f"1.2.840.10008.1.2.4.{tail}".encode() for tail in (50, 51, 57, 70, 80, 81, 90, 91, 201)),
    *(b"1.2.3", b""),
)


def _changed(files: Files, draw: Draw, change: Callable[[bytes], bytes]) -> Files:
    """Return the study with one of its files changed."""
    name = str(draw.choice(sorted(files)))
    return {**files, name: change(files[name])}


def _place(data: bytes | bytearray, draw: Draw) -> int:
    """Return where to damage: among the headers, or anywhere."""
    return int(draw.integers(0, max(min(len(data), HEAD) if draw.random() < 0.5 else len(data), 1)))


def flip_bits(files: Files, draw: Draw) -> Files:
    """Turn single bits over."""

    def change(data: bytes) -> bytes:
        out = bytearray(data or b"\0")
        for _ in range(int(2 ** draw.uniform(0, 7))):
            out[_place(out, draw)] ^= 1 << int(draw.integers(8))
        return bytes(out)

    return _changed(files, draw, change)


def set_bytes(files: Files, draw: Draw) -> Files:
    """Overwrite a run of bytes with zeros, ones or noise."""

    def change(data: bytes) -> bytes:
        at, size = _place(data, draw), int(2 ** draw.uniform(0, 9))
        kind = draw.integers(3)
        run = bytes(size) if kind == 0 else b"\xff" * size if kind == 1 else draw.bytes(size)
        return (data[:at] + run + data[at + size :])[: len(data)]

    return _changed(files, draw, change)


def move_bytes(files: Files, draw: Draw) -> Files:
    """Cut a run of bytes out, put noise in, or say a run twice."""

    def change(data: bytes) -> bytes:
        at, size = _place(data, draw), int(2 ** draw.uniform(0, 12))
        kind = draw.integers(3)
        if kind == 0:
            return data[:at] + data[at + size :]
        return data[:at] + (draw.bytes(size) if kind == 1 else data[at : at + size]) + data[at:]

    return _changed(files, draw, change)


def truncate(files: Files, draw: Draw) -> Files:
    """End a file early."""
    return _changed(files, draw, lambda data: data[: _place(data, draw)])


def _edited(
    files: Files, draw: Draw, change: Callable[[list[Element], int], list[Element]]
) -> Files:
    """Return the study with the elements of one explicit file changed at one index."""

    def edit(data: bytes) -> bytes:
        if not data.startswith(PREFIX) or b"1.2.840.10008.1.2.1\0" not in data[:400]:
            return set_bytes({"": data}, draw)[""]
        elements = split(data)
        for _ in range(int(draw.integers(1, 4))):
            elements = change(elements, int(draw.integers(len(elements)))) or elements
        return join(elements)

    return _changed(files, draw, edit)


def drop_tags(files: Files, draw: Draw) -> Files:
    """Leave elements out."""
    return _edited(files, draw, lambda elements, at: elements[:at] + elements[at + 1 :])


def retype(files: Files, draw: Draw) -> Files:
    """Give elements another value representation."""

    def change(elements: list[Element], at: int) -> list[Element]:
        elements[at] = replace(elements[at], vr=VRS[draw.integers(len(VRS))])
        return elements

    return _edited(files, draw, change)


def wrong_length(files: Files, draw: Draw) -> Files:
    """Claim another length for elements."""

    def change(elements: list[Element], at: int) -> list[Element]:
        elements[at] = replace(elements[at], length=int(draw.choice(LENGTHS)))
        return elements

    return _edited(files, draw, change)


def hostile_value(files: Files, draw: Draw) -> Files:
    """Replace values by what nobody expects there."""

    def change(elements: list[Element], at: int) -> list[Element]:
        value = VALUES[draw.integers(len(VALUES))]
        binary = elements[at].vr in (b"US", b"SS", b"UL", b"SL", b"FD", b"FL")
        if binary and draw.random() < 0.8:
            number = int(draw.choice([0, 1, 2, 3, 7, 8, 255, 4097, 8191, 32768, 65535]))
            value = struct.pack("<H", number) * (len(elements[at].value) // 2 or 1)
        elements[at] = replace(elements[at], value=value + b" " * (len(value) % 2))
        return elements

    return _edited(files, draw, change)


def _sequence(depth: int, inside: bytes) -> bytes:
    """Return items nested to a depth, of undefined length (PS3.5 7.5), around some bytes."""
    opened = struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF)
    closed = struct.pack("<HHL", 0xFFFE, 0xE00D, 0) + struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
    inner = struct.pack("<HH2sHL", 0x0040, 0xA730, b"SQ", 0, 0xFFFFFFFF)
    return opened + (inner + opened) * depth + inside + closed * (depth + 1)


def nest(files: Files, draw: Draw) -> Files:
    """Turn elements into sequences of sequences, of other elements or never ending."""

    def change(elements: list[Element], at: int) -> list[Element]:
        depth = int(2 ** draw.uniform(0, 13))
        inside = elements[at].encode() if draw.random() < 0.7 else b""
        value = _sequence(depth, inside)
        if draw.random() < 0.2:
            value = value[: int(draw.integers(len(value)))]
        tag = elements[at].tag if draw.random() < 0.5 else (0x5200, 0x9229 + int(draw.integers(2)))
        made = Element(tag, b"SQ", value, 0xFFFFFFFF)
        return sorted([*elements[:at], made, *elements[at:]], key=lambda e: e.tag[0] != 2)

    return _edited(files, draw, change)


def wrong_syntax(files: Files, draw: Draw) -> Files:
    """Claim another transfer syntax."""

    def change(data: bytes) -> bytes:
        at = data.find(b"1.2.840.10008.1.2", 200, 500)
        if at < 0:
            return data
        end = at + len(data[at : at + 24].split(b"\0")[0].split(b"\2")[0])
        new = SYNTAXES[draw.integers(len(SYNTAXES))]
        return data[:at] + new.ljust(end - at, b"\0")[: max(end - at, len(new))] + data[end:]

    return _changed(files, draw, change)


def swap_pixels(files: Files, draw: Draw) -> Files:
    """Put other pixels in place: constant, saturated, noise, not a number, turned, too few."""

    def change(elements: list[Element], at: int) -> list[Element]:
        at = next((i for i, e in enumerate(elements) if e.tag[0] == 0x7FE0), at)
        elements[at] = replace(elements[at], value=_pixels(elements[at].value, draw))
        return elements

    return _edited(files, draw, change)


def _pixels(old: bytes, draw: Draw) -> bytes:
    size = len(old)
    kinds: tuple[Callable[[], bytes], ...] = (
        lambda: bytes(size),
        lambda: b"\xff" * size,
        lambda: draw.bytes(size),
        lambda: old[::-1],
        lambda: np.full(size // 4 + 1, np.nan, "<f4").tobytes()[:size],
        lambda: np.tile(np.array([0, 65535], "<u2"), size // 4 + 1).tobytes()[:size],
        lambda: old[: size // 2],
        lambda: old * 2,
        lambda: bytes(size - size // 3) + old[: size // 3],
        lambda: (bytes([7]) * size)[:-2] + b"\xff\x0f",
        lambda: np.repeat(np.arange(size // 32 + 1, dtype="<u2"), 16).tobytes()[:size],
    )
    return kinds[draw.integers(len(kinds))]()


def mix(files: Files, draw: Draw) -> Files:
    """Put one file's tail on another's head, or say a file twice under other names."""
    names = sorted(files)
    one, other = (files[str(draw.choice(names))] for _ in range(2))
    at = _place(one, draw)
    made = one[:at] + other[at:] if draw.random() < 0.5 else one + other
    return {**files, str(draw.choice([*names, "more", "\udcff\x1b[1m\n"])): made}


DAMAGES: Mapping[str, Damage] = {
    "bits flipped": flip_bits,
    "bytes set": set_bytes,
    "bytes moved": move_bytes,
    "truncated": truncate,
    "tags dropped": drop_tags,
    "tags retyped": retype,
    "lengths changed": wrong_length,
    "values replaced": hostile_value,
    "sequences nested": nest,
    "syntax changed": wrong_syntax,
    "pixels swapped": swap_pixels,
    "files mixed": mix,
}
"""Every kind of damage by name; each kind is equally frequent."""
