"""MR myelography against radioisotope cisternography of one patient: where they agree, and why not.

Signs are joined by side and root, across a region's border too, because the two techniques name
levels in different ways; what is left is joined by side and region.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from myeloscope.comparison.change import day_of
from myeloscope.domain.anatomy import Region, Segment, Side, SpineFormula
from myeloscope.domain.grade import FindingKind, Grade
from myeloscope.domain.reading import Finding, Reading

ROOTS_APART = 2
"""Signs of one side so many roots apart are at one level: cisternography counts levels from
landmarks, not from sleeves (own setting)."""
RESOLVED_MM = 10.0
"""Extent below which a planar gamma camera cannot part a sign from the canal beside it: about its
width at half maximum at the depth of the spine (own setting)."""
LONG_DAYS = 7
"""From this interval on a leak may have changed between the examinations (own setting; the paper's
examinations lie 1 to 5 days apart)."""
CYSTS = (FindingKind.PERINEURIAL_CYST, FindingKind.MENINGOCELE)


class Agreement(StrEnum):
    """What two techniques say of one place."""

    BOTH = "both"
    NEITHER = "neither"
    MRM_ONLY = "mrm-only"
    RIC_ONLY = "ric-only"
    NOT_COMPARABLE = "not-comparable"


@dataclass(frozen=True, slots=True)
class SignAgreement:
    """A sign of one technique or of both.

    ``roots_apart`` counts the roots between their names, where both have one.
    """

    region: Region
    side: Side
    agreement: Agreement
    reason: str
    mrm: Finding | None
    ric: Finding | None
    roots_apart: int | None = None

    @property
    def segment(self) -> Segment | None:
        """Return the root, by MR myelography where it has the sign."""
        named = self.mrm or self.ric
        return None if named is None else named.segment


@dataclass(frozen=True, slots=True)
class RegionAgreement:
    """A region's grades, ``None`` where it could not be judged, and what they say together."""

    region: Region
    mrm: Grade | None
    ric: Grade | None
    agreement: Agreement
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TwoTechniques:
    """An MR myelogram and a cisternogram of one patient.

    ``days`` is from the MR myelogram to the cisternogram, negative where that came first.
    """

    mrm: Reading
    ric: Reading
    days: int | None
    cautions: tuple[str, ...]
    regions: tuple[RegionAgreement, ...]
    signs: tuple[SignAgreement, ...]


def agree(mrm: Reading, ric: Reading) -> TwoTechniques:
    """Return where an MR myelogram and a cisternogram agree."""
    one, other = day_of(mrm), day_of(ric)
    days = None if one is None or other is None else (other - one).days
    regions = tuple(_region(region, mrm, ric) for region in Region)
    signs = tuple(sorted(_signs(mrm, ric), key=lambda sign: _height(sign, mrm)))
    return TwoTechniques(mrm, ric, days, _cautions(mrm, days), regions, signs)


def _cautions(mrm: Reading, days: int | None) -> tuple[str, ...]:
    if days is None:
        return ("which examination came first is not known: one of them carries no date",)
    told = []
    if days < 0:
        told.append(
            f"the MR myelogram came {-days} days after the tracer's lumbar puncture: fluid near "
            "the puncture may be its own"
        )
        if any(f.region is Region.LUMBAR for f in _leaks(mrm)):
            told.append("MR myelography has signs in the lumbar region, where the puncture was")
    if abs(days) >= LONG_DAYS:
        told.append(f"{abs(days)} days lie between the examinations: a leak may have changed")
    return tuple(told)


def _region(region: Region, mrm: Reading, ric: Reading) -> RegionAgreement:
    one, other = mrm.regions[region], ric.regions[region]
    if one.grade is None or other.grade is None:
        missing = [
            f"{name}: {read.reason}"
            for name, read in (("MRM", one), ("RIC", other))
            if read.grade is None
        ]
        reason = "not assessable; " + "; ".join(missing)
        return RegionAgreement(region, one.grade, other.grade, Agreement.NOT_COMPARABLE, reason)
    kinds = {
        (True, True): Agreement.BOTH,
        (False, False): Agreement.NEITHER,
        (True, False): Agreement.MRM_ONLY,
        (False, True): Agreement.RIC_ONLY,
    }
    return RegionAgreement(
        region, one.grade, other.grade, kinds[one.grade > Grade.NONE, other.grade > Grade.NONE]
    )


def _leaks(reading: Reading) -> list[Finding]:
    return [f for f in reading.findings if f.kind is FindingKind.LEAK and f.grade]


