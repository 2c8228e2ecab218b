"""调价: a price changes by the steps that the document asks for, and in no other way."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.core.models import StoredFile
from gongzhi.funds.charges.models import PriceChange, PriceReport, Tariff
from gongzhi.funds.charges.queries.owed import OfProject
from gongzhi.funds.charges.services.prices import held_tariff
from gongzhi.funds.charges.words import CHANGE_STEPS
from gongzhi.governance.votes.models import Motion
from gongzhi.registry.models import Project

CONFLICT_STATUS = 409
DAY = timedelta(days=1)
IN_FORCE = ("final", "filed")


@transaction.atomic
def propose_change(
    tariff: Tariff, *, new_price: Decimal, reason: str, evidence: StoredFile | None, report: PriceReport | None,
    actor: Actor, now: datetime,
) -> PriceChange:  # fmt: skip
    """提出调价. The steps are the document's of that day; the price in force stays until the last of them."""
    row = held_tariff(tariff)
    core.require(actor, "fee.bill", OfProject(row.project))
    if row.state != "in_force" or new_price <= 0 or new_price == row.price:
        raise Refused("price", "只能调整执行中的标准，新价格要大于0且与现价不同。", fields={"new_price": "请核对"})
    if report is not None and not report.by_both:
        raise Refused(
            "report_one_side", "评估报告须双方委托，只有一方签字不能作协商附件。", fields={"report": "须双方委托"}
        )
    on = core.local_day(now)
    facts = {"reason_given": bool(reason.strip()), "evidence": evidence is not None or report is not None}
    core.run_checks("funds.price_change", facts, place_path=row.place_path, on=on)
    answer = core.ask(
        "funds.price_change_steps", {"estate_type": row.project.estate.estate_type}, place_path=row.place_path, on=on
    )
    if row.changes.filter(state="open").exists():
        raise Refused("change_open", "这一项已有正在办理的调价。", status=CONFLICT_STATUS)
    change = PriceChange.objects.create(
        tariff=row, new_price=new_price, reason=reason.strip(), evidence=evidence, report=report,
        steps=list(answer.value), proposed_on=on, answer=answer.to_json(), place_path=row.place_path, demo=actor.demo,
    )  # fmt: skip
    _record_change(change, "fee.change_proposed", actor, now)
    return change


@transaction.atomic
def take_step(
    change: PriceChange, *, step: str, on: date, motion: Motion | None = None, number: str = "", version: int | None,
    actor: Actor, now: datetime,
) -> PriceChange:  # fmt: skip
    """The next step: 公示, the owners' decision, filing. Steps come in their order."""
    row = _change(change)
    core.check_version(row, version)
    core.require(actor, "price.file" if step == "file" else "fee.bill", _of(row, step))
    nearest = next_step(row)
    if row.state != "open" or step != nearest:
        wanted = CHANGE_STEPS.get(nearest or "", "执行")
        raise Refused("step_order", f"现在该办的是“{wanted}”。", status=CONFLICT_STATUS)
    if on > core.local_day(now):
        raise Refused("step_day", "日期不能晚于今天。", fields={"on": "不能晚于今天"})
    if step == "notice":
        row.noticed_on = on
    elif step == "decide":
        row.motion = _passed(row, motion)
    else:
        row.filed_on, row.filing_number = on, number.strip()
    row.version += 1
    row.save(update_fields=["noticed_on", "motion", "filed_on", "filing_number", "version"])
    _record_change(row, "fee.change_step", actor, now, step=step)
    return row


def next_step(row: PriceChange) -> str | None:
    done = {"notice": row.noticed_on, "decide": row.motion_id, "file": row.filed_on}
    return next((step for step in row.steps if done[step] is None), None)


