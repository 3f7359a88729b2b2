"""The errors a user can meet: one line each, with the value, the rule, the place and the remedy.

Messages name UIDs and files, never a patient.
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """Exit codes of every ``myeloscope`` command."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    INPUT = 3
    OUTPUT = 4
    LIMIT = 5
    INTERRUPTED = 130


MOST_LINE, MOST_VALUE = 2000, 500
"""Characters of a message, and of the value in it."""


def one_line(text: str, most: int = MOST_LINE) -> str:
    """Return text, which may come from a hostile file, as one line of printable characters.

    Parameters
    ----------
    text
        Any text; runs of blanks become one, control characters their escapes.
    most
        Longest result; what is longer is cut in the middle.
    """
    joined = " ".join(text.split())
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in joined)
    return shown if len(shown) <= most else f"{shown[: most // 2]} ... {shown[5 - most // 2 :]}"


class MyeloscopeError(Exception):
    """A mistake or fault that the user can act on.

    Parameters
    ----------
    rule
        What should hold, as a short sentence without a full stop.
    value
        What was found instead.
    place
        Where: a file, an option, a UID, a table cell.
    remedy
        What to do about it, as a short sentence without a full stop.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.INTERNAL

    def __init__(self, rule: str, *, value: object, place: str, remedy: str) -> None:
        self.rule = rule
        self.value = value
        self.place = place
        self.remedy = remedy
        super().__init__(rule, value, place, remedy)

    def __str__(self) -> str:
        """Return the one-line message."""
        value = one_line(str(self.value), MOST_VALUE)
        return one_line(f"{self.place}: {self.rule}; found {value}; {self.remedy}")


class UsageError(MyeloscopeError):
    """A command was given options that do not fit."""

    exit_code = ExitCode.USAGE


class InputError(MyeloscopeError):
    """What was given to read cannot be read, or holds nothing to read."""

    exit_code = ExitCode.INPUT


class OutputError(MyeloscopeError):
    """What was asked for cannot be written."""

    exit_code = ExitCode.OUTPUT


class LimitError(MyeloscopeError):
    """The work ran past its time or memory limit."""

    exit_code = ExitCode.LIMIT
