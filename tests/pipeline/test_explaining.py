"""The steps and the picture of a reading, made in this process."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from myeloscope.domain.anatomy import Region
from myeloscope.domain.codec import loads
from myeloscope.errors import InputError
from myeloscope.pipeline.explaining import LIMITS, explain
from myeloscope.pipeline.job import ExplainJob, ReadJob
from myeloscope.pipeline.reading import read_only
from myeloscope.pipeline.run import explain_reading
from myeloscope.pipeline.worker import Step


def silent(_: Step) -> None:
    """Drop a progress event."""


@pytest.fixture(scope="module")
def reading(study: Path) -> str:
    return read_only(ReadJob((str(study),)), silent).studies[0].json


def test_a_region_is_explained_by_its_images(study: Path, reading: str) -> None:
    made = explain(ExplainJob(reading, region=Region.THORACIC, study=str(study)), silent)
    assert made.lines[0].startswith("thoracic ")
    assert f"at least {LIMITS['snr'].value:g}" in "\n".join(made.lines)
    assert Image.open(BytesIO(made.picture)).format == "PNG"
    assert explain_reading(ExplainJob(reading, region=Region.THORACIC, study=str(study))) == made


def test_a_finding_is_explained_without_images(reading: str) -> None:
    finding = loads(reading).findings[0]
    made = explain(ExplainJob(reading, finding=finding.id), silent)
    assert made.lines[0].endswith(": why")
    with Image.open(BytesIO(made.picture)) as picture:
        assert picture.width < 1000


def test_images_of_one_named_series_are_found_by_it(study: Path, reading: str) -> None:
    # the upper station alone: its study as a whole is another one
    first = sorted(study.glob("*.dcm"))[0]
    alone = read_only(ReadJob((str(first),)), silent).studies[0].json
    made = explain(ExplainJob(alone, region=Region.CERVICAL, study=str(study)), silent)
    assert made.lines[0].startswith("cervical ")
    with pytest.raises(InputError, match="images that the reading was made from"):
        explain(ExplainJob(reading, region=Region.CERVICAL, study=str(first)), silent)


def test_a_job_names_something(reading: str) -> None:
    with pytest.raises(ValueError, match="a finding of the reading, or a region"):
        explain(ExplainJob(reading, finding="2.25.0"), silent)
