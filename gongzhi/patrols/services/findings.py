"""A finding from the day it is made to the day it is struck off: whose, until when, put right, looked at again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.core.models import Document, Event, Organisation
from gongzhi.core.questions import STAFF_ROLES
from gongzhi.core.services import local_day
from gongzhi.patrols.models import PatrolFinding, PatrolFindingStep, PatrolPhoto, PatrolRound, RegisterEntry
from gongzhi.patrols.services.common import (
    CONFLICT_STATUS,
    At,
    Upload,
    judged,
    keep_files,
    last_day,
    not_later,
    required,
    role_of,
    tell,
)
from gongzhi.patrols.words import GRADES, NOTICE, SIDES
from gongzhi.policy.answer import Answer
from gongzhi.registry.models import Building, Estate
from gongzhi.registry.queries import facts_of, organisation_for

COMPANY = "property_company"
NEAREST = ("community_station", "street_office")


@dataclass(frozen=True)
class Found:
    """A problem as it was seen. `eased` what was done on the spot, when that settled it."""

    kind: str
    text: str
    location: str = ""
    grade: str = "minor"
    side: str = ""
    building: Building | None = None
    responsible: Organisation | None = None
    due_on: date | None = None
    in_contract: bool | None = None
    eased: str = ""
    uploads: Sequence[Upload] = ()


@dataclass(frozen=True)
class Origin:
    """Where it was found: on a round, in a register, or told by somebody."""

    source: str = "report"
    round: PatrolRound | None = None
    entry: RegisterEntry | None = None
    sheet: str = ""


@transaction.atomic
def report_finding(estate: Estate, *, found: Found, actor: Actor, now: datetime) -> PatrolFinding:
    """Somebody tells of a problem outside a round: a steward, an owner, a company, an office."""
    core.require(actor, "finding.report", At(estate))
    return make_finding(estate, found=found, origin=Origin(), at=now, actor=actor, now=now)


def make_finding(
    estate: Estate, *, found: Found, origin: Origin, at: datetime, actor: Actor, now: datetime
) -> PatrolFinding:
    """The finding with its steps. Where the document (or who found it) names whose it is and until when, it is
    assigned at once; otherwise somebody has to."""
    on = local_day(now)
    role = role_of(actor)
    text = required(found.text, "text", "请写明发现了什么问题。")
    location = required(found.location, "location", "请写明位置。")
    if found.grade not in GRADES or found.side and found.side not in SIDES:
        raise Refused("choice", "请从列表里选等级和问题主体。", fields={"grade": "请从列表里选"})
    facts = _facts(estate, found, origin, role, local_day(at))
    notes = judged(
        "patrols.finding",
        {
            **facts,
            "located": True,
            "unit_named": found.responsible is not None,
            "photo": any(one.file for one in found.uploads),
            "in_contract_told": found.in_contract is not None,
        },
        place_path=estate.place_path,
        on=on,
    )
    row = PatrolFinding.objects.create(
        number=f"WT-{on.year}-{core.next_number('finding', on.year):06d}",
        estate=estate,
        place_path=estate.place_path,
        building=found.building,
        source=origin.source,
        round=origin.round,
        entry=origin.entry,
        kind=found.kind,
        side=found.side,
        grade=found.grade,
        location=location,
        text=text,
        in_contract=found.in_contract,
        found_at=at,
        finder=actor.organisation,
        finder_role=role,
        found_by=actor.user,
        repeat_of=_earlier(estate, found, at),
        demo=actor.demo or estate.demo,
    )
    _step(row, "found", text=text, at=at, actor=actor)
    _photos(row, found.uploads, step=None, actor=actor, now=now)
    answer = core.ask("patrols.handling", facts, place_path=estate.place_path, on=on)
    rules = dict(answer.value or {}) if answer.ok else {}
    row.rules = {**answer.to_json(), "told": [one.message for one in notes]}
    row.save(update_fields=["rules"])
    _record(row, "made", actor=actor, now=now, matter=rules.get("matter"), eased=bool(found.eased))
    row.refresh_from_db(fields=["case_number"])
    told = [organisation_for(one, estate.place_path, estate) for one in rules.get("tells") or ()]
    tell(
        told, template="finding.made", text=f"{estate.name}发现“{row.kind}”问题（{row.number}）。", ref=row.ref, now=now
    )
    if found.eased:
        return _eased(row, found.eased, actor=actor, now=now)
    unit = found.responsible or _unit(str(rules.get("responsible") or ""), row)
    if unit is None and row.case_number:
        return _with_case(row, actor=actor, now=now)
    if unit is not None:
        due = found.due_on or _due(row, rules, on)
        if due is not None:
            _assign(row, unit=unit, due_on=due, rules=rules, actor=actor, now=now)
        else:  # named already; it is assigned when somebody sets the day
            row.responsible, row.responsible_role = unit, unit.role
            row.save(update_fields=["responsible", "responsible_role"])
    return row


def _facts(estate: Estate, found: Found, origin: Origin, role: str, on: date) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "source": origin.source,
        "by": role,
        "sheet": origin.sheet or origin.source,
        "kind": found.kind,
        "grade": found.grade,
        "side": found.side or None,
        "in_contract": found.in_contract,
        "in_warranty": in_warranty(estate, found.kind, on),
    }
    return {name: one for name, one in facts.items() if one is not None}


def in_warranty(estate: Estate, kind: str, on: date) -> bool | None:
    """Whether the developer still answers for such a part; None where no period or no day is known."""
    answer = core.ask("patrols.warranty", {"kind": kind}, place_path=estate.place_path, on=on)
    lasts = (answer.value or {}).get("lasts") if answer.ok else None
    completed = facts_of(estate.ref, ("completed_on",), on).get("completed_on")
    if lasts is None or completed is None:
        return None
    return on <= warranty_end(completed, lasts)


def warranty_end(completed: date, lasts: Any) -> date:
    """The same day so many years on: a warranty does not move on from a rest day."""
    from gongzhi.policy.periods import Period, add_months

    length = lasts if isinstance(lasts, Period) else Period.parse(str(lasts))
    months = length.count * 12 if length.unit == "y" else length.count
    return add_months(completed, months)[0]


def _earlier(estate: Estate, found: Found, at: datetime) -> PatrolFinding | None:
    """The first finding of the same kind at the same spot, within the time in which it counts as one again."""
    on = local_day(at)
    answer = core.ask("patrols.repeat", {}, place_path=estate.place_path, on=on)
    rows = PatrolFinding.objects.filter(estate=estate, kind=found.kind, location__iexact=found.location.strip())
    last = rows.exclude(state="voided").filter(found_at__lte=at).order_by("-found_at", "-pk").first()
    if last is None or not answer.ok or last_day(estate.place_path, local_day(last.found_at), answer.value) < on:
        return None
    return last.repeat_of or last


def _unit(role: str, row: PatrolFinding) -> Organisation | None:
    return organisation_for(role, row.place_path, row.estate) if role else None


def _looks_again(row: PatrolFinding) -> Organisation | None:
    """Who found it, if an office or department; nobody strikes off what it has to put right itself."""
    if row.finder is not None and row.finder.role in STAFF_ROLES:
        return row.finder
    return next((one for one in (_unit(role, row) for role in NEAREST) if one is not None), row.finder)


def _due(row: PatrolFinding, rules: Any, on: date) -> date | None:
    return last_day(row.place_path, on, rules["within"]) if rules.get("within") else None


def _assign(
    row: PatrolFinding, *, unit: Organisation, due_on: date, rules: Any, actor: Actor, now: datetime, text: str = ""
) -> None:
    again = row.state != "found"
    row.responsible, row.responsible_role, row.due_on, row.state = unit, unit.role, due_on, "assigned"
    if row.rechecker is None:
        row.rechecker = _unit(str(rules.get("rechecked_by") or ""), row) or _looks_again(row)
        row.rechecker_role = row.rechecker.role if row.rechecker is not None else row.finder_role
    row.version += 1
    row.save()
    _step(row, "assigned", text=text or f"{unit.name}，{cn_date(due_on)}以前（含）", at=now, actor=actor)
    _record(row, "assigned", actor=actor, now=now)
    words = f"{row.estate.name}“{row.kind}”问题（{row.number}）请于{cn_date(due_on)}前整改并上传照片。"
    if not again or unit.pk != getattr(actor.organisation, "pk", None):
        tell([unit], template="finding.assigned", text=words, ref=row.ref, now=now)


def _eased(row: PatrolFinding, text: str, *, actor: Actor, now: datetime) -> PatrolFinding:
    """Settled on the spot: struck off with what was done."""
    row.eased_on_spot, row.state = True, "passed"
    row.rectified_at = row.passed_at = now
    row.version += 1
    row.save()
    _step(row, "eased", text=text, at=now, actor=actor)
    _record(row, "passed", actor=actor, now=now, in_time=True)
    return row


@transaction.atomic
def assign(
    finding: PatrolFinding,
    *,
    responsible: Organisation | None,
    due_on: date | None,
    grade: str = "",
    in_contract: bool | None = None,
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> PatrolFinding:
    """明确责任: nothing goes into rectification without a responsible unit and a day."""
    row = _locked(finding, "finding.assign", version=version, actor=actor)
    _in_state(row, "found", "assigned")
    missing = {}
    if responsible is None:
        missing["responsible"] = "请选责任单位"
    if due_on is None:
        missing["due_on"] = "请填整改时限"
    if missing or responsible is None or due_on is None:
        raise Refused("incomplete", "没有责任单位或整改时限的，不能进入整改。", tuple(_clauses(row)), missing)
    if due_on < local_day(now):
        raise Refused("past", "整改时限不能早于今天。", fields={"due_on": "不能早于今天"})
    if grade in GRADES:
        row.grade = grade
    if in_contract is not None:
        row.in_contract = in_contract
    _assign(row, unit=responsible, due_on=due_on, rules=_rules(row), actor=actor, now=now)
    return row


@transaction.atomic
def rectify(
    finding: PatrolFinding,
    *,
    text: str,
    done_on: date | None = None,
    uploads: Sequence[Upload] = (),
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> PatrolFinding:
    """整改: what was done, with photos where the document wants them. Then it waits to be looked at again."""
    row = _locked(finding, "finding.rectify", version=version, actor=actor)
    _in_state(row, "assigned")
    text = required(text, "text", "请写明整改情况。")
    rules = _rules(row)
    if rules.get("photo") and not any(one.file for one in uploads):
        raise Refused("no_photo", "整改要上传整改后的照片。", tuple(_clauses(row)), {"photos": "请上传照片"})
    if done_on is not None:
        not_later(done_on, local_day(now), "done_on")
    row.rectified_at, row.state = now, "rectified"
    row.version += 1
    row.save()
    step = _step(row, "rectified", text=text, at=now, actor=actor)
    _photos(row, uploads, step=step, actor=actor, now=now)
    _record(row, "rectified", actor=actor, now=now, in_time=row.timing(local_day(now)) == "in_time")
    words = f"{row.estate.name}“{row.kind}”问题（{row.number}）已报送整改，请复查。"
    tell([row.rechecker], template="finding.rectified", text=words, ref=row.ref, now=now)
    return row


@transaction.atomic
def recheck(
    finding: PatrolFinding,
    *,
    passed: bool,
    text: str,
    due_on: date | None = None,
    uploads: Sequence[Upload] = (),
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> PatrolFinding:
    """复查: struck off, or back to the responsible unit with another day."""
    row = _locked(finding, "finding.recheck", version=version, actor=actor)
    _in_state(row, "rectified")
    on = local_day(now)
    text = required(text, "text", "请写明复查情况。")
    if passed and _rules(row).get("recheck_photo") and not any(one.file for one in uploads):
        raise Refused("no_photo", "销号要有复查照片。", tuple(_clauses(row)), {"photos": "请上传照片"})
    row.version += 1
    if passed:
        in_time = row.timing(on) == "in_time"
        row.state, row.passed_at = "passed", now
        row.save()
        step = _step(row, "passed", text=text, at=now, actor=actor)
        _photos(row, uploads, step=step, actor=actor, now=now)
        _record(row, "passed", actor=actor, now=now, in_time=in_time)
        return row
    due = due_on or _due(row, _rules(row), on)
    if due is None or due < on:
        raise Refused("past", "请填重新整改的时限，不能早于今天。", fields={"due_on": "请填时限"})
    row.state, row.due_on, row.rectified_at, row.failed = "assigned", due, None, row.failed + 1
    row.save()
    step = _step(row, "failed", text=text, at=now, actor=actor)
    _photos(row, uploads, step=step, actor=actor, now=now)
    _record(row, "failed", actor=actor, now=now)
    words = f"{row.estate.name}“{row.kind}”问题（{row.number}）复查未通过，请于{cn_date(due)}前重新整改。"
    tell([row.responsible], template="finding.failed", text=words, ref=row.ref, now=now)
    return row


@transaction.atomic
def publish(finding: PatrolFinding, *, version: int | None = None, actor: Actor, now: datetime) -> PatrolFinding:
    """公开: what was found and how it stands can be read by everybody on the estate's page."""
    row = _locked(finding, "finding.publish", version=version, actor=actor)
    if row.state in ("found", "voided") or row.published_on is not None:
        raise Refused("state", "明确责任以后、没有公开过的才能公开。", status=CONFLICT_STATUS)
    row.published_on = local_day(now)
    row.version += 1
    row.save(update_fields=["published_on", "version"])
    _step(row, "published", text="", at=now, actor=actor)
    _record(row, "published", actor=actor, now=now)
    return row


