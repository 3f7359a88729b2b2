"""Time and memory of whole ``myeloscope`` processes, as a shell sees them.

``scripts/bench cli_timing [--runs N] [--study DIR] [--short]``. Wall time is from before the
process is started to its end, the median over the runs after one that warms the disk cache;
CPU time, of all its processes, says what it would take on a machine that does nothing else, and is
what the short form holds against the limits: it runs beside other work.
Memory is the largest sum of proportional set sizes (PSS) over the process and its children,
sampled every 10 ms in a run of its own, so that shared pages count once and sampling costs no time.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PROGRAM = Path(sys.executable).with_name("myeloscope")
SHORT_SLACK = 2.0
"""What the short form allows over the limits: it runs on any machine, and caches are shared."""


@dataclass(frozen=True, slots=True)
class Job:
    """A command line with its limits (issue of the main job): seconds and MB."""

    name: str
    arguments: tuple[str, ...]
    limit_s: float
    limit_mb: float = 500.0


@dataclass(frozen=True, slots=True)
class Seconds:
    """Time of one run: on the wall, and of the processors in all its processes."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What a job took; times are medians over the runs."""

    job: Job
    median_s: float
    cpu_s: float
    peak_mb: float

    def within(self, *, busy: bool) -> bool:
        """Say whether time and memory kept their limits; CPU time with slack, if ``busy``."""
        most, took = self.job.limit_s, self.median_s
        if busy:
            most, took = SHORT_SLACK * most, self.cpu_s
        return took <= most and self.peak_mb <= self.job.limit_mb


def jobs(study: Path, cisternogram: Path, scratch: Path) -> tuple[Job, ...]:
    """Return the jobs of the issues; each writes to a folder of its own."""
    second = ("read", str(cisternogram), "--out", str(scratch / "RIC-OUT"))
    return (
        Job("--help", ("--help",), 0.25),
        Job("read --json -", ("read", str(study), "--json", "-"), 1.2),
        Job("read, all outputs", ("read", str(study), "--out", str(scratch / "OUT")), 3.0),
        Job("read a cisternogram, all outputs", second, 3.0),
    )


def start(job: Job, run: int) -> subprocess.Popen[bytes]:
    """Start a job; its output folder gets the number of the run."""
    arguments = [part.replace("OUT", f"OUT{run}") for part in job.arguments]
    quiet = subprocess.DEVNULL
    return subprocess.Popen([PROGRAM, *arguments], env=ordinary(), stdout=quiet, stderr=quiet)


def ordinary() -> dict[str, str]:
    """Return our environment as a user's shell has it, without what is set for tests.

    PYTHONDONTWRITEBYTECODE would have every start compile our modules again.
    """
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def seconds(job: Job, run: int) -> Seconds:
    """Run a job to its end and return the time it took."""
    begun = time.perf_counter()
    process = start(job, run)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{job.arguments} ended with exit code {process.returncode}")
    return Seconds(wall, usage.ru_utime + usage.ru_stime)


def family(parent: int) -> list[int]:
    """Return a process and its descendants."""
    members = [parent]
    for member in members:
        try:
            tasks = list(Path(f"/proc/{member}/task").iterdir())
            for task in tasks:
                members += map(int, (task / "children").read_text().split())
        except OSError:  # it ended meanwhile
            continue
    return members


def pss_mb(process: int) -> float:
    """Return the proportional set size of one process, MB; 0 once it has ended."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(float(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def peak_mb(job: Job, run: int) -> float:
    """Run a job and return the largest memory of its processes together, MB."""
    process = start(job, run)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, sum(pss_mb(member) for member in family(process.pid)))
        time.sleep(0.01)
    return peak


def measure(job: Job, runs: int) -> Measured:
    """Run a job once for the caches, ``runs`` times for the clock and once for its memory."""
    seconds(job, 0)
    took = [seconds(job, run + 1) for run in range(runs)]
    wall = statistics.median(one.wall for one in took)
    cpu = statistics.median(one.cpu for one in took)
    return Measured(job, wall, cpu, peak_mb(job, runs + 1))


def make_study(folder: Path, technique: str = "mrm") -> Path:
    """Return a phantom study made for this benchmark."""
    order = ("phantom", "--seed", "1", "--technique", technique, "--out", str(folder))
    subprocess.run([str(PROGRAM), *order], check=True, stdout=2)
    return folder


def show(results: Sequence[Measured]) -> None:
    """Print the results as the table of docs/BENCHMARKS.md."""
    print("| process | wall s | limit s | CPU s | peak MB | limit MB |")
    print("|---|---|---|---|---|---|")
    for m in results:
        print(
            f"| `{m.job.name}` | {m.median_s:.2f} | {m.job.limit_s:g} | {m.cpu_s:.2f} "
            f"| {m.peak_mb:.0f} | {m.job.limit_mb:g} |"
        )


def main(argv: Sequence[str] | None = None) -> int:
    """Measure every job, print the table, return 1 where a limit is passed."""
    parser = argparse.ArgumentParser(description="Time and memory of whole processes.")
    parser.add_argument("--runs", type=int, default=9, help="timed runs of each command")
    parser.add_argument("--study", type=Path, help="study to read (default: a phantom)")
    parser.add_argument("--short", action="store_true", help="few runs, wide limits, for CPU time")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        study = options.study or make_study(scratch / "study")
        cisternogram = make_study(scratch / "ric", "ric")
        runs = 2 if options.short else options.runs
        results = [measure(job, runs) for job in jobs(study, cisternogram, scratch)]
    print(f"{os.cpu_count()} CPUs, {runs} runs")
    show(results)
    return 0 if all(m.within(busy=options.short) for m in results) else 1


if __name__ == "__main__":
    raise SystemExit(main())
