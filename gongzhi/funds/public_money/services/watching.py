"""What keeps public money in the open: doubts and their answers, support policies, the money of first assemblies."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, Place, StoredFile
from gongzhi.core.refs import Ref
from gongzhi.funds.public_money.models import (
    Doubt,
    PolicyUse,
    PreparatoryFund,
    PreparatoryReceipt,
    SupportPolicy,
)
from gongzhi.funds.public_money.queries import preparatory_state
from gongzhi.funds.public_money.services.claiming import CONFLICT_STATUS
from gongzhi.registry.models import Estate
from gongzhi.registry.queries import fact


@transaction.atomic
def raise_doubt(about: Ref, *, text: str, asked_of: str, actor: Actor, now: datetime) -> Doubt:
    """Finance or audit marks what needs an explanation. The money itself stays as it is."""
    core.require(actor, "money.doubt", about)
    if not text.strip():
        raise Refused("doubt", "请写疑点。", fields={"text": "请写疑点"})
    row = Doubt.objects.create(
        about_kind=about.kind, about_id=about.id, about_title=about.title, text=text.strip(), by=actor.user,
        by_label=actor.label, at=now, asked_of=asked_of, place_path=about.place_path, demo=actor.demo,
    )  # fmt: skip
    core.record("doubt.raised", subject=row.ref, actor=actor, at=now, place_path=row.place_path,
                data={"about": about.key, "asked_of": asked_of})  # fmt: skip
    return row


@transaction.atomic
def answer_doubt(doubt: Doubt, *, reply: str, version: int | None, actor: Actor, now: datetime) -> Doubt:
    row = Doubt.objects.select_for_update().get(pk=doubt.pk)
    core.check_version(row, version)
    core.require(actor, "money.explain", row)
    if actor.role != row.asked_of and not actor.is_system:
        raise Refused("doubt_of", f"这个疑点由{core.role_name(row.asked_of)}说明。")
    if row.settled_at is not None:
        raise Refused("doubt_settled", "这个疑点已经销号。", status=CONFLICT_STATUS)
    if not reply.strip():
        raise Refused("reply", "请写说明。", fields={"reply": "请写说明"})
    row.reply, row.reply_label, row.replied_at, row.version = reply.strip(), actor.label, now, row.version + 1
    row.save()
    core.record("doubt.answered", subject=row.ref, actor=actor, at=now, place_path=row.place_path,
                data={"about": f"{row.about_kind}:{row.about_id}"})  # fmt: skip
    return row


@transaction.atomic
def settle_doubt(doubt: Doubt, *, version: int | None, actor: Actor, now: datetime) -> Doubt:
    row = Doubt.objects.select_for_update().get(pk=doubt.pk)
    core.check_version(row, version)
    core.require(actor, "money.doubt", row)
    if not row.reply:
        raise Refused("doubt_open", "还没有说明，不能销号。")
    row.settled_at, row.version = now, row.version + 1
    row.save()
    core.record("doubt.settled", subject=row.ref, actor=actor, at=now, place_path=row.place_path,
                data={"about": f"{row.about_kind}:{row.about_id}"})  # fmt: skip
    return row


# -- support policies -------------------------------------------------------------------------------------------------
@transaction.atomic
def register_policy(
    place: Place, *, kind: str, level: str, title: str, basis: str, conditions: str, from_on: date,
    to_on: date | None = None, cap_fen: int | None = None, times_a_year: int | None = None,
    file: StoredFile | None = None, actor: Actor, now: datetime,
) -> SupportPolicy:  # fmt: skip
    """A policy, a tax relief or a plan, with the document and the chapter that it stands in."""
    core.require(actor, "money.support", place.ref)
    known = core.ask("funds.supports", {}, place_path=place.path, on=core.local_day(now))
    if kind not in (known.value or ()):
        raise Refused("support_kind", "本地文件没有这一类扶持，请另选。", clause=tuple(known.clauses),
                      fields={"kind": "请另选"})  # fmt: skip
    if not basis.strip():
        raise Refused("basis", "请写依据文件和章节。", fields={"basis": "请写依据"})
    if to_on is not None and to_on < from_on:
        raise Refused("policy_days", "止日要在起日之后。", fields={"to_on": "要在起日之后"})
    row = SupportPolicy.objects.create(
        kind=kind, level=level, title=title.strip(), basis=basis.strip(), conditions=conditions.strip(),
        from_on=from_on, to_on=to_on, cap_fen=cap_fen, times_a_year=times_a_year, file=file, place_path=place.path,
        demo=actor.demo,
    )  # fmt: skip
    core.record("support.registered", subject=row.ref, actor=actor, at=now, place_path=row.place_path,
                data={"kind": kind, "from_on": from_on})  # fmt: skip
    return row


@transaction.atomic
def use_policy(
    policy: SupportPolicy, *, organisation: Organisation, year: int, state: str, on: date, amount_fen: int = 0,
    note: str = "", actor: Actor, now: datetime,
) -> PolicyUse:  # fmt: skip
    """A company asks; the office finds it fit or not (with a reason), and writes down what it enjoyed in a year.

    Refuses `policy_over` for a day outside the policy's own, `note_missing` for a no without a reason.
    """
    if state == "asked":
        core.require(actor, "money.enjoy", policy)
        if actor.organisation is None or actor.organisation.pk != organisation.pk:
            raise Refused("policy_of", "只能为本企业申请。")
    else:
        core.require(actor, "money.support", policy)
    if on < policy.from_on or (policy.to_on is not None and on > policy.to_on):
        until = f"，到{cn_date(policy.to_on)}止" if policy.to_on is not None else ""
        since, day = cn_date(policy.from_on), cn_date(on)
        raise Refused(
            "policy_over",
            f"{policy.title}自{since}起{until}，{day}不在有效期内，不能登记。",
            fields={"on": "不在有效期内"},
        )
    if state == "refused" and not note.strip():
        raise Refused("note_missing", "不符合的要写明理由，退回企业。", fields={"note": "请写理由"})
    if state == "enjoying" and amount_fen <= 0:
        raise Refused("amount", "请填享受金额。", fields={"amount_fen": "请填金额"})
    row, made = PolicyUse.objects.select_for_update().get_or_create(
        policy=policy, organisation=organisation, year=year,
        defaults={"on": on, "by_label": actor.label, "place_path": policy.place_path, "demo": actor.demo},
    )  # fmt: skip
    if state == "asked" and not made:
        raise Refused("policy_asked", f"{year}年度已经申请过（{row.get_state_display()}），不用再申请。",
                      status=CONFLICT_STATUS)  # fmt: skip
    row.state, row.amount_fen, row.on, row.note = state, amount_fen, on, note.strip()
    row.by_label, row.version = actor.label, row.version + 1
    row.save()
    core.record("support.used", subject=policy.ref, actor=actor, at=now, place_path=policy.place_path,
                data={"kind": policy.kind, "amount": amount_fen, "eligible": state in ("eligible", "enjoying"),
                      "year": year})  # fmt: skip
    return row


# -- the first assembly -----------------------------------------------------------------------------------------------
@transaction.atomic
def assess_preparatory(
    estate: Estate, *, account: str, registration_on: date | None, actor: Actor, now: datetime
) -> PreparatoryFund:
    """核定 who owes the money of the first assembly, how much by the pack, and before which day.

    Refuses `payer_unknown` where the case is for a person, `standard` where nobody has set an amount yet.
    """
    core.require(actor, "money.preparatory", estate)
    on = core.local_day(now)
    delivered_on = fact(estate.ref, "delivered_on", on)
    facts = {
        "delivered": delivered_on is not None and delivered_on <= on,
        "developer_gone": bool(fact(estate.ref, "developer_gone", on)),
    }
    payer = core.ask("governance.first_meeting_costs", facts, place_path=estate.place_path, on=on)
    if not (payer.value or {}).get("payer"):
        raise Refused("payer_unknown", "由谁承担须人工核定：未交付而建设单位已不存在，或文件没有写。请报主管部门核定。",
                      clause=tuple(payer.clauses))  # fmt: skip
    sizes = {"households": estate.households, "area_m2": estate.building_area_m2}
    due = core.ask("funds.preparatory_due", {name: value for name, value in sizes.items() if value is not None},
                   place_path=estate.place_path, on=on)  # fmt: skip
    if not due.ok or not due.value:
        raise Refused(
            "standard",
            "筹备经费的标准还没有录入，请主管部门先在“条款”里本地文件的“文件未规定的”中按镇街意见录入每户的标准。",
            clause=tuple(due.clauses),
        )
    if not account.strip():
        raise Refused("account", "请填指定账户。", fields={"account": "请填账户"})
    try:
        with transaction.atomic():
            row = PreparatoryFund.objects.create(
                estate=estate, payer=payer.value["payer"], due_fen=int(due.value), account=account.strip(),
                registration_on=registration_on, basis=due.to_json(), place_path=estate.place_path, demo=actor.demo,
            )  # fmt: skip
    except IntegrityError as error:
        raise Refused("preparatory_once", "这个小区已经核定过筹备经费。", status=CONFLICT_STATUS) from error
    core.record("preparatory.assessed", subject=estate.ref, actor=actor, at=now, place_path=estate.place_path,
                data={"payer": row.payer, "due": row.due_fen, "registration_on": registration_on})  # fmt: skip
    return row


@transaction.atomic
def receive_preparatory(
    fund: PreparatoryFund, *, amount_fen: int, on: date, account: str, actor: Actor, now: datetime
) -> PreparatoryReceipt:
    """到账. Money on another account than the one named is written down and not counted."""
    row = PreparatoryFund.objects.select_for_update(of=("self",)).select_related("estate").get(pk=fund.pk)
    core.require(actor, "money.preparatory", row)
    if on > core.local_day(now):
        raise Refused("received_on", "到账日期不能晚于今天。", fields={"on": "不能晚于今天"})
    made = PreparatoryReceipt.objects.create(
        fund=row, amount_fen=amount_fen, on=on, account=account.strip(),
        accepted=account.strip() == row.account, by_label=actor.label, at=now,
    )  # fmt: skip
    state = preparatory_state(row, on=core.local_day(now))
    core.record(
        "preparatory.received",
        subject=row.estate.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={"amount": amount_fen, "on": on, "accepted": made.accepted, "enough": state.paid_fen >= row.due_fen},
    )
    return made
