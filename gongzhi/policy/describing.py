"""Packs and vocabulary as JSON, for people who write packs and for programs."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from gongzhi.policy.answer import plain
from gongzhi.policy.pack import Pack
from gongzhi.policy.units import UNIT_NAMES
from gongzhi.policy.values import TYPE_CHINESE
from gongzhi.policy.vocabulary import Fact, Question, Record, Type, Vocabulary

LISTS = ("questions", "events", "roles", "matters", "measures", "units")


def type_json(kind: Type) -> dict[str, Any]:
    found: dict[str, Any] = {"type": kind.kind, "title": TYPE_CHINESE[kind.kind]}
    if kind.unit:
        found["unit"] = kind.unit
    if kind.choices:
        found["choices"] = dict(zip(kind.choices, kind.labels or kind.choices, strict=True))
    if kind.item is not None:
        found["item"] = type_json(kind.item)
    return found


def fact_json(fact: Fact) -> dict[str, Any]:
    return {"name": fact.name, "says": fact.title, **type_json(fact.type), "open": fact.open}


def question_json(question: Question) -> dict[str, Any]:
    answer: Any
    if isinstance(question.answer, Record):
        answer = {
            "type": "record",
            "fields": [
                {"name": one.name, "says": one.title, **type_json(one.type), "optional": one.optional}
                for one in question.answer.fields
            ],
        }
    else:
        answer = type_json(question.answer)
    return {
        "name": question.name,
        "asks": question.asks,
        "kind": question.kind,
        "facts": [fact_json(one) for one in question.facts],
        "answer": answer,
        "default": plain(question.default),
        "notes": question.notes,
    }


def vocabulary_json(vocabulary: Vocabulary, only: tuple[str, ...] = LISTS) -> dict[str, Any]:
    found: dict[str, Any] = {
        "questions": [question_json(one) for one in vocabulary.questions.values()],
        "events": [
            {
                "name": one.name,
                "title": one.title,
                "subject": one.subject,
                "fields": {name: type_json(kind) for name, kind in one.fields.items()},
            }
            for one in vocabulary.events.values()
        ],
        "roles": [asdict(one) for one in vocabulary.roles.values()],
        "matters": [asdict(one) for one in vocabulary.matters.values()],
        "measures": [asdict(one) for one in vocabulary.measures.values()],
        "units": [*UNIT_NAMES, "period", "date", "text"],
    }
    return {name: found[name] for name in LISTS if name in only}


def vocabulary_text(vocabulary: Vocabulary, only: tuple[str, ...]) -> str:
    lines: list[str] = []
    if "questions" in only:
        for question in vocabulary.questions.values():
            lines.append(f"{question.name}  {question.asks}  → {_answer_text(question)}")
            lines += [f"    {fact.name}  {fact.title}  {_type_text(fact.type)}" for fact in question.facts]
            if question.notes:
                lines.append(f"    注：{question.notes}")
    if "events" in only:
        for event in vocabulary.events.values():
            fields = "、".join(f"{name} {_type_text(kind)}" for name, kind in event.fields.items())
            lines.append(f"{event.name}  {event.title}  （{event.subject}）  {fields}")
    if "roles" in only:
        lines += [f"{role.code}  {role.name}  {role.level}  {role.kind}" for role in vocabulary.roles.values()]
    if "matters" in only:
        lines += [
            f"{matter.code}  {matter.name}  {matter.nature}  {matter.group}" for matter in vocabulary.matters.values()
        ]
    if "measures" in only:
        lines += [f"{measure.name}  {measure.title}  {measure.unit}" for measure in vocabulary.measures.values()]
    if "units" in only:
        lines.append("、".join([*UNIT_NAMES, "period", "date", "text"]))
    return "\n".join(lines)


def _type_text(kind: Type) -> str:
    if kind.item is not None:
        return f"[{_type_text(kind.item)}]"
    if kind.choices:
        return " | ".join(kind.choices)
    return kind.kind + (f"（{kind.unit}）" if kind.kind == "number" else "")


def _answer_text(question: Question) -> str:
    if isinstance(question.answer, Record):
        return "{" + "，".join(f"{one.name} {_type_text(one.type)}" for one in question.answer.fields) + "}"
    return _type_text(question.answer)


def summary_json(pack: Pack) -> dict[str, Any]:
    own = [one for one in pack.clauses.values() if one.pack == pack.slug]
    rules = [rule for versions in pack.rules.values() for one in versions for rule in one if rule.pack == pack.slug]
    return {
        "pack": pack.slug,
        "title": pack.title,
        "status": pack.status,
        "chain": list(pack.chain),
        "hash": pack.hash,
        "clauses": len(own),
        "figures": sum(one.pack == pack.slug for one in pack.figures.values()),
        "switches": sum(one.pack == pack.slug for one in pack.switches.values()),
        "decisions": sum(rule.kind == "decision" for rule in rules),
        "formulas": sum(rule.kind == "formula" for rule in rules),
        "checks": sum(one.pack == pack.slug for rules in pack.check_rules.values() for one in rules),
        "duties": sum(one.pack == pack.slug for one in pack.duty_rules.values()),
        "cases": len(pack.cases),
    }


def pack_json(pack: Pack) -> dict[str, Any]:
    """The effective pack: what it holds, by whom it was written, and where."""
    head = pack.document
    return {
        **summary_json(pack),
        "document": head.document,
        "place": head.place,
        "prefix": head.prefix,
        "from": plain(head.from_on),
        "to": plain(head.to_on),
        "assumption": head.assumption,
        "clauses": [
            {
                "id": one.id,
                "where": one.where,
                "says": one.says,
                "kind": one.kind,
                "topic": one.topic,
                "strength": one.strength,
                "open": one.open,
                "pack": one.pack,
            }
            for one in pack.clauses.values()
        ],
        "figures": [
            {
                "name": one.name,
                "title": one.title,
                "unit": one.unit_text,
                "by": list(one.by),
                "values": [{"from": plain(since), "value": plain(value)} for since, value in one.versions],
                "clause": one.clause,
                "pack": one.pack,
                "at": f"{one.file}:{one.line}",
            }
            for one in pack.figures.values()
        ],
        "switches": [
            {
                "name": one.name,
                "title": one.title,
                **type_json(one.type),
                "says": one.title,
                "default": plain(one.default),
                "clauses": list(one.clauses),
                "pack": one.pack,
                "at": f"{one.file}:{one.line}",
            }
            for one in pack.switches.values()
        ],
        "terms": {kind: {code: term.name for code, term in terms.items()} for kind, terms in pack.terms.items()},
        "rules": _rules_json(pack),
        "checks": [
            {
                "record": record,
                "name": one.name,
                "outcome": one.outcome,
                "says": one.says,
                "clauses": list(one.clauses),
                "pack": one.pack,
                "at": f"{one.file}:{one.line}",
            }
            for record, rules in pack.check_rules.items()
            for one in rules
        ],  # fmt: skip
        "duties": [
            {"duty": name, "title": one.title, "after": list(one.after), "clauses": list(one.clauses), "pack": one.pack}
            for name, one in pack.duty_rules.items()
        ],
        "ladders": {name: [step.step for step in one.steps] for name, one in pack.ladders.items()},
        "windows": {name: {"act": one.act, "clauses": list(one.clauses)} for name, one in pack.windows.items()},
        "instruments": {name: asdict(one) for name, one in pack.instruments.items()},
        "calendar": sorted(pack.calendar.years),
    }


def _rules_json(pack: Pack) -> list[Mapping[str, Any]]:
    return [
        {
            "question": name,
            "kind": rule.kind,
            "hit": rule.hit,
            "rows": len(rule.rows),
            "from": plain(rule.from_on),
            "to": plain(rule.to_on),
            "else": "parent" if rule.falls else None,
            "clauses": sorted({clause for row in rule.rows for clause in row.clauses}),
            "pack": rule.pack,
            "at": f"{rule.file}:{rule.line}",
        }
        for name, layers in pack.rules.items()
        for versions in layers
        for rule in versions
    ]
