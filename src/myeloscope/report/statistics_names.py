"""Names of readers and cases, short enough for a figure and never two alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from matplotlib.font_manager import findfont, get_font

FONT = "DejaVu Sans"
"""The one font of the figures: it comes with matplotlib, so that figures are alike everywhere."""
_NOT_DRAWN = "\N{REPLACEMENT CHARACTER}"
_DOTS = "\N{HORIZONTAL ELLIPSIS}"


@dataclass(frozen=True, slots=True)
class Labels:
    """What a figure writes for some names.

    Attributes
    ----------
    texts
        A label for each name: the name, or ``R1``, ``R2``, ... where one is too long.
    key
        What the labels stand for, to follow a caption; empty where the names stand themselves.
    """

    texts: tuple[str, ...]
    key: str = ""


@cache
def _drawn() -> frozenset[int]:
    """Return the characters that the font of the figures has."""
    return frozenset(get_font(findfont(FONT)).get_charmap())


def drawable(text: str) -> str:
    """Return text with what the figures' font cannot draw, such as Chinese, marked as such."""
    return "".join(letter if ord(letter) in _drawn() else _NOT_DRAWN for letter in text)


def labels(names: Sequence[str], length: int) -> Labels:
    """Return labels of at most ``length`` characters.

    One name that is too long, or that figures cannot draw, numbers them all.
    """
    if all(len(name) <= length and drawable(name) == name for name in names):
        return Labels(tuple(names))
    short = tuple(f"R{k + 1}" for k in range(len(names)))
    pairs = (f"{label}: {name}" for label, name in zip(short, names, strict=True))
    return Labels(short, f" {'; '.join(pairs)}.")


def reader_name(modality: str, reader: str) -> str:
    """Return how a reader is called: ``reader 1 (MRM)``, ``smith (MRM)``, or ``RIC`` of RIC."""
    name = f"reader {reader}" if reader.isdigit() else reader
    return name if reader == modality or not modality else f"{name} ({modality})"


def cut(text: str, length: int) -> str:
    """Return drawable text of at most so many characters, its end replaced by an ellipsis."""
    text = drawable(text)
    return text if len(text) <= length else text[: length - 1] + _DOTS


def cut_middle(text: str, length: int) -> str:
    """Return drawable text of at most so many characters, its middle cut out.

    Begin and end are kept: identifiers end unlike.
    """
    text = drawable(text)
    if len(text) <= length:
        return text
    end = 2 * (length - 1) // 3
    return text[: length - 1 - end] + _DOTS + text[-end:]
