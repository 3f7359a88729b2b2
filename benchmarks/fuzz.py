"""Damaged and hostile studies: each must end as a reading or as one clean line.

``scripts/bench fuzz [--count N] [--seed S] [--jobs N] [--short]``; ``--case NUMBER [--keep DIR]``
runs one again, shows it whole and keeps its files. Every case is read in a forked process under the
memory limit of the pipeline's worker; a traceback, a crash, a hang, more than 1 GiB resident or an
unclean line is a fault.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from benchmarks.fuzzing.cases import (
    Result,
    known_studies,
    make_case,
    run_case,
    write_files,
)
from benchmarks.fuzzing.corpus import Files, corpus

SHORT, FULL = 2_000, 20_000
SEED = 20_000
"""Faults were looked for with seeds below 10000; this one is for the report."""
SHOWN_FAULTS = 40
READ = ("reading", "not assessable", "as before")
"""Ends of a case that was read; the last where damage changed nothing that a reading rests on."""


def run_all(
    studies: dict[str, Files], numbers: Sequence[int], options: argparse.Namespace
) -> Iterator[Result]:
    """Give the result of every case, in their order."""
    with tempfile.TemporaryDirectory(dir=_memory_folder()) as name:
        known = known_studies(studies, Path(name) / "known")
        work = partial(_one, studies, known, Path(name), options)
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(options.jobs, context) as pool:
            yield from pool.map(work, numbers, chunksize=20)


def _one(
    studies: dict[str, Files],
    known: frozenset[bytes],
    scratch: Path,
    options: argparse.Namespace,
    number: int,
) -> Result:
    case = make_case(studies, options.seed, number)
    whole = number % options.whole == 0
    return run_case(case, scratch / str(os.getpid()), known, whole=whole)


def _memory_folder() -> str | None:
    """Return a folder in memory, where there is one: what is measured is not the disk."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def show(results: Sequence[Result], seconds: float) -> None:
    """Print counts by outcome and by damage, time and memory, then the faults."""
    print(f"{len(results)} cases in {seconds:.0f} s")
    print("\n| ended as | cases |\n|---|---|")
    for kind, count in Counter(r.kind for r in results).most_common():
        print(f"| {kind} | {count} |")
    print("\n| damage (1 to 3 in a case) | cases | read | refused in one line | faults |")
    print("|---|---|---|---|---|")
    for damage in sorted({damage for r in results for damage in r.damages}):
        mine = [r for r in results if damage in r.damages]
        read = sum(r.kind in READ for r in mine)
        wrong = sum(r.fault is not None for r in mine)
        refused = sum(r.kind not in READ and r.fault is None for r in mine)
        print(f"| {damage} | {len(mine)} | {read} | {refused} | {wrong} |")
    times = sorted(r.cpu_s for r in results)
    print(
        f"\nCPU time median {statistics.median(times) * 1e3:.0f} ms, longest {times[-1]:.1f} s, "
        f"largest {max(r.peak_mib for r in results):.0f} MiB"
    )
    faults = [r for r in results if r.fault is not None]
    for result in faults[:SHOWN_FAULTS]:
        print(f"FAULT case {result.number} ({result.study}; {result.damages}): {result.fault}")
    print(f"faults: {len(faults)}")


def rerun(studies: dict[str, Files], options: argparse.Namespace) -> int:
    """Run one case again, every output written, and show all that is known of it."""
    case = make_case(studies, options.seed, options.case)
    if options.keep is not None:
        write_files(case.files, options.keep)
    with tempfile.TemporaryDirectory() as name:
        known: frozenset[bytes] = frozenset()
        for whole in (False, True):
            result = run_case(case, Path(name) / "case", known, whole=whole)
            print(result.study, result.damages, result.kind, result.fault, sep="; ")
            print(result.text)
    return 0 if result.fault is None else 1


def main(argv: Sequence[str] | None = None) -> int:
    """Run the cases, print the tables, return 1 where one is a fault."""
    parser = argparse.ArgumentParser(description="Damaged studies end as a reading or one line.")
    parser.add_argument("--count", type=int, help=f"cases (default {FULL}, short {SHORT})")
    parser.add_argument("--seed", type=int, default=SEED, help="seed of the damage")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes at once")
    parser.add_argument("--short", action="store_true", help="few cases, for the tests")
    parser.add_argument("--whole", type=int, default=100, help="one of so many writes all outputs")
    parser.add_argument("--case", type=int, help="run one case again and show it")
    parser.add_argument("--keep", type=Path, help="folder for the files of that case")
    options = parser.parse_args(argv)
    studies = corpus()
    if options.case is not None:
        return rerun(studies, options)
    count = options.count or (SHORT if options.short else FULL)
    begun = time.monotonic()
    results = []
    for result in run_all(studies, range(count), options):
        results.append(result)
        if len(results) % 500 == 0:
            print(f"{len(results)} of {count}, {time.monotonic() - begun:.0f} s", file=sys.stderr)
    show(results, time.monotonic() - begun)
    return 0 if all(r.fault is None for r in results) else 1


if __name__ == "__main__":
    raise SystemExit(main())
