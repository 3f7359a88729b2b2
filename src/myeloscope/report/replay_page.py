"""A replay as a page, on screen and for print."""

from __future__ import annotations

from itertools import groupby
from typing import Final

from myeloscope.accuracy.replay import CAVEATS, ReplayRow, ReplayVerdict
from myeloscope.report.page import data_uri, render
from myeloscope.report.replay_text import summary
from myeloscope.report.statistics_style import Plot

MEANINGS: Final = {
    ReplayVerdict.EXACT: "the recomputed figure rounds to the printed one",
    ReplayVerdict.LAST_DIGIT: "one off in the last printed digit",
    ReplayVerdict.INCONSISTENT: "contradicts the paper's own data",
    ReplayVerdict.SUSPECT: "the data speak against it without settling it",
    ReplayVerdict.PLAUSIBLE: "nothing speaks against it, nothing proves it",
    ReplayVerdict.NOT_DERIVABLE: "what is printed cannot give it",
    ReplayVerdict.NOT_PRINTED: "added here",
}
SLIPS: Final = (ReplayVerdict.LAST_DIGIT, ReplayVerdict.INCONSISTENT, ReplayVerdict.SUSPECT)


def replay_html(
    rows: tuple[ReplayRow, ...], plots: tuple[Plot, ...], source: str, version: str
) -> str:
    """Return a replay as one self-contained page.

    Parameters
    ----------
    rows
        From :func:`myeloscope.accuracy.replay.replay`.
    plots
        From :func:`myeloscope.report.replay_figures.replay_plots`.
    source
        What the table is, such as ``Table 1 of the paper`` or a file's name.
    version
        Of the software.
    """
    sections = [(name, list(group)) for name, group in groupby(rows, key=lambda r: r.section)]
    return render(
        "replay.html",
        sections=sections,
        slips=[row for row in rows if row.verdict in SLIPS],
        caveats=CAVEATS,
        meanings=MEANINGS,
        summary=summary(rows),
        figures=[(data_uri(plot.svg, "image/svg+xml"), plot.alt, plot.caption) for plot in plots],
        source=source,
        version=version,
    )
