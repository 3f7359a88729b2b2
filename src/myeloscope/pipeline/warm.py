"""A process with the libraries loaded, from which piece after piece of work is forked.

A caller with threads may not fork, and starting Python anew for each study takes longer than the
study. This process has one thread: it loads what the work needs once and then runs each piece by
:func:`~myeloscope.pipeline.worker.run_limited` in a fork of itself, so that limits, crashes and
leaks end with the piece.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

from myeloscope.errors import MyeloscopeError
from myeloscope.pipeline.worker import (
    Limits,
    Refusal,
    Result,
    Step,
    WorkerError,
    die_with_caller,
    load,
    refusal,
    run_limited,
)


@dataclass(frozen=True, slots=True)
class _Order:
    work: str
    job: object
    limits: Limits


class Warm:
    """Runs work as :func:`~myeloscope.pipeline.worker.run_limited` does, from a warm process.

    Use it from one thread, best in a ``with`` block. The process starts with the first piece of
    work, and anew if it was lost.

    Parameters
    ----------
    module
        What the process loads before the first piece, such as ``package.module``.
    """

    def __init__(self, module: str) -> None:
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None
        self._closed = False

    def run(
        self, work: str, job: object, *, limits: Limits, on_step: Callable[[Step], None]
    ) -> Any:  # noqa: ANN401
        """Run ``work(job, on_step)`` in a fork of the process and return what it returns.

        Raises
        ------
        MyeloscopeError
            As :func:`~myeloscope.pipeline.worker.run_limited`; also WorkerError if the process
            itself is lost.
        """
        pipe = self._started()
        answer: Result | Refusal | None = None
        try:
            _send(pipe, _Order(work, job, limits))
            while isinstance(message := _receive(pipe), Step):
                on_step(message)
            answer = message
        finally:
            if answer is None:  # whatever it would still say is not for the next piece of work
                self._end()
        if isinstance(answer, Refusal):
            raise answer.error()
        return answer.value

    def close(self) -> None:
        """End the process for good, from any thread; the work in it ends too."""
        self._closed = True
        self._end()

    @property
    def pid(self) -> int | None:
        """Return the number of the process, if there is one."""
        return None if self._process is None else self._process.pid

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """End the process."""
        self.close()

    def _end(self) -> None:
        process, pipe = self._process, self._pipe
        self._process = self._pipe = None
        if process is not None:  # first: a thread that listens hears its end
            process.kill()
            process.wait()
        if pipe is not None:
            pipe.close()

    def _started(self) -> Connection:
        if self._pipe is None and not self._closed:
            ours, theirs = socket.socketpair()
            program = f"from myeloscope.pipeline.warm import serve; serve({theirs.fileno()})"
            with theirs:
                # not multiprocessing's: a worker of a cluster may be one of its daemons, which
                # must have no children
                self._process = subprocess.Popen(
                    [sys.executable, "-c", program],
                    pass_fds=[theirs.fileno()],
                    env=_environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            self._pipe = Connection(ours.detach())
            _send(self._pipe, self._module)
        pipe = self._pipe
        if self._closed or pipe is None:  # also while it was started
            self._end()
            raise _lost()
        return pipe


def _environment() -> dict[str, str]:
    """Return the caller's environment for a process that reads on one core.

    Dask's nannies tell their workers to give memory back at once (``MALLOC_TRIM_THRESHOLD_``). A
    reader would ask for it anew with each array, at three quarters of its reading's time once more.
    """
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    kept = {name: text for name, text in os.environ.items() if name != "MALLOC_TRIM_THRESHOLD_"}
    return threads | kept


def _send(pipe: Connection, order: _Order | str) -> None:
    try:
        pipe.send(order)
    except OSError as error:
        raise _lost() from error


def _receive(pipe: Connection) -> Step | Result | Refusal:
    try:
        message: Step | Result | Refusal = pipe.recv()
    except (EOFError, OSError) as error:
        raise _lost() from error
    return message


def _lost() -> WorkerError:
    return WorkerError(
        "the process that studies are read from stays alive",
        value="its end",
        place="worker",
        remedy="see whether the machine ran out of memory",
    )


def serve(descriptor: int) -> None:
    """Load a module and run orders from a socket until the other end is closed."""
    die_with_caller()
    # the caller decides what an interrupt means; it kills us
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pipe = Connection(descriptor)
    try:
        # what is there after it is shared with every fork, and no collection shall touch it
        load(pipe.recv())
        while True:
            pipe.send(_answer(pipe.recv(), pipe.send))
    except (EOFError, OSError):
        return


def _answer(order: _Order, tell: Callable[[Step], None]) -> Result | Refusal:
    try:
        return Result(run_limited(order.work, order.job, limits=order.limits, on_step=tell))
    except MyeloscopeError as error:
        return refusal(error)
