"""What is typed about inspections, tasks, sheets, talks, clues and boards. Whether it may be done the services say."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q

from gongzhi.cases.accountability.models.sheets import KINDS
from gongzhi.cases.accountability.models.trust import BEHAVIOURS, CLUE_RESULTS, CONSEQUENCES, REFERRAL_STATES
from gongzhi.core.forms import RefusalForm, VersionedForm
from gongzhi.core.models import Organisation, User
from gongzhi.registry.models import Estate

LONGEST_LINE, LONGEST_TEXT, LONGEST_TITLE = 120, 2000, 160
LONGEST_LIST = 20_000
MOST_DAYS, MOST_DRAWN = 365, 100
FIRST_YEAR, LAST_YEAR = 2020, 2099
ROWS_SHOWN, MORE_ROWS = 3, 3
HAND_SOURCES = {"hand": "直接交办", "monthly": "月调度任务"}
YES_NO = {"yes": "合格", "no": "不合格"}


def area(rows: int = 4) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class Day(forms.DateField):
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class Moment(forms.DateTimeField):
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class UnitField(forms.ModelChoiceField):
    def __init__(self, **given: Any) -> None:
        super().__init__(Organisation.objects.none(), empty_label="请选单位", **given)


class WithUnits(forms.Form):
    """Forms that choose among the units below the actor; `estates` among the estates below."""

    def __init__(self, *args: Any, units: Any = None, estates: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, UnitField) and units is not None:
                field.queryset = units
        if estates is not None and "estate" in self.fields:
            self.fields["estate"].queryset = estates  # type: ignore[attr-defined]


class Plain(VersionedForm):
    """Nothing to type: signing for, sending."""


class TextForm(VersionedForm):
    text = forms.CharField(label="说明", widget=area(), max_length=LONGEST_TEXT)

    def __init__(self, *args: Any, label: str = "", help_text: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = label or "说明"
        self.fields["text"].help_text = help_text


class TextFileForm(TextForm):
    file = forms.FileField(label="附件", required=False, help_text="照片、扫描件或文档，一个。")


class InspectionForm(RefusalForm, WithUnits):
    title = forms.CharField(label="督查什么", max_length=LONGEST_LINE)
    inspected = UnitField(label="被查单位", required=False, help_text="只抽小区、不针对单位的，不选。")
    draw = forms.IntegerField(
        label="随机抽取小区",
        min_value=1,
        max_value=MOST_DRAWN,
        required=False,
        help_text="在被查单位的辖区里抽；没有选单位的，在全区抽。",
    )
    seed = forms.CharField(
        label="抽取种子",
        max_length=40,
        required=False,
        help_text="不填由平台产生。同一种子、同一批小区，谁来抽都一样。",
    )


class FindingForm(VersionedForm, WithUnits):
    text = forms.CharField(label="发现的问题", widget=area(3), max_length=400)
    unit = UnitField(label="整改单位")
    estate = forms.ModelChoiceField(Estate.objects.none(), label="小区", required=False, empty_label="不针对小区")
    days = forms.IntegerField(label="整改期限", min_value=1, max_value=MOST_DAYS)


class CheckForm(VersionedForm):
    passed = forms.ChoiceField(
        label="整改到位没有", choices=[("yes", "到位"), ("no", "没有到位")], widget=forms.RadioSelect
    )
    text = forms.CharField(label="复核情况", widget=area(), max_length=LONGEST_TEXT)
    days = forms.IntegerField(
        label="没有到位的，再给", min_value=1, max_value=MOST_DAYS, required=False, help_text="督促的次数接着算。"
    )


class GiveForm(RefusalForm, WithUnits):
    title = forms.CharField(label="办什么事", max_length=LONGEST_TITLE, help_text="一句话写清要办到什么程度。")
    division = forms.ChoiceField(label="属于任务分工的哪一项", required=False)
    unit = UnitField(
        label="交办给", required=False, help_text="选了任务分工里的一项，又没有选单位的，交给现行文件写的牵头单位。"
    )
    due_on = Day(label="办结期限", help_text="到这一天24:00为止。")
    source = forms.ChoiceField(label="来源", choices=list(HAND_SOURCES.items()))
    text = forms.CharField(label="要求", widget=area(3), max_length=LONGEST_TEXT, required=False)
    estates = forms.CharField(
        label="涉及哪些小区", widget=area(3), max_length=LONGEST_LIST, required=False,
        help_text="一行一个，写小区名称或者编号；每个小区各生成一件任务。不涉及的不填。",
    )  # fmt: skip

    def __init__(self, *args: Any, divisions: Sequence[str] = (), within: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.within = within
        self.fields["division"].choices = [("", "不属于"), *((one, one) for one in divisions)]  # type: ignore[attr-defined]

    def clean_estates(self) -> list[Estate]:
        """The estates of the actor's place by what was typed, each once, in that order."""
        typed = list(dict.fromkeys(line.strip() for line in self.cleaned_data["estates"].splitlines() if line.strip()))
        rows = Estate.objects.within(self.within or "-").filter(ended_on=None)
        rows = rows.filter(Q(name__in=typed) | Q(place__code__in=typed)).select_related("place", "community")
        found: dict[str, list[Estate]] = {}
        for one in rows:
            for word in {one.name, one.place.code}:
                found.setdefault(word, []).append(one)
        unknown = [one for one in typed if one not in found]
        if unknown:
            raise forms.ValidationError(f"辖区里没有：{'、'.join(unknown)}。请核对名称，或者写小区编号。")
        doubled = [one for one in typed if len(found[one]) > 1]
        if doubled:
            raise forms.ValidationError(f"有几个小区同名，请写小区编号：{'、'.join(doubled)}。")
        return list({found[one][0].pk: found[one][0] for one in typed}.values())


