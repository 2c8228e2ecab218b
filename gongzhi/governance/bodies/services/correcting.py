"""Unlawful decisions: recorded, ordered to be put right or revoked, made known to every owner."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import IntegrityError, transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.core.models import Document
from gongzhi.governance.bodies.models import Body, BodyDecision, Correction, DecisionNotice
from gongzhi.governance.bodies.queries.bodies import acting
from gongzhi.governance.bodies.rights import COMMUNITY
from gongzhi.governance.bodies.services.common import bump, clocks, last_day, lock, not_later, words
from gongzhi.governance.bodies.words import CORRECTION_KINDS, OWNERS_MATTERS, SERVICE_WAYS
from gongzhi.registry.models import Estate
from gongzhi.registry.queries import organisation_for, units_on

INSTRUMENTS = {"order": "correction_order", "revoke": "revocation_notice", "court": "annulment_notice"}


@transaction.atomic
def record_decision(
    estate: Estate,
    *,
    body: Body | None = None,
    by_committee: bool = False,
    title: str,
    text: str,
    decided_on: date,
    matter: str = "",
    vote_ref: str = "",
    actor: Actor,
    now: datetime,
) -> BodyDecision:
    """`by_committee`: decided by the committee or whoever stands in for it, which may be the community itself."""
    core.require(actor, "decision.record", estate)
    not_later(decided_on, now, field="decided_on", what="决定日期")
    if by_committee:
        _refuse_former_stand_in(estate, actor=actor, on=core.local_day(now))
    if matter and (body is not None or by_committee) and not vote_ref:
        _refuse_owners_matter(estate, matter, decided_on)
    row = BodyDecision.objects.create(
        estate=estate,
        body=body,
        title=words(title, "title", "决定名称")[:100],
        words=words(text, "text", "决定内容"),
        decided_on=decided_on,
        matter=matter,
        vote_ref=vote_ref,
        place_path=estate.place_path,
        demo=actor.demo or estate.demo,
    )
    core.record(
        "decision.recorded",
        subject=estate.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={"decision": row.ref.key, "decided_on": decided_on, "kind": body.kind if body else None},
    )
    return row


def _refuse_former_stand_in(estate: Estate, *, actor: Actor, on: date) -> None:
    """A community decides in the committee's place only while the document has nobody else do it."""
    who = acting(estate, "committee", on)
    if actor.role not in COMMUNITY or not who.role or who.role in COMMUNITY:
        return
    name = str(who.organisation or core.role_name(who.role, place_path=estate.place_path, on=on))
    raise Refused(
        "not_acting",
        f"业委会的事现在由{name}办理，社区不再代行。请由{name}登记；业主大会的决定，请选“业主大会”。",
        who.clauses,
        fields={"by": "社区不再代行"},
    )


def _refuse_owners_matter(estate: Estate, matter: str, on: date) -> None:
    """What the owners decide together a committee does not decide, unless the document lets it stand in for them."""
    who = acting(estate, "assembly", on)
    if not who.owners_vote:
        return
    answer = core.ask("governance.decision_thresholds", {"matter": matter}, place_path=estate.place_path, on=on)
    raise Refused(
        "owners_decide",
        f"“{OWNERS_MATTERS[matter]}”由业主共同决定，业委会、物管会不能自行决定。请在“业主表决”里拟定表决，通过后再办。",
        tuple(dict.fromkeys([*who.clauses, *answer.clauses])),
        fields={"matter": "须业主表决"},
    )


