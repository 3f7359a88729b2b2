"""Renew the figures of docs/replay.md from Table 1: ``python -m docs.make_replay_figures``."""

from __future__ import annotations

from pathlib import Path

from myeloscope.accuracy.replay import PaperData
from myeloscope.report.replay_figures import replay_plots

HERE = Path(__file__).parent / "figures"
KEPT = ("replay-calls", "replay-intervals", "replay-kappas")


def main() -> None:
    """Write the figures that the page shows, as SVG; the same data give the same bytes."""
    HERE.mkdir(exist_ok=True)
    for plot in replay_plots(PaperData()):
        if plot.name in KEPT:
            (HERE / f"{plot.name}.svg").write_bytes(plot.svg)


if __name__ == "__main__":
    main()
