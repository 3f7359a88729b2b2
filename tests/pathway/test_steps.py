"""The paper's pathway: every state and option by a worked example (PAPER, "Treatment")."""

from __future__ import annotations

import pytest

from myeloscope.pathway.rulebook import STATES
from myeloscope.pathway.rules_file import rulebook_from_text, shipped_rules
from myeloscope.pathway.steps import mrm_standing
from tests.pathway.cases import (
    ONSET,
    SHIPPED,
    cyst,
    dossier,
    leak,
    mrm,
    patch,
    patient,
    puncture,
)

INCLUDED = f"{ONSET}orthostatic_headache = true\n[brain_mri]\npachymeningeal_enhancement = true\n"
TREATED = "[[treatments]]\nkind = 'conservative'\ndate = 2024-03-10\nresult = 'unchanged'\n"

OPTIONS = [
    (TREATED, ["mrm-first"]),
    ("", ["conservative-first", "mrm-first"]),
    # Positive MRM: targeted EBP is reasonable.
    (TREATED + mrm((0, 2, 0), leak("T5", 2)), ["targeted-patch"]),
    # RIC or CT cisternography for equivocal MRM, or negative MRM with impressive findings.
    (TREATED + mrm((0, 1, 0), leak("T5", 1)), ["targeted-patch", "ric-equivocal"]),
    (TREATED + mrm((0, 2, None), leak("T5", 2)), ["targeted-patch", "ric-equivocal"]),
    (TREATED + mrm((0, 0, None)), ["ric-equivocal"]),
    (TREATED + mrm((0, 0, 0)), ["ric-negative"]),
    # 7 of 13 had the patch more than once; 6 had follow-up.
    (
        mrm((0, 2, 0), leak("T5", 2)) + patch(result="unchanged"),
        ["targeted-patch", "repeat-patch"],
    ),
    (mrm((0, 2, 0), leak("T5", 2)) + patch(result="improved"), ["follow-up"]),
    (mrm((0, 2, 0), leak("T5", 2)) + patch(), ["targeted-patch"]),
]


@pytest.mark.parametrize(("text", "expected"), OPTIONS)
def test_options(text: str, expected: list[str]) -> None:
    steps = dossier(INCLUDED + text).steps
    assert [option.id for option in steps.options] == expected
    assert steps.withheld == ()
    assert steps.contraindications == "not checked"


def test_every_option_has_a_worked_example_and_every_state_an_option() -> None:
    shown = {name for _, names in OPTIONS for name in names}
    assert shown == {option.id for option in shipped_rules().options}
    assert {option.when for option in shipped_rules().options} == set(STATES)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"{ONSET}headache = true\n", "no set of inclusion criteria is met"),
        (f"{ONSET}others = ['tinnitus']\n" + mrm((0, 0, 0)), "no set of inclusion criteria is met"),
        # Schievink 2008 A is met by the image alone: nobody is treated for an image.
        (mrm((0, 2, 0)), "no symptom is recorded"),
        (INCLUDED + puncture("2024-02-20"), "a dural puncture lies in the month before"),
    ],
)
def test_without_inclusion_no_option_is_shown(text: str, words: str) -> None:
    steps = dossier(text).steps
    assert steps.options == ()
    assert words in steps.withheld[0]


def test_inclusion_by_spine_imaging_only_is_marked() -> None:
    alone = dossier(f"{ONSET}headache = true\n" + mrm((0, 2, 0))).steps
    assert alone.by_imaging_only
    assert [option.id for option in alone.options] == ["conservative-first", "targeted-patch"]
    assert not dossier(INCLUDED + mrm((0, 2, 0))).steps.by_imaging_only
    assert not dossier(f"{ONSET}headache = true\n").steps.by_imaging_only


@pytest.mark.parametrize(
    ("text", "positive", "reasons"),
    [
        (mrm((0, 2, 0), leak("T5", 2)), True, []),
        (mrm((0, 0, 0)), False, []),
        (mrm((0, 1, 0), leak("T5", 1)), True, ["the highest grade is 1"]),
        (mrm((0, 3, None), leak("T5", 3)), True, ["not assessable: lumbar"]),
        (mrm((None, None, None)), None, ["not assessable: cervical, thoracic, lumbar"]),
        (
            mrm((2, 2, 0), f"{leak('C2', 2)}, {leak('T1', 2)}"),
            True,
            ["signs mislead (at C1 or C2; at the cervicothoracic junction)"],
        ),
        # One sign elsewhere: not only doubtful places.
        (mrm((2, 2, 0), f"{leak('C2', 2)}, {leak('T6', 2)}"), True, []),
        (
            puncture() + mrm((0, 0, 3), leak("L2", 3)),
            True,
            ["near the puncture at L3/4 of 2024-03-20"],
        ),
        (puncture("2024-02-01") + mrm((0, 0, 3), leak("L2", 3)), True, []),
        (mrm((0, 2, 0), cyst("T9")), True, []),
    ],
)
def test_positive_by_the_papers_rule_and_equivocal(
    text: str, positive: bool | None, reasons: list[str]
) -> None:
    standing = mrm_standing(patient(text), shipped_rules())
    assert standing.by_the_paper is positive
    assert len(standing.equivocal) == len(reasons)
    for told, words in zip(standing.equivocal, reasons, strict=True):
        assert words in told


def test_the_myelogram_before_the_patch_is_the_one_that_stands() -> None:
    text = mrm((0, 2, 0)) + mrm((0, 0, 0), day="2024-04-15") + patch("2024-05-01")
    standing = mrm_standing(patient(text + mrm((0, 3, 0), day="2024-06-01")), shipped_rules())
    assert standing.exam is not None
    assert str(standing.exam.day) == "2024-04-15"
    late = mrm_standing(patient(patch("2024-03-01") + mrm((0, 2, 0))), shipped_rules())
    assert late.exam is None


def test_rules_taken_out_of_the_file_are_not_looked_for() -> None:
    text = SHIPPED
    for name in ("c1-c2", "cervicothoracic", "sign-near-puncture"):
        head, _, tail = text.partition(f'[[safety]]\nid = "{name}"')
        text = head + "[[safety]]" + tail.partition("[[safety]]")[2]
    rules = rulebook_from_text(text, "mine.toml")
    standing = mrm_standing(patient(mrm((2, 0, 0), leak("C2", 2))), rules)
    assert standing.equivocal == ()
