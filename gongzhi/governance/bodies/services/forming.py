"""Forming a body in an estate: what brings it about, guidance, the group that prepares it, the election's outcome."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.governance.bodies.models import Advice, Body, Candidate, Formation, OwedMeeting
from gongzhi.governance.bodies.queries.bodies import body_on, guided, in_hand
from gongzhi.governance.bodies.services.common import SeatInput, Winner, bump, lock, not_later, words
from gongzhi.governance.bodies.services.sitting import close_body, judge, make_body, record_formed, seat
from gongzhi.governance.bodies.services.vacancies import BY_ELECTION, refuse_by_election, seat_elected
from gongzhi.governance.bodies.words import BODY_KINDS, CLASSES, COMMITTEES, STEPS, TRIGGERS
from gongzhi.registry import services as registry
from gongzhi.registry.models import Estate
from gongzhi.registry.services import set_fact

TWO = 2
RENEWALS = ("renewal", "re_election")


@transaction.atomic
def meet_conditions(estate: Estate, *, met_on: date, actor: Actor, now: datetime) -> None:
    """The street finds that the estate may have an assembly. An application that came earlier counts from here."""
    core.require(actor, "formation.conditions", estate)
    not_later(met_on, now, field="met_on", what="符合条件之日")
    event = core.record(
        "formation.conditions_met",
        subject=estate.ref,
        actor=actor,
        at=now,
        place_path=estate.place_path,
        data={"met_on": met_on},
    )
    set_fact(estate.ref, "assembly_conditions_met_on", met_on, from_on=met_on, event=event)
    waiting = in_hand(estate, "owners_committee")
    if waiting is not None and waiting.trigger == "application" and waiting.group is None:
        _record_application(waiting, received_on=max(met_on, waiting.opened_on), already=False, actor=actor, now=now)


@transaction.atomic
def classify(estate: Estate, *, group: str, measures: str, actor: Actor, now: datetime) -> None:
    """Which way the estate is to be helped to a body of its own: one class each, with what is done about it."""
    core.require(actor, "formation.conditions", estate)
    if group not in CLASSES:
        raise Refused("class", "请从列表里选分类。", fields={"group": "请从列表里选"})
    plain = words(measures, "measures", "措施")
    event = core.record(
        "formation.classified",
        subject=estate.ref,
        actor=actor,
        at=now,
        place_path=estate.place_path,
        data={"group": group},
    )
    on = core.local_day(now)
    set_fact(estate.ref, "formation_class", group, from_on=on, event=event)
    set_fact(estate.ref, "formation_measures", plain, from_on=on, event=event)


def conditions_met_on(estate: Estate, on: date) -> date | None:
    found: date | None = registry.fact(estate.ref, "assembly_conditions_met_on", on)
    return found


@transaction.atomic
def take_application(
    estate: Estate, *, received_on: date, words_of: str = "", actor: Actor, now: datetime
) -> Formation:
    """Owners apply in writing for their first assembly. The clock runs only where the conditions are met; an
    application that comes when the formation is under way joins it."""
    core.require(actor, "formation.start", estate)
    not_later(received_on, now, field="received_on", what="收到日期")
    if body_on(estate, "owners_committee", core.local_day(now)) is not None:
        raise Refused("committee_in_office", f"{estate}的业主委员会在任，不用再成立；到期请办换届。")
    running = in_hand(estate, "owners_committee")
    if running is not None and running.trigger == "application":
        raise Refused("applied", "这个小区已经收到过申请，正在办理。")
    if running is None:
        _check_start(estate, kind="owners_committee", trigger="application", reason=words_of, actor=actor, now=now)
    formation = running or _open(
        estate, kind="owners_committee", trigger="application", reason=words_of, on=received_on, actor=actor
    )
    _record_application(formation, received_on=received_on, already=running is not None, actor=actor, now=now)
    return formation


def waits_for_conditions(formation: Formation, on: date) -> tuple[str, ...]:
    """The clauses by which the period of an application does not run until the conditions are found met."""
    if formation.trigger != "application" or formation.group is not None:
        return ()
    pack = core.pack_for(formation.place_path, on)
    if pack is None or conditions_met_on(formation.estate, on) is not None:
        return ()
    rules = [one for one in pack.duty_rules.values() if "formation.applied" in one.after]
    return next(
        (one.clauses for one in rules if any(getattr(atom, "key", "") == "conditions_met" for atom in one.where)), ()
    )


def _record_application(formation: Formation, *, received_on: date, already: bool, actor: Actor, now: datetime) -> None:
    core.record(
        "formation.applied",
        subject=formation.estate.ref,
        actor=actor,
        at=now,
        place_path=formation.place_path,
        data={
            "formation": formation.ref.key,
            "kind": formation.kind,
            "received_on": received_on,
            "conditions_met": conditions_met_on(formation.estate, core.local_day(now)) is not None,
            "already_started": already,
        },
    )


def _open(estate: Estate, *, kind: str, trigger: str, reason: str, on: date, actor: Actor) -> Formation:
    try:
        with transaction.atomic():
            return Formation.objects.create(
                estate=estate,
                kind=kind,
                trigger=trigger,
                reason=reason,
                opened_on=on,
                opened_by=actor.organisation,
                previous=body_on(estate, kind, on) if trigger in RENEWALS else None,
                place_path=estate.place_path,
                demo=actor.demo or estate.demo,
            )
    except IntegrityError as error:
        raise Refused("formation_open", f"{estate}的{BODY_KINDS[kind]}正在组建，不能重复启动。") from error


@transaction.atomic
def start_formation(
    estate: Estate, *, kind: str, trigger: str, reason: str = "", started_on: date, actor: Actor, now: datetime
) -> Formation:
    """Without an application: because the law's time is up, a term ends, or no assembly can be had."""
    core.require(actor, "formation.start", estate)
    if trigger not in TRIGGERS:
        raise Refused("trigger", "请选组建情形。", fields={"trigger": "请选组建情形"})
    on = core.local_day(now)
    committee = body_on(estate, "owners_committee", on)
    if trigger in RENEWALS and committee is None and not _had_committee(estate):
        raise Refused("no_committee", f"{estate}没有业主委员会，不能办换届。", fields={"trigger": "请选别的情形"})
    if trigger == BY_ELECTION:
        if kind != COMMITTEES[0]:
            raise Refused("by_election", "补选只用于业主委员会。", fields={"kind": "请选业主委员会"})
        refuse_by_election(estate, on)
    _check_start(estate, kind=kind, trigger=trigger, reason=reason, actor=actor, now=now)
    formation = _open(estate, kind=kind, trigger=trigger, reason=reason.strip(), on=started_on, actor=actor)
    core.record(
        "formation.started",
        subject=estate.ref,
        actor=actor,
        at=now,
        place_path=estate.place_path,
        data={"formation": formation.ref.key, "kind": kind, "trigger": trigger, "started_on": started_on},
    )
    return formation


