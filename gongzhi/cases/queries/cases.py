"""Which cases an actor may see, and what of each."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import BooleanField, Count, Exists, Func, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from gongzhi.cases.codes import FOUND
from gongzhi.cases.models import Case, CaseEntry, CaseParty, Complaint, Part
from gongzhi.cases.models.case import DUE_ORDER, ROLE_LEVEL, RUNNING, State, claim_key, place_key
from gongzhi.cases.models.complaint import reader_key
from gongzhi.cases.models.papers import STAGES
from gongzhi.cases.queries import asking
from gongzhi.cases.queries.common_words import better_without_keys
from gongzhi.cases.rights import OVERSIGHT
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.recording import PERSONAL
from gongzhi.registry.models import EstateStay

REMOVED = "（略）"
SHORTEST_NAME, SHORTEST_ADDRESS = 2, 4
REPEAT, REPEATED = timedelta(days=30), 2
COUNTY_DEPTH = 3  # province, city, county
DUE = {"overdue": "已超期", "today": "今日到期", "week": "七日内到期", "none": "没有期限"}
ORDERS: dict[str, tuple[Any, ...]] = {
    "due": DUE_ORDER,
    "received": ("received_at", "id"),
    "newest": ("-received_at", "-id"),
    "repeats": ("-repeats", "id"),
}


def cases_for(actor: Actor, *, looked_up: bool = True, claimable: bool = True) -> QuerySet[Case]:
    """In one statement, of the row's own columns: the subtree of an overseeing role, the cases its unit takes part in
    or received, its own submissions, and what a department may claim. Nobody else's.

    `looked_up`: whether the index of readers may find them. Not where something else finds few: a unit that has read
    a quarter of a million cases has as many entries there, which the database believes to cost nothing. `claimable`:
    whether those that nobody has yet can be among what is asked for."""
    if actor.is_system:
        return Case.objects.all()
    keys, within, claims = _reads(actor)
    wanted = Q(pk=None)
    if keys:
        wanted = Q(readers__overlap=keys) if looked_up else Q(Coalesce(_Overlap("readers", Value(keys)), Value(False)))
    if within:
        wanted |= Q(place_path__startswith=within)
    if claims and claimable:
        wanted |= Q(route_lead=claims, lead=None, state=State.PENDING, place_path__startswith=actor.place_path)
    return Case.objects.filter(wanted)


def _reads(actor: Actor) -> tuple[list[str], str, str]:
    """By what an actor sees cases: his keys as a reader; the place whose cases he all sees, else none; the role whose
    cases he may claim, else none."""
    keys = [reader_key(organisation=actor.organisation.pk)] if actor.organisation is not None else []
    keys += [reader_key(user=actor.user.pk)] if actor.user is not None else []
    if actor.role in OVERSIGHT and actor.place_path:
        return keys, actor.place_path, ""
    may_claim = actor.organisation is not None and ROLE_LEVEL.get(actor.role) == "county" and actor.place_path
    return keys, "", actor.role if may_claim else ""


def readable_by(actor: Actor) -> QuerySet[Case]:
    """For a single case and an estate's file: besides those, the old ones of an estate that has come to the place of
    an overseeing role since. Lists and figures leave them where they happened."""
    rows = cases_for(actor)
    codes = [code for code in actor.place_path.split("/") if code]
    if actor.role not in OVERSIGHT or len(codes) <= COUNTY_DEPTH:
        return rows
    came = EstateStay.objects.filter(to_on__isnull=False, estate__place_path__startswith=actor.place_path)
    return rows | Case.objects.filter(estate__in=came.values("estate"))


def found_by_words(text: str, *, actor: Actor, now: datetime) -> QuerySet[Case] | None:
    """All that a list of the actor's cases that hold the words has, told by their words and keys alone: what puts them
    in order an index has then, and no case need be read. None where the text may be a number, or holds no word."""
    wanted = core.search_grams(text)
    if not wanted or any(sign.isdigit() for sign in text):
        return None
    held = Q(words__grams__contains=wanted) & _found_by(actor, text.strip(), now)
    return Case.objects.filter(held & _seen_by_keys(actor))


def _seen_by_keys(actor: Actor) -> Q:
    """`cases_for` in the words' own keys."""
    if actor.is_system:
        return Q()
    keys, within, claims = _reads(actor)
    here = [place_key(code) for code in actor.place_path.split("/") if code][-1:]
    keys += here if within else []
    seen = Q(Coalesce(_Overlap("words__keys", Value(keys)), Value(False))) if keys else Q(pk=None)
    if claims:
        seen |= Q(Coalesce(_Contains("words__keys", Value([claim_key(claims), *here])), Value(False)))
    return seen


