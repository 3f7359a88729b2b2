"""Which other fluid a body has, each drawn from its own stream."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from myeloscope.phantom import organs, paraspinal
from myeloscope.phantom.fluids import Fluid, Table
from myeloscope.phantom.spine import Spine
from myeloscope.phantom.streams import stream

SOURCES: tuple[tuple[float, Callable[[np.random.Generator, Table], list[Fluid]]], ...] = (
    (0.75, organs.gallbladder),
    (0.6, organs.bile_ducts),
    (0.95, organs.kidneys),
    (0.9, organs.gut),
    (0.6, organs.stomach),
    (0.8, organs.bladder),
    (0.5, organs.pelvis),
    (0.12, organs.pleura),
    (0.8, organs.glands),
    (0.4, organs.shoulders),
    (1.0, organs.intracranial),
    (0.7, paraspinal.facets),
    (0.25, paraspinal.costal_joints),
    (0.6, paraspinal.veins),
    (0.55, paraspinal.lymph),
    (0.85, paraspinal.residual_fat),
)
"""How often a body has each kind of fluid (estimates), and what draws it."""


def draw_fluids(seed: int, spine: Spine) -> tuple[Fluid, ...]:
    """Draw the other fluid of a body."""
    table = Table(spine)
    fluids: list[Fluid] = []
    for chance, source in SOURCES:
        rng = stream(seed, "fluid", source.__name__)
        if rng.random() < chance:
            fluids += source(rng, table)
    return tuple(fluids)
