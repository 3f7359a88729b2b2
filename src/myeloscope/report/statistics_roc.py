"""ROC figure: one panel a reader, one line a modality, one marker an operating point."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from myeloscope.report.statistics_names import cut, labels
from myeloscope.report.statistics_style import (
    FAINT,
    INK,
    RULE,
    SERIES_COLOURS,
    SERIES_LINES,
    SERIES_MARKERS,
    WIDTH_MM,
    Plot,
    finish,
    new_figure,
    styled,
)

_NAME, _LEGEND = 24, 30


@dataclass(frozen=True, slots=True)
class RocCurve:
    """One reader's empirical ROC curve in one modality.

    Attributes
    ----------
    modality, reader
        Whose curve it is; the modality is empty where there is only one.
    points
        (1 - specificity, sensitivity) from (0, 0) to (1, 1), ascending.
    operating
        (threshold, 1 - specificity, sensitivity): positive from that grade on.
    text
        What stands in the panel, such as ``AUC 0.87 (0.74 to 0.99)``.
    """

    modality: str
    reader: str
    points: tuple[tuple[float, float], ...]
    operating: tuple[tuple[int, float, float], ...]
    text: str


def roc_figure(curves: tuple[RocCurve, ...], name: str = "roc") -> Plot:
    """Draw the ROC curves, three panels in a row."""
    readers = tuple(dict.fromkeys(c.reader for c in curves))
    modalities = tuple(dict.fromkeys(c.modality for c in curves))
    across = min(3, len(readers))
    rows = -(-len(readers) // across)
    size, left, top, foot = 43.0, 14.5, 7.0, 5.0
    pitch_x, pitch_y = size + 14.5, size + 18.0
    names = labels(readers, _NAME)
    long = sum(len(modality) for modality in modalities) > _LEGEND
    foot += 4.5 if long else 0.0
    height = rows * pitch_y + foot
    with styled():
        figure = new_figure(height)
        for k, reader in enumerate(readers):
            x, y = left + pitch_x * (k % across), top + pitch_y * (k // across)
            axes = figure.add_axes(
                (x / WIDTH_MM, 1 - (y + size) / height, size / WIDTH_MM, size / height)
            )
            _panel(axes, names.texts[k])
            for m, modality in enumerate(modalities):
                own = [c for c in curves if (c.reader, c.modality) == (reader, modality)]
                for curve in own:
                    _curve(axes, curve, m, len(modalities))
        figure.legend(
            handles=_legend(modalities, curves), loc="lower left",
            ncols=3 if long else 6,
            bbox_to_anchor=(left / WIDTH_MM, 0.5 / height), borderaxespad=0, handlelength=2.6,
        )  # fmt: skip
        caption = (
            "Empirical ROC curves. Markers: operating points, a case counting as positive from "
            "the grade in the legend on. Dotted diagonal: chance. AUC with DeLong 95% interval."
        )
        caption += names.key
        return finish(figure, name, caption, f"ROC curves of {len(readers)} readers.")


def _panel(axes: Axes, reader: str) -> None:
    """Draw an empty panel."""
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="1 \N{MINUS SIGN} specificity", ylabel="Sensitivity")
    ticks = (0, 0.25, 0.5, 0.75, 1)
    axes.set_xticks(ticks, ("0", "", "0.5", "", "1"))
    axes.set_yticks(ticks, ("0", "", "0.5", "", "1"))
    axes.grid(color=RULE, linewidth=0.4)
    axes.set_axisbelow(True)
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=0.7, linestyle=":")
    axes.set_title(reader, loc="left", pad=4)
    axes.xaxis.labelpad, axes.yaxis.labelpad = 1, 2.5


def _curve(axes: Axes, curve: RocCurve, series: int, n_series: int) -> None:
    """Draw one curve, its operating points and its AUC."""
    colour = SERIES_COLOURS[series % len(SERIES_COLOURS)]
    line = SERIES_LINES[series % len(SERIES_LINES)]
    x, y = zip(*curve.points, strict=True)
    axes.plot(x, y, color=colour, linestyle=line, linewidth=1.3, clip_on=False, zorder=3 + series)
    for threshold, fpr, tpr in curve.operating:
        axes.plot(
            [fpr], [tpr], marker=SERIES_MARKERS[threshold - 1], color=colour, markersize=5,
            markeredgecolor=INK, markeredgewidth=0.5, clip_on=False, zorder=6 + series,
        )  # fmt: skip
    words = f"{cut(curve.modality, 6)}: {curve.text}" if curve.modality else curve.text
    axes.text(
        0.97, 0.05 + 0.085 * (n_series - 1 - series), words, ha="right", fontsize=6.5, zorder=2,
        bbox={"facecolor": "#ffffff", "edgecolor": "none", "pad": 0.6},
    )  # fmt: skip


def _legend(modalities: tuple[str, ...], curves: tuple[RocCurve, ...]) -> list[Line2D]:
    """Return the legend's entries: a line a modality, a marker a threshold."""
    lines = [
        Line2D(
            [],
            [],
            color=SERIES_COLOURS[m % 6],
            linestyle=SERIES_LINES[m % 6],
            label=cut(modality, 40),
        )
        for m, modality in enumerate(modalities)
        if modality
    ]
    thresholds = sorted({t for c in curves for t, _, _ in c.operating})
    marks = [
        Line2D(
            [], [], color="#ffffff", marker=SERIES_MARKERS[t - 1], linestyle="none",
            markeredgecolor=INK, markersize=5, label=f"grade \N{GREATER-THAN OR EQUAL TO} {t}",
        )
        for t in thresholds
    ]  # fmt: skip
    return lines + marks
