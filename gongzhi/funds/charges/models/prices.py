"""What may be asked for: guide prices of the government, terms of a service contract, tariffs, what one unit has."""

from datetime import date
from decimal import Decimal

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from gongzhi.core.models import Organisation, PlaceBound, StoredFile, User
from gongzhi.core.money import yuan
from gongzhi.core.refs import Ref
from gongzhi.funds.charges.words import (
    BASES,
    COMMISSIONS,
    EVERY,
    FEES,
    GUIDE_STATES,
    MODES,
    PER,
    PERSONAL,
    PRICE_KINDS,
    TARIFF_STATES,
)
from gongzhi.governance.votes.models import Motion
from gongzhi.registry.models import Building, Estate, Project, Unit
from gongzhi.registry.models.spans import days
from gongzhi.registry.questions import UNIT_USES

PER_CENT, PER_MYRIAD = 100, 10_000


def percent(ratio: Decimal) -> str:
    return f"{(ratio * PER_CENT).normalize():f}%"


def price_field(name: str) -> "models.DecimalField[Decimal, Decimal]":
    return models.DecimalField(name, max_digits=12, decimal_places=4)


class GuidePrice(PlaceBound):
    """政府指导价 of one grade of service at a place: a base price with a band around it. Versions follow by day."""

    fee = models.CharField("收费项目", max_length=12, choices=list(FEES.items()), default="service")
    grade = models.CharField("服务等级", max_length=40)
    base_price = price_field("基准价（元/㎡·月）")
    up_ratio = models.DecimalField("上浮幅度", max_digits=6, decimal_places=4, default=Decimal(0))
    down_ratio = models.DecimalField("下浮幅度", max_digits=6, decimal_places=4, default=Decimal(0))
    factors = models.JSONField("制定因素", default=dict)
    document = models.CharField("文件", max_length=200, blank=True)
    state = models.CharField("状态", max_length=10, choices=list(GUIDE_STATES.items()), default="draft")
    from_on = models.DateField("执行日期")
    to_on = models.DateField("止", null=True, blank=True)
    made_by = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="制定单位")
    published_at = models.DateTimeField("公布时间", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "政府指导价"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_guide_path")]
        constraints = [
            models.CheckConstraint(condition=Q(base_price__gt=0), name="funds_guide_price"),
            models.CheckConstraint(
                condition=Q(up_ratio__gte=0, down_ratio__gte=0, down_ratio__lt=1), name="funds_guide_band"
            ),
            ExclusionConstraint(
                name="funds_guide_one",
                expressions=[
                    ("place_path", RangeOperators.EQUAL),
                    ("fee", RangeOperators.EQUAL),
                    ("grade", RangeOperators.EQUAL),
                    (days(), RangeOperators.OVERLAPS),
                ],
                condition=Q(state="published"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grade} {self.base_price.normalize():f}"

    @property
    def most(self) -> Decimal:
        return self.base_price * (1 + self.up_ratio)

    @property
    def least(self) -> Decimal:
        return self.base_price * (1 - self.down_ratio)

    @property
    def ref(self) -> Ref:
        return Ref("guide_price", str(self.pk), f"政府指导价 {self.grade}", self.place_path)


class GuidePriceSign(models.Model):
    """会签 of a guide price by one department."""

    guide = models.ForeignKey(GuidePrice, models.PROTECT, related_name="signs", verbose_name="指导价")
    role = models.CharField("部门", max_length=40)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="会签人")
    at = models.DateTimeField("会签时间")

    class Meta:
        verbose_name = verbose_name_plural = "指导价会签"
        constraints = [models.UniqueConstraint(fields=["guide", "role"], name="funds_guide_sign_once")]

    def __str__(self) -> str:
        return self.role


class ChargeTerms(PlaceBound):
    """What the service contract says of charges: the mode, the commission, when to pay, what being late costs."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="charge_terms", verbose_name="物业项目")
    mode = models.CharField("收费方式", max_length=12, choices=list(MODES.items()), default="lump_sum")
    commission_kind = models.CharField("酬金", max_length=8, choices=list(COMMISSIONS.items()), blank=True)
    commission_ratio = models.DecimalField("酬金比例", max_digits=6, decimal_places=4, null=True, blank=True)
    commission_fen = models.BigIntegerField("每月酬金（分）", null=True, blank=True)
    due_days = models.PositiveSmallIntegerField("出账后多少日内缴")
    late_rate = models.DecimalField("每日违约金比例", max_digits=8, decimal_places=6, null=True, blank=True)
    grade = models.CharField("合同约定的服务等级", max_length=40, blank=True)
    contract = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="合同")
    from_on = models.DateField("自")
    to_on = models.DateField("至", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "物业费合同约定"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_terms_path")]
        constraints = [
            models.CheckConstraint(condition=Q(to_on=None) | Q(to_on__gte=F("from_on")), name="funds_terms_days"),
            models.CheckConstraint(condition=Q(late_rate=None) | Q(late_rate__gt=0), name="funds_terms_late"),
            ExclusionConstraint(
                name="funds_terms_one",
                expressions=[("project", RangeOperators.EQUAL), (days(), RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.get_mode_display()}"

    def holds_on(self, day: date) -> bool:
        return self.from_on <= day and (self.to_on is None or day <= self.to_on)

    @property
    def late_per_myriad(self) -> str:
        """What being late costs a day, in 万分之."""
        return f"{(self.late_rate * PER_MYRIAD).normalize():f}" if self.late_rate is not None else ""

    @property
    def commission_words(self) -> str:
        if self.commission_ratio is not None:
            return f"支出的{percent(self.commission_ratio)}"
        return f"每月{yuan(self.commission_fen)}元" if self.commission_fen is not None else ""


class Tariff(PlaceBound):
    """收费标准 of a project: a price, how it is counted, for which units, from a day on.

    `use` empty: for every use that has no tariff of its own; `building` empty: for every building that has none.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="tariffs", verbose_name="物业项目")
    fee = models.CharField("收费项目", max_length=12, choices=list(FEES.items()))
    title = models.CharField("名称", max_length=60)
    price_kind = models.CharField("定价方式", max_length=8, choices=list(PRICE_KINDS.items()))
    basis = models.CharField("计费方式", max_length=8, choices=list(BASES.items()))
    price = price_field("单价（元）")
    every = models.PositiveSmallIntegerField("出账周期", choices=list(EVERY.items()))
    use = models.CharField("适用用途", max_length=20, choices=list(UNIT_USES.items()), blank=True)
    building = models.ForeignKey(
        Building, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="适用楼幢"
    )
    grade = models.CharField("服务等级", max_length=40, blank=True)
    state = models.CharField("状态", max_length=10, choices=list(TARIFF_STATES.items()), default="draft")
    from_on = models.DateField("执行日期")
    to_on = models.DateField("止", null=True, blank=True)
    guide = models.ForeignKey(GuidePrice, models.PROTECT, null=True, related_name="tariffs", verbose_name="指导价")
    filed_on = models.DateField("备案日期", null=True, blank=True)
    filing_number = models.CharField("备案号", max_length=60, blank=True)
    motion = models.ForeignKey(Motion, models.PROTECT, null=True, related_name="tariffs", verbose_name="业主决定")
    follows = models.ForeignKey("self", models.PROTECT, null=True, related_name="followed_by", verbose_name="原标准")
    answer = models.JSONField("判断", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "收费标准"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_tariff_path")]
        constraints = [
            models.CheckConstraint(condition=Q(price__gt=0), name="funds_tariff_price"),
            models.CheckConstraint(condition=Q(to_on=None) | Q(to_on__gte=F("from_on")), name="funds_tariff_days"),
            models.CheckConstraint(condition=Q(every__in=list(EVERY)), name="funds_tariff_every"),
            ExclusionConstraint(
                name="funds_tariff_one",
                expressions=[
                    ("project", RangeOperators.EQUAL),
                    ("fee", RangeOperators.EQUAL),
                    ("title", RangeOperators.EQUAL),
                    ("use", RangeOperators.EQUAL),
                    (models.functions.Coalesce("building", 0), RangeOperators.EQUAL),
                    (days(), RangeOperators.OVERLAPS),
                ],
                condition=Q(state="in_force"),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def estate(self) -> Estate:
        return self.project.estate

    @property
    def per(self) -> str:
        return PER[self.basis]

    @property
    def ref(self) -> Ref:
        return Ref("tariff", str(self.pk), f"{self.project.estate} {self.title}", self.place_path)


class PersonalCharge(models.Model):
    """What one unit has of its own from a day to a day: a number of things (parking), vacancy, a rebate."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="personal_charges", verbose_name="房屋")
    kind = models.CharField("种类", max_length=8, choices=list(PERSONAL.items()))
    tariff = models.ForeignKey(Tariff, models.PROTECT, null=True, related_name="personal", verbose_name="收费标准")
    quantity = models.DecimalField("数量", max_digits=8, decimal_places=2, null=True, blank=True)
    ratio = models.DecimalField("减收比例", max_digits=6, decimal_places=4, null=True, blank=True)
    text = models.CharField("说明", max_length=100, blank=True)
    from_on = models.DateField("自")
    to_on = models.DateField("至", null=True, blank=True)
    answer = models.JSONField("判断", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "单户收费事项"
        indexes = [models.Index(fields=["unit", "kind"], name="funds_personal_unit")]
        constraints = [
            models.CheckConstraint(condition=Q(to_on=None) | Q(to_on__gte=F("from_on")), name="funds_personal_days"),
            models.CheckConstraint(
                condition=Q(kind="item", tariff__isnull=False, quantity__gt=0, ratio=None)
                | Q(kind__in=["vacant", "rebate"], quantity=None, ratio__gt=0, ratio__lte=1),
                name="funds_personal_kind",
            ),
            ExclusionConstraint(
                name="funds_personal_vacant_once",
                expressions=[("unit", RangeOperators.EQUAL), (days(), RangeOperators.OVERLAPS)],
                condition=Q(kind="vacant"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.get_kind_display()}"

    @property
    def percent(self) -> str:
        return percent(self.ratio) if self.ratio is not None else ""
