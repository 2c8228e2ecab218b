"""From files to parts: one document's files read, typed, and every fault told with its line in Chinese."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from gongzhi.policy.problems import PackFault, Problem
from gongzhi.policy.schema import RESERVED, CataloguePart, ClausePart, PackPart, SectionsPart
from gongzhi.policy.schema_base import Part
from gongzhi.policy.schema_rules import CasePart
from gongzhi.policy.vocabulary import unknown
from gongzhi.policy.yaml_text import Block, Items, read_yaml

PACK_FILE, CLAUSES_FILE, CASES_FILE = "pack.yaml", "clauses.yaml", "cases.yaml"
P = TypeVar("P", bound=Part)

_TYPE_WORDS = {
    "list_type": "列表（- 项）",
    "tuple_type": "列表（- 项）",
    "dict_type": "映射（键: 值）",
    "model_type": "映射（键: 值）",
    "string_type": "文字",
}


@dataclass
class Sheet:
    """One document as written, before its words are checked. `dropped`: names whose own entry is at fault."""

    slug: str
    head: PackPart
    catalogue_source: str | None = None
    clauses: list[ClausePart] = field(default_factory=list)
    cases: list[CasePart] = field(default_factory=list)
    sections: list[SectionsPart] = field(default_factory=list)
    digest: bytes = b""
    raw: dict[int, Block] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)


class _Strange:
    """Receives the unknown keys that the parts find."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self.blocks: dict[int, Block] = {}

    def unknown_keys(self, part: type[Part], data: Any, keys: Sequence[str], known: Iterable[str]) -> None:
        for key in keys:
            file, line = (data.file, data.line_of(key)) if isinstance(data, Block) else ("", 0)
            if part is SectionsPart and key in RESERVED:
                message = f"“{key}”本版尚不支持"
            elif part is SectionsPart and key == "cases":
                message = "实例要写在 cases.yaml"
            else:
                message = unknown("键", key, known)
            self.problems.append(Problem(file, line, message))


def read_sheet(folder: Path) -> tuple[Sheet | None, list[Problem]]:
    slug = folder.name
    problems: list[Problem] = []
    digest = sha256()
    parts: dict[str, Any] = {}
    for path in sorted(folder.glob("*.yaml")):
        name = f"{slug}/{path.name}"
        value, faults = read_yaml(path, name)
        problems += faults
        if path.is_file():
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        if value is not None:
            parts[path.name] = value
    if PACK_FILE not in parts:
        if not problems:
            problems.append(Problem(f"{slug}/{PACK_FILE}", 1, "缺少 pack.yaml，写明文件名称、前缀、地点和状态"))
        return None, problems
    written = parts.pop(PACK_FILE)
    head = _part(PackPart, written, f"{slug}/{PACK_FILE}", problems)
    if head is None:
        head = _head_as_far_as_read(slug, written)
    elif head.to and head.from_ and head.to < head.from_:
        message = f"to（{head.to}）早于 from（{head.from_}），请检查日期"
        problems.append(Problem(head.file, head.line_of("to"), message))
    elif head.pack != slug:
        problems.append(Problem(head.file, head.line_of("pack"), f"pack 应与文件夹同名“{slug}”，现在是“{head.pack}”"))
    sheet = Sheet(slug, head, digest=digest.digest())
    _catalogue(sheet, parts.pop(CLAUSES_FILE, None), problems)
    _cases(sheet, parts.pop(CASES_FILE, None), problems)
    for name, value in parts.items():
        section, sound = _sound(SectionsPart, value, f"{slug}/{name}", sheet, problems)
        if section is not None:
            sheet.sections.append(section)
            sheet.raw[id(section)] = sound
    return sheet, problems


def _head_as_far_as_read(slug: str, written: Any) -> PackPart:
    """What is right in a faulty pack.yaml, so that the other files are not blamed for it."""
    plain = written if isinstance(written, Block) else {}
    text = {key: value for key, value in plain.items() if isinstance(value, str)}
    return PackPart.model_construct(
        pack=slug, title=slug, document=slug, prefix=text.get("prefix", ""), place=None, extends=text.get("extends"),
        status="draft", from_=None, to=None, source=text.get("source"), assumption=None,
    )  # fmt: skip


def _catalogue(sheet: Sheet, value: Any, problems: list[Problem]) -> None:
    name = f"{sheet.slug}/{CLAUSES_FILE}"
    if value is None:
        problems.append(Problem(name, 1, "缺少 clauses.yaml（条款目录）"))
        return
    catalogue, _ = _sound(CataloguePart, value, name, sheet, problems)
    if catalogue is not None:
        sheet.catalogue_source = catalogue.source
        sheet.clauses = catalogue.clauses


def _cases(sheet: Sheet, value: Any, problems: list[Problem]) -> None:
    name = f"{sheet.slug}/{CASES_FILE}"
    if value is None:
        return
    entries = value.get("cases") if isinstance(value, Block) else value
    if not isinstance(entries, Items):
        problems.append(Problem(name, 1, "cases.yaml 应是实例的列表（- id: …）"))
        return
    for index, entry in enumerate(entries):
        case = _part(CasePart, entry, name, problems, line=entries.lines[index])
        if case is not None:
            sheet.cases.append(case)


