"""One picture of an explanation: what is spoken of on the left, the steps beside it."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter, map_coordinates

from myeloscope.domain.anatomy import Region
from myeloscope.domain.reading import Finding
from myeloscope.report.crop import Ruler, close_up, ruler_of, station_of
from myeloscope.report.explanation import Explanation, Number, Step
from myeloscope.report.marks import ALERT, DIM, PALE, SAC, Stroke, stroke_of
from myeloscope.report.page import RESEARCH_ONLY
from myeloscope.report.scene import Points, Scene, on_station, sac_signal
from myeloscope.report.sheet import Face, Sheet, text_width
from myeloscope.report.straightened import straightened_region

EDGE, HEAD, LINE = 18, 52, 19
WORDS = 620
"""Width of the column of steps, pixels."""
GRAPH = 250
"""Height of the profile, pixels."""
BEFORE_MM, BEYOND_MM = 8.0, 12.0
"""How far the profile goes on into the sac and beyond the reach."""
SMOOTH_MM = 1.0
QUARTER = 0.25
"""Signal ends where it falls to a quarter of the finding's own brightness."""
_TEXT, _SOFT = Face(14, PALE), Face(13, DIM)
_TITLE = Face(15, PALE, bold=True)
_GOOD = (86, 200, 150)


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """Signal over the sac's at distances (mm) from the sac's edge, across the axis."""

    d_mm: NDArray[np.float64]
    signal: NDArray[np.float64]


def finding_picture(
    scene: Scene, finding: Finding, why: Explanation, note: str, *, imaged: bool = True
) -> Image.Image:
    """Return a finding close up, its signal along the ruler, and the steps to its grade.

    Parameters
    ----------
    scene
        The study, or a sketch of its reading.
    finding
        What is explained.
    why
        The steps.
    note
        What the picture is made of, in words.
    imaged
        Whether the scene has real images: a sketch has no signal, and no pane without marks.
    """
    crop = close_up(scene, finding).picture
    if not imaged:
        return _beside(crop.crop((crop.width - crop.height, 0, *crop.size)), why, note)
    profile = signal_profile(scene, finding)
    left = Image.new("RGB", (crop.width, crop.height + (GRAPH if profile else 0)))
    left.paste(crop, (0, 0))
    ruler = ruler_of(scene, finding)
    if profile is not None and ruler is not None:
        left.paste(_graph(profile, ruler, finding, crop.width), (0, crop.height))
    return _beside(left, why, note)


def region_picture(scene: Scene, region: Region, why: Explanation, note: str) -> Image.Image:
    """Return a region of the straightened spine and the steps to its grade."""
    strip = straightened_region(scene, region)
    return _beside(Image.new("RGB", (1, 1)) if strip is None else strip, why, note)


def signal_profile(scene: Scene, finding: Finding) -> Profile | None:
    """Return the highest signal of a finding at each distance from the sac's edge.

    Along the sac it is searched as far as the outline goes; the image is smoothed by 1 mm.
    ``None`` where there is no ruler.
    """
    ruler = ruler_of(scene, finding)
    if ruler is None:
        return None
    index = station_of(scene, finding)
    station = scene.study.stations[index]
    step = np.array([station.geometry.row_spacing, station.geometry.column_spacing])
    outline = on_station(scene.canvas, index, scene.outlines[_index(scene, finding)]) * step
    along = (outline - ruler.edge) @ ruler.along
    d = np.arange(-BEFORE_MM, ruler.reach_mm + BEYOND_MM, 0.25)
    t = np.arange(along.min(), along.max() + 0.5, 0.5)
    places = (ruler.edge + d[:, None, None] * ruler.across + t[:, None] * ruler.along) / step
    smooth = gaussian_filter(station.pixels.astype(np.float64), SMOOTH_MM / step)
    sampled = map_coordinates(smooth, places.transpose(2, 0, 1), order=1)
    sac = sac_signal(scene) / scene.canvas.gains[index]
    return Profile(d, sampled.max(axis=1) / sac)


def _index(scene: Scene, finding: Finding) -> int:
    return scene.reading.findings.index(finding)


