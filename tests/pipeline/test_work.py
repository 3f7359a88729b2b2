"""What the worker process does for the server and for cohorts, called here without one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from myeloscope.domain.codec import dumps, loads
from myeloscope.domain.grade import FindingKind, Technique
from myeloscope.errors import InputError
from myeloscope.pipeline.dossier_work import dossier_of, given_as
from myeloscope.pipeline.each import Answered, Many, do_each
from myeloscope.pipeline.job import DossierJob, TableJob
from myeloscope.pipeline.looking import look_into, report
from myeloscope.pipeline.second_look import LookJob, ReportJob
from myeloscope.pipeline.trial_work import statistics_of
from myeloscope.pipeline.worker import Step
from tests.dicom.validators import iod_errors
from tests.pathway.cases import ONSET

PATIENT = '[patient]\nid = "P1"\n' + ONSET
KEY = b"k" * 32


def quiet(_: Step) -> None:
    """Hear of a step and say nothing."""


def test_a_study_is_looked_at_and_becomes_a_report(study: Path, tmp_path: Path) -> None:
    looked = look_into(LookJob(str(study), str(tmp_path), KEY), quiet)
    assert looked.technique is Technique.MRM
    assert looked.new_study_uid != looked.study_uid
    assert len(looked.images) == 2
    assert len(list(tmp_path.iterdir())) == 2
    reading = loads(looked.reading)
    kinds = [reading.findings[k].kind for k in range(len(looked.evidence))]
    assert kinds.count(FindingKind.LEAK) == 2
    assert all(len(each.outline) > 8 for each in looked.evidence)
    assert looked.sac_median is not None
    path = tmp_path / "sr.dcm"
    path.write_bytes(report(ReportJob(str(study), looked.reading), quiet))
    assert iod_errors(path) == []
    other = replace(reading, sources=reading.sources[:1])
    with pytest.raises(InputError, match="a report is of the images that were read"):
        report(ReportJob(str(study), dumps(other)), quiet)


def test_a_folder_without_a_study_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(InputError):
        look_into(LookJob(str(tmp_path), str(tmp_path), KEY), quiet)


def test_a_dossier_of_texts_alone() -> None:
    made = dossier_of(DossierJob(PATIENT, {}, "2024-12-31"), quiet)
    assert "not for clinical decisions" in made.page
    assert made.record.startswith("{")
    assert made.summary


def test_a_reading_is_found_by_the_end_of_its_path() -> None:
    job = DossierJob(
        ONSET, {"case/mrm/reading.json": "{}", "case/ric/reading.json": "{}"}, "2024-12-31"
    )
    assert given_as("mrm", job) == "case/mrm/reading.json"
    assert given_as("ric/reading.json", job) == "case/ric/reading.json"
    with pytest.raises(InputError, match="given 2 times"):
        given_as("reading.json", job)


def test_the_statistics_of_a_table() -> None:
    reads = (f"c{k},{reader},MRM,{k % 2},{k % 2}" for k in range(12) for reader in "ab")
    table = "\n".join(["case,reader,modality,grade,truth", *reads]) + "\n"
    rows = statistics_of(TableJob(table), quiet)
    assert any(1.0 in row.values() for row in rows)


def half(item: int, shared: int) -> int:
    """Return an item over what all share, where that goes evenly."""
    if item % shared:
        raise InputError("items are even", value=str(item), place="here", remedy="double it")
    return item // shared


def test_each_item_is_answered_or_refused() -> None:
    told: list[Step] = []
    do_each(Many("tests.pipeline.test_work:half", (4, 5), 2), told.append)
    answers = [step for step in told if isinstance(step, Answered)]
    assert [a.value for a in answers] == [2, None]
    assert answers[1].error is not None