def _check_start(estate: Estate, *, kind: str, trigger: str, reason: str, actor: Actor, now: datetime) -> None:
    """Refuses what the local document refuses, by whichever door it comes."""
    on = core.local_day(now)
    facts = _start_facts(estate, kind=kind, trigger=trigger, reason=reason, actor=actor, on=on)
    core.run_checks("governance.formation_start", facts, place_path=estate.place_path, on=on)


def may_apply(estate: Estate, *, actor: Actor, on: date) -> bool:
    """Whether the local document lets this office take an application."""
    facts = _start_facts(estate, kind="owners_committee", trigger="application", reason="", actor=actor, on=on)
    found = core.run_checks("governance.formation_start", facts, place_path=estate.place_path, on=on, raise_=False)
    return not any(one.outcome == "refuse" for one in found)


def _start_facts(estate: Estate, *, kind: str, trigger: str, reason: str, actor: Actor, on: date) -> dict[str, Any]:
    committee = body_on(estate, "owners_committee", on)
    facts = {
        "kind": kind,
        "trigger": trigger,
        "guided": bool(guided(estate)),
        "reason_given": bool(reason.strip()),
        "committee_in_office": committee is not None and trigger not in (*RENEWALS, BY_ELECTION),
        "committee_unable": committee is not None and committee.unable_from is not None,
        "management_in_office": body_on(estate, "management_committee", on) is not None,
        "conditions_met": conditions_met_on(estate, on) is not None,
    }
    if not actor.is_system:
        facts["started_by"] = actor.role
    return facts


