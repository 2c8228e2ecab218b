"""What is typed about estates, units, companies, posts. Whether it may be done the services say."""

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms

from gongzhi.core.errors import Refused
from gongzhi.core.forms import VersionedForm
from gongzhi.core.models import Organisation, Place, User
from gongzhi.core.people import REASONS
from gongzhi.registry.area_line import line_text, points_of
from gongzhi.registry.models import Building, Estate
from gongzhi.registry.questions import (
    AREA_SOURCES,
    COMPANY_JOINS,
    ESTATE_SUBTYPES,
    ESTATE_TYPES,
    FACILITY_KINDS,
    INSPECTION_RESULTS,
    MANAGEMENT_MODES,
    REVIEW_RESULTS,
    SERVICE_KINDS,
)
from gongzhi.registry.services import OwnerInput

LONGEST_TEXT = 1000
LINE_PARTS = 4
PERCENT = 100
SHARE = re.compile(r"\d+/\d+|[\d.]+%|全部")
OWNER_HELP = (
    "一人一行：姓名 电话 证件号 份额，用空格隔开，没有的写-。例如　陈某 13800000000 - 1/2；共同共有的都不写份额"
)


class Day(forms.DateField):
    def __init__(self, **given: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        errors = {"invalid": "日期请写成 2024-06-01 这样", "required": "请填日期"}
        super().__init__(widget=widget, error_messages=errors, **given)


class Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class Papers(forms.FileField):
    """Any number of files; their size and content are judged when they are stored."""

    widget = Files

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(Papers, self).clean(one, initial) for one in given]


def choice(label: str, words: dict[str, str], **given: Any) -> forms.ChoiceField:
    errors = {"required": f"请选{label}", "invalid_choice": "请从列表里选"}
    empty = [("", "请选")] if given.get("required", True) else [("", "不选")]
    return forms.ChoiceField(label=label, choices=[*empty, *words.items()], error_messages=errors, **given)


def line(label: str, *, longest: int = 100, **given: Any) -> forms.CharField:
    errors = {"required": f"请填{label}", "max_length": f"最多{longest}个字"}
    return forms.CharField(label=label, max_length=longest, error_messages=errors, **given)


def words(label: str, *, longest: int = LONGEST_TEXT, **given: Any) -> forms.CharField:
    return line(label, longest=longest, widget=forms.Textarea(attrs={"rows": 4}), **given)


FEE_WORDS = "分档或者另有约定的写在这里"
MOST_ENTRANCES, MOST_STOREYS = 50, 200


def fee_figure() -> forms.DecimalField:
    return forms.DecimalField(
        label="物业费（元/平方米·月）", min_value=Decimal(0), max_digits=8, decimal_places=4, required=False,
        help_text="例如 1.85",
    )  # fmt: skip


class TypeForm(VersionedForm):
    """The type of an estate, among those of the local document."""

    estate_type = choice("类型", ESTATE_TYPES)
    estate_subtype = choice("细类", ESTATE_SUBTYPES, required=False, help_text="老旧小区按本地规定分细类")

    def offer(self, types: Sequence[str]) -> None:
        field: Any = self.fields["estate_type"]
        field.choices = [("", "请选"), *((one, ESTATE_TYPES[one]) for one in types)]


class CommunityField(forms.ModelChoiceField):
    """Communities by street: two streets may have one of the same name."""

    def label_from_instance(self, place: Any) -> str:
        return f"{place.parent.name}　{place.name}" if place.parent is not None else place.name


class RegisterEstateForm(TypeForm):
    community = CommunityField(
        Place.objects.none(), label="所属社区（村）", error_messages={"required": "请选社区（村）"}, empty_label="请选"
    )
    name = line("小区名称")
    address = line("地址", longest=200, required=False)
    households = forms.IntegerField(label="户数", min_value=0, required=False)
    building_area_m2 = forms.DecimalField(
        label="总建筑面积（平方米）", min_value=Decimal(0), decimal_places=2, max_digits=14, required=False
    )
    buildings = words("楼幢", required=False, help_text="一行一幢")
    field_order = ("community", "name", "estate_type", "estate_subtype")


class ChangeEstateForm(TypeForm):
    address = line("地址", longest=200, required=False)
    households = forms.IntegerField(label="户数", min_value=0, required=False)
    building_area_m2 = forms.DecimalField(
        label="总建筑面积（平方米）", min_value=Decimal(0), decimal_places=2, max_digits=14, required=False
    )


class FactForm(VersionedForm):
    """One fact; the kind of its value depends on which."""

    name = choice("登记什么", {})
    value = line(
        "内容", longest=200, required=False, help_text="是否类填“是”或“否”；日期写成 2024-06-01；不再认定的留空"
    )
    from_on = Day(label="自哪一天起")


