"""``myeloscope stard``: the flow of cases through a reader study, drawn and counted."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Mapping, Sequence
from pathlib import Path

from myeloscope import __version__
from myeloscope.accuracy.stard import StardFlow, stard_flows
from myeloscope.cli.parsing import command
from myeloscope.errors import ExitCode, UsageError
from myeloscope.exchange.reads import TableOptions, read_table
from myeloscope.pipeline.folder import output_error


def parser() -> ArgumentParser:
    """Return the parser of ``myeloscope stard``."""
    made = command(
        "stard",
        "Draw the STARD 2015 flow diagram of a reader study and write the counts behind it, from\n"
        "the table of reads that analyze takes: case,truth,modality,reader,grade, or with levels.\n"
        "A row without a grade is an inconclusive index test; a case without a row had none.",
        examples=(
            "myeloscope stard reads.csv --out flow",
            "myeloscope stard reads.csv --modality MRM --reader 1 --potentially-eligible 240 "
            "--out flow",
        ),
    )
    made.add_argument("table", type=Path, metavar="TABLE", help="CSV or Parquet, one row a read")
    made.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        required=True,
        help="folder for stard.svg, stard.png, stard.csv and stard.json",
    )
    _add_choices(made)
    return made


def _add_choices(made: ArgumentParser) -> None:
    made.add_argument(
        "--threshold",
        type=int,
        choices=(1, 2, 3),
        default=1,
        help="lowest grade that is a positive index test (default: 1)",
    )
    made.add_argument("--modality", metavar="NAME", help="only reads of this modality")
    made.add_argument("--reader", metavar="NAME", help="only reads of this reader")
    made.add_argument(
        "--potentially-eligible",
        type=_count,
        metavar="N",
        help="how many were assessed for eligibility; the table cannot know it",
    )
    made.add_argument(
        "--truth", default="", metavar="NAME", help="hold the reads against the column truth_NAME"
    )
    made.add_argument(
        "--column",
        type=_mapping,
        action="append",
        default=[],
        metavar="OURS=THEIRS",
        help="our column and the table's name for it, such as grade=Score; may be repeated",
    )


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ArgumentTypeError(f"a whole number, not {text!r}")
    return int(text)


def _mapping(text: str) -> tuple[str, str]:
    ours, equals, theirs = text.partition("=")
    if not (ours and equals and theirs):
        raise ArgumentTypeError(f"write OURS=THEIRS, such as grade=Score, not {text!r}")
    return ours, theirs


def main(argv: Sequence[str]) -> int:
    """Run ``myeloscope stard`` and return the exit code."""
    options = parser().parse_args(list(argv))
    reads = read_table(options.table, TableOptions(dict(options.column), options.truth))
    flows = _chosen(stard_flows(reads, options.threshold), options.modality, options.reader)
    assessed: int | None = options.potentially_eligible
    if assessed is not None and assessed < flows[0].eligible:
        raise UsageError(
            "no more cases can be in the table than were potentially eligible",
            value=f"{assessed} potentially eligible, {flows[0].eligible} in the table",
            place="--potentially-eligible", remedy="give the number before exclusions",
        )  # fmt: skip
    # Imported here: drawing takes longer to load than --help and refusals should take.
    from myeloscope.report.stard import stard_csv, stard_json, stard_plot

    plot = stard_plot(flows, assessed)
    record = stard_json(flows, options.table.name, __version__, assessed)
    files = {
        "stard.svg": plot.svg,
        "stard.png": plot.png,
        "stard.csv": stard_csv(flows, assessed).encode(),
        "stard.json": record.encode(),
    }
    _write(options.out, files)
    for flow in flows:
        print(_told(flow))
    print(f"written: {options.out / 'stard.svg'}")
    return ExitCode.OK


def _chosen(
    flows: tuple[StardFlow, ...], modality: str | None, reader: str | None
) -> tuple[StardFlow, ...]:
    """Return the flows of one modality and reader, or all."""
    kept = tuple(
        flow
        for flow in flows
        if modality in (None, flow.modality) and reader in (None, flow.reader)
    )
    if not kept:
        held = ", ".join(f"{flow.modality} {flow.reader}" for flow in flows)
        raise UsageError(
            "the table must hold reads of the chosen modality and reader",
            value=f"{modality or 'any'} {reader or 'any'}", place="--modality, --reader",
            remedy=f"it holds {held}",
        )  # fmt: skip
    return kept


def _told(flow: StardFlow) -> str:
    """Return a flow as one line."""
    results = ", ".join(f"{b.n} {b.result} ({b.present} with the condition)" for b in flow.branches)
    return f"{flow.modality} {flow.reader}: {flow.index_test} of {flow.eligible} read: {results}"


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder, made if need be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise output_error(folder, error) from error
