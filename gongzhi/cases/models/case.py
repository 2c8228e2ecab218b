"""One matter of a complaint on its way: who leads, who helps, how far it is."""

from datetime import datetime
from typing import Any, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from gongzhi.cases.codes import CHANNELS, LEVELS, NATURES, OUTCOMES
from gongzhi.cases.models.complaint import Complaint, reader_key
from gongzhi.cases.models.fields import ClosingFields, EnforcementFields
from gongzhi.core.actors import Actor
from gongzhi.core.models import Organisation, PlaceBound, PlaceQuerySet
from gongzhi.core.prepared import Fetch, insert, update
from gongzhi.core.questions import ROLES
from gongzhi.core.refs import Ref

ROLE_LEVEL = {role.code: role.level for role in ROLES}


class State(models.TextChoices):
    PENDING = "pending", "待派"
    PENDING_DUTY = "pending_duty", "职责待定"
    AWAITING_SIGN = "awaiting_sign", "待签收"
    ASSIGNED = "assigned", "待报到"
    HANDLING = "handling", "处理中"
    HANDLED = "handled", "已处理待答复"
    ANSWERED = "answered", "已答复"
    SUSPENDED = "suspended", "已挂起"
    CLOSED = "closed", "已办结"
    ARCHIVED = "archived", "已归档"
    MERGED = "merged", "已并件"
    VOIDED = "voided", "已作废"


WAITING = (State.PENDING, State.PENDING_DUTY, State.AWAITING_SIGN)
WITH_LEAD = (State.ASSIGNED, State.HANDLING, State.HANDLED, State.ANSWERED)
ENDED = (State.CLOSED, State.ARCHIVED, State.MERGED, State.VOIDED)
RUNNING = (*WAITING, *WITH_LEAD, State.SUSPENDED)
UNFINISHED = (*RUNNING, State.CLOSED)
# What waits for its answer first, by its day; then what was answered, the last first.
DUE_ORDER = (F("answered_at").desc(nulls_first=True), F("answer_due_at").asc(nulls_last=True), F("id").asc())


class Part(models.TextChoices):
    DESK = "desk", "派单"
    LEAD = "lead", "主办"
    SUPPORT = "support", "协办"
    FINDING = "finding", "认定"
    WATCH = "watch", "只读"
    SUPERIOR = "superior", "上级"
    POLICE = "police", "支援"
    TOLD = "told", "知悉"
    ANSWER = "answer", "答复"
    PAST = "past", "曾经办"


class CaseQuerySet(PlaceQuerySet):
    def running(self) -> Self:
        return self.filter(state__in=RUNNING)

    def overdue(self, now: datetime) -> Self:
        """Not answered and past the day of the answer."""
        return self.filter(answered_at=None, answer_due_at__lte=now, state__in=RUNNING)


