"""A spine small enough that forty fit on a page: the straightened canvas, findings as dots."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from myeloscope.domain.grade import FindingKind
from myeloscope.domain.image import Study
from myeloscope.domain.reading import Reading
from myeloscope.geometry.curve import straighten
from myeloscope.report.marks import GRADE_STROKES, PALE
from myeloscope.report.overlay import BRIGHTEST
from myeloscope.report.scene import Points, sac_signal, set_scene
from myeloscope.report.sheet import to_png, window
from myeloscope.report.straightened import HALF_WIDTH_MM, SCALE, strip_of

COARSE = 3
"""Pixels of the full picture that become one: 1 pixel is 1 mm."""
DOT = 2.5


def thumbnail(study: Study, reading: Reading) -> bytes:
    """Return the straightened spine at 1 mm a pixel as PNG, the patient's right on the left.

    Leaks are dots in the colour of their grade, other findings rings; where no sac was found the
    whole canvas is shown.
    """
    scene = set_scene(study, reading)
    strip = strip_of(scene)
    top = BRIGHTEST * sac_signal(scene)
    if strip is None:
        step = max(1, round(1 / scene.canvas.spacing_mm))
        return to_png(Image.fromarray(window(scene.canvas.pixels[::step, ::step], top)))
    t: Points = (np.arange(strip.width // COARSE) + 0.5) * COARSE / SCALE - HALF_WIDTH_MM
    curve = replace(
        strip.curve,
        points=strip.curve.points[::COARSE],
        normals=strip.curve.normals[::COARSE],
        step_mm=strip.curve.step_mm * COARSE,
    )
    picture = Image.fromarray(window(straighten(scene.canvas.pixels, curve, t), top)).convert("RGB")
    pen = ImageDraw.Draw(picture)
    for finding, outline in zip(reading.findings, scene.outlines, strict=True):
        x, y = (strip.place(outline).mean(axis=0) - (strip.left, strip.top)) / COARSE
        box = (x - DOT, y - DOT, x + DOT, y + DOT)
        leak = finding.kind is FindingKind.LEAK and finding.grade
        colour = GRADE_STROKES[finding.grade].colour if leak and finding.grade else PALE
        pen.ellipse(box, fill=colour if leak else None, outline=colour)
    return to_png(picture)
