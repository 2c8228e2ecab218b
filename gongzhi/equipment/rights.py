"""Who keeps the register, signs, reports, directs, answers, gives permits. No Django."""

from gongzhi.core.questions import STAFF_ROLES
from gongzhi.core.rights import Right

OFFICES = ("office", *sorted(STAFF_ROLES))
COMPANIES = ("property_company", "project_manager", "upkeep_company")
OWNERS = ("owners_committee", "management_committee")
KEEPERS = ("housing", "leading_group_office", "street_office", "street_government", "community_station",
           "community_committee")  # fmt: skip


def _right(name: str, title: str, roles: tuple[str, ...] | None = (*OFFICES, *COMPANIES, *OWNERS)) -> Right:
    return Right(f"equipment.{name}", roles=roles, scope="place_or_party", title=title, place_roles=(*OFFICES, *OWNERS))


RIGHTS: tuple[Right, ...] = (
    _right("read", "查看设施的合同、故障、预案和检查", None),
    _right("sign", "登记设施合同", (*KEEPERS, *OWNERS, *COMPANIES[:2])),
    _right("pay", "登记设施费用", (*KEEPERS, *OWNERS, *COMPANIES[:2])),
    _right("report", "报告故障和突发事件"),
    _right("respond", "登记到场和修复"),
    _right("plan", "登记应急预案和演练", (*KEEPERS, *OWNERS, *COMPANIES[:2])),
    _right("direct", "下发指导意见、检查、整改", OFFICES),
    _right("answer", "反馈落实情况", (*KEEPERS, *OWNERS, *COMPANIES)),
    _right("settle", "核销、退回、登记处罚", OFFICES),
    _right("ask_permit", "申请使用证", (*KEEPERS, *OWNERS, *COMPANIES[:2])),
    _right("permit", "办理使用证", OFFICES),
    _right("mark", "登记试点和排水管网标记", KEEPERS),
)
