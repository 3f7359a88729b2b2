"""Forest plots: estimates with intervals, one row each, the numbers written beside them."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes

from myeloscope.report.statistics_cells import number
from myeloscope.report.statistics_style import (
    FAINT,
    INK,
    RULE,
    SERIES_COLOURS,
    SERIES_MARKERS,
    WIDTH_MM,
    Plot,
    finish,
    new_figure,
    styled,
)

_ROW_MM, _TOP_MM, _BOTTOM_MM = 5.2, 9.0, 12.0
_LABEL_MM, _TEXT_MM, _EDGE_MM = 56.0, 40.0, 2.0


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One estimate of a forest plot.

    Attributes
    ----------
    label
        What stands at the left; a row without value and text is a heading.
    value, low, high
        Estimate and limits in the axis' unit; ``None`` where there is none.
    text
        What stands at the right, such as ``0.87 (0.62 to 0.96)``.
    series
        Which marker and colour, from 0.
    """

    label: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    text: str = ""
    series: int = 0

    @property
    def heading(self) -> bool:
        """Return whether the row is a heading."""
        return self.value is None and not self.text


@dataclass(frozen=True, slots=True)
class ForestAxis:
    """The horizontal axis: its words, its range, and the values that a line marks."""

    title: str
    low: float
    high: float
    marks: tuple[float, ...] = ()
    text_title: str = "Estimate (95% CI)"


def interval_text(value: float | None, low: float | None, high: float | None) -> str:
    """Return ``0.87 (0.62 to 0.96)``, with proper minus signs and what is missing left out."""
    if value is None:
        return ""
    text = number(value)
    if low is not None and high is not None:
        text += f" ({number(low)} to {number(high)})"
    return text


def forest(
    rows: tuple[ForestRow, ...], axis: ForestAxis, name: str, caption: str, alt: str
) -> Plot:
    """Draw a forest plot.

    Parameters
    ----------
    rows
        From the top downward.
    axis
        Range and words of the horizontal axis. An interval that leaves the range ends in an arrow.
    name, caption, alt
        Of the resulting :class:`Plot`.
    """
    height = _TOP_MM + _BOTTOM_MM + _ROW_MM * len(rows)
    with styled():
        figure = new_figure(height)
        left, right = _LABEL_MM / WIDTH_MM, 1 - (_TEXT_MM + _EDGE_MM) / WIDTH_MM
        axes = figure.add_axes(
            (left, _BOTTOM_MM / height, right - left, _ROW_MM * len(rows) / height)
        )
        _frame(axes, axis, len(rows))
        for i, row in enumerate(rows):
            _draw_row(axes, axis, row, i)
        axes.text(1.05, -0.9, axis.text_title, transform=axes.get_yaxis_transform(), weight="bold")
        return finish(figure, name, caption, alt)


def _frame(axes: Axes, axis: ForestAxis, n: int) -> None:
    """Set limits, ticks and reference lines."""
    axes.set_xlim(axis.low, axis.high)
    axes.set_ylim(n - 0.5, -0.5)
    axes.set_yticks([])
    axes.set_xlabel(axis.title)
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(axis="x", color=RULE, linewidth=0.4)
    axes.set_axisbelow(True)
    for mark in axis.marks:
        axes.axvline(mark, color=FAINT, linewidth=0.8, linestyle=(0, (4, 2)), zorder=1)


def _draw_row(axes: Axes, axis: ForestAxis, row: ForestRow, i: int) -> None:
    """Draw one row: label, whisker, marker, numbers."""
    across = axes.get_yaxis_transform()
    indent = 0.0 if row.heading else 2.5
    x = -(_LABEL_MM - 1 - indent) / (WIDTH_MM - _LABEL_MM - _TEXT_MM - _EDGE_MM)
    weight = "bold" if row.heading else "normal"
    axes.text(x, i, row.label, transform=across, va="center_baseline", weight=weight)
    if row.heading:
        return
    axes.text(1.05, i, row.text, transform=across, va="center_baseline", fontsize=7.5)
    if row.value is None:
        return
    colour = SERIES_COLOURS[row.series % len(SERIES_COLOURS)]
    if row.low is not None and row.high is not None:
        _whisker(axes, axis, row.low, row.high, i)
    if axis.low <= row.value <= axis.high:
        marker = SERIES_MARKERS[row.series % len(SERIES_MARKERS)]
        axes.plot(
            [row.value], [i], marker=marker, color=colour, markersize=5.2, clip_on=False,
            markeredgecolor=INK, markeredgewidth=0.5, zorder=4,
        )  # fmt: skip


def _whisker(axes: Axes, axis: ForestAxis, low: float, high: float, i: int) -> None:
    """Draw an interval; an end outside the axis becomes an arrow at its edge."""
    a, b = max(low, axis.low), min(high, axis.high)
    axes.plot([a, b], [i, i], color=INK, linewidth=1.1, solid_capstyle="butt", zorder=3)
    for end, inside, arrow in ((a, low >= axis.low, "<"), (b, high <= axis.high, ">")):
        axes.plot(
            [end], [i], marker="|" if inside else arrow, color=INK, clip_on=False,
            markersize=5 if inside else 4, zorder=3,
        )  # fmt: skip
