"""What a department asks of those who keep equipment: advice, a check, an order; what they answer; what was found."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q

from gongzhi.core.models import Organisation, PlaceBound, StoredFile
from gongzhi.core.refs import Ref
from gongzhi.equipment.models.upkeep import Served
from gongzhi.equipment.words import ABOUT, DEFECT_STATES, DEFECTS, DIRECTIVES, TARGET_STATES
from gongzhi.registry.models import Estate


class Directive(PlaceBound):
    """One paper to one or many estates. `kind` what it is about."""

    number = models.CharField("编号", max_length=40, unique=True)
    directive = models.CharField("种类", max_length=12, choices=list(DIRECTIVES.items()))
    kind = models.CharField("关于什么", max_length=20, choices=list(ABOUT.items()))
    title = models.CharField("标题", max_length=100)
    text = models.TextField("要求")
    issuer = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="下发单位")
    issuer_role = models.CharField("下发单位的身份", max_length=40)
    issued_at = models.DateTimeField("下发时间")
    due_on = models.DateField("反馈期限", null=True)
    rules = models.JSONField("规则", default=dict)
    basis = models.JSONField("依据", default=list)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "指导和检查"

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> Ref:
        return Ref("directive", str(self.pk), self.title, self.place_path)

    def is_party(self, actor: Any) -> bool:
        organisation = getattr(actor, "organisation", None)
        if organisation is None:
            return False
        watches = actor.role in self.rules.get("watched_by", ()) and self.place_path.startswith(actor.place_path)
        return organisation.pk == self.issuer_id or watches or self.targets.filter(unit=organisation).exists()

    def party_roles(self, actor: Any) -> tuple[str, ...]:
        return ("office",) if getattr(actor, "is_staff_role", False) else ()


class DirectiveTarget(Served, PlaceBound):
    """The same paper at one estate: what its company answered, and whether that was enough."""

    directive = models.ForeignKey(Directive, models.PROTECT, related_name="targets", verbose_name="指导和检查")
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="directive_targets", verbose_name="小区")
    unit = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="反馈单位")
    unit_role = models.CharField("反馈单位的身份", max_length=40)
    state = models.CharField("状态", max_length=8, choices=list(TARGET_STATES.items()), default="open")
    answer = models.TextField("落实情况", blank=True)
    answered_at = models.DateTimeField("反馈时间", null=True)
    answered_label = models.CharField("反馈（当时）", max_length=200, blank=True)
    late = models.BooleanField("逾期", null=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="材料")
    remark = models.CharField("核销、退回的说明", max_length=200, blank=True)
    penalty = models.CharField("处罚", max_length=200, blank=True)
    penalised_on = models.DateField("处罚日期", null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "指导和检查的对象"
        constraints = [
            models.UniqueConstraint(fields=["directive", "estate"], name="equipment_target_once"),
            models.CheckConstraint(
                condition=Q(penalty="", penalised_on=None) | ~Q(penalty="") & ~Q(penalised_on=None),
                name="equipment_target_penalty",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.directive.title}（{self.estate}）"

    @property
    def ref(self) -> Ref:
        return Ref("directive_target", str(self.pk), str(self), self.place_path)

    def _of(self, organisation: Organisation) -> bool:
        return organisation.pk in (self.unit_id, self.directive.issuer_id)

    def overdue(self, on: date) -> bool:
        """No answer, and the last day for it is over."""
        due = self.directive.due_on
        return self.state in ("open", "returned") and due is not None and on > due


class Defect(Served, PlaceBound):
    """整改单: found > fixed > looked at again > struck off, or back with one more in `returns`."""

    target = models.ForeignKey(DirectiveTarget, models.PROTECT, related_name="defects", verbose_name="检查")
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="defects", verbose_name="小区")
    number = models.CharField("编号", max_length=40, unique=True)
    kind = models.CharField("隐患种类", max_length=16, choices=list(DEFECTS.items()))
    text = models.CharField("问题", max_length=200)
    photo = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="发现时的照片")
    state = models.CharField("状态", max_length=8, choices=list(DEFECT_STATES.items()), default="open")
    returns = models.PositiveSmallIntegerField("退回次数", default=0)
    fixed_at = models.DateTimeField("整改时间", null=True)
    fix = models.TextField("整改情况", blank=True)
    fix_file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="整改照片")
    recheck = models.TextField("复查情况", blank=True)
    recheck_file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="复查照片")
    closed_at = models.DateTimeField("销号时间", null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "整改单"
        constraints = [
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) | ~Q(state="closed") & Q(closed_at=None),
                name="equipment_defect_closed",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.text[:20]}"

    @property
    def ref(self) -> Ref:
        return Ref("defect", str(self.pk), str(self), self.place_path)

    def _of(self, organisation: Organisation) -> bool:
        return organisation.pk in (self.target.unit_id, self.target.directive.issuer_id)
