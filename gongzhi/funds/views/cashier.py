"""收款: the counter of a project, its receipts, refunds and deductions by the bank."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.files import keep
from gongzhi.core.pages import FormPage, actor_of, bound, now_of, page_of, today_of
from gongzhi.core.refs import Ref
from gongzhi.duties.queries import running_of
from gongzhi.funds.charges.models import Settlement
from gongzhi.funds.charges.queries import OfProject, advance_of, bill_numbered, late_by_bill, open_bills
from gongzhi.funds.charges.queries.accounts import projects_for
from gongzhi.funds.common.apart import Apart, apart_words
from gongzhi.funds.forms import PlainForm
from gongzhi.funds.forms_payments import JudgeForm, MandateForm, RefundForm, ReplyForm, TillForm, VoidForm
from gongzhi.funds.payments import queries
from gongzhi.funds.payments import services as payments
from gongzhi.funds.payments.models import DeductionBatch, DeductionMandate, Receipt, RefundRequest
from gongzhi.funds.views.common import NAV, crumbs, form_page
from gongzhi.funds.views.phone import qr
from gongzhi.registry.models import Project, Unit
from gongzhi.registry.queries.history import ownership_on

SHOWN, LATEST = 20, 5
PDF = "application/pdf"
CSV = "text/csv; charset=gb18030"
PLAIN = "text/plain; charset=utf-8"


def project_of(request: HttpRequest, pk: int, right: str = "payment.read") -> Project:
    """404 for a project whose payments the actor may not see; 403 where only this act is not his."""
    row: Project | None = Project.objects.select_related("estate", "company").filter(pk=pk).first()
    if row is None or not queries.may_look(actor_of(request), row):
        raise Http404
    core.require(actor_of(request), right, OfProject(row))
    return row


def way(project: Project, *more: tuple[str, str]) -> list[tuple[str, str]]:
    return crumbs(project.estate, ("物业费收款", reverse("funds:cashier", args=[project.pk])), *more)


@login_required
@require_GET
def projects(request: HttpRequest) -> HttpResponse:
    """Projects whose payments the actor may look at; of one alone its page at once."""
    actor, on = actor_of(request), today_of(request)
    page = page_of(request, projects_for(actor, on=on))
    boxes = queries.cash_boxes(page.object_list, on)
    context = {
        "nav": NAV,
        "page_title": "物业费收款",
        "on": on,
        "page": page,
        "boxes": [(one, core.may(actor, "payment.take", OfProject(one.project))) for one in boxes],
        "taken_fen": sum(one.taken_fen for one in boxes),
        "held_fen": sum(one.held_fen for one in boxes),
    }
    return render(request, "funds/pay_projects.html", context)


@login_required
@never_cache
@require_GET
def cashier(request: HttpRequest, pk: int) -> HttpResponse:
    project, on = project_of(request, pk), today_of(request)
    actor, of = actor_of(request), OfProject(project)
    may = {name: core.may(actor, right, of) for name, right in (
        ("take", "payment.take"), ("reconcile", "payment.reconcile"), ("channel", "payment.channel"),
    )}  # fmt: skip
    text = request.GET.get("q", "").strip()
    taken = queries.taken_on(project, on)
    context = {
        "nav": NAV,
        "page_title": "物业费收款",
        "project": project,
        "on": on,
        "may": may,
        "q": text,
        "units": _found(project, text) if text and may["take"] else [],
        "taken": taken,
        "cash_fen": queries.cash_of(project, on),
        "deposits": project.cash_deposits.order_by("-on", "-pk")[:LATEST],
        "taken_fen": sum(one.net_fen for one in taken),
        "receipts": page_of(request, queries.receipts_of(project)),
        "refunds": _refunds(project, actor, on),
        "issues": queries.issues_of(project).count(),
        "batches": project.deduction_batches.order_by("-number")[:SHOWN],
    }
    return render(request, "funds/cashier.html", context)


def _refunds(project: Project, actor: Actor, on: date) -> list[tuple[RefundRequest, str, str]]:
    """What is not done yet: whether it waits for this person (`approve`, `pay`), and why it does not."""
    found: list[tuple[RefundRequest, str, str]] = []
    words: dict[Apart, str] = {}
    for row in queries.refunds_of(project).exclude(state__in=["done", "refused"])[:SHOWN]:
        due = queries.refund_due(row)
        if not due or not core.may(actor, queries.OF_REFUND[due], OfProject(project)):
            found.append((row, "", ""))
            continue
        before = queries.refund_apart(row, due, actor, on=on)
        if before and before not in words:
            words[before] = apart_words(
                before, roles=queries.refund_roles(due), actor=actor, place_path=row.place_path, on=on,
                within=project.company,
            )  # fmt: skip
        found.append((row, "" if before else due, words[before] if before else ""))
    return found


def _found(project: Project, text: str) -> list[Unit]:
    rows = Unit.objects.filter(building__estate=project.estate).select_related("building")
    bill = bill_numbered(text)
    if bill is not None and bill.project_id == project.pk:
        return list(rows.filter(pk=bill.unit_id))
    wanted = Q(name__icontains=text) | Q(building__name__icontains=text)
    for building in project.estate.buildings.all():
        if text.startswith(building.name) and len(text) > len(building.name):
            wanted |= Q(building=building, name__startswith=text.removeprefix(building.name))
    return list(rows.filter(wanted).order_by("building__name", "name")[:SHOWN])


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def till(request: HttpRequest, pk: int, unit: int) -> HttpResponse:
    """One unit at the counter: what is open, taking money, what was paid before."""
    project, on = project_of(request, pk, "payment.take"), today_of(request)
    rows = Unit.objects.select_related("building__estate").filter(building__estate=project.estate)
    home = rows.filter(pk=unit).first()
    if home is None:
        raise Http404
    bills = list(open_bills(unit=home, project=project))
    late = {key: one.fen for key, one in late_by_bill(bills, on).items()}
    total = sum(one.open_fen + late[one.pk] for one in bills)
    first = {
        "on": on, "amount_fen": f"{total / 100:.2f}" if total else "", "bills": [str(one.pk) for one in bills],
        "channel": "cash",
    }  # fmt: skip
    form = bound(request, TillForm, initial=first)
    form.offer({one.pk: _bill_words(one, late[one.pk]) for one in bills})

    def run(data: Mapping[str, Any]) -> Ref:
        chosen = [one for one in bills if str(one.pk) in data["bills"]]
        receipt = payments.take_at_counter(
            home, project=project, bills=chosen, amount_fen=data["amount_fen"], channel=data["channel"], on=data["on"],
            reference=data["reference"], keep_rest=data["keep_rest"] or not chosen,
            key=request.POST["form_key"], actor=actor_of(request), now=now_of(request),
        )  # fmt: skip
        return receipt.ref

    token = payments.token_of(home, now=now_of(request))
    address = request.build_absolute_uri(reverse("funds:pay_link", args=[token]))
    paid = project.settlements.filter(unit=home).select_related("refund_request").prefetch_related("receipts")
    title = ownership_on(home, on)
    return form_page(
        title=f"收款：{home}",
        form=form,
        run=run,
        done="已收款，收据已开。",
        back=reverse("funds:cashier", args=[project.pk]),
        after=lambda ref: reverse("funds:receipt", args=[ref.id]),
        crumbs=way(project),
        hint=f"应收合计{core.yuan(total)}元（含按合同计算的违约金）。" if total else "没有欠费，收的款全部留作预存。",
        button="收款并开收据",
        template="funds/till.html",
        extra={
            "project": project, "unit": home, "address": address, "qr": qr(address),
            "paid": paid.order_by("-on", "-pk")[:SHOWN], "advance_fen": advance_of(home, title, project),
            "may_refund": core.may(actor_of(request), "refund.ask", OfProject(project)),
        },
    ).answer(request)  # fmt: skip


def _bill_words(bill: Any, late: int) -> str:
    more = f"，另违约金{core.yuan(late)}元" if late else ""
    period, due = f"{cn_date(bill.from_on)}至{cn_date(bill.to_on)}", cn_date(bill.due_on)
    return f"{period}　{core.yuan(bill.open_fen)}元{more}（{bill.number}，{due}到期）"


# --- receipts


def _receipt(request: HttpRequest, pk: int, right: str = "payment.read") -> Receipt:
    rows = Receipt.objects.select_related(
        "settlement__project__estate", "settlement__unit__building", "settlement__invoice", "company"
    )
    row: Receipt | None = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    project_of(request, row.settlement.project_id, right)
    return row


def _receipt_pdf(request: HttpRequest, row: Receipt) -> HttpResponse:
    response = HttpResponse(payments.receipts_pdf([row], now=now_of(request)), content_type=PDF)
    response["Content-Disposition"] = f'inline; filename="{row.number}.pdf"'
    return response


@login_required
@never_cache
@require_GET
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """The receipt on screen; as PDF for those who take money and for whoever paid, for it names the payer."""
    own = queries.own_receipt(actor_of(request), pk, on=today_of(request))
    if own is not None:
        return _receipt_pdf(request, own)
    row = _receipt(request, pk)
    may_take = core.may(actor_of(request), "payment.take", OfProject(row.settlement.project))
    if request.GET.get("as") == "pdf":
        core.require(actor_of(request), "payment.take", OfProject(row.settlement.project))
        return _receipt_pdf(request, row)
    context = {
        "nav": NAV,
        "page_title": f"收据 {row.number}",
        "receipt": row,
        "project": row.settlement.project,
        "words": payments.in_words(row.amount_fen),
        "may_take": may_take,
        "may_invoice": core.may(actor_of(request), "fee.settle", OfProject(row.settlement.project)),
        "next": Receipt.objects.filter(replaces=row).first(),
        "owed": running_of("settlement", [row.settlement_id]).get(row.settlement_id, []),
        "now": now_of(request),
    }
    return render(request, "funds/receipt.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def void(request: HttpRequest, pk: int) -> HttpResponse:
    row = _receipt(request, pk, "receipt.void")

    def run(data: Mapping[str, Any]) -> Ref:
        return payments.void_receipt(row, **data, actor=actor_of(request), now=now_of(request)).ref

    return form_page(
        title="作废收据",
        form=bound(request, VoidForm, version=row.version),
        run=run,
        done="已作废。号码保留，不会再用。",
        back=reverse("funds:receipt", args=[row.pk]),
        after=lambda ref: reverse("funds:receipt", args=[ref.id]),
        crumbs=way(row.settlement.project, (row.number, reverse("funds:receipt", args=[row.pk]))),
        hint="作废的是收据，不是收款。收错款请走退款。",
    ).answer(request)


# --- refunds


@login_required
@require_http_methods(["GET", "POST"])
def ask_refund(request: HttpRequest, pk: int) -> HttpResponse:
    row: Settlement | None = (
        Settlement.objects.select_related("project__estate", "unit__building").filter(pk=pk).first()
    )
    if row is None:
        raise Http404
    project = project_of(request, row.project_id, "refund.ask")
    left = row.amount_fen - row.refunded_fen
    how = "back" if row.channel in ("wechat", "alipay") else ("cash" if row.channel == "cash" else "bank")
    back = reverse("funds:till", args=[project.pk, row.unit_id])

    def run(data: Mapping[str, Any]) -> Ref:
        given = {name: data[name] for name in ("amount_fen", "how", "reason")}
        return payments.ask_refund(row, **given, actor=actor_of(request), now=now_of(request)).ref

    return form_page(
        title="申请退款",
        form=bound(request, RefundForm, by_phone=how == "back", initial={"how": how}),
        run=run,
        done="已申请，由本企业另一人审批。",
        back=back,
        after=reverse("funds:cashier", args=[project.pk]),
        crumbs=way(project, (str(row.unit), back)),
        hint=f"{cn_date(row.on)}{row.get_channel_display()}收{core.yuan(row.amount_fen)}元，还可退{core.yuan(left)}元。"
        "先退预存，再退已缴的账单；退了的账单恢复为待缴。",
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def judge_refund(request: HttpRequest, pk: int) -> HttpResponse:
    """An application is judged; an approved one that is not paid back by a provider is paid out."""
    rows = RefundRequest.objects.select_related("settlement__project__estate", "settlement__unit__building", "asked_by")
    row: RefundRequest | None = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    paying = row.state == "approved" and row.how != "back"
    project = project_of(request, row.settlement.project_id, "payment.take" if paying else "refund.judge")
    actor, now = actor_of(request), now_of(request)

    def judge(data: Mapping[str, Any]) -> Ref:
        return payments.judge_refund(
            row, agreed=data["agreed"] == "yes", opinion=data["opinion"], version=data["version"], actor=actor, now=now
        ).ref

    def pay(data: Mapping[str, Any]) -> Ref:
        return payments.pay_out(row, version=data["version"], actor=actor, now=now).ref

    paid = row.settlement
    return form_page(
        title="登记退款付出" if paying else "审批退款",
        form=bound(request, PlainForm if paying else JudgeForm, version=row.version),
        run=pay if paying else judge,
        done="已登记付出，账已冲减。" if paying else "已审批。",
        back=reverse("funds:cashier", args=[project.pk]),
        crumbs=way(project),
        hint=f"{paid.unit} {cn_date(paid.on)}{paid.get_channel_display()}收{core.yuan(paid.amount_fen)}元，"
        f"申请{row.get_how_display()}{core.yuan(row.amount_fen)}元。原因：{row.reason}。"
        f"申请人：{row.asked_by or '平台'}，{row.get_state_display()}。",
        button="已付出" if paying else "审批",
    ).answer(request)


# --- deductions by the bank


@login_required
@never_cache
@require_GET
def deductions(request: HttpRequest, pk: int) -> HttpResponse:
    project = project_of(request, pk, "payment.take")
    context = {
        "nav": NAV,
        "page_title": "银行代扣",
        "project": project,
        "page": page_of(request, project.mandates.select_related("unit__building").filter(to_on=None).order_by("pk")),
        "batches": project.deduction_batches.order_by("-number")[:SHOWN],
    }
    return render(request, "funds/deductions.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def mandate(request: HttpRequest, pk: int) -> HttpResponse:
    project = project_of(request, pk, "payment.take")
    form = bound(request, MandateForm, initial={"from_on": today_of(request)})
    form.fields["unit"].queryset = (
        Unit.objects.filter(building__estate=project.estate).select_related("building").order_by("building", "name")
    )

    def run(data: Mapping[str, Any]) -> Ref:
        given = {name: data[name] for name in ("bank", "agreement", "holder", "account", "from_on")}
        unit = data["unit"]
        return payments.begin_mandate(unit, project=project, **given, actor=actor_of(request), now=now_of(request)).ref

    back = reverse("funds:deductions", args=[project.pk])
    return form_page(
        title="登记代扣授权", form=form, run=run, done="已登记。账号加密保存，只显示末四位。", back=back,
        crumbs=way(project, ("银行代扣", back)), hint="业主与银行签约后登记，协议号与银行一致。",
    ).answer(request)  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def end_mandate(request: HttpRequest, pk: int) -> HttpResponse:
    row: DeductionMandate | None = (
        DeductionMandate.objects.select_related("project", "unit__building").filter(pk=pk).first()
    )
    if row is None:
        raise Http404
    project = project_of(request, row.project_id, "payment.take")

    def run(data: Mapping[str, Any]) -> Ref:
        return payments.end_mandate(
            row, to_on=today_of(request), version=data["version"], actor=actor_of(request), now=now_of(request)
        ).ref

    back = reverse("funds:deductions", args=[project.pk])
    return form_page(
        title="终止代扣授权", form=bound(request, PlainForm, version=row.version), run=run, done="已终止，不再送银行。",
        back=back, crumbs=way(project, ("银行代扣", back)), hint=f"{row.unit} {row}",
    ).answer(request)  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def make_batch(request: HttpRequest, pk: int) -> HttpResponse:
    project = project_of(request, pk, "payment.take")

    def run(data: Mapping[str, Any]) -> Ref:
        return payments.make_batch(project, actor=actor_of(request), now=now_of(request)).ref

    back = reverse("funds:deductions", args=[project.pk])
    return form_page(
        title="生成代扣文件", form=bound(request, PlainForm), run=run, done="已生成，请下载后交银行。", back=back,
        crumbs=way(project, ("银行代扣", back)), hint="每套签约房屋一笔，金额是全部欠费。已送银行没有回盘的不再送。",
    ).answer(request)  # fmt: skip


def _batch(request: HttpRequest, pk: int) -> DeductionBatch:
    row: DeductionBatch | None = DeductionBatch.objects.select_related("project__estate").filter(pk=pk).first()
    if row is None:
        raise Http404
    project_of(request, row.project_id, "payment.take")
    return row


@login_required
@never_cache
@require_GET
def batch_file(request: HttpRequest, pk: int) -> HttpResponse:
    row = _batch(request, pk)
    response = HttpResponse(payments.file_csv(row), content_type=CSV)
    response["Content-Disposition"] = f'attachment; filename="deduction-{row.project_id}-{row.number}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_http_methods(["GET", "POST"])
def batch_reply(request: HttpRequest, pk: int) -> HttpResponse:
    row = _batch(request, pk)

    def run(data: Mapping[str, Any]) -> Ref:
        uploaded = data["file"]
        content = uploaded.read()
        replies = payments.read_reply(uploaded.name, content)
        given: dict[str, Any] = {"owner": row.ref, "actor": actor_of(request), "now": now_of(request)}
        file = keep(content, name=uploaded.name, content_type=PLAIN, **given)
        return payments.take_reply(
            row, file=file, replies=replies, on=data["on"], actor=actor_of(request), now=now_of(request)
        ).batch.ref

    back = reverse("funds:deductions", args=[row.project_id])
    page: FormPage = form_page(
        title=f"导入回盘：{row}", form=bound(request, ReplyForm, initial={"on": today_of(request)}), run=run,
        done="已导入。扣成的已入账并开收据，没有扣成的可下次再送。", back=back,
        crumbs=way(row.project, ("银行代扣", back)),
        hint=f"送出{row.count}笔{core.yuan(row.amount_fen)}元。同一文件再导入不会重复入账。",
        button="导入",
    )  # fmt: skip
    return page.answer(request)
