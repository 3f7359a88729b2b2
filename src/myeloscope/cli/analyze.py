"""``myeloscope analyze``: every figure of a reader study from its table of readings."""

from __future__ import annotations

import math
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from myeloscope import __version__
from myeloscope.accuracy.bootstrap import Resampling
from myeloscope.accuracy.record import Statistic
from myeloscope.accuracy.study import WORST_CASE, Analysis, StudySettings, analyse
from myeloscope.cli.parsing import command
from myeloscope.cli.progress import Progress
from myeloscope.cli.study_table import add_table, study_reads, write_files
from myeloscope.errors import ExitCode
from myeloscope.exchange.statistics_table import analysis_json, statistics_csv
from myeloscope.pipeline.worker import Step

_FEWEST = 40
_SHOWN = ("sensitivity", "specificity", "accuracy")


def parser() -> ArgumentParser:
    """Return the parser of ``myeloscope analyze``."""
    made = command(
        "analyze",
        "Compute accuracy, agreement and paired tests of a reader study from a table with one row\n"
        "a read: case,truth,modality,reader,grade; for levels also level,level_truth (C, T, L);\n"
        "optional score and further references truth_<name>. An empty grade is a missing read.",
        examples=(
            "myeloscope analyze reads.csv --out analysis",
            "myeloscope analyze reads.csv --column grade=Score --truth ric --out analysis",
            "myeloscope analyze readings/ --cases cases.csv --bootstrap 2000 --out analysis",
        ),
    )
    add_table(made)
    made.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        required=True,
        help="folder for statistics.csv, analysis.json, report.html, report.pdf and figures",
    )
    _add_settings(made)
    return made


def _add_settings(made: ArgumentParser) -> None:
    made.add_argument(
        "--missing",
        choices=(WORST_CASE,),
        help="add the analysis that counts missing reads as wrong",
    )
    made.add_argument(
        "--prevalence", type=_open_fraction, metavar="P", help="add predictive values at P"
    )
    made.add_argument(
        "--margin",
        type=_open_fraction,
        default=0.10,
        metavar="D",
        help="non-inferiority margin, a difference of proportions (default: 0.10)",
    )
    made.add_argument(
        "--bootstrap",
        type=_resamples,
        metavar="N",
        help="add bootstrap intervals of N resamples, by case or cluster",
    )
    made.add_argument(
        "--seed", type=_seed, default=0, metavar="S", help="seed of the bootstrap (default: 0)"
    )


def _open_fraction(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < 1:
        raise ArgumentTypeError(f"a number between 0 and 1, not {text!r}")
    return value


def _whole(text: str, least: int) -> int:
    if not text.isdecimal() or int(text) < least:
        raise ArgumentTypeError(f"a whole number of {least} or more, not {text!r}")
    return int(text)


def _resamples(text: str) -> int:
    return _whole(text, _FEWEST)


def _seed(text: str) -> int:
    return _whole(text, 0)


def main(argv: Sequence[str]) -> int:
    """Run ``myeloscope analyze`` and return the exit code."""
    options = parser().parse_args(list(argv))
    resampling = Resampling(options.bootstrap, options.seed) if options.bootstrap else None
    settings = StudySettings(
        prevalence=options.prevalence,
        margin=options.margin,
        resampling=resampling,
        worst_case=options.missing == WORST_CASE,
    )
    with Progress(verbose=options.verbose) as progress:
        progress(Step("reading the reads"))
        reads = study_reads(options)
        progress(Step(f"computing the figures of {len(reads.sources)} readers"))
        statistics = analyse(reads, settings)
        analysis = Analysis(options.reads.name, options.truth, reads, settings, statistics)
        progress(Step(f"drawing and printing the report of {len(statistics)} figures"))
        files = _files(analysis, options)
        progress(Step(f"writing {len(files)} files"))
        write_files(options.out, files)
    console = Console(highlight=False, soft_wrap=True)
    for line in summary(analysis):
        console.print(Text(line))
    console.print(Text(f"written: {options.out / 'report.html'}"))
    return ExitCode.OK


def _files(analysis: Analysis, options: Namespace) -> dict[str, bytes]:
    """Return everything that the command writes, by file name."""
    rows = analysis.statistics
    settings: dict[str, object] = {
        "source": analysis.source,
        "columns": dict(options.column),
        "truth": analysis.reference or "truth",
        "missing": options.missing or "left out",
        "prevalence": options.prevalence,
        "margin": options.margin,
        "bootstrap": options.bootstrap,
        "seed": options.seed if options.bootstrap else None,
        "confidence": 0.95,
    }
    return {
        "statistics.csv": statistics_csv(rows).encode(),
        "analysis.json": analysis_json(rows, settings, __version__).encode(),
        **_pages(analysis),
    }


def _pages(analysis: Analysis) -> Mapping[str, bytes]:
    """Return the report and its figures, by file name."""
    # Imported here: drawing and printing load longer than everything else, and refusals come first.
    from myeloscope.report.statistics_page import analysis_files

    return analysis_files(analysis, __version__)


def summary(analysis: Analysis) -> Iterator[str]:
    """Yield the lines for the screen: the table's size, then each reader's main figures."""
    cases = analysis.reads.cases
    with_it, without = int((cases.truth == 1).sum()), int((cases.truth == 0).sum())
    missing = int((cases.asked & (cases.grade < 0)).sum())
    yield (
        f"{len(analysis.reads.names)} cases ({with_it} with the condition, {without} without), "
        f"{int((cases.grade >= 0).sum())} reads, {missing} missing"
    )
    for source in analysis.reads.sources:
        shown = [
            _figure(row)
            for row in analysis.statistics
            if (row.modality, row.reader) == (source.modality, source.reader)
            and not row.term
            and not row.level
            and _is_main(row)
        ]
        yield f"{source.modality} {source.reader}: " + "; ".join(shown)


def _is_main(row: Statistic) -> bool:
    if row.statistic == "auc":
        return row.method == "delong"
    return row.statistic in _SHOWN and row.threshold == 1 and row.method == "wilson"


def _figure(row: Statistic) -> str:
    if row.value is None:
        return f"{row.statistic} {row.note}"
    text = f"{row.statistic} {row.value:.3f}"
    if row.ci_low is None or row.ci_high is None:
        return text
    return f"{text} ({row.ci_low:.3f}-{row.ci_high:.3f})"
