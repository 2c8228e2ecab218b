"""The written notice by which a company dissuades: numbered, handed over or posted."""

from django.db import models
from django.db.models import Q

from gongzhi.cases.enforcement.words import SIGNINGS
from gongzhi.core.models import Document, StoredFile


class DissuasionNotice(models.Model):
    """劝阻告知书. `addressee` names the room or the stall, not the person."""

    problem = models.ForeignKey("cases.Problem", models.PROTECT, related_name="notices", verbose_name="问题")
    document = models.OneToOneField(Document, models.PROTECT, related_name="+", verbose_name="文书")
    addressee = models.CharField("当事人（房号、摊位）", max_length=100)
    demand = models.CharField("要求", max_length=300)
    issued_at = models.DateTimeField("出具时间")
    signing = models.CharField("签收", max_length=8, choices=list(SIGNINGS.items()), blank=True)
    signed_at = models.DateTimeField("送达时间", null=True)
    witness = models.CharField("见证人", max_length=60, blank=True)
    photo = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="送达照片")
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "劝阻告知书"
        constraints = [
            models.CheckConstraint(
                condition=Q(signing="", signed_at=None) | ~Q(signing="") & ~Q(signed_at=None),
                name="cases_notice_signed",
            )
        ]

    def __str__(self) -> str:
        return str(self.document)
