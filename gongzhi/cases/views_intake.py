"""Registering a complaint by the clerk: one screen, possible duplicates, the visitor's form on paper."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from gongzhi.cases import queries, services
from gongzhi.cases.codes import FOUND
from gongzhi.cases.exports import VISIT_ROWS, visit_form
from gongzhi.cases.forms_fields import matter_options
from gongzhi.cases.forms_intake import CHANNELS, MOST_MATTERS, IntakeForm, MatterRow, offered_estates
from gongzhi.cases.forms_public import ASKED
from gongzhi.cases.intake_sheet import Sheet, checked, duplicates_of, in_its_words, received
from gongzhi.cases.models import Case, Complaint
from gongzhi.cases.queries import asking
from gongzhi.cases.services.acting import unit_for
from gongzhi.cases.views_common import DOCX, UNPROCESSABLE, actor_of, case_url, now_of, see
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.display import cn_moment
from gongzhi.core.errors import Refused
from gongzhi.core.sending import download

SEND, ANYWAY, ADD, DROP, MERGE, CHANGE = "send", "anyway", "add", "drop", "merge-", "channel-"
MERGE_REASON = "登记时认定与在办案件是同一件事"


@login_required
@require_http_methods(["GET", "POST"])
def intake(request: HttpRequest) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "cases.register", actor.organisation)
    if request.method == "GET":
        return _page(request, _blank(request, now))
    act = request.POST.get("act", SEND)
    count = _count(request)
    if act in (ADD, DROP) or act.startswith(CHANGE):
        wanted = {ADD: min(count + 1, MOST_MATTERS), DROP: max(count - 1, 1)}.get(act, count)
        return _page(request, _typed(request, now, wanted, channel=act.removeprefix(CHANGE)))
    sheet = _bound(request, now, count)
    if not sheet.is_valid():
        return _page(request, sheet, status=UNPROCESSABLE)
    try:
        if act == SEND:
            checked(sheet)
            found = duplicates_of(sheet, now)
            if found:
                asked = Sheet(sheet.channel, sheet.head, sheet.matters, tuple(found))
                return _page(request, asked, status=UNPROCESSABLE)
        with transaction.atomic():
            complaint = received(sheet, key=request.POST.get("form_key", ""), actor=actor, now=now)
            joined = _join(complaint, act, actor, now) if act.startswith(MERGE) else None
    except Refused as refused:
        if refused.code == "forbidden":
            raise
        sheet.head.add_refusal(in_its_words(refused))
        return _page(request, sheet, status=UNPROCESSABLE)
    _tell(request, complaint, joined)
    return see(_after(complaint, joined))


def _channel(given: str) -> str:
    return given if given in CHANNELS else "phone"


def _count(request: HttpRequest) -> int:
    given = request.POST.get("rows", "1")
    return min(max(int(given), 1), MOST_MATTERS) if given.isascii() and given.isdigit() else 1


def _options(actor: Actor, now: datetime) -> list[Any]:
    return matter_options(actor.place_path, local_day(now))


def _blank(request: HttpRequest, now: datetime) -> Sheet:
    """With what the quick form of the desk sent along."""
    actor = actor_of(request)
    channel = _channel(request.GET.get("channel", ""))
    initial = {"estate": request.GET.get("estate", "")[:120], "reason": request.GET.get("text", "")[:2000]}
    head = IntakeForm(channel=channel, place_path=actor.place_path, now=now, initial=initial)
    return Sheet(channel, head, [MatterRow(options=_options(actor, now), prefix="m0")])


def _bound(request: HttpRequest, now: datetime, count: int) -> Sheet:
    actor = actor_of(request)
    channel = _channel(request.POST.get("channel", ""))
    head = IntakeForm(request.POST, request.FILES, channel=channel, place_path=actor.place_path, now=now)
    options = _options(actor, now)
    rows = [MatterRow(request.POST, options=options, prefix=f"m{index}") for index in range(count)]
    return Sheet(channel, head, rows)


def _typed(request: HttpRequest, now: datetime, count: int, *, channel: str) -> Sheet:
    """Another number of rows or another channel: what was typed stands as first values, nothing is complained of."""
    actor = actor_of(request)
    chosen = channel if channel in CHANNELS else _channel(request.POST.get("channel", ""))
    initial: dict[str, Any] = {name: value for name, value in request.POST.items() if name != "tags"}
    initial["tags"] = request.POST.getlist("tags")
    head = IntakeForm(channel=chosen, place_path=actor.place_path, now=now, initial=initial)
    options = _options(actor, now)
    rows = [
        MatterRow(
            options=options,
            prefix=f"m{index}",
            initial={name: request.POST.get(f"m{index}-{name}", "") for name in ("matter", "title", *ASKED)},
        )
        for index in range(count)
    ]
    return Sheet(chosen, head, rows)


def _join(complaint: Complaint, act: str, actor: Actor, now: datetime) -> Case | None:
    """「并入」: the complaint is registered with its own number, and its case joined to the one at work."""
    number = act.removeprefix(MERGE)
    main = queries.cases_for(actor).filter(number=number).first()
    if main is None:
        raise Refused("merge_into", "要并入的案件不在您能看的范围里，请改按“仍然登记”。")
    if complaint.cases.filter(merged_into=main).exists():
        return main  # the second click: registered and joined already
    for case in complaint.cases.filter(merged_into=None).order_by("id"):
        if case.matter == main.matter or complaint.cases.count() == 1:
            services.merge_complaint(case, into=main, reason=MERGE_REASON, actor=actor, now=now)
            return main
    raise Refused("merge_matter", f"这次登记的事项里没有和{main.number}同类的，不能并入。请改按“仍然登记”。")


def _tell(request: HttpRequest, complaint: Complaint, joined: Case | None) -> None:
    code = getattr(complaint, "access_code", "")
    words = f"已登记，查询编号 {complaint.number}。"
    if code and complaint.channel != FOUND:
        words += f"没有留电话，查询码 {code}，只显示这一次，请告诉来电人、来访人。"
    if joined is not None:
        words += f"已并入 {joined.number}。"
    messages.success(request, words)
    for case in complaint.cases.select_related("lead").order_by("id"):
        sentence = _recommendation(case)
        if sentence:
            messages.success(request, sentence)


def _recommendation(case: Case) -> str:
    """Who should have it, by the list of duties."""
    if case.lead is not None or case.state != "pending":
        return f"“{case.title}”已由{case.lead}办理。" if case.lead is not None and case.running else ""
    if case.needs:
        return f"“{case.title}”还不能派单：还缺“{'、'.join(asking.lacking(case))}”，请点“补充派单事实”登记。"
    if not case.route_lead:
        return ""
    if asking.to_be_judged(case):
        return f"“{case.title}”还判定不了归谁办，停在待派：请改成具体事项，或者选该办的单位派单并写明理由。"
    try:
        return f"“{case.title}”建议派给{unit_for(case.route_lead, case)}。"
    except Refused as refused:
        return refused.message


def _after(complaint: Complaint, joined: Case | None) -> str:
    rows = list(complaint.cases.order_by("id")[:2])
    if joined is not None and len(rows) == 1:
        return case_url(joined)
    return case_url(rows[0]) if len(rows) == 1 else reverse("cases:complaint", args=[complaint.number])


def _page(request: HttpRequest, sheet: Sheet, *, status: int = 200) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    pack = core.pack_for(actor.place_path, local_day(now))
    sheet.head.show_as_wanted()
    context = {
        "nav": "cases",
        "page_title": "登记投诉",
        "sheet": sheet,
        "form": sheet.head,
        "channel": sheet.channel,
        "channels": CHANNELS,
        "rows": sheet.matters,
        "row_faults": [
            (row.prefix, message)
            for row in sheet.matters
            if row.is_bound
            for one in row.errors.values()
            for message in one
        ],
        "more": len(sheet.matters) < MOST_MATTERS,
        "estates": offered_estates(actor.place_path),
        "duplicates": sheet.duplicates,
        "clauses": _clauses(sheet.channel, actor, now) if pack is not None else (),
        "now": now,
    }
    return render(request, "cases/intake.html", context, status=status)


def _clauses(channel: str, actor: Actor, now: datetime) -> tuple[str, ...]:
    """The clauses of the register's checks for this channel: an empty register meets them all."""
    found = core.run_checks(
        "cases.register",
        {"channel": channel, "anonymous": False, "tagged": False, "signed_register": False},
        place_path=actor.place_path,
        on=local_day(now),
        raise_=False,
    )
    return tuple(dict.fromkeys(clause for one in found for clause in one.clauses))[:2]


