"""The protocol of a reader study: one record that is fixed when the trial opens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import ReaderKind, Technique

MOST_BLOCK = 10_000
MOST_WASHOUT_DAYS = 3650
_NAME = re.compile(r"\w[^\x00-\x1f\x7f<>]{0,63}")
"""A reader's name, in any script: no formula, no markup, one line."""
_USERS: Mapping[ReaderKind, tuple[int, int]] = {
    ReaderKind.PERSON: (1, 1),
    ReaderKind.PANEL: (2, 20),
    ReaderKind.ALGORITHM: (0, 0),
}
"""Fewest and most accounts of each kind of reader."""


class Phase(StrEnum):
    """Phase of a trial, in the order in which they follow each other."""

    DRAFT = "draft"
    OPEN = "open"
    LOCKED = "locked"
    UNBLINDED = "unblinded"
    ARCHIVED = "archived"


class Role(StrEnum):
    """What a person is to a trial."""

    ADMINISTRATOR = "administrator"
    LEAD = "lead"
    READER = "reader"
    PANEL_MEMBER = "panel-member"


class Shown(StrEnum):
    """When a reader is shown what a machine proposes."""

    NEVER = "never"
    AFTER_OWN_GRADE = "after-own-grade"
    ALWAYS = "always"


class Needed(StrEnum):
    """What must be filled in before a read can be locked, beside a grade or reason per region."""

    CONFIDENCE = "confidence"
    FINDINGS = "findings"
    COMMENT = "comment"


class Hidden(StrEnum):
    """What a reader does not see beside the images of the read."""

    CLINICAL = "clinical"
    PRIORS = "priors"


class Order(StrEnum):
    """How strictly a reader keeps to the allocated order."""

    ENFORCED = "enforced"
    FREE_IN_BLOCK = "free-in-block"


class Discordance(StrEnum):
    """When two locked reads of one examination go to the adjudicator."""

    NEVER = "never"
    CALL = "call"
    GRADE = "grade"


@dataclass(frozen=True, slots=True)
class Protocol:
    """What is read, how, and what stays hidden.

    Attributes
    ----------
    techniques
        Techniques that are read; a reader who reads several reads them one after the other.
    regions
        Regions that are graded.
    scales
        Name of the scale, one per technique.
    required
        What a read needs beside a grade, or a reason for none, per region.
    hidden
        What readers do not see. Truth, arm, other people's reads, the other technique and later
        visits are hidden always.
    order
        Whether the allocated order is enforced read by read, or free within a block.
    block_size
        Reads in a block; the next block begins when the one before is locked.
    washout_days
        Least days between two reads of one case by one reader.
    repeats
        How many cases each reader reads a second time (intra-reader agreement).
    algorithm
        When the automatic reading is shown to a reader; each read records it as ``reader.mode``.
    calipers
        When calipers propose a grade; a proposed grade biases a study of the grade.
    adjudication
        Which differences between readers go to the adjudicator.
    """

    techniques: tuple[Technique, ...] = (Technique.MRM,)
    regions: tuple[Region, ...] = tuple(Region)
    scales: tuple[str, ...] = ("paper-mrm/1",)
    required: frozenset[Needed] = frozenset()
    hidden: frozenset[Hidden] = frozenset(Hidden)
    order: Order = Order.ENFORCED
    block_size: int = 30
    washout_days: int = 0
    repeats: int = 0
    algorithm: Shown = Shown.NEVER
    calipers: Shown = Shown.NEVER
    adjudication: Discordance = Discordance.NEVER

    def __post_init__(self) -> None:
        """Refuse a protocol that cannot be carried out."""
        for name, values in (("techniques", self.techniques), ("regions", self.regions)):
            if not values or len(set(values)) != len(values):
                raise ValueError(f"{name} are one or more, each once, not {list(values)}")
        if len(self.scales) != len(self.techniques):
            raise ValueError(f"each technique has one scale, not {list(self.scales)}")
        for name, value, low, high in (
            ("block_size", self.block_size, 1, MOST_BLOCK),
            ("washout_days", self.washout_days, 0, MOST_WASHOUT_DAYS),
            ("repeats", self.repeats, 0, MOST_BLOCK),
        ):
            if not low <= value <= high:
                raise ValueError(f"{name} lies in {low}..{high}, not {value}")

    def scale(self, technique: Technique) -> str:
        """Return the name of the scale of a technique."""
        return self.scales[self.techniques.index(technique)]


@dataclass(frozen=True, slots=True)
class Reader:
    """One source of readings: a person, a panel, or the algorithm.

    Attributes
    ----------
    id
        The name under which its reads are analysed.
    kind
        ``person``, ``panel`` or ``algorithm``.
    users
        The account of a person, the accounts of a panel's members, nobody for the algorithm.
    techniques
        What it reads.
    adjudicates
        Whether it reads discordant cases only.
    """

    id: str
    kind: ReaderKind
    users: tuple[str, ...]
    techniques: tuple[Technique, ...] = (Technique.MRM,)
    adjudicates: bool = False

    def __post_init__(self) -> None:
        """Refuse a name that no table can hold as it is, and users that do not fit the kind."""
        if not _NAME.fullmatch(self.id):
            raise ValueError(
                f"a reader's name has 1 to 64 characters and begins with a letter or digit, "
                f"not {self.id[:80]!r}"
            )
        least, most = _USERS[self.kind]
        if not least <= len(self.users) <= most or len(set(self.users)) != len(self.users):
            raise ValueError(f"a {self.kind} has {least} to {most} users, not {list(self.users)}")
        if not self.techniques:
            raise ValueError("a reader reads at least one technique")
        if self.adjudicates and self.kind is ReaderKind.ALGORITHM:
            raise ValueError("the algorithm does not adjudicate")
