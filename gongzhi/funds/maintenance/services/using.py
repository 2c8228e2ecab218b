"""A use of the fund from proposal to archive: one step after the other, none of them skipped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from gongzhi.core import display
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import StoredFile
from gongzhi.funds.common.queries import OfEstate, due_after
from gongzhi.funds.maintenance.models import FundPaper, FundShare, FundStep, FundUse, OwnersPlan
from gongzhi.funds.maintenance.queries import (
    OfUse,
    delegated_limit,
    done_steps,
    fund_units,
    next_step,
)
from gongzhi.funds.maintenance.queries.plans import IN_FORCE
from gongzhi.funds.maintenance.rights import OF_STEP
from gongzhi.funds.maintenance.services.common import area_weight, check_apart, check_day, tell_use
from gongzhi.funds.maintenance.services.planning import check_batch
from gongzhi.funds.maintenance.words import (
    APPLICANTS,
    DEAD,
    PATHS,
    PAYING,
    PUBLISHED,
    PUBLISHED_EMERGENCY,
    SERVICES,
    STEPS,
)
from gongzhi.governance.bodies.models import BodyDecision
from gongzhi.governance.bodies.queries.bodies import body_on, committees_on
from gongzhi.governance.bodies.queries.decisions import revocation_of, revocation_of_decision
from gongzhi.governance.bodies.words import COMMITTEES
from gongzhi.governance.votes.models import Motion
from gongzhi.ledger import services as ledger
from gongzhi.registry.models import Building, Estate, Facility
from gongzhi.registry.queries.known import fact

CONFLICT_STATUS = 409
PREFIX = "WX"
# Steps whose opinion may be no: the use then goes back to its applicant.
OPINIONS = ("verify", "discuss", "attest", "review", "accept", "audit")


@dataclass(frozen=True)
class Proposal:
    """What is proposed. `path`: ordinary unless an emergency, a delegated limit or a yearly plan is claimed.

    `decision`: of the committee, that a use within the delegated limit rests on. `plan`: of the year, that the owners
    agreed to.
    """

    title: str
    matter: str
    work: str
    path: str
    part: str
    common_part: bool
    estimate_fen: int
    applicant_role: str
    facility: Facility | None = None
    buildings: Sequence[Building] = ()
    evidence: Sequence[StoredFile] = ()
    guidance: str = ""
    case: str = ""
    decision: BodyDecision | None = None
    plan: OwnersPlan | None = None
    third_party: str = ""
    contract: StoredFile | None = None


@dataclass(frozen=True)
class Taking:
    """What is known of a step when it is taken. `papers`: item and file; `shown`: what each file puts on display.

    `refuse`: a no that ends the use; any other no sends it back.
    """

    on: date
    agreed: bool = True
    refuse: bool = False
    note: str = ""
    papers: Sequence[tuple[str, StoredFile]] = ()
    shown: Mapping[str, StoredFile] = field(default_factory=dict)
    motion: Motion | None = None
    contractor: str = ""
    selected: str = ""
    third_party: bool = False
    delegated: bool = False
    settled_fen: int | None = None
    shown_fen: int | None = None


@transaction.atomic
def propose_use(estate: Estate, *, given: Proposal, actor: Actor, now: datetime) -> FundUse:
    """Begins a use with the steps that the pack asks for on that path.

    Refuses who may not apply (`applicant`), what may not be paid from the fund (`check_failed`), and an emergency that
    the document does not know as one: that one takes the ordinary way.
    """
    on = core.local_day(now)
    core.require(actor, "fund.use_propose", OfEstate(estate, on))
    bodies = committees_on(estate, on)
    _check_applicant(estate, given, actor, bodies, on)
    emergencies = core.ask("funds.emergency_matters", {}, place_path=estate.place_path, on=on)
    facts = {
        "matter": given.matter,
        "path": given.path,
        "emergency_matter": given.matter in (emergencies.value or ()),
        "common_part": given.common_part,
        "evidence": bool(given.evidence),
        "work": given.work,
        "within_warranty": fact(estate.ref, "within_warranty", on) or False,
        "service": given.matter in SERVICES,
        "third_party": bool(given.third_party.strip()),
        "contract": given.contract is not None,
    }
    _check_service(given, estate, on)
    core.run_checks("funds.use_proposal", facts, place_path=estate.place_path, on=on)
    if given.path == "delegated":
        _check_limit(estate, given, on)
        _check_decision(estate, given, on)
    plan = None
    if given.path == "plan":
        plan = check_batch(given.plan, estate=estate, matter=given.matter, amount_fen=given.estimate_fen, on=on)
    asked = {"path": given.path, "amount": given.estimate_fen, "matter": given.matter, **bodies}
    answer = core.ask("funds.use_steps", asked, place_path=estate.place_path, on=on)
    if not answer.ok:
        raise Refused("steps_unknown", "现行文件没有写这条程序的步骤，不能提出。", clause=tuple(answer.clauses))
    use = FundUse.objects.create(
        number=_number(estate, now),
        estate=estate,
        title=given.title.strip(),
        matter=given.matter,
        work=given.work,
        path=given.path,
        part=given.part.strip(),
        facility=given.facility,
        decision=given.decision if given.path == "delegated" else None,
        plan=plan,
        motion=plan.motion if plan is not None else None,
        applicant=actor.organisation,
        applicant_role=given.applicant_role,
        guidance=given.guidance.strip(),
        estimate_fen=given.estimate_fen,
        contractor=given.third_party.strip()[:100],
        steps=list(answer.value),
        basis=answer.to_json(),
        case=given.case,
        proposed_at=now,
        place_path=estate.place_path,
        demo=actor.demo,
    )
    use.buildings.set(given.buildings)
    for file in given.evidence:
        FundPaper.objects.create(use=use, item="现场证据", file=file, at=now)
    if given.contract is not None:
        FundPaper.objects.create(use=use, item="服务合同", file=given.contract, at=now)
    tell_use(use, kind="fund.use_proposed", actor=actor, now=now)
    return use


def _number(estate: Estate, now: datetime) -> str:
    pack = core.pack_for(estate.place_path, core.local_day(now))
    prefix = pack.document.prefix if pack is not None else ""
    year = core.local_day(now).year
    return f"{prefix}{PREFIX}{year}{core.next_number(f'funds.use|{prefix}', year):04d}"


def services_open(place_path: str, on: date) -> tuple[list[str], tuple[str, ...]]:
    """Which services of third parties may be bought from the fund here, by which clauses."""
    answer = core.ask("funds.services", {}, place_path=place_path, on=on)
    return list(answer.value or ()), tuple(answer.clauses)


def _check_service(given: Proposal, estate: Estate, on: date) -> None:
    allowed, clauses = services_open(estate.place_path, on)
    if given.matter in SERVICES and given.matter not in allowed:
        raise Refused(
            "service_closed",
            "本地没有开放用维修资金购买这项服务，请选其他事项。",
            clause=clauses,
            fields={"matter": "没有开放"},
        )


def _check_applicant(estate: Estate, given: Proposal, actor: Actor, bodies: Mapping[str, bool], on: date) -> None:
    answer = core.ask("funds.applicants", {"path": given.path, **bodies}, place_path=estate.place_path, on=on)
    allowed = tuple((answer.value or {}).get("roles") or ())
    if given.applicant_role not in allowed:
        words = "、".join(APPLICANTS.get(one, core.role_name(one)) for one in allowed) or "没有人"
        raise Refused(
            "applicant",
            f"这个小区现在由{words}申请使用维修资金。{_unable(estate, on)}",
            clause=tuple(answer.clauses),
            fields={"applicant_role": f"应由{words}申请"},
        )
    guide = (answer.value or {}).get("guided_by")
    if guide and given.applicant_role == "community_committee" and not given.guidance.strip():
        raise Refused(
            "guidance_missing",
            f"居（村）委会代为组织维修，要有{core.role_name(guide)}的指导意见。",
            clause=tuple(answer.clauses),
            fields={"guidance": "请填指导意见"},
        )
    acts_as = {given.applicant_role, "community_station"} if given.applicant_role == "community_committee" else {
        given.applicant_role,
    }  # fmt: skip
    company = {"property_company", "project_manager"}
    if actor.is_system or actor.role in acts_as or (acts_as & company and actor.role in company):
        return
    if actor.role in ("street_office", "street_government", "community_station", "community_committee"):
        return  # entered for a committee without an account of its own; the event says by whom
    raise Refused(
        "applicant", "请用申请单位自己的账号提出，或请社区、镇街代录。", fields={"applicant_role": "不是您的单位"}
    )


def _unable(estate: Estate, on: date) -> str:
    """What to do first where the owners' body is there but cannot work."""
    stuck = [one for kind in COMMITTEES if (one := body_on(estate, kind, on)) is not None and one.unable_from]
    return f"{stuck[0].name}不能正常开展工作，请先按程序调整或改选，再由它申请。" if stuck else ""


