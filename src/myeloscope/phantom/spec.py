"""What a phantom is asked to be; everything not asked for is drawn from the seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from myeloscope.domain.anatomy import Region, Segment, Side, SpineFormula
from myeloscope.domain.grade import FindingKind, Grade, Pattern


class Arm(StrEnum):
    """Arm of a study: with or without the clinical disease."""

    PATIENT = "patient"
    CONTROL = "control"


class Difficulty(StrEnum):
    """How hard a phantom is to read; the numbers are in :data:`DIFFICULTY`."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


class Variety(StrEnum):
    """How far phantoms stray from the paper's acquisition."""

    PAPER = "paper"
    WIDE = "wide"


class Ruin(StrEnum):
    """Ways in which a study is spoilt."""

    NONE = "none"
    MOTION = "motion"
    LOST_SIGNAL = "lost-signal"
    MISSING_STATION = "missing-station"


@dataclass(frozen=True, slots=True)
class DifficultyRange:
    """Ranges the two figures of difficulty are drawn from (issue "Phantom")."""

    sac_snr: tuple[float, float]
    leak_over_sac: tuple[float, float]


DIFFICULTY = {
    Difficulty.EASY: DifficultyRange((45.0, 80.0), (0.4, 0.7)),
    Difficulty.MEDIUM: DifficultyRange((22.0, 42.0), (0.2, 0.4)),
    Difficulty.HARD: DifficultyRange((10.0, 22.0), (0.1, 0.25)),
}


@dataclass(frozen=True, slots=True)
class FindingSpec:
    """One finding asked for; ``None`` and empty mean: draw it.

    Attributes
    ----------
    kind
        ``leak``, ``perineurial-cyst``, ``meningocele`` or ``epidural-collection``.
    segment, side
        Root and side of the patient.
    grade
        Grade of a leak, 1-3.
    ratio
        Extent over sac width of a leak of grade 2 or 3; it must fit the grade.
    pattern
        Form of the lateral signal of a leak (without ``triangle``).
    triangle
        Whether a leak of grade 2 or 3 has a triangular expansion.
    size_mm
        Diameter of a cyst or meningocele, length of an epidural collection.
    """

    kind: FindingKind
    segment: Segment
    side: Side
    grade: Grade | None = None
    ratio: float | None = None
    pattern: tuple[Pattern, ...] = ()
    triangle: bool | None = None
    size_mm: float | None = None

    def __post_init__(self) -> None:
        """Refuse sides, grades and ratios that contradict each other."""
        if self.side not in (Side.LEFT, Side.RIGHT):
            raise ValueError(f"a finding sits on the left or the right, not {self.side}")
        if self.kind is FindingKind.LEAK and self.grade is Grade.NONE:
            raise ValueError("a leak has a grade of 1, 2 or 3")
        if self.ratio is not None and self.grade is not None:
            lateral = Grade.PROBABLE if self.ratio <= 1 else Grade.DEFINITE
            if self.grade is not lateral:
                raise ValueError(f"a ratio of {self.ratio} is grade {lateral}, not {self.grade}")


@dataclass(frozen=True, slots=True)
class PhantomSpec:
    """A phantom to make.

    Attributes
    ----------
    seed
        Everything not fixed below follows from it.
    findings
        Exactly these findings and mimics; ``None`` draws them by arm.
    signs_ric
        Regions with signs on cisternography; ``None`` draws them.
    formula
        Spine formula; ``None`` draws it (transitional in about 8 %).
    covers
        Whether the stations show C4-L5; ``None`` draws it (about 85 % do).
    ruin
        How the study is spoilt; ``None`` draws it (spoilt in about 8 %).
    missing_station
        Index of the station that is missing, with ``Ruin.MISSING_STATION``.
    mirrored
        Left and right of the body exchanged.
    noise, artefacts, other_fluid
        Whether the scanner adds noise; motion, ghosts, coil profile and decay; and whether the
        body has fluid besides CSF.
    age_years, sex
        Of the person; ``None`` draws them.
    curved
        Factor on the curves of the spine; above 1 scoliosis and kyphosis are stronger.
    """

    seed: int
    arm: Arm = Arm.PATIENT
    difficulty: Difficulty = Difficulty.MEDIUM
    variety: Variety = Variety.PAPER
    findings: tuple[FindingSpec, ...] | None = None
    signs_ric: frozenset[Region] | None = None
    formula: SpineFormula | None = None
    covers: bool | None = None
    ruin: Ruin | None = None
    missing_station: int | None = None
    mirrored: bool = False
    noise: bool = True
    artefacts: bool = True
    other_fluid: bool = True
    age_years: int | None = None
    sex: str | None = None
    curved: float = field(default=1.0, repr=False)

    def __post_init__(self) -> None:
        """Refuse a negative seed."""
        if self.seed < 0:
            raise ValueError(f"a seed is 0 or more, not {self.seed}")


def demo_spec(seed: int = 8) -> PhantomSpec:
    """Return the demonstration's phantom: two leaks and a cyst, easy, nothing spoilt."""
    return PhantomSpec(
        seed=seed,
        difficulty=Difficulty.EASY,
        formula=SpineFormula(),
        covers=True,
        ruin=Ruin.NONE,
        findings=(
            FindingSpec(
                FindingKind.LEAK,
                Segment.T2,
                Side.LEFT,
                Grade.DEFINITE,
                ratio=1.5,
                pattern=(Pattern.STREAKS,),
                triangle=True,
            ),
            FindingSpec(
                FindingKind.LEAK,
                Segment.L1,
                Side.RIGHT,
                Grade.PROBABLE,
                ratio=0.6,
                pattern=(Pattern.STREAKS,),
                triangle=True,
            ),
            FindingSpec(FindingKind.PERINEURIAL_CYST, Segment.T9, Side.RIGHT, size_mm=9.0),
        ),
    )
