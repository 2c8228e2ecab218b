"""The conditions of the acts on a case. Each returns why not, or None."""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Any

from gongzhi.cases.codes import APPROVALS, GRADES, STEPS
from gongzhi.cases.enforcement.models import CompanyCase
from gongzhi.cases.models import Case, Mediation, Part, Report
from gongzhi.cases.queries import asking
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.duties.models import Duty
from gongzhi.policy import Answer

RESPONDED = "case.responded"


class Ground:
    """What the conditions of the acts look at; every question to the pack is asked once."""

    def __init__(self, case: Case, actor: Actor, now: datetime) -> None:
        self.case, self.actor, self.now = case, actor, now

    @cached_property
    def steps(self) -> dict[str, tuple[str, ...]]:
        """The steps that must be taken, each with the clauses that ask for it."""
        return asking.required_steps(self.case)

    @cached_property
    def answer_rule(self) -> Answer:
        return asking.ask_case(self.case, "cases.answer_deadline")

    @cached_property
    def open_report(self) -> Report | None:
        return self.case.reports.filter(signed_at=None).first()

    @cached_property
    def pending_requests(self) -> dict[str, Any]:
        return {row.act: row for row in self.case.approvals.filter(state="asked")}

    @cached_property
    def late_refusal(self) -> Refused | None:
        """Past the day and not explained: the pack says whether work may go on."""
        late = self.case.overdue(self.now) and self.case.explained_at is None
        if not late:
            return None
        facts = {"channel": self.case.channel, "overdue": True, "explained": False}
        return asking.first_refusal("cases.continue", facts, place_path=self.case.place_path, on=local_day(self.now))


Guard = Callable[[Ground], Refused | None]


def facts_known(ground: Ground) -> Refused | None:
    if not ground.case.needs:
        return None
    route = asking.stored_route(ground.case)
    titles = "、".join(asking.lacking(ground.case))
    return Refused(
        "needs_fact",
        f"还不能派单：还缺“{titles}”。请在本件“补充派单事实”里填写；小区的底数也可以到小区档案登记。",
        clause=route.clauses if route else None,
        fields=dict.fromkeys(ground.case.needs, "派单要用这一项，请先登记。"),
    )


def may_dispatch(ground: Ground) -> Refused | None:
    """The pack says which roles may hand out this kind of matter; a community may not whistle."""
    answer = asking.ask_case(ground.case, "cases.dispatchers")
    if not answer.ok or ground.actor.is_system or ground.actor.role in answer.value:
        return None
    names = asking.role_names(answer.value, ground.case)
    return Refused(
        "not_dispatcher",
        f"这类事项由{names}派单，您的岗位不能直接派。请“上报上级”，由上级派单。",
        clause=answer.clauses,
    )


def is_violation(ground: Ground) -> Refused | None:
    if ground.case.nature == "violation":
        return None
    return Refused("not_violation", "只有违法违规类事项才吹哨；矛盾纠纷请直接派调解组织，其他事项用“派单”。")


def not_designated(ground: Ground) -> Refused | None:
    if not ground.case.designated:
        return None
    clauses = asking.ask_case(ground.case, "cases.designating_body").clauses
    return Refused("designated", "承办单位已经指定，不能再退回。确有困难请“上报上级”说明。", clause=clauses)


def may_claim(ground: Ground) -> Refused | None:
    """A department takes up what its own list of duties gives it."""
    case, actor = ground.case, ground.actor
    if case.lead_id is not None:
        return Refused("taken", f"这件已由{case.lead}承办，不能再认领。")
    if case.needs:
        return facts_known(ground)
    if actor.organisation is None or case.route_lead != actor.role:
        route = asking.stored_route(case)
        return Refused(
            "not_yours", "按职责清单，这类事项不归您单位主办，不能认领。", clause=route.clauses if route else None
        )
    return None


def has_transfer(ground: Ground) -> Refused | None:
    target = asking.transfer_role(ground.case)
    if target and target != ground.case.lead_role:
        return None
    return Refused("no_transfer", "这件没有需要移交的处罚权；如不属本单位职责，请“退回”并注明应由哪个部门办。")


