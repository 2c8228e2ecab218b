"""Filing a committee with the street, telling what changes, registering seals and accounts."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.core.models import Document, Organisation
from gongzhi.core.rights import FORBIDDEN_STATUS
from gongzhi.governance.bodies.models import Asset, Body, BodyChange, Filing
from gongzhi.governance.bodies.queries.composition import composition_facts, findings_of, stored
from gongzhi.governance.bodies.rights import STREET
from gongzhi.governance.bodies.services.common import bump, lock, not_later, of_body, words
from gongzhi.governance.bodies.services.forming import give_way
from gongzhi.governance.bodies.words import ASSET_KINDS, CHANGE_KINDS
from gongzhi.registry.queries import organisation_for, organisations_for
from gongzhi.registry.services import set_fact

INSTRUMENT = "committee_filing"
TAIL = 4


def desk_of(body: Body, on: date) -> tuple[dict[str, Any], tuple[str, ...]]:
    answer = core.ask("governance.filing_desk", {"kind": body.kind}, place_path=body.place_path, on=on)
    return dict(answer.value or {}) if answer.ok else {}, tuple(answer.clauses)


@transaction.atomic
def submit_filing(
    body: Body,
    *,
    papers: Sequence[str] = (),
    files: Sequence[Any] = (),
    party_group: str = "",
    party_group_on: date | None = None,
    explanation: str = "",
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> Filing:
    """The committee hands in its papers. What the composition lacks must be explained where the document says so."""
    core.require(actor, "body.file", body)
    body = lock(body, version=version)
    if body.state != "in_office" or body.filed_on is not None:
        raise Refused("not_to_file", "已经备案或已经终止的组织不再提交备案。")
    on = core.local_day(now)
    wanted, clauses = desk_of(body, on)
    desk = organisation_for(str(wanted.get("desk") or "street_office"), body.place_path, body.estate)
    if desk is None:
        raise Refused("filing_desk", "还没有登记备案单位，请先登记单位。", clauses)
    missing = [one for one in wanted.get("papers") or () if one not in papers]
    facts = {
        **composition_facts(body, on),
        "sides_complete": not findings_of(body, on),
        "explanation": bool(explanation.strip()),
        "papers_missing": len(missing),
        "party_group_dated": party_group_on is not None,
    }
    if party_group:
        facts["party_group"] = party_group
    core.run_checks("governance.filing", facts, place_path=body.place_path, on=on)
    try:
        with transaction.atomic():
            filing = Filing.objects.create(
                body=body,
                place_path=body.place_path,
                papers=list(papers),
                party_group=party_group,
                party_group_on=party_group_on,
                explanation=explanation.strip(),
                desk=desk,
                submitted_at=now,
                submitted_by=actor.user,
                basis={"findings": stored(findings_of(body, on)), "clauses": list(clauses), "missing": missing},
                demo=actor.demo or body.demo,
            )
    except IntegrityError as error:
        raise Refused("filing_open", "备案已经提交，正在审核。") from error
    for file in files:
        core.store_file(file, owner=filing.ref, actor=actor, now=now)
    core.record(
        "filing.submitted",
        subject=body.ref,
        actor=actor,
        at=now,
        place_path=body.place_path,
        data=of_body(body, filing=filing.ref.key, formed_on=body.formed_on, party_group=party_group or None),
    )
    core.notify(to=desk, template="filing.submitted", text=f"请审核备案：{body}", ref=filing.ref, now=now)
    return filing


def at_desk(actor: Actor, filing: Filing) -> bool:
    """Whether this is the office that the document names for the filing: the one office of a street is the other's."""
    own, desk = actor.role, filing.desk.role
    return actor.organisation is None or own == desk or (own in STREET and desk in STREET)


def _require_desk(actor: Actor, filing: Filing) -> None:
    core.require(actor, "filing.decide", filing)
    if not at_desk(actor, filing):
        raise Refused(
            "not_the_desk",
            f"这件备案由{filing.desk}审核，请转给{filing.desk}。",
            (filing.basis or {}).get("clauses", ()),
            status=FORBIDDEN_STATUS,
        )


