"""Who reads what in which order: drawn from a seed, another order for each reader."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from myeloscope.domain.grade import ReaderKind, Technique
from myeloscope.trial.protocol import Reader
from myeloscope.trial.refusals import refused
from myeloscope.trial.state import Assignment, Trial

Key = tuple[str, Technique, int]
"""Case, technique and visit: one examination."""


def allocate(trial: Trial, seed: int, new_id: Callable[[], str]) -> tuple[Assignment, ...]:
    """Return every reader's assignments.

    A reader's passes follow each other, each in an order of its own: technique by technique,
    visit by visit, then the repeats, drawn from what the reader reads. Blocks do not cross passes.

    Parameters
    ----------
    trial
        With readers and cases.
    seed
        The orders follow from it.
    new_id
        Gives an opaque name for each read; it must say nothing about case or reader.

    Raises
    ------
    TrialError
        If there is nothing to read, or less than the repeats ask for.
    """
    made: list[Assignment] = []
    for reader in trial.readers.values():
        if not reader.adjudicates:
            made += _of_reader(trial, reader, seed, new_id)
    if not made:
        raise refused(
            "each reader needs examinations of a technique to read", "none", f"trial {trial.id}",
            "import cases and add readers of their technique",
        )  # fmt: skip
    return tuple(made)


def _of_reader(
    trial: Trial, reader: Reader, seed: int, new_id: Callable[[], str]
) -> Iterator[Assignment]:
    position = block = 0
    for number, (repeat, keys) in enumerate(_passes(trial, reader, seed)):
        random.Random(f"{seed}/{reader.id}/order/{number}").shuffle(keys)
        size = trial.protocol.block_size
        for index, (case, technique, visit) in enumerate(keys):
            place = block + index // size
            yield Assignment(
                new_id(), case, technique, visit, reader.id, position, place, repeat=repeat
            )
            position += 1
        block += -(-len(keys) // size)


def _passes(trial: Trial, reader: Reader, seed: int) -> Iterator[tuple[int, list[Key]]]:
    """Yield the examinations of each pass, and whether it is of repeats (1) or not (0)."""
    every: list[Key] = []
    for technique in trial.protocol.techniques:
        if technique not in reader.techniques:
            continue
        found = [
            (case.id, technique, examination.visit)
            for case in trial.cases.values()
            for examination in case.examinations
            if examination.technique is technique
        ]
        every += found
        for visit in sorted({key[2] for key in found}):
            yield 0, [key for key in found if key[2] == visit]
    repeats = 0 if reader.kind is ReaderKind.ALGORITHM else trial.protocol.repeats
    if repeats > len(every):
        raise refused(
            f"{repeats} reads can be repeated", f"{len(every)} reads of {reader.id}",
            f"trial {trial.id}", "ask for fewer repeats in the protocol",
        )  # fmt: skip
    yield 1, random.Random(f"{seed}/{reader.id}/repeats").sample(every, repeats)
