"""What a body puts on record with the street, what it keeps, and what it hands over."""

from django.db import models
from django.db.models import Q

from gongzhi.core.models import Document, Event, Organisation, PlaceBound, User
from gongzhi.core.refs import Ref
from gongzhi.governance.bodies.models.body import Body
from gongzhi.governance.bodies.words import ASSET_KINDS, CHANGE_KINDS, FILING_STATES, PARTY_GROUP_STATES


class Filing(PlaceBound):
    """A committee's filing: papers, the review, the number, the copies."""

    body = models.ForeignKey(Body, models.PROTECT, related_name="filings", verbose_name="组织")
    state = models.CharField("状态", max_length=10, choices=list(FILING_STATES.items()), default="submitted")
    papers = models.JSONField("材料", default=list)
    party_group = models.CharField("党组织", max_length=16, choices=list(PARTY_GROUP_STATES.items()), blank=True)
    party_group_on = models.DateField("党组织建立日期", null=True, blank=True)
    explanation = models.TextField("说明", blank=True)
    desk = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="备案单位")
    submitted_at = models.DateTimeField("提交时间")
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="提交人")
    decided_at = models.DateTimeField("审核时间", null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="审核人")
    opinion = models.TextField("审核意见", blank=True)
    number = models.CharField("备案号", max_length=80, blank=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+", verbose_name="备案文书")
    basis = models.JSONField("判断", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "备案"
        constraints = [
            models.UniqueConstraint(fields=["body"], condition=Q(state="submitted"), name="governance_filing_one_open"),
        ]

    def __str__(self) -> str:
        return f"{self.body}备案"

    @property
    def ref(self) -> Ref:
        return Ref("filing", str(self.pk), str(self), self.place_path)


class Asset(PlaceBound):
    """A seal or a bank account of a body. Of an account only the last four digits are kept."""

    body = models.ForeignKey(Body, models.PROTECT, related_name="assets", verbose_name="组织")
    kind = models.CharField("类别", max_length=10, choices=list(ASSET_KINDS.items()))
    title = models.CharField("名称（户名）", max_length=100)
    bank = models.CharField("开户银行", max_length=100, blank=True)
    tail = models.CharField("账号末四位", max_length=4, blank=True)
    keeper = models.CharField("保管", max_length=100, blank=True)
    from_on = models.DateField("刻制（开立）日期")
    to_on = models.DateField("缴销（销户）日期", null=True, blank=True)
    end_note = models.CharField("缴销（销户）情况", max_length=200, blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "印章和账户"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.title}"


class BodyChange(PlaceBound):
    """Something of a body that the street has to be told, and the report."""

    body = models.ForeignKey(Body, models.PROTECT, related_name="changes", verbose_name="组织")
    kind = models.CharField("事项", max_length=14, choices=list(CHANGE_KINDS.items()))
    what = models.CharField("内容", max_length=200)
    happened_on = models.DateField("发生日期")
    reported_at = models.DateTimeField("报告时间", null=True, blank=True)
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="+")
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "变更报告"

    def __str__(self) -> str:
        return f"{self.body} {self.get_kind_display()}"

    @property
    def ref(self) -> Ref:
        return Ref("body_change", str(self.pk), str(self), self.place_path)


class HandOver(PlaceBound):
    """The seal, books and records of a body that stood for the owners, going to the one that came after it (another
    term, or one of the other kind); signed by every party."""

    from_body = models.ForeignKey(Body, models.PROTECT, related_name="handovers", verbose_name="移交方")
    to_body = models.ForeignKey(
        Body, models.PROTECT, null=True, related_name="received_handovers", verbose_name="接收方"
    )
    opened_on = models.DateField("起始日期")
    completed_at = models.DateTimeField("办结时间", null=True, blank=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+", verbose_name="移交清单")
    basis = models.JSONField("判断", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "移交"

    def __str__(self) -> str:
        return f"{self.from_body}移交"

    @property
    def ref(self) -> Ref:
        return Ref("body_handover", str(self.pk), str(self), self.place_path)


class HandOverItem(models.Model):
    """One line of the list."""

    handover = models.ForeignKey(HandOver, models.CASCADE, related_name="items", verbose_name="移交")
    asset = models.ForeignKey(Asset, models.PROTECT, null=True, related_name="+", verbose_name="印章、账户")
    title = models.CharField("物品资料", max_length=100)
    quantity = models.CharField("数量", max_length=40, blank=True)
    given_on = models.DateField("移交日期", null=True, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "移交物品"

    def __str__(self) -> str:
        return self.title


class HandOverSignature(models.Model):
    """A party's signature, or its refusal."""

    handover = models.ForeignKey(HandOver, models.CASCADE, related_name="signatures", verbose_name="移交")
    party = models.CharField("一方", max_length=40)
    signed_at = models.DateTimeField("签字时间", null=True, blank=True)
    signed_by = models.CharField("签字人", max_length=200, blank=True)
    refused_at = models.DateTimeField("拒签时间", null=True, blank=True)
    reason = models.CharField("拒签理由", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "移交签字"
        constraints = [models.UniqueConstraint(fields=["handover", "party"], name="governance_signature_once")]

    def __str__(self) -> str:
        return f"{self.handover_id} {self.party}"
