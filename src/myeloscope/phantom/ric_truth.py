"""What is known about a cisternography phantom: the records behind its ``truth.json``.

Positions are (left, nothing, up) in mm from the middle of the image named, as a reading's are.
Grades are those of the times at which images were taken; a region that no image can tell of is
listed in ``ruined``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from myeloscope.domain.anatomy import Region, Segment, Side, SpineFormula
from myeloscope.domain.grade import FindingKind, Grade, Technique
from myeloscope.phantom.truth import RuinedRegion

PlanarPoint = tuple[float, None, float]


@dataclass(frozen=True, slots=True)
class TrueActivity:
    """Activity beside the canal: a leak, or a cyst that fills.

    ``ratios`` and ``grades`` are those at each time: brightness over the canal's, as it would be
    seen without noise and scatter. ``length_mm`` and ``canal_mm`` are apparent (FWHM).
    ``position_mm`` is its middle in the first image of the time at which it is brightest.
    """

    id: str
    kind: FindingKind
    region: Region
    segment: Segment
    side: Side
    grade: Grade
    length_mm: float
    canal_mm: float
    ratios: tuple[float, ...]
    grades: tuple[Grade, ...]
    position_mm: PlanarPoint
    sop_uid: str


@dataclass(frozen=True, slots=True)
class TrueSpot:
    """Activity that is neither canal nor leak, as a circle around it in the detector's plane.

    ``position_mm`` and ``radius_mm`` as seen in the last image; ``share`` is its largest part of
    the dose at any time.
    """

    name: str
    position_mm: PlanarPoint
    radius_mm: float
    share: float


@dataclass(frozen=True, slots=True)
class TrueShot:
    """How one image was taken, and where the canal of known roots lies in it."""

    sop_uid: str
    frame: int | None
    view: str
    hours: float
    turn_deg: float
    roots_mm: Mapping[Segment, PlanarPoint]


@dataclass(frozen=True, slots=True)
class RicDifficulty:
    """Difficulty in numbers: counts of the brightest view, and the leaks' mean brightness."""

    level: str
    counts: float
    leak_over_canal: float


@dataclass(frozen=True, slots=True)
class RicTruth:
    """Everything known about a cisternography phantom."""

    seed: int
    study_uid: str
    arm: str
    variety: str
    signs_mrm: bool
    signs_ric: bool
    grades: Mapping[Technique, Mapping[Region, Grade]]
    hours: tuple[float, ...]
    by_time: Mapping[Region, tuple[Grade, ...]]
    findings: tuple[TrueActivity, ...]
    mimics: tuple[TrueActivity, ...]
    other_activity: tuple[TrueSpot, ...]
    ruined: tuple[RuinedRegion, ...]
    ruin: str
    packing: str
    dose_mbq: float
    injection_segment: Segment
    slow_ascent: bool
    early_bladder: bool
    difficulty: RicDifficulty
    formula: SpineFormula
    shots: tuple[TrueShot, ...]
    age_years: int
    sex: str