def _check_limit(estate: Estate, given: Proposal, on: date) -> None:
    """授权额度: above it the owners decide."""
    limit = delegated_limit(estate, on)
    if given.estimate_fen > limit.single_fen or limit.spent_fen + given.estimate_fen > limit.yearly_fen:
        raise Refused(
            "above_delegation",
            f"业主大会授权单笔{core.yuan(limit.single_fen)}元、全年{core.yuan(limit.yearly_fen)}元，"
            f"今年已用{core.yuan(limit.spent_fen)}元；"
            f"这一笔{core.yuan(given.estimate_fen)}元超出，请走普通程序，由业主大会表决。",
            clause=limit.clauses,
            fields={"path": "超出授权额度，请选普通程序"},
        )


def _check_decision(estate: Estate, given: Proposal, on: date) -> None:
    """Within the limit the committee decides: the application names its decision, so that a revoked one freezes it."""
    answer = core.ask("funds.delegated_limit", {}, place_path=estate.place_path, on=on)
    row = given.decision
    body = row.body if row is not None else None
    if row is None or body is None or body.kind not in COMMITTEES or row.estate_id != estate.pk:
        raise Refused(
            "decision",
            "授权额度内的使用由业委会（物管会）决定，请选它作出的决定；还没有登记的，先在小区组织里登记。",
            clause=tuple(answer.clauses),
            fields={"decision": "请选业委会（物管会）的决定"},
        )
    if row.revoked_on is not None:
        raise Refused(
            "decision_revoked",
            f"“{row}”已于{display.cn_date(row.revoked_on)}被撤销，不能作为依据。",
            fields={"decision": "已被撤销"},
        )


