"""The list of cases: views, filter, order, the same as Excel, and what is done with several at once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Page
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from gongzhi.cases import queries
from gongzhi.cases.codes import CHANNELS, HOTLINE_DEADLINE
from gongzhi.cases.forms_fields import LOCAL_UNITS
from gongzhi.cases.models import Case, State
from gongzhi.cases.queries.cases import DUE, REPEATED, complainant_hidden_from, repeats_seen, without_identity
from gongzhi.cases.queries.common_words import are_few, first_of_many
from gongzhi.cases.rights import COMPANY, DEPARTMENTS, OVERSIGHT
from gongzhi.cases.statistics.figures import RESULTS
from gongzhi.cases.views_case_clocks import by_case, overdue_number, step_words
from gongzhi.cases.views_common import actor_of, case_url, now_of, see
from gongzhi.cases.views_list_filter import ORDERS, SELDOM, VIEWS, ListFilter, counted_views, kept_month_of
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.display import cn_day, due_words
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.core.packs import codes_of, vocabulary
from gongzhi.core.paging import CappedPaginator
from gongzhi.core.sending import download
from gongzhi.core.sheets import Asked, workbook
from gongzhi.duties.models import Duty
from gongzhi.registry.models import Estate

CALLED_BACK = "case.called_back"
PAGE_SIZE = 20
MOST_OPTIONS = 300
BATCH = 500
# More than a clerk reads, and a few minutes of work for the server; what is more is refused, never cut off.
MOST_ROWS = 50_000
PROBLEM_READERS = (*COMPANY, *OVERSIGHT, "housing", "owners_committee")
COLUMNS = (
    ("编号", 18), ("标题", 30), ("事项", 22), ("类别", 10), ("小区", 16), ("来源", 10), ("收到时间", 20),
    ("承办", 22), ("环节", 14), ("答复期限", 20), ("到期情况", 12), ("答复时间", 20), ("标记", 22), ("近30日同类", 10),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One line of the table with its marks."""

    case: Case
    title: str
    matter: str
    marks: tuple[tuple[str, str], ...]
    stage: str
    due: str
    due_css: str
    due_day: str
    late: bool
    other: str = ""
    times: int = 1


@login_required
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    shown = ListFilter.of(request.GET)
    if request.GET.get("q"):
        exact = _named_exactly(actor, shown.text)
        if exact is not None:
            return see(case_url(exact))
    page = page_of(shown, actor, now, request.GET.get("page"))
    context: dict[str, Any] = {
        "nav": "cases",
        "now": now,
        "shown": shown,
        "page": page,
        "rows": rows_of(list(page.object_list), actor, now),
        "orders": ORDERS,
        "targets": _targets(actor),
        "back": shown.query(),
        "deadline_clauses": _deadline_clauses(actor, now),
        "title": VIEWS[shown.view][0],
        "may_act": actor.is_staff_role,
    }
    if getattr(request, "htmx", False):
        return render(request, "cases/_cases_table.html", context)
    counts = counted_views(actor, now)
    context |= {
        "page_title": "案件",
        "views": [
            (code, title, counts.get(code))
            for code, (title, _) in VIEWS.items()
            if code not in SELDOM or counts.get(code) or code == shown.view
        ],
        "counts": counts,
        "month": kept_month_of(actor, now),
        "month_number": local_day(now).month,
        "area": _area(actor),
        "may_register": actor.organisation is not None and core.may(actor, "cases.register", actor.organisation),
        "may_read_problems": actor.role in PROBLEM_READERS,
        "may_count": actor.organisation is not None and core.may(actor, "cases.statistics", actor.organisation),
        "may_exchange": actor.organisation is not None and core.may(actor, "hotline.exchange", actor.organisation),
        "export_url": f"{reverse('cases:export')}?{shown.query(view=shown.view)}",
        **_options(actor, shown, now),
    }
    return render(request, "cases/list.html", context)


def _area(actor: Actor) -> str:
    """The street and the community; of a higher office the county."""
    above = core.ancestors(actor.place_path)
    near = [one.name for one in above if one.level in ("street", "community")]
    return "".join(near or [one.name for one in above if one.level == "county"])


def page_of(shown: ListFilter, actor: Actor, now: datetime, number: str | None = None) -> Page[Case]:
    """Without the long columns that no line shows."""
    rows = shown.rows(actor, now).defer("route", "facts", "complaint__extra")
    first: list[int] = []
    if shown.text and not shown.estate and number in (None, "", "1"):
        others = replace(shown, text="").rows(actor, now)
        first = first_of_many(others, shown.text, least=PAGE_SIZE + 1, now=now)
    few = bool(shown.text) and are_few(shown.text, now)
    found = queries.found_by_words(shown.text, actor=actor, now=now) if few and shown.only_words else None
    return CappedPaginator(rows, PAGE_SIZE, first=first, few=few, found=found).get_page(number)


