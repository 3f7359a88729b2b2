"""The algorithm as one more reader: its reads of open trials are done in the worker process."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from myeloscope.domain.codec import loads
from myeloscope.domain.grade import ReaderKind
from myeloscope.errors import MyeloscopeError
from myeloscope.pipeline.job import ReadJob
from myeloscope.pipeline.run import Watch, read_to_json
from myeloscope.store.folder import Store
from myeloscope.store.trials import Trials
from myeloscope.trial.answer import Answer, RegionAnswer
from myeloscope.trial.protocol import Phase
from myeloscope.trial.readings import answer_of
from myeloscope.trial.refusals import TrialError
from myeloscope.trial.sequence import order_of
from myeloscope.trial.state import Read, Status, Trial

LOG = logging.getLogger(__name__)
PAUSE_S = 2.0


def pending(trial: Trial) -> Iterator[Read]:
    """Yield the algorithm's reads that wait, in an open trial."""
    if trial.phase is Phase.OPEN:
        for reader in trial.readers.values():
            if reader.kind is ReaderKind.ALGORITHM:
                reads = order_of(trial, reader.id)
                yield from (read for read in reads if read.status is Status.ASSIGNED)


def read_automatically(store: Store, trials: Trials, name: str, watch: Watch) -> Iterator[str]:
    """Do the algorithm's waiting reads of a trial; yield each when it is locked.

    A study that the algorithm cannot read becomes a read that is not assessable, with the reason.
    """
    for read in pending(store.log.trial(name)):
        answer, text = _reading(store, store.log.trial(name), read, watch)
        file = store.objects.put(text)
        try:
            trials.read_by_algorithm(name, read.assignment.id, answer, file)
        except TrialError:
            return  # somebody else did it, or the trial was locked meanwhile
        yield read.assignment.id


def _reading(store: Store, trial: Trial, read: Read, watch: Watch) -> tuple[Answer, bytes]:
    own = read.assignment
    images = trial.cases[own.case].images(own.technique, own.visit)
    paths = tuple(dict.fromkeys(str(store.objects.path(image.sha256)) for image in images))
    try:
        job = ReadJob(paths, technique=own.technique)
        text = read_to_json(job, watch).studies[0].json.encode()
    except MyeloscopeError as error:
        reason = f"{error.rule}; found {error.value}"[:500]
        regions = {region: RegionAnswer(reason=reason) for region in trial.protocol.regions}
        return Answer(regions), reason.encode()
    found = answer_of(loads(text))
    asked = {region: found.region(region) for region in trial.protocol.regions}
    return Answer(asked, found.findings), text


@dataclass(frozen=True, slots=True)
class Caretaker:
    """A thread that does the algorithm's reads of whatever trial is open, until it is stopped."""

    store: Store
    trials: Trials
    watch: Watch = field(default_factory=Watch)
    _stop: threading.Event = field(default_factory=threading.Event)

    def start(self) -> threading.Thread:
        """Start the thread and return it."""
        thread = threading.Thread(target=self._run, name="caretaker", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """Let the thread end after the read that it is doing."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.wait(PAUSE_S):
            for name in self.store.log.trials():
                try:
                    for _ in read_automatically(self.store, self.trials, name, self.watch):
                        if self._stop.is_set():
                            return
                except MyeloscopeError as error:
                    LOG.warning("the algorithm's reads of trial %s: %s", name, error)
