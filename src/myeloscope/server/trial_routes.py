"""Setting a trial up, running it, and what the lead sees after the lock."""

from __future__ import annotations

import io
import shutil
import tempfile
import zipfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated

from fastapi import File, Query, Response, UploadFile
from pydantic import Field

from myeloscope.exchange.trial_export import HIDDEN, export_files, readings_csv
from myeloscope.pipeline.intake import IntakeJob, take_in
from myeloscope.pipeline.job import TableJob
from myeloscope.pipeline.run import Watch
from myeloscope.pipeline.worker import run_limited
from myeloscope.server.admission import InTrial, Member, RefusalError, SignedIn
from myeloscope.server.answers import (
    CaseLine,
    CasePage,
    HeadOut,
    ProgressOut,
    Results,
    TableRow,
    TrialOut,
    trial_out,
)
from myeloscope.server.permissions import RUN
from myeloscope.store.folder import IDENTITY_KEY
from myeloscope.store.trials import random_name
from myeloscope.trial.protocol import Protocol, Reader, Role
from myeloscope.trial.refusals import TrialError
from myeloscope.trial.visibility import View, roles, visible

Offset = Annotated[int, Query(ge=0, le=2**31 - 1)]
Limit = Annotated[int, Query(ge=1, le=500)]
NOTHING = slice(0, 0)
"""Of lists that are not shown, no more is made than this."""
STATISTICS = "myeloscope.pipeline.trial_work:statistics_of"


@dataclass(frozen=True, slots=True)
class NewTrial:
    """A trial to create; ``leads`` are accounts' ids."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    leads: tuple[str, ...]
    protocol: Protocol = field(default_factory=Protocol)


@dataclass(frozen=True, slots=True)
class Seed:
    """What the readers' orders are drawn from."""

    seed: Annotated[int, Field(ge=0, le=2**53)]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why reads are missing at the lock; needed only if some are."""

    reason: Annotated[str, Field(max_length=1000)] | None = None


def list_trials(guest: SignedIn) -> list[TrialOut]:
    """Return the trials in which I have a role."""
    log, account = guest.site.store.log, guest.session.account
    found = []
    for name in log.trials():
        trial = log.trial(name)
        own = roles(trial, account.id, administrator=account.administrator)
        if own:
            found.append(trial_out(visible(trial, min(own), account.id, NOTHING), own))
    return found


def create_trial(guest: SignedIn, given: NewTrial) -> TrialOut:
    """Create a trial as a draft."""
    _check_accounts(guest, given.leads)
    made = guest.site.trials.create(
        random_name(), given.title, given.protocol, given.leads, guest.id
    )
    own = roles(made, guest.id, administrator=True)
    return trial_out(visible(made, Role.ADMINISTRATOR, guest.id, NOTHING), own)


def _check_accounts(guest: SignedIn | Member, names: tuple[str, ...]) -> None:
    known = {account.id for account in guest.site.accounts.every()}
    for name in names:
        if name not in known:
            raise TrialError(
                "people of a trial have accounts", value=name, place="account",
                remedy="create it first",
            )  # fmt: skip


def get_trial(member: InTrial) -> TrialOut:
    """Return a trial's heading."""
    return _heading(member)


def _heading(member: Member) -> TrialOut:
    trial = member.site.store.log.trial(member.trial.id)
    return trial_out(visible(trial, min(member.roles), member.id, NOTHING), member.roles)


def _running(member: Member, part: slice = NOTHING) -> View:
    """Return what one who runs the trial sees: the lead before the administrator."""
    role = Role.LEAD if Role.LEAD in member.roles else min(member.roles & RUN)
    return visible(member.trial, role, member.id, part)


def get_progress(member: InTrial) -> list[ProgressOut]:
    """Return how far each reader is."""
    return [ProgressOut(**asdict(each)) for each in _running(member).progress]


def list_cases(member: InTrial, offset: Offset = 0, limit: Limit = 100) -> CasePage:
    """Return a page of the cases."""
    page = _running(member, slice(offset, offset + limit))
    lines = tuple(
        CaseLine(case.id, len(case.examinations), sum(n for _, _, n in case.examinations))
        for case in page.cases
    )
    return CasePage(page.total, offset, lines)


def put_protocol(member: InTrial, given: Protocol) -> TrialOut:
    """Replace the protocol; orders that were drawn are dropped."""
    member.site.trials.change_protocol(member.trial.id, given, member.id)
    return _heading(member)


