"""How an act on a case is done: lock, second click, version, right, conditions; then one event with its entry."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypedDict, cast

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from gongzhi.cases.codes import HOTLINE_DEADLINE
from gongzhi.cases.models import Case, CaseEntry, CaseFile, CaseParty, Complaint, Part
from gongzhi.cases.models.case import ENDED
from gongzhi.cases.models.complaint import reader_key
from gongzhi.cases.queries import asking
from gongzhi.cases.queries.acts import rule_of
from gongzhi.cases.queries.conditions import Ground
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, StoredFile
from gongzhi.core.prepared import first_row
from gongzhi.core.questions import ROLES
from gongzhi.core.refs import Ref
from gongzhi.duties.models import Duty
from gongzhi.policy import Period, deadline
from gongzhi.registry import queries as registry

P = ParamSpec("P")
_STAGE = {
    "opened": "register",
    "stopped_on_site": "stop",
    "reported_up": "report",
    "report_signed": "report",
    "archived": "archive",
    "shirking_found": "account",
}
_ROLE_NAME = {role.code: role.name for role in ROLES}
COMPLAINANT, STEWARD = "投诉人", "代提的楼幢长"


class Stamp(TypedDict, total=False):
    """What every form sends along: the version of the row it showed, and its key against a second click."""

    version: int | None
    key: str


def act(code: str) -> Callable[[Callable[P, Case]], Callable[P, Case]]:
    """Wraps `function(case, *, …, actor, now)`: the case it gets is locked, and the act's rule holds."""

    def wrap(function: Callable[P, Case]) -> Callable[P, Case]:
        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> Case:
            case = cast(Case, args[0])
            given: dict[str, Any] = dict(kwargs)
            version, key = given.pop("version", None), given.pop("key", "")
            actor, now = cast(Actor, given["actor"]), cast(datetime, given["now"])
            with transaction.atomic(), core.hold_policy():
                row = locked(case)
                if key and core.form_key(key, actor) is not None:
                    return row
                core.require(actor, rule_of(code).right, row)
                core.check_version(row, version)
                refused = rule_of(code).refusal(Ground(row, actor, now))
                if refused is not None:
                    raise refused
                given["actor"] = unnamed(actor, row.complaint)
                done = cast(Callable[..., Case], function)(row, *args[1:], **given)
                if key:
                    core.keep_form_key(key, done.ref)
                return done

        return run

    return wrap


def unnamed(actor: Actor, complaint: Complaint) -> Actor:
    """The complainant acts without his name: entries and events are read by whoever takes part, and are kept."""
    if actor.user is None or actor.is_staff_role:
        return actor
    if actor.user.pk == complaint.steward_id:
        return actor.known_as(STEWARD)
    return actor.known_as(COMPLAINANT) if actor.user.pk == complaint.submitted_by_id else actor


@core.Fetch
def _locked(pk: int) -> QuerySet[Case]:
    rows = Case.objects.select_for_update(of=("self",)).select_related("complaint__complainant", "estate")
    return rows.annotate(has_merged=Exists(Case.objects.filter(merged_into=OuterRef("pk")))).filter(pk=pk)


def locked(case: Case) -> Case:
    """The row as it is now, held until the transaction ends: of two clerks the second sees what the first did."""
    row = next(iter(_locked(case.pk)), None)
    if row is None:
        raise Case.DoesNotExist(case.pk)
    row.note_read()
    units = {party.organisation_id: party.organisation for party in row.part_rows()}
    for name in ("lead", "desk"):
        unit = units.get(getattr(row, f"{name}_id"))
        if unit is not None:
            setattr(row, name, unit)
    return row


def common(case: Case) -> dict[str, Any]:
    """What every event of a case carries."""
    support = [row.role for row in case.part_rows() if row.part == Part.SUPPORT]
    return {
        "number": case.number,
        "channel": case.channel,
        "matter": case.matter,
        "nature": case.nature,
        "received_at": case.received_at,
        "lead": case.lead_role or None,
        "lead_level": asking.role_level(case.lead_role, case) if case.lead_role else None,
        "lead_organisation": case.lead_id,
        "support": support,
        "desk": case.desk_role or None,
        "must_report_up": case.must_report_up,
        "urgent": case.facts.get("urgent"),
        "in_built_up_area": case.in_built_up_area,
        "on_spot": case.on_spot,
        "tagged": case.complaint.tagged,
        "reported_by": case.facts.get("reported_by"),
        "extent": case.facts.get("extent"),
        "anonymous": case.complaint.anonymous,
        "steward_submitted": case.complaint.steward_id is not None,
        "supervised": bool(case.facts.get("supervised")),
    }


