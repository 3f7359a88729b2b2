"""``reading.json`` keeps DESIGN's contract, both ways, for every reading there can be."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from myeloscope.domain import grade as words
from myeloscope.domain import reading as records
from myeloscope.domain.anatomy import Region, Segment, Side, SpineFormula
from myeloscope.domain.codec import (
    dumps,
    loads,
    reading_from_json,
    reading_schema,
    reading_to_json,
)
from myeloscope.domain.grade import Grade
from myeloscope.domain.reading import (
    Finding,
    Numbering,
    PixelRef,
    Reading,
    RegionReading,
    SourceImage,
)
from myeloscope.errors import InputError, OutputError

SCHEMA = Draft202012Validator(reading_schema())

# Whole multiples of 1/16 are written exactly with 4 decimals, so that equality is exact.
numbers = st.integers(-(2**20), 2**20).map(lambda n: n / 16)
texts = st.text(max_size=8)
uids = st.integers(1, 10**6).map("1.2.{}".format)
positions = st.tuples(*(numbers | st.none(),) * 3)
measures = st.dictionaries(texts, numbers, max_size=3)
grades = st.sampled_from(Grade)
segments = st.sampled_from(Segment)
sides = st.sampled_from(Side)
frames = st.none() | st.integers(1, 9)


def region_readings() -> st.SearchStrategy[RegionReading]:
    score = numbers | st.none()
    read = st.builds(
        RegionReading, grades, st.just(True), st.just(False), score, st.none() | texts.filter(bool)
    )
    partly = st.builds(
        RegionReading, grades.filter(bool), st.just(True), st.just(True), score, texts.filter(bool)
    )
    unread = st.builds(
        RegionReading, st.none(), st.just(False), st.just(False), score, texts.filter(bool)
    )
    return read | partly | unread


findings = st.builds(
    Finding,
    id=uids,
    kind=st.sampled_from(words.FindingKind),
    region=st.sampled_from(Region),
    segment=segments | st.none(),
    segment_range=st.tuples(segments, segments) | st.none(),
    side=sides,
    grade=grades | st.none(),
    reach_mm=numbers | st.none(),
    extent_mm=numbers | st.none(),
    sac_width_mm=numbers | st.none(),
    ratio=numbers | st.none(),
    pattern=st.lists(st.sampled_from(words.Pattern), max_size=3).map(tuple),
    rule=texts,
    score=numbers,
    position_mm=positions,
    outline_mm=st.lists(positions, max_size=3).map(tuple),
    source=st.none() | st.builds(PixelRef, uids, numbers, numbers, frames),
    evidence=measures,
)
readings = st.builds(
    Reading,
    technique=st.sampled_from(words.Technique),
    scale=texts,
    reader=st.builds(
        records.Reader,
        st.sampled_from(words.ReaderKind),
        texts,
        texts,
        st.sampled_from(words.ReaderMode),
    ),
    sources=st.lists(
        st.builds(SourceImage, uids, uids, uids, uids | st.none(), texts | st.none(), texts, frames)
    ).map(tuple),
    regions=st.fixed_dictionaries({region: region_readings() for region in Region}),
    findings=st.lists(findings, max_size=2, unique_by=lambda finding: finding.id).map(tuple),
    sac=st.lists(st.builds(records.SacPoint, numbers, positions, numbers), max_size=3).map(tuple),
    roots=st.lists(
        st.builds(
            records.Root,
            segments | st.none(),
            sides,
            st.booleans(),
            grades | st.none(),
            positions,
            numbers | st.none(),
            numbers | st.none(),
            numbers | st.none(),
        ),
        max_size=2,
    ).map(tuple),
    numbering=st.builds(
        Numbering,
        st.sampled_from(("assumed", "anchored", "failed")),
        measures,
        numbers | st.none(),
        st.builds(SpineFormula, st.sampled_from((11, 12, 13)), st.sampled_from((4, 5, 6))),
        texts | st.none(),
    ),
    quality=st.builds(
        records.Quality,
        numbers | st.none(),
        st.lists(
            st.builds(
                records.ProtocolItem,
                texts,
                numbers | texts | st.none(),
                numbers | texts,
                st.sampled_from(words.Verdict),
            ),
            max_size=2,
        ).map(tuple),
        st.lists(texts, max_size=2).map(tuple),
        measures,
    ),
    settings=st.dictionaries(
        texts,
        st.floats(allow_nan=False, allow_infinity=False) | st.integers() | texts | st.booleans(),
    ),
    score=numbers | st.none(),
    supersedes=texts | st.none(),
    elapsed_s=measures,
)


def example_leak() -> Finding:
    """Return the finding of DESIGN's example, its dots filled in."""
    return Finding(
        id="1.2.826.0.1.3680043.10.1",
        kind=words.FindingKind.LEAK,
        region=Region.THORACIC,
        segment=Segment.T3,
        segment_range=(Segment.T2, Segment.T4),
        side=Side.LEFT,
        grade=Grade.PROBABLE,
        reach_mm=13.4,
        extent_mm=9.8,
        sac_width_mm=15.1,
        ratio=0.65,
        pattern=(words.Pattern.TRIANGLE, words.Pattern.STREAKS),
        rule="lateral<=width",
        score=0.97,
        position_mm=(-14.2, -3.0, 122.5),
        outline_mm=((-14.2, -3.0, 122.5), (-24.0, -3.0, 120.0), (-20.0, -3.0, 118.0)),
        source=PixelRef("1.2.3", 143.0, 290.5),
    )


