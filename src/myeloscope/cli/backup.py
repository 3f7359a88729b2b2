"""``myeloscope backup``: the data as of one moment, while the server runs."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from myeloscope.cli.data import add_data, opened
from myeloscope.cli.parsing import command
from myeloscope.errors import ExitCode
from myeloscope.store.backup import backup


def parser() -> ArgumentParser:
    """Return the parser of ``myeloscope backup``."""
    made = command(
        "backup",
        "Write a backup of trials, accounts and images while the server runs, readable by you\n"
        "alone. The keys and the re-identification table go into an archive of their own: keep\n"
        "the two apart.",
        examples=("myeloscope backup --out study.tar --keys /safe/study-keys.tar",),
    )
    made.add_argument("--out", type=Path, required=True, metavar="FILE", help="new archive to make")
    made.add_argument(
        "--keys", type=Path, required=True, metavar="FILE", help="new archive for the keys"
    )
    add_data(made)
    return made


def main(argv: Sequence[str]) -> int:
    """Run ``myeloscope backup`` and return the exit code."""
    options = parser().parse_args(list(argv))
    with opened(options.data, options.database) as store:
        backup(store, options.out, options.keys)
        head = store.log.head()
    print(
        f"{options.out} and, to be kept apart, {options.keys}; audit log up to about row {head.seq}"
    )
    return ExitCode.OK
