"""Who is there for an estate: stations and teams, the officers with their telephones, and when they came."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from gongzhi.cases.enforcement.words import ENTRY_KINDS, STATIONS
from gongzhi.core.models import Organisation, PlaceBound, User
from gongzhi.core.refs import Ref


class Station(PlaceBound):
    """A station of joint enforcement, or a team against illegal building; of the unit that set it up."""

    kind = models.CharField("种类", max_length=8, choices=list(STATIONS.items()))
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="stations", verbose_name="设立单位")
    name = models.CharField("名称", max_length=100)
    address = models.CharField("地点", max_length=200, blank=True)
    phone = models.CharField("电话", max_length=30, blank=True)
    estates: Any = models.ManyToManyField("registry.Estate", related_name="stations", verbose_name="负责的小区")
    opened_on = models.DateField("设立日期")
    closed_on = models.DateField("撤销日期", null=True)
    version = models.PositiveIntegerField("版本", default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "执法站点和队伍"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "kind"], condition=Q(closed_on=None), name="cases_station_once"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> Ref:
        return Ref("station", str(self.pk), self.name, self.place_path)


class Officer(PlaceBound):
    """Whoever answers for enforcement in a place, with the telephone of his office: both are made public."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="officers", verbose_name="单位")
    station = models.ForeignKey(
        Station, models.PROTECT, null=True, blank=True, related_name="officers", verbose_name="站点、队伍"
    )
    name = models.CharField("姓名", max_length=60)
    title = models.CharField("职务", max_length=60, blank=True)
    phone = models.CharField("公开的工作电话", max_length=30, blank=True)
    from_on = models.DateField("自")
    to_on = models.DateField("至", null=True)
    version = models.PositiveIntegerField("版本", default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "执法联络人"

    def __str__(self) -> str:
        return f"{self.organisation} {self.name}"

    @property
    def ref(self) -> Ref:
        return Ref("officer", str(self.pk), str(self), self.place_path)


class SiteEntry(PlaceBound):
    """A department came into an estate: for a clue, an operation, or by itself."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="site_entries", verbose_name="单位")
    role = models.CharField("职责", max_length=40)
    estate = models.ForeignKey("registry.Estate", models.PROTECT, related_name="site_entries", verbose_name="小区")
    kind = models.CharField("事由", max_length=10, choices=list(ENTRY_KINDS.items()))
    on = models.DateField("日期")
    note = models.CharField("情况", max_length=300, blank=True)
    case = models.ForeignKey("cases.Case", models.PROTECT, null=True, related_name="+", verbose_name="案件")
    operation = models.ForeignKey("cases.Operation", models.PROTECT, null=True, related_name="+", verbose_name="行动")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("登记时间")
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "进小区记录"
        indexes: ClassVar = [
            *PlaceBound.Meta.indexes,
            models.Index(fields=["organisation", "on"], name="cases_entry_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.on}"

    @property
    def ref(self) -> Ref:
        return Ref("site_entry", str(self.pk), str(self), self.place_path)
