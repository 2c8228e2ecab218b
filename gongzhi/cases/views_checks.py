"""检查单: what a unit looked at and what led it there; counted by unit and source."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.cases import queries, services
from gongzhi.cases.forms_fields import MomentField, long_text, matter_options, minute_of
from gongzhi.cases.forms_public import estate_label, matching_estates
from gongzhi.cases.models import Case, SiteCheck
from gongzhi.cases.models.checks import CHECK_SOURCES
from gongzhi.cases.queries import asking
from gongzhi.cases.rights import INTAKE, OVERSIGHT
from gongzhi.cases.views_common import UNPROCESSABLE, actor_of, now_of, see
from gongzhi.cases.views_registers import Period
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.forms import RefusalForm
from gongzhi.core.sending import EXPORT, download
from gongzhi.core.sheets import Asked, workbook
from gongzhi.registry.models import Estate

PAGE_SIZE = 20
BATCH = 500
COLUMNS = (
    ("编号", 20), ("检查时间", 20), ("小区", 22), ("来源", 12), ("检查单位", 24), ("事项", 24), ("发现问题", 10),
    ("检查情况", 50), ("关联案件", 20), ("同一问题的检查单", 20),
)  # fmt: skip
OFFERED = 200


class CheckForm(RefusalForm, forms.Form):
    estate = forms.CharField(
        label="小区",
        max_length=120,
        error_messages={"required": "请填小区"},
        widget=forms.TextInput(attrs={"list": "estates", "autocomplete": "off"}),
    )
    source = forms.ChoiceField(
        label="来源",
        choices=list(CHECK_SOURCES.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "请选择来源"},
    )
    checked_at = MomentField(label="检查时间")
    matter = forms.ChoiceField(label="事项", required=False)
    found = long_text("检查情况")
    violation = forms.BooleanField(label="发现问题", required=False)
    case = forms.CharField(
        label="关联的案件编号",
        max_length=40,
        required=False,
        help_text="来源是受理投诉的必须填；其他来源发现同一问题的也可以填",
    )
    same_as = forms.CharField(
        label="同一问题的检查单编号",
        max_length=40,
        required=False,
        help_text="以前从别的途径查到过同一问题的，填那张检查单",
    )

    def __init__(self, *args: Any, actor: Actor, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.fields["checked_at"].initial = minute_of(now)
        self.fields["matter"].choices = matter_options(actor.place_path, local_day(now))  # type: ignore[attr-defined]

    def clean_estate(self) -> Estate:
        found = matching_estates(self.cleaned_data["estate"], place_path=self.actor.place_path)
        if len(found) != 1:
            raise forms.ValidationError("辖区里没有这个小区，或者不止一个，请从名单里选")
        return found[0]

    def clean_case(self) -> Case | None:
        number = self.cleaned_data["case"].strip().upper()
        row = queries.cases_for(self.actor).filter(number=number).first() if number else None
        if number and row is None:
            raise forms.ValidationError("没有这个编号的案件，或者不归您看")
        return row

    def clean_same_as(self) -> SiteCheck | None:
        number = self.cleaned_data["same_as"].strip().upper()
        row = checks_for(self.actor).filter(number=number).first() if number else None
        if number and row is None:
            raise forms.ValidationError("没有这个编号的检查单，或者不归您看")
        return row


def checks_for(actor: Actor) -> QuerySet[SiteCheck]:
    """A unit's own sheets; for an overseeing office those of its area."""
    wanted = Q(organisation=actor.organisation) if actor.organisation is not None else Q(pk=None)
    if actor.role in OVERSIGHT and actor.place_path:
        wanted |= Q(place_path__startswith=actor.place_path)
    return SiteCheck.objects.filter(wanted).select_related("organisation", "estate", "case", "same_as")


def may_look_at_checks(actor: Actor) -> None:
    if actor.role not in INTAKE and actor.role not in OVERSIGHT:
        raise Refused("forbidden", "检查单只给有监督检查职责的单位看。", status=403)


def counted_for(actor: Actor, period: Period) -> list[dict[str, Any]]:
    """By unit and source, for an overseeing office; others count their own."""
    rows = queries.checks_by_source(actor.place_path, checked_from=period.first, checked_to=period.last)
    own = actor.organisation.name if actor.organisation is not None else ""
    return rows if actor.role in OVERSIGHT else [one for one in rows if one["unit"] == own]


@login_required
@require_GET
def checks(request: HttpRequest) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    may_look_at_checks(actor)
    period = Period.of(request.GET, local_day(now))
    source = request.GET.get("source", "")
    rows = checks_for(actor)
    if source in CHECK_SOURCES:
        rows = rows.filter(source=source)
    if request.GET.get("estate", "").isdecimal():
        rows = rows.filter(estate_id=int(request.GET["estate"]))
    rows = rows.order_by("-checked_at", "-id")
    if EXPORT in request.GET:
        return _exported(rows, actor, now, [("来源", CHECK_SOURCES.get(source, ""))])
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "nav": "cases",
        "page_title": "检查单",
        "page": page,
        "rows": [(one, asking.matter_name(one.matter) if one.matter else "") for one in page],
        "counted": counted_for(actor, period),
        "sources": CHECK_SOURCES.items(),
        "source": source,
        "period": period,
        "may_record": core.may(actor, "checks.record", actor.organisation),
        "now": now,
    }
    return render(request, "cases/checks.html", context)


def _exported(rows: Any, actor: Actor, now: datetime, conditions: list[tuple[str, str]]) -> HttpResponse:
    lines = (
        (
            one.number, one.checked_at, one.estate.name, one.get_source_display(), one.organisation.name,
            asking.matter_name(one.matter) if one.matter else "", "是" if one.violation else "否",
            f"（已作废：{one.void_reason}）{one.found}" if one.void_reason else one.found,
            one.case.number if one.case else "", one.same_as.number if one.same_as else "",
        )
        for one in rows.iterator(chunk_size=BATCH)
    )  # fmt: skip
    content = workbook("检查单", COLUMNS, lines, asked=Asked.of(actor, now, conditions))
    return download(content, name=f"checks-{local_day(now):%Y%m%d}.xlsx")


@login_required
@require_http_methods(["GET", "POST"])
def check_new(request: HttpRequest) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "checks.record", actor.organisation)
    if request.method == "GET":
        first = {name: request.GET.get(name, "") for name in ("case", "estate")}
        return _form_page(request, CheckForm(actor=actor, now=now, initial=first))
    form = CheckForm(request.POST, actor=actor, now=now)
    if not form.is_valid():
        return _form_page(request, form, status=UNPROCESSABLE)
    try:
        sheet = services.record_check(**form.cleaned_data, key=request.POST.get("form_key", ""), actor=actor, now=now)
    except Refused as refused:
        if refused.code == "forbidden":
            raise
        form.add_refusal(refused)
        return _form_page(request, form, status=UNPROCESSABLE)
    messages.success(request, f"已建检查单{sheet.number}。")
    return see(reverse("cases:checks"))


def _form_page(request: HttpRequest, form: CheckForm, *, status: int = 200) -> HttpResponse:
    rows = Estate.objects.within(form.actor.place_path).select_related("community").order_by("name")[:OFFERED]
    context = {
        "nav": "cases",
        "page_title": "建检查单",
        "form": form,
        "estates": [estate_label(one) for one in rows],
        "now": now_of(request),
    }
    return render(request, "cases/check_new.html", context, status=status)
