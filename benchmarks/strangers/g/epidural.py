"""Fluid outside the dura that lies along the sac over several levels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from benchmarks.strangers.g.fields import Array, Rng, course
from benchmarks.strangers.g.lumen import ACROSS, HALF, sac_at
from benchmarks.strangers.g.spine import STEP, Root, Spine


@dataclass(frozen=True, slots=True)
class Collection:
    """A long collection on one side; ``root`` the nearest to its middle, lengths in mm."""

    root: Root
    first: str
    last: str
    thick_mm: float
    sac_width_mm: float
    brightness: float
    size_mm: float


def make_collection(
    rng: Rng, spine: Spine, path: Array, bright: tuple[float, float]
) -> tuple[Collection, slice, slice, Array]:
    """Return a collection and what it adds to ``path`` (CSF, mm) in its rows and columns."""
    long = float(rng.uniform(60, 220))
    start = float(rng.uniform(40, max(spine.end_mm - long - 60, 60)))
    sign = int(rng.choice([1, -1]))
    rows = slice(spine.row(start), spine.row(start + long) + 1)
    columns = slice(HALF, 2 * HALF + 1) if sign > 0 else slice(0, HALF + 1)
    count = rows.stop - rows.start
    ends = np.sin(np.linspace(0, np.pi, count)) ** 0.5
    thick = rng.uniform(1.2, 3.2) * np.clip(1 + 0.4 * course(rng, count, 12 / STEP), 0.1, 2) * ends
    edge = spine.half[0 if sign > 0 else 1, rows][:, None]
    q = np.abs(ACROSS[None, columns]) - edge
    inside = np.clip((thick[:, None] - q) / 0.8, 0, 1) * (q > -0.5)
    light = float(rng.uniform(*bright))
    value = gaussian_filter(inside, 0.8) * light * sac_at(spine, path, start + long / 2)
    mine = [r for r in spine.roots if r.sign == sign]
    passed = [r.segment for r in mine if start <= r.s_mm <= start + long]
    root = min(mine, key=lambda r: abs(r.s_mm - start - long / 2))
    passed = passed or [root.segment]
    width = spine.width(root.s_mm)
    made = Collection(root, passed[0], passed[-1], float(thick.max()), width, light, long)
    return made, rows, columns, np.asarray(value, dtype=np.float32)