@transaction.atomic
def open_correction(decision: BodyDecision, *, kind: str, grounds: str, actor: Actor, now: datetime) -> Correction:
    """The street takes the decision up. Where the document wants the bureau's opinion, nothing is issued without.

    `court`: a judgment that annulled it is put on record; nobody is consulted about that.
    """
    core.require(actor, "correction.work", decision)
    if kind not in CORRECTION_KINDS:
        raise Refused("correction_kind", "请选责令改正或撤销。", fields={"kind": "请选处理方式"})
    if decision.revoked_on is not None:
        raise Refused("revoked", "这个决定已经撤销。")
    on = core.local_day(now)
    question = "governance.annulment" if kind == "court" else "governance.correction"
    answer = core.ask(question, {}, place_path=decision.place_path, on=on)
    role = (answer.value or {}).get("consult") if answer.ok else None
    consulted = organisation_for(role, decision.place_path, decision.estate) if role else None
    if role and consulted is None:
        raise Refused("consult_desk", "还没有登记须会同的单位，请先登记单位。", tuple(answer.clauses))
    try:
        with transaction.atomic():
            row = Correction.objects.create(
                decision=decision,
                kind=kind,
                grounds=words(grounds, "grounds", "违法之处和依据"),
                state="consulting",
                opened_on=on,
                consulted=consulted,
                basis=answer.to_json(),
                place_path=decision.place_path,
                demo=actor.demo or decision.demo,
            )
    except IntegrityError as error:
        raise Refused("correction_open", "这个决定正在处理。") from error
    core.record(
        "correction.opened",
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={"action": kind, "consult": bool(role), "decision": decision.ref.key},
    )
    if consulted is not None:
        core.notify(to=consulted, template="correction.consult", text=f"请会同处理：{decision}", ref=row.ref, now=now)
    return row


@transaction.atomic
def give_opinion(
    correction: Correction, *, text: str, actor: Actor, now: datetime, version: int | None = None
) -> Correction:
    core.require(actor, "correction.consult", correction)
    correction = lock(correction, version=version)
    if correction.consulted_at is not None:
        raise Refused("consulted", "会同意见已经提出。")
    correction.consultation, correction.consulted_at = words(text, "text", "会同意见"), now
    bump(correction, "consultation", "consulted_at")
    core.record(
        "correction.consulted",
        subject=correction.ref,
        actor=actor,
        at=now,
        place_path=correction.place_path,
        data={"action": correction.kind},
    )
    return correction