class LineForm(VersionedForm):
    """The corner points of a property area."""

    value = line(
        "拐点坐标",
        longest=8000,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false", "autocomplete": "off"}),
        help_text="一行一点：经度,纬度，例如 107.752310,34.271020；沿界线一个接一个写，最后一点自动连回第一点",
    )
    from_on = Day(label="自哪一天起")

    def clean_value(self) -> str:
        try:
            return line_text(points_of(self.cleaned_data["value"]))
        except Refused as refused:
            raise forms.ValidationError(refused.fields["value"]) from refused


class UnitFactForm(VersionedForm):
    """What holds of a unit, with the paper that says so."""

    name = choice("登记什么", {})
    holds = choice("现在", {"yes": "是", "no": "否"})
    from_on = Day(label="自哪一天起", help_text="欠费的，填催告期满的次日")


class OwnerSearchForm(forms.Form):
    """A whole number; which of the two it is shows in its length."""

    number = line("业主的电话或者证件号", longest=30, help_text="写完整的号码；平台按摘要比对，不打开密文")
    number.widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}


class TransferForm(VersionedForm):
    from_on = Day(label="取得日期", help_text="原业主到前一日为止")
    owners = words("新业主", help_text=OWNER_HELP)
    certificate = line("不动产权证号", longest=60, required=False)

    def clean_owners(self) -> list[OwnerInput]:
        found = []
        for number, text in enumerate(self.cleaned_data["owners"].splitlines(), start=1):
            parts = ["" if one == "-" else one for one in text.split()]
            if not parts:
                continue
            if len(parts) > LINE_PARTS:
                raise forms.ValidationError(f"第{number}行最多四样：姓名 电话 证件号 份额")
            if len(parts) < LINE_PARTS and SHARE.fullmatch(parts[-1]):
                parts[-1:] = [*[""] * (LINE_PARTS - len(parts)), parts[-1]]  # written without the parts before it
            name, phone, id_number, share = (*parts, "", "", "", "")[:LINE_PARTS]
            found.append(OwnerInput(name, phone, id_number, self._share(share, number)))
        return found

    @staticmethod
    def _share(text: str, number: int) -> Fraction | None:
        if not text:
            return None
        try:
            return Fraction(text[:-1]) / PERCENT if text.endswith("%") else Fraction("1" if text == "全部" else text)
        except (ValueError, ZeroDivisionError) as error:
            raise forms.ValidationError(f"第{number}行的份额“{text}”请写成 1/2 或 50%") from error


class AreaForm(VersionedForm):
    exclusive_area_m2 = forms.DecimalField(
        label="专有部分面积（平方米）", decimal_places=2, max_digits=10, error_messages={"required": "请填面积"}
    )
    area_source = choice("面积来源", AREA_SOURCES)
    from_on = Day(label="自哪一天起", required=False, help_text="当初就登记错了的，不填")


class UnitForm(AreaForm):
    building = forms.ModelChoiceField(Building.objects.none(), label="楼幢", empty_label="请选")
    name = line("室号", longest=60)
    entrance = forms.IntegerField(
        label="单元", min_value=1, max_value=MOST_ENTRANCES, required=False, help_text="室号以“2单元”开头的不用填"
    )
    field_order = ("building", "name", "entrance")


class EntranceForm(VersionedForm):
    entrance = forms.IntegerField(
        label="单元", min_value=1, max_value=MOST_ENTRANCES, required=False,
        help_text="只写数字；查不清在哪个单元的留空，按单元表决以前要补上",
    )  # fmt: skip


class MergeForm(VersionedForm):
    others = forms.ModelMultipleChoiceField(
        Estate.objects.none(),
        label="并入哪些小区",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请选小区"},
    )
    from_on = Day(label="自哪一天起")


class OfficeForm(VersionedForm):
    role = forms.ChoiceField(
        label="是哪一类单位", error_messages={"required": "请选", "invalid_choice": "请从列表里选"}
    )
    place = forms.ModelChoiceField(
        Place.objects.none(),
        label="设在哪里",
        empty_label="请选",
        error_messages={"required": "请选地区", "invalid_choice": "请从列表里选"},
    )
    name = line("单位名称")
    phone = line("办公电话", required=False)
    from_on = Day(label="设立日期")
    replaces = forms.ModelChoiceField(
        Organisation.objects.none(),
        label="接替哪个单位",
        required=False,
        empty_label="不接替",
        help_text="改名、合并、机构改革的，选原来的单位：它到设立的前一日为止，人员和没办完的事一起转过来",
    )


class CompanyForm(VersionedForm):
    name = line("企业名称", help_text="营业执照上的全称")
    credit_code = line(
        "统一社会信用代码", longest=18, required=False, help_text="18位；有代码的，批量导入时按代码认企业"
    )
    phone = line("办公电话", longest=40, required=False)
    address = line("住所", longest=200, required=False, help_text="登记的住所（经营场所）")


