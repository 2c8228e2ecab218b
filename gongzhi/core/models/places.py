"""The tree of places and the organisations that work in it."""

from typing import ClassVar

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Index, Q

from gongzhi.core.models.bases import PlaceBound
from gongzhi.core.questions import PLACE_LEVELS, ROLES
from gongzhi.core.refs import Ref

__all__ = ["Organisation", "Place", "role_names"]


def role_names() -> dict[str, str]:
    return {role.code: role.name for role in ROLES}


class Place(models.Model):
    """One node: a province down to a unit. `path` is its ancestors' codes and its own, each closed by a slash."""

    code = models.CharField("代码", max_length=32, unique=True)
    name = models.CharField("名称", max_length=100)
    short_name = models.CharField("简称", max_length=60)
    level = models.CharField("层级", max_length=12, choices=list(PLACE_LEVELS.items()))
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级"
    )
    path = models.TextField("路径", unique=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "地区"
        indexes: ClassVar[list[Index]] = [Index(OpClass("path", name="text_pattern_ops"), name="core_place_path_like")]

    def __str__(self) -> str:
        return self.name

    @property
    def place_path(self) -> str:
        return self.path

    @property
    def ref(self) -> Ref:
        return Ref("place", self.code, self.name, self.path)


class Organisation(PlaceBound):
    """An office, department, committee or company acting in a role at a place, from a day to a day where known."""

    name = models.CharField("名称", max_length=100)
    role = models.CharField("角色", max_length=40)
    kind = models.CharField("类别", max_length=12)
    place = models.ForeignKey(Place, models.PROTECT, related_name="organisations", verbose_name="所在地区")
    phone = models.CharField("办公电话", max_length=40, blank=True)
    credit_code = models.CharField("统一社会信用代码", max_length=18, blank=True)
    from_on = models.DateField("设立", null=True, blank=True)
    to_on = models.DateField("撤销前的最后一日", null=True, blank=True)
    active = models.BooleanField("在用", default=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "单位"
        indexes = [*PlaceBound.Meta.indexes, Index(fields=["role", "place"], name="core_org_role_place")]
        constraints = [
            models.UniqueConstraint(fields=["role", "place", "name"], name="core_org_once"),
            models.CheckConstraint(
                condition=Q(to_on=None) | Q(from_on=None) | Q(to_on__gte=F("from_on")), name="core_org_days"
            ),
            models.CheckConstraint(condition=Q(to_on=None) | Q(active=False), name="core_org_over_is_not_active"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> Ref:
        return Ref("organisation", str(self.pk), self.name, self.place_path)