def _sound(model: type[P], value: Any, file: str, sheet: Sheet, problems: list[Problem]) -> tuple[P | None, Block]:
    """The part, without the entries that are at fault: the others are still checked, so that all is told at once."""
    if not isinstance(value, Block):
        problems.append(Problem(file, 1, "这里应写成映射（键: 值）"))
        return None, Block(file, 1)
    try:
        return model.model_validate(value, context=_Strange(problems)), value
    except ValidationError as error:
        faults = error.errors(include_url=False)
        problems += [_problem(one, value, file) for one in faults]
    rest = _without(value, [one["loc"] for one in faults], sheet)
    try:
        return model.model_validate(rest), rest
    except ValidationError:
        return None, rest


def _without(value: Block, locs: Iterable[tuple[int | str, ...]], sheet: Sheet) -> Block:
    faulty: dict[str, set[int | str]] = {}
    for loc in locs:
        entries = faulty.setdefault(str(loc[0]), set())
        if len(loc) > 1:
            entries.add(loc[1])
    rest = Block(value.file, value.line)
    rest.lines = value.lines
    for key, section in value.items():
        if key not in faulty:
            rest[key] = section
        elif faulty[key] and isinstance(section, Block | Items):
            rest[key] = _kept(section, faulty[key], sheet)
        elif isinstance(section, Block):
            sheet.dropped |= set(section)
    return rest


def _kept(section: Block | Items, faulty: set[int | str], sheet: Sheet) -> Block | Items:
    if isinstance(section, Block):
        block = Block(section.file, section.line)
        block.lines = section.lines
        block.update({name: one for name, one in section.items() if name not in faulty})
        for name in faulty:
            # Of terms the whole group is left out: its words are then not unknown.
            group = section.get(str(name)) if name in ("roles", "matters") else None
            sheet.dropped |= {str(name), *(group if isinstance(group, Block) else ())}
        return block
    items = Items(section.file, section.line)
    for index, one in enumerate(section):
        if index not in faulty:
            items.append(one)
            items.lines.append(section.lines[index])
        elif isinstance(one, Block) and isinstance(one.get("id"), str):
            sheet.dropped.add(one["id"])
    return items


def _part(model: type[P], value: Any, file: str, problems: list[Problem], line: int = 1) -> P | None:
    if not isinstance(value, Block):
        problems.append(Problem(file, line, "这里应写成映射（键: 值）"))
        return None
    strange = _Strange(problems)
    try:
        return model.model_validate(value, context=strange)
    except ValidationError as error:
        problems += [_problem(one, value, file) for one in error.errors(include_url=False)]
        return None


def _problem(error: Any, raw: Block, file: str) -> Problem:
    where, line, path = _locate(raw, error["loc"])
    fault = error.get("ctx", {}).get("error")
    prefix = f"{'.'.join(path)}：" if path else ""
    if isinstance(fault, PackFault):
        return Problem(fault.file or where or file, fault.line or line, prefix + fault.message)
    return Problem(where or file, line, prefix + _words(error, prefix))


def _locate(raw: Any, loc: tuple[int | str, ...]) -> tuple[str, int, list[str]]:
    """The line of an error. Parts of `loc` that are no key or index of the data (names of unions) are passed over."""
    here, file, line = raw, raw.file, raw.line
    path: list[str] = []
    for step in loc:
        if isinstance(here, Block) and isinstance(step, str) and step in here:
            line, here = here.line_of(step), here[step]
            path.append(step)
        elif isinstance(here, Items) and isinstance(step, int) and step < len(here):
            line, here = here.lines[step], here[step]
    return file, line, path[-2:]


def _words(error: Any, prefix: str) -> str:
    kind, value = error["type"], error.get("input")
    shown = value if isinstance(value, str) else "列表" if isinstance(value, list) else "映射"
    if kind == "missing":
        return f"缺少“{error['loc'][-1]}”"
    if kind == "literal_error":
        allowed = [one.strip(" '") for one in error["ctx"]["expected"].replace(" or ", ", ").split(",")]
        return unknown("值", str(shown), allowed) + f"；可用：{'、'.join(allowed)}"
    if kind in _TYPE_WORDS:
        return f"这里应写成{_TYPE_WORDS[kind]}，现在是“{shown}”"
    if kind == "string_pattern_mismatch":
        return f"“{shown}”写法不对，应符合 {error['ctx']['pattern']}"
    if kind == "string_too_short":
        return "不能是空的" if not value else f"“{shown}”太短，至少 {error['ctx']['min_length']} 个字"
    if kind == "string_too_long":
        return f"“{shown}”太长，最多 {error['ctx']['max_length']} 个字"
    return f"“{shown}”不合要求（{error['msg']}）"
