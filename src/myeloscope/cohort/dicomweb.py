"""Studies on a DICOMweb server (PS3.18), found by query, fetched by the worker that reads them.

The server is reached by ``https://``, or ``http://`` on this machine. What it wants for a name is
in the environment of whoever asks, so that it travels with no batch and stands in no manifest.
"""

from __future__ import annotations

import json
import mmap
import os
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.message import Message
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from myeloscope.cohort.address import is_loopback
from myeloscope.cohort.listing import READABLE, Tell, digest_of
from myeloscope.cohort.record import Form, Left, Listing, StudyRef
from myeloscope.dicom.header import wrong_uid
from myeloscope.errors import InputError, UsageError
from myeloscope.pipeline.each import Run

AUTHORIZATION = "MYELOSCOPE_DICOMWEB_AUTHORIZATION"
"""Environment variable with the Authorization header, such as ``Bearer ...`` (RFC 9110 11.6.2)."""
PAGE = 500
"""Studies that are asked for at once."""
TIMEOUT_S = 60.0
"""Longest silence of a server, s."""
MOST_JSON_BYTES = 256 << 20
MOST_STUDY_BYTES = 8 << 30
STUDY_UID, SERIES_UID, MODALITY = "0020000D", "0020000E", "00080060"
MODALITIES, INSTANCES = "00080061", "00201208"


@dataclass(frozen=True, slots=True)
class DicomWeb:
    """A query to a DICOMweb server.

    Attributes
    ----------
    base
        Address of the service, without ``/studies``.
    query
        Attributes to match and their values (PS3.18 8.3.4).
    """

    base: str
    query: tuple[tuple[str, str], ...]

    @property
    def fetch(self) -> Retrieve:
        """Return what brings a study to a worker."""
        return Retrieve(self.base)

    def listing(self, run: Run, tell: Tell) -> Listing:
        """Return the studies that match, asked for page by page (PS3.18 10.6)."""
        studies: dict[str, StudyRef] = {}
        damaged: list[Left] = []
        for offset in count(0, PAGE):
            page = [("limit", str(PAGE)), ("offset", str(offset))]
            fields = [("includefield", MODALITIES), ("includefield", INSTANCES)]
            found = _json(self.base, f"/studies?{urlencode([*self.query, *fields, *page])}")
            new = 0
            for record in found:
                study = _study(self.base, record)
                new += study.uid not in studies
                kinds = _values(record, MODALITIES)
                if kinds and not set(kinds).intersection(READABLE):
                    reason = f"no MR or nuclear medicine image, only {', '.join(sorted(kinds))}"
                    damaged.append(Left(study.uid, study.paths[0], reason))
                else:
                    studies[study.uid] = study
            tell(offset + len(found))
            # some servers know no paging and give everything each time
            if len(found) < PAGE or not new:
                break
        ordered = tuple(studies[uid] for uid in sorted(studies))
        return Listing(ordered, tuple(sorted(damaged, key=lambda left: left.uid)))


@dataclass(frozen=True, slots=True)
class Retrieve:
    """Brings the MR and NM series of a study from a DICOMweb server (PS3.18 10.4)."""

    base: str

    def __call__(self, study: StudyRef, folder: Path) -> StudyRef:
        """Return the study with its files in ``folder``.

        Raises
        ------
        InputError
            If the server refuses or is silent, or what it sends is no DICOM.
        """
        files: list[str] = []
        for series in _json(self.base, f"/studies/{study.uid}/series"):
            kinds, uids = _values(series, MODALITY), _values(series, SERIES_UID)
            if kinds and kinds[0] not in READABLE:
                continue
            if not uids or wrong_uid(uids[0]):
                raise _refused(study.paths[0], "a series without a UID")
            path = f"/studies/{study.uid}/series/{uids[0]}"
            files += [str(file) for file in _retrieved(self.base, path, folder, len(files))]
        if not files:
            raise _refused(study.paths[0], "no MR or nuclear medicine image")
        return replace(study, form=Form.DICOM, paths=tuple(files))


def open_dicomweb(address: str) -> DicomWeb:
    """Return the source that an address names.

    Parameters
    ----------
    address
        Such as ``https://pacs/dicom-web?ModalitiesInStudy=MR``; ``/studies`` may stand before
        the question mark.

    Raises
    ------
    UsageError
        If images would travel unencrypted, or a password stands in the address.
    """
    parts = urlsplit(address)
    safe = parts.scheme == "https" or is_loopback(parts.hostname or "")
    if not parts.hostname or not safe or parts.username is not None:
        raise UsageError(
            "a DICOMweb server is https://HOST/PATH?QUERY without a name in it",
            value=f"{parts.scheme}://{parts.hostname or ''}",
            place="SOURCE",
            remedy=f"use https outside this machine, and {AUTHORIZATION} for who you are",
        )
    base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/').removesuffix('/studies')}"
    return DicomWeb(base, tuple(parse_qsl(parts.query, keep_blank_values=True)))


