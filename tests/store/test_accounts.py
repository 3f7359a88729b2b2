"""Accounts, sessions, links and the throttle."""

from __future__ import annotations

import pytest

from myeloscope.store.accounts import Accounts, later
from myeloscope.store.folder import Store
from myeloscope.trial.refusals import ForbiddenError, TrialError

AT = "2026-01-01T00:00:00.000000+00:00"


@pytest.fixture
def accounts(store: Store) -> Accounts:
    return Accounts(store.database, store.log)


def test_accounts_have_names_of_their_own(accounts: Accounts) -> None:
    made = accounts.create("ann", "hash", AT, administrator=True)
    with pytest.raises(TrialError, match="a name of its own; found ann"):
        accounts.create("ann", None, AT)
    for wrong in ("Ann", "a", "a b", "<b>", "x" * 33):
        with pytest.raises(TrialError, match="2 to 32 of a-z"):
            accounts.create(wrong, None, AT)
    assert accounts.every() == (made,)
    assert accounts.named("ann") == (made, "hash")
    assert accounts.named("bob") is None


def test_a_session_lives_until_it_ends_idles_or_expires(accounts: Accounts) -> None:
    ann = accounts.create("ann", "hash", AT)
    session, cookie = accounts.log_in(ann, AT, "a browser")
    assert accounts.session(cookie, AT) == session
    assert accounts.session("another", AT) is None
    used = later(AT, minutes=50)
    assert accounts.session(cookie, used) is not None
    assert accounts.session(cookie, later(used, minutes=50)) is not None
    assert accounts.session(cookie, later(used, minutes=120)) is None
    assert accounts.session(cookie, later(AT, hours=13)) is None
    assert [each.id for each in accounts.sessions(ann.id)] == [session.id]
    assert not accounts.end_session(session.id, "somebody else", AT)
    assert accounts.end_session(session.id, ann.id, AT)
    assert accounts.session(cookie, AT) is None


def test_a_disabled_account_is_out_at_once(accounts: Accounts) -> None:
    ann = accounts.create("ann", "hash", AT)
    _, cookie = accounts.log_in(ann, AT, "")
    accounts.disable(ann.id, AT, "root")
    assert accounts.session(cookie, AT) is None
    found = accounts.named("ann")
    assert found is not None
    with pytest.raises(ForbiddenError, match="must not be disabled"):
        accounts.log_in(found[0], AT, "")


def test_a_new_password_ends_all_sessions(accounts: Accounts) -> None:
    ann = accounts.create("ann", "hash", AT)
    _, cookie = accounts.log_in(ann, AT, "")
    accounts.set_password(ann.id, "new", AT, ann.id)
    assert accounts.session(cookie, AT) is None
    assert accounts.named("ann") == (ann, "new")
    with pytest.raises(ForbiddenError, match="one that was created"):
        accounts.set_password("nobody", "new", AT, ann.id)


def test_an_identity_is_issuer_and_subject(accounts: Accounts) -> None:
    ann = accounts.create("ann", None, AT)
    accounts.bind(ann.id, "https://id.example", "s1", AT, "root")
    assert accounts.of_identity("https://id.example", "s1") == ann
    assert accounts.of_identity("https://other.example", "s1") is None
    bob = accounts.create("bob", None, AT)
    with pytest.raises(TrialError, match="belongs to one account"):
        accounts.bind(bob.id, "https://id.example", "s1", AT, "root")
    assert accounts.of_identity("https://id.example", "s1") == ann


def test_a_link_works_once_and_for_an_hour(accounts: Accounts) -> None:
    ann = accounts.create("ann", None, AT)
    secret = accounts.make_link(AT, ann.id)
    assert accounts.use_link(secret, later(AT, minutes=59)) == (ann.id, False)
    assert accounts.use_link(secret, AT) is None
    first = accounts.make_link(AT, administrator=True)
    assert accounts.use_link(first, later(AT, minutes=61)) is None
    assert accounts.use_link(first, AT) is None


def test_failed_logins_wait_longer_and_longer(accounts: Accounts, store: Store) -> None:
    keys = ("name:ann", "address:10.0.0.1")
    for _ in range(5):
        accounts.failed(keys, AT)
    assert not accounts.waits(keys, AT)
    accounts.failed(keys, AT)
    assert accounts.waits(keys, AT)
    assert not accounts.waits(keys, later(AT, seconds=2))
    for _ in range(15):
        accounts.failed(keys, AT)
    assert accounts.waits(keys, later(AT, seconds=890))
    assert not accounts.waits(keys, later(AT, seconds=901))
    assert not accounts.waits(("name:bob",), AT)
    accounts.succeeded(keys)
    assert not accounts.waits(keys, AT)
    assert store.log.verify().seq == 21
