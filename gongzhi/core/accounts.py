"""Accounts: opened by the administrator of a place, with a first password that the holder has to change; stopped again.

What an account may do comes from its posts. Nobody's account is opened by signing up.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, Place, Post, User
from gongzhi.core.people import begin_post, end_post
from gongzhi.core.places import place_at
from gongzhi.core.recording import record
from gongzhi.core.refs import Ref
from gongzhi.core.rights import require

# Posts without a unit: their place is the estate. They begin with the account; every other is given at the unit.
OF_AN_ESTATE = ("owner", "building_steward")
SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"  # without what looks alike
GROUPS, GROUP_SIGNS = 3, 4
USERNAME_SIGNS = "字母、数字和 . _ - @"
PHONE_DIGITS = 11
OPENED, RESET, CHANGED = "user.opened", "user.password_reset", "user.password_changed"


@dataclass(frozen=True)
class Given:
    """`password` is shown once, to whoever hands the account over; nobody can read it again."""

    user: User
    password: str


def accounts_near(actor: Actor) -> QuerySet[User]:
    """Accounts with a post in the actor's place, and those without any that were not opened elsewhere."""
    if not actor.place_path:
        return User.objects.none()
    elsewhere = Event.objects.filter(
        kind=OPENED, subject_kind="user", subject_id=Cast(OuterRef("pk"), TextField())
    ).exclude(place_path__startswith=actor.place_path)
    near = Q(posts__place_path__startswith=actor.place_path) | Q(posts=None) & ~Exists(elsewhere)
    return User.objects.filter(near).distinct()


def filtered(rows: QuerySet[User], *, text: str = "", state: str = "", on: date) -> QuerySet[User]:
    """`text` in the name or the account; `state`: running, stopped, or idle: in use and without a post that day."""
    if text:
        rows = rows.filter(Q(display_name__icontains=text) | Q(username__icontains=text))
    if state in ("running", "stopped"):
        return rows.filter(is_active=state == "running")
    if state == "idle":
        return rows.filter(is_active=True).exclude(pk__in=Post.objects.in_force(on).values("user"))
    return rows


def open_account(
    username: str,
    *,
    name: str,
    phone: str = "",
    role: str = "",
    estate: Place | None = None,
    actor: Actor,
    now: datetime,
) -> Given:
    """An account with a first password. `role` of OF_AN_ESTATE with its estate: that post begins today as well; a
    place in a unit is given at the unit.

    Refuses `bad_username`, `username_taken`, `bad_name`, `bad_phone`, `account_estate`.
    """
    require(actor, "account.manage", place_at(actor.place_path))
    username, name, phone = username.strip(), name.strip(), phone.strip()
    _check(username, name, phone)
    if role:
        _check_estate(role, estate, phone, actor)
    with transaction.atomic():
        if User.objects.filter(username__iexact=username).exists():
            words = f"已经有人用“{username}”这个账号，请换一个。"
            raise Refused("username_taken", words, fields={"username": words})
        user = User(username=username, display_name=name, demo=actor.demo)
        user.set_phone(phone)
        password = _first_password(user)
        user.save()
        _record(OPENED, user, actor, now, {"role": role or None})
        if role and estate is not None:
            _begin(user, role=role, estate=estate, actor=actor, now=now)
    return Given(user, password)


def give_post(user: User, *, role: str, estate: Place | None, actor: Actor, now: datetime) -> Post:
    """An owner's or a building steward's post from today on; refuses `post_twice` besides what `open_account` does."""
    with transaction.atomic():
        row = _held(user, actor, now)
        _check_estate(role, estate, row.phone_hash, actor)
        if not row.is_active:
            raise Refused("account_stopped", "账号已经停用，请先恢复。")
        path = estate.path if estate is not None else ""
        if Post.objects.in_force(local_day(now)).filter(user=row, role=role, place_path=path, ends_on=None).exists():
            raise Refused("post_twice", "在这个小区已经有这个岗位。", fields={"estate": "已经有这个岗位"})
        assert estate is not None  # noqa: S101 - _check_estate refuses it
        return _begin(row, role=role, estate=estate, actor=actor, now=now)


def _begin(user: User, *, role: str, estate: Place, actor: Actor, now: datetime) -> Post:
    return begin_post(user, organisation=None, role=role, place=estate, begins_on=local_day(now), actor=actor, now=now)


def end_own_post(post: Post, *, ends_on: date, actor: Actor, now: datetime) -> Post:
    """The last day of an owner's or a building steward's post; that of a unit ends at the unit, with its work."""
    with transaction.atomic():
        _held(post.user, actor, now)
        if post.organisation_id is not None:
            raise Refused("post_of_unit", "单位里的岗位到“单位和岗位”登记离岗。")
        return end_post(post, ends_on=ends_on, actor=actor, now=now)


def _check_estate(role: str, estate: Place | None, phone: str, actor: Actor) -> None:
    if role not in OF_AN_ESTATE:
        raise Refused("bad_role", "单位里的岗位请到“单位和岗位”登记到岗。", fields={"role": "请从列表里选"})
    if role == "owner" and not phone:
        raise Refused("bad_phone", "业主要填手机号：按它找到名下的房屋。", fields={"phone": "业主要填手机号"})
    if estate is None or estate.level != "estate":
        raise Refused("account_estate", "业主、楼幢长要选是哪个小区的。", fields={"estate": "请选小区"})
    if not actor.within(estate.path):
        raise Refused("account_estate", "这个小区不在您的辖区。", fields={"estate": "不在您的辖区"})


