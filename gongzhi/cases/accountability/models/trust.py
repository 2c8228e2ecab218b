"""What few may read: findings of shirking, talks, referrals, clues; and what is said against companies."""

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models

from gongzhi.core.actors import Actor
from gongzhi.core.models import Document, Organisation, PlaceBound, PlaceQuerySet, StoredFile, User
from gongzhi.core.refs import Ref

BEHAVIOURS = {
    "rules": "违反有关规定",
    "abuse": "滥用职权",
    "favour": "徇私舞弊",
    "neglect": "玩忽职守",
}
CLUE_RESULTS = {"corrected": "责令改正", "prosecuted": "移送司法机关追究刑事责任", "unfounded": "查无实据"}
REFERRAL_STATES = {"sent": "已移送", "accepted": "已受理", "held": "已问责", "declined": "不予问责"}
CONSEQUENCES = {"dismissal": "物业服务企业解聘", "re_election": "业主委员会改选"}


class Shirking(PlaceBound):
    """The leading group's office found that a unit let the day pass by passing the buck."""

    duty = models.OneToOneField("duties.Duty", models.PROTECT, related_name="shirking", verbose_name="期限任务")
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="责任单位")
    reason = models.TextField("认定事实")
    found_at = models.DateTimeField("认定时间")
    found_label = models.CharField("认定人", max_length=200)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "推诿认定"

    def __str__(self) -> str:
        return f"{self.unit} {self.duty}"


class Talk(PlaceBound):
    """约谈. The record stays with those who may read it; the unit has the notice."""

    duty = models.ForeignKey("duties.Duty", models.PROTECT, related_name="talks", verbose_name="因何事")
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="约谈单位")
    person = models.CharField("约谈对象", max_length=120)
    planned_at = models.DateTimeField("约定时间")
    room = models.CharField("地点", max_length=120)
    opened_at = models.DateTimeField("发起时间")
    opened_label = models.CharField("发起人", max_length=200)
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+", verbose_name="约谈通知书")
    held_at = models.DateTimeField("约谈时间", null=True, blank=True)
    held_label = models.CharField("约谈人", max_length=200, blank=True)
    record = models.TextField("约谈记录", blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "约谈"

    def __str__(self) -> str:
        return f"约谈{self.unit}"

    @property
    def ref(self) -> Ref:
        return Ref("talk", str(self.pk), str(self), self.place_path)


class Referral(PlaceBound):
    """问责建议移送, with its numbered letter and how far it is."""

    duty = models.ForeignKey("duties.Duty", models.PROTECT, related_name="referrals", verbose_name="因何事")
    talk = models.ForeignKey(Talk, models.PROTECT, null=True, blank=True, related_name="referrals", verbose_name="约谈")
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="涉及单位")
    to = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="移送给")
    reason = models.TextField("移送事由")
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+", verbose_name="移送函")
    referred_at = models.DateTimeField("移送时间")
    referred_label = models.CharField("移送人", max_length=200)
    state = models.CharField("状态", max_length=12, choices=list(REFERRAL_STATES.items()), default="sent")
    answered_at = models.DateTimeField("反馈时间", null=True, blank=True)
    answer = models.TextField("问责结果", blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "问责建议移送"

    def __str__(self) -> str:
        return f"问责建议：{self.unit}"

    @property
    def ref(self) -> Ref:
        return Ref("referral", str(self.pk), str(self), self.place_path)


class ClueQuerySet(PlaceQuerySet):
    def seen_by(self, actor: Actor) -> Self:
        """Never those about the actor, nor about the person for whom the actor deputises."""
        return self.exclude(person_id__in=capacities_of(actor))


def capacities_of(actor: Actor) -> set[int]:
    found = {actor.user.pk} if actor.user is not None else set()
    if actor.post is not None:
        found.add(actor.post.user_id)
    return found


class Clue(PlaceBound):
    """线索 about the conduct of an official. The title of its reference carries the number alone."""

    number = models.CharField("编号", max_length=40, unique=True)
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="涉及人员所在单位")
    person = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="涉及人员")
    position = models.CharField("涉及人员岗位", max_length=120)
    behaviour = models.CharField("涉及行为", max_length=12, choices=list(BEHAVIOURS.items()))
    text = models.TextField("线索内容")
    recorded_at = models.DateTimeField("登记时间")
    recorded_label = models.CharField("登记人", max_length=200)
    body = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="移送给"
    )
    transferred_at = models.DateTimeField("移送时间", null=True, blank=True)
    result = models.CharField("处理结果", max_length=12, choices=list(CLUE_RESULTS.items()), blank=True)
    result_text = models.TextField("处理情况", blank=True)
    concluded_at = models.DateTimeField("办结时间", null=True, blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    demo = models.BooleanField("示范数据", default=False)

    objects = ClueQuerySet.as_manager()  # type: ignore[misc]

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "工作人员问题线索"

    def __str__(self) -> str:
        return self.number

    @property
    def ref(self) -> Ref:
        return Ref("clue", str(self.pk), self.number, self.place_path)

    def is_party(self, actor: Actor) -> bool:
        return self.body_id is not None and actor.organisation is not None and actor.organisation.pk == self.body_id

    def party_roles(self, actor: Actor) -> set[str]:
        return {"clue_body"} if self.is_party(actor) else set()

    def conflict_of_interest(self, actor: Actor) -> str:
        return "线索涉及本人" if self.person_id in capacities_of(actor) else ""


class CensureReview(PlaceBound):
    """A company or a committee that let a problem lie, did not report it, and was then complained of."""

    problem = models.ForeignKey("cases.Problem", models.PROTECT, related_name="reviews", verbose_name="问题")
    party = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="企业或业委会")
    proposed = models.BooleanField("建议通报")
    reason = models.TextField("审核意见")
    reviewed_at = models.DateTimeField("审核时间")
    reviewed_label = models.CharField("审核人", max_length=200)
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="通报")
    censured_at = models.DateTimeField("通报时间", null=True, blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "通报候选审核"
        constraints: ClassVar = [models.UniqueConstraint(fields=["problem", "party"], name="cases_reviewed_once")]

    def __str__(self) -> str:
        return f"{self.party} {self.problem_id}"


class MajorConflict(PlaceBound):
    """A street's finding, with its certificate, that a major conflict or accident came of it."""

    estate = models.ForeignKey("registry.Estate", models.PROTECT, related_name="+", verbose_name="小区")
    party = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="企业或业委会")
    review = models.ForeignKey(
        CensureReview, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="通报候选"
    )
    text = models.TextField("认定事实")
    consequences = ArrayField(
        models.CharField(max_length=12, choices=list(CONSEQUENCES.items())), verbose_name="可以启动的程序"
    )
    certificate = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="认定书")
    found_at = models.DateTimeField("认定时间")
    found_label = models.CharField("认定人", max_length=200)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "重大矛盾和事故认定"

    def __str__(self) -> str:
        return f"{self.estate} {self.party}"

    @property
    def ref(self) -> Ref:
        return Ref("major_conflict", str(self.pk), str(self), self.place_path)

    @property
    def consequence_names(self) -> list[str]:
        return [CONSEQUENCES[one] for one in self.consequences]
