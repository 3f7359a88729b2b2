"""``myeloscope cohort``: many studies in; a folder for each, tidy tables and a summary out."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from pathlib import Path

from myeloscope.cli.parsing import command
from myeloscope.cli.read import TECHNIQUES, add_limits
from myeloscope.errors import UsageError
from myeloscope.pipeline.worker import LEAST_MEMORY_MIB


def parser() -> ArgumentParser:
    """Return the parser of ``myeloscope cohort``."""
    made = command(
        "cohort",
        "Read many studies: a folder for each as 'myeloscope read' writes it, or reading.json\n"
        "only; tables regions, findings, quality and failures as CSV and Parquet; a summary for\n"
        "the browser (index.html). It can be stopped at any time: started again with the same\n"
        "--out it goes on with what is left. A study that cannot be read is named in failures\n"
        "and holds up no other. Research use, not for clinical decisions.",
        examples=(
            "myeloscope cohort STUDIES --out DIR --plan",
            "myeloscope cohort STUDIES --out DIR --only json",
            "myeloscope cohort paths.txt --out DIR --workers 4",
            "myeloscope cohort STUDIES --out DIR --scheduler tls://scheduler:8786",
        ),
    )
    made.add_argument(
        "source",
        metavar="SOURCE",
        help="folder (with the zips in it), BIDS data set, zip, a text file (.txt, .list) with one "
        "path a line, or a DICOMweb server with a query, such as "
        "https://pacs/dicom-web?ModalitiesInStudy=MR&StudyDate=2024",
    )
    made.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        required=True,
        help="folder of the cohort, made or gone on with; on a cluster all workers must see it",
    )
    made.add_argument(
        "--plan", action="store_true", help="say what would be read, with time and disk, and end"
    )
    _add_reading(made)
    _add_engine(made)
    _add_checks(made)
    return made


def _add_reading(made: ArgumentParser) -> None:
    group = made.add_argument_group("reading")
    group.add_argument("--only", choices=("json",), help="write reading.json of each study only")
    group.add_argument(
        "--technique",
        choices=tuple(TECHNIQUES),
        help="read only this: mrm, MR myelography, or ric, radioisotope cisternography "
        "(default: whatever is there)",
    )
    group.add_argument(
        "--no-montage",
        action="store_true",
        help="make no small pictures of the positive and not assessable spines",
    )
    add_limits(group)
    group.add_argument(
        "--retry", action="store_true", help="try again what was set aside in an earlier run"
    )


def _add_engine(made: ArgumentParser) -> None:
    group = made.add_argument_group("engine")
    group.add_argument(
        "--workers",
        type=_count,
        metavar="N",
        help="processes of this machine that read (default: one a core)",
    )
    group.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="read on the workers of a running Dask scheduler, such as tls://host:8786; "
        "tcp:// is for 127.0.0.1 only",
    )


def _add_checks(made: ArgumentParser) -> None:
    group = made.add_argument_group("checks")
    group.add_argument(
        "--verify",
        type=_count,
        metavar="N",
        help="read N of the studies again and compare, exit code 1 if a reading differs",
    )
    group.add_argument(
        "--cases",
        type=Path,
        metavar="CSV",
        help="study_uid,case,truth of studies whose truth is known: adds the tables of "
        "'myeloscope analyze' in DIR/analysis",
    )
    group.add_argument(
        "--reads",
        type=Path,
        metavar="CSV",
        help="with --cases: people's reads of the same cases, as 'myeloscope analyze' takes them",
    )


def main(argv: Sequence[str]) -> int:
    """Run ``myeloscope cohort`` and return the exit code."""
    options = parser().parse_args(list(argv))
    _check(options)
    # Imported here: what reads, draws and writes tables loads longer than a refusal takes.
    from myeloscope.cli.cohort_work import run

    return run(options)


def _check(options: Namespace) -> None:
    """Refuse options that contradict each other, and too little memory."""
    if options.workers is not None and options.scheduler is not None:
        raise UsageError(
            "a scheduler has its own workers",
            value="--workers beside --scheduler",
            place="options",
            remedy="leave one out",
        )
    if options.reads is not None and options.cases is None:
        raise UsageError(
            "people's reads are of cases",
            value="--reads without --cases",
            place="options",
            remedy="add --cases CSV with study_uid,case,truth",
        )
    if options.memory < LEAST_MEMORY_MIB:
        raise UsageError(
            f"a study is read within {LEAST_MEMORY_MIB} MiB of address space or more",
            value=f"{options.memory:g} MiB",
            place="--memory",
            remedy="allow more",
        )


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"a whole number of 1 or more, not {text!r}")
    return int(text)