@transaction.atomic
def void(
    finding: PatrolFinding, *, reason: str, version: int | None = None, actor: Actor, now: datetime
) -> PatrolFinding:
    row = _locked(finding, "finding.void", version=version, actor=actor)
    _in_state(row, "found", "assigned")
    return drop_finding(row, text=required(reason, "reason", "请写明作废的理由。"), actor=actor, now=now)


def drop_finding(row: PatrolFinding, *, text: str, actor: Actor, now: datetime) -> PatrolFinding:
    """It was none: void, with why."""
    row.state = "voided"
    row.version += 1
    row.save(update_fields=["state", "version"])
    _step(row, "voided", text=text, at=now, actor=actor)
    _record(row, "voided", actor=actor, now=now)
    return row


@transaction.atomic
def hand_on(
    finding: PatrolFinding, *, matter: str, text: str = "", version: int | None = None, actor: Actor, now: datetime
) -> PatrolFinding:
    """转为案件: a department has to deal with it. What follows is the case's; the finding keeps its number."""
    row = _locked(finding, "finding.notify", version=version, actor=actor)
    _in_state(row, "found", "assigned")
    pack = core.pack_for(row.place_path, local_day(now))
    if pack is None or matter not in pack.matters:
        raise Refused("matter", "请选案件的事项。", fields={"matter": "请从列表里选"})
    _handed(row, matter, text.strip() or pack.matter_name(matter), actor=actor, now=now)
    return row


