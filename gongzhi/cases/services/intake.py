"""Receiving a complaint: by web, phone, visit or from the hotline; one submission, one number, one or more cases."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from gongzhi.cases.codes import CHANNELS, FOUND, FROM_LEVELS, TAGS
from gongzhi.cases.models import Case, Complaint, State
from gongzhi.cases.models.case import ENDED
from gongzhi.cases.models.complaint import lookup_hash
from gongzhi.cases.queries import asking
from gongzhi.cases.services.acting import act, add_files, emit, locked, required_text, unnamed
from gongzhi.cases.services.numbering import next_case_number
from gongzhi.cases.services.opening import MatterInput, open_case, route_at_once
from gongzhi.cases.services.problems import complained_of, known_problem
from gongzhi.core import crypto
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, PersonalData, User
from gongzhi.core.questions import ROLES
from gongzhi.registry import queries as registry
from gongzhi.registry.models import Estate

__all__ = ["ComplainantInput", "MatterInput", "add_matter", "merge_complaint", "receive_complaint", "split_case"]

COUNTY_ROLES = {role.code for role in ROLES if role.level == "county"}
# Why a ticket without a caller is anonymous.
NO_CALLER = "热线没有提供来电人"
CODE_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without the signs that people take for each other
CODE_LENGTH = 6
ACCESS_CODE = "complaint.access_code"
MOST_MATTERS = 8
LONGEST_TEXT = 5000
CLOCK_SKEW = timedelta(minutes=5)
# A slip in the year: it would number the case in that year and ask the rules of that day.
OLDEST = timedelta(days=366)


@dataclass(frozen=True)
class ComplainantInput:
    name: str = ""
    phone: str = ""
    address: str = ""
    organisation: str = ""


@transaction.atomic
def receive_complaint(
    *,
    channel: str,
    estate: Estate | None,
    text: str,
    location: str = "",
    matters: Sequence[MatterInput],
    complainant: ComplainantInput | None = None,
    anonymous_reason: str = "",
    received_at: datetime,
    visitors: int | None = None,
    tags: Sequence[str] = (),
    signed_register: bool = False,
    visitor_confirmed: bool = False,
    answered_on_spot: str = "",
    on_behalf: User | None = None,
    files: Iterable[Any] = (),
    extra: Mapping[str, Any] | None = None,
    desk: Organisation | None = None,
    key: str = "",
    actor: Actor,
    now: datetime,
) -> Complaint:
    """Registers a submission and opens a case for each matter. `.access_code` is set once, when no phone was left.

    `on_behalf` is the building steward who submits for an owner: both are told. `extra` holds plate, hotline_number,
    signature, and from_level: up to which level it had gone before. The same hotline number twice gives the first
    complaint. `desk`: the unit that it was told to, where it hands out such matters.
    """
    if key:
        first = core.form_key(key, actor, makes="complaint")
        if first is not None:
            return _shown_again(Complaint.objects.get(pk=first.id), key)
    given = _Submission(
        channel=channel,
        estate=_checked_estate(estate),
        text=text.strip(),
        location=location.strip()[:200],
        matters=tuple(matters),
        complainant=complainant or ComplainantInput(),
        anonymous_reason=anonymous_reason.strip()[:200],
        received_at=received_at,
        visitors=visitors,
        tags=tuple(dict.fromkeys(tags)),
        signed_register=signed_register,
        visitor_confirmed=visitor_confirmed,
        answered_on_spot=answered_on_spot.strip(),
        steward=on_behalf,
        extra=dict(extra or {}),
    )
    _check(given, actor=actor, now=now)
    known = Complaint.objects.filter(hotline_number=given.hotline_number).first() if given.hotline_number else None
    if known is not None:
        return known
    complaint = _keep(given, code=_code_of(key), actor=actor, now=now)
    actor = unnamed(actor, complaint)
    add_files(files, complaint=complaint, item="registration", actor=actor, now=now)
    _record_received(complaint, given.matters, actor=actor, now=now)
    _open_cases(complaint, given, told_to=desk, actor=actor, now=now)
    if key:
        core.keep_form_key(key, complaint.ref)
    return complaint


def check_complaint(
    *,
    channel: str,
    estate: Estate | None,
    text: str,
    location: str = "",
    matters: Sequence[MatterInput],
    complainant: ComplainantInput,
    received_at: datetime,
    extra: Mapping[str, Any] | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Refuses what `receive_complaint` would refuse for the same; writes nothing."""
    given = _Submission(
        channel=channel, estate=_checked_estate(estate), text=text.strip(), location=location.strip()[:200],
        matters=tuple(matters), complainant=complainant, anonymous_reason=NO_CALLER, received_at=received_at,
        visitors=None, tags=(), signed_register=False, visitor_confirmed=False, answered_on_spot="", steward=None,
        extra=dict(extra or {}),
    )  # fmt: skip
    _check(given, actor=actor, now=now)


