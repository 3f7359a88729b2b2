"""``myeloscope explain``: one picture and the numbers that led to a grade, step by step."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from myeloscope.cli.parsing import command
from myeloscope.cli.progress import Progress
from myeloscope.domain.anatomy import Region
from myeloscope.domain.codec import dumps
from myeloscope.domain.reading import Finding, Reading
from myeloscope.errors import ExitCode, InputError, OutputError, UsageError
from myeloscope.exchange.patient_folder import load_reading
from myeloscope.pipeline.folder import output_error
from myeloscope.pipeline.job import ExplainJob
from myeloscope.pipeline.run import Watch, explain_reading

SHORTEST_ID = 6
"""Last digits by which a finding may be named."""


def parser() -> ArgumentParser:
    """Return the parser of ``myeloscope explain``."""
    made = command(
        "explain",
        "Show why a finding or a region has its grade: one picture, and the numbers that led to\n"
        "it, step by step. Without --finding and --region it lists what can be explained.\n"
        "Research use, not for clinical decisions.",
        examples=(
            "myeloscope explain out/reading.json",
            "myeloscope explain out/reading.json --finding T2-left --study STUDY",
            "myeloscope explain out/reading.json --region cervical --out cervical.png",
        ),
    )
    made.add_argument(
        "reading", type=Path, metavar="READING", help="reading.json, or the folder that holds it"
    )
    what = made.add_mutually_exclusive_group()
    what.add_argument(
        "--finding",
        metavar="ID",
        help="a finding's id, its last digits (6 or more), or its root and side, such as T2-left",
    )
    what.add_argument(
        "--region",
        choices=tuple(region.value for region in Region),
        help="why a region has its grade, or none",
    )
    made.add_argument(
        "--study",
        type=Path,
        metavar="STUDY",
        help="folder, zip or file with the images of the reading; without it the picture is drawn "
        "from the reading's own numbers",
    )
    made.add_argument(
        "--out",
        type=Path,
        metavar="PNG",
        help="picture to write (default: explain-WHAT.png in the current folder)",
    )
    made.add_argument("--overwrite", action="store_true", help="replace an earlier picture")
    return made


def main(argv: Sequence[str]) -> int:
    """Run ``myeloscope explain`` and return the exit code."""
    options = parser().parse_args(list(argv))
    reading = load_reading(options.reading)
    if options.finding is None and options.region is None:
        for line in listed(reading):
            print(line)
        return ExitCode.OK
    finding = None if options.finding is None else find(reading, options.finding)
    region = None if options.region is None else Region(options.region)
    out = options.out or Path(f"explain-{region or _name(finding)}.png")
    _check(options, out)
    job = ExplainJob(
        dumps(reading),
        None if finding is None else finding.id,
        region,
        None if options.study is None else str(options.study),
    )
    with Progress(verbose=options.verbose) as progress:
        made = explain_reading(job, Watch(on_step=progress))
    try:
        out.write_bytes(made.picture)
    except OSError as error:
        raise output_error(out, error) from error
    for line in made.lines:
        print(line)
    print(out)
    return ExitCode.OK


def listed(reading: Reading) -> list[str]:
    """Return what of a reading can be explained, one line each."""
    rows = [f"--finding {_name(f):<12} {f.kind.value:<18} id {f.id}" for f in reading.findings]
    return rows + [f"--region {region.value}" for region in Region]


def find(reading: Reading, named: str) -> Finding:
    """Return the one finding that a name means.

    Raises
    ------
    UsageError
        If none or several do, with what there is.
    """
    wanted = named.strip().lower()
    found = [f for f in reading.findings if f.id == wanted]
    found = found or [f for f in reading.findings if _name(f).lower() == wanted]
    if not found and len(wanted) >= SHORTEST_ID:
        found = [f for f in reading.findings if f.id.endswith(wanted)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(f"{_name(f)} (...{f.id[-SHORTEST_ID:]})" for f in found or reading.findings)
    raise UsageError(
        "--finding names one finding of the reading",
        value=f"{named}, which fits {len(found)}",
        place="--finding",
        remedy=f"use one of: {names}" if names else "the reading has none; use --region",
    )


def _name(finding: Finding | None) -> str:
    """Return root and side as ``--finding`` takes them."""
    return "" if finding is None else f"{finding.segment or 'root'}-{finding.side.value}"


def _check(options: Namespace, out: Path) -> None:
    """Refuse to write over something."""
    if options.study is not None and not options.study.exists():
        raise InputError(
            "--study is a folder, zip or file", value="no such file", place=str(options.study),
            remedy="check the path",
        )  # fmt: skip
    if out.exists() and not options.overwrite:
        raise OutputError(
            "the picture is new", value="a file of this name", place=str(out),
            remedy="choose another --out or add --overwrite",
        )  # fmt: skip
