"""Work in a process of its own, so that a crash, a leak or an endless loop stays there.

The calling process never imports what the work needs: it names a function, and the worker imports
it. The worker talks back over a pipe: progress events, then a result or one of the errors of
:mod:`myeloscope.errors`. Anything else that ends it (a fault of the program, a native decoder that
crashes) is told by its exit and its stderr, which is kept apart from ours.
"""

from __future__ import annotations

import ctypes
import faulthandler
import gc
import importlib
import multiprocessing
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkContext, SpawnContext
from pathlib import Path
from types import ModuleType
from typing import IO, Any

from myeloscope.errors import InputError, LimitError, MyeloscopeError, OutputError, UsageError

MIB = 2**20
LEAST_MEMORY_MIB = 512
"""What the libraries need to be loaded; given less, a BLAS asks for it again without end."""
PR_SET_PDEATHSIG = 1
LONGEST_WAIT_S = 2e6
"""As long as an operating system can wait at once."""
OUT_OF_MEMORY = (
    *("MemoryError", "bad_alloc", "Cannot allocate memory", "failed to map segment"),
    *("can't start new thread", "Memory allocation still failed", "out of memory"),
)
"""How Python, C++, the loader and a BLAS say that they were given too little memory."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one piece of work may take.

    Attributes
    ----------
    wall_s
        Time for a study, and for finding all studies before, s.
    memory_mib
        Address space of the worker, MiB (``RLIMIT_AS``; more than what is resident).
    """

    wall_s: float = 120.0
    memory_mib: int = 4096


@dataclass(frozen=True, slots=True)
class Step:
    """A progress event: what begins now, as a short phrase.

    ``study`` marks the beginning of a study; the time limit counts from there anew.
    """

    text: str
    study: bool = False


class WorkerError(MyeloscopeError):
    """The worker ended without an answer."""


