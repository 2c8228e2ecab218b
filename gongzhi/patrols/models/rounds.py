"""Where one walks and what was walked: routes with their points, rounds, the units that took part, signing in."""

import secrets
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from gongzhi.core.actors import Actor
from gongzhi.core.models import Organisation, PlaceBound, StoredFile, User
from gongzhi.core.refs import Ref
from gongzhi.patrols.words import UNIT_PARTS
from gongzhi.registry.models import Estate

TOKEN_BYTES = 9


def new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


class PatrolRoute(PlaceBound):
    """A route through an estate, walked by one unit."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="patrol_routes", verbose_name="小区")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="巡查单位")
    title = models.CharField("路线", max_length=60)
    ended_on = models.DateField("停用", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "巡查路线"

    def __str__(self) -> str:
        return f"{self.estate} {self.title}"

    @property
    def ref(self) -> Ref:
        return Ref("patrol_route", str(self.pk), str(self), self.place_path)

    def is_party(self, actor: Actor) -> bool:
        return actor.organisation is not None and actor.organisation.pk == self.organisation_id


class PatrolPoint(models.Model):
    """A spot on the route with a code of its own, printed and hung up there."""

    route = models.ForeignKey(PatrolRoute, models.CASCADE, related_name="points", verbose_name="路线")
    order = models.PositiveSmallIntegerField("次序")
    name = models.CharField("点位", max_length=60)
    location = models.CharField("位置", max_length=100, blank=True)
    token = models.CharField("二维码", max_length=20, unique=True, default=new_token)
    ended_on = models.DateField("停用", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "巡查点位"
        ordering: ClassVar = ["order", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["route", "order"], condition=Q(ended_on=None), name="patrols_point_order_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class PatrolRound(PlaceBound):
    """One round, as it was sent. `key` is made on the phone: sent twice it stays one round.

    `answers` the sheet's fields as typed; `entry` the entry of a register that was looked at.
    """

    number = models.CharField("编号", max_length=40, unique=True)
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="patrol_rounds", verbose_name="小区")
    route = models.ForeignKey(
        PatrolRoute, models.PROTECT, null=True, blank=True, related_name="rounds", verbose_name="路线"
    )
    sheet = models.CharField("巡查表", max_length=60)
    plan = models.CharField("巡查安排", max_length=60, blank=True)
    kind = models.CharField("类别", max_length=20, blank=True)
    began_at = models.DateTimeField("开始")
    walked_at = models.DateTimeField("结束")
    received_at = models.DateTimeField("收到")
    offline = models.BooleanField("离线填写", default=False)
    people = models.CharField("人员", max_length=200)
    answers = models.JSONField("巡查情况", default=dict)
    score = models.DecimalField("得分", max_digits=6, decimal_places=2, null=True, blank=True)
    note = models.TextField("说明", blank=True)
    told = models.JSONField("提示", default=list)
    clauses = models.JSONField("依据", default=list)
    entry = models.ForeignKey(
        "patrols.RegisterEntry", models.PROTECT, null=True, blank=True, related_name="rounds", verbose_name="登记"
    )
    key = models.CharField("手机上的编号", max_length=64)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="登记人")
    by_label = models.CharField("登记人（当时）", max_length=200)
    voided_at = models.DateTimeField("作废时间", null=True)
    void_reason = models.TextField("作废的理由", blank=True)
    voided_label = models.CharField("作废人（当时）", max_length=200, blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "巡查记录"
        ordering: ClassVar = ["-walked_at", "-id"]
        indexes: ClassVar = [
            *PlaceBound.Meta.indexes,
            models.Index(fields=["estate", "-walked_at"], name="patrols_round_estate"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["by", "key"], name="patrols_round_sent_once"),
            models.CheckConstraint(
                condition=Q(walked_at__gte=models.F("began_at")), name="patrols_round_begins_before_it_ends"
            ),
            models.CheckConstraint(
                condition=Q(voided_at=None) | ~Q(void_reason=""), name="patrols_round_voided_for_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def ref(self) -> Ref:
        return Ref("patrol_round", str(self.pk), f"巡查 {self.number}", self.place_path)

    def is_party(self, actor: Actor) -> bool:
        """Whoever took part, and the company of the estate."""
        own = actor.organisation
        if own is None:
            return False
        if any(one.organisation_id == own.pk for one in self.units.all()):
            return True
        return self.estate.projects.filter(company=own, to_on=None).exists()

    def party_roles(self, actor: Actor) -> set[str]:
        """Whoever led the round may put right what was sent of it."""
        own = actor.organisation
        led = own is not None and any(one.organisation_id == own.pk and one.part == "lead" for one in self.units.all())
        return {"round_lead"} if led else set()

    @property
    def latest(self) -> "RoundCorrection | None":
        return max(self.corrections.all(), key=lambda one: (one.at, one.pk), default=None)

    @property
    def answers_now(self) -> dict[str, Any]:
        """The sheet as it is after the last correction."""
        return dict(self.latest.answers if self.latest is not None else self.answers)

    @property
    def score_now(self) -> Decimal | None:
        found: Decimal | None = self.latest.score if self.latest is not None else self.score
        return found


class RoundCorrection(models.Model):
    """What was sent wrongly, put right beside it: the whole sheet as it is now, why, by whom. The round itself stays
    as it was sent. Never changed."""

    round = models.ForeignKey(PatrolRound, models.PROTECT, related_name="corrections", verbose_name="巡查")
    answers = models.JSONField("更正后的巡查情况", default=dict)
    people = models.CharField("人员", max_length=200)
    location = models.CharField("位置", max_length=200, blank=True)
    score = models.DecimalField("得分", max_digits=6, decimal_places=2, null=True, blank=True)
    told = models.JSONField("提示", default=list)
    reason = models.TextField("更正的理由")
    at = models.DateTimeField("更正时间")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="更正人")
    by_label = models.CharField("更正人（当时）", max_length=200)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "巡查更正"
        ordering: ClassVar = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.round} {self.at:%Y-%m-%d}"


class RoundUnits(models.QuerySet["RoundUnit"]):
    def counting(self) -> "RoundUnits":
        """Of rounds that stand."""
        return self.filter(round__voided_at=None)


class RoundUnit(models.Model):
    """A unit that took part. A joint round counts once for each."""

    round = models.ForeignKey(PatrolRound, models.CASCADE, related_name="units", verbose_name="巡查")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="patrol_parts", verbose_name="单位")
    role = models.CharField("职责", max_length=40)
    part = models.CharField("参加方式", max_length=8, choices=list(UNIT_PARTS.items()), default="lead")
    walked_at = models.DateTimeField("时间")

    objects = RoundUnits.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "巡查单位"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["round", "organisation"], name="patrols_unit_once"),
            models.UniqueConstraint(fields=["round"], condition=Q(part="lead"), name="patrols_one_lead"),
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "walked_at"], name="patrols_unit_when")]

    def __str__(self) -> str:
        return str(self.organisation)


class PointVisit(models.Model):
    """Signing in at a point. It joins the round that is sent for that estate on that day."""

    point = models.ForeignKey(PatrolPoint, models.PROTECT, related_name="visits", verbose_name="点位")
    round = models.ForeignKey(PatrolRound, models.CASCADE, null=True, related_name="visits", verbose_name="巡查")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="签到人")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="单位")
    at = models.DateTimeField("签到时间")
    received_at = models.DateTimeField("收到")
    key = models.CharField("手机上的编号", max_length=64)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "点位签到"
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "key"], name="patrols_visit_sent_once")]

    def __str__(self) -> str:
        return f"{self.point} {self.at:%H:%M}"


class PatrolPhoto(models.Model):
    """A photo of a round, of a finding or of a step. The file's hash is kept with it; `taken_at` as the phone says."""

    round = models.ForeignKey(PatrolRound, models.CASCADE, null=True, related_name="photos", verbose_name="巡查")
    finding = models.ForeignKey("patrols.PatrolFinding", models.CASCADE, null=True, related_name="photos")
    step = models.ForeignKey("patrols.PatrolFindingStep", models.CASCADE, null=True, related_name="photos")
    field = models.CharField("项目", max_length=60, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="照片")
    taken_at = models.DateTimeField("拍摄时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "巡查照片"
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(round__isnull=False) | Q(finding__isnull=False), name="patrols_photo_of_something"
            )
        ]

    def __str__(self) -> str:
        return self.file.name
