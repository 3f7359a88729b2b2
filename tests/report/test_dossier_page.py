"""The page of a dossier: everything on it, nothing hidden, no order."""

from __future__ import annotations

import io
import re

import pypdfium2
import pytest
from PIL import Image

from myeloscope.errors import InputError
from myeloscope.pathway.answer import Answer
from myeloscope.pathway.rules_file import shipped_rules
from myeloscope.report import dossier_words as words
from myeloscope.report.dossier_course import course_picture
from myeloscope.report.dossier_page import SPINE_HEIGHT, dossier_page
from myeloscope.report.page import RESEARCH_ONLY
from myeloscope.report.pdf import to_pdf
from tests.pathway.cases import (
    ONSET,
    cyst,
    dossier,
    leak,
    mrm,
    patch,
    puncture,
    reading,
    study,
)

INCLUDED = f"{ONSET}orthostatic_headache = true\n[brain_mri]\npachymeningeal_enhancement = true\n"
EQUIVOCAL = INCLUDED + mrm((0, 1, None), f"{leak('T5', 1)}, {cyst('T9', '11 mm')}")
READ = "[[studies]]\ntechnique = 'mrm'\nreading = '{}'\n"


def png(height: int = 2000) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (900, height), (10, 20, 30)).save(out, "PNG")
    return out.getvalue()


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.mark.parametrize("text", ["", EQUIVOCAL, INCLUDED + patch(result="improved")])
def test_page_is_self_contained_and_says_research_only(text: str) -> None:
    page = dossier_page(dossier(text), {})
    assert not re.search(r"(?:src|href)=[\"'](?!data:)", page)
    assert "<script" not in page
    assert text_of(page).count(RESEARCH_ONLY) >= 3
    assert "Contraindications: not checked." in text_of(page)


def test_every_printed_page_says_research_only() -> None:
    document = pypdfium2.PdfDocument(to_pdf(dossier_page(dossier(EQUIVOCAL), {})))
    assert len(document) > 1
    for page in document:
        assert RESEARCH_ONLY in page.get_textpage().get_text_bounded()


def test_positive_and_equivocal_stand_side_by_side() -> None:
    shown = text_of(dossier_page(dossier(EQUIVOCAL), {}))
    assert "positive and equivocal" in shown
    assert "and also counts as equivocal: the highest grade is 1; not assessable: lumbar" in shown
    assert "The same myelogram counts as equivocal" in shown
    assert "Whether a patch should be targeted is contested" in shown
    assert "T9" in shown
    assert "11 mm" in shown


def test_without_inclusion_the_page_says_why_there_is_no_option() -> None:
    shown = text_of(dossier_page(dossier(f"{ONSET}headache = true\n" + mrm((0, 1, 0))), {}))
    assert "No option is shown: no set of inclusion criteria is met" in shown
    assert "Later evidence for" not in shown


def test_inclusion_by_images_alone_is_told() -> None:
    shown = text_of(dossier_page(dossier(f"{ONSET}headache = true\n" + mrm((0, 2, 0))), {}))
    assert "Inclusion is met by spine imaging only." in shown
    assert "Inclusion is met" not in text_of(dossier_page(dossier(EQUIVOCAL), {}))


def test_a_patient_of_whom_nothing_is_known_is_all_missing() -> None:
    shown = text_of(dossier_page(dossier(""), {}))
    assert "age missing, sex missing, onset missing, consent to research missing" in shown
    assert "0 to 9" in shown
    assert "No caution applies to what is recorded." in shown
    assert "No day is recorded." in shown


def test_every_number_in_brackets_has_its_source() -> None:
    page = dossier_page(dossier(EQUIVOCAL + puncture()), {})
    cited = {int(n) for group in re.findall(r"\[([\d, ]+)\]", text_of(page))
             for n in group.split(",")}  # fmt: skip
    listed = page.partition("<h2>Sources</h2>")[2].count("<li>")
    assert cited == set(range(1, listed + 1))


