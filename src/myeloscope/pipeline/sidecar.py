"""What stands beside a NIfTI image, and the UIDs that it does not have; no image is read here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from myeloscope.errors import InputError

ENDINGS = (".nii.gz", ".nii")
MOST_SIDECAR_BYTES = 1 << 20


def derived_uid(*parts: str) -> str:
    """Return a UID made of a name, always the same (PS3.5 B.2: ``2.25.`` and a 128-bit number)."""
    digest = hashlib.sha256("\n".join(parts).encode()).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"


def sidecar_of(path: Path) -> Path:
    """Return where BIDS keeps the metadata of an image: the same name ending in ``.json``."""
    ending = next((end for end in ENDINGS if path.name.endswith(end)), path.suffix)
    return path.with_name(path.name.removesuffix(ending) + ".json")


def read_sidecar(path: Path) -> Mapping[str, object]:
    """Return the metadata of an image, none where there is no file.

    Raises
    ------
    InputError
        If the file is no JSON object.
    """
    if not path.is_file():
        return {}
    try:
        if path.stat().st_size > MOST_SIDECAR_BYTES:
            raise ValueError(f"more than {MOST_SIDECAR_BYTES >> 20} MiB")
        read: object = json.loads(path.read_bytes())
        if not isinstance(read, dict):
            raise ValueError("no object")
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(
            "the metadata beside a NIfTI image are a JSON object",
            value=str(error)[:80],
            place=path.name,
            remedy="write it again",
        ) from error
    return read
