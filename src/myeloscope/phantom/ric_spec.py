"""What a cisternography phantom is asked to be beside the person; the rest is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from myeloscope.phantom.spec import Difficulty, PhantomSpec


class Packing(StrEnum):
    """How the images of a study are put into files."""

    TWO_FRAMES = "two-frames"
    """One file a time, a frame for each detector."""
    SEPARATE = "separate-views"
    """One file for each view."""
    ONE_FILE = "one-file"
    """All times and views in one multi-frame file."""
    WHOLE_BODY = "whole-body"
    """A sweep over the body a time, a frame for each detector."""


class RicRuin(StrEnum):
    """Ways in which a study is spoilt."""

    NONE = "none"
    MISSING_VIEW = "missing-view"
    MISSING_TIME = "missing-time"
    INFILTRATED = "infiltrated"
    SLOW_ASCENT = "slow-ascent"
    LOW_COUNTS = "low-counts"
    UNLABELLED = "unlabelled"


CHANCES: Mapping[RicRuin, float] = MappingProxyType(
    {
        RicRuin.NONE: 0.70,
        RicRuin.MISSING_VIEW: 0.05,
        RicRuin.MISSING_TIME: 0.07,
        RicRuin.INFILTRATED: 0.04,
        RicRuin.SLOW_ASCENT: 0.05,
        RicRuin.LOW_COUNTS: 0.03,
        RicRuin.UNLABELLED: 0.06,
    }
)
"""How often studies are spoilt in each way (estimates)."""

COUNTS: Mapping[Difficulty, tuple[float, float]] = MappingProxyType(
    {
        Difficulty.EASY: (0.9, 1.5),
        Difficulty.MEDIUM: (0.4, 0.9),
        Difficulty.HARD: (0.12, 0.4),
    }
)
"""Counts over those of 300 s at 75 counts/s/MBq, by difficulty."""


@dataclass(frozen=True, slots=True)
class RicSpec:
    """A cisternography phantom to make.

    Attributes
    ----------
    person
        The body: the same spec gives the same person, leaks and mimics as the MRM phantom.
    packing
        How images are put into files; ``None`` draws it.
    ruin
        How the study is spoilt; ``None`` draws it (spoilt in about 30 %; never where the person's
        spec asks for nothing spoilt).
    extravasation
        Whether CSF leaks through the puncture, lumbosacral and late; ``None`` draws it (18 %).
    strays
        Whether tracer may also lie where it should not: free pertechnetate, drops on the skin,
        markers.
    noise
        Whether counts follow Poisson's law or are the expected ones.
    days
        Days from the MR myelogram to the injection; ``None`` draws 1 to 5, before or after (PAPER).
    """

    person: PhantomSpec
    packing: Packing | None = None
    ruin: RicRuin | None = None
    extravasation: bool | None = None
    strays: bool = True
    noise: bool = True
    days: int | None = None
