"""Every safety rule by worked examples: one that speaks, one that does not."""

from __future__ import annotations

import pytest

from myeloscope.pathway.rulebook import SAFETY
from myeloscope.pathway.rules_file import shipped_rules
from myeloscope.pathway.safety import CHECKS
from tests.pathway.cases import ONSET, cyst, dossier, leak, mrm, patch, puncture, reading, study

SITES = ", ".join(leak(root, 1) for root in ("T3", "T5", "T7"))
AFTER_PATCH = "2024-08-01"  # 92 days after 2024-05-01

SPEAKS = [
    # ICHD-3 7.2.3 note 1 (ichd-3.org): not within a month after a dural puncture.
    ("puncture-before-onset", ONSET + puncture("2024-02-10"), "of 2024-02-10", True),
    ("puncture-before-onset", ONSET + puncture("2024-01-10"), "", False),
    # Wang 2015 (Brain 138:1492): fluid after lumbar puncture on MR myelography.
    ("puncture-before-mrm", puncture("2024-03-20") + mrm((0, 0, 0)), "12 days before", True),
    ("puncture-before-mrm", puncture("2024-03-31") + mrm((0, 0, 0)), "1 day before", True),
    ("puncture-before-mrm", puncture("2024-04-01", "") + mrm((0, 0, 0)), "level missing", True),
    ("puncture-before-mrm", puncture("2024-02-20") + mrm((0, 0, 0)), "", False),
    ("puncture-before-mrm", puncture("2024-04-02") + mrm((0, 0, 0)), "", False),
    # PAPER: in 8 of 15 MR myelography came after cisternography, so after a puncture.
    (
        "puncture-before-mrm",
        study("ric", (0, 0, 0), "", "2024-03-30") + mrm((0, 0, 0)),
        "radioisotope cisternography of 2024-03-30, level missing",
        True,
    ),
    # Within three segments of the puncture: L3/4 is the L3 root, T12 lies three above it.
    ("sign-near-puncture", puncture() + mrm((0, 0, 1), leak("T12", 1)), "T12 left", True),
    ("sign-near-puncture", puncture() + mrm((0, 1, 0), leak("T11", 1)), "", False),
    ("sign-near-puncture", puncture(level="") + mrm((0, 0, 1), leak("L3", 1)), "", False),
    # J Neurosurg 2004;100:639.
    ("c1-c2", mrm((1, 0, 0), leak("C2", 1)), "C2 left, grade 1", True),
    ("c1-c2", mrm((1, 0, 0), leak("C3", 1)), "", False),
    # spinalcsfleak.org commentary 2015; PAPER: the junction's level is disputed.
    ("cervicothoracic", mrm((0, 1, 0), leak("C8", 1)), "C8 left", True),
    ("cervicothoracic", mrm((0, 1, 0), leak("T2", 1)), "", False),
    # PAPER: mimics graded 0.
    ("cyst-or-leak", mrm((0, 0, 0), cyst("T9")), "T9 left, perineurial cyst, myelogram", True),
    (
        "cyst-or-leak",
        mrm((0, 2, 0), f"{cyst('T9')}, {leak('T9', 2)}"),
        "and a sign at the same root",
        True,
    ),
    ("cyst-or-leak", mrm((0, 2, 0), leak("T9", 2)), "", False),
    # Schievink 2016: type 3 without extradural CSF; AJNR A9042: the largest diverticulum.
    ("venous-fistula", mrm((0, 0, 0)), "myelogram of 2024-04-01", True),
    (
        "venous-fistula",
        mrm((0, 0, 0), f"{cyst('T9', '6 mm')}, {cyst('T10', '11 mm')}"),
        "largest diverticulum T10 left, 11 mm",
        True,
    ),
    ("venous-fistula", "", "", False),
    # Spine 2012 (direct sign 67%).
    (
        "techniques-disagree",
        mrm((0, 0, 1)) + study("ric", (0, 0, 0), "", "2024-04-02"),
        "lumbar: MR myelogram positive, cisternogram negative",
        True,
    ),
    (
        "techniques-disagree",
        mrm((0, None, 1)) + study("ric", (0, 2, 1), "", "2024-04-02"),
        "",
        False,
    ),
    ("techniques-disagree", mrm((0, 0, 1)), "", False),
    # PubMed 22990687: iatrogenic leaks lumbosacral only.
    ("ric-lumbar-only", study("ric", (0, 0, 2), "", "2024-04-02"), "of 2024-04-02", True),
    ("ric-lumbar-only", study("ric", (0, 1, 2), "", "2024-04-02"), "", False),
    ("image-quality", mrm((0, 0, None)), "lumbar region not assessable (as typed)", True),
    ("image-quality", mrm((0, 0, 0)), "", False),
    # Own setting of the issue: 7 days.
    ("patch-before-mrm", patch("2024-03-28") + mrm((0, 0, 0)), "patch of 2024-03-28", True),
    ("patch-before-mrm", patch("2024-03-20") + mrm((0, 0, 0)), "", False),
    # Callen 2023.
    ("normal-pressure", puncture(pressure="150 mmH2O"), "150 mmH2O on 2024-03-20", True),
    ("normal-pressure", puncture(pressure="40 mmH2O"), "", False),
    ("normal-pressure", "", "", False),
    ("subdural-collection", "[brain_mri]\nsubdural_collection = true", "unknown date", True),
    ("subdural-collection", "[brain_mri]\nsubdural_collection = false", "", False),
    # PubMed 34762485: three or more sites at three months.
    (
        "residual-sites",
        patch("2024-05-01") + mrm((0, 1, 0), SITES, AFTER_PATCH),
        "3 sites on 2024-08-01, 92 days after the patch",
        True,
    ),
    ("residual-sites", patch("2024-05-01") + mrm((0, 1, 0), leak("T3", 1), AFTER_PATCH), "", False),
    ("residual-sites", patch("2024-05-01") + mrm((0, 1, 0), SITES, "2024-05-20"), "", False),
    ("residual-sites", mrm((0, 1, 0), SITES, AFTER_PATCH), "", False),
    # AJNR 2020;41:1309.
    ("level-of-sign", mrm((0, 1, 0), leak("T3", 1)), "1 sign on", True),
    ("level-of-sign", mrm((0, 1, 0), SITES), "3 signs on", True),
    ("level-of-sign", mrm((0, 0, 0)), "", False),
    (
        "brain-after-treatment",
        "[brain_mri]\ndate = 2024-06-01\n" + patch("2024-05-01"),
        "treated on 2024-05-01",
        True,
    ),
    (
        "brain-after-treatment",
        "[brain_mri]\ndate = 2024-04-01\n" + patch("2024-05-01"),
        "",
        False,
    ),
]


@pytest.mark.parametrize(("rule", "text", "words", "speaks"), SPEAKS)
def test_rule(rule: str, text: str, words: str, speaks: bool) -> None:
    told = {c.rule.id: c.because for c in dossier(text).cautions}
    if speaks:
        assert any(words in reason for reason in told[rule])
    else:
        assert not any(words in reason for reason in told.get(rule, ()) if words)
        assert bool(words) or rule not in told


def test_every_rule_has_an_example_that_speaks_and_one_that_does_not() -> None:
    for kind in (True, False):
        assert {rule for rule, _, _, speaks in SPEAKS if speaks is kind} == set(SAFETY)


def test_every_rule_that_can_be_looked_for_is_shipped() -> None:
    assert set(CHECKS) == set(SAFETY) == set(shipped_rules().safety)


def test_limits_of_a_reading_are_told() -> None:
    made = dossier("[[studies]]\ntechnique = 'mrm'\nreading = 'x'", reading())
    told = next(c.because for c in made.cautions if c.rule.id == "image-quality")
    assert told[0].startswith("MR myelography 2024-04-01: lumbar region not assessable")


def test_nothing_recorded_means_no_caution() -> None:
    assert dossier("").cautions == ()
