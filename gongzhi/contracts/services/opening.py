"""A procedure is opened: its steps, parties and groups are frozen as the document has them that day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from gongzhi.contracts.models import Party, Procedure, office_of, own_role
from gongzhi.contracts.queries import facts_about, last_change, months_between, running_exit
from gongzhi.contracts.questions import METHODS
from gongzhi.contracts.services.common import (
    CONFLICT_STATUS,
    Papers,
    acts_as,
    before,
    keep_papers,
    tell,
    unit_of,
    words_of,
)
from gongzhi.contracts.words import GROUNDS, PROCEDURES
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.governance.votes.models import Motion
from gongzhi.policy.answer import Answer
from gongzhi.policy.periods import add_months
from gongzhi.registry.models import Estate, Project
from gongzhi.registry.queries import facts_of, project_on

DAY = timedelta(days=1)
PREFIXES = {"tender": "XP", "reselect": "XP", "takeover": "CY", "acceptance": "YS", "asset_transfer": "YJ",
            "exit": "TC", "caretaker": "DD"}  # fmt: skip
AREAS = ("total_area_m2", "residential_area_m2", "non_residential_area_m2", "multi_storey_area_m2", "high_rise_area_m2")
OF_METHOD = ("project_type", "fee_mode", "small_scale", *AREAS)


@dataclass(frozen=True)
class Opening:
    """What is known when it is opened.

    `method` with the facts of the project (`project`) for a choice of developers; `sale` and `sale_on` where the
    clock runs to the sale; `leave_on` the day of leaving; `from_on`, `to_on` of a caretaker; `parties` where the
    document lets units be added or left out; `office` whose it is, where the platform opens it.
    """

    method: str = ""
    project: Mapping[str, Any] = field(default_factory=dict)
    sale: str = ""
    sale_on: date | None = None
    ground: str = ""
    reason: str = ""
    plan: str = ""
    leave_on: date | None = None
    office: str = ""
    asset: str = ""
    asset_name: str = ""
    company: Organisation | None = None
    developer: Organisation | None = None
    from_on: date | None = None
    to_on: date | None = None
    parties: Sequence[str] = ()
    motion: Motion | None = None
    decision: str = ""
    on: date | None = None
    origin: Procedure | None = None
    papers: Papers = ()


class OfOpening:
    """What the right to open is judged by: the estate, and the company that serves it or is asked."""

    def __init__(self, estate: Estate, company: Organisation | None, on: date) -> None:
        self.estate, self.company, self.on = estate, company, on

    @property
    def place_path(self) -> str:
        return self.estate.place_path

    def party_roles(self, actor: Any) -> tuple[str, ...]:
        return office_of(actor)

    def is_party(self, actor: Any) -> bool:
        own = getattr(actor, "organisation", None)
        if own is None:
            return False
        project = project_on(self.estate, self.on)
        return own == self.company or (project is not None and project.company == own)


@transaction.atomic
def open_procedure(estate: Estate, *, kind: str, given: Opening, actor: Actor, now: datetime) -> Procedure:
    """Opens it.

    Refuses `opened_by` (not whom the document lets), `field_missing`, `method` (not open to this project),
    `exit_running`, `check_failed` by the pack's checks on `contracts.opening`.
    """
    on = core.local_day(now)
    core.require(actor, "contracts.open", OfOpening(estate, given.company, on))
    if kind not in PROCEDURES:
        raise Refused("procedure_kind", "请从列表里选要办什么。", fields={"kind": "请从列表里选"})
    company = given.company or _company(kind, estate, given, on)
    role = given.office if actor.is_system and given.office else own_role(actor.role)
    opener = unit_of(role, estate, on) if actor.is_system and given.office else actor.organisation
    stored, method = _given(kind, estate, given, on)
    facts = facts_about(kind, estate, opener_role=role, given=stored, on=on)
    answer = core.ask("contracts.procedure", facts, place_path=estate.place_path, on=on)
    rules = _rules(answer, estate, on, actor, given)
    notes = core.run_checks(
        "contracts.opening", {**facts, **_more(kind, estate, given, company, on)}, place_path=estate.place_path, on=on
    )
    due_on, counts = _due(estate, given, on)
    row = Procedure.objects.create(
        number=f"{PREFIXES[kind]}{on.year}{core.next_number(f'contracts|{PREFIXES[kind]}', on.year):05d}",
        kind=kind, estate=estate, place_path=estate.place_path, opener=opener, opener_role=role,
        company=company, origin=given.origin, motion=given.motion, decision=given.decision.strip(),
        given={**stored, **counts, "told": [one.message for one in notes]},
        rules=rules, basis=answer.to_json(), method_basis=method.to_json() if method else None, due_on=due_on,
        opened_at=now, by=actor.user, demo=actor.demo,
    )  # fmt: skip
    _invite_parties(row, given, on)
    keep_papers(given.papers, row=row, now=now)
    ahead = (given.leave_on - on).days if given.leave_on else None
    tell(
        row, event="procedure.opened", actor=actor, now=now, on=given.on or on, due_on=due_on, leave_on=given.leave_on,
        until=given.to_on, days_ahead=max(ahead, 0) if ahead is not None else None,
        signers=list(row.rules.get("parties") or ()),
    )  # fmt: skip
    return row


def _company(kind: str, estate: Estate, given: Opening, on: date) -> Organisation | None:
    """Who leaves is the company that serves."""
    if kind != "exit":
        return None
    if running_exit(estate) is not None:
        raise Refused("exit_running", f"{estate.name}的退出正在办理，请接着办。", status=CONFLICT_STATUS)
    project = project_on(estate, on)
    if project is None:
        raise Refused("nobody_serves", f"{estate.name}现在没有物业服务企业。")
    if given.leave_on is None or given.ground not in GROUNDS:
        raise Refused(
            "field_missing", "请填退出原因和拟退出日期。",
            fields={"ground": "请选退出原因", "leave_on": "请填拟退出日期"},
        )  # fmt: skip
    return project.company


def _given(kind: str, estate: Estate, given: Opening, on: date) -> tuple[dict[str, Any], Answer | None]:
    texts = {"ground": given.ground, "reason": given.reason.strip(), "plan": given.plan.strip(), "asset": given.asset,
             "asset_name": given.asset_name.strip(), "sale": given.sale}  # fmt: skip
    days = {"sale_on": given.sale_on, "leave_on": given.leave_on, "from_on": given.from_on, "to_on": given.to_on}
    stored: dict[str, Any] = {name: value for name, value in texts.items() if value}
    stored |= {name: value.isoformat() for name, value in days.items() if value is not None}
    if given.developer is not None:
        stored["developer"] = given.developer.pk
    if kind != "tender":
        return stored, None
    answer, needed = choose_method(estate, given.method, given.project, on=on)
    stored |= {
        "method": given.method, "approval_needed": needed, "project": _plain(given.project),
        "method_says": list(answer.explanation.says),
    }  # fmt: skip
    return stored, answer


def _plain(project: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, bool | int) else str(value) for name, value in project.items()}


def choose_method(
    estate: Estate,
    method: str,
    project: Mapping[str, Any],
    *,
    approved: bool = False,
    bidders: int | None = None,
    on: date,
) -> tuple[Answer, bool]:
    """Whether the method is open to the project, and whether it has to be approved first. Refuses `method`."""
    if method not in METHODS:
        raise Refused("field_missing", "请选选聘方式。", fields={"method": "请选一种方式"})
    facts = {name: project[name] for name in OF_METHOD if project.get(name) is not None}
    facts |= {name: Decimal(facts[name]) for name in AREAS if name in facts}
    _check_areas(facts)
    facts |= {"approved": approved, "small_scale": bool(project.get("small_scale"))}
    if bidders is not None:
        facts["bidders"] = bidders
    answer = core.ask("contracts.tender_methods", facts, place_path=estate.place_path, on=on)
    if not answer.ok:
        raise Refused(
            "needs", f"判断选聘方式还要：{'、'.join(answer.explanation.needs_titles)}。", clause=tuple(answer.clauses),
            fields={name: "请填写" for name in answer.needs},
        )  # fmt: skip
    if method in answer.value["methods"]:
        return answer, False
    if method in (answer.value.get("on_approval") or ()):
        return answer, True
    open_to = "、".join(METHODS[one] for one in answer.value["methods"])
    why = "；".join(answer.explanation.says)
    raise Refused(
        "method", f"这个项目不能用“{METHODS[method]}”，可以用：{open_to}。{why}{'。' if why else ''}",
        clause=tuple(answer.clauses),
        fields={"method": f"可以用：{open_to}"},
    )  # fmt: skip


# Parts of the whole area: by use, and by height.
PARTS = (("residential_area_m2", "non_residential_area_m2"), ("multi_storey_area_m2", "high_rise_area_m2"))


def _check_areas(facts: Mapping[str, Any]) -> None:
    """No part is larger than the whole; of a mixed project the two uses make it up."""
    whole = facts.get(AREAS[0])
    if whole is None:
        return
    for names in PARTS:
        parts = sum(facts.get(name, Decimal(0)) for name in names)
        if parts > whole:
            raise Refused("areas", "各部分面积之和大于总建筑面积，请核对。", fields={names[0]: "与总建筑面积不符"})
    uses = [facts[name] for name in PARTS[0] if name in facts]
    if facts.get("project_type") == "mixed" and len(uses) == len(PARTS[0]) and sum(uses) != whole:
        raise Refused(
            "areas", "混合项目的住宅和非住宅面积之和要等于总建筑面积，请核对。",
            fields={PARTS[0][0]: "与总建筑面积不符", PARTS[0][1]: "与总建筑面积不符"},
        )  # fmt: skip


def _rules(answer: Answer, estate: Estate, on: date, actor: Actor, given: Opening) -> dict[str, Any]:
    if not answer.ok:
        raise Refused("needs", f"还要：{'、'.join(answer.explanation.needs_titles)}。", clause=tuple(answer.clauses))
    rules = dict(answer.value)
    if not rules["steps"]:
        raise Refused("not_here", "本地文件没有规定这一项，不能在这里办。", clause=tuple(answer.clauses))
    if not acts_as(actor, rules["opened_by"]):
        words = words_of(rules["opened_by"], estate.place_path, on)
        raise Refused("opened_by", f"这一项由{words}提出，请转他们办理。", clause=tuple(answer.clauses))
    lacking = [one for one in rules.get("asks") or () if not getattr(given, one, None)]
    if lacking:
        raise Refused(
            "field_missing",
            "还有必填的没有填。",
            clause=tuple(answer.clauses),
            fields={one: "请填写" for one in lacking},
        )
    if rules.get("choose_parties") and given.parties:
        rules["parties"] = list(dict.fromkeys(given.parties))
    return rules


def _more(kind: str, estate: Estate, given: Opening, company: Organisation | None, on: date) -> dict[str, Any]:
    """What the checks on opening may want known beside the procedure's own facts."""
    facts: dict[str, Any] = {
        "reason": bool(given.reason.strip()),
        "plan": bool(given.plan.strip()),
        "responsible_named": bool(facts_of(estate.ref, ("takeover_responsible",), on)),
        "registered_company": company is not None and company.role == "property_company" and company.active,
        "blacklisted": bool(company and facts_of(company.ref, ("blacklisted",), on).get("blacklisted")),
    }
    if given.leave_on is not None:
        facts["days_ahead"] = max((given.leave_on - on).days, 0)
    changed = last_change(estate, on) if kind == "reselect" else None
    if changed is not None:
        facts["months_since_change"] = months_between(changed, on)
    if given.from_on is not None and given.to_on is not None:
        facts["months"] = _months_begun(given.from_on, given.to_on + DAY)
    return facts


