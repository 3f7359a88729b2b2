"""A folder that appears whole or not at all.

Files are written into a hidden folder beside the target, which takes the target's name at the end;
a rename within one file system is atomic. What was there before stays until then.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from myeloscope.errors import OutputError

# What each kind of output folder holds beside the file that marks it as ours.
_HELD = {
    "reading.json": re.compile(
        r"report\.(html|pdf|dcm)|straightened\.png|overlay-\d+\.png|(sr|seg-\d+|capture-\d+)\.dcm"
    ),
    "truth.json": re.compile(r".+\.(dcm|nii\.gz)"),
    "comparison.json": re.compile(r"comparison\.(html|pdf)"),
    "dossier.json": re.compile(r"dossier\.(html|pdf)"),
}


@contextmanager
def whole_folder(target: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary folder to fill; on a good end it becomes ``target``, else it is removed.

    Parameters
    ----------
    target
        The folder to make. One that exists must be empty, or hold nothing but an earlier run's
        output and ``overwrite`` be set; that output is then replaced as a whole.
    overwrite
        Whether an earlier run's output may be replaced.

    Raises
    ------
    OutputError
        If the target may not be replaced, or cannot be written.
    """
    target = target.absolute()
    check_target(target, overwrite=overwrite)
    with _as_output_error(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
    try:
        with _as_output_error(target):
            yield made
            made.chmod(0o777 & ~_umask())
            _take_place(made, target)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def check_target(target: Path, *, overwrite: bool) -> None:
    """Refuse a target that holds something, unless it is earlier output to be replaced.

    Raises
    ------
    OutputError
        With what was found and the remedy.
    """
    if not os.path.lexists(target):
        return
    if not target.is_dir() or target.is_symlink():
        raise _refused(target, "something that is not a folder", "choose another --out")
    with _as_output_error(target):
        held = sorted(entry.name for entry in target.iterdir())
    if held and not overwrite:
        raise _refused(target, f"{len(held)} entries", "choose another --out or add --overwrite")
    with _as_output_error(target):
        foreign = _foreign(target)
    if foreign:
        raise _refused(target, f"'{foreign}', which is not ours", "move it away first")


def _foreign(folder: Path) -> str | None:
    """Return the first entry below a folder that no run of ours wrote, or ``None``."""
    entries = sorted(folder.iterdir())
    names = {entry.name for entry in entries}
    held = [pattern for mark, pattern in _HELD.items() if mark in names]
    for entry in entries:
        if entry.is_dir() and not entry.is_symlink():
            if inner := _foreign(entry):
                return f"{entry.name}/{inner}"
        elif entry.name not in _HELD and not any(p.fullmatch(entry.name) for p in held):
            return entry.name
    return None


def _take_place(made: Path, target: Path) -> None:
    if not target.exists():
        made.rename(target)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".old", dir=target.parent))
    target.rename(aside)
    try:
        made.rename(target)
    except OSError:
        aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _as_output_error(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise output_error(target, error) from error


def output_error(target: Path, error: OSError) -> OutputError:
    """Return the error for an operating system's refusal to write below ``target``."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return OutputError(
        "the output can be written",
        value=error.strerror or type(error).__name__,
        place=str(target),
        remedy="make room on the disk" if full else "choose a folder that you may write",
    )


def _refused(target: Path, value: str, remedy: str) -> OutputError:
    return OutputError(
        "the output folder is new or empty", value=value, place=str(target), remedy=remedy
    )


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