def _had_committee(estate: Estate) -> bool:
    return Body.objects.filter(estate=estate, kind="owners_committee", state="ended").exists()


@transaction.atomic
def guide(
    estate: Estate,
    *,
    formation: Formation | None = None,
    step: str = "",
    text: str,
    files: Sequence[Any] = (),
    on: date,
    actor: Actor,
    now: datetime,
) -> Advice:
    """Street or community put their guidance on record; the steps that need it look for it. Guidance on a step belongs
    to the committee that is being formed there, whether or not it is named."""
    core.require(actor, "formation.guide", estate)
    if formation is None and step:
        formation = Formation.objects.filter(estate=estate, state="open", kind__in=COMMITTEES).order_by("pk").last()
    if step and step not in STEPS:
        raise Refused("step", "请从列表里选环节。", fields={"step": "请从列表里选"})
    not_later(on, now, field="on", what="指导日期")
    row = Advice.objects.create(
        estate=estate,
        formation=formation,
        kind="guidance",
        step=step,
        given_by=actor.organisation,
        given_role=actor.role,
        words=words(text, "text", "指导内容"),
        given_on=on,
        place_path=estate.place_path,
        demo=actor.demo or estate.demo,
    )
    for file in files:
        core.store_file(file, owner=row.ref, actor=actor, now=now)
    core.record(
        "formation.guided",
        subject=estate.ref,
        actor=actor,
        at=now,
        place_path=estate.place_path,
        data={"formation": formation.ref.key if formation else "", "step": step, "by": actor.role},
    )
    return row


def guidance_of(formation: Formation, on: date) -> tuple[dict[str, Any], tuple[str, ...]]:
    answer = core.ask("governance.guidance", {"kind": formation.kind}, place_path=formation.place_path, on=on)
    return dict(answer.value) if answer.ok and answer.value else {}, tuple(answer.clauses)


def missing_guidance(formation: Formation, on: date) -> list[tuple[str, str]]:
    """(step, role) for which no guidance is on record, of those that the local document asks for."""
    wanted, _ = guidance_of(formation, on)
    found = []
    for step in wanted.get("steps") or ():
        given = guided(formation.estate, formation=formation, step=step)
        found += [(step, role) for role in wanted.get("by") or () if role not in given]
    return found


def require_guidance(formation: Formation, step: str, on: date) -> None:
    """Where the document says that nothing goes on without guidance, it is refused by name."""
    wanted, clauses = guidance_of(formation, on)
    if not wanted.get("blocking") or step not in (wanted.get("steps") or ()):
        return
    lacking = [role for one, role in missing_guidance(formation, on) if one == step]
    if lacking:
        names = "、".join(core.role_name(one, place_path=formation.place_path, on=on) for one in lacking)
        raise Refused("no_guidance", f"“{STEPS[step]}”环节还没有{names}的指导记录，请先登记指导，再办下一步。", clauses)


@transaction.atomic
def name_people(
    formation: Formation, *, guide_name: str, supervisor: str, actor: Actor, now: datetime, version: int | None = None
) -> Formation:
    """Who guides for the street and who supervises for the community; may be changed, each change on record."""
    core.require(actor, "formation.run", formation)
    formation = lock(formation, version=version)
    formation.guide, formation.supervisor = guide_name.strip(), supervisor.strip()
    bump(formation, "guide", "supervisor")
    named = {"guide": formation.guide, "supervisor": formation.supervisor}
    _record(formation, "formation.people_named", named, actor=actor, now=now)
    return formation


def _record(formation: Formation, kind: str, data: dict[str, Any], *, actor: Actor, now: datetime) -> None:
    core.record(
        kind,
        subject=formation.estate.ref,
        actor=actor,
        at=now,
        place_path=formation.place_path,
        data={"formation": formation.ref.key, **data},
    )


