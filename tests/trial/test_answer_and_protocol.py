"""Records that refuse what cannot be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest

from myeloscope.domain.anatomy import Region, Side
from myeloscope.domain.grade import FindingKind, Grade, ReaderKind, Technique
from myeloscope.trial.answer import Answer, Mark, RegionAnswer
from myeloscope.trial.codec import dump_protocol, load_event, load_protocol
from myeloscope.trial.protocol import Protocol, Reader
from myeloscope.trial.refusals import TrialError


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"techniques": ()}, "techniques are one or more"),
        ({"regions": (Region.LUMBAR, Region.LUMBAR)}, "regions are one or more, each once"),
        ({"scales": ()}, "each technique has one scale"),
        ({"block_size": 0}, "block_size lies in 1..10000, not 0"),
        ({"washout_days": -1}, "washout_days lies in"),
        ({"repeats": -1}, "repeats lies in"),
    ],
)
def test_a_protocol_can_be_carried_out(fields: Mapping[str, Any], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        Protocol(**fields)


@pytest.mark.parametrize(
    ("kind", "users", "rule"),
    [
        (ReaderKind.PERSON, (), "a person has 1 to 1 users"),
        (ReaderKind.PANEL, ("a",), "a panel has 2 to 20 users"),
        (ReaderKind.PANEL, ("a", "a"), "a panel has 2 to 20 users"),
        (ReaderKind.ALGORITHM, ("a",), "a algorithm has 0 to 0 users"),
    ],
)
def test_a_readers_users_fit_its_kind(kind: ReaderKind, users: tuple[str, ...], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        Reader("r", kind, users)


def test_a_reader_reads_something_and_the_algorithm_does_not_judge() -> None:
    with pytest.raises(ValueError, match="at least one technique"):
        Reader("r", ReaderKind.PERSON, ("a",), ())
    with pytest.raises(ValueError, match="does not adjudicate"):
        Reader("r", ReaderKind.ALGORITHM, (), adjudicates=True)


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"grade": Grade(1), "reason": "motion"}, "a grade or a reason"),
        ({"reason": " "}, "a reason has 1 to 4000"),
        ({"reason": "x" * 4001}, "a reason has 1 to 4000"),
        ({"confidence": 101}, r"confidence lies in 0..100, not 101"),
    ],
)
def test_a_region_has_one_answer(fields: Mapping[str, Any], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        RegionAnswer(**fields)


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"reach_mm": 501.0}, "reach_mm lies in"),
        ({"extent_mm": math.nan}, "extent_mm lies in"),
        ({"row": math.inf}, "row is a finite number"),
        ({"image": -1}, "image counts from 0"),
    ],
)
def test_a_mark_lies_on_an_image(fields: Mapping[str, Any], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        Mark(FindingKind.LEAK, Region.LUMBAR, Side.LEFT, **fields)


def test_an_answer_has_an_end() -> None:
    with pytest.raises(ValueError, match="at most 4000 characters"):
        Answer(comment="x" * 4001)
    mark = Mark(FindingKind.LEAK, Region.LUMBAR, Side.LEFT)
    with pytest.raises(ValueError, match="at most 200 findings"):
        Answer(findings=(mark,) * 201)


@pytest.mark.parametrize("name", ["", "=1+1", "-x", "<b>", "a<b", "a\nb", "x" * 65])
def test_a_readers_name_stands_in_tables_as_it_is(name: str) -> None:
    with pytest.raises(ValueError, match="begins with a letter or digit"):
        Reader(name, ReaderKind.ALGORITHM, ())
    assert Reader("Łukasz (2)", ReaderKind.ALGORITHM, ()).id == "Łukasz (2)"


def test_protocols_and_events_are_read_back_or_refused_by_field() -> None:
    both = Protocol((Technique.MRM, Technique.RIC), scales=("paper-mrm/1", "paper-ric/1"))
    assert load_protocol(dump_protocol(both)) == both
    assert both.scale(Technique.RIC) == "paper-ric/1"
    with pytest.raises(TrialError, match="protocol block_size"):
        load_protocol('{"block_size": "many"}')
    with pytest.raises(TrialError, match="protocol blocksize"):
        load_protocol('{"blocksize": 3}')
    with pytest.raises(TrialError, match="trial log"):
        load_event('{"kind": "nothing"}')