def _with_case(row: PatrolFinding, *, actor: Actor, now: datetime) -> PatrolFinding:
    """The document made a case of it and names nobody else who has to put it right."""
    row.state = "handed"
    row.version += 1
    row.save(update_fields=["state", "version"])
    _step(row, "handed", text=row.case_number, at=now, actor=actor)
    return row


def _handed(row: PatrolFinding, matter: str, text: str, *, actor: Actor, now: datetime) -> None:
    row.state = "handed"
    row.version += 1
    row.save(update_fields=["state", "version"])
    _step(row, "handed", text=text, at=now, actor=actor)
    _record(row, "handed_on", actor=actor, now=now, matter=matter)
    row.refresh_from_db(fields=["case_number"])


def noticed(row: PatrolFinding) -> bool:
    """Whether the notice of the present time limit has gone out."""
    last = row.steps.filter(step__in=["assigned", "failed", "noticed"]).order_by("-at", "-pk").first()
    return last is not None and last.step == "noticed"


@transaction.atomic
def give_notice(finding: PatrolFinding, *, version: int | None = None, actor: Actor, now: datetime) -> Document:
    """整改通知书 to the responsible unit: numbered, served, to be signed for."""
    row = _locked(finding, "finding.notify", version=version, actor=actor)
    _in_state(row, "assigned")
    if actor.organisation is None or row.responsible is None or row.due_on is None:
        raise Refused("no_unit", "没有登记您的单位或责任单位，不能出具通知书。")
    due = cn_date(row.due_on)
    if noticed(row):
        raise Refused("noticed", "这个时限的整改通知书已经出具过。", status=CONFLICT_STATUS)
    document = core.issue_document(
        NOTICE,
        subject=row.ref,
        to=[row.responsible],
        values={
            "addressee": row.responsible.name,
            "date": cn_date(local_day(row.found_at)),
            "estate": row.estate.name,
            "location": row.location,
            "matter": row.kind,
            "text": row.text.rstrip("。"),
            "due": due,
        },
        issuer=actor.organisation,
        place_path=row.place_path,
        actor=actor,
        now=now,
    )
    row.version += 1
    row.save(update_fields=["version"])
    _step(row, "noticed", text=document.number, at=now, actor=actor)
    _record(row, "noticed", actor=actor, now=now, document=document.number)
    return document


