"""From parts to what the engine uses: figures, switches, clauses, terms and instruments, with their ancestors'."""

import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from gongzhi.policy.binding import Names
from gongzhi.policy.pack import Clause, Document, Figure, Instrument, Pack, Switch, Term
from gongzhi.policy.problems import PackFault, Problem
from gongzhi.policy.reading import Sheet
from gongzhi.policy.schema import FigurePart, SwitchPart
from gongzhi.policy.schema_base import Part, parse_date, parse_number, parse_period
from gongzhi.policy.schema_clocks import InstrumentPart
from gongzhi.policy.units import unit
from gongzhi.policy.values import Words, typed_switch
from gongzhi.policy.vocabulary import (
    BOOL,
    COUNT,
    LIST,
    PERIOD,
    RATIO,
    ROLE,
    TEXT,
    Enum,
    Matter,
    Role,
    Type,
    Vocabulary,
    nearest,
)
from gongzhi.policy.vocabulary import unknown as unknown_word
from gongzhi.policy.yaml_text import Block

T = TypeVar("T")
_UNKNOWN = re.compile("未知的[^“]*“([^”]*)”")
_PLAIN_FIGURES = {"period": parse_period, "date": parse_date, "text": str}
_SWITCH_TYPES: dict[str, Type] = {
    "bool": BOOL,
    "period": PERIOD,
    "count": COUNT,
    "ratio": RATIO,
    "role": ROLE,
    "roles": LIST(ROLE),
    "text": TEXT,
    "area": Type("number", unit="m2"),
    "money": Type("number", unit="yuan"),
}


@dataclass
class Draft:
    """One document on its way to a Pack. `parent` its ancestor, already assembled."""

    sheet: Sheet
    parent: "Draft | None"
    vocabulary: Vocabulary
    problems: list[Problem]
    figures: dict[str, Figure] = field(default_factory=dict)
    switches: dict[str, Switch] = field(default_factory=dict)
    clauses: dict[str, Clause] = field(default_factory=dict)
    terms: dict[str, dict[str, Term]] = field(default_factory=lambda: {"roles": {}, "matters": {}})
    roles: dict[str, Role] = field(default_factory=dict)
    matters: dict[str, Matter] = field(default_factory=dict)
    instruments: dict[str, Instrument] = field(default_factory=dict)
    pack: Pack | None = None
    own_figures: bool = False
    faulty: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.faulty |= self.sheet.dropped

    @property
    def slug(self) -> str:
        return self.sheet.slug

    @property
    def chain(self) -> "list[Draft]":
        return [self, *(self.parent.chain if self.parent else [])]

    def report(self, file: str, line: int, message: str) -> None:
        # A name whose own entry is at fault is told there; that it is then unknown elsewhere is no second fault.
        word = _UNKNOWN.search(message)
        if word and any(word[1] in draft.faulty for draft in self.chain):
            return
        self.problems.append(Problem(file or f"{self.slug}/pack.yaml", line, message))

    def names(self) -> Names:
        return Names(self.figures, self.switches, self.clauses, Words(self.roles, self.matters), self.report)

    def entries(self, section: str) -> Iterable[tuple[str, Any]]:
        """The named parts of a section over all files; a name defined twice is a fault."""
        seen: dict[str, Part] = {}
        for part in self.sheet.sections:
            named: Mapping[str, Part] = getattr(part, section)
            for name, value in named.items():
                if name in seen:
                    first = seen[name]
                    self.report(value.file, value.line, f"名称“{name}”重复，前一处在 {first.file}:{first.line}")
                    continue
                seen[name] = value
                yield name, value

    def listed(self, section: str) -> Iterable[Any]:
        for part in self.sheet.sections:
            yield from getattr(part, section)

    def override(self, part: Any, name: str, inherited: Mapping[str, Any], *, what: str) -> None:
        """A name of an ancestor may be defined again only by saying whose it was."""
        line = part.line_of("overrides")
        if name not in inherited:
            if part.overrides:
                self.report(part.file, line, f"上级文件没有{what}“{name}”，不必写 overrides")
            return
        owner = inherited[name].pack
        if not part.overrides:
            hint = f"确要改写，请加 overrides: {owner}"
            self.report(part.file, part.line, f"上级文件（{owner}）已有{what}“{name}”；{hint}")
        elif part.overrides != owner:
            self.report(part.file, line, f"{what}“{name}”由 {owner} 规定，overrides 应写 {owner}")


