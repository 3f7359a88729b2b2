"""The worst cases in pictures: straightened spines with what was there and what was found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.quality.outcome import Outcome
from benchmarks.strangers.source import Source, make_study
from myeloscope.domain.grade import FindingKind
from myeloscope.geometry.canvas import stitch
from myeloscope.geometry.curve import straighten
from myeloscope.myelography.read import read_study
from myeloscope.myelography.spine import Spine, see_spine, station_noise
from myeloscope.settings import ReadSettings

WORST, COLUMNS = 20, 10
HALF_MM = 50.0
TRUE_COLOUR, CALLED_COLOUR, MIMIC_COLOUR = "#35d07f", "#ffb000", "#6aa9ff"


def error_of(outcome: Outcome) -> tuple[int, float]:
    """Return how wrong a case is: squared errors of its regions' grades, then its score's error.

    A sound region without a grade counts as the furthest grade.
    """
    squares = 0
    for true, grade, lost in zip(outcome.grades_truth, outcome.grades, outcome.ruined, strict=True):
        if not lost:
            squares += (true - (grade if grade is not None else (3 if true < 2 else 0))) ** 2
    return squares, abs(float(outcome.visible_truth) - outcome.score)


def draw_worst(outcomes: Sequence[Outcome], source: Source, target: Path) -> None:
    """Draw the twenty worst cases, worst first, as one picture."""
    worst = sorted(outcomes, key=error_of, reverse=True)[:WORST]
    rows = -(-len(worst) // COLUMNS)
    figure = Figure(figsize=(15.0, 7.2 * rows), layout="constrained", facecolor="#111417")
    panels = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    for axes in panels:
        axes.set_axis_off()
    for axes, outcome in zip(panels, worst, strict=False):
        _draw_case(axes, source, outcome)
    figure.suptitle(
        "green ring: a leak that is there; blue ring: a cyst; orange cross: called a leak",
        color="#dddddd",
        fontsize=11,
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, dpi=80)


def _draw_case(axes: Axes, source: Source, outcome: Outcome) -> None:
    study, truth = make_study(source, outcome.seed)
    canvas = stitch(study)
    spine = see_spine(canvas, station_noise(canvas, study), {})
    true = "".join(map(str, outcome.grades_truth))
    told = "".join("-" if g is None else str(g) for g in outcome.grades)
    title = f"{outcome.seed} {outcome.difficulty}\nC T L: {true} read {told}\nSNR {outcome.snr:.0f}"
    axes.set_title(title, color="#dddddd", fontsize=8)
    if spine is None:
        return
    across = np.arange(-HALF_MM, HALF_MM + 0.1, 0.5)
    image = straighten(canvas.pixels, spine.sac.curve, across)
    bright = 0.4 * float(np.median(spine.sac.brightness[spine.sac.present]))
    length = float(spine.sac.curve.s_mm[-1])
    extent = (-HALF_MM, HALF_MM, length, 0.0)
    axes.imshow(image, cmap="gray", vmin=0, vmax=bright, extent=extent, aspect="auto")
    for found in (*truth.findings, *truth.mimics):
        leak = found.kind is FindingKind.LEAK
        if found.station is None:
            continue
        at, colour = _place(spine, found.position_mm), TRUE_COLOUR if leak else MIMIC_COLOUR
        axes.plot(*at, "o", mfc="none", mec=colour, ms=13, mew=1.0)
        if leak:
            words = f" {found.grade} {found.brightness:.2f}"
            axes.text(*at, words, color=colour, fontsize=6, va="bottom")
    for called in read_study(study, ReadSettings()).findings:
        if called.kind is FindingKind.LEAK:
            at = _place(spine, called.position_mm)
            axes.plot(*at, "x", color=CALLED_COLOUR, ms=6, mew=1.2)
    axes.set_xlim(-HALF_MM, HALF_MM)
    axes.set_ylim(length, 0.0)


def _place(spine: Spine, position: Sequence[float | None]) -> tuple[float, float]:
    """Return (mm across, mm along) of a patient position in the straightened picture."""
    midline = spine.midline_mm(spine.sac.curve.s_mm)
    k = int(np.abs(midline[:, 2] - (position[2] or 0.0)).argmin())
    return (position[0] or 0.0) - float(midline[k, 0]), float(spine.sac.curve.s_mm[k])
