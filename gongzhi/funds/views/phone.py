"""An owner pays on his phone: by the code on his bill or signed in, his own bills alone. No script needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import segno
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.pages import actor_of, now_of, see, today_of
from gongzhi.funds.charges.models import Bill, Tenancy
from gongzhi.funds.charges.queries import late_by_bill, open_bills
from gongzhi.funds.charges.queries.lines import BillLine, bill_lines
from gongzhi.funds.forms_payments import PayForm as ChosenForm
from gongzhi.funds.forms_payments import TailForm
from gongzhi.funds.payments import queries
from gongzhi.funds.payments import services as payments
from gongzhi.funds.payments.models import PayChannel, PayLink, PayOrder
from gongzhi.funds.payments.services import Payer
from gongzhi.registry.models import Ownership

NAV = "funds"
SALT = "pay"
OWNER, TENANT = "owner", "tenant"
GRANTED = timedelta(hours=2)
BETWEEN_LOOKS = timedelta(seconds=4)
UNPROCESSABLE = 422
QUIET_ZONE = 3
SHOWN = 12
MOBILE = ("Mobile", "Android", "iPhone")


@dataclass(frozen=True, slots=True)
class Owed:
    """A bill as the payer sees it, in 分, with what being late costs by contract."""

    bill: Bill
    late_fen: int
    lines: tuple[BillLine, ...]

    @property
    def fen(self) -> int:
        return self.bill.open_fen + self.late_fen


def _cookie(link: PayLink) -> str:
    return f"gz_jiaofei_{link.pk}"


@transaction.non_atomic_requests
@never_cache
@require_http_methods(["GET", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the code: first the question who he is, then what he owes."""
    link = payments.link_of(token)
    if link is None:
        raise Http404
    payer = _granted(request, link)
    if payer is None:
        return _ask(request, link)
    return _pay(request, payer)


def _granted(request: HttpRequest, link: PayLink) -> Payer | None:
    """A signed cookie that names ownership or tenancy, for a while, in this browser."""
    held = request.get_signed_cookie(_cookie(link), default="", salt=SALT, max_age=GRANTED) or ""
    kind, _, key = held.partition("-")
    if not key.isdigit():
        return None
    if kind == TENANT:
        row = Tenancy.objects.filter(pk=int(key), unit=link.unit).first()
        return Payer(link.unit, None, row) if row is not None else None
    title = Ownership.objects.filter(pk=int(key), unit=link.unit).first()
    return Payer(link.unit, title) if title is not None else None


def _grant(payer: Payer) -> str:
    if payer.tenancy is not None:
        return f"{TENANT}-{payer.tenancy.pk}"
    return f"{OWNER}-{payer.ownership.pk if payer.ownership else ''}"


def _ask(request: HttpRequest, link: PayLink) -> HttpResponse:
    form = TailForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound:
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                payer = payments.confirm(link, tail=form.cleaned_data["tail"], now=now_of(request))
            except Refused as refused:
                form.add_refusal(refused)
                status = refused.status
            else:
                response = see(request.path)
                response.set_signed_cookie(
                    _cookie(link), _grant(payer), salt=SALT, max_age=GRANTED, httponly=True,
                    samesite="Lax", secure=request.is_secure(), path=request.path,
                )  # fmt: skip
                return response
    estate = link.unit.building.estate
    context = {
        "page_title": "缴物业费", "estate": estate, "form": form, "owner_pages": True,
        "demo_tail": _demo_tail(link) if link.unit.demo else "",
    }  # fmt: skip
    return render(request, "funds/pay_who.html", context, status=status)


def _demo_tail(link: PayLink) -> str:
    """In the demonstration nobody has the owner's phone at hand."""
    title = Ownership.objects.filter(unit=link.unit, to_on=None, demo=True).first()
    share = title.shares.select_related("owner").first() if title is not None else None
    return core.opened(share.owner, "phone")[-4:] if share is not None else ""


@transaction.non_atomic_requests
@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """The bills of a signed-in owner; of several units one is chosen."""
    titles = queries.own_titles(actor_of(request), on=today_of(request))
    if not titles:
        context = {"nav": NAV, "page_title": "我的物业费"}
        return render(request, "funds/pay_none.html", context)
    chosen = request.GET.get("fang", "")
    title = next((one for one in titles if str(one.pk) == chosen), titles[0])
    return _pay(request, Payer(title.unit, title), others=titles)


