"""``myeloscope stard``: the flow of cases through a reader study, drawn and counted."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from pathlib import Path

from myeloscope import __version__
from myeloscope.accuracy.stard import StardFlow, stard_flows
from myeloscope.cli.parsing import command
from myeloscope.cli.study_table import add_table, study_reads, write_files
from myeloscope.errors import ExitCode, UsageError


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
            "myeloscope stard readings/ --cases cases.csv --out flow",
        ),
    )
    add_table(made)
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


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ArgumentTypeError(f"a whole number, not {text!r}")
    return int(text)


def main(argv: Sequence[str]) -> int:
    """Run ``myeloscope stard`` and return the exit code."""
    options = parser().parse_args(list(argv))
    reads = study_reads(options)
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
    record = stard_json(flows, options.reads.name, __version__, assessed)
    files = {
        "stard.svg": plot.svg,
        "stard.png": plot.png,
        "stard.csv": stard_csv(flows, assessed).encode(),
        "stard.json": record.encode(),
    }
    write_files(options.out, files)
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
