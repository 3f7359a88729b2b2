"""The benchmark of the reader times what it is given, and can fail."""

from __future__ import annotations

import time

import pytest

from benchmarks import reading_speed


def _work() -> None:
    end = time.process_time() + 0.02
    while time.process_time() < end:
        pass


def test_waiting_is_not_work() -> None:
    assert reading_speed.cpu_ms(_work) >= 20.0
    assert reading_speed.cpu_ms(lambda: time.sleep(0.05)) < 20.0


def test_the_median_is_over_works_and_rounds() -> None:
    calls: list[str] = []
    reading_speed.median_ms([lambda: calls.append("a"), lambda: calls.append("b")], 3)
    assert calls == ["a", "b"] + ["a", "b"] * 3


@pytest.mark.parametrize(("limit", "status"), [(1e-6, 1), (1e6, 0)])
def test_a_slow_reader_fails(
    limit: float,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    one = reading_speed.phantoms()[:1]
    monkeypatch.setattr(reading_speed, "phantoms", lambda: one)
    monkeypatch.setattr(reading_speed, "LIMIT_MS", limit)
    assert reading_speed.main(["--short"]) == status
    assert "floor: one blur" in capsys.readouterr().out