class CompanyField(forms.ModelChoiceField):
    """Companies of one name are told apart by where they are known and by their code."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}（{'，'.join(one for one in (obj.place.name, obj.credit_code) if one)}）"


class MoveForm(VersionedForm):
    community = CommunityField(
        Place.objects.none(),
        label="划到哪个社区（村）",
        empty_label="请选",
        error_messages={"required": "请选社区（村）", "invalid_choice": "请从列表里选"},
    )
    from_on = Day(label="自哪一天起")
    reason = line("依据", help_text="批文文号或者会议纪要")


class SplitForm(VersionedForm):
    name = line("新小区名称")
    buildings = forms.ModelMultipleChoiceField(
        Building.objects.none(),
        label="拆出哪些楼幢",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请选楼幢"},
    )
    from_on = Day(label="自哪一天起")


class AskForm(VersionedForm):
    """What one kind of matter asks for: a course to choose, a community, or a division, and the request in words."""

    asked = words("请求说明")
    papers = Papers(label="材料", required=False)

    def offer_choices(self, choices: Sequence[str]) -> None:
        self.fields["choice"] = choice("选定哪一种做法", {one: one for one in choices})

    def offer_communities(self, rows: Any, *, new: bool) -> None:
        self.fields["community"] = CommunityField(
            rows, label="划入哪个社区（村）", required=False, empty_label="请选", to_field_name="code"
        )
        if new:
            self.fields["new_community"] = line(
                "新社区的名称", required=False, help_text="设立新社区的填这一项，不选上面的社区"
            )

    def offer_division(self, estates: Any, buildings: Any) -> None:
        for name, rows, title in (("others", estates, "并入哪些小区"), ("buildings", buildings, "拆出哪些楼幢")):
            self.fields[name] = forms.ModelMultipleChoiceField(
                rows, label=title, required=False, widget=forms.CheckboxSelectMultiple
            )

    def details(self) -> dict[str, Any]:
        """What exactly it is about, as it is kept with the request."""
        data = self.cleaned_data
        if "buildings" in self.fields:
            chosen = {"merge": data["others"], "split": data["buildings"]}
            return {name: sorted(one.pk for one in rows) for name, rows in chosen.items() if rows}
        community = data.get("community")
        return {"community": community.code if community else "", "new_community": data.get("new_community", "")}


class AnswerForm(VersionedForm):
    result = choice("结论", REVIEW_RESULTS)
    opinion = words("意见", required=False, help_text="不同意（不通过）的要写原因")
    papers = Papers(label="意见书", required=False)


class PaperForm(VersionedForm):
    item = choice("类目", {})
    file = forms.FileField(label="文件", error_messages={"required": "请选文件"})


class ProjectForm(VersionedForm):
    company = CompanyField(
        Organisation.objects.none(), label="物业服务企业", empty_label="请选",
        help_text="没有的，先在“单位和岗位”里登记企业",
    )  # fmt: skip
    service_kind = choice("服务方式", SERVICE_KINDS, initial="market")
    manager_name = line("项目负责人", longest=60, required=False)
    service_standard = line("服务标准", longest=40, required=False)
    fee_yuan_m2_month = fee_figure()
    fee = line("收费标准", longest=60, required=False, help_text=FEE_WORDS)
    from_on = Day(label="服务起")


class TermsForm(VersionedForm):
    service_standard = line("服务标准", longest=40, required=False)
    fee_yuan_m2_month = fee_figure()
    fee = line("收费标准", longest=60, required=False, help_text=FEE_WORDS)


class BuildingForm(VersionedForm):
    entrances = forms.IntegerField(label="单元数", min_value=1, max_value=MOST_ENTRANCES, required=False)
    storeys = forms.IntegerField(label="地上层数", min_value=1, max_value=MOST_STOREYS, required=False)
    elevators = forms.IntegerField(label="电梯台数", min_value=0, max_value=MOST_STOREYS, required=False)
    households = forms.IntegerField(label="户数", min_value=0, required=False)


class DeliveryForm(VersionedForm):
    delivered = choice("是否已交付", {"yes": "已交付", "no": "未交付"})
    from_on = Day(label="自哪一天起")


class ArchiveItemsForm(VersionedForm):
    items = words("类目", help_text="一行一类，按这里的顺序显示")
    from_on = Day(label="自哪一天起")


class DayForm(VersionedForm):
    """Only a day: the last one of a service, of a post, of somebody's work."""

    day = Day(label="最后一日")


class EndUnitForm(DayForm):
    heir = forms.ModelChoiceField(
        Organisation.objects.none(),
        label="由哪个单位接手",
        required=False,
        empty_label="没有接手的单位",
        help_text="在岗的人和没办完的事都转到接手的单位，期限不变",
    )


