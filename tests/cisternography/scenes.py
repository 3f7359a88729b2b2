"""Phantoms for the tests of reading, made once."""

from __future__ import annotations

from functools import cache

from myeloscope.cisternography.read import read_cisternogram
from myeloscope.domain.anatomy import Region
from myeloscope.domain.reading import Reading
from myeloscope.phantom.ric_making import RicPhantom, make_ric
from myeloscope.phantom.ric_spec import Packing, RicRuin, RicSpec
from myeloscope.phantom.spec import Arm, Difficulty, PhantomSpec
from myeloscope.settings import ReadSettings

SICK = PhantomSpec(
    seed=7301, difficulty=Difficulty.EASY, signs_ric=frozenset({Region.THORACIC}), findings=()
)
WELL = PhantomSpec(
    seed=7302, arm=Arm.CONTROL, difficulty=Difficulty.EASY, signs_ric=frozenset(), findings=()
)


@cache
def phantom(
    person: PhantomSpec,
    ruin: RicRuin = RicRuin.NONE,
    packing: Packing = Packing.TWO_FRAMES,
    extravasation: bool = False,
) -> RicPhantom:
    return make_ric(RicSpec(person, packing, ruin, extravasation))


@cache
def reading(
    person: PhantomSpec, ruin: RicRuin = RicRuin.NONE, packing: Packing = Packing.TWO_FRAMES
) -> Reading:
    return read_cisternogram(phantom(person, ruin, packing).study, ReadSettings())
