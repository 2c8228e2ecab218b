"""What base.html shows on every page: who, where, the navigation, the strip of the demonstration."""

from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db import DatabaseError
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from gongzhi.site import places
from gongzhi.site.middleware import large_address, wants_large

SECONDS_KEPT = 30
AT_HOME = ("public", "owner", "building_steward")


@dataclass(frozen=True, slots=True)
class Entry:
    code: str
    title: str
    url: str


# (code, title, name of the address): an entry appears when its part has pages.
STAFF = (
    ("desk", "工作台", "duties:desk"),
    ("cases", "案件", "cases:list"),
    ("patrols", "巡查", "patrols:list"),
    ("mediation", "调解", "mediation:list"),
    ("enforcement", "执法", "enforcement:operations"),
    ("accountability", "督查", "accountability:board"),
    ("estates", "小区", "registry:estates"),
    ("bodies", "组织", "bodies:list"),
    ("votes", "表决", "governance:votes"),
    ("contracts", "选聘", "contracts:list"),
    ("equipment", "设施", "equipment:board"),
    ("funds", "资金", "funds:overview"),
    ("ratings", "考核", "ratings:overview"),
    ("notices", "公示", "disclosure:board"),
    ("clauses", "条款", "clauses"),
)
PUBLIC = (
    ("home", "首页", "home"),
    ("notices", "小区公示", "disclosure:board"),
    ("complain", "我要投诉", "complain"),
    ("track", "查进度", "track"),
    ("votes", "表决结果", "governance:results"),
    ("clauses", "查条款", "clauses"),
    ("ask", "问规则", "ask"),
)
OWNER = (
    ("home", "首页", "home"),
    ("estates", "我的小区", "registry:mine"),
    ("funds", "小区资金", "funds:mine"),
    ("bodies", "业主组织", "bodies:mine"),
    ("votes", "表决结果", "governance:results"),
    ("complain", "投诉", "complain"),
    ("mediation", "调解", "mediation:list"),
    ("track", "查进度", "track"),
    ("ask", "问规则", "ask"),
)
# What only those who work here have: an owner who comes to one of these is told where to go instead.
# Lists of work that no menu names and whose rows lead to pages of the officials'.
STAFF_LISTS = (
    "funds:charges",
    "funds:flagged",
    "funds:pay_projects",
    "funds:price_checks",
    "funds:renewals",
    "funds:uses",
)
STAFF_ALONE = frozenset({*(name for _, _, name in STAFF), *STAFF_LISTS}) - {name for _, _, name in (*PUBLIC, *OWNER)}
FOOT = (
    ("accessibility", "无障碍说明", "accessibility"),
    ("privacy", "个人信息怎样使用", "privacy"),
    ("workdays", "工作日历", "workdays"),
    ("ask", "问规则", "ask"),
    ("api", "接口", "api_guide"),
)


def entries(listed: tuple[tuple[str, str, str], ...]) -> list[Entry]:
    found = []
    for code, title, name in listed:
        try:
            found.append(Entry(code=code, title=title, url=reverse(name)))
        except NoReverseMatch:
            continue
    return found


def page(request: HttpRequest) -> dict[str, Any]:
    actor = getattr(request, "actor", None)
    user = getattr(request, "user", None)
    signed_in = bool(user is not None and user.is_authenticated)
    staff = bool(signed_in and actor is not None and has_desk(actor))
    listed = STAFF if staff else OWNER if signed_in else PUBLIC
    find = "cases:list" if staff else "clauses"
    found = entries((("find", "", find),))
    return {
        "actor": actor,
        "nav_entries": entries(listed),
        "foot_entries": entries(FOOT),
        "large": wants_large(request),
        "large_url": large_address(request),
        "who": who(actor, user) if signed_in else "",
        "signed_out": not signed_in,
        "owner_pages": signed_in and not staff,
        "find_url": found[0].url if found else "",
        "find_label": "搜索案件、小区或条款" if staff else "搜索条款",
        "find_hint": "案件编号、小区、条款" if staff else "条款、关键词",
        **scope(actor),
    }


def has_desk(actor: Any) -> bool:
    """Whether the account works here: officials, companies and committees; owners look after their own matters."""
    return bool(actor.role) and actor.role not in AT_HOME


def who(actor: Any, user: Any) -> str:
    organisation = getattr(actor, "organisation", None)
    name = getattr(user, "display_name", "") or user.get_username()
    return f"{organisation.name}　{name}" if organisation is not None else str(name)


def scope(actor: Any) -> dict[str, Any]:
    """Place, pack and demonstration of the actor's county, kept for half a minute."""
    path = getattr(actor, "place_path", "") or ""
    key = f"page-scope:{path}"
    kept = cache.get(key)
    if kept is None:
        try:
            kept = places.scope_of(path, on=timezone.localdate())
        except DatabaseError:
            return {"place_title": "", "demo": False, "pack_document": "", "foot_text": ""}
        cache.set(key, kept, SECONDS_KEPT)
    return dict(kept)