@transaction.atomic
def decide_filing(
    filing: Filing, *, accepted: bool, opinion: str = "", actor: Actor, now: datetime, version: int | None = None
) -> Filing:
    """Accepted: a number, a certificate, copies to those the document names. Sent back: what is missing, in words."""
    _require_desk(actor, filing)
    filing = lock(filing, version=version)
    if filing.state != "submitted":
        raise Refused("filing_decided", "这件备案已经审核过。")
    body: Body = lock(filing.body)
    filing.decided_at, filing.decided_by = now, actor.user
    if not accepted:
        filing.state, filing.opinion = "returned", words(opinion, "opinion", "退回的原因和所缺材料")
        bump(filing, "state", "opinion", "decided_at", "decided_by")
        core.record(
            "filing.returned",
            subject=body.ref,
            actor=actor,
            at=now,
            place_path=body.place_path,
            data=of_body(body, filing=filing.ref.key),
        )
        return filing
    on = core.local_day(now)
    filing.document = _certificate(filing, body, actor=actor, now=now, on=on)
    filing.number = filing.document.number if filing.document else _number(filing, on)
    filing.state, filing.opinion = "filed", opinion.strip()
    bump(filing, "state", "opinion", "decided_at", "decided_by", "document", "number")
    body.filed_on = on
    bump(body, "filed_on")
    event = core.record(
        "filing.accepted",
        subject=body.ref,
        actor=actor,
        at=now,
        place_path=body.place_path,
        data=of_body(body, filing=filing.ref.key, filed_on=on, number=filing.number),
    )
    if body.estate is not None and filing.party_group:
        set_fact(body.estate.ref, "has_party_group", filing.party_group == "established", from_on=on, event=event)
    give_way(body, moment="filed", on=on, actor=actor, now=now)
    return filing


def _number(filing: Filing, on: date) -> str:
    return f"备案〔{on.year}〕{core.next_number(f'filing|{filing.desk_id}', on.year)}号"


def _certificate(filing: Filing, body: Body, *, actor: Actor, now: datetime, on: date) -> Document | None:
    pack = core.pack_for(body.place_path, on)
    if pack is None or INSTRUMENT not in pack.instruments:
        return None
    wanted, _ = desk_of(body, on)
    copies = organisations_for(wanted.get("copy_to") or (), body.place_path, estate=body.estate)
    return core.issue_document(
        INSTRUMENT,
        subject=body.ref,
        to=[body.organisation] if body.organisation else [],
        copy_to=list(copies.values()),
        values={
            "estate": str(body.estate or ""),
            "date": f"{on.year}年{on.month}月{on.day}日",
            "text": f"第{body.term}届，任期自{cn_date(body.formed_on)}起",
            "items": _papers(filing),
        },
        issuer=filing.desk,
        place_path=body.place_path,
        actor=actor,
        now=now,
    )


def _papers(filing: Filing) -> str:
    return "、".join(filing.papers) or "备案材料"


def copies_missing(filing: Filing) -> list[str]:
    """The roles that the document wants to have a copy and that got none: the filing waits for its copies."""
    on = core.local_day(filing.decided_at or filing.submitted_at)
    wanted, _ = desk_of(filing.body, on)
    given: set[str] = set()
    if filing.document is not None:
        given = {one.organisation.role for one in filing.document.recipients.select_related("organisation")}
    return [role for role in wanted.get("copy_to") or () if role not in given]


@transaction.atomic
def send_missing_copies(filing: Filing, *, actor: Actor, now: datetime) -> list[Organisation]:
    """Copies to those who could not be reached before."""
    _require_desk(actor, filing)
    if filing.document is None:
        raise Refused("no_document", "本地文件没有备案文书，不能抄送。请先在政策包里补上。")
    found = organisations_for(copies_missing(filing), filing.place_path, estate=filing.body.estate)
    for one in found.values():
        filing.document.recipients.get_or_create(organisation=one, defaults={"copy": True, "served_at": now})
        core.notify(
            to=one,
            template="document.served",
            text=f"{filing.document} 已抄送您单位。",
            ref=filing.document.ref,
            now=now,
        )
    return list(found.values())


