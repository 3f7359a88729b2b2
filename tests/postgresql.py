"""A PostgreSQL server of one's own for as long as the tests run."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

_NAMES = count()


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its port, and the account it was made by."""

    port: int
    user: str
    log: Path
    _made: list[str] = field(default_factory=list)

    def url(self, name: str) -> str:
        """Return the address of one of its databases."""
        return f"postgresql://{self.user}@127.0.0.1:{self.port}/{name}"

    def new_database(self) -> str:
        """Make an empty database and return its address."""
        name = f"trial_{os.getpid()}_{next(_NAMES)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    assert found, "scripts/setup installs postgresql"
    return found[0].parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _as_owner(user: str) -> list[str]:
    """Return how to run a program as the server's owner; it refuses to run as root."""
    return (
        ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
        if os.geteuid() == 0
        else []
    )


@contextmanager
def running_server(folder: Path, *, durable: bool = False) -> Iterator[Server]:
    """Start a server with its files below a folder; it is stopped by its own process id.

    What must outlive a power cut needs ``durable``; tests are quicker without.
    """
    programs = _programs()
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    if os.geteuid() == 0:
        shutil.chown(folder, user)
        for parent in folder.parents[:3]:
            if parent.stat().st_uid == 0 and parent != Path("/tmp"):
                parent.chmod(parent.stat().st_mode | 0o011)
    data, log, port = folder / "data", folder / "log", _free_port()
    run = _as_owner(user)
    subprocess.run(
        [*run, str(programs / "initdb"), "-D", str(data), "-A", "trust", "-U", user,
         "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
        check=True, capture_output=True, cwd=folder,
    )  # fmt: skip
    fsync = "on" if durable else "off"
    options = (f"fsync={fsync}", f"unix_socket_directories={folder}", "listen_addresses=127.0.0.1")
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [*run, str(programs / "postgres"), "-D", str(data), "-p", str(port),
             *(part for option in options for part in ("-c", option))],
            stdout=stream, stderr=stream, cwd=folder,
        )  # fmt: skip
    try:
        server = Server(port, user, log)
        _wait(server, process)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert process.poll() is None, server.log.read_text()
        try:
            psycopg.connect(server.url("postgres"), connect_timeout=1).close()
        except psycopg.OperationalError:
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
        else:
            return
    raise AssertionError(server.log.read_text())
