"""Paper ballots: the codes that were printed, and the pages that came back."""

from django.db import models
from django.db.models import Q

from gongzhi.core.models import StoredFile, User
from gongzhi.core.refs import Ref
from gongzhi.governance.votes.models import Ballot, RollEntry, Vote
from gongzhi.governance.votes.paper.words import SHEET_STATES


class PaperCode(models.Model):
    """The code on a printed ballot of one unit. A ballot printed again has a new one, and the old one is void."""

    vote = models.ForeignKey(Vote, models.PROTECT, related_name="paper_codes", verbose_name="表决")
    roll_entry = models.ForeignKey(RollEntry, models.PROTECT, related_name="+", verbose_name="房屋")
    code = models.CharField("票号", max_length=16, unique=True)
    printed_at = models.DateTimeField("打印时间")
    void_at = models.DateTimeField("作废时间", null=True, blank=True)
    failures = models.PositiveSmallIntegerField("核验不符次数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "纸质票编号"
        constraints = [
            models.UniqueConstraint(
                fields=["vote", "roll_entry"], condition=Q(void_at=None), name="governance_paper_code_one"
            )
        ]

    def __str__(self) -> str:
        return self.code


class PaperSheet(models.Model):
    """A page that came back: its image, what each of two people read on it, and the ballot that came of it."""

    vote = models.ForeignKey(Vote, models.PROTECT, related_name="paper_sheets", verbose_name="表决")
    number = models.PositiveIntegerField("序号")
    code = models.ForeignKey(PaperCode, models.PROTECT, null=True, related_name="sheets", verbose_name="票号")
    image = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="选票影像")
    received_at = models.DateTimeField("交回时间")
    state = models.CharField("状态", max_length=12, choices=list(SHEET_STATES.items()), default="waiting")
    first = models.JSONField("第一人录入", null=True, blank=True)
    first_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="第一人")
    second = models.JSONField("第二人录入", null=True, blank=True)
    second_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="第二人")
    ballot = models.OneToOneField(Ballot, models.PROTECT, null=True, related_name="sheet", verbose_name="选票")
    reason = models.TextField("不录入的原因", blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = verbose_name_plural = "交回的纸质票"
        constraints = [models.UniqueConstraint(fields=["vote", "number"], name="governance_sheet_number")]
        indexes = [models.Index(fields=["vote", "state"], name="governance_sheet_state")]

    def __str__(self) -> str:
        return f"第{self.number}页"

    @property
    def place_path(self) -> str:
        return self.vote.place_path

    @property
    def ref(self) -> Ref:
        return Ref("paper_sheet", str(self.pk), str(self), self.place_path)
