"""The figures of a replay: calls by region, intervals, kappas, the deficit against RIC."""

from __future__ import annotations

import math

import numpy as np

from myeloscope.accuracy.agreement import Coefficient, agreement, pair_table
from myeloscope.accuracy.paired import tango_difference
from myeloscope.accuracy.proportion import ProportionMethod
from myeloscope.accuracy.record import Statistic
from myeloscope.accuracy.replay_data import MRM_READERS, PAIRS, PaperData, pair_name
from myeloscope.accuracy.replay_readers import (
    MARGIN,
    discordant,
    pair_calls,
    printed,
    printed_limits,
    shares,
)
from myeloscope.domain.anatomy import Region
from myeloscope.domain.paper import PaperReader
from myeloscope.report.statistics_forest import ForestAxis, ForestRow, forest, interval_text
from myeloscope.report.statistics_grid import CALL_SCALE, MISSING, ReadGrid, call_grids
from myeloscope.report.statistics_style import Plot


def replay_plots(data: PaperData) -> tuple[Plot, ...]:
    """Return the figures of a replay, in the order of the page."""
    return (*calls_plots(data), intervals_plot(data), kappas_plot(data), deficit_plot(data))


def calls_plots(data: PaperData) -> tuple[Plot, ...]:
    """Return Table 1 as a grid: which level each reader called in each patient."""
    calls = np.stack([data.levels(reader) for reader in PaperReader], axis=1).astype(np.int8)
    names = tuple(f"patient {p.patient}" for p in data.patients)
    grid = ReadGrid(
        cases=names,
        readers=tuple(("RIC" if r is PaperReader.RIC else "MRM", str(r)) for r in PaperReader),
        levels=tuple(region.letter for region in Region),
        grades=calls,
        truth=np.full(len(names), MISSING, dtype=np.int8),
        scale=CALL_SCALE,
    )
    return call_grids(grid, "replay-calls")


def intervals_plot(data: PaperData) -> Plot:
    """Return the printed intervals beside Wilson's."""
    rows, measure = [], ""
    for share in shares(data):
        if share.measure != measure:
            measure = share.measure
            rows.append(ForestRow(measure.capitalize()))
        value = float(printed(share.measure, share.reader))
        rows.append(_share_row(f"{share.reader}, as printed", value, printed_limits(share), 1))
        limits = share.interval(ProportionMethod.WILSON)
        rows.append(_share_row(f"{share.reader}, Wilson", share.x / share.n, limits, 0))
    lowest = min(row.low for row in rows if row.low is not None)
    return forest(
        tuple(rows),
        ForestAxis("Proportion", math.floor(10 * min(lowest, 0.4)) / 10, 1.0),
        "replay-intervals",
        "Printed figures with their 95% intervals (Wald, cut at 1; squares) beside those from the "
        "table with Wilson's (circles). Near 1 and with few cases Wald's interval is too short.",
        "Forest plot of printed and recomputed sensitivity, specificity and accuracy.",
    )


def _share_row(label: str, value: float, limits: tuple[float, float], series: int) -> ForestRow:
    """Return a proportion as a row, its limits to the three places that the paper prints."""
    text = f"{value:.2f} ({limits[0]:.3f} to {limits[1]:.3f})"
    return ForestRow(label, value, *limits, text, series)


def kappas_plot(data: PaperData) -> Plot:
    """Return kappa and AC1 with their intervals for the three pairs."""
    rows = []
    for first, second in PAIRS:
        one, two = pair_calls(data, first, second)
        table = pair_table(one, two, 2)
        rows.append(ForestRow(f"{pair_name(first, second)}, n = {len(one)}"))
        rows.append(_figure_row("Cohen's kappa", agreement(table), 0))
        rows.append(_figure_row("Gwet's AC1", agreement(table, Coefficient.GWET), 1))
    return forest(
        tuple(rows),
        ForestAxis("Coefficient", -0.2, 1.0, (0.0,)),
        "replay-kappas",
        "Agreement on the presence of a leak with 95% intervals, which the paper leaves out. "
        "Dashed line: agreement by chance.",
        "Forest plot of kappa and AC1 of the two readers and RIC.",
    )


def deficit_plot(data: PaperData) -> Plot:
    """Return the paired differences of sensitivity between MRM and RIC with the margin."""
    rows = []
    for reader in MRM_READERS:
        figure = tango_difference(*discordant(data, reader, PaperReader.RIC))
        rows.append(_figure_row(f"{reader} minus RIC", figure, 0))
    return forest(
        tuple(rows),
        ForestAxis("Difference of sensitivity", -0.5, 0.3, (-MARGIN, 0.0)),
        "replay-deficit",
        f"Sensitivity of MRM minus that of RIC in the same patients, Tango's 95% interval. Dashed "
        f"lines: no difference, and a deficit of {MARGIN:.2f}, the non-inferiority margin.",
        "Forest plot of the differences of sensitivity between MRM and RIC.",
    )


def _figure_row(label: str, figure: Statistic, series: int) -> ForestRow:
    """Return a statistic as a row of a forest plot."""
    if figure.value is None:
        return ForestRow(label, text="undefined", series=series)
    text = interval_text(figure.value, figure.ci_low, figure.ci_high)
    return ForestRow(label, figure.value, figure.ci_low, figure.ci_high, text, series)
