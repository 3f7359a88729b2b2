"""The paper's 30 people as phantoms: its tables again, and where the two techniques agree.

    python -m benchmarks.paper_cohort --seed 21

makes the cohort with MR myelograms and cisternograms, reads both, writes one table of reads (the
truth of each technique and the program's reading), has ``analyze`` compute its figures, and holds
them against the generated truth. Nobody expects the paper's kappas of it: Table 1 holds opinions,
and phantoms follow them only by construction (:mod:`myeloscope.phantom.cohorts`).
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np

from myeloscope.accuracy.reads import Reads
from myeloscope.accuracy.record import Statistic
from myeloscope.accuracy.study import analyse
from myeloscope.cisternography.read import read_cisternogram
from myeloscope.comparison.agreement import Agreement, agree
from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import Grade, Technique
from myeloscope.domain.paper import TABLE_1
from myeloscope.domain.reading import Reading
from myeloscope.exchange.reads import read_text
from myeloscope.myelography.read import read_study
from myeloscope.phantom import Difficulty, make
from myeloscope.phantom.cohorts import Member, paper_cohort
from myeloscope.phantom.ric_making import make_ric
from myeloscope.phantom.ric_spec import RicSpec
from myeloscope.settings import ReadSettings

PATIENTS = 15
LEVELS = {Region.CERVICAL: "C", Region.THORACIC: "T", Region.LUMBAR: "L"}
MODALITIES = {Technique.MRM: "MRM", Technique.RIC: "RIC"}
TRUTH, PROGRAM = "truth", "myeloscope"
PAPER = {"reader 1 and RIC": 0.634, "reader 2 and RIC": 0.444}
"""Kappas of presence in the 15 patients, as printed (PAPER)."""
Grades = Mapping[Region, Grade | None]


@dataclass(frozen=True, slots=True)
class Person:
    """One of the cohort: grades of both techniques by construction and as read."""

    name: str
    sick: bool
    truth: Mapping[Technique, Grades]
    read: Mapping[Technique, Grades]
    agreement: Mapping[Region, Agreement]


def examine(member: Member) -> Person:
    """Make and read both examinations of one person."""
    settings = ReadSettings()
    mrm, ric = make(member.spec), make_ric(RicSpec(member.spec))
    one, other = read_study(mrm.study, settings), read_cisternogram(ric.study, settings)
    return Person(
        member.name,
        member.name.startswith("patient"),
        {
            Technique.MRM: mrm.truth.grades[Technique.MRM],
            Technique.RIC: ric.truth.grades[Technique.RIC],
        },
        {Technique.MRM: _grades(one), Technique.RIC: _grades(other)},
        {item.region: item.agreement for item in agree(one, other).regions},
    )


def _grades(reading: Reading) -> Grades:
    return {region: reading.regions[region].grade for region in Region}


def table_of(people: Sequence[Person]) -> str:
    """Return the table of reads, as ``analyze`` takes it: truth and program, both techniques.

    A level's truth is a sign on either technique.
    """
    lines = ["case,truth,modality,reader,level,level_truth,grade"]
    for person in people:
        for technique, modality in MODALITIES.items():
            for reader, grades in ((TRUTH, person.truth), (PROGRAM, person.read)):
                for region, level in LEVELS.items():
                    grade = grades[technique][region]
                    text = "" if grade is None else str(int(grade))
                    signs = any(person.truth[each][region] for each in MODALITIES)
                    sick = str(int(person.sick))
                    cells = (person.name, sick, modality, reader, level, str(int(signs)), text)
                    lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


def differing(people: Sequence[Person], reads: Reads) -> int:
    """Return how many cells of the analysed truth differ from the generated one."""
    levels = reads.levels
    if levels is None:
        raise ValueError("the table has levels")
    wrong = 0
    for index, source in enumerate(reads.sources):
        if source.reader != TRUTH:
            continue
        technique = next(t for t, name in MODALITIES.items() if name == source.modality)
        found = levels.grade[:, index].reshape(-1, len(LEVELS))
        order = [reads.names.index(person.name) for person in people]
        wanted = [[int(p.truth[technique][r] or 0) for r in LEVELS] for p in people]
        wrong += int((found[order] != np.array(wanted)).sum())
    return wrong


def unlike_table_1(people: Sequence[Person]) -> int:
    """Return how many regions of the patients have signs where Table 1 has none, or none where.

    An MR myelogram has signs where any of the readers called them, a cisternogram where RIC did.
    """
    wrong = 0
    for row, person in zip(TABLE_1, people[:PATIENTS], strict=True):
        mrm, ric = {*row.reader1, *row.reader2}, {*row.ric}
        for region in Region:
            wrong += bool(person.truth[Technique.MRM][region]) is not (region in mrm)
            wrong += bool(person.truth[Technique.RIC][region]) is not (region in ric)
    return wrong


def kappas(people: Sequence[Person]) -> Iterator[tuple[str, Statistic]]:
    """Yield kappas of presence between techniques and against the truth, of the patients alone."""
    reads = read_text(table_of(people), "cohort")
    rows = [
        row
        for row in analyse(reads)
        if row.statistic == "cohen_kappa"
        and row.threshold == 1
        and row.weights == "unweighted"
        and not row.level
        and not row.term
        and not row.deff
    ]
    wanted = (
        ("MRM and RIC, truth", ("MRM", TRUTH), ("RIC", TRUTH)),
        ("MRM and RIC, read", ("MRM", PROGRAM), ("RIC", PROGRAM)),
        ("MRM read and its truth", ("MRM", PROGRAM), ("MRM", TRUTH)),
        ("RIC read and its truth", ("RIC", PROGRAM), ("RIC", TRUTH)),
    )
    for name, one, two in wanted:
        for row in rows:
            pair = {(row.modality, row.reader), (row.modality_2 or row.modality, row.reader_2)}
            if pair == {one, two}:
                yield name, row
                break


def agreements(people: Sequence[Person]) -> Counter[tuple[Agreement, Agreement]]:
    """Return how often regions agree by truth and by reading: (truth, reading) -> regions."""
    found: Counter[tuple[Agreement, Agreement]] = Counter()
    for person in people:
        for region, read in person.agreement.items():
            one, two = (bool(person.truth[t][region]) for t in (Technique.MRM, Technique.RIC))
            kinds = {
                (True, True): Agreement.BOTH,
                (True, False): Agreement.MRM_ONLY,
                (False, True): Agreement.RIC_ONLY,
                (False, False): Agreement.NEITHER,
            }
            found[kinds[one, two], read] += 1
    return found


def report(people: Sequence[Person]) -> Iterator[str]:
    """Yield the lines of docs/BENCHMARKS.md."""
    reads = read_text(table_of(people), "cohort")
    cells = 2 * len(people) * len(LEVELS)
    wrong = differing(people, reads)
    yield f"cells of analyze's table unlike the generated truth: {wrong} of {cells}"
    yield f"patients' regions unlike Table 1: {unlike_table_1(people)} of {6 * PATIENTS}"
    yield ""
    yield "| presence of a leak, kappa | value | 95 % |"
    yield "|---|---|---|"
    for name, printed in PAPER.items():
        yield f"| {name}, 15 patients (paper) | {printed} | |"
    for who, group in (("15 patients", people[:PATIENTS]), ("all 30", people)):
        for name, row in kappas(group):
            value = "undefined" if row.value is None else f"{row.value:.3f}"
            low, high = row.ci_low, row.ci_high
            between = "" if low is None or high is None else f"{low:.3f} to {high:.3f}"
            yield f"| {name}, {who} (phantom) | {value} | {between} |"
    yield ""
    found = agreements(people)
    yield "| regions (phantom): by truth, by reading | " + " | ".join(Agreement) + " |"
    yield "|---|" + "---|" * len(Agreement)
    for true in Agreement:
        if any(found[true, read] for read in Agreement):
            row_text = " | ".join(str(found[true, read]) for read in Agreement)
            yield f"| {true} | {row_text} |"
    right = sum(found[kind, kind] for kind in Agreement)
    yield f"regions whose agreement is read as it is: {right} of {sum(found.values())}"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--seed", type=int, default=21, help="seed of the cohort; tuning never met it"
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    args = parser.parse_args(argv)
    members = paper_cohort(args.seed, Difficulty.MEDIUM)
    with ProcessPoolExecutor(args.jobs, mp_context=get_context("forkserver")) as pool:
        people = list(pool.map(examine, members, chunksize=2))
    for line in report(people):
        print(line)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
