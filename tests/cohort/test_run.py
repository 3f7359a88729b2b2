"""A cohort from start to end: stopped, killed, changed and gone on with."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from myeloscope.cohort import batch
from myeloscope.cohort.engine import InProcess
from myeloscope.cohort.manifest import FILE, Manifest
from myeloscope.cohort.record import Entry, Left, Listing, Order
from myeloscope.cohort.run import Cohort, read_cohort, write_pages, write_tables
from myeloscope.cohort.tables import TABLES
from tests.cohort.conftest import studies_that

NAMES = [f"{name}.{ending}" for name in TABLES for ending in ("csv", "parquet")]
MANY = ("read", "corrupt", *["slow"] * 48)


def tables(out: str) -> dict[str, bytes]:
    return {name: (Path(out) / name).read_bytes() for name in NAMES}


def run(order: Order, listing: Listing, *, retry: bool = False) -> tuple[list[Entry], Cohort]:
    heard: list[Entry] = []
    with Manifest(Path(order.out)) as manifest:
        cohort = Cohort(listing, order, manifest)
        read_cohort(cohort, cohort.waiting(retry=retry), InProcess(), heard.extend)
        write_tables(cohort)
        write_pages(cohort, "somewhere")
    return heard, cohort


def killable(out: str) -> None:
    """Read many studies to the end, in a process that may be killed at any time."""
    order = Order(out, only_json=True, work="tests.cohort.poison:read")
    run(order, Listing(studies_that(*MANY)))


def test_what_is_done_is_not_done_again_and_the_tables_are_the_same(order: Order) -> None:
    listing = Listing(studies_that("read", "corrupt", "read"))
    first, _ = run(order, listing)
    made = tables(order.out)
    again, _ = run(order, listing)
    assert len(first) == 3
    assert again == []
    assert tables(order.out) == made


def test_a_changed_setting_or_image_or_limit_of_a_failure_is_read_again(order: Order) -> None:
    studies = studies_that("read", "corrupt", "read")
    run(order, Listing(studies))
    changed = replace(studies[2], digest="another image")
    again, _ = run(order, Listing((*studies[:2], changed)))
    assert [entry.uid for entry in again] == ["1.2.3"]
    longer = replace(order, limits=replace(order.limits, wall_s=3.0))
    again, _ = run(longer, Listing((*studies[:2], changed)))
    assert [entry.uid for entry in again] == ["1.2.2"]
    other = replace(longer, montage=False)
    again, _ = run(other, Listing((*studies[:2], changed)))
    assert len(again) == 3


def test_retry_tries_what_was_set_aside_and_nothing_else(order: Order) -> None:
    listing = Listing(studies_that("read", "corrupt", "read"))
    run(order, listing)
    again, _ = run(order, listing, retry=True)
    assert [entry.uid for entry in again] == ["1.2.2"]


def test_a_study_that_is_gone_from_the_source_is_gone_from_the_tables(order: Order) -> None:
    studies = studies_that("read", "read")
    run(order, Listing(studies))
    run(order, Listing(studies[:1]))
    frame = pl.read_parquet(Path(order.out) / "regions.parquet")
    assert frame["study_uid"].unique().to_list() == ["1.2.1"]


def test_tables_are_tidy_and_csv_and_parquet_agree(order: Order) -> None:
    damaged = (Left("", "=cmd()", "junk"), Left("1.2.9", "ct.dcm", "no MR"))
    run(order, Listing(studies_that("read", "corrupt"), damaged))
    for name, columns in TABLES.items():
        parquet = pl.read_parquet(Path(order.out) / f"{name}.parquet")
        assert parquet.columns == list(columns)
        csv = pl.read_csv(Path(order.out) / f"{name}.csv", schema=parquet.schema)
        assert csv.height == parquet.height
    regions = pl.read_parquet(Path(order.out) / "regions.parquet")
    assert regions["region"].to_list() == ["cervical", "thoracic", "lumbar"]
    assert regions["grade"].to_list() == [0, 0, 0]
    failures = pl.read_parquet(Path(order.out) / "failures.parquet")
    assert failures.select("study_uid", "kind", "place").rows() == [
        ("", "unreadable", "=cmd()"),
        ("1.2.2", "unreadable", "corrupt"),
        ("1.2.9", "unreadable", "ct.dcm"),
    ]
    # a spreadsheet would compute it
    assert "'=cmd()" in (Path(order.out) / "failures.csv").read_text()


def test_a_run_stopped_after_any_study_goes_on_to_the_same_tables(
    order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "MOST", 1)
    listing = Listing(studies_that("read", "corrupt", "read", "read"))
    run(order, listing)
    expected = tables(order.out)
    for stop in range(1, 4):
        out = f"{order.out}-{stop}"
        stopped = replace(order, out=out)

        def interrupt(entries: Sequence[Entry], stop: int = stop) -> None:
            if entries[-1].uid == f"1.2.{stop}":
                raise KeyboardInterrupt

        with Manifest(Path(out)) as manifest:
            cohort = Cohort(listing, stopped, manifest)
            with pytest.raises(KeyboardInterrupt):
                read_cohort(cohort, cohort.waiting(), InProcess(), interrupt)
        rest, _ = run(stopped, listing)
        assert len(rest) == 4 - stop
        assert tables(out) == expected


@pytest.mark.parametrize("seed", [1, 2])
def test_a_run_killed_anywhere_and_started_again_gives_the_same_tables(
    seed: int, tmp_path: Path
) -> None:
    undisturbed = str(tmp_path / "undisturbed")
    killable(undisturbed)
    out = str(tmp_path / "killed")
    dice = random.Random(seed)
    program = f"from tests.cohort.test_run import killable; killable({out!r})"
    kills, code = 0, -1
    while code != 0:
        begun = time.monotonic()
        process = subprocess.Popen([sys.executable, "-c", program], cwd=Path(__file__).parents[2])
        wait = _after_the_manifest_grows(Path(out) / FILE) if kills < 4 else None
        if wait is not None:
            time.sleep(dice.uniform(0, 0.1))
            process.kill()
            kills += 1
        code = process.wait()
        assert code in (0, -signal.SIGKILL)
        assert time.monotonic() - begun < 120
    assert kills == 4
    assert tables(out) == tables(undisturbed)
    lines = (Path(out) / FILE).read_text().splitlines()
    uids = [line.split('"')[3] for line in lines[1:]]
    # what was in the manifest when it was killed was not read again
    assert sorted(uids) == sorted(study.uid for study in studies_that(*MANY))


def _after_the_manifest_grows(file: Path) -> bool | None:
    size = file.stat().st_size if file.exists() else 0
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if file.exists() and file.stat().st_size > max(size, 100):
            return True
        time.sleep(0.005)
    return None


def test_no_process_is_left_behind_by_a_killed_run(tmp_path: Path) -> None:
    program = (
        "from myeloscope.pipeline.warm import Warm; from myeloscope.pipeline.worker import Limits\n"
        "warm = Warm('json')\n"
        "warm.run('tests.cohort.test_run:tell_and_wait', None, limits=Limits(60), "
        "on_step=lambda step: print(step.text, warm.pid, flush=True))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert process.stdout is not None
    pids = [int(pid) for pid in process.stdout.readline().split()]
    process.kill()
    process.wait()
    process.stdout.close()
    end = time.monotonic() + 20
    while any(_alive(pid) for pid in pids) and time.monotonic() < end:
        time.sleep(0.05)
    assert [pid for pid in pids if _alive(pid)] == []


def tell_and_wait(_job: object, tell: object) -> None:
    """Tell this process's number and wait to be killed."""
    from myeloscope.pipeline.worker import Step

    assert callable(tell)
    tell(Step(str(os.getpid())))
    time.sleep(60)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"
