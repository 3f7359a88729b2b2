"""Renew the figures of METHOD from a phantom: ``python -m docs.make_method_figures``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from myeloscope.domain.anatomy import Side
from myeloscope.geometry.canvas import stitch
from myeloscope.myelography.candidates import SearchedSide, prepare
from myeloscope.myelography.ladder import Ladder
from myeloscope.myelography.sac import STEP_MM
from myeloscope.myelography.spine import Spine, see_spine, station_noise
from myeloscope.phantom import demo_spec, make

HERE = Path(__file__).parent / "figures"


def demo_spine() -> Spine:
    """Return the demonstration's phantom as the reader sees it."""
    study = make(demo_spec()).study
    canvas = stitch(study)
    spine = see_spine(canvas, station_noise(canvas, study), {})
    if spine is None:
        raise SystemExit("the demonstration's phantom shows no sac")
    return spine


def draw_sac(spine: Spine) -> Figure:
    """Draw the canvas with the sac's edges, and its width down the spine."""
    figure = Figure(figsize=(7.0, 5.4), layout="constrained")
    image, width = figure.subplots(1, 2)
    pixels, sac, mm = spine.canvas.pixels, spine.sac, spine.canvas.spacing_mm
    rows, columns = pixels.shape
    bright = float(np.percentile(pixels, 99.5))
    image.imshow(pixels, cmap="gray", vmin=0, vmax=bright, extent=(0, columns * mm, rows * mm, 0))
    for half in (-0.5, 0.5):
        edge = sac.curve.at(sac.curve.s_mm, half * sac.width_mm) * mm
        edge[~sac.present] = np.nan
        image.plot(edge[:, 1], edge[:, 0], lw=0.8, color="#ffb000")
    image.set(title="Canvas and the sac's edges", xlabel="mm", ylabel="mm")
    image.set_xlim(columns * mm * 0.3, columns * mm * 0.7)
    width.plot(np.where(sac.present, sac.width_mm, np.nan), sac.curve.s_mm, color="#1f4e9c")
    _mark_roots(width, spine.chain, sac.curve.s_mm[-1])
    width.invert_yaxis()
    width.set(title="Sac width and the ladder of roots", xlabel="width, mm", ylabel="s, mm")
    return figure


def _mark_roots(axes: Axes, chain: Ladder, length: float) -> None:
    left, right = axes.get_xlim()
    for name, s in chain.exits_mm.items():
        if 0 < s < length:
            axes.axhline(s, color="#bbbbbb", lw=0.5, zorder=0)
            axes.text(right, s, f" {name}", fontsize=6, va="center")
    axes.set_xlim(left, right)


def draw_side(side: SearchedSide) -> Figure:
    """Draw one side of the straightened image: signal, what normal sleeves explain, the rest."""
    figure = Figure(figsize=(7.0, 5.4), layout="constrained")
    panels = figure.subplots(1, 3, sharey=True)
    d = side.lateral.d_mm
    extent = (float(d[0]), float(d[-1]), len(side.smooth) * STEP_MM, 0.0)
    views = (
        (side.smooth, "signal, sac = 1", 0.4),
        (side.normal.astype(float), "where normal sleeves may be", 1.0),
        (side.smooth * (side.mask & ~side.normal), "signal left unexplained", 0.4),
    )
    for axes, (view, title, top) in zip(panels, views, strict=True):
        axes.imshow(view, cmap="gray", vmin=0, vmax=top, extent=extent, aspect="auto")
        axes.set(title=title, xlabel="mm from the edge")
        axes.title.set_fontsize(9)
        axes.set_xlim(-3, 40)
    panels[0].set_ylabel("s along the sac, mm")
    return figure


def main() -> None:
    """Write both figures."""
    HERE.mkdir(exist_ok=True)
    spine = demo_spine()
    draw_sac(spine).savefig(HERE / "method-sac.png", dpi=110)
    side = next(s for s in prepare(spine.laterals, spine.roots) if s.lateral.side is Side.LEFT)
    draw_side(side).savefig(HERE / "method-side.png", dpi=110)


if __name__ == "__main__":
    main()