def _named_exactly(actor: Actor, text: str) -> Case | None:
    """A whole number typed into the search leads to its case."""
    found: Case | None = queries.cases_for(actor).filter(number=text.upper()).first()
    return found


def _options(actor: Actor, shown: ListFilter, now: datetime) -> dict[str, Any]:
    """What the filter offers. An office is offered what its place holds, the matters that are its own by the document
    first; others, who have few, what their cases hold."""
    on = local_day(now)
    pack = core.pack_for(actor.place_path, on)
    known = (pack.matters if pack is not None else vocabulary().matters).values()
    names = {one.code: (pack.matter_name(one.code) if pack else "") or one.name for one in known}
    own: frozenset[str] = frozenset()
    if actor.is_staff_role and actor.place_path:
        estates: QuerySet[Estate] = Estate.objects.within(actor.place_path)
        above = Q(place__code__in=codes_of(actor.place_path))
        below = Q(place_path__startswith=actor.place_path)
        leads = Exists(Case.objects.filter(lead=OuterRef("pk")))
        units = Organisation.objects.filter(above | below).filter(leads)
        if pack is not None and actor.role in DEPARTMENTS:
            switches = tuple(sorted(core.switches_for(actor.place_path, on, pack=pack).items()))
            own = queries.matters_of_role(pack, actor.role, on=on, switches=switches)
    else:
        rows = queries.cases_for(actor).order_by()
        used = set(rows.values_list("matter", flat=True).distinct())
        names = {code: name for code, name in names.items() if code in used}
        estates = Estate.objects.filter(pk__in=rows.values("estate_id"))
        units = Organisation.objects.filter(pk__in=rows.values("lead_id"))
    named = list(estates.order_by("name").values_list("pk", "name")[: MOST_OPTIONS + 1])
    more = len(named) > MOST_OPTIONS
    if more:
        named = named[:MOST_OPTIONS]
        if shown.estate is not None and shown.estate not in dict(named):
            named = [*estates.filter(pk=shown.estate).values_list("pk", "name"), *named]
    return {
        "own_matters": [one for one in names.items() if one[0] in own],
        "matters": [one for one in names.items() if one[0] not in own],
        "estates": named,
        "more_estates": more,
        "units": list(units.order_by("name").values_list("pk", "name")[:MOST_OPTIONS]),
        "channels": CHANNELS,
        "dues": DUE,
        "results": RESULTS,
    }


def _targets(actor: Actor) -> list[tuple[int, str]]:
    """To whom ticked cases may be handed: the departments above and beside, the stations below."""
    if not actor.is_staff_role or not actor.place_path:
        return []
    roles = (*DEPARTMENTS, *LOCAL_UNITS)
    active = Organisation.objects.filter(active=True)
    above = active.filter(place__code__in=codes_of(actor.place_path), role__in=roles)
    below = active.filter(place_path__startswith=actor.place_path, role__in=("street_office", "community_station"))
    columns = ("pk", "name", "place_path")
    found = {*above.values_list(*columns), *below.values_list(*columns)[:MOST_OPTIONS]}
    return [(pk, name) for pk, name, _ in sorted(found, key=lambda one: (len(one[2]), one[1]))]


def _deadline_clauses(actor: Actor, now: datetime) -> tuple[str, ...]:
    if not actor.place_path:
        return ()
    facts = {"channel": "phone", "nature": "violation", "matter": "illegal_structure"}
    answer = core.ask("cases.answer_deadline", facts, place_path=actor.place_path, on=local_day(now))
    return tuple(answer.clauses[:2]) if answer.ok else ()


def rows_of(cases: list[Case], actor: Actor, now: datetime) -> list[Row]:
    """The lines of one page; one statement for the clocks of them all."""
    duties = by_case(_clocks([str(one.pk) for one in cases]))
    pack = core.pack_for(actor.place_path, local_day(now))
    times = repeats_seen(cases, actor)
    return [_row(one, duties.get(str(one.pk), []), times[one.pk], pack, actor, now) for one in cases]


@core.Fetch
def _clocks(cases: list[str]) -> QuerySet[Duty]:
    rows = Duty.objects.filter(subject_kind="case", subject_id__any_of=cases, closed_at__isnull=True)
    columns = ("subject_id", "rule", "state", "due_at", "closed_at", "provisional", "state_json", "until_kinds")
    return rows.only(*columns).order_by("pk")


