"""A trial as files: the table that ``analyze`` reads, readings as JSON, comments, a README.

A cell that a spreadsheet would take for a formula gets an apostrophe before it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from myeloscope.domain.anatomy import Region
from myeloscope.domain.codec import dumps
from myeloscope.domain.grade import Grade
from myeloscope.trial.codec import dump_protocol
from myeloscope.trial.protocol import Needed
from myeloscope.trial.readings import reading_of
from myeloscope.trial.state import Read, Trial

FORMULA = ("=", "+", "-", "@", "\t", "\r")
README = """\
{title}
{rule}

{reads} locked reads of {cases} cases by {readers} readers; protocol in protocol.json.

readings.csv    one row a read and level, for 'myeloscope analyze readings.csv --out DIR';
                a second read of the same examination is the reader "NAME (repeat)"
readings/       each locked read as reading.json, every revision; the last one counts
comments.csv    what readers wrote
cases.csv       the cases' study UIDs (de-identified) and truth

Research use, not for clinical decisions.
"""
REPEAT = " (repeat)"
HIDDEN = "hidden"
"""Name of the reference that stands in for truth before it may be shown."""


def neutral(cell: str) -> str:
    """Return a cell that no spreadsheet computes."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def export_files(trial: Trial, get: Callable[[str], bytes]) -> Mapping[str, bytes]:
    """Return every file of an unblinded trial's export by name.

    Parameters
    ----------
    trial
        The trial.
    get
        Returns a stored file by its hash: the algorithm's own ``reading.json``.
    """
    locked = list(_locked(trial))
    title = " ".join(trial.title.split())
    readme = README.format(
        title=title, rule="=" * len(title), reads=len(locked), cases=len(trial.cases),
        readers=len(trial.readers),
    )  # fmt: skip
    return {
        "README.txt": readme.encode(),
        "protocol.json": dump_protocol(trial.protocol).encode(),
        "readings.csv": readings_csv(trial, blinded=False).encode(),
        "comments.csv": _comments(locked).encode(),
        "cases.csv": _cases(trial).encode(),
        **_readings(trial, locked, get),
    }


def readings_csv(trial: Trial, *, blinded: bool) -> str:
    """Return the table of first-visit reads, one row a read and level.

    Parameters
    ----------
    trial
        The trial.
    blinded
        Whether truth is left out: its columns are then ``truth_hidden``, empty, which is enough
        for agreement.
    """
    references = () if blinded else _references(trial)
    truth = f"truth_{HIDDEN}" if blinded else "truth"
    level_truth = f"level_truth_{HIDDEN}" if blinded else "level_truth"
    scored = Needed.CONFIDENCE in trial.protocol.required
    head = ["case", truth, "modality", "reader", "grade", "level", level_truth]
    head += ["score"] if scored else []
    head += [f"truth_{name}" for name in references]
    return _csv(head, _rows(trial, references, blinded=blinded, scored=scored))


def _rows(
    trial: Trial, references: Sequence[str], *, blinded: bool, scored: bool
) -> Iterator[list[str]]:
    for read in trial.reads.values():
        own = read.assignment
        if own.visit:
            continue
        case = trial.cases[own.case]
        truth = "" if blinded else _flag(case.truth.disease)
        reader = own.reader + (REPEAT if own.repeat else "")
        for region in trial.protocol.regions:
            known = case.truth.levels.get(region)
            yield [
                own.case, truth, own.technique.code, reader, _grade(read, region),
                region.letter, "" if blinded else _flag(known),
                *([_score(read, region)] if scored else []),
                *(_flag(case.truth.references.get(name)) for name in references),
            ]  # fmt: skip


def _grade(read: Read, region: Region) -> str:
    given: Grade | None = read.answer.region(region).grade if read.answer is not None else None
    return "" if given is None else str(int(given))


def _score(read: Read, region: Region) -> str:
    given = read.answer.region(region).confidence if read.answer is not None else None
    return "" if given is None else repr(given / 100)


def _flag(value: bool | None) -> str:
    return "" if value is None else str(int(value))


def _references(trial: Trial) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(name for case in trial.cases.values() for name in case.truth.references)
    )


def _locked(trial: Trial) -> Iterator[Read]:
    return (read for read in trial.reads.values() if read.revisions)


def _comments(locked: Sequence[Read]) -> str:
    rows = [
        [read.assignment.id, read.assignment.case, read.assignment.reader, read.answer.comment]
        for read in locked
        if read.answer is not None and read.answer.comment
    ]
    return _csv(["read", "case", "reader", "comment"], rows)


def _cases(trial: Trial) -> str:
    references = _references(trial)
    head = ["study_uid", "case", "truth", "technique", "visit"]
    head += [f"truth_{name}" for name in references]
    rows = [
        [
            each.images[0].study_uid if each.images else "",
            case.id,
            _flag(case.truth.disease),
            each.technique.code,
            str(each.visit),
            *(_flag(case.truth.references.get(name)) for name in references),
        ]
        for case in trial.cases.values()
        for each in case.examinations
    ]
    return _csv(head, rows)


def _readings(
    trial: Trial, locked: Sequence[Read], get: Callable[[str], bytes]
) -> Mapping[str, bytes]:
    """Return every revision of every locked read as a reading, and panels' votes."""
    made: dict[str, bytes] = {}
    for read in locked:
        for index, revision in enumerate(read.revisions):
            name = f"readings/{read.assignment.id}-{index + 1}.json"
            content = dumps(reading_of(trial, read, index)).encode()
            made[name] = content if revision.file is None else get(revision.file)
        votes = {
            member: {region: given.grade for region, given in answer.regions.items()}
            for member, answer in read.votes.items()
        }
        if votes:
            made[f"readings/{read.assignment.id}-votes.json"] = json.dumps(votes, indent=1).encode()
    return made


def _csv(head: Sequence[str], rows: Iterator[list[str]] | Sequence[list[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return text.getvalue()
