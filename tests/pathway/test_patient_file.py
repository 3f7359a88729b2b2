"""``PATIENT.toml``: what it may say, and each slip's own message."""

from __future__ import annotations

import datetime

import pytest

from myeloscope.domain.anatomy import Segment, Side
from myeloscope.errors import InputError
from myeloscope.pathway.patient import ExamTechnique, LeakType, Outcome, TreatmentKind
from tests.pathway.cases import ONSET, cyst, leak, mrm, patch, patient, puncture, study

WHOLE = f"""
age = 40
sex = "F"
[consent]
research = true
date = 2024-03-02
{ONSET}
orthostatic_headache = true
temporal_relation = true
better_explained = false
procedure_or_trauma = false
others = ["tinnitus"]
[brain_mri]
date = 2024-03-05
contrast = true
pachymeningeal_enhancement = true
venous_engorgement = false
subdural_collection = false
brain_sagging = true
suprasellar = "3.4 mm"
prepontine = "0.4 mm"
mamillopontine = "7 mm"
distances_confirmed = true
{puncture(pressure="50 mmH2O")}
{mrm((0, 2, 0), leak("T3", 2))}
[[treatments]]
kind = "ebp"
date = 2024-05-01
levels = ["T3/4"]
side = "left"
volume = "15 mL"
targeted = true
result = "improved"
result_date = 2024-06-01
[[treatments]]
kind = "conservative"
date = 2024-03-10
[[leak_types]]
scheme = "schievink-2016"
type = "2a"
technique = "ctm"
date = 2024-04-20
"""


def test_a_whole_file() -> None:
    read = patient(WHOLE)
    assert (read.id, read.age, read.sex, read.research_consent) == ("P1", 40, "F", True)
    assert read.symptoms.headache is True
    assert read.symptoms.others == ("tinnitus",)
    assert read.brain_mri.suprasellar is not None
    assert read.brain_mri.suprasellar.value == 3.4
    assert read.punctures[0].segment is Segment.L3
    conservative, ebp = read.treatments
    assert conservative.kind is TreatmentKind.CONSERVATIVE
    assert (ebp.side, ebp.volume_ml, ebp.targeted, ebp.outcome) == (
        Side.LEFT, 15.0, True, Outcome.IMPROVED,
    )  # fmt: skip
    day = datetime.date(2024, 4, 20)
    assert read.leak_types == (LeakType("schievink-2016", "2a", ExamTechnique.CTM, day),)


def test_what_is_left_out_is_none_and_never_no() -> None:
    read = patient("")
    assert read.symptoms.headache is None
    assert read.brain_mri.pachymeningeal_enhancement is None
    assert not any((read.examinations, read.treatments, read.punctures))


def test_no_headache_is_no_orthostatic_one_either() -> None:
    assert patient("[symptoms]\nheadache = false").symptoms.orthostatic_headache is False


def test_cisternography_needs_a_puncture_even_where_nobody_recorded_it() -> None:
    ric = study("ric", (0, 1, 0), "", "2024-04-01")
    implied = patient(ric).punctures
    assert [(p.purpose, p.segment) for p in implied] == [("radioisotope cisternography", None)]
    recorded = patient(ric + puncture("2024-04-01")).punctures
    assert [p.purpose for p in recorded] == ["lumbar puncture"]
    assert patient(mrm((0, 0, 0))).punctures == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[symptoms]\nonset = 2024-02-30", "a patient is written in TOML, with dates"),
        ("[symptoms]\nonset = '1.3.2024'", "a date is a day of the calendar; found '1.3.2024'"),
        ("[symptoms]\nonset = 1824-03-01", "a day lies after 1900"),
        ("[symptoms]\nonset = 2025-03-01", "no day lies after that of the dossier"),
        (ONSET + patch("2024-02-01"), "no treatment comes before the symptoms"),
        (
            patch("2024-05-01", "improved", "result_date = 2024-04-01"),
            "no result comes before its treatment",
        ),
        (puncture(pressure="60 kPa"), "the unit is known; found 'kPa'"),
        (puncture(pressure="9 mmH2O"), "mm H2O are not mmHg or cm H2O"),
        ("[brain_mri]\nsuprasellar = '34 mm'", "the distances of the brain's cisterns"),
        ("[brain_mri]\nprepontine = '0.5 mm'", "looks like one in cm"),
        ("[brain_mri]\nmamillopontine = 6.5", "a quantity carries its unit"),
        (
            "[brain_mri]\ncontrast = false\npachymeningeal_enhancement = false",
            "enhancement is seen with contrast only",
        ),
        (
            "[symptoms]\nheadache = false\northostatic_headache = true",
            "an orthostatic headache is a headache",
        ),
        ("age = 140", "an age lies between 0 and 120 years"),
        ("sex = 'female'", "one of F, M, other"),
        ("name = 'X'", "a dossier names nobody"),
        ("[[punctures]]\npurpose = 'x'", "a puncture has a date"),
        (puncture(level="lumbar"), "a level is two vertebrae or one"),
        ("[[treatments]]\nkind = 'ebp'", "a treatment has a date"),
        (patch(extra='levels = ["mid thoracic"]'), "a level is two vertebrae or one"),
        (patch(extra="volume = '900 mL'"), "a blood patch has above 0 and at most 150 mL"),
        ("[[leak_types]]\ntype = '4'", "the same number has two meanings"),
        ("[[leak_types]]\nscheme = 'farb-2019'\ntype = '1a'", "found '1a'"),
        ("[symptomes]\nonset = 2024-03-01", "did you mean 'symptoms'"),
        ("[[studies]]\ntechnique = 'mrm'", "an examination has a date"),
        (
            "[[studies]]\ntechnique = 'mri'\ndate = 2024-01-01",
            "technique: the value is one of a closed list; found 'mri'",
        ),
        (mrm((0, 4, 0)), "a grade is 0, 1, 2, 3 or 'not assessable'"),
        (mrm((0, 0, 0), leak("T3", 2)), "a region's grade is the highest of its findings"),
        (mrm((0, 2, 0), leak("T3", 0)), "a sign of a leak has a grade of 1, 2 or 3"),
        (
            mrm((0, 2, 0), leak("T14", 2)),
            "a root is one of C1 to C8, T1 to T13, L1 to L6, S1 to S5; found 'T14'",
        ),
        (mrm((0, 0, 0), cyst("T9", "0 mm")), "a size is above 0"),
    ],
)
def test_each_slip_has_its_message(text: str, words: str) -> None:
    with pytest.raises(InputError, match=r"P1\.toml") as caught:
        patient(text)
    assert words in str(caught.value)
