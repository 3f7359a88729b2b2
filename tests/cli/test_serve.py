"""``myeloscope serve``: the first link, the demonstration, and what is refused."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from myeloscope import cli
from myeloscope.cli.serve_demo import COHORT, FIRST, PASSWORD_FILE, Demo, PhantomJob, simulate
from myeloscope.domain.grade import Technique
from myeloscope.errors import ExitCode
from myeloscope.server.site import make_site
from myeloscope.store.folder import open_store
from myeloscope.trial.protocol import Phase


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=5) as answer:
            return bool(json.loads(answer.read()) == {"done": True})
    except OSError:
        return False


def _interrupt_once_it_answers(port: int, seen: list[bool]) -> None:
    for _ in range(300):
        if _answers(port):
            seen.append(True)
            break
        time.sleep(0.05)
    os.kill(os.getpid(), signal.SIGINT)


def test_the_server_prints_a_link_answers_and_ends_when_interrupted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port, seen = _free_port(), list[bool]()
    helper = threading.Thread(target=_interrupt_once_it_answers, args=(port, seen))
    helper.start()
    words = ["serve", "--data", str(tmp_path / "data"), "--port", str(port)]
    assert cli.main(words) == ExitCode.OK
    helper.join()
    assert seen == [True]
    said = capsys.readouterr().out.splitlines()
    assert said[1] == f"serving {tmp_path / 'data'} at http://127.0.0.1:{port}"
    assert said[0].startswith(
        f"make the administrator, within an hour: http://127.0.0.1:{port}/set-up?administrator#"
    )


def test_a_newcomer_reads_a_demonstration_case_within_a_minute(tmp_path: Path) -> None:
    began, port = time.monotonic(), _free_port()
    command = [sys.executable, "-m", "myeloscope", "serve", "--demo", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--data", str(tmp_path / "demo")], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(8)]
        while not _answers(port):
            assert process.poll() is None
            time.sleep(0.05)
        assert time.monotonic() - began < 60
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == ExitCode.OK
    password = (tmp_path / "demo" / PASSWORD_FILE).read_text()
    people = ("reader1", "reader2", "nuclear1", "nuclear2", "nuclear3", "lead")
    assert lines[1:-1] == [f"log in as {name} with {password}" for name in people]
    assert lines[-1].startswith("serving ")


def test_the_demonstration_grows_to_its_cohort_and_goes_on_where_it_ended(tmp_path: Path) -> None:
    store = open_store(tmp_path / "data")
    site = make_site(store, hasher=PasswordHasher.from_parameters(CHEAPEST))
    told: list[str] = []
    demo = Demo(site, told.append, size=2)
    demo.prepare()
    first = store.log.trial(FIRST)
    assert (first.phase, len(first.cases)) == (Phase.OPEN, 2)
    demo.stop()
    demo.start().join()
    assert store.log.trial(COHORT).cases == {}
    again = Demo(site, told.append, size=2)
    again.prepare()
    again.start().join()
    assert store.log.trial(FIRST) == first
    cohort = store.log.trial(COHORT)
    assert (cohort.phase, len(cohort.cases)) == (Phase.OPEN, 2)
    assert sorted(case.truth.disease for case in cohort.cases.values()) == [False, True]
    techniques = {each.technique for case in cohort.cases.values() for each in case.examinations}
    assert techniques == set(Technique)
    assert [len(cohort.orders[name]) for name in ("reader-1", "panel", "myeloscope")] == [2, 1, 3]
    assert told[-2:] == [
        "simulating the paper's cohort: 0 of 2 cases", "the paper's cohort is ready: 2 cases"
    ]  # fmt: skip
    before = store.log.head()
    again.start().join()
    assert store.log.head() == before
    store.close()


def test_phantoms_come_with_their_list_of_cases(tmp_path: Path) -> None:
    simulate(PhantomJob(str(tmp_path), (0, 1)), lambda _: None)
    rows = (tmp_path / "cases.csv").read_text().splitlines()
    assert rows[0] == "study_uid,case,truth,level_truth_C,level_truth_T,level_truth_L"
    assert [row.split(",")[1:3] for row in rows[1:]] == [
        [rows[1].split(",")[1], "1"], [rows[1].split(",")[1], "1"], [rows[3].split(",")[1], "0"]
    ]  # fmt: skip
    assert len(list((tmp_path / "studies").iterdir())) == 2
