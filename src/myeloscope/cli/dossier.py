"""``myeloscope dossier``: one patient held against published rules."""

from __future__ import annotations

import datetime
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from myeloscope import __version__
from myeloscope.cli.parsing import command, day
from myeloscope.errors import ExitCode
from myeloscope.exchange.patient_folder import read_patient, read_rules, spine_pictures
from myeloscope.pathway.dossier import Dossier, make_dossier, summary
from myeloscope.pathway.record import USE, dumps
from myeloscope.pathway.rules_file import shipped_rules
from myeloscope.pipeline.folder import whole_folder


def parser() -> ArgumentParser:
    """Return the parser of ``myeloscope dossier``."""
    made = command(
        "dossier",
        "Show what is known of one patient, what it means by which published rule, and what is\n"
        "missing: inclusion criteria side by side, Bern score, cautions, the paper's pathway with\n"
        "later evidence for and against. Writes dossier.json, dossier.html and dossier.pdf.\n"
        "Research use, not for clinical decisions; nothing in it is an order.",
        examples=(
            "myeloscope dossier PATIENT.toml --out DIR",
            "myeloscope dossier PATIENT.toml --out DIR --rules MY-RULES.toml --as-of 2024-06-30",
        ),
    )
    made.add_argument(
        "patient",
        type=Path,
        metavar="PATIENT.toml",
        help="what is known of the patient; readings are named in it, from its folder on",
    )
    made.add_argument("--out", type=Path, metavar="DIR", required=True, help="folder to make")
    made.add_argument(
        "--overwrite", action="store_true", help="replace an earlier dossier as a whole"
    )
    made.add_argument(
        "--rules",
        type=Path,
        metavar="FILE",
        help="a corrected copy of the rules (default: those of the program, pathway/rules.toml)",
    )
    made.add_argument(
        "--as-of",
        type=day,
        metavar="DATE",
        help="day of the dossier, such as 2024-06-30; no day in the file lies after it "
        "(default: today)",
    )
    return made


def main(argv: Sequence[str]) -> int:
    """Run ``myeloscope dossier`` and return the exit code."""
    options = parser().parse_args(list(argv))
    as_of: datetime.date = options.as_of or datetime.date.today()
    rules = read_rules(options.rules) if options.rules else shipped_rules()
    name = options.rules.name if options.rules else "shipped"
    patient = read_patient(options.patient, rules, as_of)
    dossier = make_dossier(patient, rules, as_of, __version__, name)
    write_dossier(dossier, options.patient, options.out, overwrite=options.overwrite)
    for line in summary(dossier):
        print(line)
    print(USE)
    print(options.out / "dossier.html")
    return ExitCode.OK


def write_dossier(dossier: Dossier, patient: Path, out: Path, *, overwrite: bool) -> None:
    """Write the files of a dossier to a folder, whole or not at all."""
    # Imported here: pages and printing take longer to load than refusals should take.
    from myeloscope.report.dossier_page import dossier_page
    from myeloscope.report.pdf import to_pdf

    with whole_folder(out, overwrite=overwrite) as folder:
        page = dossier_page(dossier, spine_pictures(patient, dossier.patient))
        (folder / "dossier.json").write_text(dumps(dossier), encoding="utf-8")
        (folder / "dossier.html").write_text(page, encoding="utf-8")
        (folder / "dossier.pdf").write_bytes(to_pdf(page))
