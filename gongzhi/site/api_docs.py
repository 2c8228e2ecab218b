"""The operations of the API as a page of the platform: in Chinese, without scripts, one part at a time.

Everything on it is read from the description that programs read, so that the two cannot differ.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

METHODS = {"get": "读", "post": "办", "patch": "改", "put": "改", "delete": "删"}
WHERE = {"path": "地址里", "query": "问号后", "header": "请求头"}
TYPES = {
    "string": "文字", "integer": "整数", "number": "数", "boolean": "是非", "array": "列表", "object": "对象",
    "null": "空", "date": "日期", "date-time": "时间", "binary": "文件",
}  # fmt: skip
DEEPEST, REFUSED = 3, 400


@dataclass(frozen=True)
class Entry:
    """One field or parameter. `depth`: how far inside the body it lies."""

    name: str
    type: str
    required: bool
    text: str
    where: str = ""
    depth: int = 0

    @property
    def indent(self) -> str:
        return "　" * self.depth


@dataclass(frozen=True)
class Operation:
    anchor: str
    method: str
    kind: str
    path: str
    summary: str
    description: str
    parameters: list[Entry]
    body: list[Entry]
    media: str
    answer: list[Entry]
    binary: bool
    problems: list[tuple[str, str]]


@dataclass(frozen=True)
class Part:
    name: str
    operations: list[Operation]


def parts_of(described: dict[str, Any]) -> list[Part]:
    """The parts in the order in which they first appear, each with its operations."""
    found: dict[str, list[Operation]] = {}
    schemas = described["components"]["schemas"]
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            found.setdefault(operation["tags"][0], []).append(_operation(path, method, operation, schemas))
    return [Part(name, operations) for name, operations in found.items()]


def _operation(path: str, method: str, operation: dict[str, Any], schemas: dict[str, Any]) -> Operation:
    answers = operation["responses"]
    media, body = _content(operation.get("requestBody", {}))
    kind, answer = _content(next(one for code, one in answers.items() if int(code) < REFUSED))
    return Operation(
        anchor=operation["operationId"],
        method=method.upper(),
        kind=METHODS[method],
        path=path,
        summary=operation["summary"],
        description=operation["description"].replace("`", ""),
        parameters=[_parameter(one, schemas) for one in operation["parameters"]],
        body=list(_fields(body, schemas)),
        media=media,
        answer=list(_fields(answer, schemas)),
        binary=kind == "*/*",
        problems=[(str(code), one["description"]) for code, one in answers.items() if int(code) >= REFUSED],
    )


def _content(holder: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Media type and schema of what is sent; nothing where nothing is."""
    found: dict[str, Any] = holder.get("content", {})
    return next(((media, one.get("schema", {})) for media, one in found.items()), ("", {}))


def _parameter(one: dict[str, Any], schemas: dict[str, Any]) -> Entry:
    schema = one.get("schema", {})
    words = one.get("description") or schema.get("description") or schema.get("title", "")
    return Entry(one["name"], _type(schema, schemas), one.get("required", False), words, WHERE[one["in"]])


def _fields(schema: dict[str, Any], schemas: dict[str, Any], depth: int = 0) -> Iterator[Entry]:
    """The fields of a body, and below each of an object its own, not deeper than a reader follows."""
    inner = _inner(schema, schemas)
    wanted = inner.get("required", ())
    for name, about in inner.get("properties", {}).items():
        yield Entry(name, _type(about, schemas), name in wanted, about.get("description", ""), depth=depth)
        if depth + 1 < DEEPEST:
            yield from _fields(about, schemas, depth + 1)


def _inner(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """The object that is meant: behind references, lists and what may be empty."""
    if "$ref" in schema:
        return _inner(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    for name in ("allOf", "anyOf"):
        for one in schema.get(name, ()):
            if one.get("type") != "null":
                return _inner(one, schemas)
    if schema.get("type") == "array":
        return _inner(schema.get("items", {}), schemas)
    return schema


def _type(schema: dict[str, Any], schemas: dict[str, Any]) -> str:
    if "$ref" in schema:
        return _type(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    several = [one for name in ("anyOf", "allOf") for one in schema.get(name, ())]
    if several:
        return "或".join(dict.fromkeys(_type(one, schemas) for one in several))
    kind = schema.get("type", "")
    if kind == "array":
        inner = _type(schema.get("items", {}), schemas)
        return f"{inner}的列表" if inner else "列表"
    return TYPES.get(schema.get("format", ""), "") or TYPES.get(kind, "任意")


class Described(DocsBase):
    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        described = api.get_openapi_schema()
        parts = parts_of(described)
        chosen = next((one for one in parts if one.name == request.GET.get("bufen")), None)
        context = {
            "nav": "api",
            "page_title": chosen.name if chosen is not None else "全部接口",
            "page_sub": f"{len(chosen.operations)}个接口" if chosen is not None else "给接入系统的开发人员",
            "parts": parts,
            "total": sum(len(one.operations) for one in parts),
            "part": chosen,
            "root": request.build_absolute_uri("/api/v1/"),
        }
        return render(request, "site/keys/operations.html", context)
