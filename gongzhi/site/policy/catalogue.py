"""职责目录: every duty of a unit by a document, with its clause, its clock and where it is done on the platform."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.urls import reverse

from gongzhi.cases import queries as cases
from gongzhi.cases.accountability.queries.tasks import DIVISION, divided_names
from gongzhi.cases.codes import DUTY_PAGES
from gongzhi.policy.asking import decide
from gongzhi.policy.clock_rules import DutyRule
from gongzhi.policy.pack import Pack
from gongzhi.policy.periods import Period

DUTY_LIST, DUTY_PAGE = "cases.duty_list", "cases.duty_page"
CLOCKED, DIVIDED, ROUTED = "clocked", "divided", "routed"
SECTIONS = {DIVIDED: "文件列明的职责", CLOCKED: "有期限的事", ROUTED: "主办的投诉事项"}
EVERY = {"week": "周", "month": "月", "quarter": "季度", "half_year": "半年", "year": "年"}
# Where what closes a duty is done: the first of these that the kind of event begins with.
FORMS = (
    ("complaint.", "cases:intake", "登记投诉"),
    ("case.", "cases:list", "投诉案件"),
    ("problem.", "cases:problems", "企业问题台账"),
    ("check.", "cases:checks", "检查单"),
    ("inspection.", "accountability:inspections", "督查"),
    ("finding.", "accountability:inspections", "督查"),
    ("task.", "accountability:board", "任务看板"),
    ("vote.", "governance:votes", "表决"),
    ("facility.", "registry:facilities", "设施设备"),
    ("estate.", "registry:estates", "小区档案"),
    ("review.", "registry:estates", "小区档案：核办"),
    ("project.", "registry:estates", "小区档案：物业企业"),
    ("formation.", "bodies:list", "组织：组建"),
    ("candidate", "bodies:list", "组织：人选"),
    ("election.", "bodies:list", "组织：选举"),
    ("filing.", "bodies:list", "组织：备案"),
    ("handover.", "bodies:list", "组织：移交"),
    ("body.", "bodies:list", "组织"),
)
BY_HAND = "duties:desk"
# The pages that a document's list of duties may point at: `cases.duty_page` names one of them.
PAGES = {
    "tasks": "accountability:board",
    "complaints": "cases:list",
    "checks": "cases:checks",
    "inspections": "accountability:inspections",
    "clues": "accountability:clues",
    "patrols": "patrols:list",
    "mediation": "mediation:list",
    "mediation_bodies": "mediation:bodies",
    "bodies": "bodies:list",
    "votes": "governance:votes",
    "procedures": "contracts:list",
    "contracts": "contracts:contracts",
    "fund": "funds:uses",
    "estates": "registry:estates",
    "equipment": "equipment:board",
}


@dataclass(frozen=True)
class Entry:
    """`role` "" where the event names who owes it. `form` the address of the page, `at` its name."""

    section: str
    role: str
    title: str
    clauses: tuple[str, ...]
    clock: str = ""
    begins: str = ""
    form: str = ""
    at: str = ""
    part: str = ""
    rules: tuple[str, ...] = ()


def catalogue(pack: Pack, *, on: date, switches: Mapping[str, str] | None = None) -> list[Entry]:
    """All of a document, in the order of the sections; a duty of several units once for each.

    A unit whose duties the document lists one by one has that list; of the others, the tasks that name it.
    """
    listed = _listed(pack, on, switches)
    known = {one.role for one in listed}
    divided = [one for one in _divided(pack, on, switches) if one.role not in known]
    return [*listed, *divided, *_clocked(pack, switches), *_routed(pack, on, switches)]


def roles_of(entries: Iterable[Entry], pack: Pack) -> list[tuple[str, str, int]]:
    """(role, name, how many), those with most at the head."""
    counts: dict[str, int] = {}
    for one in entries:
        counts[one.role] = counts.get(one.role, 0) + 1
    named = [(role, pack.role_name(role) if role else "由事项确定的单位", number) for role, number in counts.items()]
    return sorted(named, key=lambda one: (not one[0], -one[2], one[1]))


def _listed(pack: Pack, on: date, switches: Mapping[str, str] | None) -> list[Entry]:
    found = []
    for role in pack.vocabulary.roles:
        answer = decide(pack, DUTY_LIST, {"role": role}, on=on, switches=switches)
        value = (answer.value or {}) if answer.ok else {}
        for part, names in (("职责", value.get("duties") or ()), ("协调", value.get("relations") or ())):
            found += [
                Entry(DIVIDED, role, name, tuple(answer.clauses), begins="随时", form=form, at=at, part=part)
                for name in names
                for form, at in (_page(pack, name, on, switches, otherwise=BOARD),)
            ]
    return found


BOARD = ("accountability:board", "任务看板：交办和登记")
DIVISION_PAGE = ("accountability:division", "任务分工")


def _page(
    pack: Pack, name: str, on: date, switches: Mapping[str, str] | None, *, otherwise: tuple[str, str]
) -> tuple[str, str]:
    """(address, its name) of where a duty of the document is done."""
    answer = decide(pack, DUTY_PAGE, {"task": name}, on=on, switches=switches)
    page = str(answer.value) if answer.ok else "tasks"
    address, title = otherwise if page == "tasks" else (PAGES[page], DUTY_PAGES[page])
    return reverse(address), title


def _divided(pack: Pack, on: date, switches: Mapping[str, str] | None) -> list[Entry]:
    found = []
    for name in divided_names(pack, on=on):
        answer = decide(pack, DIVISION, {"task": name}, on=on, switches=switches)
        value = answer.value or {}
        form, at = _page(pack, name, on, switches, otherwise=DIVISION_PAGE)
        entry = Entry(DIVIDED, "", name, tuple(answer.clauses), begins="随时", form=form, at=at)
        for part, roles in (("牵头", value.get("lead") or ()), ("负责", value.get("duty") or ())):
            found += [replace(entry, role=role, part=part) for role in roles]
    return found


def _clocked(pack: Pack, switches: Mapping[str, str] | None) -> list[Entry]:
    events = pack.vocabulary.events

    def title(kind: str) -> str:
        return events[kind].title if kind in events else kind

    found = []
    for name, rule in pack.duty_rules.items():
        form, at = _form(rule)
        found.append(
            Entry(
                CLOCKED,
                rule.owner_role,
                rule.title,
                tuple(rule.clauses),
                clock=_clock(rule, pack, switches or {}),
                begins="、".join(dict.fromkeys(title(one) for one in (rule.after or _starts(rule)))),
                form=form,
                at=at,
                rules=(name,),
            )
        )
    return found


def _starts(rule: DutyRule) -> tuple[str, ...]:
    return rule.every.starts if rule.every is not None else ()


def _form(rule: DutyRule) -> tuple[str, str]:
    for kind in rule.until:
        for prefix, name, title in FORMS:
            if kind.startswith(prefix):
                return reverse(name), title
    return reverse(BY_HAND), "工作台：标记办结并附证据" if rule.manual else "工作台"


def _clock(rule: DutyRule, pack: Pack, switches: Mapping[str, str]) -> str:
    """15日, 10个工作日, 每季度一次, 12月31日前; the words for none: 没有规定期限."""
    words = []
    if rule.every is not None:
        count = rule.every.count if rule.every.count > 1 else ""
        words.append(f"每{count}{EVERY.get(rule.every.unit, rule.every.unit)}")
    if rule.within is not None:
        words.append(f"{_value(rule.within, pack, switches)}内")
    if rule.before_period is not None:
        words.append(f"提前{_value(rule.before_period, pack, switches)}")
    if rule.on_day is not None:
        words.append(f"{_value(rule.on_day, pack, switches)}前")
    return "，".join(words) or "没有规定期限"


def _value(spec: Any, pack: Pack, switches: Mapping[str, str]) -> str:
    """A period as written, or that of the figure or switch behind it, as it stands today."""
    if isinstance(spec, Mapping):
        kind, name = next(iter(spec.items()))
        if kind == "switch" and name in pack.switches:
            switch = pack.switches[name]
            return _plain(switches[name]) if name in switches else switch.shown(switch.default)
        if kind == "figure" and name in pack.figures:
            versions = pack.figures[name].versions
            return _plain(versions[-1][1]) if versions else name
        return "事项规定的期限"
    return _plain(spec)


def _plain(value: Any) -> str:
    if isinstance(value, Period):
        return value.text
    try:
        return Period.parse(str(value)).text
    except ValueError:
        return str(value)


def _routed(pack: Pack, on: date, switches: Mapping[str, str] | None) -> list[Entry]:
    found = []
    for row in cases.departments_of_matter(pack, on=on, switches=dict(switches or {})):
        if not row.lead_role:
            continue
        where = f"（{row.where}）" if row.where else ""
        entry = Entry(
            ROUTED, row.lead_role, f"{row.name}{where}", row.clauses, begins="登记投诉",
            form=reverse("cases:intake"), at="登记投诉", part="主办",
        )  # fmt: skip
        found.append(entry)
    return found
