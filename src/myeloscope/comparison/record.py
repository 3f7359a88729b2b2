"""A comparison to JSON, by the contract ``myeloscope.comparison/1``."""

from __future__ import annotations

import json
from importlib import resources

from myeloscope.comparison.agreement import (
    LONG_DAYS,
    RESOLVED_MM,
    ROOTS_APART,
    SignAgreement,
    TwoTechniques,
)
from myeloscope.comparison.change import (
    BRIGHTNESS_FACTOR,
    EXTENT_MM,
    EXTENT_PART,
    FLUID_FACTOR,
    LARGEST_EXTENT_MM,
    NEXT_ROOT_MM,
    PATCH_DAYS,
    SAME_PLACE_MM,
    Comparison,
    Measured,
    SacChange,
    SignChange,
    day_of,
)
from myeloscope.comparison.course import Course, Visit
from myeloscope.comparison.doubt import CERTAIN, DOUBT, ROOT_MM
from myeloscope.comparison.registration import Registration
from myeloscope.domain.codec import Json
from myeloscope.domain.grade import Grade
from myeloscope.domain.reading import Finding, Reading

SCHEMA = "myeloscope.comparison/1"
SCHEMA_FILE = "comparison-1.schema.json"
USE = "Research use, not for clinical decisions."
SETTINGS: dict[str, Json] = {
    "same_place_mm": SAME_PLACE_MM,
    "extent_mm": EXTENT_MM,
    "extent_part": EXTENT_PART,
    "brightness_factor": BRIGHTNESS_FACTOR,
    "largest_extent_mm": LARGEST_EXTENT_MM,
    "next_root_mm": NEXT_ROOT_MM,
    "fluid_factor": FLUID_FACTOR,
    "doubt": DOUBT,
    "certain": CERTAIN,
    "root_mm": ROOT_MM,
    "patch_days": PATCH_DAYS,
    "roots_apart": ROOTS_APART,
    "resolved_mm": RESOLVED_MM,
    "long_days": LONG_DAYS,
}
"""The numbers that changes and agreement are judged by, all of them our own settings."""


def comparison_schema() -> dict[str, Json]:
    """Return the published JSON Schema (draft 2020-12) of a comparison."""
    folder = resources.files("myeloscope.comparison").joinpath("schema", SCHEMA_FILE)
    schema: dict[str, Json] = json.loads(folder.read_text("utf-8"))
    return schema


def dumps(course: Course, version: str) -> str:
    """Return a course as text; ends with a newline."""
    record = course_to_json(course, version)
    return json.dumps(record, indent=1, ensure_ascii=False) + "\n"


def course_to_json(course: Course, version: str) -> dict[str, Json]:
    """Return a course as JSON values, keys in the contract's order.

    Two examinations are one comparison; of more, ``comparisons`` holds each that was made.
    """
    made = [_follow_up(each) for each in course.follow_ups]
    made += [_agreement(each) for each in course.agreements]
    head: dict[str, Json] = {"schema": SCHEMA, "use": USE, "version": version}
    tail: dict[str, Json] = {
        "course": [_visit(visit) for visit in course.visits],
        "treatments": [
            {"kind": "epidural-blood-patch", "date": str(day)} for day in course.patches
        ],
        "settings": SETTINGS,
    }
    if len(made) == 1:
        return head | made[0] | tail
    comparisons: list[Json] = list(made)
    return head | {"kind": "course", "comparisons": comparisons} | tail


def _follow_up(comparison: Comparison) -> dict[str, Json]:
    fit = comparison.registration
    return {
        "kind": "follow-up",
        "before": _study(comparison.before),
        "after": _study(comparison.after),
        "interval_days": interval_days(comparison),
        "days_after_patch": comparison.days_after_patch,
        "cautions": [],
        "registration": None if fit is None else _registration(fit),
        "findings": [_sign(change) for change in comparison.signs],
        "regions": {
            change.region.value: {"before": _grade(change.before), "after": _grade(change.after)}
            for change in comparison.regions
        },
        "residual_sites": comparison.residual_sites,
        "sac": None if comparison.sac is None else _sac(comparison.sac),
    }


