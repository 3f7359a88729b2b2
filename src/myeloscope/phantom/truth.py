"""What is known about a phantom: the records behind ``truth.json`` (DESIGN, "Truth").

Positions are LPS mm in the coordinates of the station they appear in, after the patient's shift,
and moved along that slab's normal onto its middle plane: a projection knows no depth, so a
reader can report no other point. ``depth_mm`` says how far in front of (+ toward the slab's
normal) that plane the thing truly lies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import TypeAlias

from myeloscope.domain.anatomy import Region, Segment, Side, SpineFormula
from myeloscope.domain.grade import FindingKind, Grade, Pattern, Technique

SCHEMA = "myeloscope.truth/1"
DECIMALS = 4
Json: TypeAlias = "int | float | str | list[Json] | dict[str, Json] | None"
Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class TruePixel:
    """Where a finding's position lies in an image: row and column, pixel centres whole."""

    sop_uid: str
    row: float
    column: float


@dataclass(frozen=True, slots=True)
class TrueFinding:
    """A finding or mimic with its measurements before projection and noise.

    ``brightness`` is its own brightness over the sac's at its root. ``station`` is the index of
    the station whose coordinates ``position_mm`` uses; ``None`` where no image shows it;
    ``covered`` whether a planned station, missing or not, would. Only covered leaks count for
    the grades.
    """

    id: str
    kind: FindingKind
    region: Region
    segment: Segment
    segment_range: tuple[Segment, Segment]
    side: Side
    grade: Grade | None
    reach_mm: float
    extent_mm: float
    sac_width_mm: float
    ratio: float
    pattern: tuple[Pattern, ...]
    position_mm: Point
    depth_mm: float
    station: int | None
    covered: bool
    source: TruePixel | None
    brightness: float
    size_mm: float | None = None


@dataclass(frozen=True, slots=True)
class TrueFluid:
    """Bright fluid that is neither CSF nor a leak."""

    name: str
    position_mm: Point
    in_view: bool


@dataclass(frozen=True, slots=True)
class TrueRoot:
    """A root's normal sleeve; ``sleeve_mm`` is its reach across the axis from the sac's edge."""

    segment: Segment
    side: Side
    visible: bool
    in_view: bool
    judgeable: bool
    s_mm: float
    position_mm: Point
    sleeve_mm: float
    station: int | None


@dataclass(frozen=True, slots=True)
class TrueSac:
    """The sac at one place; ``width_mm`` is the silhouette's, without leak or sleeve."""

    s_mm: float
    position_mm: Point
    width_mm: float
    station: int | None


@dataclass(frozen=True, slots=True)
class TrueStation:
    """How one station was acquired."""

    name: str
    sop_uid: str | None
    present: bool
    shift_mm: Point
    normal: Point
    slab_mm: float


@dataclass(frozen=True, slots=True)
class TrueDifficulty:
    """Difficulty in numbers: sac SNR, and mean brightness of the leaks over the sac's."""

    level: str
    sac_snr: float
    leak_over_sac: float


@dataclass(frozen=True, slots=True)
class RuinedRegion:
    """A region of which more than two adjacent roots of C4-L5 cannot be judged, and why."""

    region: Region
    reason: str
    roots: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Truth:
    """Everything known about a phantom."""

    seed: int
    study_uid: str
    arm: str
    variety: str
    signs_mrm: bool
    signs_ric: bool
    grades: Mapping[Technique, Mapping[Region, Grade]]
    findings: tuple[TrueFinding, ...]
    mimics: tuple[TrueFinding, ...]
    other_fluid: tuple[TrueFluid, ...]
    ruined: tuple[RuinedRegion, ...]
    ruin: str
    coverage: tuple[Segment, ...]
    difficulty: TrueDifficulty
    formula: SpineFormula
    sac: tuple[TrueSac, ...]
    roots: tuple[TrueRoot, ...]
    stations: tuple[TrueStation, ...]
    age_years: int
    sex: str


def truth_record(truth: object) -> dict[str, Json]:
    """Return a truth as JSON values: enums by value, keys as the fields, floats to 0.1 um.

    ``truth`` is the record of an MR myelography or of a cisternography phantom.
    """
    record = _encoded(truth)
    if not isinstance(record, dict):
        raise TypeError(f"a truth is a record, not {type(truth).__name__}")
    return {"schema": SCHEMA, **record}


def _encoded(value: object) -> Json:
    """Return a record, enum, mapping, sequence or number as JSON values."""
    if is_dataclass(value):
        return {item.name: _encoded(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Enum):
        plain = value.value
        return plain if isinstance(plain, int) else str(plain)
    if isinstance(value, Mapping):
        return {str(_encoded(key)): _encoded(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_encoded(item) for item in value]
    if isinstance(value, float):
        return round(value, DECIMALS)
    if value is None or isinstance(value, (int, str)):
        return value
    raise TypeError(f"truth holds no {type(value).__name__}")