def _months_begun(first: date, after: date) -> int:
    whole = months_between(first, after)
    return whole + (add_months(first, whole)[0] < after)


def _due(estate: Estate, given: Opening, on: date) -> tuple[date | None, dict[str, Any]]:
    """Until when the choice has to be made, where it has to be made before the sale."""
    if given.sale_on is None or not given.sale:
        return None, {}
    answer = core.ask("contracts.selection_due", {"sale": given.sale}, place_path=estate.place_path, on=on)
    if not answer.ok or not answer.value:
        return None, {}
    last = before(estate.place_path, given.sale_on, answer.value["before"])
    return last, {"counts": answer.value["counts"], "due_clauses": list(answer.clauses)}


def _invite_parties(row: Procedure, given: Opening, on: date) -> None:
    own = {"property_company": row.company, "developer": given.developer}
    Party.objects.bulk_create(
        Party(procedure=row, role=role, part=part, organisation=own.get(role) or unit_of(role, row.estate, on))
        for part, roles in (("party", row.rules.get("parties")), ("supervisor", row.rules.get("supervisors")))
        for role in roles or ()
    )


@transaction.atomic
def in_the_market(company: Organisation, on: date) -> list[Estate]:
    """The estates that the company serves by contract on a day."""
    serving = Project.objects.filter(company=company, to_on=None, from_on__lte=on, service_kind="market")
    return [one.estate for one in serving.select_related("estate__place").order_by("pk")]


def order_out(company: Organisation, *, reason: str, leave_on: date, actor: Actor, now: datetime) -> list[Procedure]:
    """An order to leave, opened for every project of the company in the actor's place; each is confirmed by itself."""
    on = core.local_day(now)
    found = [one for one in in_the_market(company, on) if actor.within(one.place_path)]
    if not found:
        raise Refused("nobody_serves", f"{company.name}在辖区里没有在管的小区。")
    opening = Opening(ground="ordered", reason=reason, leave_on=leave_on)
    return [
        open_procedure(estate, kind="exit", given=opening, actor=actor, now=now)
        for estate in found
        if running_exit(estate) is None
    ]
