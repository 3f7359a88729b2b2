"""One reader's answer for one study and technique: the records behind ``reading.json``.

Field names and their order are those of DESIGN's contract ``myeloscope.reading/1``.
Lengths are mm; positions are DICOM patient LPS mm, a component ``None`` where the technique has
no such axis (planar scintigraphy).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from myeloscope.domain.anatomy import TYPICAL_SPINE, Region, Segment, Side, SpineFormula
from myeloscope.domain.grade import (
    FindingKind,
    Grade,
    Pattern,
    ReaderKind,
    ReaderMode,
    Technique,
    Verdict,
)
from myeloscope.domain.scintigraphy import IndirectSignKind

SCHEMA = "myeloscope.reading/1"
Position = tuple[float | None, float | None, float | None]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who read, with which version, and whether aided."""

    kind: ReaderKind
    id: str
    version: str
    mode: ReaderMode = ReaderMode.UNAIDED


@dataclass(frozen=True, slots=True)
class SourceImage:
    """An image that was read; ``station`` is the part of the spine it shows.

    ``derived`` is true where it was computed from a stack of slices, of which ``sop_uid`` names
    the middle one; positions in pixels are then those of the computed slab.
    """

    study_uid: str
    series_uid: str
    sop_uid: str
    frame_of_reference_uid: str | None
    acquired: str | None
    station: str
    frame: int | None = None
    derived: bool | None = None


@dataclass(frozen=True, slots=True)
class TimeGrade:
    """Grade of a region at one time after the injection; ``None`` where it could not be judged."""

    hours: float
    grade: Grade | None


@dataclass(frozen=True, slots=True)
class IndirectSign:
    """A sign of a leak that shows no place; listed, never graded.

    Attributes
    ----------
    kind
        Which sign.
    present
        Whether it is there; ``None`` where that could not be measured.
    value, unit
        What was measured.
    bound
        The value from which on the sign is called present.
    hours
        When it was measured, hours after the injection.
    note
        The same in words.
    """

    kind: IndirectSignKind
    present: bool | None
    value: float | None
    unit: str
    bound: float
    hours: float | None
    note: str


@dataclass(frozen=True, slots=True)
class RegionReading:
    """Grade of one region, or the reason why there is none.

    ``at_least`` marks a grade >= 1 of a region of which a part could not be judged.
    ``score`` orders cases for ROC; it is not a probability. ``by_time`` is there for
    cisternography only.
    """

    grade: Grade | None
    assessable: bool
    at_least: bool = False
    score: float | None = None
    reason: str | None = None
    by_time: tuple[TimeGrade, ...] | None = None

    def __post_init__(self) -> None:
        """Hold the contract: no grade without assessability but ``at_least``, never a silent 0."""
        if self.grade is None and (self.assessable or not self.reason):
            raise ValueError("a region without a grade is not assessable and says why")
        if self.grade is not None and not self.assessable:
            raise ValueError("a region that is not assessable has no grade")
        if self.at_least and not self.grade:
            raise ValueError("at_least belongs to a grade of 1 or more")


@dataclass(frozen=True, slots=True)
class PixelRef:
    """A point in a source image: row and column indices, pixel centres at whole numbers."""

    sop_uid: str
    row: float
    column: float
    frame: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One sign of a leak, or one mimic, with its measurements.

    ``grade`` is ``None`` for kinds that are listed but not graded (``epidural-collection``).
    ``evidence`` holds the measured features that led to kind and grade, by name.
    """

    id: str
    kind: FindingKind
    region: Region
    segment: Segment | None
    segment_range: tuple[Segment, Segment] | None
    side: Side
    grade: Grade | None
    reach_mm: float | None
    extent_mm: float | None
    sac_width_mm: float | None
    ratio: float | None
    pattern: tuple[Pattern, ...]
    rule: str
    score: float
    position_mm: Position
    outline_mm: tuple[Position, ...]
    source: PixelRef | None
    evidence: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SacPoint:
    """The thecal sac at one distance along its midline, from the top downward.

    ``position_mm`` is the middle between the two silhouette edges; ``width_mm`` is measured
    across the local axis, as the sac would be there without leak or sleeve.
    """

    s_mm: float
    position_mm: Position
    width_mm: float


LONGEST_GAP_MM = 10.0
"""Sac points further apart than this along the sac do not belong together, mm."""


def sac_stretches(points: Sequence[SacPoint]) -> tuple[slice, ...]:
    """Return where the sac was seen without a gap: slices of at least two points, downward."""
    starts = [0] + [
        k for k in range(1, len(points)) if points[k].s_mm - points[k - 1].s_mm > LONGEST_GAP_MM
    ]
    pairs = zip(starts, [*starts[1:], len(points)], strict=True)
    return tuple(slice(first, stop) for first, stop in pairs if stop - first > 1)


@dataclass(frozen=True, slots=True)
class Root:
    """One root the reader looked at, so that "normal" and "not seen" differ.

    ``leak_score`` is its evidence for a leak, 0-1, 0.5 and more called one; ``None`` where nothing
    was searched or the reader keeps none.
    """

    segment: Segment | None
    side: Side
    visible: bool
    grade: Grade | None
    position_mm: Position
    sleeve_mm: float | None
    s_mm: float | None = None
    leak_score: float | None = None


@dataclass(frozen=True, slots=True)
class Numbering:
    """How root names were found.

    ``kind`` is ``assumed``, ``anchored`` or ``failed``; ``anchors`` maps a root's name to the
    height along the sac (mm) it was pinned to by the user.
    """

    kind: str
    anchors: Mapping[str, float] = field(default_factory=dict)
    uncertainty_roots: float | None = None
    formula: SpineFormula = TYPICAL_SPINE
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ProtocolItem:
    """One acquisition setting held against the paper's."""

    item: str
    found: float | str | None
    paper: float | str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Quality:
    """What limits the reading."""

    snr: float | None
    protocol: tuple[ProtocolItem, ...] = ()
    warnings: tuple[str, ...] = ()
    measures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """One reader's answer for one study and technique.

    ``indirect_signs`` is there for cisternography only.
    """

    technique: Technique
    scale: str
    reader: Reader
    sources: tuple[SourceImage, ...]
    regions: Mapping[Region, RegionReading]
    findings: tuple[Finding, ...]
    sac: tuple[SacPoint, ...]
    roots: tuple[Root, ...]
    numbering: Numbering
    quality: Quality
    settings: Mapping[str, float | int | str | bool]
    score: float | None = None
    supersedes: str | None = None
    elapsed_s: Mapping[str, float] = field(default_factory=dict)
    indirect_signs: tuple[IndirectSign, ...] | None = None

    @property
    def positive(self) -> bool | None:
        """Return whether any region is graded 1 or more; ``None`` where that cannot be said."""
        return is_positive(tuple(self.regions[region].grade for region in Region))


def is_positive(grades: tuple[Grade | None, ...]) -> bool | None:
    """Return a case's call from the grades of its levels, missing ones ``None`` (DESIGN's rule)."""
    if any(grade is not None and grade >= Grade.POSSIBLE for grade in grades):
        return True
    return None if any(grade is None for grade in grades) else False


def case_grade(grades: tuple[Grade | None, ...]) -> Grade | None:
    """Return the highest grade if it is >= 1 or every level was read, else ``None``."""
    read = [grade for grade in grades if grade is not None]
    top = max(read, default=None)
    if top is not None and (top >= Grade.POSSIBLE or len(read) == len(grades)):
        return top
    return None
