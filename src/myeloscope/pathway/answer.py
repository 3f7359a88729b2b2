"""Met, not met or can't tell, and how such answers combine (strong three-valued logic).

A conjunction is not met as soon as one part is not met, and met only when all are; what is left
open by a missing input stays ``can't tell`` (Kleene, Introduction to Metamathematics, 1952, § 64).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum


class Answer(StrEnum):
    """Whether something holds, as far as what is known allows to say."""

    MET = "met"
    NOT_MET = "not met"
    CANT_TELL = "can't tell"


def at_least(number: int, answers: Sequence[Answer]) -> Answer:
    """Return whether at least ``number`` of the answers are met."""
    met = answers.count(Answer.MET)
    if met >= number:
        return Answer.MET
    possible = met + answers.count(Answer.CANT_TELL)
    return Answer.CANT_TELL if possible >= number else Answer.NOT_MET
