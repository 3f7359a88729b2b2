"""``myeloscope audit``: whether every row of the audit log is there as it was written."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence

from myeloscope.cli.data import add_data, opened
from myeloscope.cli.parsing import command
from myeloscope.errors import ExitCode
from myeloscope.store.chain import parse_head


def parser() -> ArgumentParser:
    """Return the parser of ``myeloscope audit``."""
    made = command(
        "audit",
        "Check the audit log: each row carries a MAC over itself and the row before, made with a\n"
        "key outside the database. Names the first row that is altered, missing or cut off.",
        examples=("myeloscope audit verify", "myeloscope audit verify --head 812:4f0c..."),
    )
    made.add_argument("action", choices=("verify", "list"), help="check the log, or print it")
    made.add_argument(
        "--head", metavar="H", help="the head that was printed at lock; the log must contain it"
    )
    add_data(made)
    return made


def main(argv: Sequence[str]) -> int:
    """Run ``myeloscope audit`` and return the exit code."""
    options = parser().parse_args(list(argv))
    head = None if options.head is None else parse_head(options.head)
    with opened(options.data, options.database) as store:
        if options.action == "list":
            for row in store.log.rows():
                print(f"{row.seq}  {row.at}  {row.actor}  {row.trial or '-'}  {row.kind}")
        found = store.log.verify(head)
    print(f"{found.seq} rows, every one as it was written; head {found}")
    return ExitCode.OK
