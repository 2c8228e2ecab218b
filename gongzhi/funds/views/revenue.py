"""Pages of common revenue: an estate's receipts and expenses, what is flagged, statements and owners' questions."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import services as core
from gongzhi.core.display import cn_date
from gongzhi.core.models import StoredFile
from gongzhi.core.refs import Ref
from gongzhi.core.sending import sent
from gongzhi.core.sheets import in_yuan
from gongzhi.funds.common import queries as purses
from gongzhi.funds.forms import (
    BeginForm,
    ClearForm,
    ConfirmRoomForm,
    ContractForm,
    ExpenseForm,
    GapForm,
    IncomeForm,
    PublishForm,
    ReplyForm,
    RoomForm,
    ShortAllowanceForm,
    SupplementForm,
    TextForm,
)
from gongzhi.funds.maintenance import queries as fund
from gongzhi.funds.maintenance.models import WarrantyDeposit
from gongzhi.funds.maintenance.queries import repairs
from gongzhi.funds.revenue import queries
from gongzhi.funds.revenue import services as revenue
from gongzhi.funds.revenue.models import PublicRoom, RevenueItem, RevenueQuestion, RevenueStatement
from gongzhi.funds.revenue.services.keeping import managed_by
from gongzhi.funds.revenue.words import ACCOUNTS, FLAGS, LISTS, MANAGED_BY, PURPOSES, SHARE_OF, SOURCES, UPKEEP
from gongzhi.funds.views.common import (
    NAV,
    FormPage,
    actor_of,
    bound,
    crumbs,
    download,
    estate_of,
    form_page,
    kept,
    notice_url,
    now_of,
    page_of,
    see,
    spans,
    today_of,
    url_of,
)
from gongzhi.governance.votes.models import Motion
from gongzhi.registry.models import Estate, Unit
from gongzhi.registry.queries.reading import estates_for

SHOWN = 8
NOTHING = {"spent": 0, "charged": 0, "revenue": 0}
Data = Mapping[str, Any]


def _url(estate: Estate) -> str:
    return reverse("funds:revenue", args=[estate.pk])


def _motions(estate: Estate) -> Any:
    return Motion.objects.filter(vote__estate=estate, outcome="passed").select_related("vote").order_by("-pk")


@login_required
@require_GET
def estate(request: HttpRequest, pk: int) -> HttpResponse:
    found = estate_of(request, pk)
    actor, on = actor_of(request), today_of(request)
    book = purses.book_of(found, queries.PURSE)
    of = purses.OfEstate(found, on)
    context: dict[str, Any] = {
        "nav": NAV,
        "page_title": f"{found.name}的公共收益",
        "estate": found,
        "book": book,
        "may_keep": core.may(actor, "revenue.keep", of),
        "may_account": core.may(actor, "account.register", of),
        "may_publish": core.may(actor, "revenue.publish", of),
        "managed": MANAGED_BY[managed_by(found, on)],
        "flags": FLAGS,
    }
    if book is not None:
        listed = spans(on, since=book.opened_on)
        span = next((one for one in listed if one.code == request.GET.get("per")), listed[0])
        found_sums = queries.sums(found, from_on=span.from_on, to_on=span.to_on)
        kinds = core.ask("funds.revenue_collected", {}, place_path=found.place_path, on=on).value or ()
        rows = RevenueItem.objects.filter(estate=found, on__range=(span.from_on, span.to_on)).select_related("voucher")
        statements = list(found.revenue_statements.order_by("-to_on", "-pk")[:SHOWN])
        context |= {
            "spans": listed,
            "span": span,
            "sums": found_sums,
            "out_fen": found_sums.cost_fen + found_sums.to_fund_fen,
            "net": queries.net_of(found, from_on=span.from_on, to_on=span.to_on),
            "income": [(SOURCES[code], fen) for code, fen in found_sums.income.items() if fen],
            "cost": [(PURPOSES[code], fen) for code, fen in found_sums.cost.items() if fen],
            "page": page_of(request, rows.order_by("-on", "-pk")),
            "account": purses.account_at(found, queries.PURSE, on),
            "collected": queries.collected(found, kinds, from_on=span.from_on, to_on=span.to_on),
            "statements": [(one, queries.stale(one)) for one in statements],
            "rooms": found.public_rooms.order_by("name"),
            "may_confirm": core.may(actor, "room.confirm", found),
            "contracts": found.revenue_contracts.order_by("-to_on", "pk")[:SHOWN],
            "missing_vouchers": rows.filter(voucher=None, purpose__gt="").count(),
        }
    return render(request, "funds/revenue.html", context)


@login_required
@require_GET
def short(request: HttpRequest, pk: int) -> HttpResponse:
    """What the revenue lacks: of the committee's allowance, which the owners bear by area; of the service's costs."""
    found, on = estate_of(request, pk), today_of(request)
    asked = request.GET
    allowance = ShortAllowanceForm(asked if "approved_fen" in asked else None, initial=_decided(found, on))
    gap = GapForm(asked if "spent_fen" in asked else None)
    context: dict[str, Any] = {
        "nav": NAV,
        "page_title": "补贴和缺口测算",
        "estate": found,
        "allowance": allowance,
        "gap": gap if core.ask("funds.gap_covered", NOTHING, place_path=found.place_path, on=on).ok else None,
    }
    if allowance.is_bound and allowance.is_valid():
        given = allowance.cleaned_data
        split = revenue.cover_allowance(found, **given, on=on)
        parts = {int(str(part.key)): part.amount_fen for part in split.parts} if split is not None else {}
        units = [one for one in fund.fund_units(found) if one.pk in parts]
        rows = [(one, parts[one.pk]) for one in units]
        if asked.get("as") == "xlsx":
            return _shares(request, found, rows)
        area = sum((one.exclusive_area_m2 or 0 for one in units), Decimal(0))
        missing = sum(parts.values())
        context |= {
            "split": True, "rows": page_of(request, rows), "missing_fen": missing, "area": area, "count": len(rows),
            "each": f"{Decimal(missing) / 100 / area:.2f}" if area else "",
        }  # fmt: skip
    if context["gap"] is not None and gap.is_bound and gap.is_valid():
        context["found"] = revenue.gap_of(found, **gap.cleaned_data, on=on)
    return render(request, "funds/revenue_short.html", context)


def _decided(found: Estate, on: date) -> dict[str, Any]:
    """What the owners agreed to last, and what the purse holds."""
    motion = _motions(found).filter(matter="manage_revenue").exclude(amount_fen=None).first()
    book = purses.book_of(found, queries.PURSE)
    return {
        "approved_fen": in_yuan(motion.amount_fen) if motion is not None else None,
        "payable_fen": in_yuan(purses.held(book, on)) if book is not None else None,
    }


def _shares(request: HttpRequest, found: Estate, rows: Sequence[tuple[Unit, int]]) -> HttpResponse:
    return download(
        request,
        name=f"allowance-{found.pk}",
        title="补贴不足部分分摊表",
        columns=(("房屋", 24), ("面积（平方米）", 16), ("分摊（元）", 16)),
        rows=[(str(one), one.exclusive_area_m2, in_yuan(fen)) for one, fen in rows],
        asked={"小区": found.name},
    )


Act = Callable[[HttpRequest, Estate], FormPage]


def _page(
    found: Estate, title: str, form: Any, run: Callable[[Data], Any], done: str, hint: str = "",
    clauses: Sequence[str] = (),
) -> FormPage:  # fmt: skip
    def ran(data: Data) -> Ref:
        run({name: value for name, value in data.items() if name != "version"})
        return found.ref

    back = _url(found)
    path = crumbs(found, ("公共收益", back))
    return form_page(title=title, form=form, run=ran, done=done, back=back, crumbs=path, hint=hint, clauses=clauses)


def _begin(request: HttpRequest, found: Estate) -> FormPage:
    def run(data: Data) -> Any:
        return revenue.begin_revenue(found, on=data["on"], actor=actor_of(request), now=now_of(request))

    form = bound(request, BeginForm, initial={"on": today_of(request)})
    return _page(found, "建公共收益账", form, run, "已建账，公布期限从这一天起算。")


def _contract(request: HttpRequest, found: Estate) -> FormPage:
    def run(data: Data) -> Any:
        file = kept(request, data["file"], found.ref)
        given = {**data, "file": file}
        return revenue.register_contract(found, **given, actor=actor_of(request), now=now_of(request))

    form = bound(request, ContractForm, initial={"owned_by": "owners"})
    form.fields["room"].queryset = found.public_rooms.order_by("name")
    return _page(found, "登记合同", form, run, "已登记。")


def _room(request: HttpRequest, found: Estate) -> FormPage:
    def run(data: Data) -> Any:
        return revenue.register_room(found, **data, actor=actor_of(request), now=now_of(request))

    hint = "同名的房屋按新填的更新。转为出租前由社区确认办公不受影响。"
    return _page(found, "登记公共用房", bound(request, RoomForm), run, "已登记。", hint)


def _income(request: HttpRequest, found: Estate) -> FormPage:
    form = bound(request, IncomeForm, initial={"on": today_of(request), "owned_by": "owners", "supervised": True})
    form.fields["contract"].queryset = found.revenue_contracts.order_by("-to_on")

    def run(data: Data) -> Any:
        given = revenue.Income(**{**data, "voucher": kept(request, data["voucher"], found.ref)})
        item = revenue.receive(
            found, given=given, key=request.POST.get("form_key", ""), actor=actor_of(request), now=now_of(request)
        )
        contract = given.contract
        if given.source == "parking" and (contract is None or not contract.tariff_shown):
            messages.warning(request, "车位收费标准没有登记为已公示，请先公示收费标准。")
        _warn(request, item)
        return item

    return _page(found, "登记收入", form, run, "已入账。")


def _expense(request: HttpRequest, found: Estate) -> FormPage:
    form = bound(request, ExpenseForm, initial={"on": today_of(request), "owned_by": "owners"})
    form.fields["decided"].queryset = _motions(found)

    def run(data: Data) -> Any:
        given = revenue.Expense(
            purpose=data["purpose"],
            amount_fen=data["amount_fen"],
            on=data["on"],
            text=data["text"],
            owned_by=data["owned_by"],
            upkeep=data["upkeep"],
            motion=data["decided"],
            voucher=kept(request, data["voucher"], found.ref),
            to_service_charges=data["to_service_charges"],
            gap_left_fen=data["gap_left_fen"],
            reason=data["reason_given"],
        )
        item = revenue.spend(
            found, given=given, key=request.POST.get("form_key", ""), actor=actor_of(request), now=now_of(request)
        )
        _warn(request, item)
        return item

    hint = "业主共有部分的收益，要有业主共同决定才能用；没有的会标记并告知社区和主管部门。"
    return _page(found, "登记支出", form, run, "已入账。", hint)


def _warn(request: HttpRequest, item: RevenueItem) -> None:
    if item.flags:
        said = f"{'；'.join(item.said)}。" if item.said else ""
        messages.warning(request, f"{said}已标记：{'、'.join(FLAGS[one] for one in item.flags)}。补齐以后可以解除。")


def _supplement(request: HttpRequest, found: Estate) -> FormPage:
    on = today_of(request)
    facts = {"estate_type": found.estate_type, "managed_by": managed_by(found, on)}
    asked = core.ask("funds.revenue_to_fund", facts, place_path=found.place_path, on=on).value or {}
    listed = spans(on, since=on)
    span = next(one for one in listed if one.code == str(on.year)) if asked.get("every") == "year" else listed[0]
    form = bound(request, SupplementForm, initial={"on": on, "from_on": span.from_on, "to_on": on})

    def run(data: Data) -> Any:
        made = revenue.supplement_fund(
            found, **data, key=request.POST.get("form_key", ""), actor=actor_of(request), now=now_of(request)
        )
        words = f"这一期共转入{core.yuan(made.put_fen)}元，占{SHARE_OF[made.of]}的{fund.percent(made.share, places=2)}"
        if made.enough:
            reached = "，达到文件要求" if made.answer.value and made.answer.value.get("share") else ""
            messages.success(request, f"{words}{reached}。")
        else:
            messages.warning(request, f"{words}，没有达到文件要求的比例（{'、'.join(made.answer.clauses)}）。")
        return found

    return _page(found, "补充维修资金", form, run, "已转入，按面积分到各户。")


def _publish(request: HttpRequest, found: Estate) -> FormPage:
    def run(data: Data) -> Any:
        photo = kept(request, data["photo"], found.ref)
        made = revenue.publish(
            found,
            from_on=data["from_on"],
            to_on=data["to_on"],
            photo=photo,
            actor=actor_of(request),
            now=now_of(request),
        )
        period = queries.period_of(found, made.to_on, complete=made.complete)
        if period is not None and not period.whole and period.to_on < today_of(request):
            messages.warning(
                request,
                f"{period.title}要公布{cn_date(period.from_on)}至{cn_date(period.to_on)}整段，现在只公布了"
                f"{cn_date(max(period.shown_from, period.from_on))}至{cn_date(min(period.shown_to, period.to_on))}，"
                "这一期的公布任务还没有完成。请把缺的日子再公布一次。",
            )
        return made

    on, book = today_of(request), purses.book_of(found, queries.PURSE)
    last = queries.last_period(found, on)
    initial, hint = {}, "数字直接取自账簿：期初＋收入－支出－转入维修资金＝期末，不平不能公布。"
    if last is not None and book is not None and last.to_on < book.opened_on:
        first = queries.period_of(found, book.opened_on)
        initial = {"from_on": book.opened_on, "to_on": on - timedelta(days=1)}
        hint += (
            f"账从{cn_date(book.opened_on)}建起，第一期是{first.title}，过完以后公布；也可以先公布其中一段。"
            if first
            else ""
        )
    elif last is not None:
        initial = {"from_on": last.from_on, "to_on": last.to_on}
        hint += (
            f"要公布整个周期，上一期是{last.title}（{cn_date(last.from_on)}至"
            f"{cn_date(last.to_on)}{'，已经公布' if last.whole else ''}）；只公布其中一段的，这一期的公布任务不算完成。"
        )
    form, clauses = bound(request, PublishForm, initial=initial), last.clauses if last is not None else ()
    return _page(found, "公布收支", form, run, "已公布，业主登录可见。", hint, clauses)


ACTS: dict[str, tuple[str, Act]] = {
    "jianzhang": ("revenue.keep", _begin),
    "hetong": ("revenue.keep", _contract),
    "gongfang": ("revenue.keep", _room),
    "shouru": ("revenue.keep", _income),
    "zhichu": ("revenue.spend", _expense),
    "buchong": ("revenue.spend", _supplement),
    "gongbu": ("revenue.publish", _publish),
}


@login_required
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    if act not in ACTS:
        raise Http404
    right, page = ACTS[act]
    return page(request, estate_of(request, pk, right)).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """社区确认 of a public room."""
    room = get_object_or_404(PublicRoom.objects.select_related("estate"), pk=pk)
    core.require(actor_of(request), "room.confirm", room)
    form = bound(request, ConfirmRoomForm, initial={"unaffected": room.unaffected})

    def run(data: Data) -> Any:
        return revenue.confirm_room(room, **data, actor=actor_of(request), now=now_of(request))

    return _page(room.estate, "确认社区办公不受影响", form, run, "已确认。", room.name).answer(request)


@login_required
@require_GET
def flagged(request: HttpRequest) -> HttpResponse:
    """疑似挪用、缺凭证、未归集: what community, street and bureau look after."""
    actor, on = actor_of(request), today_of(request)
    rows = queries.flagged(actor, on=on)
    only = request.GET.get("only", "")
    if only in FLAGS:
        rows = rows.filter(flags__contains=[only])
    context = {
        "nav": NAV,
        "page_title": "公共收益的问题清单",
        "page": page_of(request, rows),
        "flags": FLAGS,
        "only": only,
    }
    return render(request, "funds/flagged.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def clear(request: HttpRequest, pk: int) -> HttpResponse:
    item: RevenueItem | None = RevenueItem.objects.select_related("estate").filter(pk=pk).first()
    if item is None:
        raise Http404
    found = estate_of(request, item.estate_id, "revenue.spend")
    form = bound(request, ClearForm, version=item.version, initial={"flag": item.flags[0] if item.flags else ""})
    form.fields["motion"].queryset = _motions(found)
    form.fields["flag"].choices = [(one, FLAGS[one]) for one in item.flags]

    def run(data: Data) -> Any:
        voucher = kept(request, data["voucher"], found.ref)
        given = {**data, "voucher": voucher}
        version = form.cleaned_data["version"]
        return revenue.clear_flag(item, **given, version=version, actor=actor_of(request), now=now_of(request))

    return _page(found, "解除标记", form, run, "已解除，曾有标记的记录保留。", item.text).answer(request)


def _statement(request: HttpRequest, pk: int) -> RevenueStatement:
    """Owners of the estate and everybody who sees its books."""
    row: RevenueStatement | None = RevenueStatement.objects.select_related("estate").filter(pk=pk).first()
    if row is None or not estates_for(actor_of(request)).filter(pk=row.estate_id).exists():
        raise Http404
    return row


@login_required
@require_GET
def shown(request: HttpRequest, pk: int) -> HttpResponse:
    row = _statement(request, pk)
    actor, on = actor_of(request), today_of(request)
    staff = core.may(actor, "fund.read", purses.OfEstate(row.estate, on))
    kinds = row.detail
    context = {
        "nav": NAV,
        "page_title": "公共收益收支公示",
        "statement": row,
        "estate": row.estate,
        "staff": staff,
        "stale": queries.stale(row),
        "income": [(SOURCES[code], fen) for code, fen in kinds["income"].items() if fen],
        "cost": [(PURPOSES[code], fen) for code, fen in kinds["cost"].items() if fen],
        "upkeep": [(UPKEEP.get(code, code), fen) for code, fen in kinds["upkeep"].items()],
        "accounts": [(ACCOUNTS[code], fen) for code, fen in kinds.get("accounts", {}).items()],
        "missing": [code for code, fen in kinds.get("accounts", {}).items() if fen is None],
        "no_voucher": [(LISTS[code], count) for code, count in kinds.get("no_voucher", {}).items()],
        "others": queries.other_lines(row),
        "items": queries.items_of(row),
        "questions": row.questions.order_by("pk"),
        "may_ask": core.may(actor, "revenue.ask", row),
        "notice_url": notice_url(actor, row.estate, kind="revenue", about=row.ref, on=on),
        "may_reply": core.may(actor, "revenue.publish", purses.OfEstate(row.estate, on)),
    }
    return render(request, "funds/shown.html", context)


@login_required
@require_GET
def voucher(request: HttpRequest, pk: int, paper: int) -> FileResponse:
    """A voucher that was published with the statement: the owners read it too."""
    if paper not in queries.vouchers_of(_statement(request, pk)):
        raise Http404
    return sent(StoredFile.objects.get(pk=paper))


@login_required
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    row = _statement(request, pk)

    def run(data: Data) -> Ref:
        revenue.ask_question(row, text=data["text"], actor=actor_of(request), now=now_of(request))
        return row.estate.ref

    back = reverse("funds:shown", args=[row.pk])
    return form_page(
        title="提出疑问", form=bound(request, TextForm), run=run, done="已提出，答复会显示在公示下面。",
        back=back, crumbs=[("公示", back)],
    ).answer(request)  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    question: RevenueQuestion | None = RevenueQuestion.objects.select_related("statement__estate").filter(pk=pk).first()
    if question is None:
        raise Http404
    row = _statement(request, question.statement_id)
    estate_of(request, row.estate_id, "revenue.publish")

    def run(data: Data) -> Ref:
        revenue.answer_question(
            question, reply=data["reply"], version=data["version"], actor=actor_of(request), now=now_of(request)
        )
        return row.estate.ref

    back = reverse("funds:shown", args=[row.pk])
    return form_page(
        title="答复疑问", form=bound(request, ReplyForm, version=question.version), run=run, done="已答复。",
        back=back, crumbs=[("公示", back)], hint=question.text,
    ).answer(request)  # fmt: skip


@login_required
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """The owner's estate: its fund, what it was used for, what was shown of common revenue."""
    actor, on = actor_of(request), today_of(request)
    found: Estate | None = estates_for(actor).filter(ended_on=None).first()
    if found is None:
        raise Http404
    if core.may(actor, "fund.read", purses.OfEstate(found, on)):
        return see(url_of(found))
    held = WarrantyDeposit.objects.filter(estate=found).first()
    context = {
        "nav": NAV,
        "page_title": f"{found.name}的资金",
        "estate": found,
        "on": on,
        "fund": fund.fund(found, on),
        "uses": found.fund_uses.filter(state__in=["running", "closed"]).order_by("-proposed_at")[:SHOWN],
        "statements": found.revenue_statements.order_by("-to_on", "-pk")[:SHOWN],
        "warranty": repairs.warranty_of(held, on) if held is not None else None,
    }
    return render(request, "funds/mine.html", context)
