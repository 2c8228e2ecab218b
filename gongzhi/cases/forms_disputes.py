"""The forms of a dispute: a round of mediation, the court, the weight."""

from typing import Any

from django import forms

from gongzhi.cases.codes import GRADES, MEDIATION_KINDS, MEDIATION_RESULTS, TRIBUNALS
from gongzhi.cases.forms_acts import LONGEST_NUMBER, AtForm, CaseForm
from gongzhi.cases.forms_fields import MomentField, long_text, minute_of, not_before
from gongzhi.cases.queries.conditions import mediated_before
from gongzhi.registry.models import Estate

CHOOSE = {"required": "请选择"}


class MediateForm(AtForm):
    kind = forms.ChoiceField(
        label="调解方式", choices=list(MEDIATION_KINDS.items()), widget=forms.RadioSelect, error_messages=CHOOSE
    )
    complainants_view = long_text("反映一方的意见", rows=3)
    others_view = long_text("另一方的意见", rows=3)
    result = forms.ChoiceField(
        label="结果", choices=list(MEDIATION_RESULTS.items()), widget=forms.RadioSelect, error_messages=CHOOSE
    )
    note = long_text("协议要点或者没有达成的原因", rows=3, required=False)
    field_order = ("kind", "at", "complainants_view", "others_view", "result", "note")

    def prepare(self) -> None:
        super().prepare()
        rounds = mediated_before(self.case)
        self.fields["kind"].initial = rounds[-1].kind if rounds else "people"


class CourtForm(CaseForm):
    number = forms.CharField(label="案号", max_length=LONGEST_NUMBER, error_messages={"required": "请填案号"})
    tribunal = forms.ChoiceField(label="受理法庭", choices=list(TRIBUNALS.items()), error_messages=CHOOSE)
    hearing_on = forms.DateField(
        label="开庭日期",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "日期请写成“2022-05-20”这样"},
    )
    estate = forms.ModelChoiceField(
        Estate.objects.none(), label="在哪个小区开庭", required=False, empty_label="不在小区", help_text="巡回法庭才选"
    )
    location = forms.CharField(label="开庭地点", max_length=200, required=False)
    judgment = long_text("裁判结果", rows=3, required=False)

    def prepare(self) -> None:
        street = "/".join(self.case.place_path.split("/")[:4]) + "/"
        rows = Estate.objects.filter(place_path__startswith=street, ended_on=None).order_by("name")
        self.fields["estate"].queryset = rows  # type: ignore[attr-defined]
        known = getattr(self.case, "court_action", None)
        if known is not None:
            for name in self.fields:
                if hasattr(known, name) and name != "version":
                    self.fields[name].initial = getattr(known, name)


class WeighForm(CaseForm):
    grade = forms.ChoiceField(
        label="轻重", choices=list(GRADES.items()), widget=forms.RadioSelect, error_messages=CHOOSE
    )
    found_at = MomentField(label="什么时候发现的", required=False)
    reason = long_text("认定的理由", help_text="涉及多少户、多少金额、有没有群体上访")

    def prepare(self) -> None:
        self.fields["grade"].initial = self.case.facts.get("grade") or ""
        self.fields["found_at"].initial = minute_of(self.now)

    def given(self) -> dict[str, Any]:
        found = super().given()
        return {**found, "found_at": not_before(found.get("found_at"), self.case.received_at)}
