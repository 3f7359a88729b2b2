"""Which locked reads differ, and what the adjudicator is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from myeloscope.domain.grade import ReaderKind
from myeloscope.domain.reading import is_positive
from myeloscope.trial.allocation import Key
from myeloscope.trial.answer import Answer
from myeloscope.trial.protocol import Discordance, Reader
from myeloscope.trial.sequence import DONE, order_of
from myeloscope.trial.state import Assignment, Read, Trial


def key_of(read: Read) -> Key:
    """Return the examination that a read is of."""
    return read.assignment.case, read.assignment.technique, read.assignment.visit


def peers(trial: Trial, key: Key) -> tuple[Read, ...]:
    """Return the first reads of an examination by readers who are people and do not adjudicate."""
    return tuple(
        read
        for read in trial.reads.values()
        if key_of(read) == key
        and read.assignment.repeat == 0
        and _is_peer(trial.readers[read.assignment.reader])
    )


def _is_peer(reader: Reader) -> bool:
    return reader.kind is not ReaderKind.ALGORITHM and not reader.adjudicates


def differ(one: Answer, two: Answer, rule: Discordance) -> bool:
    """Return whether two answers differ by the protocol's rule: in the call, or in any grade."""
    if rule is Discordance.GRADE:
        return one.grades != two.grades
    return is_positive(one.grades) is not is_positive(two.grades)


def is_discordant(trial: Trial, key: Key) -> bool:
    """Return whether all reads of an examination are locked and two of them differ."""
    reads = peers(trial, key)
    if trial.protocol.adjudication is Discordance.NEVER or len(reads) < 2:
        return False
    answers = [read.answer for read in reads if read.status in DONE]
    if len(answers) < len(reads):
        return False
    known = [answer for answer in answers if answer is not None]
    return any(differ(known[0], other, trial.protocol.adjudication) for other in known[1:])


def to_adjudicate(trial: Trial, new_id: Callable[[], str]) -> tuple[Assignment, ...]:
    """Return the assignments that discordant examinations call for and nobody has yet."""
    return tuple(_to_adjudicate(trial, new_id))


def _to_adjudicate(trial: Trial, new_id: Callable[[], str]) -> Iterator[Assignment]:
    wanted = [
        key for key in dict.fromkeys(map(key_of, trial.reads.values())) if is_discordant(trial, key)
    ]
    for reader in trial.readers.values():
        if not reader.adjudicates:
            continue
        own = list(order_of(trial, reader.id))
        given = {key_of(read) for read in own}
        position = len(own)
        for key in wanted:
            if key not in given and key[1] in reader.techniques:
                yield Assignment(new_id(), *key, reader.id, position, block=0)
                position += 1
