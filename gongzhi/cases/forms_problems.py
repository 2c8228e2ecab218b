"""The register of problems: what is entered, and what is done about a line of it."""

from datetime import datetime
from typing import Any

from django import forms

from gongzhi.cases.enforcement.words import LAW_FIELDS, STAGES
from gongzhi.cases.forms_fields import MomentField, long_text, minute_of, not_before
from gongzhi.cases.models import Problem
from gongzhi.cases.models.problems import REPORT_REASONS, SOURCES
from gongzhi.core.actors import Actor
from gongzhi.core.forms import RefusalForm
from gongzhi.core.models import Organisation
from gongzhi.registry.models import Estate

LONGEST_SPOT, LONGEST_NAME = 200, 60


class ProblemForm(RefusalForm, forms.Form):
    estate = forms.ModelChoiceField(
        Estate.objects.none(),
        label="小区",
        empty_label="请选择",
        error_messages={"required": "请选择小区", "invalid_choice": "请选本企业服务的小区"},
    )
    source = forms.ChoiceField(
        label="来源",
        choices=list(SOURCES.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "请选自查还是业主投诉"},
    )
    found_at = MomentField(label="时间")
    spot = forms.CharField(label="地点", max_length=LONGEST_SPOT, error_messages={"required": "请填地点"})
    matter = forms.ChoiceField(label="事项", required=False, help_text="选了事项，才能推荐上报给哪个部门")
    text = long_text("内容", rows=4)
    reporter = forms.CharField(label="报告人", max_length=LONGEST_NAME, error_messages={"required": "请填报告人"})
    violation = forms.BooleanField(
        label="是违反条例的行为", required=False, help_text="勾了就要填制止时间和方式，业委会和社区会收到消息"
    )
    stopped_at = MomentField(label="制止时间", required=False)
    stopped_how = forms.CharField(label="制止方式", max_length=LONGEST_SPOT, required=False)
    law_field = forms.ChoiceField(
        label="违反哪方面的规定", choices=[("", "不选"), *LAW_FIELDS.items()], required=False,
        help_text="事项里没有的违法行为，选这一项",
    )  # fmt: skip
    extent = forms.ChoiceField(
        label="到什么程度", choices=[("", "说不准"), *STAGES.items()], required=False,
        help_text="正在搭建、刚开始毁绿的选初期，有的地方走快速处置",
    )  # fmt: skip

    def __init__(self, *args: Any, estates: Any, options: list[Any], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["estate"].queryset = estates  # type: ignore[attr-defined]
        if estates.count() == 1:
            self.fields["estate"].initial = estates.get().pk
        self.fields["matter"].choices = options  # type: ignore[attr-defined]
        self.fields["found_at"].initial = minute_of(now)


class LineForm(RefusalForm, forms.Form):
    """A form over one line of the register. `given` is what its service gets by keyword."""

    def __init__(
        self, *args: Any, problem: Problem, actor: Actor, now: datetime, targets: list[Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.problem, self.actor, self.now, self.targets = problem, actor, now, targets or []
        self.prepare()

    def prepare(self) -> None:
        """Choices and first values that depend on the line."""

    def given(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class StopLineForm(LineForm):
    at = MomentField(label="制止时间")
    how = forms.CharField(label="制止方式", max_length=LONGEST_SPOT, error_messages={"required": "请填制止方式"})
    effective = forms.ChoiceField(
        label="有没有效果",
        choices=[("yes", "已停止"), ("no", "没有停止")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择"},
    )

    def prepare(self) -> None:
        self.fields["at"].initial = minute_of(self.now)

    def given(self) -> dict[str, Any]:
        data = self.cleaned_data
        at = not_before(data["at"], self.problem.found_at)
        return {"at": at, "how": data["how"], "effective": data["effective"] == "yes"}


class SolveLineForm(LineForm):
    text = long_text("处理结果")


class ReportLineForm(LineForm):
    reason = forms.ChoiceField(
        label="为什么上报",
        choices=list(REPORT_REASONS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "请选“制止无效”或“处理不了”"},
    )
    to = forms.ModelChoiceField(
        Organisation.objects.none(),
        label="上报给",
        empty_label="请选择",
        error_messages={"required": "必须选上报部门", "invalid_choice": "请从名单里选"},
    )

    def prepare(self) -> None:
        units = [unit for _, unit in self.targets]
        field = self.fields["to"]
        field.queryset = Organisation.objects.filter(pk__in=[one.pk for one in units])  # type: ignore[attr-defined]
        if units:
            field.initial = units[0].pk
            field.help_text = f"按职责清单推荐：{units[0]}"


class EaseLineForm(LineForm):
    text = long_text("做了哪些化解工作")


class VoidLineForm(LineForm):
    reason = long_text("作废原因", rows=2)


class DecideVoidForm(LineForm):
    allowed = forms.ChoiceField(
        label="同意作废吗",
        choices=[("yes", "同意"), ("no", "不同意")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择"},
    )

    def given(self) -> dict[str, Any]:
        return {"allowed": self.cleaned_data["allowed"] == "yes"}