@transaction.atomic
def put_into_force(
    change: PriceChange, *, effective_on: date, version: int | None, actor: Actor, now: datetime
) -> Tariff:
    """执行新标准 from its day on, when every step is done; the old one ends the day before."""
    row = _change(change)
    core.check_version(row, version)
    core.require(actor, "fee.bill", OfProject(row.tariff.project))
    if row.state == "done" and row.result is not None:
        return row.result
    lacking = next_step(row)
    facts = {
        "reason_given": bool(row.reason),
        "evidence": row.evidence_id is not None or row.report_id is not None,
        "noticed": row.noticed_on is not None,
        "decided": row.motion_id is not None,
        "filed": row.filed_on is not None,
    }
    core.run_checks("funds.price_change", facts, place_path=row.place_path, on=core.local_day(now))
    if lacking is not None:
        raise Refused("step_lacking", f"还没有办“{CHANGE_STEPS[lacking]}”，现价不变。", status=CONFLICT_STATUS)
    old = held_tariff(row.tariff)
    if effective_on <= old.from_on:
        raise Refused("change_day", f"执行日期要晚于{cn_date(old.from_on)}。", fields={"effective_on": "要更晚"})
    end, old.to_on = old.to_on, effective_on - DAY
    old.version += 1
    old.save(update_fields=["to_on", "version"])
    made = Tariff.objects.create(
        project=old.project, fee=old.fee, title=old.title, price_kind=old.price_kind, basis=old.basis,
        price=row.new_price, every=old.every, use=old.use, building=old.building, grade=old.grade, state="in_force",
        from_on=effective_on, to_on=end, guide=old.guide, filed_on=row.filed_on, filing_number=row.filing_number,
        motion=row.motion, follows=old, place_path=old.place_path, demo=old.demo,
    )  # fmt: skip
    old.personal.filter(to_on=None).update(tariff=made)
    row.state, row.effective_on, row.result, row.version = "done", effective_on, made, row.version + 1
    row.save(update_fields=["state", "effective_on", "result", "version"])
    _record_change(row, "fee.change_done", actor, now)
    return made


@transaction.atomic
def drop_change(change: PriceChange, *, version: int | None, actor: Actor, now: datetime) -> PriceChange:
    row = _change(change)
    core.check_version(row, version)
    core.require(actor, "fee.bill", OfProject(row.tariff.project))
    if row.state == "open":
        row.state, row.version = "dropped", row.version + 1
        row.save(update_fields=["state", "version"])
        _record_change(row, "fee.change_dropped", actor, now)
    return row


def _change(change: PriceChange) -> PriceChange:
    rows = PriceChange.objects.select_for_update(of=("self",)).select_related("tariff__project__estate", "motion")
    return rows.get(pk=change.pk)


def _of(row: PriceChange, step: str) -> Any:
    return row if step == "file" else OfProject(row.tariff.project)


def _passed(row: PriceChange, motion: Motion | None) -> Motion:
    if motion is None or motion.vote.estate_id != row.tariff.project.estate_id:
        raise Refused("motion", "请选本小区关于调价的业主表决。", fields={"motion": "请选表决"})
    if motion.outcome != "passed" or motion.vote.state not in IN_FORCE:
        raise Refused("not_passed", "业主表决没有通过或还没有生效，现价不变。", fields={"motion": "没有通过或未生效"})
    return motion


def _record_change(row: PriceChange, kind: str, actor: Actor, now: datetime, *, step: str = "") -> None:
    core.record(
        kind,
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={
            "from_price": str(row.tariff.price),
            "to_price": str(row.new_price),
            "step": step or None,
            "estate": str(row.tariff.project.estate_id),
        },
    )


@transaction.atomic
def add_report(
    project: Project, *, firm: str, price: Decimal, on: date, ordered_by_company: bool, ordered_by_owners: bool,
    file: StoredFile | None, actor: Actor, now: datetime,
) -> PriceReport:  # fmt: skip
    """A report changes no price; whether both sides ordered it decides what it can be used for."""
    core.require(actor, "fee.bill", OfProject(project))
    row = PriceReport.objects.create(
        project=project, firm=firm.strip(), price=price, on=on, ordered_by_company=ordered_by_company,
        ordered_by_owners=ordered_by_owners, file=file, place_path=project.place_path, demo=actor.demo,
    )  # fmt: skip
    core.record(
        "fee.report_added", subject=project.estate.ref, actor=actor, at=now, place_path=project.place_path,
        data={"price": str(price), "by_both": row.by_both},
    )  # fmt: skip
    return row
