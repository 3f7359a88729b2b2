"""Quantities as people write them, ``12 cmH2O`` or ``3.2 mm``, in one unit, magnitudes checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from myeloscope.pathway.table import Table, refused

MM_H2O_PER_MM_HG = 13.5951
"""Millimetres of water per millimetre of mercury, both conventional (ISO 80000-4)."""

PRESSURE_UNITS: Mapping[str, float] = {
    **dict.fromkeys(("mmh2o", "mmcsf", "mmwater"), 1.0),
    **dict.fromkeys(("cmh2o", "cmcsf", "cmwater"), 10.0),
    "mmhg": MM_H2O_PER_MM_HG,
}
LENGTH_UNITS: Mapping[str, float] = {"mm": 1.0, "cm": 10.0}
VOLUME_UNITS: Mapping[str, float] = {"ml": 1.0, "cc": 1.0}

LOWEST_MM_H2O, HIGHEST_MM_H2O = -200.0, 700.0
SUSPECT_MM_H2O = 20.0
"""At most this many mm H2O, and above 0, is what mmHg or cm H2O look like."""
LONGEST_MM, SHORTEST_MM = 30.0, 1.0
"""Distances of the Bern score: above, tenths of a mm were given; below, cm."""
MOST_ML = 150.0

_QUANTITY = re.compile(r"\s*([-\N{MINUS SIGN}+]?\d+(?:\.(\d+))?)\s*([A-Za-z][A-Za-z0-9 ]*?)\s*")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in one unit, how it was written, and what its last digit leaves open.

    ``low`` and ``high`` are half a last digit away where the unit written is coarser than that
    of the limits it is held against; a number in mm is taken at its word.
    """

    value: float
    said: str
    low: float
    high: float


def pressure(table: Table, key: str, *, confirmed: bool) -> Quantity | None:
    """Return an opening pressure in mm H2O, or ``None`` where the key is missing.

    Raises
    ------
    InputError
        For no or an unknown unit, a pressure nobody has, and a value that looks like another
        unit and is not ``confirmed``.
    """
    made = _quantity(table, key, PRESSURE_UNITS, "60 mmH2O, 6 cmH2O or 4.4 mmHg")
    if made is None:
        return None
    if not LOWEST_MM_H2O <= made.value <= HIGHEST_MM_H2O:
        raise refused(
            "a CSF pressure lies between -200 and 700 mm H2O",
            f"'{made.said}', {made.value:g} mm H2O", table.at(key), "check number and unit",
        )  # fmt: skip
    plain = made.low == made.high
    if plain and 0 < made.value <= SUSPECT_MM_H2O and not confirmed:
        raise refused(
            "mm H2O are not mmHg or cm H2O, which a value this small looks like",
            f"'{made.said}'", table.at(key),
            f"write '{made.value:g} mmHg' or '{made.value:g} cmH2O' if that was read; if it was "
            "mm H2O, add pressure_confirmed = true",
        )  # fmt: skip
    return made


def distance(table: Table, key: str, *, confirmed: bool) -> Quantity | None:
    """Return a distance on brain MRI in mm, or ``None`` where the key is missing.

    Raises
    ------
    InputError
        For no or an unknown unit, a length below 0, and one of the wrong magnitude.
    """
    made = _quantity(table, key, LENGTH_UNITS, "3.2 mm")
    if made is None:
        return None
    if made.value < 0:
        raise refused(
            "a distance is 0 or more", f"'{made.said}'", table.at(key), "write 0 mm if effaced"
        )
    if made.value > LONGEST_MM:
        raise refused(
            "the distances of the brain's cisterns are of a few mm",
            f"'{made.said}', {made.value:g} mm", table.at(key),
            "check the unit and the decimal point",
        )  # fmt: skip
    if 0 < made.value < SHORTEST_MM and not confirmed:
        raise refused(
            "a distance below 1 mm looks like one in cm", f"'{made.said}'", table.at(key),
            "write cm if that was read; if it was mm, add distances_confirmed = true",
        )  # fmt: skip
    return made


def volume(table: Table, key: str) -> float | None:
    """Return an injected volume in mL, or ``None`` where the key is missing.

    Raises
    ------
    InputError
        For no or an unknown unit, and for what nobody injects.
    """
    made = _quantity(table, key, VOLUME_UNITS, "20 mL")
    if made is not None and not 0 < made.value <= MOST_ML:
        raise refused(
            "a blood patch has above 0 and at most 150 mL", f"'{made.said}'", table.at(key),
            "check the number",
        )  # fmt: skip
    return None if made is None else made.value


def size(table: Table, key: str) -> float | None:
    """Return a size in mm, or ``None`` where the key is missing.

    Raises
    ------
    InputError
        For no or an unknown unit, and for a size of 0 or less.
    """
    made = _quantity(table, key, LENGTH_UNITS, "8 mm")
    if made is not None and made.value <= 0:
        raise refused("a size is above 0", f"'{made.said}'", table.at(key), "check the number")
    return None if made is None else made.value


def _quantity(table: Table, key: str, units: Mapping[str, float], example: str) -> Quantity | None:
    said = table.get(key)
    if said is None:
        return None
    if not isinstance(said, str):
        raise refused(
            "a quantity carries its unit", repr(said), table.at(key), f"write it as '{example}'"
        )
    match = _QUANTITY.fullmatch(said)
    if match is None:
        raise refused(
            "a quantity is a number and a unit", repr(said), table.at(key),
            f"write it as '{example}'",
        )  # fmt: skip
    factor = units.get(match[3].replace(" ", "").lower())
    if factor is None:
        raise refused(
            "the unit is known", repr(match[3]), table.at(key), f"write it as '{example}'"
        )
    value = float(match[1].replace("\N{MINUS SIGN}", "-"))
    slack = 0.0 if factor == 1.0 else 0.5 * 10.0 ** -len(match[2] or "")
    low, high = (round((value + way * slack) * factor, 6) for way in (-1, 1))
    return Quantity(round(value * factor, 6), said.strip(), low, high)
