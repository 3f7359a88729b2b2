from __future__ import annotations

import numpy as np

from myeloscope import phantom
from myeloscope.domain.anatomy import Segment, Side
from myeloscope.domain.grade import Grade


def test_same_seed_same_pixels_and_truth() -> None:
    first, second = (phantom.make(phantom.PhantomSpec(seed=11)) for _ in range(2))
    assert first.truth == second.truth
    for a, b in zip(first.study.stations, second.study.stations, strict=True):
        assert a.pixels.tobytes() == b.pixels.tobytes()
        assert a.sop_uid == b.sop_uid


def test_demo_has_two_leaks_and_a_cyst() -> None:
    truth = phantom.make(phantom.demo_spec()).truth
    leaks = {(f.segment, f.side): f.grade for f in truth.findings}
    assert leaks == {
        (Segment.T2, Side.LEFT): Grade.DEFINITE,
        (Segment.L1, Side.RIGHT): Grade.PROBABLE,
    }
    assert [(m.segment, m.side) for m in truth.mimics] == [(Segment.T9, Side.RIGHT)]


def test_other_seed_other_pixels() -> None:
    a, b = (phantom.make(phantom.PhantomSpec(seed=s)).study.stations[0] for s in (3, 4))
    assert not np.array_equal(a.pixels, b.pixels)
