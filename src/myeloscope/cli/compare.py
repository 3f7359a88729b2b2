"""``myeloscope compare``: what changed between two MR myelograms of one patient."""

from __future__ import annotations

import datetime
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from myeloscope import __version__
from myeloscope.cli.parsing import command, day
from myeloscope.comparison.change import Comparison, compare, day_of
from myeloscope.comparison.record import USE, dumps
from myeloscope.domain.grade import Technique
from myeloscope.domain.reading import Reading
from myeloscope.errors import ExitCode, InputError
from myeloscope.exchange.patient_folder import load_reading
from myeloscope.pipeline.folder import whole_folder


def parser() -> ArgumentParser:
    """Return the parser of ``myeloscope compare``."""
    made = command(
        "compare",
        "Compare two MR myelograms of one patient by their readings: both are laid on one scale\n"
        "along the sac, and each sign of a leak is resolved, improved, unchanged, worse, new or\n"
        "not comparable. Writes comparison.json, comparison.html and comparison.pdf.\n"
        "Research use, not for clinical decisions.",
        examples=(
            "myeloscope compare first/ second/ --out DIR",
            "myeloscope compare first/reading.json second/reading.json --ebp 2024-10-21 --out DIR",
        ),
    )
    made.add_argument(
        "before", type=Path, metavar="BEFORE", help="earlier reading.json, or the folder of it"
    )
    made.add_argument(
        "after", type=Path, metavar="AFTER", help="later reading.json, or the folder of it"
    )
    made.add_argument("--out", type=Path, metavar="DIR", required=True, help="folder to make")
    made.add_argument(
        "--overwrite", action="store_true", help="replace an earlier comparison as a whole"
    )
    made.add_argument(
        "--ebp",
        type=day,
        metavar="DATE",
        help="day of the last epidural blood patch before AFTER; within 7 days of it (our "
        "setting) nothing is comparable",
    )
    return made


def main(argv: Sequence[str]) -> int:
    """Run ``myeloscope compare`` and return the exit code."""
    options = parser().parse_args(list(argv))
    before, after = (_mrm(path) for path in (options.before, options.after))
    _check_days(before, after, options.ebp)
    made = compare(before, after, options.ebp)
    # Imported here: pages and printing take longer to load than refusals should take.
    from myeloscope.report.comparison_page import comparison_page
    from myeloscope.report.pdf import to_pdf

    with whole_folder(options.out, overwrite=options.overwrite) as folder:
        page = comparison_page(made, __version__)
        (folder / "comparison.json").write_text(dumps(made, __version__), encoding="utf-8")
        (folder / "comparison.html").write_text(page, encoding="utf-8")
        (folder / "comparison.pdf").write_bytes(to_pdf(page))
    for line in told(made):
        print(line)
    print(USE)
    print(options.out / "comparison.html")
    return ExitCode.OK


def told(made: Comparison) -> list[str]:
    """Return a comparison in a few lines, as the command prints them."""
    lines = [
        f"{sign.segment or 'root ?'} {sign.side}  {sign.change}: {sign.reason}"
        for sign in made.signs
    ]
    fit = made.registration
    if fit is not None:
        lines.append(f"registered along the sac by {fit.roots} roots, {fit.error_mm:.1f} mm apart")
    return lines or ["no sign of a leak in either reading"]


def _mrm(path: Path) -> Reading:
    reading = load_reading(path)
    if reading.technique is not Technique.MRM:
        raise InputError(
            "both readings are of MR myelography", value=reading.technique, place=str(path),
            remedy="give a reading of an MR myelogram",
        )  # fmt: skip
    return reading


def _check_days(before: Reading, after: Reading, patch: datetime.date | None) -> None:
    """Refuse readings in the wrong order, and a patch after the later one."""
    one, other = day_of(before), day_of(after)
    if one is not None and other is not None and other < one:
        raise InputError(
            "BEFORE was acquired before AFTER", value=f"{one} and {other}",
            place="BEFORE, AFTER", remedy="exchange them",
        )  # fmt: skip
    if patch is not None and other is None:
        raise InputError(
            "days after a patch need the day of the later images", value="a reading without dates",
            place="AFTER", remedy="leave --ebp out, or read images that carry their date",
        )  # fmt: skip
    if patch is not None and other is not None and patch > other:
        raise InputError(
            "the patch came before the later images", value=f"{patch}, images of {other}",
            place="--ebp", remedy="give the last patch before them",
        )  # fmt: skip