def _graph(profile: Profile, ruler: Ruler, finding: Finding, width: int) -> Image.Image:
    """Return the profile with the sac's edge, the normal tip, the reach and the quarter."""
    sheet = Sheet(width, GRAPH)
    left, right, top, low = 50.0, width - 14.0, 40.0, GRAPH - 34.0
    d = profile.d_mm

    def x(mm: float) -> float:
        return float(left + (mm - d[0]) / (d[-1] - d[0]) * (right - left))

    own = finding.evidence.get("brightness")
    beyond = profile.signal[d > 0]
    ceiling = 1.6 * max(own or 0.0, float(beyond.max()) if own is None else 0.0, 0.05)

    def y(value: float) -> float:
        return low - min(max(value, 0.0), ceiling) / ceiling * (low - top)

    sheet.line([(left, low), (right, low)], Stroke(DIM, 1.0))
    for ten in range(0, int(d[-1]) + 1, 10):
        sheet.line([(x(ten), low), (x(ten), low + 4)], Stroke(DIM, 1.0))
        sheet.text((x(ten), low + 6), f"{ten}", _SOFT, "mt")
    sheet.text((right, low + 20), "mm from the sac's edge, across its axis", _SOFT, "rt")
    sheet.text((8, 6), "highest signal, over the sac's", _SOFT, "lt")
    sheet.text((left - 6, y(0)), "0", _SOFT, "rm")
    if own is not None:
        level = QUARTER * own
        sheet.line([(left, y(level)), (right, y(level))], Stroke(DIM, 1.0, (4.0, 4.0)))
        sheet.text((left - 6, y(level)), f"{level:.2f}", _SOFT, "rm")
        sheet.text((right, y(level) - 3), "a quarter of its own", _SOFT, "rb")
        sheet.text((left - 6, y(own)), f"{own:.2f}", _SOFT, "rm")
    curve: Points = np.array([(x(mm), y(v)) for mm, v in zip(d, profile.signal, strict=True)])
    sheet.line(curve, Stroke(PALE, 1.8))
    marks = (
        (0.0, SAC, "sac edge"),
        (ruler.tip_mm, PALE, "normal"),
        (ruler.reach_mm, None, "reach"),
    )
    for rank, (mm, colour, words) in enumerate(marks):
        stroke = stroke_of(finding) if colour is None else Stroke(colour, 1.5)
        sheet.line([(x(mm), low), (x(mm), top - 8)], stroke)
        face = Face(13, stroke.colour)
        sheet.text((x(mm) + 4, top - 10 + 15 * rank), f"{words} {mm:.1f}", face, "lm")
    return sheet.picture()


def _beside(left: Image.Image, why: Explanation, note: str) -> Image.Image:
    """Return a picture with the steps beside it."""
    lines = [line for n, step in enumerate(why.steps, start=1) for line in _lines(n, step)]
    height = max(left.height, LINE * len(lines)) + HEAD + 40
    sheet = Sheet(left.width + WORDS + 3 * EDGE, height)
    sheet.text((EDGE, HEAD / 2), why.title, Face(20, PALE, bold=True), "lm")
    research = f"RESEARCH \N{EM DASH} {RESEARCH_ONLY}"
    sheet.text((sheet.size[0] - EDGE, HEAD / 2), research, Face(15, ALERT), "rm")
    sheet.text((EDGE, height - 16), note, _SOFT, "lm")
    x = left.width + 2 * EDGE
    for number, line in enumerate(lines):
        _write(sheet, (x, HEAD + LINE * (number + 0.5)), line)
    done = sheet.picture()
    done.paste(left, (EDGE, HEAD))
    return done


def _lines(number: int, step: Step) -> list[Number | tuple[str, Face]]:
    """Return a step as lines: its title, its text wrapped, its numbers, an empty one."""
    lines: list[Number | tuple[str, Face]] = [(f"{number}  {step.title}", _TITLE)]
    letters = int(WORDS / (text_width("n" * 40, _SOFT) / 40))
    lines += [(line, _SOFT) for line in wrap(step.text, letters)]
    return [*lines, *step.numbers, ("", _SOFT)]


def _write(sheet: Sheet, at: tuple[float, float], line: Number | tuple[str, Face]) -> None:
    x, y = at
    if not isinstance(line, Number):
        sheet.text(at, line[0], line[1], "lm")
        return
    sheet.text((x + 12, y), line.label, _TEXT, "lm")
    sheet.text((x + 290, y), line.value, Face(14, PALE, bold=True), "lm")
    start = x + 300 + max(text_width(line.value, Face(14, PALE, bold=True)), 90)
    colour = _GOOD if line.met else DIM
    mark = "" if line.met is None else "\N{CHECK MARK} " if line.met else "\N{MULTIPLICATION X} "
    room = x + WORDS - start
    words = f"{mark}{line.against}"
    while text_width(words, _SOFT) > room and len(words) > 4:
        words = words[:-2].rstrip() + "\N{HORIZONTAL ELLIPSIS}"
    sheet.text((start, y), words, Face(13, colour), "lm")