def _found_by(actor: Actor, text: str, now: datetime) -> Q:
    """The same for a search, more loosely: words and rights are one look into one index. Who reads everything needs no
    keys; who reads much finds a handful faster by the words alone, and their keys beside them."""
    codes = [code for code in actor.place_path.split("/") if code]
    if actor.is_system or (actor.role in OVERSIGHT and 0 < len(codes) <= COUNTY_DEPTH):
        return Q()
    keys, within, claims = _reads(actor)
    if within:
        keys.append(place_key(codes[-1]))
    if claims:
        keys.append(claim_key(claims))
    if not keys:
        return Q(pk=None)
    return _seen_by_keys(actor) if better_without_keys(text, keys, now) else Q(words__keys__overlap=keys)


def oversees(actor: Actor, case: Case) -> bool:
    """Whether the actor sees every case of the estate, not only those that came to him."""
    return actor.is_system or (actor.role in OVERSIGHT and actor.within(case.place_path))


def earlier_alike(actor: Actor) -> QuerySet[Case]:
    """For a subquery over cases: those of the thirty days before of the same estate and matter that the actor sees."""
    alike = {"estate": OuterRef("estate"), "matter": OuterRef("matter"), "received_at__lt": OuterRef("received_at")}
    since = OuterRef("received_at") - REPEAT
    return cases_for(actor).filter(**alike, received_at__gt=since).exclude(state=State.VOIDED).order_by()


def repeats_seen(cases: Iterable[Case], actor: Actor) -> dict[int, int]:
    """Which one of its estate and matter within thirty days each case is, of those that the actor sees: how often
    others were told of the same is theirs to know. At most one statement."""
    found = {one.pk: one.repeats if oversees(actor, one) else 1 for one in cases}
    unsure = [one.pk for one in cases if one.repeats >= REPEATED and not oversees(actor, one)]
    if unsure:
        keys, within, claims = _reads(actor)
        rows: Iterable[Any] = _seen_before(unsure, keys, within or NOTHING, claims or NOTHING, actor.place_path)
        found |= {one.pk: 1 + (one.earlier or 0) for one in rows}
    return found


NOTHING = "\x02"  # no path starts with it, no role is called so


@core.Fetch
def _seen_before(cases: list[int], keys: list[str], within: str, claims: str, county: str) -> QuerySet[Case]:
    """`earlier` of each: how many of those alike before it are seen by whom `_reads` describes."""
    alike = {"estate": OuterRef("estate"), "matter": OuterRef("matter"), "received_at__lt": OuterRef("received_at")}
    claimable = Q(route_lead=claims, lead=None, state=State.PENDING) & Q(_StartsWith("place_path", Value(county)))
    readable = Q(_Overlap("readers", Value(keys))) | Q(_StartsWith("place_path", Value(within))) | claimable
    others = Case.objects.filter(readable, **alike, received_at__gt=OuterRef("received_at") - REPEAT)
    counted = others.exclude(state=State.VOIDED).order_by().values("matter").annotate(number=Count("pk"))
    rows = Case.objects.filter(pk__any_of=cases).order_by().only("pk")
    return rows.annotate(earlier=Subquery(counted.values("number")))


class _Overlap(Func):
    """As `overlap`, with the list as one value."""

    template, arg_joiner = "%(expressions)s::varchar[]", " && "
    output_field = BooleanField()


class _Contains(_Overlap):
    arg_joiner = " @> "


class _StartsWith(Func):
    function = "starts_with"
    output_field = BooleanField()


def may_see(actor: Actor, case: Case) -> bool:
    return readable_by(actor).filter(pk=case.pk).exists()


def filtered(
    rows: QuerySet[Case],
    *,
    now: datetime,
    actor: Actor | None = None,
    text: str = "",
    estate: int | None = None,
    matter: str = "",
    unit: int | None = None,
    channel: str = "",
    state: str = "",
    due: str = "",
    received_from: date | None = None,
    received_to: date | None = None,
    order: str = "due",
    counted: bool = False,
) -> QuerySet[Case]:
    """The list page's filter. `text` is a number or words; `state` a code, `running` or `waiting_archive`. `actor`: who
    searches for the words; `rows` are still his own cases.

    `counted`: what statistics count, so that a figure opens as many: nothing voided, and of a unit what it leads.
    """
    if text.strip():
        rows = rows.filter(_matches(text, actor, now))
    if estate:
        rows = rows.filter(estate_id=estate)
    if matter:
        rows = rows.filter(matter=matter)
    rows = _of_unit(rows, unit, counted=counted)
    if channel:
        rows = rows.filter(channel=channel)
    if state == "running":
        rows = rows.filter(state__in=RUNNING)
    elif state == "waiting_archive":
        rows = rows.filter(state=State.CLOSED)
    elif state:
        rows = rows.filter(state=state)
    if received_from:
        rows = rows.filter(received_at__gte=_midnight(received_from))
    if received_to:
        rows = rows.filter(received_at__lt=_midnight(received_to + timedelta(days=1)))
    rows = _due_within(rows, due, now)
    return rows.select_related("estate", "lead", "complaint").order_by(*ORDERS.get(order, ORDERS["due"]))


