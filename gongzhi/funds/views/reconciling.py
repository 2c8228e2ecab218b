"""渠道和对账: merchant accounts, the provider's bill of each day beside ours, what a person has to work off."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.pages import actor_of, bound, now_of, page_of, see, today_of
from gongzhi.core.refs import Ref
from gongzhi.funds.charges.queries import OfProject
from gongzhi.funds.forms import PlainForm
from gongzhi.funds.forms_payments import CashForm, ChannelForm, FetchForm, IssueForm, TransferForm
from gongzhi.funds.payments import queries
from gongzhi.funds.payments import services as payments
from gongzhi.funds.payments.models import ChannelDay, PayChannel, PayIssue
from gongzhi.funds.payments.words import PROVIDERS
from gongzhi.funds.views.cashier import project_of, way
from gongzhi.funds.views.common import NAV, form_page, kept
from gongzhi.registry.models import Project

SHOWN = 30
OWN = ("version", "merchant", "app", "from_on")


def _url(project: Project) -> str:
    return reverse("funds:reconcile", args=[project.pk])


@login_required
@never_cache
@require_GET
def overview(request: HttpRequest, pk: int) -> HttpResponse:
    """For the company and for those who watch over it: channels, days, issues."""
    project = project_of(request, pk)
    actor, of = actor_of(request), OfProject(project)
    done = PayIssue.objects.filter(channel__project=project, state="done").select_related("channel", "done_by")
    context = {
        "nav": NAV,
        "page_title": "渠道对账",
        "project": project,
        "channels": project.pay_channels.order_by("to_on", "-provider"),
        "issues": list(queries.issues_of(project)[:SHOWN]),
        "done": done.order_by("-done_at")[:SHOWN],
        "page": page_of(request, queries.days_of(project)),
        "may_reconcile": core.may(actor, "payment.reconcile", of),
        "may_channel": core.may(actor, "payment.channel", of),
        "providers": PROVIDERS,
    }
    return render(request, "funds/reconcile.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def channel_new(request: HttpRequest, pk: int, provider: str) -> HttpResponse:
    project = project_of(request, pk, "payment.channel")
    if provider not in PROVIDERS:
        raise Http404

    def run(data: Mapping[str, Any]) -> Ref:
        keys = {name: value for name, value in data.items() if name not in OWN}
        return payments.register_channel(
            project, provider=provider, merchant=data["merchant"], app=data["app"], keys=keys,
            from_on=data["from_on"], actor=actor_of(request), now=now_of(request),
        ).ref  # fmt: skip

    return form_page(
        title=f"登记收款渠道：{PROVIDERS[provider]}",
        form=bound(request, ChannelForm, provider=provider, initial={"from_on": today_of(request)}),
        run=run,
        done="已登记。密钥加密保存，以后不再显示。",
        back=_url(project),
        crumbs=way(project, ("渠道对账", _url(project))),
        hint="商户号要用本企业（或本小区监管账户）名下的。密钥从渠道的商户平台复制，登记时只核对能否读取，不向渠道发送。",
        button="登记",
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def channel_end(request: HttpRequest, pk: int) -> HttpResponse:
    row: PayChannel | None = PayChannel.objects.select_related("project__estate").filter(pk=pk).first()
    if row is None:
        raise Http404
    project = project_of(request, row.project_id, "payment.channel")

    def run(data: Mapping[str, Any]) -> Ref:
        return payments.end_channel(
            row, to_on=today_of(request), version=data["version"], actor=actor_of(request), now=now_of(request)
        ).ref

    return form_page(
        title="停用收款渠道", form=bound(request, PlainForm, version=row.version), run=run, done="已停用。",
        back=_url(project), crumbs=way(project, ("渠道对账", _url(project))),
        hint=f"{row}。停用后不再收新款，已付的款仍可到账、退款和对账。",
    ).answer(request)  # fmt: skip


@transaction.non_atomic_requests
@login_required
@require_http_methods(["GET", "POST"])
def fetch(request: HttpRequest, pk: int) -> HttpResponse:
    """Gets a day's bill from the provider. No transaction is open while he is asked."""
    row: PayChannel | None = PayChannel.objects.select_related("project__estate").filter(pk=pk).first()
    if row is None:
        raise Http404
    project = project_of(request, row.project_id, "payment.reconcile")
    form = bound(request, FetchForm)
    page = form_page(
        title=f"取账单：{row.get_provider_display()}", form=form, run=lambda _: row.ref, done="", back=_url(project),
        crumbs=way(project, ("渠道对账", _url(project))), button="取账单",
        hint="平台每天自动取前一天的账单；缺的或要重新核对的在这里取。",
    )  # fmt: skip
    if request.method != "POST" or not form.is_valid():
        return page.shown(request, status=422 if request.method == "POST" else 200)
    try:
        made = payments.fetch_day(row, on=form.cleaned_data["on"], actor=actor_of(request), now=now_of(request))
    except Refused as refused:
        form.add_refusal(refused)
        return page.shown(request, status=refused.status)
    return see(reverse("funds:channel_day", args=[made.pk]))


