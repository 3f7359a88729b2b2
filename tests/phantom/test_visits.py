"""Visits of one person: the body stays, the day changes."""

from __future__ import annotations

import numpy as np
import pytest

from myeloscope.domain.anatomy import Segment, Side, SpineFormula
from myeloscope.domain.grade import FindingKind
from myeloscope.phantom import Difficulty, FindingSpec, Phantom, PhantomSpec
from myeloscope.phantom.visits import Visit, make_visit

SPEC = PhantomSpec(seed=7, difficulty=Difficulty.EASY, formula=SpineFormula(), covers=True)
LEAK = FindingSpec(FindingKind.LEAK, Segment.T5, Side.LEFT, ratio=1.2)


@pytest.fixture(scope="module")
def first() -> Phantom:
    return make_visit(SPEC, Visit(0, (LEAK,)))


@pytest.fixture(scope="module")
def later() -> Phantom:
    wide = FindingSpec(FindingKind.LEAK, Segment.T5, Side.LEFT, ratio=1.2 / 1.1)
    return make_visit(SPEC, Visit(1, (wide,), wider=0.1, missing_station=1, days=90))


def test_the_body_stays_and_the_sac_grows(first: Phantom, later: Phantom) -> None:
    places = [{(r.segment, r.side): r.s_mm for r in p.truth.roots} for p in (first, later)]
    shared = places[0].keys() & places[1].keys()
    assert len(shared) > 40
    assert max(abs(places[0][k] - places[1][k]) for k in shared) < 1e-9
    widths = [{round(p.s_mm): p.width_mm for p in made.truth.sac} for made in (first, later)]
    ratios = [widths[1][s] / widths[0][s] for s in widths[0].keys() & widths[1].keys()]
    assert np.median(ratios) == pytest.approx(1.1, abs=0.005)


def test_a_leak_asked_for_alike_in_mm_is_alike(first: Phantom, later: Phantom) -> None:
    one, other = first.truth.findings[0], later.truth.findings[0]
    assert other.extent_mm == pytest.approx(one.extent_mm, rel=0.1)
    assert (one.segment, one.side) == (other.segment, other.side)


def test_the_day_changes(first: Phantom, later: Phantom) -> None:
    assert len(first.study.stations) == 2
    assert len(later.study.stations) == 1
    assert first.study.uid != later.study.uid
    days = [str(p.study.stations[0].acquisition.acquired)[:10] for p in (first, later)]
    assert np.datetime64(days[1]) - np.datetime64(days[0]) == np.timedelta64(90, "D")
    a, b = (p.study.stations[0].geometry.position for p in (first, later))
    assert a != b


def test_the_same_visit_is_the_same_again(first: Phantom) -> None:
    again = make_visit(SPEC, Visit(0, (LEAK,)))
    for one, other in zip(first.study.stations, again.study.stations, strict=True):
        assert np.array_equal(one.pixels, other.pixels)
