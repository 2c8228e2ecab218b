"""Equipment and works of an estate that have to be known: lifts, civil defence, security; and who looked at them."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from gongzhi.core.models import Event, Organisation, PlaceBound, StoredFile
from gongzhi.core.refs import Ref
from gongzhi.registry.models.estates import Building, Estate
from gongzhi.registry.questions import CARE_ITEMS, FACILITY_KINDS, INSPECTION, INSPECTION_RESULTS


class Facility(PlaceBound):
    """One piece, or `quantity` alike of which `intact` work.

    `valid_until` is the last day of its inspection; `faulty` since an inspection it did not pass; `suspended_on` since
    when it may not be used; `details` what else the document wants known of its kind.
    """

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="facilities", verbose_name="小区")
    building = models.ForeignKey(
        Building, models.PROTECT, null=True, blank=True, related_name="facilities", verbose_name="楼幢"
    )
    kind = models.CharField("种类", max_length=20, choices=list(FACILITY_KINDS.items()))
    code = models.CharField("编号", max_length=40, blank=True)
    location = models.CharField("位置", max_length=100, blank=True)
    area_m2 = models.DecimalField("面积（平方米）", max_digits=12, decimal_places=2, null=True, blank=True)
    longitude = models.DecimalField("经度", max_digits=9, decimal_places=6, null=True, blank=True)
    latitude = models.DecimalField("纬度", max_digits=8, decimal_places=6, null=True, blank=True)
    upkeep = models.CharField("维保单位", max_length=100, blank=True)
    valid_until = models.DateField("检验有效期至", null=True, blank=True)
    faulty = models.BooleanField("检查不合格", default=False)
    suspended_on = models.DateField("停止使用", null=True, blank=True)
    quantity = models.PositiveIntegerField("数量", default=1)
    intact = models.PositiveIntegerField("完好数量", null=True, blank=True)
    details = models.JSONField("明细", default=dict)
    ended_on = models.DateField("停用", null=True, blank=True)
    # The last day of validity whose passing is in the event log already.
    expiry_noted = models.DateField("已记录过期的有效期", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "设施设备"
        indexes = [
            *PlaceBound.Meta.indexes,
            models.Index(fields=["valid_until"], name="registry_facility_until", condition=Q(ended_on=None)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["estate", "kind", "code"],
                condition=~Q(code="") & Q(ended_on=None),
                name="registry_facility_once",
            ),
            models.CheckConstraint(
                condition=Q(longitude=None, latitude=None) | Q(longitude__isnull=False, latitude__isnull=False),
                name="registry_facility_point",
            ),
            models.CheckConstraint(
                condition=Q(intact=None) | Q(intact__lte=F("quantity")), name="registry_facility_intact"
            ),
        ]

    def __str__(self) -> str:
        return " ".join(one for one in (self.get_kind_display(), self.code or self.location) if one)

    @property
    def ref(self) -> Ref:
        return Ref("facility", str(self.pk), f"{self.estate} {self}", self.place_path)

    def days_left(self, on: date) -> int | None:
        """How many days the inspection still holds; below 0 when it has expired."""
        return None if self.valid_until is None else (self.valid_until - on).days

    def is_party(self, actor: object) -> bool:
        """The company that serves the estate."""
        organisation = getattr(actor, "organisation", None)
        return organisation is not None and self.estate.projects.filter(company=organisation, to_on=None).exists()


class FacilityInspection(models.Model):
    """Somebody looked at it: a legal inspection, a check of a department, the company's own round."""

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="inspections", verbose_name="设施")
    item = models.CharField("项目", max_length=10, choices=list(CARE_ITEMS.items()), default=INSPECTION)
    inspected_on = models.DateField("日期")
    result = models.CharField("结果", max_length=8, choices=list(INSPECTION_RESULTS.items()))
    valid_until = models.DateField("有效期至", null=True, blank=True)
    note = models.TextField("情况", blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="登记单位")
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="报告或照片"
    )
    event = models.ForeignKey(Event, models.PROTECT, related_name="+", verbose_name="来由")
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "设施检查"
        ordering = ["-inspected_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("inspected_on")),
                name="registry_inspection_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.inspected_on} {self.get_item_display()} {self.get_result_display()}"