def _check(username: str, name: str, phone: str) -> None:
    try:
        User._meta.get_field("username").run_validators(username)
    except ValidationError as error:
        raise Refused("bad_username", f"账号只能用{USERNAME_SIGNS}。", fields={"username": "请改账号"}) from error
    if not username:
        raise Refused("bad_username", "请填账号。", fields={"username": "请填账号"})
    if not name:
        raise Refused("bad_name", "请填姓名。", fields={"name": "请填姓名"})
    if phone and not (phone.isdecimal() and len(phone) == PHONE_DIGITS):
        raise Refused("bad_phone", "手机号要11位数字。", fields={"phone": "手机号要11位数字"})


def _first_password(user: User) -> str:
    parts = ("".join(secrets.choice(SIGNS) for _ in range(GROUP_SIGNS)) for _ in range(GROUPS))
    password = "-".join(parts)
    user.set_password(password)
    return password


def _record(kind: str, user: User, actor: Actor, now: datetime, data: dict[str, object]) -> None:
    path = actor.place_path
    record(kind, subject=Ref("user", str(user.pk), "", path), actor=actor, at=now, place_path=path, data=data)


def _held(user: User, actor: Actor, now: datetime) -> User:
    """The account, locked, when the actor may manage it: all of its posts of that day lie in his place."""
    require(actor, "account.manage", place_at(actor.place_path))
    found = accounts_near(actor).filter(pk=user.pk).exists()
    posts = Post.objects.filter(user=user).filter(Q(ends_on=None) | Q(ends_on__gte=local_day(now)))
    if not found or any(not actor.within(one.place_path) for one in posts):
        raise Refused("forbidden", "这个账号在别的地区还有岗位，请由管得到那里的管理员办。", status=403)
    return User.objects.select_for_update().get(pk=user.pk)


@transaction.atomic
def reset_password(user: User, *, actor: Actor, now: datetime) -> Given:
    """A new first password; whoever is signed in with the old one is signed out."""
    row = _held(user, actor, now)
    if actor.user is not None and actor.user.pk == row.pk:
        raise Refused("own_account", "自己的口令请在“改口令”里改。")
    if not row.is_active:
        raise Refused("account_stopped", "账号已经停用，请先恢复。")
    password = _first_password(row)
    row.save(update_fields=["password"])
    _record(RESET, row, actor, now, {})
    return Given(row, password)


@transaction.atomic
def stop_account(user: User, *, reason: str, actor: Actor, now: datetime) -> User:
    """Nobody signs in with it any more, nor with a key of its posts. Posts of units are ended first: what was in hand
    there is handed over then. Posts of an estate end with the account.

    Refuses `own_account`, `account_stopped`, `reason_missing`, `account_in_post`.
    """
    row = _held(user, actor, now)
    if actor.user is not None and actor.user.pk == row.pk:
        raise Refused("own_account", "不能停用自己的账号，请由别的管理员办。")
    if not row.is_active:
        raise Refused("account_stopped", "账号已经停用了。")
    if not reason.strip():
        raise Refused("reason_missing", "请写明为什么停用。", fields={"reason": "请写明原因"})
    today = local_day(now)
    posts = list(Post.objects.in_force(today).filter(user=row).select_related("organisation"))
    units = "、".join(dict.fromkeys(one.organisation.name for one in posts if one.organisation is not None))
    if any(one.organisation is not None and one.ends_on is None for one in posts):
        raise Refused("account_in_post", f"还在{units}任职。请先在那里登记离岗，未办的事移交以后再停用。")
    for post in posts:
        if post.ends_on is None:
            end_post(post, ends_on=today, actor=actor, now=now)
    row.is_active = False
    row.save(update_fields=["is_active"])
    _record("user.stopped", row, actor, now, {"reason": reason.strip()})
    return row


@transaction.atomic
def resume_account(user: User, *, actor: Actor, now: datetime) -> Given:
    """In use again, with a new first password. Its posts are given anew."""
    row = _held(user, actor, now)
    if row.is_active:
        raise Refused("account_running", "账号在用，不用恢复。")
    row.is_active = True
    password = _first_password(row)
    row.save(update_fields=["is_active", "password"])
    _record("user.resumed", row, actor, now, {})
    return Given(row, password)


@transaction.atomic
def change_password(user: User, *, old: str, new: str, actor: Actor, now: datetime) -> User:
    """One's own. Other sessions end."""
    row = User.objects.select_for_update().get(pk=user.pk)
    if not row.check_password(old):
        raise Refused("wrong_password", "现在的口令不对。", fields={"old": "现在的口令不对"})
    if old == new:
        raise Refused("same_password", "新口令要与现在的不同。", fields={"new": "要与现在的不同"})
    try:
        password_validation.validate_password(new, row)
    except ValidationError as error:
        words = "".join(error.messages)
        raise Refused("weak_password", words, fields={"new": words}) from error
    row.set_password(new)
    row.save(update_fields=["password"])
    _record(CHANGED, row, actor, now, {})
    return row


def password_was_given(user: User) -> bool:
    """Whether somebody else knows the password: the holder has not changed it since it was given out."""
    kinds = (OPENED, RESET, "user.resumed", CHANGED)
    rows = Event.objects.filter(subject_kind="user", subject_id=str(user.pk), kind__in=kinds)
    last = rows.order_by("-at", "-pk").values_list("kind", flat=True).first()
    return last is not None and last != CHANGED
