"""What is normal at each root: where it leaves the sac, how wide the sac is, how long the sleeve.

Heights of the levels and widths of the sac are those of ANATOMY (PAM50 template; canal diameters
of 203 subjects); sleeve lengths and directions are ANATOMY's ranges (Hasegawa 1996 for the lumbar
roots) and estimates where it says so. The spread is between persons, one standard deviation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from myeloscope.domain.anatomy import Segment, SpineFormula


@dataclass(frozen=True, slots=True)
class NormalRoot:
    """Expected anatomy at one root of an average adult.

    Attributes
    ----------
    gap_mm
        Distance along the sac from this root's exit to the next root's, mm.
    width_mm, width_sd_mm
        Width of the sac's silhouette at the exit, and its spread between persons once their whole
        sac is scaled to the same narrow middle, mm.
    sleeve_mm, sleeve_sd_mm
        Distance across the axis from the sac's edge to the tip of the visible sleeve, and its
        spread between roots and persons, mm.
    slope
        Descent of the sleeve: mm downward for each mm outward.
    """

    gap_mm: float
    width_mm: float
    width_sd_mm: float
    sleeve_mm: float
    sleeve_sd_mm: float
    slope: float

    @property
    def longest_mm(self) -> float:
        """Return the length that hardly any normal sleeve exceeds: three spreads over the mean."""
        return self.sleeve_mm + 3 * self.sleeve_sd_mm


_TABLE: dict[str, NormalRoot] = {
    "C1": NormalRoot(20.0, 23.0, 1.2, 2.5, 1.2, 0.0),
    "C2": NormalRoot(17.5, 22.0, 1.2, 3.0, 1.2, 0.1),
    "C3": NormalRoot(16.0, 20.0, 1.2, 3.5, 1.2, 0.15),
    "C4": NormalRoot(16.0, 19.0, 1.2, 3.8, 1.2, 0.2),
    "C5": NormalRoot(16.0, 18.7, 1.2, 4.0, 1.2, 0.25),
    "C6": NormalRoot(16.5, 18.3, 1.2, 4.3, 1.3, 0.3),
    "C7": NormalRoot(17.5, 17.6, 1.2, 4.5, 1.4, 0.35),
    "C8": NormalRoot(18.5, 16.8, 1.2, 4.5, 1.4, 0.4),
    "T1": NormalRoot(22.0, 15.8, 1.0, 4.3, 1.4, 0.45),
    "T2": NormalRoot(22.5, 15.0, 1.0, 4.0, 1.4, 0.5),
    "T3": NormalRoot(23.0, 14.5, 1.0, 4.0, 1.4, 0.5),
    "T4": NormalRoot(23.5, 14.2, 1.0, 4.0, 1.4, 0.55),
    "T5": NormalRoot(24.0, 14.0, 1.0, 4.0, 1.4, 0.55),
    "T6": NormalRoot(24.7, 14.0, 1.0, 4.0, 1.4, 0.6),
    "T7": NormalRoot(25.5, 14.0, 1.0, 4.0, 1.4, 0.6),
    "T8": NormalRoot(26.3, 14.1, 1.0, 4.0, 1.4, 0.65),
    "T9": NormalRoot(27.3, 14.4, 1.0, 4.2, 1.5, 0.7),
    "T10": NormalRoot(28.5, 15.0, 1.0, 4.5, 1.6, 0.8),
    "T11": NormalRoot(30.0, 16.2, 1.2, 5.0, 1.8, 0.9),
    "T12": NormalRoot(31.8, 17.7, 1.2, 5.8, 2.2, 1.0),
    "L1": NormalRoot(33.0, 19.0, 1.2, 7.0, 2.6, 1.2),
    "L2": NormalRoot(34.0, 19.0, 1.2, 8.0, 2.8, 1.4),
    "L3": NormalRoot(34.0, 18.0, 1.6, 9.0, 3.0, 1.5),
    "L4": NormalRoot(31.0, 17.5, 1.6, 10.0, 3.2, 1.6),
    "L5": NormalRoot(24.0, 16.2, 1.6, 10.0, 3.5, 1.8),
    "S1": NormalRoot(23.0, 13.5, 2.0, 8.0, 3.5, 2.2),
    "S2": NormalRoot(18.0, 9.5, 2.4, 5.0, 3.0, 2.5),
}


@cache
def ladder(formula: SpineFormula) -> tuple[tuple[Segment, NormalRoot], ...]:
    """Return the roots C1 to S2 of a spine with their expected anatomy, downward.

    A spine with 11 thoracic or 4 lumbar vertebrae lacks the row of T6 or L3, one with 13 or 6
    has T11's or L3's row twice: the neighbours of a missing or added vertebra look alike.
    """
    names = [segment for segment in formula.segments if segment.value not in ("S3", "S4", "S5")]
    rows = list(_TABLE)
    for count, usual, spare in ((formula.thoracic, 12, "T11"), (formula.lumbar, 5, "L3")):
        at = rows.index(spare)
        if count > usual:
            rows.insert(at, spare)
        elif count < usual:
            del rows[at]
    return tuple((name, _TABLE[row]) for name, row in zip(names, rows, strict=True))
