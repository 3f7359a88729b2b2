"""A STARD 2015 flow diagram as a figure, and its counts as CSV and JSON.

One diagram holds all readers: each box has a line a reader. What the table of reads cannot know,
how many were potentially eligible, is drawn only where it is given.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from myeloscope.accuracy.stard import IndexResult, StardFlow
from myeloscope.report.statistics_names import cut, labels, reader_name
from myeloscope.report.statistics_style import INK, WIDTH_MM, Plot, finish, new_figure, styled

SCHEMA: Final = "myeloscope.stard/1"
COLUMNS: Final = ("modality", "reader", "threshold", "box", "n")
_LINE, _PAD, _GAP, _ARROW = 3.5, 2.2, 5.0, 7.0
_WIDE, _NAME = 54.0, 20
_FILLS: Final = {
    IndexResult.NEGATIVE: "#f3f6f9",
    IndexResult.POSITIVE: "#d6e5f1",
    IndexResult.INCONCLUSIVE: "#ffffff",
}


@dataclass(frozen=True, slots=True)
class _Box:
    """A box of the diagram: its text, and its place in mm from the top left."""

    title: str
    lines: tuple[str, ...]
    x: float
    y: float
    width: float = _WIDE
    fill: str = "#ffffff"
    dashed: bool = False

    @property
    def height(self) -> float:
        """Return the height that the text needs."""
        return _LINE * (1 + len(self.lines)) + 2 * _PAD

    @property
    def bottom(self) -> float:
        """Return the lower edge."""
        return self.y + self.height

    @property
    def middle(self) -> float:
        """Return the middle across."""
        return self.x + self.width / 2


def stard_rows(
    flows: tuple[StardFlow, ...], potentially_eligible: int | None = None
) -> Iterator[tuple[str, str, int, str, int]]:
    """Yield modality, reader, threshold, box and count for every box of the diagram."""
    for flow in flows:
        if potentially_eligible is not None:
            yield _row(flow, "potentially eligible", potentially_eligible)
            yield _row(flow, "excluded", potentially_eligible - flow.eligible)
        yield _row(flow, "eligible", flow.eligible)
        yield _row(flow, "no index test", flow.no_index_test)
        yield _row(flow, "index test", flow.index_test)
        for branch in flow.branches:
            name = f"index test {branch.result}"
            yield _row(flow, name, branch.n)
            yield _row(flow, f"{name}, no reference standard", branch.no_reference)
            yield _row(flow, f"{name}, reference standard", branch.reference)
            yield _row(flow, f"{name}, condition present", branch.present)
            yield _row(flow, f"{name}, condition absent", branch.absent)


def _row(flow: StardFlow, box: str, n: int) -> tuple[str, str, int, str, int]:
    return flow.modality, flow.reader, flow.threshold, box, n


def stard_csv(flows: tuple[StardFlow, ...], potentially_eligible: int | None = None) -> str:
    """Return the counts as ``stard.csv``: modality, reader, threshold, box, n."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(stard_rows(flows, potentially_eligible))
    return text.getvalue()


def stard_json(
    flows: tuple[StardFlow, ...],
    source: str,
    version: str,
    potentially_eligible: int | None = None,
) -> str:
    """Return the counts as ``stard.json``, nested as the diagram is."""
    record = {
        "schema": SCHEMA,
        "version": version,
        "source": source,
        "potentially_eligible": potentially_eligible,
        "flows": [_flow_record(flow) for flow in flows],
    }
    return json.dumps(record, indent=1) + "\n"


def _flow_record(flow: StardFlow) -> dict[str, object]:
    return {
        "modality": flow.modality,
        "reader": flow.reader,
        "threshold": flow.threshold,
        "eligible": flow.eligible,
        "no_index_test": flow.no_index_test,
        "index_test": flow.index_test,
        "results": {
            str(branch.result): {
                "n": branch.n,
                "no_reference": branch.no_reference,
                "reference": branch.reference,
                "present": branch.present,
                "absent": branch.absent,
            }
            for branch in flow.branches
        },
    }


def stard_plot(flows: tuple[StardFlow, ...], potentially_eligible: int | None = None) -> Plot:
    """Draw the flow diagram of all readers.

    Parameters
    ----------
    flows
        From :func:`myeloscope.accuracy.stard.stard_flows`, at least one, all of one table.
    potentially_eligible
        How many were assessed for eligibility; the box is left out where it is not known.
    """
    trunk, side = _trunk(flows, potentially_eligible)
    branches = _branches(flows, trunk[-1].bottom + _ARROW + _GAP)
    key = _key(flows, branches[0][-1].bottom + _GAP)
    height = (key or branches[0])[-1].bottom + 2
    with styled():
        figure = new_figure(height)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, WIDTH_MM), ylim=(height, 0))
        axes.set_axis_off()
        for box in (*trunk, *side, *key, *(b for column in branches for b in column)):
            _draw(axes, box)
        _connect(axes, trunk, side, branches)
        threshold = flows[0].threshold
        caption = (
            "STARD 2015 flow of cases. Index test positive: grade "
            f"\N{GREATER-THAN OR EQUAL TO} {threshold}; inconclusive: a read without a grade."
        )
        return finish(figure, "stard", caption, _alt(flows))