@transaction.atomic
def take_step(
    use: FundUse, *, step: str, given: Taking, version: int | None = None, actor: Actor, now: datetime
) -> FundUse:
    """Takes the next step of the way. Payments are made with `pay`.

    Refuses `step_order` when another step comes first, `kept_apart`, `check_failed` by the pack's checks on
    `funds.use_step`, and `motion`, `settled`, `notice` where the step lacks what it rests on.
    """
    use = locked(use, version)
    core.require(actor, OF_STEP.get(step, "fund.use_prepare"), OfUse(use, core.local_day(now)))
    check_turn(use, step)
    check_apart(use, step=step, actor=actor, now=now)
    if step in PAYING:
        raise ValueError("payments are made with `pay`")
    if given.on > core.local_day(now):
        raise Refused("step_day", "日期不能晚于今天。", fields={"on": "不能晚于今天"})
    check_day(use, step, given.on, name="on")
    if not given.agreed and step not in OPINIONS:
        raise Refused("step_opinion", "这一步没有同意不同意。", fields={"agreed": "请选同意"})
    if given.agreed:
        check_step(use, step=step, given=given, actor=actor)
        _prepare(use, step, given)
    _keep(use, step, given, actor, now)
    use.version += 1
    if given.refuse and not given.agreed:
        return _refused(use, step, given, actor, now)
    if not given.agreed:
        use.state = "returned"
        use.save()
        reason = given.note.strip() or "未写原因"
        tell_use(use, kind="fund.use_returned", actor=actor, now=now, reason=reason, step=step)
        return use
    if next_step(use) is None:
        use.state, use.closed_at = "closed", now
    use.save()
    _tell_step(use, step, given, actor, now)
    return use


