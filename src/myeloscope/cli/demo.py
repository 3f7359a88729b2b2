"""``myeloscope demo``: a simulated patient, read like any other study."""

from __future__ import annotations

import importlib
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from pathlib import Path

from myeloscope.cli.parsing import command
from myeloscope.cli.progress import Progress
from myeloscope.errors import ExitCode
from myeloscope.pipeline.folder import whole_folder
from myeloscope.pipeline.job import ReadJob, StudyRead
from myeloscope.pipeline.run import Watch, read_into
from myeloscope.pipeline.worker import Step, run_limited

LINES = 10
"""How many lines the demonstration prints, the report's path the last."""
SIMULATE = "myeloscope.cli.demo:simulate"


def parser() -> ArgumentParser:
    """Return the parser of ``myeloscope demo``."""
    made = command(
        "demo",
        "Make a simulated study with two leaks and a cyst, write it as DICOM, read it as any\n"
        "other, say what was there and what was found, and write the report. Beside it the same\n"
        "patient's cisternogram and follow-up after a blood patch, as dossier and comparison.",
        examples=("myeloscope demo", "myeloscope demo --out DIR --overwrite"),
    )
    made.add_argument(
        "--out",
        type=Path,
        default=Path("myeloscope-demo"),
        metavar="DIR",
        help="folder to make (default: myeloscope-demo)",
    )
    made.add_argument("--overwrite", action="store_true", help="replace an earlier demonstration")
    return made


def main(argv: Sequence[str]) -> int:
    """Run ``myeloscope demo`` and return the exit code."""
    options = parser().parse_args(list(argv))
    with (
        Progress(verbose=options.verbose) as progress,
        whole_folder(options.out, overwrite=options.overwrite) as folder,
    ):
        watch = Watch(on_step=progress, log=sys.stderr if options.verbose else None)
        truth: tuple[str, ...] = run_limited(
            SIMULATE,
            str(folder),
            limits=watch.limits,
            on_step=watch.on_step,
            log=watch.log,
        )
        images = tuple(str(path) for path in sorted((folder / "study").glob("*.dcm")))
        study = read_into(ReadJob(images), folder, watch).studies[0]
        for name in ("ric", "follow-up"):
            made = folder / "studies" / name
            more = tuple(str(path) for path in sorted(made.glob("*.dcm")))
            (folder / name).mkdir()
            read_into(ReadJob(more), folder / name, watch)
        progress(Step("writing the patient's dossier and comparison"))
        importlib.import_module("myeloscope.cli.demo_course").write_course(folder)
    for line in story(truth, study, options.out):
        print(line)
    return ExitCode.OK


def simulate(folder: str, tell: Callable[[Step], None]) -> tuple[str, ...]:
    """Write the demonstration's studies into a folder, in the worker; return the first's signs."""
    tell(Step("simulating a patient"))
    phantom = importlib.import_module("myeloscope.phantom")
    marks = importlib.import_module("myeloscope.report.marks")
    write = importlib.import_module("myeloscope.cli.phantom").write_phantom
    made = phantom.make(phantom.demo_spec())
    write(made, "demo", Path(folder) / "study")
    tell(Step("simulating the patient's course"))
    importlib.import_module("myeloscope.cli.demo_course").simulate_course(Path(folder) / "studies")
    return tuple(
        f"{f.segment} {marks.SIDE_LETTERS[f.side]} {marks.KIND_WORDS[f.kind]}"
        + (f" grade {f.grade.value}" if f.grade else "")
        for f in (*made.truth.findings, *made.truth.mimics)
    )


def story(truth: Sequence[str], study: StudyRead, out: Path) -> list[str]:
    """Return what the demonstration prints: what is there, what was found, where the report is."""
    answer, regions, *found = study.summary
    head = [f"A simulated patient, with {', '.join(truth)}.", "Read as any other study:"]
    tail = [
        "Research use, not for clinical decisions.",
        f"The study itself is in {out / 'study'}, the reading in {out / 'reading.json'}; with a "
        f"cisternogram, a blood patch and a follow-up: {out / 'dossier' / 'dossier.html'}, "
        f"{out / 'comparison' / 'comparison.html'}.",
        str(out / "report.html"),
    ]
    room = LINES - len(head) - len(tail) - 2
    if len(found) > room:
        found = [*found[: room - 1], f"and {len(found) - room + 1} more lines in the report"]
    return [*head, f"  {answer}", f"  {regions}", *(f"  {line}" for line in found), *tail]