def finding_before_transfer(ground: Ground) -> Refused | None:
    case = ground.case
    own = asking.route_value(case).get("finding_by") == case.lead_role
    if own and "finding" in ground.steps and not case.finding_at:
        return Refused("finding_first", "移交前须先调查认定，请先填写认定意见。", clause=ground.steps["finding"])
    return None


def wants_finding(ground: Ground) -> Refused | None:
    case = ground.case
    if case.finding_at is not None:
        return Refused("finding_done", "认定意见已经出具。")
    if not asking.route_value(case).get("finding_by"):
        return Refused("no_finding", "这类事项不需要认定。")
    return None


def finding_not_asked(ground: Ground) -> Refused | None:
    if ground.case.finding == "requested":
        return Refused("finding_asked", "已经商请认定，请等认定意见。")
    return None


def finding_open(ground: Ground) -> Refused | None:
    return Refused("finding_done", "认定意见已经出具，不能再改。") if ground.case.finding_at else None


def finding_before_penalty(ground: Ground) -> Refused | None:
    case = ground.case
    if case.finding == "lawful":
        return Refused(
            "found_lawful", "认定为合法，不予处罚，请办理后答复投诉人。", clause=ground.steps.get("finding", ())
        )
    if "finding" in ground.steps and not case.finding_at:
        return Refused(
            "finding_first",
            "还没有认定意见，不能填处罚决定文号。请先商请认定并等认定意见。",
            clause=ground.steps["finding"],
            fields={"number": "先要有认定意见。"},
        )
    return None


def filed_before_penalty(ground: Ground) -> Refused | None:
    if "filed" in ground.steps and ground.case.filed_at is None:
        return Refused("filed_first", "还没有立案，不能作处罚决定。请先立案。", clause=ground.steps["filed"])
    return None


def punishable(ground: Ground) -> Refused | None:
    """A breach of contract is told of and noted; nobody is punished for it."""
    row = CompanyCase.objects.filter(case=ground.case).first()
    if row is None:
        return None
    facts = {"matter": ground.case.matter, **({"category": row.category} if row.category else {})}
    rule = core.ask(
        "enforcement.company", facts, place_path=ground.case.place_path, on=local_day(ground.case.received_at)
    )
    said = rule.value if rule.ok and rule.value else {}
    if said.get("categories") and not row.category:
        return Refused("no_category", "请先选企业违规的类别。", clause=rule.clauses)
    if said.get("penal") is False:
        return Refused(
            "not_punishable", f"“{row.get_category_display()}”只通报、记入档案，不立处罚案件。", clause=rule.clauses
        )
    return None


def holds_the_power(ground: Ground) -> Refused | None:
    """Where the power to punish lies with another unit, the case must be handed to it first."""
    case = ground.case
    target = asking.route_value(case).get("transfer_to")
    if not target or target == case.lead_role:
        return None
    name = asking.role_names([target], case)
    route = asking.stored_route(case)
    return Refused(
        "no_power",
        f"这类案件的处罚权由{name}行使，本单位不能作出处罚。请先“移交”。",
        clause=route.clauses if route else None,
    )


def judges_validity(ground: Ground) -> Refused | None:
    case = ground.case
    if "valid" in case.facts:
        return Refused("judged", "是否有效投诉已经认定过。")
    if not asking.says_yes(case, "cases.judges_validity"):
        return Refused("not_judged_here", "本地没有先认定是否有效投诉这一步。")
    return None


def first_response_owed(ground: Ground) -> Refused | None:
    """A running duty of the place's document ends with the first response."""
    case = ground.case
    pack = core.pack_for(case.place_path, local_day(ground.now))
    if pack is not None and any(RESPONDED in rule.until for rule in pack.duty_rules.values()):
        running = Duty.objects.filter(
            subject_kind="case", subject_id=str(case.pk), closed_at=None, until_kinds__contains=[RESPONDED]
        )
        if running.exists():
            return None
    return Refused("no_response_owed", "没有正在计时的首次回应。")


def follows_up(act: str) -> Guard:
    """The pack says who calls back and who ends the case: the unit that led it, or the desk that took it in."""

    def guard(ground: Ground) -> Refused | None:
        case, actor = ground.case, ground.actor
        value, clauses = asking.follow_up(case)
        wanted = value[act]
        if actor.is_system or wanted == "either" or wanted in case.parts_of(actor):
            return None
        unit = case.lead if wanted == "lead" else case.desk
        does = {"call_back_by": "回访", "close_by": "办结"}[act]
        return Refused("not_follower", f"由{unit or '受理单位'}{does}，本单位办完并答复后交它。", clause=clauses)

    return guard


