"""What the tables of an analysis are made of: a table, and figures as the text of its cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from myeloscope.accuracy.record import Statistic

NONE: Final = "\N{EN DASH}"
UNDEFINED: Final = "undefined"
_TINY, _HUGE = 0.001, 100.0


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a report.

    Attributes
    ----------
    title
        Heading over the table.
    head
        Names of the columns.
    rows
        Cells as text, as many as columns.
    note
        What stands under it; may be empty.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def figure_text(figure: Statistic | None, decimals: int = 2) -> str:
    """Return ``0.87 (0.62 to 0.96)``, ``undefined``, or a dash where there is no such figure."""
    if figure is None:
        return NONE
    if figure.value is None:
        return UNDEFINED
    text = number(figure.value, decimals)
    if figure.ci_low is None or figure.ci_high is None:
        return text
    return f"{text} ({number(figure.ci_low, decimals)} to {number(figure.ci_high, decimals)})"


def value_text(value: float | None, decimals: int = 2) -> str:
    """Return a number of a figure, or a dash."""
    return NONE if value is None else number(value, decimals)


def number(value: float, decimals: int = 2) -> str:
    """Return a number with a true minus sign; from 100 on without decimals."""
    text = f"{value:.{decimals}f}" if abs(value) < _HUGE else f"{value:.0f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    return text.replace("-", "\N{MINUS SIGN}")


def p_text(p: float | None) -> str:
    """Return a p value: three decimals, ``<0.001`` below, a dash where there is none."""
    if p is None:
        return NONE
    return "<0.001" if p < _TINY else f"{p:.3f}"
