"""Words of the contract: the enums' values are those of DESIGN's closed lists."""

from __future__ import annotations

from enum import Enum

import pytest

from myeloscope.domain.grade import (
    FindingKind,
    Grade,
    Pattern,
    ReaderKind,
    ReaderMode,
    Technique,
    Verdict,
)


@pytest.mark.parametrize(
    ("enum", "words"),
    [
        (Technique, "mr-myelography|radioisotope-cisternography"),
        (Pattern, "triangle|streaks|reticular|haze|round"),
        (ReaderMode, "unaided|after-own-grade|concurrent|second-look"),
        (Verdict, "as in the paper|differs|missing"),
        (FindingKind, "leak|perineurial-cyst|meningocele|epidural-collection|other-fluid"),
        (ReaderKind, "person|panel|algorithm"),
    ],
)
def test_the_words_are_those_of_the_contract(enum: type[Enum], words: str) -> None:
    assert "|".join(member.value for member in enum) == words


def test_grades_are_ordered_0_to_3() -> None:
    assert [int(grade) for grade in sorted(Grade)] == [0, 1, 2, 3]
    assert Grade.POSSIBLE < Grade.DEFINITE
