"""What is typed about enforcement. Whether it may be done the services say."""

from decimal import Decimal
from typing import Any

from django import forms

from gongzhi.cases.enforcement.words import (
    CATEGORIES,
    ERAS,
    OPERATIONS,
    PREMISES,
    PUNISHED,
    RENT_FINDINGS,
    SIGNINGS,
    STATIONS,
)
from gongzhi.cases.forms_fields import MomentField
from gongzhi.core.forms import VersionedForm
from gongzhi.core.models import Organisation, Place
from gongzhi.registry.forms import Day, choice, line, words
from gongzhi.registry.models import Estate, Unit


def pick(label: str, rows: Any, **given: Any) -> forms.ModelChoiceField:
    errors = {"required": f"请选{label}", "invalid_choice": "请从列表里选"}
    return forms.ModelChoiceField(rows, label=label, empty_label="请选", error_messages=errors, **given)


def picks(label: str, rows: Any, **given: Any) -> forms.ModelMultipleChoiceField:
    return forms.ModelMultipleChoiceField(rows, label=label, widget=forms.CheckboxSelectMultiple, **given)


def upload(label: str, **given: Any) -> forms.FileField:
    return forms.FileField(label=label, error_messages={"required": f"请上传{label}", "empty": "文件是空的"}, **given)


def number(label: str, *, least: int = 0, **given: Any) -> forms.IntegerField:
    errors = {"invalid": "请填整数", "min_value": f"不小于{least}", "required": f"请填{label}"}
    return forms.IntegerField(label=label, min_value=least, error_messages=errors, **given)


def area() -> forms.DecimalField:
    return forms.DecimalField(
        label="面积（平方米）", min_value=Decimal("0.01"), decimal_places=2, max_digits=10, required=False
    )


class NoticeForm(VersionedForm):
    addressee = line("当事人（房号、摊位，不写姓名）")
    demand = line("要求", longest=300, help_text="例如：请立即停止搭建，于3日内自行拆除")
    to = pick("同时上报给", Organisation.objects.none(), required=False)


class ServeForm(VersionedForm):
    signing = choice("怎样送达的", SIGNINGS)
    at = MomentField(label="送达时间")
    witness = line("见证人", longest=60, required=False, help_text="拒绝签收、留置的要填")
    photo = upload("送达照片", required=False, help_text="拒绝签收、留置的要传")


class BesideForm(VersionedForm):
    to = pick("同时报告", Organisation.objects.none())


class EvidenceForm(VersionedForm):
    title = line("证明什么", longest=120)
    taken_at = MomentField(label="取得时间")
    taken_where = line("在哪里取得", longest=200)
    file = upload("证据（照片、PDF、Word、Excel）")


class HandOverForm(VersionedForm):
    evidence = picks("移交哪几件", None)
    to = pick("移交给", Organisation.objects.none())
    reason = line("事由", longest=200, initial="随案移交")


class SignForm(VersionedForm):
    evidence = picks("签收哪几件", None)


class CategoryForm(VersionedForm):
    category = choice("违规的类别", CATEGORIES)


class OperationForm(VersionedForm):
    kind = choice("种类", OPERATIONS)
    title = line("名称", longest=120)
    planned_on = Day(label="安排日期")
    plan = words("方案")
    main = pick("主办（几家牵头的指定一家）", Organisation.objects.none(), required=False)
    units = picks("通知哪些单位参加", Organisation.objects.none(), required=False)
    topics = forms.MultipleChoiceField(
        label="查处哪些事项", required=False, widget=forms.CheckboxSelectMultiple, choices=()
    )


class UnitForm(VersionedForm):
    unit = pick("单位", Organisation.objects.none())


class ItemForm(VersionedForm):
    text = line("任务（议定事项）", longest=200)
    organisation = pick("承办单位", Organisation.objects.none(), required=False)
    estate = pick("小区", Estate.objects.none(), required=False)
    matter = forms.ChoiceField(label="事项", required=False)
    company = pick("涉及的物业企业", Organisation.objects.none(), required=False)


