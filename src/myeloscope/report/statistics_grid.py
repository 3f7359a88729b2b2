"""Reads as one dense array, and the two pictures of them: agreement maps and the grid of calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray

from myeloscope.report.statistics_names import Labels, cut_middle, labels, reader_name
from myeloscope.report.statistics_style import (
    FAINT,
    GRADE_COLOURS,
    GRADE_INK,
    INK,
    MISSING_HATCH,
    WIDTH_MM,
    Plot,
    finish,
    new_figure,
    styled,
)

MISSING: Final = -1
GRADE_SCALE: Final = ("0", "1", "2", "3")
CALL_SCALE: Final = ("\N{EN DASH}", "+")
_MAX_CASES, _MAX_COLUMNS, _MAX_MAPS = 45, 30, 12
_LEFT_MM, _NAME, _MAP_NAME = 32.0, 26, 20


@dataclass(frozen=True, slots=True, eq=False)
class ReadGrid:
    """Every read of a study.

    Attributes
    ----------
    cases
        Case names, in the order of the rows.
    readers
        Whose reads the columns are: ``(modality, reader)``.
    levels
        ``("C", "T", "L")``, or ``("",)`` where whole cases were graded.
    grades
        Grade of (case, reader, level), integers; -1 is a missing read.
    truth
        1 or 0 for each case, -1 where unknown.
    scale
        What is written for grade 0, 1, ...; two words for plain calls.
    """

    cases: tuple[str, ...]
    readers: tuple[tuple[str, str], ...]
    levels: tuple[str, ...]
    grades: NDArray[np.int8]
    truth: NDArray[np.int8]
    scale: tuple[str, ...] = GRADE_SCALE

    def case_grades(self) -> NDArray[np.int8]:
        """Return the grade of (case, reader): the highest if >= 1 or all levels were read."""
        top = self.grades.max(axis=2)
        whole = (self.grades != MISSING).all(axis=2)
        return np.where((top >= 1) | whole, top, MISSING).astype(np.int8)

    def labels(self, length: int) -> Labels:
        """Return what figures write for the readers."""
        return labels([reader_name(*reader) for reader in self.readers], length)

    def colour(self, grade: int) -> tuple[str, str]:
        """Return the fill and the ink of a grade; calls use the scale's ends but one."""
        index = grade if len(self.scale) > len(CALL_SCALE) else 2 * grade
        return GRADE_COLOURS[index], GRADE_INK[index]


def pair_counts(
    first: NDArray[np.int8], second: NDArray[np.int8], n_grades: int
) -> NDArray[np.int64]:
    """Return how often each pair of grades was given, shape (n_grades, n_grades).

    Rows are the first reader's grade, columns the second's; a pair with a missing read is left
    out.
    """
    both = (first != MISSING) & (second != MISSING)
    cell = first[both].astype(np.int64) * n_grades + second[both]
    return np.bincount(cell, minlength=n_grades**2).reshape(n_grades, n_grades)


def reader_pairs(grid: ReadGrid) -> tuple[tuple[int, int], ...]:
    """Return pairs of columns: two readers of one modality, then one reader in two modalities."""
    n = len(grid.readers)
    every = [(i, j) for i in range(n) for j in range(i + 1, n)]
    within = [(i, j) for i, j in every if grid.readers[i][0] == grid.readers[j][0]]
    across = [
        (i, j)
        for i, j in every
        if grid.readers[i][0] != grid.readers[j][0]
        and (grid.readers[i][1] == grid.readers[j][1] or _single(grid, i) or _single(grid, j))
    ]
    return tuple(within + across)


def _single(grid: ReadGrid, column: int) -> bool:
    """Return whether a column's modality has one reader only, such as a consensus."""
    return sum(m == grid.readers[column][0] for m, _ in grid.readers) == 1


