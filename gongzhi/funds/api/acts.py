"""Acts on money, each by the form of its page: what it asks, and doing it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.http import Http404, HttpRequest
from ninja import Schema
from pydantic import Field

from gongzhi.core.apikit.asking import Asked, FormDone, FormOut, done_by, form_of, page_behind, told
from gongzhi.core.apikit.calls import call_of, changes, creates, matched, reads, runs, tagged
from gongzhi.core.apikit.filling import Filled
from gongzhi.core.apikit.problems import of_refusal
from gongzhi.core.apikit.shapes import RowId
from gongzhi.core.errors import Refused
from gongzhi.core.money import FEN_PER_YUAN
from gongzhi.core.pages import FormPage
from gongzhi.core.refs import Ref
from gongzhi.funds.api.purses import READ, router
from gongzhi.funds.common.models import BankLine, BankStatement, SupervisedAccount
from gongzhi.funds.maintenance import services as fund
from gongzhi.funds.maintenance.models import FundUse, OwnersPlan, RepairPlan, RepairPlanItem, RepairReport, WarrantyMove
from gongzhi.funds.payments.models import (
    ChannelDay,
    DeductionBatch,
    DeductionMandate,
    PayChannel,
    PayIssue,
    Receipt,
    RefundRequest,
)
from gongzhi.funds.public_money.models import Budget, Claim, Doubt, PublicExpense, PublicProject, SupportPolicy
from gongzhi.funds.revenue.models import PublicRoom, RevenueItem, RevenueQuestion
from gongzhi.funds.views import (
    books,
    cashier,
    claims,
    closing,
    public,
    reconciling,
    repairs,
    reports,
    revenue,
    uses,
    watching,
)
from gongzhi.funds.views import fund as deposits
from gongzhi.ledger.models import Book
from gongzhi.registry.models import Estate, Project, Unit

WRITE = "funds:write"
View = Callable[..., Any]
Acts = dict[str, tuple[str, View]]


ESTATE: Acts = {
    "heding": ("核定首期应交额", deposits.assess),
    "jiaocun": ("登记交存", deposits.deposit),
    "zengzhi": ("登记增值收益", deposits.interest),
    "jiezhuan": ("结转原小区的分户账", deposits.carry_over),
    "zhidao": ("登记续筹指导", deposits.guide),
    "duban": ("督办申报维修", deposits.urge),
    "xujiao": ("核定续交额", deposits.assess_renewal),
    "jihua": ("拟业主的维修计划", deposits.plan_new),
    "shiyong": ("提出使用维修资金", uses.propose),
    "zhanghu": ("登记监管账户", books.register_account),
    "choubei": ("首次业主大会筹备经费", watching.preparatory),
}
# kind > act > its page; the row's class says whose version counts.
KINDS: dict[str, tuple[str, type[models.Model], Acts]] = {
    "estate": ("小区", Estate, ESTATE),
    "use": (
        "维修资金使用",
        FundUse,
        {"ban": ("办下一步", uses.step), "duban": ("督办、补正", uses.back), "chehui": ("撤回", uses.withdraw)},
    ),
    "owners-plan": (
        "业主的计划",
        OwnersPlan,
        {"xiugai": ("修改", deposits.plan_edit), "biaojue": ("登记表决", deposits.plan_put)},
    ),
    "account": ("银行账户", SupervisedAccount, {"duizhangdan": ("导入对账单", books.statement)}),
    "statement": ("银行对账单", BankStatement, {"chehui": ("撤回", books.withdraw)}),
    "line": ("银行流水", BankLine, {"hedui": ("核对", books.match), "chexiao": ("撤销核对", books.release)}),
    "item": ("公共收益收支", RevenueItem, {"jiechu": ("补正", revenue.clear)}),
    "room": ("公共用房", PublicRoom, {"queren": ("社区确认", revenue.confirm)}),
    "question": ("业主疑问", RevenueQuestion, {"dafu": ("答复", revenue.reply)}),
    "claim": (
        "补贴申请",
        Claim,
        {
            "ban": ("办下一步", claims.step),
            "buzheng": ("补正", claims.back),
            "chehui": ("撤回", claims.withdraw),
            "gaizao": ("登记改造支出", claims.reinvest),
        },
    ),
    "budget": ("预算科目", Budget, {"tiaoji": ("调剂", public.shift), "zhichu": ("申请支出", public.spend)}),
    "expense": (
        "经费支出",
        PublicExpense,
        {"ban": ("办下一步", public.expense_step), "chehui": ("撤回", public.expense_withdraw)},
    ),
    "project": (
        "财政资金项目",
        PublicProject,
        {"ban": ("办下一步", public.project_step), "zhifu": ("申请付款", repairs.repair_pay)},
    ),
    "doubt": ("疑点", Doubt, {"ban": ("说明、了结", watching.doubt)}),
    "policy": ("扶持政策", SupportPolicy, {"xiangshou": ("登记享受", watching.enjoy)}),
    "repair-report": ("报修判定", RepairReport, {"xiuhao": ("登记修好", reports.repaired)}),
    "repair-plan": ("年度维修计划", RepairPlan, {"ban": ("上报、批复", repairs.plan_step)}),
    "repair": ("计划内的维修", RepairPlanItem, {"lixiang": ("立项", repairs.repair_begin)}),
    "warranty-move": ("保修金支用", WarrantyMove, {"ban": ("核实、拨付", repairs.warranty_step)}),
    "served": (
        "物业项目",
        Project,
        {
            "shouquan": ("登记代扣授权", cashier.mandate),
            "shengcheng": ("生成代扣批次", cashier.make_batch),
            "cunhang": ("现金存入银行", reconciling.bank_cash),
        },
    ),
    "mandate": ("代扣授权", DeductionMandate, {"zhongzhi": ("终止", cashier.end_mandate)}),
    "batch": ("代扣批次", DeductionBatch, {"huipan": ("导入回盘", cashier.batch_reply)}),
    "receipt": ("收据", Receipt, {"zuofei": ("作废", cashier.void)}),
    "refund": ("退款申请", RefundRequest, {"shenpi": ("审批", cashier.judge_refund)}),
    "channel": ("收款渠道", PayChannel, {"tingyong": ("停用", reconciling.channel_end)}),
    "channel-day": ("渠道日", ChannelDay, {"daozhang": ("登记到账", reconciling.transfer)}),
    "issue": ("收款疑点", PayIssue, {"chuli": ("处理", reconciling.issue)}),
}  # fmt: skip
# Acts of an estate that a page serves by name: common revenue, warranty money, claims under a scheme.
NAMED: dict[str, tuple[str, View]] = {
    "revenue": ("公共收益", revenue.act),
    "warranty": ("物业保修金", repairs.warranty_act),
}
# What has no row yet.
ALONE: dict[str, tuple[str, View]] = {
    "budget": ("安排预算", public.appropriate),
    "budget-notice": ("公开预算执行", public.publish),
    "project": ("登记财政资金项目", public.project_new),
    "policy": ("登记扶持政策", watching.policy_new),
    "repair-report": ("判定报修由谁修", reports.judge),
    "repair-team": ("登记维修队伍", repairs.team),
}


def _page(kind: str, act: str) -> tuple[type[models.Model], View]:
    if kind not in KINDS or act not in KINDS[kind][2]:
        raise Http404
    return KINDS[kind][1], KINDS[kind][2][act][1]


def _row(model: type[models.Model], pk: int) -> models.Model:
    row: models.Model | None = model._default_manager.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def _told(page: FormPage, made: Any) -> dict[str, Any]:
    ref: Ref = made if isinstance(made, Ref) else made.ref
    return told(page, ref)


def _listed(found: Any) -> str:
    return "、".join(f"{kind}/{act} {title}{words}" for kind, (title, _, acts) in found.items() for act, (words, _) in
                    acts.items())  # fmt: skip


class FundActOut(Schema):
    act: str = Field(description="办法代码")
    title: str = Field(description="名称")


@reads(
    router, "/funds/rows/{kind}/{pk}/acts", scope=READ, response=list[FundActOut], summary="现在能办的",
    description="类别：" + "、".join(f"{kind} {title}" for kind, (title, _, _) in KINDS.items()),
)  # fmt: skip
def list_acts(request: HttpRequest, kind: str, pk: RowId) -> list[dict[str, Any]]:
    """Those whose page would open."""
    if kind not in KINDS:
        raise Http404
    found = []
    for act, (title, view) in KINDS[kind][2].items():
        try:
            page_behind(view, Asked(request), pk=pk)
        except (Http404, Refused):
            continue
        found.append({"act": act, "title": title})
    return found


@reads(router, "/funds/rows/{kind}/{pk}/acts/{act}", scope=READ, response=FormOut, summary="一种办法要填什么")
def describe_act(request: HttpRequest, kind: str, pk: RowId, act: str) -> dict[str, Any]:
    model, view = _page(kind, act)
    found = form_of(request, lambda asked: page_behind(view, asked, pk=pk))
    tagged(request, _row(model, pk))
    return found


@changes(
    router, "/funds/rows/{kind}/{pk}/acts/{act}", scope=WRITE, response=FormDone, summary="办理",
    description="与页面用同一张表单、同样的规则。办法：" + _listed(KINDS),
)  # fmt: skip
def do_act(request: HttpRequest, kind: str, pk: RowId, act: str, given: Filled) -> Any:
    model, view = _page(kind, act)
    page_behind(view, Asked(request), pk=pk)
    row = _row(model, pk)
    version = matched(request, row)
    try:
        with transaction.atomic():
            page, made = done_by(request, lambda asked: page_behind(view, asked, pk=pk), given.fields, version=version)
    except Refused as refused:
        if act == "jiaocun" and _keeps_clue(request, refused, given):
            return of_refusal(refused)
        raise
    if model._default_manager.filter(pk=pk).exists():  # a statement that was withdrawn is gone
        tagged(request, row)
    return _told(page, made)


def _keeps_clue(request: HttpRequest, refused: Refused, given: Filled) -> bool:
    """A deposit refused because of who pays stays as a clue, as it does on the page."""
    if refused.code != "check_failed" or "payer" not in refused.fields:
        return False
    unit = Unit.objects.select_related("building__estate").get(pk=int(given.fields["unit"]))
    call = call_of(request)
    fen = int(Decimal(str(given.fields["amount_fen"])) * FEN_PER_YUAN)
    fund.note_refused_deposit(
        unit, payer=str(given.fields["payer"]), amount_fen=fen, actor=call.actor, now=call.now
    )  # fmt: skip
    return True


@reads(router, "/funds/estates/{pk}/{part}/acts/{act}", scope=READ, response=FormOut, summary="小区的一种办法要填什么")
def describe_named(request: HttpRequest, pk: RowId, part: str, act: str) -> dict[str, Any]:
    view = _named(part)
    found = form_of(request, lambda asked: page_behind(view, asked, pk=pk, act=act))
    tagged(request, _row(Estate, pk))
    return found


@changes(
    router, "/funds/estates/{pk}/{part}/acts/{act}", scope=WRITE, response=FormDone, summary="办理公共收益、物业保修金",
    description="part：" + "、".join(f"{code} {title}" for code, (title, _) in NAMED.items())
    + "。公共收益：jianzhang 建账、hetong 合同、gongfang 公共用房、shouru 收入、zhichu 支出、"
    "buchong 补充维修资金、gongbu 公布；"
    "物业保修金：heding 核定、jiaocun 交存、zhiyong 支用、tuihuan 退还。",
)  # fmt: skip
def do_named(request: HttpRequest, pk: RowId, part: str, act: str, given: Filled) -> dict[str, Any]:
    view = _named(part)
    page_behind(view, Asked(request), pk=pk, act=act)
    row = _row(Estate, pk)
    version = matched(request, row)
    build = lambda asked: page_behind(view, asked, pk=pk, act=act)  # noqa: E731
    page, made = done_by(request, build, given.fields, version=version)
    tagged(request, row)
    return _told(page, made)


def _named(part: str) -> View:
    if part not in NAMED:
        raise Http404
    return NAMED[part][1]


@reads(router, "/funds/estates/{pk}/ledger/{purse}/closing", scope=READ, response=FormOut, summary="结账要填什么")
def describe_closing(request: HttpRequest, pk: RowId, purse: str) -> dict[str, Any]:
    found = form_of(request, lambda asked: page_behind(closing.close, asked, pk=pk, purse=purse))
    tagged(request, Book.objects.get(subject_kind="estate", subject_id=str(pk), purse=purse))
    return found


@changes(router, "/funds/estates/{pk}/ledger/{purse}/closing", scope=WRITE, response=FormDone, summary="结账")
def do_closing(request: HttpRequest, pk: RowId, purse: str, given: Filled) -> Any:
    page_behind(closing.close, Asked(request), pk=pk, purse=purse)
    book = Book.objects.get(subject_kind="estate", subject_id=str(pk), purse=purse)
    version = matched(request, book)
    build = lambda asked: page_behind(closing.close, asked, pk=pk, purse=purse)  # noqa: E731
    page, made = done_by(request, build, given.fields, version=version)
    tagged(request, book)
    return _told(page, made)


@reads(router, "/funds/forms/{kind}", scope=READ, response=FormOut, summary="新建要填什么")
def describe_new(request: HttpRequest, kind: str) -> dict[str, Any]:
    return form_of(request, lambda asked: page_behind(_alone(kind), asked))


@creates(
    router, "/funds/new/{kind}", scope=WRITE, response=FormDone, summary="新建",
    description="类别：" + "、".join(f"{code} {title}" for code, (title, _) in ALONE.items()),
)  # fmt: skip
def make(request: HttpRequest, kind: str, given: Filled) -> Any:
    view = _alone(kind)
    page, made = done_by(request, lambda asked: page_behind(view, asked), given.fields)
    return _told(page, made)


def _alone(kind: str) -> View:
    if kind not in ALONE:
        raise Http404
    return ALONE[kind][1]


@reads(router, "/funds/estates/{pk}/claims/{scheme}/form", scope=READ, response=FormOut, summary="申请补贴要填什么")
def describe_claim(request: HttpRequest, pk: RowId, scheme: str) -> dict[str, Any]:
    return form_of(request, lambda asked: page_behind(claims.make, asked, pk=pk, scheme=scheme))


@creates(router, "/funds/estates/{pk}/claims/{scheme}", scope=WRITE, response=FormDone, summary="申请补贴、奖励")
def make_claim(request: HttpRequest, pk: RowId, scheme: str, given: Filled) -> Any:
    build = lambda asked: page_behind(claims.make, asked, pk=pk, scheme=scheme)  # noqa: E731
    page, made = done_by(request, build, given.fields)
    return _told(page, made)


@runs(router, "/funds/units/{pk}/till", scope=WRITE, response=FormDone, summary="柜台收款", key="wanted")
def take(request: HttpRequest, pk: RowId, given: Filled) -> Any:
    unit = Unit.objects.select_related("building__estate").filter(pk=pk).first()
    project = Project.objects.filter(estate=unit.building.estate, to_on=None).first() if unit is not None else None
    if project is None:
        raise Http404
    build = lambda asked: page_behind(cashier.till, asked, pk=project.pk, unit=pk)  # noqa: E731
    page, made = done_by(request, build, given.fields)
    return _told(page, made)
