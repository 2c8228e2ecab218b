"""The work of a body: who mediates, the sittings, more time, help, the agreement or none, and moving it on."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.mediation.models import (
    MediationAssist,
    MediationFile,
    MediationParty,
    MediationSession,
    Mediator,
    Recusal,
    SettlementAgreement,
)
from gongzhi.mediation.offices import oversight
from gongzhi.mediation.queries import asking
from gongzhi.mediation.queries.staff import appointment_facts
from gongzhi.mediation.services.common import (
    CONFLICT_STATUS,
    end_stage,
    in_state,
    keep,
    locked,
    note,
    parties_of,
    pass_on,
    required,
    start_of_minute,
    tell,
)
from gongzhi.mediation.services.filing import own_parties, require_outside, speaks_for
from gongzhi.mediation.services.papers import agreement_paper
from gongzhi.mediation.words import MEDIATION_KINDS, MOVES, SIGNED_WAYS
from gongzhi.registry.queries.known import organisation_for

BELOW = {"county": "mediation_station", "street": "mediation_room"}


@transaction.atomic
def appoint(
    file: MediationFile, *, mediators: Iterable[Mediator], version: int | None = None, actor: Actor, now: datetime
) -> list[str]:
    """Who mediates. The document refuses who has to do with a party; what it only warns of is handed back."""
    row = locked(file, "mediation.work", version=version, actor=actor)
    in_state(row, "applied", "accepted", message="正在调解的才指定调解员。")
    chosen = list(mediators)
    if not chosen:
        raise Refused("mediators", "请选调解员。", fields={"mediators": "至少选一名"})
    said: list[str] = []
    for one in chosen:
        facts = appointment_facts(row, one, core.local_day(now))
        found = core.run_checks("mediation.appointment", facts, place_path=row.place_path, on=core.local_day(now))
        said += [f"{one}：{each.message}" for each in found]
    row.stage.mediators.set(chosen)
    keep(row)
    note(row, event="appointed", actor=actor, now=now)
    return said


@transaction.atomic
def recuse(
    file: MediationFile, *, mediator: Mediator, reason: str, version: int | None = None, actor: Actor, now: datetime
) -> Recusal:
    """回避: by the mediator, a party or the body. He is taken off and cannot be given it again."""
    row = locked(file, "mediation.withdraw", version=version, actor=actor)
    in_state(row, "applied", "accepted", message="正在调解的才登记回避。")
    reason = required(reason, "reason", "请写明利害关系。")
    made, _ = Recusal.objects.update_or_create(
        file=row, mediator=mediator, defaults={"reason": reason, "noted_at": now, "demo": row.demo}
    )
    row.stage.mediators.remove(mediator)
    keep(row)
    note(row, event="appointed", actor=actor, now=now)
    return made


@transaction.atomic
def hold_session(
    file: MediationFile,
    *,
    held_at: datetime,
    location: str,
    attended: str,
    content: str,
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> MediationSession:
    """One sitting, written down. Nothing of what was said goes into the event."""
    row = locked(file, "mediation.work", version=version, actor=actor)
    in_state(row, "accepted", message="受理以后才登记调解会。")
    stage = row.stage
    if held_at > now or (stage.accepted_at is not None and held_at < start_of_minute(stage.accepted_at)):
        raise Refused("held_at", "时间要在受理以后、不晚于现在。", fields={"held_at": "请核对时间"})
    made = MediationSession(
        stage=stage,
        held_at=held_at,
        location=required(location, "location", "请填写地点。"),
        attended=required(attended, "attended", "请填写到场的人。"),
        written_by=actor.user,
        demo=row.demo,
    )
    made.set_content(required(content, "content", "请填写调解情况。"))
    made.save()
    keep(row)
    note(row, event="session_held", actor=actor, now=now)
    return made


# -- more time


@transaction.atomic
def agree_to_extension(
    file: MediationFile, *, party: MediationParty, version: int | None = None, actor: Actor, now: datetime
) -> MediationFile:
    """A side agrees to more time. When all have, the period is longer, as often as the document allows."""
    row = locked(file, "mediation.consent", version=version, actor=actor)
    in_state(row, "accepted", message="正在调解的才延长。")
    on = core.local_day(now)
    rules, clauses = asking.procedure(row, on)
    if row.due_on is None or row.extensions >= int(rules.get("extensions") or 0):
        raise Refused("no_extension", "调解期限按规定不能再延长。", clauses)
    if on > row.due_on:
        raise Refused("late", "期限已过，不能再延长。", clauses)
    if not speaks_for(row, party, actor):
        raise Refused("not_yours", "只能替本人同意延长。", status=403)
    wanted = row.extensions + 1
    row.parties.filter(pk=party.pk).update(extension_agreed=wanted)
    note(row, event="extension_agreed", actor=actor, now=now)
    if row.parties.filter(extension_agreed__lt=wanted).exists():
        return keep(row)
    length, _ = asking.period(row.place_path, row.stage.level, name="extension", on=on)
    if length is None:
        raise Refused("no_extension", "文件没有规定延长多久，不能延长。", clauses)
    was = row.due_on
    row.due_on, row.extensions = asking.last_day(was, length, place_path=row.place_path), wanted
    keep(row, "due_on", "extensions")
    note(row, event="extended", actor=actor, now=now, due_on=row.due_on, was_due_on=was)
    return row


# -- help


@transaction.atomic
def ask_help(
    file: MediationFile, *, organisation: Organisation, version: int | None = None, actor: Actor, now: datetime
) -> MediationAssist:
    """Another office is invited. Before it was, it could not see the file."""
    row = locked(file, "mediation.work", version=version, actor=actor)
    in_state(row, "applied", "accepted", message="正在调解的才邀请协助。")
    named, clauses = oversight(row.place_path, core.local_day(now))
    if organisation.role not in (named.get("invited") or ()):
        raise Refused("not_invited", "按本地规定不能邀请这个单位协助调解。", clauses, {"organisation": "请选别的单位"})
    if not row.place_path.startswith(organisation.place_path):
        raise Refused("not_of_place", "这个单位不管这个小区。", clauses, {"organisation": "请选本地的单位"})
    made, fresh = MediationAssist.objects.get_or_create(
        file=row, kind="help", organisation=organisation, defaults={"asked_at": now, "demo": row.demo}
    )
    if fresh:
        keep(row)
        note(row, event="help_asked", actor=actor, now=now, assist="help", by=organisation.role)
        tell(row, [organisation], template="mediation.help", text="请协助调解。", now=now)
    return made


@transaction.atomic
def give_opinion(
    assist: MediationAssist, *, opinion: str, version: int | None = None, actor: Actor, now: datetime
) -> MediationAssist:
    row = locked(assist.file, "mediation.help", version=version, actor=actor)
    if actor.organisation is None or actor.organisation.pk != assist.organisation_id:
        raise Refused("not_yours", "协助意见由被邀请的单位登记。", status=403)
    assist.opinion, assist.given_at = required(opinion, "opinion", "请写意见。"), now
    assist.save(update_fields=["opinion", "given_at"])
    keep(row)
    note(row, event="help_given", actor=actor, now=now, assist=assist.kind, by=assist.organisation.role)
    tell(row, [row.stage.organisation], template="mediation.opinion", text="有新的协助意见。", now=now)
    return assist


@transaction.atomic
def comment(
    file: MediationFile, *, text: str, version: int | None = None, actor: Actor, now: datetime
) -> MediationAssist:
    """An office above comments on a dispute below it. It does not decide it."""
    row = locked(file, "mediation.comment", version=version, actor=actor)
    if actor.organisation is None:
        raise Refused("no_unit", "您没有单位，不能指导。", status=403)
    made = MediationAssist.objects.create(
        file=row, kind="comment", organisation=actor.organisation, asked_at=now, given_at=now,
        opinion=required(text, "text", "请写指导意见。"), demo=row.demo,
    )  # fmt: skip
    keep(row)
    note(row, event="help_given", actor=actor, now=now, assist="comment", by=actor.role)
    tell(row, [row.stage.organisation], template="mediation.comment", text="上级有指导意见。", now=now)
    return made


# -- what came of it


@transaction.atomic
def agree(
    file: MediationFile,
    *,
    terms: str,
    agreed_on: date,
    perform_by: date | None = None,
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> SettlementAgreement:
    """达成协议: the agreement is issued as a document of the body, to be signed by the sides."""
    row = locked(file, "mediation.work", version=version, actor=actor)
    in_state(row, "accepted", message="受理以后才能登记协议。")
    terms, on, stage = required(terms, "terms", "请写协议内容。"), core.local_day(now), row.stage
    accepted = core.local_day(stage.accepted_at or now)
    if not accepted <= agreed_on <= on:
        raise Refused("agreed_on", "达成日期要在受理以后、不晚于今天。", fields={"agreed_on": "请核对日期"})
    if perform_by is not None and perform_by < agreed_on:
        raise Refused("perform_by", "履行期限不能早于达成日期。", fields={"perform_by": "不能早于达成日期"})
    end_stage(row, "agreed", now=now)
    length, _ = asking.period(row.place_path, stage.level, name="confirm", on=agreed_on)
    made = SettlementAgreement.objects.create(
        file=row,
        stage=stage,
        terms=terms,
        perform_by=perform_by,
        agreed_on=agreed_on,
        confirm_by=asking.last_day(agreed_on, length, place_path=row.place_path) if length else None,
        demo=row.demo,
    )
    made.document = agreement_paper(made, actor=actor, now=now)
    made.save(update_fields=["document"])
    row.state, row.outcome = "agreed", "agreed"
    keep(row, "state", "outcome")
    note(row, event="agreed", actor=actor, now=now, confirm_by=made.confirm_by)
    tell(row, parties_of(row), template="mediation.agreed", text="已达成调解协议，请签收。", now=now)
    return made


@transaction.atomic
def sign(
    file: MediationFile,
    *,
    party: MediationParty,
    how: str = "online",
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> MediationFile:
    """A side signs for the agreement: itself on the platform, or on paper as the body takes it down."""
    row = locked(file, "mediation.sign", version=version, actor=actor)
    in_state(row, "agreed", message="达成协议的才签收。")
    if how not in SIGNED_WAYS:
        raise Refused("how", "请选怎样签收。", fields={"how": "请选一种"})
    own = party.pk in {one.pk for one in own_parties(row, actor)}
    if not own and (not speaks_for(row, party, actor) or how == "online"):
        raise Refused("not_yours", "网上只能本人签收；纸质签名由调解组织登记。", status=403)
    row.parties.filter(pk=party.pk, signed_at=None).update(signed_at=now, signed_how=how)
    keep(row)
    note(row, event="signed", actor=actor, now=now)
    return row


@transaction.atomic
def fail(file: MediationFile, *, reason: str, version: int | None = None, actor: Actor, now: datetime) -> MediationFile:
    """未达成: what is still open to the sides is told."""
    row = locked(file, "mediation.work", version=version, actor=actor)
    in_state(row, "accepted", message="受理以后才能登记未达成。")
    reason = required(reason, "reason", "请写没有达成的原因。")
    end_stage(row, "not_agreed", now=now)
    row.state, row.outcome, row.outcome_note = "failed", "not_agreed", reason
    keep(row, "state", "outcome", "outcome_note")
    note(row, event="failed", actor=actor, now=now)
    words = "没有达成协议，可以请上一级继续调解，也可以起诉。"
    tell(row, parties_of(row), template="mediation.failed", text=words, now=now)
    return row


# -- to another body


@transaction.atomic
def move(
    file: MediationFile,
    *,
    way: str,
    reason: str,
    kind: str = "",
    to: Organisation | None = None,
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> MediationFile:
    """To the level above, the one below, another kind of mediation, or to the body that takes it over.

    Everything written so far stays; in the new body it begins with acceptance.
    """
    right = "mediation.take_over" if way == "taken_over" else "mediation.work"
    row = locked(file, right, version=version, actor=actor)
    if way not in MOVES:
        raise Refused("way", "请选怎样移转。", fields={"way": "请选一种"})
    if row.state in ("declined", "withdrawn", "closed"):
        in_state(row, "applied", "accepted", "failed", message="已经结束的不能移转。")
    on, stage = core.local_day(now), row.stage
    facts = {
        "agreed_once": row.state == "agreed" or row.stages.filter(result="agreed").exists(),
        "tried": row.state == "failed",
        "reason_given": bool(reason.strip()),
        "way": way,
    }
    core.run_checks("mediation.move", facts, place_path=row.place_path, on=on)
    role, organisation, new_kind, clauses = _target(row, way, kind, to, actor, on)
    if organisation is not None and organisation.pk == stage.organisation_id and new_kind == stage.kind:
        raise Refused("same", "已经在这个单位，不用移转。", clauses)
    return pass_on(
        row, role=role, way=way, kind=new_kind, reason=reason.strip(), organisation=organisation, actor=actor, now=now
    )


def _target(
    file: MediationFile, way: str, kind: str, to: Organisation | None, actor: Actor, on: date
) -> tuple[str, Organisation | None, str, tuple[str, ...]]:
    """(role, the organisation where it is settled already, kind, clauses) of the body that gets it."""
    stage = file.stage
    if way == "taken_over":
        unit = to or actor.organisation
        if unit is None or not file.place_path.startswith(unit.place_path):
            raise Refused("to", "请选接办的单位。", fields={"to": "请选本地的单位"})
        return unit.role, unit, stage.kind, ()
    if way == "down":
        role = BELOW.get(stage.level)
        if role is None:
            raise Refused("way", "已经是最基层，不能再往下交。", fields={"way": "请选别的去向"})
        unit, role = asking.body_for(role, estate=file.estate, place_path=file.place_path, on=on)
        return role, unit, stage.kind, ()
    if way == "outside":
        if to is None:
            raise Refused("to", "请选行业组织。", fields={"to": "请选一个"})
        require_outside(file, to, on)
        return to.role, to, stage.kind, ()
    if way == "kind":
        return _other_kind(file, kind, to, on)
    answer = asking.next_role(file, stage.level, on)
    role = asking.role_of(answer)
    pack = core.pack_for(file.place_path, on)
    if not role or pack is None or role == "court":
        raise Refused("top", "上面没有调解组织了，请转另一种调解，或者登记转诉讼。", answer.clauses)
    if stage.level == pack.role_level(role) and role == stage.role:
        raise Refused("top", "已经在这一级，不能再上交。", answer.clauses)
    unit, role = asking.body_for(role, estate=file.estate, place_path=file.place_path, on=on)
    return role, unit, stage.kind, tuple(answer.clauses)


def _other_kind(
    file: MediationFile, kind: str, to: Organisation | None, on: date
) -> tuple[str, Organisation | None, str, tuple[str, ...]]:
    if kind not in MEDIATION_KINDS:
        raise Refused("kind", "请选另一种调解。", fields={"kind": "请选一种"})
    if kind not in asking.kinds_after(file):
        name = MEDIATION_KINDS[file.stage.kind]
        raise Refused("kind", f"已经到{name}，只能往后转。", fields={"kind": "请选后面的方式"}, status=CONFLICT_STATUS)
    roles, clauses = asking.kind_bodies(file, kind, on)
    if to is not None and (to.role not in roles or not file.place_path.startswith(to.place_path)):
        raise Refused("to", f"{MEDIATION_KINDS[kind]}不由这个单位主持。", clauses, {"to": "请选别的单位"})
    for role in [to.role] if to is not None else roles:
        unit = to or organisation_for(role, file.place_path, estate=file.estate)
        if unit is not None:
            return role, unit, kind, clauses
    raise Refused("no_body", f"本地还没有主持{MEDIATION_KINDS[kind]}的单位。", clauses)
