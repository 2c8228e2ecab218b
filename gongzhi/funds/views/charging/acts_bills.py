"""Acts on bills: runs, what a unit has of its own, shared costs, single bills, hand-over between companies."""

from datetime import timedelta
from typing import Any

from gongzhi.core.refs import Ref
from gongzhi.funds import forms_charges as f
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.models import Tariff
from gongzhi.funds.charges.queries.owed import OfProject, terms_on
from gongzhi.funds.payments import services as payments
from gongzhi.funds.views.charging.acting import Act, Data, UnitOf, Who, project_of
from gongzhi.registry.models import Building, Project
from gongzhi.registry.queries.known import fact

DAY = timedelta(days=1)


def _from_today_open(row: Any, who: Who) -> dict[str, Any]:
    return {"from_on": who.on.replace(day=1)}


def _from_today(row: Any, who: Who) -> dict[str, Any]:
    return {"from_on": who.on, "to_on": who.on, "on": who.on, "due_on": who.on, "issued_on": who.on}


# -- a project


def _shared(row: Project, data: Data, who: Who) -> Any:
    given = {name: data[name] for name in data if name != "version"}
    given["voucher"] = who.kept(data["voucher"], row.estate.ref)
    charges.share_cost(row, **given, **who.by)
    return row


def _buildings(form: Any, row: Project, who: Who) -> None:
    form.fields["building"].queryset = Building.objects.filter(estate=row.estate).order_by("name")


def _hand_over(row: Project, data: Data, who: Who) -> Any:
    given = {name: data[name] for name in ("to_project", "kind", "on")}
    return charges.hand_over(row, agreement=who.kept(data["agreement"], row.estate.ref), **given, **who.by)


def _successors(form: Any, row: Project, who: Who) -> None:
    rows = Project.objects.filter(estate=row.estate).exclude(pk=row.pk).select_related("company", "estate")
    form.fields["to_project"].queryset = rows.order_by("-from_on")


def _release(row: Project, data: Data, who: Who) -> Any:
    charges.release(row, **{name: data[name] for name in data if name != "version"}, **who.by)
    return row


def _commission(row: Project, data: Data, who: Who) -> Any:
    given = {name: data[name] for name in ("from_on", "to_on", "spent_fen", "text")}
    charges.settle_commission(row, papers=who.kept(data["papers"], row.estate.ref), **given, **who.by)
    return row


def _next_period(row: Project, who: Who) -> dict[str, Any]:
    """From the day after the last one that was settled to the end of last month."""
    last, month_end = row.commissions.order_by("-to_on").first(), who.on.replace(day=1) - DAY
    return {"from_on": min(last.to_on + DAY if last else month_end.replace(day=1), who.on), "to_on": month_end}


def _by_commission(row: Project, who: Who) -> bool:
    terms = terms_on(row, who.on)
    return terms is not None and terms.mode == "commission"


# -- a unit


def _items(form: Any, row: UnitOf, who: Who) -> None:
    rows = Tariff.objects.filter(project=row.project, basis="item", state="in_force", to_on=None)
    form.fields["tariff"].queryset = rows.order_by("fee", "title")


def _item(row: UnitOf, data: Data, who: Who) -> Any:
    given = {name: data[name] for name in ("tariff", "quantity", "text", "from_on", "to_on")}
    charges.have_item(row.unit, **given, **who.by)
    return row


def _vacant(row: UnitOf, data: Data, who: Who) -> Any:
    given = {name: data[name] for name in ("text", "from_on", "to_on")}
    charges.declare_vacant(row.unit, project=row.project, **given, **who.by)
    return row


def _rebate(row: UnitOf, data: Data, who: Who) -> Any:
    given = {name: data[name] for name in ("ratio", "text", "from_on", "to_on", "tariff")}
    charges.give_rebate(row.unit, project=row.project, **given, **who.by)
    return row


def _tariffs(form: Any, row: UnitOf, who: Who) -> None:
    rows = Tariff.objects.filter(project=row.project, state="in_force", to_on=None).exclude(fee="service")
    form.fields["tariff"].queryset = rows.order_by("fee", "title")


def _once(row: UnitOf, data: Data, who: Who) -> Any:
    item = charges.Item(data["fee"], data["text"], data["amount_fen"])
    key = who.request.POST.get("form_key") or f"{row.key}|{who.now.isoformat()}"
    return charges.bill_once(
        row.unit, project=row.project, items=[item], from_on=data["from_on"], to_on=data["to_on"],
        due_on=data["due_on"], key=key, **who.by,
    )  # fmt: skip


def _let(row: UnitOf, data: Data, who: Who) -> Any:
    given = {name: data[name] for name in ("name", "phone", "from_on", "to_on", "agreed")}
    contract = who.kept(data["contract"], row.project.estate.ref)
    charges.let_unit(row.unit, project=row.project, contract=contract, **given, **who.by)
    return row


def _end_let(row: Any, data: Data, who: Who) -> Ref:
    charges.end_tenancy(row, project=project_of(row), to_on=data["to_on"], version=data["version"], **who.by)
    ref: Ref = row.unit.ref
    return ref


def _end(row: Any, data: Data, who: Who) -> Ref:
    charges.end_personal(row, project=project_of(row), to_on=data["to_on"], version=data["version"], **who.by)
    ref: Ref = row.unit.ref
    return ref


def _invoice(row: Any, data: Data, who: Who) -> Any:
    given = {name: data[name] for name in ("number", "amount_fen", "issued_on")}
    charges.issue_invoice(row, **given, **who.by)
    return row


def run_hint(row: Any, who: Who) -> str:
    return "只有还没有人缴费时才能整期撤回；账上记冲销凭证，这一期可以重新出账。"


