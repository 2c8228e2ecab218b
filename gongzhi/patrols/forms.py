"""What is typed about rounds, findings and entries. The fields of sheets and books are those that the pack names."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import uuid4

from django import forms

from gongzhi.core.forms import VersionedForm
from gongzhi.core.models import Organisation
from gongzhi.patrols.services import Found, Upload
from gongzhi.patrols.words import GRADES, SIDES
from gongzhi.policy.registers import Register, RegisterField
from gongzhi.policy.schema_base import exact
from gongzhi.registry.forms import Day, Papers, choice, line, words

YES_NO = [("", "请选"), ("yes", "是"), ("no", "否")]
THERE = [("yes", "有"), ("no", "无")]
ROWS = 10
ROWS_SHOWN = 3
FEW = 3
FEN = 100
PERCENT = 100
LONGEST_KEY = 64
MINUTES = "%Y-%m-%dT%H:%M"
MOMENTS = [MINUTES, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]


def moment(label: str, **given: Any) -> forms.DateTimeField:
    widget = given.pop("widget", forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MINUTES))
    errors = {"invalid": "时间请写成“2022-05-05 09:30”这样"}
    return forms.DateTimeField(label=label, required=False, widget=widget, input_formats=MOMENTS, error_messages=errors)


def photos(label: str = "照片") -> Papers:
    return Papers(label=label, required=False, help_text="可以选几张；平台记下时间和摘要")


def decimal(label: str, **given: Any) -> forms.DecimalField:
    errors = {"invalid": "请填数字", "min_value": "不能是负数", "required": f"请填{label}"}
    return forms.DecimalField(label=label, min_value=Decimal(0), error_messages=errors, **given)


def field_of(one: RegisterField, *, entries: Sequence[tuple[str, str]] = (), companies: Any = None) -> forms.Field:
    """The form's field for one of the pack's. What is required the command says, so that a stage may ask for it."""
    given: dict[str, Any] = {"required": False, "help_text": one.help}
    if one.form == "problem":
        return forms.ChoiceField(label=one.title, choices=THERE, widget=forms.RadioSelect, **given)
    if one.form == "bool":
        return forms.ChoiceField(label=one.title, choices=YES_NO, **given)
    if one.form == "enum":
        labels = [(code, one.type.label(code)) for code in one.type.choices]
        return forms.ChoiceField(label=one.title, choices=[("", "请选"), *labels], **given)
    if one.form == "entry":
        return forms.ChoiceField(label=one.title, choices=[("", "请选"), *entries], **given)
    if one.form == "companies":
        return forms.ModelMultipleChoiceField(
            companies, label=one.title, widget=forms.CheckboxSelectMultiple, to_field_name="name", **given
        )
    if one.form == "file":
        return Papers(label=one.title, **given)
    if one.form == "date":
        return Day(label=one.title, **given)
    if one.form == "count":
        errors = {"invalid": "请填整数", "min_value": "不能是负数"}
        return forms.IntegerField(label=one.title, min_value=0, error_messages=errors, **given)
    if one.form == "money":
        return decimal(f"{one.title}（元）", max_digits=14, decimal_places=2, **given)
    if one.form == "ratio":
        return decimal(f"{one.title}（%）", max_digits=6, decimal_places=2, **given)
    if one.form in ("area", "number"):
        return decimal(one.title, max_digits=14, decimal_places=2, **given)
    return words(one.title, **given) if one.form == "long" else line(one.title, longest=200, **given)


def value_of(one: RegisterField, value: Any) -> Any:
    """What the form cleaned, as the engine wants it."""
    if value is None or value == "":
        return None
    if one.form in ("bool", "problem"):
        return value == "yes"
    if one.form == "money":
        return int(value * FEN)
    if one.form == "ratio":
        return exact(Fraction(value) / PERCENT)
    if one.form in ("area", "number"):
        return exact(Fraction(value))
    if one.form == "companies":
        return [company.name for company in value]
    return value


def shown_in(one: RegisterField, kept: Any) -> Any:
    """What stands in the form before it is changed."""
    if kept is None:
        return None
    if one.form in ("bool", "problem"):
        return "yes" if kept else "no"
    if one.form == "money":
        return Decimal(int(kept)) / FEN
    if one.form == "ratio":
        number = Fraction(str(kept)) * PERCENT
        return Decimal(number.numerator) / number.denominator
    return kept


class SheetForm(VersionedForm):
    """A form with the fields of a register in it."""

    register: Register

    def ask(self, register: Register, names: Sequence[str], **given: Any) -> None:
        self.register = register
        for name in names:
            self.fields[name] = field_of(register.fields[name], **given)

    def values(self) -> dict[str, Any]:
        found = {}
        for name, one in self.register.fields.items():
            if name in self.fields and one.form != "file":
                found[name] = value_of(one, self.cleaned_data.get(name))
        return found

    def uploads(self) -> list[Upload]:
        found = []
        for name, one in self.register.fields.items():
            if one.form == "file" and name in self.fields:
                found += [Upload(name, file) for file in self.cleaned_data.get(name) or ()]
        return found


def _to_tap(field: Any, one: RegisterField) -> Any:
    """An item as somebody answers it standing outside: few choices are large; what has to be answered says so."""
    if one.form == "bool" or one.form == "enum" and len(one.type.choices) <= FEW:
        choices = [(code, words) for code, words in field.choices if code]
        field = forms.ChoiceField(label=one.title, choices=choices, widget=forms.RadioSelect, required=False,
                                  help_text=one.help)  # fmt: skip
    if one.required or one.form == "problem":
        field.required = True
        chosen = one.form in ("problem", "bool", "enum")
        field.error_messages["required"] = f"请{'选' if chosen else '填'}{one.title}"
        if one.form == "problem":
            field.error_messages["required"] = "请选有或无"
    return field


class FilledSheetForm(SheetForm):
    """The items of a sheet; a problem with words and a photo beside it."""

    def ask_sheet(self, register: Register, *, companies: Any) -> None:
        self.ask(register, list(register.fields), companies=companies)
        for name, one in register.fields.items():
            self.fields[name] = _to_tap(self.fields[name], one)
            if one.form == "problem":
                self.fields[f"{name}__note"] = line(f"{one.title}：说明", longest=500, required=False)
                self.fields[f"{name}__photo"] = Papers(label=f"{one.title}：照片", required=False)
                for beside in ("note", "photo"):
                    self.fields[f"{name}__{beside}"].says_optional = False  # type: ignore[attr-defined]

    def sheet_rows(self) -> list[tuple[Any, Any, Any]]:
        """(field, note, photo) of the sheet."""
        return [
            (self[name], self[f"{name}__note"], self[f"{name}__photo"])
            if f"{name}__note" in self.fields
            else (self[name], None, None)
            for name in self.register.fields
            if name in self.fields
        ]

    def notes(self) -> dict[str, str]:
        return {name: self.cleaned_data.get(f"{name}__note") or "" for name in self.register.fields}

    def sheet_uploads(self) -> list[Upload]:
        found = self.uploads()
        for name in self.register.fields:
            found += [Upload(name, file) for file in self.cleaned_data.get(f"{name}__photo") or ()]
        return found


class CorrectionForm(FilledSheetForm):
    """The sheet of a round once more, as it should have been, and why."""

    def __init__(
        self, *args: Any, register: Register, kept: Mapping[str, Any], people: str, location: str, companies: Any,
        **given: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **given)
        self.ask_sheet(register, companies=companies)
        for name, one in register.fields.items():
            if one.form == "file":
                del self.fields[name]
                continue
            self.fields[name].initial = shown_in(one, kept.get(name))
            if one.form == "problem":
                self.fields[f"{name}__note"].initial = kept.get(f"{name}__note") or ("见照片" if kept.get(name) else "")
        self.fields["people"] = line("巡查人员", longest=200, initial=people)
        self.fields["note"] = line("具体位置（楼栋、点位）", longest=200, required=False, initial=location)
        self.fields["reason"] = words("更正的理由")


class RoundForm(FilledSheetForm):
    """The sheet of a round, as a phone fills it. `key` makes it one round however often it is sent."""

    key = forms.CharField(max_length=LONGEST_KEY, widget=forms.HiddenInput)
    offline = forms.CharField(max_length=3, required=False, widget=forms.HiddenInput)
    began_at = moment("开始", widget=forms.HiddenInput())
    walked_at = moment("结束", widget=forms.HiddenInput())

    def __init__(
        self, *args: Any, register: Register, kinds: Mapping[str, str], found_kinds: Sequence[str], units: Any,
        companies: Any, sides: bool, in_contract: bool, **given: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **given)
        self.fields["key"].initial = uuid4().hex
        if kinds:
            self.fields["kind"] = choice("巡查类别", dict(kinds))
        self.ask_sheet(register, companies=companies)
        self.fields["people"] = line("巡查人员", longest=200)
        self.fields["joint"] = forms.ModelMultipleChoiceField(
            units, label="联合单位", required=False, widget=forms.CheckboxSelectMultiple
        )
        self.fields["note"] = line("具体位置（楼栋、点位）", longest=200, required=False)
        self.fields["photos"] = photos("巡查照片")
        named = [("", "不选"), *((one.pk, str(one)) for one in companies)] if sides else []
        for row in range(ROWS):
            self._ask_found(row, found_kinds, companies, named, in_contract)

    def _ask_found(
        self, row: int, kinds: Sequence[str], companies: Any, named: Sequence[Any], in_contract: bool
    ) -> None:
        head = f"found_{row}_"
        self.fields[f"{head}kind"] = choice("类别", {one: one for one in kinds}, required=False)
        self.fields[f"{head}text"] = line("问题", longest=500, required=False)
        self.fields[f"{head}location"] = line("位置", longest=200, required=False)
        self.fields[f"{head}grade"] = forms.ChoiceField(
            label="等级", choices=list(GRADES.items()), required=False, initial="minor"
        )
        if named:
            self.fields[f"{head}side"] = choice("问题主体", SIDES, required=False)
            self.fields[f"{head}responsible"] = forms.ModelChoiceField(companies, label="责任单位", required=False)
            self.fields[f"{head}responsible"].widget.choices = named  # read once for all rows
        if in_contract:
            self.fields[f"{head}in_contract"] = forms.ChoiceField(
                label="属于物业服务合同范围", choices=YES_NO, required=False
            )
        self.fields[f"{head}eased"] = line("当场处理情况（没有处理的不填）", longest=200, required=False)
        self.fields[f"{head}photos"] = Papers(label="照片", required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for row in range(ROWS):
            head = f"found_{row}_"
            started = [data.get(f"{head}{name}") for name in ("kind", "text", "location", "eased")]
            if any(started) and not all(started[:3]):
                self.add_error(f"{head}text", "类别、问题和位置都要填")
        return data

    def found_rows(self) -> list[tuple[int, list[Any], bool]]:
        """The bound fields of each row with its number, and whether something is wrong in it."""
        rows = [[self[name] for name in self.fields if name.startswith(f"found_{row}_")] for row in range(ROWS)]
        return [(number, row, any(one.errors for one in row)) for number, row in enumerate(rows, 1)]

    def found_first(self) -> list[tuple[int, list[Any], bool]]:
        return self.found_rows()[:ROWS_SHOWN]

    def found_more(self) -> list[tuple[int, list[Any], bool]]:
        return self.found_rows()[ROWS_SHOWN:]

    def more_begun(self) -> bool:
        return any(self.data.get(self.add_prefix(f"found_{row}_text")) for row in range(ROWS_SHOWN, ROWS))

    def all_uploads(self) -> list[Upload]:
        return self.sheet_uploads() + [Upload("", file) for file in self.cleaned_data.get("photos") or ()]

    def found(self) -> list[Found]:
        data, rows = self.cleaned_data, []
        for row in range(ROWS):
            head = f"found_{row}_"
            if not data.get(f"{head}kind"):
                continue
            told = data.get(f"{head}in_contract")
            rows.append(
                Found(
                    kind=data[f"{head}kind"], text=data[f"{head}text"], location=data[f"{head}location"],
                    grade=data.get(f"{head}grade") or "minor", side=data.get(f"{head}side") or "",
                    responsible=data.get(f"{head}responsible"), in_contract=told == "yes" if told else None,
                    eased=data.get(f"{head}eased") or "",
                    uploads=tuple(Upload("", file) for file in data.get(f"{head}photos") or ()),
                )
            )  # fmt: skip
        return rows


class SignForm(VersionedForm):
    key = forms.CharField(max_length=LONGEST_KEY, widget=forms.HiddenInput)
    offline = forms.CharField(max_length=3, required=False, widget=forms.HiddenInput)
    at = moment("签到时间", widget=forms.HiddenInput())

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["key"].initial = uuid4().hex


class RouteForm(VersionedForm):
    title = line("路线名称", longest=60)
    points = words("点位", help_text="一行一个点位：名称 位置，用空格隔开。改名的算新点位，要重印二维码。")

    def named(self) -> list[tuple[str, str]]:
        lines = [one.strip().partition(" ") for one in self.cleaned_data["points"].splitlines() if one.strip()]
        return [(name[:60], place.strip()[:100]) for name, _, place in lines]


class ReportForm(VersionedForm):
    """上报问题: outside a round."""

    def __init__(self, *args: Any, kinds: Sequence[str], buildings: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["kind"] = choice("类别", {one: one for one in kinds})
        self.fields["text"] = words("问题")
        self.fields["building"] = forms.ModelChoiceField(buildings, label="楼幢", required=False, empty_label="不选")
        self.fields["location"] = line("位置", longest=200)
        self.fields["grade"] = choice("等级", GRADES, initial="minor")
        self.fields["photos"] = photos()


class AssignForm(VersionedForm):
    due_on = Day(label="整改时限", required=False)
    grade = choice("等级", GRADES)

    def __init__(self, *args: Any, units: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["responsible"] = forms.ModelChoiceField(units, label="责任单位", required=False, empty_label="请选")
        self.order_fields(["responsible", "due_on", "grade"])


class RectifyForm(VersionedForm):
    text = words("整改情况")
    photos = photos("整改后的照片")


class RecheckForm(VersionedForm):
    passed = forms.ChoiceField(
        label="复查结果", choices=[("yes", "通过，销号"), ("no", "没有通过，重新整改")], widget=forms.RadioSelect,
        error_messages={"required": "请选复查结果"},
    )  # fmt: skip
    text = words("复查情况")
    due_on = Day(label="重新整改的时限", required=False, help_text="没有通过的才填")
    photos = photos("复查照片")


class HandOnForm(VersionedForm):
    text = line("说明", longest=500, required=False)

    def __init__(self, *args: Any, matters: Mapping[str, str], **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["matter"] = choice("案件的事项", dict(matters))
        self.order_fields(["matter", "text"])


class ReasonForm(VersionedForm):
    reason = words("理由")


class PlainForm(VersionedForm):
    pass


class EntryForm(SheetForm):
    """A line of a book: the pack's fields, the day it is of, a note."""

    def __init__(
        self, *args: Any, register: Register, names: Sequence[str], entries: Mapping[str, Any], companies: Any,
        kept: Mapping[str, Any] | None = None, dated: bool = True, **given: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **given)
        self.register = register
        for name in names:
            one = register.fields[name]
            self.fields[name] = field_of(one, entries=entries.get(name, ()), companies=companies)
            if one.required:
                self.fields[name].says_optional = False  # type: ignore[attr-defined]
            if kept is not None and one.form != "file":
                self.fields[name].initial = shown_in(one, kept.get(name))
        if dated:
            self.fields["on"] = Day(label="日期", required=False)
        self.fields["note"] = line("说明", longest=500, required=False)


def units_at(path: str) -> Any:
    """The units over the place and the companies of its county."""
    codes = [path[: end + 1] for end, char in enumerate(path) if char == "/"]
    return Organisation.objects.filter(place_path__in=codes, active=True).order_by("place_path", "name")
