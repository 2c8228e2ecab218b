"""The JSON Schema for editors, made from the models: `gongzhi packs schema > docs/packs.schema.json`."""

from collections.abc import Iterable
from typing import Any

from pydantic.json_schema import models_json_schema

from gongzhi.policy.schema import RESERVED, CataloguePart, PackPart, SectionsPart
from gongzhi.policy.schema_rules import CasePart

_TITLE = "Gongzhi policy pack: pack.yaml, clauses.yaml, cases.yaml, or a file with sections"


def json_schema() -> dict[str, Any]:
    names, schema = models_json_schema(
        [(model, "validation") for model in (PackPart, CataloguePart, SectionsPart, CasePart)],
        ref_template="#/$defs/{model}",
    )
    case = names[CasePart, "validation"]
    cases = {"type": "array", "items": case}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": _TITLE,
        "description": f"Reserved sections, refused until they come: {', '.join(RESERVED)}",
        "anyOf": [
            names[PackPart, "validation"],
            names[CataloguePart, "validation"],
            names[SectionsPart, "validation"],
            cases,
            {"type": "object", "properties": {"cases": cases}, "required": ["cases"], "additionalProperties": False},
        ],
        "$defs": _reached(schema["$defs"], names.values(), cases),
    }


def _reached(definitions: dict[str, Any], *starts: Any) -> dict[str, Any]:
    """The definitions that something refers to; the models' inner values are none of a pack author's concern."""
    queue, found = list(starts), set[str]()
    while queue:
        here = queue.pop()
        if isinstance(here, dict):
            name = str(here.get("$ref", "")).removeprefix("#/$defs/")
            if name in definitions and name not in found:
                found.add(name)
                queue.append(definitions[name])
            queue += here.values()
        elif isinstance(here, Iterable) and not isinstance(here, str):
            queue += here
    return {name: definitions[name] for name in sorted(found)}
