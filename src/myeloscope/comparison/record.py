"""A comparison to JSON, by the contract ``myeloscope.comparison/1``."""

from __future__ import annotations

import json
from importlib import resources

from myeloscope.comparison.change import (
    BRIGHTNESS_FACTOR,
    DOUBT,
    EXTENT_MM,
    EXTENT_PART,
    LARGEST_EXTENT_MM,
    PATCH_DAYS,
    SAME_PLACE_MM,
    Comparison,
    Measured,
    SacChange,
    SignChange,
    day_of,
)
from myeloscope.comparison.registration import Registration
from myeloscope.domain.codec import Json
from myeloscope.domain.reading import Reading

SCHEMA = "myeloscope.comparison/1"
SCHEMA_FILE = "comparison-1.schema.json"
USE = "Research use, not for clinical decisions."
SETTINGS: dict[str, Json] = {
    "same_place_mm": SAME_PLACE_MM,
    "extent_mm": EXTENT_MM,
    "extent_part": EXTENT_PART,
    "brightness_factor": BRIGHTNESS_FACTOR,
    "largest_extent_mm": LARGEST_EXTENT_MM,
    "doubt": DOUBT,
    "patch_days": PATCH_DAYS,
}
"""The numbers a change is judged by, all of them our own settings."""


def comparison_schema() -> dict[str, Json]:
    """Return the published JSON Schema (draft 2020-12) of a comparison."""
    folder = resources.files("myeloscope.comparison").joinpath("schema", SCHEMA_FILE)
    schema: dict[str, Json] = json.loads(folder.read_text("utf-8"))
    return schema


def dumps(comparison: Comparison, version: str) -> str:
    """Return a comparison as text; ends with a newline."""
    record = comparison_to_json(comparison, version)
    return json.dumps(record, indent=1, ensure_ascii=False) + "\n"


def comparison_to_json(comparison: Comparison, version: str) -> dict[str, Json]:
    """Return a comparison as JSON values, keys in the contract's order."""
    fit = comparison.registration
    return {
        "schema": SCHEMA,
        "use": USE,
        "version": version,
        "kind": "follow-up",
        "before": _study(comparison.before),
        "after": _study(comparison.after),
        "interval_days": interval_days(comparison),
        "days_after_patch": comparison.days_after_patch,
        "registration": None if fit is None else _registration(fit),
        "findings": [_sign(change) for change in comparison.signs],
        "regions": {
            change.region.value: {
                "before": None if change.before is None else change.before.value,
                "after": None if change.after is None else change.after.value,
            }
            for change in comparison.regions
        },
        "residual_sites": comparison.residual_sites,
        "sac": None if comparison.sac is None else _sac(comparison.sac),
        "settings": SETTINGS,
    }


def interval_days(comparison: Comparison) -> int | None:
    """Return the days from the earlier to the later examination, where both say theirs."""
    one, other = day_of(comparison.before), day_of(comparison.after)
    return None if one is None or other is None else (other - one).days


def _study(reading: Reading) -> Json:
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
