"""Posts and their deputies; personal data: kept, found by hash, revealed with a reason, erased."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from gongzhi.core import crypto
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, Organisation, PersonalData, Place, Post, User
from gongzhi.core.prepared import insert
from gongzhi.core.recording import record
from gongzhi.core.refs import Ref
from gongzhi.core.rights import require

FIELDS = {"name": "姓名", "phone": "电话", "id_number": "证件号", "address": "住址"}
# What a clerk chooses from; a text of his own is taken as well.
REASONS = {
    "contact": "联系当事人",
    "verify": "核实身份",
    "serve": "送达文书",
    "transfer": "移送有权机关",
    "audit": "监督检查",
}
SHORTEST_REASON = 4
LOOKS_SHOWN = 10


def begin_post(
    user: User,
    *,
    organisation: Organisation | None,
    role: str = "",
    place: Place | None = None,
    title: str = "",
    begins_on: date,
    actor: Actor,
    now: datetime,
) -> Post:
    """Puts a user into a post: of an organisation, or of a role at a place (an owner, a building steward)."""
    where = organisation.place if organisation else place
    if where is None or not (role or organisation):
        raise Refused(
            "post_without_place", "岗位要有单位，或者有地区和角色。", fields={"organisation": "请选择单位或地区"}
        )
    require(actor, "post.manage", where)
    with transaction.atomic():
        post = Post.objects.create(
            user=user,
            organisation=organisation,
            role=role or (organisation.role if organisation else ""),
            title=title,
            place_path=where.path,
            begins_on=begins_on,
            demo=actor.demo or user.demo,
        )
        record(
            "post.begun",
            subject=post.ref,
            actor=actor,
            at=now,
            place_path=post.place_path,
            data={"role": post.role, "begins_on": begins_on},
        )
    return post


def end_post(post: Post, *, ends_on: date, actor: Actor, now: datetime) -> Post:
    """The last day of the post. Its open work is handed over by whoever reacts to `post.ended`."""
    require(actor, "post.manage", post)
    if ends_on < post.begins_on:
        raise Refused("post_dates", "离岗日期不能早于到岗日期。", fields={"ends_on": "不能早于到岗日期"})
    with transaction.atomic():
        post = Post.objects.select_for_update().get(pk=post.pk)
        if post.ends_on is not None:
            raise Refused("post_ended", "该岗位已经办过离岗。")
        post.ends_on = ends_on
        post.save(update_fields=["ends_on"])
        record(
            "post.ended",
            subject=post.ref,
            actor=actor,
            at=now,
            place_path=post.place_path,
            data={"role": post.role, "ends_on": ends_on},
        )
    return post


def set_deputy(
    post: Post, *, deputy: User | None, from_on: date, to_on: date | None = None, actor: Actor, now: datetime
) -> Post:
    """The deputy acts for the holder in that time; the records show both. None ends it. The holder may set his own."""
    if actor.user is None or actor.user.pk != post.user_id:
        require(actor, "post.manage", post)
    if deputy is not None and deputy.pk == post.user_id:
        raise Refused("own_deputy", "代办人不能是本人，请另选一人。", fields={"deputy": "请另选一人"})
    if deputy is not None and to_on is not None and to_on < from_on:
        raise Refused("deputy_dates", "代办的截止日不能早于起始日。", fields={"deputy_to": "不能早于起始日"})
    with transaction.atomic():
        post.deputy = deputy
        post.deputy_from, post.deputy_to = (from_on, to_on) if deputy else (None, None)
        post.save(update_fields=["deputy", "deputy_from", "deputy_to"])
        record(
            "post.deputy_set",
            subject=post.ref,
            actor=actor,
            at=now,
            place_path=post.place_path,
            data={"role": post.role, "until": to_on},
        )
    return post


def holders(organisation: Organisation, *, on: date, without: Post | None = None) -> list[User]:
    """Who acts in the organisation that day: the holders of its posts, a deputy in place of an absent one.

    `without`: a post that does not count, as one that is about to end: its deputy's time ends with it.
    """
    found: dict[int, User] = {}
    posts = Post.objects.in_force(on).filter(organisation=organisation).select_related("user", "deputy")
    for post in posts if without is None else posts.exclude(pk=without.pk):
        acting = post.user
        started = post.deputy_from is not None and post.deputy_from <= on
        if post.deputy is not None and started and (post.deputy_to is None or on <= post.deputy_to):
            acting = post.deputy
        found[acting.pk] = acting
    return list(found.values())


def keep_person(
    *,
    name: str = "",
    phone: str = "",
    id_number: str = "",
    address: str = "",
    place_path: str,
    owner: Ref | None = None,
    demo: bool = False,
    now: datetime,
) -> PersonalData:
    """Puts a person's data under cipher. `owner` is the row that needs them; it guards who may ask to see them."""
    values = {"name": name.strip(), "phone": phone.strip(), "id_number": id_number.strip(), "address": address.strip()}
    ciphers = {
        f"{field}_cipher": crypto.encrypt(value, purpose=f"person.{field}") for field, value in values.items() if value
    }
    person = PersonalData(
        owner_kind=owner.kind if owner else "",
        owner_id=owner.id if owner else "",
        masked_name=crypto.mask_name(values["name"])[:60],
        masked_phone=crypto.mask_phone(values["phone"])[:30],
        masked_id_number=crypto.mask_id_number(values["id_number"])[:30],
        phone_hash=crypto.keyed_hash(phone, purpose="phone") if values["phone"] else "",
        id_hash=crypto.keyed_hash(id_number, purpose="id_number") if values["id_number"] else "",
        place_path=place_path,
        created_at=now,
        demo=demo,
        **ciphers,
    )
    insert([person])
    return person


