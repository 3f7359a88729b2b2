"""The benchmark of whole processes measures, and can fail."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from benchmarks import cli_timing
from benchmarks.cli_timing import Job, Measured

JOB = Job("read", ("read",), limit_s=1.0, limit_mb=500.0)


@pytest.mark.parametrize(
    ("wall", "cpu", "megabytes", "busy", "kept"),
    [
        (0.9, 0.9, 400, False, True),
        (1.1, 0.9, 400, False, False),
        (0.9, 0.9, 501, False, False),
        (9.0, 1.9, 400, True, True),
        (9.0, 2.1, 400, True, False),
        (0.9, 0.9, 501, True, False),
    ],
)
def test_limits_hold_time_and_memory(
    wall: float, cpu: float, megabytes: float, busy: bool, kept: bool
) -> None:
    assert Measured(JOB, wall, cpu, megabytes).within(busy=busy) is kept


def test_family_counts_children() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert child.pid in cli_timing.family(os.getpid())
        assert cli_timing.pss_mb(os.getpid()) > 5.0
    finally:
        child.communicate(b"\n")
    assert cli_timing.pss_mb(child.pid) == 0.0


def test_a_failing_command_is_not_a_time() -> None:
    with pytest.raises(SystemExit, match="exit code"):
        cli_timing.seconds(Job("bad", ("no-such-command",), limit_s=1.0), 0)
