"""One study of a cohort with every file of its reading; this loads what draws and prints."""

from __future__ import annotations

from myeloscope.cohort.reading import read_with
from myeloscope.cohort.record import Entry, Order, StudyRef
from myeloscope.pipeline.outputs import read_and_write


def read_to_files(study: StudyRef, order: Order) -> Entry:
    """Read a study, write its folder and return its line of the manifest.

    Raises
    ------
    MyeloscopeError
        As :func:`~myeloscope.cohort.reading.read_with`.
    """
    return read_with(read_and_write, study, order)