@transaction.atomic
def form_group(
    formation: Formation,
    *,
    seats: Iterable[SeatInput],
    formed_on: date,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> Body:
    """The group that prepares the first assembly, or the renewal: from its day the old committee's powers may be
    frozen."""
    core.require(actor, "formation.run", formation)
    formation = lock(formation, version=version)
    _running(formation)
    if formation.group is not None:
        raise Refused("group_formed", "筹备组（换届小组）已经成立。")
    not_later(formed_on, now, field="formed_on", what="成立日期")
    require_guidance(formation, "group", core.local_day(now))
    again = formation.trigger in (*RENEWALS, BY_ELECTION)
    kind = "renewal_group" if again else "preparatory_group"
    estate = formation.estate
    body = make_body(kind, estate=estate, place=estate.place, formed_on=formed_on, actor=actor)
    for one in seats:
        seat(body, given=one, from_on=formed_on, approved_on=formed_on, actor=actor, now=now)
    judge(body, formed_on, formation=formation)
    formation.group = body
    bump(formation, "group")
    _record(
        formation,
        "formation.group_formed",
        {"kind": kind, "group": body.ref.key, "formed_on": formed_on},
        actor=actor,
        now=now,
    )
    return body


def _running(formation: Formation) -> None:
    if formation.state != "open":
        raise Refused("formation_closed", "这次组建已经结束，不能再办。")


@transaction.atomic
def stop_formation(
    formation: Formation, *, reason: str, actor: Actor, now: datetime, version: int | None = None
) -> Formation:
    core.require(actor, "formation.run", formation)
    formation = lock(formation, version=version)
    _running(formation)
    formation.state, formation.closed_on = "stopped", core.local_day(now)
    formation.reason = f"{formation.reason}\n停止：{words(reason, 'reason', '停止原因')}".strip()
    bump(formation, "state", "closed_on", "reason")
    if formation.group is not None and formation.group.state == "in_office":
        close_body(formation.group, ended_on=formation.closed_on, reason="other", actor=actor, now=now)
    _record(formation, "formation.stopped", {"kind": formation.kind}, actor=actor, now=now)
    return formation


@transaction.atomic
def note_choosing_failed(formation: Formation, *, on: date, actor: Actor, now: datetime) -> Formation:
    """The owners could not agree on their representatives: from now on the party organisation may recommend them."""
    core.require(actor, "formation.run", formation)
    formation = lock(formation)
    _running(formation)
    formation.choosing_failed_on = on
    bump(formation, "choosing_failed_on")
    _record(formation, "formation.choosing_failed", {}, actor=actor, now=now)
    return formation


@transaction.atomic
def form_management_committee(
    formation: Formation,
    *,
    seats: Iterable[SeatInput],
    absent_sides: Iterable[str] = (),
    explanation: str = "",
    formed_on: date,
    term_until: date | None = None,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> Body:
    """The street puts the committee together from the sides that the document names."""
    core.require(actor, "formation.run", formation)
    formation = lock(formation, version=version)
    _running(formation)
    if formation.kind != "management_committee":
        raise Refused("formation_kind", "这次组建的不是物业管理委员会。")
    not_later(formed_on, now, field="formed_on", what="成立日期")
    estate = formation.estate
    body = make_body(
        "management_committee",
        estate=estate,
        place=estate.place,
        formed_on=formed_on,
        term_until=term_until,
        absent_sides=absent_sides,
        explanation=explanation,
        actor=actor,
    )
    for one in seats:
        seat(body, given=one, from_on=formed_on, approved_on=formed_on, actor=actor, now=now)
    judge(body, formed_on, formation=formation)
    _finish(formation, body, formed_on)
    record_formed(body, formation=formation, actor=actor, now=now)
    return body


def _finish(formation: Formation, body: Body, on: date) -> None:
    formation.state, formation.body, formation.closed_on = "formed", body, on
    bump(formation, "state", "body", "closed_on")


@transaction.atomic
def take_election(
    formation: Formation,
    *,
    elected: Sequence[Winner],
    substitutes: Sequence[Winner] = (),
    held_on: date,
    term_until: date | None = None,
    vote_ref: str = "",
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> Body | None:
    """The result of an election. Enough elected: the committee is formed, substitutes in their order, the earlier
    term ends. Too few: nothing is formed and the formation stays open for another ballot. A by-election seats whoever
    was elected beside the others."""
    core.require(actor, "formation.run", formation)
    formation = lock(formation, version=version)
    _running(formation)
    if formation.kind != "owners_committee":
        raise Refused("formation_kind", "只有业委会的组建接收选举结果。")
    not_later(held_on, now, field="held_on", what="选举日期")
    people = _on_ballot(formation, [*elected, *substitutes])
    seats = formation.seats or len(elected)
    by_election = formation.trigger == BY_ELECTION
    enough = bool(elected) if by_election else len(elected) * TWO > seats
    formation.vote_ref = vote_ref
    bump(formation, "vote_ref")
    _record(
        formation,
        "election.taken_over",
        {
            "vote": vote_ref or None,
            "elected": len(elected),
            "seats": seats,
            "substitutes": len(substitutes),
            "formed": enough,
        },
        actor=actor,
        now=now,
    )
    if not enough:
        return None
    if by_election:
        body = refuse_by_election(formation.estate, held_on)
        seat_elected(body, elected=elected, people=people, on=held_on, actor=actor, now=now)
        _finish(formation, body, held_on)
        return body
    return _elected_body(
        formation,
        elected,
        substitutes,
        people,
        held_on=held_on,
        term_until=term_until,
        seats=seats,
        actor=actor,
        now=now,
    )


def note_vote(row: Formation | OwedMeeting, *, vote_ref: str, gone: bool = False) -> None:
    """It stands in that vote; `gone`: it was taken off it, or the vote was stopped."""
    if gone and row.vote_ref != vote_ref:
        return
    row.vote_ref = "" if gone else vote_ref
    row.save(update_fields=["vote_ref"])


def _on_ballot(formation: Formation, winners: Sequence[Winner]) -> dict[int, Candidate]:
    rows = Candidate.objects.select_related("person", "unit", "building").in_bulk([one.candidate for one in winners])
    for one in winners:
        candidate = rows.get(one.candidate)
        if candidate is None or candidate.formation_id != formation.pk or not candidate.standing:
            raise Refused("not_on_ballot", "结果里有人不在选票上（没有通过审核，或已退出），不能接收。请核对选举结果。")
    return rows


def _elected_body(
    formation: Formation,
    elected: Sequence[Winner],
    substitutes: Sequence[Winner],
    people: dict[int, Candidate],
    *,
    held_on: date,
    term_until: date | None,
    seats: int,
    actor: Actor,
    now: datetime,
) -> Body:
    estate = formation.estate
    for before in (body_on(estate, "owners_committee", held_on),):
        if before is not None:
            close_body(before, ended_on=held_on, reason="succeeded", actor=actor, now=now)
    body = make_body(
        "owners_committee",
        estate=estate,
        place=estate.place,
        formed_on=held_on,
        term_until=term_until,
        seats=seats,
        actor=actor,
    )
    for rank, one in enumerate([*elected, *substitutes], start=1):
        full = rank <= len(elected)
        candidate = people[one.candidate]
        member = seat(body, given=SeatInput(
                person=candidate.person, post=one.post if full else "member", seat="full" if full else "substitute",
                attributes=tuple(candidate.attributes), source="elected", unit=candidate.unit,
                rank=None if full else rank - len(elected), votes_heads=one.votes_heads,
                votes_area_dm2=one.votes_area_dm2,
            ),
            from_on=held_on,
            approved_on=held_on,
            actor=actor,
            now=now,
        )  # fmt: skip
        Candidate.objects.filter(pk=candidate.pk).update(member=member)
    judge(body, held_on, formation=formation)
    _finish(formation, body, held_on)
    record_formed(body, formation=formation, actor=actor, now=now)
    if formation.group is not None and formation.group.state == "in_office":
        close_body(formation.group, ended_on=held_on, reason="dissolved", actor=actor, now=now)
    give_way(body, moment="formed", on=held_on, actor=actor, now=now)
    return body


def give_way(body: Body, *, moment: str, on: date, actor: Actor, now: datetime) -> None:
    """A management committee that stood in ends on the day the document says: of the election, or of the filing."""
    estate = body.estate
    stand_in = body_on(estate, COMMITTEES[1], on) if estate is not None else None
    if stand_in is None or body.kind != COMMITTEES[0]:
        return
    answer = core.ask("governance.filing_desk", {"kind": body.kind}, place_path=body.place_path, on=on)
    if ((answer.value or {}).get("takes_over") or "filed") == moment:
        close_body(stand_in, ended_on=on, reason="committee_formed", actor=actor, now=now)
