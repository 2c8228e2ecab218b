"""An application and what becomes of it: who takes it, whether all sides want it, accepted or not."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, PersonalData, User
from gongzhi.core.refs import Ref
from gongzhi.mediation.models import MediationFile, MediationParty
from gongzhi.mediation.offices import AtPlace, oversight
from gongzhi.mediation.queries import asking
from gongzhi.mediation.services.common import (
    begin_stage,
    end_stage,
    in_state,
    keep,
    locked,
    note,
    parties_of,
    required,
    tell,
)
from gongzhi.mediation.services.papers import application_paper, matter_of
from gongzhi.mediation.words import CONSENT_WAYS, GRADES, OF_ESTATE, PARTY_KINDS, SIDES, SOURCES
from gongzhi.registry.models import Estate, Unit
from gongzhi.registry.queries.known import organisation_for

COURT_WAY = "可以向人民法院起诉，或者按约定申请仲裁。"


@dataclass(frozen=True)
class PartyInput:
    """One side. An organisation of the estate is found by `kind`; a person is given by name and phone, or a row."""

    side: str
    kind: str
    name: str = ""
    phone: str = ""
    user: User | None = None
    person: PersonalData | None = None
    organisation: Organisation | None = None
    unit: Unit | None = None


@dataclass(frozen=True)
class Weight:
    """How heavy the dispute is, as told."""

    grade: str = ""
    households: int | None = None
    amount_fen: int | None = None
    petition: bool = False


class Applying:
    """Judged by: an office or party of the estate, whoever lives or works there; the court by its own right."""

    def __init__(self, estate: Estate) -> None:
        self.estate, self.place_path = estate, estate.place_path

    def is_party(self, actor: Actor) -> bool:
        if actor.organisation is not None and actor.organisation.role in OF_ESTATE:
            return organisation_for(actor.organisation.role, self.place_path, estate=self.estate) == actor.organisation
        return bool(actor.role) and actor.within(self.place_path)


@transaction.atomic
def apply(
    estate: Estate,
    *,
    matter: str,
    text: str,
    parties: Iterable[PartyInput],
    source: str = "applied",
    weight: Weight | None = None,
    origin: Ref | None = None,
    court_number: str = "",
    outside: Organisation | None = None,
    eased: str = "",
    actor: Actor,
    now: datetime,
) -> MediationFile:
    """A dispute is put to mediation. The document says which body takes it; whoever applied is told, the body too."""
    core.require(actor, "mediation.apply", Applying(estate))
    on = core.local_day(now)
    text = required(text, "text", "请写明纠纷情况和请求。")
    given = list(parties)
    heavy = weight or Weight()
    _fit(estate, matter, source, heavy, given, court_number, actor, now)
    file = MediationFile(
        number=f"TJ-{on.year}-{core.next_number('mediation', on.year):05d}",
        estate=estate,
        place_path=estate.place_path,
        matter=matter,
        text=text,
        source=source,
        grade=heavy.grade,
        households=heavy.households,
        amount_fen=heavy.amount_fen,
        petition=heavy.petition,
        origin_kind=origin.kind if origin else "",
        origin_id=origin.id if origin else "",
        origin_title=origin.title[:200] if origin else "",
        court_number=court_number.strip(),
        applied_at=now,
        filed_by=actor.user,
        demo=actor.demo or estate.demo,
    )
    answer = asking.first_role(file, on)
    role = asking.role_of(answer)
    if not role:
        raise Refused("no_level", "文件没有规定这类纠纷由谁调解，请先补充纠纷的轻重。", answer.clauses)
    file.answer = answer.to_json()
    try:
        with transaction.atomic():
            file.save()
    except IntegrityError as error:
        raise Refused("applied", "这件事已经在调解，请看原来的调解案件。") from error
    for one in given:
        _add_party(file, one, actor=actor, now=now)
    if outside is not None:
        require_outside(file, outside, on)
    begin_stage(file, outside.role if outside else role, organisation=outside, now=now)
    note(file, event="applied", actor=actor, now=now)
    application_paper(file, actor=actor, now=now)
    if file.petition:
        _tell_unrest(file, actor=actor, now=now)
    if eased.strip():
        end_stage(file, "eased", now=now)
        file.state, file.outcome, file.outcome_note, file.closed_at = "closed", "eased", eased.strip(), now
        keep(file, "state", "outcome", "outcome_note", "closed_at")
        note(file, event="closed", actor=actor, now=now, outcome="eased")
    return file


def require_outside(file: MediationFile, unit: Organisation, on: date) -> None:
    """An association mediates only where the document says that it may."""
    named, clauses = oversight(file.place_path, on)
    if unit.role not in (named.get("outside") or ()) or not file.place_path.startswith(unit.place_path):
        raise Refused("outside", "按本地规定这个组织不受理调解。", clauses, {"outside": "请从列表里选"})


def _fit(
    estate: Estate, matter: str, source: str, heavy: Weight, parties: list[PartyInput], number: str, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    pack = core.pack_for(estate.place_path, core.local_day(now))
    known = pack.matters.get(matter) if pack is not None else None
    if known is None:
        raise Refused("matter", "请选纠纷类别。", fields={"matter": "请选类别"})
    if source not in SOURCES or heavy.grade and heavy.grade not in GRADES:
        raise Refused("source", "请从列表里选来源和轻重。", fields={"source": "请从列表里选"})
    if source == "court":
        core.require(actor, "mediation.refer", AtPlace(estate.place_path, core.local_day(now)))
        required(number, "court_number", "法院移交的要填案号。")
    wrong = [one for one in parties if one.side not in SIDES or one.kind not in PARTY_KINDS]
    if wrong or not {"applicant", "respondent"} <= {one.side for one in parties}:
        raise Refused("parties", "请写明申请人和被申请人。", fields={"respondent_name": "两方都要写明"})


def _add_party(file: MediationFile, given: PartyInput, *, actor: Actor, now: datetime) -> MediationParty:
    """Whoever applies himself has said by it that he wants mediation."""
    organisation, person, user = given.organisation, given.person, given.user
    if organisation is None and given.kind in OF_ESTATE and not given.name.strip():
        organisation = organisation_for(given.kind, file.place_path, estate=file.estate)
        if organisation is None:
            raise Refused("no_party", f"这个小区没有登记{PARTY_KINDS[given.kind]}，请写明名称。")
    if organisation is None and person is None:
        name = given.name or (user.display_name if user else "")
        required(name, f"{given.side}_name", f"请填写{SIDES[given.side]}的姓名或名称。")
        person = core.keep_person(
            name=name, phone=given.phone, place_path=file.place_path, owner=file.ref, demo=file.demo, now=now
        )
    himself = given.side == "applicant" and file.source == "applied" and _acts(actor, organisation, user)
    return MediationParty.objects.create(
        file=file,
        side=given.side,
        kind=given.kind,
        person=person,
        organisation=organisation,
        user=user,
        unit=given.unit,
        consents=True if himself else None,
        consent_how="online" if himself else "",
        consented_at=now if himself else None,
        demo=file.demo,
    )


def _acts(actor: Actor, organisation: Any, user: Any) -> bool:
    if organisation is not None:
        return actor.organisation is not None and actor.organisation.pk == organisation.pk
    return user is not None and actor.user is not None and user.pk == actor.user.pk


def _tell_unrest(file: MediationFile, *, actor: Actor, now: datetime) -> None:
    """群体性苗头: those whom the document names are told at once."""
    on = core.local_day(now)
    named, _ = oversight(file.place_path, on)
    units = [organisation_for(one, file.place_path, estate=file.estate) for one in named.get("notified") or ()]
    said = f"{file.estate.name}的{matter_of(file, on)}有群体性苗头，请即时处置；{file.stage.organisation}受理。"
    tell(file, units, template="mediation.unrest", text=said, now=now)
    note(file, event="unrest_told", actor=actor, now=now)


@transaction.atomic
def consent(
    file: MediationFile,
    *,
    party: MediationParty,
    agrees: bool,
    how: str = "online",
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> MediationFile:
    """A side says whether it wants mediation. One that does not ends it: the ways to court are told."""
    row = locked(file, "mediation.consent", version=version, actor=actor)
    in_state(row, "applied", message="受理以前才登记是否同意。")
    party = row.parties.select_related("organisation", "person", "user").get(pk=party.pk)
    own = own_parties(row, actor)
    if not speaks_for(row, party, actor):
        raise Refused("not_yours", "只能替本人表示是否同意调解。", status=403)
    if how not in CONSENT_WAYS:
        raise Refused("how", "请选怎样表示的。", fields={"how": "请选一种"})
    if how == "online" and party.pk not in {one.pk for one in own}:
        raise Refused("how", "由工作人员登记的，请选书面或口头。", fields={"how": "请选书面或口头"})
    party.consents, party.consent_how, party.consented_at = agrees, how, now
    party.save(update_fields=["consents", "consent_how", "consented_at"])
    if not agrees:
        return _close_refused(row, "no_consent", "", actor=actor, now=now)
    keep(row)
    note(row, event="consented", actor=actor, now=now)
    return row


def speaks_for(file: MediationFile, party: MediationParty, actor: Actor) -> bool:
    """A side for itself; the body takes down what any side said to it."""
    himself = party.pk in {one.pk for one in own_parties(file, actor)}
    return himself or actor.is_system or "mediation_body" in file.party_roles(actor)


def own_parties(file: MediationFile, actor: Actor) -> list[MediationParty]:
    from gongzhi.mediation.offices import is_side

    return [one for one in file.parties.select_related("organisation", "person", "user") if is_side(one, actor)]


@transaction.atomic
def accept(file: MediationFile, *, version: int | None = None, actor: Actor, now: datetime) -> MediationFile:
    """受理: with the consent of all sides where the document wants it. The period of mediation runs from here."""
    row = locked(file, "mediation.work", version=version, actor=actor)
    in_state(row, "applied", message="待受理的才能受理。")
    on = core.local_day(now)
    rules, clauses = asking.procedure(row, on)
    missing = [str(one) for one in row.parties.select_related("organisation", "person") if not one.consents]
    if rules.get("consent_first") and missing:
        raise Refused("no_consent", f"还没有{'、'.join(missing)}同意调解的记录，先征得同意再受理。", clauses)
    stage = row.stage
    stage.accepted_at = now
    stage.save(update_fields=["accepted_at"])
    length, _ = asking.period(row.place_path, stage.level, name="mediate", on=on)
    row.state = "accepted"
    row.due_on = asking.last_day(on, length, place_path=row.place_path) if length else None
    row.extensions = 0
    keep(row, "state", "due_on", "extensions")
    note(row, event="accepted", actor=actor, now=now, due_on=row.due_on)
    tell(row, parties_of(row), template="mediation.accepted", text=f"已由{stage.organisation}受理调解。", now=now)
    return row


@transaction.atomic
def decline(
    file: MediationFile, *, reason: str, version: int | None = None, actor: Actor, now: datetime
) -> MediationFile:
    """不受理, with the reason and the other ways."""
    row = locked(file, "mediation.work", version=version, actor=actor)
    in_state(row, "applied", message="待受理的才能不予受理。")
    reason = required(reason, "reason", "请写明不受理的理由。")
    rules, clauses = asking.procedure(row, core.local_day(now))
    if row.stage.came_by == "down" and rules.get("must_take_from_above"):
        raise Refused("from_above", "上一级交下来的纠纷应当签收，不能拒收。", clauses)
    return _close_refused(row, "declined", reason, actor=actor, now=now)


def _close_refused(file: MediationFile, outcome: str, reason: str, *, actor: Actor, now: datetime) -> MediationFile:
    """The sides are told, and whoever asked for it in their stead."""
    end_stage(file, "declined", now=now)
    said = f"{reason.rstrip('。')}。{COURT_WAY}" if reason else COURT_WAY
    file.state, file.outcome, file.outcome_note = "declined", outcome, said
    words = f"{file.get_outcome_display()}：{said}"
    keep(file, "state", "outcome", "outcome_note")
    note(file, event="declined", actor=actor, now=now, outcome=outcome)
    tell(file, [*parties_of(file), file.filed_by], template="mediation.declined", text=words, now=now)
    return file


@transaction.atomic
def withdraw(
    file: MediationFile, *, reason: str, version: int | None = None, actor: Actor, now: datetime
) -> MediationFile:
    """Any side may end a mediation that has not come to an agreement."""
    row = locked(file, "mediation.withdraw", version=version, actor=actor)
    in_state(row, "applied", "accepted", message="正在调解的才能终止。")
    reason = required(reason, "reason", "请写明终止的原因。")
    end_stage(row, "withdrawn", now=now)
    row.state, row.outcome, row.outcome_note = "withdrawn", "withdrawn", f"{reason.rstrip('。')}。{COURT_WAY}"
    keep(row, "state", "outcome", "outcome_note")
    note(row, event="withdrawn", actor=actor, now=now)
    tell(row, parties_of(row), template="mediation.withdrawn", text=f"调解终止，{COURT_WAY}", now=now)
    return row