def example() -> Reading:
    """Return DESIGN's example reading, its dots filled in."""
    protocol = records.ProtocolItem("EchoTime", 1000.0, 1000.0, words.Verdict.AS_IN_THE_PAPER)
    return Reading(
        technique=words.Technique.MRM,
        scale="paper-mrm/1",
        reader=records.Reader(words.ReaderKind.ALGORITHM, "myeloscope", "0.1.0"),
        sources=(
            SourceImage("1.2", "1.2.1", "1.2.3", "1.2.9", "2026-01-02T10:00:00", "cervicothoracic"),
        ),
        regions={
            Region.LUMBAR: RegionReading(None, False, reason="thoracolumbar station missing"),
            Region.CERVICAL: RegionReading(Grade.NONE, True, score=0.04),
            Region.THORACIC: RegionReading(Grade.PROBABLE, True, score=0.97),
        },
        findings=(example_leak(),),
        sac=(records.SacPoint(0.0, (0.0, -3.0, 140.0), 21.0),),
        roots=(records.Root(Segment.C3, Side.LEFT, True, Grade.NONE, (1.0, -3.0, 130.0), 4.1),),
        numbering=Numbering("assumed", uncertainty_roots=0.6),
        quality=records.Quality(31.0, (protocol,), ("one",)),
        settings={"anchors": ""},
        score=0.97,
        elapsed_s={"sac": 0.01},
    )


DESIGN_KEYS = {
    "$": "schema technique scale reader supersedes sources positive score regions findings sac "
    "roots numbering quality settings elapsed_s",
    "sources": "study_uid series_uid sop_uid frame_of_reference_uid acquired station",
    "findings": "id kind region segment segment_range side grade reach_mm extent_mm sac_width_mm "
    "ratio pattern rule score position_mm outline_mm source evidence",
    "sac": "s_mm position_mm width_mm",
    "roots": "segment side visible grade position_mm sleeve_mm s_mm",
}


def test_keys_and_their_order_are_designs() -> None:
    data: dict[str, Any] = reading_to_json(example())
    assert " ".join(data) == DESIGN_KEYS["$"]
    for key in ("sources", "findings", "sac", "roots"):
        assert " ".join(data[key][0]) == DESIGN_KEYS[key]
    assert list(data["regions"]) == ["cervical", "thoracic", "lumbar"]
    assert data["regions"]["cervical"] == {
        "grade": 0,
        "assessable": True,
        "at_least": False,
        "score": 0.04,
    }
    assert data["regions"]["lumbar"]["reason"] == "thoracolumbar station missing"
    assert data["numbering"]["formula"] == {"thoracic": 12, "lumbar": 5}
    assert data["findings"][0]["source"] == {"sop_uid": "1.2.3", "row": 143.0, "column": 290.5}
    assert data["positive"] is True


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(readings)
def test_every_reading_comes_back_equal_and_fits_the_schema(reading: Reading) -> None:
    text = dumps(reading)
    assert loads(text) == reading
    assert dumps(loads(text)) == text
    SCHEMA.validate(json.loads(text))


