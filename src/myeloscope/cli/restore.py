"""``myeloscope restore``: a data folder from a backup and its keys."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from myeloscope.cli.data import add_data
from myeloscope.cli.parsing import command
from myeloscope.errors import ExitCode
from myeloscope.store.backup import restore


def parser() -> ArgumentParser:
    """Return the parser of ``myeloscope restore``."""
    made = command(
        "restore",
        "Make a new data folder from a backup and its keys, on SQLite or PostgreSQL, and check\n"
        "the audit log and every file.",
        examples=("myeloscope restore study.tar --keys study-keys.tar --data restored",),
    )
    made.add_argument("archive", type=Path, metavar="FILE", help="what 'myeloscope backup' wrote")
    made.add_argument(
        "--keys", type=Path, required=True, metavar="FILE", help="the keys' archive of that backup"
    )
    add_data(made)
    return made


def main(argv: Sequence[str]) -> int:
    """Run ``myeloscope restore`` and return the exit code."""
    options = parser().parse_args(list(argv))
    store = restore(options.archive, options.keys, options.data, options.database)
    head = store.log.head()
    store.close()
    print(f"{options.data}: {head.seq} rows of the audit log, every one as it was written")
    return ExitCode.OK