def _signs(mrm: Reading, ric: Reading) -> Iterator[SignAgreement]:
    """Yield signs joined by root and side, then by region and side, then those left alone."""
    formula = mrm.numbering.formula
    ones, others = _leaks(mrm), _leaks(ric)
    near = sorted(
        (len(formula.segments) if (n := roots_apart(f, g, formula)) is None else n, i, j)
        for i, f in enumerate(ones)
        for j, g in enumerate(others)
        if _may_join(f, g, formula)
    )
    used: set[tuple[str, int]] = set()
    for _, i, j in near:
        if ("m", i) not in used and ("r", j) not in used:
            used |= {("m", i), ("r", j)}
            yield _joined(ones[i], others[j], roots_apart(ones[i], others[j], formula))
    for i, f in enumerate(ones):
        if ("m", i) not in used:
            yield _mrm_alone(f, ric, others, formula)
    for j, g in enumerate(others):
        if ("r", j) not in used:
            yield _ric_alone(g, mrm, formula)


def roots_apart(one: Finding, other: Finding, formula: SpineFormula) -> int | None:
    """Return how many roots two findings' names are apart; ``None`` where one has no name."""
    order = formula.segments
    if one.segment not in order or other.segment not in order:
        return None
    return abs(order.index(one.segment) - order.index(other.segment))


def _same_side(one: Side, other: Side) -> bool:
    return one is other or Side.UNKNOWN in (one, other)


def _may_join(one: Finding, other: Finding, formula: SpineFormula) -> bool:
    apart = roots_apart(one, other, formula)
    near = one.region is other.region or (apart is not None and apart <= ROOTS_APART)
    return near and _same_side(one.side, other.side)


def _joined(one: Finding, other: Finding, apart: int | None) -> SignAgreement:
    if one.region is not other.region:
        reason = f"{apart} roots apart, across the border of {one.region} and {other.region}"
    elif apart is None:
        reason = "same region and side; a root has no name"
    elif apart <= ROOTS_APART:
        reason = "same level" if apart == 0 else f"same level within {ROOTS_APART} roots"
    else:
        reason = f"same region and side, {apart} roots apart"
    if Side.UNKNOWN in (one.side, other.side):
        reason += "; the cisternogram tells no side"
    return SignAgreement(one.region, one.side, Agreement.BOTH, reason, one, other, apart)


def _mrm_alone(
    one: Finding, ric: Reading, others: Sequence[Finding], formula: SpineFormula
) -> SignAgreement:
    read = ric.regions[one.region]
    across = [
        g
        for g in others
        if g.region is not one.region
        and _same_side(one.side, g.side)
        and (apart := roots_apart(one, g, formula)) is not None
        and apart <= 2 * ROOTS_APART
    ]
    kind = Agreement.MRM_ONLY
    if read.grade is None:
        kind, reason = Agreement.NOT_COMPARABLE, f"not assessable by RIC: {read.reason}"
    elif across:
        reason = f"RIC has a sign at {across[0].segment}, beyond the border of the region"
    elif one.extent_mm is not None and one.extent_mm < RESOLVED_MM:
        reason = f"extent {one.extent_mm:.0f} mm, below RIC's resolution ({RESOLVED_MM:g} mm)"
    else:
        reason = "no activity of RIC at this level and side"
    return SignAgreement(one.region, one.side, kind, reason, one, None)


def _ric_alone(other: Finding, mrm: Reading, formula: SpineFormula) -> SignAgreement:
    read = mrm.regions[other.region]
    cysts = [
        f
        for f in mrm.findings
        if f.kind in CYSTS
        and _same_side(f.side, other.side)
        and (apart := roots_apart(f, other, formula)) is not None
        and apart <= ROOTS_APART
    ]
    kind = Agreement.RIC_ONLY
    if read.grade is None:
        kind, reason = Agreement.NOT_COMPARABLE, f"not assessable by MRM: {read.reason}"
    elif read.at_least:
        kind, reason = Agreement.NOT_COMPARABLE, "MRM judged this region in part only"
    elif cysts:
        reason = f"MRM has a cyst at {cysts[0].segment}, which tracer may fill"
    else:
        reason = "no sign of MRM at this level and side"
    return SignAgreement(other.region, other.side, kind, reason, None, other)


def _height(sign: SignAgreement, mrm: Reading) -> tuple[int, str]:
    order = mrm.numbering.formula.segments
    at = order.index(sign.segment) if sign.segment in order else len(order)
    return at, sign.side.value
