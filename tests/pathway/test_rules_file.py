"""``rules.toml``: whole as shipped, and a slip in a corrected copy is refused."""

from __future__ import annotations

import pytest

from myeloscope.errors import InputError
from myeloscope.pathway.facts import FACTS
from myeloscope.pathway.rules_file import rulebook_from_text, shipped_rules
from tests.pathway.cases import SHIPPED


def test_every_source_is_used_and_every_fact_asked_for() -> None:
    rules = shipped_rules()
    named = [rules.bern.sources]
    named += [remark.sources for remark in rules.bern.cautions]
    named += [sign.sources for sign in rules.signs.values()]
    named += [criteria.sources for criteria in rules.criteria]
    named += [rule.sources for rule in rules.safety.values()]
    named += [scheme.sources for scheme in rules.schemes.values()]
    for option in (*rules.options, rules.targeting):
        remarks = (*option.evidence_for, *option.evidence_against)
        named += [option.sources, *(remark.sources for remark in remarks)]
    used = {name for names in named for name in names}
    assert used == set(rules.sources)
    asked = {sign.input for sign in rules.signs.values()}
    asked |= {sign.input for sign, _ in rules.bern.items}
    assert asked == set(FACTS)


def test_what_was_not_read_whole_says_so() -> None:
    # Facts of the 2008 criteria come from the abstract: the pressure limit is not in it.
    rules = shipped_rules()
    assert rules.sources["schievink2008"].seen == "abstract"
    assert "abstract prints no number" in rules.signs["low-pressure-schievink"].note


def test_a_clinicians_correction_changes_the_answer() -> None:
    corrected = SHIPPED.replace('below = 60.0\nequal = "not met"', 'below = 60.0\nequal = "met"')
    rules = rulebook_from_text(corrected, "mine.toml")
    assert rules.signs["low-pressure-ichd3"].equal == "met"
    assert shipped_rules().signs["low-pressure-ichd3"].equal == "not met"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("version = 1", "version = ", "rules are written in TOML"),
        ("version = 1", "version = 1.5", "version is a whole number"),
        ('source = "bern"\nbands', 'source = "berne"\nbands', "a rule names its source"),
        ('id = "headache"', 'id = "orthostatic-headache"', "an id is used once"),
        ('input = "headache"', 'input = "hedache"', "did you mean 'headache'"),
        ('input = "brain_sagging"', 'input = "brain_sagging"\nbelow = 4', "a yes or no is not"),
        ("below = 4.0\n", "", "a quantity is held against 'below'"),
        ('equal = "not met"', 'equal = "maybe"', "the value is one of a closed list"),
        ("at_least = 2, of = [", "at_least = 4, of = [", "a rule asks for some of its signs"),
        ('{ label = "C", all = ["temporal-relation"] }', '"temporal"', "a rule is made of signs"),
        ("{ upto = 9,", "{ upto = 8,", "the bands rise and reach the score's 9 points"),
        ("settings = { days = 7 }", "settings = { day = 7 }", "days is a whole number"),
        ("settings = { days = 7 }", "settings = { days = 7, x = 1 }", "every key is known"),
        ('first = "C1"', 'first = "CI"', "a range goes from root to root"),
        ('id = "c1-c2"', 'id = "c1-c3"', "did you mean 'c1-c2'"),
        ('when = "negative"', 'when = "negativ"', "did you mean 'negative'"),
        ('seen = "whole"', 'seen = "some"', "one of whole, abstract, excerpt, unseen"),
        ("[targeting]", "[targetting]", "title is a text; found nothing"),
    ],
)
def test_slips(old: str, new: str, words: str) -> None:
    assert old in SHIPPED
    with pytest.raises(InputError, match=r"mine\.toml") as caught:
        rulebook_from_text(SHIPPED.replace(old, new, 1), "mine.toml")
    assert words in str(caught.value)
