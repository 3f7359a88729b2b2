"""Nerve-root sleeves: where each leaves the sac, how it runs, how it looks when normal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from myeloscope.domain.anatomy import Segment, Side
from myeloscope.phantom.matter import Cloud
from myeloscope.phantom.spine import Floats, Spine

LATTICE_MM = 0.16

# Where roots leave the sac, as (vertebra, part of its level below its upper edge). In the neck a
# root leaves above the vertebra of its number, below it under that vertebra; lumbar roots leave
# just below the disc above, L5 near it and S1 above the L5/S1 disc (Suh 2005, J Bone Joint Surg
# Br 87-B:518, 33 cadavers); spacing L1-L2 34 mm falling to 25 mm at L4-L5 agrees with a
# projection study of T11-L5 in 15 cadavers (Spine 2012). Thoracic figures interpolate.
EXITS = {
    "C1": ("C1", 0.15), "C2": ("C2", 0.0), "C3": ("C3", -0.05), "C4": ("C4", -0.05),
    "C5": ("C5", -0.05), "C6": ("C6", -0.05), "C7": ("C7", -0.05), "C8": ("T1", -0.05),
    "T1": ("T1", 0.80), "L1": ("L1", 0.30), "L2": ("L2", 0.32), "L3": ("L3", 0.28),
    "L4": ("L4", 0.22), "L5": ("L5", 0.05), "L6": ("L6", 0.05), "S1": ("", 0.80),
    "S2": ("S1", 0.70), "S3": ("S2", 0.65),
}  # fmt: skip
LAST_THORACIC_PART = 0.52

# Take-off angle from the downward axis in the coronal plane, degrees: 52 at T11 falling to 26 at
# L5 (same projection study), steepest at S1 (Hasegawa 1996, Spine 21:1005, volunteers); nearly
# across the axis in the neck (ANATOMY). Reach across the axis, mm: C and T 3-6, L so that the
# sleeve itself is 8-20 mm long (ANATOMY). Base half width and half depth: estimate.
# position on a scale where C1..C8 = 1..8, first T = 9, last T = 20, first L = 21, L5 = 25, S1 = 26
_SCALE = (1, 3, 6, 8, 9, 14, 19, 20, 21, 23, 25, 26, 28)
_ANGLE = (96, 90, 80, 74, 70, 63, 52, 50, 46, 35, 26, 20, 18)
_ACROSS = (1.8, 2.8, 3.6, 4.0, 3.8, 3.0, 3.2, 3.6, 4.6, 6.2, 7.6, 5.6, 3.6)
_BASE = (2.2, 2.8, 3.4, 3.2, 2.6, 2.0, 2.1, 2.3, 2.5, 2.7, 2.7, 2.5, 2.0)
_DEPTH = (1.2, 1.6, 2.0, 2.0, 1.7, 1.3, 1.4, 1.6, 1.9, 2.1, 2.1, 1.9, 1.4)


@dataclass(frozen=True, slots=True)
class Sleeve:
    """One normal root sleeve.

    Attributes
    ----------
    segment, left
        Root and side.
    s
        Arc length where its middle meets the sac's edge, mm.
    angle
        Take-off angle from the downward axis, rad.
    across
        How far its tip reaches from the sac's edge across the axis, mm: its normal length.
    base, depth
        Half width (across the sleeve) and half depth at its base, mm.
    taper
        Exponent of its narrowing: 1 a triangle, smaller blunter.
    fill
        Part of it that is fluid; 0 where it cannot be seen.
    root
        Width of the nerve root in it, over the sleeve's: it leaves a dark line.
    bend
        How far its tip is bent downward along the axis, mm.
    """

    segment: Segment
    left: bool
    s: float
    angle: float
    across: float
    base: float
    depth: float
    taper: float
    fill: float
    root: float
    bend: float

    @property
    def side(self) -> Side:
        """Return the side of the patient."""
        return Side.LEFT if self.left else Side.RIGHT

    @property
    def sign(self) -> float:
        """Return +1 on the left, where q is positive, else -1."""
        return 1.0 if self.left else -1.0

    @property
    def visible(self) -> bool:
        """Return whether it holds fluid that can be seen."""
        return self.fill > 0.12


def _position(segment: Segment, thoracic: int, lumbar: int) -> float:
    """Return the root's place on the scale of the tables."""
    letter, number = segment.value[0], int(segment.value[1:])
    if letter == "C":
        return float(number)
    if letter == "T":
        return float(np.interp(number, (1, thoracic), (9, 20)))
    if letter == "L":
        return float(np.interp(number, (1, lumbar), (21, 25)))
    return 25.0 + number


def exit_point(segment: Segment, spine: Spine) -> float:
    """Return the mean arc length where a root leaves the sac, mm."""
    formula = spine.formula
    letter, number = segment.value[0], int(segment.value[1:])
    if letter == "T":
        part = float(np.interp(number, (1, formula.thoracic), (0.80, LAST_THORACIC_PART)))
        vertebra = segment.value
    elif letter == "L" and number == formula.lumbar:
        vertebra, part = segment.value, 0.05
    elif segment is Segment.S1:
        vertebra, part = f"L{formula.lumbar}", 0.80
    else:
        vertebra, part = EXITS[segment.value]
    return spine.tops[vertebra] + part * spine.heights[vertebra]


