"""Quantities: units, what the last digit leaves open, and magnitudes of another unit."""

from __future__ import annotations

import pytest

from myeloscope.errors import InputError
from myeloscope.pathway.quantity import distance, pressure, size, volume
from myeloscope.pathway.table import Table


def table(value: object) -> Table:
    return Table({"x": value}, "P1.toml [t]")


@pytest.mark.parametrize(
    ("said", "value", "low", "high"),
    [
        ("60 mmH2O", 60.0, 60.0, 60.0),
        ("60 mm CSF", 60.0, 60.0, 60.0),
        ("6 cmH2O", 60.0, 55.0, 65.0),
        ("6.0 cm H2O", 60.0, 59.5, 60.5),
        # 1 mmHg = 13.5951 mm H2O (ISO 80000-4, conventional millimetres).
        ("10 mmHg", 135.951, 129.15345, 142.74855),
        ("0 mmH2O", 0.0, 0.0, 0.0),
        ("-20 mmH2O", -20.0, -20.0, -20.0),
        ("\N{MINUS SIGN}2 cmH2O", -20.0, -25.0, -15.0),
    ],
)
def test_pressures_come_in_mm_h2o(said: str, value: float, low: float, high: float) -> None:
    read = pressure(table(said), "x", confirmed=False)
    assert read is not None
    assert (read.value, read.low, read.high, read.said) == (value, low, high, said)


def test_missing_is_none() -> None:
    empty = Table({}, "P1.toml")
    assert pressure(empty, "x", confirmed=False) is None
    assert distance(empty, "x", confirmed=False) is None
    assert volume(empty, "x") is None
    assert size(empty, "x") is None


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (60, "a quantity carries its unit"),
        ("sixty mmH2O", "a quantity is a number and a unit"),
        ("60 kPa", "the unit is known; found 'kPa'"),
        ("8 mmH2O", "mm H2O are not mmHg or cm H2O, which a value this small looks like"),
        ("20 mmH2O", "mm H2O are not mmHg or cm H2O"),
        ("900 mmH2O", "a CSF pressure lies between -200 and 700 mm H2O"),
        ("120 cmH2O", "found '120 cmH2O', 1200 mm H2O"),
        ("-300 mmH2O", "a CSF pressure lies between"),
    ],
)
def test_pressures_that_cannot_be_each_have_a_message(said: object, words: str) -> None:
    with pytest.raises(InputError, match=r"P1\.toml") as caught:
        pressure(table(said), "x", confirmed=False)
    assert words in str(caught.value)


def test_a_small_pressure_stands_when_it_is_confirmed_or_in_its_own_unit() -> None:
    confirmed = pressure(table("8 mmH2O"), "x", confirmed=True)
    in_mmhg = pressure(table("8 mmHg"), "x", confirmed=False)
    assert confirmed is not None
    assert in_mmhg is not None
    assert (confirmed.value, in_mmhg.value) == (8.0, 108.7608)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("-1 mm", "a distance is 0 or more"),
        ("34 mm", "the distances of the brain's cisterns are of a few mm"),
        ("3.4 cm", "found '3.4 cm', 34 mm"),
        ("0.4 mm", "a distance below 1 mm looks like one in cm"),
        ("4 inch", "the unit is known; found 'inch'"),
    ],
)
def test_distances_of_the_wrong_magnitude_each_have_a_message(said: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        distance(table(said), "x", confirmed=False)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("said", "confirmed", "value"),
    [("0 mm", False, 0.0), ("0.4 mm", True, 0.4), ("0.40 cm", False, 4.0), ("30 mm", False, 30.0)],
)
def test_distances_in_mm(said: str, confirmed: bool, value: float) -> None:
    read = distance(table(said), "x", confirmed=confirmed)
    assert read is not None
    assert read.value == value


def test_volumes_and_sizes() -> None:
    assert volume(table("15 mL"), "x") == 15.0
    assert size(table("1.1 cm"), "x") == 11.0
    with pytest.raises(InputError, match="above 0 and at most 150 mL"):
        volume(table("1500 mL"), "x")
    with pytest.raises(InputError, match="a size is above 0"):
        size(table("0 mm"), "x")
