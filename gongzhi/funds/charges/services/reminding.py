"""提醒 by the committee: every owner past his day is reminded; the committee sees how many, and never who."""

from datetime import date, datetime

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.funds.charges.queries.arrears import debtors
from gongzhi.registry.models import Project, Unit

CONFLICT_STATUS = 409
KIND = "fee.reminded"
TEMPLATE = "fee_reminder"


def message_words(unit: Unit, *, amount_fen: int, until: date, address: str = "", period: str = "") -> dict[str, str]:
    """What an SMS template may say of a debt; `code` is the end of the payer's address."""
    return {
        "estate": str(unit.building.estate),
        "unit": str(unit),
        "period": period,
        "amount": core.yuan(amount_fen),
        "until": cn_date(until),
        "code": address.rstrip("/").rpartition("/")[2],
    }


@transaction.atomic
def remind(project: Project, *, actor: Actor, now: datetime) -> int:
    """How many units. Once a day: a second time is refused (`reminded`)."""
    core.require(actor, "fee.remind", project.estate)
    on = core.local_day(now)
    Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    of = project.estate.ref
    before = Event.objects.filter(kind=KIND, subject_kind=of.kind, subject_id=of.id).order_by("-at").first()
    if before is not None and core.local_day(before.at) == on:
        raise Refused("reminded", "今天已经提醒过，一天提醒一次。", status=CONFLICT_STATUS)
    found = debtors(project, on)
    if not found:
        raise Refused("nothing_due", "没有逾期的物业费，不用提醒。", status=CONFLICT_STATUS)
    for one in found:
        shares = one.ownership.shares.select_related("owner") if one.ownership is not None else ()
        for share in shares:
            core.notify(
                to=share.owner, template=TEMPLATE, ref=of, now=now,
                params=message_words(one.unit, amount_fen=one.owed_fen, until=one.since),
                text=f"{actor.label}提醒：{project.estate}{one.unit}的物业费已过缴费期限，请尽快缴纳；有意见可以在平台上提出。",
            )  # fmt: skip
    core.record(
        KIND, subject=of, actor=actor, at=now, place_path=project.place_path,
        data={"units": len(found), "amount": sum(one.owed_fen for one in found), "estate": str(project.estate_id)},
    )  # fmt: skip
    return len(found)
