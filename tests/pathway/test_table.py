"""Tables of a file: each kind of slip has a message with place and remedy."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest

from myeloscope.errors import InputError
from myeloscope.pathway.table import Table

Read = Callable[[Table], object]


@pytest.mark.parametrize(
    ("value", "read", "words"),
    [
        (None, lambda t: t.text("k"), "k is a text; found nothing"),
        (" ", lambda t: t.text("k"), "k is a text; found ' '"),
        (5, lambda t: t.text("k", ""), "k is a text; found 5"),
        (5, lambda t: t.texts("k"), "k is a text or an array of texts"),
        ([], lambda t: t.texts("k"), "k is a text or an array of texts"),
        (["a", 1], lambda t: t.texts("k"), "k is an array of texts; found 1"),
        ("lefft", lambda t: t.choice("k", ("left", "right")), "did you mean 'left'"),
        ("zzz", lambda t: t.choice("k", ("left", "right")), "one of left, right"),
        ("a", lambda t: t.number("k", None), "k is a number"),
        (True, lambda t: t.number("k", None), "k is a number"),
        (float("nan"), lambda t: t.number("k", None), "k is a number"),
        (1.5, lambda t: t.whole("k"), "k is a whole number"),
        (True, lambda t: t.whole("k"), "k is a whole number"),
        ("yes", lambda t: t.flag("k"), "k is true or false"),
        ("2024-01-01", lambda t: t.day("k"), "a date is a day of the calendar"),
        ([], lambda t: t.mapping("k"), "k is a table"),
        ([], lambda t: t.array("k"), "k is an array"),
        ([1], lambda t: t.tables("k"), "k is tables, written [[k]]"),
        ({"a": 1}, lambda t: list(t.named_tables("k")), "k is tables, written [k.a]"),
    ],
)
def test_slips(value: object, read: Read, words: str) -> None:
    data = {} if value is None else {"k": value}
    with pytest.raises(InputError, match="file") as caught:
        read(Table(data, "file"))
    assert words in str(caught.value)


def test_missing_values_have_their_defaults() -> None:
    table = Table({}, "file")
    assert table.text("k", "x") == "x"
    assert table.chosen("k", ("a",)) is None
    assert table.number("k", 2.0) == 2.0
    assert table.flag("k") is None
    assert table.day("k") is None
    assert table.mapping("k") == {}
    assert table.tables("k", missing=()) == ()
    assert list(table.named_tables("k")) == []


def test_values_as_they_stand() -> None:
    when = datetime.datetime(2024, 1, 2, 3, 4)
    table = Table({"a": when, "b": when.date(), "c": 2, "d": ["x", "y"], "e": "x"}, "file")
    assert table.day("a") == table.day("b") == datetime.date(2024, 1, 2)
    assert table.number("c", None) == 2.0
    assert table.whole("c") == 2
    assert table.texts("d") == ("x", "y")
    assert table.texts("e") == ("x",)
    assert table.chosen("e", ("x",)) == "x"


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("onsett", "did you mean 'onset'"),
        ("zzz", "known here: onset"),
        ("name", "a dossier names nobody"),
        ("date_of_birth", "'id' holds a pseudonym"),
    ],
)
def test_keys_that_nobody_asks_for_are_refused(key: str, words: str) -> None:
    table = Table({key: 1}, "file")
    table.get("onset")
    with pytest.raises(InputError) as caught:
        table.close()
    assert words in str(caught.value)