@dataclass(frozen=True)
class _Submission:
    """What was handed in, trimmed."""

    channel: str
    estate: Estate
    text: str
    location: str
    matters: tuple[MatterInput, ...]
    complainant: ComplainantInput
    anonymous_reason: str
    received_at: datetime
    visitors: int | None
    tags: tuple[str, ...]
    signed_register: bool
    visitor_confirmed: bool
    answered_on_spot: str
    steward: User | None
    extra: dict[str, Any]

    @property
    def anonymous(self) -> bool:
        return not (self.complainant.name.strip() or self.complainant.phone.strip())

    @property
    def hotline_number(self) -> str:
        return str(self.extra.get("hotline_number", "")).strip() if self.channel == "hotline" else ""


def _checked_estate(estate: Estate | None) -> Estate:
    if estate is None:
        message = "请选择小区。找不到小区时请选所在社区的“零散居民点”。"
        raise Refused("estate_missing", message, fields={"estate": "请选择小区。"})
    return estate


def _moment_faults(received_at: datetime, now: datetime) -> dict[str, str]:
    if received_at > now + CLOCK_SKEW:
        return {"received_at": "收到时间不能晚于现在。"}
    if received_at < now - OLDEST:
        return {"received_at": "收到时间早于一年以前，请核对年份。"}
    return {}


def _check(given: _Submission, *, actor: Actor, now: datetime) -> None:
    """What any register wants, who may keep it, and what the pack wants of this channel."""
    fields: dict[str, str] = {}
    if given.channel not in CHANNELS:
        fields["channel"] = f"请选择来源：{'、'.join(CHANNELS.values())}。"
    if not given.text:
        fields["text"] = "请写明要反映的事情。"
    elif len(given.text) > LONGEST_TEXT:
        fields["text"] = f"请不超过{LONGEST_TEXT}字，其余作为附件上传。"
    if not given.matters:
        fields["matters"] = "请至少选一个事项。"
    elif len(given.matters) > MOST_MATTERS:
        fields["matters"] = f"一次最多{MOST_MATTERS}个事项，请分两次提交。"
    fields |= _moment_faults(given.received_at, now)
    if set(given.tags) - set(TAGS):
        fields["tags"] = "标签只有重要、突出、典型。"
    if given.extra.get("from_level", "") not in ("", *FROM_LEVELS):
        fields["from_level"] = "没有这个层级，请从列表里选择。"
    if given.channel == FOUND and not given.anonymous:
        fields["channel"] = "主动发现的没有投诉人；有人反映的，请选网络、电话、来访或热线。"
    if fields:
        raise Refused("incomplete", "还不能登记：" + "".join(fields.values()), fields=fields)
    if given.channel != "web":
        core.require(actor, "cases.register", given.estate)
    person = given.complainant
    values: dict[str, Any] = {
        "channel": given.channel,
        "caller_name": person.name.strip() or None,
        "caller_phone": person.phone.strip() or None,
        "caller_address": (person.address.strip() or person.organisation.strip()) or None,
        "called_at": given.received_at.isoformat(),
        "reason": given.text,
        "anonymous": given.anonymous,
        "anonymous_reason": given.anonymous_reason or None,
        "visitors": given.visitors,
        "signed_register": given.signed_register,
        "answered_on_spot": given.answered_on_spot or None,
        "visitor_confirmed": given.visitor_confirmed,
        "tagged": bool(given.tags),
        "estate": given.estate.name,
        "location": given.location or None,
        "matters": len(given.matters),
    }
    record = {name: value for name, value in values.items() if value is not None}
    core.run_checks("cases.register", record, place_path=given.estate.place_path, on=local_day(now))


