"""Root names from chains of exits that are drawn with known names."""

from __future__ import annotations

import numpy as np
import pytest

from myeloscope.domain.anatomy import TYPICAL_SPINE, Segment, SpineFormula
from myeloscope.myelography.ladder import Cues, fit_ladder
from myeloscope.myelography.normal import ladder


def drawn(
    formula: SpineFormula = TYPICAL_SPINE, first_mm: float = -20.0, stature: float = 0.94
) -> tuple[Cues, dict[Segment, float]]:
    """Return the cues of a spine whose roots lie where the table says, and where."""
    length, s = 520, first_mm
    places: dict[Segment, float] = {}
    for name, row in ladder(formula):
        places[name] = s
        s += row.gap_mm * stature
    at = np.arange(length, dtype=float)
    sleeve = np.full(length, -0.8)
    for place in places.values():
        sleeve += 3.0 * np.exp(-0.5 * ((at - place) / 1.5) ** 2)
    widths = [row.width_mm for _, row in ladder(formula)]
    width = np.interp(at, list(places.values()), widths)
    return Cues(sleeve, width, np.ones(length, bool), None), places


@pytest.mark.parametrize("first", [-40.0, -20.0, 0.0])
@pytest.mark.parametrize("stature", [0.9, 0.96])
def test_names_and_places_of_a_drawn_spine(first: float, stature: float) -> None:
    cues, places = drawn(first_mm=first, stature=stature)
    chain = fit_ladder(cues, (TYPICAL_SPINE,))
    for name, place in places.items():
        if 0 < place < 520:
            assert chain.exits_mm[name] == pytest.approx(place, abs=2.0)


def test_an_anchor_overrules_the_guess() -> None:
    cues, places = drawn()
    anchored = fit_ladder(cues, (TYPICAL_SPINE,), {Segment.T5: places[Segment.T6]})
    assert anchored.exits_mm[Segment.T5] == pytest.approx(places[Segment.T6], abs=2.5)
    assert anchored.anchors_mm == {Segment.T5: places[Segment.T6]}


def test_shift_probabilities_sum_to_one_and_favour_the_answer() -> None:
    chain = fit_ladder(drawn()[0], (TYPICAL_SPINE, SpineFormula(lumbar=6)))
    assert sum(chain.shift_probability.values()) == pytest.approx(1.0)
    assert max(chain.shift_probability, key=lambda k: chain.shift_probability[k]) == 0


@pytest.mark.parametrize(
    ("formula", "count"),
    [
        (TYPICAL_SPINE, 27),
        (SpineFormula(thoracic=11), 26),
        (SpineFormula(thoracic=13), 28),
        (SpineFormula(lumbar=4), 26),
        (SpineFormula(lumbar=6), 28),
    ],
)
def test_the_table_fits_every_spine(formula: SpineFormula, count: int) -> None:
    names = [name for name, _ in ladder(formula)]
    assert len(names) == count
    assert names == [s for s in formula.segments if s.value not in ("S3", "S4", "S5")]


def test_an_image_that_shows_the_head_is_not_named_from_its_top() -> None:
    """760 mm of image, dark for 150 mm above the cisterns: C1 lies 55 mm below their top."""
    _, places = drawn(first_mm=205.0)
    length, at = 760, np.arange(760, dtype=float)
    sleeve = np.full(length, -0.8)
    for place in places.values():
        sleeve += 3.0 * np.exp(-0.5 * ((at - place) / 1.5) ** 2)
    width = np.interp(at, list(places.values()), [row.width_mm for _, row in ladder(TYPICAL_SPINE)])
    chain = fit_ladder(Cues(sleeve, width, at >= 150, None), (TYPICAL_SPINE,))
    for name, place in places.items():
        if place < length:
            assert chain.exits_mm[name] == pytest.approx(place, abs=2.0)