def assemble(draft: Draft) -> None:
    """Fills the draft's names: the ancestors' and its own."""
    parent = draft.parent
    draft.roles = dict(parent.roles if parent else draft.vocabulary.roles)
    draft.matters = dict(parent.matters if parent else draft.vocabulary.matters)
    if parent:
        draft.terms = {kind: dict(terms) for kind, terms in parent.terms.items()}
        draft.clauses, draft.figures = dict(parent.clauses), dict(parent.figures)
        draft.switches, draft.instruments = dict(parent.switches), dict(parent.instruments)
    _place(draft)
    _clauses(draft)
    _terms(draft)
    inherited = dict(draft.figures)
    for name, part in draft.entries("figures"):
        draft.override(part, name, inherited, what="参数")
        draft.own_figures = draft.own_figures or name in inherited
        figure = _kept(draft, part, name, lambda part=part, name=name: _figure(draft, name, part))
        if figure is not None:
            if name in inherited and inherited[name].unit_text != figure.unit_text:
                draft.report(part.file, part.line_of("unit"), f"改写的参数单位应仍是 {inherited[name].unit_text}")
            draft.figures[name] = figure
    known = dict(draft.switches)
    for name, part in draft.entries("switches"):
        draft.override(part, name, known, what="配置")
        switch = _kept(draft, part, name, lambda part=part, name=name: _switch(draft, name, part))
        if switch is not None:
            draft.switches[name] = switch
    issued = dict(draft.instruments)
    for name, part in draft.entries("instruments"):
        draft.override(part, name, issued, what="文书")
        draft.instruments[name] = _instrument(draft, name, part)


def _place(draft: Draft) -> None:
    """The division where it holds is one that the platform knows."""
    head, places = draft.sheet.head, draft.vocabulary.places
    if places is not None and head.place is not None and head.place not in places:
        near = nearest(head.place, places)
        hint = f"，是否想写“{near}”（{places[near]}）" if near else ""
        message = f"未知的地区代码“{head.place}”{hint}；新的县区要先写进 divisions/divisions.csv"
        draft.report(head.file or f"{draft.slug}/pack.yaml", head.line_of("place"), message)


def document(sheet: Sheet) -> Document:
    head = sheet.head
    return Document(
        sheet.slug,
        head.title,
        head.document,
        head.prefix,
        head.place,
        head.extends,
        head.status,
        head.from_,
        head.to,
        head.source or sheet.catalogue_source,
        head.assumption,
    )


def _kept(draft: Draft, part: Part, name: str, build: Any) -> Any:
    try:
        return build()
    except PackFault as fault:
        draft.report(fault.file or part.file, fault.line or part.line, fault.message)
        draft.faulty.add(name)
        return None


def _clauses(draft: Draft) -> None:
    prefix = draft.sheet.head.prefix
    for part in draft.sheet.clauses:
        if part.id in draft.clauses:
            first = draft.clauses[part.id]
            draft.report(part.file, part.line_of("id"), f"条款编号“{part.id}”重复，前一处在 {first.file}:{first.line}")
            continue
        if draft.sheet.head.extends and not part.id.startswith(f"{prefix}-"):
            draft.report(part.file, part.line_of("id"), f"条款编号“{part.id}”应以 {prefix}- 开头")
        draft.clauses[part.id] = Clause(
            part.id,
            part.where,
            part.says,
            part.kind,
            part.topic,
            part.strength,
            part.accept or "",
            part.open or "",
            part.anchor or "",
            draft.slug,
            part.file,
            part.line,
            part.source or "",
        )


def _known_clauses(draft: Draft, part: Any, ids: Iterable[str], key: str) -> tuple[str, ...]:
    for one in ids:
        if one not in draft.clauses:
            draft.report(
                part.file,
                part.line_of(key),
                unknown_word("条款", one, draft.clauses) + "（要写本文件或上级文件目录里有的条款）",
            )
    return tuple(ids)


def _terms(draft: Draft) -> None:
    for section in draft.sheet.sections:
        for code, role in section.terms.roles.items():
            _role(draft, code, role)
        for code, matter in section.terms.matters.items():
            _matter(draft, code, matter)


