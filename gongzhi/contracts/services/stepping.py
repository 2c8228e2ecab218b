"""A procedure goes its way: each step in its turn, by whom the pack names, with the papers and conditions it names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from gongzhi.contracts.models import Bid, Procedure, ProcedureStep, own_role
from gongzhi.contracts.queries import (
    Rule,
    against,
    done_steps,
    facts_for,
    is_clean,
    missing,
    next_step,
    related,
    step_rule,
    takeover_of,
)
from gongzhi.contracts.rights import RECORDERS
from gongzhi.contracts.services.common import (
    CONFLICT_STATUS,
    Papers,
    acts_as,
    check_day,
    developer_of,
    keep_papers,
    locked,
    missing_papers,
    tell,
    words_of,
)
from gongzhi.contracts.services.effects import EFFECTS, Effect, lawful_refusal
from gongzhi.contracts.services.written import write
from gongzhi.contracts.words import CHANNELS, NEEDS, OPINIONS, REASONS, STEPS
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.governance.votes.models import Motion
from gongzhi.registry.queries import facts_of

THIRD_PARTY_REPORT, COUNTER_PROOF = "第三方查验报告", "没有关联的证明"
TYPED = ("channel", "reference", "link", "where", "choice", "reason", "related", "third_party")


@dataclass(frozen=True)
class Taking:
    """What is typed when a step is taken. Which of it is needed, the pack says."""

    on: date
    agreed: bool = True
    note: str = ""
    channel: str = ""
    reference: str = ""
    link: str = ""
    where: str = ""
    choice: str = ""
    reason: str = ""
    related: bool | None = None
    third_party: str = ""
    winner: Bid | None = None
    company: Organisation | None = None
    motion: Motion | None = None
    decision: str = ""
    until: date | None = None
    papers: Papers = field(default=())


@transaction.atomic
def take_step(
    row: Procedure, *, step: str, given: Taking, version: int | None = None, actor: Actor, now: datetime
) -> Procedure:
    """Takes the next step, or one that is taken when there is need.

    Refuses `step_order`, `step_by` (another unit's), `step_day`, `papers_missing`, `need_missing` (a condition of the
    pack, named with its clause), `note_missing` (a no without reason), `check_failed` by `contracts.taking`.
    """
    row = locked(row, version)
    on = core.local_day(now)
    _check_turn(row, step)
    rule = step_rule(row, step, on)
    core.require(actor, "contracts.step", row)
    if not acts_as(actor, rule.by):
        words = words_of(rule.by, row.place_path, on)
        raise Refused("step_by", f"“{STEPS[step]}”由{words}办，请转给他们。", clause=rule.clauses)
    before = max((one.on for one in done_steps(row).values()), default=None)
    check_day(given.on, now, since=before)
    if not given.agreed:
        _check_no(step, given)
    else:
        _check_papers(row, rule, given)
        _check_needs(row, rule, given)
        core.run_checks("contracts.taking", _facts(row, step, given, actor), place_path=row.place_path, on=on)
    effect = Effect(step, given, rule, actor, now)
    _keep(row, effect)
    late = _in_time(row, step, given)
    more = EFFECTS[step](row, effect) if step in EFFECTS else {}
    if given.agreed:
        write(row, step=step, given_on=given.on, where=given.where, actor=actor, now=now)
    _settle(row, step, given, now)
    row.version += 1
    row.save()
    tell(
        row, event="procedure.step_taken", actor=actor, now=now, step=step, on=given.on, agreed=given.agreed,
        done=row.state != "running", late=late, due_on=row.fix_on, **more,
    )  # fmt: skip
    return row


def _check_turn(row: Procedure, step: str) -> None:
    due = next_step(row)
    if step == due or step in row.rules.get("sides", ()):
        return
    if step not in row.steps:
        raise Refused("step_order", f"这一项没有“{STEPS.get(step, step)}”这一步。", status=CONFLICT_STATUS)
    if step in done_steps(row):
        raise Refused("step_done", f"“{STEPS[step]}”已经办过。", status=CONFLICT_STATUS)
    raise Refused(
        "step_order", f"还没有办“{STEPS[str(due)]}”，不能办“{STEPS[step]}”。请按顺序办。",
        clause=tuple(row.basis.get("clauses", ())), status=CONFLICT_STATUS,
    )  # fmt: skip


def _check_no(step: str, given: Taking) -> None:
    if step not in OPINIONS:
        raise Refused("step_opinion", "这一步没有同意不同意。", fields={"agreed": "请选同意"})
    if not given.note.strip():
        raise Refused("note_missing", "不同意要写明理由。", fields={"note": "请写理由"})


def _check_papers(row: Procedure, rule: Rule, given: Taking) -> None:
    lacking = missing_papers(rule.papers, given.papers)
    if lacking:
        raise Refused(
            "papers_missing",
            f"还缺：{'、'.join(lacking)}。",
            clause=rule.clauses,
            fields={"papers": f"请上传{'、'.join(lacking)}"},
        )


def _check_needs(row: Procedure, rule: Rule, given: Taking) -> None:
    for need in rule.needs:
        lacking = _NEEDS[need](row, given)
        if lacking:
            name = need if hasattr(given, need) else _FIELDS.get(need, need)
            raise Refused("need_missing", lacking, clause=rule.clauses, fields={name: lacking})


_FIELDS = {"decision": "motion"}


def _unsigned(row: Procedure, part: str) -> str:
    rows = missing(row, part)
    words = "、".join(
        str(one.organisation or words_of([one.role], row.place_path, row.opened_at.date())) for one in rows
    )
    return f"还没有签字（出具意见）：{words}。" if rows else ""


def _disagreed(row: Procedure) -> str:
    rows = against(row)
    return f"{'、'.join(str(one) for one in rows)}出具“不符合”，整改复验后才能办。" if rows else ""


def _unclean(row: Procedure) -> str:
    if not row.items.exists():
        return "清单是空的，请先逐项登记。"
    left = [one.name for one in row.items.filter(state__in=("open", "defect")).order_by("pk")]
    return f"清单还有{len(left)}项没有合格（签收）：{'、'.join(left[:5])}。" if left else ""


def _unsettled(row: Procedure) -> str:
    left = [one.name for one in row.items.filter(state__in=("open", "defect")).order_by("pk")]
    return f"还有{len(left)}项没有整改到位：{'、'.join(left[:5])}。" if left else ""


def _no_group(row: Procedure) -> str:
    there = set(row.items.values_list("group", flat=True))
    lacking = [one for one in row.rules.get("groups", ()) if one not in there]
    return f"清单还缺：{'、'.join(lacking)}。" if lacking else ""


def _unscored(row: Procedure) -> str:
    bids = list(row.bids.filter(state="entered"))
    judges = list(row.judges.all())
    if not judges:
        return "还没有组成评标委员会。"
    missing_ones = [str(one) for one in judges if one.scores.filter(bid__in=bids).count() < len(bids)]
    return f"还没有评完分：{'、'.join(missing_ones)}。" if missing_ones else ""


def _undecided(row: Procedure, given: Taking) -> str:
    motion = given.motion or row.motion
    if motion is not None:
        return (
            ""
            if motion.outcome == "passed" and motion.vote.estate_id == row.estate_id
            else "关联的业主决定没有通过，或不是本小区的。"
        )
    return "" if given.decision.strip() or row.decision else "请关联通过的业主决定，或写明在哪里决定的。"


def _untaken(row: Procedure, given: Taking) -> str:
    found = takeover_of(row.estate)
    if found is None:
        return "前期物业承接查验还没有完成。"
    looked = found.taken.filter(step="inspect").order_by("-round").first()
    if looked is None or given.on >= looked.on:
        return ""
    return f"承接查验在{cn_date(looked.on)}，日期不能早于这一天。"


def _fix_running(row: Procedure, given: Taking) -> str:
    if row.fix_on is None:
        return "还没有责令限期整改。"
    return "" if given.on > row.fix_on else f"整改期限到{cn_date(row.fix_on)}，期满以前不能办。"


_NEEDS: Mapping[str, Callable[[Procedure, Taking], str]] = {
    "parties": lambda row, _: _unsigned(row, "party"),
    "supervisors": lambda row, _: _unsigned(row, "supervisor"),
    "agreed": lambda row, _: _disagreed(row),
    "listed": lambda row, _: "" if row.items.exists() else "清单是空的，请先逐项登记。",
    "groups": lambda row, _: _no_group(row),
    "clean": lambda row, _: _unclean(row),
    "marked": lambda row, _: "清单还有没有查的。" if row.items.filter(state="open").exists() else "",
    "settled": lambda row, _: _unsettled(row),
    "notified": lambda row, _: "" if "notify" in done_steps(row) else "还没有书面通知整改，不能登记复验。",
    "channel": lambda row, given: "" if given.channel in CHANNELS else "请选发布渠道。",
    "reference": lambda row, given: "" if given.reference.strip() else "请填编号（公告的填媒介，备案的填备案号）。",
    "link": lambda row, given: "" if given.link.strip() else "请填公告链接。",
    "note": lambda row, given: "" if given.note.strip() else "请填说明。",
    "where": lambda row, given: "" if given.where.strip() else "请填公示位置。",
    "bids": lambda row, _: "" if row.bids.filter(state="entered").exists() else "还没有企业报名。",
    "scored": lambda row, _: _unscored(row),
    "winner": lambda row, given: "" if given.winner is not None else "请选定企业。",
    "decision": _undecided,
    "takeover": _untaken,
    "choice": lambda row, given: "" if given.choice else "请选接续方式。",
    "reason": lambda row, given: "" if given.reason in REASONS else "请选理由。",
    "related": lambda row, given: "" if given.related is not None else "请填报与建设单位有没有关联关系。",
    "fix_over": _fix_running,
    "company": lambda row, given: "" if given.company is not None or row.company is not None else "请指定企业。",
}
assert set(_NEEDS) == set(NEEDS)  # noqa: S101  (what packs may ask for is what can be looked at)
# Needs that stand in the procedure itself: nothing typed with the step answers them.
STANDING = ("parties", "agreed", "supervisors", "listed", "groups", "clean", "marked", "settled", "notified", "bids",
            "scored", "takeover", "fix_over")  # fmt: skip


def obstacles(row: Procedure, step: str, rule: Rule, *, on: date) -> list[str]:
    """Why a step cannot be taken yet, whatever is typed with it. A step that may be answered with no is never shut."""
    if step in OPINIONS:
        return []
    given = Taking(on=on)
    found = [_NEEDS[need](row, given) for need in rule.needs if need in STANDING]
    return [one for one in dict.fromkeys(found) if one]


def _facts(row: Procedure, step: str, given: Taking, actor: Actor) -> dict[str, Any]:
    """What the checks of the pack may want known; what was not typed is not there."""
    on = given.on
    items = {item for item, _ in given.papers}
    facts: dict[str, Any] = {
        **facts_for(row, on),
        "step": step,
        "note": bool(given.note.strip()),
        "inspected": row.items.exists(),
        "passed": is_clean(row),
        "evidence": bool(given.papers),
        "third_party": bool(given.third_party.strip()) and THIRD_PARTY_REPORT in items,
        "counter_proof": COUNTER_PROOF in items,
        "bidders": row.bids.filter(state__in=("entered", "won", "lost")).count(),
    }
    if not actor.is_system:
        facts["by"] = own_role(actor.role)
    if given.related is not None:
        facts["related"] = given.related
    if row.kind == "takeover":
        facts["related_known"] = related(row.company, developer_of(row), on)
    for name, value in (("choice", given.choice), ("refusal_reason", given.reason)):
        if value:
            facts[name] = value
    if given.winner is not None:
        company = given.winner.company
        facts["winner_blacklisted"] = bool(facts_of(company.ref, ("blacklisted",), on).get("blacklisted"))
    return facts


def _keep(row: Procedure, effect: Effect) -> None:
    given, step, actor = effect.given, effect.step, effect.actor
    last = row.taken.filter(step=step).order_by("-round").values_list("round", flat=True).first() or 0
    typed = {name: getattr(given, name) for name in TYPED if getattr(given, name) not in ("", None)}
    if given.winner is not None:
        typed["winner"] = given.winner.company.name
    ProcedureStep.objects.create(
        procedure=row, step=step, round=last + 1, on=given.on, agreed=given.agreed, note=given.note.strip(),
        given=typed, clauses=list(effect.rule.clauses), organisation=actor.organisation, by=actor.user,
        by_label=actor.label, at=effect.now,
    )  # fmt: skip
    keep_papers(given.papers, row=row, step=step, now=effect.now)


def _in_time(row: Procedure, step: str, given: Taking) -> bool | None:
    """Of the step that counts against the sale: whether it came too late."""
    if row.due_on is None or step != row.given.get("counts") or not given.agreed:
        return None
    row.in_time = given.on <= row.due_on
    return not row.in_time


def _settle(row: Procedure, step: str, given: Taking, now: datetime) -> None:
    if not given.agreed and step == "approve":
        row.state, row.closed_at = "refused", now
    elif next_step(row) is None:
        row.state, row.closed_at = "done", now


def may_stop(row: Procedure, actor: Actor) -> bool:
    """Who opened it, or an office that keeps the procedures of the place; not a department that only takes part."""
    return actor.is_system or own_role(actor.role) == row.opener_role or actor.role in RECORDERS


@transaction.atomic
def stop(row: Procedure, *, reason: str, version: int | None = None, actor: Actor, now: datetime) -> Procedure:
    """Ends it before its last step: by who opened it, or an office of the place."""
    row = locked(row, version)
    core.require(actor, "contracts.step", row)
    if not may_stop(row, actor):
        raise Refused("step_by", "终止由提出的单位或办事机构办，请转给他们。")
    if not reason.strip():
        raise Refused("note_missing", "终止要写明理由。", fields={"reason": "请写理由"})
    row.state, row.closed_at, row.version = "stopped", now, row.version + 1
    row.save(update_fields=["state", "closed_at", "version"])
    tell(row, event="procedure.stopped", actor=actor, now=now, reason=reason.strip())
    return row


__all__ = [
    "COUNTER_PROOF",
    "THIRD_PARTY_REPORT",
    "Taking",
    "lawful_refusal",
    "may_stop",
    "obstacles",
    "stop",
    "take_step",
]
