"""What is typed about equipment. The choices and the details are those that the document of the place names."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms

from gongzhi.core.days import ZONE
from gongzhi.core.forms import VersionedForm
from gongzhi.core.models import Organisation
from gongzhi.equipment.services import Contact, Found
from gongzhi.equipment.words import ABOUT, CONTRACTS, DEFECTS, DIRECTIVES, EMERGENCIES, FAULTS, NOTES, PLANS
from gongzhi.registry.forms import Day, Papers, choice, line, words
from gongzhi.registry.models import Estate, Facility
from gongzhi.registry.questions import CARE_ITEMS, FACILITY_KINDS, INSPECTION_RESULTS

COUNTY_DEPTH = 3
FEN = 100
LONGEST_CONTACT = 3
NOT_OTHERS = ("taken",)


def moment(label: str, **given: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    errors = {"invalid": "时间请写成 2024-06-01 09:30 这样", "required": f"请填{label}"}
    return forms.DateTimeField(label=label, widget=widget, error_messages=errors, **given)


def in_zone(value: datetime) -> datetime:
    return value if value.tzinfo is not None else value.replace(tzinfo=ZONE)


def units(roles: Sequence[str], path: str) -> Any:
    county = "/".join(path.split("/")[:COUNTY_DEPTH]) + "/"
    return Organisation.objects.filter(role__in=roles, active=True, place_path__startswith=county).order_by("name")


def pick(label: str, rows: Any, **given: Any) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        rows, label=label, empty_label="请选", error_messages={"required": f"请选{label}"}, **given
    )


def photo(label: str = "照片", **given: Any) -> forms.FileField:
    return forms.FileField(label=label, required=False, **given)


def whole(label: str, **given: Any) -> forms.IntegerField:
    errors = {"invalid": "请填整数", "min_value": "不能是负数", "required": f"请填{label}"}
    return forms.IntegerField(label=label, min_value=0, error_messages=errors, **given)


def yuan_field(label: str, **given: Any) -> forms.DecimalField:
    errors = {"invalid": "请填数字，例如 6000.00", "required": f"请填{label}", "min_value": "不能是负数"}
    return forms.DecimalField(label=label, min_value=0, max_digits=12, decimal_places=2, error_messages=errors, **given)


class CareForm(VersionedForm):
    """Something was done to a piece."""

    item = choice("做了哪一项", CARE_ITEMS)
    inspected_on = Day(label="日期")
    result = choice("结果", INSPECTION_RESULTS)
    valid_until = Day(label="下次最迟", required=False, help_text="报告写明下次日期的填，不填的按周期算")
    note = words("情况", required=False, help_text="不合格的写明哪里不合格、要怎样整改")
    file = photo("报告或照片")


class DueForm(VersionedForm):
    due_on = Day(label="下次最迟")

    def __init__(self, *args: Any, items: Sequence[str], **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["item"] = choice("哪一项", {one: CARE_ITEMS[one] for one in items})
        self.order_fields(["item", "due_on", "version"])


class PieceForm(VersionedForm):
    """Data of a piece, with the details that the document asks for."""

    location = line("位置", required=False)
    upkeep = line("维保单位", required=False, help_text="日常维护、运维由谁做")
    quantity = whole("数量")
    intact = whole("完好数量", required=False, help_text="没有清点过的不填")

    def __init__(self, *args: Any, names: Sequence[str], row: Facility, **given: Any) -> None:
        super().__init__(*args, **given)
        self.names = tuple(names)
        self.row = row
        for number, name in enumerate(self.names):
            self.fields[f"detail_{number}"] = line(name, longest=200, required=False)
            self.fields[f"detail_{number}"].initial = row.details.get(name, "")

    def changes(self) -> dict[str, Any]:
        data = self.cleaned_data
        typed = {name: data[f"detail_{number}"] for number, name in enumerate(self.names)}
        details = {name: value for name, value in {**self.row.details, **typed}.items() if str(value).strip()}
        return {
            "location": data["location"],
            "upkeep": data["upkeep"],
            "quantity": data["quantity"],
            "intact": data["intact"],
            "details": details,
        }


class ContractForm(VersionedForm):
    contract = choice("合同种类", CONTRACTS)
    kind = choice("设施种类", FACILITY_KINDS)

    def __init__(self, *args: Any, estate: Estate, roles: dict[str, str], **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["company"] = pick(
            "乙方", units(("upkeep_company", "property_company", "utilities_company"), estate.place_path),
            help_text="没有在列的，请先由主管部门在“单位和岗位”登记",
        )  # fmt: skip
        self.fields["party_a"] = choice("由谁签订", roles)
        self.fields["tendered"] = line("招标记录", longest=120, required=False, help_text="项目编号、中标日期")
        self.fields["from_on"], self.fields["to_on"] = Day(label="自"), Day(label="至")
        self.fields["yearly"] = yuan_field("每年费用（元）", required=False)
        self.fields["file"] = photo("合同")

    def yearly_fen(self) -> int | None:
        value = self.cleaned_data["yearly"]
        return int(value * FEN) if value is not None else None


class PaymentForm(VersionedForm):
    paid_on = Day(label="付款日期")
    amount = yuan_field("金额（元）")
    period = line("哪一期", longest=40, required=False, help_text="例如 2024年7月")

    def __init__(self, *args: Any, roles: dict[str, str], **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["payer_role"] = choice("付款方", roles)
        self.order_fields(["payer_role", "paid_on", "amount", "period", "version"])

    def amount_fen(self) -> int:
        return int(self.cleaned_data["amount"] * FEN)


class DayOnlyForm(VersionedForm):
    on = Day(label="日期")


class FaultForm(VersionedForm):
    fault = choice("什么故障", FAULTS)

    def __init__(self, *args: Any, estate: Estate, **given: Any) -> None:
        super().__init__(*args, **given)
        rows = Facility.objects.filter(estate=estate, ended_on=None).select_related("building").order_by("kind", "code")
        self.fields["facility"] = forms.ModelChoiceField(
            rows, label="哪一台（处）", required=False, empty_label="没有登记的，选种类"
        )
        self.fields["kind"] = choice("设施种类", FACILITY_KINDS, required=False)
        self.fields["happened_at"] = moment("发生时间")
        self.fields["text"] = words("情况", help_text="有人被困的写几个人、在哪一层")
        self.fields["photo"] = photo()


class MomentForm(VersionedForm):
    at = moment("到场时间")


class FixForm(VersionedForm):
    at = moment("修复时间")
    outcome = words("处置结果")


class PlanForm(VersionedForm):
    kind = choice("种类", PLANS)
    title = line("名称")
    text = words("要点", required=False)
    file = photo("预案文件")
    contacts = forms.CharField(
        label="联系人", widget=forms.Textarea(attrs={"rows": 4}), error_messages={"required": "请至少填一位联系人"},
        help_text="一人一行：姓名 电话 分工，用空格隔开。例如　王主任 13900001111 总协调",
    )  # fmt: skip

    def __init__(self, *args: Any, path: str, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["reserves"] = forms.ModelMultipleChoiceField(
            units(("property_company",), path), label="备选企业", required=False, widget=forms.CheckboxSelectMultiple
        )

    def clean_contacts(self) -> list[Contact]:
        found = []
        for number, text in enumerate(self.cleaned_data["contacts"].splitlines(), 1):
            parts = text.split()
            if not parts:
                continue
            if len(parts) != LONGEST_CONTACT:
                raise forms.ValidationError(f"第{number}行请写成：姓名 电话 分工。")
            found.append(Contact(parts[0], parts[2], parts[1]))
        return found


class DrillForm(VersionedForm):
    kind = choice("演练内容", PLANS)
    held_on = Day(label="日期")
    participants = whole("参加人数")
    note = words("情况", required=False)
    photos = Papers(label="照片", error_messages={"required": "请上传演练的照片"})


class EmergencyForm(VersionedForm):
    kind = choice("什么事", EMERGENCIES)
    text = words("情况")


class NoteForm(VersionedForm):
    at = moment("时间")
    text = words("经过")
    file = photo()

    def __init__(self, *args: Any, staff: bool, **given: Any) -> None:
        super().__init__(*args, **given)
        offered = {code: title for code, title in NOTES.items() if code not in NOT_OTHERS and (staff or code == "step")}
        self.fields["kind"] = choice("记什么", offered, initial="step")
        self.order_fields(["kind", "at", "text", "file", "version"])


class CompanyForm(VersionedForm):
    def __init__(self, *args: Any, rows: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["company"] = pick("备选企业", rows)


class TextForm(VersionedForm):
    def __init__(self, *args: Any, label: str, with_file: str = "", required: bool = True, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["text"] = words(label, required=required)
        if with_file:
            self.fields["file"] = photo(with_file)


class DirectiveForm(VersionedForm):
    directive = choice("种类", DIRECTIVES)
    kind = choice("关于什么", ABOUT)
    title = line("标题")
    text = words("要求")
    due_on = Day(label="反馈期限", required=False, help_text="不填的按本地规定")

    def __init__(self, *args: Any, estates: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["estates"] = forms.ModelMultipleChoiceField(
            estates, label="发给哪些小区", widget=forms.CheckboxSelectMultiple,
            error_messages={"required": "请至少选一个小区"},
        )  # fmt: skip
        self.fields["found"] = forms.CharField(
            label="发现的问题", required=False, widget=forms.Textarea(attrs={"rows": 3}),
            help_text=f"一行一个：种类 情况。种类有：{'、'.join(DEFECTS.values())}",
        )  # fmt: skip

    def clean_found(self) -> list[Found]:
        codes = {title: code for code, title in DEFECTS.items()}
        found = []
        for number, text in enumerate(self.cleaned_data["found"].splitlines(), 1):
            head, _, rest = text.strip().partition(" ")
            if not text.strip():
                continue
            if head not in codes or not rest.strip():
                raise forms.ValidationError(f"第{number}行请写成：种类 情况，种类用列出的说法。")
            found.append(Found(codes[head], rest.strip()))
        return found


class FoundForm(VersionedForm):
    kind = choice("隐患种类", DEFECTS)
    text = line("问题", longest=200)
    photo = photo("发现时的照片")


class JudgeForm(VersionedForm):
    """Enough, or not."""

    def __init__(self, *args: Any, yes: str, no: str, label: str, with_file: str = "", **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["verdict"] = choice("结论", {"yes": yes, "no": no})
        self.fields["text"] = words(label, required=False)
        if with_file:
            self.fields["file"] = photo(with_file)


class PenaltyForm(VersionedForm):
    penalty = line("处罚", longest=200, help_text="例如 罚款五千元，文书号")
    on = Day(label="处罚日期")


class PermitForm(VersionedForm):
    use = line("平时用途", help_text="例如 车库、仓库")


class StepForm(VersionedForm):
    note = words("意见", required=False)

    def __init__(self, *args: Any, last: bool, **given: Any) -> None:
        super().__init__(*args, **given)
        if last:
            self.fields["permit_number"] = line("证号", longest=60)
            self.order_fields(["permit_number", "note", "version"])
