"""What a step itself does: a company is chosen, a letter goes out, a refusal is judged, a service ends."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from gongzhi.contracts.models import Procedure, ProcedureItem, ServiceContract
from gongzhi.contracts.queries import Rule, done_steps, is_clean, related
from gongzhi.contracts.services.common import after, developer_of, tell_contract, unit_of, words_of
from gongzhi.contracts.services.opening import Opening, open_procedure
from gongzhi.contracts.words import STEPS
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.registry.queries import fact, project_on
from gongzhi.registry.services import begin_project, end_project, record_fact, set_fact

if TYPE_CHECKING:
    from gongzhi.contracts.services.stepping import Taking

DAY = timedelta(days=1)
CLEARED = "依法清出"


@dataclass(frozen=True)
class Effect:
    step: str
    given: "Taking"
    rule: Rule
    actor: Actor
    now: datetime


More = dict[str, Any]


def lawful_refusal(row: Procedure) -> bool:
    """Nothing was inspected, or it is not in order: then a company may refuse, and nothing is held against it."""
    return not is_clean(row)


def _letter(row: Procedure, effect: Effect, lines: Sequence[str] = ()) -> None:
    """The instrument that the pack attaches to the step."""
    if not effect.rule.letter:
        return
    on = core.local_day(effect.now)
    issuer = unit_of(effect.rule.letter_from, row.estate, on) if effect.rule.letter_from else effect.actor.organisation
    own = {"developer": developer_of(row), "property_company": row.company}
    found = [own.get(role) or unit_of(role, row.estate, on) for role in effect.rule.letter_to]
    to = [one for one in found if one is not None]
    if issuer is None or not to:
        words = words_of(effect.rule.letter_to, row.place_path, on)
        raise Refused(
            "letter_nobody", f"文书发给{words}，平台里还没有登记这个单位，请先登记。", clause=effect.rule.clauses
        )
    core.issue_document(
        effect.rule.letter, subject=row.ref, to=to,
        values={
            "estate": row.estate.name, "date": cn_date(effect.given.on),
            "text": effect.given.note or "；".join(lines) or "见附件",
            "due": cn_date(row.fix_on), "attachments": list(lines),
        },
        issuer=issuer, place_path=row.place_path, actor=effect.actor, now=effect.now,
    )  # fmt: skip


def _only_letter(row: Procedure, effect: Effect) -> More:
    _letter(row, effect)
    return {}


def _award(row: Procedure, effect: Effect) -> More:
    winner = effect.given.winner
    if winner is None:
        # 协议方式: agreed with a company that did not have to bid.
        if effect.given.company is None:
            raise Refused("need_missing", "请选定企业。", clause=effect.rule.clauses, fields={"company": "请选定企业"})
        row.company = effect.given.company
        row.bids.filter(state="entered").exclude(company=row.company).update(state="lost")
        row.bids.filter(state="entered").update(state="won")
    else:
        if winner.procedure_id != row.pk or winner.state != "entered":
            raise Refused("not_a_bidder", "只能从报名的企业里选。", fields={"winner": "请从报名的企业里选"})
        row.bids.filter(state="entered").update(state="lost")
        winner.state = "won"
        winner.save(update_fields=["state"])
        row.company = winner.company
    return _decide(row, effect)


def _decide(row: Procedure, effect: Effect) -> More:
    """What the owners decided stays with the procedure, for the contract to rest on."""
    if effect.given.motion is not None:
        row.motion = effect.given.motion
    if effect.given.decision.strip():
        row.decision = effect.given.decision.strip()
    _letter(row, effect)
    return {}


def _fix(row: Procedure, effect: Effect) -> More:
    """Something has to be put right until a day: the one given, else by the pack's period."""
    fix_on = effect.given.until
    if fix_on is None and effect.rule.within is not None:
        fix_on = after(row.place_path, effect.given.on, effect.rule.within)
    if fix_on is None or fix_on < effect.given.on:
        raise Refused("fix_missing", "请填整改期限，不早于通知之日。", fields={"until": "请填整改期限"})
    row.fix_on = fix_on
    defects = list(row.items.filter(state="defect").order_by("pk"))
    row.items.filter(state="defect", due_on=None).update(due_on=fix_on)
    if effect.step == "notify" and not defects:
        raise Refused("nothing_unfit", "清单里没有不合格的，不用通知整改。", clause=effect.rule.clauses)
    _letter(
        row,
        effect,
        [_defect_line(one) for one in defects],
    )
    return {}


def _defect_line(item: ProcedureItem) -> str:
    """What was not counted is not called nought."""
    counted = "" if item.found is None else f"（应有{item.expected}，实有{item.found}）"
    return f"{item}：{item.get_defect_display()}{counted}{item.note}"


def _conclude(row: Procedure, effect: Effect) -> More:
    """What was stated of the developer, and whether the files say otherwise: then the proof is looked at again."""
    return {"related": effect.given.related, "related_known": related(row.company, developer_of(row), effect.given.on)}


def _refuse(row: Procedure, effect: Effect) -> More:
    lawful = lawful_refusal(row)
    row.given["refusal"] = {"on": effect.given.on.isoformat(), "lawful": lawful, "ruled": None}
    return {"lawful": lawful, "notified": "notify" in done_steps(row)}


def _rule(row: Procedure, effect: Effect) -> More:
    """An office says whether a company had reason to refuse what was in order. If not, it stands in its file."""
    refusal = row.given.get("refusal")
    if refusal is None or refusal["lawful"] or refusal["ruled"] is not None:
        raise Refused("nothing_to_rule", "没有等着裁定的拒绝接收。", clause=effect.rule.clauses)
    row.given["refusal"] = {**refusal, "ruled": effect.given.agreed}
    if not effect.given.agreed and row.company is not None:
        _to_file(
            row.company,
            "refused_takeover",
            f"{row.estate.name} {cn_date(effect.given.on)}：{effect.given.note.strip()}",
            row,
            effect,
        )
    return {"lawful": effect.given.agreed}


