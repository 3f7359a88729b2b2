"""Readings to and from JSON, by the contract ``myeloscope.reading/1``.

Keys and their order follow the fields of the records in :mod:`myeloscope.domain.reading`; an enum
is its value, a position an array of three numbers (``null`` where the technique has no such axis).
Lengths, positions and measures are rounded to 4 decimals (0.1 um), scores to 6, settings not at
all, so that equal readings are equal bytes. Beyond DESIGN's example, ``findings`` carry
``evidence``, ``roots`` ``s_mm``, ``numbering`` ``formula`` and ``note``, ``quality`` ``measures``.
``reason``, ``frame`` and ``leak_score`` are left out where there is none, ``by_time`` and
``indirect_signs`` where the technique has none; every other key is always there.
"""

from __future__ import annotations

import json
import math
import sys
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from importlib import resources
from numbers import Integral, Real
from typing import Any, TypeAlias, Union, get_args, get_origin, get_type_hints

from myeloscope.domain.anatomy import Region
from myeloscope.domain.reading import SCHEMA, Reading
from myeloscope.errors import InputError, OutputError

_Any: TypeAlias = Any  # a record, type hint or decoded value, known by the record's hints only

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

DECIMALS = 4
SCORE_DECIMALS = 6
SCHEMA_FILE = "reading-1.schema.json"

_KEYS = (
    *("schema", "technique", "scale", "reader", "supersedes", "sources", "positive", "score"),
    *("regions", "findings", "indirect_signs", "sac", "roots", "numbering", "quality"),
    *("settings", "elapsed_s"),
)
_LEFT_OUT_WHEN_NONE = frozenset(
    {"reason", "frame", "derived", "by_time", "indirect_signs", "leak_score"}
)
_PLACES: Mapping[str, int | None] = {
    "settings": None,
    "score": SCORE_DECIMALS,
    "leak_score": SCORE_DECIMALS,
}


def reading_schema() -> dict[str, Json]:
    """Return the published JSON Schema (draft 2020-12) of a reading."""
    text = resources.files("myeloscope.domain").joinpath("schema", SCHEMA_FILE).read_text("utf-8")
    schema: dict[str, Json] = json.loads(text)
    return schema


def reading_to_json(reading: Reading) -> dict[str, Json]:
    """Return a reading as JSON values, keys in the contract's order.

    Raises
    ------
    OutputError
        If a number is not finite.
    """
    record = _encode_record(reading, "$")
    record |= {"schema": SCHEMA, "positive": reading.positive}
    return {key: record[key] for key in _KEYS if key in record}


def dumps(reading: Reading) -> str:
    """Return a reading as text: one line a finding, root and sac point; ends with a newline.

    Raises
    ------
    OutputError
        If a number is not finite.
    """
    blocks = (f"{json.dumps(key)}: {_block(v)}" for key, v in reading_to_json(reading).items())
    return "{" + ",\n ".join(blocks) + "}\n"