def draw_sleeves(rng: np.random.Generator, spine: Spine) -> tuple[Sleeve, ...]:
    """Draw the sleeves C1-S3 of both sides, from the top downward.

    Normal length varies between persons, roots and sides (log-normal, cut at 0.5 and 2: normal
    sleeves can be prominent), and some are not seen, mostly in the chest.
    """
    formula = spine.formula
    person = float(np.exp(rng.normal(0, 0.18)))
    unseen = rng.uniform(0.02, 0.22)
    sleeves = []
    for segment in formula.segments[: formula.segments.index(Segment.S3) + 1]:
        at = _position(segment, formula.thoracic, formula.lumbar)
        mean = exit_point(segment, spine) + rng.normal(0, 1.5)
        level = float(np.exp(rng.normal(0, 0.12)))
        for left in (True, False):
            size = float(np.clip(person * level * np.exp(rng.normal(0, 0.22)), 0.5, 2.0))
            hidden = rng.random() < unseen * (1.6 if 9 < at < 20 else 0.7)
            fill = rng.uniform(0.35, 1.0)
            angle = float(np.clip(np.interp(at, _SCALE, _ANGLE) + rng.normal(0, 5), 12, 110))
            thick = float(np.clip(np.sqrt(size) * np.exp(rng.normal(0, 0.12)), 0.6, 1.5))
            sleeves.append(
                Sleeve(
                    segment=segment,
                    left=left,
                    s=mean + rng.normal(0, 0.9),
                    angle=float(np.radians(angle)),
                    across=float(np.interp(at, _SCALE, _ACROSS)) * size,
                    base=float(np.interp(at, _SCALE, _BASE)) * thick,
                    depth=float(np.interp(at, _SCALE, _DEPTH)) * thick,
                    taper=rng.uniform(0.5, 1.25),
                    fill=0.0 if hidden else fill,
                    root=rng.uniform(0, 0.65),
                    bend=rng.normal(0, 0.2) * np.interp(at, _SCALE, _ACROSS),
                )
            )
    return tuple(s for s in sleeves if s.s < spine.sac_end - 8)


@dataclass(frozen=True, slots=True)
class Cone:
    """A flat tapering tube that leaves the sac's edge: a sleeve or a triangular expansion.

    ``start`` is the arc length where its axis meets the sac's edge, ``sign`` the side of q,
    ``across`` how far its tip reaches from the edge, ``angle`` the direction from the downward
    axis (rad), ``base`` and ``depth`` half width and half depth at the edge, ``taper`` the
    exponent of the narrowing, ``root`` and ``bend`` as in :class:`Sleeve`.
    """

    start: float
    sign: float
    across: float
    angle: float
    base: float
    depth: float
    taper: float
    root: float = 0.0
    bend: float = 0.0


def cone_points(cone: Cone) -> tuple[Floats, Floats, Floats]:
    """Return arc length, distance from the sac's edge and half chord of a cone's lattice.

    All three have shape (n,), mm. The half chord across the view of a tube of elliptic section
    with half axes h (in the image) and d (along the view) at distance c from its axis is
    d sqrt(1 - c^2/h^2), less the same of the nerve root within.
    """
    slope = 1 / np.tan(cone.angle)
    reach = np.arange(-2.5, cone.across, LATTICE_MM) + LATTICE_MM / 2
    # half width along the axis: the tube is cut by lines of constant distance from the edge
    spread = cone.base / np.sin(cone.angle)
    n = int(np.ceil(spread / LATTICE_MM))
    along = np.arange(-n, n + 1) * LATTICE_MM
    r, c = (m.ravel() for m in np.meshgrid(reach, along, indexing="ij"))
    left = np.clip(1 - np.maximum(r, 0) / cone.across, 0, 1) ** cone.taper
    width = np.maximum(spread * left, 1e-6)
    inside = np.abs(c) < width
    r, c, left, width = r[inside], c[inside], left[inside], width[inside]
    tube = np.sqrt(1 - (c / width) ** 2)
    if cone.root > 0:
        tube -= cone.root * np.sqrt(np.maximum(1 - (c / (cone.root * width)) ** 2, 0))
    half = cone.depth * np.sqrt(left) * tube
    bent = cone.bend * np.square(np.maximum(r, 0) / cone.across)
    return cone.start + c + slope * r + bent, r, half


def sleeve_cone(sleeve: Sleeve) -> Cone:
    """Return the cone of a normal sleeve."""
    return Cone(
        start=sleeve.s,
        sign=sleeve.sign,
        across=sleeve.across,
        angle=sleeve.angle,
        base=sleeve.base,
        depth=sleeve.depth,
        taper=sleeve.taper,
        root=sleeve.root,
        bend=sleeve.bend,
    )


def cone_cloud(spine: Spine, cone: Cone, fill: float) -> Cloud:
    """Return a cone as a cloud that adds only what reaches beyond the sac's own chord."""
    s, r, half = cone_points(cone)
    a, b = spine.at(spine.half_width, s), spine.at(spine.half_depth, s)
    q = a + r
    part = np.divide(q, a, out=np.full_like(q, 2.0), where=a > 1e-6)
    own = b * np.sqrt(np.maximum(1 - part**2, 0))
    extra = np.maximum(half * fill - own, 0)
    w = 0.15 * b
    return Cloud(
        points=spine.to_patient(s, cone.sign * q, w),
        volumes=2 * extra * LATTICE_MM**2,
        half_depth=half,
        blur_mm=0.25,
    )
