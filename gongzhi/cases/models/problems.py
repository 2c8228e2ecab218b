"""The register that whoever looks after an estate keeps of what it found and what owners complained of."""

from typing import ClassVar

from django.db import models

from gongzhi.cases.enforcement.words import LAW_FIELDS, STAGES
from gongzhi.cases.models.case import Case
from gongzhi.core.actors import Actor
from gongzhi.core.models import Organisation, PlaceBound, User
from gongzhi.core.refs import Ref

SOURCES = {"patrol": "自查", "complaint": "业主投诉"}
REPORT_REASONS = {"stop_ineffective": "制止无效", "cannot_handle": "处理不了"}


class Problem(PlaceBound):
    """Never deleted; voided with a reason and somebody else's approval."""

    number = models.CharField("编号", max_length=40, unique=True)
    estate = models.ForeignKey("registry.Estate", models.PROTECT, related_name="problems", verbose_name="小区")
    keeper = models.ForeignKey(Organisation, models.PROTECT, related_name="problems", verbose_name="登记单位")
    source = models.CharField("来源", max_length=12, choices=list(SOURCES.items()))
    matter = models.CharField("事项", max_length=60, blank=True)
    found_at = models.DateTimeField("时间")
    registered_at = models.DateTimeField("登记时间")
    spot = models.CharField("地点", max_length=200)
    text = models.TextField("内容")
    reporter = models.CharField("报告人", max_length=60)
    violation = models.BooleanField("违反条例的行为", default=False)
    law_field = models.CharField("违反哪方面的规定", max_length=16, choices=list(LAW_FIELDS.items()), blank=True)
    extent = models.CharField("到什么程度", max_length=8, choices=list(STAGES.items()), blank=True)
    stopped_at = models.DateTimeField("制止时间", null=True, blank=True)
    stopped_how = models.CharField("制止方式", max_length=200, blank=True)
    stop_effective = models.BooleanField("制止有效", null=True, blank=True)
    solved_at = models.DateTimeField("处理时间", null=True, blank=True)
    solved_text = models.TextField("处理结果", blank=True)
    reported_up_at = models.DateTimeField("上报时间", null=True, blank=True)
    reported_to = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="上报部门"
    )
    report_reason = models.CharField("上报原因", max_length=24, choices=list(REPORT_REASONS.items()), blank=True)
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, blank=True, related_name="problems", verbose_name="关联案件"
    )
    opened_case = models.OneToOneField(
        Case, models.PROTECT, null=True, blank=True, related_name="reported_line", verbose_name="上报后的案件"
    )
    fed_back_at = models.DateTimeField("收到反馈时间", null=True, blank=True)
    void_asked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    void_reason = models.CharField("作废原因", max_length=200, blank=True)
    voided_at = models.DateTimeField("作废时间", null=True, blank=True)
    voided_label = models.CharField("批准作废", max_length=200, blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "问题台账"
        indexes: ClassVar = [
            *PlaceBound.Meta.indexes,
            models.Index(fields=["keeper", "found_at"], name="cases_problem_keeper"),
            models.Index(fields=["estate", "matter"], name="cases_problem_estate"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def ref(self) -> Ref:
        return Ref("problem", str(self.pk), self.number, self.place_path)

    @property
    def open(self) -> bool:
        return self.solved_at is None and self.voided_at is None

    def is_party(self, actor: Actor) -> bool:
        """Who keeps it, who was told, and the office that has the case that came of it."""
        own, case = actor.organisation, self.opened_case
        lead = case.lead_id if case is not None and actor.is_staff_role else None
        return own is not None and own.pk in (self.keeper_id, self.reported_to_id, lead)


class ProblemEntry(models.Model):
    """What was done about a problem, by whom: stopped, eased, reported. Append-only by trigger."""

    problem = models.ForeignKey(Problem, models.PROTECT, related_name="entries", verbose_name="问题")
    kind = models.CharField("事件", max_length=60)
    title = models.CharField("标题", max_length=200)
    at = models.DateTimeField("时间")
    actor_label = models.CharField("办理人", max_length=200)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    text = models.TextField("内容", blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "问题经过"
        indexes: ClassVar = [models.Index(fields=["problem", "at"], name="cases_problem_entry")]

    def __str__(self) -> str:
        return self.title


class ProblemReport(models.Model):
    """To which level a line was told. The first one is where it is handled; others are told beside."""

    problem = models.ForeignKey(Problem, models.PROTECT, related_name="reports", verbose_name="问题")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="上报给")
    role = models.CharField("职责", max_length=40)
    at = models.DateTimeField("上报时间")
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "逐级上报"
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["problem", "organisation"], name="cases_problem_told_once")
        ]

    def __str__(self) -> str:
        return f"{self.organisation}"
