"""Names of spinal levels as people write them, and how far apart they are."""

from __future__ import annotations

import re

from myeloscope.domain.anatomy import TYPICAL_SPINE, Segment

_LEVEL = re.compile(r"([CTLS])\s*(\d{1,2})(?:\s*[/-]\s*([CTLS]?)\s*(\d{1,2}))?")


def root_at(level: str) -> Segment | None:
    """Return the root that leaves at a level such as ``L3/4``, ``C7/T1`` or ``T9``, or ``None``.

    Between two vertebrae leaves the root of the lower one in the neck (C2 at C1/2, C8 at C7/T1)
    and of the upper one below it (L3 at L3/4).
    """
    match = _LEVEL.fullmatch(level.strip().upper())
    if match is None:
        return None
    letter, upper = match[1], int(match[2])
    name = f"{letter}{upper + 1}" if match[4] and letter == "C" else f"{letter}{upper}"
    return Segment(name) if is_root(name) else None


def is_root(name: str) -> bool:
    """Return whether a text names a root."""
    return name in Segment.__members__


def roots_apart(one: Segment, other: Segment) -> int | None:
    """Return how many roots lie between two of a typical spine; ``None`` for T13 and L6."""
    roots = TYPICAL_SPINE.segments
    if one not in roots or other not in roots:
        return None
    return abs(roots.index(one) - roots.index(other))


def within(root: Segment | None, first: str, last: str) -> bool:
    """Return whether a root lies between two others, both included."""
    roots = list(Segment)
    return root is not None and (
        roots.index(Segment(first)) <= roots.index(root) <= roots.index(Segment(last))
    )