def persons_by(*, phone: str = "", id_number: str = "") -> Any:
    """Rows with that phone or identity number, found by keyed hash without opening any cipher."""
    wanted = Q(pk=None)
    if phone:
        wanted |= Q(phone_hash=crypto.keyed_hash(phone, purpose="phone"))
    if id_number:
        wanted |= Q(id_hash=crypto.keyed_hash(id_number, purpose="id_number"))
    return PersonalData.objects.filter(wanted)


def phone_ends_with(person: PersonalData, tail: str) -> bool:
    """For tracking by number and phone tail: compares without handing the number out."""
    return (
        bool(person.phone_cipher)
        and len(tail) == crypto.PHONE_TAIL
        and crypto.normalised(opened(person, "phone")).endswith(tail)
    )


def opened(person: PersonalData, field: str) -> str:
    """The plain value for the platform's own use (a document, a message). For people there is `reveal`."""
    if field not in FIELDS:
        raise LookupError(f"no personal field {field!r}")
    cipher = getattr(person, f"{field}_cipher")
    return crypto.decrypt(cipher, purpose=f"person.{field}") if cipher else ""


@transaction.atomic
def reveal(personal: PersonalData, field: str, *, reason: str, actor: Actor, now: datetime) -> str:
    """Shows one value in the plain to someone who says why. Each look is an event."""
    if field not in FIELDS:
        raise LookupError(f"no personal field {field!r}")
    require(actor, "person.reveal", personal)
    words = REASONS.get(reason, reason).strip()
    if len(words) < SHORTEST_REASON:
        raise Refused(
            "reason_missing",
            f"查看{FIELDS[field]}要选择或写明理由。",
            fields={"reason": f"请写明理由，至少{SHORTEST_REASON}个字。"},
        )
    if personal.erased_at is not None:
        raise Refused("erased", "这项个人信息已经按保存期限删除。")
    record(
        "person.revealed",
        subject=Ref("person", str(personal.pk), "", personal.place_path),
        actor=actor,
        at=now,
        place_path=personal.place_path,
        data={"field": field, "reason": words},
    )
    return opened(personal, field)


@dataclass(frozen=True)
class Look:
    """One time somebody looked at a person's data in the plain: who, when, at what and why."""

    who: str
    at: datetime
    fields: str
    reason: str


def looks_at(persons: Iterable[PersonalData], *, most: int = LOOKS_SHOWN) -> list[Look]:
    """The last looks at these people, the newest first. One query."""
    ids = [str(one.pk) for one in persons]
    rows = Event.objects.filter(kind="person.revealed", subject_kind="person", subject_id__in=ids)
    found: dict[tuple[str, datetime, str], list[str]] = {}
    for event in rows.order_by("-at", "pk")[: most * len(FIELDS)] if ids else ():
        title = FIELDS.get(event.data["field"], "")
        fields = found.setdefault((event.actor_label, event.at, event.data["reason"]), [])
        if title not in fields:
            fields.append(title)
    return [Look(who, at, "、".join(fields), why) for (who, at, why), fields in list(found.items())[:most]]


def erase_person(personal: PersonalData, *, now: datetime) -> None:
    """Removes the ciphers, the hashes and the masked forms; the row stays, so that what points to it still holds."""
    for field in FIELDS:
        setattr(personal, f"{field}_cipher", "")
    personal.masked_name = personal.masked_phone = personal.masked_id_number = ""
    personal.phone_hash = personal.id_hash = ""
    personal.erased_at = now
    personal.save()
