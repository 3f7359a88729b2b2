"""A batch: each study once, the bad ones with their reason; and how large batches are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from myeloscope.cohort.batch import MOST, Batch, batch_size, lost_entry, read_batch
from myeloscope.cohort.engine import InProcess, Supply
from myeloscope.cohort.record import Failure, Form, Order, StudyRef
from myeloscope.errors import InputError, OutputError
from myeloscope.pipeline.warm import Warm
from tests.cohort.conftest import studies_that


@pytest.fixture
def warm() -> Iterator[Warm]:
    with Warm("tests.cohort.poison") as made:
        yield made


def test_hanging_hungry_crashing_and_corrupt_studies_are_named_and_the_rest_is_read(
    order: Order, warm: Warm
) -> None:
    what = ("read", "hang", "gorge", "crash", "corrupt", "once", "read")
    entries = read_batch(Batch(studies_that(*what), order), warm)
    assert [entry.uid for entry in entries] == [f"1.2.{n}" for n in range(1, 8)]
    assert [entry.failure for entry in entries] == [
        None, Failure.TIME, Failure.MEMORY, Failure.CRASH, Failure.INPUT, None, None,
    ]  # fmt: skip
    assert [entry.tries for entry in entries] == [1, 2, 2, 2, 1, 2, 1]
    assert "within 2 s" in entries[1].reason
    assert "4096 MiB" in entries[2].reason
    assert "SIGSEGV" in entries[3].reason
    assert entries[4].reason == "x.dcm: a file must be DICOM; found junk; drop it"
    assert [entry.place for entry in entries if entry.failure] == list(what[1:5])


def test_a_full_disk_ends_the_batch_and_blames_no_study(order: Order, warm: Warm) -> None:
    with pytest.raises(OutputError, match="no room"):
        read_batch(Batch(studies_that("read", "full"), order), warm)


class Server:
    """Brings what a study's path names; ``gone`` is never there, ``flaky`` the second time."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, study: StudyRef, folder: Path) -> StudyRef:
        what = study.paths[0]
        self.asked.append(what)
        assert folder.is_dir()
        if what == "gone" or (what == "flaky" and self.asked.count(what) == 1):
            raise InputError("a server answers", value="404", place=what, remedy="ask later")
        return replace(study, form=Form.DICOM, paths=("read",))


def test_what_cannot_be_fetched_twice_is_named(order: Order, warm: Warm) -> None:
    server = Server()
    batch = Batch(studies_that("there", "gone", "flaky"), replace(order, fetch=server))
    entries = {entry.uid: entry for entry in read_batch(batch, warm)}
    assert server.asked == ["there", "gone", "gone", "flaky", "flaky"]
    assert [entries[f"1.2.{n}"].failure for n in (1, 2, 3)] == [None, Failure.FETCH, None]
    assert entries["1.2.2"].reason == "gone: a server answers; found 404; ask later"
    assert entries["1.2.2"].tries == 2


def test_limits_matter_for_the_key_of_a_failure_only(order: Order) -> None:
    (study,) = studies_that("read")
    longer = replace(order, limits=replace(order.limits, wall_s=9.0))
    assert order.keys(study)[0] == longer.keys(study)[0]
    assert order.keys(study)[1] != longer.keys(study)[1]
    assert lost_entry(study, order, 2).key == order.keys(study)[1]
    assert order.key(study) != replace(order, only_json=False).key(study)
    assert order.key(study) != order.key(replace(study, digest="other images"))


@pytest.mark.parametrize(
    ("seconds", "left", "workers", "size"),
    [(0.1, 10_000, 2, 100), (1.0, 10_000, 2, 10), (60.0, 10_000, 2, 1), (0.1, 40, 2, 10),
     (0.1, 3, 2, 1), (1e-9, 10_000, 1, MOST)],
)  # fmt: skip
def test_batches_are_as_large_as_their_cost_allows_and_small_at_the_end(
    seconds: float, left: int, workers: int, size: int
) -> None:
    assert batch_size(seconds, left, workers) == size


def test_the_supply_deals_each_study_once_and_learns(order: Order) -> None:
    studies = studies_that(*["read"] * 100)
    supply = Supply(studies, order)
    first = supply.deal(1)
    assert first is not None
    assert len(first.studies) == 10
    supply.learn([replace(lost_entry(studies[0], order, 2), seconds=5.0)])
    second = supply.deal(1)
    assert second is not None
    assert len(second.studies) == 2
    dealt = [*first.studies, *second.studies]
    while (batch := supply.deal(1)) is not None:
        dealt += batch.studies
    assert tuple(dealt) == studies


def test_the_engine_in_process_reads_all_in_order(order: Order) -> None:
    studies = studies_that(*["read"] * 12)
    entries = [entry for batch in InProcess().read(studies, order) for entry in batch]
    assert [entry.uid for entry in entries] == [study.uid for study in studies]
