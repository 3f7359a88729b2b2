"""What a reader fills in: grades or reasons, findings, confidence, comment."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from myeloscope.domain.anatomy import Region, Segment, Side
from myeloscope.domain.grade import FindingKind, Grade
from myeloscope.trial.protocol import Needed, Protocol

MOST_TEXT = 4000
MOST_FINDINGS = 200
MOST_MM = 500.0


@dataclass(frozen=True, slots=True)
class RegionAnswer:
    """The answer for one region, perhaps not filled in yet.

    Attributes
    ----------
    grade
        The reader's grade; ``None`` where there is none (yet).
    reason
        Why the region is not assessable; only without a grade.
    proposed
        The grade that the calipers implied, where the protocol lets them; kept beside the
        reader's own, so that overruling shows.
    confidence
        0-100, that this region shows a sign of a leak; becomes the region's score.
    """

    grade: Grade | None = None
    reason: str | None = None
    proposed: Grade | None = None
    confidence: int | None = None

    def __post_init__(self) -> None:
        """Refuse a grade with a reason for none, and a confidence off its range."""
        if self.grade is not None and self.reason is not None:
            raise ValueError("a region has a grade or a reason why there is none, not both")
        if self.reason is not None and not 0 < len(self.reason.strip()) <= MOST_TEXT:
            raise ValueError(f"a reason has 1 to {MOST_TEXT} characters")
        if self.confidence is not None and not 0 <= self.confidence <= 100:
            raise ValueError(f"confidence lies in 0..100, not {self.confidence}")

    @property
    def answered(self) -> bool:
        """Return whether there is a grade or a reason for none."""
        return self.grade is not None or self.reason is not None


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding that a reader marked; lengths from calipers, mm, where they were used.

    ``image`` counts the images of the examination from 0; ``row`` and ``column`` are indices,
    pixel centres at whole numbers.
    """

    kind: FindingKind
    region: Region
    side: Side
    segment: Segment | None = None
    grade: Grade | None = None
    sac_width_mm: float | None = None
    reach_mm: float | None = None
    extent_mm: float | None = None
    image: int | None = None
    row: float | None = None
    column: float | None = None

    def __post_init__(self) -> None:
        """Refuse numbers that no image of a spine gives."""
        for name in ("sac_width_mm", "reach_mm", "extent_mm"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= MOST_MM:
                raise ValueError(f"{name} lies in 0..{MOST_MM:g}, not {value}")
        for name in ("row", "column"):
            value = getattr(self, name)
            if value is not None and not math.isfinite(value):
                raise ValueError(f"{name} is a finite number, not {value}")
        if self.image is not None and self.image < 0:
            raise ValueError(f"image counts from 0, not {self.image}")


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything a reader said about one examination."""

    regions: Mapping[Region, RegionAnswer] = field(default_factory=dict)
    findings: tuple[Mark, ...] = ()
    comment: str = ""

    def __post_init__(self) -> None:
        """Refuse texts and lists without end."""
        if len(self.comment) > MOST_TEXT:
            raise ValueError(f"a comment has at most {MOST_TEXT} characters")
        if len(self.findings) > MOST_FINDINGS:
            raise ValueError(f"an answer has at most {MOST_FINDINGS} findings")

    def region(self, region: Region) -> RegionAnswer:
        """Return the answer for a region, an empty one where nothing was said."""
        return self.regions.get(region, RegionAnswer())

    @property
    def grades(self) -> tuple[Grade | None, ...]:
        """Return the grade of every region, downward."""
        return tuple(self.region(region).grade for region in Region)


def gaps(answer: Answer, protocol: Protocol) -> tuple[str, ...]:
    """Return what is still missing before the answer can be locked, in words; empty if nothing."""
    return tuple(_gaps(answer, protocol))


def _gaps(answer: Answer, protocol: Protocol) -> Iterator[str]:
    required = protocol.required
    for region in protocol.regions:
        given = answer.region(region)
        graded = given.grade is not None
        if not given.answered:
            yield f"{region}: a grade, or why it is not assessable"
        if Needed.CONFIDENCE in required and graded and given.confidence is None:
            yield f"{region}: confidence"
        marked = any(mark.region is region for mark in answer.findings)
        if Needed.FINDINGS in required and given.grade and not marked:
            yield f"{region}: at least one finding"
    if Needed.COMMENT in required and not answer.comment.strip():
        yield "comment"
