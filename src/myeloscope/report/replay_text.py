"""A replay as CSV and as plain text that reads well from 80 columns on and in a pipe."""

from __future__ import annotations

import csv
import io
import textwrap
from collections.abc import Iterator
from itertools import groupby, zip_longest
from typing import Final

from myeloscope.accuracy.replay import CAVEATS, ReplayRow, ReplayVerdict, verdict_counts

COLUMNS: Final = ("quantity", "reader", "printed", "recomputed", "verdict", "reason")
NARROWEST: Final = 72
_SHARES: Final = (0.42, 0.15, 0.25)
_VERDICT, _GAP = 13, 2


def replay_csv(rows: tuple[ReplayRow, ...]) -> str:
    """Return the rows as ``replay.csv``: a header, one line a row, in order."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([getattr(row, name) for name in COLUMNS] for row in rows)
    return text.getvalue()


def replay_lines(rows: tuple[ReplayRow, ...], width: int = 80) -> Iterator[tuple[str, str]]:
    """Yield the lines of a replay on screen.

    Parameters
    ----------
    rows
        From :func:`myeloscope.accuracy.replay.replay`.
    width
        Columns of the screen; at least 72 are used.

    Yields
    ------
    (line, kind)
        ``kind`` is ``title``, ``head``, ``reason``, ``plain``, or the row's verdict.
    """
    width = max(width, NARROWEST)
    yield "The paper, replayed: printed figures beside recomputed ones", "title"
    for caveat in CAVEATS:
        yield from ((line, "plain") for line in _bullet(caveat, width))
    for section, group in groupby(rows, key=lambda row: row.section):
        yield "", "plain"
        yield section, "title"
        yield from _cells(("quantity", "printed", "recomputed", "verdict"), width, "head")
        for row in group:
            name = f"{row.quantity}, {row.reader}" if row.reader else row.quantity
            cells = (name, row.printed, row.recomputed, str(row.verdict))
            yield from _cells(cells, width, str(row.verdict))
            yield from ((f"    {line}", "reason") for line in textwrap.wrap(row.reason, width - 4))
    yield "", "plain"
    yield from ((line, "title") for line in textwrap.wrap(summary(rows), width))


def summary(rows: tuple[ReplayRow, ...]) -> str:
    """Return the count of each verdict in one sentence."""
    counts = verdict_counts(rows)
    printed = sum(n for verdict, n in counts.items() if verdict is not ReplayVerdict.NOT_PRINTED)
    told = ", ".join(
        f"{n} {verdict}"
        for verdict, n in counts.items()
        if verdict is not ReplayVerdict.NOT_PRINTED
    )
    return (
        f"{printed} printed figures and claims: {told}. "
        f"{counts[ReplayVerdict.NOT_PRINTED]} further figures are not printed in the paper."
    )


def _bullet(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, initial_indent="- ", subsequent_indent="  ")


def _cells(cells: tuple[str, str, str, str], width: int, kind: str) -> Iterator[tuple[str, str]]:
    """Yield one row of the table, its cells wrapped to their columns."""
    room = width - _VERDICT - 3 * _GAP
    widths = [int(room * share / sum(_SHARES)) for share in _SHARES] + [_VERDICT]
    wrapped = [textwrap.wrap(c, w) or [""] for c, w in zip(cells, widths, strict=True)]
    for parts in zip_longest(*wrapped, fillvalue=""):
        padded = (part.ljust(w) for part, w in zip(parts, widths, strict=True))
        yield (" " * _GAP).join(padded).rstrip(), kind