def _refused(use: FundUse, step: str, given: Taking, actor: Actor, now: datetime) -> FundUse:
    """不予使用: the use ends, and the case that it came from goes to whom the pack names."""
    if not given.note.strip():
        raise Refused("note_missing", "不予使用要写明理由。", fields={"note": "请写理由"})
    use.state, use.closed_at = "refused", now
    use.save()
    goes = core.ask("funds.refused_goes_to", {"matter": use.matter}, place_path=use.place_path, on=given.on)
    role = (goes.value or {}).get("role")
    tell_use(use, kind="fund.use_refused", actor=actor, now=now, reason=given.note.strip(), step=step,
             case=use.case or None, goes_to=role)  # fmt: skip
    return use


def locked(use: FundUse, version: int | None) -> FundUse:
    rows = FundUse.objects.select_for_update(of=("self",)).select_related("estate", "motion__vote", "decision")
    row = rows.get(pk=use.pk)
    core.check_version(row, version)
    if row.state != "running":
        raise Refused("use_state", f"这一项现在是“{row.get_state_display()}”，不能再办。", status=CONFLICT_STATUS)
    _refuse_frozen(row)
    return row


def _refuse_frozen(use: FundUse) -> None:
    """What rests on a decision that the street has revoked stands still."""
    said, clauses = why_frozen(use)
    if said:
        raise Refused("decision_revoked", said, clause=clauses, status=CONFLICT_STATUS)


def why_frozen(use: FundUse) -> tuple[str, tuple[str, ...]]:
    """What revocation the use stands still for, with its clauses; empty words where none."""
    revoked, again = None, "业主重新表决"
    if use.motion is not None:
        revoked = revocation_of(vote_ref=use.motion.vote.ref.key, title=use.motion.title)
    elif use.decision is not None:
        revoked, again = revocation_of_decision(use.decision), "业主组织重新决定"
    if revoked is None:
        return "", ()
    return (
        f"所依的决定“{revoked.decision}”已于{display.cn_date(revoked.issued_on)}被撤销，这一项已冻结。请{again}后另行申报。",
        tuple((revoked.basis or {}).get("clauses") or ()),
    )


def check_turn(use: FundUse, step: str) -> None:
    due = next_step(use)
    if step == due or (step == "publish" and not_published(use)):
        return
    if step not in use.steps:
        raise Refused(
            "step_order", f"这一项走{PATHS[use.path]}，没有“{STEPS.get(step, step)}”这一步。", status=CONFLICT_STATUS
        )
    if step in done_steps(use):
        raise Refused("step_done", f"“{STEPS[step]}”已经办过。", status=CONFLICT_STATUS)
    raise Refused(
        "step_order",
        f"还没有办“{STEPS[str(due)]}”，不能办“{STEPS[step]}”。请按顺序办。",
        clause=tuple(use.basis.get("clauses", ())),
        status=CONFLICT_STATUS,
    )


