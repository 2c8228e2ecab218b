"""The calendar of work days: the years that are known, a year month by month, and entering a later one."""

import calendar as months
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import packs
from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.forms import VersionedForm
from gongzhi.core.models import CalendarYear

UNPROCESSABLE = 422
FIRST_YEAR, LAST_YEAR = 2000, 2199
YEARS_AHEAD = 2
HOLIDAY_PARTS = 3
HOLIDAY_SIGNS = 2
LINE_HELP = "一行一个：名称 起 止，例如　元旦 2027-01-01 2027-01-03"


def effective_calendar() -> Any:
    pack = packs.named_pack(packs.ROOT_PACK)
    if pack is None:
        raise Http404
    return pack.calendar


class YearForm(VersionedForm):
    source = forms.CharField(
        label="放假安排的发文字号",
        max_length=200,
        help_text="例如 国办发明电〔2025〕7号",
        error_messages={"required": "请填发文字号"},
    )
    holidays = forms.CharField(
        label="放假",
        help_text=LINE_HELP,
        widget=forms.Textarea(attrs={"rows": 8, "class": "gz-code"}),
        error_messages={"required": "请填放假的日子"},
    )
    workdays = forms.CharField(
        label="调休上班的周末",
        required=False,
        help_text="一行一天，例如　2027-02-07",
        widget=forms.Textarea(attrs={"rows": 6, "class": "gz-code"}),
    )

    def clean_holidays(self) -> list[dict[str, str]]:
        found = []
        for number, line in enumerate(self.cleaned_data["holidays"].splitlines(), start=1):
            parts = line.replace("至", " ").replace("，", " ").replace(",", " ").split()
            if not parts:
                continue
            if len(parts) not in (HOLIDAY_PARTS - 1, HOLIDAY_PARTS):
                raise forms.ValidationError(f"第{number}行要写名称、起、止三样：{line.strip()}")
            found.append({"name": parts[0], "from": _day(parts[1], number), "to": _day(parts[-1], number)})
        return found

    def clean_workdays(self) -> list[str]:
        lines = enumerate(self.cleaned_data["workdays"].splitlines(), start=1)
        return [_day(line.strip(), number) for number, line in lines if line.strip()]


def _day(text: str, line: int) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise forms.ValidationError(f"第{line}行的“{text}”不是日期，请写成 2027-01-01 这样") from error


@require_GET
def years(request: HttpRequest) -> HttpResponse:
    known = effective_calendar().years
    entered = {row.year: row for row in CalendarYear.objects.select_related("entered_by")}
    last = max(known, default=timezone.localdate().year)
    context = {
        "page_title": "工作日历",
        "page_sub": "期限按它数工作日、顺延节假日",
        "nav": "workdays",
        "rows": [{"block": known[number], "entered": entered.get(number)} for number in sorted(known, reverse=True)],
        "coming": range(last + 1, last + 1 + YEARS_AHEAD),
        "may": core.may(request.actor, "calendar.enter"),  # type: ignore[attr-defined]
    }
    return render(request, "site/calendar/years.html", context)


@require_GET
def year(request: HttpRequest, year: int) -> HttpResponse:
    _check_year(year)
    found = effective_calendar()
    block = found.years.get(year)
    context = {
        "page_title": f"{year}年工作日历",
        "nav": "workdays",
        "year": year,
        "arrangement": block,
        "months": [_month(found, year, number) for number in range(1, 13)],
        "work_days": found.work_days_between(date(year, 1, 1), date(year, 12, 31)),
        "today": timezone.localdate(),
        "may": core.may(request.actor, "calendar.enter"),  # type: ignore[attr-defined]
    }
    return render(request, "site/calendar/year.html", context)


def _check_year(number: int) -> None:
    if not FIRST_YEAR <= number <= LAST_YEAR:
        raise Http404


def _month(found: Any, year: int, number: int) -> dict[str, Any]:
    weeks = []
    for week in months.Calendar().monthdatescalendar(year, number):
        weeks.append([_cell(found, day) if day.month == number else None for day in week])
    first = date(year, number, 1)
    last = date(year, number, months.monthrange(year, number)[1])
    return {"number": number, "weeks": weeks, "work_days": found.work_days_between(first, last)}


def _cell(found: Any, day: date) -> dict[str, Any]:
    holiday = found.holiday_of(day)
    if holiday is not None:
        return {"day": day, "css": "gz-over", "word": holiday.name[:HOLIDAY_SIGNS], "title": holiday.name}
    if found.is_adjusted_work_day(day):
        return {"day": day, "css": "gz-today", "word": "上班", "title": "调休上班"}
    if found.is_work_day(day):
        return {"day": day, "css": "", "word": "", "title": ""}
    return {"day": day, "css": "gz-wait", "word": "休", "title": "周末"}


@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest, year: int) -> HttpResponse:
    _check_year(year)
    actor = request.actor  # type: ignore[attr-defined]
    core.require(actor, "calendar.enter")
    row = CalendarYear.objects.filter(year=year).first()
    version = row.version if row is not None else None
    form = YearForm(request.POST or None, initial=_initial(year, row), version=version)
    status = 200
    if request.method == "POST":
        if form.is_valid() and _enter(request, form, year):
            messages.success(request, f"{year}年的工作日历已录入，以后算期限就按它。")
            return HttpResponseRedirect(reverse("workdays_of_year", args=[year]), status=303)
        status = UNPROCESSABLE
    title = f"录入{year}年工作日历"
    context = {"page_title": title, "nav": "workdays", "year": year, "form": form, "again": row is not None}
    return render(request, "site/calendar/enter.html", context, status=status)


def _initial(year: int, row: CalendarYear | None) -> dict[str, str]:
    block = effective_calendar().years.get(year)
    if block is None:
        return {}
    data = block.to_data()
    lines = [f"{one['name']} {one['from']} {one['to']}" for one in data["holidays"]]
    return {"source": data["source"], "holidays": "\n".join(lines), "workdays": "\n".join(data["workdays"])}


def _enter(request: HttpRequest, form: YearForm, year: int) -> bool:
    data = form.cleaned_data
    try:
        core.enter_calendar_year(
            year,
            data={"holidays": data["holidays"], "workdays": data["workdays"]},
            source=data["source"],
            version=data.get("version"),
            actor=request.actor,  # type: ignore[attr-defined]
            now=timezone.now(),
        )
    except Refused as refused:
        form.add_refusal(refused)
        return False
    return True
