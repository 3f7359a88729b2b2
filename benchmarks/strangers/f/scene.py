"""Where a leak is drawn: a root with its normal sleeve, a sheet about it, the size meant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.strangers.f.body import Body
from benchmarks.strangers.f.plate import Array, Sheet, lay
from benchmarks.strangers.f.sleeves import Sleeve

FARTHEST_MM = 95.0
"""How far from the sac's edge a sheet goes."""
LONGEST_MM = 72.0
"""How far fluid goes from a sleeve's tip."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A root about to leak.

    ``size_mm`` is how far beyond the sleeve's tip, across the axis, the fluid should reach;
    ``course`` is the way that it takes, radians below outward.
    """

    body: Body
    sleeve: Sleeve
    sheet: Sheet
    size_mm: float
    course: float

    @property
    def length_mm(self) -> float:
        """Return the way along the course that reaches as far out as meant."""
        return float(min(self.size_mm / max(np.cos(self.course), 0.3), LONGEST_MM))

    def edge(self, v_mm: Array) -> Array:
        """Return the sac's edge, ``u`` mm, at places ``v`` beside the root."""
        return self.body.half(self.sleeve.root.q_mm + v_mm)

    def rotated(self, angle: float) -> tuple[Array, Array]:
        """Return each pixel's distance along and across a direction from the sleeve's tip, mm."""
        du, dv = self.sheet.u - self.sleeve.tip[0], self.sheet.v - self.sleeve.tip[1]
        along = du * np.cos(angle) + dv * np.sin(angle)
        return np.asarray(along), np.asarray(dv * np.cos(angle) - du * np.sin(angle))


def set_scene(rng: np.random.Generator, body: Body, sleeve: Sleeve, size_mm: float) -> Scene:
    """Return the scene of a leak; fluid goes steeply in the loin, flatter in neck and chest."""
    root = sleeve.root
    usual = {"C": (0.15, 0.9), "T": (-0.05, 0.75), "L": (0.3, 1.2), "S": (0.4, 1.2)}
    low, high = usual[root.segment[0]]
    course = float(np.clip(rng.normal(0.5 * (sleeve.heading + 0.5 * (low + high)), 0.2), low, high))
    half = float(body.half(np.array([root.q_mm]))[0])
    out = min(sleeve.reach_mm + 1.35 * size_mm + 10, FARTHEST_MM)
    down = min(size_mm * (0.9 + 1.3 * np.tan(min(course, 1.1))), 80.0) + 16
    up = min(0.9 * size_mm, 50.0) + 14
    spans = (half - 4, half + out, -up, float(sleeve.tip[1]) + down)
    return Scene(body, sleeve, lay(body.axis, root.q_mm, root.side, spans), size_mm, course)
