"""What became of each sign between two MR myelograms of one patient.

A change is judged on lengths in mm and on brightness over the sac's, against what two readings of
the same thing differ by, and not on the ratio to the sac's width: the sac re-expands after
treatment, and its width is told apart.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from myeloscope.comparison.doubt import why_not_absent, why_not_sure
from myeloscope.comparison.registration import (
    Registration,
    common_range,
    distance_along,
    register,
    widths_at,
)
from myeloscope.domain.anatomy import Region, Segment, Side
from myeloscope.domain.grade import FindingKind, Grade
from myeloscope.domain.reading import Finding, Reading

SAME_PLACE_MM = 12.0
"""Two signs on one side are the same within this distance along the sac."""
EXTENT_MM = 4.0
EXTENT_PART = 0.35
"""Least change of extent that is one, in mm and as a part of the larger extent (set on tuning
phantoms; docs/BENCHMARKS.md says how often two readings of one leak differ by more)."""
BRIGHTNESS_FACTOR = 2.0
"""Least factor of brightness that is a change where the extent is alike, if brightness times
area changed the same way: what a reading takes in at the rim dims the whole (likewise)."""
NEXT_ROOT_MM = 20.0
"""A sign without partner is neither new nor gone while the other reading has one without partner
so near on that side: it may be the same one, a little misplaced, or that of the next root."""
FLUID_MM = {"patch_6": 4.0, "patch_10": 5.0, "patch_15": 7.0}
"""Evidence of a reading, and over how much of the distance from the sac (6 to 22 mm) it goes:
signal, over the sac's, by which a root exceeds its neighbours' sleeves. It is measured at the
root's place, whatever outline the sign was given."""
LEAST_FLUID = 0.01
"""Added to both, so that what is as dim as noise has no ratio."""
FLUID_FACTOR = 1.25
"""A sign is better or worse only where that signal changed the same way by this factor (phantom
pairs, tuning seeds 5000-5999: two of three wrong changes of extent did not, and one of ten right
ones)."""
LARGEST_EXTENT_MM = 45.0
"""A sign that reaches farther has run into other fluid or the image's edge: no change of its extent
is one."""
PATCH_DAYS = 7
"""So soon after a blood patch injected fluid may pass for a leak (own setting)."""
STEP_MM = 2.0


class Change(StrEnum):
    """What became of a sign."""

    RESOLVED = "resolved"
    IMPROVED = "improved"
    UNCHANGED = "unchanged"
    WORSE = "worse"
    NEW = "new"
    NOT_COMPARABLE = "not-comparable"


@dataclass(frozen=True, slots=True)
class Measured:
    """A sign as one reading has it; ``brightness`` is over the sac's, ``s_mm`` along the sac.

    ``fluid`` is the signal over the sac's beside it, 6 to 22 mm out (:data:`FLUID_MM`).
    """

    segment: Segment | None
    grade: Grade
    extent_mm: float | None
    reach_mm: float | None
    brightness: float | None
    s_mm: float
    area_mm2: float | None = None
    fluid: float | None = None


@dataclass(frozen=True, slots=True)
class SignChange:
    """One sign in the earlier reading, the later one, or both, and what became of it.

    ``segment`` is named by the earlier reading where it has the sign; ``s_mm`` is on the earlier
    reading's scale.
    """

    segment: Segment | None
    side: Side
    change: Change
    reason: str
    before: Measured | None
    after: Measured | None
    s_mm: float


@dataclass(frozen=True, slots=True)
class RegionChange:
    """A region's grade in both readings, ``None`` where it could not be judged."""

    region: Region
    before: Grade | None
    after: Grade | None


@dataclass(frozen=True, slots=True)
class SacChange:
    """The sac where both readings show it.

    Attributes
    ----------
    length_mm
        How much of it both show, along the sac.
    width_before_mm, width_after_mm
        Median widths.
    volume_index_before_ml, volume_index_after_ml
        Volume of a round tube of those widths. The sac is not round and nerve roots and cord are
        in it: the index follows change, and is no volume.
    """

    length_mm: float
    width_before_mm: float
    width_after_mm: float
    volume_index_before_ml: float
    volume_index_after_ml: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two MR myelograms of one patient.

    ``residual_sites`` counts the signs of grade 1 or more that the later reading has.
    """

    before: Reading
    after: Reading
    registration: Registration | None
    signs: tuple[SignChange, ...]
    regions: tuple[RegionChange, ...]
    sac: SacChange | None
    residual_sites: int
    days_after_patch: int | None


def compare(before: Reading, after: Reading, patch: datetime.date | None = None) -> Comparison:
    """Compare two readings of MR myelograms.

    Parameters
    ----------
    before, after
        The earlier and the later reading.
    patch
        Day of the last epidural blood patch before the later examination.
    """
    fit = register(before, after)
    days = days_after(after, patch)
    signs = _changes(before, after, fit, days)
    regions = tuple(
        RegionChange(r, before.regions[r].grade, after.regions[r].grade) for r in Region
    )
    sac = None if fit is None else _sac(fit, before, after)
    return Comparison(before, after, fit, signs, regions, sac, len(_signs(after)), days)


def day_of(reading: Reading) -> datetime.date | None:
    """Return the first day a reading's images were acquired, ``None`` where none says one."""
    days = sorted(source.acquired[:10] for source in reading.sources if source.acquired)
    for text in days:
        with suppress(ValueError):
            return datetime.date.fromisoformat(text)
    return None


