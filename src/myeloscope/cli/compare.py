"""``myeloscope compare``: what changed between examinations, and where two techniques agree."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from myeloscope import __version__
from myeloscope.cli.parsing import command, day
from myeloscope.cli.progress import Progress
from myeloscope.comparison.course import Course, follow
from myeloscope.comparison.record import USE, dumps
from myeloscope.domain.codec import loads
from myeloscope.domain.reading import Reading
from myeloscope.errors import ExitCode
from myeloscope.exchange.patient_folder import load_reading
from myeloscope.pipeline.folder import whole_folder
from myeloscope.pipeline.job import ReadJob
from myeloscope.pipeline.run import Watch, read_to_json

READING = "reading.json"


def parser() -> ArgumentParser:
    """Return the parser of ``myeloscope compare``."""
    made = command(
        "compare",
        "Compare examinations of one patient. Of two MR myelograms, laid on one scale along the\n"
        "sac, each sign of a leak is resolved, improved, unchanged, worse, new or not comparable;\n"
        "an MR myelogram and a cisternogram agree or not, by region and by sign; of more, each is\n"
        "compared with the one before it, on one time line.\n"
        "Writes comparison.json, comparison.html and comparison.pdf.\n"
        "Research use, not for clinical decisions.",
        examples=(
            "myeloscope compare FIRST-STUDY SECOND-STUDY --out DIR",
            "myeloscope compare first/reading.json second/ third/ --ebp 2024-10-21 --out DIR",
        ),
    )
    made.add_argument(
        "studies",
        nargs="+",
        type=Path,
        metavar="STUDY",
        help="study (folder, zip or files), reading.json, or the folder of readings; in any order, "
        "they carry their dates",
    )
    made.add_argument("--out", type=Path, metavar="DIR", required=True, help="folder to make")
    made.add_argument(
        "--overwrite", action="store_true", help="replace an earlier comparison as a whole"
    )
    made.add_argument(
        "--ebp",
        type=day,
        action="append",
        default=[],
        metavar="DATE",
        help="day of an epidural blood patch; repeatable. Within 7 days after one (our setting) "
        "nothing is comparable",
    )
    return made


def main(argv: Sequence[str]) -> int:
    """Run ``myeloscope compare`` and return the exit code."""
    options = parser().parse_args(list(argv))
    with Progress(verbose=options.verbose) as progress:
        watch = Watch(on_step=progress, log=sys.stderr if options.verbose else None)
        readings = [reading for path in options.studies for reading in readings_of(path, watch)]
    course = follow(readings, options.ebp)
    write_comparison(course, options.out, overwrite=options.overwrite)
    for line in told(course):
        print(line)
    print(USE)
    print(options.out / "comparison.html")
    return ExitCode.OK


def write_comparison(course: Course, out: Path, *, overwrite: bool) -> None:
    """Write the files of a comparison to a folder, whole or not at all."""
    # Imported here: pages and printing take longer to load than refusals should take.
    from myeloscope.report.comparison_page import comparison_page
    from myeloscope.report.pdf import to_pdf

    with whole_folder(out, overwrite=overwrite) as folder:
        page = comparison_page(course, __version__)
        (folder / "comparison.json").write_text(dumps(course, __version__), encoding="utf-8")
        (folder / "comparison.html").write_text(page, encoding="utf-8")
        (folder / "comparison.pdf").write_bytes(to_pdf(page))


def readings_of(path: Path, watch: Watch) -> list[Reading]:
    """Return the readings that a path holds; a study is read.

    Raises
    ------
    MyeloscopeError
        If it holds neither a reading nor a study, or reading runs past a limit.
    """
    if path.suffix == ".json" or (path / READING).is_file():
        return [load_reading(path)]
    if path.is_dir() and (inner := sorted(path.glob(f"*/{READING}"))):
        return [load_reading(file) for file in inner]
    outcome = read_to_json(ReadJob((str(path),)), watch)
    for line in outcome.skipped:
        print(f"passed over: {line.text}", file=sys.stderr)
    return [loads(study.json) for study in outcome.studies]


def told(course: Course) -> list[str]:
    """Return a course in a few lines, as the command prints them."""
    lines = []
    for made in course.follow_ups:
        lines += [
            f"{sign.segment or 'root ?'} {sign.side}  {sign.change}: {sign.reason}"
            for sign in made.signs
        ] or ["no sign of a leak in either reading"]
        fit = made.registration
        if fit is not None:
            lines.append(
                f"registered along the sac by {fit.roots} roots, {fit.error_mm:.1f} mm apart"
            )
    for pair in course.agreements:
        lines += [f"{read.region}  MRM and RIC: {read.agreement}" for read in pair.regions]
        lines += [
            f"{sign.segment or 'root ?'} {sign.side}  {sign.agreement}: {sign.reason}"
            for sign in pair.signs
        ]
        lines += pair.cautions
    return lines
