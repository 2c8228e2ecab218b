"""The mediation of one dispute: its file, the parties, and the bodies that had it one after another."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from gongzhi.core.actors import Actor
from gongzhi.core.models import Organisation, PersonalData, PlaceBound, User
from gongzhi.core.models.bases import PlaceQuerySet
from gongzhi.core.refs import Ref
from gongzhi.mediation.words import (
    CONSENT_WAYS,
    GRADES,
    LEVELS,
    MEDIATION_KINDS,
    MOVES,
    OPEN_STATES,
    OUTCOMES,
    PARTY_KINDS,
    RESULTS,
    SIDES,
    SIGNED_WAYS,
    SOURCES,
    STATES,
)
from gongzhi.registry.models import Estate, Unit


class FileQuerySet(PlaceQuerySet):
    def running(self) -> Self:
        return self.filter(state__in=OPEN_STATES)


class MediationFile(PlaceBound):
    """One dispute, from the application to the archive. The number stays, whichever body has it.

    `origin` names the row it came from, a complaint or arrears; `answer` says why the first body has it.
    """

    number = models.CharField("编号", max_length=30, unique=True)
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="mediations", verbose_name="小区")
    matter = models.CharField("事项", max_length=60)
    text = models.TextField("纠纷情况")
    source = models.CharField("来源", max_length=8, choices=list(SOURCES.items()))
    grade = models.CharField("轻重", max_length=12, choices=list(GRADES.items()), blank=True)
    households = models.PositiveIntegerField("涉及户数", null=True, blank=True)
    amount_fen = models.BigIntegerField("涉及金额（分）", null=True, blank=True)
    petition = models.BooleanField("群体上访苗头", default=False)
    origin_kind = models.CharField("来由类别", max_length=40, blank=True)
    origin_id = models.CharField("来由编号", max_length=40, blank=True)
    origin_title = models.CharField("来由", max_length=200, blank=True)
    court_number = models.CharField("法院案号", max_length=80, blank=True)
    state = models.CharField("状态", max_length=10, choices=list(STATES.items()), default="applied")
    outcome = models.CharField("结果", max_length=12, choices=list(OUTCOMES.items()), blank=True)
    outcome_note = models.TextField("结果说明", blank=True)
    applied_at = models.DateTimeField("申请时间")
    closed_at = models.DateTimeField("归档时间", null=True, blank=True)
    due_on = models.DateField("调解期限", null=True, blank=True)
    extensions = models.PositiveSmallIntegerField("已延长次数", default=0)
    filed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人")
    answer = models.JSONField("判断", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    objects = FileQuerySet.as_manager()  # type: ignore[misc]

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "调解案件"
        ordering: ClassVar = ["-applied_at", "-id"]
        indexes: ClassVar = [
            *PlaceBound.Meta.indexes,
            models.Index(fields=["origin_kind", "origin_id"], name="mediation_file_origin"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(state="closed") | Q(closed_at__isnull=False), name="mediation_closed"),
            models.CheckConstraint(
                condition=~Q(state__in=["agreed", "failed", "declined", "withdrawn", "closed"]) | ~Q(outcome=""),
                name="mediation_has_outcome",
            ),
            models.UniqueConstraint(
                fields=["origin_kind", "origin_id"],
                condition=Q(state__in=OPEN_STATES) & ~Q(origin_kind=""),
                name="mediation_one_of_origin",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def ref(self) -> Ref:
        return Ref("mediation", str(self.pk), f"调解 {self.number}", self.place_path)

    @property
    def ended(self) -> bool:
        """Whether another may begin from the same origin."""
        return self.state not in OPEN_STATES

    @property
    def origin(self) -> Ref | None:
        return Ref(self.origin_kind, self.origin_id, self.origin_title, self.place_path) if self.origin_kind else None

    @property
    def stage(self) -> "MediationStage":
        """The body that has it now, or had it last."""
        found = sorted(self.stages.all(), key=lambda one: one.pk)
        return found[-1]

    def party_roles(self, actor: Actor) -> set[str]:
        from gongzhi.mediation.offices import roles_in

        return roles_in(self, actor)

    def is_party(self, actor: Actor) -> bool:
        return bool(self.party_roles(actor))


class MediationParty(models.Model):
    """One side's person or organisation; its consent, and its signature under the agreement. Persons under cipher."""

    file = models.ForeignKey(MediationFile, models.CASCADE, related_name="parties", verbose_name="调解案件")
    side = models.CharField("一方", max_length=10, choices=list(SIDES.items()))
    kind = models.CharField("身份", max_length=20, choices=list(PARTY_KINDS.items()))
    person = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+", verbose_name="姓名电话")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="账号")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="房屋")
    consents = models.BooleanField("同意调解", null=True)
    consent_how = models.CharField("怎样表示", max_length=8, choices=list(CONSENT_WAYS.items()), blank=True)
    consented_at = models.DateTimeField("表示时间", null=True)
    extension_agreed = models.PositiveSmallIntegerField("同意第几次延长", default=0)
    signed_how = models.CharField("怎样签收", max_length=8, choices=list(SIGNED_WAYS.items()), blank=True)
    signed_at = models.DateTimeField("签收时间", null=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "当事人"
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(organisation__isnull=False), name="mediation_party_known"
            )
        ]

    def __str__(self) -> str:
        return self.masked

    @property
    def masked(self) -> str:
        """The organisation by its name, a person by the masked one."""
        if self.organisation is not None:
            return self.organisation.name
        return self.person.masked_name if self.person is not None else ""


class MediationStage(models.Model):
    """One body's work on the dispute. What was said before it stays with the body that heard it."""

    file = models.ForeignKey(MediationFile, models.CASCADE, related_name="stages", verbose_name="调解案件")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="调解单位")
    role = models.CharField("职责", max_length=40)
    level = models.CharField("层级", max_length=10, choices=list(LEVELS.items()))
    kind = models.CharField("调解方式", max_length=16, choices=list(MEDIATION_KINDS.items()), default="people")
    came_by = models.CharField("怎样来的", max_length=10, choices=[("", "申请"), *MOVES.items()], blank=True)
    reason = models.TextField("移转理由", blank=True)
    begun_at = models.DateTimeField("交办时间")
    accepted_at = models.DateTimeField("受理时间", null=True)
    ended_at = models.DateTimeField("结束时间", null=True)
    result = models.CharField("结果", max_length=12, choices=list(RESULTS.items()), default="running")
    mediators: Any = models.ManyToManyField("mediation.Mediator", related_name="stages", verbose_name="调解员")
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "调解阶段"
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["file"], condition=Q(ended_at=None), name="mediation_one_stage"),
            models.CheckConstraint(
                condition=Q(result="running", ended_at__isnull=True) | ~Q(result="running") & Q(ended_at__isnull=False),
                name="mediation_stage_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.get_kind_display()}"
