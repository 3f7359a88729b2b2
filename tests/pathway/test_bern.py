"""The Bern score: items and bands of Dobrocky and others, JAMA Neurol 2019;76:580."""

from __future__ import annotations

import pytest

from myeloscope.pathway.bern import BernScore
from myeloscope.pathway.rules_file import shipped_rules
from tests.pathway.cases import dossier

ITEMS = {
    "pachymeningeal_enhancement": ("true", "false", 2),
    "venous_engorgement": ("true", "false", 2),
    "suprasellar": ("'4.0 mm'", "'4.1 mm'", 2),
    "subdural_collection": ("true", "false", 1),
    "prepontine": ("'5.0 mm'", "'5.1 mm'", 1),
    "mamillopontine": ("'6.5 mm'", "'6.6 mm'", 1),
}


def score(values: dict[str, str]) -> BernScore:
    lines = "\n".join(f"{name} = {value}" for name, value in values.items())
    return dossier(f"[brain_mri]\n{lines}\n").bern


def test_all_positive_is_nine_and_all_negative_nothing() -> None:
    full = score({name: yes for name, (yes, _, _) in ITEMS.items()})
    assert (full.low, full.high, full.band) == (9, 9, "high")
    none = score({name: no for name, (_, no, _) in ITEMS.items()})
    assert (none.low, none.high, none.band) == (0, 0, "low")


@pytest.mark.parametrize("name", ITEMS)
def test_each_item_gives_its_points_at_its_limit(name: str) -> None:
    values = {other: no for other, (_, no, _) in ITEMS.items()}
    values[name] = ITEMS[name][0]
    assert score(values).low == score(values).high == ITEMS[name][2]


@pytest.mark.parametrize("name", ITEMS)
def test_a_missing_item_widens_the_range_and_is_never_zero(name: str) -> None:
    values = {other: yes for other, (yes, _, _) in ITEMS.items() if other != name}
    points = ITEMS[name][2]
    assert (score(values).low, score(values).high) == (9 - points, 9)


def test_nothing_known_is_nought_to_nine() -> None:
    empty = dossier("").bern
    assert (empty.low, empty.high, empty.band) == (0, 9, "low to high")
    assert empty.bands == ("low", "intermediate", "high")


@pytest.mark.parametrize(
    ("points", "band"),
    [(2, "low"), (3, "intermediate"), (4, "intermediate"), (5, "high")],
)
def test_bands(points: int, band: str) -> None:
    # <= 2 low, 3-4 intermediate, >= 5 high.
    values = {name: no for name, (_, no, _) in ITEMS.items()}
    chosen = {2: ("suprasellar",), 3: ("suprasellar", "prepontine")}
    chosen |= {4: ("suprasellar", "venous_engorgement")}
    chosen |= {5: (*chosen[4], "subdural_collection")}
    for name in chosen[points]:
        values[name] = ITEMS[name][0]
    assert (score(values).low, score(values).band) == (points, band)


def test_a_coarse_distance_at_the_limit_is_open() -> None:
    values = {name: no for name, (_, no, _) in ITEMS.items()} | {"suprasellar": "'0.4 cm'"}
    assert (score(values).low, score(values).high) == (0, 2)


def test_the_items_are_those_of_the_source() -> None:
    rules = shipped_rules().bern
    assert sum(points for _, points in rules.items) == 9
    assert [band for _, band in rules.bands] == ["low", "intermediate", "high"]
