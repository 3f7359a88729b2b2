"""Grades of the published scale and the kinds of thing a reader can report."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Technique(StrEnum):
    """Imaging technique of a study."""

    MRM = "mr-myelography"
    RIC = "radioisotope-cisternography"

    @property
    def code(self) -> str:
        """Return ``MRM`` or ``RIC``, as tables of readings write it."""
        return self.name


class Grade(IntEnum):
    """Grade of a spinal level, 0-3, of either technique (PAPER, "The grading scale")."""

    NONE = 0
    POSSIBLE = 1
    PROBABLE = 2
    DEFINITE = 3


class FindingKind(StrEnum):
    """What a finding is; ``leak`` means the sign of a leak on the image."""

    LEAK = "leak"
    PERINEURIAL_CYST = "perineurial-cyst"
    MENINGOCELE = "meningocele"
    EPIDURAL_COLLECTION = "epidural-collection"
    OTHER_FLUID = "other-fluid"


class Pattern(StrEnum):
    """Visible form of the signal of a finding."""

    TRIANGLE = "triangle"
    STREAKS = "streaks"
    RETICULAR = "reticular"
    HAZE = "haze"
    ROUND = "round"


class ReaderKind(StrEnum):
    """Who made a reading."""

    PERSON = "person"
    PANEL = "panel"
    ALGORITHM = "algorithm"


class ReaderMode(StrEnum):
    """Whether a reader saw the algorithm's reading, and when."""

    UNAIDED = "unaided"
    AFTER_OWN_GRADE = "after-own-grade"
    CONCURRENT = "concurrent"
    SECOND_LOOK = "second-look"


class Verdict(StrEnum):
    """How an acquisition setting compares with the paper's."""

    AS_IN_THE_PAPER = "as in the paper"
    DIFFERS = "differs"
    MISSING = "missing"