def check_step(use: FundUse, *, step: str, given: Taking, actor: Actor) -> None:
    materials = core.ask("funds.use_materials", {"path": use.path}, place_path=use.place_path, on=given.on)
    shown = sorted({*use.papers.exclude(shown_as="").values_list("shown_as", flat=True), *given.shown})
    names = {name for name, _ in given.papers}
    have = use.papers.filter(item__in=(materials.value or {}).get("names") or ()).values_list("item", flat=True)
    facts = {
        "step": step,
        "path": use.path,
        "amount": use.settled_fen or given.settled_fen or use.estimate_fen,
        "files": len(given.papers) + len(given.shown),
        "materials": len({*have, *names}),
        "materials_at_least": int((materials.value or {}).get("at_least") or 0),
        "guided": bool(given.note.strip()),
        "third_party": given.third_party,
        "delegated_to_community": given.delegated,
        "by_community": actor.role in ("community_station", "community_committee"),
        "agreed": given.agreed,
        "motion_passed": given.motion is None or passed(given.motion),
        "all_published": set(shown) >= set(to_publish(use)),
        "published": shown,
        "amount_matches": given.shown_fen is None or given.shown_fen == _spent(use),
        "reason_given": bool(given.note.strip()),
        "open_tender": given.selected == "open_tender",
    }
    core.run_checks("funds.use_step", facts, place_path=use.place_path, on=given.on)


def to_publish(use: FundUse) -> Mapping[str, str]:
    """What has to be on display, with its title."""
    return PUBLISHED_EMERGENCY if use.path == "emergency" else PUBLISHED


def not_published(use: FundUse) -> dict[str, str]:
    """Once the use was published: what is not on display yet, with its title. It may be added until the use closes."""
    if "publish" not in done_steps(use):
        return {}
    shown = set(use.papers.exclude(shown_as="").values_list("shown_as", flat=True))
    return {name: title for name, title in to_publish(use).items() if name not in shown}


def passed(motion: Motion) -> bool:
    """A motion that passed, in a vote whose result holds: its objection period is over, and nobody revoked it."""
    if motion.outcome != "passed" or motion.vote.state not in IN_FORCE:
        return False
    return revocation_of(vote_ref=motion.vote.ref.key, title=motion.title) is None


def _spent(use: FundUse) -> int:
    """What the use costs by its settlement; before there is one, what was paid."""
    return use.settled_fen if use.settled_fen is not None else sum(one.amount_fen for one in use.payments.all())


def _prepare(use: FundUse, step: str, given: Taking) -> None:
    """What the step itself settles on the use."""
    if step == "scope":
        share_out(use, use.estimate_fen)
    elif step == "decide":
        use.motion = _motion(use, given)
    elif step == "notice":
        answer = core.ask("funds.notice", {"path": use.path}, place_path=use.place_path, on=given.on)
        use.notice_on, use.objection_until = given.on, due_after(use.place_path, given.on, answer.value)
    elif step == "tender":
        if not given.contractor.strip() or not given.selected:
            raise Refused("contractor", "请填施工单位和选定方式。", fields={"contractor": "请填施工单位"})
        use.contractor, use.selected = given.contractor.strip(), given.selected
    elif step == "accept":
        if given.settled_fen is None or given.settled_fen <= 0:
            raise Refused("settled", "验收时要填决算金额。", fields={"settled_fen": "请填决算金额"})
        use.settled_fen = given.settled_fen
        share_out(use, given.settled_fen)
    elif step == "audit" and given.settled_fen is not None:
        _audited(use, given.settled_fen)


def _audited(use: FundUse, fen: int) -> None:
    """审定金额: what the auditor holds right is paid, as long as it was not paid."""
    paid = sum(one.amount_fen for one in use.payments.all())
    if "settle" in done_steps(use):
        raise Refused("settled", "尾款已经拨付，审定金额不能再改。", fields={"settled_fen": "已付清"})
    if fen < paid:
        said = f"已经拨付{core.yuan(paid)}元，审定金额不能更少；多付的请先追回。"
        raise Refused("settled", said, fields={"settled_fen": said})
    use.settled_fen = fen
    share_out(use, fen)


def _motion(use: FundUse, given: Taking) -> Motion | None:
    """The owners' decision that the money rests on."""
    if use.path == "delegated":
        return None
    if given.motion is None:
        raise Refused("motion", "请选通过这项使用的业主表决。", fields={"motion": "请选表决"})
    return motion_for(use, given.motion, use.estimate_fen)


