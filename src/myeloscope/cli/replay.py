"""``myeloscope replay``: the paper's printed figures beside the recomputed ones."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from myeloscope import __version__
from myeloscope.accuracy.replay import PaperData, replay
from myeloscope.cli.parsing import command
from myeloscope.errors import ExitCode
from myeloscope.exchange.paper_table import COLUMNS, read_paper_table
from myeloscope.pipeline.folder import output_error
from myeloscope.report.replay_text import replay_csv, replay_lines

_STYLES: Mapping[str, str] = {
    "title": "bold",
    "head": "underline",
    "reason": "dim",
    "last digit": "yellow",
    "inconsistent": "bold red",
    "suspect": "magenta",
}
_WIDEST = 120


def parser() -> ArgumentParser:
    """Return the parser of ``myeloscope replay``."""
    made = command(
        "replay",
        "Recompute every printed figure of the source paper from its Table 1 and show it beside\n"
        "the printed one with a verdict and a reason; then what the paper did not print:\n"
        "intervals, paired tests, agreement by level and region.",
        examples=("myeloscope replay", "myeloscope replay --table mine.csv --out replayed"),
    )
    made.add_argument(
        "--table",
        type=Path,
        metavar="FILE",
        help=f"another table of patients, CSV with the columns {','.join(COLUMNS)}; levels are "
        "C, T, L joined by /, a dash or nothing is no leak (default: Table 1 of the paper)",
    )
    made.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="also write replay.csv, replay.html, replay.pdf and the figures there",
    )
    return made


def main(argv: Sequence[str]) -> int:
    """Run ``myeloscope replay`` and return the exit code."""
    options = parser().parse_args(list(argv))
    data = PaperData(read_paper_table(options.table)) if options.table else PaperData()
    source = options.table.name if options.table else "Table 1 of the paper"
    rows = replay(data)
    if options.out:
        _write(options.out, {"replay.csv": replay_csv(rows).encode()})
        _write(options.out, _pages(data, source))
    console = Console(highlight=False, soft_wrap=True)
    for line, kind in replay_lines(rows, min(console.width, _WIDEST)):
        console.print(Text(line, style=_STYLES.get(kind, "")))
    if options.out:
        console.print(Text(f"written: {options.out / 'replay.html'}"))
    return ExitCode.OK


def _pages(data: PaperData, source: str) -> dict[str, bytes]:
    """Return the page, its PDF and the figures, by file name."""
    # Imported here: drawing and printing take longer to load than the whole screen output.
    from myeloscope.report.pdf import to_pdf
    from myeloscope.report.replay_figures import replay_plots
    from myeloscope.report.replay_page import replay_html

    plots = replay_plots(data)
    html = replay_html(replay(data), plots, source, __version__)
    files = {"replay.html": html.encode(), "replay.pdf": to_pdf(html)}
    for plot in plots:
        files |= {f"{plot.name}.svg": plot.svg, f"{plot.name}.png": plot.png}
    return files


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder, made if need be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise output_error(folder, error) from error
