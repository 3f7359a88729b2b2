"""Studies to serve, and ``myeloscope serve`` as a process of its own."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from myeloscope.domain.grade import ReaderKind, Technique
from myeloscope.store.accounts import Accounts
from myeloscope.store.folder import Store, open_store
from myeloscope.store.trials import Trials, now
from myeloscope.trial.protocol import Protocol, Reader
from myeloscope.trial.state import Case, Display, Examination, ImageRef, Truth

_Json: TypeAlias = Any
TRIAL = "bench"
PASSWORD = "a password for benchmarks"
LEAD = "lead"
DISPLAY = Display(512, 512, 1.0, 0.0, 50.0, 100.0, 0.5, 0.5, (1.0, 0.0, 0.0, 0.0, 0.0, -1.0))
LONGEST_START_S = 60.0


@dataclass(frozen=True, slots=True)
class Study:
    """A data folder with an open trial: its readers' account names and their first reads."""

    folder: Path
    readers: tuple[str, ...]
    reads: tuple[str, ...]


def make_study(folder: Path, url: str | None, readers: int, cases: int) -> Study:
    """Return an open trial in a new data folder; every case has an image that is no image."""
    store = open_store(folder, url)
    accounts, trials = Accounts(store.database, store.log), Trials(store.log)
    hashed = PasswordHasher.from_parameters(CHEAPEST).hash(PASSWORD)
    names = tuple(f"reader-{number:02d}" for number in range(readers))
    lead = accounts.create(LEAD, hashed, now(), administrator=True).id
    trials.create(TRIAL, "A benchmark", Protocol(), (lead,), lead)
    for name in names:
        account = accounts.create(name, hashed, now())
        trials.add_reader(TRIAL, Reader(name, ReaderKind.PERSON, (account.id,)), lead)
    trials.add_cases(TRIAL, _cases(store, cases), lead)
    trials.assign(TRIAL, 7, lead)
    trial = trials.open(TRIAL, lead)
    store.close()
    return Study(folder, names, tuple(trial.orders[name][0] for name in names))


def _cases(store: Store, count: int) -> tuple[Case, ...]:
    name = store.objects.put(b"no image")
    images = (ImageRef(name, name, "1.2.1", "1.2.2", "1.2.3", None, "thoracolumbar", DISPLAY),)
    examined = (Examination(Technique.MRM, 0, images),)
    return tuple(
        Case(f"case-{number:05d}", examined, Truth(number % 2 == 0)) for number in range(count)
    )


@dataclass(frozen=True, slots=True)
class Running:
    """A server process, its port, and how long it took to answer, s."""

    process: subprocess.Popen[bytes]
    port: int
    start_s: float

    def cpu_s(self) -> float:
        """Return the processor time that it has taken so far, s."""
        text = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii")
        user, system = text.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def kill(self) -> None:
        """End it as a power cut would: no handler of ours runs."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def serving(study: Study, *, log: Path | None = None) -> Iterator[Running]:
    """Serve a study's folder until the block ends; time runs from before the process is made."""
    port = _free_port()
    words = ["serve", "--data", str(study.folder), "--port", str(port)]
    with (log or study.folder / "server.log").open("ab") as stream:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "myeloscope", *words], stdout=stream, stderr=stream
        )
    try:
        while not _answers(port):
            if process.poll() is not None or time.perf_counter() - began > LONGEST_START_S:
                raise RuntimeError(f"the server did not start: {process.poll()}")
            time.sleep(0.005)
        yield Running(process, port, time.perf_counter() - began)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/api/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@dataclass(slots=True)
class Browser:
    """One person's connection, kept open, with cookie and CSRF word."""

    port: int
    name: str
    _headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    _wire: http.client.HTTPConnection | None = None

    def log_in(self) -> None:
        """Begin a session."""
        told = self._send("POST", "/api/login", {"name": self.name, "password": PASSWORD})
        self._headers["X-CSRF-Token"] = json.loads(told[1])["csrf"]

    def ask(self, method: str, path: str, record: _Json = None) -> tuple[int, _Json]:
        """Return status and record of an answer."""
        status, body = self._send(method, path, record)
        return status, json.loads(body)

    def close(self) -> None:
        """Close the connection."""
        if self._wire is not None:
            self._wire.close()

    def _send(self, method: str, path: str, record: _Json) -> tuple[int, bytes]:
        if self._wire is None:
            self._wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        body = None if record is None else json.dumps(record).encode()
        self._wire.request(method, path, body, self._headers)
        answer = self._wire.getresponse()
        cookie = answer.getheader("Set-Cookie")
        if cookie is not None:
            self._headers["Cookie"] = cookie.partition(";")[0]
        return answer.status, answer.read()
