"""What was found, whose it is, until when, and every step until it is struck off."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Q

from gongzhi.core.actors import Actor
from gongzhi.core.models import Organisation, PlaceBound, User
from gongzhi.core.models.bases import PlaceQuerySet
from gongzhi.core.questions import STAFF_ROLES
from gongzhi.core.refs import Ref
from gongzhi.patrols.models.rounds import PatrolRound
from gongzhi.patrols.words import GRADES, OPEN_STATES, SIDES, SOURCES, STATES, STEPS
from gongzhi.registry.models import Building, Estate


class PatrolFindingQuerySet(PlaceQuerySet):
    def running(self) -> "PatrolFindingQuerySet":
        return self.filter(state__in=OPEN_STATES)


class PatrolFinding(PlaceBound):
    """A problem: found > whose and until when > put right > looked at again > struck off, or back once more.

    `rules` what the document said of it when it was assigned; `repeat_of` the earlier one of the same kind there.
    """

    number = models.CharField("编号", max_length=40, unique=True)
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="findings", verbose_name="小区")
    building = models.ForeignKey(Building, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="楼幢")
    source = models.CharField("来源", max_length=8, choices=list(SOURCES.items()))
    round = models.ForeignKey(PatrolRound, models.PROTECT, null=True, related_name="findings", verbose_name="巡查")
    entry = models.ForeignKey(
        "patrols.RegisterEntry", models.PROTECT, null=True, related_name="findings", verbose_name="登记"
    )
    kind = models.CharField("类别", max_length=60)
    side = models.CharField("问题主体", max_length=20, choices=list(SIDES.items()), blank=True)
    grade = models.CharField("等级", max_length=8, choices=list(GRADES.items()), default="minor")
    location = models.CharField("位置", max_length=200)
    text = models.TextField("问题")
    in_contract = models.BooleanField("属于物业服务合同范围", null=True)
    found_at = models.DateTimeField("发现时间")
    finder = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="发现单位")
    finder_role = models.CharField("发现单位的职责", max_length=40)
    found_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="发现人")
    responsible = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="findings_owed", verbose_name="责任单位"
    )
    responsible_role = models.CharField("责任单位的职责", max_length=40, blank=True)
    rechecker = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="复查单位")
    rechecker_role = models.CharField("复查单位的职责", max_length=40, blank=True)
    due_on = models.DateField("整改时限", null=True, blank=True)
    rectified_at = models.DateTimeField("报送整改时间", null=True)
    passed_at = models.DateTimeField("销号时间", null=True)
    eased_on_spot = models.BooleanField("当场处理", default=False)
    failed = models.PositiveSmallIntegerField("复查未通过次数", default=0)
    escalated_to = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="升级到")
    state = models.CharField("状态", max_length=10, choices=list(STATES.items()), default="found")
    published_on = models.DateField("公开日期", null=True)
    case_number = models.CharField("案件", max_length=60, blank=True)
    repeat_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="repeats", verbose_name="同一问题")
    rules = models.JSONField("依据", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    objects = PatrolFindingQuerySet.as_manager()  # type: ignore[misc]

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "巡查问题"
        ordering: ClassVar = ["-found_at", "-id"]
        indexes: ClassVar = [
            *PlaceBound.Meta.indexes,
            models.Index(fields=["estate", "kind", "-found_at"], name="patrols_finding_again"),
            models.Index(fields=["responsible", "state"], name="patrols_finding_owed"),
            models.Index(fields=["due_on"], condition=Q(state="assigned"), name="patrols_finding_due"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["found", "handed", "voided"])
                | Q(eased_on_spot=True)
                | Q(responsible__isnull=False, due_on__isnull=False),
                name="patrols_finding_assigned_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state="passed") | Q(passed_at__isnull=False), name="patrols_finding_passed"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def ref(self) -> Ref:
        return Ref("patrol_finding", str(self.pk), f"{self.kind} {self.number}", self.place_path)

    def timing(self, on: date) -> str:
        """Whether it is or was in time; the last day itself is in time."""
        from gongzhi.core.days import local_day

        if self.due_on is None:
            return ""
        done = local_day(self.rectified_at) if self.rectified_at is not None else None
        if done is not None:
            return "in_time" if done <= self.due_on else "late"
        return "running" if on <= self.due_on else "overdue"

    def days_late(self, on: date) -> int:
        return max((on - self.due_on).days, 0) if self.due_on is not None else 0

    def party_roles(self, actor: Actor) -> set[str]:
        own = actor.organisation.pk if actor.organisation is not None else None
        found = {
            grant
            for grant, unit in (
                ("finding_owner", self.responsible_id),
                ("finding_rechecker", self.rechecker_id),
                ("finding_finder", self.finder_id),
                ("finding_above", self.escalated_to_id),
            )
            if own is not None and unit == own
        }
        if actor.user is not None and actor.user.pk == self.found_by_id:
            found.add("finding_finder")
        if "finding_finder" in found and actor.role in STAFF_ROLES:
            found.add("finding_office")
        if own is not None and self.estate.projects.filter(company=own, to_on=None).exists():
            found.add("finding_company")
        return found

    def is_party(self, actor: Actor) -> bool:
        return bool(self.party_roles(actor))


class PatrolFindingStep(models.Model):
    """What was done about it, by whom, with which photos. Never changed."""

    finding = models.ForeignKey(PatrolFinding, models.CASCADE, related_name="steps", verbose_name="问题")
    step = models.CharField("步骤", max_length=10, choices=list(STEPS.items()))
    at = models.DateTimeField("时间")
    text = models.TextField("说明", blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    by_label = models.CharField("办理人（当时）", max_length=200)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "问题经过"
        ordering: ClassVar = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.at:%Y-%m-%d}"
