"""Studies and their list of cases, taken in for a trial: what command and server both call.

This module is light: everything that decodes is imported in the worker.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from myeloscope.errors import InputError
from myeloscope.pipeline.job import Skipped
from myeloscope.pipeline.run import Watch
from myeloscope.pipeline.worker import run_limited
from myeloscope.trial.state import Case

WORK = "myeloscope.pipeline.importing:import_all"
Apart = Mapping[str, str | int]
"""A row of the re-identification table."""


@dataclass(frozen=True, slots=True)
class IntakeJob:
    """What to take in.

    Attributes
    ----------
    paths
        Folders, zips or files.
    listed
        CSV ``study_uid,case,truth[,visit][,level_truth_C...][,truth_<name>...]``.
    key
        Secret key of the pseudonyms.
    first
        Running number of the first case.
    folder
        Where the worker writes files, each named by the SHA-256 of its content.
    """

    paths: tuple[str, ...]
    listed: str
    key: bytes
    first: int = 1
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Intake:
    """New cases, and what is kept apart from them.

    Attributes
    ----------
    cases
        The cases, their images named by content.
    names
        Listed name of each case by its new one.
    identities
        Who is who.
    risks
        Why text may be burned into pixels, one line each.
    skipped
        What was not taken in, and why.
    """

    cases: tuple[Case, ...]
    names: Mapping[str, str]
    identities: tuple[Apart, ...]
    risks: tuple[str, ...]
    skipped: tuple[Skipped, ...]

    def apart(self, trial: str) -> Iterator[Apart]:
        """Yield what goes to the re-identification table."""
        yield from self.identities
        for case, name in self.names.items():
            yield {"trial": trial, "case": case, "listed_as": name}


def take_in(job: IntakeJob, put: Callable[[bytes], str], watch: Watch | None = None) -> Intake:
    """Return the cases behind paths, decoded and de-identified in the worker.

    Parameters
    ----------
    job
        What to take in; its ``folder`` is set here.
    put
        Stores a file and returns its name.
    watch
        Limits and progress.

    Raises
    ------
    InputError
        If nothing can be read, or list and studies do not fit each other.
    """
    seen = watch or Watch()
    with tempfile.TemporaryDirectory(prefix="myeloscope-") as folder:
        told = IntakeJob(job.paths, job.listed, job.key, job.first, folder)
        done: Intake = run_limited(
            WORK, told, limits=seen.limits, on_step=seen.on_step, log=seen.log
        )
        for path in sorted(Path(folder).iterdir()):
            if put(path.read_bytes()) != path.name:
                raise InputError(
                    "files come from the worker as it wrote them", value="another content",
                    place=path.name, remedy="check the disk and import again",
                )  # fmt: skip
    return done
