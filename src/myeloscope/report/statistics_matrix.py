"""The agreement of many readers at a glance: one square of kappas for each modality."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from myeloscope.report.statistics_lookup import PRESENCE_KAPPA, QUADRATIC_KAPPA, Lookup
from myeloscope.report.statistics_style import (
    GRADE_COLOURS,
    INK,
    WIDTH_MM,
    Plot,
    finish,
    new_figure,
    styled,
)

_LEFT_MM, _TOP_MM, _BOTTOM_MM, _WIDEST_MM, _FINEST_MM = 34.0, 22.0, 12.0, 6.0, 4.0
_NAME = 20
_STEPS: Final = (0.2, 0.4, 0.6, 0.8)
_WORDS: Final = ("< 0.2", "0.2\N{EN DASH}0.4", "0.4\N{EN DASH}0.6", "0.6\N{EN DASH}0.8",
                 "\N{GREATER-THAN OR EQUAL TO} 0.8")  # fmt: skip
_SHADES = LinearSegmentedColormap.from_list("kappa", GRADE_COLOURS, N=len(_WORDS))


def matrix_plots(found: Lookup) -> tuple[Plot, ...]:
    """Return the kappas of all pairs of each modality, where the report leaves pairs out."""
    if not found.pairs_left_out:
        return ()
    sources = [places for places in found.reads.modalities.values() if len(places) > 1]
    return tuple(
        _matrix(found, places, "kappa-matrix" if len(sources) == 1 else f"kappa-matrix-{k + 1}")
        for k, places in enumerate(sources)
    )


def kappa_matrix(found: Lookup, places: tuple[int, ...]) -> NDArray[np.float64]:
    """Return kappas of readers, NaN where undefined and on the diagonal, shape (n, n).

    Below the diagonal on grades with quadratic weights, above it on presence.
    """
    values = np.full((len(places), len(places)), np.nan)
    for i, one in enumerate(places):
        for j in range(i + 1, len(places)):
            whose = found.pair(one, places[j])
            for wanted, cell in ((QUADRATIC_KAPPA, (j, i)), (PRESENCE_KAPPA, (i, j))):
                row = found.find(wanted, whose)
                if row is not None and row.value is not None:
                    values[cell] = row.value
    return values


def _matrix(found: Lookup, places: tuple[int, ...], name: str) -> Plot:
    values, n = kappa_matrix(found, places), len(places)
    names = found.labels(_NAME)
    cell = min(_WIDEST_MM, (WIDTH_MM - _LEFT_MM - 2) / n)
    height = _TOP_MM + cell * n + _BOTTOM_MM
    with styled():
        figure = new_figure(height)
        axes = figure.add_axes(
            (_LEFT_MM / WIDTH_MM, _BOTTOM_MM / height, cell * n / WIDTH_MM, cell * n / height)
        )
        shade = np.ma.masked_invalid(np.digitize(values, _STEPS).astype(float))
        shade[np.isnan(values)] = np.ma.masked
        axes.pcolormesh(shade, cmap=_SHADES, vmin=-0.5, vmax=len(_WORDS) - 0.5,
                        edgecolors="#ffffff", linewidth=0.4)  # fmt: skip
        axes.set(xlim=(0, n), ylim=(n, 0), xticks=np.arange(n) + 0.5, yticks=np.arange(n) + 0.5)
        texts = [names.texts[place] for place in places]
        axes.set_yticklabels(texts, fontsize=6.5)
        axes.xaxis.tick_top()
        axes.set_xticklabels(texts, fontsize=6.5, rotation=90)
        axes.tick_params(length=0, pad=2)
        if cell >= _FINEST_MM:
            _numbers(axes, values)
        _legend(figure, height)
        caption = (
            "Kappa of each pair of readers: below the diagonal on the grades 0-3 with quadratic "
            "weights, above it on the presence of a sign (grade \N{GREATER-THAN OR EQUAL TO} 1). "
            "White: undefined." + names.key
        )
        modality = found.reads.sources[places[0]].modality
        return finish(figure, name, caption, f"Kappas of {n} readers of {modality}, pair by pair.")


def _numbers(axes: Axes, values: NDArray[np.float64]) -> None:
    """Write each kappa into its cell, without the zero before the point."""
    for (i, j), value in np.ndenumerate(values):
        if np.isfinite(value):
            dark = value >= _STEPS[-2]
            axes.text(
                j + 0.5, i + 0.5, _short(float(value)), ha="center", va="center_baseline",
                fontsize=5.5, color="#ffffff" if dark else INK,
            )  # fmt: skip


def _short(value: float) -> str:
    text = f"{abs(value):.2f}"
    sign = "\N{MINUS SIGN}" if value < 0 and text != "0.00" else ""
    return sign + text.removeprefix("0") if text != "1.00" else sign + "1"


def _legend(figure: Figure, height: float) -> None:
    """Draw what the shades stand for along the bottom."""
    for x, word, colour in _keys():
        size = (4 / WIDTH_MM, 4 / height)
        figure.add_artist(
            Rectangle((x / WIDTH_MM, 3 / height), *size, facecolor=colour, edgecolor=INK, lw=0.4)
        )
        figure.text((x + 5.5) / WIDTH_MM, 5 / height, word, va="center_baseline", fontsize=7.5)


def _keys() -> Iterator[tuple[float, str, tuple[float, float, float, float]]]:
    for k, word in enumerate(_WORDS):
        yield _LEFT_MM + 24 * k, word, _SHADES(k)