def _term(draft: Draft, kind: str, code: str, part: Any, name: str) -> None:
    known = draft.terms[kind].get(code)
    if known is not None and known.pack == draft.slug:
        draft.report(part.file, part.line, f"名称“{code}”重复，前一处在 {known.file}:{known.line}")
    ids = (*part.clauses, *([part.clause] if part.clause else ()))
    _known_clauses(draft, part, ids, "clause")
    draft.terms[kind][code] = Term(code, name, ids, draft.slug, part.file, part.line)


def _role(draft: Draft, code: str, part: Any) -> None:
    known = draft.roles.get(code)
    if known is None and part.level is None:
        near = unknown_word("职责", code, draft.roles)
        draft.report(part.file, part.line, f"{near}；要新增职责请写 level（层级）")
        return
    level = part.level or (known.level if known else "county")
    kind = part.kind or (known.kind if known else "department")
    draft.roles[code] = Role(code, part.name, level, kind)
    _term(draft, "roles", code, part, part.name)


def _matter(draft: Draft, code: str, part: Any) -> None:
    known = draft.matters.get(code)
    if known is None and (part.nature is None or part.name is None):
        near = unknown_word("事项", code, draft.matters)
        draft.report(part.file, part.line, f"{near}；要新增事项请写 name 和 nature")
        return
    name = part.name or (known.name if known else code)
    nature = part.nature or (known.nature if known else "other")
    draft.matters[code] = Matter(code, name, nature, part.group or (known.group if known else ""))
    _term(draft, "matters", code, part, name)


def _figure(draft: Draft, name: str, part: FigurePart) -> Figure:
    _known_clauses(draft, part, (part.clause,), "clause")
    its_unit = None if part.unit in _PLAIN_FIGURES else _unit(part)
    kind = part.unit if its_unit is None else "number"
    forms = [one for one in ("value", "values", "table") if getattr(part, one) is not None]
    if len(forms) != 1:
        raise PackFault(f"参数“{name}”要写 value、values、table 中的一个", line=part.line, file=part.file)
    by = tuple(part.by)
    if bool(by) != _has_table(part):
        raise PackFault(f"参数“{name}”有 by 才有 table，有 table 要写 by", file=part.file, line=part.line)
    read = _PLAIN_FIGURES.get(part.unit, parse_number)
    versions: list[tuple[Any, Any]] = []
    if part.values is None:
        versions.append((None, _cell(part, read, len(by), "value" if part.value is not None else "table")))
    for dated in part.values or ():
        if versions and dated.from_ <= versions[-1][0]:
            raise PackFault(f"参数“{name}”的 values 要按日期先后写，不能重复", file=dated.file, line=dated.line)
        versions.append((dated.from_, _cell(dated, read, len(by), "value" if dated.value is not None else "table")))
    return Figure(
        name,
        part.title or (draft.clauses[part.clause].says if part.clause in draft.clauses else name),
        kind,
        its_unit,
        part.unit,
        by,
        tuple(versions),
        part.clause,
        part.reading,
        draft.slug,
        part.file,
        part.line,
    )


def _has_table(part: FigurePart) -> bool:
    if part.values is not None:
        return any(one.table is not None for one in part.values)
    return part.table is not None


def _unit(part: FigurePart) -> Any:
    try:
        return unit(part.unit)
    except PackFault as fault:
        extra = "；另有 period、date、text"
        raise PackFault(fault.message + extra, file=part.file, line=part.line_of("unit")) from None


def _cell(part: Any, read: Any, depth: int, key: str) -> Any:
    raw = getattr(part, key)
    if raw is None:
        raise PackFault("缺少数值", file=part.file, line=part.line)
    return _value(raw, read, depth, part.file, part.line_of(key))


def _value(raw: Any, read: Any, depth: int, file: str, line: int) -> Any:
    if depth:
        if not isinstance(raw, dict) or not raw:
            raise PackFault("表的每一层应是映射，层数与 by 相同", file=file, line=line)
        lines = raw.lines if isinstance(raw, Block) else {}
        return {key: _value(one, read, depth - 1, file, lines.get(key, line)) for key, one in raw.items()}
    if not isinstance(raw, str):
        raise PackFault("这里应是一个数值", file=file, line=line)
    try:
        number = read(raw)
    except PackFault as fault:
        raise PackFault(fault.message, file=file, line=line) from None
    if isinstance(number, int | Decimal | Fraction) and number < 0:
        raise PackFault(f"参数不能是负数，现在是“{raw}”；要减去它就在算式里写减号", file=file, line=line)
    return number


