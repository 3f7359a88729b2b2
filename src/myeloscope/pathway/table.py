"""A table of a TOML file, read key by key; what does not fit is refused where it stands."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeAlias

from myeloscope.errors import InputError

NEVER = frozenset({"name", "patient_name", "address", "birth_date", "date_of_birth"})
"""Keys that would name a person, who has no place in a dossier."""


def refused(rule: str, value: object, place: str, remedy: str) -> InputError:
    """Return the error for something in a file that breaks a rule."""
    return InputError(rule, value=value, place=place, remedy=remedy)


_Value: TypeAlias = Any  # whatever TOML holds, until a method has looked at it


class Table:
    """One table of a file.

    Parameters
    ----------
    data
        Its keys and values, as ``tomllib`` gives them.
    place
        File and table, for messages.
    """

    def __init__(self, data: Mapping[str, Any], place: str) -> None:
        self.data = data
        self.place = place
        self._asked: set[str] = set()

    def at(self, key: str) -> str:
        """Return the place of a key."""
        return f"{self.place} {key}"

    def get(self, key: str) -> _Value:
        """Return a value as it stands, or ``None``; the key counts as known from then on."""
        self._asked.add(key)
        return self.data.get(key)

    def close(self) -> None:
        """Refuse keys that nobody has asked for.

        Raises
        ------
        InputError
            For the first one, with the nearest known key.
        """
        for key in self.data:
            if key in self._asked:
                continue
            if key in NEVER:
                raise refused(
                    "a dossier names nobody", f"the key {key}", self.place,
                    "leave it out; 'id' holds a pseudonym and 'age' the age",
                )  # fmt: skip
            close = get_close_matches(key, self._asked, n=1)
            known = ", ".join(sorted(self._asked))
            remedy = f"did you mean '{close[0]}'" if close else f"known here: {known}"
            raise refused("every key is known", repr(key), self.place, remedy)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; one without a default is required."""
        value = self.get(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or (not value.strip() and default is None):
            raise self._wrong(key, "a text", value)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a text, or an array of texts, as a tuple with at least one."""
        value = self.get(key)
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not listed:
            raise self._wrong(key, "a text or an array of texts", value)
        for item in listed:
            if not isinstance(item, str):
                raise self._wrong(key, "an array of texts", item)
        return tuple(listed)

    def choice(self, key: str, options: Sequence[str], default: str | None = None) -> str:
        """Return a text that is one of a closed list."""
        value = self.text(key, default)
        if value not in options:
            close = get_close_matches(value, options, n=1)
            remedy = f"did you mean '{close[0]}'" if close else f"one of {', '.join(options)}"
            raise refused("the value is one of a closed list", repr(value), self.at(key), remedy)
        return value

    def chosen(self, key: str, options: Sequence[str]) -> str | None:
        """Return a text of a closed list, or ``None`` where the key is missing."""
        return None if self.get(key) is None else self.choice(key, options)

    def number(self, key: str, default: float | None) -> float | None:
        """Return a finite number, or the default where the key is missing."""
        value = self.get(key)
        if value is None:
            return default
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            raise self._wrong(key, "a number", value)
        return float(value)

    def whole(self, key: str) -> int:
        """Return a whole number, which is required."""
        value = self.get(key)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._wrong(key, "a whole number", value)
        return value

    def flag(self, key: str) -> bool | None:
        """Return true or false, or ``None`` where the key is missing."""
        value = self.get(key)
        if value is not None and not isinstance(value, bool):
            raise self._wrong(key, "true or false", value)
        return value

    def day(self, key: str) -> datetime.date | None:
        """Return a date, or ``None`` where the key is missing."""
        value = self.get(key)
        if value is None:
            return None
        if isinstance(value, datetime.datetime):
            return value.date()
        if not isinstance(value, datetime.date):
            raise refused(
                "a date is a day of the calendar", repr(value), self.at(key),
                "write it as 2024-02-29, without quotation marks",
            )  # fmt: skip
        return value

    def mapping(self, key: str) -> Mapping[str, Any]:
        """Return a table's values as they stand; empty where the key is missing."""
        value = self.get(key)
        if value is not None and not isinstance(value, dict):
            raise self._wrong(key, "a table", value)
        return value or {}

    def table(self, key: str) -> Table:
        """Return a table below this one; an empty one where the key is missing."""
        return Table(self.mapping(key), f"{self.place} [{key}]")

    def array(self, key: str) -> list[Any]:
        """Return an array with at least one item."""
        value = self.get(key)
        if not isinstance(value, list) or not value:
            raise self._wrong(key, "an array", value)
        return value

    def tables(self, key: str, missing: Sequence[Table] | None = None) -> Sequence[Table]:
        """Return the tables of an array of tables; without ``missing`` there is at least one."""
        if self.get(key) is None and missing is not None:
            return missing
        listed = self.array(key)
        for item in listed:
            if not isinstance(item, dict):
                raise self._wrong(key, f"tables, written [[{key}]]", item)
        return [Table(item, f"{self.place} [[{key}]] {n}") for n, item in enumerate(listed, 1)]

    def named_tables(self, key: str) -> Iterator[tuple[str, Table]]:
        """Yield name and table of every table below a key; each is closed after its use."""
        for name, item in self.mapping(key).items():
            if not isinstance(item, dict):
                raise self._wrong(key, f"tables, written [{key}.{name}]", item)
            table = Table(item, f"{self.place} [{key}.{name}]")
            yield name, table
            table.close()

    def _wrong(self, key: str, kind: str, value: object) -> InputError:
        shown = "nothing" if value is None else repr(value)[:60]
        return refused(f"{key} is {kind}", shown, self.at(key), f"write {kind}")
