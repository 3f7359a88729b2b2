"""Our figures against outside numbers (tests/data/reference/README.md names their origin)."""

from __future__ import annotations

import json

import pytest

from benchmarks import reference_check
from benchmarks.reference.checks import agrees
from benchmarks.reference_check import COPIES, Outcome


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return reference_check.run(COPIES)


def test_every_number_of_the_contract_agrees(outcomes: list[Outcome]) -> None:
    inside = [outcome for outcome in outcomes if not outcome.outside]
    wrong = [
        (outcome.check["id"], outcome.check["statistic"], outcome.got)
        for outcome in inside
        if not outcome.agrees
    ]
    assert wrong == []
    assert len(inside) == 2683


def test_every_outside_number_has_a_reason(outcomes: list[Outcome]) -> None:
    reasons = {outcome.outside for outcome in outcomes if outcome.outside}
    assert not any("unknown" in reason for reason in reasons)
    assert len([reason for reason in reasons if "at fault" in reason]) == 2


def test_a_wrong_number_is_seen(outcomes: list[Outcome]) -> None:
    outcome = next(outcome for outcome in outcomes if outcome.check["statistic"] == "cohen_kappa")
    assert outcome.got is not None
    moved = {**outcome.check, "value": outcome.check["value"] + 1e-5}  # type: ignore[operator]
    assert agrees(outcome.check, outcome.got)
    assert not agrees(moved, outcome.got)  # type: ignore[arg-type]


def test_no_data_under_the_gpl_lives_here() -> None:
    allowed = ("paper_", "rand_", "cohen1968", "sas_skin", "lit_", "hanley", "krippendorff_12")
    names = [path.name for path in COPIES.iterdir() if path.suffix == ".csv"]
    assert all(name.startswith(allowed) for name in names)
    assert not any("MSPatients" in name or "SexualFun" in name for name in names)
    checks = json.loads((COPIES / "expected.json").read_text())["checks"]
    files = {str(check["data"]).split(" ")[0] for check in checks if check["data"]}
    assert {file for file in files if file.endswith(".csv")} <= set(names)


def test_the_script_fails_where_a_number_disagrees(
    outcomes: list[Outcome], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    inside = [outcome for outcome in outcomes if not outcome.outside][:1]
    monkeypatch.setattr(reference_check, "run", lambda folder: inside)
    assert reference_check.main(["--short"]) == 0
    said = capsys.readouterr().out
    assert "1 numbers: 1 checked, 1 agree, 0 disagree" in said
    assert "| all | 1 | 1 |" in said
    wrong = [Outcome(inside[0].check, 99.0)]
    monkeypatch.setattr(reference_check, "run", lambda folder: wrong)
    assert reference_check.main(["--short"]) == 1
    said = capsys.readouterr().out
    assert "DISAGREES" in said
    assert "| all | 1 | 0 |" in said


@pytest.mark.parametrize(
    ("source", "origin"),
    [
        ("irr 0.84.1 kappa2 equal", "irr 0.84.1"),
        ("irrCAC 1.0 raw (rounded to 5 decimals), missing kept", "irrCAC 1.0"),
        ("R stats binom.test", "R stats"),
        ("count grade>=1", "counts"),
        ("Cohen 1968 example as used in psych", "journals, textbooks, printouts"),
    ],
)
def test_numbers_are_counted_by_the_software_they_come_from(source: str, origin: str) -> None:
    assert reference_check.origin(source) == origin
