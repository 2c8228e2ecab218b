"""Estates, who serves them, and what is known of places and parties from a day to a day."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from gongzhi.core.models import Event, Organisation, Place, PlaceBound, User
from gongzhi.core.refs import Ref
from gongzhi.registry.questions import ESTATE_TYPES


class Estate(PlaceBound):
    """A residential estate. It is a place of its own in the tree, below its community."""

    place = models.OneToOneField(Place, models.PROTECT, related_name="estate", verbose_name="地区")
    community = models.ForeignKey(Place, models.PROTECT, related_name="estates", verbose_name="所属社区（村）")
    name = models.CharField("名称", max_length=100)
    estate_type = models.CharField("类型", max_length=20, choices=list(ESTATE_TYPES.items()), default="commercial")
    address = models.CharField("地址", max_length=200, blank=True)
    households = models.PositiveIntegerField("户数", null=True, blank=True)
    building_area_m2 = models.DecimalField(
        "总建筑面积（平方米）", max_digits=14, decimal_places=2, null=True, blank=True
    )
    name_grams = ArrayField(models.CharField(max_length=8), default=list)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "小区"
        indexes = [*PlaceBound.Meta.indexes, GinIndex(fields=["name_grams"], name="registry_estate_grams")]
        constraints = [models.UniqueConstraint(fields=["community", "name"], name="registry_estate_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> Ref:
        return Ref("estate", str(self.pk), self.name, self.place_path)


class Building(models.Model):
    """A building, as far as a complaint has to name it."""

    estate = models.ForeignKey(Estate, models.CASCADE, related_name="buildings", verbose_name="小区")
    name = models.CharField("楼幢", max_length=40)

    class Meta:
        verbose_name = verbose_name_plural = "楼幢"
        constraints = [models.UniqueConstraint(fields=["estate", "name"], name="registry_building_once")]

    def __str__(self) -> str:
        return self.name


class Project(PlaceBound):
    """A company's service of an estate from a day to a day, both included."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="projects", verbose_name="小区")
    company = models.ForeignKey(Organisation, models.PROTECT, related_name="projects", verbose_name="物业服务企业")
    manager = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="managed_projects", verbose_name="项目经理"
    )
    from_on = models.DateField("服务起")
    to_on = models.DateField("服务止", null=True, blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "物业项目"
        constraints = [
            models.CheckConstraint(condition=Q(to_on=None) | Q(to_on__gte=F("from_on")), name="registry_project_dates"),
            models.UniqueConstraint(fields=["estate"], condition=Q(to_on=None), name="registry_project_one_open"),
        ]

    def __str__(self) -> str:
        return f"{self.estate}：{self.company}"


class StandingFact(PlaceBound):
    """What holds of a subject from a day on, until a later row of that name. Rows are added, never changed."""

    subject_kind = models.CharField("对象类别", max_length=40)
    subject_id = models.CharField("对象编号", max_length=40)
    name = models.CharField("事实", max_length=60)
    value = models.JSONField("值", null=True)
    from_on = models.DateField("自")
    to_on = models.DateField("至", null=True, blank=True)
    event = models.ForeignKey(Event, models.PROTECT, related_name="+", verbose_name="来由")
    answer = models.JSONField("判断", null=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "既定事实"
        indexes = [
            *PlaceBound.Meta.indexes,
            models.Index(fields=["subject_kind", "subject_id", "name", "from_on"], name="registry_fact_lookup"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind}:{self.subject_id} {self.name}={self.value}"

    @property
    def subject(self) -> Ref:
        return Ref(self.subject_kind, self.subject_id, "", self.place_path)
