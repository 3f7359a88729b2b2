"""The figures of an analysis, drawn from its statistics and its reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from myeloscope.accuracy.cluster import METHOD as CLUSTER
from myeloscope.accuracy.proportion import ProportionMethod
from myeloscope.accuracy.reads import LEVELS
from myeloscope.accuracy.record import Statistic
from myeloscope.accuracy.roc import DELONG
from myeloscope.accuracy.study_calls import THRESHOLDS
from myeloscope.report.statistics_forest import ForestAxis, ForestRow, forest, interval_text
from myeloscope.report.statistics_grid import (
    ReadGrid,
    agreement_maps,
    call_grids,
)
from myeloscope.report.statistics_lookup import Lookup, Wanted, read_grid
from myeloscope.report.statistics_matrix import matrix_plots
from myeloscope.report.statistics_names import reader_name
from myeloscope.report.statistics_roc import RocCurve, roc_figure
from myeloscope.report.statistics_style import Plot

_PROPORTIONS = ("sensitivity", "specificity", "accuracy")
_NAME, _PAIR_NAME, _MOST_POINTS, _MOST_ROWS, _PAIRS = 34, 15, 400, 42, 8
_FEW_CASES, _PICKED = 180, 45


def analysis_plots(found: Lookup) -> tuple[Plot, ...]:
    """Return the figures of an analysis in the order of its report."""
    grid = read_grid(found.reads)
    key, pair_key = found.labels(_NAME).key, found.labels(_PAIR_NAME).key
    return (
        *_keyed(accuracy_plots(found), key),
        *roc_plots(found),
        *_keyed(difference_plots(found), pair_key),
        *_keyed(level_plots(found), key),
        *_keyed(kappa_plots(found), found.pairs_left_out + key),
        *_keyed(agreement_maps(grid, found.pairs()), found.pairs_left_out),
        *matrix_plots(found),
        *calls_plots(grid),
    )


def _keyed(plots: tuple[Plot, ...], key: str) -> tuple[Plot, ...]:
    """Return figures whose captions end with what their labels stand for."""
    return tuple(replace(plot, caption=plot.caption + key) for plot in plots)


def accuracy_plots(found: Lookup) -> tuple[Plot, ...]:
    """Return sensitivity, specificity, accuracy at grade >= 1 and AUC, a row a reader.

    All in one figure, or of many readers one figure a measure and 41 readers.
    """
    wilson = ProportionMethod.WILSON.value
    measures = [
        (f"{name.capitalize()}, grade \N{GREATER-THAN OR EQUAL TO} 1", Wanted(name, 1, wilson))
        for name in _PROPORTIONS
    ]
    measures.append(("Area under the ROC curve", Wanted("auc", None, DELONG)))
    every = range(len(found.reads.sources))
    parts = [every[i : i + _MOST_ROWS - 1] for i in range(0, len(every), _MOST_ROWS - 1)]
    blocks = [[*_block(found, m, part)] for m in measures for part in parts]
    rows = [row for block in blocks for row in block]
    if len(rows) <= _MOST_ROWS:
        return (_accuracy_forest(rows, "forest-accuracy", len(every)),)
    return tuple(
        _accuracy_forest(block, f"forest-accuracy-{k + 1}", len(block) - 1)
        for k, block in enumerate(blocks)
    )


def _accuracy_forest(rows: list[ForestRow], name: str, readers: int) -> Plot:
    caption = (
        "Accuracy of each reader with 95% intervals: Wilson for proportions, DeLong for areas. "
        "One colour and marker a modality. Dashed line: 0.5."
    )
    alt = f"Forest plot of the accuracy of {readers} readers."
    axis = ForestAxis("Proportion or area", 0.0, 1.0, (0.5,))
    return forest(tuple(rows), axis, name, caption, alt)


def _block(found: Lookup, measure: tuple[str, Wanted], sources: range) -> Iterator[ForestRow]:
    """Yield a heading and a row for each reader."""
    title, wanted = measure
    yield ForestRow(title)
    modalities = list(found.reads.modalities)
    for index in sources:
        row = found.find(wanted, found.source(index))
        series = modalities.index(found.reads.sources[index].modality)
        yield forest_row(found.labels(_NAME).texts[index], row, series)


def forest_row(label: str, figure: Statistic | None, series: int) -> ForestRow:
    """Return a figure as a row of a forest plot; an undefined one says so."""
    if figure is None or figure.value is None:
        return ForestRow(label, text="undefined", series=series)
    text = interval_text(figure.value, figure.ci_low, figure.ci_high)
    if figure.ci_low is None:
        text += " (no interval)"
    return ForestRow(label, figure.value, figure.ci_low, figure.ci_high, text, series)


def difference_plots(found: Lookup) -> tuple[Plot, ...]:
    """Return paired differences between modalities with the margin; none with one modality."""
    pairs = [pair for pair in found.pairs() if found.pair(*pair).modality_2]
    margin = found.analysis.settings.margin
    chunks = [pairs[i : i + 2 * _PAIRS] for i in range(0, len(pairs), 2 * _PAIRS)]
    names = found.labels(_PAIR_NAME).texts
    plots = []
    for k, chunk in enumerate(chunks):
        rows: list[ForestRow] = []
        for series, endpoint in enumerate(_PROPORTIONS[:2]):
            rows.append(ForestRow(f"{endpoint.capitalize()}, first minus second"))
            wanted = Wanted("noninferiority", 1, endpoint=endpoint)
            for pair in chunk:
                figure = found.find(wanted, found.pair(*pair))
                label = " vs ".join(names[i] for i in pair)
                rows.append(forest_row(label, figure, series))
        limits = [abs(x) for row in rows for x in (row.low, row.high) if x is not None]
        reach = min(1.0, max(0.3, *(0.1 * np.ceil(10 * x) for x in limits), 2 * margin))
        plots.append(
            forest(
                tuple(rows),
                ForestAxis("Difference", -reach, reach, (-margin, 0.0)),
                _one_of("forest-differences", k, chunks),
                "Paired differences between modalities on the same cases, positive from grade 1, "
                "with Tango's 95% score interval. Dashed lines: no difference, and a loss of "
                f"{margin:g}, the non-inferiority margin.",
                f"Forest plot of paired differences of {len(chunk)} pairs.",
            )
        )
    return tuple(plots)


def level_plots(found: Lookup) -> tuple[Plot, ...]:
    """Return sensitivity and specificity by level; none without levels."""
    if found.reads.levels is None:
        return ()
    modalities = list(found.reads.modalities)
    headings = 2 * (len(LEVELS) + 1)
    per = (_MOST_ROWS - headings) // headings
    every = range(len(found.reads.sources))
    parts = [every[i : i + per] for i in range(0, len(every), per)]
    plots = []
    for k, part in enumerate(parts):
        rows: list[ForestRow] = []
        for name, level in product(_PROPORTIONS[:2], ("", *LEVELS)):
            rows.append(ForestRow(f"{name.capitalize()}, {level or 'all levels'}"))
            for index in part:
                figure = found.find(Wanted(name, 1, CLUSTER, level=level), found.source(index))
                series = modalities.index(found.reads.sources[index].modality)
                rows.append(forest_row(found.labels(_NAME).texts[index], figure, series))
        plots.append(
            forest(
                tuple(rows),
                ForestAxis("Proportion of levels", 0.0, 1.0, (0.5,)),
                _one_of("forest-levels", k, parts),
                "Accuracy by level, positive from grade 1, with 95% intervals that take patients "
                "as clusters. One colour and marker a modality.",
                f"Forest plot of the accuracy by level of {len(part)} readers.",
            )
        )
    return tuple(plots)


def _one_of(name: str, k: int, parts: Sequence[object]) -> str:
    """Return the name of one of several figures, numbered if there are several."""
    return name if len(parts) == 1 else f"{name}-{k + 1}"


def kappa_plots(found: Lookup) -> tuple[Plot, ...]:
    """Return kappas and AC with intervals of each pair of readers, on grades and on presence."""
    pairs = found.pairs()
    chunks = [pairs[i : i + _PAIRS] for i in range(0, len(pairs), _PAIRS)]
    return tuple(
        _kappas(found, part, _one_of("kappas", k, chunks)) for k, part in enumerate(chunks)
    )


_KAPPAS = (
    ("kappa, quadratic, grades", Wanted("cohen_kappa", None, "", "quadratic"), 0),
    ("AC2, quadratic, grades", Wanted("gwet_ac", None, "", "quadratic"), 1),
    ("kappa, presence", Wanted("cohen_kappa", 1, "", "unweighted"), 2),
    ("AC1, presence", Wanted("gwet_ac", 1, "", "unweighted"), 3),
)


def _kappas(found: Lookup, pairs: tuple[tuple[int, int], ...], name: str) -> Plot:
    rows: list[ForestRow] = []
    names = found.labels(_NAME)
    for pair in pairs:
        rows.append(ForestRow(" vs ".join(names.texts[i] for i in pair)))
        whose = found.pair(*pair)
        rows += [forest_row(label, found.find(w, whose), k) for label, w, k in _KAPPAS]
    lows = [row.low for row in rows if row.low is not None]
    low = -0.2 if min(lows, default=0.0) >= -0.2 else -1.0
    return forest(
        tuple(rows),
        ForestAxis("Coefficient", low, 1.0, (0.0,)),
        name,
        "Agreement of pairs of readers with 95% intervals: on the grades 0-3 with quadratic "
        "weights, and on the presence of a sign (grade \N{GREATER-THAN OR EQUAL TO} 1). Dashed "
        "line: agreement by chance.",
        f"Forest plot of the agreement of {len(pairs)} pairs of readers.",
    )


def roc_plots(found: Lookup) -> tuple[Plot, ...]:
    """Return the ROC figures, twelve readers in each; none where no area is defined."""
    curves = tuple(roc_curves(found))
    readers = tuple(dict.fromkeys(c.reader for c in curves))
    parts = [readers[i : i + 12] for i in range(0, len(readers), 12)]
    return tuple(
        roc_figure(
            tuple(c for c in curves if c.reader in part),
            _one_of("roc", k, parts),
        )
        for k, part in enumerate(parts)
    )


def roc_curves(found: Lookup) -> Iterator[RocCurve]:
    """Yield the curve of each reader in each modality, where both classes were read."""
    grid = found.reads.cases
    for index, source in enumerate(found.reads.sources):
        area = found.find(Wanted("auc", None, DELONG), found.source(index))
        if area is None or area.value is None:
            continue
        text = f"AUC {interval_text(area.value, area.ci_low, area.ci_high)}"
        points = roc_points(grid.ranking(index), grid.truth)
        alone = len(found.reads.modalities) == 1
        reader = reader_name("", source.reader)
        yield RocCurve(
            "" if alone else source.modality, reader, points, tuple(_operating(found, index)), text
        )


def _operating(found: Lookup, index: int) -> Iterator[tuple[int, float, float]]:
    """Yield the operating point of each threshold from its sensitivity and specificity."""
    method = ProportionMethod.WILSON.value
    for threshold in THRESHOLDS:
        whose = found.source(index)
        hit = found.find(Wanted("sensitivity", threshold, method), whose)
        spared = found.find(Wanted("specificity", threshold, method), whose)
        if hit and spared and hit.value is not None and spared.value is not None:
            yield threshold, 1 - spared.value, hit.value


def roc_points(
    ranking: NDArray[np.float64], truth: NDArray[np.int8]
) -> tuple[tuple[float, float], ...]:
    """Return the empirical ROC curve.

    Parameters
    ----------
    ranking
        What orders the cases, NaN where missing, shape (cases,).
    truth
        1, 0, or -1 unknown, shape (cases,).

    Returns
    -------
    tuple of (1 - specificity, sensitivity)
        From (0, 0) to (1, 1); thinned to 400 points where there are more.
    """
    known = np.isfinite(ranking) & (truth >= 0)
    value, positive = ranking[known], truth[known] == 1
    distinct, place = np.unique(-value, return_inverse=True)
    steps = [np.bincount(place[c], minlength=len(distinct)) for c in (~positive, positive)]
    falling = np.cumsum(np.stack(steps, axis=1), axis=0)
    rates = falling / np.maximum(falling[-1], 1)
    keep = np.unique(np.linspace(0, len(rates) - 1, min(len(rates), _MOST_POINTS)).astype(int))
    return ((0.0, 0.0), *((float(f), float(t)) for f, t in rates[keep]))


def calls_plots(grid: ReadGrid) -> tuple[Plot, ...]:
    """Return the grids of calls; of many cases, those whose grades are spread most."""
    if len(grid.cases) <= _FEW_CASES:
        return call_grids(grid)
    grades = grid.case_grades().astype(int)
    top = grades.max(axis=1)
    bottom = np.where(grades < 0, 99, grades).min(axis=1)
    spread = np.where(top < 0, 0, top - bottom)
    picked = np.sort(np.argsort(-spread, kind="stable")[:_PICKED])
    part = ReadGrid(
        tuple(grid.cases[i] for i in picked),
        grid.readers,
        grid.levels,
        grid.grades[picked],
        grid.truth[picked],
    )
    words = f" Shown are the {_PICKED} of {len(grid.cases)} cases on which readers differ most."
    return tuple(replace(plot, caption=plot.caption + words) for plot in call_grids(part))
