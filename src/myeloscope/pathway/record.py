"""A dossier to JSON, by the contract ``myeloscope.dossier/1``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import resources

from myeloscope.domain.codec import Json
from myeloscope.pathway.criteria import CriteriaAnswer
from myeloscope.pathway.dossier import Dossier
from myeloscope.pathway.patient import Examination, Patient
from myeloscope.pathway.rulebook import Option, Remark
from myeloscope.pathway.safety import Caution

SCHEMA = "myeloscope.dossier/1"
SCHEMA_FILE = "dossier-1.schema.json"
USE = "Research use, not for clinical decisions."


def dossier_schema() -> dict[str, Json]:
    """Return the published JSON Schema (draft 2020-12) of a dossier."""
    text = resources.files("myeloscope.pathway").joinpath("schema", SCHEMA_FILE).read_text("utf-8")
    schema: dict[str, Json] = json.loads(text)
    return schema


def dumps(dossier: Dossier) -> str:
    """Return a dossier as text; ends with a newline."""
    return json.dumps(dossier_to_json(dossier), indent=1, ensure_ascii=False) + "\n"


def dossier_to_json(dossier: Dossier) -> dict[str, Json]:
    """Return a dossier as JSON values, keys in the contract's order."""
    return {
        "schema": SCHEMA,
        "use": USE,
        "version": dossier.version,
        "rules": {"name": dossier.rules_name, "version": dossier.rules.version},
        "as_of": str(dossier.as_of),
        "patient": _patient(dossier.patient),
        "missing": [
            {"label": m.label, "where": m.where, "needed_by": list(m.needed_by)}
            for m in dossier.missing
        ],
        "criteria": [_criteria(answer) for answer in dossier.criteria],
        "bern": _bern(dossier),
        "examinations": [_examination(exam) for exam in dossier.patient.examinations],
        "cautions": [_caution(caution) for caution in dossier.cautions],
        "leak_types": _leak_types(dossier),
        "pathway": _pathway(dossier),
        "course": [
            {"date": str(e.day), "since_onset": e.since_onset, "kind": e.kind, "text": e.text}
            for e in dossier.course
        ],
        "sources": {
            name: {"cite": source.cite, "link": source.link or None, "seen": source.seen}
            for name, source in dossier.rules.sources.items()
        },
    }


def _patient(patient: Patient) -> Json:
    onset = patient.symptoms.onset
    return {
        "id": patient.id,
        "age": patient.age,
        "sex": patient.sex,
        "research_consent": patient.research_consent,
        "onset": str(onset) if onset else None,
        "other_symptoms": list(patient.symptoms.others),
    }


def _criteria(answer: CriteriaAnswer) -> Json:
    signs: list[Json] = [
        {
            "id": item.sign.id, "text": item.sign.text, "answer": item.answer.value,
            "said": item.said, "spine_imaging": item.sign.spine_imaging,
            "note": item.sign.note or None, "sources": list(item.sign.sources),
        }
        for item in answer.signs
    ]  # fmt: skip
    return {
        "id": answer.criteria.id,
        "name": answer.criteria.name,
        "with_spine_imaging": answer.with_imaging.value,
        "without_spine_imaging": answer.without_imaging.value,
        "clauses": [
            {
                "label": item.clause.label,
                "with_spine_imaging": item.with_imaging.value,
                "without_spine_imaging": item.without_imaging.value,
            }
            for item in answer.clauses
        ],
        "signs": signs,
        "note": answer.criteria.note or None,
        "sources": list(answer.criteria.sources),
    }


def _bern(dossier: Dossier) -> Json:
    score, rules = dossier.bern, dossier.rules.bern
    items: list[Json] = [
        {"text": i.sign.text, "points": i.points, "answer": i.answer.value, "said": i.said}
        for i in score.items
    ]
    return {
        "low": score.low,
        "high": score.high,
        "bands": list(score.bands),
        "meaning": rules.meaning,
        "items": items,
        "cautions": _remarks(rules.cautions),
        "sources": list(rules.sources),
    }


def _examination(exam: Examination) -> Json:
    regions: dict[str, Json] = {
        region.value: None if read.grade is None else read.grade.value
        for region, read in exam.regions.items()
    }
    signs: list[Json] = [
        {
            "kind": s.kind.value, "root": s.segment, "side": s.side.value,
            "grade": None if s.grade is None else s.grade.value,
        }
        for s in exam.signs or ()
    ]  # fmt: skip
    bulges: list[Json] = [
        {
            "kind": d.kind.value, "root": d.segment, "side": d.side.value,
            "size_mm": None if d.size_mm is None else round(d.size_mm, 1),
        }
        for d in exam.diverticula or ()
    ]  # fmt: skip
    return {
        "technique": exam.technique.value,
        "date": str(exam.day),
        "positive": exam.positive,
        "regions": regions,
        "signs": None if exam.signs is None else signs,
        "diverticula": None if exam.diverticula is None else bulges,
        "reading": exam.reading or None,
        "reader": exam.reader or None,
        "limits": list(exam.limits),
    }


def _caution(caution: Caution) -> Json:
    rule = caution.rule
    return {
        "id": rule.id,
        "title": rule.title,
        "text": rule.text,
        "because": list(caution.because),
        "settings": dict(rule.settings),
        "sources": list(rule.sources),
    }


def _leak_types(dossier: Dossier) -> Json:
    listed: list[Json] = []
    for kind in dossier.patient.leak_types:
        scheme = dossier.rules.schemes[kind.scheme]
        listed.append(
            {
                "scheme": scheme.name, "type": kind.code, "meaning": scheme.types[kind.code],
                "technique": kind.technique, "date": str(kind.day) if kind.day else None,
                "sources": list(scheme.sources),
            }
        )  # fmt: skip
    return listed


def _pathway(dossier: Dossier) -> Json:
    steps = dossier.steps
    standing = steps.mrm
    return {
        "mrm": {
            "date": str(standing.exam.day) if standing.exam else None,
            "positive_by_the_paper": standing.by_the_paper,
            "equivocal": list(standing.equivocal),
        },
        "states": list(steps.states),
        "withheld": list(steps.withheld),
        "by_imaging_only": steps.by_imaging_only,
        "options": [_option(option) for option in steps.options],
        "targeting": {**_option(steps.targeting), "title": steps.targeting.when},
        "contraindications": steps.contraindications,
    }


def _option(option: Option) -> dict[str, Json]:
    return {
        "id": option.id,
        "text": option.text,
        "sources": list(option.sources),
        "for": _remarks(option.evidence_for),
        "against": _remarks(option.evidence_against),
    }


def _remarks(remarks: Sequence[Remark]) -> list[Json]:
    return [{"text": remark.text, "sources": list(remark.sources)} for remark in remarks]
