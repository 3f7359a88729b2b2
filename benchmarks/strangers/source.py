"""Where studies with known truth come from: the package's phantom, or a simulator apart from it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydicom.dataset import Dataset

from benchmarks.strangers import a, b, c, e, f, g
from benchmarks.strangers.answers import truth_of
from myeloscope.dicom.load import load
from myeloscope.domain.image import Study
from myeloscope.phantom import Arm, Difficulty, PhantomSpec, Truth, Variety, make

Simulator = Callable[[int], tuple[list[Dataset], dict[str, Any]]]


class Source(StrEnum):
    """Who makes a study: the package's phantom, or one of the simulators."""

    PHANTOM = "phantom"
    A = "a"
    B = "b"
    C = "c"
    E = "e"
    F = "f"
    G = "g"


SIMULATORS: Mapping[Source, Simulator] = {
    Source.A: a.simulate,
    Source.B: b.simulate,
    Source.C: c.simulate,
    Source.E: e.simulate,
    Source.F: f.simulate,
    Source.G: g.simulate,
}


def spec_of(seed: int) -> PhantomSpec:
    """Return the phantom of a seed: both arms, the three difficulties, one in four wide."""
    return PhantomSpec(
        seed=seed,
        arm=Arm.PATIENT if seed % 2 else Arm.CONTROL,
        difficulty=tuple(Difficulty)[seed // 2 % 3],
        variety=Variety.WIDE if seed // 6 % 4 == 3 else Variety.PAPER,
    )


def make_study(source: Source, seed: int) -> tuple[Study, Truth]:
    """Return a study as the reader takes it, and its truth; the same for the same seed.

    A simulator's images take the way of any study: written as files and loaded.

    Raises
    ------
    InputError
        If the images of a simulator are not a study that can be read.
    """
    if source is Source.PHANTOM:
        phantom = make(spec_of(seed))
        return phantom.study, phantom.truth
    datasets, answer = SIMULATORS[source](seed)
    with tempfile.TemporaryDirectory() as folder:
        for number, dataset in enumerate(datasets):
            dataset.save_as(Path(folder) / f"{number}.dcm", enforce_file_format=True)
        study = load([Path(folder)]).study
    return study, truth_of(answer, study.uid)
