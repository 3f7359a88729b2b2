"""Other people's programs that judge DICOM files: dicom3tools, dcmtk, dcmqi."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pydicom import Dataset

from myeloscope.dicom.document import to_bytes

DCMQI = Path(sys.executable).parent


def write(made: Dataset, folder: Path, name: str) -> Path:
    path = folder / f"{name}.dcm"
    path.write_bytes(to_bytes(made))
    return path


def call(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a program; its output comes back with stderr in stdout."""
    return subprocess.run(
        [str(word) for word in words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
        timeout=60,
    )


def iod_errors(path: Path) -> list[str]:
    """Return dciodvfy's error lines, and its own failure if it ran no check."""
    ran = call("dciodvfy", path)
    lines = ran.stdout.splitlines()
    errors = [line for line in lines if line.startswith("Error")]
    return errors if ran.returncode == 0 else errors or [f"exit {ran.returncode}"]
