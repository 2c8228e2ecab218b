"""What several departments do together: joint operations, checks, campaigns, conferences."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from gongzhi.cases.enforcement.words import OPERATION_STATES, OPERATIONS, PARTS
from gongzhi.core.actors import Actor
from gongzhi.core.models import Organisation, PlaceBound, StoredFile, User
from gongzhi.core.refs import Ref


class Operation(PlaceBound):
    """With its plan, who takes part, what each one did. Archived only when everybody has told his result."""

    number = models.CharField("编号", max_length=40, unique=True)
    kind = models.CharField("种类", max_length=12, choices=list(OPERATIONS.items()))
    title = models.CharField("名称", max_length=120)
    plan = models.TextField("方案")
    planned_on = models.DateField("安排日期")
    held_on = models.DateField("开展日期", null=True)
    summary = models.TextField("总结", blank=True)
    topics = ArrayField(models.CharField(max_length=60), verbose_name="查处的事项", default=list)
    opener = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="发起单位")
    basis = models.JSONField("依据")
    state = models.CharField("状态", max_length=8, choices=list(OPERATION_STATES.items()), default="planned")
    opened_at = models.DateTimeField("发起时间")
    archived_at = models.DateTimeField("归档时间", null=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="经办人")
    version = models.PositiveIntegerField("版本", default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "联合行动"
        indexes: ClassVar = [
            *PlaceBound.Meta.indexes,
            models.Index(fields=["kind", "held_on"], name="cases_operation_kind"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(state="archived") | ~Q(held_on=None), name="cases_operation_was_held")
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def ref(self) -> Ref:
        return Ref("operation", str(self.pk), str(self), self.place_path)

    def party_roles(self, actor: Actor) -> set[str]:
        """`operation_lead`, `operation_unit`: by the part that the actor's unit has."""
        if actor.organisation is None:
            return set()
        own = {one.part for one in self.units.all() if one.organisation_id == actor.organisation.pk}
        found = {"operation_lead"} if own & {"main", "lead"} or self.opener_id == actor.organisation.pk else set()
        return found | ({"operation_unit"} if own else set())

    def is_party(self, actor: Actor) -> bool:
        return bool(self.party_roles(actor))


class OperationUnit(models.Model):
    """A unit's part, and its result."""

    operation = models.ForeignKey(Operation, models.CASCADE, related_name="units", verbose_name="行动")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="单位")
    role = models.CharField("职责", max_length=40)
    part = models.CharField("作用", max_length=8, choices=list(PARTS.items()))
    told_at = models.DateTimeField("通知时间")
    result = models.TextField("结果", blank=True)
    result_at = models.DateTimeField("填报时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "参加单位"
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["operation", "organisation"], name="cases_operation_unit_once")
        ]

    def __str__(self) -> str:
        return str(self.organisation)

    @property
    def ref(self) -> Ref:
        return Ref("operation_unit", str(self.pk), self.operation.title, self.operation.place_path)


class OperationItem(models.Model):
    """A task: in which estate, about what, whose it is, what came of it, how many were punished."""

    operation = models.ForeignKey(Operation, models.CASCADE, related_name="items", verbose_name="行动")
    estate = models.ForeignKey("registry.Estate", models.PROTECT, null=True, related_name="+", verbose_name="小区")
    matter = models.CharField("事项", max_length=60, blank=True)
    text = models.CharField("任务", max_length=200)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="承办单位")
    company = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="涉及企业")
    result = models.TextField("结果", blank=True)
    result_at = models.DateTimeField("填报时间", null=True)
    units = models.PositiveIntegerField("处罚单位", default=0)
    households = models.PositiveIntegerField("处罚家庭", default=0)
    persons = models.PositiveIntegerField("处罚个人", default=0)
    photo = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="照片")

    class Meta:
        verbose_name = verbose_name_plural = "行动任务"
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.text

    @property
    def ref(self) -> Ref:
        return Ref("operation_item", str(self.pk), self.text, self.operation.place_path)
