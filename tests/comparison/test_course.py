"""Examinations in time: their order, what is compared with what, and the published JSON."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence

import jsonschema
import pytest

from myeloscope.comparison.course import follow
from myeloscope.comparison.record import comparison_schema, course_to_json, dumps
from myeloscope.domain.grade import Technique
from myeloscope.domain.reading import Reading
from myeloscope.errors import InputError
from tests.comparison.readings import Leak, View, reading

T5 = 12
FIRST = View(day="2024-03-01")
SECOND = View(top=60.0, names=1, day="2024-06-01")
THIRD = View(day="2024-09-01")
RIC = View(day="2024-02-28", technique=Technique.RIC)
LATE_RIC = View(day="2024-03-09", technique=Technique.RIC)
UNDATED = View(day=None)


def test_the_order_is_that_of_the_days() -> None:
    given = [reading([Leak(T5)], THIRD), reading([Leak(T5)], FIRST), reading([], SECOND)]
    course = follow(given, [datetime.date(2024, 5, 1), datetime.date(2024, 8, 30)])
    assert [str(visit.day) for visit in course.visits] == ["2024-03-01", "2024-06-01", "2024-09-01"]
    assert [visit.sites for visit in course.visits] == [1, 0, 1]
    assert [visit.days_after_patch for visit in course.visits] == [None, 31, 2]
    # the patch of May lies a month before the second examination, that of August two days
    # before the third: only there injected fluid may pass for a leak
    assert [made.signs[0].change for made in course.follow_ups] == ["resolved", "not-comparable"]


def test_a_cisternogram_is_held_against_the_myelogram_next_to_it() -> None:
    given = [reading([], SECOND), reading([Leak(T5)], RIC), reading([Leak(T5)], FIRST)]
    course = follow(given)
    (made,) = course.agreements
    assert made.mrm is given[2]
    assert made.days == -2
    assert len(course.follow_ups) == 1


def test_without_days_two_are_taken_as_given() -> None:
    one, other = reading([Leak(T5)], UNDATED), reading([], SECOND)
    course = follow([one, other])
    assert course.visits[0].reading is one
    ric = reading([], View(day=None, technique=Technique.RIC))
    (made,) = follow([one, ric]).agreements
    assert made.days is None


def test_a_day_that_is_none_is_no_day() -> None:
    made = reading([], View(day="someday"))
    assert follow([made, reading([], SECOND)]).visits[0].day is None


@pytest.mark.parametrize(
    ("views", "patches", "words"),
    [
        ((FIRST,), (), "takes two examinations or more"),
        ((RIC, View(day="2024-03-01", technique=Technique.RIC)), (), "0 of MRM"),
        ((FIRST, FIRST), (), "each examination is given once"),
        ((FIRST, SECOND, UNDATED), (), "1 of 3 without"),
        ((FIRST, UNDATED), ("2024-03-02",), "need their dates"),
        ((FIRST, SECOND), ("2024-07-01",), "a patch came before the last images"),
    ],
)
def test_what_has_no_order_is_refused(
    views: Sequence[View], patches: Sequence[str], words: str
) -> None:
    days = [datetime.date.fromisoformat(day) for day in patches]
    with pytest.raises(InputError, match=words):
        follow([reading([], view) for view in views], days)


@pytest.mark.parametrize(
    ("readings", "kind"),
    [
        ([reading([Leak(T5)], FIRST), reading([Leak(T5, extent=20.0), Leak(18)], SECOND)], 0),
        ([reading([], FIRST), reading([], SECOND)], 0),
        ([reading([Leak(T5)], View(bottom=70.0, day=None)), reading([], SECOND)], 0),
        ([reading([Leak(T5), Leak(20)], FIRST), reading([Leak(T5 + 1)], RIC)], 1),
        (
            [
                reading([], FIRST),
                reading([Leak(T5)], View(day="2024-03-09", technique=Technique.RIC)),
            ],
            1,
        ),
        ([reading([Leak(T5)], v) for v in (FIRST, SECOND, RIC)], 2),
    ],
)
def test_json_keeps_the_published_schema(readings: list[Reading], kind: int) -> None:
    schema = comparison_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    record = course_to_json(follow(readings), "1.0")
    jsonschema.Draft202012Validator(schema).validate(record)
    assert record["kind"] == ("follow-up", "agreement", "course")[kind]
    assert dumps(follow(readings), "1.0").endswith("}\n")


def test_the_schema_refuses_half_a_comparison() -> None:
    record = course_to_json(follow([reading([], FIRST), reading([], SECOND)]), "1.0")
    validator = jsonschema.Draft202012Validator(comparison_schema())
    del record["findings"]
    assert not validator.is_valid(record)


def test_before_is_what_came_first() -> None:
    course = follow([reading([Leak(T5)], FIRST), reading([Leak(T5 + 1)], RIC)])
    record = json.loads(dumps(course, "1.0"))
    (found,) = record["findings"]
    assert record["before"]["technique"] == "radioisotope-cisternography"
    assert (found["before"]["segment"], found["after"]["segment"]) == ("T6", "T5")
    assert found["agreement"] == "both"
    assert record["interval_days"] == 2
