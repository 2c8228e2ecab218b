"""What is typed about service charges. Whether it may be done the services say."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms

from gongzhi.core.forms import VersionedForm
from gongzhi.funds.charges.models import PriceReport, Tariff
from gongzhi.funds.charges.words import (
    BASES,
    COMMISSIONS,
    DEMANDED_BY,
    EVERY,
    FINDINGS,
    HANDOVER_KINDS,
    HELPERS,
    MODES,
    PAYER_KINDS,
    PLACES,
    PRICE_KINDS,
    PRICED,
    RECOURSES,
    SHARED_COSTS,
    SHOWN_ITEMS,
)
from gongzhi.funds.common.words import SHARED_BY
from gongzhi.funds.forms import Day, Yuan, choice, line, upload, words
from gongzhi.governance.votes.models import Motion
from gongzhi.registry.models import Building, Project
from gongzhi.registry.questions import UNIT_USES

YES_NO = {"yes": "是", "no": "否"}
PRICE_PLACES, PER_CENT_PLACES, RATE_PLACES = 4, 2, 4
PER_CENT = Decimal(100)
MOST_DAYS = 365


class Price(forms.DecimalField):
    """Yuan for a unit, with up to four decimals: exact, rounded once on a bill."""

    def __init__(self, label: str, **given: Any) -> None:
        errors = {
            "required": f"请填{label}", "invalid": "请填数字，如 1.50", "min_value": "要大于0",
            "max_decimal_places": "最多四位小数",
        }  # fmt: skip
        super().__init__(
            label=label, max_digits=12, decimal_places=PRICE_PLACES, min_value=Decimal("0.0001"),
            error_messages=errors, **given,
        )  # fmt: skip


class Share(forms.DecimalField):
    """A percentage as typed, a ratio as cleaned."""

    def __init__(self, label: str, *, places: int = PER_CENT_PLACES, **given: Any) -> None:
        errors = {
            "required": f"请填{label}", "invalid": "请填数字", "min_value": "不能是负数",
            "max_decimal_places": f"最多{places}位小数",
        }  # fmt: skip
        super().__init__(
            label=f"{label}（%）", max_digits=9, decimal_places=places, min_value=Decimal(0), error_messages=errors,
            **given,
        )  # fmt: skip

    def clean(self, value: Any) -> Decimal | None:
        found = super().clean(value)
        return found / PER_CENT if found is not None else None


def yes(label: str, **given: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, choices=[("", "请选"), *YES_NO.items()], coerce=lambda text: text == "yes",
        error_messages={"required": "请选"}, **given,
    )  # fmt: skip


def chosen(label: str, rows: Any, *, empty: str = "请选", **given: Any) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(rows, label=label, empty_label=empty, error_messages={"required": "请选"}, **given)


class Plain(VersionedForm):
    """A question with no fields: the button is the answer."""


class Reasoned(VersionedForm):
    reason = line("原因", longest=200)


# -- contract and prices


class TermsForm(VersionedForm):
    mode = choice("收费方式", MODES)
    commission_kind = choice("酬金怎样算", COMMISSIONS, required=False, help_text="酬金制才填")
    commission_ratio = Share("酬金比例", required=False, help_text="占物业服务支出的比例")
    commission_fen = Yuan("每月酬金", required=False)
    due_days = forms.IntegerField(
        label="出账后多少日内缴", min_value=0, max_value=MOST_DAYS, initial=30,
        error_messages={"required": "请填日数", "invalid": "请填整数"},
    )  # fmt: skip
    late_rate = Share(
        "每日违约金", places=RATE_PLACES, required=False, help_text="合同没有约定的不填，就不收违约金；万分之五填0.05"
    )
    grade = line("合同约定的服务等级", longest=40, required=False)
    from_on = Day(label="自")
    contract = upload("合同", required=False)


class TariffForm(VersionedForm):
    fee = choice("收费项目", PRICED)
    title = line("名称", longest=60, help_text="印在账单上，如：物业公共服务费（高层）")
    price_kind = choice("定价方式", PRICE_KINDS, help_text="政府指导价先备案后执行；市场调节价按合同执行")
    basis = choice("计费方式", BASES)
    price = Price("单价（元/月）", help_text="按面积的是每平方米每月，按户、按数量的是每户、每个每月")
    every = choice("出账周期", {str(key): title for key, title in EVERY.items()})
    use = choice("适用用途", UNIT_USES, required=False, help_text="不选即没有单独标准的用途都适用")
    building = chosen("适用楼幢", Building.objects.none(), required=False, empty="全部楼幢")
    grade = line("服务等级", longest=40, required=False, help_text="与指导价的等级写法一致")
    from_on = Day(label="执行日期")


class FilingForm(VersionedForm):
    number = line("备案号", longest=60)


class ChangeForm(VersionedForm):
    new_price = Price("拟调价格（元/月）")
    reason = words("理由")
    evidence = upload("依据", required=False, help_text="成本资料等")
    report = chosen("评估报告", PriceReport.objects.none(), required=False, empty="没有")


class StepForm(VersionedForm):
    on = Day(label="日期")


class MotionStepForm(StepForm):
    motion = chosen("业主表决", Motion.objects.none(), help_text="本小区已生效的表决")


class FileStepForm(StepForm):
    number = line("备案号", longest=60, required=False)


class ForceForm(VersionedForm):
    effective_on = Day(label="执行日期")


class ReportForm(VersionedForm):
    firm = line("评估机构")
    price = Price("评估价（元/㎡·月）")
    on = Day(label="报告日期")
    ordered_by_company = yes("企业签字委托")
    ordered_by_owners = yes("业主方签字委托")
    file = upload("报告", required=False)


class ShowForm(VersionedForm):
    item = choice("项目", SHOWN_ITEMS)
    place = choice("位置", PLACES)
    price = Price("公示单价（元/㎡·月）", required=False, help_text="公示收费标准的必填，与现场一致")
    grade = line("公示等级", longest=40, required=False)
    shown_on = Day(label="公示日期")
    photo = upload("现场照片")


class GuideForm(VersionedForm):
    grade = line("服务等级", longest=40)
    base_price = Price("基准价（元/㎡·月）")
    up_ratio = Share("上浮幅度", initial=Decimal(0))
    down_ratio = Share("下浮幅度", initial=Decimal(0))
    from_on = Day(label="执行日期")
    document = line("文件", longest=200, required=False, help_text="文号和名称")

    def __init__(self, *args: Any, factors: Iterable[str] = (), **given: Any) -> None:
        super().__init__(*args, **given)
        self.factors = {f"factor_{place}": name for place, name in enumerate(factors)}
        for name, title in self.factors.items():
            self.fields[name] = words(title, required=False, help_text="公布以前要写齐")

    @property
    def written(self) -> dict[str, str]:
        return {title: self.cleaned_data.get(name, "") for name, title in self.factors.items()}


class InspectionForm(VersionedForm):
    on = Day(label="检查日期")
    roles = forms.MultipleChoiceField(
        label="参加的部门", widget=forms.CheckboxSelectMultiple, error_messages={"required": "请选参加的部门"}
    )
    note = words("情况", required=False)
    project = chosen("发现问题的项目", Project.objects.none(), required=False, empty="没有发现问题")
    finding = choice("问题", FINDINGS, required=False)

    def offer(self, roles: Mapping[str, str], projects: Any) -> None:
        fields: Any = self.fields
        fields["roles"].choices = list(roles.items())
        fields["project"].queryset = projects

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("project") and not data.get("finding"):
            self.add_error("finding", "请选发现了什么问题")
        return data


class FindingForm(VersionedForm):
    case_ref = line("案件编号", longest=80, required=False)
    result = line("处理结果", longest=200)


# -- what a unit has of its own, shared costs, bills


class ItemForm(VersionedForm):
    tariff = chosen("收费标准", Tariff.objects.none(), help_text="按数量计费的，如车位")
    quantity = forms.DecimalField(
        label="数量", max_digits=8, decimal_places=2, min_value=Decimal("0.01"), initial=1,
        error_messages={"required": "请填数量", "invalid": "请填数字", "min_value": "要大于0"},
    )  # fmt: skip
    text = line("说明", required=False, help_text="如车位号")
    from_on = Day(label="自")
    to_on = Day(label="至", required=False)


class VacantForm(VersionedForm):
    text = line("说明", required=False)
    from_on = Day(label="自")
    to_on = Day(label="至", required=False)


class TenancyForm(VersionedForm):
    name = line("承租人姓名")
    phone = line("承租人手机号")
    from_on = Day(label="租期自")
    to_on = Day(label="租期至", required=False)
    agreed = forms.BooleanField(label="租赁合同约定由承租人缴物业费", required=False)
    contract = upload("租赁合同", required=False)


class RebateForm(VacantForm):
    ratio = Share("减免比例")
    text = line("原因", help_text="会印在账单上")
    tariff = chosen("哪一项", Tariff.objects.none(), required=False, empty="物业公共服务费")


class EndForm(VersionedForm):
    to_on = Day(label="最后一日")


class SharedForm(VersionedForm):
    kind = choice("种类", SHARED_COSTS)
    by = choice("分摊方式", SHARED_BY)
    amount_fen = Yuan("金额")
    from_on = Day(label="自")
    to_on = Day(label="至")
    building = chosen("楼幢", Building.objects.none(), required=False, empty="全小区")
    voucher = upload("水电费票据", required=False)


class RunForm(VersionedForm):
    every = choice("周期", {str(key): title for key, title in EVERY.items()})
    from_on = Day(label="时期自", help_text="某月1日")
    issued_on = Day(label="出账日期")


class OnceForm(VersionedForm):
    fee = choice("收费项目", PRICED)
    text = line("说明", help_text="印在账单上")
    amount_fen = Yuan("金额")
    from_on = Day(label="时期自")
    to_on = Day(label="至")
    due_on = Day(label="缴费期限")


class InvoiceForm(VersionedForm):
    number = line("发票号码", longest=40)
    amount_fen = Yuan("发票金额")
    issued_on = Day(label="开票日期")


# -- arrears


class DemandForm(VersionedForm):
    how = choice("催告方式", DEMANDED_BY)


class OpinionForm(VersionedForm):
    text = words("意见", help_text="写清楚对哪一笔、为什么；合理的要在期限内解决，不合理的要答复")


class JudgeForm(VersionedForm):
    reasonable = yes("意见合理吗")
    reply = words("答复", required=False, help_text="不合理的必须写")


class MeasuresForm(VersionedForm):
    measures = words("解决措施")


class HelpForm(VersionedForm):
    kind = choice("请谁协助", HELPERS)


class ResultForm(VersionedForm):
    result = line("结果", longest=200)
    handed_on = line("转社区调解室", longest=80, required=False, help_text="需要继续调解的，写明转给哪个调解室、为什么")


class RecourseForm(VersionedForm):
    kind = choice("途径", RECOURSES, help_text="仲裁和诉讼只能选一种")
    number = line("案号", longest=60, required=False)


class JudgmentForm(VersionedForm):
    judgment = line("裁判结果", longest=200, required=False)
    judged_on = Day(label="裁判生效日期", required=False)
    refused_on = Day(label="拒不履行认定日期", required=False)
    malicious_on = Day(label="恶意欠缴认定日期", required=False)
    closed_on = Day(label="结束日期", required=False)


class ClueForm(VersionedForm):
    result = line("处理结果", longest=200, help_text="撤销的写原因")
    withdraw = forms.BooleanField(label="已履行，撤销线索", required=False)


class MarkForm(VersionedForm):
    kind = forms.ChoiceField(
        label="身份类别", required=False, choices=[("", "不标注（撤回）"), *PAYER_KINDS.items()],
        help_text="自愿；只计入合计收缴率，任何人看不到您标了什么",
    )  # fmt: skip


class HandoverForm(VersionedForm):
    kind = choice("欠费怎样处理", HANDOVER_KINDS)
    to_project = chosen("新项目", Project.objects.none(), required=False, empty="还没有新企业")
    on = Day(label="交接日期")
    agreement = upload("交接协议", required=False, help_text="转由新企业收取的必须有")


class CommissionForm(VersionedForm):
    from_on = Day(label="自")
    to_on = Day(label="至")
    spent_fen = Yuan("物业服务支出", help_text="这一期按实支付的，不含酬金；酬金由系统按合同算")
    text = line("支出说明", longest=300, help_text="例如“人员工资、保洁、维保”")
    papers = upload("支出明细", required=False)


class ReleaseForm(VersionedForm):
    from_on = Day(label="自")
    to_on = Day(label="至")
    amount_fen = Yuan("拨付金额")
    assessment = line("考核结果", longest=200)
