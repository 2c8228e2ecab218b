"""Who acts: a user in a post, the platform itself, or the public."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Optional

from django.db.models import Q

from gongzhi.core.days import local_day
from gongzhi.core.questions import ROLES, STAFF_ROLES

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from gongzhi.core.models import Organisation, Post, User
    from gongzhi.core.prepared import Fetch

SYSTEM_ROLE = "system"
PUBLIC_ROLE = "public"
_PLATFORM_ROLES = frozenset(role.code for role in ROLES)


@dataclass(frozen=True)
class Actor:
    """One capacity in which somebody acts. `label` is what the records show of it."""

    user: Optional["User"]
    organisation: Optional["Organisation"]
    role: str
    place_path: str
    label: str
    post: Optional["Post"] = None
    demo: bool = False
    several: bool = field(default=False, compare=False)  # whether the user may act in another capacity as well

    @classmethod
    def system(cls, *, demo: bool = False) -> "Actor":
        return cls(None, None, SYSTEM_ROLE, "", "平台", demo=demo)

    @classmethod
    def public(cls, label: str = "公众", *, demo: bool = False) -> "Actor":
        return cls(None, None, PUBLIC_ROLE, "", label, demo=demo)

    @classmethod
    def of(cls, user: Any, now: datetime, *, post_id: int | None = None) -> "Actor":
        """The user in the post chosen, else in the first one; without a post in force, the user has no role."""
        if user is None or not getattr(user, "is_authenticated", False):
            return cls.public()
        found = capacities(user, now)
        for actor in found:
            if actor.post is not None and actor.post.pk == post_id:
                return actor
        return found[0] if found else cls(user, None, "", "", user.display_name or user.username, demo=user.demo)

    @property
    def is_system(self) -> bool:
        return self.role == SYSTEM_ROLE

    @property
    def is_public(self) -> bool:
        return self.role == PUBLIC_ROLE

    @property
    def is_staff_role(self) -> bool:
        """Of a government's office or department; a city's document may add some that the platform does not list."""
        if self.role in _PLATFORM_ROLES or self.organisation is None:
            return self.role in STAFF_ROLES
        return self.organisation.kind in ("office", "department")

    @property
    def is_deputy(self) -> bool:
        return self.post is not None and self.user is not None and self.post.user_id != self.user.pk

    def known_as(self, label: str) -> "Actor":
        """The same actor under a word that does not name him: what the records show of a complainant."""
        return replace(self, label=label)

    def within(self, place_path: str) -> bool:
        """Does the place lie in this actor's subtree? Nobody without a place of his own has a subtree."""
        return bool(self.place_path) and place_path.startswith(self.place_path)


def posts_in_force(user: "User", on: date) -> list["Post"]:
    """The user's own posts of that day first, then those the user deputises for."""
    return sorted(_posts()(user.pk, on), key=lambda post: post.user_id != user.pk)


@cache
def _posts() -> "Fetch[Post]":
    """Every request asks for them."""
    from gongzhi.core.models import Post
    from gongzhi.core.prepared import Fetch

    def rows(user: int, on: date) -> "QuerySet[Post]":
        deputy = Q(deputy=user, deputy_from__lte=on) & (Q(deputy_to=None) | Q(deputy_to__gte=on))
        found = Post.objects.in_force(on).filter(Q(user=user) | deputy)
        return found.select_related("organisation", "user").order_by("begins_on", "id")

    return Fetch(rows)


def acting_in(post: "Post", now: datetime) -> Actor | None:
    """The holder of the post in it, or None when the post is not in force then."""
    from gongzhi.core.models import Post

    found = Post.objects.in_force(local_day(now)).select_related("organisation", "user").filter(pk=post.pk).first()
    return _in_post(found.user, found) if found is not None else None


def capacities(user: "User", now: datetime) -> list[Actor]:
    """Every capacity the user may act in at that moment."""
    posts = posts_in_force(user, local_day(now))
    return [replace(_in_post(user, post), several=len(posts) > 1) for post in posts]


def _in_post(user: "User", post: "Post") -> Actor:
    where = post.organisation.name if post.organisation else post.title
    label = f"{where} {user.display_name}" if where else user.display_name
    if post.user_id != user.pk:
        label = f"{label}（代{post.user.display_name}）"
    return Actor(user, post.organisation, post.role, post.place_path, label.strip(), post, demo=user.demo)
