"""The work behind ``myeloscope cohort``; loaded only when there is something to do."""

from __future__ import annotations

import os
import sys
from argparse import Namespace

from myeloscope.cli.cohort_progress import CohortProgress
from myeloscope.cli.read import TECHNIQUES
from myeloscope.cohort.batch import module_of
from myeloscope.cohort.engine import Engine, InProcess
from myeloscope.cohort.manifest import Manifest
from myeloscope.cohort.plan import measured_cost, plan_lines, skipped_lines
from myeloscope.cohort.record import Listing, Order
from myeloscope.cohort.run import Cohort, read_cohort, write_pages, write_tables
from myeloscope.cohort.sources import Source, open_source
from myeloscope.cohort.verify import verify
from myeloscope.errors import ExitCode, InputError, UsageError
from myeloscope.pipeline.each import limited_run
from myeloscope.pipeline.warm import Warm
from myeloscope.pipeline.worker import Limits


def run(options: Namespace) -> int:
    """Run ``myeloscope cohort`` and return the exit code."""
    source = open_source(options.source)
    order = Order(
        out=str(options.out.absolute()),
        technique=None if options.technique is None else TECHNIQUES[options.technique],
        only_json=options.only == "json",
        montage=not options.no_montage,
        limits=Limits(options.timeout, round(options.memory)),
        fetch=source.fetch,
    )
    workers = options.workers or len(os.sched_getaffinity(0))
    engine = _engine(options, workers)
    with Manifest(options.out) as manifest:
        with Warm(module_of(order)) as warm:
            cohort = Cohort(_listed(source, order, warm), order, manifest)
            waiting = cohort.waiting(retry=options.retry)
            if options.plan:
                cost = measured_cost(cohort, waiting, warm)
                for line in plan_lines(cohort, waiting, cost, workers):
                    print(line)
                return ExitCode.OK
        for line in skipped_lines(cohort.listing):
            print(line, file=sys.stderr)
        with CohortProgress(len(waiting)) as progress:
            read_cohort(cohort, waiting, engine, progress)
        _finish(cohort, options)
        return _verified(cohort, engine, options.verify)


def _listed(source: Source, order: Order, warm: Warm) -> Listing:
    listing = source.listing(limited_run(warm.run, order.limits), lambda _: None)
    if not listing.studies:
        raise InputError(
            "a cohort holds at least one study with MR or nuclear medicine images",
            value=f"{len(listing.damaged)} damaged, {sum(x.count for x in listing.others)} other "
            "files",
            place="SOURCE",
            remedy=(*skipped_lines(listing), "check the path")[0],
        )
    return listing


def _finish(cohort: Cohort, options: Namespace) -> None:
    """Write tables, statistics and pages, and say where they are."""
    write_tables(cohort)
    analysis = ""
    if options.cases is not None:
        # Imported here: statistics and their plots load longer than all the rest.
        from myeloscope.cli.cohort_analysis import analysed

        analysis = analysed(options)
    summary = write_pages(cohort, options.source.partition("?")[0], analysis)
    print(f"{summary.read} of {summary.asked} studies read")
    for kind, count in sorted(summary.failures.items()):
        print(f"{kind}: {count}")
    print(options.out / "index.html")


def _verified(cohort: Cohort, engine: Engine, count: int | None) -> ExitCode:
    """Read some studies again and say whether their readings are the same."""
    if count is None:
        return ExitCode.OK
    checked = verify(cohort, engine, count)
    for uid in checked.different:
        print(f"not the same when read again: {uid}", file=sys.stderr)
    print(f"verified: {checked.same} of {checked.same + len(checked.different)} are the same")
    return ExitCode.INTERNAL if checked.different else ExitCode.OK


def _engine(options: Namespace, workers: int) -> Engine:
    """Return who reads; Dask is loaded only where it is asked for."""
    if options.scheduler is None and workers == 1:
        return InProcess()
    try:
        from myeloscope.cohort.cluster import Local, Remote
    except ImportError as error:
        raise UsageError(
            "more than one worker needs Dask",
            value=f"no package {error.name}",
            place="--scheduler" if options.scheduler else "--workers",
            remedy="pip install 'myeloscope[cohort]', or give --workers 1",
        ) from error
    return Local(workers) if options.scheduler is None else Remote(options.scheduler)
