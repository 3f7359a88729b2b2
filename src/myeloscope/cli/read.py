"""``myeloscope read``: studies in; grades, findings, report and DICOM objects out."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace, _ArgumentGroup
from collections.abc import Sequence
from pathlib import Path

from myeloscope.cli.parsing import command
from myeloscope.cli.progress import Progress
from myeloscope.domain.anatomy import Segment
from myeloscope.domain.grade import Technique
from myeloscope.errors import ExitCode, UsageError
from myeloscope.pipeline.folder import output_error
from myeloscope.pipeline.job import Outcome, ReadJob
from myeloscope.pipeline.run import Watch, read_to_folder, read_to_json
from myeloscope.pipeline.worker import Limits
from myeloscope.settings import ReadSettings

TECHNIQUES = {"mrm": Technique.MRM, "ric": Technique.RIC}


def parser() -> ArgumentParser:
    """Return the parser of ``myeloscope read``."""
    made = command(
        "read",
        "Read MR myelography and radioisotope cisternography: grade each region 0-3, find,\n"
        "measure and name each sign of a leak, and write reading.json, pictures, report.html,\n"
        "report.pdf and DICOM objects (SR, SEG, encapsulated PDF, secondary captures). A folder\n"
        "with both techniques gives DIR/mrm and DIR/ric. All is written, or nothing.\n"
        "Research use, not for clinical decisions.",
        examples=(
            "myeloscope read STUDY --out DIR",
            "myeloscope read STUDY --json - | jq .regions",
            "myeloscope read STUDY --out DIR --anchor T1=112.5",
            "myeloscope read CISTERNOGRAM --out DIR --levels mrm/reading.json",
        ),
    )
    made.add_argument(
        "studies", nargs="+", metavar="STUDY", help="folder, zip file or DICOM files to look into"
    )
    _add_output(made)
    _add_reading(made)
    add_limits(made.add_argument_group("limits"))
    return made


def main(argv: Sequence[str]) -> int:
    """Run ``myeloscope read`` and return the exit code."""
    options = parser().parse_args(list(argv))
    _check(options)
    job = ReadJob(
        paths=tuple(options.studies),
        series=options.series,
        settings=ReadSettings(anchors=dict(options.anchor)),
        only_json=options.only == "json",
        technique=None if options.technique is None else TECHNIQUES[options.technique],
        levels=None if options.levels is None else str(options.levels),
    )
    limits = Limits(wall_s=options.timeout, memory_mib=round(options.memory))
    with Progress(verbose=options.verbose) as progress:
        watch = Watch(limits, progress, sys.stderr if options.verbose else None)
        if options.json is not None:
            outcome = read_to_json(job, watch)
        else:
            outcome = read_to_folder(job, options.out, overwrite=options.overwrite, watch=watch)
    for line in outcome.skipped:
        print(f"passed over: {line.text}", file=sys.stderr)
    if options.json is not None:
        _print_json(outcome)
    else:
        print_outcome(outcome, options.out)
    return ExitCode.OK


def print_outcome(outcome: Outcome, out: Path) -> None:
    """Print what was found in each study, and where its files are."""
    several = len(outcome.studies) > 1
    for study in outcome.studies:
        folder = out / study.folder
        if several:
            print(f"study {study.study_uid}")
        for line in study.summary:
            print(line)
        name = "report.html" if study.summary else "reading.json"
        print(folder / name)


def _print_json(outcome: Outcome) -> None:
    if len(outcome.studies) > 1:
        raise UsageError(
            "--json - prints one reading",
            value=f"{len(outcome.studies)} studies",
            place=", ".join(study.study_uid for study in outcome.studies),
            remedy="pass one study, or use --out DIR",
        )
    try:
        sys.stdout.write(outcome.studies[0].json)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        # what could not be written must not be tried again when Python ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise output_error(Path("standard output"), error) from error


def _add_output(made: ArgumentParser) -> None:
    group = made.add_argument_group("output")
    group.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="folder to make; one study of each technique goes into mrm and ric in it, several "
        "studies into one folder each, named by study UID",
    )
    group.add_argument("--only", choices=("json",), help="write reading.json and nothing else")
    group.add_argument(
        "--json", choices=("-",), help="print reading.json to stdout and write nothing"
    )
    group.add_argument(
        "--overwrite", action="store_true", help="replace an earlier run's output as a whole"
    )


def _add_reading(made: ArgumentParser) -> None:
    group = made.add_argument_group("reading")
    group.add_argument(
        "--technique",
        choices=tuple(TECHNIQUES),
        help="read only this: mrm, MR myelography, or ric, radioisotope cisternography "
        "(default: whatever is there)",
    )
    group.add_argument(
        "--series", metavar="UID", help="read this series instead of what looks like MR myelography"
    )
    group.add_argument(
        "--levels",
        type=Path,
        metavar="READING",
        help="reading.json of the patient's MR myelogram that names a cisternogram's levels",
    )
    group.add_argument(
        "--anchor",
        type=_anchor,
        action="append",
        default=[],
        metavar="ROOT=Z",
        help="name a root by the height (patient z, mm) where its sleeve leaves the sac, such as "
        "T1=112.5; repeatable",
    )


def _check(options: Namespace) -> None:
    """Refuse options that contradict each other."""
    if options.json is None and options.out is None:
        raise UsageError(
            "a reading goes somewhere",
            value="neither --out nor --json",
            place="options",
            remedy="add --out DIR or --json -",
        )
    if options.json is not None and (options.out is not None or options.only is not None):
        raise UsageError(
            "--json - writes no files",
            value="--out or --only beside it",
            place="options",
            remedy="leave one out",
        )
    roots = [root for root, _ in options.anchor]
    if twice := [root for root in roots if roots.count(root) > 1]:
        raise UsageError(
            "a root is named once", value=f"{twice[0]} twice", place="--anchor", remedy="keep one"
        )


def _anchor(text: str) -> tuple[Segment, float]:
    name, _, height = text.partition("=")
    try:
        return Segment(name.strip().upper()), float(height)
    except ValueError as error:
        raise ArgumentTypeError(f"'{text}' is not ROOT=Z such as T1=112.5") from error


def add_limits(group: _ArgumentGroup) -> None:
    """Add the limits of one study: time and memory of the process that reads it."""
    limits = Limits()
    group.add_argument(
        "--timeout",
        type=positive,
        default=limits.wall_s,
        metavar="S",
        help=f"longest time for a study, s (default: {limits.wall_s:g})",
    )
    group.add_argument(
        "--memory",
        type=positive,
        default=limits.memory_mib,
        metavar="MIB",
        help=f"largest address space for a study, MiB (default: {limits.memory_mib})",
    )


def positive(text: str) -> float:
    """Return the positive number that an option gives.

    Raises
    ------
    ArgumentTypeError
        If it is none.
    """
    try:
        value = float(text)
    except ValueError as error:
        raise ArgumentTypeError(f"'{text}' is not a number") from error
    if not 0 < value < float("inf"):
        raise ArgumentTypeError(f"'{text}' is not above 0")
    return value
