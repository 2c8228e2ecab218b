"""约谈, 问责建议, 线索: pages for the few who may read them."""

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.cases.accountability import forms
from gongzhi.cases.accountability.models import Clue, Referral, Talk
from gongzhi.cases.accountability.queries.tasks import units_below
from gongzhi.cases.accountability.references import reads
from gongzhi.cases.accountability.services import trust as services
from gongzhi.cases.accountability.views.common import (
    FormPage,
    actor_of,
    handle,
    may,
    now_of,
    page_of,
    require_own,
    show,
    today,
)
from gongzhi.core import services as core
from gongzhi.core.models import Organisation, User
from gongzhi.core.questions import STAFF_ROLES


@login_required
@require_GET
def talks(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    require_own(actor, "accountability.read_talks")
    rows = Talk.objects.filter(place_path__startswith=actor.place_path).select_related("unit", "duty", "document")
    referrals = Referral.objects.filter(place_path__startswith=actor.place_path)
    return show(
        request, "talks", "talks", "约谈和问责",
        page=page_of(rows.order_by("-opened_at"), request),
        referrals=referrals.select_related("unit", "to", "document", "duty").order_by("-referred_at"),
    )  # fmt: skip


def _readable(request: HttpRequest, row: Any) -> Any:
    if not reads(actor_of(request), row):
        raise Http404
    return row


def _talk(request: HttpRequest, pk: int) -> Any:
    return _readable(request, get_object_or_404(Talk.objects.select_related("unit", "duty", "document"), pk=pk))


def _talk_url(pk: Any) -> str:
    return reverse("accountability:talk", args=[pk])


@login_required
@require_GET
def talk(request: HttpRequest, pk: int) -> HttpResponse:
    row = _talk(request, pk)
    return show(
        request, "talk", "talks", str(row),
        row=row,
        referrals=row.duty.referrals.select_related("to", "document"),
        may_act=core.may(actor_of(request), "accountability.talk", row),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def talk_record(request: HttpRequest, pk: int) -> HttpResponse:
    row, actor, now = _talk(request, pk), actor_of(request), now_of(request)
    core.require(actor, "accountability.talk", row)
    page = FormPage(
        "talks", "登记约谈记录", _talk_url(pk), about=str(row), will="记录只有授权的人能看。", button="登记"
    )
    return handle(
        request, page, lambda *data, **more: forms.RecordForm(*data, version=row.version, **more),
        lambda clean: services.hold_talk(row, **clean, actor=actor, now=now), to=_talk_url, done="已登记约谈记录。",
    )  # fmt: skip


def _referral(request: HttpRequest, pk: int) -> Any:
    rows = Referral.objects.select_related("unit", "to", "duty", "document")
    return _readable(request, get_object_or_404(rows, pk=pk))


def _referral_url(pk: Any) -> str:
    return reverse("accountability:referral", args=[pk])


@login_required
@require_GET
def referral(request: HttpRequest, pk: int) -> HttpResponse:
    row = _referral(request, pk)
    answers = core.may(actor_of(request), "accountability.answer_referral", row)
    waiting = row.state not in ("held", "declined")
    return show(request, "referral", "talks", str(row), row=row, may_act=answers and waiting)


@login_required
@require_http_methods(["GET", "POST"])
def referral_answer(request: HttpRequest, pk: int) -> HttpResponse:
    row, actor, now = _referral(request, pk), actor_of(request), now_of(request)
    core.require(actor, "accountability.answer_referral", row)
    page = FormPage("talks", "反馈问责情况", _referral_url(pk), about=str(row), button="反馈")
    return handle(
        request, page, lambda *data, **more: forms.ReferralForm(*data, version=row.version, **more),
        lambda clean: services.answer_referral(row, **clean, actor=actor, now=now), to=_referral_url, done="已反馈。",
    )  # fmt: skip


def _clues(request: HttpRequest) -> Any:
    """Those of the place, or handed to the unit; never one about the reader."""
    actor = actor_of(request)
    rows = Clue.objects.seen_by(actor).select_related("unit", "body", "person")
    if may(actor, "accountability.record_clue"):
        return rows.filter(place_path__startswith=actor.place_path)
    return rows.filter(body=actor.organisation) if actor.organisation is not None else rows.none()


@login_required
@require_GET
def clues(request: HttpRequest) -> HttpResponse:
    actor, rows = actor_of(request), _clues(request)
    records = may(actor, "accountability.record_clue")
    if not records and not rows.exists():
        require_own(actor, "accountability.record_clue")
    page = page_of(rows.order_by("-recorded_at"), request)
    return show(request, "clues", "clues", "工作人员问题线索", page=page, records=records)


def _clue_url(pk: Any) -> str:
    return reverse("accountability:clue", args=[pk])


@login_required
@require_http_methods(["GET", "POST"])
def clue_new(request: HttpRequest) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    require_own(actor, "accountability.record_clue")
    page = FormPage("clues", "登记线索", reverse("accountability:clues"), button="登记",
                    will="只有登记单位、纪检监察机关和接收移送的机关能看；涉及的人看不到。")  # fmt: skip
    units = Organisation.objects.filter(
        place_path__startswith=actor.place_path, kind__in=("office", "department"), active=True
    ).order_by("place_path", "pk")
    given = {"units": units, "people": officials(actor.place_path, on=today(request))}

    def do(clean: dict[str, Any]) -> Clue:
        file = clean.pop("file")
        return services.record_clue(**clean, files=[file] if file else [], actor=actor, now=now)

    return handle(
        request, page, lambda *data, **more: forms.ClueForm(*data, **given, **more), do, to=_clue_url, done="已登记。"
    )


def officials(place_path: str, *, on: date) -> Any:
    """Who holds an official post below a place."""
    serving = User.objects.filter(
        is_active=True, posts__role__in=STAFF_ROLES, posts__place_path__startswith=place_path, posts__begins_on__lte=on
    )
    return User.objects.filter(pk__in=serving.values("pk")).order_by("display_name", "pk")


def _clue(request: HttpRequest, pk: int) -> Clue:
    row: Clue = get_object_or_404(_clues(request), pk=pk)
    return row


def _acts(row: Clue, request: HttpRequest) -> list[tuple[str, str]]:
    actor, found = actor_of(request), []
    if row.transferred_at is None and core.may(actor, "accountability.record_clue", row):
        found.append(("yisong", "移送"))
    concludes = core.may(actor, "accountability.conclude_clue", row)
    if row.transferred_at is not None and row.concluded_at is None and concludes:
        found.append(("banjie", "登记处理结果"))
    return found


@login_required
@require_GET
def clue(request: HttpRequest, pk: int) -> HttpResponse:
    row = _clue(request, pk)
    title = f"线索{row.number}"
    return show(request, "clue", "clues", title, row=row, acts=_acts(row, request), files=core.files_of(row.ref))


@login_required
@require_http_methods(["GET", "POST"])
def clue_act(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    row, actor, now = _clue(request, pk), actor_of(request), now_of(request)
    if code == "yisong":
        core.require(actor, "accountability.record_clue", row)
        page = FormPage("clues", "移送线索", _clue_url(pk), about=row.number, button="移送")
        return handle(
            request, page,
            lambda *data, **more: forms.BodyForm(*data, units=units_below(actor), version=row.version, **more),
            lambda clean: services.transfer_clue(row, **clean, actor=actor, now=now), to=_clue_url, done="已移送。",
        )  # fmt: skip
    if code == "banjie":
        core.require(actor, "accountability.conclude_clue", row)
        page = FormPage("clues", "登记处理结果", _clue_url(pk), about=row.number, button="登记")
        return handle(
            request, page, lambda *data, **more: forms.ConcludeForm(*data, version=row.version, **more),
            lambda clean: services.conclude_clue(row, **clean, actor=actor, now=now), to=_clue_url, done="已登记。",
        )  # fmt: skip
    raise Http404