def agreement_maps(
    grid: ReadGrid,
    pairs: tuple[tuple[int, int], ...] | None = None,
    name: str = "agreement-map",
) -> tuple[Plot, ...]:
    """Draw, for each pair of readers, how often each pair of grades was given.

    ``pairs`` are columns of the grid, those of ``reader_pairs`` where it is ``None``. At most 12
    pairs stand in one figure; more pairs make more figures.
    """
    pairs = reader_pairs(grid) if pairs is None else pairs
    chunks = [pairs[i : i + _MAX_MAPS] for i in range(0, len(pairs), _MAX_MAPS)]
    return tuple(_maps(grid, chunk, _numbered(name, i, chunks)) for i, chunk in enumerate(chunks))


def _numbered(name: str, i: int, chunks: list[tuple[tuple[int, int], ...]]) -> str:
    """Return a figure's name, numbered where there are several."""
    return name if len(chunks) == 1 else f"{name}-{i + 1}"


def _maps(grid: ReadGrid, pairs: tuple[tuple[int, int], ...], name: str) -> Plot:
    """Draw one figure of agreement maps, four in a row."""
    across = min(4, len(pairs))
    rows = -(-len(pairs) // across)
    size, left, top, gap = 31.0, 13.0, 9.0, 13.0
    pitch_x, pitch_y = size + gap, size + 19.0
    height = rows * pitch_y + 2
    grades = grid.case_grades()
    names = grid.labels(_MAP_NAME)
    with styled():
        figure = new_figure(height)
        for k, (i, j) in enumerate(pairs):
            x, y = left + pitch_x * (k % across), top + pitch_y * (k // across)
            axes = figure.add_axes(
                (x / WIDTH_MM, 1 - (y + size) / height, size / WIDTH_MM, size / height)
            )
            counts = pair_counts(grades[:, i], grades[:, j], len(grid.scale))
            _map(axes, grid, counts, (names.texts[i], names.texts[j]))
        caption = (
            "Agreement by grade: each cell counts the cases that the reader at the left graded as "
            "its row and the reader below as its column; agreement lies on the outlined diagonal. "
            "Shade: share of the row."
        )
        if len(grid.levels) > 1:
            caption += " A case's grade is the highest over its levels."
        caption += names.key
        return finish(figure, name, caption, f"Agreement maps of {len(pairs)} pairs of readers.")


def _map(axes: Axes, grid: ReadGrid, counts: NDArray[np.int64], names: tuple[str, str]) -> None:
    """Draw one square map."""
    n = len(grid.scale)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    for r in range(n):
        for c in range(n):
            shade = min(int(share[r, c] * 3.999), 3) if counts[r, c] else 0
            fill = GRADE_COLOURS[shade] if counts[r, c] else "#ffffff"
            axes.add_patch(Rectangle((c, r), 1, 1, facecolor=fill, edgecolor="#ffffff", lw=0.8))
            axes.text(
                c + 0.5, r + 0.5, f"{counts[r, c]}", ha="center", va="center_baseline",
                color=GRADE_INK[shade] if counts[r, c] else FAINT,
                fontsize=8 if counts.max() < 10_000 else 5.5,
            )  # fmt: skip
    for d in range(n):
        axes.add_patch(Rectangle((d, d), 1, 1, fill=False, edgecolor=INK, lw=1.0, zorder=3))
    axes.set(xlim=(0, n), ylim=(n, 0), xticks=np.arange(n) + 0.5, yticks=np.arange(n) + 0.5)
    axes.set_xticklabels(grid.scale)
    axes.set_yticklabels(grid.scale)
    axes.tick_params(length=0, pad=2)
    axes.set_title(f"n = {counts.sum()}", weight="normal", pad=3, fontsize=7.5)
    axes.set_ylabel(names[0], labelpad=2)
    axes.set_xlabel(names[1], labelpad=2)


def call_grids(grid: ReadGrid, name: str = "calls", most: int = 4) -> tuple[Plot, ...]:
    """Draw region x reader grids of calls, one row a case, 45 cases and 30 columns a figure.

    Parameters
    ----------
    grid
        The reads.
    name
        Stem of the figures' names.
    most
        Most figures to draw; what is left out is said in the last caption.
    """
    blocks = list(_blocks(grid))
    shown = blocks[:most]
    plots = []
    for k, (rows, columns) in enumerate(shown):
        left_out = len(blocks) - len(shown) if k == len(shown) - 1 else 0
        stem = name if len(shown) == 1 else f"{name}-{k + 1}"
        plots.append(_calls(grid, rows, columns, (stem, left_out)))
    return tuple(plots)


def _blocks(grid: ReadGrid) -> Iterator[tuple[range, range]]:
    """Yield the (cases, readers) of each figure, in even parts."""
    n_cases, n_readers = len(grid.cases), len(grid.readers)
    parts = -(-n_cases // _MAX_CASES)
    per = -(-n_cases // max(parts, 1))
    wide = max(1, _MAX_COLUMNS // len(grid.levels))
    for start in range(0, n_cases, max(per, 1)):
        for first in range(0, n_readers, wide):
            yield (
                range(start, min(start + per, n_cases)),
                range(first, min(first + wide, n_readers)),
            )


@dataclass(frozen=True, slots=True)
class _Layout:
    """Measures of a grid of calls, mm: cell sizes, left and top edges, whether names lie flat."""

    cell_w: float
    left: float
    top: float
    flat: bool
    cell_h: float = 4.3

    def x(self, column: int, levels: int) -> float:
        """Return the left edge of a reader's columns, readers being 0.4 of a cell apart."""
        return self.left + column * self.cell_w * (levels + 0.4)


def _layout(grid: ReadGrid, columns: range) -> _Layout:
    """Return measures under which no reader's name touches another's."""
    levels = len(grid.levels)
    longest = max(len(grid.labels(_NAME).texts[column]) for column in columns)
    name_mm = 1.55 * longest
    narrowest = max(5.0, name_mm / levels)
    room = WIDTH_MM - _LEFT_MM - 2
    flat = narrowest * (levels + 0.4) * len(columns) <= room
    cell_w = narrowest if flat else min(7.0, (room - 12) / ((levels + 0.4) * len(columns)))
    head = 5.0 if flat else 0.8 * name_mm + 4
    return _Layout(cell_w, _LEFT_MM, head + (4.0 if levels > 1 else 0.0) + 1, flat)


def _calls(grid: ReadGrid, rows: range, columns: range, label: tuple[str, int]) -> Plot:
    """Draw one grid of calls."""
    levels, lay = len(grid.levels), _layout(grid, columns)
    height = lay.top + lay.cell_h * len(rows) + 2
    width = max(lay.x(len(columns), levels) + (2 if lay.flat else 14), 80.0)
    with styled():
        figure = new_figure(height, width)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, width), ylim=(height, 0))
        axes.set_axis_off()
        _case_labels(axes, grid, rows, lay)
        for k, column in enumerate(columns):
            _reader_head(axes, grid, column, (lay, lay.x(k, levels)))
        _cells(axes, grid, (rows, columns), lay)
        name, left_out = label
        return finish(figure, name, _calls_caption(grid, left_out), _calls_alt(rows, columns))


def _calls_caption(grid: ReadGrid, left_out: int) -> str:
    """Return the words under a grid of calls."""
    words = "Grades given" if len(grid.scale) > len(CALL_SCALE) else "Calls made (+ positive)"
    text = f"{words} in each case"
    text += ", by region (C, T, L) and reader" if len(grid.levels) > 1 else ", by reader"
    text += "."
    if (grid.truth != MISSING).any():
        text += " Filled dot: condition present by the reference standard, open dot: absent."
    if (grid.grades == MISSING).any():
        text += " Hatched: not read."
    text += grid.labels(_NAME).key
    return text + (f" {left_out} further figures are not drawn." if left_out else "")


def _calls_alt(rows: range, columns: range) -> str:
    """Return the alternative text of a grid of calls."""
    return f"Grid of calls: {len(rows)} cases by {len(columns)} readers."


def _case_labels(axes: Axes, grid: ReadGrid, rows: range, lay: _Layout) -> None:
    """Write the names of cases and mark their truth."""
    x = lay.left - 6
    axes.text(x, lay.top - 1.5, "case", ha="right", va="bottom", weight="bold", fontsize=7)
    for i, case in enumerate(rows):
        y = lay.top + (i + 0.5) * lay.cell_h
        axes.text(
            x, y, cut_middle(grid.cases[case], 16), ha="right", va="center_baseline", fontsize=7
        )
        truth = int(grid.truth[case])
        if truth != MISSING:
            axes.plot(
                [lay.left - 3], [y], marker="o", markersize=4, markeredgewidth=0.8,
                markeredgecolor=INK, color=INK if truth else "#ffffff",
            )  # fmt: skip


def _reader_head(axes: Axes, grid: ReadGrid, column: int, place: tuple[_Layout, float]) -> None:
    """Write a reader's name and the regions over the columns that begin at ``x``."""
    lay, x = place
    levels = len(grid.levels)
    middle = x + levels * lay.cell_w / 2
    axes.text(
        middle, lay.top - (5.5 if levels > 1 else 1.5), grid.labels(_NAME).texts[column],
        ha="center" if lay.flat else "left", va="bottom", rotation=0 if lay.flat else 50,
        rotation_mode="anchor", weight="bold", fontsize=7,
    )  # fmt: skip
    if levels > 1:
        for k, level in enumerate(grid.levels):
            axes.text(x + (k + 0.5) * lay.cell_w, lay.top - 1.5, level, ha="center", fontsize=7)


def _cells(axes: Axes, grid: ReadGrid, part: tuple[range, range], lay: _Layout) -> None:
    """Draw the calls, all of one grade at once: a thousand single texts would take seconds."""
    rows, columns = part
    count, levels = len(columns), len(grid.levels)
    left = [lay.x(k, levels) + n * lay.cell_w for k in range(count) for n in range(levels)]
    x, y = np.meshgrid(left, lay.top + lay.cell_h * np.arange(len(rows)))
    grades = grid.grades[rows.start : rows.stop, columns.start : columns.stop].reshape(x.shape)
    for grade in (MISSING, *range(len(grid.scale))):
        corner = np.stack([x[grades == grade], y[grades == grade]], axis=1)
        if not len(corner):
            continue
        size = np.array([lay.cell_w, lay.cell_h])
        boxes = corner[:, None, :] + size * np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
        if grade == MISSING:
            axes.add_collection(
                PolyCollection(
                    boxes, facecolor="#ffffff", edgecolor=FAINT, hatch=MISSING_HATCH, linewidth=0
                )
            )
            continue
        fill, ink = grid.colour(grade)
        axes.add_collection(
            PolyCollection(boxes, facecolor=fill, edgecolor="#ffffff", linewidth=0.8)
        )
        _glyphs(axes, grid.scale[grade], corner + size / 2, ink if grade else FAINT)


def _glyphs(axes: Axes, text: str, centres: NDArray[np.float64], ink: str) -> None:
    """Draw the same text at many places, shape (places, 2)."""
    outline = TextPath((0, 0), text, size=6.5, prop=FontProperties(family="DejaVu Sans"))
    extent = outline.get_extents()
    middle = Affine2D().translate(-(extent.x0 + extent.x1) / 2, -(extent.y0 + extent.y1) / 2)
    inches = middle.scale(1 / 72).transform_path(outline)
    figure = axes.get_figure(root=True)
    if figure is not None:
        axes.add_collection(
            PathCollection(
                [inches], offsets=centres, offset_transform=axes.transData, facecolor=ink,
                linewidth=0, transform=figure.dpi_scale_trans,
            )
        )  # fmt: skip
