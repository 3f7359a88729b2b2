"""The worker process: answers, refusals, limits and crashes, each as one clean outcome."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from myeloscope.errors import ExitCode, InputError, LimitError
from myeloscope.pipeline.worker import Limits, Step, WorkerError, run_limited

JOBS = """
import ctypes, os, sys, time
from myeloscope.errors import InputError
from myeloscope.pipeline.worker import Step

class Special(InputError):
    pass

def double(job, tell):
    tell(Step("doubling"))
    return 2 * job

def refuse(job, tell):
    raise Special("a file is DICOM", value="junk", place=job, remedy="leave it out")

def fault(job, tell):
    return 1 // 0

def crash(job, tell):
    print("decoder: bad marker", file=sys.stderr, flush=True)
    ctypes.string_at(0)

def leave(job, tell):
    os._exit(0)

def hang(job, tell):
    tell(Step(str(os.getpid())))
    time.sleep(60)

def studies(job, tell):
    for number in range(3):
        tell(Step(f"study {number}", study=True))
        time.sleep(0.3)
    return "done"

def pace(job, tell):
    while True:
        tell(Step(str(os.getpid())))
        time.sleep(0.1)

def spin(job, tell):
    tell(Step(str(os.getpid())))
    while True:
        pass

def gorge(job, tell):
    return len(bytearray(10 * 2**30))
"""


@pytest.fixture(autouse=True)
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "worker_jobs.py").write_text(JOBS)
    monkeypatch.syspath_prepend(str(tmp_path))


def run(work: str, job: object = 3, log: io.StringIO | None = None, **limits: float) -> object:
    allowed = Limits(wall_s=limits.get("wall_s", 30), memory_mib=int(limits.get("memory", 4096)))
    steps: list[Step] = []
    answer = run_limited(f"worker_jobs:{work}", job, limits=allowed, on_step=steps.append, log=log)
    return answer, [step.text for step in steps]


def test_result_and_progress_come_back() -> None:
    assert run("double", 21) == (42, ["doubling"])


def test_a_refusal_keeps_its_kind_and_its_four_parts() -> None:
    with pytest.raises(InputError) as caught:
        run("refuse", "a.dcm")
    assert str(caught.value) == "a.dcm: a file is DICOM; found junk; leave it out"


def test_a_fault_is_one_line_and_its_traceback_goes_to_the_log() -> None:
    log = io.StringIO()
    with pytest.raises(WorkerError, match=r"ZeroDivisionError.*--verbose") as caught:
        run("fault", log=log)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == ExitCode.INTERNAL
    assert "Traceback" in log.getvalue()


def test_a_crash_of_native_code_is_one_line_with_its_signal() -> None:
    with pytest.raises(WorkerError, match="SIGSEGV"):
        run("crash")


def test_a_silent_end_is_an_error_too() -> None:
    with pytest.raises(WorkerError, match="no message"):
        run("leave")


def test_time_limit_ends_the_worker() -> None:
    begun = time.monotonic()
    with pytest.raises(LimitError, match=r"within 0.5 s"):
        run("hang", wall_s=0.5)
    assert time.monotonic() - begun < 10


def test_each_study_has_the_time_limit_to_itself() -> None:
    assert run("studies", wall_s=0.6) == ("done", ["study 0", "study 1", "study 2"])


def test_memory_limit_is_clean() -> None:
    with pytest.raises(LimitError, match="4096 MiB"):
        run("gorge")


@pytest.mark.parametrize("work", ["pace", "spin"])
def test_a_worker_whose_caller_was_killed_ends(tmp_path: Path, work: str) -> None:
    script = (
        "from myeloscope.pipeline.worker import Limits, run_limited\n"
        f"run_limited('worker_jobs:{work}', 0, limits=Limits(), "
        "on_step=lambda step: print(step.text, flush=True))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
    ) as caller:
        assert caller.stdout is not None
        worker = int(caller.stdout.readline())
        caller.kill()
    end = time.monotonic() + 10
    while _alive(worker) and time.monotonic() < end:
        time.sleep(0.05)
    assert not _alive(worker)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_work_that_does_not_exist_is_a_fault() -> None:
    with pytest.raises(WorkerError, match="nonsense"):
        run("nonsense")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_caller_takes_its_worker_along(tmp_path: Path, how: signal.Signals) -> None:
    script = (
        "import sys; from myeloscope import cli; import types\n"
        "from myeloscope.pipeline.worker import Limits, run_limited\n"
        "module = types.ModuleType('m')\n"
        "module.main = lambda argv: run_limited('worker_jobs:hang', 0, limits=Limits(), "
        "on_step=lambda step: print(step.text, flush=True))\n"
        "sys.modules['myeloscope.cli.read'] = module\n"
        "sys.argv = ['myeloscope', 'read']\n"
        "sys.exit(cli.run())"
    )
    caller = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )
    assert caller.stdout is not None
    worker = int(caller.stdout.readline())
    caller.send_signal(how)
    _, err = caller.communicate(timeout=20)
    assert (caller.returncode, err) == (130, "myeloscope read: interrupted\n")
    assert not Path(f"/proc/{worker}").exists()
