"""Autosave: acknowledged after commit, and never over what another tab saved."""

from __future__ import annotations

import ssl
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import Connection

from myeloscope.server.run import Address
from myeloscope.store.database import UnavailableError
from myeloscope.store.folder import open_store
from myeloscope.store.log import Log
from tests.server.live import running
from tests.server.study import Town, answer, opened_trial


def test_two_tabs_get_a_clear_conflict_and_nothing_is_overwritten(small_town: Town) -> None:
    _, read = opened_trial(small_town)
    ann = small_town["ann"]
    ann.must("POST", f"{read}/start")
    first = ann.must("PUT", f"{read}/draft", json={"base": 0, "answer": answer(1, "tab 1")})
    assert first["number"] == 1
    second = ann.ask("PUT", f"{read}/draft", json={"base": 0, "answer": answer(2, "tab 2")})
    assert second.status_code == 409
    assert second.json() == {
        "rule": "a change rests on what was saved last",
        "value": "draft 0, while draft 1 is stored",
        "place": f"read {read.rpartition('/')[2]}",
        "remedy": "another tab, device or member saved meanwhile; look at it, then save again",
    }
    assert ann.must("GET", read)["draft"]["comment"] == "tab 1"
    locked = ann.ask("POST", f"{read}/lock", json={"base": 0})
    assert locked.status_code == 409
    looked_at = ann.must("PUT", f"{read}/draft", json={"base": 1, "answer": answer(2, "tab 2")})
    assert (looked_at["number"], looked_at["draft"]["comment"]) == (2, "tab 2")


def test_a_save_is_in_the_database_when_it_is_acknowledged(small_town: Town) -> None:
    """Another program that opens the same folder finds it, with nothing shared in memory."""
    _, read = opened_trial(small_town)
    ann, store = small_town["ann"], small_town.site.store
    ann.must("POST", f"{read}/start")
    for number in range(3):
        given = {"base": number, "answer": answer(number, f"save {number}")}
        ann.must("PUT", f"{read}/draft", json=given)
        other = open_store(store.folder)
        found = Log(other.database, store.key("audit.key")).trial("t1")
        kept = found.reads[read.rpartition("/")[2]]
        assert kept.draft is not None
        assert (kept.number, kept.draft.comment) == (number + 1, f"save {number}")
        other.close()


def test_a_database_that_does_not_answer_is_said_and_can_be_tried_again(
    small_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, read = opened_trial(small_town)
    ann, database = small_town["ann"], small_town.site.store.database
    ann.must("POST", f"{read}/start")
    given = {"base": 0, "answer": answer(1)}

    @contextmanager
    def busy() -> Iterator[Connection]:
        raise UnavailableError(
            "the database must answer", value="database is locked", place="sqlite", remedy="wait"
        )
        yield

    with monkeypatch.context() as patch:
        patch.setattr(database, "write", busy)
        told = ann.ask("PUT", f"{read}/draft", json=given)
    assert (told.status_code, told.json()["value"]) == (503, "database is locked")
    assert ann.must("PUT", f"{read}/draft", json=given)["number"] == 1


def _certificate(folder: Path) -> tuple[Path, Path]:
    """Return files of a certificate for this machine's own address, and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, secret


def test_tls_by_files(small_town: Town, tmp_path: Path) -> None:
    certificate, key = _certificate(tmp_path)
    context = ssl.create_default_context(cafile=str(certificate))
    with running(small_town.site, Address(port=0, certificate=certificate, key=key)) as port:
        address = f"https://localhost:{port}/api/health"
        with urllib.request.urlopen(address, context=context, timeout=10) as told:
            assert told.read() == b'{"done":true}'
