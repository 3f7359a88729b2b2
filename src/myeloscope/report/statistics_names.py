"""Names of readers and cases, short enough for a figure and never two alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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


def labels(names: Sequence[str], length: int) -> Labels:
    """Return labels of at most ``length`` characters; one name too long numbers them all."""
    if all(len(name) <= length for name in names):
        return Labels(tuple(names))
    short = tuple(f"R{k + 1}" for k in range(len(names)))
    pairs = (f"{label}: {name}" for label, name in zip(short, names, strict=True))
    return Labels(short, f" {'; '.join(pairs)}.")


def reader_name(modality: str, reader: str) -> str:
    """Return how a reader is called: ``reader 1 (MRM)``, ``smith (MRM)``, or ``RIC`` of RIC."""
    name = f"reader {reader}" if reader.isdigit() else reader
    return name if reader == modality or not modality else f"{name} ({modality})"


def cut(text: str, length: int) -> str:
    """Return text of at most so many characters, its end replaced by an ellipsis."""
    return text if len(text) <= length else text[: length - 1] + _DOTS


def cut_middle(text: str, length: int) -> str:
    """Return text of at most so many characters, begin and end kept: identifiers end unlike."""
    if len(text) <= length:
        return text
    end = 2 * (length - 1) // 3
    return text[: length - 1 - end] + _DOTS + text[-end:]
