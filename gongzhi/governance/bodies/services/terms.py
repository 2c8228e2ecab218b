"""The clock of a term: the notice of its end, what the calendar brings about, the renewal that follows."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.governance.bodies.models import Body, Formation
from gongzhi.governance.bodies.queries.bodies import body_on, in_hand
from gongzhi.governance.bodies.services.common import DAY, bump, clocks, day_before, last_day, lock, not_later, of_body
from gongzhi.governance.bodies.services.forming import conditions_met_on
from gongzhi.registry.models import Estate, StandingFact
from gongzhi.registry.services import set_fact


@transaction.atomic
def notify_term_end(
    body: Body, *, told_on: date, file: object | None = None, actor: Actor, now: datetime, version: int | None = None
) -> Body:
    """The committee tells the street in writing that its term ends."""
    core.require(actor, "body.report", body)
    body = lock(body, version=version)
    if body.term_until is None:
        raise Refused("no_term", "还没有登记任期，不能办届满告知。")
    if body.term_notice_on is not None:
        raise Refused("told", "届满告知已经登记。")
    not_later(told_on, now, field="told_on", what="告知日期")
    if file is not None:
        core.store_file(file, owner=body.ref, actor=actor, now=now)
    body.term_notice_on = told_on
    bump(body, "term_notice_on")
    core.record(
        "body.term_notified",
        subject=body.ref,
        actor=actor,
        at=now,
        place_path=body.place_path,
        data=of_body(body, told_on=told_on, term_until=body.term_until),
    )
    return body


@transaction.atomic
def set_term(body: Body, *, term_until: date, actor: Actor, now: datetime, version: int | None = None) -> Body:
    """The last day of the term as the estate's rules of procedure say."""
    core.require(actor, "body.register", body)
    body = lock(body, version=version)
    if body.formed_on is None or term_until <= body.formed_on:
        raise Refused("term_until", "任期届满日要晚于成立日期。", fields={"term_until": "要晚于成立日期"})
    body.term_until, body.term_warned_at, body.term_over_at = term_until, None, None
    bump(body, "term_until", "term_warned_at", "term_over_at")
    event = core.record(
        "body.changed",
        subject=body.ref,
        actor=actor,
        at=now,
        place_path=body.place_path,
        data=of_body(body, what="登记任期", from_on=body.formed_on),
    )
    if body.estate is not None and body.kind == "owners_committee":
        set_fact(body.estate.ref, "committee_term_until", term_until, from_on=core.local_day(now), event=event)
    return body


def term_end(estate: Estate, on: date) -> date | None:
    """The last day of a term that begins that day, where the local document fixes its length."""
    periods, _ = clocks(estate.place_path, on)
    if periods.get("term") is None:
        return None
    return last_day(on, periods["term"], place_path=estate.place_path, roll=False)


def start_renewal(event: Event) -> None:
    """Reaction: the street was told that a term ends, or it ended untold: the renewal is under way."""
    body = Body.objects.select_related("estate").filter(pk=event.subject_id).first()
    if body is None or body.estate is None or body.kind != "owners_committee":
        return
    if in_hand(body.estate, "owners_committee") is not None:
        return
    on = core.local_day(event.at)
    formation = Formation.objects.create(
        estate=body.estate,
        kind="owners_committee",
        trigger="renewal",
        opened_on=on,
        previous=body,
        place_path=body.place_path,
        demo=body.demo,
    )
    core.record(
        "formation.started",
        subject=body.estate.ref,
        actor=Actor.system(demo=body.demo),
        at=event.at,
        place_path=body.place_path,
        data={"formation": formation.ref.key, "kind": "owners_committee", "trigger": "renewal", "started_on": on},
    )


@transaction.atomic
def watch(now: datetime) -> dict[str, int]:
    """What the calendar alone brings about: terms that are about to end or have ended, years without an application.

    Safe to run twice and after a week of outage: each is recorded once.
    """
    on = core.local_day(now)
    return {
        "ending": sum(_warn(body, on, now) for body in _with_term(on)),
        "over": sum(_over(body, on, now) for body in _with_term(on)),
        "no_application": sum(_nobody_applied(estate, on, now) for estate in _waiting(on)),
    }


