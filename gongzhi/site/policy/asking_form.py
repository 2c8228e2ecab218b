"""A form for the facts of any question. What is left empty is "not given", never no and never 0."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms

from gongzhi.policy.problems import PackFault
from gongzhi.policy.values import typed

RADIO_AT_MOST = 5
FEN_PER_YUAN = 100
UNKNOWN = ("", "不知道")
UNITS = {"count": "个", "area_m2": "㎡", "money_fen": "元", "yuan": "元", "ratio": ""}
HELPS = {
    "ratio": "例如 30% 或者 0.3",
    "period": "例如 15d（15日）、3wd（3个工作日）、24h（24小时）、1m（1个月）",
    "moment": "例如 2026-04-01T09:00+08:00",
    "area_m2": "平方米，可写到小数点后两位，例如 300000.00",
    "yuan": "例如 1.85",
    "money_fen": "单位元，例如 15000 或者 1500.50",
}
LIST_HELP = "几个之间用逗号隔开"


class FactsForm(forms.Form):
    """`given` holds the typed facts after validation."""

    on = forms.DateField(
        label="按哪一天的规则",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请选哪一天", "invalid": "日期写成 2026-04-01 这样"},
    )

    def __init__(self, *args: Any, pack: Any, question: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pack = pack
        self.question = question
        self.given: dict[str, Any] = {}
        for fact in question.facts:
            field = facts_field(fact, pack)
            field.says_optional = False  # type: ignore[attr-defined]
            self.fields[f"f_{fact.name}"] = field

    @property
    def facts(self) -> list[tuple[Any, forms.BoundField]]:
        return [(fact, self[f"f_{fact.name}"]) for fact in self.question.facts]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for fact in self.question.facts:
            name = f"f_{fact.name}"
            raw = data.get(name)
            if raw in (None, "", []):
                continue
            try:
                self.given[fact.name] = _typed(raw, fact, self.pack)
            except (PackFault, ValueError) as error:
                self.add_error(name, f"{fact.title}：{error}")
        return data


def _typed(raw: Any, fact: Any, pack: Any) -> Any:
    kind = fact.type
    if isinstance(raw, date):
        return raw
    if kind.kind == "list" and isinstance(raw, str):
        raw = [part.strip() for part in raw.replace("，", ",").replace("、", ",").split(",") if part.strip()]
    if kind.kind in UNITS and isinstance(raw, str):
        raw = raw.replace(",", "").replace("，", "")
    if kind.kind == "money_fen":
        raw = in_fen(raw)
    return typed(raw, kind, pack.words, open_choices=fact.open)


def in_fen(yuan: str) -> str:
    """Amounts are typed in yuan, as people write them; the rules reckon in whole 分."""
    try:
        fen = Decimal(yuan.strip()) * FEN_PER_YUAN
    except InvalidOperation:
        fen = Decimal("NaN")
    if not fen.is_finite() or fen != fen.to_integral_value():
        raise ValueError("要填金额，单位元，最多两位小数")
    return str(int(fen))


def facts_field(fact: Any, pack: Any) -> forms.Field:
    """A field that fits the type of a fact; left empty it is not given."""
    kind = fact.type
    if kind.kind == "bool":
        return forms.ChoiceField(
            label=fact.title, required=False, choices=[("yes", "是"), ("no", "否"), UNKNOWN], widget=forms.RadioSelect
        )
    choices = choices_of(kind, pack)
    if choices:
        if len(choices) <= RADIO_AT_MOST:
            return forms.ChoiceField(
                label=fact.title, required=False, choices=[*choices, UNKNOWN], widget=forms.RadioSelect
            )
        return forms.ChoiceField(label=fact.title, required=False, choices=[UNKNOWN, *choices])
    if kind.kind == "date":
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        return forms.DateField(label=fact.title, required=False, widget=widget)
    item = choices_of(kind.item, pack) if kind.kind == "list" and kind.item is not None else []
    if item:
        return forms.MultipleChoiceField(
            label=fact.title, required=False, choices=item, widget=forms.CheckboxSelectMultiple
        )
    help_text = LIST_HELP if kind.kind == "list" else HELPS.get(kind.kind, "")
    attrs = {"inputmode": "decimal", "autocomplete": "off"} if kind.numeric else {"autocomplete": "off"}
    return forms.CharField(
        label=fact.title, required=False, max_length=200, help_text=help_text, widget=forms.TextInput(attrs=attrs)
    )


def choices_of(kind: Any, pack: Any) -> list[tuple[str, str]]:
    """Codes with the names used in the pack, for the types that have choices."""
    if kind.kind == "enum":
        return [(code, kind.label(code)) for code in kind.choices]
    if kind.kind == "role":
        return sorted(((code, pack.role_name(code)) for code in pack.roles), key=lambda one: one[1])
    if kind.kind == "matter":
        return [(code, pack.matter_name(code)) for code in pack.matters]
    return []


def unit_of(fact: Any) -> str:
    return UNITS.get(fact.type.kind, "") if fact.type.numeric else ""
