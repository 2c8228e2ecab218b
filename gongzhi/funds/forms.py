"""What is typed about money. Whether it may be done the services say."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms

from gongzhi.core.forms import VersionedForm
from gongzhi.core.money import FEN_PER_YUAN
from gongzhi.funds.common.words import COLUMNS, KEPT, MANAGERS
from gongzhi.funds.maintenance.models import OwnersPlan
from gongzhi.funds.maintenance.words import (
    APPLICANTS,
    MATTERS,
    OWNERS_PLANS,
    PATHS,
    PAYERS,
    PUBLISHED,
    SELECTED,
    SERVICES,
    STAGES,
    WORKS,
)
from gongzhi.funds.maintenance.words import (
    PURPOSES as DEPOSITS,
)
from gongzhi.funds.revenue.models import PublicRoom, RevenueContract
from gongzhi.funds.revenue.words import FLAGS, OWNED_BY, PURPOSES, ROOM_USES, SOURCES, UPKEEP
from gongzhi.governance.bodies.models import BodyDecision
from gongzhi.governance.bodies.words import COMMITTEES
from gongzhi.governance.votes.models import Motion
from gongzhi.registry.models import Building, Estate, Facility, Unit

LONGEST_TEXT = 1000


def line(label: str, *, longest: int = 100, **given: Any) -> forms.CharField:
    errors = {"required": f"请填{label}", "max_length": f"最多{longest}个字"}
    return forms.CharField(label=label, max_length=longest, error_messages=errors, **given)


def words(label: str, **given: Any) -> forms.CharField:
    return line(label, longest=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 3}), **given)


def choice(label: str, listed: Mapping[str, str], **given: Any) -> forms.ChoiceField:
    errors = {"required": f"请选{label}", "invalid_choice": "请从列表里选"}
    return forms.ChoiceField(label=label, choices=[("", "请选"), *listed.items()], error_messages=errors, **given)


def upload(label: str, **given: Any) -> forms.FileField:
    return forms.FileField(label=label, error_messages={"required": f"请上传{label}", "empty": "文件是空的"}, **given)


class Day(forms.DateField):
    def __init__(self, **given: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        errors = {"invalid": "日期请写成 2026-06-01 这样", "required": "请填日期"}
        super().__init__(widget=widget, error_messages=errors, **given)


class Yuan(forms.DecimalField):
    """Yuan as typed, 分 as cleaned; `none`: nought may be typed."""

    def __init__(self, label: str, *, none: bool = False, **given: Any) -> None:
        least = Decimal(0) if none else Decimal("0.01")
        errors = {
            "required": f"请填{label}",
            "invalid": "请填数字，如 1234.56",
            "max_decimal_places": "最多到分（两位小数）",
            "min_value": "金额不能小于0" if none else "金额要大于0",
        }
        super().__init__(
            label=f"{label}（元）", max_digits=14, decimal_places=2, min_value=least, error_messages=errors,
            **given,
        )  # fmt: skip

    def clean(self, value: Any) -> int | None:
        found = super().clean(str(value).replace(",", "").replace("，", "") if value else value)
        return int(found * FEN_PER_YUAN) if found is not None else None


class AccountForm(VersionedForm):
    purse = choice("资金", KEPT)
    manager = choice("管理方式", MANAGERS)
    bank = line("开户行")
    holder = line("户名", help_text="与管理单位的名称一致")
    number = line("账号", longest=40)
    from_on = Day(label="启用日期")
    contract_clause = line("合同条款", longest=200, required=False, help_text="由物业服务企业开设的，写明合同哪一条")


class StatementForm(VersionedForm):
    file = upload("对账单", help_text="网银导出的Excel或CSV，不用改")

    def __init__(self, *args: Any, head: Sequence[str] = (), **given: Any) -> None:
        super().__init__(*args, **given)
        for name, title in COLUMNS.items():
            self.fields[name] = line(title, longest=60, required=False, help_text="不填则按表头自动认")


class MatchForm(VersionedForm):
    entries = forms.MultipleChoiceField(
        label="和哪几笔凭证对上", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="银行合成一笔的可以选几笔，合计要和流水一分不差；没有合适的不选，写下面的原因",
    )  # fmt: skip
    reason = line("不入本账的原因", longest=200, required=False)


class ReleaseForm(VersionedForm):
    reason = line("原因", longest=200)


class AssessForm(VersionedForm):
    party = choice("由谁交", PAYERS, initial="owner")


class DepositForm(VersionedForm):
    unit = forms.ModelChoiceField(
        Unit.objects.none(), label="房屋", empty_label="请选", error_messages={"required": "请选房屋"}
    )
    purpose = choice("用途", {key: title for key, title in DEPOSITS.items() if key != "opening"})
    payer = choice("交款人", PAYERS)
    amount_fen = Yuan("金额")
    paid_on = Day(label="交款日期")
    reference = line("银行流水号", longest=64, required=False)
    into_fund_account = line("交入账号", longest=40, required=False, help_text="填写的，核对是不是维修资金专户")
    file = upload("交款凭证", required=False)


class InterestForm(VersionedForm):
    amount_fen = Yuan("增值金额")
    on = Day(label="到账日期")
    reference = line("银行流水号", longest=64, required=False)


class CarryForm(VersionedForm):
    reference = line("银行流水号", longest=64, required=False, help_text="两个专户之间划转的凭证")


class GateForm(VersionedForm):
    stage = choice("要办的事", STAGES)
    unit = forms.ModelChoiceField(Unit.objects.none(), label="房屋", required=False, empty_label="整个小区")


class NoteForm(VersionedForm):
    note = words("记录")


class ProposalForm(VersionedForm):
    title = line("维修项目", help_text="如：5幢屋面防水")
    matter = choice("事项", MATTERS)
    work = choice("性质", WORKS)
    path = choice("程序", PATHS, help_text="紧急情形、授权额度、年度计划才选其他，平时选普通程序")
    part = line("部位", longest=200)
    common_part = forms.TypedChoiceField(
        label="是不是共用部位、共用设施设备",
        choices=[("", "请选"), ("yes", "是"), ("no", "不是，是户内自用")],
        coerce=lambda value: value == "yes",
        error_messages={"required": "请选"},
    )
    facility = forms.ModelChoiceField(
        Facility.objects.none(), label="设施设备", required=False, empty_label="不是台账里的设备"
    )
    buildings = forms.ModelMultipleChoiceField(
        Building.objects.none(), label="受益楼幢", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="不选即全小区分摊",
    )  # fmt: skip
    estimate_fen = Yuan("预算")
    applicant_role = choice("由谁申请", APPLICANTS)
    guidance = words("镇街指导意见", required=False, help_text="居（村）委会代为组织时填")
    case = line("来自案件", longest=40, required=False, help_text="案件编号")
    decision = forms.ModelChoiceField(
        BodyDecision.objects.none(), label="所依的业委会（物管会）决定", required=False, empty_label="没有",
        help_text="授权额度内的使用必须选",
    )  # fmt: skip
    plan = forms.ModelChoiceField(
        OwnersPlan.objects.none(), label="所依的年度维修计划", required=False, empty_label="没有",
        help_text="年度计划内的使用必须选；计划由业主大会一次表决，在它的范围、金额和年度内分批使用",
    )  # fmt: skip
    evidence = upload("现场证据", required=False, help_text="紧急程序必须有照片")
    third_party = line("第三方机构", longest=100, required=False, help_text="购买服务（评估、保险）时必填")
    contract = upload("与第三方机构的合同", required=False, help_text="购买服务时必须上传")
    field_order = ("title", "matter", "work", "path", "decision", "plan", "third_party", "contract")

    def offer(self, estate: Estate, services: Sequence[str]) -> None:
        """`services` of third parties that may be bought here; without any, nothing is asked about them."""
        fields: Any = self.fields
        shut = set(SERVICES) - set(services)
        fields["matter"].choices = [one for one in fields["matter"].choices if one[0] not in shut]
        if not services:
            del fields["third_party"], fields["contract"]
        fields["facility"].queryset = Facility.objects.filter(estate=estate, ended_on=None).order_by("kind", "code")
        fields["buildings"].queryset = Building.objects.filter(estate=estate).order_by("name")
        fields["decision"].queryset = BodyDecision.objects.filter(
            estate=estate, body__kind__in=COMMITTEES, revoked_on=None
        ).order_by("-decided_on", "-pk")
        fields["plan"].queryset = OwnersPlan.objects.filter(estate=estate, kind="uses").order_by("-year")


class PlanForm(VersionedForm):
    """年度维修计划 or 续筹方案: what the owners are to decide on once."""

    kind = choice("类别", OWNERS_PLANS)
    year = forms.IntegerField(label="年度", min_value=2000, max_value=2999, error_messages={"required": "请填年度"})
    amount_fen = Yuan("总额")
    text = words("内容", help_text="修哪里、怎样修，或者向谁筹、怎样筹")
    matters = forms.MultipleChoiceField(
        label="使用范围", required=False, choices=[one for one in MATTERS.items() if one[0] not in SERVICES],
        widget=forms.CheckboxSelectMultiple,
        help_text="年度维修计划必选：不在范围内的用途不能按计划申请",
    )  # fmt: skip

    def __init__(self, *args: Any, settled: OwnersPlan | None = None, **given: Any) -> None:
        """`settled`: a plan that is there already keeps its kind and year."""
        super().__init__(*args, **given)
        for name in ("kind", "year") if settled is not None else ():
            self.fields[name].disabled, self.fields[name].initial = True, getattr(settled, name)


class PutPlanForm(VersionedForm):
    motion = forms.ChoiceField(label="业主表决", error_messages={"required": "请选业主表决"})

    def __init__(self, *args: Any, motions: Sequence[Motion] = (), **given: Any) -> None:
        super().__init__(*args, **given)
        field: Any = self.fields["motion"]
        field.choices = [("", "请选"), *((str(one.pk), f"{one.vote.title}：{one.title}") for one in motions)]
        if not motions:
            field.help_text = "本小区还没有就这类事项发起的表决，请先拟定表决。"


PERMITS = {"yes": "同意", "no": "不同意，退回", "refuse": "不予使用"}
PASSES = {"yes": "合格", "no": "不合格，退回"}
OPINIONS = {**dict.fromkeys(("verify", "discuss", "attest", "review"), PERMITS), "accept": PASSES, "audit": PASSES}


class StepForm(VersionedForm):
    """The form of one step; what it asks for depends on the step."""

    on = Day(label="日期")

    def __init__(
        self,
        *args: Any,
        step: str,
        materials: Sequence[str] = (),
        motions: Sequence[tuple[str, str]] = (),
        published: Mapping[str, str] = PUBLISHED,
        by_community: bool = False,
        paid: bool = False,
        **given: Any,
    ) -> None:
        super().__init__(*args, **given)
        self.step, self.materials = step, list(materials)
        add = self.fields
        if step in OPINIONS:
            add["agreed"] = choice("意见", OPINIONS[step])
        if step == "decide":
            listed = (
                "只列本小区通过并已生效的“使用维修资金”议题"
                if motions
                else "本小区还没有通过并生效的“使用维修资金”议题"
            )
            errors = {"required": "请选业主表决", "invalid_choice": "请从列表里选"}
            add["motion"] = forms.ChoiceField(
                label="业主表决", choices=[("", "请选"), *motions], help_text=listed, error_messages=errors
            )
        if step == "tender":
            add["contractor"] = line("施工单位")
            add["selected"] = choice("选定方式", SELECTED)
        if step in ("price_review", "audit"):
            add["third_party"] = forms.BooleanField(label="由第三方专业机构", required=False)
        if step == "audit" and not paid:
            add["settled_fen"] = Yuan("审定金额", required=False, help_text="与决算不同的填，按它付尾款、重新分摊")
        if step == "verify" and by_community:
            add["delegated_to_community"] = forms.BooleanField(label="社区受镇街委托核实", required=False)
        if step == "accept":
            add["settled_fen"] = Yuan("决算金额")
        if step == "publish":
            add["shown_fen"] = Yuan("公布的使用数额")
            for name, title in published.items():
                add[f"shown_{name}"] = upload(title, required=False)
                add[f"shown_{name}"].says_optional = False  # type: ignore[attr-defined]
        for place, name in enumerate(self.materials):
            add[f"paper_{place}"] = upload(name, required=False)
            add[f"paper_{place}"].says_optional = False  # type: ignore[attr-defined]
        if step not in ("apply", "publish"):
            add["paper"] = upload("附件", required=False)
        add["note"] = words("说明", required=False)


class BackForm(VersionedForm):
    """What was sent back, put right: the papers that the pack lists, uploaded anew where they were wrong."""

    def __init__(self, *args: Any, materials: Sequence[str] = (), **given: Any) -> None:
        super().__init__(*args, **given)
        self.materials = list(materials)
        for place, name in enumerate(self.materials):
            self.fields[f"paper_{place}"] = upload(name, required=False, help_text="要更换或补充的才上传")
        self.fields["note"] = words("补正说明")


class PayForm(VersionedForm):
    amount_fen = Yuan("金额", required=False, help_text="尾款可不填：决算减已付")
    over = forms.ChoiceField(
        label="超出预算部分的业主决定", required=False,
        error_messages={"invalid_choice": "请从列表里选"},
        help_text="只列本小区通过并已生效的“使用维修资金”议题",
    )  # fmt: skip
    payee = line("收款单位")
    paid_on = Day(label="拨付日期")
    reference = line("银行流水号", longest=64, required=False)
    invoice = upload("发票或收款凭证", help_text="没有票据不能拨付")

    def __init__(self, *args: Any, motions: Sequence[tuple[str, str]] | None = None, **given: Any) -> None:
        """`motions`: None while nothing is above the budget."""
        super().__init__(*args, **given)
        if motions is None:
            del self.fields["over"]
        else:
            self.fields["over"].choices = [("", "请选"), *motions]  # type: ignore[attr-defined]


class PlainForm(VersionedForm):
    """Nothing but the button."""


class CloseForm(VersionedForm):
    until = Day(label="结账到哪一天（含）")


class BeginForm(VersionedForm):
    on = Day(label="建账日期")


class ContractForm(VersionedForm):
    source = choice("来源", SOURCES)
    owned_by = choice("谁的收益", OWNED_BY, initial="owners")
    title = line("名称", help_text="如：6部电梯轿厢广告")
    payer = line("付款人")
    amount_fen = Yuan("合同金额")
    from_on = Day(label="自")
    to_on = Day(label="至")
    tariff_shown = forms.BooleanField(label="收费标准已公示", required=False)
    file = upload("合同", required=False)
    room = forms.ModelChoiceField(
        PublicRoom.objects.none(), label="公共用房", required=False, empty_label="不是公共用房"
    )


class RoomForm(VersionedForm):
    name = line("房屋")
    serves = choice("用途", ROOM_USES)
    area_m2 = forms.DecimalField(label="面积（平方米）", min_value=Decimal("0.01"), decimal_places=2)
    used_share = forms.IntegerField(label="使用率（%）", min_value=0, max_value=100)


class ConfirmRoomForm(VersionedForm):
    unaffected = forms.BooleanField(label="出租以后社区办公、活动不受影响", required=False)


class IncomeForm(VersionedForm):
    source = choice("来源", SOURCES)
    owned_by = choice("谁的收益", OWNED_BY, initial="owners")
    amount_fen = Yuan("金额")
    on = Day(label="到账日期")
    text = line("摘要", longest=200)
    contract = forms.ModelChoiceField(
        RevenueContract.objects.none(), label="合同", required=False, empty_label="没有合同"
    )
    supervised = forms.BooleanField(label="已进监管账户（专户）", required=False, initial=True)
    voucher = upload("凭证", required=False)


class ExpenseForm(VersionedForm):
    purpose = choice("用途", {key: title for key, title in PURPOSES.items() if key != "to_fund"})
    upkeep = choice("维保类别", UPKEEP, required=False, help_text="用途是设施设备维保时选")
    owned_by = choice("谁的收益", OWNED_BY, initial="owners")
    amount_fen = Yuan("金额")
    on = Day(label="支出日期")
    text = line("摘要", longest=200)
    decided = forms.ModelChoiceField(Motion.objects.none(), label="业主决定", required=False, empty_label="没有")
    voucher = upload("凭证", required=False, help_text="发票、收据")
    to_service_charges = forms.BooleanField(label="转入物业费账", required=False)
    gap_left_fen = Yuan(
        "小区物业费缺口还差", none=True, required=False, help_text="政府配套用房、车位的收益用到别处时填；没有缺口填0"
    )
    reason_given = words("理由", required=False)


class SupplementForm(VersionedForm):
    amount_fen = Yuan("转入金额")
    on = Day(label="日期")
    from_on = Day(label="属于哪一期：自")
    to_on = Day(label="至")


class ShortAllowanceForm(forms.Form):
    approved_fen = Yuan("业主同意的补贴")
    payable_fen = Yuan("公共收益可列支", none=True)


class GapForm(forms.Form):
    spent_fen = Yuan("支出")
    charged_fen = Yuan("物业费收入", none=True)
    revenue_fen = Yuan("公共收益", none=True)


class PublishForm(VersionedForm):
    from_on = Day(label="自")
    to_on = Day(label="至")
    photo = upload("张贴照片", required=False)


class ClearForm(VersionedForm):
    flag = choice("解除哪个标记", FLAGS)
    motion = forms.ModelChoiceField(Motion.objects.none(), label="补传的业主决定", required=False, empty_label="没有")
    voucher = upload("补传的凭证", required=False)
    reason = words("说明")


class TextForm(VersionedForm):
    text = words("疑问")


class ReplyForm(VersionedForm):
    reply = words("答复")
