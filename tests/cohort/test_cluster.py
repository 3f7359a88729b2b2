"""A real scheduler and real workers, each a process of its own: some are killed, none is missed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from distributed import Client

from myeloscope.cohort import cluster
from myeloscope.cohort.cluster import Local, ReadingPlugin, Remote
from myeloscope.cohort.record import Entry, Failure, Order, StudyRef
from myeloscope.errors import OutputError, UsageError
from myeloscope.pipeline.worker import Limits
from tests.cohort.conftest import studies_that

ROOT = Path(__file__).parents[2]
START_S = 90.0


def _dask(*arguments: str) -> subprocess.Popen[bytes]:
    settings = {
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
        "DASK_DISTRIBUTED__WORKER__MULTIPROCESSING_METHOD": "spawn",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments],
        cwd=ROOT, env=os.environ | settings,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def _wait_for(path: Path) -> None:
    end = time.monotonic() + START_S
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert path.exists(), "the scheduler has not started"


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a scheduler with two workers, started as a cluster's would be."""
    folder = tmp_path_factory.mktemp("dask")
    file = folder / "scheduler.json"
    started = [
        _dask("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
              "--scheduler-file", str(file))
    ]  # fmt: skip
    try:
        _wait_for(file)
        started += [
            _dask("worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-dashboard",
                  "--local-directory", str(folder))
            for _ in range(2)
        ]  # fmt: skip
        with Client(scheduler_file=str(file), timeout=START_S) as client:
            client.wait_for_workers(2, timeout=START_S)
            yield client.scheduler.address
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait()


def read(engine: Local | Remote, studies: tuple[StudyRef, ...], order: Order) -> list[Entry]:
    return [entry for batch in engine.read(studies, order) for entry in batch]


def test_every_study_is_read_once_and_the_bad_are_named(scheduler: str, order: Order) -> None:
    what = [*["read"] * 20, "hang", "crash", "corrupt", "gorge", *["read"] * 20]
    entries = read(Remote(scheduler), studies_that(*what), order)
    assert Counter(entry.uid for entry in entries) == {f"1.2.{n}": 1 for n in range(1, 45)}
    kinds = {entry.uid: entry.failure for entry in entries if entry.failure}
    assert kinds == {
        "1.2.21": Failure.TIME, "1.2.22": Failure.CRASH,
        "1.2.23": Failure.INPUT, "1.2.24": Failure.MEMORY,
    }  # fmt: skip


def test_a_worker_killed_in_mid_run_costs_no_study(scheduler: str, order: Order) -> None:
    studies = studies_that(*["slow"] * 40)
    entries: list[Entry] = []
    killed: list[int] = []
    with Client(scheduler) as client:
        for batch in Remote(scheduler).read(studies, order):
            entries += batch
            if not killed:
                pids = client.run(os.getpid)
                killed.append(pids[sorted(pids)[0]])
                os.kill(killed[0], signal.SIGKILL)
        assert killed[0] not in client.run(os.getpid).values()
    assert Counter(entry.uid for entry in entries) == {f"1.2.{n}": 1 for n in range(1, 41)}
    assert [entry for entry in entries if entry.failure] == []


def test_a_study_that_kills_its_worker_twice_is_set_aside(scheduler: str, order: Order) -> None:
    what = [*["read"] * 4, "kill the worker", *["read"] * 4]
    entries = read(Remote(scheduler), studies_that(*what), order)
    assert Counter(entry.uid for entry in entries) == {f"1.2.{n}": 1 for n in range(1, 10)}
    (bad,) = (entry for entry in entries if entry.failure)
    assert (bad.uid, bad.failure, bad.tries) == ("1.2.5", Failure.LOST, 2)
    assert "was lost each time" in bad.reason


def test_a_full_disk_on_a_worker_ends_the_run(scheduler: str, order: Order) -> None:
    with pytest.raises(OutputError, match="no room"):
        read(Remote(scheduler), studies_that("read", "full", "read"), order)


def test_local_workers_whose_processes_are_lost_go_on_with_new_ones(order: Order) -> None:
    entries = read(Local(2), studies_that(*["read"] * 8, "kill the process", "read"), order)
    assert sorted(entry.uid for entry in entries) == sorted(f"1.2.{n}" for n in range(1, 11))
    (bad,) = (entry for entry in entries if entry.failure)
    assert (bad.uid, bad.failure, bad.tries) == ("1.2.9", Failure.CRASH, 2)


def _listening() -> set[tuple[str, int]]:
    """Return the addresses, in hexadecimal, and ports at which this process listens."""
    own = {str(file.readlink()) for file in Path("/proc/self/fd").iterdir() if file.is_symlink()}
    rows = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path("/proc/self/net", name).read_text("ascii").splitlines()[1:]
    ]
    # local address, state (0A: LISTEN), inode: proc(5)
    places = [row[1].split(":") for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in own]
    return {(host, int(port, 16)) for host, port in places}


def test_local_workers_can_be_reached_by_nobody(order: Order) -> None:
    before = _listening()
    batches = Local(2).read(studies_that(*["read"] * 8), order)
    next(batches)
    heard = _listening() - before
    assert heard
    for host, port in heard:  # pages that Dask serves in any case, of which none is left
        assert host == "0100007F"
        with pytest.raises(HTTPError, match="404"):
            urlopen(f"http://127.0.0.1:{port}/health")
    batches.close()  # type: ignore[attr-defined]


def _children() -> set[str]:
    lists = Path("/proc/self/task").glob("*/children")
    return {pid for file in lists for pid in file.read_text("ascii").split()}


def test_local_workers_that_are_broken_off_end_at_once(order: Order) -> None:
    order = replace(order, limits=Limits(100.0))
    before = _children()
    batches = Local(2).read(studies_that("read", *["hang"] * 3), order)
    next(batches)
    begun = time.monotonic()
    batches.close()  # type: ignore[attr-defined]
    assert time.monotonic() - begun < 20
    assert _children() == before


@pytest.mark.parametrize(
    "address",
    ["tcp://10.0.0.7:8786", "tcp://scheduler:8786", "http://127.0.0.1:8786", "127.0.0.1:8786",
     "tcp://", "tls://", "inproc://x"],
)  # fmt: skip
def test_a_scheduler_that_strangers_could_use_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match=r"reached by tls://HOST:PORT") as caught:
        Remote(address)
    assert address in str(caught.value)


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:1", "tcp://localhost:1", "tcp://[::1]:1", "tls://scheduler:1"]
)
def test_loopback_and_tls_are_taken(address: str) -> None:
    assert Remote(address).address == address


def test_a_scheduler_that_is_not_there_is_a_usage_error(
    order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_S", 1)
    with pytest.raises(UsageError, match="the scheduler answers"):
        read(Remote("tcp://127.0.0.1:1"), studies_that("read"), order)


def test_a_worker_of_another_version_refuses(scheduler: str) -> None:
    with Client(scheduler) as client, pytest.raises(RuntimeError, match=r"not 0\.0\.none"):
        client.register_plugin(ReadingPlugin("json", "0.0.none"), name="other")
