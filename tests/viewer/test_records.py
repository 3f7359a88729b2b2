"""The viewer speaks of the same records as the server."""

from __future__ import annotations

from viewer.records import TARGET, records


def test_the_records_are_those_of_the_server() -> None:
    assert records() == TARGET.read_text(encoding="utf-8"), "run python -m viewer.records"