def escalate_overdue(event: Event) -> None:
    """Reaction to `duty.overdue`: a finding that was not put right in time goes to whom the document names."""
    from gongzhi.duties.models import Duty

    duty = Duty.objects.filter(pk=event.subject_id, subject_kind="patrol_finding").only("subject_id").first()
    if duty is None or not duty.subject_id.isdigit():
        return
    row = (
        PatrolFinding.objects.select_for_update(of=("self",))
        .select_related("estate")
        .filter(pk=duty.subject_id)
        .first()
    )
    if row is None or row.state != "assigned":
        return
    role = str(_rules(row).get("escalates_to") or "")
    unit = _unit(role, row)
    if unit is None or row.escalated_to_id == unit.pk:
        return
    row.escalated_to = unit
    row.version += 1
    row.save(update_fields=["escalated_to", "version"])
    actor = Actor.system(demo=row.demo)
    _step(row, "escalated", text=f"超过整改时限，报{unit.name}", at=event.at, actor=actor)
    _record(row, "escalated", actor=actor, now=event.at, to=unit.role)
    words = f"{row.estate.name}“{row.kind}”问题（{row.number}）超过整改时限，请督促。"
    tell([unit], template="finding.escalated", text=words, ref=row.ref, now=event.at)


def _locked(finding: PatrolFinding, right: str, *, version: int | None, actor: Actor) -> PatrolFinding:
    rows = PatrolFinding.objects.select_for_update(of=("self",))
    row: PatrolFinding = rows.select_related("estate", "finder", "rechecker", "responsible").get(pk=finding.pk)
    core.require(actor, right, row)
    core.check_version(row, version)
    return row


