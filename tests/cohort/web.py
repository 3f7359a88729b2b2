"""A small DICOMweb server on loopback, after PS3.18: QIDO-RS with paging, WADO-RS multipart."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from pydicom import dcmread

BOUNDARY = "a-b-c"


@dataclass
class Archive:
    """What the server holds, and what happened.

    Attributes
    ----------
    studies
        Study UID -> series UID -> files.
    asked
        The requests, in their order.
    authorization
        The Authorization header that it wants.
    answers
        Beginnings of paths -> (status, content type, body) to answer instead.
    pages
        Whether it knows limit and offset.
    """

    studies: dict[str, dict[str, list[bytes]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    authorization: str | None = None
    answers: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)
    pages: bool = True

    def add(self, file: Path) -> None:
        """Take in a file."""
        header = dcmread(file, stop_before_pixels=True)
        series = self.studies.setdefault(str(header.StudyInstanceUID), {})
        series.setdefault(str(header.SeriesInstanceUID), []).append(file.read_bytes())

    def answer(self, target: str) -> tuple[int, str, bytes]:
        """Return status, content type and body."""
        parts = urlsplit(target)
        if not parts.path.startswith("/web/studies"):
            return 404, "text/plain", b"no"
        path = parts.path.removeprefix("/web")
        for start, told in self.answers.items():
            if path.startswith(start):
                return told
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        words = path.strip("/").split("/")
        if len(words) == 1:
            return _json([_study(uid, self.studies[uid]) for uid in self._page(query)])
        if len(words) == 3:
            return _json([_series(uid) for uid in self.studies[words[1]]])
        body = b"".join(_part(file) for file in self.studies[words[1]][words[3]])
        kind = f'multipart/related; type="application/dicom"; boundary="{BOUNDARY}"'
        return 200, kind, body + f"--{BOUNDARY}--\r\n".encode()

    def _page(self, query: Mapping[str, str]) -> list[str]:
        uids = list(self.studies)
        if not self.pages:
            return uids
        first = int(query["offset"])
        return uids[first : first + int(query["limit"])]


def _json(records: object) -> tuple[int, str, bytes]:
    return 200, "application/dicom+json", json.dumps(records).encode()


def _study(uid: str, series: Mapping[str, list[bytes]]) -> dict[str, object]:
    count = sum(len(files) for files in series.values())
    return {
        "0020000D": {"vr": "UI", "Value": [uid]},
        "00080061": {"vr": "CS", "Value": ["MR"]},
        "00201208": {"vr": "IS", "Value": [count]},
    }


def _series(uid: str) -> dict[str, object]:
    return {
        "0020000E": {"vr": "UI", "Value": [uid]},
        "00080060": {"vr": "CS", "Value": ["MR"]},
    }


def _part(file: bytes) -> bytes:
    return f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode() + file + b"\r\n"


@contextmanager
def serving(archive: Archive) -> Iterator[str]:
    """Serve an archive and give the address of its service."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            archive.asked.append(self.path)
            wanted = archive.authorization
            allowed = wanted is None or self.headers.get("Authorization") == wanted
            status, kind, body = archive.answer(self.path) if allowed else (401, "text/plain", b"")
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/web"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
