"""A reading in a few lines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from myeloscope.domain.codec import loads
from myeloscope.pipeline.job import ReadJob
from myeloscope.pipeline.reading import read_only
from myeloscope.pipeline.summary import MOST, summary


def test_a_summary_has_the_answer_the_regions_and_the_first_findings(study: Path) -> None:
    outcome = read_only(ReadJob((str(study),)), lambda _: None)
    reading = loads(outcome.studies[0].json)
    lines = summary(reading)
    assert lines[0].startswith("Signs of a leak")
    assert [word in lines[1] for word in ("cervical", "thoracic", "lumbar")] == [True] * 3
    many = tuple(replace(reading.findings[0], id=f"2.25.{n}") for n in range(MOST + 3))
    assert summary(replace(reading, findings=many))[-1] == "and 3 more findings"
    assert len(summary(replace(reading, findings=()))) == 2
