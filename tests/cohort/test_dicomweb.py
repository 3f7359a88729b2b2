"""Studies of a DICOMweb server: found by query, fetched, read; a bad server is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from myeloscope.cohort import dicomweb
from myeloscope.cohort.batch import Batch, read_batch
from myeloscope.cohort.dicomweb import AUTHORIZATION, DicomWeb, open_dicomweb
from myeloscope.cohort.record import Failure, Form, Listing, Order
from myeloscope.cohort.sources import open_source
from myeloscope.errors import InputError, UsageError
from myeloscope.pipeline.each import limited_run
from myeloscope.pipeline.warm import Warm
from myeloscope.pipeline.worker import Limits, run_limited
from tests.cohort.web import Archive, serving

RUN = limited_run(run_limited, Limits(30.0))


@pytest.fixture
def archive(six: Path) -> Archive:
    made = Archive()
    for file in sorted(six.rglob("*.dcm"), reverse=True):
        made.add(file)
    return made


@pytest.fixture
def address(archive: Archive) -> Iterator[str]:
    with serving(archive) as made:
        yield made


def listed(address: str) -> Listing:
    return open_source(address).listing(RUN, lambda _: None)


def test_a_query_is_asked_page_by_page(
    address: str, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dicomweb, "PAGE", 4)
    listing = listed(f"{address}/studies?ModalitiesInStudy=MR&StudyDate=2024")
    assert [study.uid for study in listing.studies] == sorted(archive.studies)
    assert {study.form for study in listing.studies} == {Form.DICOMWEB}
    assert listing.studies[0].paths == (f"{address}/studies/{listing.studies[0].uid}",)
    assert len(archive.asked) == 2
    assert archive.asked[1].startswith("/web/studies?ModalitiesInStudy=MR&StudyDate=2024&")
    assert archive.asked[1].endswith("limit=4&offset=4")


def test_a_server_without_paging_is_not_asked_for_ever(
    address: str, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dicomweb, "PAGE", 6)
    archive.pages = False
    assert len(listed(address).studies) == 6
    assert len(archive.asked) == 2


def test_a_fetched_study_is_the_one_that_was_stored_and_is_read(
    address: str, archive: Archive, tmp_path: Path
) -> None:
    source = open_source(address)
    studies = source.listing(RUN, lambda _: None).studies[:2]
    assert source.fetch is not None
    fetched = source.fetch(studies[0], tmp_path)
    held = [file for files in archive.studies[studies[0].uid].values() for file in files]
    assert sorted(Path(path).read_bytes() for path in fetched.paths) == sorted(held)
    assert {path.name for path in tmp_path.iterdir()} == {Path(p).name for p in fetched.paths}
    order = Order(str(tmp_path / "out"), only_json=True, fetch=source.fetch)
    with Warm("myeloscope.cohort.reading") as warm:
        entries = read_batch(Batch(studies, order), warm)
    assert [entry.failure for entry in entries] == [None, None]
    assert [entry.uid for entry in entries] == [study.uid for study in studies]
    assert (tmp_path / "out" / "studies" / studies[0].uid / "reading.json").is_file()


def test_who_asks_is_told_from_the_environment(
    address: str, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.authorization = "Bearer sesame"
    with pytest.raises(InputError, match="answers with studies; found 401"):
        listed(address)
    monkeypatch.setenv(AUTHORIZATION, "Bearer sesame")
    assert len(listed(address).studies) == 6


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ((500, "text/plain", b"oops"), "500 Internal Server Error"),
        ((302, "text/plain", b""), "302 Found"),
        ((200, "application/dicom+json", b"<html>"), "no JSON"),
        ((200, "application/dicom+json", b"{}"), "no list of records"),
        ((200, "application/dicom+json", b"[{}]"), "a study without a UID"),
        ((200, "application/dicom+json", b'[{"0020000D": {"Value": ["../x"]}}]'), "without a UID"),
    ],
)
def test_a_bad_listing_is_named(
    answer: tuple[int, str, bytes], found: str, address: str, archive: Archive
) -> None:
    archive.answers["/studies"] = answer
    with pytest.raises(InputError) as caught:
        listed(f"{address}?PatientID=SECRET")
    assert found in str(caught.value)
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ((200, "application/dicom", b"DICM"), "not multipart/related"),
        ((200, 'multipart/related; boundary="x"', b""), "an empty answer"),
        ((200, 'multipart/related; boundary="x"', b"--x\r\n\r\ncut"), "no MR or nuclear medicine"),
        ((404, "text/plain", b""), "404 Not Found"),
    ],
)
def test_a_study_that_cannot_be_fetched_is_set_aside(
    answer: tuple[int, str, bytes], found: str, address: str, archive: Archive, tmp_path: Path
) -> None:
    source = open_source(address)
    study = source.listing(RUN, lambda _: None).studies[0]
    (series,) = list(archive.studies[study.uid])[:1]
    for uid in list(archive.studies[study.uid])[1:]:
        del archive.studies[study.uid][uid]
    archive.answers[f"/studies/{study.uid}/series/{series}"] = answer
    order = Order(str(tmp_path), only_json=True, fetch=source.fetch)
    with Warm("json") as warm:
        (entry,) = read_batch(Batch((study,), order), warm)
    assert entry.failure is Failure.FETCH
    assert found in entry.reason


def test_a_study_without_images_to_read_is_passed_over(address: str, archive: Archive) -> None:
    record = b'[{"0020000D": {"Value": ["1.2"]}, "00080061": {"Value": ["CT"]}}]'
    archive.answers["/studies"] = (200, "application/dicom+json", record)
    listing = listed(address)
    assert listing.studies == ()
    assert [left.reason for left in listing.damaged] == ["no MR or nuclear medicine image, only CT"]


def test_no_answer_is_no_study(address: str, archive: Archive) -> None:
    archive.answers["/studies"] = (204, "text/plain", b"")
    assert listed(address).studies == ()


def test_a_server_that_is_gone_is_named() -> None:
    with pytest.raises(InputError, match="answers with studies"):
        listed("http://127.0.0.1:9/web")


@pytest.mark.parametrize(
    "address", ["http://pacs/dicom-web", "https://me:secret@pacs/dicom-web", "https:///x"]
)
def test_an_address_that_gives_something_away_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="without a name in it") as caught:
        open_dicomweb(address)
    assert "secret" not in str(caught.value)


def test_base_and_query_are_told_apart() -> None:
    made = open_dicomweb("https://pacs:8443/a/dicom-web/studies?StudyDate=2024-&x=")
    assert made == DicomWeb("https://pacs:8443/a/dicom-web", (("StudyDate", "2024-"), ("x", "")))
    assert replace(made, query=()) == open_dicomweb("https://pacs:8443/a/dicom-web/")
