"""Published criteria held against the facts, with spine imaging and without it.

Criteria that count what spine imaging shows can't judge spine imaging (incorporation bias: the
index test would be part of its own reference standard). So each set is computed twice; in the
second run the signs that rest on spine imaging are struck: they count as not met.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from myeloscope.pathway.answer import Answer, at_least
from myeloscope.pathway.facts import Fact
from myeloscope.pathway.quantity import Quantity
from myeloscope.pathway.rulebook import Clause, CriteriaSet, Rulebook, Sign


@dataclass(frozen=True, slots=True)
class SignAnswer:
    """One sign of a set: its answer, and what is known."""

    sign: Sign
    answer: Answer
    said: str


@dataclass(frozen=True, slots=True)
class ClauseAnswer:
    """A clause that the source names by a letter, with spine imaging and without it."""

    clause: Clause
    with_imaging: Answer
    without_imaging: Answer


@dataclass(frozen=True, slots=True)
class CriteriaAnswer:
    """A set of criteria for one patient.

    Attributes
    ----------
    with_imaging
        Whether the set is met, all signs counted.
    without_imaging
        The same with the signs that rest on spine imaging struck; only this may serve as a
        reference standard for imaging.
    """

    criteria: CriteriaSet
    with_imaging: Answer
    without_imaging: Answer
    signs: tuple[SignAnswer, ...]
    clauses: tuple[ClauseAnswer, ...]


def judge_criteria(rules: Rulebook, facts: Mapping[str, Fact]) -> tuple[CriteriaAnswer, ...]:
    """Return every set of criteria with its answers."""
    answers = {sign.id: judge_sign(sign, facts[sign.input]) for sign in rules.signs.values()}
    struck = {
        name: Answer.NOT_MET if rules.signs[name].spine_imaging else answer
        for name, answer in answers.items()
    }
    return tuple(
        CriteriaAnswer(
            criteria,
            judge_clause(criteria.rule, answers),
            judge_clause(criteria.rule, struck),
            tuple(
                SignAnswer(rules.signs[name], answers[name], facts[rules.signs[name].input].said)
                for name in dict.fromkeys(criteria.rule.signs())
            ),
            tuple(
                ClauseAnswer(part, judge_clause(part, answers), judge_clause(part, struck))
                for part in criteria.rule.parts
                if isinstance(part, Clause) and part.label
            ),
        )
        for criteria in rules.criteria
    )


def judge_clause(clause: Clause, answers: Mapping[str, Answer]) -> Answer:
    """Return whether a clause is met."""
    parts = [
        judge_clause(part, answers) if isinstance(part, Clause) else answers[part]
        for part in clause.parts
    ]
    return at_least(clause.number, parts)


def judge_sign(sign: Sign, fact: Fact) -> Answer:
    """Return whether a sign is met; a missing fact leaves it open, never not met.

    A quantity whose last digit leaves both sides of the limit possible leaves it open too.
    """
    if fact.value is None:
        return Answer.CANT_TELL
    if isinstance(fact.value, Quantity):
        return _against_limit(sign, fact.value)
    return sign.yes if fact.value else sign.no


def _against_limit(sign: Sign, measured: Quantity) -> Answer:
    limit = 0.0 if sign.below is None else sign.below
    sides = {
        Answer.MET if end < limit else sign.equal if end == limit else Answer.NOT_MET
        for end in (measured.low, measured.high)
    }
    return sides.pop() if len(sides) == 1 else Answer.CANT_TELL
