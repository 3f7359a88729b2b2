"""The demonstration that ``serve --demo`` shows: two cases at once, the paper's cohort after them.

A trial takes cases only while it is a draft, so there are two: a small one that is open within
seconds, and the cohort's, which opens when the last of its phantoms is there.
"""

from __future__ import annotations

import csv
import importlib
import logging
import secrets
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from myeloscope.domain.grade import ReaderKind, Technique
from myeloscope.errors import MyeloscopeError
from myeloscope.pipeline.intake import IntakeJob, take_in
from myeloscope.pipeline.run import Watch
from myeloscope.pipeline.worker import Step, run_limited
from myeloscope.server.site import Site
from myeloscope.store.folder import IDENTITY_KEY, write_private
from myeloscope.trial.protocol import Hidden, Protocol, Reader, Shown

DEMO_DATA = Path("myeloscope-demo-study")
PASSWORD_FILE = "demo.password"
LEAD = "lead"
READERS = ("reader1", "reader2")
PANEL = ("nuclear1", "nuclear2", "nuclear3")
BOTH = Protocol(
    techniques=(Technique.MRM, Technique.RIC),
    scales=("paper-mrm/1", "paper-ric/1"),
    hidden=frozenset(Hidden),
    algorithm=Shown.AFTER_OWN_GRADE,
    calipers=Shown.NEVER,
)
FIRST, COHORT = "first-cases", "paper-cohort"
SIMULATE = "myeloscope.cli.serve_demo:simulate"
SEED = 20
COHORT_SIZE = 30
BATCH = 2
"""Phantoms made and imported at a time; a patient and a control."""
FIRST_SEEDS = (8, 9)
_T = TypeVar("_T")
_Spec: TypeAlias = Any  # myeloscope.phantom.PhantomSpec, known in the worker only
LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PhantomJob:
    """Phantoms to make: members of the paper's cohort by index, or the two first cases."""

    folder: str
    members: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Demo:
    """The demonstration's accounts and trials on a site.

    Attributes
    ----------
    site
        Where they are made.
    tell
        Prints a line.
    size
        Cases of the cohort, an even number up to 30.
    """

    site: Site
    tell: Callable[[str], None]
    size: int = COHORT_SIZE
    _stop: threading.Event = field(default_factory=threading.Event)

    def prepare(self) -> None:
        """Make accounts and the first trial, unless they are there; print who may log in."""
        path = self.site.store.folder / PASSWORD_FILE
        if not path.exists():
            write_private(path, secrets.token_urlsafe(9).encode())
        password = path.read_text(encoding="ascii")
        if FIRST not in self.site.store.log.trials():
            self.tell("simulating two cases, which takes some ten seconds")
            self._accounts(password)
            self._trial(FIRST, "Two first cases")
            self._take(FIRST, PhantomJob(""))
            self._open(FIRST)
        for name in (*READERS, *PANEL, LEAD):
            self.tell(f"log in as {name} with {password}")

    def start(self) -> threading.Thread:
        """Make the cohort's trial in the background, in the thread that is returned."""
        thread = threading.Thread(target=self._cohort, name="demo", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """Make no more cases; the next start goes on where this one ended."""
        self._stop.set()

    def _cohort(self) -> None:
        log = self.site.store.log
        try:
            if COHORT not in log.trials():
                self._trial(COHORT, f"The paper's cohort, {self.size} simulated cases")
            if log.trial(COHORT).reads:
                return
            while (made := len(log.trial(COHORT).cases)) < self.size:
                if self._stop.is_set():
                    return
                self.tell(f"simulating the paper's cohort: {made} of {self.size} cases")
                some = tuple(range(made, min(made + BATCH, self.size)))
                self._take(COHORT, PhantomJob("", some))
            self._open(COHORT)
            self.tell(f"the paper's cohort is ready: {self.size} cases")
        except MyeloscopeError as error:
            LOG.warning("the demonstration's cohort: %s", error)

    def _accounts(self, password: str) -> None:
        hashed = self.site.hasher.hash(password)
        for name in (LEAD, *READERS, *PANEL):
            if self.site.accounts.named(name) is None:
                self.site.accounts.create(
                    name, hashed, self.site.clock(), administrator=name == LEAD
                )

    def _trial(self, name: str, title: str) -> None:
        lead = self._id(LEAD)
        self.site.trials.create(name, title, BOTH, (lead,), lead)
        people = [
            Reader(f"reader-{number}", ReaderKind.PERSON, (self._id(reader),))
            for number, reader in enumerate(READERS, start=1)
        ]
        members = tuple(map(self._id, PANEL))
        panel = Reader("panel", ReaderKind.PANEL, members, (Technique.RIC,))
        machine = Reader("myeloscope", ReaderKind.ALGORITHM, (), BOTH.techniques)
        for each in (*people, panel, machine):
            self.site.trials.add_reader(name, each, lead)

    def _take(self, name: str, job: PhantomJob) -> None:
        """Simulate phantoms and import them as any other studies."""
        store = self.site.store
        watch = Watch()
        with tempfile.TemporaryDirectory(prefix="demo-", dir=store.folder) as folder:
            made = PhantomJob(folder, job.members)
            run_limited(SIMULATE, made, limits=watch.limits, on_step=watch.on_step)
            first = len(store.log.trial(name).cases) + 1
            listed = str(Path(folder) / "cases.csv")
            intake = IntakeJob((f"{folder}/studies",), listed, store.key(IDENTITY_KEY), first)
            new = take_in(intake, store.objects.put, watch)
        store.keep_apart(new.apart(name))
        self.site.trials.add_cases(name, new.cases, self._id(LEAD))

    def _open(self, name: str) -> None:
        self.site.trials.assign(name, SEED, self._id(LEAD))
        self.site.trials.open(name, self._id(LEAD))

    def _id(self, name: str) -> str:
        found = self.site.accounts.named(name)
        if found is None:
            raise LookupError(name)
        return found[0].id


def simulate(job: PhantomJob, tell: Callable[[Step], None]) -> None:
    """Write phantoms and their list of cases into a folder, in the worker.

    Patients have a cisternogram too, as in the paper.
    """
    rows = []
    for name, spec in _chosen(job):
        tell(Step(f"simulating {name}", study=True))
        folder = Path(job.folder) / "studies" / name
        rows += _made(name, spec, folder)
    with (Path(job.folder) / "cases.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        letters = ("C", "T", "L")
        writer.writerow(["study_uid", "case", "truth", *(f"level_truth_{x}" for x in letters)])
        writer.writerows(rows)


def _chosen(job: PhantomJob) -> list[tuple[str, _Spec]]:
    """Return names and specifications of the phantoms of a job."""
    phantom = importlib.import_module("myeloscope.phantom")
    cohorts = importlib.import_module("myeloscope.phantom.cohorts")
    if not job.members:
        return [(f"first-{seed}", phantom.demo_spec(seed)) for seed in FIRST_SEEDS]
    cohort = _alternating(cohorts.paper_cohort(SEED, phantom.Difficulty.MEDIUM))
    return [(cohort[index].name, cohort[index].spec) for index in job.members]


def _made(name: str, spec: _Spec, folder: Path) -> list[list[object]]:
    """Write one person's studies and return their rows of the list of cases."""
    phantom = importlib.import_module("myeloscope.phantom")
    nuclear = importlib.import_module("myeloscope.phantom.ric_making")
    specs = importlib.import_module("myeloscope.phantom.ric_spec")
    write = importlib.import_module("myeloscope.cli.phantom")
    made = phantom.make(spec)
    write.write_phantom(made, name, folder)
    studies = [made.study.uid]
    patient = made.truth.arm == "patient"
    if patient:
        seen = nuclear.make_ric(specs.RicSpec(spec, ruin=specs.RicRuin.NONE))
        write.write_ric(seen, name, folder / "ric")
        studies.append(seen.study.uid)
    levels = [int(grade > 0) for grade in made.truth.grades[made.study.technique].values()]
    return [[uid, name, int(patient), *levels] for uid in studies]


def _alternating(members: Sequence[_T]) -> tuple[_T, ...]:
    """Return members so that the two halves (patients, controls) alternate."""
    half = len(members) // 2
    return tuple(each for pair in zip(members[:half], members[half:], strict=True) for each in pair)