def _matches(text: str, actor: Actor | None, now: datetime) -> Q:
    """A number that is known leads to its cases; anything else is words, each pair of which the case holds."""
    plain = text.strip()
    named = _numbered(plain)
    if named:
        return Q(pk__in=named)
    wanted = core.search_grams(plain)
    if not wanted:
        return Q(pk=None)
    return Q(words__grams__contains=wanted) & (_found_by(actor, plain, now) if actor is not None else Q())


def _numbered(text: str) -> list[int]:
    """By three indexes: the number of the case, of its complaint, of the hotline's paper."""
    if not any(sign.isdigit() for sign in text):
        return []
    upper = text.upper()
    told = Complaint.objects.filter(number=upper).values("pk").union(
        Complaint.objects.filter(hotline_number=text).values("pk")
    )  # fmt: skip
    rows = Case.objects.filter(number=upper).values_list("pk").union(
        Case.objects.filter(complaint_id__in=[one["pk"] for one in told]).values_list("pk")
    )  # fmt: skip
    return [pk for (pk,) in rows]


def _of_unit(rows: QuerySet[Case], unit: int | None, *, counted: bool) -> QuerySet[Case]:
    if counted:
        rows = rows.exclude(state=State.VOIDED)
        return rows.filter(lead_id=unit) if unit else rows
    if unit:
        parts = CaseParty.objects.filter(case=OuterRef("pk"), organisation_id=unit, part__in=(Part.LEAD, Part.SUPPORT))
        return rows.filter(Exists(parts))
    return rows


def _due_within(rows: QuerySet[Case], due: str, now: datetime) -> QuerySet[Case]:
    if not due:
        return rows
    rows = rows.filter(answered_at=None, state__in=RUNNING)
    tomorrow = _midnight(now.astimezone(ZONE).date() + timedelta(days=1))
    if due == "overdue":
        return rows.filter(answer_due_at__lte=now)
    if due == "today":
        return rows.filter(answer_due_at__gt=now, answer_due_at__lte=tomorrow)
    if due == "week":
        return rows.filter(answer_due_at__gt=now, answer_due_at__lte=tomorrow + timedelta(days=6))
    return rows.filter(answer_due_at=None)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)


@dataclass(frozen=True)
class CaseView:
    """What one actor may see of a case. `complainant` is None when hidden from him."""

    case: Case
    complainant: dict[str, Any] | None
    hidden_because: str
    title: str
    text: str
    location: str
    result: str
    answer: str
    explanation: str
    rating: str
    may_reveal: bool
    parties: list[CaseParty]


def case_view(case: Case, actor: Actor) -> CaseView:
    """Refuses (`forbidden`) a case that is not the actor's to see."""
    if not may_see(actor, case):
        raise core.Refused("forbidden", "这件不在您的辖区或经办范围内，不能查看。", status=403)
    hidden = complainant_hidden_from(actor, case)
    person = case.complaint.complainant

    def read(text: str) -> str:
        return without_identity(text, case) if hidden else text

    shown = None
    if not hidden:
        shown = {
            "name": person.masked_name if person else "没有，主动发现" if case.channel == FOUND else "匿名",
            "phone": person.masked_phone if person else "",
            "anonymous": case.complaint.anonymous,
            "reason": case.complaint.anonymous_reason,
            "person": person,
        }
    return CaseView(
        case=case,
        complainant=shown,
        hidden_because=hidden,
        title=read(case.title),
        text=read(case.text),
        location=read(case.location),
        result=read(case.result),
        answer=read(case.answer_text),
        explanation=read(case.explanation),
        rating=read(case.rating_text),
        may_reveal=bool(person) and not hidden and core.may(actor, "person.reveal", person),
        parties=sorted(case.part_rows(), key=lambda row: list(Part).index(Part(row.part))),
    )


def complainant_hidden_from(actor: Actor, case: Case) -> str:
    """Why the complainant is hidden, or nothing. Only staff and the complainant himself know of him."""
    if case.is_complainant(actor) or actor.is_system:
        return ""
    if actor.is_staff_role:
        return ""
    if _asked_for_help(case, actor):
        return ""
    return "投诉人身份对被投诉单位和其他当事人保密。"


