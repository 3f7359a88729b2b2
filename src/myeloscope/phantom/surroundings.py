"""Which other fluid a body has, each drawn from its own stream."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from myeloscope.phantom import organs, paraspinal
from myeloscope.phantom.fluids import Fluid, Table
from myeloscope.phantom.spec import Arm, PhantomSpec, Variety
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
PATIENTS = ((0.12, paraspinal.retrospinal),)
"""Other fluid that only patients have."""


def draw_fluids(spec: PhantomSpec, spine: Spine) -> tuple[Fluid, ...]:
    """Draw the other fluid of a body; a wide variety has more of it, dimmer and brighter."""
    table = Table(spine)
    wide = spec.variety is Variety.WIDE
    fluids: list[Fluid] = []
    patient = spec.arm is Arm.PATIENT
    for chance, source in (*SOURCES, *(PATIENTS if patient else ())):
        rng = stream(spec.seed, "fluid", source.__name__)
        if rng.random() < (1 - (1 - chance) ** 2 if wide else chance):
            drawn = source(rng, table)
            factor = float(rng.uniform(0.5, 2.2)) if wide else 1.0
            fluids += [_brighter(fluid, factor) for fluid in drawn]
    return tuple(fluids)


def _brighter(fluid: Fluid, factor: float) -> Fluid:
    """Return the fluid with its signal scaled, at most to 1.1 of CSF's where it is round."""
    return replace(
        fluid,
        clouds=tuple(replace(c, volumes=c.volumes * factor) for c in fluid.clouds),
        bodies=tuple(replace(b, signal=min(b.signal * factor, 1.1)) for b in fluid.bodies),
    )