def _study(base: str, record: Mapping[str, Any]) -> StudyRef:
    uids = _values(record, STUDY_UID)
    if not uids or wrong_uid(uids[0]):
        raise _refused(base, "a study without a UID")
    images = _values(record, INSTANCES)
    digest = digest_of([uids[0], *images])
    return StudyRef(uids[0], Form.DICOMWEB, (f"{base}/studies/{uids[0]}",), 0, digest)


def _values(record: Mapping[str, Any], tag: str) -> list[str]:
    """Return the values of an attribute in the DICOM JSON model (PS3.18 F.2)."""
    attribute = record.get(tag)
    held = attribute.get("Value", []) if isinstance(attribute, dict) else []
    return [str(value) for value in held] if isinstance(held, list) else []


def _json(base: str, path: str) -> list[Mapping[str, Any]]:
    with _asked(base, path, "application/dicom+json") as response:
        if response.status == 204:
            return []
        text = response.read(MOST_JSON_BYTES + 1)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _refused(_place(base, path), "no JSON") from error
    if not isinstance(found, list) or not all(isinstance(record, dict) for record in found):
        raise _refused(_place(base, path), "no list of records")
    return found


def _retrieved(base: str, path: str, folder: Path, first: int) -> Iterator[Path]:
    """Yield the files of a multipart answer, written into a folder."""
    body = folder / "answer.part"
    with _asked(base, path, 'multipart/related; type="application/dicom"') as response:
        boundary = _boundary(response.getheader("Content-Type") or "")
        if boundary is None:
            raise _refused(f"{base}{path}", "an answer that is not multipart/related")
        with body.open("wb") as written:
            while chunk := response.read(1 << 20):
                written.write(chunk)
                if written.tell() > MOST_STUDY_BYTES:
                    raise _refused(f"{base}{path}", f"more than {MOST_STUDY_BYTES >> 30} GiB")
    if not body.stat().st_size:
        raise _refused(f"{base}{path}", "an empty answer")
    with body.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
        for number, (start, end) in enumerate(_parts(held, boundary), start=first):
            part = folder / f"{number:06d}.dcm"
            part.write_bytes(held[start:end])
            yield part
    body.unlink()


def _parts(held: mmap.mmap, boundary: bytes) -> Iterator[tuple[int, int]]:
    """Yield where the content of each part begins and ends (RFC 2046 5.1.1)."""
    mark = b"--" + boundary
    at = held.find(mark)
    while at >= 0:
        start = held.find(b"\r\n\r\n", at)
        after = held.find(b"\r\n" + mark, start)
        if start < 0 or after < 0:
            return
        yield start + 4, after
        at = after + 2


def _boundary(content_type: str) -> bytes | None:
    message = Message()
    message["Content-Type"] = content_type
    boundary = message.get_param("boundary")
    related = message.get_content_type() == "multipart/related"
    return boundary.encode() if related and isinstance(boundary, str) and boundary else None


@contextmanager
def _asked(base: str, path: str, accept: str) -> Iterator[HTTPResponse]:
    """Give the answer to a GET; nothing is followed elsewhere."""
    parts = urlsplit(base)
    place = _place(base, path)
    headers = {"Accept": accept}
    if known := os.environ.get(AUTHORIZATION):
        headers["Authorization"] = known
    connection: HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = HTTPSConnection(parts.netloc, timeout=TIMEOUT_S, context=context)
    else:
        connection = HTTPConnection(parts.netloc, timeout=TIMEOUT_S)
    try:
        connection.request("GET", f"{parts.path}{path}", headers=headers)
        with connection.getresponse() as response:
            if response.status not in (200, 204):
                raise _refused(place, f"{response.status} {response.reason}")
            yield response
    except (OSError, HTTPException) as error:
        raise _refused(place, str(error) or type(error).__name__) from error
    finally:
        connection.close()


def _place(base: str, path: str) -> str:
    """Return an address without its query, which may name a patient."""
    return base + path.partition("?")[0]


def _refused(place: str, value: str) -> InputError:
    return InputError(
        "a DICOMweb server answers with studies",
        value=value,
        place=place,
        remedy=f"check address, query and {AUTHORIZATION}",
    )