def days_after(reading: Reading, patch: datetime.date | None) -> int | None:
    """Return how many days after a patch a reading's images were acquired."""
    day = day_of(reading)
    return None if patch is None or day is None else (day - patch).days


def _signs(reading: Reading) -> list[tuple[Finding, float]]:
    """Return the graded signs of a leak and their distances along the sac."""
    leaks = [f for f in reading.findings if f.kind is FindingKind.LEAK and f.grade]
    placed = [(f, distance_along(reading.sac, f.position_mm)) for f in leaks]
    return [(finding, s) for finding, s in placed if s is not None]


def _changes(
    before: Reading, after: Reading, fit: Registration | None, days: int | None
) -> tuple[SignChange, ...]:
    """Pair the signs of both readings, nearest first, and judge each pair and each single one."""
    one, other = _signs(before), _signs(after)
    if fit is None:
        reason = "the readings can't be laid on one scale: too few shared roots, or two places fit"
        alone = [_single(f, s, s, reason, earlier=True) for f, s in one]
        return (*alone, *(_single(f, s, s, reason, earlier=False) for f, s in other))
    moved = [(finding, fit.earlier(s)) for finding, s in other]
    pairs = _paired(one, moved)
    made = [_judged(one[i], other[j], days) for i, j in pairs]
    left, right = {i for i, _ in pairs}, {j for _, j in pairs}
    gone = [each for i, each in enumerate(one) if i not in left]
    came = [each for j, each in enumerate(moved) if j not in right]
    made += [_gone(f, s, _Other(after, fit.later(s), came, days)) for f, s in gone]
    made += [_came(f, s, _Other(before, s, gone, days), fit.later(s)) for f, s in came]
    return tuple(sorted(made, key=lambda change: change.s_mm))


@dataclass(frozen=True, slots=True)
class _Other:
    """The reading that lacks a sign, the sign's place on its scale, and its signs without partner.

    Those are on the earlier reading's scale.
    """

    reading: Reading
    at_mm: float
    alone: Sequence[tuple[Finding, float]]
    days_after_patch: int | None

    def obstacle(self, finding: Finding, s: float) -> str | None:
        """Return why a sign at ``s`` of the earlier scale can't be told new or gone."""
        unseen = why_not_absent(self.reading, self.at_mm, finding.side, finding.region)
        if unseen is not None:
            return unseen
        near = [abs(s - t) for other, t in self.alone if other.side is finding.side]
        if near and min(near) <= NEXT_ROOT_MM:
            return f"a sign {min(near):.0f} mm away has no partner: it may be the same one"
        days = self.days_after_patch
        if days is not None and 0 <= days < PATCH_DAYS:
            return _patched(days)
        return why_not_sure(finding)


def _paired(
    one: Sequence[tuple[Finding, float]], other: Sequence[tuple[Finding, float]]
) -> list[tuple[int, int]]:
    """Return the pairs of indices of signs on one side within reach, the nearest first."""
    near = sorted(
        (abs(s - t), i, j)
        for i, (f, s) in enumerate(one)
        for j, (g, t) in enumerate(other)
        if f.side is g.side and abs(s - t) <= SAME_PLACE_MM
    )
    pairs: list[tuple[int, int]] = []
    for _, i, j in near:
        if all(i != a and j != b for a, b in pairs):
            pairs.append((i, j))
    return pairs


def measured(finding: Finding, s_mm: float) -> Measured:
    """Return what is compared of a sign."""
    return Measured(
        finding.segment, finding.grade or Grade.NONE, finding.extent_mm, finding.reach_mm,
        finding.evidence.get("brightness"), s_mm, finding.evidence.get("area"), _fluid(finding),
    )  # fmt: skip


def _fluid(finding: Finding) -> float | None:
    """Return the mean signal 6 to 22 mm from the sac, ``None`` where the reading keeps none."""
    if any(name not in finding.evidence for name in FLUID_MM):
        return None
    parts = [width * max(finding.evidence[name], 0.0) for name, width in FLUID_MM.items()]
    return sum(parts) / sum(FLUID_MM.values())