def _piloted(row: Project, who: Who) -> bool:
    return bool(fact(row.estate.ref, "charge_custody_pilot", who.on))


PROJECT: dict[str, Act] = {
    "gongtan": Act(
        "登记公共水电", "已分摊到户，随下一期账单收。", f.SharedForm, "fee.bill", _shared, setup=_buildings,
        hint="按票据金额分摊，合计到分；每户的份额印在账单上。",
    ),
    "jiaojie": Act(
        "交接欠费", "已列出交接清单，请接收的企业确认。", f.HandoverForm, "fee.bill", _hand_over, setup=_successors,
        initial=_from_today, open=lambda row, who: row.to_on is not None and not hasattr(row, "handed_over"),
        to_made=True,
    ),
    "choujin": Act(
        "结算酬金", "已结算，支出和酬金已从物业费账户列支。", f.CommissionForm, "fee.bill", _commission,
        initial=_next_period, open=_by_commission, hint="支出按实列支，酬金按合同约定计算；同一期不能结算两次。",
    ),
    "bofu": Act(
        "拨付托管的物业费", "已拨付。", f.ReleaseForm, "fee.release", _release, initial=_from_today,
        open=_piloted,
    ),
}  # fmt: skip


UNIT: dict[str, Act] = {
    "shuliang": Act(
        "登记车位等按数量的收费", "已登记，从下一期账单收。", f.ItemForm, "fee.bill", _item, setup=_items,
        initial=_from_today_open, judged=lambda row: OfProject(row.project),
    ),
    "kongzhi": Act(
        "登记空置", "已登记，按文件规定减收。", f.VacantForm, "fee.bill", _vacant, initial=_from_today_open,
        judged=lambda row: OfProject(row.project),
    ),
    "jianmian": Act(
        "登记减免", "已登记，原因印在账单上。", f.RebateForm, "fee.bill", _rebate, setup=_tariffs,
        initial=_from_today_open, judged=lambda row: OfProject(row.project),
    ),
    "chuzu": Act(
        "登记出租", "已登记。由承租人缴的，租期内开始的账单发给承租人。", f.TenancyForm, "fee.bill", _let,
        initial=_from_today_open, judged=lambda row: OfProject(row.project),
        hint="租赁合同约定由承租人缴物业费的，上传合同；业主负连带责任。",
    ),
    "dandu": Act(
        "单独出账", "已出账。", f.OnceForm, "fee.bill", _once, initial=_from_today, to_made=True,
        judged=lambda row: OfProject(row.project), hint="周期以外的一笔，如特约服务、老账余额、更正。",
    ),
}  # fmt: skip
RUN: dict[str, Act] = {
    "chehui": Act(
        "撤回出账", "已撤回，这一期可以重新出账。", f.Reasoned, "fee.bill",
        lambda row, data, who: charges.withdraw_run(row, reason=data["reason"], version=data["version"], **who.by),
        open=lambda row, who: row.state != "withdrawn", hint=run_hint,
    ),
    "dayin": Act(
        "打印账单", "正在排版，好了以后在这一页下载。", f.Plain, "fee.bill",
        lambda row, data, who: payments.ask_to_print(row, base=who.base, **who.by),
        open=lambda row, who: row.state == "done", button="开始排版",
        hint=f"按楼幢、室号排，每册最多{payments.PAGES}户，每页一户，带缴费码，不印姓名。",
    ),
    "fasong": Act(
        "发送账单", "正在发送，每位业主一条。", f.Plain, "fee.bill",
        lambda row, data, who: payments.ask_to_tell(row, base=who.base, **who.by),
        open=lambda row, who: row.state == "done" and row.told_at is None, button="发送",
        hint="给没有缴清的每一户业主发消息：金额、期限和缴费地址。一期只发一次，不缴的走催告。",
    ),
}  # fmt: skip
BILL: dict[str, Act] = {
    "zuofei": Act(
        "作废账单", "已作废，账上已冲销。", f.Reasoned, "fee.bill",
        lambda row, data, who: charges.cancel_bill(row, reason=data["reason"], version=data["version"], **who.by),
        open=lambda row, who: row.cancelled_on is None and row.paid_fen == 0,
        hint="作废后账上记冲销凭证。金额有误的，作废以后单独出账。",
    ),
}  # fmt: skip
SETTLEMENT: dict[str, Act] = {
    "fapiao": Act(
        "登记发票", "已登记。", f.InvoiceForm, "fee.settle", _invoice,
        initial=lambda row, who: {"amount_fen": f"{row.amount_fen / 100:.2f}", "issued_on": who.on},
        open=lambda row, who: row.kind == "payment" and not hasattr(row, "invoice"),
    ),
}  # fmt: skip
PERSONAL: dict[str, Act] = {
    "zhongzhi": Act(
        "到期终止", "已登记最后一日。", f.EndForm, "fee.bill", _end, initial=_from_today,
        open=lambda row, who: row.to_on is None or row.to_on > who.on,
    ),
}  # fmt: skip
TENANCY: dict[str, Act] = {
    "tuizu": Act(
        "登记退租", "已登记，以后的账单由业主缴。", f.EndForm, "fee.bill", _end_let, initial=_from_today,
        open=lambda row, who: row.to_on is None or row.to_on > who.on,
    ),
}  # fmt: skip
HANDOVER: dict[str, Act] = {
    "queren": Act(
        "确认接收", "已确认，清单上的欠费和预存转到新企业。", f.Plain, "fee.bill",
        lambda row, data, who: charges.confirm_handover(row, version=data["version"], **who.by),
        open=lambda row, who: row.to_project is not None and row.confirmed_on is None,
        judged=lambda row: OfProject(row.to_project or row.from_project),
    ),
}  # fmt: skip
