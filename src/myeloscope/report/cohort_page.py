"""A cohort as pages: one of counts, quality and failures, and as many of spines as it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from myeloscope.domain.anatomy import Region
from myeloscope.report.page import data_uri, render

A_PAGE = 48
"""Spines on a page."""
MOST_LINES = 200
"""Lines of a list on the summary page; the tables have all."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A study of the montage: its call and its regions' grades (``None``: not assessable)."""

    uid: str
    positive: bool | None
    grades: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """How a measure is distributed: least, lower quartile, median, upper quartile, most."""

    technique: str
    item: str
    count: int
    cuts: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Outlier:
    """A value far from the others; ``z`` is its modified z-score."""

    uid: str
    technique: str
    item: str
    value: float
    median: float
    z: float


@dataclass(frozen=True, slots=True)
class Grades:
    """Counts of one technique.

    Attributes
    ----------
    technique
        In words.
    calls
        Studies that are positive, negative, and cannot be called.
    regions
        Region -> studies with grade 0, 1, 2, 3 and without a grade.
    """

    technique: str
    calls: tuple[int, int, int]
    regions: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class CohortSummary:
    """What the summary page shows.

    Attributes
    ----------
    source, version
        What was read, and with which version.
    asked, read
        Studies of the source, and those that have a reading.
    grades
        Counts by technique.
    failures
        Kind -> number.
    failed
        Study UID, kind, place, reason of each.
    spreads, outliers
        Quality of the images.
    montage
        Number of pages of spines.
    analysis
        Where the tables of ``analyze`` are, if there are any.
    """

    source: str
    version: str
    asked: int
    read: int
    grades: tuple[Grades, ...]
    failures: Mapping[str, int]
    failed: Sequence[Sequence[object]]
    spreads: tuple[Spread, ...]
    outliers: tuple[Outlier, ...]
    montage: int = 0
    analysis: str = ""


def summary_page(summary: CohortSummary) -> str:
    """Return the summary of a cohort as one page."""
    return render(
        "cohort.html",
        it=summary,
        failed=summary.failed[:MOST_LINES],
        outliers=summary.outliers[:MOST_LINES],
        more_failed=max(0, len(summary.failed) - MOST_LINES),
        more_outliers=max(0, len(summary.outliers) - MOST_LINES),
        montage=[page_name(number) for number in range(1, summary.montage + 1)],
    )


def page_name(number: int) -> str:
    """Return the name of a page of spines, counted from 1."""
    return f"montage-{number:04d}.html"


def page_count(tiles: int) -> int:
    """Return how many pages so many spines take."""
    return -(-tiles // A_PAGE)


def montage_pages(tiles: Sequence[Tile], pictures: Path, studies: str) -> Iterator[tuple[str, str]]:
    """Yield name and text of each page of spines: those not assessable first, then the positive.

    Parameters
    ----------
    tiles
        What to show.
    pictures
        Folder of the pictures, named by study UID.
    studies
        Where the studies' folders are, seen from the page.
    """
    ordered = sorted(tiles, key=lambda tile: (tile.positive is not None, tile.uid))
    count = page_count(len(ordered))
    for number in range(1, count + 1):
        shown = ordered[(number - 1) * A_PAGE : number * A_PAGE]
        yield (
            page_name(number),
            render(
                "cohort_montage.html",
                tiles=[(tile, _picture(pictures / f"{tile.uid}.png")) for tile in shown],
                letters=[region.letter for region in Region],
                number=number,
                count=count,
                before=page_name(number - 1) if number > 1 else "",
                after=page_name(number + 1) if number < count else "",
                studies=studies,
            ),
        )


def _picture(path: Path) -> str:
    """Return a picture as an address, empty where there is none."""
    return data_uri(path.read_bytes()) if path.is_file() else ""
