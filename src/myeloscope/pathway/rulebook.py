"""The rules as records: what ``rules.toml`` holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from myeloscope.pathway.answer import Answer

SEEN = ("whole", "abstract", "excerpt", "unseen")
STATES = (
    *("not treated", "no MR myelogram", "positive", "equivocal", "negative"),
    *("patched without lasting relief", "patched with relief"),
)
"""States of a patient in which a step of the pathway is shown."""

DAYS = ("days",)
RANGE = ("first", "last")
SAFETY: Mapping[str, tuple[str, ...]] = {
    "puncture-before-onset": DAYS,
    "puncture-before-mrm": DAYS,
    "sign-near-puncture": ("segments", "days"),
    "c1-c2": RANGE,
    "cervicothoracic": RANGE,
    "cyst-or-leak": (),
    "venous-fistula": (),
    "techniques-disagree": (),
    "ric-lumbar-only": (),
    "image-quality": (),
    "patch-before-mrm": DAYS,
    "normal-pressure": ("limit_mm_H2O",),
    "subdural-collection": (),
    "residual-sites": ("sites", "from_days", "to_days"),
    "level-of-sign": (),
    "brain-after-treatment": (),
}
"""Every safety rule that can be looked for, with the settings it needs."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from, and how far that was checked (``seen``)."""

    id: str
    cite: str
    seen: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that criteria or scores ask for.

    Attributes
    ----------
    input
        Name of the fact that is looked at.
    below, equal
        Of a number: met below the limit, ``equal`` exactly at it.
    yes, no
        Answers for a yes or no.
    spine_imaging
        Whether it rests on spine imaging, the index test.
    """

    id: str
    text: str
    input: str
    sources: tuple[str, ...]
    below: float | None = None
    equal: Answer = Answer.MET
    yes: Answer = Answer.MET
    no: Answer = Answer.NOT_MET
    spine_imaging: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Clause:
    """At least ``number`` of ``parts``, which are ids of signs or clauses themselves.

    ``label`` is the name the source gives it, such as ``B``, or empty.
    """

    number: int
    parts: tuple[str | Clause, ...]
    label: str = ""

    def signs(self) -> Iterator[str]:
        """Yield the ids of every sign in the clause, in order, some perhaps twice."""
        for part in self.parts:
            if isinstance(part, Clause):
                yield from part.signs()
            else:
                yield part


@dataclass(frozen=True, slots=True)
class CriteriaSet:
    """A published set of criteria."""

    id: str
    name: str
    sources: tuple[str, ...]
    rule: Clause
    note: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence with its sources."""

    text: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BernRules:
    """Items with their points, bands (highest score, name) and cautions of the Bern score."""

    sources: tuple[str, ...]
    meaning: str
    items: tuple[tuple[Sign, int], ...]
    bands: tuple[tuple[int, str], ...]
    cautions: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class SafetyRule:
    """A caution that is shown when what it names is found in the patient."""

    id: str
    title: str
    text: str
    inputs: tuple[str, ...]
    sources: tuple[str, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme of leak types: code -> meaning."""

    id: str
    name: str
    sources: tuple[str, ...]
    types: Mapping[str, str]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """A step of the paper's pathway with later evidence; ``when`` is one of :data:`STATES`."""

    id: str
    when: str
    text: str
    sources: tuple[str, ...]
    evidence_for: tuple[Remark, ...] = ()
    evidence_against: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Every rule of a dossier."""

    version: int
    sources: Mapping[str, Source]
    signs: Mapping[str, Sign]
    criteria: tuple[CriteriaSet, ...]
    bern: BernRules
    safety: Mapping[str, SafetyRule]
    schemes: Mapping[str, Scheme]
    options: tuple[Option, ...]
    targeting: Option
