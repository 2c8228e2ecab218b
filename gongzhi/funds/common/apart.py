"""不相容岗位: what one person may not do both of in one use, claim, expense, project or refund, and who else may."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, Post
from gongzhi.funds.common.questions import ASK, STEPS

NAMED = 3


@dataclass(frozen=True)
class Apart:
    """A step that somebody may not take: the earlier step that he took, and all who took one like it."""

    way: str
    step: str
    before: str
    barred: frozenset[int]


def kept_apart(
    way: str, step: str, taken: Mapping[str, int | None], *, actor: Actor, place_path: str, on: date
) -> Apart | None:
    """The earlier step that this person took and that may not be in one hand with `step`; None where none.

    `taken`: step and the user who took it, `ask` among them.
    """
    own = actor.user.pk if actor.user is not None else None
    if own is None:
        return None
    before: Mapping[str, Sequence[str]] = core.ask(f"funds.apart_{way}", {}, place_path=place_path, on=on).value
    hands = {one: user for one in before.get(step) or () if (user := taken.get(one)) is not None}
    first = next((one for one, user in hands.items() if user == own), None)
    return Apart(way, step, first, frozenset(hands.values())) if first else None


def apart_words(
    apart: Apart | None, *, roles: Sequence[str], actor: Actor, place_path: str, on: date,
    within: Organisation | None = None,
) -> str:  # fmt: skip
    """Why this person may not take the step, and who may: colleagues first, then others; empty where he may.

    `within`: the step is one company's own.
    """
    if apart is None:
        return ""
    steps = STEPS[apart.way]
    did = "申请是您提的" if apart.before == ASK else f"“{steps[apart.before]}”是您办的"
    others = _others(roles, actor, barred=apart.barred, place_path=place_path, on=on, within=within)
    return f"{did}，“{steps[apart.step]}”要由另一个人办。{others}"


def refuse_apart(
    apart: Apart | None, *, roles: Sequence[str], actor: Actor, place_path: str, on: date,
    within: Organisation | None = None,
) -> None:  # fmt: skip
    """Raises `kept_apart` where a step stands in the way."""
    if apart is not None:
        raise Refused(
            "kept_apart", apart_words(apart, roles=roles, actor=actor, place_path=place_path, on=on, within=within)
        )


def _others(
    roles: Sequence[str], actor: Actor, *, barred: frozenset[int], place_path: str, on: date,
    within: Organisation | None = None,
) -> str:  # fmt: skip
    posts = Post.objects.in_force(on).filter(role__in=roles)
    if within is not None:
        posts = posts.filter(organisation=within)
    else:
        posts = posts.filter(place_path__in=[one.path for one in core.ancestors(place_path)])
    posts = posts.exclude(user__in=[*barred, actor.user]).select_related("user", "organisation").order_by("pk")
    own = actor.organisation.pk if actor.organisation is not None else None
    near = sorted(posts, key=lambda one: one.organisation_id != own)
    names = list(dict.fromkeys(f"{one.organisation or one.title} {one.user.display_name}".strip() for one in near))
    if not names:
        return "现在没有别人可以办，请系统管理员给本单位再开一个账号。"
    return f"可以请{'、'.join(names[:NAMED])}{'等' if len(names) > NAMED else ''}办。"
