"""交办任务: of the yearly plan, of an order sheet, of a circular, or given by hand. The duty is its clock."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from gongzhi.core.actors import Actor
from gongzhi.core.models import Document, Organisation, PlaceBound, PlaceQuerySet, StoredFile
from gongzhi.core.refs import Ref

SOURCES = {
    "plan": "年度计划",
    "hand": "直接交办",
    "monthly": "月调度",
    "order": "工作交办单",
    "circular": "督查通报",
}


class TaskState(models.TextChoices):
    GIVEN = "given", "待签收"
    SIGNED = "signed", "办理中"
    DONE = "done", "待验收"
    PASSED = "passed", "验收合格"
    FAILED = "failed", "验收不合格，返工"


# The steps of a ladder by the names that officials use.
STEP_NAMES = {"copy_notice": "抄告", "supervision": "督办", "censure": "通报"}
RUNNING = (TaskState.GIVEN, TaskState.SIGNED, TaskState.FAILED)
COMPLETED = (TaskState.DONE, TaskState.PASSED)


class TaskQuerySet(PlaceQuerySet):
    def completed(self) -> Self:
        return self.filter(state__in=COMPLETED)

    def overdue(self, now: datetime) -> Self:
        return self.filter(state__in=RUNNING, duty__due_at__lte=now)

    def in_time(self, now: datetime) -> Self:
        return self.filter(state__in=RUNNING).filter(Q(duty__due_at__gt=now) | Q(duty__due_at=None))


class Plan(PlaceBound):
    """The yearly plan, split into tasks by unit and month."""

    year = models.PositiveSmallIntegerField("年度")
    title = models.CharField("名称", max_length=120)
    office = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="制定单位")
    published_at = models.DateTimeField("下达时间")
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "年度计划"
        constraints: ClassVar = [models.UniqueConstraint(fields=["office", "year", "title"], name="cases_plan_once")]

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> Ref:
        return Ref("plan", str(self.pk), self.title, self.place_path)


class WorkTask(PlaceBound):
    """`duty` is the clock that runs now: the first one, or that of the rework after a failed check."""

    number = models.CharField("编号", max_length=40, unique=True)
    source = models.CharField("来源", max_length=12, choices=list(SOURCES.items()))
    title = models.CharField("任务", max_length=160)
    text = models.TextField("要求", blank=True)
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="work_tasks", verbose_name="责任单位")
    given_by = models.ForeignKey(Organisation, models.PROTECT, related_name="given_tasks", verbose_name="交办单位")
    given_at = models.DateTimeField("交办时间")
    due_on = models.DateField("期限")
    estate = models.ForeignKey(
        "registry.Estate", models.PROTECT, null=True, blank=True, related_name="work_tasks", verbose_name="小区"
    )
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="tasks", verbose_name="年度计划")
    division = models.CharField("任务分工中的项", max_length=80, blank=True)
    duty = models.ForeignKey(
        "duties.Duty", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="期限任务"
    )
    state = models.CharField("状态", max_length=12, choices=TaskState.choices, default=TaskState.GIVEN)
    signed_at = models.DateTimeField("签收时间", null=True, blank=True)
    done_at = models.DateTimeField("报结时间", null=True, blank=True)
    verified_at = models.DateTimeField("验收时间", null=True, blank=True)
    failures = models.PositiveSmallIntegerField("验收不合格次数", default=0)
    censure = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="通报")
    censured_at = models.DateTimeField("通报时间", null=True, blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    demo = models.BooleanField("示范数据", default=False)

    objects = TaskQuerySet.as_manager()  # type: ignore[misc]

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "交办任务"
        indexes: ClassVar = [
            *PlaceBound.Meta.indexes,
            models.Index(fields=["unit", "due_on"], name="cases_task_unit"),
            models.Index(fields=["division"], name="cases_task_division", condition=~Q(division="")),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def ref(self) -> Ref:
        return Ref("work_task", str(self.pk), self.title, self.place_path)

    @property
    def step_words(self) -> str:
        """How far the clock went with it: 抄告, 督办, 通报, or nothing."""
        name = self.duty.step_name if self.duty is not None else ""
        return STEP_NAMES.get(name, name)

    @property
    def owing(self) -> bool:
        return self.state in RUNNING

    def overdue(self, now: datetime) -> bool:
        return self.owing and self.duty is not None and self.duty.due_at is not None and now >= self.duty.due_at

    def is_party(self, actor: Actor) -> bool:
        return actor.organisation is not None and actor.organisation.pk in (self.unit_id, self.given_by_id)

    @property
    def owing_side(self) -> "OneSide":
        return OneSide(self.place_path, self.unit_id)

    @property
    def giving_side(self) -> "OneSide":
        return OneSide(self.place_path, self.given_by_id)


class OneSide:
    """A task as a thing that only one of its two units may act on."""

    def __init__(self, place_path: str, unit: int) -> None:
        self.place_path, self.unit = place_path, unit

    def is_party(self, actor: Actor) -> bool:
        return actor.organisation is not None and actor.organisation.pk == self.unit


ENTRIES = {
    "given": "交办",
    "signed": "签收",
    "feedback": "反馈",
    "visited": "现场督办",
    "done": "报结",
    "passed": "验收合格",
    "failed": "验收不合格",
    "censured": "通报",
}


class WorkTaskEntry(models.Model):
    """What was done about a task, by whom. `spot` and `at` say where and when a supervisor stood there."""

    task = models.ForeignKey(WorkTask, models.PROTECT, related_name="entries", verbose_name="任务")
    kind = models.CharField("经过", max_length=12, choices=list(ENTRIES.items()))
    at = models.DateTimeField("时间")
    actor_label = models.CharField("办理人", max_length=200)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="单位"
    )
    text = models.TextField("内容", blank=True)
    spot = models.CharField("地点", max_length=200, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="附件")
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "任务经过"
        indexes: ClassVar = [models.Index(fields=["task", "at", "id"], name="cases_task_entry")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(kind="visited") | (~Q(spot="") & Q(file__isnull=False)), name="cases_visit_has_photo"
            )
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.get_kind_display()}"
