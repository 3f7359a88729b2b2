"""What the commands about reader studies share: their table of reads, and writing their files."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Mapping
from pathlib import Path

from myeloscope.accuracy.reads import Reads
from myeloscope.errors import UsageError
from myeloscope.exchange.reading_folder import read_folder
from myeloscope.exchange.reads import TableOptions, read_table
from myeloscope.pipeline.folder import output_error


def add_table(made: ArgumentParser) -> None:
    """Add the arguments that say which reads are meant."""
    made.add_argument(
        "reads", type=Path, metavar="READS", help="CSV, Parquet, or a folder of reading.json"
    )
    made.add_argument(
        "--cases",
        type=Path,
        metavar="CSV",
        help="for a folder: study_uid,case,truth[,truth_<name>]",
    )
    made.add_argument(
        "--column",
        type=_mapping,
        action="append",
        default=[],
        metavar="OURS=THEIRS",
        help="our column and the table's name for it, such as grade=Score; may be repeated",
    )
    made.add_argument(
        "--truth", default="", metavar="NAME", help="hold the reads against the column truth_NAME"
    )


def _mapping(text: str) -> tuple[str, str]:
    ours, equals, theirs = text.partition("=")
    if not (ours and equals and theirs):
        raise ArgumentTypeError(f"write OURS=THEIRS, such as grade=Score, not {text!r}")
    return ours, theirs


def study_reads(options: Namespace) -> Reads:
    """Return the reads that the options of ``add_table`` name."""
    columns = dict(options.column)
    if len(columns) < len(options.column):
        raise UsageError(
            "each column is mapped once", value=", ".join("=".join(x) for x in options.column),
            place="--column", remedy="leave out one of them",
        )  # fmt: skip
    table = TableOptions(columns, options.truth)
    folder = options.reads.is_dir()
    if folder and options.cases is None:
        raise UsageError(
            "a folder of reading.json needs a list of cases", value=str(options.reads),
            place="READS", remedy="add --cases CSV with study_uid,case,truth",
        )  # fmt: skip
    if not folder and options.cases is not None:
        raise UsageError(
            "--cases belongs to a folder of reading.json", value=str(options.reads),
            place="--cases", remedy="leave it out, or give a folder",
        )  # fmt: skip
    return (
        read_folder(options.reads, options.cases, table)
        if folder
        else read_table(options.reads, table)
    )


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder, made if need be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise output_error(folder, error) from error
