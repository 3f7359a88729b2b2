"""The standard's own table of what must go: PS3.15 2024b, Table E.1-1, and what it asks of a tag.

The facts of the table lie in ``tables/ps3.15-2024b-table-e.1-1.csv``: tag, name, action of the
Basic Application Level Confidentiality Profile, action of the option *Retain Longitudinal Temporal
Information with Modified Dates*.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib import resources

from pydicom.tag import BaseTag

EDITION = "PS3.15 2024b"
TABLE = "ps3.15-2024b-table-e.1-1.csv"
PROFILE = ("113100", "Basic Application Confidentiality Profile")
MODIFIED_DATES = (
    "113107",
    "Retain Longitudinal Temporal Information Modified Dates Option",
)
"""Codes of CID 7050 that say what was done (PS3.16)."""
OVERLAYS = range(0x6000, 0x6100, 2)
CURVES = range(0x5000, 0x5100, 2)


class Action(StrEnum):
    """What is done with an attribute.

    Where the table leaves a choice by the attribute's type in its IOD (``X/Z``, ``X/Z/D`` and so
    on), the one that keeps every IOD valid is taken: a dummy before an empty value before removal.
    """

    KEEP = "keep"
    REMOVE = "X"
    EMPTY = "Z"
    DUMMY = "D"
    UID = "U"
    SHIFT = "C"


_CHOICE: Mapping[str, Action] = {
    "X": Action.REMOVE,
    "Z": Action.EMPTY,
    "D": Action.DUMMY,
    "U": Action.UID,
    "X/Z": Action.EMPTY,
    "X/D": Action.DUMMY,
    "Z/D": Action.DUMMY,
    "X/Z/D": Action.DUMMY,
    "X/Z/U*": Action.UID,
}


@cache
def profile() -> Mapping[int, Action]:
    """Return tag -> action of the basic profile, for every tag of the table."""
    return {int(tag, 16): _CHOICE[basic] for tag, basic, _ in _rows()}


@cache
def shifted() -> frozenset[int]:
    """Return the tags whose dates are shifted rather than lost."""
    return frozenset(int(tag, 16) for tag, _, dates in _rows() if dates == "C")


def action(tag: BaseTag, vr: str) -> Action:
    """Return what is done with an attribute.

    Private attributes, curves and overlays are removed whole (their rows of the table stand for
    whole groups); dates are shifted where the option allows it.
    """
    if tag.is_private or tag.group in OVERLAYS or tag.group in CURVES:
        return Action.REMOVE
    if vr in ("DA", "DT") and tag in shifted():
        return Action.SHIFT
    if vr == "TM" and tag in shifted():
        return Action.KEEP
    return profile().get(tag, Action.KEEP)


@cache
def _rows() -> tuple[tuple[str, str, str], ...]:
    text = resources.files("myeloscope.dicom").joinpath("tables", TABLE).read_text("utf-8")
    rows = list(csv.reader(text.splitlines()))[1:]
    # Rows with X for a digit, and the one of private attributes, are whole groups: see action().
    return tuple((r[0], r[2], r[3]) for r in rows if "X" not in r[0] and r[0] != "PRIVATE")
