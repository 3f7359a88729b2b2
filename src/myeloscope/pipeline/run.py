"""What a command, server or node calls: read studies in a worker, whole results or none.

This module and what it imports are light: everything heavy is imported in the worker.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from myeloscope.errors import OutputError
from myeloscope.pipeline.folder import whole_folder
from myeloscope.pipeline.job import Explained, ExplainJob, Outcome, ReadJob
from myeloscope.pipeline.worker import Limits, Step, run_limited


def _silent(_: Step) -> None:
    """Drop a progress event."""


@dataclass(frozen=True, slots=True)
class Watch:
    """How a run is limited and who hears of it.

    Attributes
    ----------
    limits
        Time and memory of the worker.
    on_step
        Called with every progress event.
    log
        Where the worker's stderr goes; ``None`` drops it.
    """

    limits: Limits = field(default_factory=Limits)
    on_step: Callable[[Step], None] = _silent
    log: IO[str] | None = None


def read_to_json(job: ReadJob, watch: Watch | None = None) -> Outcome:
    """Read studies and write nothing.

    Raises
    ------
    MyeloscopeError
        InputError if there is nothing to read, LimitError, or WorkerError if the worker dies.
    """
    return _run("myeloscope.pipeline.reading:read_only", job, watch or Watch())


def read_to_folder(
    job: ReadJob, out: Path, *, overwrite: bool = False, watch: Watch | None = None
) -> Outcome:
    """Read studies and write their files into a folder, all or nothing.

    Parameters
    ----------
    job
        What to read; its ``folder`` is set here.
    out
        The folder to make: one study's files, or a folder for each of several studies.
    overwrite
        Whether an earlier run's output in ``out`` may be replaced.
    watch
        Limits and progress.

    Raises
    ------
    MyeloscopeError
        OutputError if ``out`` cannot be written or holds something else, and as
        :func:`read_to_json`.
    """
    _check_apart(job, out)
    with whole_folder(out, overwrite=overwrite) as made:
        try:
            return read_into(job, made, watch)
        except OutputError as error:
            # The user knows the folder by the name it would have had.
            place = str(out) if str(made) in error.place else error.place
            raise OutputError(
                error.rule, value=error.value, place=place, remedy=error.remedy
            ) from error


def read_into(job: ReadJob, folder: Path, watch: Watch | None = None) -> Outcome:
    """Read studies and write their files into a folder that is there, whatever it holds.

    For callers that make a whole folder of their own; raises as :func:`read_to_json`.
    """
    job = replace(job, folder=str(folder))
    name = "reading:write_json" if job.only_json else "outputs:read_and_write"
    return _run(f"myeloscope.pipeline.{name}", job, watch or Watch())


def explain_reading(job: ExplainJob, watch: Watch | None = None) -> Explained:
    """Explain a finding or a region of a reading, writing nothing.

    Raises
    ------
    MyeloscopeError
        InputError if reading and study do not belong together, LimitError, or WorkerError.
    """
    limits = watch or Watch()
    explained: Explained = run_limited(
        "myeloscope.pipeline.explaining:explain",
        job,
        limits=limits.limits,
        on_step=limits.on_step,
        log=limits.log,
    )
    return explained


def _check_apart(job: ReadJob, out: Path) -> None:
    """Refuse an output folder that holds, or is, what is to be read."""
    target = os.path.realpath(out)  # unlike Path.resolve, it bears links that loop
    for path in job.paths:
        if Path(os.path.realpath(path)).is_relative_to(target):
            raise OutputError(
                "the output goes elsewhere than the images",
                value=f"{path} inside it",
                place=str(out),
                remedy="choose another --out",
            )


def _run(work: str, job: ReadJob, watch: Watch) -> Outcome:
    outcome: Outcome = run_limited(
        work, job, limits=watch.limits, on_step=watch.on_step, log=watch.log
    )
    return outcome