def test_what_people_typed_is_escaped() -> None:
    page = dossier_page(
        dossier(f"{ONSET}others = ['<b>&']\n" + puncture().replace("lumbar puncture", "<i>")), {}
    )
    assert "&lt;b&gt;&amp;" in page
    assert "<i>" not in page


def test_spines_of_the_first_and_last_reading_are_shown_small() -> None:
    made = dossier(READ.format("a"), reading())
    page = dossier_page(made, {"a": png()})
    assert page.count("Straightened spine of") == 1
    two = dossier(READ.format("a") + READ.format("b") + READ.format("c"), reading())
    page = dossier_page(two, {name: png(SPINE_HEIGHT // 2) for name in "abc"})
    assert page.count("Straightened spine of") == 2


def test_a_broken_picture_is_a_users_error() -> None:
    made = dossier(READ.format("a"), reading())
    with pytest.raises(InputError, match="the picture beside a reading can be read"):
        dossier_page(made, {"a": b"no picture"})


def test_equal_dossiers_are_equal_bytes() -> None:
    one, other = (dossier_page(dossier(EQUIVOCAL), {}) for _ in range(2))
    assert to_pdf(one) == to_pdf(other)


def test_course_has_a_lane_for_each_kind_and_needs_two_days() -> None:
    course = dossier(INCLUDED + puncture() + mrm((0, 0, 0)) + patch()).course
    drawn = course_picture(course) or ""
    lanes = ("Symptoms", "Dural puncture", "MR myelography", "Treatment")
    assert [name for name in lanes if f">{name}<" in drawn] == list(lanes)
    assert "Cisternography" not in drawn
    assert drawn.count("<circle") == len(course)
    assert "2024-03-01" in drawn
    assert "2024-05-01" in drawn
    assert course_picture(dossier(ONSET).course) is None


@pytest.mark.parametrize(
    ("text", "words_of_it"),
    [
        ("", "No MR myelogram before any intervention is recorded."),
        (mrm((0, 0, 0)), "is negative by the paper's rule (no region of grade 1 or more)."),
        (mrm((0, 0, None)), "neither positive nor negative by the paper's rule and counts as"),
        (mrm((0, 2, 0)), "is positive by the paper's rule (a region of grade 1 or more)."),
    ],
)
def test_standing_in_a_sentence(text: str, words_of_it: str) -> None:
    assert words_of_it in words.standing_sentence(dossier(text).steps.mrm)


def test_rules_in_words() -> None:
    rules = shipped_rules()
    paper, _, _, schievink = rules.criteria
    assert words.clause_text(paper.rule, rules) == (
        "at least 2 of orthostatic headache, low opening pressure, diffuse pachymeningeal "
        "enhancement on brain MRI"
    )
    assert " or " in words.clause_text(schievink.rule, rules)
    assert (
        words.bands_text(rules)
        == "0\N{EN DASH}2 low, 3\N{EN DASH}4 intermediate, 5\N{EN DASH}9 high"
    )
    assert words.points_text(2, Answer.CANT_TELL) == "0 to 2"
    assert words.count_text(1, "input") == "1 input"
    assert words.since_text(-3) == "\N{MINUS SIGN}3"
    assert words.short_name("mine", "My own set") == "My own set"
    assert words.signs_text(None) == "not recorded"


def test_grades_of_a_reading_and_of_a_typed_examination() -> None:
    made = dossier(
        READ.format("a") + study("ctm", (0, 2, 0), "", "2024-04-03").replace(
            "grades = { cervical = 0, thoracic = 2, lumbar = 0 }", "extradural_csf = true"
        ),
        reading(),
    )  # fmt: skip
    shown = text_of(dossier_page(made, {}))
    assert "\N{GREATER-THAN OR EQUAL TO} grade 2" in shown
    assert "not assessable" in shown
    assert "CT myelography" in shown
