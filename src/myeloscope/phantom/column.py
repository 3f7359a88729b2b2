"""The fluid column: the sac less cord and cauda equina, as a cloud."""

from __future__ import annotations

import numpy as np

from myeloscope.phantom.matter import Cloud
from myeloscope.phantom.sleeves import Sleeve
from myeloscope.phantom.spine import Floats, Spine, wander

LATTICE_MM = 0.16


def chord(q: Floats, half_width: Floats, half_depth: Floats) -> Floats:
    """Return the half chord of an ellipse at distance ``q`` from its centre, mm."""
    part = q / np.maximum(half_width, 1e-6)
    return np.asarray(half_depth * np.sqrt(np.maximum(1 - part**2, 0)))


def sac_cloud(spine: Spine, step: float) -> Cloud:
    """Return sac less cord, on a lattice that fits a detector's grid.

    Cross-sections are ellipses, so that the path at distance q from the middle is
    2 b sqrt(1 - q^2/a^2), less the same for the cord; it reaches zero exactly at the silhouette.

    Parameters
    ----------
    spine
        Axis, sac and cord.
    step
        Spacing of the detector's fine grid, mm; lattice points lie ``step`` apart along the
        axis and half of it across, where bilinear shares leave no ripple.
    """
    s = np.arange(spine.s[0], spine.sac_end, step)
    widest = float(spine.half_width.max())
    n = int(np.ceil(2 * widest / step))
    q = np.arange(-n, n + 1) * step / 2
    a, b = (spine.at(v, s)[:, None] for v in (spine.half_width, spine.half_depth))
    inside = np.abs(q) < a
    row, column = np.nonzero(inside)
    half = chord(np.broadcast_to(q, inside.shape), a, b)[inside]
    cord = chord(
        q - spine.at(spine.cord_q, s)[:, None],
        spine.at(spine.cord_half_width, s)[:, None],
        spine.at(spine.cord_half_depth, s)[:, None],
    )[inside]
    free = np.maximum(half - cord, 0) * spine.at(spine.flow, s)[row]
    centre, across = spine.at(spine.centre, s), spine.at(spine.across, s)
    return Cloud(
        points=centre[row] + across[row] * q[column, None],
        volumes=free * step**2,
        half_depth=half,
    )


def strand(
    path: Floats, radius: Floats | float, *, blur_mm: float = 0.0, sign: float = 1.0
) -> Cloud:
    """Return a thin strand along a path.

    Parameters
    ----------
    path
        Points, shape (n, 3), LPS mm, dense enough for the detector.
    radius
        Radius of the strand, mm, one or one per point.
    blur_mm
        Softness.
    sign
        Signal per volume; negative for tissue that displaces CSF.
    """
    steps = np.linalg.norm(np.gradient(path, axis=0), axis=1)
    radii = np.broadcast_to(np.asarray(radius, dtype=np.float64), steps.shape)
    return Cloud(path, sign * np.pi * radii**2 * steps, radii.copy(), max(blur_mm, 0.25))


def cauda_clouds(
    rng: np.random.Generator, spine: Spine, sleeves: tuple[Sleeve, ...]
) -> list[Cloud]:
    """Return the roots of the cauda equina as tissue that displaces CSF.

    Each root below the conus runs from the cord down to its sleeve in two bundles (ventral and
    dorsal root), 0.4-0.8 mm thick, gathering posteriorly in the supine patient.
    """
    clouds = []
    start = spine.conus - 45
    for sleeve in sleeves:
        length = sleeve.s - start
        if length < 25 or sleeve.s > spine.sac_end + 30:
            continue
        for _ in range(2):
            s = np.arange(start + rng.uniform(0, 25), min(sleeve.s, spine.sac_end), 0.25)
            if len(s) < 60:
                continue
            part = (s - s[0]) / (s[-1] - s[0])
            a = spine.at(spine.half_width, s)
            b = spine.at(spine.half_depth, s)
            sign = 1 if sleeve.left else -1
            end = sign * 0.88 * part ** rng.uniform(1.2, 3.0)
            begin = sign * rng.uniform(0.05, 0.45) * (1 - part)
            q = a * np.clip(begin + end + 0.05 * wander(rng, len(s), 30), -0.92, 0.92)
            w = b * (rng.uniform(-0.2, 0.6) * np.sin(np.pi * part) + 0.05)
            w = np.clip(w, -0.6 * b, 0.6 * b)
            clouds.append(
                strand(spine.to_patient(s, q, w), rng.uniform(0.4, 0.75), blur_mm=0.3, sign=-1.0)
            )
    return clouds
