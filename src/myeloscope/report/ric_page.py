"""The report of a cisternogram's reading: one HTML page, on screen and, as PDF, on A4."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from myeloscope.domain.anatomy import Region
from myeloscope.domain.image import Study
from myeloscope.domain.reading import Reading
from myeloscope.report import reading_words as words
from myeloscope.report import ric_words
from myeloscope.report.page import data_uri, render
from myeloscope.report.reading_page import Provenance, region_cell
from myeloscope.report.scintigrams import all_times, courses
from myeloscope.report.sheet import to_jpeg


@dataclass(frozen=True, slots=True, eq=False)
class RicPictures:
    """The pictures of one reading: every image with findings, and their courses over time."""

    times: Image.Image
    courses: Image.Image | None


def draw_ric_pictures(study: Study, reading: Reading, bounds: tuple[float, float]) -> RicPictures:
    """Draw every picture of a reading; ``bounds`` are the activity called faint and hot."""
    return RicPictures(all_times(study, reading), courses(reading, bounds=bounds))


def ric_page(
    reading: Reading,
    pictures: RicPictures,
    provenance: Provenance,
    bounds: tuple[tuple[str, float], ...],
) -> str:
    """Return the report as a self-contained HTML page.

    Parameters
    ----------
    reading
        What to report.
    pictures
        Its pictures.
    provenance
        Whose study it is and how it was chosen.
    bounds
        Name and value of each bound of the reading.
    """
    findings = words.by_rank(reading.findings)
    return render(
        "cisternography.html",
        reading=reading,
        words=words,
        ric=ric_words,
        title=words.title(reading),
        provenance=provenance,
        regions=[region_cell(reading, region) for region in Region],
        findings=findings,
        times=data_uri(to_jpeg(pictures.times), "image/jpeg"),
        courses=None
        if pictures.courses is None
        else data_uri(to_jpeg(pictures.courses), "image/jpeg"),
        bounds=bounds,
    )
