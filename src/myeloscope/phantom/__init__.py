"""MR myelography phantoms: studies as arrays, with known truth, from one seed.

``make(PhantomSpec(seed=7))`` gives a :class:`Phantom` with ``study`` and ``truth``.
"""

from myeloscope.phantom.making import Phantom, make
from myeloscope.phantom.spec import (
    Arm,
    Difficulty,
    FindingSpec,
    PhantomSpec,
    Ruin,
    Variety,
    demo_spec,
)
from myeloscope.phantom.truth import Truth

__all__ = [
    "Arm",
    "Difficulty",
    "FindingSpec",
    "Phantom",
    "PhantomSpec",
    "Ruin",
    "Truth",
    "Variety",
    "demo_spec",
    "make",
]