def report_open(ground: Ground) -> Refused | None:
    return None if ground.open_report else Refused("nothing_to_sign", "这件没有等待签收的上报。")


def no_report_open(ground: Ground) -> Refused | None:
    if ground.open_report is None:
        return None
    return Refused("reported_already", f"已经上报{ground.open_report.to_organisation}，正等待签收。")


def is_late(ground: Ground) -> Refused | None:
    if ground.case.overdue(ground.now):
        return None
    return Refused("not_late", "案件没有超过答复期限，不需要说明。")


def not_explained(ground: Ground) -> Refused | None:
    return Refused("explained", "已经说明过情况。") if ground.case.explained_at else None


def early_intervention_first(ground: Ground) -> Refused | None:
    if "intervened" in ground.steps and ground.case.intervened_at is None:
        return Refused(
            "intervene_first", "须先有前期介入记录，再填执法处理。请先登记前期介入。", clause=ground.steps["intervened"]
        )
    return None


def looked_into(ground: Ground) -> Refused | None:
    """Where the pack asks for them: looked at on site, then investigated, and only then dealt with."""
    case = ground.case
    for step, done in (("verified", case.verified_at), ("investigated", case.investigated_at)):
        if step in ground.steps and done is None:
            return Refused(
                f"{step}_first", f"还不能登记办理结果：先要有“{STEPS[step]}”记录。", clause=ground.steps[step]
            )
    return None


def verified_before_investigation(ground: Ground) -> Refused | None:
    if "verified" in ground.steps and ground.case.verified_at is None:
        return Refused("verified_first", "还不能登记调查取证：先要有“现场核查”记录。", clause=ground.steps["verified"])
    return None


def penalty_clock_runs(ground: Ground) -> Refused | None:
    case = ground.case
    if case.filed_at is None or case.penalised_at is not None:
        return Refused("not_filed", "没有正在计算的办案期限，不用延长。")
    if case.entries.filter(kind="penalty_extended").exists():
        return Refused("extended_once", "办案期限已经延长过一次，不能再延长。")
    return None


def answers_itself(ground: Ground) -> Refused | None:
    """After a transfer one unit answers: the one that the pack names."""
    keepers = [row.organisation for row in ground.case.part_rows() if row.part == Part.ANSWER]
    if not keepers or ground.actor.is_system or "answer" in ground.case.parts_of(ground.actor):
        return None
    answer = asking.ask_case(ground.case, "cases.answer_after_transfer")
    return Refused("answered_by_sender", f"按本地规定，移交的案件由{keepers[0]}答复投诉人。", clause=answer.clauses)


def is_handled(ground: Ground) -> Refused | None:
    if ground.case.handled_at is None:
        return Refused(
            "not_handled", "还没有办理结果，不能作最终答复；可以先答复进展。", clause=ground.answer_rule.clauses
        )
    return None


def steps_taken(ground: Ground) -> Refused | None:
    missing = missing_steps(ground)
    if not missing:
        return None
    names = "、".join(STEPS[code] for code in missing)
    clauses = tuple(dict.fromkeys(one for code in missing for one in ground.steps[code]))
    return Refused("steps_missing", f"还不能办结：缺{names}。", clause=clauses)


def missing_steps(ground: Ground) -> list[str]:
    """Of the steps the pack asks for, those not taken. A lawful finding ends with no penalty."""
    case = ground.case
    unpunished = case.finding == "lawful" or case.outcome in ("no_penalty", "not_substantiated")
    done = {
        "stopped": bool(case.facts.get("stopped")),
        "verified": case.verified_at is not None,
        "investigated": case.investigated_at is not None,
        "finding": case.finding_at is not None or case.outcome == "not_substantiated",
        "transferred": case.transferred_at is not None or unpunished,
        "intervened": case.intervened_at is not None,
        "filed": case.filed_at is not None or unpunished,
        "penalty": bool(case.penalty_number) or unpunished,
        "enforced": case.enforced_at is not None or unpunished,
        "follow_up": case.called_back_at is not None,
    }
    return [code for code in STEPS if code in ground.steps and not done[code]]