def _agreement(made: TwoTechniques) -> dict[str, Json]:
    """Return a comparison of two techniques; ``before`` is the one acquired first, else MRM."""
    turned = made.days is not None and made.days < 0
    pair = (made.ric, made.mrm) if turned else (made.mrm, made.ric)
    regions: dict[str, Json] = {}
    for read in made.regions:
        grades = (read.ric, read.mrm) if turned else (read.mrm, read.ric)
        regions[read.region.value] = {
            "before": _grade(grades[0]),
            "after": _grade(grades[1]),
            "agreement": read.agreement.value,
            "reason": read.reason,
        }
    return {
        "kind": "agreement",
        "before": _study(pair[0]),
        "after": _study(pair[1]),
        "interval_days": None if made.days is None else abs(made.days),
        "cautions": list(made.cautions),
        "findings": [_joined(sign, turned=turned) for sign in made.signs],
        "regions": regions,
    }


def _joined(sign: SignAgreement, *, turned: bool) -> Json:
    both = [None if f is None else _of_technique(f) for f in (sign.mrm, sign.ric)]
    before, after = reversed(both) if turned else both
    return {
        "kind": "leak",
        "segment": sign.segment,
        "side": sign.side.value,
        "region": sign.region.value,
        "agreement": sign.agreement.value,
        "reason": sign.reason,
        "roots_apart": sign.roots_apart,
        "before": before,
        "after": after,
    }


def _of_technique(finding: Finding) -> Json:
    return {
        "segment": finding.segment,
        "grade": _grade(finding.grade),
        "extent_mm": _rounded(finding.extent_mm),
        "reach_mm": _rounded(finding.reach_mm),
        "brightness": _rounded(finding.evidence.get("brightness")),
        "s_mm": None,
    }


def _visit(visit: Visit) -> Json:
    regions = visit.reading.regions
    grades: dict[str, Json] = {r.value: _grade(read.grade) for r, read in regions.items()}
    study = _study(visit.reading)
    return study | {
        "regions": grades,
        "sites": visit.sites,
        "days_after_patch": visit.days_after_patch,
    }


def _grade(grade: Grade | None) -> int | None:
    return None if grade is None else grade.value


def interval_days(comparison: Comparison) -> int | None:
    """Return the days from the earlier to the later examination, where both say theirs."""
    one, other = day_of(comparison.before), day_of(comparison.after)
    return None if one is None or other is None else (other - one).days


def _study(reading: Reading) -> dict[str, Json]:
    uids = sorted({source.study_uid for source in reading.sources})
    day = day_of(reading)
    return {
        "study_uid": uids[0] if uids else None,
        "date": str(day) if day else None,
        "technique": reading.technique.value,
        "positive": reading.positive,
        "reader": f"{reading.reader.id} {reading.reader.version}".strip(),
    }


def _registration(fit: Registration) -> Json:
    return {
        "offset_mm": round(fit.offset_mm, 2),
        "scale": round(fit.scale, 4),
        "error_mm": round(fit.error_mm, 2),
        "roots": fit.roots,
        "name_shift": fit.name_shift,
    }


def _sign(change: SignChange) -> Json:
    return {
        "kind": "leak",
        "segment": change.segment,
        "side": change.side.value,
        "change": change.change.value,
        "reason": change.reason,
        "s_mm": round(change.s_mm, 1),
        "before": _measured(change.before),
        "after": _measured(change.after),
    }


def _measured(sign: Measured | None) -> Json:
    if sign is None:
        return None
    return {
        "segment": sign.segment,
        "grade": sign.grade.value,
        "extent_mm": _rounded(sign.extent_mm),
        "reach_mm": _rounded(sign.reach_mm),
        "brightness": _rounded(sign.brightness),
        "s_mm": round(sign.s_mm, 1),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _sac(sac: SacChange) -> Json:
    return {
        "length_mm": round(sac.length_mm, 1),
        "width_before_mm": round(sac.width_before_mm, 2),
        "width_after_mm": round(sac.width_after_mm, 2),
        "volume_index_before_ml": round(sac.volume_index_before_ml, 1),
        "volume_index_after_ml": round(sac.volume_index_after_ml, 1),
    }