_KINDS: Mapping[str, type[MyeloscopeError]] = {
    kind.__name__: kind
    for kind in (UsageError, InputError, OutputError, LimitError, WorkerError, MyeloscopeError)
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A :class:`MyeloscopeError` on its way through the pipe."""

    kind: str
    rule: str
    value: str
    place: str
    remedy: str

    def error(self) -> MyeloscopeError:
        """Return it as it was raised."""
        return _KINDS[self.kind](self.rule, value=self.value, place=self.place, remedy=self.remedy)


@dataclass(frozen=True, slots=True)
class Result:
    """What work returned, on its way through the pipe."""

    value: Any


def run_limited(
    work: str,
    job: object,
    *,
    limits: Limits,
    on_step: Callable[[Step], None],
    log: IO[str] | None = None,
) -> Any:  # noqa: ANN401
    """Run ``work(job, on_step)`` in a worker process and return what it returns.

    Parameters
    ----------
    work
        ``package.module:function``; the function takes the job and a callable for progress.
    job
        What to do; like the result it is pickled.
    limits
        Time and memory it may take.
    on_step
        Called here with every progress event.
    log
        Where the worker's stderr goes when all is over; by default it is dropped.

    Raises
    ------
    LimitError
        If it takes too long or too much memory.
    WorkerError
        If the worker dies without an answer.
    MyeloscopeError
        Whatever the work itself refuses.
    """
    if limits.memory_mib < LEAST_MEMORY_MIB:
        raise LimitError(
            f"a study is read within {LEAST_MEMORY_MIB} MiB of address space or more",
            value=f"{limits.memory_mib} MiB",
            place="worker",
            remedy="allow more with --memory",
        )
    context = process_context()
    ours, theirs = context.Pipe(duplex=False)
    with tempfile.NamedTemporaryFile("r", encoding="utf-8", errors="replace") as stderr:
        told = (work, job, limits.memory_mib, stderr.name)
        process = context.Process(target=_work, args=(told, theirs, ours))
        process.start()
        theirs.close()
        try:
            answer = _listen(ours, process.sentinel, limits, on_step)
            if answer is None:
                process.join(1.0)
        finally:
            ours.close()
            # Also after an answer: tearing down Python and its libraries would take longer.
            process.kill()
            process.join()
            written = stderr.read()
            if log is not None:
                log.write(written)
    if isinstance(answer, Refusal):
        raise answer.error()
    if answer is None:
        raise _crash(process.exitcode, written, limits)
    return answer.value


def process_context() -> ForkContext | SpawnContext:
    """Fork where that is safe (one thread), because it saves starting Python anew."""
    if sys.platform == "linux" and len(list(Path("/proc/self/task").iterdir())) == 1:
        return multiprocessing.get_context("fork")
    return multiprocessing.get_context("spawn")


def _listen(
    pipe: Connection, sentinel: int, limits: Limits, on_step: Callable[[Step], None]
) -> Result | Refusal | None:
    end = time.monotonic() + limits.wall_s
    while True:
        left = min(max(0.0, end - time.monotonic()), LONGEST_WAIT_S)
        ready = wait([pipe, sentinel], timeout=left)
        if not ready:
            raise LimitError(
                f"a study is read within {limits.wall_s:g} s",
                value="work that went on",
                place="worker",
                remedy="allow more with --timeout, or give fewer files",
            )
        if pipe not in ready:
            return None
        try:
            message = pipe.recv()
        except EOFError:
            return None
        if isinstance(message, Step):
            on_step(message)
            end = time.monotonic() + limits.wall_s if message.study else end
        else:
            answer: Result | Refusal = message
            return answer


def _crash(code: int | None, written: str, limits: Limits) -> MyeloscopeError:
    lines = [line.strip() for line in written.splitlines() if line.strip()]
    last = lines[-1][:200] if lines else "no message"
    if code is not None and code < 0:
        last = signal.Signals(-code).name
    if any(sign in written for sign in OUT_OF_MEMORY):
        return out_of_memory(limits.memory_mib)
    return WorkerError(
        "the worker process answers",
        value=last,
        place="worker",
        remedy="run it again with --verbose; if a file is at fault, leave it out",
    )


def out_of_memory(memory_mib: int) -> LimitError:
    """Return the error for work that needed more than ``memory_mib`` MiB of address space."""
    return LimitError(
        f"a study is read within {memory_mib} MiB of address space",
        value="a need for more",
        place="worker",
        remedy="allow more with --memory, or give fewer files",
    )


def _work(told: tuple[str, object, int, str], pipe: Connection, not_ours: Connection) -> None:
    """Do the work in the worker process and send the answer."""
    work, job, memory_mib, stderr = told
    die_with_caller()
    # Kept open here, the caller's end would never break, and we would work on after its death.
    not_ours.close()
    # The caller decides what an interrupt means; it kills us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _catch_stderr(stderr)
    faulthandler.enable()
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    limit = min(memory_mib * MIB, sys.maxsize if hard == resource.RLIM_INFINITY else hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # One study is one core's work; threads of a BLAS would only cost address space and time.
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    module, _, name = work.partition(":")
    try:
        function = getattr(load(module), name)
        pipe.send(Result(function(job, pipe.send)))
    except MemoryError:
        pipe.send(refusal(out_of_memory(memory_mib)))
    except MyeloscopeError as error:
        pipe.send(refusal(error))


def load(name: str) -> ModuleType:
    """Import a module without looking for garbage: all that imports make lives on."""
    gc.disable()
    module = importlib.import_module(name)
    gc.freeze()
    gc.enable()
    return module


def die_with_caller() -> None:
    """End this process when the one that started it ends, even in an endless loop (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def refusal(error: MyeloscopeError) -> Refusal:
    """Return an error in a form that crosses the pipe."""
    kind = next(kind.__name__ for kind in type(error).__mro__ if kind.__name__ in _KINDS)
    return Refusal(kind, error.rule, str(error.value), error.place, error.remedy)


def _catch_stderr(path: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)