def _to_file(company: Organisation, name: str, value: Any, row: Procedure, effect: Effect) -> None:
    """Into the company's file, with an event of the company itself."""
    event = core.record(
        "organisation.fact_recorded", subject=company.ref, actor=effect.actor, at=effect.now,
        place_path=company.place_path, data={"name": name, "value": str(value), "from_on": effect.given.on},
    )  # fmt: skip
    set_fact(
        company.ref, name, value, from_on=effect.given.on, event=event, answer={"clauses": list(effect.rule.clauses)}
    )


def _object(row: Procedure, effect: Effect) -> More:
    """A company will not hand over. The hand-over goes on; the refusal stands in its file."""
    if row.company is not None:
        _to_file(row.company, "refused_hand_over", f"{row.estate.name} {cn_date(effect.given.on)}", row, effect)
    _letter(row, effect)
    return {"lawful": False}


def _clear(row: Procedure, effect: Effect) -> More:
    if row.company is not None:
        _to_file(row.company, "tender_barred", True, row, effect)
    _letter(row, effect)
    return {}


def _confirm(row: Procedure, effect: Effect) -> More:
    """The last day of service; until then the company answers for the estate."""
    project = project_on(row.estate, effect.given.on)
    if project is not None and project.company_id == row.company_id and project.to_on is None:
        end_project(project, to_on=effect.given.on, actor=_keeper(effect), now=effect.now)
    for contract in ServiceContract.objects.filter(
        estate=row.estate, company=row.company, ended_on=None, from_on__lte=effect.given.on
    ).select_related("estate", "company"):
        early = contract.to_on is not None and effect.given.on < contract.to_on
        contract.ended_on = effect.given.on + DAY
        contract.version += 1
        contract.save(update_fields=["ended_on", "version"])
        tell_contract(
            contract,
            event="contract.ended",
            actor=effect.actor,
            now=effect.now,
            on=contract.ended_on,
            early=early,
            replaced=False,
        )
    return {}


def _keeper(effect: Effect) -> Actor:
    """The registry is written by the platform: what was decided here follows from the procedure's own rights."""
    return Actor.system(demo=effect.actor.demo)


def _succeed(row: Procedure, effect: Effect) -> More:
    row.given["choice"] = effect.given.choice
    if effect.given.choice == "fallback" and effect.given.company is None:
        raise Refused(
            "need_missing", "接管的要指定企业。", fields={"company": "请指定企业"}, clause=effect.rule.clauses
        )
    if effect.given.choice == "fallback" and effect.given.until is None:
        raise Refused(
            "need_missing", "接管的要填接管到哪一天。", fields={"until": "请填接管到哪一天"}, clause=effect.rule.clauses
        )
    _open_next(row, effect)
    return {}


def _open_next(row: Procedure, effect: Effect) -> None:
    """The choice anew, or the caretaker: linked to the exit that it follows."""
    given, because = effect.given, str(row.given.get("reason") or row.get_kind_display())
    if given.choice == "retender":
        opening = Opening(reason=because, plan=given.note or because, origin=row)
        open_procedure(row.estate, kind="reselect", given=opening, actor=effect.actor, now=effect.now)
        return
    from_on = given.on + DAY
    opening = Opening(
        company=given.company,
        from_on=from_on,
        to_on=given.until,
        plan=given.note or "基本服务",
        reason=because,
        origin=row,
    )
    open_procedure(row.estate, kind="caretaker", given=opening, actor=effect.actor, now=effect.now)


def _entrust(row: Procedure, effect: Effect) -> More:
    _letter(row, effect)
    return {}


def _enter(row: Procedure, effect: Effect) -> More:
    """A caretaker begins; the registry's days then show who is responsible."""
    if row.company is None:
        raise Refused("need_missing", "请指定企业。", fields={"company": "请指定企业"})
    begin_project(
        estate=row.estate, company=row.company, service_kind="fallback", from_on=effect.given.on,
        service_standard=row.given.get("plan", "")[:40], actor=_keeper(effect), now=effect.now,
    )  # fmt: skip
    return {}


def _end(row: Procedure, effect: Effect) -> More:
    project = project_on(row.estate, effect.given.on)
    if project is not None and project.company_id == row.company_id and project.to_on is None:
        end_project(project, to_on=effect.given.on, actor=_keeper(effect), now=effect.now)
    return {}


def _deliver(row: Procedure, effect: Effect) -> More:
    """The estate's file says from when it may be lived in, where nobody has said so before."""
    if fact(row.estate.ref, "delivered_on", effect.given.on) is None:
        record_fact(
            row.estate, name="delivered_on", value=effect.given.on, from_on=effect.given.on,
            actor=_keeper(effect), now=effect.now,
        )  # fmt: skip
    return {}


EFFECTS: Mapping[str, Callable[[Procedure, Effect], More]] = {
    "award": _award,
    "decide": _decide,
    "conclude": _conclude,
    "notify": _fix,
    "order_fix": _fix,
    "refuse": _refuse,
    "rule": _rule,
    "object": _object,
    "clear": _clear,
    "confirm": _confirm,
    "succeed": _succeed,
    "entrust": _entrust,
    "enter": _enter,
    "end": _end,
    "deliver": _deliver,
    "order": _only_letter,
    "suggest": _only_letter,
    "warn": _only_letter,
    "penalise": _only_letter,
}
assert set(EFFECTS) <= set(STEPS)  # noqa: S101
