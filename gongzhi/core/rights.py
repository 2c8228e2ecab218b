"""Who may do what: a role, over a subtree of places or as a party to the row, less conflict of interest. No Django.

Each app declares RIGHTS in its own `rights.py`; `collect` reads them when the apps are ready.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from gongzhi.core.errors import Refused
from gongzhi.core.questions import STAFF_ROLES

if TYPE_CHECKING:
    from gongzhi.core.actors import Actor

SCOPES = ("place", "party", "place_or_party", "any")
FORBIDDEN_STATUS = 403
COUNTY_DEPTH, COMMUNITY_DEPTH = 3, 5  # of a place path: province, city, county, street, community


@dataclass(frozen=True, slots=True)
class Right:
    """`roles` None: any role. A role here may also be one the row itself grants by `party_roles(actor)`.

    Scopes: `place` the row lies in the actor's subtree; `party` the row says `is_party(actor)`;
    `place_or_party` either; `any` the role alone decides. `place_roles`: with `place_or_party`, the roles that have it
    over their subtree; the others have it as a party only.
    """

    name: str
    roles: tuple[str, ...] | None = None
    scope: str = "place"
    title: str = ""
    place_roles: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.scope not in SCOPES:
            raise ValueError(f"{self.name}: unknown scope {self.scope!r}")


# Who watches over everything in its subtree. A department sees what it is party to.
OVERSEERS = (
    "leading_group_office",
    "county_leader",
    "housing",
    "street_office",
    "street_government",
    "community_station",
)

RIGHTS: tuple[Right, ...] = (
    Right("switch.set", roles=("leading_group_office", "housing", "system_admin"), title="设定开关"),
    Right("pack.attach", roles=("leading_group_office", "system_admin"), title="启用文件"),
    Right("calendar.enter", roles=("system_admin",), scope="any", title="录入工作日历"),
    Right(
        "person.reveal",
        roles=(*sorted(STAFF_ROLES), "person_helper"),
        scope="place_or_party",
        title="查看个人信息",
        place_roles=OVERSEERS,
    ),
    Right("unit.manage", roles=("leading_group_office", "system_admin"), title="登记、撤销单位"),
    Right("post.manage", roles=("leading_group_office", "system_admin"), title="管理岗位"),
    Right("account.manage", roles=("system_admin",), title="管理账号"),
    Right("token.manage", roles=("leading_group_office", "system_admin"), title="管理接口令牌和事件推送"),
    Right("document.sign_for", scope="party", title="签收文书"),
    Right("document.read", scope="place_or_party", title="查看文书", place_roles=OVERSEERS),
)

_rights: dict[str, Right] = {}


def collect(modules: Iterable[str]) -> None:
    """Reads RIGHTS of each named module; a module that does not exist is skipped, a name twice is an error."""
    found: dict[str, Right] = {}
    for module in modules:
        try:
            rights = import_module(module).RIGHTS
        except ModuleNotFoundError as error:
            if error.name != module:
                raise
            continue
        for right in rights:
            if right.name in found:
                raise ValueError(f"the right {right.name} is declared twice")
            found[right.name] = right
    _rights.clear()
    _rights.update(found)


def known_rights() -> dict[str, Right]:
    return dict(_rights)


def refusal(actor: "Actor", right: str, on: Any = None) -> str | None:
    """Why the actor may not, in Chinese, or None when it may."""
    rule = _rights.get(right)
    if rule is None:
        raise LookupError(f"no right named {right!r}")
    if actor.is_system:
        return None
    what = rule.title or "办理此事"
    granted = {actor.role} | set(getattr(on, "party_roles", lambda _: ())(actor))
    if rule.roles is not None and not granted & set(rule.roles):
        return f"您的岗位（{actor.label}）没有“{what}”的权限，请转有权限的单位办理。"
    if not _in_scope(actor, rule, granted, on):
        return f"此件不在您的辖区或经办范围内，不能{what}。"
    conflict = getattr(on, "conflict_of_interest", None)
    reason = conflict(actor) if conflict else None
    return f"您与此件有利害关系（{reason}），应当回避，请转他人办理。" if reason else None


def _in_scope(actor: "Actor", rule: Right, granted: set[str], on: Any) -> bool:
    if rule.scope == "any" or on is None:
        return rule.scope == "any"
    oversees = rule.scope != "party" and (rule.place_roles is None or bool(granted & set(rule.place_roles)))
    path = getattr(on, "place_path", "")
    if oversees and (actor.within(path) or _lies_here_now(actor, path)):
        return True
    return rule.scope != "place" and bool(getattr(on, "is_party", lambda _: False)(actor))


def _lies_here_now(actor: "Actor", path: str) -> bool:
    """A row keeps the path of its time. Of an estate that has moved since, it is also open to where the estate lies."""
    if path.count("/") <= COMMUNITY_DEPTH or not actor.place_path or path.startswith(actor.place_path):
        return False
    if path.split("/")[:COUNTY_DEPTH] != actor.place_path.split("/")[:COUNTY_DEPTH]:
        return False  # an estate moves within its county alone
    from gongzhi.core.places import moved_to

    return actor.within(moved_to(path))


def may(actor: "Actor", right: str, on: Any = None) -> bool:
    return refusal(actor, right, on) is None


def require(actor: "Actor", right: str, on: Any = None) -> None:
    """Refuses (`forbidden`) when the actor has not the right over the row `on`."""
    reason = refusal(actor, right, on)
    if reason is not None:
        raise Refused("forbidden", reason, status=FORBIDDEN_STATUS)