def _judged(
    one: tuple[Finding, float], other: tuple[Finding, float], days: int | None
) -> SignChange:
    (finding, s), (later, t) = one, other
    before, after = measured(finding, s), measured(later, t)
    change, reason = judge(before, after)
    if days is not None and 0 <= days < PATCH_DAYS:
        change, reason = Change.NOT_COMPARABLE, _patched(days)
    return SignChange(finding.segment, finding.side, change, reason, before, after, s)


def judge(before: Measured, after: Measured) -> tuple[Change, str]:
    """Return what became of a sign that both readings have, and why.

    A change of the sign's outline, its extent and brightness, must agree with the signal at its
    place: an outline may have run into other fluid in one reading, or end at a gap in the streaks.
    """
    change, reason = _by_outline(before, after)
    moved = change in (Change.IMPROVED, Change.WORSE)
    if not moved or before.fluid is None or after.fluid is None:
        return change, reason
    factor = (after.fluid + LEAST_FLUID) / (before.fluid + LEAST_FLUID)
    if (factor if change is Change.WORSE else 1 / factor) >= FLUID_FACTOR:
        return change, reason
    return Change.NOT_COMPARABLE, (
        f"{reason}; but the signal 6 to 22 mm beside the sac, x {factor:.2f}, did not change so: "
        "one reading's outline may have run into other fluid, or have missed a part"
    )


def _by_outline(before: Measured, after: Measured) -> tuple[Change, str]:
    """Return what became of a sign by its extent and brightness."""
    one, other = before.extent_mm, after.extent_mm
    if one is None or other is None:
        return Change.NOT_COMPARABLE, "a sign has no extent"
    grown = other - one
    if abs(grown) >= max(EXTENT_MM, EXTENT_PART * max(one, other)):
        if max(one, other) > LARGEST_EXTENT_MM:
            return Change.NOT_COMPARABLE, (
                f"a sign reaches more than {LARGEST_EXTENT_MM:g} mm: "
                "it may have run into other fluid"
            )
        change = Change.WORSE if grown > 0 else Change.IMPROVED
        return change, f"extent {grown:+.1f} mm, more than two readings of one leak differ"
    if before.brightness and after.brightness:
        factor = after.brightness / before.brightness
        signal = factor * (after.area_mm2 or 1.0) / (before.area_mm2 or 1.0)
        if min(factor, signal) >= BRIGHTNESS_FACTOR or max(factor, signal) <= 1 / BRIGHTNESS_FACTOR:
            change = Change.WORSE if factor > 1 else Change.IMPROVED
            return change, f"brightness over the sac's x {factor:.2f}, extent alike"
    return Change.UNCHANGED, "extent and brightness within what two readings of one leak differ"


def _gone(finding: Finding, s: float, later: _Other) -> SignChange:
    """Judge a sign that the later reading does not have."""
    obstacle = later.obstacle(finding, s)
    if obstacle is not None:
        return _single(finding, s, s, f"later: {obstacle}", earlier=True)
    return SignChange(
        finding.segment, finding.side, Change.RESOLVED, "no sign at this place any more",
        measured(finding, s), None, s,
    )  # fmt: skip


def _came(finding: Finding, s: float, earlier: _Other, own: float) -> SignChange:
    """Judge a sign that the earlier reading does not have; ``own`` is its place in its own."""
    obstacle = earlier.obstacle(finding, s)
    if obstacle is not None:
        return _single(finding, own, s, f"earlier: {obstacle}", earlier=False)
    return SignChange(
        finding.segment, finding.side, Change.NEW, "no sign at this place before", None,
        measured(finding, own), s,
    )  # fmt: skip


def _single(
    finding: Finding, s: float, on_scale: float, reason: str, *, earlier: bool
) -> SignChange:
    kept = measured(finding, s)
    return SignChange(
        finding.segment, finding.side, Change.NOT_COMPARABLE, reason,
        kept if earlier else None, None if earlier else kept, on_scale,
    )  # fmt: skip


def _patched(days: int) -> str:
    told = "on the day of" if days == 0 else f"{days} days after"
    return (
        f"{told} a blood patch: injected fluid may pass for a leak ({PATCH_DAYS} days, our setting)"
    )


def _sac(fit: Registration, before: Reading, after: Reading) -> SacChange | None:
    shared = common_range(fit, before.sac, after.sac)
    if shared is None:
        return None
    s = np.arange(*shared, STEP_MM)
    one = widths_at(before.sac, s)
    other = widths_at(after.sac, fit.scale * s + fit.offset_mm)
    return SacChange(
        float(shared[1] - shared[0]), float(np.median(one)), float(np.median(other)),
        _tube_ml(one), _tube_ml(other),
    )  # fmt: skip


def _tube_ml(width: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    """Return the volume of a round tube of these widths, one each :data:`STEP_MM`, mL."""
    return float(np.pi / 4 * (width**2).sum() * STEP_MM / 1000)