class ManagerForm(VersionedForm):
    name = line("新负责人姓名", longest=60)
    from_on = Day(label="到任日期")


class UploadForm(VersionedForm):
    file = forms.FileField(label="填好的表格（xlsx）", error_messages={"required": "请选文件"})


class ConfirmForm(VersionedForm):
    digest = forms.CharField(widget=forms.HiddenInput)
    leave_out = forms.BooleanField(label="有错误的行先不导入，只导入没有错误的行", required=False)


class RevealForm(VersionedForm):
    reason = choice("为什么要看", REASONS)


class PersonField(forms.ModelChoiceField):
    """Accounts with where they work: there are several of one name."""

    def label_from_instance(self, obj: Any) -> str:
        units = dict.fromkeys(one.organisation.name for one in obj.posts.all() if one.organisation is not None)
        return f"{obj}（{'、'.join(units)}）" if units else str(obj)


class AccountForm(VersionedForm):
    name = line("姓名", longest=60)
    username = line("账号", longest=60, help_text="登录时填的，例如姓名拼音；业主可以用手机号")
    phone = line("手机号", longest=20, required=False, help_text="收短信提醒；业主按它找到名下的房屋")
    role = choice("不在单位的", {"owner": "业主", "building_steward": "楼幢长"}, required=False)
    estate = line("哪个小区", longest=60, required=False, help_text="业主、楼幢长才填小区名称")


class OwnPostForm(VersionedForm):
    role = choice("岗位", {"owner": "业主", "building_steward": "楼幢长"})
    estate = line("哪个小区", longest=60)


class StopAccountForm(VersionedForm):
    reason = line("原因", longest=200)


class PostForm(VersionedForm):
    user = PersonField(User.objects.none(), label="人员", empty_label="请选")
    title = line("岗位名称", longest=60, required=False)
    begins_on = Day(label="到岗日期")


class DeputyForm(VersionedForm):
    deputy = PersonField(User.objects.none(), label="代办人", required=False, empty_label="不再代办")
    from_on = Day(label="代办起")
    to_on = Day(label="代办止", required=False)


class StaffForm(VersionedForm):
    name = line("姓名", longest=60)
    phone = line("电话", longest=20, required=False)
    position = line("岗位", longest=40)
    from_on = Day(label="到岗日期")


class AddressForm(VersionedForm):
    address = line("新住所", longest=200)
    from_on = Day(label="变更日期")


class ListingForm(VersionedForm):
    listed = choice("决定", {"yes": "列入黑名单", "no": "不列入，或者撤回"})
    to_on = Day(label="列到哪一天", required=False, help_text="没有规定期限的不填")
    reason = words("理由")


class JoinForm(VersionedForm):
    into = CompanyField(Organisation.objects.none(), label="并到哪家企业", empty_label="请选")
    way = choice("方式", COMPANY_JOINS)
    from_on = Day(label="自哪一天起", help_text="兼并、重组的，这一天起项目由新企业服务")


class FacilityForm(VersionedForm):
    kind = choice("种类", FACILITY_KINDS)
    code = line("编号", longest=40, required=False, help_text="设备注册代码；没有的只填位置")
    building = forms.ModelChoiceField(Building.objects.none(), label="楼幢", required=False, empty_label="不在某一幢")
    location = line("位置", required=False)
    valid_until = Day(label="检验有效期至", required=False)
    upkeep = line("维保单位", required=False)
    area_m2 = forms.DecimalField(
        label="面积（平方米）", min_value=Decimal(0), decimal_places=2, max_digits=12, required=False,
        help_text="人防工程填",
    )  # fmt: skip
    longitude = forms.DecimalField(
        label="经度", min_value=-180, max_value=180, decimal_places=6, required=False, help_text="例如 118.370451"
    )
    latitude = forms.DecimalField(
        label="纬度", min_value=-90, max_value=90, decimal_places=6, required=False, help_text="例如 31.336834"
    )


class InspectionForm(VersionedForm):
    inspected_on = Day(label="检查日期")
    result = choice("结果", INSPECTION_RESULTS)
    valid_until = Day(label="有效期至", required=False, help_text="法定检验才填，填了就换成新的有效期")
    note = words("情况", required=False, help_text="不合格的写明哪里不合格、要怎样整改")
    file = forms.FileField(label="报告或照片", required=False)


class ManagementForm(VersionedForm):
    management_mode = choice("管理方式", MANAGEMENT_MODES)
    management_body = line("管理主体", required=False, help_text="由谁管：社区、社会组织或者居民自管小组的名称")
    management_contact = line("联系人", longest=60, required=False, help_text="姓或者职务和办公电话")
    from_on = Day(label="自哪一天起")
