"""The public's forms: submitting, tracking, rating, asking for another round. They work without a script."""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import groupby
from typing import Any

from django import forms
from django.db.models import Q

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.forms import RefusalForm
from gongzhi.registry import queries as registry
from gongzhi.registry.models import Estate

MOST_MATTERS = 5
SHORTEST_TEXT = 2
LONGEST_TEXT = 2000
PHONE_TAIL = 4
STARS = ((5, "5星　很满意"), (4, "4星　满意"), (3, "3星　一般"), (2, "2星　不满意"), (1, "1星　很不满意"))
UNSURE = "other"
REPAIR = "repair_request"
ASKED = ("developer", "in_barred_place", "premises_kind")


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files; their size and content are judged when they are stored."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(FilesField, self).clean(one, initial) for one in given]


class ComplaintForm(RefusalForm, forms.Form):
    estate = forms.CharField(
        label="哪个小区",
        max_length=120,
        help_text="打几个字，从跳出来的名单里选；没有名单的，点下面“按街道、社区找”",
        error_messages={"required": "请填小区名称"},
        widget=forms.TextInput(attrs={"list": "estates", "autocomplete": "off"}),
    )
    estate_id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    location = forms.CharField(
        label="具体在哪里",
        max_length=200,
        help_text="几幢几单元、哪个出入口、车库哪一层",
        error_messages={"required": "请写清楚具体在哪里，经办人才找得到"},
    )
    attachments = FilesField(
        label="照片或材料", required=False, help_text="照片、PDF、Word，每件不超过20MB；没有也能投诉"
    )
    own = forms.BooleanField(
        label="这是我自己家的事",
        required=False,
        help_text="不勾就是代业主提交：件上标明代提，进度同时告诉业主和您",
    )
    name = forms.CharField(
        label="您的姓名", max_length=40, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    phone = forms.CharField(
        label="联系电话",
        max_length=20,
        required=False,
        help_text="答复您用；查进度要用它的后四位",
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
    )
    address = forms.CharField(
        label="单位或联系地址",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    anonymous = forms.BooleanField(
        label="我要匿名",
        required=False,
        help_text="匿名的不用填姓名电话，提交后平台给您一个查询码，凭它查进度",
    )
    anonymous_reason = forms.CharField(label="为什么要匿名", max_length=200, required=False)

    def __init__(self, *args: Any, place_path: str = "", steward: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.steward = steward
        if steward:
            self.fields["name"].label, self.fields["phone"].label = "业主的姓名", "业主的联系电话"
            self.fields["phone"].help_text = "答复业主用；业主查进度要用它的后四位"
        else:
            del self.fields["own"]
        self.place_path = place_path
        self.found: list[Estate] = []
        for name in ("name", "phone", "anonymous_reason"):  # needed or not: that hangs on whether it is anonymous
            self.fields[name].says_optional = False  # type: ignore[attr-defined]

    def clean_phone(self) -> str:
        phone = "".join(sign for sign in self.cleaned_data["phone"] if sign not in " -－　")
        if phone and not (phone.lstrip("+").isdigit() and len(phone) >= 7):  # noqa: PLR2004
            raise forms.ValidationError("电话号码只写数字，例如 0553-1234567 或者 11 位手机号")
        return phone

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("anonymous"):
            if not data.get("anonymous_reason"):
                self.add_error("anonymous_reason", "匿名的，请写明原因")
        else:
            if not data.get("name"):
                self.add_error("name", "请填姓名；不方便的可以选匿名")
            if not data.get("phone") and "phone" not in self.errors:
                self.add_error("phone", "请填联系电话，答复您和查进度都要用；不方便的可以选匿名")
        if data.get("estate"):
            self._find_estate(data)
        return data

    def _find_estate(self, data: dict[str, Any]) -> None:
        self.found = matching_estates(data["estate"], chosen=data.get("estate_id"), place_path=self.place_path)
        if len(self.found) == 1:
            data["chosen_estate"] = self.found[0]
        elif self.found:
            self.add_error("estate", "有几个小区都像这个名字，请在下面点一个")
        else:
            self.add_error("estate", "名单里没有这个小区。请核对名称，或者点“按街道、社区找”")


def matter_facts(data: Mapping[str, Any]) -> dict[str, Any]:
    """Whether a repair is urgent, and what the place asks of the matter; of other matters nobody asked."""
    urgent = {"urgent": bool(data.get("urgent"))} if data.get("matter") == REPAIR else {}
    return urgent | {name: data[name] for name in ASKED if data.get(name)}


class AskedOfMatter(forms.Form):
    """What a place wants to be told of some matters before they are submitted. A field stands on the page only where
    its matter has been chosen."""

    developer = forms.CharField(label="开发建设单位", max_length=60, required=False)
    in_barred_place = forms.BooleanField(label="开在法规条款禁止的场所里", required=False)
    premises_kind = forms.CharField(label="禁止场所的类型", max_length=60, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wanted: dict[str, tuple[str, ...]] = {}  # field -> the clauses that ask for it

    def asked(self) -> list[tuple[forms.BoundField, tuple[str, ...]]]:
        shown = [name for name in ASKED if name in self.wanted or self.initial.get(name)]
        return [(self[name], self.wanted.get(name, ())) for name in shown]

    def complete(self, estate: Estate, *, channel: str, on: date) -> bool:
        """Marks what the matter still wants in that estate."""
        matter = self.cleaned_data.get("matter")
        if not matter:
            return False
        bare = {"channel": channel, "matter": matter}
        known = {name: value for name, value in matter_facts(self.cleaned_data).items() if name in ASKED}
        self.wanted = {one.field: one.clauses for one in _refusing(bare, estate, on) if one.field in ASKED}
        for name in self.wanted:
            self.fields[name].required = True
        for finding in _refusing(bare | known, estate, on):
            if finding.field in self.fields:
                self.add_error(finding.field, finding.message)
        if "developer" in self.wanted:
            builder = registry.organisation_for("developer", estate.place_path, estate=estate)
            if builder is not None:
                self["developer"].help_text = f"本小区登记的是{builder}"
        return not self.errors


def refuse_incomplete(rows: Iterable[AskedOfMatter], estate: Estate, *, channel: str, on: date) -> None:
    """For a program: what the page marks beside the fields."""
    for row in rows:
        if row.complete(estate, channel=channel, on=on):
            continue
        fields = {name: str(lines[0]) for name, lines in row.errors.items()}
        clauses = tuple(dict.fromkeys(one for found in row.wanted.values() for one in found))
        raise Refused("check_failed", "；".join(fields.values()) + "。", clause=clauses, fields=fields)


def _refusing(facts: dict[str, Any], estate: Estate, on: date) -> list[Any]:
    found = core.run_checks("cases.matter", facts, place_path=estate.place_path, on=on, raise_=False)
    return [one for one in found if one.outcome == "refuse"]


def estate_label(estate: Estate) -> str:
    return f"{estate.name}（{estate.community.name}）" if estate.community_id else str(estate.name)


def matching_estates(text: str, *, chosen: int | None = None, place_path: str = "") -> list[Estate]:
    """Estates of that name: exactly one when the name, or the name with its community, says which. By the name of one
    that went into another area the area that it is part of now, or those that it was split into."""
    name = text.strip().split("（")[0].split("(")[0].strip()
    known = Estate.objects.select_related("community")
    if place_path:
        known = known.filter(place_path__startswith=place_path)
    exact = _as_they_are_now(known.filter(name=name)[:20])
    labelled = [estate for estate in exact if estate_label(estate) == text.strip()]
    picked = [estate for estate in exact if estate.pk == chosen]
    for narrower in (picked, labelled if len(labelled) == 1 else [], exact):
        if narrower:
            return narrower
    return _as_they_are_now(known.filter(Q(name__icontains=name))[:8]) if name else []


def _as_they_are_now(named: Iterable[Estate]) -> list[Estate]:
    found: dict[int, Estate] = {}
    for one in named:
        now = [one]
        if one.ended_on is not None:
            rows = Estate.objects.filter(ended_on=None, buildings__stays__estate=one).select_related("community")
            now = list(rows.distinct())
        found.update({estate.pk: estate for estate in now})
    return list(found.values())


class MatterForm(AskedOfMatter):
    matter = forms.ChoiceField(label="是哪一类事", error_messages={"required": "请选是哪一类事"})
    text = forms.CharField(
        label="说清楚怎么回事",
        help_text="什么时候开始的、谁做的、影响到什么、您想怎么解决",
        max_length=LONGEST_TEXT,
        min_length=SHORTEST_TEXT,
        error_messages={
            "required": "请写明怎么回事",
            "min_length": f"太短了，至少写{SHORTEST_TEXT}个字",
            "max_length": f"太长了，请写在{LONGEST_TEXT}个字以内，细节可以放在材料里",
        },
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    urgent = forms.BooleanField(
        label="报修的，是急修",
        required=False,
        help_text="电梯困人、水管爆裂、停水停电、有危险的才勾；不是报修的不用管",
    )

    def __init__(self, *args: Any, choices: Iterable[Any] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["matter"].choices = list(choices)  # type: ignore[attr-defined]


def matter_choices(matters: Mapping[str, Any], pack: Any) -> list[Any]:
    """Groups of matters under the names of the city's document; first the way out for whoever is not sure."""
    rows = [(matter.group or "其他", matter.code, _name(matter, pack)) for matter in matters.values()]
    grouped: dict[str, list[tuple[str, str]]] = {}
    for group, members in groupby(rows, key=lambda row: row[0]):
        grouped.setdefault(group, []).extend((code, name) for _, code, name in members if code != UNSURE)
    return [
        ("", "请选择"),
        (UNSURE, "说不准，由受理人员来分"),
        *[(group, names) for group, names in grouped.items() if names],
    ]


def _name(matter: Any, pack: Any) -> str:
    return str(pack.matter_name(matter.code) if pack is not None else "") or matter.name


class TrackForm(forms.Form):
    number = forms.CharField(
        label="受理编号",
        max_length=40,
        help_text="提交后给您的编号，例如 JJ-2026-T00018",
        error_messages={"required": "请填受理编号"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "class": "gz-code"}),
    )
    tail = forms.CharField(
        label="电话后四位，或者查询码",
        max_length=20,
        help_text="投诉时留的电话的最后四位；匿名投诉用提交后给的查询码",
        error_messages={"required": "请填电话后四位或者查询码"},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class RatingForm(RefusalForm, forms.Form):
    stars = forms.TypedChoiceField(
        label="您满意吗", choices=STARS, coerce=int, widget=forms.RadioSelect, error_messages={"required": "请选几颗星"}
    )
    comment = forms.CharField(
        label="想说的话", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class ReopenForm(RefusalForm, forms.Form):
    reason = forms.CharField(
        label="哪里没有解决",
        max_length=500,
        error_messages={"required": "请写明哪里没有解决，经办人好接着办"},
        widget=forms.Textarea(attrs={"rows": 2}),
    )
