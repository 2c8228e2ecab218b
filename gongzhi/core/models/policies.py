"""Which document holds where, what its switches are set to, and the years of work days entered on screen."""

import uuid

from django.db import models

from gongzhi.core.models.bases import PlaceBound
from gongzhi.core.models.events import Event
from gongzhi.core.models.people import User
from gongzhi.core.models.places import Place


class PackAttachment(PlaceBound):
    """A pack holds for a place and all below it from a day on. A draft holds only where `switched_on`."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="attachments", verbose_name="地区")
    pack = models.CharField("文件", max_length=60)
    switched_on = models.BooleanField("征求意见稿试用", default=False)
    since = models.DateField("自", null=True, blank=True)
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="+")
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "文件适用"
        constraints = [models.UniqueConstraint(fields=["place", "pack"], name="core_attachment_once")]

    def __str__(self) -> str:
        return f"{self.pack} @ {self.place_path}"


class SwitchValue(PlaceBound):
    """One decision on a switch. Rows are added, never changed: the latest `from_on` not after the day counts."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="switch_values", verbose_name="地区")
    pack = models.CharField("文件", max_length=60)
    name = models.CharField("开关", max_length=80)
    value = models.TextField("取值")
    from_on = models.DateField("自")
    reason = models.TextField("理由")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="决定人")
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="+")
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "开关取值"
        indexes = [
            *PlaceBound.Meta.indexes,
            models.Index(fields=["place", "pack", "name", "from_on"], name="core_switch_lookup"),
        ]

    def __str__(self) -> str:
        return f"{self.pack}.{self.name}={self.value}"


class CalendarYear(models.Model):
    """The public holidays and adjusted work days of a year, as entered by an authorised person.

    `data` has the shape of a pack's calendar block: {"holidays": [{name, from, to}], "workdays": [date]}.
    """

    year = models.PositiveSmallIntegerField("年份", unique=True)
    data = models.JSONField("内容")
    source = models.CharField("依据文件", max_length=200)
    entered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="录入人")
    entered_at = models.DateTimeField("录入时间")
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "工作日历"

    def __str__(self) -> str:
        return str(self.year)


class PolicyStamp(models.Model):
    """One row. Its token changes with every attachment, switch and calendar year, so that processes know to read anew.

    A random token and not a counter: a counter of a transaction rolled back would come again with other content.
    """

    token = models.UUIDField(default=uuid.uuid4)

    class Meta:
        verbose_name = verbose_name_plural = "政策版本标记"

    def __str__(self) -> str:
        return str(self.token)
