"""``myeloscope trial``: set up, run and export a reader study at the console."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from myeloscope.cli.data import add_data, console_actor, opened
from myeloscope.cli.parsing import command
from myeloscope.cli.progress import Progress
from myeloscope.domain.grade import ReaderKind, Technique
from myeloscope.errors import ExitCode, InputError, UsageError
from myeloscope.exchange.trial_export import export_files
from myeloscope.pipeline.folder import whole_folder
from myeloscope.pipeline.intake import IntakeJob, take_in
from myeloscope.pipeline.run import Watch
from myeloscope.server.automatic import pending, read_automatically
from myeloscope.store.accounts import Accounts
from myeloscope.store.folder import IDENTITY_KEY, Store
from myeloscope.store.trials import Trials, now
from myeloscope.trial.codec import load_protocol
from myeloscope.trial.protocol import Protocol, Reader, Role
from myeloscope.trial.refusals import refused
from myeloscope.trial.state import Trial
from myeloscope.trial.visibility import TRUTH_SHOWN, visible

TECHNIQUES = {technique.code.lower(): technique for technique in Technique}
ACTIONS: Mapping[str, str] = {
    "account": "make an account and print the secret of its one-time link",
    "create": "create a trial as a draft",
    "reader": "add a person, a panel or the algorithm",
    "import": "import studies, de-identified, with their list of cases",
    "assign": "draw every reader's own order from a seed",
    "open": "let reading begin",
    "read": "do the algorithm's waiting reads now",
    "status": "print phase and progress",
    "lock": "end reading and print the head of the audit log",
    "unblind": "join reads and truth",
    "export": "write the table for analyze, readings, comments and a README",
}


def parser() -> ArgumentParser:
    """Return the parser of ``myeloscope trial``."""
    listing = "\n".join(f"  {name:<8} {does}" for name, does in ACTIONS.items())
    made = command(
        "trial",
        f"Set up, run and export a blinded reader study.\n\n{listing}",
        examples=(
            "myeloscope trial account ann",
            "myeloscope trial create mrm --title 'MRM study' --lead liz --protocol protocol.json",
            "myeloscope trial reader mrm --id reader-1 --user ann",
            "myeloscope trial import mrm STUDIES --cases cases.csv",
            "myeloscope trial assign mrm --seed 7",
            "myeloscope trial open mrm",
            "myeloscope trial export mrm --out export",
        ),
    )
    _add_options(made)
    add_data(made)
    return made


def _add_options(made: ArgumentParser) -> None:
    add = made.add_argument
    add("action", choices=tuple(ACTIONS), help="what to do")
    add("name", metavar="NAME", help="the trial's name (the account's, for 'account')")
    add("paths", nargs="*", type=Path, metavar="PATH", help="import: folders, zips or files")
    add("--title", metavar="TEXT", help="create: the trial's title")
    add(
        "--lead",
        action="append",
        default=[],
        metavar="ACCOUNT",
        help="create: who leads; may be repeated",
    )
    add("--protocol", type=Path, metavar="FILE", help="create: protocol.json (default: MRM alone)")
    add("--id", metavar="ID", help="reader: the name under which it is analysed")
    add("--kind", choices=tuple(ReaderKind), default=ReaderKind.PERSON, type=ReaderKind,
        help="reader: person, panel or algorithm (default: person)")  # fmt: skip
    add("--user", action="append", default=[], metavar="ACCOUNT",
        help="reader: account of the person or of a panel's member; may be repeated")  # fmt: skip
    add("--technique", action="append", choices=tuple(TECHNIQUES), metavar="T",
        help="reader: mrm or ric; may be repeated (default: mrm)")  # fmt: skip
    add("--adjudicates", action="store_true", help="reader: reads discordant cases only")
    add("--cases", type=Path, metavar="CSV", help="import: study_uid,case,truth[,visit]"
        "[,level_truth_C|T|L][,truth_NAME]")  # fmt: skip
    add("--seed", type=int, metavar="N", help="assign: what the orders are drawn from")
    add("--reason", metavar="TEXT", help="lock: why reads are missing, if some are")
    add("--out", type=Path, metavar="DIR", help="export: folder to make")


def main(argv: Sequence[str]) -> int:
    """Run ``myeloscope trial`` and return the exit code."""
    options = parser().parse_args(list(argv))
    for name in _NEEDS.get(options.action, ()):
        if getattr(options, name) in (None, []):
            raise UsageError(
                f"trial {options.action} needs --{name}", value="none", place="options",
                remedy=f"'myeloscope trial --help' says what --{name} is",
            )  # fmt: skip
    with opened(options.data, options.database) as store:
        _DO[options.action](store, options)
    return ExitCode.OK


def _account(store: Store, options: Namespace) -> None:
    accounts, at = Accounts(store.database, store.log), now()
    made = accounts.create(options.name, None, at, console_actor())
    secret = accounts.make_link(at, made.id)
    print(f"{made.name}: open /set-up#{secret} on the server within an hour")


def _create(store: Store, options: Namespace) -> None:
    protocol = Protocol()
    if options.protocol is not None:
        protocol = load_protocol(_text(options.protocol))
    leads = _ids(store, options.lead)
    Trials(store.log).create(options.name, options.title, protocol, leads, console_actor())
    print(f"trial {options.name}: draft")


def _reader(store: Store, options: Namespace) -> None:
    techniques = tuple(TECHNIQUES[name] for name in options.technique or ("mrm",))
    try:
        reader = Reader(
            options.id, options.kind, _ids(store, options.user), techniques, options.adjudicates
        )
    except ValueError as error:
        raise refused(str(error), options.user, "--user", "correct it") from error
    Trials(store.log).add_reader(options.name, reader, console_actor())
    print(f"trial {options.name}: {reader.kind} {reader.id}")


def _import(store: Store, options: Namespace) -> None:
    trial = store.log.trial(options.name)
    paths, listed = tuple(map(str, options.paths)), str(options.cases)
    job = IntakeJob(paths, listed, store.key(IDENTITY_KEY), len(trial.cases) + 1)
    with Progress(verbose=options.verbose) as progress:
        new = take_in(job, store.objects.put, Watch(on_step=progress))
    store.keep_apart(new.apart(options.name))
    Trials(store.log).add_cases(options.name, new.cases, console_actor())
    for skipped in new.skipped:
        print(f"passed over: {skipped.text}", file=sys.stderr)
    for risk in new.risks:
        print(f"look at the pixels: {risk}")
    print(f"trial {options.name}: {len(trial.cases) + len(new.cases)} cases")


def _assign(store: Store, options: Namespace) -> None:
    trial = Trials(store.log).assign(options.name, options.seed, console_actor())
    print(f"trial {options.name}: {len(trial.reads)} reads, orders drawn from {options.seed}")


def _open(store: Store, options: Namespace) -> None:
    _print_phase(Trials(store.log).open(options.name, console_actor()))


def _read(store: Store, options: Namespace) -> None:
    waiting = len(list(pending(store.log.trial(options.name))))
    with Progress(verbose=options.verbose) as progress:
        watch = Watch(on_step=progress)
        done = len(list(read_automatically(store, Trials(store.log), options.name, watch)))
    print(f"trial {options.name}: {done} of {waiting} waiting reads done")


def _status(store: Store, options: Namespace) -> None:
    trial = store.log.trial(options.name)
    _print_phase(trial)
    for each in visible(trial, Role.ADMINISTRATOR, console_actor()).progress:
        minutes = each.active_s / 60
        print(f"{each.reader}: {each.locked} of {each.reads} reads locked, {minutes:.1f} min")


def _lock(store: Store, options: Namespace) -> None:
    trial, head = Trials(store.log).lock(options.name, console_actor(), options.reason)
    _print_phase(trial)
    print(f"audit log up to here, to be kept: {head}")


def _unblind(store: Store, options: Namespace) -> None:
    _print_phase(Trials(store.log).unblind(options.name, console_actor()))


def _export(store: Store, options: Namespace) -> None:
    trial = store.log.trial(options.name)
    if trial.phase not in TRUTH_SHOWN:
        raise refused(
            "a trial is exported after unblinding", trial.phase, f"trial {options.name}",
            "lock and unblind it first",
        )  # fmt: skip
    with whole_folder(options.out) as folder:
        for name, content in export_files(trial, store.objects.get).items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
    store.log.note(console_actor(), "exported", now(), {"trial": options.name})
    print(options.out / "readings.csv")


def _print_phase(trial: Trial) -> None:
    print(f"trial {trial.id}: {trial.phase}, {len(trial.cases)} cases, {len(trial.reads)} reads")


def _ids(store: Store, names: Sequence[str]) -> tuple[str, ...]:
    """Return the ids of accounts by name."""
    accounts = Accounts(store.database, store.log)
    found = []
    for name in names:
        account = accounts.named(name)
        if account is None:
            raise refused(
                "people of a trial have accounts", name, "account",
                f"'myeloscope trial account {name}' makes it",
            )  # fmt: skip
        found.append(account[0].id)
    return tuple(found)


def _text(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            "a protocol is a readable file", value=error.strerror or "no access",
            place=str(path), remedy="check the path",
        ) from error  # fmt: skip


_DO: Mapping[str, Callable[[Store, Namespace], None]] = {
    "account": _account,
    "create": _create,
    "reader": _reader,
    "import": _import,
    "assign": _assign,
    "open": _open,
    "read": _read,
    "status": _status,
    "lock": _lock,
    "unblind": _unblind,
    "export": _export,
}
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "create": ("title", "lead"),
    "reader": ("id",),
    "import": ("paths", "cases"),
    "assign": ("seed",),
    "export": ("out",),
}