def _keep(given: _Submission, *, code: str, actor: Actor, now: datetime) -> Complaint:
    """Numbers and saves the submission, its complainant under cipher. `.access_code` shows the query code once."""
    estate, by_web = given.estate, given.channel == "web"
    person = None if given.anonymous else _keep_person(given.complainant, estate, actor, now)
    complaint = Complaint(
        number=next_case_number(estate.place_path, local_day(given.received_at), "complaint"),
        channel=given.channel,
        received_at=given.received_at,
        registered_at=now,
        estate=estate,
        place_path=estate.place_path,
        location=given.location,
        text=given.text,
        complainant=person,
        anonymous=given.anonymous and given.channel != FOUND,
        anonymous_reason=given.anonymous_reason,
        visitors=given.visitors,
        tags=list(given.tags),
        signed_register=given.signed_register,
        visitor_confirmed=given.visitor_confirmed,
        answered_on_spot=given.answered_on_spot,
        hotline_number=given.hotline_number,
        receiver=None if by_web else actor.organisation,
        received_by=None if by_web else actor.user,
        submitted_by=actor.user if by_web and given.steward is None else None,
        steward=given.steward,
        extra=given.extra,
        demo=actor.demo or estate.demo,
    )
    access_code = _set_lookup(complaint, given.complainant, code)
    _save_once(complaint)
    complaint.access_code = access_code  # type: ignore[attr-defined]
    if person is not None:
        person.owner_kind, person.owner_id = "complaint", str(complaint.pk)
        core.update_row(person, ["owner_kind", "owner_id"])
    return complaint


def _open_cases(
    complaint: Complaint, given: _Submission, *, told_to: Organisation | None, actor: Actor, now: datetime
) -> None:
    on = local_day(given.received_at)
    desk, desk_role = _desk(given.channel, given.estate, actor, on)
    if told_to is not None and not _plain_department(told_to.role, given.estate, on):
        desk, desk_role = told_to, told_to.role
    for matter in given.matters:
        # What is reported out of the register is no complaint about what the register holds.
        own = "reported_line" in given.extra
        knew = None if own else known_problem(given.estate, matter.matter, now=now)
        case = open_case(
            complaint, given=matter, desk=desk, desk_role=desk_role, company_knew=knew is not None, actor=actor, now=now
        )
        if knew is not None:
            complained_of(knew, case=case, actor=actor, now=now)
        first = _told_before(case) if asking.says_yes(case, "cases.merges_repeats") else None
        if first is not None:
            reason = "同一人就同一事项再次投诉，自动并件并计次。"
            _join_cases(case, first, reason=reason, actor=Actor.system(demo=actor.demo), now=now)
            continue
        if complaint.answered_on_spot:
            _settle_on_spot(case, complaint, actor=actor, now=now)
        else:
            route_at_once(case, actor=actor, now=now)


def _told_before(case: Case) -> Case | None:
    """The running case of the same person about the same matter of the estate: by his account, else by his phone."""
    complaint = case.complaint
    same = Q(pk=None)
    if complaint.submitted_by_id is not None:
        same |= Q(complaint__submitted_by=complaint.submitted_by_id)
    if complaint.complainant is not None and complaint.complainant.phone_hash:
        same |= Q(complaint__complainant__phone_hash=complaint.complainant.phone_hash)
    alike = {"estate": case.estate, "matter": case.matter, "received_at__lte": case.received_at}
    rows = Case.objects.running().filter(same, **alike)
    return rows.exclude(complaint=complaint).exclude(matter="other").order_by("received_at", "id").first()