def _row(case: Case, duties: list[Duty], times: int, pack: Any, actor: Actor, now: datetime) -> Row:
    (words, css, day), other = _stricter(case, duties, now)
    known = vocabulary().matters.get(case.matter)
    name = (pack.matter_name(case.matter) if pack else "") or (known.name if known else case.matter)
    return Row(
        case=case,
        title=without_identity(case.title, case) if complainant_hidden_from(actor, case) else case.title,
        matter=name,
        marks=tuple(_marks(case, duties, times, pack, now)),
        stage=stage_words(case, duties),
        due=words,
        due_css=css,
        due_day=day,
        late=case.overdue(now),
        other=other,
        times=times,
    )


def _marks(case: Case, duties: list[Duty], times: int, pack: Any, now: datetime) -> Iterator[tuple[str, str]]:
    if case.whistled:
        yield "吹哨", "gz-soon"
    for words in dict.fromkeys(step_words(one, pack) for one in duties):
        if words:
            yield words, "gz-over"
    if times >= REPEATED:
        yield f"重复投诉{times}次", "gz-today"
    late = overdue_number(duties, now)
    if late and not case.overdue(now):
        yield f"{late}个期限已超", "gz-over"
    for name in case.complaint.tag_names:
        yield name, "gz-today"


def stage_words(case: Case, duties: list[Duty]) -> str:
    """Where it stands, and for what it waits."""
    words = case.get_state_display()
    if case.state == State.ANSWERED and any(one.running and CALLED_BACK in one.until_kinds for one in duties):
        return f"{words}，待反馈"
    if case.needs and case.state == State.PENDING:
        return f"{words}，缺事实"
    if case.finding == "requested" and case.state == State.HANDLING:
        return f"{words}，待认定"
    if case.state == State.ANSWERED:
        return f"{words}，待办结"
    if case.state == State.CLOSED:
        return f"{words}，待归档"
    return str(words)


def _stricter(case: Case, duties: list[Duty], now: datetime) -> tuple[tuple[str, str, str], str]:
    """Ours and the hotline's: the one that comes first leads, the other stands beneath it."""
    ours = _due(case, now)
    theirs = next((one for one in duties if one.rule == HOTLINE_DEADLINE and one.running and one.due_at), None)
    if theirs is None or theirs.due_at is None:
        return ours, ""
    found = due_words(theirs, now)
    if case.answer_due_at is not None and case.answer_due_at <= theirs.due_at:
        return ours, f"热线期限{found.day}"
    beneath = f"本地期限{ours[2]}" if ours[2] else ""
    return (f"热线{found.words}", found.css, found.day), beneath


def _due(case: Case, now: datetime) -> tuple[str, str, str]:
    if case.answered_at is not None:
        late = bool(case.answered_late)
        return ("逾期答复" if late else "按期答复"), ("gz-over" if late else "gz-ok"), cn_day(case.answered_at)
    if not case.running:
        return case.get_state_display(), "gz-wait", ""
    found = due_words(case.answer_due_at, now) if case.answer_due_at else None
    if found is None:
        return "没有期限", "gz-wait", ""
    return found.words, found.css, found.day


@login_required
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    return exported(ListFilter.of(request.GET), actor_of(request), now_of(request))


def exported(shown: ListFilter, actor: Actor, now: datetime) -> HttpResponse:
    """Excel of exactly what the filter shows, all pages of it."""
    rows = shown.rows(actor, now)
    number = rows.order_by().count()
    if number > MOST_ROWS:
        raise Refused("too_many", f"筛选出{number}件，一次最多导出{MOST_ROWS}件。请按收到时间分几次导出。")
    asked = Asked.of(actor, now, shown.conditions())
    return excel(rows.iterator(chunk_size=BATCH), actor, now, asked=asked)


def excel(cases: Iterable[Case], actor: Actor, now: datetime, *, asked: Asked) -> HttpResponse:
    lines = (_cells(row) for row in _in_batches(cases, actor, now))
    content = workbook("案件", COLUMNS, lines, asked=asked)
    return download(content, name=f"cases-{local_day(now):%Y%m%d}.xlsx")


def _in_batches(cases: Iterable[Case], actor: Actor, now: datetime) -> Iterator[Row]:
    batch: list[Case] = []
    for case in cases:
        batch.append(case)
        if len(batch) == BATCH:
            yield from rows_of(batch, actor, now)
            batch = []
    yield from rows_of(batch, actor, now)


def _cells(row: Row) -> tuple[Any, ...]:
    case = row.case
    return (
        case.number,
        row.title,
        row.matter,
        case.get_nature_display(),
        case.estate.name if case.estate else "",
        case.get_channel_display(),
        case.received_at,
        case.lead.name if case.lead else "未派单",
        row.stage,
        case.answer_due_at and f"{row.due_day}" if case.answered_at is None else "",
        "；".join(part for part in (row.due, row.other) if part),
        case.answered_at,
        "、".join(words for words, _ in row.marks),
        row.times,
    )