def motion_for(use: FundUse, motion: Motion, fen: int) -> Motion:
    """The motion, if it carries so much of this use: of this estate, on this fund, in force, for at least this sum."""
    if motion.vote.estate_id != use.estate_id or motion.matter != "use_fund":
        raise Refused("motion", "选的表决不是这个小区关于使用维修资金的。", fields={"motion": "请另选"})
    if not passed(motion):
        raise Refused(
            "motion", "这个议题没有通过，或者结果还没有生效（异议期未满）。", fields={"motion": "还不能作为依据"}
        )
    used = sum(motion.fund_uses.exclude(pk=use.pk).exclude(state__in=DEAD).values_list("estimate_fen", flat=True))
    used += sum(
        (row.use.settled_fen or 0) - row.use.estimate_fen
        for row in FundStep.objects.filter(step="settle", data__over=motion.pk).select_related("use")
    )
    if motion.amount_fen is not None and used + fen > motion.amount_fen:
        raise Refused(
            "motion",
            f"表决同意不超过{core.yuan(motion.amount_fen)}元，已用于其他项目{core.yuan(used)}元，"
            f"这一项要{core.yuan(fen)}元，超出了，要重新表决。",
            fields={"motion": "超出表决同意的金额"},
        )
    return motion


def share_out(use: FundUse, amount_fen: int) -> list[FundShare]:
    """分摊 over the units of the benefiting buildings (without any: of the estate) by exclusive area, to the 分."""
    units = fund_units(use.estate)
    chosen = set(use.buildings.values_list("pk", flat=True))
    weights = [(unit.pk, area_weight(unit)) for unit in units if not chosen or unit.building_id in chosen]
    answer = core.ask(
        "funds.apportion", {"path": use.path}, place_path=use.place_path, on=core.local_day(use.proposed_at)
    )
    split = ledger.apportion(amount_fen, weights, rest_to=str(answer.value["rest_to"]))
    use.shares.all().delete()
    return FundShare.objects.bulk_create(
        FundShare(use=use, unit_id=int(str(part.key)), weight=part.weight, amount_fen=part.amount_fen)
        for part in split.parts
    )


def _keep(use: FundUse, step: str, given: Taking, actor: Actor, now: datetime) -> None:
    last = use.taken.filter(step=step).order_by("-round").values_list("round", flat=True).first() or 0
    data: dict[str, Any] = {
        name: value
        for name, value in (
            ("contractor", given.contractor),
            ("selected", given.selected),
            ("third_party", given.third_party),
            ("settled_fen", given.settled_fen),
            ("shown_fen", given.shown_fen),
            ("motion", given.motion.pk if given.motion else None),
        )
        if value
    }
    FundStep.objects.create(
        use=use,
        step=step,
        round=last + 1,
        on=given.on,
        agreed=given.agreed,
        note=given.note.strip(),
        data=data,
        organisation=actor.organisation,
        by=actor.user,
        by_label=actor.label,
        at=now,
    )
    papers = [FundPaper(use=use, step=step, item=item, file=file, at=now) for item, file in given.papers]
    papers += [
        FundPaper(use=use, step=step, item=PUBLISHED[name], shown_as=name, file=file, at=now)
        for name, file in given.shown.items()
    ]
    FundPaper.objects.bulk_create(papers)


def _tell_step(use: FundUse, step: str, given: Taking, actor: Actor, now: datetime) -> None:
    if step == "apply":
        tell_use(use, kind="fund.use_applied", actor=actor, now=now, materials=use.papers.filter(step="apply").count())
    elif step == "accept":
        tell_use(use, kind="fund.use_accepted", actor=actor, now=now, on=given.on)
    elif step == "publish":
        tell_use(use, kind="fund.use_published", actor=actor, now=now, on=given.on, shown=given.shown_fen)
    elif use.state == "closed":
        tell_use(use, kind="fund.use_closed", actor=actor, now=now)
    else:
        tell_use(use, kind="fund.use_step", actor=actor, now=now, step=step, agreed=True, on=given.on)
