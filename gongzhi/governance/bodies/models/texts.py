"""Texts that a place or an estate gave itself, version by version; lists of what a committee has to do or leave."""

from django.db import models
from django.db.models import Q

from gongzhi.core.models import Place, PlaceBound, StoredFile
from gongzhi.core.refs import Ref
from gongzhi.governance.bodies.models.body import Body, Member
from gongzhi.governance.bodies.words import LIST_KINDS, TEXT_KINDS
from gongzhi.registry.models import Unit

LIVE_BY_IT = ("owner", "building_steward", "project_manager")


class AdoptedText(PlaceBound):
    """One version of a text, in force from a day until the next version. `issuer` an office that is no place of its
    own and is listed apart; without it the place gave the text."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="adopted_texts", verbose_name="地区")
    kind = models.CharField("类别", max_length=24, choices=list(TEXT_KINDS.items()))
    issuer = models.CharField("另列的发布单位", max_length=100, blank=True)
    title = models.CharField("名称", max_length=100)
    number = models.PositiveSmallIntegerField("版次")
    from_on = models.DateField("施行日期")
    words = models.TextField("正文或要点", blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="文件")
    vote_ref = models.CharField("表决", max_length=80, blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "制度和规约"
        constraints = [
            models.UniqueConstraint(fields=["place", "kind", "issuer", "number"], name="governance_text_version")
        ]

    def __str__(self) -> str:
        return f"{self.title}（第{self.number}版）"

    @property
    def ref(self) -> Ref:
        return Ref("adopted_text", str(self.pk), str(self), self.place_path)

    def is_party(self, actor: object) -> bool:
        """Whoever lives by it may read it."""
        own_place: str = getattr(actor, "place_path", "")
        return getattr(actor, "role", "") in LIVE_BY_IT and own_place.startswith(self.place_path)


class TextReceipt(models.Model):
    """A unit's owners received the text."""

    text = models.ForeignKey(AdoptedText, models.CASCADE, related_name="receipts", verbose_name="文本")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="房屋")
    received_on = models.DateField("签收日期")

    class Meta:
        verbose_name = verbose_name_plural = "规约签收"
        constraints = [models.UniqueConstraint(fields=["text", "unit"], name="governance_receipt_once")]

    def __str__(self) -> str:
        return f"{self.text_id} {self.unit}"


class ListItem(PlaceBound):
    """One entry of the list of duties, or of what must not be done, of the committees of a place."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="committee_lists", verbose_name="地区")
    kind = models.CharField("清单", max_length=10, choices=list(LIST_KINDS.items()))
    words = models.CharField("条目", max_length=200)
    from_on = models.DateField("自")
    to_on = models.DateField("至", null=True, blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "清单条目"
        constraints = [
            models.UniqueConstraint(
                fields=["place", "kind", "words"], condition=Q(to_on=None), name="governance_item_once"
            )
        ]

    def __str__(self) -> str:
        return self.words


class ListMark(PlaceBound):
    """A body did what an entry asks, or was found to have done what it forbids."""

    item = models.ForeignKey(ListItem, models.PROTECT, related_name="marks", verbose_name="条目")
    body = models.ForeignKey(Body, models.PROTECT, related_name="list_marks", verbose_name="组织")
    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="委员")
    on = models.DateField("日期")
    note = models.CharField("说明", max_length=200, blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "清单登记"

    def __str__(self) -> str:
        return f"{self.body} {self.item}"
