"""Which clauses are carried by which rules, and which tests that passed prove them. It claims no more than that."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gongzhi.policy.pack import Packs
from gongzhi.policy.schema_base import Part

RECORD = Path("var") / "clauses-passed.json"

_KINDS = {
    "figures": "figure",
    "switches": "switch",
    "decisions": "decision",
    "formulas": "formula",
    "checks": "check",
    "duties": "duty",
    "ladders": "ladder",
    "windows": "window",
    "instruments": "instrument",
    "registers": "register",
    "patrols": "patrol",
}
KIND_CHINESE = {
    "figure": "参数",
    "switch": "配置",
    "term": "名称",
    "decision": "决定",
    "formula": "公式",
    "check": "检查",
    "duty": "职责",
    "ladder": "阶梯",
    "window": "窗口",
    "instrument": "文书",
    "register": "登记簿",
    "patrol": "巡查安排",
}


@dataclass(frozen=True, slots=True)
class Carrier:
    """A part of a pack that names a clause as its ground."""

    clause: str
    kind: str
    name: str
    pack: str
    file: str
    line: int

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "name": self.name, "pack": self.pack, "at": f"{self.file}:{self.line}"}


def carriers(slug: str, sections: Iterable[Any]) -> tuple[Carrier, ...]:
    found: dict[tuple[str, str, str, str, int], Carrier] = {}
    for section in sections:
        for kind, name, part in _named(section):
            for clause, line in _grounds(part, name):
                carrier = Carrier(clause, kind, line[0], slug, part.file, line[1])
                found.setdefault((clause, kind, line[0], part.file, line[1]), carrier)
    return tuple(found.values())


def _named(section: Any) -> Iterator[tuple[str, str, Part]]:
    for field, kind in _KINDS.items():
        parts = getattr(section, field)
        if isinstance(parts, dict):
            yield from ((kind, name, part) for name, part in parts.items())
        else:
            for part in parts:
                yield kind, _name(part), part
    for parts in (section.terms.roles, section.terms.matters):
        yield from (("term", name, part) for name, part in parts.items())


def _name(part: Part) -> str:
    return next(str(getattr(part, key)) for key in ("name", "question", "duty", "window") if hasattr(part, key))


def _grounds(part: Part, name: str) -> Iterator[tuple[str, tuple[str, int]]]:
    """Each clause that the part or a part inside it names, with what to call it and its line."""
    one = getattr(part, "clause", None)
    if isinstance(one, str):
        yield one, (name, part.line)
    for clause in getattr(part, "clauses", ()):
        yield clause, (name, part.line)
    for inner in type(part).model_fields:
        value = getattr(part, inner)
        if isinstance(value, Part):
            yield from _grounds(value, name)
        elif isinstance(value, list):
            for number, child in enumerate(value, start=1):
                if isinstance(child, Part):
                    yield from _grounds(child, f"{name} 第{number}行" if inner == "rows" else name)


def coverage(packs: Packs, root: Path) -> dict[str, Any]:
    """Each clause of every catalogue with its carriers and the passed tests; totals a pack and in all."""
    tests, run = _passed(root)
    carried: dict[str, list[Carrier]] = {}
    for pack in packs:
        for carrier in pack.carriers:
            carried.setdefault(carrier.clause, []).append(carrier)
    documents: list[dict[str, Any]] = []
    known: set[str] = set()
    for pack in packs:
        own = [clause for clause in pack.clauses.values() if clause.pack == pack.slug]
        known |= {clause.id for clause in own}
        rows = [
            {
                "id": clause.id,
                "where": clause.where,
                "says": clause.says,
                "topic": clause.topic,
                "strength": clause.strength,
                "at": f"{clause.file}:{clause.line}",
                # A name for a role says who is meant; it does nothing that the clause demands.
                "carried": any(one.kind != "term" for one in carried.get(clause.id, [])),
                "proved": bool(tests.get(clause.id)),
                "carriers": [one.to_json() for one in carried.get(clause.id, [])],
                "tests": tests.get(clause.id, []),
            }
            for clause in own
        ]
        documents.append({"pack": pack.slug, "title": pack.title, **_totals(rows), "clauses": rows})
    everything = [row for document in documents for row in document["clauses"]]
    return {
        "totals": _totals(everything),
        "tests_run": run,
        "unknown_in_tests": sorted(set(tests) - known),
        "packs": documents,
    }


def _totals(rows: list[dict[str, Any]]) -> dict[str, int]:
    return {
        "count": len(rows),
        "carried": sum(row["carried"] for row in rows),
        "proved": sum(row["proved"] for row in rows),
        "carried_and_proved": sum(row["carried"] and row["proved"] for row in rows),
        "neither": sum(not row["carried"] and not row["proved"] for row in rows),
    }


def _passed(root: Path) -> tuple[dict[str, list[str]], dict[str, Any] | None]:
    """What the last test run wrote down; without it no clause counts as proved."""
    try:
        content = json.loads((root / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}, None
    clauses = content.get("clauses", content)
    tests = {name: [str(one) for one in ids] for name, ids in clauses.items() if isinstance(ids, list) and ids}
    return tests, {key: content.get(key) for key in ("run_at", "commit")}


def as_text(report: dict[str, Any]) -> str:
    totals, run = report["totals"], report["tests_run"]
    lines = [
        f"条款 {totals['count']} 条；有规则承载 {totals['carried']} 条；有测试证明 {totals['proved']} 条；"
        f"两者都有 {totals['carried_and_proved']} 条；两者都没有 {totals['neither']} 条"
    ]
    lines.append(
        f"测试记录：{run['run_at']}，提交 {run['commit']}" if run else "没有测试记录（先运行 make test），都按未证明计"
    )
    for document in report["packs"]:
        lines.append("")
        lines.append(
            f"{document['pack']} {document['title']}：{document['count']} 条，承载 {document['carried']}，"
            f"证明 {document['proved']}，都没有 {document['neither']}"
        )
        for row in document["clauses"]:
            mark = ("承载" if row["carried"] else "    ") + " " + ("证明" if row["proved"] else "    ")
            what = "、".join(
                dict.fromkeys(f"{KIND_CHINESE[one['kind']]} {one['name']}（{one['at']}）" for one in row["carriers"])
            )
            tests = f"；测试 {len(row['tests'])} 项" if row["tests"] else ""
            lines.append(f"  {mark}  {row['id']}  {row['where']}  {what}{tests}")
    if report["unknown_in_tests"]:
        lines += ["", "测试里写了目录中没有的条款：" + "、".join(report["unknown_in_tests"])]
    return "\n".join(lines)
