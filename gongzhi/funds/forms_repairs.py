"""What is typed about repairs that the owners' fund does not pay, and about warranty money."""

from typing import Any

from django import forms

from gongzhi.core.forms import VersionedForm
from gongzhi.funds.forms import Day, Yuan, choice, line, upload, words
from gongzhi.funds.maintenance.words import AGREED_WITH, COST_ON, NEEDS, PARTS, SELECTED
from gongzhi.registry.models import Estate

YEARS = (2020, 2100)
SAID = {
    "by_contract": "合同约定由物业企业维修",
    "agreed_otherwise": "合同对专营设施另有约定",
    "fund_fits": "符合维修资金申请条件",
    "managing_unit": "单位小区有物管单位",
}


class WhoseForm(forms.Form):
    """What decides who repairs, beside what is on record."""

    estate = forms.ModelChoiceField(
        Estate.objects.none(), label="小区", empty_label="请选", error_messages={"required": "请选小区"}
    )
    part = choice("部位", PARTS)
    need = choice("要什么", NEEDS)
    by_contract = forms.BooleanField(
        label=SAID["by_contract"], required=False, help_text="登记在平台上的合同已写明的，不用勾"
    )
    agreed_otherwise = forms.BooleanField(label=SAID["agreed_otherwise"], required=False)
    cost_on = choice(
        "供水、供电、供气、供热、通讯的费用由谁承担",
        COST_ON,
        required=False,
        help_text="没有规定的不选，按本地文件的默认",
    )  # fmt: skip
    fund_fits = forms.BooleanField(label=SAID["fund_fits"], required=False)
    managing_unit = forms.BooleanField(
        label=SAID["managing_unit"], required=False, help_text="小区档案的“管理方式”里已登记的，不用勾"
    )


class DutyForm(WhoseForm):
    """Asked by address, not posted: the answer is a page that can be sent on."""


class JudgeForm(WhoseForm, VersionedForm):
    field_order = (
        "estate",
        "part",
        "need",
        "by_contract",
        "agreed_otherwise",
        "agreed_with",
        "agreed_basis",
        "cost_on",
    )

    agreed_with = choice("合同约定由谁维修", AGREED_WITH, required=False, help_text="合同对专营设施另有约定的要选")
    agreed_basis = line("约定的依据", longest=200, required=False, help_text="哪份合同、第几条，约定的是哪个单位")
    text = line("情况", longest=200, required=False)
    case = line("案件编号", longest=40, required=False, help_text="写了的，案件随判定改派")


class RepairedForm(VersionedForm):
    on = Day(label="修好日期")
    note = line("维修结果", longest=200, required=False)


class RepairForm(VersionedForm):
    estate = forms.ModelChoiceField(
        Estate.objects.none(), label="小区", empty_label="请选", error_messages={"required": "请选小区"}
    )
    part = choice("部位", PARTS)
    title = line("维修内容")
    estimate_fen = Yuan("预算")
    none = forms.BooleanField(
        label="没有要列入的维修项目，按0元编制", required=False, help_text="勾了这一项，上面都不用填"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound and self.data.get("none"):
            for name in ("estate", "part", "title", "estimate_fen"):
                self.fields[name].required = False


class DecideForm(VersionedForm):
    agreed = forms.ChoiceField(
        label="批复", choices=[("yes", "同意"), ("no", "退回修改")], initial="yes", widget=forms.RadioSelect
    )
    note = words("意见", required=False)
    paper = upload("批复文件", required=False)


class TeamForm(VersionedForm):
    name = line("队伍")
    selected = choice("选定方式", SELECTED)
    scope = line("维修范围", longest=200, required=False)
    from_on = Day(label="自")
    to_on = Day(label="至")
    file = upload("中标文件", required=False)


class RepairPayForm(VersionedForm):
    payee = line("收款单位")
    on = Day(label="日期")


class WarrantyForm(VersionedForm):
    developer = line("建设单位")
    cost_fen = Yuan("建筑安装总造价")
    delivered_on = Day(label="交付日期")


class PayInForm(VersionedForm):
    amount_fen = Yuan("交存金额")
    on = Day(label="日期")
    voucher = upload("凭证", required=False)


class UseForm(VersionedForm):
    part = choice("部位", PARTS)
    text = line("维修内容", longest=200)
    reported_on = Day(label="报修日期")
    amount_fen = Yuan("金额")
    voucher = upload("维修材料", required=False)


class PaidOutForm(VersionedForm):
    on = Day(label="日期")
    voucher = upload("凭证", required=False)


class GiveBackForm(VersionedForm):
    amount_fen = Yuan("退还金额")
    on = Day(label="日期")
    voucher = upload("凭证", required=False)
