"""Batches read by the workers of Dask: this machine's, or those of any cluster.

The scheduler holds as many batches as there are workers and nothing else: a batch is a few
kilobytes, its result too; images and readings never pass through it. Each worker's thread has a
warm process of its own that reads (:mod:`myeloscope.pipeline.warm`).

A worker that dies takes its batch with it. The studies of that batch are then tried one by one, so
that one which kills its worker again is known and set aside.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast
from urllib.parse import urlsplit

import dask
from distributed import Client, Future, LocalCluster, Worker, as_completed, get_worker
from distributed.diagnostics.plugin import WorkerPlugin
from distributed.scheduler import KilledWorker

from myeloscope import __version__
from myeloscope.cohort.address import is_loopback
from myeloscope.cohort.batch import TRIES, Batch, lost_entry, module_of, read_batch
from myeloscope.cohort.engine import Supply
from myeloscope.cohort.record import Entry, Order, StudyRef
from myeloscope.errors import MyeloscopeError, UsageError
from myeloscope.pipeline.warm import Warm
from myeloscope.pipeline.worker import Refusal, WorkerError, refusal

PLUGIN = "myeloscope"
Flight: TypeAlias = "Future[Any]"
"""A batch on its way."""
CONNECT_S = 30
"""How long a scheduler may take to answer, s."""
QUIET = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}
"""Takes from Dask what looks at its threads fifty times a second, and its pages."""
NOWHERE = "127.0.0.1:0"
"""Where pages that do not exist would be served, for Dask serves them in any case."""


class ReadingPlugin(WorkerPlugin):
    """Gives each thread of a Dask worker a warm process.

    Parameters
    ----------
    module
        What the processes load.
    version
        Version of the program that asks; a worker of another one refuses to join.
    """

    name = PLUGIN

    def __init__(self, module: str, version: str) -> None:
        self._module = module
        self._version = version

    def setup(self, worker: Worker) -> None:
        """Refuse a worker that would read otherwise."""
        if self._version != __version__:
            raise RuntimeError(f"myeloscope {__version__} on {worker.address}, not {self._version}")
        self._own = threading.local()
        self._all: list[Warm] = []

    def teardown(self, worker: Worker) -> None:
        """End the processes."""
        for warm in self._all:
            warm.close()

    def warm(self) -> Warm:
        """Return the calling thread's process."""
        if not hasattr(self._own, "warm"):
            self._own.warm = Warm(self._module)
            self._all.append(self._own.warm)
        made: Warm = self._own.warm
        return made


def read_on_worker(batch: Batch) -> tuple[Entry, ...] | Refusal:
    """Read a batch in a Dask worker."""
    plugin = cast("ReadingPlugin", get_worker().plugins[PLUGIN])
    try:
        return read_batch(batch, plugin.warm())
    except MyeloscopeError as error:
        return refusal(error)


@dataclass(frozen=True, slots=True)
class Local:
    """Reads with several processes of this machine.

    Scheduler and worker are threads of this process, which only wait: each thread of the worker
    has a process of its own that reads, and that is started anew when it is lost.

    Attributes
    ----------
    workers
        How many processes read.
    """

    workers: int

    def read(self, studies: Sequence[StudyRef], order: Order) -> Iterator[tuple[Entry, ...]]:
        """Yield what came of the studies, batch after batch, as they are done."""
        with (
            dask.config.set(QUIET),
            LocalCluster(
                n_workers=1,
                threads_per_worker=self.workers,
                processes=False,
                protocol="inproc://",  # whoever may connect may run code: nobody can
                dashboard_address=NOWHERE,
                worker_dashboard_address=NOWHERE,
                memory_limit=None,
                silence_logs=50,
            ) as cluster,
            Client(cluster) as client,
        ):
            yield from _read(client, studies, order)


@dataclass(frozen=True, slots=True)
class Remote:
    """Reads with the workers of a running scheduler.

    Attributes
    ----------
    address
        Such as ``tls://scheduler:8786``; keys and certificates come from Dask's configuration.
    """

    address: str

    def __post_init__(self) -> None:
        """Refuse an address that would let strangers run code on the workers."""
        parts = urlsplit(self.address)
        if parts.scheme == "tls" and parts.hostname:
            return
        if parts.scheme != "tcp" or not parts.hostname or not is_loopback(parts.hostname):
            raise UsageError(
                "a scheduler outside this machine is reached by tls://HOST:PORT",
                value=self.address,
                place="--scheduler",
                remedy="give the scheduler a certificate; tcp:// is for 127.0.0.1",
            )

    def read(self, studies: Sequence[StudyRef], order: Order) -> Iterator[tuple[Entry, ...]]:
        """Yield what came of the studies, batch after batch, as they are done."""
        try:
            client = Client(self.address, timeout=CONNECT_S)
        except (OSError, TimeoutError, ValueError) as error:
            raise UsageError(
                "the scheduler answers",
                value=str(error) or type(error).__name__,
                place=f"--scheduler {self.address}",
                remedy="start it first, and check the address and Dask's TLS configuration",
            ) from error
        with client:
            yield from _read(client, studies, order)


def _read(client: Client, studies: Sequence[StudyRef], order: Order) -> Iterator[tuple[Entry, ...]]:
    client.register_plugin(ReadingPlugin(module_of(order), __version__))
    supply = Supply(studies, order)
    suspects: deque[Batch] = deque()
    flying: dict[Flight, Batch] = {}
    done = as_completed()

    def fill() -> int:
        workers = max(1, sum(client.nthreads().values()))
        while len(flying) < workers:
            batch = suspects.popleft() if suspects else supply.deal(workers)
            if batch is None:
                break
            future = client.submit(read_on_worker, batch, pure=False)
            flying[future] = batch
            done.add(future)
        return len(flying)

    while fill():
        future = next(done)
        batch = flying.pop(future)
        entries = _result(future, batch)
        if entries is None:
            suspects.extend(Batch((study,), order) for study in batch.studies)
            continue
        supply.learn(entries)
        yield entries


def _result(future: Flight, batch: Batch) -> tuple[Entry, ...] | None:
    """Return a batch's entries; ``None`` if its worker was lost and its studies are suspect.

    Raises
    ------
    MyeloscopeError
        What no study is to blame for.
    """
    if future.status == "error":
        fault = future.exception()
        if not isinstance(fault, KilledWorker):
            raise fault
        if len(batch.studies) > 1:
            return None
        return (lost_entry(batch.studies[0], batch.order, TRIES),)
    if future.status != "finished":
        raise WorkerError(
            "the scheduler stays reachable",
            value=f"a batch that was {future.status}",
            place="scheduler",
            remedy="start the scheduler again and repeat the command; what is done stays done",
        )
    answer: tuple[Entry, ...] | Refusal = future.result()
    if isinstance(answer, Refusal):
        raise answer.error()
    return answer
