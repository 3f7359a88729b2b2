"""The Bern score of brain MRI, as a range where items are missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from myeloscope.pathway.answer import Answer
from myeloscope.pathway.criteria import judge_sign
from myeloscope.pathway.facts import Fact
from myeloscope.pathway.rulebook import BernRules, Sign


@dataclass(frozen=True, slots=True)
class BernItem:
    """One item: its answer, the points it can give, and what is known."""

    sign: Sign
    points: int
    answer: Answer
    said: str


@dataclass(frozen=True, slots=True)
class BernScore:
    """The score from ``low`` to ``high`` points, equal where nothing is missing.

    ``bands`` are the names of every band that the range touches.
    """

    low: int
    high: int
    bands: tuple[str, ...]
    items: tuple[BernItem, ...]

    @property
    def band(self) -> str:
        """Return the band, or the first and last of those that the range touches."""
        first, last = self.bands[0], self.bands[-1]
        return first if first == last else f"{first} to {last}"


def bern_score(rules: BernRules, facts: Mapping[str, Fact]) -> BernScore:
    """Return the score; a missing item adds its points to the upper end only."""
    items = tuple(
        BernItem(sign, points, judge_sign(sign, facts[sign.input]), facts[sign.input].said)
        for sign, points in rules.items
    )
    low = sum(item.points for item in items if item.answer is Answer.MET)
    high = sum(item.points for item in items if item.answer is not Answer.NOT_MET)
    ends = [
        next(n for n, (upto, _) in enumerate(rules.bands) if end <= upto) for end in (low, high)
    ]
    names = tuple(name for _, name in rules.bands[ends[0] : ends[1] + 1])
    return BernScore(low, high, names, items)