def visit_values(data: Mapping[str, Any]) -> dict[str, str]:
    """What the form of the page holds, by the lines of the paper."""
    return {
        "来访人姓名": data.get("caller_name", ""),
        "来访人数": data.get("visitors", ""),
        "来访时间": cn_moment(data.get("called_at") or None) if data.get("called_at") else "",
        "单位或联系地址": data.get("caller_address", ""),
        "联系电话": data.get("caller_phone", ""),
        "反映的小区": data.get("estate", ""),
        "具体地点": data.get("location", ""),
        "来访事由": data.get("reason", ""),
        "当场答复": data.get("answered_on_spot", ""),
    }


@login_required
@require_http_methods(["GET", "POST"])
def register_form(request: HttpRequest) -> HttpResponse:
    """来访登记表 on paper: empty, or with what the clerk typed so far. Nothing of it is kept."""
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "cases.register", actor.organisation)
    data = request.POST
    values = visit_values(data)
    if data.get("act") == "word" or request.GET.get("word"):
        return download(visit_form(values), name=f"register-form-{local_day(now):%Y%m%d}.docx", content_type=DOCX)
    rows = [(name, values.get(name, ""), range(lines)) for name, lines in VISIT_ROWS]
    context = {"nav": "cases", "page_title": "来访登记表", "rows": rows, "unit": actor.organisation, "now": now}
    return render(request, "cases/register_form.html", context)
