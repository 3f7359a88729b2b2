"""``myeloscope phantom``: simulated studies with known truth, as DICOM."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track

from myeloscope import phantom
from myeloscope.cli.parsing import command
from myeloscope.dicom.mr_image import ImageContext, Person, StoredForm, mr_image_bytes
from myeloscope.dicom.nm_image import NmContext, nm_image_bytes
from myeloscope.errors import ExitCode, UsageError
from myeloscope.exchange.nifti import read_volume, station_nifti
from myeloscope.phantom.cohorts import paper_cohort
from myeloscope.phantom.from_volume import make_from_volume
from myeloscope.phantom.ric_making import RicPhantom, make_ric
from myeloscope.phantom.ric_spec import RicSpec
from myeloscope.phantom.truth import truth_record
from myeloscope.phantom.volume import Volume
from myeloscope.pipeline.folder import whole_folder

MOST = 100_000
MOST_SEED = 10**12


@dataclass(frozen=True, slots=True)
class Order:
    """One person to write, the name of the folder, and what is made of the person."""

    name: str
    spec: phantom.PhantomSpec
    mrm: bool = True
    ric: bool = False


def parser() -> ArgumentParser:
    """Return the parser of ``myeloscope phantom``."""
    made = command(
        "phantom",
        "Simulate MR myelography studies: a body in mm, the physics of a heavily T2-weighted\n"
        "thick slab, then the scanner; or radioisotope cisternography of the same body: tracer,\n"
        "then the gamma camera. Each study becomes a folder with its DICOM images and truth.json,\n"
        "which says what is really there. The same seed gives the same bytes.",
        examples=(
            "myeloscope phantom --out phantoms --count 20 --difficulty mixed --arm mixed",
            "myeloscope phantom --out paper --cohort paper",
            "myeloscope phantom --out both --technique both --count 5",
            "myeloscope phantom --out real --from-t2 lumbar.nii.gz",
        ),
    )
    add = made.add_argument
    add("--out", type=Path, required=True, metavar="DIR", help="folder to make")
    add("--seed", type=int, default=1, metavar="N", help="first seed (default: 1)")
    add("--count", type=int, default=1, metavar="N", help="number of studies (default: 1)")
    add("--difficulty", choices=("easy", "medium", "hard", "mixed"), default="medium",
        help="how much noise, and how faint the leaks (default: medium)")  # fmt: skip
    add("--arm", choices=("patient", "control", "mixed"), default="patient",
        help="whether leaks are drawn (default: patient)")  # fmt: skip
    add("--variety", choices=("paper", "wide"), default="paper", help="the paper's acquisition, "
        "or matrices, fields of view, slabs and stations beyond it (default: paper)")  # fmt: skip
    add("--technique", choices=("mrm", "ric", "both"), default="mrm",
        help="what is made of each person; with both, the cisternogram goes into ric in the "
        "person's folder (default: mrm)")  # fmt: skip
    add("--cohort", choices=("paper", "paper-ric"), help="the paper's 15 patients with both "
        "techniques and 15 controls, with signs where its Table 1 has them; paper-ric gives the "
        "controls a cisternogram too, which the paper's had not")  # fmt: skip
    add("--from-t2", type=Path, metavar="VOLUME", help="a real 3D T2 volume (NIfTI) turned into "
        "a myelogram; nothing is known of its truth but that it is healthy")  # fmt: skip
    add("--nifti", action="store_true", help="also write each image as .nii.gz")
    add("--overwrite", action="store_true", help="replace an earlier run's output")
    return made


def main(argv: Sequence[str]) -> int:
    """Run ``myeloscope phantom`` and return the exit code."""
    options = parser().parse_args(list(argv))
    _check(options)
    volume = None if options.from_t2 is None else _volume(options.from_t2)
    orders = list(_orders(options))
    console = Console(stderr=True)
    with whole_folder(options.out, overwrite=options.overwrite) as folder:
        shown = track(orders, "phantoms", console=console, disable=len(orders) < 4)
        for order in shown:
            place = folder / order.name
            if order.mrm:
                made = (
                    phantom.make(order.spec)
                    if volume is None
                    else make_from_volume(volume, order.spec)
                )
                write_phantom(made, order.name, place, nifti=options.nifti)
            if order.ric:
                nuclear = make_ric(RicSpec(order.spec))
                write_ric(nuclear, order.name, place / "ric" if order.mrm else place)
    print(f"{len(orders)} {'study' if len(orders) == 1 else 'studies'} in {options.out}")
    return ExitCode.OK


def _check(options: Namespace) -> None:
    """Refuse numbers that make no phantom, and two wishes at once."""
    for name, value, low, high in (
        ("--seed", options.seed, 0, MOST_SEED),
        ("--count", options.count, 1, MOST),
    ):
        if not low <= value <= high:
            raise UsageError(
                f"a number from {low} to {high} is needed",
                value=value,
                place=name,
                remedy="choose another number",
            )
    if options.from_t2 and options.technique != "mrm":
        raise UsageError(
            "a volume holds no tracer",
            value=f"--technique {options.technique} with --from-t2",
            place="options",
            remedy="leave one out",
        )
    if options.cohort and options.technique != "mrm":
        raise UsageError(
            "a cohort has its own techniques",
            value=f"--technique {options.technique} with --cohort",
            place="options",
            remedy="leave --technique out",
        )
    if options.cohort and (options.from_t2 or options.count != 1):
        raise UsageError(
            "a cohort is made alone",
            value="--cohort with --count or --from-t2",
            place="options",
            remedy="leave the others out",
        )


def _volume(path: Path) -> Volume:
    """Return the T2 volume in a NIfTI file."""
    read = read_volume(path)
    return Volume(read.data, read.affine)


def _orders(options: Namespace) -> Iterator[Order]:
    """Return the phantoms asked for: a cohort's members, or one for each seed."""
    levels, arms = tuple(phantom.Difficulty), tuple(phantom.Arm)
    mixed = options.difficulty == "mixed"
    if options.cohort:
        level = phantom.Difficulty.MEDIUM if mixed else phantom.Difficulty(options.difficulty)
        for member in paper_cohort(options.seed, level):
            patient = member.spec.arm is phantom.Arm.PATIENT
            yield Order(member.name, member.spec, ric=patient or options.cohort == "paper-ric")
        return
    for index in range(options.count):
        seed = options.seed + index
        level = levels[seed % 3] if mixed else phantom.Difficulty(options.difficulty)
        arm = arms[(seed // 3) % 2] if options.arm == "mixed" else phantom.Arm(options.arm)
        variety = phantom.Variety(options.variety)
        kind = "phantom" if options.from_t2 is None else "volume"
        spec = phantom.PhantomSpec(seed=seed, arm=arm, difficulty=level, variety=variety)
        wanted = options.technique
        yield Order(f"{kind}-{seed:06d}", spec, mrm=wanted != "ric", ric=wanted != "mrm")


def write_phantom(made: phantom.Phantom, name: str, folder: Path, *, nifti: bool = False) -> None:
    """Write a phantom's images and ``truth.json`` into a folder.

    Parameters
    ----------
    made
        The phantom.
    name
        Its name, which becomes the patient's ID.
    folder
        Folder to make; it must not exist.
    nifti
        Whether to write each image as NIfTI too.
    """
    folder.mkdir(parents=True)
    truth = made.truth
    person = Person(f"PHANTOM^{truth.seed:04d}", name, truth.age_years, truth.sex)
    form = StoredForm(**asdict(made.coding))
    names = {station.sop_uid: station.name for station in truth.stations}
    for index, station in enumerate(made.study.stations):
        where = names[station.sop_uid]
        context = ImageContext(made.study.uid, person, index + 1, f"MR myelography {where}")
        data = mr_image_bytes(station, form, context)
        (folder / f"{index + 1}-{where}.dcm").write_bytes(data)
        if nifti:
            (folder / f"{index + 1}-{where}.nii.gz").write_bytes(station_nifti(station))
    text = json.dumps(truth_record(truth), indent=1)
    (folder / "truth.json").write_text(text + "\n", encoding="utf-8")


def write_ric(made: RicPhantom, name: str, folder: Path) -> None:
    """Write a cisternography phantom's images and ``truth.json`` into a folder.

    Parameters
    ----------
    made
        The phantom.
    name
        The person's name, which becomes the patient's ID.
    folder
        Folder to make; it must not exist.
    """
    folder.mkdir(parents=True)
    truth = made.truth
    person = Person(f"PHANTOM^{truth.seed:04d}", name, truth.age_years, truth.sex)
    used = 0
    for number, views in enumerate(made.files, start=1):
        scatter = made.scatter[used : used + len(views)]
        used += len(views)
        text = "Cisternography"
        image = ImageContext(made.study.uid, person, number, text)
        context = NmContext(image, made.injected, label=made.plan.label)
        data = nm_image_bytes(views, context, scatter)
        (folder / f"ric-{number}.dcm").write_bytes(data)
    text = json.dumps(truth_record(truth), indent=1)
    (folder / "truth.json").write_text(text + "\n", encoding="utf-8")
