"""A small reader study to test with: two readers, a panel, the algorithm, an adjudicator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count

from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import Grade, ReaderKind, Technique
from myeloscope.trial.allocation import allocate
from myeloscope.trial.answer import Answer, RegionAnswer
from myeloscope.trial.event import (
    Allocated,
    CasesAdded,
    Entry,
    Event,
    Opened,
    ReadConfirmed,
    ReaderAdded,
    ReadSaved,
    ReadStarted,
    TrialCreated,
    Voted,
)
from myeloscope.trial.protocol import Protocol, Reader
from myeloscope.trial.rules import apply
from myeloscope.trial.state import Case, Display, Examination, ImageRef, Trial, Truth

NOW = "2026-01-05T08:00:00+00:00"
BOTH = Protocol(techniques=(Technique.MRM, Technique.RIC), scales=("paper-mrm/1", "paper-ric/1"))
READERS = (
    Reader("reader-1", ReaderKind.PERSON, ("ann",)),
    Reader("reader-2", ReaderKind.PERSON, ("bob",)),
    Reader("panel", ReaderKind.PANEL, ("cat", "dan", "eve"), (Technique.RIC,)),
    Reader("myeloscope", ReaderKind.ALGORITHM, ()),
    Reader("judge", ReaderKind.PERSON, ("jud",), adjudicates=True),
)
LEAD = "liz"
DISPLAY = Display(4, 3, 1.0, 0.0, 50.0, 100.0, 0.5, 0.5, (1.0, 0.0, 0.0, 0.0, 0.0, -1.0))


def ids(prefix: str = "r") -> Callable[[], str]:
    """Return a source of names that are not random, for tests only."""
    numbers = count()
    return lambda: f"{prefix}{next(numbers):04d}"


def examination(case: str, technique: Technique, visit: int) -> Examination:
    """Return an examination whose one image names what it shows."""
    name = f"img/{case}/{technique}/{visit}"
    uids = (f"{name}/study", f"{name}/series", f"{name}/sop")
    image = ImageRef(name, name, *uids, None, "thoracolumbar", DISPLAY)
    return Examination(technique, visit, (image,))


def case(number: int, *, visits: int = 1) -> Case:
    """Return a case whose hidden facts can be found again in any text."""
    name = f"case-{number:02d}"
    made = [examination(name, t, v) for v in range(visits) for t in Technique]
    truth = Truth(number % 2 == 0, {Region.LUMBAR: True}, {f"truth-of-{name}": number % 3 == 0})
    return Case(name, tuple(made), truth, age_years=1000 + number, sex="F")


def graded(grade: int, comment: str = "", reason: str | None = None) -> Answer:
    """Return a whole answer: one grade everywhere, or a reason in the lumbar region."""
    regions = {region: RegionAnswer(Grade(grade)) for region in Region}
    if reason is not None:
        regions[Region.LUMBAR] = RegionAnswer(reason=reason)
    return Answer(regions, comment=comment)


def drafted(protocol: Protocol = BOTH, *, cases: int = 4, visits: int = 1) -> list[Entry]:
    """Return the log of a trial that is ready to be opened."""
    events: list[Event] = [TrialCreated("t1", "A study", protocol, (LEAD,))]
    events += [ReaderAdded(reader) for reader in READERS]
    events.append(CasesAdded(tuple(case(n, visits=visits) for n in range(cases))))
    trial = played(events)
    events.append(Allocated(allocate(trial, 7, ids()), 7))
    return [Entry(event, LEAD, NOW) for event in events]


def opened(protocol: Protocol = BOTH, *, cases: int = 4, visits: int = 1) -> Trial:
    """Return a trial in which reading has begun."""
    entries = [*drafted(protocol, cases=cases, visits=visits), Entry(Opened(), LEAD, NOW)]
    return folded(None, entries)


def folded(trial: Trial | None, entries: list[Entry]) -> Trial:
    """Return the trial after more entries."""
    for entry in entries:
        trial = apply(trial, entry)
    assert trial is not None
    return trial


def played(events: list[Event]) -> Trial:
    """Return the trial after events that the lead caused."""
    return folded(None, [Entry(event, LEAD, NOW) for event in events])


def do(trial: Trial, by: str, *events: Event, at: str = NOW) -> Trial:
    """Return the trial after events by one person."""
    return folded(trial, [Entry(event, by, at) for event in events])


def read_once(trial: Trial, user: str, read: str, answer: Answer, at: str = NOW) -> Trial:
    """Return the trial after a person began, saved and locked a read."""
    return do(
        trial, user, ReadStarted(read), ReadSaved(read, 0, answer), ReadConfirmed(read, 1), at=at
    )


def panel_once(trial: Trial, read: str, answer: Answer) -> Trial:
    """Return the trial after the panel voted on a read, saved and locked it together."""
    trial = do(trial, "cat", ReadStarted(read))
    for member in ("cat", "dan", "eve"):
        trial = do(trial, member, Voted(read, replace(answer, comment=f"vote of {member}")))
    trial = do(trial, "dan", ReadSaved(read, 0, answer))
    for member in ("cat", "dan", "eve"):
        trial = do(trial, member, ReadConfirmed(read, 1))
    return trial


def own(trial: Trial, reader: str) -> Iterator[str]:
    """Yield the names of a reader's reads in order."""
    yield from trial.orders[reader]
