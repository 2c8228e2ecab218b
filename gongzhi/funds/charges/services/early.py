"""A unit's bill ahead of the run: who clears his account pays for this month too, whether a run billed it or not."""

from datetime import date, datetime, timedelta

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.funds.charges.models import Bill, BillingRun
from gongzhi.funds.charges.queries.owed import PURSE, OfUnit, terms_on
from gongzhi.funds.charges.queries.planning import months_unbilled, period_end, plan, tariffs_of
from gongzhi.funds.charges.services.billing import Lot, write_bills
from gongzhi.funds.charges.words import EVERY
from gongzhi.funds.common.services import ensure_book
from gongzhi.registry.models import Project, Unit

CONFLICT_STATUS = 409


@transaction.atomic
def bill_until_now(unit: Unit, *, project: Project, actor: Actor, now: datetime) -> list[Bill]:
    """The bills of the months up to this one that no run billed yet, one for each cycle; the runs leave them out.

    Refuses (`run_running`) while a run is at work on the project.
    """
    core.require(actor, "fee.clear", OfUnit(unit, project))
    held = Project.objects.select_for_update(no_key=True).select_related("estate").get(pk=project.pk)
    on = core.local_day(now)
    made = [bill for every in EVERY for bill in _billed(unit, held, every, on, actor, now)]
    if made:
        core.record(
            "fee.billed_once", subject=unit.ref, actor=actor, at=now, place_path=held.place_path,
            data={"amount": sum(bill.amount_fen for bill in made), "due_on": made[0].due_on,
                  "estate": str(held.estate_id)},
        )  # fmt: skip
    return made


def unbilled(unit: Unit, project: Project, on: date) -> bool:
    """Whether a month up to this one's waits for its run."""
    return any(months_unbilled(project, unit, every, on=on) for every in EVERY if tariffs_of(project, every))


def _billed(unit: Unit, project: Project, every: int, on: date, actor: Actor, now: datetime) -> list[Bill]:
    months = months_unbilled(project, unit, every, on=on) if tariffs_of(project, every) else ()
    if not months:
        return []
    if project.billing_runs.filter(every=every, state="running").exists():
        raise Refused("run_running", "正在出账，出完再办，一般几分钟。", status=CONFLICT_STATUS)
    terms = terms_on(project, on)
    due_on = on + timedelta(days=terms.due_days if terms is not None else 0)
    run = BillingRun(
        project=project, every=every, from_on=months[0], to_on=period_end(months[-1], 1), issued_on=on, due_on=due_on,
        by=actor.user, by_label=actor.label, place_path=project.place_path, demo=actor.demo,
    )  # fmt: skip
    book = ensure_book(project.estate, purse=PURSE, on=on, actor=actor, now=now)
    key_head = f"early:{project.pk}:{every}:{months[0]:%Y%m}-{months[-1]:%Y%m}:{_tries(unit, project)}:"
    lot = Lot([unit.pk], months, plan(project, every=every, months=months))
    write_bills(run, lot, book=book, kind="early", key_head=key_head, now=now)
    return list(Bill.objects.filter(entry__book=book, entry__key=f"{key_head}{unit.pk}").select_related("project"))


def _tries(unit: Unit, project: Project) -> int:
    """Bills made early and cancelled since: the act begins anew."""
    return Bill.objects.filter(project=project, unit=unit, kind="early").exclude(cancelled_on=None).count()
