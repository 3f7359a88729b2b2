"""The study server under readers: saving, being killed, starting, lists.

``scripts/bench study_server [load] [kill] [start] [list] [--database KIND] [--short]``;
``--seconds N`` and ``--kills N`` change how much is done.
The server is ``myeloscope serve`` in a process of its own; readers are threads with a connection
each, on the same machine, so that they take from the server's time. *Lost* counts saves that were
acknowledged and are not in the database afterwards, read by opening it anew.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.serving.saving import Saver, lost, save_for, savers_of
from benchmarks.serving.site import LEAD, TRIAL, Browser, Running, Study, make_study, serving
from tests.postgresql import running_server

LIMIT_SAVE_S, LIMIT_LIST_S, LIMIT_START_S, LIMIT_MB = 0.2, 0.1, 1.5, 250.0
PAUSE_S = 2.0
KILLED_READERS = 10
LONGEST_S = 60.0
"""Readers of a server that is killed give up after this, s."""
IDLE_S = 4.0
SHORT_SLACK = 2.0
"""What the short form allows over the limits, for the server's CPU time: it runs beside others."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done."""

    readers: int
    seconds: float
    kills: int
    starts: int
    cases: int
    pages: int
    busy: bool


FULL = Size(50, 300.0, 50, 9, 10_000, 200, busy=False)
SHORT = Size(10, 20.0, 5, 2, 10_000, 20, busy=True)
IN_SHORT = ("load", "start", "list")
"""Kills are in the tests (``tests/store/test_kill.py``)."""


@dataclass(frozen=True, slots=True)
class Seconds:
    """Time on the wall, as a reader waits, and of the server's processor for the same, s."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Measured:
    """A line of the table: what, the figure, its limit, and whether it is kept."""

    what: str
    found: str
    limit: str
    kept: bool


Databases = Mapping[str, Callable[[], str | None]]
"""Kind -> what gives the address of a new database; ``None`` for a file in the data folder."""


def load(size: Size, url: str | None, kind: str, scratch: Path) -> Iterator[Measured]:
    """Let readers save every two seconds."""
    study = make_study(scratch / f"load-{kind}", url, size.readers, 3)
    with serving(study) as running:
        before = running.cpu_s()
        savers = savers_of(study)
        save_for(savers, running.port, size.seconds, PAUSE_S)
        cpu = running.cpu_s() - before
    took = sorted(second for saver in savers for second in saver.took_s)
    p95 = statistics.quantiles(took, n=20)[-1]
    errors = [error for saver in savers for error in (*saver.errors, *["cut"] * saver.cut)]
    gone = lost(study, savers)
    what = f"{size.readers} readers, {size.seconds:.0f} s, {kind}"
    saves = sum(saver.acknowledged for saver in savers)
    yield _times(f"{what}: save, p95", Seconds(p95, cpu / len(took)), LIMIT_SAVE_S, size)
    yield Measured(f"{what}: errors of {len(took)} saves", str(len(errors)), "0", not errors)
    yield Measured(f"{what}: lost of {saves}", str(len(gone)), "0", not gone)


def kill(size: Size, url: str | None, kind: str, scratch: Path) -> Iterator[Measured]:
    """Kill the server again and again while readers save as fast as it lets them."""
    study = make_study(scratch / f"kill-{kind}", url, KILLED_READERS, 3)
    drawn, gone, saves = random.Random(7), list[str](), 0
    for _ in range(size.kills):
        savers = _killed(study, drawn.uniform(0.2, 1.0))
        done = sum(len(saver.took_s) for saver in savers)
        gone += [error for saver in savers for error in saver.errors]
        gone += lost(study, savers)
        saves += done
    for line in gone:
        print(line, file=sys.stderr, flush=True)
    what = f"kill -9 under load, {size.kills} times, {kind}"
    yield Measured(f"{what}: lost of {saves} saves", str(len(gone)), "0", not gone)


def _killed(study: Study, after_s: float) -> list[Saver]:
    """Return the readers of a server that is killed some time after their first save."""
    savers = savers_of(study)
    with serving(study) as running:

        def kill_soon() -> None:
            savers[0].saved.wait()
            time.sleep(after_s)
            running.kill()

        killer = threading.Thread(target=kill_soon)
        killer.start()
        save_for(savers, running.port, LONGEST_S, 0.0)
        killer.join()
    return savers


def start(size: Size, url: str | None, kind: str, scratch: Path) -> Iterator[Measured]:
    """Start the server, and look at its memory when it has been idle for a while."""
    study = make_study(scratch / f"start-{kind}", url, 2, 3)
    with serving(study):
        pass  # the disk's cache is warm now
    took, cpu, memory = [], [], []
    for _ in range(size.starts):
        with serving(study) as running:
            took.append(running.start_s)
            cpu.append(running.cpu_s())
            time.sleep(IDLE_S)
            memory.append(_resident_mb(running.process.pid))
    what = f"{size.starts} starts, {kind}"
    median = Seconds(statistics.median(took), statistics.median(cpu))
    yield _times(f"{what}: until it answers, median", median, LIMIT_START_S, size)
    most = max(memory)
    yield Measured(f"{what}: idle memory", f"{most:.0f} MB", f"{LIMIT_MB:g} MB", most <= LIMIT_MB)


def _resident_mb(pid: int) -> float:
    """Return the proportional set size of a process and its children, MB."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    own = next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return own * 1024 / 1e6 + sum(_resident_mb(int(child)) for child in children)


