"""What is done to a piece again and again, by whose contract, at whose cost, and what broke."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q

from gongzhi.core.models import Organisation, PlaceBound, StoredFile
from gongzhi.core.refs import Ref
from gongzhi.equipment.words import CONTRACT_STATES, CONTRACTS, FAULT_STATES, FAULTS
from gongzhi.registry.models import Estate, Facility
from gongzhi.registry.questions import CARE_ITEMS, FACILITY_KINDS


class Served:
    """A row of an estate: its company is a party to it."""

    estate: Any

    def is_party(self, actor: Any) -> bool:
        organisation = getattr(actor, "organisation", None)
        if organisation is None:
            return False
        return self._of(organisation) or self.estate.projects.filter(company=organisation, to_on=None).exists()

    def _of(self, organisation: Organisation) -> bool:
        return False

    def party_roles(self, actor: Any) -> tuple[str, ...]:
        """An office or department of the government, one of a city's own document among them."""
        return ("office",) if getattr(actor, "is_staff_role", False) else ()


class Care(models.Model):
    """Something that the document wants done to a piece every so often. `due_on` is the last day for the next time."""

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="cares", verbose_name="设施")
    item = models.CharField("项目", max_length=10, choices=list(CARE_ITEMS.items()))
    last_on = models.DateField("上次", null=True)
    due_on = models.DateField("最迟")
    basis = models.JSONField("依据", default=list)
    # The last day whose passing is in the event log already.
    noted = models.DateField("已记录超期的日期", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "定期项目"
        indexes = [models.Index(fields=["due_on"], name="equipment_care_due")]
        constraints = [models.UniqueConstraint(fields=["facility", "item"], name="equipment_care_once")]

    def __str__(self) -> str:
        return f"{self.facility}{self.get_item_display()}"

    def overdue(self, on: date) -> bool:
        return on > self.due_on


class UpkeepContract(Served, PlaceBound):
    """Somebody looks after, insures or repairs the pieces of a kind in an estate. `payer` who bears its cost."""

    number = models.CharField("编号", max_length=40, unique=True)
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="upkeep_contracts", verbose_name="小区")
    contract = models.CharField("种类", max_length=12, choices=list(CONTRACTS.items()))
    kind = models.CharField("设施种类", max_length=20, choices=list(FACILITY_KINDS.items()))
    company = models.ForeignKey(Organisation, models.PROTECT, related_name="upkeep_contracts", verbose_name="乙方")
    party_a = models.CharField("甲方的身份", max_length=40)
    party_a_unit = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="甲方")
    payers = models.JSONField("只能由谁付费", default=list)
    tendered = models.CharField("招标记录", max_length=120, blank=True)
    from_on = models.DateField("自")
    to_on = models.DateField("至")
    ended_on = models.DateField("提前终止", null=True)
    yearly_fen = models.BigIntegerField("每年费用（分）", null=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="合同")
    basis = models.JSONField("依据", default=list)
    warn_on = models.DateField("从哪一天起提醒", null=True)
    warned = models.BooleanField("已提醒", default=False)
    made_at = models.DateTimeField("登记时间")
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "设施合同"
        constraints = [models.CheckConstraint(condition=Q(to_on__gte=F("from_on")), name="equipment_contract_days")]

    def __str__(self) -> str:
        return f"{self.estate}{self.get_kind_display()}{self.get_contract_display()}"

    @property
    def ref(self) -> Ref:
        return Ref("upkeep_contract", str(self.pk), str(self), self.place_path)

    def _of(self, organisation: Organisation) -> bool:
        return organisation.pk in (self.company_id, self.party_a_unit_id)

    def state_on(self, on: date) -> str:
        if self.ended_on is not None and on >= self.ended_on:
            return "ended"
        if on < self.from_on:
            return "coming"
        if on > self.to_on:
            return "over"
        return "ending" if self.warn_on is not None and on >= self.warn_on else "running"

    def state_words(self, on: date) -> str:
        return CONTRACT_STATES[self.state_on(on)]


class UpkeepPayment(models.Model):
    """A line of the book of costs: who paid how much for which time."""

    contract = models.ForeignKey(UpkeepContract, models.PROTECT, related_name="payments", verbose_name="合同")
    paid_on = models.DateField("付款日期")
    payer_role = models.CharField("付款方的身份", max_length=40)
    payer = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="付款方")
    amount_fen = models.BigIntegerField("金额（分）")
    period = models.CharField("哪一期", max_length=40, blank=True)
    by_label = models.CharField("登记（当时）", max_length=200)
    at = models.DateTimeField("时间")
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "设施费用"
        ordering = ["-paid_on", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(amount_fen__gt=0), name="equipment_payment_amount")]

    def __str__(self) -> str:
        return f"{self.paid_on} {self.amount_fen}"


class Fault(Served, PlaceBound):
    """Something does not work, or does what it must not: reported, somebody came, it is right again."""

    number = models.CharField("编号", max_length=40, unique=True)
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="faults", verbose_name="小区")
    facility = models.ForeignKey(Facility, models.PROTECT, null=True, related_name="faults", verbose_name="设施")
    kind = models.CharField("设施种类", max_length=20, choices=list(FACILITY_KINDS.items()))
    fault = models.CharField("故障", max_length=10, choices=list(FAULTS.items()))
    text = models.TextField("情况")
    happened_at = models.DateTimeField("发生时间")
    reported_label = models.CharField("报告（当时）", max_length=200)
    responder = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="处置单位")
    responder_role = models.CharField("处置单位的身份", max_length=40, blank=True)
    contract = models.ForeignKey(
        UpkeepContract, models.PROTECT, null=True, related_name="faults", verbose_name="凭哪份合同"
    )
    given = models.JSONField("期限", default=dict)
    basis = models.JSONField("依据", default=list)
    state = models.CharField("状态", max_length=8, choices=list(FAULT_STATES.items()), default="open")
    arrived_at = models.DateTimeField("到场时间", null=True)
    fixed_at = models.DateTimeField("修复时间", null=True)
    outcome = models.TextField("处置结果", blank=True)
    photo = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="照片")
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "故障"
        constraints = [
            models.CheckConstraint(
                condition=Q(state="fixed", fixed_at__isnull=False) | ~Q(state="fixed") & Q(fixed_at=None),
                name="equipment_fault_fixed",
            )
        ]

    def __str__(self) -> str:
        return f"{self.facility or self.get_kind_display()}{self.get_fault_display()}"

    @property
    def ref(self) -> Ref:
        return Ref("fault", str(self.pk), f"{self.estate}{self}", self.place_path)

    def _of(self, organisation: Organisation) -> bool:
        return organisation.pk == self.responder_id