def answered_first(ground: Ground) -> Refused | None:
    if ground.case.answered_at is None:
        return Refused(
            "not_answered", "还没有答复投诉人，只处理未答复的不能办结。请先“答复投诉人”。",
            clause=ground.answer_rule.clauses,
        )  # fmt: skip
    return None


def close_checks(ground: Ground) -> Refused | None:
    return asking.first_refusal(
        "cases.close", asking.closing_facts(ground.case), place_path=ground.case.place_path, on=local_day(ground.now)
    )


def within_reopen_window(ground: Ground) -> Refused | None:
    return asking.window_refusal(ground.case, "case.reopen", ground.now)


def not_rated(ground: Ground) -> Refused | None:
    return Refused("rated", "已经评价过，一件只评价一次。") if ground.case.stars is not None else None


def may_hand_up(ground: Ground) -> Refused | None:
    if ground.case.nature == "dispute":
        return None
    return Refused("not_dispute", "只有矛盾纠纷才逐级上交调解；其他事项请“上报上级”。")


def is_dispute(ground: Ground) -> Refused | None:
    if ground.case.nature == "dispute":
        return None
    return Refused("not_dispute", "只有矛盾纠纷才登记调解；其他事项请登记办理结果。")


def mediated_before(case: Case) -> list[Mediation]:
    """The rounds since the case was last opened."""
    rows = case.mediations.all()
    return list(rows.filter(held_at__gte=case.reopened_at) if case.reopened_at else rows)


def not_agreed_last(ground: Ground) -> bool:
    rounds = mediated_before(ground.case)
    return bool(rounds) and rounds[-1].result != "agreed"


def is_weighed_here(ground: Ground) -> Refused | None:
    """Only where the local document sends a heavy dispute elsewhere."""
    case = ground.case
    if case.nature != "dispute":
        return Refused("not_dispute", "只有矛盾纠纷才分轻重。")
    leads = set()
    for grade in GRADES:
        answer = asking.ask_case(case, "cases.route", grade=grade)
        leads.add((answer.value or {}).get("lead") if answer.ok else None)
    return None if len(leads) > 1 else Refused("not_weighed_here", "本地文件没有按轻重分别办理纠纷。")


def went_to_court(ground: Ground) -> Refused | None:
    if ground.case.outcome == "litigation":
        return None
    return Refused("not_in_court", "办理结果是“转诉讼”的才登记案号、开庭和裁判。")


def police_not_asked(ground: Ground) -> Refused | None:
    return Refused("asked", "已经请求公安支援。") if ground.case.police_requested_at else None


def approvable(act: str) -> Guard:
    def guard(ground: Ground) -> Refused | None:
        if act in ground.pending_requests:
            return Refused("asked", f"{APPROVALS[act]}申请正在等待批准。")
        answer = asking.ask_case(ground.case, "cases.approval", act=act)
        if answer.ok and not answer.value.get("allowed"):
            reason = "；".join((*answer.steps, *answer.defaults))
            return Refused("not_allowed", f"按本地规定不能{APPROVALS[act]}。{reason}", clause=answer.clauses)
        return None

    return guard


def requested(act: str) -> Guard:
    def guard(ground: Ground) -> Refused | None:
        row = ground.pending_requests.get(act)
        if row is None:
            return Refused("nothing_asked", f"没有等待批准的{APPROVALS[act]}申请。")
        if ground.actor.user is not None and row.asked_by_id == ground.actor.user.pk:
            return Refused("same_person", "批准人不能是申请人本人，请由其他有权的人批准。")
        answer = asking.ask_case(ground.case, "cases.approval", act=act)
        by = answer.value.get("by") if answer.ok else None
        if by and ground.actor.role not in by:
            names = asking.role_names(by, ground.case)
            return Refused("not_approver", f"{APPROVALS[act]}由{names}批准。", clause=answer.clauses)
        return None

    return guard


def was_requested(act: str) -> Guard:
    def guard(ground: Ground) -> Refused | None:
        return None if act in ground.pending_requests else Refused("nothing_asked", "没有申请。")

    return guard
