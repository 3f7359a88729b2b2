"""The grading scale of both techniques, one table each (PAPER, closed by DESIGN).

``paper-mrm/1`` grades a sign on MR myelography, ``paper-ric/1`` one on radioisotope cisternography.
Rules are tried from the first to the last; the first whose condition holds gives the grade.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from myeloscope.domain.grade import Grade

MRM_SCALE = "paper-mrm/1"
RIC_SCALE = "paper-ric/1"


@dataclass(frozen=True, slots=True)
class MrmEvidence:
    """What was measured at one root and side of an MR myelogram.

    Attributes
    ----------
    triangle
        The column expands triangularly at the sleeve, beyond that root's normal shape.
    lateral
        Streaky, reticular, hazy or separate signal lies lateral to the sleeve.
    extent_mm
        How far the signal reaches beyond the tip of the expected normal sleeve, across the axis.
    sac_width_mm
        Width of the thecal sac there, as it would be without leak or sleeve.
    in_corridor
        The signal lies in the root's corridor.
    """

    triangle: bool
    lateral: bool
    extent_mm: float
    sac_width_mm: float
    in_corridor: bool = True


@dataclass(frozen=True, slots=True)
class RicEvidence:
    """What was measured beside the canal on radioisotope cisternography.

    ``length_mm`` and ``canal_mm`` are apparent (FWHM) lengths at that level.
    """

    active: bool
    hot: bool
    length_mm: float
    canal_mm: float


Evidence = TypeVar("Evidence", MrmEvidence, RicEvidence)


@dataclass(frozen=True, slots=True)
class Rule(Generic[Evidence]):
    """One row of a scale: the name that a reading records, its text, condition and grade."""

    name: str
    grade: Grade
    text: str
    holds: Callable[[Evidence], bool]


MRM_RULES: tuple[Rule[MrmEvidence], ...] = (
    Rule(
        "outside-corridor",
        Grade.NONE,
        "fluid outside every root's corridor is no finding of a leak",
        lambda e: not e.in_corridor,
    ),
    Rule(
        "no-sign",
        Grade.NONE,
        "neither triangular expansion nor signal lateral to the sleeve",
        lambda e: not e.triangle and not e.lateral,
    ),
    Rule(
        "lateral>width",
        Grade.DEFINITE,
        "signal reaches beyond the normal sleeve by more than the sac's width",
        lambda e: e.extent_mm > e.sac_width_mm,
    ),
    Rule(
        "lateral<=width",
        Grade.PROBABLE,
        "triangular expansion and signal lateral to the sleeve, by no more than the sac's width",
        lambda e: e.triangle and e.lateral,
    ),
    Rule(
        "no-triangle",
        Grade.PROBABLE,
        "signal lateral to the sleeve, no triangular expansion, by no more than the sac's width",
        lambda e: e.lateral,
    ),
    Rule(
        "triangle",
        Grade.POSSIBLE,
        "triangular expansion alone, solid and tapering, without signal lateral to it",
        lambda _: True,
    ),
)

RIC_RULES: tuple[Rule[RicEvidence], ...] = (
    Rule("no-activity", Grade.NONE, "no paraspinal activity", lambda e: not e.active),
    Rule(
        "hot>canal",
        Grade.DEFINITE,
        "hot paraspinal activity, longer than the canal is wide",
        lambda e: e.hot and e.length_mm > e.canal_mm,
    ),
    Rule(
        "hot<=canal",
        Grade.PROBABLE,
        "hot paraspinal activity, no longer than the canal is wide",
        lambda e: e.hot,
    ),
    Rule(
        "faint-long",
        Grade.POSSIBLE,
        "faint paraspinal activity, longer than the canal is wide",
        lambda e: e.length_mm > e.canal_mm,
    ),
    Rule("faint", Grade.POSSIBLE, "faint paraspinal activity", lambda _: True),
)


def first_rule(rules: tuple[Rule[Evidence], ...], evidence: Evidence) -> Rule[Evidence]:
    """Return the first rule of a scale that holds; the last one of each table always does."""
    return next(rule for rule in rules if rule.holds(evidence))


def tried_rules(
    rules: tuple[Rule[Evidence], ...], evidence: Evidence
) -> tuple[Rule[Evidence], ...]:
    """Return the rules as they are tried: those that do not hold, then the first one that does."""
    return rules[: rules.index(first_rule(rules, evidence)) + 1]


def grade_mrm(evidence: MrmEvidence) -> Rule[MrmEvidence]:
    """Grade a sign on MR myelography by ``paper-mrm/1`` and return the rule that fired."""
    return first_rule(MRM_RULES, evidence)


def grade_ric(evidence: RicEvidence) -> Rule[RicEvidence]:
    """Grade a sign on radioisotope cisternography by ``paper-ric/1`` and return its rule."""
    return first_rule(RIC_RULES, evidence)