def _alt(flows: tuple[StardFlow, ...]) -> str:
    return f"STARD flow diagram of {flows[0].eligible} cases and {len(flows)} readers."


def _lines(flows: tuple[StardFlow, ...], counts: list[str]) -> tuple[str, ...]:
    """Return a line a reader, or the bare count of an only one."""
    if len(flows) == 1:
        return (f"n = {counts[0]}",)
    names = labels(_names(flows), _NAME).texts
    return tuple(f"{name}: n = {count}" for name, count in zip(names, counts, strict=True))


def _names(flows: tuple[StardFlow, ...]) -> list[str]:
    return [reader_name(flow.modality, flow.reader) for flow in flows]


def _key(flows: tuple[StardFlow, ...], y: float) -> list[_Box]:
    """Return the box that says what numbered readers stand for, where they are numbered."""
    named = labels(_names(flows), _NAME)
    if len(flows) == 1 or not named.key:
        return []
    lines = (f"{k}: {name}" for k, name in zip(named.texts, _names(flows), strict=True))
    return [_Box("Readers", tuple(cut(line, 110) for line in lines), 2, y, WIDTH_MM - 4)]


def _trunk(
    flows: tuple[StardFlow, ...], potentially_eligible: int | None
) -> tuple[list[_Box], list[_Box]]:
    """Return the boxes down the middle, and those beside the arrows between them."""
    x, right = (WIDTH_MM - _WIDE) / 2, WIDTH_MM - _WIDE - 2
    eligible = flows[0].eligible
    trunk, side, y = [], [], 2.0
    if potentially_eligible is not None:
        top = _Box("Potentially eligible", (f"n = {potentially_eligible}",), x, y)
        out = (f"n = {potentially_eligible - eligible}",)
        side.append(_Box("Excluded", out, right, top.bottom + _GAP, dashed=True))
        trunk.append(top)
        y = side[-1].bottom + _GAP
    trunk.append(_Box("Eligible, in the table", (f"n = {eligible}",), x, y))
    lines = _lines(flows, [str(flow.no_index_test) for flow in flows])
    side.append(_Box("No index test", lines, right, trunk[-1].bottom + _GAP, dashed=True))
    lines = _lines(flows, [str(flow.index_test) for flow in flows])
    title = "Index test"
    if len(flows) == 1:
        title += f": {reader_name(flows[0].modality, flows[0].reader)}"
    trunk.append(_Box(cut(title, 34), lines, x, side[-1].bottom + _GAP))
    return trunk, side


def _branches(flows: tuple[StardFlow, ...], y: float) -> list[list[_Box]]:
    """Return, for each result, the boxes from result to final diagnosis."""
    columns = []
    for k, result in enumerate(IndexResult):
        x = 2 + k * (WIDTH_MM - 4 - _WIDE) / 2
        of, fill = [flow.branches[k] for flow in flows], _FILLS[result]
        lines = _lines(flows, [str(branch.n) for branch in of])
        first = _Box(f"Index test {result}", lines, x, y, fill=fill)
        lines = _lines(flows, [str(branch.no_reference) for branch in of])
        below = first.bottom + _GAP
        second = _Box("No reference standard", lines, x + 12, below, _WIDE - 12, dashed=True)
        lines = _lines(flows, [f"{branch.present} / {branch.absent}" for branch in of])
        below = second.bottom + _GAP
        third = _Box("Condition present / absent", lines, x, below, fill=fill)
        columns.append([first, second, third])
    return columns


def _draw(axes: Axes, box: _Box) -> None:
    """Draw one box."""
    axes.add_patch(
        Rectangle(
            (box.x, box.y), box.width, box.height, facecolor=box.fill, edgecolor=INK, lw=0.8,
            linestyle=(0, (3, 2)) if box.dashed else "-",
        )
    )  # fmt: skip
    y = box.y + _PAD + _LINE / 2
    axes.text(box.x + _PAD, y, box.title, va="center_baseline", weight="bold", fontsize=7.5)
    for i, line in enumerate(box.lines):
        axes.text(box.x + _PAD, y + (i + 1) * _LINE, line, va="center_baseline", fontsize=7.5)


def _connect(axes: Axes, trunk: list[_Box], side: list[_Box], branches: list[list[_Box]]) -> None:
    """Draw the arrows."""
    for above, below, beside in zip(trunk, trunk[1:], side, strict=False):
        _arrow(axes, (above.middle, above.bottom), (below.middle, below.y))
        level = beside.y + beside.height / 2
        _arrow(axes, (above.middle, level), (beside.x, level))
    last = trunk[-1]
    fork = last.bottom + _ARROW
    axes.plot([last.middle] * 2, [last.bottom, fork], color=INK, lw=0.8)
    ends = [column[0].middle for column in branches]
    axes.plot([ends[0], ends[-1]], [fork, fork], color=INK, lw=0.8)
    for first, second, third in branches:
        _arrow(axes, (first.middle, fork), (first.middle, first.y))
        stem = first.x + 6
        _arrow(axes, (stem, first.bottom), (stem, third.y))
        level = second.y + second.height / 2
        _arrow(axes, (stem, level), (second.x, level))


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate(
        "", end, start,
        arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 0.8, "shrinkA": 0, "shrinkB": 0},
    )  # fmt: skip