def emit(
    case: Case,
    *,
    kind: str,
    title: str,
    actor: Actor,
    now: datetime,
    text: str = "",
    told: str = "",
    stage: str = "",
    files: Iterable[Any] = (),
    item: str = "",
    clauses: Sequence[str] = (),
    at: datetime | None = None,
    also: Mapping[str, Any] | None = None,
    **data: Any,
) -> CaseEntry:
    """Saves the row, records the event, writes the line of the timeline, tells the complainant, mirrors the clock.

    `told` is what the complainant reads; empty tells nothing. The event gets `data`, and `also` for names taken here.
    """
    case.version += 1
    case.whistled = case.whistled or kind == "whistled"
    if actor.user is not None and actor.user.pk not in case.clerks:
        case.clerks = [*case.clerks, actor.user.pk]
    case.save_changes()
    event = core.record(
        f"case.{kind}",
        subject=case.ref,
        actor=actor,
        at=now,
        data={**common(case), **data, **(also or {})},
        place_path=case.place_path,
    )
    entry = CaseEntry(
        case=case,
        kind=kind,
        title=title[:200],
        stage=stage or _STAGE.get(kind, "handle"),
        at=at or now,
        actor=actor.user,
        actor_label=actor.label,
        actor_role=actor.role,
        organisation=actor.organisation,
        text=text,
        told=told,
        clauses=list(clauses),
        event=event,
        demo=case.demo,
    )
    core.insert_rows([entry])
    add_files(files, case=case, entry=entry, item=item, actor=actor, now=now)
    if told:
        tell(case, kind, told, now=now)
    mirror_clock(case)
    return entry


def tell(case: Case, kind: str, text: str, *, now: datetime) -> None:
    """To the complainant, and to the steward who submitted for him; of the merged submissions as well."""
    merged = case.merged_cases.select_related("complaint__complainant") if getattr(case, "has_merged", True) else ()
    for complaint in dict.fromkeys((case.complaint, *(row.complaint for row in merged))):
        line = f"您反映的“{case.title}”（查询编号{complaint.number}）：{text}"
        for recipient in recipients(complaint):
            core.notify(to=recipient, template=f"case.{kind}", text=line, ref=case.ref, now=now)


def recipients(complaint: Complaint) -> list[Any]:
    """An account is told in the platform, a phone by message; both where a steward submitted."""
    found: list[Any] = []
    if complaint.submitted_by is not None:
        found.append(complaint.submitted_by)
    elif complaint.complainant is not None and complaint.complainant.phone_hash:
        found.append(complaint.complainant)
    if complaint.steward is not None and complaint.steward not in found:
        found.append(complaint.steward)
    return found


def tell_unit(case: Case, organisation: Organisation | None, template: str, *, text: str, now: datetime) -> None:
    if organisation is not None:
        core.notify(to=organisation, template=template, text=text, ref=case.ref, now=now)


def stored(file: Any, *, owner: Ref, actor: Actor, now: datetime) -> StoredFile:
    """An upload is kept; a file kept already is taken as it is."""
    return file if isinstance(file, StoredFile) else core.store_file(file, owner=owner, actor=actor, now=now)


def add_files(
    files: Iterable[Any],
    *,
    case: Case | None = None,
    complaint: Complaint | None = None,
    entry: CaseEntry | None = None,
    item: str = "",
    actor: Actor,
    now: datetime,
) -> list[CaseFile]:
    owner = case.ref if case is not None else cast(Complaint, complaint).ref
    return [
        CaseFile.objects.create(
            case=case,
            complaint=complaint,
            entry=entry,
            file=stored(one, owner=owner, actor=actor, now=now),
            item=item,
            added_at=now,
            demo=actor.demo,
        )
        for one in files
        if one
    ]


def set_lead(case: Case, organisation: Organisation, role: str, *, now: datetime) -> None:
    """The unit that led before stays in the case as one that had it."""
    leave(case, Part.LEAD, now=now)
    case.lead, case.lead_role = organisation, role
    join(case, organisation, role, part=Part.LEAD, now=now)


def leave(case: Case, part: str, *, now: datetime) -> None:
    """Of a locked case. Who may read it is saved with the entry of the act."""
    gone = [row for row in case.part_rows() if row.part == part]
    if gone:
        CaseParty.objects.filter(pk__in=[row.pk for row in gone]).delete()
    for row in gone:
        case.part_rows().remove(row)
        if part == Part.LEAD:
            join(case, row.organisation, row.role, part=Part.PAST, now=now)
    case.readers = case.complaint.reader_keys()
    for party in case.part_rows():
        case.admit(reader_key(organisation=party.organisation_id))


