"""The look of every statistical figure: one page width, one type size, colours for grey and colour.

Colours are Okabe and Ito's (2008, https://jfly.uni-koeln.de/color/), told apart by people with
any colour vision; every series also has its own marker and line, so that a figure printed in
grey loses nothing. Grades are one blue from light to dark, monotone in lightness.
Figures are bytes in memory: the same input gives the same bytes.
"""

from __future__ import annotations

import io
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from myeloscope.report.statistics_names import FONT

WIDTH_MM: Final = 178.0
MM_PER_INCH: Final = 25.4
PNG_DPI: Final = 300

INK: Final = "#1a1a1a"
FAINT: Final = "#6b6b6b"
RULE: Final = "#c9c9c9"
SERIES_COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
SERIES_MARKERS: Final = ("o", "s", "^", "D", "v", "P")
SERIES_LINES: Final = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1, 1, 1)))
GRADE_COLOURS: Final = ("#f3f6f9", "#b9d3e8", "#5e9bcb", "#154a78")
GRADE_INK: Final = (INK, INK, INK, "#ffffff")
MISSING_HATCH: Final = "////"


@dataclass(frozen=True, slots=True)
class Plot:
    """One figure of a report, as bytes.

    Attributes
    ----------
    name
        Stem of its files, such as ``forest-accuracy``.
    svg, png
        The figure as SVG (UTF-8) and as PNG at 300 dots an inch.
    caption
        What is drawn, for the page; one or more sentences.
    alt
        What there is to see, for those who cannot; one sentence.
    width_mm
        Width at which its type has the size it was made for.
    """

    name: str
    svg: bytes
    png: bytes
    caption: str
    alt: str
    width_mm: float = WIDTH_MM


def styled() -> AbstractContextManager[None]:
    """Return a context in which figures are made and saved in the report's style."""
    return mpl.rc_context(
        {
            "font.family": FONT,
            "text.parse_math": False,
            "font.size": 8.0,
            "axes.titlesize": 8.5,
            "axes.titleweight": "bold",
            "axes.labelsize": 8.0,
            "axes.edgecolor": FAINT,
            "axes.linewidth": 0.7,
            "xtick.labelsize": 7.5,
            "ytick.labelsize": 7.5,
            "xtick.color": INK,
            "ytick.color": INK,
            "text.color": INK,
            "axes.labelcolor": INK,
            "legend.fontsize": 7.5,
            "legend.frameon": False,
            "hatch.linewidth": 0.5,
            "svg.hashsalt": "myeloscope",
            "svg.fonttype": "path",
            "path.simplify": False,
        }
    )


def new_figure(height_mm: float, width_mm: float = WIDTH_MM) -> Figure:
    """Return an empty figure of a size in mm, with its own canvas and no global state."""
    figure = Figure(figsize=(width_mm / MM_PER_INCH, height_mm / MM_PER_INCH))
    FigureCanvasAgg(figure)
    return figure


def finish(figure: Figure, name: str, caption: str, alt: str) -> Plot:
    """Return a drawn figure as a :class:`Plot`, without date or software in its metadata."""
    svg, dots, png = io.BytesIO(), io.BytesIO(), io.BytesIO()
    figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None, "Title": name})
    figure.savefig(dots, format="rgba", dpi=PNG_DPI)
    wide, high = (int(inches * PNG_DPI) for inches in figure.get_size_inches())
    # Without the channel of transparency, which would be packed a second time in the PDF.
    opaque = Image.frombytes("RGBA", (wide, high), dots.getvalue()).convert("RGB")
    opaque.save(png, format="png", dpi=(PNG_DPI, PNG_DPI), compress_level=4)
    width_mm = round(float(figure.get_figwidth()) * MM_PER_INCH, 1)
    return Plot(name, svg.getvalue(), png.getvalue(), caption, alt, width_mm)