class Case(PlaceBound, EnforcementFields, ClosingFields):
    """`answer_due_at` mirrors the duty that an answer closes; the duty itself is the clock."""

    number = models.CharField("编号", max_length=40, unique=True)
    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="cases", verbose_name="投诉")
    estate = models.ForeignKey(
        "registry.Estate",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        verbose_name="小区",
        db_index=False,  # cases_case_estate_matter begins with it
    )
    title = models.CharField("标题", max_length=120)
    text = models.TextField("事由", blank=True)
    location = models.CharField("地点", max_length=200, blank=True)
    spot = models.CharField("车牌或点位", max_length=60, blank=True)
    channel = models.CharField("来源", max_length=12, choices=list(CHANNELS.items()))
    received_at = models.DateTimeField("收到时间")
    matter = models.CharField("事项", max_length=60)
    nature = models.CharField("类别", max_length=12, choices=list(NATURES.items()))
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.PENDING)
    state_before = models.CharField("挂起或待签收前的状态", max_length=16, blank=True)

    desk = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="派单单位"
    )
    desk_role = models.CharField("派单角色", max_length=40, blank=True)
    lead = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="led_cases",
        verbose_name="主办单位",
        db_index=False,  # cases_case_lead begins with it
    )
    lead_role = models.CharField("主办职责", max_length=40, blank=True)
    route = models.JSONField("派单答案", null=True, blank=True)
    route_lead = models.CharField("规则主办", max_length=40, blank=True)
    needs = ArrayField(models.CharField(max_length=60), verbose_name="派单所缺的事实", default=list)
    in_built_up_area = models.BooleanField("派单时在建成区内", null=True, blank=True)
    facts = models.JSONField("本件事实", default=dict)
    returns = models.PositiveSmallIntegerField("退回次数", default=0)
    designated = models.BooleanField("已指定", default=False)
    handed_to_hotline = models.BooleanField("区级派单", default=False)
    claimed = models.BooleanField("主动介入", default=False)
    must_report_up = models.BooleanField("必须上报", default=False)
    assigned_at = models.DateTimeField("派单时间", null=True, blank=True)
    reported_in_at = models.DateTimeField("报到时间", null=True, blank=True)
    answer_due_at = models.DateTimeField("答复期限", null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_cases", verbose_name="并入"
    )
    outcome = models.CharField("办理结果", max_length=24, choices=list(OUTCOMES.items()), blank=True)

    # Kept by the services, so that a list of a million asks no other table whose a case is or how it is marked.
    readers = ArrayField(models.CharField(max_length=24), verbose_name="能看的单位和账号", default=list)
    clerks = ArrayField(models.BigIntegerField(), verbose_name="经办过的账号", default=list)
    whistled = models.BooleanField("已吹哨", default=False)
    repeats = models.PositiveIntegerField("近30日同小区同事项第几件", default=1)
    version = models.PositiveIntegerField("版本", default=1)
    demo = models.BooleanField("示范数据", default=False)

    objects = CaseQuerySet.as_manager()  # type: ignore[misc]

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "案件"
        indexes: ClassVar = [
            # Without a list of pending entries: whoever searches would read it, and some writer would have to empty it.
            GinIndex(fields=["readers"], name="cases_case_readers", fastupdate=False),
            models.Index(fields=["estate", "matter", "received_at"], name="cases_case_estate_matter"),
            models.Index(fields=["matter", "received_at"], name="cases_case_matter_time"),
            models.Index(fields=["lead", "state", "answer_due_at"], name="cases_case_lead"),
            models.Index(fields=["route_lead", "state"], name="cases_case_route_lead", condition=Q(lead=None)),
            models.Index(
                fields=["place_path", "received_at"],
                name="cases_case_place_time",
                opclasses=["text_pattern_ops", "timestamptz_ops"],
            ),
            # All that a figure of the statistics looks at, so that counting a period never touches the wide rows.
            models.Index(
                fields=["received_at"],
                name="cases_case_counted",
                include=(
                    "place_path", "state", "matter", "channel", "lead", "estate", "answered_at", "answered_late",
                    "answer_due_at", "call_back_result", "stars",
                ),
            ),
            # The orders of the list; of what runs, a small index of its own.
            models.Index(*DUE_ORDER, name="cases_case_due_order"),
            models.Index(*DUE_ORDER, name="cases_case_due_running", condition=Q(state__in=RUNNING)),
            models.Index(fields=["-repeats", "id"], name="cases_case_repeats"),
            # What puts in order the few that words find: thousands of cases need not be read for it.
            models.Index(
                fields=["id"],
                name="cases_case_in_order",
                include=["answered_at", "answer_due_at", "received_at", "repeats"],
            ),
            models.Index(
                fields=["state"],
                name="cases_case_unfinished",
                condition=Q(state__in=UNFINISHED),
                include=[
                    "place_path", "answered_at", "answer_due_at", "route_lead", "lead", "whistled", "repeats",
                    "readers", "clerks",
                ],
            ),
            models.Index(
                fields=["closed_at"],
                name="cases_case_closed",
                condition=Q(closed_at__isnull=False),
                include=["place_path", "readers", "answered_late", "returns"],
            ),
            models.Index(
                fields=["called_back_at"],
                name="cases_case_called_back",
                condition=Q(called_back_at__isnull=False),
                include=["place_path", "readers", "call_back_result"],
            ),
        ]  # fmt: skip
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state__in=["assigned", "handling"]) | Q(lead__isnull=False), name="cases_assigned_has_lead"
            ),
            models.CheckConstraint(
                condition=~Q(state="archived") | Q(closed_at__isnull=False, archived_at__isnull=False),
                name="cases_archived_was_closed",
            ),
            models.CheckConstraint(
                condition=~Q(state="merged") | Q(merged_into__isnull=False), name="cases_merged_says_where"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def ref(self) -> Ref:
        return Ref("case", str(self.pk), f"{self.number} {self.title}", self.place_path)

    @property
    def lead_level(self) -> str:
        return ROLE_LEVEL.get(self.lead_role, "county")

    @property
    def running(self) -> bool:
        return self.state in RUNNING

    def overdue(self, now: datetime) -> bool:
        """Past the day of the answer while the complainant has none."""
        return (
            self.running and self.answered_at is None and self.answer_due_at is not None and now >= self.answer_due_at
        )

    def part_rows(self) -> list["CaseParty"]:
        """The units of the case, read once a row object."""
        cached: list[CaseParty] | None = self.__dict__.get("_part_rows")
        if cached is None:
            cached = _parties(self.pk) if self.pk is not None else []
            for one in cached:
                one.case = self
            self.__dict__["_part_rows"] = cached
        return cached

    def forget_parts(self) -> None:
        self.__dict__.pop("_part_rows", None)

    def parts_of(self, actor: Actor) -> set[str]:
        if actor.organisation is None:
            return set()
        return {row.part for row in self.part_rows() if row.organisation_id == actor.organisation.pk}

    def is_party(self, actor: Actor) -> bool:
        return bool(self.parts_of(actor)) or self.is_complainant(actor)

    def is_complainant(self, actor: Actor) -> bool:
        return actor.user is not None and actor.user.pk in (self.complaint.submitted_by_id, self.complaint.steward_id)

    def party_roles(self, actor: Actor) -> set[str]:
        """What the row itself grants: `case_lead`, `case_desk`, …, `complainant`."""
        granted = {f"case_{part}" for part in self.parts_of(actor)}
        return granted | ({"complainant"} if self.is_complainant(actor) else set())

    def admit(self, key: str) -> bool:
        """Lets a unit or an account see the case (`reader_key`); the row is still to be saved. False: it could."""
        if key in self.readers:
            return False
        self.readers = [*self.readers, key]
        return True

    def note_read(self) -> None:
        """From here on the row knows what is changed of it. Lists and mappings are replaced, never changed in place."""
        self.__dict__["_as_read"] = {one.attname: self.__dict__[one.attname] for one in self._meta.concrete_fields}
        self.__dict__["_keys_read"] = self.search_keys()

    def save_changes(self) -> None:
        """Writes the columns that differ from what was read; a new row, and one that did not note it, as a whole. Whose
        searches find the case follows it."""
        if self.pk is None:
            insert([self])
        else:
            was = self.__dict__.get("_as_read")
            if was is None:
                self.save()
            elif not update(self, [name for name, value in was.items() if self.__dict__[name] != value]):
                raise Case.DoesNotExist(self.pk)
            if self.__dict__.get("_keys_read") != self.search_keys():
                self.write_keys()
        self.note_read()

    def search_keys(self) -> list[str]:
        """Whose searches find the case: the places it lies in, its readers, and the role that may claim it."""
        places = [place_key(code) for code in self.place_path.split("/") if code]
        claimable = self.state == State.PENDING and self.lead_id is None and self.route_lead
        return [*places, *sorted(self.readers), *([claim_key(self.route_lead)] if claimable else [])]

    def write_keys(self) -> None:
        update(CaseWords(case_id=self.pk, keys=self.search_keys()), ["keys"])

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        self.forget_parts()
        self.__dict__.pop("_as_read", None)
        super().refresh_from_db(*args, **kwargs)


class CaseParty(models.Model):
    """A unit's part in a case. A unit that gave a case away stays in it as `past`."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="parties", verbose_name="案件")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="case_parts", verbose_name="单位")
    role = models.CharField("职责", max_length=40)
    part = models.CharField("身份", max_length=12, choices=Part.choices)
    since = models.DateTimeField("起")

    class Meta:
        verbose_name = verbose_name_plural = "参与单位"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "organisation", "part"], name="cases_party_once"),
            models.UniqueConstraint(fields=["case"], condition=Q(part="lead"), name="cases_one_lead"),
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "case"], name="cases_party_unit")]

    def __str__(self) -> str:
        return f"{self.get_part_display()} {self.organisation}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """With its row, the unit can see the case."""
        super().save(*args, **kwargs)
        if self.case.admit(reader_key(organisation=self.organisation_id)):
            Case.objects.filter(pk=self.case_id).update(readers=self.case.readers)
            Case.objects.get(pk=self.case_id).write_keys()


@Fetch
def _parties(case: int) -> models.QuerySet[CaseParty]:
    return CaseParty.objects.filter(case=case).select_related("organisation").order_by("pk")


class CaseWords(models.Model):
    """What a case is found by, and by whom: one look into one index. Beside the case, so that most acts leave it alone.

    The database removes the row with its case.
    """

    case = models.OneToOneField(
        Case, models.DO_NOTHING, primary_key=True, related_name="words", verbose_name="案件", db_constraint=False
    )
    grams = ArrayField(models.CharField(max_length=8), verbose_name="检索词", default=list)
    keys = ArrayField(models.CharField(max_length=60), verbose_name="能检索的地区和单位", default=list)

    class Meta:
        verbose_name = verbose_name_plural = "案件检索词"
        # Without a list of pending entries, as above.
        indexes: ClassVar = [GinIndex(fields=["grams", "keys"], name="cases_words_found", fastupdate=False)]

    def __str__(self) -> str:
        return str(self.case_id)


def place_key(code: str) -> str:
    return f"p{code}"


def claim_key(role: str) -> str:
    return f"c{role}"


def level_rank(level: str) -> int:
    """0 for the estate, growing upwards; unknown levels count as the county."""
    return len(LEVELS) - 1 - LEVELS.index(level if level in LEVELS else "county")
