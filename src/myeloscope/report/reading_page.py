"""The report of a reading: one HTML page, on screen and, as PDF, on A4."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from myeloscope.domain.anatomy import Region, Segment, Side
from myeloscope.domain.grade import FindingKind, Grade
from myeloscope.domain.reading import Finding, Reading
from myeloscope.report import reading_words as words
from myeloscope.report.crop import Crop, close_up
from myeloscope.report.marks import GRADE_STROKES, MIMIC_STROKE, grade_text
from myeloscope.report.overlay import overlay, station_title
from myeloscope.report.page import data_uri, render
from myeloscope.report.scene import Scene
from myeloscope.report.sheet import to_jpeg
from myeloscope.report.straightened import straightened

MOST_SHOWN = 12
"""Findings shown close up; more are listed in the table only."""


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """The pictures of one reading.

    Attributes
    ----------
    overlays
        One per station.
    spine
        The straightened spine, ``None`` where no sac was found.
    crops
        (finding, close-up), the most suspicious first.
    """

    overlays: tuple[Image.Image, ...]
    spine: Image.Image | None
    crops: tuple[tuple[Finding, Crop], ...]


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a report tells beside the reading.

    Attributes
    ----------
    identification
        (label, value) of study and patient, as far as the images carry them.
    taken
        What was read and why, in words.
    passed_over
        One line for each file or series that was not read.
    when
        ISO 8601 date and time of the reading, empty to leave it out.
    running
        Whose study it is in a few words, at the head of every printed page.
    """

    identification: tuple[tuple[str, str], ...]
    taken: str = ""
    passed_over: tuple[str, ...] = ()
    when: str = ""
    running: str = ""


def draw_pictures(scene: Scene) -> Pictures:
    """Draw every picture of a reading."""
    shown = words.by_rank(scene.reading.findings)[:MOST_SHOWN]
    return Pictures(
        tuple(overlay(scene, index) for index in range(len(scene.study.stations))),
        straightened(scene),
        tuple((finding, close_up(scene, finding)) for finding in shown),
    )


def reading_page(reading: Reading, pictures: Pictures, provenance: Provenance) -> str:
    """Return the report as a self-contained HTML page.

    Parameters
    ----------
    reading
        What to report.
    pictures
        Its pictures.
    provenance
        Whose study it is and how it was chosen.
    """
    findings = words.by_rank(reading.findings)
    return render(
        "reading.html",
        reading=reading,
        words=words,
        title=words.title(reading),
        provenance=provenance,
        regions=[region_cell(reading, region) for region in Region],
        findings=findings,
        crops=[_card(reading, finding, crop) for finding, crop in pictures.crops],
        spine=_jpeg(pictures.spine),
        overlays=[
            (station_title(reading, index), _jpeg(picture))
            for index, picture in enumerate(pictures.overlays)
        ],
        limits=words.limits_of(reading),
        roots=_root_columns(reading),
        unshown=max(0, len(findings) - len(pictures.crops)),
    )


def _jpeg(picture: Image.Image | None) -> str | None:
    return None if picture is None else data_uri(to_jpeg(picture), "image/jpeg")


def region_cell(reading: Reading, region: Region) -> dict[str, object]:
    """Return what a page shows of one region."""
    read = reading.regions[region]
    stroke = MIMIC_STROKE if not read.grade else GRADE_STROKES[read.grade]
    return {
        "name": region.value,
        "grade": grade_text(read),
        "number": "\N{EN DASH}" if read.grade is None else f"{read.grade.value}",
        "css": "unread" if read.grade is None else f"g{read.grade.value}",
        "colour": "#{:02x}{:02x}{:02x}".format(*stroke.colour),
        "reason": read.reason,
        "score": read.score,
        "findings": sum(
            f.region is region and f.kind is FindingKind.LEAK and f.grade is not Grade.NONE
            for f in reading.findings
        ),
    }


def _card(reading: Reading, finding: Finding, crop: Crop) -> dict[str, object]:
    return {
        "finding": finding,
        "where": station_title(reading, crop.station).lower(),
        "picture": _jpeg(crop.picture),
        "caption": f"{station_title(reading, crop.station)}, grey from 0 to {crop.white:.2f} "
        "of the sac's signal; left as it is, right with sac edges, outline and ruler",
    }


def _root_columns(reading: Reading) -> list[list[tuple[str, str, str]]]:
    """Return (root, right, left) rows of the named roots, in two columns of equal height."""
    by_place = {(root.segment, root.side): root for root in reading.roots}

    def cell(segment: Segment, side: Side) -> str:
        return words.root_cell(by_place.get((segment, side)), reading.findings)

    named = [segment for segment in Segment if any(segment is place[0] for place in by_place)]
    rows = [(str(s), cell(s, Side.RIGHT), cell(s, Side.LEFT)) for s in named]
    half = (len(rows) + 1) // 2
    return [rows[:half], rows[half:]] if rows else []
