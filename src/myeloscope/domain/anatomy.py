"""Regions, sides and root segments of the spine, and the region each root belongs to.

Words and the junction rule are DESIGN's: C1-C7 are cervical, C8 to the last but one thoracic
root thoracic (C8 leaves at C7/T1), the last thoracic root and below lumbar (T12 leaves at T12/L1).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache


class Region(StrEnum):
    """A graded level of the spine."""

    CERVICAL = "cervical"
    THORACIC = "thoracic"
    LUMBAR = "lumbar"

    @property
    def letter(self) -> str:
        """Return ``C``, ``T`` or ``L``, as tables of readings write it."""
        return self.value[0].upper()


class Side(StrEnum):
    """Side of the patient, never of the screen."""

    LEFT = "left"
    RIGHT = "right"
    MIDLINE = "midline"
    UNKNOWN = "unknown"


class Segment(StrEnum):
    """A spinal root; T13 and L6 exist in transitional anatomy only."""

    C1 = "C1"
    C2 = "C2"
    C3 = "C3"
    C4 = "C4"
    C5 = "C5"
    C6 = "C6"
    C7 = "C7"
    C8 = "C8"
    T1 = "T1"
    T2 = "T2"
    T3 = "T3"
    T4 = "T4"
    T5 = "T5"
    T6 = "T6"
    T7 = "T7"
    T8 = "T8"
    T9 = "T9"
    T10 = "T10"
    T11 = "T11"
    T12 = "T12"
    T13 = "T13"
    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"
    L5 = "L5"
    L6 = "L6"
    S1 = "S1"
    S2 = "S2"
    S3 = "S3"
    S4 = "S4"
    S5 = "S5"


@dataclass(frozen=True, slots=True)
class SpineFormula:
    """How many thoracic and lumbar vertebrae a spine has (7 cervical, 5 sacral always)."""

    thoracic: int = 12
    lumbar: int = 5

    def __post_init__(self) -> None:
        """Refuse counts that no spine has."""
        if self.thoracic not in (11, 12, 13) or self.lumbar not in (4, 5, 6):
            raise ValueError(
                f"a spine has 11-13 thoracic and 4-6 lumbar vertebrae, "
                f"not {self.thoracic} and {self.lumbar}"
            )

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Return the roots of this spine from C1 to S5, downward."""
        return _segments(self.thoracic, self.lumbar)

    def region(self, segment: Segment) -> Region:
        """Return the region a root is graded in, by the junction rule."""
        letter, number = segment.value[0], int(segment.value[1:])
        if letter == "C":
            return Region.THORACIC if number == 8 else Region.CERVICAL
        if letter == "T" and number < self.thoracic:
            return Region.THORACIC
        return Region.LUMBAR


@cache
def _segments(thoracic: int, lumbar: int) -> tuple[Segment, ...]:
    counts = (("C", 8), ("T", thoracic), ("L", lumbar), ("S", 5))
    return tuple(Segment(f"{letter}{i + 1}") for letter, n in counts for i in range(n))


TYPICAL_SPINE = SpineFormula()
