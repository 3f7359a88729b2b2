"""Three-valued answers: Kleene's strong logic (Introduction to Metamathematics, 1952, § 64)."""

from __future__ import annotations

import pytest

from myeloscope.pathway.answer import Answer, at_least

MET, NOT, OPEN = Answer.MET, Answer.NOT_MET, Answer.CANT_TELL


@pytest.mark.parametrize(
    ("number", "answers", "expected"),
    [
        # Conjunction of two (number 2) and disjunction (number 1), Kleene's tables.
        (2, (MET, MET), MET),
        (2, (MET, OPEN), OPEN),
        (2, (OPEN, OPEN), OPEN),
        (2, (MET, NOT), NOT),
        (2, (OPEN, NOT), NOT),
        (2, (NOT, NOT), NOT),
        (1, (MET, OPEN), MET),
        (1, (MET, NOT), MET),
        (1, (OPEN, NOT), OPEN),
        (1, (NOT, NOT), NOT),
        # Two of three.
        (2, (MET, MET, NOT), MET),
        (2, (MET, OPEN, NOT), OPEN),
        (2, (OPEN, OPEN, NOT), OPEN),
        (2, (OPEN, NOT, NOT), NOT),
    ],
)
def test_tables(number: int, answers: tuple[Answer, ...], expected: Answer) -> None:
    assert at_least(number, answers) is expected
    assert at_least(number, answers[::-1]) is expected
