"""The chain that makes the audit log tell-tale: each row's HMAC covers the one before (pure).

``mac = HMAC-SHA256(key, JSON of [mac before, seq, at, actor, trial, kind, payload])`` (RFC 2104).
The key lies outside the database, so whoever can only write there cannot make a row that fits.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass

from myeloscope.errors import InputError

ROOT = "0" * 64
"""What the first row's MAC covers in place of one before."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the audit log; ``trial`` is ``None`` for what belongs to no trial."""

    seq: int
    at: str
    actor: str
    trial: str | None
    kind: str
    payload: str
    mac: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the log at one moment, written ``seq:mac``."""

    seq: int
    mac: str

    def __str__(self) -> str:
        """Return it as it is printed at lock."""
        return f"{self.seq}:{self.mac}"


def parse_head(text: str) -> Head:
    """Return the head that was printed.

    Raises
    ------
    InputError
        If it is not of the form ``seq:mac``.
    """
    seq, _, mac = text.strip().partition(":")
    if not seq.isdecimal() or len(mac) != 64 or set(mac) - set("0123456789abcdef"):
        raise InputError(
            "a head is a row number, a colon and 64 hexadecimal digits", value=text[:80],
            place="--head", remedy="copy it as it was printed when the trial was locked",
        )  # fmt: skip
    return Head(int(seq), mac)


def mac_of(row: Row, before: str, key: bytes) -> str:
    """Return the MAC of a row that follows one whose MAC is ``before``."""
    covered = [before, row.seq, row.at, row.actor, row.trial, row.kind, row.payload]
    text = json.dumps(covered, ensure_ascii=True, separators=(",", ":"))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def verify(rows: Iterable[Row], key: bytes, head: Head | None = None) -> Head:
    """Return the end of the log if every row is there and unaltered.

    Parameters
    ----------
    rows
        The whole log, by ``seq``.
    key
        Key of the MACs.
    head
        An end that was printed once; the log must still contain it.

    Raises
    ------
    InputError
        Naming the first row that is altered, missing or cut off.
    """
    last = Head(0, ROOT)
    for row in rows:
        if row.seq != last.seq + 1:
            raise _broken(f"row {last.seq + 1}", "missing", f"row {row.seq} follows {last.seq}")
        if not hmac.compare_digest(mac_of(row, last.mac, key), row.mac):
            raise _broken(f"row {row.seq}", "altered", f"{row.kind} of {row.at}")
        last = Head(row.seq, row.mac)
        if head is not None and head.seq == row.seq and head.mac != row.mac:
            raise _broken(f"row {row.seq}", "rewritten since the head was printed", row.kind)
    if head is not None and head.seq > last.seq:
        raise _broken(f"row {last.seq + 1}", "cut off", f"the log ends at row {last.seq}")
    return last


def _broken(row: str, how: str, detail: str) -> InputError:
    return InputError(
        "every row of the audit log is there as it was written", value=f"{row} {how} ({detail})",
        place="audit log", remedy="keep the database as it is and restore a backup beside it",
    )  # fmt: skip
