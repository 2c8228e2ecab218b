"""The small forms of the acts on a case. What may be done the services say; a form only asks what they need."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms

from gongzhi.cases import services
from gongzhi.cases.codes import ARCHIVE_ITEMS, FROM_LEVELS, INTERVENTIONS, OUTCOMES, PAPERS
from gongzhi.cases.forms_fields import (
    FilesField,
    MomentField,
    UnitField,
    long_text,
    minute_of,
    not_before,
    offer_units,
    role_options,
    unit_options,
)
from gongzhi.cases.forms_public import STARS
from gongzhi.cases.models import Case
from gongzhi.cases.models.case import level_rank
from gongzhi.cases.queries import asking
from gongzhi.cases.questions import QUESTIONS
from gongzhi.cases.services.acting import unit_for
from gongzhi.cases.services.handling import CONTACT_METHODS
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.forms import VersionedForm
from gongzhi.core.models import Organisation
from gongzhi.registry import queries as registry

YES_NO = [("yes", "是"), ("no", "否")]
METHODS = [("", "请选择"), *((one, one) for one in CONTACT_METHODS)]
LONGEST_NUMBER = 80
MOST_DAYS = 60
ROUTE = next(question for question in QUESTIONS if question.name == "cases.route")


def is_yes(value: str) -> bool:
    return value == "yes"


class CaseForm(VersionedForm):
    """A form over one case. `given` is what its service gets by keyword."""

    def __init__(self, *args: Any, case: Case, actor: Actor, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, version=case.version, **kwargs)
        self.case, self.actor, self.now = case, actor, now
        self.prepare()

    def prepare(self) -> None:
        """Choices and first values that depend on the case."""

    def given(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class ConfirmForm(CaseForm):
    """Nothing to fill in."""


class ReasonForm(CaseForm):
    reason = long_text("理由")


class FactForm(CaseForm):
    """The first fact that routing lacks; the page comes again while another is missing."""

    value = forms.ChoiceField(label="事实", widget=forms.RadioSelect, error_messages={"required": "请选择"})

    def prepare(self) -> None:
        name = self.case.needs[0] if self.case.needs else ""
        declared = ROUTE.fact.get(name)
        field = self.fields["value"]
        field.label = declared.title if declared is not None else name
        kind = declared.type.kind if declared is not None else "text"
        if kind == "bool":
            field.choices = YES_NO  # type: ignore[attr-defined]
        elif kind == "enum" and declared is not None:
            field.choices = [(one, declared.type.label(one)) for one in declared.type.choices]  # type: ignore[attr-defined]
        else:
            self.fields["value"] = forms.CharField(label=field.label, max_length=60)
        self.fact_name, self.fact_kind = name, kind

    def given(self) -> dict[str, Any]:
        value = self.cleaned_data["value"]
        return {"name": self.fact_name, "value": is_yes(value) if self.fact_kind == "bool" else value}


class ValidityForm(CaseForm):
    valid = forms.ChoiceField(
        label="是不是有效投诉", choices=YES_NO, widget=forms.RadioSelect, error_messages={"required": "请选择"}
    )
    from_level = forms.ChoiceField(
        label="反映到了哪一级",
        choices=[("", "没有往上反映"), *FROM_LEVELS.items()],
        required=False,
        help_text="上级转来的，选转来的那一级",
    )
    reason = long_text("说明", rows=2, required=False, help_text="不属于投诉范围的，必须写明退回的理由")

    def prepare(self) -> None:
        self.fields["from_level"].initial = self.case.facts.get("from_level") or ""

    def given(self) -> dict[str, Any]:
        return {**super().given(), "valid": is_yes(self.cleaned_data["valid"])}


class AssignForm(CaseForm):
    lead = UnitField(label="主办单位")
    support = forms.ModelMultipleChoiceField(
        Organisation.objects.none(), label="另请协办", required=False, widget=forms.CheckboxSelectMultiple
    )
    within_days = forms.IntegerField(
        label="要求几日内报结果",
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        help_text="比文件写的更短时才填；答复投诉人的期限不变",
        error_messages={
            "invalid": "请写整数",
            "min_value": f"请填1到{MOST_DAYS}",
            "max_value": f"请填1到{MOST_DAYS}",
        },
    )
    reason = long_text("派单说明", rows=2, required=False, help_text="改派与职责清单不同的单位，必须写明理由")

    def prepare(self) -> None:
        self.recommended: Organisation | None = None
        if self.case.route_lead:
            try:
                self.recommended = unit_for(self.case.route_lead, self.case)
            except Refused:
                self.recommended = None  # nobody holds that role here yet: the clerk chooses another
        units = unit_options(self.case)
        offer_units(self.fields["lead"], units)
        helpers = [one for one in units if one.role in self._may_help()]
        self.fields["support"].queryset = Organisation.objects.filter(  # type: ignore[attr-defined]
            pk__in=[one.pk for one in helpers]
        )
        routed = self.routed_support()
        if self.recommended is not None:
            self.fields["lead"].initial = self.recommended.pk
            self.fields["lead"].help_text = f"按职责清单推荐：{self.recommended}"
        if routed:
            self.fields["support"].help_text = f"职责清单已带出：{routed}。还要别的单位才勾"

    def _may_help(self) -> set[str]:
        value = asking.route_value(self.case)
        named = {self.case.route_lead, *(value.get("support") or ())}
        return {one for one in HELPERS if one not in named}

    def routed_support(self) -> str:
        roles = asking.route_value(self.case).get("support") or ()
        found = registry.organisations_for(roles, self.case.place_path, estate=self.case.estate)
        return "、".join(found[role].name if role in found else core.role_name(role) for role in roles)

    def given(self) -> dict[str, Any]:
        data = self.cleaned_data
        same = self.recommended is not None and data["lead"].pk == self.recommended.pk
        return {
            "lead": None if same else data["lead"],
            "support": tuple(data["support"]),
            "reason": data["reason"],
            "within_days": data["within_days"],
        }


# Who is asked to help besides the route: the departments that enforce, the street, the community.
HELPERS = (
    "housing", "urban_management", "market_regulation", "ecology", "police", "fire_rescue", "planning",
    "civil_affairs", "justice", "health", "emergency", "street_office", "community_station",
)  # fmt: skip


class ReturnForm(CaseForm):
    should_be = forms.ChoiceField(label="应由哪个部门办", error_messages={"required": "请选择应办的部门"})
    reason = long_text("退回的理由")

    def prepare(self) -> None:
        self.fields["should_be"].choices = role_options(self.case, without=self.case.lead_role)  # type: ignore[attr-defined]


class DesignateForm(CaseForm):
    lead = UnitField(label="指定由谁承办")
    reason = long_text("指定的理由")

    def prepare(self) -> None:
        offer_units(self.fields["lead"], unit_options(self.case))

    def given(self) -> dict[str, Any]:
        return {**super().given(), "by_leader": self.actor.role == "county_leader"}


class AtForm(CaseForm):
    """With the moment it happened, now if nothing else is said."""

    at = MomentField(label="时间", required=False)

    def prepare(self) -> None:
        self.fields["at"].initial = minute_of(self.now)

    def given(self) -> dict[str, Any]:
        found = super().given()
        return {**found, "at": not_before(found.get("at"), self._latest_step())}

    def _latest_step(self) -> datetime:
        """An act typed for the very minute of the step before it comes after that step."""
        case = self.case
        return max(at for at in (case.received_at, case.assigned_at, case.reported_in_at) if at is not None)


class VerifyForm(AtForm):
    note = long_text("现场情况", help_text="写明看到什么、面积多大、谁在场")
    files: Any = FilesField(label="现场照片", required=False, help_text="可选多张，每件不超过20MB")


class RespondForm(CaseForm):
    text = long_text("回应内容", help_text="解答疑问，说明接下来怎么办；投诉人会看到这段话。不要写别人的姓名、电话")
    method = forms.ChoiceField(label="回应方式", choices=METHODS, error_messages={"required": "请选择回应方式"})


class ContactForm(CaseForm):
    promised_on = forms.DateField(
        label="告诉投诉人哪天前办完",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填日期", "invalid": "日期请写成“2022-05-20”这样"},
    )
    method = forms.ChoiceField(label="告知方式", choices=METHODS, error_messages={"required": "请选择告知方式"})
    note = long_text("说明", rows=2, required=False)

    def prepare(self) -> None:
        last = self._last_day()
        if self.case.answered_at is not None:
            self.fields["promised_on"].initial = local_day(self.now)
            self.fields["promised_on"].help_text = "已经答复投诉人，这里只补记，不再发消息给他"
        elif last is not None:
            self.fields["promised_on"].initial = last
            self.fields["promised_on"].help_text = f"不能晚于答复期限{last.month}月{last.day}日；投诉人能看到这一天"
        elif self.case.answer_due_at is not None:
            self.fields["promised_on"].help_text = "答复期限已过，仍计逾期；投诉人能看到这一天"

    def _last_day(self) -> date | None:
        due = self.case.answer_due_at
        return local_day(due - timedelta(microseconds=1)) if due is not None and self.now < due else None

    def clean_promised_on(self) -> date:
        day: date = self.cleaned_data["promised_on"]
        last = self._last_day()
        if last is not None and day > last:
            raise forms.ValidationError(f"不能晚于答复期限{last.month}月{last.day}日")
        return day


class NoteForm(CaseForm):
    note = long_text("办理情况")
    item = forms.ChoiceField(label="材料归哪一类", required=False)
    files: Any = FilesField(label="材料", required=False, help_text="可选多件，每件不超过20MB")

    def prepare(self) -> None:
        self.fields["item"].choices = [("", "不归档"), *ARCHIVE_ITEMS.items()]  # type: ignore[attr-defined]


class InterveneForm(AtForm):
    kind = forms.ChoiceField(
        label="哪一种",
        choices=list(INTERVENTIONS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "请选择"},
    )
    note = long_text("介入和处理的情况")
    files: Any = FilesField(label="照片、笔录", required=False)
    field_order = ("kind", "at", "note", "files")


class EnforceForm(AtForm):
    note = long_text("执法处理的情况")
    files: Any = FilesField(label="照片、笔录", required=False)

    def given(self) -> dict[str, Any]:
        return {**super().given(), "kind": "enforcement"}


class FindingAskForm(CaseForm):
    note = long_text("要认定什么", required=False)


class FindingForm(CaseForm):
    lawful = forms.ChoiceField(
        label="认定意见",
        choices=[("no", "违法"), ("yes", "合法")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择"},
    )
    note = long_text("认定的理由", help_text="规划许可、现场尺寸、适用的规定")
    file = forms.FileField(label="认定意见书", required=False)

    def given(self) -> dict[str, Any]:
        return {**super().given(), "lawful": is_yes(self.cleaned_data["lawful"])}


class NumberForm(CaseForm):
    number = forms.CharField(label="文号", max_length=LONGEST_NUMBER, error_messages={"required": "请填文号"})
    file = forms.FileField(label="文书扫描件", required=False)


class ExtendPenaltyForm(CaseForm):
    number = forms.CharField(label="批准文书的文号", max_length=LONGEST_NUMBER, error_messages={"required": "请填文号"})
    file = forms.FileField(label="批准文书", error_messages={"required": "延长须上传批准文书"})


class TransferForm(CaseForm):
    reason = long_text("移交事由", help_text="写进移送函正文：初步核查查明了什么")
    source = forms.FileField(label=PAPERS["source"], required=False)
    evidence = forms.FileField(label=PAPERS["evidence"], required=False)
    basis = forms.FileField(label=PAPERS["basis"], required=False)

    def prepare(self) -> None:
        """The papers that the document wants are wanted here too."""
        lacking = core.run_checks(
            "cases.transfer_papers", dict.fromkeys(PAPERS, False), place_path=self.case.place_path,
            on=local_day(self.now), raise_=False,
        )  # fmt: skip
        for one in lacking:
            if one.field in self.fields and one.outcome == "refuse":
                self.fields[one.field].required = True
                self.fields[one.field].error_messages["required"] = one.message

    def given(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"papers": {one: data[one] for one in ("source", "evidence", "basis")}, "reason": data["reason"]}


class PoliceForm(CaseForm):
    note = long_text("需要支援的情况和地点")


class PoliceArrivedForm(CaseForm):
    at = MomentField(label="到场时间")
    result = long_text("处置结果")

    def prepare(self) -> None:
        self.fields["at"].initial = minute_of(self.now)

    def given(self) -> dict[str, Any]:
        found = super().given()
        return {**found, "at": not_before(found["at"], self.case.police_requested_at)}


class StopForm(AtForm):
    method = forms.CharField(label="怎样制止", max_length=200, error_messages={"required": "请写明制止方式"})
    effective = forms.ChoiceField(
        label="有没有效果",
        choices=[("yes", "已停止"), ("no", "没有停止")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择"},
    )
    note = long_text("说明", rows=2, required=False)

    def given(self) -> dict[str, Any]:
        return {**super().given(), "effective": is_yes(self.cleaned_data["effective"])}


class HandleForm(CaseForm):
    outcome = forms.ChoiceField(label="办理结果", error_messages={"required": "请选择办理结果"})
    result = long_text("结果说明", help_text="查明了什么、怎样处理、依据什么")
    court_number = forms.CharField(
        label="案号",
        max_length=LONGEST_NUMBER,
        required=False,
        help_text="转诉讼的填；法院还没有给案号的，以后用“登记诉讼”补",
    )
    files: Any = FilesField(label="处理结果材料", required=False)

    def prepare(self) -> None:
        listed = [(code, name) for code, name in OUTCOMES.items() if code != "cannot_handle"]
        self.fields["outcome"].choices = [("", "请选择"), *listed]  # type: ignore[attr-defined]
        self.fields["outcome"].help_text = "处理不了的不在这里登记，请用“上报上级”"


class HandUpForm(CaseForm):
    reason = long_text("调解经过和没有调成的原因")


_COMMUNITY = ("community_station", "community_committee")


class ReportUpForm(CaseForm):
    to = forms.ChoiceField(label="上报给谁", required=False)
    reason = long_text("上报的事由")
    papers = FilesField(label="上报材料", required=False)

    def prepare(self) -> None:
        answer = asking.ask_case(self.case, "cases.superior", role=self.actor.role)
        names = dict(role_options(self.case))
        wanted = str(answer.value) if answer.ok and answer.value and answer.value != self.actor.role else ""
        options = [(wanted, names.get(wanted) or asking.role_names([wanted], self.case))] if wanted else []
        own = level_rank(asking.role_level(self.actor.role, self.case))
        more = [
            (one, names[one]) for one in ("street_office", "leading_group_office", "housing", *_COMMUNITY)
            if one in names and one not in (wanted, self.actor.role)
            and level_rank(asking.role_level(one, self.case)) - own in ((1,) if one in _COMMUNITY else (0, 1))
        ]  # fmt: skip
        self.fields["to"].choices = [*options, *more] or [("", "由平台按层级定")]  # type: ignore[attr-defined]
        if wanted:
            self.fields["to"].initial = wanted


class ExplainForm(CaseForm):
    text = long_text("到期没有办完的情况", help_text="写明办到哪一步、卡在哪里、准备哪天办完")


class AnswerForm(CaseForm):
    text = long_text("答复内容", rows=6, help_text="投诉人会看到这段话。不要写别人的姓名、电话")
    method = forms.ChoiceField(label="答复方式", choices=METHODS, error_messages={"required": "请选择答复方式"})
    files: Any = FilesField(label="附件", required=False)
    final = True

    def given(self) -> dict[str, Any]:
        return {**super().given(), "final": self.final}


class ProgressForm(AnswerForm):
    final = False


class CallBackForm(CaseForm):
    result = forms.ChoiceField(
        label="回访结果",
        choices=[("satisfied", "满意"), ("unsatisfied", "不满意"), ("unreachable", "联系不上")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择"},
    )
    note = long_text("投诉人怎么说", rows=3, required=False)

    def given(self) -> dict[str, Any]:
        satisfied = {"satisfied": True, "unsatisfied": False}.get(self.cleaned_data["result"])
        return {"satisfied": satisfied, "note": self.cleaned_data["note"]}


class RateForm(CaseForm):
    stars = forms.TypedChoiceField(label="满意吗", choices=STARS, coerce=int, widget=forms.RadioSelect)
    comment = long_text("想说的话", rows=2, required=False)


class AskForm(CaseForm):
    reason = long_text("申请的理由")


class AskDaysForm(AskForm):
    days = forms.IntegerField(label="申请几日", required=False, min_value=1, max_value=365)
    field_order = ("days", "reason")


class DecideForm(CaseForm):
    allowed = forms.ChoiceField(
        label="是否同意",
        choices=[("yes", "同意"), ("no", "不同意")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择"},
    )
    note = long_text("批复意见", rows=3, required=False, help_text="不同意的必须写明理由")

    def given(self) -> dict[str, Any]:
        return {**super().given(), "allowed": is_yes(self.cleaned_data["allowed"])}


class ResumeForm(CaseForm):
    note = long_text("恢复的缘由", rows=3, required=False)


class EaseForm(CaseForm):
    text = long_text("做了哪些化解工作")


class UrgeForm(CaseForm):
    text = long_text("督办的要求")


class UtilityForm(CaseForm):
    unit = UnitField(label="转请哪个单位")
    note = long_text("转办的事项")

    def prepare(self) -> None:
        offer_units(self.fields["unit"], [one for one in unit_options(self.case) if one.kind == "company"])


class RegisterFileForm(CaseForm):
    file = forms.FileField(label="签了字的来访登记表", error_messages={"required": "请选择扫描件或照片"})


def keep_register_form(case: Case, *, file: Any, **who: Any) -> Case:
    """The service knows neither version nor key: a second scan does no harm."""
    return services.keep_register_form(case, file=file, actor=who["actor"], now=who["now"])
