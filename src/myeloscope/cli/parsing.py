"""The argument parser that every command starts from."""

from __future__ import annotations

import datetime
import sys
from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from typing import NoReturn

from myeloscope.errors import ExitCode

_MEANINGS = {
    ExitCode.OK: "done",
    ExitCode.INTERNAL: "a fault of the program",
    ExitCode.USAGE: "options that do not fit",
    ExitCode.INPUT: "nothing readable was given",
    ExitCode.OUTPUT: "the output cannot be written",
    ExitCode.LIMIT: "time or memory limit reached",
    ExitCode.INTERRUPTED: "interrupted",
}
EXIT_CODES = "exit codes:\n" + "\n".join(
    f"  {code.value:<4} {_MEANINGS[code]}" for code in ExitCode
)
"""The table of exit codes, as every ``--help`` prints it."""


class Parser(ArgumentParser):
    """An ``ArgumentParser`` that complains in one line and takes no abbreviated options."""

    def __init__(
        self, *, prog: str, description: str, usage: str | None = None, epilog: str = EXIT_CODES
    ) -> None:
        super().__init__(
            prog=prog,
            usage=usage,
            description=description,
            epilog=epilog,
            formatter_class=RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    def error(self, message: str) -> NoReturn:
        """Print what is wrong with the options in one line and exit with the usage code."""
        text = " ".join(message.split())
        print(f"{self.prog}: {text}; see '{self.prog} --help'", file=sys.stderr)
        raise SystemExit(int(ExitCode.USAGE))


def day(text: str) -> datetime.date:
    """Return the day that an option names.

    Raises
    ------
    ArgumentTypeError
        If it is none of the calendar.
    """
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"'{text}' is no day of the calendar such as 2024-06-30") from error


def command(name: str, description: str, *, examples: tuple[str, ...] = ()) -> Parser:
    """Return the parser of a command, with ``--verbose``, examples and the exit codes.

    Parameters
    ----------
    name
        The command's name, as typed after ``myeloscope``.
    description
        What it does, in whole sentences.
    examples
        Command lines worth copying.
    """
    shown = "examples:\n" + "\n".join(f"  {line}" for line in examples) + "\n\n"
    made = Parser(
        prog=f"myeloscope {name}",
        description=description,
        epilog=(shown if examples else "") + EXIT_CODES,
    )
    made.add_argument(
        "--verbose", action="store_true", help="tell each step, and the whole story of a fault"
    )
    return made