class ResultForm(VersionedForm):
    result = words("结果")


class ItemResultForm(ResultForm):
    units = number(f"处罚{PUNISHED['units']}（个）", required=False)
    households = number(f"处罚{PUNISHED['households']}（户）", required=False)
    persons = number(f"处罚{PUNISHED['persons']}（人）", required=False)
    photo = upload("照片", required=False)


class HoldForm(VersionedForm):
    on = Day(label="开展日期")
    summary = words("总结", required=False)


class CallOffForm(VersionedForm):
    reason = line("为什么取消", longest=200)


class PlainForm(VersionedForm):
    """Nothing to type: the button is the act."""


class StationForm(VersionedForm):
    kind = choice("种类", STATIONS)
    organisation = pick("设立单位", Organisation.objects.none())
    name = line("名称")
    address = line("地点", longest=200, required=False)
    phone = line("电话", longest=30, required=False, help_text="站点必填，会公布")
    opened_on = Day(label="设立日期")
    estates = picks("负责哪些小区", Estate.objects.none(), required=False)


class ChangeStationForm(VersionedForm):
    address = line("地点", longest=200, required=False)
    phone = line("电话", longest=30, required=False)
    estates = picks("负责哪些小区", Estate.objects.none(), required=False)


class DayForm(VersionedForm):
    on = Day(label="日期")


class OfficerForm(VersionedForm):
    organisation = pick("单位", Organisation.objects.none())
    place = pick("负责哪里", Place.objects.none())
    station = pick("哪个队伍的队员", None, required=False, help_text="联络人不选；选了的是队员，不公布")
    name = line("姓名", longest=60)
    title = line("职务", longest=60, required=False)
    phone = line("公开的工作电话", longest=30, required=False)
    from_on = Day(label="自哪一天起")


class EntryForm(VersionedForm):
    estate = pick("小区", Estate.objects.none())
    organisation = pick("哪个单位来的", Organisation.objects.none())
    on = Day(label="日期")
    note = line("情况", longest=300, required=False)


class StructureForm(VersionedForm):
    estate = pick("小区", Estate.objects.none())
    location = line("位置", longest=200)
    begun_on = Day(label="搭建（发现）日期", help_text="新增还是存量按这一天分")
    area_m2 = area()
    before = upload("拆前照片", required=False)


class MeasureForm(VersionedForm):
    era = choice("类别", ERAS, required=False, help_text="按日期分得不对时改")
    begun_on = Day(label="搭建（发现）日期", required=False)
    area_m2 = area()
    lead = pick("牵头拆除的单位", Organisation.objects.none(), required=False)
    before = upload("拆前照片", required=False)


class RemoveForm(VersionedForm):
    on = Day(label="拆除日期")
    lead = pick("牵头拆除的单位", Organisation.objects.none(), required=False)
    after = upload("拆后照片", required=False)


class TenancyForm(VersionedForm):
    unit = pick("房屋", Unit.objects.none())
    tenant_name = line("承租人姓名", longest=60, required=False, help_text="加密保存，只有公安机关能看")
    tenant_phone = line("承租人电话", longest=20, required=False)
    people = number("居住人数", least=1, initial=1)
    from_on = Day(label="起租日期")


class TextForm(VersionedForm):
    text = words("情况")


class RevealForm(VersionedForm):
    reason = line("查看的理由", longest=200)


class FindForm(VersionedForm):
    finding = choice("结果", RENT_FINDINGS)
    note = words("情况")


class PremisesForm(VersionedForm):
    unit = pick("房屋", Unit.objects.none())
    kind = choice("房屋种类", PREMISES)
    approved = forms.BooleanField(label="有规划批准", required=False)
    relaxed = forms.BooleanField(label="符合放宽市场主体住所登记的条件", required=False)
    paper = upload("放宽条件的依据", required=False)
