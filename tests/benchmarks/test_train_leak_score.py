"""The trees' training: what is kept is used again, and what is told is right."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from benchmarks import leak_examples, train_leak_score
from benchmarks.leak_examples import (
    FIRST_REPORTED,
    HELD_OUT,
    SEEDS,
    Block,
    Example,
    blocks_of,
    packed,
    studies_of,
)
from benchmarks.strangers.source import Source
from benchmarks.train_leak_score import Table, further_of, main, told_of, train, with_pattern
from myeloscope.myelography.leak_score import model_from_json


def examples(source: Source, seeds: range) -> list[Example]:
    """Return two roots of each seed; in odd ones, patients, the first leaks and measures more."""
    drawn = np.random.default_rng(len(source))
    return [
        Example(
            source,
            seed,
            bool(seed % 2),
            {"all_0": float(drawn.normal() + 4 * (seed % 2) * (1 - root)), "slope": 0.5},
            bool(seed % 2) and root == 0,
        )
        for seed in seeds
        for root in range(2)
    ]


def test_blocks_take_the_sources_in_turn_and_every_seed_once(tmp_path: Path) -> None:
    blocks = blocks_of({Source.A: 60, Source.B: 45}, tmp_path)
    assert [(str(b.source), b.first, b.stop) for b in blocks] == [
        ("a", 0, 30), ("b", 0, 30), ("a", 30, 60), ("b", 30, 45),
    ]  # fmt: skip


def test_a_block_that_was_measured_is_not_measured_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = examples(Source.E, range(2))
    (tmp_path / "e-0-2.pickle").write_bytes(pickle.dumps(kept))
    monkeypatch.setattr(leak_examples, "make_study", None)
    assert Block(Source.E, 0, 2, tmp_path).examples() == kept


def test_a_block_is_measured_and_kept(tmp_path: Path) -> None:
    made = Block(Source.PHANTOM, 3, 4, tmp_path).examples()
    assert {e.seed for e in made} == {3}
    assert any(e.leak for e in made)
    assert {e.seen.shape for e in made} == {(29, 45, 7)}
    assert max(float(e.seen[..., 0].max()) for e in made if e.leak) > 0.5
    assert pickle.loads((tmp_path / "phantom-3-4.pickle").read_bytes()) == made
    assert len(list(tmp_path.iterdir())) == 1


def test_perfect_logits_find_every_leak() -> None:
    table = Table.of(examples(Source.A, range(20)))
    told = told_of(table, Source.A, np.where(table.y, 5.0, -5.0))
    assert told.startswith("a: 20 studies, leaks found 1.000 at 0.1")
    assert told.endswith("case AUC 1.000")


def test_further_roots_are_called_up_to_the_false_ones_allowed() -> None:
    table = Table.of(
        [
            Example(Source.A, seed, seed == 0, {"all_0": 0.0}, seed == 0 and root == 0)
            for seed in range(10)
            for root in range(3)
        ]
    )
    logits = np.full(30, -5.0)
    logits[:3] = 3.0, 2.5, 2.0  # a leak, and two false ones beside it: 0.1 and 0.2 a study
    assert further_of(logits, table, 1.0) == 2.0
    logits[4] = 1.5  # a control called by its only suspect root leaves room for none
    assert further_of(logits, table, 1.0) == 2.5
    assert further_of(np.full(30, -5.0), table, 1.0) == 1.0


def test_trees_are_fitted_told_and_written(capsys: pytest.CaptureFixture[str]) -> None:
    found = examples(Source.A, range(120)) + examples(Source.PHANTOM, range(120))
    model = model_from_json(train(found, {"a": (0, 120), "phantom": (0, 120)}))
    low, high = model.logits([{"all_0": -1.0, "slope": 0.5}, {"all_0": 6.0, "slope": 0.5}])
    assert low < model.threshold < high
    told = capsys.readouterr().out
    assert "480 sites, 120 leaks" in told
    assert "a: 120 studies" in told
    train_leak_score.tell_apart(found)
    assert "never met, phantom: 120 studies" in capsys.readouterr().out


def test_what_the_network_sees_is_kept_to_sixteen_bits() -> None:
    seen = np.random.default_rng(0).normal(size=(29, 45, 7)).astype(np.float32)
    example = Example(Source.A, 0, False, {}, None, packed(seen))
    assert np.abs(example.seen - seen).max() < 2e-3


def test_no_seed_of_the_training_is_reported_on() -> None:
    assert max(SEEDS.values()) <= FIRST_REPORTED


def test_roots_of_one_study_have_one_number() -> None:
    found = examples(Source.B, range(2)) + examples(Source.A, range(2))
    assert studies_of(found).tolist() == [2, 2, 3, 3, 0, 0, 1, 1]


def test_trees_learn_what_the_network_says_of_studies_it_has_not_met() -> None:
    found = examples(Source.A, range(2))
    told = with_pattern(found, np.array([0.5, -1.0, 2.0, -2.0]))
    assert [e.measures["pattern"] for e in told] == [0.5, -1.0, 2.0, -2.0]
    assert "pattern" not in found[0].measures


def test_a_network_of_other_seeds_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / HELD_OUT, np.zeros(3))
    with pytest.raises(SystemExit) as ended:
        main(["--tables", str(tmp_path), "--share", "0", "--jobs", "1"])
    assert ended.value.code == 2
    assert "has 3 roots, and 0 were measured" in capsys.readouterr().err


def test_a_source_never_met_is_told_without_the_network_that_has_met_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = examples(Source.A, range(60)) + examples(Source.PHANTOM, range(60))
    train_leak_score.tell_apart(found)
    plain = capsys.readouterr().out
    knowing = with_pattern(found, np.array([9.0 if e.leak else -9.0 for e in found]))
    train_leak_score.tell_apart(knowing)
    assert capsys.readouterr().out == plain


def test_trees_are_not_made_before_the_network(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--tables", str(tmp_path)])
    assert ended.value.code == 2
    assert "run benchmarks.train_leak_pattern with the same seeds first" in capsys.readouterr().err