@transaction.atomic
def issue_correction(
    correction: Correction,
    *,
    due_on: date | None = None,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> Correction:
    """The order with its day, or the revocation; the notice to the owners of every unit is made ready."""
    core.require(actor, "correction.work", correction)
    correction = lock(correction, version=version)
    if correction.issued_on is not None:
        raise Refused("issued", "已经下达。")
    basis = correction.basis or {}
    if correction.consulted_id is not None and correction.consulted_at is None:
        raise Refused(
            "no_consultation", f"还没有{correction.consulted}的会同意见，不能下达。", tuple(basis.get("clauses") or ())
        )
    on = core.local_day(now)
    correction.issued_on = on
    if correction.kind == "order":
        correction.due_on = due_on or _default_day(correction, on)
        if correction.due_on < on:
            raise Refused("due_on", "改正期限不能早于今天。", fields={"due_on": "不能早于今天"})
        correction.state = "ordered"
    else:
        correction.state = "revoked"
        correction.decision.revoked_on = on
        correction.decision.save(update_fields=["revoked_on"])
    notices = _make_notices(correction, on) if (basis.get("value") or {}).get("notify_owners", True) else 0
    correction.document = _document(correction, actor=actor, now=now)
    bump(correction, "issued_on", "due_on", "state", "document")
    days = (correction.due_on - on).days if correction.due_on else None
    core.record(
        "correction.issued",
        subject=correction.ref,
        actor=actor,
        at=now,
        place_path=correction.place_path,
        data={
            "action": correction.kind,
            "issued_on": on,
            "due_on": correction.due_on,
            "within": f"{days}d" if days is not None else None,
            "notices": notices,
            "decision": correction.decision.ref.key,
            "addressee": correction.decision.body.kind if correction.decision.body else "owners_committee",
        },
    )
    if correction.state == "revoked":
        orders = Correction.objects.filter(decision=correction.decision, kind="order", state="ordered")
        for one in orders.exclude(pk=correction.pk):
            _close(lock(one), actor=actor, now=now)
    return correction


def _default_day(correction: Correction, on: date) -> date:
    periods, clauses = clocks(correction.place_path, on)
    if periods.get("correction") is None:
        raise Refused("due_missing", "请填写改正期限。", clauses, fields={"due_on": "请填写改正期限"})
    return last_day(on, periods["correction"], place_path=correction.place_path)


def _make_notices(correction: Correction, on: date) -> int:
    """One for each unit of that day. Orders are told to the owners as revocations are."""
    units = list(units_on(correction.decision.estate, on))
    if not units:
        raise Refused("no_units", "小区还没有登记房屋，不能逐户通告。请先导入房屋名册。")
    DecisionNotice.objects.bulk_create(DecisionNotice(correction=correction, unit=one) for one in units)
    return len(units)


def _document(correction: Correction, *, actor: Actor, now: datetime) -> Document | None:
    name = INSTRUMENTS[correction.kind]
    pack = core.pack_for(correction.place_path, core.local_day(now))
    decision = correction.decision
    issuer = actor.organisation or organisation_for("street_office", correction.place_path, decision.estate)
    if pack is None or issuer is None or name not in pack.instruments:
        return None
    to = decision.body.organisation if decision.body else None
    return core.issue_document(
        name,
        subject=correction.ref,
        to=[to] if to else [],
        copy_to=[correction.consulted] if correction.consulted else [],
        values={
            "estate": str(decision.estate),
            "matter": decision.title,
            "reason": correction.grounds,
            "due": cn_date(correction.due_on),
            "date": cn_date(decision.decided_on),
        },
        issuer=issuer,
        place_path=correction.place_path,
        actor=actor,
        now=now,
    )


@transaction.atomic
def serve_notices(
    correction: Correction, *, units: Iterable[int], way: str, on: date, actor: Actor, now: datetime
) -> int:
    """Told to the owners of these units. How many are served by now."""
    core.require(actor, "correction.work", correction)
    if way not in SERVICE_WAYS:
        raise Refused("way", "请选送达方式。", fields={"way": "请选送达方式"})
    not_later(on, now, field="on", what="送达日期")
    changed = correction.notices.filter(unit__in=list(units), served_on=None).update(way=way, served_on=on)
    if not changed:
        raise Refused("nothing_served", "请勾选这次送达的房屋。", fields={"units": "请勾选房屋"})
    served = correction.notices.exclude(served_on=None).count()
    core.record(
        "correction.served",
        subject=correction.ref,
        actor=actor,
        at=now,
        place_path=correction.place_path,
        data={"served": served, "notices": correction.notices.count()},
    )
    return served


@transaction.atomic
def note_corrected(correction: Correction, *, on: date, actor: Actor, now: datetime) -> Correction:
    core.require(actor, "correction.work", correction)
    correction = lock(correction)
    if correction.kind != "order" or correction.issued_on is None or correction.corrected_on is not None:
        raise Refused("not_ordered", "只有已下达责令改正、还没有改正的决定才登记改正。")
    not_later(on, now, field="on", what="改正日期")
    if on < correction.issued_on:
        raise Refused("corrected_on", "改正日期不能早于下达日期。", fields={"on": "不能早于下达日期"})
    correction.corrected_on, correction.state = on, "corrected"
    bump(correction, "corrected_on", "state")
    core.record(
        "correction.corrected",
        subject=correction.ref,
        actor=actor,
        at=now,
        place_path=correction.place_path,
        data={"corrected_on": on},
    )
    return correction


@transaction.atomic
def close_correction(correction: Correction, *, actor: Actor, now: datetime, version: int | None = None) -> Correction:
    """Closed only when the owners of every unit were told."""
    core.require(actor, "correction.work", correction)
    correction = lock(correction, version=version)
    if correction.closed_at is not None:
        raise Refused("closed", "已经结案。")
    if correction.issued_on is None or correction.state == "ordered":
        raise Refused("not_settled", "责令改正还没有改正结果，不能结案；逾期不改的，另行撤销。")
    left = correction.notices.filter(served_on=None).count()
    whole = correction.notices.count()
    if left:
        told = f"应通告{whole}户，已送达{whole - left}户，还差{left}户，不能结案。"
        raise Refused("notices_left", told, (correction.basis or {}).get("clauses", ()))
    return _close(correction, actor=actor, now=now)


def _close(correction: Correction, *, actor: Actor, now: datetime) -> Correction:
    """An order to put right what has been revoked since is over, too: there is nothing left to put right."""
    correction.closed_at, correction.state = now, "closed"
    bump(correction, "closed_at", "state")
    core.record(
        "correction.closed",
        subject=correction.ref,
        actor=actor,
        at=now,
        place_path=correction.place_path,
        data={"served": correction.notices.exclude(served_on=None).count()},
    )
    return correction