def test_equal_readings_are_equal_bytes_whatever_the_order_of_their_keys() -> None:
    one = example()
    other = replace(
        one,
        regions={region: one.regions[region] for region in Region},
        elapsed_s=dict(reversed(list({"b": 1.0, "a": 2.0}.items()))),
    )
    assert dumps(replace(one, elapsed_s={"b": 1.0, "a": 2.0})) == dumps(other)


def test_noise_below_the_stated_decimals_does_not_reach_the_bytes() -> None:
    leak = replace(example().findings[0], reach_mm=13.4 + 1e-9, position_mm=(-1e-9, None, 0.0))
    text = dumps(replace(example(), findings=(leak,), score=0.97 + 1e-9))
    assert '"reach_mm": 13.4,' in text
    assert '"position_mm": [0.0, null, 0.0]' in text
    assert '"score": 0.97,' in text


def test_settings_are_written_exactly_and_numpy_numbers_as_numbers() -> None:
    leak = replace(
        example().findings[0],
        evidence={"width": np.float32(0.5), "streaks": np.int64(3)},  # type: ignore[dict-item]
    )
    reading = replace(example(), findings=(leak,), settings={"gain": 1e-9, "fast": True, "n": 3})
    data: dict[str, Any] = json.loads(dumps(reading))
    assert data["settings"] == {"fast": True, "gain": 1e-9, "n": 3}
    assert data["findings"][0]["evidence"] == {"width": 0.5, "streaks": 3}


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_is_none_is_not_written(bad: float) -> None:
    leak = replace(example().findings[0], outline_mm=((0.0, 0.0, bad),))
    with pytest.raises(OutputError, match=re.escape("$.findings[0].outline_mm[0][2]")):
        dumps(replace(example(), findings=(leak,)))


def _set(*path: str | int, value: Any) -> Callable[[dict[str, Any]], None]:  # noqa: ANN401
    def change(data: dict[str, Any]) -> None:
        place: Any = data
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return change


def _drop(*path: str | int) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        place: Any = data
        for key in path[:-1]:
            place = place[key]
        del place[path[-1]]

    return change


MISTAKES = [
    (_set("schema", value="myeloscope.reading/2"), "$.schema", "found 'myeloscope.reading/2'"),
    (_drop("schema"), "$.schema", "schema is myeloscope.reading/1"),
    (_drop("positive"), "$.positive", "required"),
    (_set("positive", value=False), "$.positive", "follows from the regions"),
    (_set("positive", value=1), "$.positive", "follows from the regions"),
    (_drop("technique"), "$.technique", "required"),
    (_set("technique", value="ct"), "$.technique", "closed list"),
    (_set("colour", value=1), "$", "no other keys"),
    (_drop("regions", "lumbar"), "$.regions.lumbar", "required"),
    (_set("regions", value=[]), "$.regions", "an object"),
    (_set("regions", "sacral", value=None), "$.regions", "closed list"),
    (_set("regions", "lumbar", "grade", value=0), "$.regions.lumbar", "has no grade"),
    (_set("regions", "thoracic", "grade", value=4), "$.regions.thoracic.grade", "closed list"),
    (_set("regions", "thoracic", "grade", value=True), "$.regions.thoracic.grade", "closed list"),
    (_set("regions", "thoracic", "grade", value=2.0), "$.regions.thoracic.grade", "whole number"),
    (_set("regions", "thoracic", "assessable", value=1), "$.regions.thoracic.assessable", "bool"),
    (_set("regions", "thoracic", "score", value="1"), "$.regions.thoracic.score", "finite number"),
    (_set("findings", 0, "score", value=True), "$.findings[0].score", "finite number"),
    (_set("findings", 0, "reach_mm", value=float("nan")), "$.findings[0].reach_mm", "finite"),
    (_set("findings", 0, "reach_mm", value=10**400), "$.findings[0].reach_mm", "finite"),
    (_set("findings", 0, "position_mm", value=[0.0]), "$.findings[0].position_mm", "array of 3"),
    (_set("findings", 0, "pattern", value="haze"), "$.findings[0].pattern", "an array"),
    (_set("findings", 0, "source", value=3), "$.findings[0].source", "an object"),
    (_set("findings", 0, "evidence", value=3), "$.findings[0].evidence", "an object"),
    (_set("quality", "protocol", 0, "found", value=[]), "$.quality.protocol[0].found", "float or"),
    (_set("settings", "a", value=None), "$.settings.a", "or str or bool"),
    (_set("numbering", "formula", "lumbar", value=9), "$.numbering.formula", "4-6 lumbar"),
    (_set("roots", value=3), "$.roots", "an array"),
    (_set("supersedes", value=3), "$.supersedes", "type str"),
]