def lists(size: Size, url: str | None, kind: str, scratch: Path) -> Iterator[Measured]:
    """Ask for pages of a long list, the lead's of cases and a reader's of reads."""
    study = make_study(scratch / f"list-{kind}", url, 2, size.cases)
    with serving(study) as running:
        for name, path in ((LEAD, "cases"), (study.readers[0], "reads")):
            found = _pages(running, name, path, size)
            what = f"page of 100 of {size.cases} {path}, {kind}: p95"
            yield _times(what, found, LIMIT_LIST_S, size)


def _pages(running: Running, name: str, path: str, size: Size) -> Seconds:
    """Return the 95th percentile of the time of pages anywhere in a list."""
    browser, drawn, took, cpu = Browser(running.port, name), random.Random(7), [], 0.0
    browser.log_in()
    for number in range(size.pages + 1):
        offset = drawn.randrange(0, size.cases, 100)
        began = time.perf_counter()
        status, page = browser.ask("GET", f"/api/trials/{TRIAL}/{path}?offset={offset}&limit=100")
        if number:
            took.append(time.perf_counter() - began)
        else:  # the first one reads the trial from the database
            cpu = running.cpu_s()
        if status != 200 or len(page[path]) != 100:
            raise RuntimeError(f"{status} {page}")
    each = (running.cpu_s() - cpu) / size.pages
    browser.close()
    return Seconds(statistics.quantiles(took, n=20)[-1], each)


def _times(what: str, found: Seconds, limit: float, size: Size) -> Measured:
    kept = found.cpu <= SHORT_SLACK * limit if size.busy else found.wall <= limit
    told = f"{1e3 * found.wall:.0f} ms (CPU {1e3 * found.cpu:.0f})"
    return Measured(what, told, f"{1e3 * limit:.0f} ms", kept)


BENCHES = {"load": load, "kill": kill, "start": start, "list": lists}


@contextmanager
def databases(kinds: Sequence[str], scratch: Path) -> Iterator[Databases]:
    """Give new databases of each kind; PostgreSQL with everything that keeps data safe."""
    with ExitStack() as stack:
        found: dict[str, Callable[[], str | None]] = {}
        if "sqlite" in kinds:
            found["sqlite"] = lambda: None
        if "postgresql" in kinds:
            folder = scratch / "postgresql"
            folder.mkdir()
            server = stack.enter_context(running_server(folder, durable=True))
            found["postgresql"] = server.new_database
        yield found


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmarks, print the table, return 1 where a limit is passed."""
    parser = argparse.ArgumentParser(description="The study server under readers.")
    parser.add_argument("what", nargs="*", default=[], help="load, kill, start, list (all)")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="only this one")
    parser.add_argument("--seconds", type=float, help="how long readers save (default: 300)")
    parser.add_argument("--kills", type=int, help="how often the server is killed (default: 50)")
    parser.add_argument("--short", action="store_true", help="few readers, kills and pages")
    options = parser.parse_args(argv)
    size = SHORT if options.short else FULL
    size = replace(size, seconds=options.seconds or size.seconds, kills=options.kills or size.kills)
    chosen = options.what or (IN_SHORT if options.short else tuple(BENCHES))
    kinds = (options.database,) if options.database else ("sqlite", "postgresql")
    kept = True
    print(f"{os.cpu_count()} CPUs\n\n| | found | limit |\n|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as name, databases(kinds, Path(name)) as found:
        for bench in chosen:
            for kind, new in found.items():
                for line in BENCHES[bench](size, new(), kind, Path(name)):
                    kept &= line.kept
                    mark = "" if line.kept else " (!)"
                    print(f"| {line.what} | {line.found}{mark} | {line.limit} |", flush=True)
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
