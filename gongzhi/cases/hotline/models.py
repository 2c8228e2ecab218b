"""Where tickets come from, the files they came in, and each ticket with the complaint it became."""

from datetime import time, timedelta
from typing import ClassVar

from django.db import models

from gongzhi.cases.models.complaint import Complaint
from gongzhi.core.days import ZONE, local_day
from gongzhi.core.display import cn_day
from gongzhi.core.models import Organisation, PlaceBound, StoredFile, User
from gongzhi.core.refs import Ref


class HotlineSource(PlaceBound):
    """A hotline that sends tickets to an office. `address`: where answers are posted; empty: they go as files only."""

    name = models.CharField("名称", max_length=60)
    desk = models.ForeignKey(Organisation, models.PROTECT, related_name="hotline_sources", verbose_name="接收单位")
    mapping = models.JSONField("栏目对应", default=dict)
    matter_words = models.JSONField("事项对应", default=dict)
    estate_words = models.JSONField("小区对应", default=dict)
    address = models.URLField("回传地址", max_length=300, blank=True)
    secret_cipher = models.TextField("回传密钥", blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "热线来源"
        constraints: ClassVar = [models.UniqueConstraint(fields=["desk", "name"], name="cases_hotline_source_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> Ref:
        return Ref("hotline_source", str(self.pk), self.name, self.place_path)


class HotlineRun(PlaceBound):
    """One file. The dry run writes the row; the worker takes the tickets in, one transaction each."""

    STATES: ClassVar = [("checked", "已试导"), ("queued", "正在导入"), ("imported", "已导入")]

    source = models.ForeignKey(HotlineSource, models.PROTECT, related_name="runs", verbose_name="来源")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    state = models.CharField("状态", max_length=10, choices=STATES, default="checked")
    report = models.JSONField("结果", default=dict)
    uploaded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="上传人")
    post = models.ForeignKey("core.Post", models.PROTECT, null=True, related_name="+", verbose_name="上传时的岗位")
    uploaded_at = models.DateTimeField("上传时间")
    imported_at = models.DateTimeField("导入时间", null=True, blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "热线导入"

    def __str__(self) -> str:
        return self.file.name

    @property
    def ref(self) -> Ref:
        return Ref("hotline_run", str(self.pk), self.file.name, self.place_path)


class HotlineTicket(PlaceBound):
    """One number of the hotline. `marks`: keyed hashes of its cells, so that a change can be told."""

    source = models.ForeignKey(HotlineSource, models.PROTECT, related_name="tickets", verbose_name="来源")
    number = models.CharField("热线编号", max_length=60)
    complaint = models.OneToOneField(
        Complaint, models.PROTECT, null=True, related_name="hotline_ticket", verbose_name="投诉"
    )
    due_at = models.DateTimeField("热线期限", null=True, blank=True)
    state = models.CharField("热线状态", max_length=60, blank=True)
    attachments = models.TextField("热线附件", blank=True)
    marks = models.JSONField("各栏摘要", default=dict)
    answers = models.PositiveIntegerField("已回传次数", default=0)
    taken_at = models.DateTimeField("导入时间")
    changed_at = models.DateTimeField("更新时间", null=True, blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "热线工单"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "number"], name="cases_hotline_ticket_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.number}"

    @property
    def due_words(self) -> str:
        """12月2日24:00; midnight belongs to the day that it ends."""
        if self.due_at is None:
            return ""
        moment = self.due_at.astimezone(ZONE)
        if moment.time() == time():
            return f"{cn_day(local_day(moment - timedelta(microseconds=1)))}24:00"
        return f"{cn_day(moment)}{moment:%H:%M}"

    @property
    def ref(self) -> Ref:
        return Ref("hotline_ticket", str(self.pk), self.number, self.place_path)
