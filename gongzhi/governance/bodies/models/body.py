"""A body and who sits in it from when to when."""

from datetime import date
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Q

from gongzhi.core.models import Organisation, PersonalData, PlaceBound
from gongzhi.core.models.bases import PlaceQuerySet
from gongzhi.core.refs import Ref
from gongzhi.governance.bodies.models.representatives import RepresentativeMeeting
from gongzhi.governance.bodies.words import (
    ATTRIBUTES,
    BODY_KINDS,
    BODY_STATES,
    COMMITTEES,
    END_REASONS,
    POSTS,
    SEATS,
    SIDES,
    SOURCES,
)
from gongzhi.registry.models import Building, Estate, Unit, covers
from gongzhi.registry.models.spans import days


class BodyQuerySet(PlaceQuerySet):
    def in_office(self, on: date) -> Self:
        """The bodies that had begun and not ended that day."""
        return self.filter(Q(formed_on__lte=on), Q(ended_on=None) | Q(ended_on__gt=on))


class Body(PlaceBound):
    """One body: a committee's term of office, a group with a task, a group of the government.

    In office from `formed_on`; `ended_on` is the first day on which it is not; `term_until` the last day of the term.
    `organisation` stands for it in duties and documents; the terms of one committee share theirs.
    """

    kind = models.CharField("类别", max_length=24, choices=list(BODY_KINDS.items()))
    name = models.CharField("名称", max_length=100)
    estate = models.ForeignKey(Estate, models.PROTECT, null=True, related_name="bodies", verbose_name="小区")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="bodies", verbose_name="单位"
    )
    term = models.PositiveSmallIntegerField("届次", default=1)
    state = models.CharField("状态", max_length=12, choices=list(BODY_STATES.items()), default="preparing")
    formed_on = models.DateField("成立日期", null=True, blank=True)
    term_until = models.DateField("任期届满", null=True, blank=True)
    ended_on = models.DateField("终止日期", null=True, blank=True)
    end_reason = models.CharField("终止原因", max_length=20, choices=list(END_REASONS.items()), blank=True)
    seats = models.PositiveSmallIntegerField("席位", null=True, blank=True)
    absent_sides = ArrayField(
        models.CharField(max_length=24, choices=list(SIDES.items())), verbose_name="不存在的一方", default=list
    )
    explanation = models.TextField("说明", blank=True)
    address = models.CharField("办公场所", max_length=200, blank=True)
    phone = models.CharField("办公电话", max_length=40, blank=True)
    filed_on = models.DateField("备案日期", null=True, blank=True)
    unable_from = models.DateField("不能正常开展工作自", null=True, blank=True)
    term_notice_on = models.DateField("届满告知日", null=True, blank=True)
    term_over_at = models.DateTimeField("届满登记", null=True, blank=True)
    term_warned_at = models.DateTimeField("届满提醒", null=True, blank=True)
    basis = models.JSONField("判断", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    objects = BodyQuerySet.as_manager()  # type: ignore[misc]

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "组织"
        indexes = [*PlaceBound.Meta.indexes, models.Index(fields=["kind", "state"], name="governance_body_kind")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(formed_on__isnull=False) & Q(ended_on__gte=F("formed_on")),
                name="governance_body_days",
            ),
            models.CheckConstraint(
                condition=Q(state="preparing") | Q(formed_on__isnull=False), name="governance_body_formed"
            ),
            models.UniqueConstraint(
                fields=["estate", "kind"],
                condition=Q(state="in_office", kind__in=[*COMMITTEES, "owners_assembly"]),
                name="governance_one_committee",
            ),
            models.UniqueConstraint(
                fields=["estate", "kind", "term"],
                condition=Q(kind__in=COMMITTEES),
                name="governance_term_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> Ref:
        return Ref("body", str(self.pk), self.name, self.place_path)

    def filed_by(self, on: date) -> bool:
        return self.filed_on is not None and self.filed_on <= on

    def is_party(self, actor: object) -> bool:
        organisation = getattr(actor, "organisation", None)
        return organisation is not None and organisation.pk == self.organisation_id


class Member(PlaceBound):
    """A seat of a body and who holds it, from a day to a day, both included. Without a person the seat is vacant.

    `struck_on`: it was entered by mistake and never counted; the row stays to be seen.
    """

    body = models.ForeignKey(Body, models.CASCADE, related_name="members", verbose_name="组织")
    person = models.ForeignKey(
        PersonalData, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="人员"
    )
    side = models.CharField("代表", max_length=24, choices=list(SIDES.items()), default="owner")
    post = models.CharField("职务", max_length=8, choices=list(POSTS.items()), default="member")
    seat = models.CharField("席位", max_length=12, choices=list(SEATS.items()), default="full")
    unit_name = models.CharField("单位", max_length=100, blank=True)
    title = models.CharField("单位职务", max_length=60, blank=True)
    attributes = ArrayField(
        models.CharField(max_length=30, choices=list(ATTRIBUTES.items())), verbose_name="身份", default=list
    )
    source = models.CharField("产生方式", max_length=12, choices=list(SOURCES.items()), blank=True)
    source_note = models.CharField("产生依据", max_length=200, blank=True)
    full_time = models.BooleanField("专职（常驻）", default=False)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="房屋")
    building = models.ForeignKey(Building, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="楼幢")
    entrance = models.PositiveSmallIntegerField("单元", null=True, blank=True)
    rank = models.PositiveSmallIntegerField("候补次序", null=True, blank=True)
    votes_area_dm2 = models.BigIntegerField("得票面积（0.01平方米）", null=True, blank=True)
    votes_heads = models.PositiveIntegerField("得票人数", null=True, blank=True)
    from_on = models.DateField("自")
    to_on = models.DateField("至", null=True, blank=True)
    end_note = models.CharField("离任原因", max_length=200, blank=True)
    chosen_at = models.ForeignKey(
        RepresentativeMeeting, models.PROTECT, null=True, blank=True, related_name="seated",
        verbose_name="推选的业主代表会议",
    )  # fmt: skip
    approved_on = models.DateField("批准日期", null=True, blank=True)
    struck_on = models.DateField("划去日期", null=True, blank=True)
    struck_why = models.CharField("划去的原因", max_length=200, blank=True)
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", verbose_name="接替"
    )
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "成员"
        indexes = [*PlaceBound.Meta.indexes, models.Index(fields=["body", "from_on"], name="governance_member_days")]
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on=None) | Q(to_on__gte=F("from_on")), name="governance_member_order"
            ),
            ExclusionConstraint(
                name="governance_one_steward",
                expressions=[
                    ("building", RangeOperators.EQUAL),
                    (models.functions.Coalesce("entrance", 0), RangeOperators.EQUAL),
                    (days(), RangeOperators.OVERLAPS),
                ],
                condition=Q(building__isnull=False, struck_on=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.body} {self.masked_name or self.title or self.get_side_display()}"

    @property
    def masked_name(self) -> str:
        return self.person.masked_name if self.person else ""

    @property
    def whose(self) -> str:
        """Masked, with the home: masked names of one family name look alike."""
        return f"{self.masked_name}（{self.unit}）" if self.unit else self.masked_name

    @property
    def ref(self) -> Ref:
        return Ref("body_member", str(self.pk), str(self), self.place_path)


def sitting(on: date) -> Q:
    """The seats that count that day: a change that waits for consent does not, nor what was entered by mistake."""
    return covers(on) & Q(approved_on__isnull=False, struck_on=None)
