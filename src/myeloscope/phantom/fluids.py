"""Bright fluid that is no CSF, at anatomically right places in three dimensions."""

from __future__ import annotations

from dataclasses import dataclass

from myeloscope.phantom.matter import Cloud, Ellipsoid
from myeloscope.phantom.spine import Spine


@dataclass(frozen=True, slots=True, eq=False)
class Fluid:
    """One body of other fluid: its name, matter and T2 (ms); ``position`` is LPS mm."""

    name: str
    position: tuple[float, float, float]
    clouds: tuple[Cloud, ...]
    bodies: tuple[Ellipsoid, ...]
    t2_ms: float


def draw_fluids(seed: int, spine: Spine) -> tuple[Fluid, ...]:
    """Draw the other fluid of a body."""
    return ()
