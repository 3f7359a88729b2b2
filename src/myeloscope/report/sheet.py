"""A sheet to draw on: lines with dashes, hatching and text over a picture, out as PNG.

Positions are (x, y) in pixels from the sheet's upper left corner, x to the right.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageDraw, ImageFont

from myeloscope.report.marks import NIGHT, PALE, Colour, Stroke

FINE = 2
"""Lines are drawn this much larger and reduced, so that they have smooth edges."""
Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class Face:
    """How a text looks: size in pixels, colour, weight; ``halo`` darkens what is right around."""

    size: int = 15
    colour: Colour = PALE
    bold: bool = False
    halo: bool = False


@cache
def font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Return DejaVu Sans from matplotlib's data, so that no font of the system is needed."""
    spec = find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("matplotlib, whose fonts pictures use, is not installed")
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / name, size)


class Sheet:
    """A picture in the making: picture and lines in the order of the calls, text over all."""

    def __init__(self, width: int, height: int, *, ground: Colour = NIGHT) -> None:
        self.size = (width, height)
        self._fine = Image.new("RGB", (width * FINE, height * FINE), ground)
        self._pen = ImageDraw.Draw(self._fine)
        self._texts: list[tuple[Point, str, Face, str]] = []
        self._upright: list[tuple[Point, str, Face]] = []

    def paste(self, grey: NDArray[np.uint8], box: tuple[int, int, int, int]) -> None:
        """Put a grey picture (rows, columns) into a box, interpolated smoothly to its size."""
        left, top, right, bottom = (value * FINE for value in box)
        size = (right - left, bottom - top)
        picture = Image.fromarray(grey).resize(size, Image.Resampling.BICUBIC)
        self._fine.paste(picture, (left, top))

    def line(self, points: ArrayLike, stroke: Stroke, *, closed: bool = False) -> None:
        """Draw a line through points (N, 2), dashed by its own length."""
        path = np.asarray(points, float).reshape(-1, 2)
        if closed:
            path = np.vstack([path, path[:1]])
        width = max(1, round(stroke.width * FINE))
        for piece in _dashes(path, stroke.dashes):
            xy = [(float(x), float(y)) for x, y in piece * FINE]
            self._pen.line(xy, fill=stroke.colour, width=width, joint="curve")

    def box(self, box: Box, colour: Colour) -> None:
        """Fill a box."""
        area = [round(value * FINE) for value in box]
        area[2:] = [value - 1 for value in area[2:]]
        if area[2] >= area[0] and area[3] >= area[1]:
            self._pen.rectangle(area, fill=colour)

    def hatch(self, box: Box, colour: Colour, *, every: float = 9.0) -> None:
        """Fill a box with slanted lines."""
        left, top, right, bottom = box
        height = bottom - top
        for start in np.arange(left - height, right, every):
            low, high = max(left, start), min(right, start + height)
            if high > low:
                ends = [(low, bottom - (low - start)), (high, bottom - (high - start))]
                self.line(ends, Stroke(colour, 1.0))

    def text(
        self,
        at: Point,
        text: str,
        face: Face,
        anchor: str = "la",
    ) -> None:
        """Write a line of text; ``anchor`` is Pillow's."""
        self._texts.append((at, text, face, anchor))

    def upright(self, at: Point, text: str, face: Face) -> None:
        """Write a line of text that runs upward, its middle at a point."""
        self._upright.append((at, text, face))

    def picture(self) -> Image.Image:
        """Return what has been drawn so far."""
        done = self._fine.reduce(FINE)
        pen = ImageDraw.Draw(done)
        for at, text, face, anchor in self._texts:
            pen.text(
                at,
                text,
                font=font(face.size, bold=face.bold),
                fill=face.colour,
                anchor=anchor,
                stroke_width=2 if face.halo else 0,
                stroke_fill=NIGHT,
            )
        for at, text, face in self._upright:
            _write_upright(done, at, text, face)
        return done


def _write_upright(picture: Image.Image, at: Point, text: str, face: Face) -> None:
    letters = font(face.size, bold=face.bold)
    left, top, right, bottom = letters.getbbox(text)
    strip = Image.new("L", (int(right - left) + 2, int(bottom - top) + 2))
    ImageDraw.Draw(strip).text((1 - left, 1 - top), text, font=letters, fill=255)
    turned = strip.rotate(90, expand=True)
    place = (round(at[0] - turned.width / 2), round(at[1] - turned.height / 2))
    picture.paste(face.colour, place, turned)


def to_jpeg(picture: Image.Image) -> bytes:
    """Return a picture as JPEG for a page: a third of PNG's size, embedded in a PDF as it is."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88, subsampling=0)
    return out.getvalue()


def to_png(picture: Image.Image) -> bytes:
    """Return a picture as PNG; the same picture gives the same bytes."""
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=3)
    return out.getvalue()


def text_width(text: str, face: Face) -> float:
    """Return how wide a line of text is, pixels."""
    return font(face.size, bold=face.bold).getlength(text)


def window(pixels: NDArray[np.float32], white: float) -> NDArray[np.uint8]:
    """Return pixels as grey levels, 0 black, ``white`` and above white."""
    scaled = np.nan_to_num(pixels) * np.float32(255.0 / white if white > 0 else 0.0)
    grey: NDArray[np.uint8] = np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
    return grey


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return places near the wanted ones, in their order, at least ``gap`` apart, in low..high.

    Least squares under the order: isotonic regression of ``wanted[i] - i * gap`` (pool adjacent
    violators). Where all do not fit, the gap shrinks until they do.

    Parameters
    ----------
    wanted
        Ascending places.
    gap
        Least distance between neighbours.
    low, high
        Range of the result.
    """
    count = len(wanted)
    gap = min(gap, (high - low) / max(1, count - 1))
    pools: list[tuple[float, int]] = []
    for index, place in enumerate(wanted):
        pools.append((place - index * gap, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (b, m), (a, n) = pools.pop(), pools.pop()
            pools.append(((a * n + b * m) / (n + m), n + m))
    level = [mean for mean, size in pools for _ in range(size)]
    top = high - (count - 1) * gap
    return [min(max(mean, low), top) + index * gap for index, mean in enumerate(level)]


def _dashes(path: NDArray[np.float64], dashes: tuple[float, ...]) -> list[NDArray[np.float64]]:
    """Cut a path into its drawn pieces."""
    steps = np.hypot(*np.diff(path, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    if not dashes or along[-1] == 0:
        return [path]
    pieces, at, index = [], 0.0, 0
    while at < along[-1]:
        end = min(at + dashes[index % len(dashes)], along[-1])
        if index % 2 == 0:
            inner = path[(along > at) & (along < end)]
            ends = [[np.interp(s, along, path[:, axis]) for axis in (0, 1)] for s in (at, end)]
            pieces.append(np.vstack([ends[:1], inner, ends[1:]]))
        at, index = end, index + 1
    return pieces
