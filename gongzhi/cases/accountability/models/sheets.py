"""工作交办单 and 督查通报: items for units, the signatures a pack wants, then one numbered paper and a task an item."""

from typing import ClassVar

from django.db import models

from gongzhi.cases.accountability.models.tasks import WorkTask
from gongzhi.core.actors import Actor
from gongzhi.core.models import Document, Organisation, PlaceBound, User
from gongzhi.core.refs import Ref

KINDS = {"order": "工作交办单", "circular": "督查通报"}
INSTRUMENTS = {"order": "task_order", "circular": "supervision_circular"}


class Sheet(PlaceBound):
    kind = models.CharField("种类", max_length=12, choices=list(KINDS.items()))
    title = models.CharField("标题", max_length=120)
    origin = models.CharField("来由", max_length=200)
    drafted_at = models.DateTimeField("起草时间")
    drafted_label = models.CharField("起草人", max_length=200)
    office = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="起草单位")
    sent_at = models.DateTimeField("下发时间", null=True, blank=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="文书")
    version = models.PositiveIntegerField("版本", default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "交办单和督查通报"

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> Ref:
        return Ref("sheet", str(self.pk), self.title, self.place_path)

    def is_party(self, actor: Actor) -> bool:
        """The units it names, once it was sent."""
        organisation = actor.organisation
        if organisation is None or self.sent_at is None:
            return False
        return self.items.filter(unit=organisation).exists()


class SheetItem(models.Model):
    sheet = models.ForeignKey(Sheet, models.CASCADE, related_name="items", verbose_name="单")
    position = models.PositiveSmallIntegerField("次序")
    text = models.CharField("事项", max_length=160)
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="责任单位")
    due_on = models.DateField("期限")
    task = models.OneToOneField(
        WorkTask, models.PROTECT, null=True, blank=True, related_name="sheet_item", verbose_name="任务"
    )

    class Meta:
        verbose_name = verbose_name_plural = "交办事项"
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["sheet", "position"], name="cases_sheet_item_once")]

    def __str__(self) -> str:
        return self.text


class SheetSignature(models.Model):
    sheet = models.ForeignKey(Sheet, models.CASCADE, related_name="signatures", verbose_name="单")
    role = models.CharField("签字角色", max_length=40)
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="签字人")
    signed_label = models.CharField("签字人（当时）", max_length=200)
    signed_at = models.DateTimeField("签字时间")

    class Meta:
        verbose_name = verbose_name_plural = "签发和会签"
        constraints: ClassVar = [models.UniqueConstraint(fields=["sheet", "role"], name="cases_sheet_signed_once")]

    def __str__(self) -> str:
        return self.signed_label