def _switch(draft: Draft, name: str, part: SwitchPart) -> Switch:
    ids = (*part.clauses, *([part.clause] if part.clause else ()))
    _known_clauses(draft, part, ids, "clause" if part.clause else "clauses")
    if part.type == "enum":
        if not part.choices:
            raise PackFault(f"配置“{name}”是选项，要写 choices", file=part.file, line=part.line)
        kind = Enum(part.choices)
    elif part.choices:
        raise PackFault(f"配置“{name}”不是选项（enum），不能写 choices", file=part.file, line=part.line_of("choices"))
    else:
        kind = _SWITCH_TYPES[part.type]
    if part.unit:
        if part.type not in ("count", "ratio", "area", "money"):
            raise PackFault(f"配置“{name}”不是数，不能写 unit", file=part.file, line=part.line_of("unit"))
        kind = Type(kind.kind if kind.whole else "number", unit=unit(part.unit).text)
    try:
        default = typed_switch(part.default, kind, Words(draft.roles, draft.matters))
    except PackFault as fault:
        line = part.line_of("default")
        raise PackFault(f"配置“{name}”的默认值：{fault.message}", file=part.file, line=line) from None
    return Switch(name, part.title, kind, default, ids, draft.slug, part.file, part.line, part.type)


def _of_role(kind: Type) -> bool:
    return kind.kind == "role" or (kind.item is not None and kind.item.kind == "role")


def _instrument(draft: Draft, name: str, part: InstrumentPart) -> Instrument:
    _known_clauses(draft, part, part.clauses, "clauses")
    # An addressee is a role, the owner of the duty, or a field of the event that holds a role.
    fields = {name for kind in draft.vocabulary.events.values() for name, its in kind.fields.items() if _of_role(its)}
    addressees = {*draft.roles, *fields, "owner"}
    for key, codes, known in (
        ("issuer", [part.issuer.role] if part.issuer.role else [], draft.roles),
        ("issuer", [part.issuer.field_] if part.issuer.field_ else [], fields),
        ("to", [part.to] if part.to else [], addressees),
        ("copy_to", part.copy_to, addressees),
    ):
        for code in codes:
            if code not in known:
                draft.report(part.file, part.line_of(key), unknown_word("职责", code, known))
    _placeholders(draft, part)
    if bool(part.issuer.role) == bool(part.issuer.field_):
        draft.report(part.file, part.line_of("issuer"), "issuer 要写 {role: 职责} 或 {field: 字段} 中的一个")
    return Instrument(
        name,
        part.name,
        part.number,
        part.issuer.role or "",
        part.issuer.field_ or "",
        part.to or "",
        tuple(part.copy_to),
        part.body,
        tuple(part.clauses),
        part.template,
        draft.slug,
    )


# What the platform fills into an instrument: always, by a ladder, into a work order, a letter that hands over a
# case, a list of accountability.
_FILLED = (
    "year", "seq", "number", "issuer", "to", "subject",
    "duty", "owner", "due", "new_due", "days_late", "step", "date",
    "estate", "matter", "location", "received_on", "reason", "papers", "text",
    "items", "origin", "signers",
    # the papers of a mediation
    "dispute", "agreed_on", "agreement", "terms", "perform",
    # the notice by which somebody is dissuaded
    "addressee", "demand",
    # who was chosen, what was taken over, what was handed over
    "kind", "method", "bidders", "winner", "offer", "where", "developer", "company", "asset", "all", "settled",
)  # fmt: skip
_NUMBERED = ("year", "seq")


def _placeholders(draft: Draft, part: InstrumentPart) -> None:
    for key, known in (("number", _NUMBERED), ("body", _FILLED)):
        try:
            names = [name for _, name, _, _ in string.Formatter().parse(getattr(part, key)) if name is not None]
        except ValueError:
            draft.report(part.file, part.line_of(key), "花括号不成对，要写成 {year} 这样的形式")
            continue
        for name in names:
            if name not in known:
                message = unknown_word("填空", name, known) + f"；可用：{'、'.join(known)}"
                draft.report(part.file, part.line_of(key), message)
        if key == "number" and "seq" not in names:
            draft.report(part.file, part.line_of(key), "文号里要有 {seq}（流水号），否则几份文书会同号")
