"""The books of the long tail: what a document wants kept of estates, towns and companies, as the pack defines it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from gongzhi.core.actors import Actor
from gongzhi.core.models import Organisation, PlaceBound, StoredFile, User
from gongzhi.core.refs import Ref
from gongzhi.patrols.words import ENTRY_STEPS
from gongzhi.registry.models import Estate


class RegisterEntry(PlaceBound):
    """One line of a book. `values` as typed text by field; `period` where the book is kept by period."""

    number = models.CharField("编号", max_length=40, unique=True)
    register = models.CharField("登记簿", max_length=60)
    title = models.CharField("名称", max_length=200)
    estate = models.ForeignKey(
        Estate, models.PROTECT, null=True, blank=True, related_name="register_entries", verbose_name="小区"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="register_entries", verbose_name="登记单位"
    )
    role = models.CharField("登记单位的职责", max_length=40)
    values = models.JSONField("内容", default=dict)
    stage = models.CharField("环节", max_length=40, blank=True)
    staged_on = models.DateField("环节日期")
    period = models.CharField("期间", max_length=10, blank=True)
    entered_at = models.DateTimeField("登记时间")
    due_on = models.DateField("期限", null=True)
    told = models.JSONField("提示", default=list)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="登记人")
    ended_on = models.DateField("注销", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "登记"
        ordering: ClassVar = ["-entered_at", "-id"]
        indexes: ClassVar = [
            *PlaceBound.Meta.indexes,
            models.Index(fields=["register", "estate"], name="patrols_entry_estate"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(register=""), name="patrols_entry_of_register"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> Ref:
        return Ref("register_entry", str(self.pk), self.title, self.place_path)

    def party_roles(self, actor: Actor) -> set[str]:
        own = actor.organisation.pk if actor.organisation is not None else None
        found = set()
        if own is not None and own == self.organisation_id or actor.user is not None and actor.user.pk == self.by_id:
            found.add("entry_writer")
        if own is not None and self.estate is not None:
            if self.estate.projects.filter(company=own, to_on=None).exists():
                found.add("entry_company")
        return found

    def is_party(self, actor: Actor) -> bool:
        return bool(self.party_roles(actor))


class EntryStep(models.Model):
    """What was written into it, stage by stage. Never changed."""

    entry = models.ForeignKey(RegisterEntry, models.CASCADE, related_name="steps", verbose_name="登记")
    step = models.CharField("步骤", max_length=8, choices=list(ENTRY_STEPS.items()))
    stage = models.CharField("环节", max_length=40, blank=True)
    on = models.DateField("日期")
    at = models.DateTimeField("时间")
    values = models.JSONField("内容", default=dict)
    note = models.TextField("说明", blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    by_label = models.CharField("办理人（当时）", max_length=200)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "登记经过"
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.on}"


class EntryFile(models.Model):
    """A file of an entry under the field that asks for it."""

    entry = models.ForeignKey(RegisterEntry, models.CASCADE, related_name="files", verbose_name="登记")
    field = models.CharField("项目", max_length=60)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "登记材料"
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.file.name
