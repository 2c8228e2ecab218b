"""Registering by the clerk: what the caller says on one screen, each matter in a row."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms

from gongzhi.cases.codes import FOUND, TAGS
from gongzhi.cases.forms_fields import FilesField, MomentField, long_text, minute_of
from gongzhi.cases.forms_public import AskedOfMatter, estate_label, matching_estates
from gongzhi.core.forms import RefusalForm
from gongzhi.registry.models import Estate

CHANNELS = {"phone": "电话", "visit": "来访", "hotline": "热线转办", "found": "主动发现"}
MOST_MATTERS = 5
MOST_OFFERED = 400
LONGEST_TITLE, LONGEST_NAME, LONGEST_PLACE = 120, 40, 200
SHORTEST_PHONE = 7
# What the pack's check calls a field, and where it stands in this form.
FIELD_OF = {"text": "reason", "received_at": "called_at", "tagged": "tags", "hotline_number": "hotline_number"}
WANTED = ("caller_name", "caller_phone", "caller_address", "anonymous_reason", "visitors")
VISIT_ONLY = ("visitors", "signed_register", "visitor_confirmed")
_WORDS = {
    "phone": ("来电人姓名", "来电时间", "来电人单位或联系地址", "来电事由"),
    "visit": ("来访人姓名", "来访时间", "来访人单位或联系地址", "来访事由"),
    "hotline": ("诉求人姓名", "热线转来时间", "诉求人单位或联系地址", "诉求内容"),
    "found": ("", "发现时间", "", "发现的问题"),
}
# What only somebody who complains can give; where an office came upon it itself, none of it is asked.
OF_A_CALLER: dict[str, Any] = {
    "caller_name": "",
    "caller_phone": "",
    "caller_address": "",
    "anonymous": False,
    "anonymous_reason": "",
    "answered_on_spot": "",
    "tags": [],
}


class IntakeForm(RefusalForm, forms.Form):
    """The five fields that the annex lists, where it is, and what the channel adds."""

    caller_name = forms.CharField(max_length=LONGEST_NAME, required=False)
    called_at = MomentField()
    caller_address = forms.CharField(max_length=LONGEST_PLACE, required=False)
    caller_phone = forms.CharField(
        label="联系电话", max_length=20, required=False,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "off"}),
    )  # fmt: skip
    reason = long_text("事由", rows=4)
    estate = forms.CharField(
        label="小区",
        max_length=120,
        error_messages={"required": "请填小区"},
        widget=forms.TextInput(attrs={"list": "estates", "autocomplete": "off", "placeholder": "打几个字，从名单里选"}),
    )
    location = forms.CharField(label="具体地点", max_length=LONGEST_PLACE, required=False)
    spot = forms.CharField(label="车牌或点位", max_length=60, required=False)
    hotline_number = forms.CharField(label="热线编号", max_length=60, required=False)
    anonymous = forms.BooleanField(label="匿名，不留姓名电话", required=False)
    anonymous_reason = forms.CharField(
        label="匿名原因", max_length=LONGEST_PLACE, required=False, help_text="选了匿名才填"
    )
    visitors = forms.IntegerField(
        label="来访人数", min_value=1, max_value=999, required=False, error_messages={"invalid": "请写整数"}
    )
    signed_register = forms.BooleanField(label="来访人已填写并签字来访登记表", required=False)
    answered_on_spot = long_text(
        "当场答复的内容", rows=2, required=False, help_text="当场答复解决了的才填，填了就直接办结"
    )
    visitor_confirmed = forms.BooleanField(label="来访人确认当场办结", required=False)
    tags = forms.MultipleChoiceField(
        label="标签", choices=list(TAGS.items()), widget=forms.CheckboxSelectMultiple, required=False
    )
    files: Any = FilesField(label="材料", required=False, help_text="照片、证明，可选多件，每件不超过20MB")

    def __init__(self, *args: Any, channel: str, place_path: str, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channel, self.place_path = channel, place_path
        name, called_at, address, reason = _WORDS[channel]
        self.fields["caller_name"].label = name
        self.fields["called_at"].label = called_at
        self.fields["called_at"].initial = minute_of(now)
        self.fields["caller_address"].label = address
        self.fields["reason"].label = reason
        self.fields["reason"].error_messages["required"] = f"请写明{reason}"
        if channel != "visit":
            for one in VISIT_ONLY:
                del self.fields[one]
        if channel == FOUND:
            for one in OF_A_CALLER:
                del self.fields[one]
        if channel != "hotline":
            del self.fields["hotline_number"]
        else:
            self.fields["hotline_number"].required = True
            self.fields["hotline_number"].error_messages["required"] = "请填热线编号，免得同一张单子登记两次"

    def show_as_wanted(self) -> None:
        """Whether a field may stay empty the pack decides when it is sent; on the page none of these says it may."""
        for name in WANTED:
            if name in self.fields:
                self.fields[name].required = True

    def clean_caller_phone(self) -> str:
        phone = "".join(sign for sign in self.cleaned_data["caller_phone"] if sign not in " -－　")
        if phone and not (phone.lstrip("+").isdigit() and len(phone) >= SHORTEST_PHONE):
            raise forms.ValidationError("电话号码只写数字，例如11位手机号，或者区号加号码")
        return phone

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.channel == FOUND:
            data |= OF_A_CALLER
        if data.get("anonymous") and (data.get("caller_name") or data.get("caller_phone")):
            self.add_error("anonymous", "选了匿名，就不要填姓名和电话；愿意留的请取消匿名")
        if data.get("estate"):
            self._find_estate(data)
        return data

    def _find_estate(self, data: dict[str, Any]) -> None:
        found = matching_estates(data["estate"], place_path=self.place_path)
        if len(found) == 1:
            data["chosen_estate"] = found[0]
        elif found:
            listed = "、".join(estate_label(one) for one in found[:5])
            self.add_error("estate", f"有几个小区都像这个名字：{listed}。请写全，带上社区")
        else:
            self.add_error("estate", "辖区里没有这个小区，请核对名称")


class MatterRow(AskedOfMatter):
    matter = forms.ChoiceField(label="事项", error_messages={"required": "请选事项"})
    title = forms.CharField(label="标题", max_length=LONGEST_TITLE, required=False)
    urgent = forms.BooleanField(label="报修的，是急修", required=False)

    def __init__(self, *args: Any, options: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["matter"].choices = list(options)  # type: ignore[attr-defined]


def offered_estates(place_path: str) -> list[str]:
    """The names for the list that drops down; estates of the same name with their community."""
    rows = Estate.objects.select_related("community").order_by("name")
    if place_path:
        rows = rows.filter(place_path__startswith=place_path)
    return [estate_label(one) for one in rows[:MOST_OFFERED]]