def _day(request: HttpRequest, pk: int, right: str = "payment.read") -> ChannelDay:
    row: ChannelDay | None = (
        ChannelDay.objects.select_related("channel__project__estate", "entry").filter(pk=pk).first()
    )
    if row is None:
        raise Http404
    project_of(request, row.channel.project_id, right)
    return row


@login_required
@never_cache
@require_GET
def day(request: HttpRequest, pk: int) -> HttpResponse:
    row = _day(request, pk)
    project = row.channel.project
    lines = row.lines.select_related("settlement__unit__building").order_by("at", "pk")
    context = {
        "nav": NAV,
        "page_title": f"{row.channel.get_provider_display()} {row.on}",
        "day": row,
        "project": project,
        "page": page_of(request, lines),
        "issues": row.channel.issues.filter(day=row.on).order_by("state", "pk"),
        "may_reconcile": core.may(actor_of(request), "payment.reconcile", OfProject(project)),
    }
    return render(request, "funds/channel_day.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def transfer(request: HttpRequest, pk: int) -> HttpResponse:
    row = _day(request, pk, "payment.reconcile")

    def run(data: Mapping[str, Any]) -> Ref:
        return payments.book_transfer(row, **data, actor=actor_of(request), now=now_of(request)).ref

    back = reverse("funds:channel_day", args=[row.pk])
    return form_page(
        title="登记渠道款到账", form=bound(request, TransferForm, version=row.version), run=run,
        done="已记到账，可与银行流水对上。", back=back,
        crumbs=way(row.channel.project, ("渠道对账", _url(row.channel.project)), (str(row.on), back)),
        hint=f"收款{core.yuan(row.paid_fen)}－退款{core.yuan(row.refund_fen)}－手续费{core.yuan(row.fee_fen)}"
        f"＝到账{core.yuan(row.net_fen)}元。请按银行实际到账日期登记。",
        button="登记到账",
    ).answer(request)  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    row: PayIssue | None = (
        PayIssue.objects.select_related("channel__project__estate", "order__unit__building").filter(pk=pk).first()
    )
    if row is None:
        raise Http404
    project = project_of(request, row.channel.project_id, "payment.reconcile")

    def run(data: Mapping[str, Any]) -> Ref:
        return payments.work_off_issue(row, **data, actor=actor_of(request), now=now_of(request)).ref

    sums = [
        f"{title}{core.yuan(fen)}元"
        for title, fen in (("渠道", row.their_fen), ("平台", row.our_fen))
        if fen is not None
    ]
    return form_page(
        title=f"处理疑点：{row.get_kind_display()}",
        form=bound(request, IssueForm, version=row.version),
        run=run,
        done="已处理。",
        back=_url(project),
        crumbs=way(project, ("渠道对账", _url(project))),
        hint=f"{row.channel} 订单{row.number or '—'} 流水{row.transaction or '—'} {'，'.join(sums)}。"
        + (f"房屋：{row.order.unit}。" if row.order else ""),
        button="处理完毕",
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def bank_cash(request: HttpRequest, pk: int) -> HttpResponse:
    """The cash of the counter is paid in at the bank."""
    project, on = project_of(request, pk, "payment.take"), today_of(request)
    held = queries.cash_of(project, on)
    first = {"on": on, "amount_fen": core.yuan(held) if held > 0 else ""}

    def run(data: Mapping[str, Any]) -> Ref:
        file = kept(request, data["file"], project.estate.ref)
        return payments.bank_cash(
            project, amount_fen=data["amount_fen"], on=data["on"], slip=data["slip"], file=file,
            key=request.POST["form_key"], actor=actor_of(request), now=now_of(request),
        ).ref  # fmt: skip

    return form_page(
        title="现金存入银行",
        form=bound(request, CashForm, initial=first),
        run=run,
        done="已记入银行存款，可与银行流水对上。",
        back=reverse("funds:cashier", args=[project.pk]),
        crumbs=way(project),
        hint=f"账上现金{core.yuan(held)}元。按银行缴款单登记，一张单登记一次；金额、日期与缴款单一致。",
        button="登记存入",
    ).answer(request)
