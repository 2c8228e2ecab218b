"""A secret election: its trustees, what each has published, the frozen weights, and the sums they open."""

from typing import Any

from django.db import models

from gongzhi.governance.votes.models import Vote
from gongzhi.governance.votes.secret.words import CEREMONY_STATES, OFFICES
from gongzhi.proof.models import Entry


class Ceremony(models.Model):
    """One attempt at a common key; a new one replaces it. `voters`: the file of weights, byte for byte.

    `sums`: after the close, the encrypted totals that trustees open. Nobody's secret is ever in these rows.
    """

    vote = models.OneToOneField(Vote, models.PROTECT, related_name="ceremony", verbose_name="表决")
    state = models.CharField("状态", max_length=8, choices=list(CEREMONY_STATES.items()), default="running")
    started_at = models.DateTimeField("开始")
    voters = models.TextField("计权名册")
    without = models.JSONField("没有表决人的房屋", default=list)
    count = models.PositiveSmallIntegerField("托管人数")
    needed = models.PositiveSmallIntegerField("开票人数")
    guard = models.PositiveIntegerField("人数线")
    safe = models.PositiveIntegerField("按面积推算的人数线")
    failure = models.CharField("失败原因", max_length=200, blank=True)
    sums = models.JSONField("加密合计", null=True, blank=True)
    counted = models.PositiveIntegerField("计入的票", null=True, blank=True)
    adding_at = models.DateTimeField("开始汇总", null=True, blank=True)
    opened_at = models.DateTimeField("开票时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "无记名选举"

    def __str__(self) -> str:
        return f"{self.vote} {self.get_state_display()}"


class Trustee(models.Model):
    """托管人. `channel`, `dealt`, `holding`, `parts`: what he handed in at each step, all of it public and proven."""

    ceremony = models.ForeignKey(Ceremony, models.CASCADE, related_name="trustees", verbose_name="无记名选举")
    number = models.PositiveSmallIntegerField("编号")
    office = models.CharField("身份", max_length=20, choices=list(OFFICES.items()))
    name = models.CharField("姓名", max_length=40)
    token_hash = models.CharField("链接摘要", max_length=64, unique=True)
    channel = models.JSONField("收件点", null=True, blank=True)
    dealt = models.JSONField("承诺和份额", null=True, blank=True)
    holding = models.JSONField("持有证明", null=True, blank=True)
    complaint = models.JSONField("举报", null=True, blank=True)
    parts = models.JSONField("解密部分", null=True, blank=True)
    acted_at = models.DateTimeField("最近一次办理", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "托管人"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["ceremony", "number"], name="governance_trustee_number")]

    def __str__(self) -> str:
        return f"{self.number}号托管人{self.name}（{self.get_office_display()}）"

    @property
    def published(self) -> dict[str, Any] | None:
        return self.dealt["published"] if self.dealt else None


class ChallengedBallot(models.Model):
    """A sealed ballot that its voter had opened instead of casting it. It stands in the log and is never counted."""

    vote = models.ForeignKey(Vote, models.PROTECT, related_name="challenged", verbose_name="表决")
    voter = models.CharField("投票人代号", max_length=20)
    fingerprint = models.CharField("指纹", max_length=64)
    at = models.DateTimeField("时间")
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="+", verbose_name="票册条目")

    class Meta:
        verbose_name = verbose_name_plural = "拆验的票"
        constraints = [models.UniqueConstraint(fields=["vote", "fingerprint"], name="governance_challenged_once")]

    def __str__(self) -> str:
        return self.fingerprint