@transaction.atomic
def register_asset(
    body: Body,
    *,
    kind: str,
    title: str,
    bank: str = "",
    number: str = "",
    keeper: str = "",
    from_on: date,
    actor: Actor,
    now: datetime,
) -> Asset:
    """A seal or an account. It opens the clock for telling the street in writing."""
    core.require(actor, "body.report", body)
    if kind not in ASSET_KINDS:
        raise Refused("asset_kind", "请选印章或银行账户。", fields={"kind": "请选印章或银行账户"})
    not_later(from_on, now, field="from_on", what="日期")
    digits = "".join(one for one in number if one.isdigit())
    plain = words(title, "title", "名称（户名）")
    if kind == "account":
        if not bank.strip() or len(digits) < TAIL:
            raise Refused("account", "账户要填开户银行和账号。", fields={"bank": "请填开户银行", "number": "请填账号"})
        if body.organisation is not None and plain != body.organisation.name:
            raise Refused(
                "account_name",
                f"户名要与备案名称“{body.organisation.name}”一致，不能用企业或个人名义。",
                fields={"title": f"请填“{body.organisation.name}”"},
            )
    row = Asset.objects.create(
        body=body,
        kind=kind,
        title=plain,
        bank=bank.strip(),
        tail=digits[-TAIL:],
        keeper=keeper.strip(),
        from_on=from_on,
        place_path=body.place_path,
        demo=actor.demo or body.demo,
    )
    core.record(
        "body.asset_registered",
        subject=body.ref,
        actor=actor,
        at=now,
        place_path=body.place_path,
        data=of_body(body, what=kind, from_on=from_on),
    )
    note_change(body, kind=kind, what=f"{ASSET_KINDS[kind]}：{plain}", happened_on=from_on, actor=actor, now=now)
    return row


@transaction.atomic
def close_asset(
    asset: Asset, *, to_on: date, note: str, files: Sequence[Any] = (), actor: Actor, now: datetime
) -> Body:
    """A seal that was destroyed, an account that was closed, also of a body that has ended. `note`: by whom, and where
    the money went."""
    core.require(actor, "body.report", asset.body)
    asset = Asset.objects.select_for_update(of=("self",)).select_related("body").get(pk=asset.pk)
    body = asset.body
    if asset.to_on is not None:
        raise Refused("asset_closed", f"“{asset.title}”已经登记缴销（销户）。", fields={"asset": "已经登记过"})
    not_later(to_on, now, field="to_on", what="缴销（销户）日期")
    if to_on < asset.from_on:
        first = cn_date(asset.from_on)
        raise Refused("asset_order", f"缴销（销户）不能早于启用的{first}。", fields={"to_on": f"请填{first}以后"})
    asset.to_on, asset.end_note = to_on, words(note, "note", "缴销（销户）情况")[:200]
    asset.save(update_fields=["to_on", "end_note"])
    for file in files:
        core.store_file(file, owner=body.ref, actor=actor, now=now)
    core.record(
        "body.asset_closed",
        subject=body.ref,
        actor=actor,
        at=now,
        place_path=body.place_path,
        data=of_body(body, what=asset.kind, to_on=to_on),
    )
    return body


@transaction.atomic
def note_change(body: Body, *, kind: str, what: str, happened_on: date, actor: Actor, now: datetime) -> BodyChange:
    """Something the street has to be told within the days of the document: each its own clock."""
    core.require(actor, "body.report", body)
    if kind not in CHANGE_KINDS:
        raise Refused("change_kind", "请选报告事项。", fields={"kind": "请选报告事项"})
    not_later(happened_on, now, field="happened_on", what="发生日期")
    row = BodyChange.objects.create(
        body=body,
        kind=kind,
        what=words(what, "what", "内容")[:200],
        happened_on=happened_on,
        place_path=body.place_path,
        demo=actor.demo or body.demo,
    )
    row.event = core.record(
        "change.happened",
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={"change": kind, "happened_on": happened_on, "body": body.ref.key, "owner": body.kind},
    )
    row.save(update_fields=["event"])
    return row


@transaction.atomic
def report_change(change: BodyChange, *, file: Any, actor: Actor, now: datetime) -> BodyChange:
    """The written report."""
    core.require(actor, "body.report", change.body)
    change = BodyChange.objects.select_for_update(of=("self",)).select_related("body").get(pk=change.pk)
    if change.reported_at is not None:
        raise Refused("reported", "这件变更已经报告过。")
    if file is None:
        raise Refused("report_file", "请附上书面报告。", fields={"file": "请附上书面报告"})
    core.store_file(file, owner=change.ref, actor=actor, now=now)
    change.reported_at = now
    change.save(update_fields=["reported_at"])
    core.record(
        "change.reported",
        subject=change.ref,
        actor=actor,
        at=now,
        place_path=change.place_path,
        data={"change": change.kind, "body": change.body.ref.key},
    )
    return change
