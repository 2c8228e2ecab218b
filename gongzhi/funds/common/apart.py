"""不相容岗位: what one person may not do both of in one use, claim or expense, and who else may take a step."""

from collections.abc import Mapping, Sequence
from datetime import date

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Post
from gongzhi.funds.common.questions import STEPS

NAMED = 3


def kept_apart(way: str, step: str, taken: Mapping[str, int | None], *, actor: Actor, place_path: str, on: date) -> str:
    """The earlier step that this person took and that may not be in one hand with `step`; empty where none.

    `taken`: step and the user who took it, `ask` among them.
    """
    own = actor.user.pk if actor.user is not None else None
    if own is None:
        return ""
    before: Mapping[str, Sequence[str]] = core.ask(f"funds.apart_{way}", {}, place_path=place_path, on=on).value
    return next((one for one in before.get(step) or () if taken.get(one) == own), "")


def apart_words(before: str, step: str, roles: Sequence[str], *, actor: Actor, place_path: str, on: date) -> str:
    """Why this person may not take the step, and who may: colleagues first, then those of other units."""
    did = "申请是您提的" if before == "ask" else f"“{STEPS[before]}”是您办的"
    return f"{did}，“{STEPS[step]}”要由另一个人办。{_others(roles, actor, place_path=place_path, on=on)}"


def refuse_apart(before: str, step: str, roles: Sequence[str], *, actor: Actor, place_path: str, on: date) -> None:
    """Raises `kept_apart` where a step stands in the way."""
    if before:
        raise Refused("kept_apart", apart_words(before, step, roles, actor=actor, place_path=place_path, on=on))


def _others(roles: Sequence[str], actor: Actor, *, place_path: str, on: date) -> str:
    above = [one.path for one in core.ancestors(place_path)]
    posts = Post.objects.in_force(on).filter(role__in=roles, place_path__in=above)
    posts = posts.exclude(user=actor.user).select_related("user", "organisation").order_by("pk")
    own = actor.organisation.pk if actor.organisation is not None else None
    near = sorted(posts, key=lambda one: one.organisation_id != own)
    names = list(dict.fromkeys(f"{one.organisation or one.title} {one.user.display_name}".strip() for one in near))
    if not names:
        return "现在没有别人可以办，请系统管理员给本单位再开一个账号。"
    return f"可以请{'、'.join(names[:NAMED])}{'等' if len(names) > NAMED else ''}办。"
