"""Users, their posts, and personal data kept under cipher."""

from datetime import date
from typing import Any, Self

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q

from gongzhi.core import crypto
from gongzhi.core.models.bases import PlaceBound, PlaceQuerySet
from gongzhi.core.models.places import Organisation
from gongzhi.core.refs import Ref


class User(AbstractUser):
    """An account. What it may do comes from its posts alone; Django's permissions are not used."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    display_name = models.CharField("姓名", max_length=60)
    phone_cipher = models.TextField("手机号（密文）", blank=True)
    phone_hash = models.CharField("手机号摘要", max_length=64, blank=True, db_index=True)
    large_text = models.BooleanField("大字版", default=False)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "用户"

    def __str__(self) -> str:
        return self.display_name or self.username

    def set_phone(self, phone: str) -> None:
        self.phone_cipher = crypto.encrypt(phone, purpose="user.phone") if phone else ""
        self.phone_hash = crypto.keyed_hash(phone, purpose="phone") if phone else ""

    @property
    def masked_phone(self) -> str:
        return crypto.mask_phone(crypto.decrypt(self.phone_cipher, purpose="user.phone")) if self.phone_cipher else ""

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name


class PostQuerySet(PlaceQuerySet):
    def in_force(self, on: date) -> Self:
        return self.filter(Q(begins_on__lte=on), Q(ends_on=None) | Q(ends_on__gte=on), user__is_active=True)


class Post(PlaceBound):
    """A user in a role from a day to a day, both included. While a deputy is set, the deputy acts for the holder.

    An owner's or a building steward's post has no organisation: its place is the estate.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="posts", verbose_name="任职人")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="posts", verbose_name="单位"
    )
    role = models.CharField("角色", max_length=40)
    title = models.CharField("岗位", max_length=60, blank=True)
    begins_on = models.DateField("任职起")
    ends_on = models.DateField("任职止", null=True, blank=True)
    deputy = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="deputised_posts", verbose_name="代办人"
    )
    deputy_from = models.DateField("代办起", null=True, blank=True)
    deputy_to = models.DateField("代办止", null=True, blank=True)
    demo = models.BooleanField("示范数据", default=False)

    objects = PostQuerySet.as_manager()  # type: ignore[misc]

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "岗位"
        indexes = [*PlaceBound.Meta.indexes, models.Index(fields=["role", "organisation"], name="core_post_role_org")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("begins_on")), name="core_post_ends_after_begin"
            ),
            models.CheckConstraint(
                condition=Q(deputy=None) | Q(deputy_from__isnull=False), name="core_post_deputy_has_day"
            ),
        ]

    def __str__(self) -> str:
        words = self.title or self.role
        return f"{self.organisation} {words}" if self.organisation is not None else words

    @property
    def ref(self) -> Ref:
        return Ref("post", str(self.pk), str(self), self.place_path)


class PersonalData(PlaceBound):
    """One person's data, for one purpose (its owner's): ciphers, masked forms for lists, keyed hashes for search."""

    owner_kind = models.CharField("所属类别", max_length=40, blank=True)
    owner_id = models.CharField("所属编号", max_length=40, blank=True)
    name_cipher = models.TextField("姓名（密文）", blank=True)
    phone_cipher = models.TextField("电话（密文）", blank=True)
    id_number_cipher = models.TextField("证件号（密文）", blank=True)
    address_cipher = models.TextField("住址（密文）", blank=True)
    masked_name = models.CharField("姓名（脱敏）", max_length=60, blank=True)
    masked_phone = models.CharField("电话（脱敏）", max_length=30, blank=True)
    masked_id_number = models.CharField("证件号（脱敏）", max_length=30, blank=True)
    phone_hash = models.CharField("电话摘要", max_length=64, blank=True)
    id_hash = models.CharField("证件号摘要", max_length=64, blank=True)
    created_at = models.DateTimeField("登记时间")
    erased_at = models.DateTimeField("删除时间", null=True, blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "个人信息"
        indexes = [
            *PlaceBound.Meta.indexes,
            models.Index(fields=["phone_hash"], name="core_person_phone", condition=~Q(phone_hash="")),
            models.Index(fields=["id_hash"], name="core_person_id", condition=~Q(id_hash="")),
            models.Index(fields=["owner_kind", "owner_id"], name="core_person_owner"),
        ]

    def __str__(self) -> str:
        return self.masked_name or "（未留姓名）"

    @property
    def ref(self) -> Ref:
        return Ref("person", str(self.pk), self.masked_name, self.place_path)

    def is_party(self, actor: object) -> bool:
        """A party to the row the data belong to may ask for them, if that row lets it read."""
        from gongzhi.core import refs

        known = bool(self.owner_kind) and refs.may_read(actor, Ref(self.owner_kind, self.owner_id))
        return known or bool(self.party_roles(actor))

    def party_roles(self, actor: Any) -> set[str]:
        """`person_helper`: a unit outside the offices has to help this person, as the row says that the data belong
        to."""
        from gongzhi.core import refs

        if not self.owner_kind or actor.organisation is None or actor.is_staff_role:
            return set()
        return {"person_helper"} if refs.helps(actor, Ref(self.owner_kind, self.owner_id)) else set()
