"""A cohort from its listing to its tables: what is not yet done is read, then put together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from myeloscope import __version__
from myeloscope.cohort.engine import Engine
from myeloscope.cohort.manifest import Manifest
from myeloscope.cohort.record import MONTAGE, STUDIES, Cell, Entry, Listing, Order, StudyRef
from myeloscope.cohort.summary import grade_rows, outliers, spreads, tally
from myeloscope.cohort.tables import FAILURES, TABLES
from myeloscope.domain.grade import Technique
from myeloscope.exchange.cohort_table import write_table
from myeloscope.pipeline.folder import output_error
from myeloscope.report.cohort_page import (
    CohortSummary,
    Grades,
    montage_pages,
    page_count,
    summary_page,
)

UNREADABLE = "unreadable"
"""Kind of failure of a file that belongs to no study that was tried."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """What is read, how, and what is known of it already."""

    listing: Listing
    order: Order
    manifest: Manifest

    def waiting(self, *, retry: bool = False) -> tuple[StudyRef, ...]:
        """Return the studies that are still to be read.

        Parameters
        ----------
        retry
            Whether what was set aside is tried again.
        """
        return tuple(
            study
            for study in self.listing.studies
            if not self.manifest.done(study.uid, self.order.keys(study))
            or (retry and self.manifest.failed(study.uid))
        )

    def entries(self) -> Iterator[Entry]:
        """Yield what came of each study of the listing so far, in the order of the UIDs."""
        keys = {study.uid: self.order.keys(study) for study in self.listing.studies}
        return self.manifest.entries(lambda uid, key: uid in keys and key in keys[uid])


def read_cohort(
    cohort: Cohort,
    waiting: Sequence[StudyRef],
    engine: Engine,
    tell: Callable[[Sequence[Entry]], None],
) -> None:
    """Read studies and note each in the manifest.

    Parameters
    ----------
    cohort
        The cohort.
    waiting
        The studies to read.
    engine
        Who reads them.
    tell
        Called with the new lines of the manifest, batch after batch.

    Raises
    ------
    MyeloscopeError
        What no study is to blame for.
    """
    for entries in engine.read(waiting, cohort.order):
        cohort.manifest.add(entries)
        tell(entries)


def write_tables(cohort: Cohort) -> dict[str, int]:
    """Write the tables of all that is done and return their numbers of rows.

    Raises
    ------
    OutputError
        If the operating system refuses.
    """
    folder = Path(cohort.order.out)
    try:
        counts = {
            name: write_table(folder, name, columns, _rows(cohort.entries(), name))
            for name, columns in TABLES.items()
            if columns is not FAILURES
        }
        counts["failures"] = write_table(folder, "failures", FAILURES, _failures(cohort))
    except OSError as error:
        raise output_error(folder, error) from error
    return counts


def write_pages(cohort: Cohort, source: str, analysis: str = "") -> CohortSummary:
    """Write ``index.html`` and the pages of spines, and return what they tell.

    Parameters
    ----------
    cohort
        The cohort.
    source
        What was read, as the page names it.
    analysis
        Where the statistics' page is, seen from the folder; empty without.

    Raises
    ------
    OutputError
        If the operating system refuses.
    """
    folder = Path(cohort.order.out)
    made = tally(cohort.entries())
    tiles = made.tiles if cohort.order.montage else []
    failed = _failures(cohort)
    summary = CohortSummary(
        source,
        __version__,
        asked=len(cohort.listing.studies),
        read=made.read,
        grades=tuple(
            Grades(
                technique.value,
                (made.calls[technique, True], made.calls[technique, False],
                 made.calls[technique, None]),
                grade_rows(made, technique),
            )
            for technique in Technique
            if any(called == technique for called, _ in made.calls)
        ),
        failures=Counter(str(row[1]) for row in failed),
        failed=failed,
        spreads=spreads(made),
        outliers=outliers(made.values),
        montage=page_count(len(tiles)),
        analysis=analysis,
    )  # fmt: skip
    try:
        for page in folder.glob("montage-*.html"):
            page.unlink()
        for name, text in montage_pages(tiles, folder / MONTAGE, STUDIES):
            (folder / name).write_text(text, "utf-8")
        (folder / "index.html").write_text(summary_page(summary), "utf-8")
    except OSError as error:
        raise output_error(folder, error) from error
    return summary


def _rows(entries: Iterable[Entry], table: str) -> Iterator[list[Cell]]:
    for entry in entries:
        yield from entry.rows.get(table, [])


def _failures(cohort: Cohort) -> list[list[Cell]]:
    studies: list[list[Cell]] = [
        [entry.uid, entry.failure.value, entry.place, entry.reason, entry.tries]
        for entry in cohort.entries()
        if entry.failure is not None
    ]
    files: list[list[Cell]] = [
        [left.uid, UNREADABLE, left.place, left.reason, 1] for left in cohort.listing.damaged
    ]
    return sorted(studies + files, key=lambda row: (str(row[0]), str(row[2])))