def _asked_for_help(case: Case, actor: Actor) -> bool:
    """Nobody is complained of: the owner asks for help, and the document's list says of whom."""
    return case.nature == "request" and case.lead_role == case.route_lead and Part.LEAD in case.parts_of(actor)


def helps_with(complaint: Complaint, actor: Actor) -> bool:
    """Whether the actor has the person's open request in hand, and so has to reach him."""
    return any(case.running and _asked_for_help(case, actor) for case in complaint.cases.all())


def without_identity(text: str, case: Case) -> str:
    """The words of the complaint without numbers of people, without the complainant's own name and address."""
    shown = PERSONAL.sub(REMOVED, text)
    shown = re.sub(r"(?<!\d)0\d{2,3}-?\d{7,8}(?!\d)", REMOVED, shown)
    person = case.complaint.complainant
    if person is None:
        return shown
    for field, instead, shortest in (("address", REMOVED, SHORTEST_ADDRESS), ("name", "投诉人", SHORTEST_NAME)):
        own = core.opened(person, field)
        if len(own) >= shortest:
            shown = shown.replace(own, instead)
    return shown


def timeline(case: Case, actor: Actor | None = None) -> list[CaseEntry]:
    """What happened, the newest first, with its files; for whom the complainant is hidden, without his name in it."""
    rows = case.entries.select_related("organisation").prefetch_related("files__file")
    found = list(rows.order_by("-at", "-id"))
    if actor is not None and complainant_hidden_from(actor, case):
        for entry in found:
            entry.text = without_identity(entry.text, case)
    return found


@dataclass(frozen=True)
class Stage:
    code: str
    name: str
    state: str  # done | now | ahead | none
    entries: list[CaseEntry]


def stages(case: Case, entries: list[CaseEntry], *, accounted: bool, posted: bool | None) -> list[Stage]:
    """The seven steps of the annex; 问责 only appears as reached when something triggered it. `posted`: whether the
    numbers to call hang in the estate; None where no document wants them there."""
    by_stage: dict[str, list[CaseEntry]] = {code: [] for code in STAGES}
    for entry in entries:
        by_stage[entry.stage].append(entry)
    current = _current_stage(case)
    found = []
    for code, name in STAGES.items():
        if code == "publish":
            state = "none" if posted is None else "done" if posted else "ahead"
        elif code == "account":
            state = "done" if accounted or by_stage["account"] else "none"
        elif code == current:
            state = "now"
        elif code == "handle" and current in ("register", "report") and case.lead_id is None:
            state = "ahead"  # what was merged or split meanwhile is not yet handling
        else:
            state = "done" if by_stage[code] else "ahead"
        found.append(Stage(code, name, state, by_stage[code]))
    return found


def _current_stage(case: Case) -> str:
    if case.state in (State.PENDING, State.PENDING_DUTY):
        return "register"
    if case.state == State.AWAITING_SIGN:
        return "report"
    if case.state in (State.CLOSED, State.ARCHIVED):
        return "archive"
    return "handle"


def tracked(number: str, phone_tail: str) -> Complaint | None:
    """For the public page: the submission whose number and phone tail (or query code) fit. None says nothing more."""
    complaint = (
        Complaint.objects.select_related("complainant", "estate").filter(number=number.strip().upper()[:40]).first()
    )
    if complaint is None or not complaint.opens_with(phone_tail):
        return None
    return complaint


@dataclass(frozen=True)
class TrackedCase:
    number: str
    title: str
    matter: str
    state: str
    unit: str
    phone: str
    due_at: datetime | None
    promised_on: date | None
    answer: str
    news: list[tuple[datetime, str]]
    may_rate: bool
    case: Case


def tracked_cases(complaint: Complaint) -> list[TrackedCase]:
    """What the complainant reads: unit, progress and day, never the name of a clerk."""
    found = []
    rows = complaint.cases.select_related("lead", "merged_into__lead", "complaint").prefetch_related("entries")
    for row in rows.order_by("id"):
        main = row.merged_into or row
        lead = main.lead
        news = [(entry.at, entry.told) for entry in row.entries.all() if entry.told]
        found.append(
            TrackedCase(
                number=row.number,
                title=row.title,
                matter=asking.matter_name(row.matter, row),
                state=main.get_state_display() if main is row else f"已并入{main.number}，{main.get_state_display()}",
                unit=lead.name if lead else "",
                phone=lead.phone if lead else "",
                due_at=main.answer_due_at,
                promised_on=main.promised_on,
                answer=main.answer_text,
                news=sorted(news, reverse=True),
                may_rate=row.state in (State.ANSWERED, State.CLOSED) and row.stars is None,
                case=row,
            )
        )
    return found