def join(case: Case, organisation: Organisation, role: str, *, part: str, now: datetime) -> None:
    """Into a locked or new case. Who may read it is saved with the entry of the act."""
    parts = case.part_rows()
    if any(row.organisation_id == organisation.pk and row.part == part for row in parts):
        return
    row = CaseParty(case=case, organisation=organisation, role=role, part=part, since=now)
    case.admit(reader_key(organisation=organisation.pk))
    core.insert_rows([row])
    parts.append(row)


def set_desk(case: Case, organisation: Organisation, role: str, *, now: datetime) -> None:
    case.desk, case.desk_role = organisation, role
    join(case, organisation, role, part=Part.DESK, now=now)


def mirror_clock(case: Case) -> None:
    """`answer_due_at` follows the duty that an answer closes; where no duty is opened, the pack's period is counted."""
    if case.state in ENDED or case.pk is None:
        return
    due_at = _owed_by(case) or case.answer_due_at or _counted(case)
    if due_at != case.answer_due_at:
        case.answer_due_at = due_at
        core.update_row(case, ["answer_due_at"])


# A duty closed by these alone is the one to answer; the one to hand out ends with an answer as well.
ENDS_OF_ANSWER = ["case.answered", "case.handled", "case.closed"]


OWED = """
SELECT min(due_at) FROM duties_duty WHERE subject_kind = 'case' AND subject_id = %(case)s AND closed_at IS NULL
AND until_kinds @> ARRAY['case.answered'] AND until_kinds <@ %(ends)s::text[] AND rule <> %(hotline)s
"""


def _owed_by(case: Case) -> datetime | None:
    found = first_row(OWED, {"case": str(case.pk), "ends": ENDS_OF_ANSWER, "hotline": HOTLINE_DEADLINE})
    return found[0] if found is not None else None


def duty_due(case: Case, until: str) -> datetime | None:
    """When the running duty is due that the event `until` ends."""
    rows = Duty.objects.filter(
        subject_kind="case",
        subject_id=str(case.pk),
        closed_at=None,
        due_at__isnull=False,
        until_kinds__contains=[until],
    )
    return rows.order_by("due_at").values_list("due_at", flat=True).first()


def _counted(case: Case) -> datetime | None:
    answer = asking.ask_case(case, "cases.answer_deadline")
    pack = core.pack_for(case.place_path, local_day(case.received_at))
    if not answer.ok or pack is None:
        return None
    start = case.reopened_at or case.received_at
    counted = deadline(start=start, period=Period.parse(str(answer.value)), calendar=pack.calendar)
    return counted.due_at


def unit_for(role: str, case: Case) -> Organisation:
    """The organisation in that role over the place of the case. Refuses when none is registered."""
    found = registry.organisation_for(role, case.place_path, estate=case.estate)
    for stand_in in STANDS_IN.get(role, ()):
        found = found or registry.organisation_for(stand_in, case.place_path, estate=case.estate)
    if found is None:
        name = asking.role_names([role], case)
        raise Refused(
            "no_unit", f"本地还没有登记“{name}”的单位，不能派。请系统管理员先登记，或改派其他单位并写明理由。"
        )
    return found


def require_competent_here(case: Case, *units: Organisation) -> None:
    """Refuses a unit of another place, and a company that does not serve the estate: it would come to read the case."""
    for unit in units:
        here = case.place_path.startswith(unit.place_path)
        if here and unit.role in registry.SERVED_BY_PROJECT:
            here = registry.organisation_for(unit.role, case.place_path, estate=case.estate) == unit
        if not here:
            words = f"{unit}不管本件所在的地方，不能派给它。"
            raise Refused("not_of_place", f"{words}请从本件能派的单位里选。", fields={"lead": words})


# A mediation room is the community's, a station the street's: without a row of its own the body that keeps it acts.
STANDS_IN: dict[str, tuple[str, ...]] = {
    "mediation_room": ("community_station", "community_committee"),
    "mediation_station": ("street_office", "street_government"),
    "mediation_centre": ("leading_group_office",),
    "street_office": ("street_government",),
    "community_station": ("community_committee",),
}


def required_text(value: str, field: str, message: str) -> str:
    """The text without blanks around it. Refuses when nothing is left."""
    if not value or not value.strip():
        raise Refused("missing", message, fields={field: message})
    return value.strip()


def not_before_receipt(case: Case, at: datetime | None, now: datetime) -> datetime:
    moment = at or now
    if moment > now + timedelta(minutes=1):
        raise Refused("future", "时间不能晚于现在。", fields={"at": "时间不能晚于现在。"})
    if moment < case.received_at:
        raise Refused("before_receipt", "时间不能早于收到投诉的时间。", fields={"at": "不能早于收到时间。"})
    return moment
