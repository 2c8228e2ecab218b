"""联席会议: disputes are put before it or stand on its list; measures, who sees to them, conclusions, what goes up."""

from datetime import date, datetime

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.mediation.models import ConferenceTopic, DisputeConference, MediationFile
from gongzhi.mediation.offices import AtPlace, conference
from gongzhi.mediation.queries.agenda import agenda, held_topic
from gongzhi.mediation.services.common import CONFLICT_STATUS, keep, locked, not_later, note, required, tell
from gongzhi.registry.queries.known import organisation_for


@transaction.atomic
def hold_conference(place_path: str, *, held_on: date, attended: str, actor: Actor, now: datetime) -> DisputeConference:
    """One conference; what waits for it, and what its document puts on the list, comes before it (`agenda`)."""
    on = core.local_day(now)
    core.require(actor, "conference.hold", AtPlace(place_path, on))
    if actor.organisation is None:
        raise Refused("no_unit", "您没有单位，不能登记联席会议。", status=403)
    not_later(held_on, now, "held_on")
    if DisputeConference.objects.filter(organisation=actor.organisation, held_on=held_on).exists():
        raise Refused("held", "这一天的联席会议已经登记过。", fields={"held_on": "已经登记过"}, status=CONFLICT_STATUS)
    made = DisputeConference.objects.create(
        organisation=actor.organisation,
        held_on=held_on,
        attended=required(attended, "attended", "请写到会的单位和人。"),
        place_path=place_path,
        demo=actor.demo,
    )
    coming = agenda(actor.organisation, place_path, on)
    for topic in coming.waiting:
        topic.conference = made
        topic.save(update_fields=["conference"])
    for topic in coming.carried:
        topic.carried = True
        topic.save(update_fields=["carried"])
    taken_up = [(one.file, one.origin, one.reason) for one in coming.carried]
    taken_up += [(one, "listed", "") for one in coming.listed]
    ConferenceTopic.objects.bulk_create(
        ConferenceTopic(
            file=file, holder=actor.organisation, conference=made, origin=origin, reason=reason, put_at=now,
            demo=made.demo,
        )
        for file, origin, reason in taken_up
    )  # fmt: skip
    where = actor.organisation.place
    data = {"on": held_on, "by": actor.role, "listed": made.topics.count()}
    core.record("conference.held", subject=where.ref, actor=actor, at=now, place_path=place_path, data=data)
    return made


@transaction.atomic
def put_to_conference(
    file: MediationFile, *, reason: str, version: int | None = None, actor: Actor, now: datetime
) -> ConferenceTopic:
    """提请联席会议: it comes before the next conference of who holds one for its place."""
    row = locked(file, "mediation.put", version=version, actor=actor)
    on = core.local_day(now)
    named, clauses = conference(row.place_path, on)
    units = (organisation_for(role, row.place_path, estate=row.estate) for role in named.get("holders") or ())
    holder = next((one for one in units if one is not None), None)
    if holder is None:
        raise Refused("no_conference", "本地没有召开联席会议的单位，不能提请。", clauses)
    if row.state == "closed":
        raise Refused("state", "已经归档的不用提请。", status=CONFLICT_STATUS)
    if any(one.binding for one in row.topics.all()):
        raise Refused("put", "已经提请过，还没有结论。", clauses, status=CONFLICT_STATUS)
    made = ConferenceTopic.objects.create(
        file=row, holder=holder, origin="put", put_at=now, demo=row.demo,
        reason=required(reason, "reason", "请写为什么提请。"),
    )  # fmt: skip
    keep(row)
    note(row, event="put_to_conference", actor=actor, now=now)
    tell(row, [holder], template="mediation.put", text="提请联席会议，已列入下次会议的议题。", now=now)
    return made


@transaction.atomic
def set_measure(
    file: MediationFile, *, measure: str, person: str, version: int | None = None, actor: Actor, now: datetime
) -> ConferenceTopic:
    """处置措施 and 责任人 of a dispute that was before the last conference."""
    row = locked(file, "mediation.confer", version=version, actor=actor)
    topic = _topic(row, actor)
    topic.measure = required(measure, "measure", "请写处置措施。")
    topic.person = required(person, "person", "请写责任人。")
    topic.save(update_fields=["measure", "person"])
    keep(row)
    note(row, event="measure_set", actor=actor, now=now)
    tell(row, [row.stage.organisation], template="mediation.measure", text=f"联席会议：{topic.measure}", now=now)
    return topic


@transaction.atomic
def raise_topic(
    file: MediationFile, *, reason: str, version: int | None = None, actor: Actor, now: datetime
) -> ConferenceTopic:
    """上报: who is above concludes; until then nobody below puts the dispute away."""
    row = locked(file, "mediation.confer", version=version, actor=actor)
    topic = _topic(row, actor)
    named, clauses = conference(row.place_path, core.local_day(now))
    above = organisation_for(named["above"], row.place_path, estate=row.estate) if named.get("above") else None
    if above is None:
        raise Refused("nobody_above", "本地没有可以上报的上级会议。", clauses)
    if topic.raised_to is not None:
        raise Refused("raised", f"已经上报{topic.raised_to}。", clauses, status=CONFLICT_STATUS)
    topic.raised_to, topic.raised_at = above, now
    why = required(reason, "reason", "请写为什么上报。")
    topic.reason = f"{topic.reason}\n上报：{why}".strip()
    topic.save(update_fields=["raised_to", "raised_at", "reason"])
    keep(row)
    note(row, event="raised", actor=actor, now=now, to=above.role)
    tell(row, [above, row.stage.organisation], template="mediation.raised", text="上报上级会议调处。", now=now)
    return topic


@transaction.atomic
def conclude_topic(
    file: MediationFile, *, conclusion: str, version: int | None = None, actor: Actor, now: datetime
) -> ConferenceTopic:
    """会议结论, by who holds the conference or, once it was raised, by the one above; it goes back to all below."""
    row = locked(file, "mediation.conclude", version=version, actor=actor)
    topic = _topic(row, actor)
    if actor.organisation != topic.decides:
        _, clauses = conference(row.place_path, core.local_day(now))
        said = f"{topic.state}：已经上报{topic.decides}，由它作出结论。"
        raise Refused("raised", said, clauses, status=CONFLICT_STATUS)
    topic.conclusion = required(conclusion, "conclusion", "请写会议结论。")
    topic.concluded_by, topic.concluded_at = actor.organisation, now
    topic.save(update_fields=["conclusion", "concluded_by", "concluded_at"])
    keep(row)
    note(row, event="concluded", actor=actor, now=now, by=actor.role)
    told = [topic.holder, row.stage.organisation, row.filed_by]
    tell(row, told, template="mediation.concluded", text=f"会议结论：{topic.conclusion}", now=now)
    return topic


def _topic(file: MediationFile, actor: Actor) -> ConferenceTopic:
    topic = held_topic(file, actor)
    if topic is None:
        raise Refused("no_topic", "这件纠纷不在您单位的会议上，或者已经有结论。", status=CONFLICT_STATUS)
    return topic
