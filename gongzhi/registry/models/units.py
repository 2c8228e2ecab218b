"""Units, their exclusive area, and who owned them on which day."""

import re
from fractions import Fraction

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from gongzhi.core.models import Event, PersonalData
from gongzhi.core.refs import Ref
from gongzhi.registry.models.estates import Building
from gongzhi.registry.models.spans import days
from gongzhi.registry.questions import AREA_SOURCES, UNIT_USES

ENTRANCE = re.compile(r"^(\d{1,2})单元")


def entrance_name(building: str, entrance: int) -> str:
    return f"{building}{entrance}单元"


def entrance_of(building: str, entrance: str) -> int | None:
    """Which entrance of the building a scope names: 2 of 3幢2单元; None where it lies in another building."""
    return entrance_in(entrance.removeprefix(building)) if entrance.startswith(building) else None


def entrance_in(name: str) -> int | None:
    """The entrance that a room's number itself tells: 2 of 2单元1102室."""
    found = ENTRANCE.match(name)
    return int(found[1]) or None if found else None


class Unit(models.Model):
    """A unit of a building, with the exclusive area that holds since `area_from_on`. Older areas: UnitArea."""

    # The constraint on building and name is an index by building already.
    building = models.ForeignKey(Building, models.PROTECT, related_name="units", verbose_name="楼幢", db_index=False)
    name = models.CharField("室号", max_length=60)
    entrance = models.PositiveSmallIntegerField("单元", null=True, blank=True)
    use = models.CharField("用途", max_length=20, choices=list(UNIT_USES.items()), default="residence")
    exclusive_area_m2 = models.DecimalField("专有部分面积（平方米）", max_digits=10, decimal_places=2)
    area_source = models.CharField("面积来源", max_length=12, choices=list(AREA_SOURCES.items()))
    area_from_on = models.DateField("面积自", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "房屋"
        constraints = [
            models.UniqueConstraint(fields=["building", "name"], name="registry_unit_once"),
            models.CheckConstraint(condition=Q(exclusive_area_m2__gt=0), name="registry_unit_area"),
        ]

    def __str__(self) -> str:
        return f"{self.building}{self.name}"

    @property
    def entrance_name(self) -> str:
        """As a scope names it: 3幢2单元. Empty where nobody has said which entrance it is."""
        return entrance_name(self.building.name, self.entrance) if self.entrance else ""

    @property
    def place_path(self) -> str:
        return self.building.estate.place_path

    @property
    def ref(self) -> Ref:
        return Ref("unit", str(self.pk), str(self), self.place_path)


class UnitArea(models.Model):
    """An area that held before, to a day; `event` is the correction that ended it."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="older_areas", verbose_name="房屋")
    exclusive_area_m2 = models.DecimalField("专有部分面积（平方米）", max_digits=10, decimal_places=2)
    area_source = models.CharField("面积来源", max_length=12, choices=list(AREA_SOURCES.items()))
    from_on = models.DateField("自", null=True, blank=True)
    to_on = models.DateField("至", null=True)
    replaced = models.BooleanField("当时就记错了", default=False)
    event = models.ForeignKey(Event, models.PROTECT, related_name="+", verbose_name="来由")
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "房屋原面积"
        constraints = [
            models.CheckConstraint(
                condition=Q(replaced=True) | Q(from_on=None) | Q(to_on__gte=F("from_on")), name="registry_area_days"
            ),
            ExclusionConstraint(
                name="registry_area_one",
                expressions=[("unit", RangeOperators.EQUAL), (days(), RangeOperators.OVERLAPS)],
                condition=Q(replaced=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id}: {self.exclusive_area_m2}"


class Ownership(models.Model):
    """Who owned a unit from a day to a day, both included: one row for all owners together."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="ownerships", verbose_name="房屋")
    from_on = models.DateField("自", null=True, blank=True)
    to_on = models.DateField("至", null=True, blank=True)
    joint = models.BooleanField("共同共有", default=False)
    certificate = models.CharField("不动产权证号", max_length=60, blank=True)
    event = models.ForeignKey(Event, models.PROTECT, related_name="+", verbose_name="来由")
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "产权"
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on=None) | Q(from_on=None) | Q(to_on__gte=F("from_on")), name="registry_ownership_days"
            ),
            ExclusionConstraint(
                name="registry_ownership_one",
                expressions=[("unit", RangeOperators.EQUAL), (days(), RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.from_on or ''}–{self.to_on or ''}"


class OwnershipShare(models.Model):
    """One owner's part of an ownership. Joint owners have no shares; otherwise the shares make a whole (a trigger)."""

    ownership = models.ForeignKey(Ownership, models.CASCADE, related_name="shares", verbose_name="产权")
    owner = models.ForeignKey(PersonalData, models.PROTECT, related_name="owned_shares", verbose_name="业主")
    numerator = models.BigIntegerField("份额分子", null=True)
    denominator = models.BigIntegerField("份额分母", null=True)
    # Keyed hash of name, phone, identity number: an import compares by it and opens no cipher.
    fingerprint = models.CharField("内容摘要", max_length=64, blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "产权份额"
        constraints = [
            models.CheckConstraint(
                condition=Q(numerator=None, denominator=None)
                | Q(numerator__gt=0, denominator__gt=0, numerator__lte=F("denominator")),
                name="registry_share_fraction",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner} {self.words}"

    @property
    def share(self) -> Fraction | None:
        if self.numerator is None or self.denominator is None:
            return None
        return Fraction(self.numerator, self.denominator)

    @property
    def words(self) -> str:
        share = self.share
        return "共同共有" if share is None else "全部" if share == 1 else str(share)
