"""What must be ready for a bad day, what was practised, and what happened when it came."""

from typing import Any

from django.db import models
from django.db.models import Q

from gongzhi.core import crypto
from gongzhi.core.models import Organisation, Place, PlaceBound, StoredFile
from gongzhi.core.refs import Ref
from gongzhi.equipment.models.upkeep import Served
from gongzhi.equipment.words import EMERGENCIES, EMERGENCY_STATES, NOTES, PLANS
from gongzhi.registry.models import Estate

PHONE = "equipment.contact"


class EmergencyPlan(Served, PlaceBound):
    """应急预案 of an estate, or of a place above it. `reserves` are the companies that step in."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="emergency_plans", verbose_name="地区")
    estate = models.ForeignKey(Estate, models.PROTECT, null=True, related_name="emergency_plans", verbose_name="小区")
    kind = models.CharField("种类", max_length=10, choices=list(PLANS.items()))
    title = models.CharField("名称", max_length=100)
    text = models.TextField("要点", blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="预案")
    reserves = models.ManyToManyField(Organisation, related_name="+", verbose_name="备选企业")
    made_by = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="登记单位")
    made_at = models.DateTimeField("登记时间")
    withdrawn_on = models.DateField("撤下", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "应急预案"
        constraints = [
            models.UniqueConstraint(
                fields=["place", "kind"], condition=Q(withdrawn_on=None), name="equipment_plan_once"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> Ref:
        return Ref("emergency_plan", str(self.pk), self.title, self.place_path)

    def is_party(self, actor: Any) -> bool:
        organisation = getattr(actor, "organisation", None)
        if organisation is None:
            return False
        if self.estate is not None and super().is_party(actor):
            return True
        return self.reserves.filter(pk=organisation.pk).exists()


class EmergencyContact(models.Model):
    """Whom to call. The number is kept under cipher and shown to who may read the plan."""

    plan = models.ForeignKey(EmergencyPlan, models.CASCADE, related_name="contacts", verbose_name="预案")
    name = models.CharField("联系人", max_length=60)
    part = models.CharField("分工", max_length=60)
    phone_cipher = models.TextField("电话（密文）")

    class Meta:
        verbose_name = verbose_name_plural = "应急联系人"

    def __str__(self) -> str:
        return f"{self.part} {self.name}"

    def set_phone(self, phone: str) -> None:
        self.phone_cipher = crypto.encrypt(phone, purpose=PHONE)

    @property
    def phone(self) -> str:
        return crypto.decrypt(self.phone_cipher, purpose=PHONE)

    @property
    def masked_phone(self) -> str:
        return crypto.mask_phone(self.phone)


class Drill(Served, PlaceBound):
    """演练 that was held: of what, when, by how many, with photographs."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="drills", verbose_name="小区")
    kind = models.CharField("演练内容", max_length=10, choices=list(PLANS.items()))
    held_on = models.DateField("日期")
    participants = models.PositiveIntegerField("参加人数")
    note = models.TextField("情况", blank=True)
    photos = models.ManyToManyField(StoredFile, related_name="+", verbose_name="照片")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="登记单位")
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "演练"
        ordering = ["-held_on", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(participants__gt=0), name="equipment_drill_people")]

    def __str__(self) -> str:
        return f"{self.estate}{self.get_kind_display()}演练"

    @property
    def ref(self) -> Ref:
        return Ref("drill", str(self.pk), str(self), self.place_path)


class Emergency(Served, PlaceBound):
    """突发事件: reported with one press, told to who must know, noted step by step. `ordered_by` the office that
    gives the task, where it was an office."""

    number = models.CharField("编号", max_length=40, unique=True)
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="emergencies", verbose_name="小区")
    kind = models.CharField("种类", max_length=10, choices=list(EMERGENCIES.items()))
    text = models.TextField("情况")
    at = models.DateTimeField("上报时间")
    by_label = models.CharField("上报（当时）", max_length=200)
    plan = models.ForeignKey(
        EmergencyPlan, models.PROTECT, null=True, related_name="emergencies", verbose_name="按哪份预案"
    )
    ordered_by = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="下达单位")
    taken_by = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="emergencies_taken", verbose_name="应急接管企业"
    )
    taken_until = models.DateField("应急接管到", null=True)
    basis = models.JSONField("依据", default=list)
    state = models.CharField("状态", max_length=8, choices=list(EMERGENCY_STATES.items()), default="open")
    closed_at = models.DateTimeField("结束时间", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "突发事件"

    def __str__(self) -> str:
        return f"{self.estate}{self.get_kind_display()}"

    @property
    def ref(self) -> Ref:
        return Ref("emergency", str(self.pk), str(self), self.place_path)

    def _of(self, organisation: Organisation) -> bool:
        told = self.plan is not None and self.plan.reserves.filter(pk=organisation.pk).exists()
        return told or organisation.pk == self.taken_by_id


class EmergencyNote(models.Model):
    """What was done, when: the line of an emergency. A rescue names the unit that turned out."""

    emergency = models.ForeignKey(Emergency, models.CASCADE, related_name="notes", verbose_name="突发事件")
    kind = models.CharField("种类", max_length=8, choices=list(NOTES.items()))
    at = models.DateTimeField("时间")
    text = models.TextField("经过")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    by_label = models.CharField("登记（当时）", max_length=200)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="照片")

    class Meta:
        verbose_name = verbose_name_plural = "处置经过"
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.at} {self.get_kind_display()}"
