"""What was done and shown in a case: entries of the timeline, files, and the archive's list."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from gongzhi.cases.codes import ARCHIVE_ITEMS
from gongzhi.cases.models.case import Case
from gongzhi.cases.models.complaint import Complaint
from gongzhi.core.models import Event, Organisation, StoredFile, User

STAGES = {
    "publish": "公示",
    "stop": "制止",
    "register": "登记",
    "report": "上报",
    "handle": "处理",
    "archive": "归档",
    "account": "问责",
}


class CaseEntry(models.Model):
    """One line of the timeline. Append-only by trigger. `told` is what the complainant may read of it."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="entries", verbose_name="案件")
    kind = models.CharField("事件", max_length=60)
    title = models.CharField("标题", max_length=200)
    stage = models.CharField("环节", max_length=12, choices=list(STAGES.items()))
    at = models.DateTimeField("时间")
    actor = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="办理人")
    actor_label = models.CharField("办理人（当时）", max_length=200)
    actor_role = models.CharField("办理角色", max_length=40, blank=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="办理单位"
    )
    text = models.TextField("内容", blank=True)
    told = models.TextField("告知投诉人的内容", blank=True)
    data = models.JSONField("要素", default=dict)
    clauses = models.JSONField("依据", default=list)
    event = models.ForeignKey(Event, models.PROTECT, null=True, blank=True, related_name="+")
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "办理经过"
        indexes: ClassVar = [models.Index(fields=["case", "at", "id"], name="cases_entry_case")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.title}"


class CaseFile(models.Model):
    """A file in a complaint or a case, and as what: an archive item or a paper of a transfer."""

    complaint = models.ForeignKey(
        Complaint, models.PROTECT, null=True, blank=True, related_name="files", verbose_name="投诉"
    )
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="files", verbose_name="案件")
    entry = models.ForeignKey(
        CaseEntry, models.PROTECT, null=True, blank=True, related_name="files", verbose_name="办理经过"
    )
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    item = models.CharField("材料类别", max_length=24, blank=True)
    added_at = models.DateTimeField("加入时间")
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "材料"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(complaint__isnull=False) | Q(case__isnull=False), name="cases_file_has_owner"
            )
        ]

    def __str__(self) -> str:
        return self.file.name


class ArchiveItem(models.Model):
    """One of the kinds of material of an archived case: present, or ticked as none."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="archive_items", verbose_name="案件")
    item = models.CharField("材料类别", max_length=24, choices=list(ARCHIVE_ITEMS.items()))
    none = models.BooleanField("无")
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "归档材料"
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "item"], name="cases_archive_item_once")]

    def __str__(self) -> str:
        return f"{self.get_item_display()}{'（无）' if self.none else ''}"