def _in_state(row: PatrolFinding, *states: str) -> None:
    if row.state not in states:
        raise Refused("state", f"这条问题现在是“{row.get_state_display()}”，不能这样办。", status=CONFLICT_STATUS)


def _rules(row: PatrolFinding) -> dict[str, Any]:
    kept = row.rules or {}
    value = Answer.from_json({name: one for name, one in kept.items() if name != "told"}).value if kept else None
    return dict(value or {})


def _clauses(row: PatrolFinding) -> list[str]:
    return list((row.rules or {}).get("clauses") or ())


def _step(row: PatrolFinding, step: str, *, text: str, at: datetime, actor: Actor) -> PatrolFindingStep:
    return PatrolFindingStep.objects.create(
        finding=row, step=step, at=at, text=text, organisation=actor.organisation, by_label=actor.label[:200],
        demo=row.demo,
    )  # fmt: skip


def _photos(
    row: PatrolFinding, uploads: Sequence[Upload], *, step: PatrolFindingStep | None, actor: Actor, now: datetime
) -> None:
    kept = keep_files(uploads, owner=row.ref, actor=actor, now=now)
    PatrolPhoto.objects.bulk_create(
        PatrolPhoto(finding=row, step=step, field=one.field[:60], file=file, taken_at=one.taken_at)
        for one, file in kept
    )


def _record(row: PatrolFinding, name: str, *, actor: Actor, now: datetime, **more: Any) -> Event:
    return core.record(
        f"finding.{name}",
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={
            "estate": row.estate.ref.key,
            "source": row.source,
            "sheet": row.round.sheet if row.round is not None else None,
            "kind": row.kind,
            "grade": row.grade,
            "side": row.side or None,
            "by": row.finder_role,
            "lead": row.responsible_role or None,
            "rechecked_by": row.rechecker_role or None,
            "due_on": row.due_on,
            "repeated": row.repeat_of_id is not None,
            **more,
        },
    )