def _keep_person(given: ComplainantInput, estate: Estate, actor: Actor, now: datetime) -> PersonalData:
    address = "，".join(part for part in (given.organisation.strip(), given.address.strip()) if part)
    return core.keep_person(
        name=given.name,
        phone=given.phone,
        address=address,
        place_path=estate.place_path,
        demo=actor.demo or estate.demo,
        now=now,
    )


def _code_of(key: str) -> str:
    """The query code of the form with that key. The second click, whose answer alone is seen, is shown it again."""
    if not key:
        return "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH))
    rest, signs = int(crypto.keyed_hash(key, purpose=ACCESS_CODE), 16), ""
    for _ in range(CODE_LENGTH):
        rest, sign = divmod(rest, len(CODE_SIGNS))
        signs += CODE_SIGNS[sign]
    return signs


def _shown_again(complaint: Complaint, key: str) -> Complaint:
    code = _code_of(key)
    complaint.access_code = code if complaint.opens_with(code) else ""  # type: ignore[attr-defined]
    return complaint


def _set_lookup(complaint: Complaint, complainant: ComplainantInput, code: str) -> str:
    """The tail of the phone opens the number; without a phone a code does, which is shown this once."""
    digits = crypto.normalised(complainant.phone)
    if len(digits) >= crypto.PHONE_TAIL:
        complaint.lookup_hash = lookup_hash(complaint.number, digits[-crypto.PHONE_TAIL :])
        return ""
    complaint.lookup_hash = lookup_hash(complaint.number, code)
    return code


def _save_once(complaint: Complaint) -> None:
    if not complaint.hotline_number:
        core.insert_rows([complaint])
        return
    try:
        with transaction.atomic():
            complaint.save()
    except IntegrityError as error:
        if "hotline" not in str(error):
            raise
        raise Refused(
            "hotline_twice", "这张热线工单刚刚已经登记，请在列表里按热线编号查找。", fields={"hotline_number": "已登记"}
        ) from error


def _record_received(complaint: Complaint, matters: Sequence[MatterInput], *, actor: Actor, now: datetime) -> None:
    core.record(
        "complaint.received",
        subject=complaint.ref,
        actor=actor,
        at=now,
        data={
            "number": complaint.number,
            "channel": complaint.channel,
            "matters": [one.matter for one in matters],
            "anonymous": complaint.anonymous,
            "steward_submitted": complaint.steward_id is not None,
            "received_at": complaint.received_at,
            "visitors": complaint.visitors,
            "tagged": complaint.tagged,
        },
        place_path=complaint.place_path,
    )


def _desk(channel: str, estate: Estate, actor: Actor, on: date) -> tuple[Organisation | None, str]:
    """Who hands it out: by web and hotline the desk the pack names, by phone and visit the unit that received it.

    A county department does not dispatch to others: what it receives and does not lead goes to the pack's desk.
    """
    receives = actor.organisation is not None and channel in ("phone", "visit", FOUND)
    if receives and actor.organisation is not None and not _plain_department(actor.role, estate, on):
        return actor.organisation, actor.role
    answer = core.ask("cases.intake_desk", {"channel": "web"}, place_path=estate.place_path, on=on)
    if not answer.ok:
        return None, ""
    role = str(answer.value)
    return registry.organisation_for(role, estate.place_path, estate=estate), role


def _plain_department(role: str, estate: Estate, on: date) -> bool:
    """Of the county, and not one of those who hand out there."""
    if role not in COUNTY_ROLES or role in ("leading_group_office", "hotline_desk", "complaint_desk"):
        return False
    facts = {"channel": "phone", "matter": "other", "nature": "other"}
    answer = core.ask("cases.dispatchers", facts, place_path=estate.place_path, on=on)
    return not (answer.ok and role in answer.value)


