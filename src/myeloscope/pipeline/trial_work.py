"""What a trial asks of the worker: statistics of its table, and the algorithm's readings."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from myeloscope.accuracy.study import analyse
from myeloscope.exchange.reads import TableOptions, read_text
from myeloscope.pipeline.job import TableJob
from myeloscope.pipeline.worker import Step

Cell = str | int | float | None


def statistics_of(job: TableJob, tell: Callable[[Step], None]) -> tuple[Mapping[str, Cell], ...]:
    """Return the rows that ``myeloscope analyze`` writes for the same table.

    Raises
    ------
    InputError
        If the table breaks a rule.
    """
    tell(Step("computing statistics"))
    reads = read_text(job.table, "readings.csv", TableOptions(truth=job.reference))
    return tuple(row.as_row() for row in analyse(reads))
