"""A duty: who owes what, by when, by which clause. What happened to it is in the event log."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE as LOCAL
from gongzhi.core.models import PlaceBound
from gongzhi.core.refs import Ref

LONGEST_TITLE = 200


class State(models.TextChoices):
    OPEN = "open", "办理中"
    OVERDUE = "overdue", "已超期"
    FULFILLED = "fulfilled", "按期办结"
    FULFILLED_LATE = "fulfilled_late", "超期办结"
    SILENT = "silent", "期满视为办结"
    EXCUSED = "excused", "已免责"
    VOID = "void", "已撤销"


RUNNING = (State.OPEN, State.OVERDUE)
ON_TIME = (State.FULFILLED, State.SILENT)


class Source(models.TextChoices):
    WEB = "web", "网上投诉"
    PHONE = "phone", "电话投诉"
    VISIT = "visit", "来访投诉"
    HOTLINE = "hotline", "热线转办"
    STEWARD = "steward", "楼幢长上报"
    INSPECTION = "inspection", "督查检查"
    RECURRING = "recurring", "周期任务"
    TASK = "task", "交办任务"
    DOCUMENT = "document", "公文"
    FAULT = "fault", "规则故障"
    CASE = "case", "案件"
    OTHER = "other", "日常工作"


class Duty(PlaceBound):
    """One obligation of one organisation. Columns serve queries; `state_json` is what the engine reads and writes."""

    rule = models.TextField("规则")
    pack = models.TextField("政策包", blank=True)
    title = models.TextField("要做的事")
    source = models.TextField("来源", choices=Source.choices, default=Source.OTHER)
    subject_kind = models.TextField("事项类别")
    subject_id = models.TextField("事项")
    subject_title = models.TextField("事项名称", blank=True)
    estate = models.ForeignKey(
        "registry.Estate", verbose_name="小区", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    owner_role = models.TextField("责任角色")
    owner_organisation = models.ForeignKey(
        "core.Organisation", verbose_name="责任单位", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    creditor = models.ForeignKey(
        "core.Organisation", verbose_name="交办单位", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    assigned_to = models.ForeignKey(
        "core.User", verbose_name="承办人", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField("产生时间")
    due_at = models.DateTimeField("到期时间", null=True, blank=True)
    original_due_at = models.DateTimeField("原到期时间", null=True, blank=True)
    last_day = models.DateField("期限末日", null=True, blank=True)
    provisional = models.BooleanField("期限暂定", default=False)
    state = models.TextField("状态", choices=State.choices, default=State.OPEN)
    step = models.SmallIntegerField("督促级数", default=-1)
    step_name = models.TextField("督促级别", blank=True)
    ladder_key = models.TextField("计次范围", blank=True)
    next_at = models.DateTimeField("下次动作时间", null=True, blank=True)
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)
    suspended = models.BooleanField("已中止计时", default=False)
    manual = models.BooleanField("由人工标记办结", default=False)
    clauses = ArrayField(models.TextField(), verbose_name="依据条款", default=list)
    until_kinds = ArrayField(models.TextField(), verbose_name="办结事件", default=list)
    explanation = models.JSONField("期限说明", default=dict)
    state_json = models.JSONField("时钟状态", default=dict)
    opening = models.TextField("由何产生")
    opened_by = models.ForeignKey(
        "core.Event", verbose_name="产生事件", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    prompted_on = models.DateField("最近催办日", null=True, blank=True)
    request = models.JSONField("待批申请", null=True, blank=True)
    note = models.TextField("办理说明", blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = "职责"
        verbose_name_plural = "职责"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["opening", "rule", "subject_kind", "subject_id", "owner_role"], name="duty_opened_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "overdue"], closed_at__isnull=True)
                | Q(~Q(state__in=["open", "overdue"]), closed_at__isnull=False),
                name="duty_running_or_closed",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["next_at", "id"], condition=Q(next_at__isnull=False), name="duty_clock"),
            models.Index(
                fields=["ladder_key", "step"], condition=~Q(ladder_key="") & Q(step__gte=0), name="duty_ladder"
            ),
            models.Index(fields=["subject_kind", "subject_id"], name="duty_subject"),
            models.Index(
                fields=["owner_organisation", "due_at"], condition=Q(closed_at__isnull=True), name="duty_owner_open"
            ),
            models.Index(fields=["assigned_to", "due_at"], condition=Q(closed_at__isnull=True), name="duty_user_open"),
            models.Index(fields=["creditor", "due_at"], condition=Q(closed_at__isnull=True), name="duty_creditor_open"),
            models.Index(fields=["owner_organisation", "last_day"], name="duty_owner_day"),
            models.Index(
                fields=["owner_organisation", "-closed_at"],
                condition=Q(closed_at__isnull=False),
                name="duty_owner_done",
            ),
            models.Index(
                fields=["place_path", "last_day"], opclasses=["text_pattern_ops", "date_ops"], name="duty_place"
            ),
            models.Index(
                fields=["place_path", "due_at"],
                opclasses=["text_pattern_ops", "timestamptz_ops"],
                condition=Q(state="overdue"),
                name="duty_place_overdue",
            ),
            models.Index(fields=["id"], condition=Q(closed_at__isnull=True, provisional=True), name="duty_provisional"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> Ref:
        return Ref("duty", str(self.pk), title=self.title, place_path=self.place_path)

    @property
    def subject(self) -> Ref:
        return Ref(self.subject_kind, self.subject_id, title=self.subject_title, place_path=self.place_path)

    @property
    def running(self) -> bool:
        return self.closed_at is None

    @property
    def last_moment_is_midnight(self) -> bool:
        """Whether the duty falls due at 24:00 of its last day, as day deadlines do, rather than at an hour of it."""
        local = self.due_at.astimezone(LOCAL) if self.due_at else None
        return local is not None and (local.hour, local.minute, local.second) == (0, 0, 0)

    def is_party(self, actor: Actor) -> bool:
        """The organisation that owes the duty is party to it, and so is the one that handed it out."""
        organisation = actor.organisation
        return organisation is not None and organisation.pk in (self.owner_organisation_id, self.creditor_id)

    def owed_by(self, actor: Actor) -> bool:
        organisation = actor.organisation
        return organisation is not None and organisation.pk == self.owner_organisation_id

    @property
    def own_side(self) -> "OwnSide":
        return OwnSide(self)

    @property
    def to_decide(self) -> "ToDecide":
        return ToDecide(self)


@dataclass(frozen=True)
class OwnSide:
    """The duty as a thing that only its owner may act on."""

    duty: Duty

    @property
    def place_path(self) -> str:
        return self.duty.place_path

    def is_party(self, actor: Actor) -> bool:
        return self.duty.owed_by(actor)


@dataclass(frozen=True)
class ToDecide:
    """The duty as a thing that others decide on: who owes it does not approve its own delay."""

    duty: Duty

    @property
    def place_path(self) -> str:
        return self.duty.place_path

    def conflict_of_interest(self, actor: Actor) -> str:
        return "本单位就是责任单位" if self.duty.owed_by(actor) else ""


def day_before(moment: datetime) -> date:
    """The local day that a deadline closes: 24:00 of the 13th is stored as 0:00 of the 14th and belongs to the 13th."""
    return (moment.astimezone(LOCAL) - timedelta(microseconds=1)).date()