class VisitForm(VersionedForm):
    at = Moment(label="督办时间")
    spot = forms.CharField(label="照片拍摄地点", max_length=200, help_text="写到楼幢或路口。")
    photo = forms.FileField(label="现场照片", widget=forms.FileInput(attrs={"accept": "image/*"}))
    text = forms.CharField(label="现场情况", widget=area(3), max_length=LONGEST_TEXT, required=False)


class VerifyForm(VersionedForm):
    passed = forms.ChoiceField(label="验收", choices=list(YES_NO.items()), widget=forms.RadioSelect)
    text = forms.CharField(label="验收情况", widget=area(), max_length=LONGEST_TEXT)
    due_on = Day(label="不合格的，返工到", required=False)


class PlanForm(RefusalForm, forms.Form):
    title = forms.CharField(label="计划名称", max_length=LONGEST_LINE)
    year = forms.IntegerField(label="年度", min_value=FIRST_YEAR, max_value=LAST_YEAR)


class PlanRow(WithUnits):
    title = forms.CharField(label="任务", max_length=LONGEST_TITLE)
    unit = UnitField(label="责任单位")
    division = forms.ChoiceField(label="任务分工中的项", required=False)
    months = forms.MultipleChoiceField(
        label="哪几个月办",
        choices=[(str(month), f"{month}月") for month in range(1, 13)],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, divisions: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["division"].choices = [("", "不属于"), *((one, one) for one in divisions)]  # type: ignore[attr-defined]


class SheetForm(RefusalForm, forms.Form):
    kind = forms.ChoiceField(label="种类", choices=list(KINDS.items()), widget=forms.RadioSelect, initial="order")
    title = forms.CharField(label="标题", max_length=LONGEST_LINE)
    origin = forms.CharField(label="根据什么", max_length=200, help_text="会议纪要名称和文号，或者哪一次上路调研。")


class SheetRow(WithUnits):
    text = forms.CharField(label="事项", max_length=LONGEST_TITLE)
    unit = UnitField(label="责任单位")
    due_on = Day(label="期限")


class ShirkForm(VersionedForm):
    reason = forms.CharField(
        label="认定推诿的事实", widget=area(), max_length=LONGEST_TEXT, help_text="何时、把什么事推给了谁，有什么凭据。"
    )


class CensureForm(VersionedForm):
    reason = forms.CharField(label="通报的事实", widget=area(), max_length=LONGEST_TEXT)


class TalkForm(VersionedForm):
    person = forms.CharField(label="约谈对象", max_length=LONGEST_LINE, help_text="写职务，如“分管副局长”。")
    planned_at = Moment(label="约定时间")
    room = forms.CharField(label="地点", max_length=LONGEST_LINE)


class RecordForm(VersionedForm):
    held_at = Moment(label="约谈时间")
    record = forms.CharField(label="约谈记录", widget=area(8), max_length=LONGEST_TEXT * 2)


class ReferralForm(VersionedForm):
    state = forms.ChoiceField(
        label="处理", choices=[one for one in REFERRAL_STATES.items() if one[0] != "sent"], widget=forms.RadioSelect
    )
    text = forms.CharField(label="情况", widget=area(), max_length=LONGEST_TEXT)


class ClueForm(RefusalForm, WithUnits):
    unit = UnitField(label="涉及人员所在单位")
    person = forms.ModelChoiceField(
        User.objects.none(),
        label="涉及人员",
        required=False,
        empty_label="没有平台账号",
        help_text="选了人，本人就看不到这条线索，也不能经办。",
    )
    position = forms.CharField(label="岗位", max_length=LONGEST_LINE)
    behaviour = forms.ChoiceField(label="涉及行为", choices=list(BEHAVIOURS.items()), widget=forms.RadioSelect)
    text = forms.CharField(label="线索内容", widget=area(6), max_length=LONGEST_TEXT)
    file = forms.FileField(label="材料", required=False)

    def __init__(self, *args: Any, people: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if people is not None:
            self.fields["person"].queryset = people  # type: ignore[attr-defined]


class BodyForm(VersionedForm, WithUnits):
    body = UnitField(label="移送给")


class ConcludeForm(VersionedForm):
    result = forms.ChoiceField(label="处理结果", choices=list(CLUE_RESULTS.items()), widget=forms.RadioSelect)
    text = forms.CharField(label="处理情况", widget=area(), max_length=LONGEST_TEXT)


class ReviewForm(VersionedForm):
    propose = forms.ChoiceField(
        label="审核", choices=[("yes", "建议通报"), ("no", "不予通报")], widget=forms.RadioSelect
    )
    reason = forms.CharField(label="审核意见", widget=area(), max_length=LONGEST_TEXT)


class MajorForm(RefusalForm, WithUnits):
    estate = forms.ModelChoiceField(Estate.objects.none(), label="小区", empty_label="请选小区")
    party = UnitField(label="企业或业委会")
    text = forms.CharField(label="认定事实", widget=area(), max_length=LONGEST_TEXT)
    consequences = forms.MultipleChoiceField(
        label="可以启动的程序",
        choices=list(CONSEQUENCES.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text="认定以后，解聘、改选仍须经业主大会表决。",
    )
    certificate = forms.FileField(label="认定书")


class PostForm(VersionedForm):
    spot = forms.CharField(label="张贴地点", max_length=200)
    photo = forms.FileField(label="张贴照片", widget=forms.FileInput(attrs={"accept": "image/*"}))


class NumberForm(RefusalForm, forms.Form):
    number = forms.CharField(label="受理电话", max_length=40)
