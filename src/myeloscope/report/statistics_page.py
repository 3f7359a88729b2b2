"""The report of an analysis: tables, figures and methods as a page, a PDF and picture files."""

from __future__ import annotations

from myeloscope.accuracy.study import Analysis
from myeloscope.report.page import data_uri, render
from myeloscope.report.pdf import to_pdf
from myeloscope.report.statistics_cells import figure_text
from myeloscope.report.statistics_lookup import Lookup, Wanted, lookup
from myeloscope.report.statistics_methods import handling, methods_used
from myeloscope.report.statistics_plots import analysis_plots
from myeloscope.report.statistics_style import Plot
from myeloscope.report.statistics_tables import WILSON, reader_tables, undefined_table
from myeloscope.report.statistics_tables_pairs import pair_tables

_MANY_READERS = 24


def analysis_files(analysis: Analysis, version: str) -> dict[str, bytes]:
    """Return the report of an analysis by file name.

    Parameters
    ----------
    analysis
        A table of reads with all its figures.
    version
        Of the software, for the page.

    Returns
    -------
    dict
        ``report.html`` (self-contained), ``report.pdf`` and each figure as SVG and PNG. The same
        analysis gives the same bytes.
    """
    found = lookup(analysis)
    plots = analysis_plots(found)
    pictures = [data_uri(plot.svg, "image/svg+xml") for plot in plots]
    # For print 300 dots an inch do as well, and are laid out ten times faster than paths.
    printed = [data_uri(plot.png) for plot in plots]
    files = {
        "report.html": analysis_html(found, plots, pictures, version).encode(),
        "report.pdf": to_pdf(analysis_html(found, plots, printed, version)),
    }
    for plot in plots:
        files |= {f"{plot.name}.svg": plot.svg, f"{plot.name}.png": plot.png}
    return files


def analysis_html(found: Lookup, plots: tuple[Plot, ...], pictures: list[str], version: str) -> str:
    """Return the report as one page.

    Parameters
    ----------
    found
        The analysis.
    plots, pictures
        Its figures, and the address of each, such as :func:`myeloscope.report.page.data_uri`
        returns it.
    version
        Of the software.
    """
    analysis = found.analysis
    truth = analysis.reads.cases.truth
    return render(
        "statistics.html",
        source=analysis.source,
        version=version,
        cases=len(analysis.reads.names),
        with_it=int((truth == 1).sum()),
        without=int((truth == 0).sum()),
        readers=len(analysis.reads.sources),
        modalities=tuple(analysis.reads.modalities),
        headlines=_headlines(found),
        tables=(*reader_tables(found), *pair_tables(found), undefined_table(found)),
        figures=tuple(zip(pictures, plots, strict=True)),
        methods=methods_used(analysis),
        handling=tuple(handling(analysis)),
    )


def _headlines(found: Lookup) -> tuple[tuple[str, str, str, str], ...]:
    """Return name, sensitivity, specificity and AUC of each reader, of the first 24."""
    rows = []
    for index in range(min(len(found.reads.sources), _MANY_READERS)):
        whose = found.source(index)
        wanted = (
            Wanted("sensitivity", 1, WILSON),
            Wanted("specificity", 1, WILSON),
            Wanted("auc", None, "delong"),
        )
        one, two, three = (figure_text(found.find(w, whose)) for w in wanted)
        rows.append((found.name(index), one, two, three))
    return tuple(rows)
