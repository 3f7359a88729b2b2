"""The benchmark of follow-up counts what it should, and a wrong change shows."""

from __future__ import annotations

import pytest

from benchmarks import follow_up
from benchmarks.follow_up import CASES, Outcome, Read, findings, pair_of, summary
from myeloscope.comparison.change import Change


def test_the_cases_come_in_turn_and_each_changes_what_it_says() -> None:
    pairs = [pair_of(seed) for seed in range(7000, 7007)]
    assert [pair.case for pair in pairs] == list(CASES)
    for pair in pairs:
        kept, changed = pair.leaks
        assert kept.change is Change.UNCHANGED
        assert len(findings(pair, later=False)) == 1 + (changed.before > 0)
        assert len(findings(pair, later=True)) == 1 + (changed.after > 0)
    changes = {pair.case: pair.leaks[1].change for pair in pairs}
    for case in ("improved", "worse", "new", "resolved"):
        assert changes[case] == case
    assert [pair.missing is not None for pair in pairs].count(True) == 1


def test_an_unchanged_leak_is_as_long_in_a_wider_sac() -> None:
    pair = pair_of(7006)
    assert pair.wider > 0
    before, after = (findings(pair, later=later)[0].ratio for later in (False, True))
    assert before is not None
    assert after is not None
    assert after * (1 + pair.wider) == pytest.approx(before)


def test_figures() -> None:
    made = summary(
        [
            Outcome(
                "new",
                0.5,
                (("unchanged", "unchanged"), ("new", "worse")),
                ("new",),
                (Read.RIGHT, Read.EXTENT),
            ),
            Outcome("missing station", 2.5, (("not-comparable", "resolved"), ("new", None)), ()),
            Outcome("new", None, (), ()),
        ]
    )
    assert (made["pairs"], made["registered"]) == (3, 2)
    assert made["registration_mm"] == {"median": 1.5, "p95": 2.4, "largest": 2.5}
    assert (made["leaks"], made["told_of"], made["right"]) == (4, 3, 1)
    assert made["definite"] == 3
    assert made["right_of_definite"] == pytest.approx(0.333)
    assert made["not_covered_called_resolved"] == 1
    assert made["by_what_the_readings_had"] == {
        "both readings right": {"leaks": 1, "definite": 1, "right": 1},
        "an extent misread": {"leaks": 1, "definite": 1, "right": 0},
        "missed, or seen where none was": {"leaks": 0, "definite": 0, "right": 0},
    }
    assert made["told_where_nothing_was_made"] == {"new": 1}


def test_one_pair_goes_the_whole_way() -> None:
    made = follow_up.run(7000)
    assert made.registration_mm is not None
    assert made.registration_mm <= 3.0
    assert [wanted for wanted, _ in made.changes] == ["unchanged", "unchanged"]
    assert len(made.read) == 2
