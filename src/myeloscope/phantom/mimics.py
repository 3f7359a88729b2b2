"""Mimics at the roots: perineurial cysts, Tarlov cysts, meningoceles, epidural collections."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from myeloscope.domain.grade import FindingKind
from myeloscope.phantom.column import LATTICE_MM
from myeloscope.phantom.matter import Cloud, Ellipsoid
from myeloscope.phantom.sleeves import Sleeve
from myeloscope.phantom.spine import Spine, wander


@dataclass(frozen=True, slots=True, eq=False)
class Mimic:
    """A mimic made: its fluid, and its measurements in mm (see :class:`leaks.Leak`)."""

    kind: FindingKind
    sleeve: Sleeve
    clouds: tuple[Cloud, ...]
    bodies: tuple[Ellipsoid, ...]
    reach: float
    extent: float
    sac_width: float
    low: float
    high: float
    size: float


def make_cyst(
    rng: np.random.Generator, spine: Spine, sleeve: Sleeve, diameter: float, *, wide: bool
) -> Mimic:
    """Make a round smooth outpouching at a sleeve.

    A perineurial cyst sits at the sleeve's outer end; a meningocele (``wide``) has a wide neck
    and overlaps the sac's edge. Free CSF fills both.
    """
    half = np.array([diameter, diameter, diameter]) / 2 * rng.uniform(0.88, 1.12, 3)
    along = half[2] * rng.uniform(-0.2, 0.3)
    neck = rng.uniform(-0.55, -0.2) * half[0] if wide else rng.uniform(0.0, 0.7) * sleeve.across
    r = float(max(neck, -0.6 * half[0]) + half[0] * 0.9)
    slope = float(np.clip(1 / np.tan(sleeve.angle), -0.3, 1.6))
    s = sleeve.s + slope * max(r, 0) + along
    at = np.array([s])
    a = float(spine.at(spine.half_width, at)[0])
    point = spine.to_patient(at, np.array([sleeve.sign * (a + r)]), np.array([rng.normal(0, 2)]))
    body = Ellipsoid(
        centre=(float(point[0, 0]), float(point[0, 1]), float(point[0, 2])),
        axes=(float(half[0]), float(half[1]), float(half[2])),
        turn=float(rng.uniform(-0.5, 0.5)),
        signal=float(rng.uniform(0.8, 1.05)),
    )
    turn = body.turn
    lateral = float(np.hypot(half[0] * np.cos(turn), half[2] * np.sin(turn)))
    reach = r + lateral * 0.98  # a sphere's chord falls to a quarter at 0.97 of its radius
    return Mimic(
        kind=FindingKind.MENINGOCELE if wide else FindingKind.PERINEURIAL_CYST,
        sleeve=sleeve,
        clouds=(),
        bodies=(body,),
        reach=reach,
        extent=max(reach - sleeve.across, 0.0),
        sac_width=float(spine.width(np.array([sleeve.s]))[0]),
        low=s - float(half[2]),
        high=s + float(half[2]),
        size=diameter,
    )


def make_collection(
    rng: np.random.Generator, spine: Spine, sleeve: Sleeve, length: float, brightness: float
) -> Mimic:
    """Make an epidural collection: a strip of fluid along one side of the sac.

    ``length`` is along the axis, mm; ``brightness`` its signal per mm over CSF's.
    """
    low, high = sleeve.s - length * rng.uniform(0.3, 0.7), 0.0
    high = min(low + length, spine.sac_end - 5)
    s = np.arange(low, high, LATTICE_MM)
    part = (s - low) / max(high - low, 1.0)
    thick = rng.uniform(1.5, 4.0) * np.sin(np.pi * part) ** 0.4
    thick *= np.clip(1 + 0.3 * wander(rng, len(s) + 8, 60)[: len(s)], 0.3, 1.6)
    r = np.arange(-3.0, 6.5, LATTICE_MM)
    s_all, r_all = (m.ravel() for m in np.meshgrid(s, r, indexing="ij"))
    limit = np.repeat(thick, len(r))
    keep = r_all < limit
    s_all, r_all, limit = s_all[keep], r_all[keep], limit[keep]
    a, b = spine.at(spine.half_width, s_all), spine.at(spine.half_depth, s_all)
    rise = np.clip((r_all + 3.0) / 3.0, 0, 1)
    outer = np.maximum(r_all, 0) / np.maximum(limit, 0.05)
    depth = 0.5 * b * rise * np.sqrt(np.clip(1 - outer**2, 0, 1))
    return Mimic(
        kind=FindingKind.EPIDURAL_COLLECTION,
        sleeve=sleeve,
        clouds=(
            Cloud(
                points=spine.to_patient(s_all, sleeve.sign * (a + r_all), -0.1 * b),
                volumes=2 * depth * brightness * LATTICE_MM**2,
                half_depth=depth,
                blur_mm=0.25,
            ),
        ),
        bodies=(),
        reach=float(thick.max()),
        extent=0.0,
        sac_width=float(spine.width(np.array([sleeve.s]))[0]),
        low=float(low),
        high=float(high),
        size=float(high - low),
    )
