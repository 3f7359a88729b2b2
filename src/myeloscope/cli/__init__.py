"""The ``myeloscope`` program: a table from command to module; a command is imported when asked for.

Every command module offers ``parser() -> ArgumentParser``, from which the reference in docs/ is
made, and ``main(argv) -> int``, which returns an exit code or raises a
:class:`~myeloscope.errors.MyeloscopeError` that is shown as one line on stderr.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from types import FrameType, TracebackType

from myeloscope import __version__
from myeloscope.cli.parsing import EXIT_CODES, Parser
from myeloscope.errors import ExitCode, MyeloscopeError, UsageError

COMMANDS: Mapping[str, str] = {
    "demo": "make a study with two leaks and a cyst, read it and write the report",
    "read": "read MR myelograms and cisternograms: grades, findings, report, DICOM objects",
    "cohort": "read many studies, on a laptop or a cluster: folders, tidy tables, a summary",
    "explain": "show why a finding or a region has its grade: one picture and its numbers",
    "phantom": "simulate MR myelograms and cisternograms whose truth is known",
    "compare": "compare examinations of one patient: what changed, where techniques agree",
    "dossier": "hold one patient against published criteria, scores, cautions and the pathway",
    "analyze": "compute the statistics of a reader study from its table of readings",
    "replay": "recompute the paper's results from its table, printed beside recomputed",
    "serve": "serve reader studies to browsers; --demo has one ready",
    "trial": "set up, run and export a blinded reader study",
    "audit": "check that the audit log is whole",
    "backup": "back up trials and images while the server runs",
    "restore": "make a data folder from a backup",
    "deidentify": "take out of DICOM objects who they show, by the standard's own table",
    "stard": "check a study against STARD and draw its flow diagram",
}
"""Command -> what it does, in the order in which ``--help`` lists them."""


def parser() -> ArgumentParser:
    """Return the parser of the program itself, which only knows the commands' names."""
    listing = "\n".join(f"  {name:<10} {summary}" for name, summary in COMMANDS.items())
    made = Parser(
        prog="myeloscope",
        usage="myeloscope [--version] [--help] COMMAND ...",
        description="Find, measure and grade the signs of spinal CSF leaks on MR myelography.\n"
        "Research use, not for clinical decisions.",
        epilog=f"commands:\n{listing}\n\n'myeloscope COMMAND --help' tells more.\n\n{EXIT_CODES}",
    )
    made.add_argument("--version", action="version", version=f"myeloscope {__version__}")
    return made


def command_parser(name: str) -> ArgumentParser:
    """Return the parser of one command, importing its module."""
    made: ArgumentParser = importlib.import_module(f"myeloscope.cli.{name}").parser()
    return made


def main(argv: Sequence[str]) -> int:
    """Run one command line, without the program's name, and return the exit code.

    Mistakes of the user come out as one line on stderr; faults of the program are raised.
    """
    place = "myeloscope"
    try:
        if not argv or argv[0].startswith("-"):
            parser().parse_args(list(argv))
            parser().print_help()
            return ExitCode.OK if argv else ExitCode.USAGE
        name, rest = argv[0], list(argv[1:])
        if name not in COMMANDS:
            raise _unknown(name)
        place = f"myeloscope {name}"
        return int(importlib.import_module(f"myeloscope.cli.{name}").main(rest))
    except MyeloscopeError as error:
        print(f"{place}: {error}", file=sys.stderr)
        return error.exit_code
    except SystemExit as stop:  # argparse: --help, --version and options that do not parse
        return stop.code if isinstance(stop.code, int) else ExitCode.OK
    except KeyboardInterrupt:
        print(f"{place}: interrupted", file=sys.stderr)
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away (``| head``): not an error, but nothing may be flushed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK


def run() -> int:
    """Run the program with the arguments it was started with (entry point of the script)."""
    signal.signal(signal.SIGTERM, _interrupt)
    if "--verbose" not in sys.argv:
        sys.excepthook = _one_line
    return main(sys.argv[1:])


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _one_line(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
    """Print an unexpected exception as one line; Python exits with code 1 after it."""
    what = " ".join(f"{kind.__name__}: {error}".split())[:300]
    print(
        f"myeloscope: this is a fault of the program, not yours: {what}; "
        "run it again with --verbose and report what it says",
        file=sys.stderr,
    )


def _unknown(name: str) -> UsageError:
    # Imported here: only a mistyped command pays for it.
    from difflib import get_close_matches

    close = get_close_matches(name, COMMANDS, n=1)
    remedy = f"did you mean '{close[0]}'" if close else "'myeloscope --help' lists the commands"
    return UsageError(
        "the first word is a command", value=repr(name), place="arguments", remedy=remedy
    )