def _with_term(on: date) -> list[Body]:
    rows = Body.objects.select_for_update(of=("self",), skip_locked=True).filter(
        kind="owners_committee", state="in_office", term_until__isnull=False
    )
    return list(rows.select_related("estate").order_by("pk"))


def _warn(body: Body, on: date, now: datetime) -> bool:
    if body.term_warned_at is not None or body.term_until is None:
        return False
    first = notice_day(body, on)
    if first is None or on < first:
        return False
    body.term_warned_at = now
    body.save(update_fields=["term_warned_at"])
    until = last_notice_day(body, on) or body.term_until
    _record(body, "body.term_ending", now, within=f"{max((until - on).days, 0)}d")
    return True


def notice_day(body: Body, on: date) -> date | None:
    """The first day on which the end of the term has to be told."""
    periods, _ = clocks(body.place_path, on)
    if periods.get("term_notice") is None or body.term_until is None:
        return None
    if periods.get("term_notice_after"):
        return body.term_until + DAY
    return day_before(body.term_until, periods["term_notice"], place_path=body.place_path)


def last_notice_day(body: Body, on: date) -> date | None:
    """By when it has to be told: the end of the term, or where the document is read so a period after it."""
    periods, _ = clocks(body.place_path, on)
    if body.term_until is None or periods.get("term_notice") is None or not periods.get("term_notice_after"):
        return body.term_until
    return last_day(body.term_until, periods["term_notice"], place_path=body.place_path, roll=False)


def _record(body: Body, kind: str, now: datetime, **more: str) -> None:
    core.record(
        kind,
        subject=body.ref,
        actor=Actor.system(demo=body.demo),
        at=now,
        place_path=body.place_path,
        data=of_body(body, term_until=body.term_until, **more),
    )


def _over(body: Body, on: date, now: datetime) -> bool:
    until = last_notice_day(body, on)
    if body.term_over_at is not None or until is None or on <= until:
        return False
    body.term_over_at = now
    body.save(update_fields=["term_over_at"])
    _record(body, "body.term_over", now)
    return True


def _waiting(on: date) -> list[Estate]:
    """Estates that may have an assembly, have no committee, and where nothing was ever begun."""
    keys = StandingFact.objects.filter(name="assembly_conditions_met_on", subject_kind="estate", from_on__lte=on)
    ids = [int(one) for one in keys.values_list("subject_id", flat=True).distinct() if one.isdigit()]
    begun = Formation.objects.filter(estate=OuterRef("pk"), kind="owners_committee")
    governed = Body.objects.filter(estate=OuterRef("pk"), kind="owners_committee")
    rows = Estate.objects.filter(pk__in=ids, ended_on=None).filter(~Exists(begun), ~Exists(governed))
    return list(rows.select_for_update(of=("self",), skip_locked=True).order_by("pk"))


def _nobody_applied(estate: Estate, on: date, now: datetime) -> bool:
    met_on = conditions_met_on(estate, on)
    periods, _ = clocks(estate.place_path, on)
    if met_on is None or periods.get("no_application") is None or body_on(estate, "owners_committee", on) is not None:
        return False
    # The period itself does not move: it is a condition that comes true, not an act somebody has to do in time.
    if on <= last_day(met_on, periods["no_application"], place_path=estate.place_path, roll=False):
        return False
    formation = Formation.objects.create(
        estate=estate,
        kind="owners_committee",
        trigger="no_application",
        opened_on=on,
        place_path=estate.place_path,
        demo=estate.demo,
    )
    core.record(
        "formation.no_application",
        subject=estate.ref,
        actor=Actor.system(demo=estate.demo),
        at=now,
        place_path=estate.place_path,
        data={"formation": formation.ref.key, "kind": "owners_committee", "met_on": met_on},
    )
    return True
