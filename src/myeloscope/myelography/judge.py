"""From measured features to what a candidate is: leak, cyst, other fluid or nothing.

Every bound stands in :class:`Bounds` with its reason; the grade itself comes from the published
scale (:mod:`myeloscope.grading.scale`).
"""

from __future__ import annotations

from dataclasses import dataclass

from myeloscope.domain.grade import FindingKind, Pattern
from myeloscope.myelography.features import Features


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds of the decision.

    Attributes
    ----------
    sphere_fit, sphere_rim
        A spot is round when its profile follows a sphere's chord at least so well and no more
        than this share of its peak lies just outside its rim.
    sphere_depth
        Brightness of a round spot over its diameter, 1/mm: a sphere of CSF is as deep as it is
        wide, and a sac no deeper than 20 mm. What is dimmer is no outpouching filled with CSF.
    perfect_fit, perfect_rim, perfect_depth, perfect_mm
        The same for a nearly perfect sphere, and its least diameter, mm.
    sphere_rest
        Unexplained area outside a round spot, over the spot's own, from which on a leak lies at
        the same root.
    sphere_off
        Distance from the sac's edge of a spot's middle, over its diameter, from which on it is an
        outpouching even with other signal beside it.
    meningocele_mm
        Round outpouchings from this diameter on are called meningoceles.
    lateral_mm2
        Unexplained area beyond the longest normal sleeve from which on signal is called lateral.
    taper
        A solid triangle narrows at least to this share of its base.
    texture
        Fine structure over brightness from which on signal is streaky or reticular.
    """

    sphere_fit: float = 0.93
    sphere_rim: float = 0.12
    sphere_depth: float = 0.045
    perfect_fit: float = 0.965
    perfect_rim: float = 0.07
    perfect_depth: float = 0.02
    perfect_mm: float = 5.0
    sphere_rest: float = 0.5
    sphere_off: float = 0.35
    meningocele_mm: float = 14.5
    lateral_mm2: float = 12.0
    taper: float = 0.6
    texture: float = 0.12


BOUNDS = Bounds()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a candidate is; ``score`` orders by evidence for a leak, 0.5 and more is called one."""

    kind: FindingKind
    patterns: tuple[Pattern, ...]
    triangle: bool
    lateral: bool
    score: float


def judge_round(features: Features, bounds: Bounds = BOUNDS) -> Judgement:
    """Say what a round smooth outpouching is: a perineurial cyst or, if large, a meningocele."""
    large = features.dome_diameter >= bounds.meningocele_mm
    kind = FindingKind.MENINGOCELE if large else FindingKind.PERINEURIAL_CYST
    return Judgement(kind, (Pattern.ROUND,), False, False, 0.05)


def judge(features: Features, score: float, bounds: Bounds = BOUNDS) -> Judgement:
    """Say which signs of a leak a candidate that is not round shows."""
    lateral = features.lateral >= bounds.lateral_mm2 and not (
        features.taper < bounds.taper
        and features.texture < bounds.texture
        and features.extent < 8.0
    )
    # what is called for its excess over the neighbours' sleeves alone is a slight expansion
    triangle = (features.expansion >= 6.0 and features.base > 0) or not lateral
    return Judgement(
        FindingKind.LEAK,
        _patterns(features, triangle, lateral, bounds),
        triangle,
        lateral,
        score,
    )


def is_round(features: Features, bounds: Bounds = BOUNDS) -> bool:
    """Return whether a candidate is a round smooth outpouching and nothing else."""
    spot = 3.1416 * (features.dome_diameter / 2) ** 2
    return has_sphere(features, bounds) and features.rest <= bounds.sphere_rest * spot


def holds_cyst(features: Features, bounds: Bounds = BOUNDS) -> bool:
    """Return whether a candidate is a round outpouching with other signal at the same root.

    The outpouching lies beside the sac, not in the base of a triangle.
    """
    beside = features.dome_distance >= bounds.sphere_off * features.dome_diameter
    return has_sphere(features, bounds) and not is_round(features, bounds) and beside


def has_sphere(features: Features, bounds: Bounds = BOUNDS) -> bool:
    """Return whether a candidate's brightest spot is a sphere filled with CSF.

    A nearly perfect one may be dimmer (it lies at the slab's edge, or holds slow fluid).
    """
    depth = features.brightness / features.dome_diameter
    clear = (
        features.dome_fit >= bounds.sphere_fit
        and features.dome_rim <= bounds.sphere_rim
        and depth >= bounds.sphere_depth
    )
    perfect = (
        features.dome_fit >= bounds.perfect_fit
        and features.dome_rim <= bounds.perfect_rim
        and depth >= bounds.perfect_depth
        and features.dome_diameter >= bounds.perfect_mm
    )
    return clear or perfect


def _patterns(
    features: Features, triangle: bool, lateral: bool, bounds: Bounds
) -> tuple[Pattern, ...]:
    patterns = [Pattern.TRIANGLE] if triangle else []
    if lateral:
        patterns.append(Pattern.STREAKS if features.texture >= bounds.texture else Pattern.HAZE)
    return tuple(patterns)