def _settle_on_spot(case: Case, complaint: Complaint, *, actor: Actor, now: datetime) -> None:
    """Answered while the caller was on the line or in the room: closed at once, unless it must be reported upwards."""
    case.on_spot = True
    case.handled_at = case.answered_at = now
    case.outcome, case.result = "settled", complaint.answered_on_spot
    case.answer_text, case.answered_late = complaint.answered_on_spot, False
    if not case.must_report_up:
        case.state = State.ANSWERED
    emit(
        case,
        kind="answered",
        title="当场答复",
        actor=actor,
        now=now,
        text=complaint.answered_on_spot,
        told="已当场答复。",
        final=True,
        on_time=True,
    )
    if case.must_report_up:
        return
    core.run_checks("cases.close", asking.closing_facts(case), place_path=case.place_path, on=local_day(now))
    case.state, case.closed_at = State.CLOSED, now
    emit(
        case,
        kind="closed",
        title="当场办结",
        actor=actor,
        now=now,
        outcome="settled",
        on_time=True,
        late_explained=False,
    )


@act("split")
def split_case(case: Case, *, matters: Sequence[MatterInput], reason: str = "", actor: Actor, now: datetime) -> Case:
    """Opens further cases for matters that the same submission holds; the complainant's number shows all of them."""
    if not matters:
        raise Refused("matters", "请写明要拆出的事项。", fields={"matters": "请至少选一个事项。"})
    for matter in matters:
        new = open_case(case.complaint, given=matter, desk=case.desk, desk_role=case.desk_role, actor=actor, now=now)
        emit(
            new,
            kind="split",
            title=f"由{case.number}拆分",
            actor=actor,
            now=now,
            text=reason,
            stage="register",
            source=case.number,
        )
        route_at_once(new, actor=actor, now=now)
    emit(
        case,
        kind="progress_noted",
        title="拆分出其他事项",
        actor=actor,
        now=now,
        text=reason,
        told="您反映的几件事已分开办理，用同一编号查询。",
    )
    return case


def add_matter(case: Case, *, matter: MatterInput, reason: str = "", actor: Actor, now: datetime) -> Case:
    return split_case(case, matters=[matter], reason=reason, actor=actor, now=now)


@act("merge")
def merge_complaint(case: Case, *, into: Case, reason: str, actor: Actor, now: datetime) -> Case:
    """Joins a repeated complaint to the one at work. Both keep their number, channel and count; one is worked on."""
    reason = required_text(reason, "reason", "请写明并件的理由。")
    main = locked(into)
    if main.pk == case.pk or main.merged_into_id is not None:
        raise Refused("merge_into", "请选择另一件没有并走的案件。", fields={"into": "不能并到这一件。"})
    if main.state in ENDED:
        raise Refused(
            "merge_ended", f"案件{main.number}已经结束，不能再并入；可以在本件写明与它重复。", fields={"into": "已结束"}
        )
    if main.estate_id != case.estate_id:
        raise Refused("merge_estate", "两件不是同一小区，不能并件。", fields={"into": "不是同一小区"})
    if main.received_at > case.received_at:
        raise Refused(
            "merge_order",
            f"期限从首次收到起算，请把{main.number}并入较早收到的{case.number}。",
            fields={"into": "应并入较早的一件"},
        )
    core.require(actor, "cases.read", main)
    return _join_cases(case, main, reason=reason, actor=actor, now=now)


def _join_cases(case: Case, main: Case, *, reason: str, actor: Actor, now: datetime) -> Case:
    case.state, case.merged_into = State.MERGED, main
    emit(
        case,
        kind="merged",
        title=f"并入{main.number}",
        actor=actor,
        now=now,
        text=reason,
        told=f"与已在办理的同类投诉合并办理（{main.number}），仍用原编号查询。",
        into=main.number,
    )
    case.merged_cases.update(merged_into=main)
    main.__dict__.pop("has_merged", None)
    emit(main, kind="progress_noted", title=f"{case.number}并入本件", actor=actor, now=now, text=reason)
    return case
