"""Errors say value, rule, place and remedy in one line (DESIGN, "Whose style to follow")."""

from __future__ import annotations

import pytest

from myeloscope.errors import (
    ExitCode,
    InputError,
    LimitError,
    MyeloscopeError,
    OutputError,
    UsageError,
    one_line,
)


def test_a_message_is_one_line_with_all_four_parts() -> None:
    error = InputError(
        "a folder holds images", value="0 files\nin it", place="scan/", remedy="name another"
    )
    assert str(error) == "scan/: a folder holds images; found 0 files in it; name another"
    assert (error.rule, error.place, error.remedy) == (
        "a folder holds images",
        "scan/",
        "name another",
    )


@pytest.mark.parametrize(
    ("kind", "code"),
    [(MyeloscopeError, 1), (UsageError, 2), (InputError, 3), (OutputError, 4), (LimitError, 5)],
)
def test_each_kind_has_its_exit_code(kind: type[MyeloscopeError], code: int) -> None:
    error = kind("rule", value=1, place="here", remedy="do")
    assert error.exit_code == code
    assert isinstance(error, MyeloscopeError)


def test_an_interrupted_command_ends_as_shells_expect() -> None:
    # 128 + SIGINT (2), POSIX shell convention.
    assert (ExitCode.OK, ExitCode.INTERRUPTED) == (0, 130)


def test_text_of_strangers_is_one_line_of_what_can_be_printed() -> None:
    assert one_line("a\n\t b\x1b[1m\udcff\u202eß") == "a b\\x1b[1m\\udcff\\u202eß"


@pytest.mark.parametrize("length", [99, 100, 101, 70_000])
def test_a_line_is_cut_in_its_middle(length: int) -> None:
    shown = one_line("a" * (length - 1) + "z", 100)
    assert len(shown) == min(length, 100)
    assert (shown[0], shown[-1]) == ("a", "z")
    assert (" ... " in shown) == (length > 100)


def test_a_long_value_leaves_room_for_rule_and_remedy() -> None:
    text = str(InputError("rule", value="9" * 10_000, place="here", remedy="do"))
    assert len(text) < 600
    assert (text[:10], text[-4:]) == ("here: rule", "; do")