def add_reader(member: InTrial, given: Reader) -> TrialOut:
    """Add a person, a panel or the algorithm."""
    _check_accounts(member, given.users)
    member.site.trials.add_reader(member.trial.id, given, member.id)
    return _heading(member)


def import_cases(
    member: InTrial,
    images: Annotated[UploadFile, File(description="a zip of DICOM files")],
    cases: Annotated[UploadFile, File(description="CSV study_uid,case,truth[,...]")],
) -> CasePage:
    """Import studies: they are decoded and de-identified in the worker process alone."""
    site, trial = member.site, member.trial
    with tempfile.TemporaryDirectory(prefix="upload-", dir=site.store.folder) as folder:
        kept = {"images.zip": images, "cases.csv": cases}
        for name, upload in kept.items():
            with (Path(folder) / name).open("wb") as stream:
                shutil.copyfileobj(upload.file, stream)
        job = IntakeJob(
            (str(Path(folder) / "images.zip"),),
            str(Path(folder) / "cases.csv"),
            site.store.key(IDENTITY_KEY),
            len(trial.cases) + 1,
        )
        new = take_in(job, site.store.objects.put)
        site.store.keep_apart(new.apart(trial.id))
    site.trials.add_cases(trial.id, new.cases, member.id)
    changed = site.store.log.trial(trial.id)
    lines = tuple(
        CaseLine(case.id, len(case.examinations), sum(len(e.images) for e in case.examinations))
        for case in new.cases
    )
    return CasePage(len(changed.cases), len(trial.cases), lines)


def assign(member: InTrial, given: Seed) -> TrialOut:
    """Draw every reader's order."""
    member.site.trials.assign(member.trial.id, given.seed, member.id)
    return _heading(member)


def open_trial(member: InTrial) -> TrialOut:
    """Let reading begin."""
    member.site.trials.open(member.trial.id, member.id)
    return _heading(member)


def lock_trial(member: InTrial, given: Reason) -> HeadOut:
    """End reading; keep the head that is answered: the log can be held against it."""
    _, head = member.site.trials.lock(member.trial.id, member.id, given.reason)
    return HeadOut(str(head))


def unblind_trial(member: InTrial) -> TrialOut:
    """Join reads and truth."""
    member.site.trials.unblind(member.trial.id, member.id)
    return _heading(member)


def archive_trial(member: InTrial) -> TrialOut:
    """End the trial."""
    member.site.trials.archive(member.trial.id, member.id)
    return _heading(member)


def get_results(member: InTrial) -> Results:
    """Return the statistics, from the very table that is exported."""
    unblinded = _running(member).truth is not None
    table = readings_csv(member.trial, blinded=not unblinded)
    watch = Watch()
    job = TableJob(table, "" if unblinded else HIDDEN)
    rows = run_limited(STATISTICS, job, limits=watch.limits, on_step=watch.on_step)
    kept = tuple(
        {name: cell for name, cell in row.items() if cell is not None and cell != ""}
        for row in rows
    )
    return Results(unblinded, kept)


def get_table(member: InTrial, offset: Offset = 0, limit: Limit = 100) -> list[TableRow]:
    """Return every read and level, truth only after unblinding."""
    view = _running(member)
    rows = [
        TableRow(
            own.case, own.technique, own.reader, own.repeat, own.visit, region,
            None if read.answer is None else read.answer.region(region).grade,
            None if read.answer is None else read.answer.region(region).reason,
            None if view.truth is None else view.truth[own.case].disease,
        )
        for read in (view.all_reads or {}).values()
        for own in [read.assignment]
        for region in view.protocol.regions
    ]  # fmt: skip
    return rows[offset : offset + limit]


def export_trial(member: InTrial) -> Response:
    """Return the whole trial as a zip; the export is told to the audit log."""
    if _running(member).truth is None:
        raise RefusalError(409, "the trial must be unblinded", "unblind it first")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in export_files(member.trial, member.site.store.objects.get).items():
            archive.writestr(zipfile.ZipInfo(name), content)
    site = member.site
    site.store.log.note(member.id, "exported", site.clock(), {"trial": member.trial.id})
    headers = {"Content-Disposition": 'attachment; filename="trial.zip"'}
    return Response(made.getvalue(), media_type="application/zip", headers=headers)
