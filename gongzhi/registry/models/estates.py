"""Estates and their buildings; in which estate a building lay on which day."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from gongzhi.core.models import Event, Place, PlaceBound
from gongzhi.core.refs import Ref
from gongzhi.registry.models.spans import days
from gongzhi.registry.questions import ESTATE_SUBTYPES, ESTATE_TYPES


class Estate(PlaceBound):
    """One property area: a residential estate, a place of its own in the tree, below its community."""

    place = models.OneToOneField(Place, models.PROTECT, related_name="estate", verbose_name="地区")
    community = models.ForeignKey(Place, models.PROTECT, related_name="estates", verbose_name="所属社区（村）")
    name = models.CharField("名称", max_length=100)
    estate_type = models.CharField("类型", max_length=20, choices=list(ESTATE_TYPES.items()), default="commercial")
    estate_subtype = models.CharField("细类", max_length=20, choices=list(ESTATE_SUBTYPES.items()), blank=True)
    address = models.CharField("地址", max_length=200, blank=True)
    households = models.PositiveIntegerField("户数", null=True, blank=True)
    building_area_m2 = models.DecimalField(
        "总建筑面积（平方米）", max_digits=14, decimal_places=2, null=True, blank=True
    )
    begun_on = models.DateField("成为物业管理区域", null=True, blank=True)
    ended_on = models.DateField("并入其他区域前的最后一日", null=True, blank=True)
    name_grams = ArrayField(models.CharField(max_length=8), default=list)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "小区"
        indexes = [*PlaceBound.Meta.indexes, GinIndex(fields=["name_grams"], name="registry_estate_grams")]
        constraints = [
            models.UniqueConstraint(fields=["community", "name"], name="registry_estate_once"),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(begun_on=None) | Q(ended_on__gte=F("begun_on")),
                name="registry_estate_days",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> Ref:
        return Ref("estate", str(self.pk), self.name, self.place_path)

    @property
    def type_words(self) -> str:
        """老旧小区（零散居民点）"""
        subtype = f"（{self.get_estate_subtype_display()}）" if self.estate_subtype else ""
        return f"{self.get_estate_type_display()}{subtype}"


class EstateStay(models.Model):
    """An estate lay in a community from a day to a day, both included, with the path it had there.

    Only estates that have moved have rows: the first, without `from_on`, tells where it was before.
    """

    estate = models.ForeignKey(Estate, models.CASCADE, related_name="places", verbose_name="小区")
    community = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name="社区（村）")
    place_path = models.TextField("地区路径")
    from_on = models.DateField("自", null=True, blank=True)
    to_on = models.DateField("至", null=True, blank=True)
    event = models.ForeignKey(Event, models.PROTECT, related_name="+", null=True, verbose_name="来由")

    class Meta:
        verbose_name = verbose_name_plural = "小区归属"
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on=None) | Q(from_on=None) | Q(to_on__gte=F("from_on")), name="registry_place_days"
            ),
            ExclusionConstraint(
                name="registry_place_one_community",
                expressions=[("estate", RangeOperators.EQUAL), (days(), RangeOperators.OVERLAPS)],
            ),
        ]
        indexes = [
            models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="registry_place_path"),
        ]

    def __str__(self) -> str:
        return f"{self.estate}：{self.community}"


class Building(models.Model):
    """A building. `estate` is where it lies now; BuildingStay tells of every day."""

    estate = models.ForeignKey(Estate, models.CASCADE, related_name="buildings", verbose_name="小区")
    name = models.CharField("楼幢", max_length=40)
    storeys = models.PositiveSmallIntegerField("地上层数", null=True, blank=True)
    elevators = models.PositiveSmallIntegerField("电梯台数", null=True, blank=True)
    households = models.PositiveIntegerField("户数", null=True, blank=True)
    entrances = models.PositiveSmallIntegerField("单元数", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "楼幢"
        constraints = [models.UniqueConstraint(fields=["estate", "name"], name="registry_building_once")]

    def __str__(self) -> str:
        return self.name


class BuildingStay(models.Model):
    """A building lay in an estate from a day to a day, both included. `from_on` is empty where nobody knows more."""

    building = models.ForeignKey(Building, models.CASCADE, related_name="stays", verbose_name="楼幢")
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="stays", verbose_name="小区")
    name = models.CharField("当时的幢号", max_length=40)
    from_on = models.DateField("自", null=True, blank=True)
    to_on = models.DateField("至", null=True, blank=True)
    event = models.ForeignKey(Event, models.PROTECT, related_name="+", null=True, verbose_name="来由")

    class Meta:
        verbose_name = verbose_name_plural = "楼幢归属"
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on=None) | Q(from_on=None) | Q(to_on__gte=F("from_on")), name="registry_stay_days"
            ),
            ExclusionConstraint(
                name="registry_stay_one_estate",
                expressions=[("building", RangeOperators.EQUAL), (days(), RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.building}：{self.estate}"