def loads(text: str | bytes) -> Reading:
    """Return the reading that a text of ``reading.json`` holds.

    Raises
    ------
    InputError
        If the text is not JSON or breaks the contract; says where by a JSON path.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _refused("a reading is a JSON text", error, "$") from error
    return reading_from_json(data)


def reading_from_json(data: Json) -> Reading:
    """Return the reading that JSON values stand for.

    Raises
    ------
    InputError
        With JSON path, value and rule, for a missing or unknown key, a value of another type or
        outside its enum, a number that is not finite, or values that contradict each other.
    """
    if not isinstance(data, dict):
        raise _refused("a reading is a JSON object", data, "$")
    if data.get("schema") != SCHEMA:
        raise _refused(f"schema is {SCHEMA}", data.get("schema"), "$.schema")
    if "positive" not in data:
        raise _refused("this key is required", "nothing", "$.positive")
    rest = {key: value for key, value in data.items() if key not in ("schema", "positive")}
    _check_regions(rest.get("regions"))
    reading: Reading = _decode(Reading, rest, "$")
    if data["positive"] is not reading.positive:
        rule = f"positive follows from the regions' grades ({json.dumps(reading.positive)})"
        raise _refused(rule, data["positive"], "$.positive")
    ids = [finding.id for finding in reading.findings]
    if twice := [i for i in ids if ids.count(i) > 1]:
        raise _refused("each finding has an id of its own", twice[0], "$.findings")
    return reading


def _check_regions(regions: Json) -> None:
    if isinstance(regions, dict):
        for region in Region:
            if region not in regions:
                raise _refused("this key is required", "nothing", f"$.regions.{region}")


def _refused(rule: str, value: object, place: str) -> InputError:
    shown = value if isinstance(value, Exception) else repr(value)
    return InputError(
        rule,
        value=str(shown)[:80],
        place=f"reading.json {place}",
        remedy="see the schema reading-1.schema.json",
    )


def _block(value: Json) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n  " + ",\n  ".join(_line(item) for item in value) + "]"
    return _line(value)


def _line(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _encode(value: _Any, path: str, decimals: int | None) -> Json:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        plain: Json = value.value
        return plain
    if isinstance(value, Real):
        return _encode_number(value, path, decimals)
    if isinstance(value, Mapping):
        keys = sorted(value, key=_key_order)
        return {str(k): _encode(value[k], f"{path}.{k}", decimals) for k in keys}
    if isinstance(value, tuple):
        return [_encode(item, f"{path}[{i}]", decimals) for i, item in enumerate(value)]
    return _encode_record(value, path) if is_dataclass(value) else str(value)


def _encode_number(value: Real, path: str, decimals: int | None) -> int | float:
    if isinstance(value, Integral):
        return int(value)
    number = float(value)
    if not math.isfinite(number):
        raise OutputError(
            "a number in a reading is finite",
            value=number,
            place=f"reading.json {path}",
            remedy="write null where there is no value",
        )
    # Adding 0.0 turns -0.0, which prints otherwise, into 0.0.
    return number if decimals is None else round(number, decimals) + 0.0


def _key_order(key: str) -> tuple[int, str]:
    """Order enum keys (regions) downward as declared, other keys by the alphabet."""
    return (list(Region).index(key), key) if isinstance(key, Region) else (0, key)


def _encode_record(record: _Any, path: str) -> dict[str, Json]:
    encoded: dict[str, Json] = {}
    for item in fields(record):
        value = getattr(record, item.name)
        if value is not None or item.name not in _LEFT_OUT_WHEN_NONE:
            places = _PLACES.get(item.name, DECIMALS)
            encoded[item.name] = _encode(value, f"{path}.{item.name}", places)
    return encoded


def _decode(hint: _Any, value: Json, path: str) -> _Any:
    if is_dataclass(hint):
        return _decode_record(hint, value, path)
    origin: object = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _decode_union(get_args(hint), value, path)
    if origin is tuple:
        return _decode_tuple(get_args(hint), value, path)
    if origin is Mapping:
        return _decode_mapping(get_args(hint), value, path)
    if issubclass(hint, Enum):
        return _decode_enum(hint, value, path)
    return _decode_scalar(hint, value, path)


@cache
def _hints(record: type) -> dict[str, Any]:
    return get_type_hints(record)


def _decode_record(record: _Any, value: Json, path: str) -> _Any:
    if not isinstance(value, dict):
        raise _refused("an object belongs here", value, path)
    known = {item.name: item for item in fields(record)}
    for key in value:
        if key not in known:
            raise _refused("no other keys than the contract's", key, path)
    for name, item in known.items():
        optional = item.default is not MISSING or item.default_factory is not MISSING
        if name not in value and not optional:
            raise _refused("this key is required", "nothing", f"{path}.{name}")
    hints = _hints(record)
    decoded = {key: _decode(hints[key], item, f"{path}.{key}") for key, item in value.items()}
    try:
        return record(**decoded)
    except ValueError as error:
        raise _refused("values of a record fit each other", error, path) from error


def _decode_union(options: tuple[_Any, ...], value: Json, path: str) -> _Any:
    kinds = [option for option in options if option is not types.NoneType]
    if value is None and len(kinds) < len(options):
        return None
    if len(kinds) == 1:
        return _decode(kinds[0], value, path)
    for kind in (bool, int, float, str):
        if kind in kinds and _is_scalar(kind, value):
            return _decode_scalar(kind, value, path)
    names = " or ".join(kind.__name__ for kind in kinds)
    raise _refused(f"a value of type {names} belongs here", value, path)


def _decode_tuple(args: tuple[_Any, ...], value: Json, path: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise _refused("an array belongs here", value, path)
    hints = (args[0],) * len(value) if args[-1] is Ellipsis else args
    if len(hints) != len(value):
        raise _refused(f"an array of {len(hints)} belongs here", value, path)
    pairs = enumerate(zip(hints, value, strict=True))
    return tuple(_decode(hint, item, f"{path}[{i}]") for i, (hint, item) in pairs)


def _decode_mapping(args: tuple[_Any, ...], value: Json, path: str) -> dict[Any, Any]:
    if not isinstance(value, dict):
        raise _refused("an object belongs here", value, path)
    key, item = args
    return {_decode(key, k, path): _decode(item, v, f"{path}.{k}") for k, v in value.items()}


def _decode_enum(enum: Callable[[object], Enum], value: Json, path: str) -> Enum:
    try:
        if isinstance(value, bool | float):
            raise ValueError(f"{value!r} is not a valid name or whole number")
        return enum(value)
    except ValueError as error:
        raise _refused("the value is one of a closed list", error, path) from error


def _is_scalar(kind: type, value: Json) -> bool:
    if isinstance(value, bool):
        return kind is bool
    if kind is float:
        return isinstance(value, int | float) and abs(value) <= sys.float_info.max
    return isinstance(value, kind)


def _decode_scalar(kind: type, value: Json, path: str) -> _Any:
    if not _is_scalar(kind, value):
        rule = "a finite number" if kind is float else f"a value of type {kind.__name__}"
        raise _refused(f"{rule} belongs here", value, path)
    return float(value) if kind is float and isinstance(value, int) else value
