"""Write the API's records as TypeScript, from the server's own OpenAPI.

``python -m viewer.records`` renews ``viewer/src/api/records.ts``; a test fails when it is stale.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from myeloscope.server.app import make_app
from myeloscope.server.site import make_site
from myeloscope.store.folder import open_store

TARGET = Path(__file__).parent / "src" / "api" / "records.ts"
NOTE = (
    "// Written by viewer/records.py from the server's OpenAPI; edit the server, not this file.\n"
)
PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean"}
LEFT_OUT = ("HTTPValidationError", "ValidationError")
Schema = Mapping[str, Any]


def type_of(schema: Schema) -> str:
    """Return a schema as a TypeScript type.

    Raises
    ------
    LookupError
        If the schema is of a form that the server does not use.
    """
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "enum" in schema:
        return " | ".join(_literal(value) for value in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(type_of(each) for each in schema["anyOf"])
    kind = schema.get("type")
    if kind == "null":
        return "null"
    if kind == "array":
        inner = type_of(schema["items"]) if "items" in schema else "number"
        return f"readonly ({inner})[]" if " " in inner else f"readonly {inner}[]"
    if kind == "object":
        return _mapping(schema)
    return PLAIN[str(kind)]


def _literal(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _mapping(schema: Schema) -> str:
    key = type_of(schema["propertyNames"]) if "propertyNames" in schema else "string"
    return f"Readonly<Partial<Record<{key}, {type_of(schema['additionalProperties'])}>>>"


def _record(name: str, schema: Schema) -> Iterator[str]:
    summary = str(schema.get("description", name)).split("\n", 1)[0].replace("``", "`")
    yield f"/** {summary} */"
    if "properties" not in schema:
        yield f"export type {name} = {type_of(schema)};"
        return
    required = schema.get("required", ())
    yield f"export interface {name} {{"
    for field, own in schema["properties"].items():
        yield f"  readonly {field}{'' if field in required else '?'}: {type_of(own)};"
    yield "}"


def records() -> str:
    """Return the text of ``records.ts``."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "data")
        schemas = make_app(make_site(store)).openapi()["components"]["schemas"]
        store.close()
    kept = (name for name in schemas if name not in LEFT_OUT and not name.startswith("Body_"))
    parts = ("\n".join(_record(name, schemas[name])) for name in kept)
    return NOTE + "\n" + "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    TARGET.write_text(records(), encoding="utf-8")
