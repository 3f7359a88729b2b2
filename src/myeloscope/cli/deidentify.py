"""``myeloscope deidentify``: DICOM objects without who they show."""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from myeloscope.cli.parsing import command
from myeloscope.cli.progress import Progress
from myeloscope.errors import ExitCode, OutputError, UsageError
from myeloscope.pipeline.folder import output_error, whole_folder
from myeloscope.pipeline.run import Watch
from myeloscope.pipeline.worker import run_limited
from myeloscope.store.folder import make_key, read_key

WORK = "myeloscope.pipeline.deidentifying:deidentify_all"


def parser() -> ArgumentParser:
    """Return the parser of ``myeloscope deidentify``."""
    made = command(
        "deidentify",
        "Copy DICOM objects without who they show: the basic profile of PS3.15 Annex E from the\n"
        "standard's own table, with new UIDs by a secret key, dates shifted per patient, private\n"
        "attributes dropped. The pixels stay: files whose pixels may carry text are named.",
        examples=("myeloscope deidentify STUDY --out public --key secret.key --table who.jsonl",),
    )
    add = made.add_argument
    add("paths", nargs="+", type=Path, metavar="PATH", help="folders, zips or single files")
    add("--out", type=Path, required=True, metavar="DIR", help="folder to make, PATIENT/NUMBER.dcm")
    add("--key", type=Path, required=True, metavar="FILE",
        help="secret key, drawn if there is none; the same key gives the same UIDs")  # fmt: skip
    add("--table", type=Path, required=True, metavar="FILE",
        help="re-identification table to append to: who is who; keep it apart")  # fmt: skip
    return made


def main(argv: Sequence[str]) -> int:
    """Run ``myeloscope deidentify`` and return the exit code."""
    options = parser().parse_args(list(argv))
    for name, path in (("--key", options.key), ("--table", options.table)):
        if path.absolute().is_relative_to(options.out.absolute()):
            raise UsageError(
                "the way back is kept apart from the images", value=str(path), place=name,
                remedy="choose a file outside --out",
            )  # fmt: skip
    _prepare(options.key)
    # Imported here: a mistyped option needs no DICOM library.
    from myeloscope.pipeline.deidentifying import Deidentified, DeidentifyJob

    with Progress(verbose=options.verbose) as progress, whole_folder(options.out) as folder:
        watch = Watch(on_step=progress, log=sys.stderr if options.verbose else None)
        job = DeidentifyJob(tuple(map(str, options.paths)), read_key(options.key), str(folder))
        done: Deidentified = run_limited(
            WORK, job, limits=watch.limits, on_step=watch.on_step, log=watch.log
        )
        append_private(options.table, (json.dumps(asdict(who)) for who in done.identities))
    for skipped in done.skipped:
        print(f"passed over: {skipped.text}", file=sys.stderr)
    for written in done.objects:
        if written.risk is not None:
            print(f"look at the pixels: {options.out / written.file}: {written.risk}")
    patients = len({who.patient for who in done.identities})
    print(f"{len(done.objects)} objects of {patients} patients in {options.out}")
    return ExitCode.OK


def append_private(path: Path, lines: Iterable[str]) -> None:
    """Append lines to a file that only its owner can read.

    Raises
    ------
    OutputError
        If the operating system refuses.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.writelines(f"{line}\n" for line in lines)
    except OSError as error:
        raise output_error(path, error) from error


def _prepare(key: Path) -> None:
    try:
        make_key(key)
    except OSError as error:
        raise OutputError(
            "a key is a file that can be made", value=error.strerror or "no access",
            place=str(key), remedy="choose another --key",
        ) from error  # fmt: skip