@pytest.mark.parametrize(("change", "place", "rule"), MISTAKES)
def test_a_mistake_is_refused_with_its_path_and_rule(
    change: Callable[[dict[str, Any]], None], place: str, rule: str
) -> None:
    data: dict[str, Any] = copy.deepcopy(reading_to_json(example()))
    change(data)
    with pytest.raises(InputError, match=re.escape(rule)) as refusal:
        reading_from_json(data)
    assert refusal.value.place == f"reading.json {place}"


# What no JSON Schema can say: what follows from other values, 2.0 for 2, floats out of range.
BEYOND_A_SCHEMA = ("follows from the regions", "finite", "whole number")
SCHEMA_MISTAKES = [change for change, _, rule in MISTAKES if rule not in BEYOND_A_SCHEMA]


@pytest.mark.parametrize("change", SCHEMA_MISTAKES)
def test_the_schema_refuses_the_same_mistakes(change: Callable[[dict[str, Any]], None]) -> None:
    data: dict[str, Any] = copy.deepcopy(reading_to_json(example()))
    change(data)
    assert not SCHEMA.is_valid(data)


def test_two_findings_with_one_id_are_refused() -> None:
    leak = example().findings[0]
    data = reading_to_json(replace(example(), findings=(leak, leak)))
    with pytest.raises(InputError, match=r"id of its own; found '1\.2\.826"):
        reading_from_json(data)


@pytest.mark.parametrize("text", ["", "{", '"reading"', "[" * 100_000, b"\xff\xfe\x00"])
def test_what_is_no_reading_is_refused(text: str | bytes) -> None:
    with pytest.raises(InputError, match=re.escape("reading.json $: a reading is a JSON")):
        loads(text)


def _enums(node: Any) -> set[frozenset[object]]:  # noqa: ANN401
    if isinstance(node, dict):
        own = {frozenset(node["enum"])} if "enum" in node else set()
        return own.union(*map(_enums, node.values()))
    return set().union(*map(_enums, node)) if isinstance(node, list) else set()


def test_every_enum_of_the_domain_is_closed_in_the_schema() -> None:
    published = _enums(reading_schema())
    for enum in (
        *(words.Technique, words.FindingKind, words.Pattern, words.ReaderKind, words.ReaderMode),
        *(words.Verdict, Region, Segment, Side),
    ):
        assert frozenset(str(member.value) for member in enum) in published
    assert frozenset((0, 1, 2, 3, None)) in published


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(reading_schema())


def test_a_roots_score_is_left_out_where_there_is_none_and_rounded_as_scores_are() -> None:
    root = example().roots[0]
    both = (root, replace(root, leak_score=0.1234567))
    data: dict[str, Any] = reading_to_json(replace(example(), roots=both))
    assert "leak_score" not in data["roots"][0]
    assert data["roots"][1]["leak_score"] == 0.123457
