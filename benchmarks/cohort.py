"""What a cohort costs beside its readings: rate, gain of workers, memory, bad studies, manifest.

``scripts/bench cohort [--studies N] [--rows NAME ...] [--short]``. *Phantom* studies under new
UIDs, JSON only, no montage. A bare loop calls the same reader on the same studies in one process.
Of a cohort all is counted, the start of its processes too: the more studies, the less that is.
Rows marked *stand-in* replace the reading by a function that returns a small reading at once, so
that what is measured is the cohort alone.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cohort_data import copies, originals
from myeloscope.cohort.cluster import Local
from myeloscope.cohort.engine import Engine, InProcess
from myeloscope.cohort.listing import list_dicom
from myeloscope.cohort.manifest import Manifest
from myeloscope.cohort.record import Entry, Form, Listing, Order, StudyRef
from myeloscope.cohort.run import Cohort, read_cohort, write_pages, write_tables
from myeloscope.pipeline.each import limited_run
from myeloscope.pipeline.job import ReadJob
from myeloscope.pipeline.reading import read_only
from myeloscope.pipeline.warm import Warm
from myeloscope.pipeline.worker import Limits, Step, run_limited

STAND_IN = "benchmarks.cohort_stand_in:read"
SEED = 9500
ROWS = ("poison", "manifest", "memory", "rate", "gain")


@dataclass(frozen=True, slots=True)
class Spent:
    """What a piece of work took: wall and CPU time with that of ended children, s."""

    wall: float
    cpu: float


def spent(work: Callable[[], object]) -> Spent:
    """Return what a call takes."""
    before, begun = os.times(), time.perf_counter()
    work()
    after = os.times()
    return Spent(time.perf_counter() - begun, sum(after[:4]) - sum(before[:4]))


def _silent(_: Step) -> None:
    """Drop a progress event."""


def bare(studies: Sequence[StudyRef]) -> None:
    """Read studies one after another with the reader alone."""
    for study in studies:
        read_only(ReadJob(paths=study.paths), _silent)


def read_all(engine: Engine, studies: Sequence[StudyRef], order: Order) -> list[Entry]:
    """Read studies with an engine and a manifest, as the command does."""
    entries: list[Entry] = []
    with Manifest(Path(order.out)) as manifest:
        cohort = Cohort(Listing(tuple(studies)), order, manifest)
        read_cohort(cohort, cohort.waiting(), engine, entries.extend)
    return entries


def apart(program: str) -> Spent:
    """Return what a program of this module takes in a process of its own."""

    def run() -> None:
        subprocess.run([sys.executable, "-c", program], check=True)

    return spent(run)


def rate(studies: Sequence[StudyRef], folder: Path) -> Iterator[tuple[str, str, bool]]:
    """Yield the rows on studies a second: bare, in one process, CPU time and wall time."""
    order = Order(str(folder / "rate"), only_json=True, montage=False)
    bare(studies[:2])
    loop = spent(lambda: bare(studies))
    cohort = spent(lambda: read_all(InProcess(), studies, order))
    count = len(studies)
    yield "bare loop: studies a second of CPU", f"{count / loop.cpu:.2f}", True
    yield "cohort, one worker: studies a second of CPU", f"{count / cohort.cpu:.2f}", True
    share = loop.cpu / cohort.cpu
    yield "of the bare loop, by CPU time (to reach: 0.77)", f"{share:.2f}", share >= 0.77
    yield "of the bare loop, by the clock", f"{loop.wall / cohort.wall:.2f}", True


def gain(studies: Sequence[StudyRef], folder: Path) -> Iterator[tuple[str, str, bool]]:
    """Yield the rows on two workers against two bare processes in the same run."""

    def of_bare(processes: int) -> Spent:
        return spent(lambda: bare_processes(studies, processes))

    def of_cohort(engine: Engine, name: str) -> Spent:
        order = Order(str(folder / name), only_json=True, montage=False)
        return spent(lambda: read_all(engine, studies, order))

    took = {
        "bare": (of_bare(1), of_bare(2)),
        "cohort": (of_cohort(InProcess(), "one"), of_cohort(Local(2), "two")),
    }
    for name, (one, two) in took.items():
        shown = ", ".join(f"{each.cpu / len(studies):.3f}" for each in (one, two))
        yield f"{name}: CPU of a study with one process and with two, s", shown, True
    bare_gain, own = (one.wall / two.wall for one, two in took.values())
    yield "gain of two bare processes over one", f"{bare_gain:.2f}", True
    yield "gain of two workers over one", f"{own:.2f}", True
    yield "of it (to reach: 0.95)", f"{own / bare_gain:.2f}", own / bare_gain >= 0.95


def bare_processes(studies: Sequence[StudyRef], count: int) -> None:
    """Read studies with the reader alone in so many processes, an equal share in each."""
    size = -(-len(studies) // count)
    program = [sys.executable, "-m", "benchmarks.cohort", "--bare"]
    running = [
        subprocess.Popen([*program, *_folders(studies[first : first + size])])
        for first in range(0, len(studies), size)
    ]
    for process in running:
        process.wait()


def _folders(studies: Sequence[StudyRef]) -> list[str]:
    return [str(Path(study.paths[0]).parent) for study in studies]


def stand_ins(count: int, bad: Sequence[str] = ()) -> tuple[StudyRef, ...]:
    """Return studies whose reading is a stand-in; those that ``bad`` names go wrong, spread out."""
    every = -(-count // len(bad)) if bad else count + 1
    return tuple(
        StudyRef(
            f"1.2.3.{number:07d}",
            Form.DICOM,
            (bad[number // every] if bad and number % every == 0 else "read",),
            1 << 20,
            "d",
        )
        for number in range(count)
    )


def memory(sizes: Sequence[int], folder: Path) -> Iterator[tuple[str, str, bool]]:
    """Yield the peak resident memory of the coordinating process at some sizes of cohort."""
    peaks = []
    for size in sizes:
        program = (
            "import resource; from pathlib import Path; from benchmarks import cohort as c; "
            f"c.whole({size}, Path({str(folder / str(size))!r})); "
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], check=True, capture_output=True, text=True
        )
        peaks.append(int(done.stdout.split()[-1]) / 1024)
    shown = ", ".join(f"{peak:.0f}" for peak in peaks)
    named = ", ".join(f"{size:,}" for size in sizes)
    flat = max(peaks) <= 1.1 * min(peaks)
    yield f"peak memory at {named} studies, MiB (stand-in; to reach: flat within 10 %)", shown, flat


def whole(count: int, folder: Path) -> None:
    """Read a cohort of stand-ins with the engine in process and write tables and pages."""
    order = Order(str(folder), only_json=True, work=STAND_IN)
    with Manifest(folder) as manifest:
        cohort = Cohort(Listing(stand_ins(count)), order, manifest)
        read_cohort(cohort, cohort.waiting(), InProcess(), lambda _: None)
        write_tables(cohort)
        write_pages(cohort, "stand-ins")


def poison(count: int, folder: Path) -> Iterator[tuple[str, str, bool]]:
    """Yield what becomes of 1 % corrupt, 1 % hanging and 1 % memory-hungry studies."""
    each = count // 100
    bad = ["corrupt", "hang", "gorge"] * each
    order = Order(str(folder), only_json=True, work=STAND_IN, limits=Limits(2.0))
    entries: list[Entry] = []
    took = spent(lambda: entries.extend(read_all(Local(2), stand_ins(count, bad), order)))
    kinds = Counter(entry.failure.value for entry in entries if entry.failure)
    read = sum(entry.failure is None for entry in entries)
    words = ", ".join(f"{kind}: {n}" for kind, n in sorted(kinds.items()))
    good = read == count - 3 * each and sorted(kinds.values()) == [each] * 3
    yield f"{count:,} studies, 3 % bad (stand-in)", f"{read} read; {words}; {took.wall:.0f} s", good


def manifest(count: int, folder: Path) -> Iterator[tuple[str, str, bool]]:
    """Yield time and memory of planning, going on with and summarising a cohort that is done."""
    from benchmarks.cohort_stand_in import read as stand_in

    order = Order(str(folder), only_json=True, work=STAND_IN)
    studies = stand_ins(count)
    with Manifest(folder) as held:
        held.add(stand_in(study, order) for study in studies)
    program = (
        "import resource; from pathlib import Path; from benchmarks import cohort as c; "
        f"c.whole({count}, Path({str(folder)!r})); "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    took = apart(program)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    line = (folder / "manifest.jsonl").stat().st_size / count
    label = f"manifest of {count:,}: plan, resume, summarise"
    yield f"{label}, s (to reach: 30)", f"{took.wall:.1f} ({took.cpu:.1f} of CPU)", took.wall <= 30
    yield f"{label}, largest process so far, MiB (to reach: 1024)", f"{peak:.0f}", peak <= 1024
    yield "a line of the manifest, bytes", f"{line:.0f}", True


def census(studies: int, folder: Path) -> Iterator[tuple[str, str, bool]]:
    """Yield what it takes to look at a file's header."""
    with Warm("myeloscope.dicom.census") as warm:
        run = limited_run(warm.run, Limits())
        list_dicom([folder], run, lambda _: None)
        took = spent(lambda: list_dicom([folder], run, lambda _: None))
    yield (
        "looking at a file's header, ms by the clock",
        f"{1000 * took.wall / (2 * studies):.2f}",
        True,
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; return 1 where a figure falls short."""
    parser = argparse.ArgumentParser(description="What a cohort costs beside its readings.")
    parser.add_argument("--studies", type=int, default=200, help="phantom studies that are read")
    parser.add_argument("--rows", nargs="*", choices=ROWS, default=ROWS, help="which rows")
    parser.add_argument("--bare", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("--short", action="store_true", help="few studies, and no row can fail")
    options = parser.parse_args(argv)
    if options.bare is not None:
        bare([StudyRef("1", Form.DICOM, (path,), 1, "d") for path in options.bare])
        return 0
    short = options.short
    status = 0
    print("| figure | value |\n|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as name:
        made = rows(Path(name), 4 if short else options.studies, options.rows, short=short)
        for label, value, good in made:
            print(f"| {label} | {value}{'' if good else ' **short**'} |", flush=True)
            status |= not good
    return 0 if short else int(status)


def rows(
    folder: Path, count: int, wanted: Sequence[str], *, short: bool
) -> Iterator[tuple[str, str, bool]]:
    """Yield every row: what it is, the value, and whether it is as it should be."""
    if "poison" in wanted:
        yield from poison(100 if short else 1000, folder / "poison")
    if "manifest" in wanted:
        yield from manifest(500 if short else 20_000, folder / "manifest")
    if "memory" in wanted:
        yield from memory((50, 100) if short else (500, 2000, 8000), folder / "memory")
    if not {"rate", "gain"}.intersection(wanted):
        return
    made = originals(folder / "originals", 2 if short else min(count, 50), SEED)
    source = folder / "studies"
    list(copies(made, count, source))
    yield from census(count, source)
    run = limited_run(run_limited, Limits())
    studies = list_dicom([source], run, lambda _: None).studies
    if "rate" in wanted:
        yield from rate(studies, folder)
    if "gain" in wanted:
        yield from gain(studies, folder)


if __name__ == "__main__":
    raise SystemExit(main())
