"""The whole dossier and its JSON."""

from __future__ import annotations

import json

import jsonschema
import pytest

from myeloscope.pathway.dossier import course_of, summary
from myeloscope.pathway.record import USE, dossier_schema, dossier_to_json, dumps
from tests.pathway.cases import (
    ONSET,
    cyst,
    dossier,
    leak,
    mrm,
    patch,
    patient,
    puncture,
    reading,
    study,
)

COLLECTION = "{ kind = 'epidural-collection', root = 'T4' }"
COURSE = (
    f"{ONSET}orthostatic_headache = true\nothers = ['tinnitus']\n"
    "[brain_mri]\ndate = 2024-03-05\npachymeningeal_enhancement = true\n"
    + puncture(pressure="60 mmH2O")
    + puncture("2024-03-21")
    + study("ric", (0, 2, 0), leak("T3", 2), "2024-03-20")
    + mrm((0, 2, None), ", ".join([leak("T3", 2), cyst("T9"), COLLECTION]))
    + "[[studies]]\ntechnique = 'ctm'\ndate = 2024-04-02\n"
    + patch("2024-05-01", "improved", "levels = ['T3/4']\nside = 'left'\nvolume = '15 mL'\n"
            "targeted = true\nresult_date = 2024-05-20")
    + patch("2024-06-01", extra="targeted = false")
    + patch("2024-07-01")
    + "[[treatments]]\nkind = 'surgery'\ndate = 2024-08-01\nresult = 'resolved'\n"
    + "[[leak_types]]\nscheme = 'farb-2019'\ntype = '4'\n"
    + "[[leak_types]]\nscheme = 'schievink-2016'\ntype = '2a'\ntechnique = 'ctm'\n"
    "date = 2024-04-02\n"
)  # fmt: skip


@pytest.mark.parametrize("text", ["", COURSE, mrm((0, 0, 0)), "age = 40\nsex = 'M'"])
def test_json_keeps_the_published_schema(text: str) -> None:
    schema = dossier_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    record = json.loads(dumps(dossier(text)))
    jsonschema.Draft202012Validator(schema).validate(record)
    assert record["use"] == USE


def test_json_of_a_reading_keeps_the_schema() -> None:
    made = dossier("[[studies]]\ntechnique = 'mrm'\nreading = 'x'", reading())
    record = dossier_to_json(made)
    jsonschema.Draft202012Validator(dossier_schema()).validate(record)
    assert record["examinations"] == [
        {
            "technique": "mrm", "date": "2024-04-01", "positive": True,
            "regions": {"cervical": 0, "thoracic": 2, "lumbar": None},
            "signs": [
                {"kind": "leak", "root": "T3", "side": "left", "grade": 2},
                {"kind": "epidural-collection", "root": "T4", "side": "left", "grade": None},
            ],
            "diverticula": [
                {"kind": "perineurial-cyst", "root": "T9", "side": "left", "size_mm": 10.0}
            ],
            "reading": "x", "reader": "myeloscope 1.0",
            "limits": list(made.patient.examinations[0].limits),
        }
    ]  # fmt: skip


def test_every_rule_that_json_names_has_its_sources_in_it() -> None:
    record = json.loads(dumps(dossier(COURSE)))

    def named(node: object) -> list[str]:
        if isinstance(node, dict):
            own = node.get("sources", [])
            found = list(own) if isinstance(own, list) else []
            return found + [name for value in node.values() for name in named(value)]
        return [name for item in node for name in named(item)] if isinstance(node, list) else []

    assert set(named(record)) <= set(record["sources"])
    assert all(item["sources"] for item in record["cautions"] + record["criteria"])


def test_missing_inputs_are_named_with_what_waits_for_them() -> None:
    made = dossier("[brain_mri]\ncontrast = false\n")
    waiting = {m.label: m for m in made.missing if m.needed_by}
    assert waiting["opening pressure"].needed_by == (
        "paper", "ichd3-7.2", "ichd3-7.2.3", "schievink2008",
    )  # fmt: skip
    assert waiting["suprasellar cistern"].needed_by == ("Bern score",)
    assert waiting["suprasellar cistern"].where == "[brain_mri] suprasellar"
    # Not seen without contrast is missing too.
    assert "pachymeningeal enhancement" in waiting
    gaps = [m.label for m in made.missing if not m.needed_by]
    assert gaps == [
        "age", "sex", "consent to research", "day of onset", "day of the brain MRI",
        "MR myelogram before any intervention",
    ]  # fmt: skip


def test_what_a_patch_lacks_is_missing() -> None:
    labels = [m.label for m in dossier(patch("2024-05-01") + puncture(level="")).missing]
    assert labels[-5:] == [
        "level of the lumbar puncture of 2024-03-20",
        "level of the patch of 2024-05-01",
        "volume of the patch of 2024-05-01",
        "whether the patch of 2024-05-01 was targeted",
        "result of the patch of 2024-05-01",
    ]


def test_the_course_is_in_order_and_counts_days_from_the_onset() -> None:
    events = course_of(patient(COURSE))
    assert [event.day for event in events] == sorted(event.day for event in events)
    told = [(event.since_onset, event.kind, event.text) for event in events]
    assert told[0] == (0, "symptoms", "onset")
    assert (4, "brain MRI", "contrast missing") in told
    assert (19, "dural puncture", "lumbar puncture, L3/4, opening pressure 60 mmH2O") in told
    assert (32, "CT myelography", "not graded, or can't tell") in told
    assert (
        61, "epidural blood patch",
        "T3/4, left, 15 mL, targeted, result improved on 2024-05-20",
    ) in told  # fmt: skip
    assert (92, "epidural blood patch", "volume missing, not targeted, result missing") in told
    assert told[-1] == (153, "surgery", "result resolved")
    assert course_of(patient(mrm((0, 0, 0))))[0].since_onset is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ("paper can't tell", "Bern score 0 to 9 of 9", "none before", "no option shown")),
        (
            f"{ONSET}orthostatic_headache = true\n[brain_mri]\npachymeningeal_enhancement = true\n"
            "venous_engorgement = false\nsubdural_collection = false\nsuprasellar = '6 mm'\n"
            "prepontine = '7 mm'\nmamillopontine = '8 mm'\n" + mrm((0, 1, 0)),
            (
                "paper met", "Bern score 2 of 9 (low)",
                "positive by the paper's rule, and equivocal (the highest grade is 1)",
                "3 options of the paper's pathway shown, none an order",
            ),
        ),
        (mrm((0, 0, 0)), ("MR myelogram: negative",)),
    ],
)  # fmt: skip
def test_summary(text: str, words: tuple[str, ...]) -> None:
    told = "\n".join(summary(dossier(text)))
    for part in words:
        assert part in told


def test_a_dossier_names_no_order() -> None:
    # Never an order: no sentence of the rules tells anybody to do something.
    record = dumps(dossier(COURSE)).lower()
    for word in ("should", "must be treated", "we recommend", "perform ", "give the patient"):
        assert word not in record.replace("whether a patch should be targeted", "")
