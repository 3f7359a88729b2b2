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