def _pay(request: HttpRequest, payer: Payer, *, others: Sequence[Ownership] = ()) -> HttpResponse:
    on = today_of(request)
    rows = payer.own(list(open_bills(unit=payer.unit)))
    late = late_by_bill(rows, on)
    owed = [Owed(one, late[one.pk].fen, tuple(bill_lines(one))) for one in rows]
    projects = {one.project_id for one in rows}
    channels = list(PayChannel.objects.filter(project__in=projects, to_on=None).order_by("-provider"))
    form = ChosenForm(request.POST if request.method == "POST" else None, bills=rows, channels=channels)
    status = 200
    if form.is_bound:
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                order = _ordered(request, payer, form.cleaned_data, channels)
            except Refused as refused:
                form.add_refusal(refused)
                status = refused.status
            else:
                return see(reverse("funds:pay_order", args=[order.number]))
    picked = request.POST.getlist("bills") if form.is_bound else [str(one.pk) for one in rows]
    paid = PayOrder.objects.none()  # what the owners paid is not shown to a tenant
    if payer.tenancy is None:
        paid = PayOrder.objects.filter(unit=payer.unit, ownership=payer.ownership, state="paid").order_by("-paid_at")
    context = {
        "nav": NAV,
        "page_title": "缴物业费",
        "estate": payer.unit.building.estate,
        "payer": payer,
        "others": others if len(others) > 1 else (),
        "owed": [(one, str(one.bill.pk) in picked) for one in owed],
        "total_fen": sum(one.fen for one in owed),
        "channels": channels,
        "form": form,
        "paid": paid.select_related("channel")[:SHOWN],
        "owner_pages": True,
    }
    return render(request, "funds/pay.html", context, status=status)


def _ordered(request: HttpRequest, payer: Payer, data: dict[str, Any], channels: Sequence[PayChannel]) -> PayOrder:
    channel = next(one for one in channels if str(one.pk) == data["channel"])
    bills = payer.own(list(Bill.objects.filter(pk__in=data["bills"], unit=payer.unit)))
    mobile = any(word in request.headers.get("User-Agent", "") for word in MOBILE)
    order = payments.open_order(
        bills, channel=channel, way="h5" if mobile else "native", payer=payer, actor=actor_of(request),
        now=now_of(request),
    )  # fmt: skip
    return payments.offer(
        order, base=request.build_absolute_uri("/"), address=request.META.get("REMOTE_ADDR", ""), now=now_of(request)
    )


def _order(number: str) -> PayOrder:
    rows = PayOrder.objects.select_related("channel__project__estate", "settlement")
    return get_object_or_404(rows, number=number)


@never_cache
@require_GET
def order(request: HttpRequest, number: str) -> HttpResponse:
    """The order to be paid. Whoever knows its long number sees the sum and the state, and nobody's name."""
    row = _order(number)
    context = {
        "nav": NAV,
        "page_title": "付款",
        "order": row,
        "estate": row.channel.project.estate,
        "payable": row.payable(now_of(request)),
        "qr": qr(row.qr) if row.qr and not row.channel.stand_in else None,
        "in_app": "MicroMessenger" in request.headers.get("User-Agent", ""),
        "owner_pages": True,
    }
    return render(request, "funds/pay_order.html", context)


@transaction.non_atomic_requests
@require_POST
def look(request: HttpRequest, number: str) -> HttpResponse:
    """我已付款: asks the provider, not more often than every few seconds."""
    row, now = _order(number), now_of(request)
    if row.looked_at is None or now - row.looked_at >= BETWEEN_LOOKS:
        payments.look_after(row, now=now)
    return see(reverse("funds:pay_order", args=[number]))


@require_POST
def pretend(request: HttpRequest, number: str) -> HttpResponse:
    """The button of the demonstration in place of a payer's app. Only where there is no provider."""
    row = _order(number)
    if not row.channel.stand_in:
        raise Http404
    if row.payable(now_of(request)):
        payments.pretend_paid(row, now=now_of(request))
    return see(reverse("funds:pay_order", args=[number]))


def qr(text: str) -> dict[str, str]:
    """The code as one SVG path with its view box."""
    matrix = [list(row) for row in segno.make(text, error="m", micro=False).matrix]
    steps = [f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark]
    whole = len(matrix) + 2 * QUIET_ZONE
    return {"path": "".join(steps), "box": f"-{QUIET_ZONE} -{QUIET_ZONE} {whole} {whole}"}
