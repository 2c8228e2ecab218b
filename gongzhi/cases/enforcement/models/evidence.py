"""Evidence: what was taken in, hashed into the proof log that moment, and who has held it since."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from gongzhi.core.models import Organisation, PlaceBound, StoredFile, User
from gongzhi.core.refs import Ref
from gongzhi.proof.models import Entry


class Evidence(PlaceBound):
    """A file that has to stand up later, of a line of the register or of a case. `entry` is its leaf in the log."""

    number = models.CharField("证据编号", max_length=40, unique=True)
    problem = models.ForeignKey(
        "cases.Problem", models.PROTECT, null=True, related_name="evidence", verbose_name="问题"
    )
    case = models.ForeignKey("cases.Case", models.PROTECT, null=True, related_name="evidence", verbose_name="案件")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    title = models.CharField("证明什么", max_length=120)
    taken_at = models.DateTimeField("取得时间")
    taken_where = models.CharField("取得地点", max_length=200)
    received_at = models.DateTimeField("收存时间")
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="+", verbose_name="存证")
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "证据"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(problem=None) & ~Q(case=None) | ~Q(problem=None) & Q(case=None),
                name="cases_evidence_of_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def ref(self) -> Ref:
        return Ref("evidence", str(self.pk), str(self), self.place_path)

    @property
    def subject(self) -> Any:
        return self.case or self.problem

    @property
    def holder(self) -> Organisation | None:
        """Who answers for it now: the last one that took it over."""
        held = [one for one in self.custody.all() if one.from_at is not None and one.to_at is None]
        return held[-1].organisation if held else None


class Custody(models.Model):
    """One unit's keeping. Handed over by the one before, it begins when the one that takes it signs."""

    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="custody", verbose_name="证据")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="保管单位")
    handed_by = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="移交单位")
    handed_label = models.CharField("移交人（当时）", max_length=200, blank=True)
    handed_at = models.DateTimeField("移交时间")
    reason = models.CharField("移交事由", max_length=200, blank=True)
    from_at = models.DateTimeField("签收时间", null=True)
    to_at = models.DateTimeField("交出时间", null=True)
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="签收人")
    signed_label = models.CharField("签收人（当时）", max_length=200, blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "证据保管"
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["evidence"], condition=Q(from_at=None), name="cases_custody_one_offer"),
            models.UniqueConstraint(
                fields=["evidence"], condition=Q(from_at__isnull=False, to_at=None), name="cases_custody_one_holder"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.evidence_id}"
