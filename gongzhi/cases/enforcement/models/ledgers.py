"""The books of enforcement: illegal structures, cases of companies, rented units, premises asked about."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from gongzhi.cases.enforcement.words import CATEGORIES, ERAS, PREMISES, PREMISES_ANSWERS, RENT_FINDINGS
from gongzhi.cases.models.case import RUNNING
from gongzhi.core.models import Organisation, PersonalData, PlaceBound, StoredFile, User
from gongzhi.core.refs import Ref


class Structure(PlaceBound):
    """违建台账: an illegal structure, new or from before the line of the document, until it is taken down."""

    number = models.CharField("编号", max_length=40, unique=True)
    estate = models.ForeignKey("registry.Estate", models.PROTECT, related_name="structures", verbose_name="小区")
    case = models.OneToOneField("cases.Case", models.PROTECT, null=True, related_name="structure", verbose_name="案件")
    location = models.CharField("位置", max_length=200)
    era = models.CharField("类别", max_length=6, choices=list(ERAS.items()))
    begun_on = models.DateField("搭建（发现）日期")
    area_m2 = models.DecimalField("面积（平方米）", max_digits=10, decimal_places=2, null=True)
    lead = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="牵头拆除单位")
    before = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="拆前照片")
    after = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="拆后照片")
    removed_on = models.DateField("拆除日期", null=True)
    basis = models.JSONField("依据")
    entered_at = models.DateTimeField("登记时间")
    version = models.PositiveIntegerField("版本", default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "违建台账"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(removed_on=None) | ~Q(lead=None) & ~Q(after=None), name="cases_structure_removed"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.location}"

    @property
    def ref(self) -> Ref:
        return Ref("structure", str(self.pk), str(self), self.place_path)


class CompanyCase(models.Model):
    """A case about a company: it stands in the company's file, and what it ended with as well."""

    case = models.OneToOneField(
        "cases.Case", models.PROTECT, primary_key=True, related_name="about_company", verbose_name="案件"
    )
    company = models.ForeignKey(Organisation, models.PROTECT, related_name="cases_about", verbose_name="企业")
    category = models.CharField("类别", max_length=10, choices=list(CATEGORIES.items()), blank=True)
    ended_at = models.DateTimeField("结果时间", null=True)
    result = models.TextField("结果", blank=True)
    decision = models.CharField("处理决定文号", max_length=80, blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "企业案件"
        indexes: ClassVar = [models.Index(fields=["company", "-case"], name="cases_company_file")]

    def __str__(self) -> str:
        return f"{self.company} {self.case_id}"


class Tenancy(PlaceBound):
    """出租房台账. Who rents is kept under cipher; what the police found of it stands beside."""

    unit = models.ForeignKey("registry.Unit", models.PROTECT, related_name="rentals", verbose_name="房屋")
    estate = models.ForeignKey("registry.Estate", models.PROTECT, related_name="rentals", verbose_name="小区")
    tenant = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+", verbose_name="承租人")
    people = models.PositiveSmallIntegerField("居住人数", default=1)
    from_on = models.DateField("起租日期")
    to_on = models.DateField("退租日期", null=True)
    finding = models.CharField("查处结果", max_length=10, choices=list(RENT_FINDINGS.items()), blank=True)
    finding_note = models.TextField("查处情况", blank=True)
    finding_on = models.DateField("查处日期", null=True)
    case = models.ForeignKey("cases.Case", models.PROTECT, null=True, related_name="+", verbose_name="查处案件")
    told_by = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="申报单位")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="申报人")
    entered_at = models.DateTimeField("申报时间")
    version = models.PositiveIntegerField("版本", default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "出租房"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["unit"], condition=Q(to_on=None), name="cases_tenancy_once")
        ]

    def __str__(self) -> str:
        return f"{self.unit}"

    @property
    def ref(self) -> Ref:
        return Ref("tenancy", str(self.pk), f"出租房 {self.unit}", self.place_path)

    @property
    def under_way(self) -> bool:
        """What was reported of it is still being handled."""
        return self.case is not None and self.case.state in RUNNING


class PremisesReview(PlaceBound):
    """May a home, a garage be a place of business: what was asked, on which papers, with which answer."""

    unit = models.ForeignKey("registry.Unit", models.PROTECT, related_name="premises_reviews", verbose_name="房屋")
    kind = models.CharField("房屋种类", max_length=10, choices=list(PREMISES.items()))
    approved = models.BooleanField("有规划批准")
    relaxed = models.BooleanField("符合放宽条件")
    paper = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="依据")
    answer = models.CharField("结论", max_length=8, choices=list(PREMISES_ANSWERS.items()))
    basis = models.JSONField("依据条款")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="登记机关")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="经办人")
    at = models.DateTimeField("时间")
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "经营场所核对"

    def __str__(self) -> str:
        return f"{self.unit} {self.get_answer_display()}"

    @property
    def ref(self) -> Ref:
        return Ref("premises_review", str(self.pk), str(self), self.place_path)
