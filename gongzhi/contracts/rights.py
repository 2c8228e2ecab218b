"""Who chooses companies, inspects, signs, files, hands over. No Django."""

from gongzhi.core.questions import STAFF_ROLES
from gongzhi.core.rights import Right

OFFICES = tuple(sorted(STAFF_ROLES))
OWNERS = ("owners_committee", "management_committee")
COMPANY = ("property_company", "project_manager")
# `office`: an office or department of the government, one of a city's own document among them.
HERE = ("office", *OFFICES, *OWNERS, "developer")
# Who writes down what a party without an account has signed on paper.
RECORDERS = ("housing", "street_office", "street_government", "community_station", "leading_group_office")


def _right(name: str, title: str, roles: tuple[str, ...] | None = (*HERE, *COMPANY)) -> Right:
    return Right(f"contracts.{name}", roles=roles, scope="place_or_party", title=title, place_roles=HERE)


RIGHTS: tuple[Right, ...] = (
    _right("read", "查看选聘、查验和合同", None),
    _right("open", "开始这项办理"),
    _right("step", "办理这一步"),
    _right("sign", "签字"),
    _right("list", "登记清单"),
    _right("run", "组织选聘", HERE),
    Right("contracts.bid", roles=("property_company",), scope="any", title="报名、投标"),
    _right("contract", "登记合同"),
    _right("remark", "转意见、提建议"),
    _right("answer", "答复意见", (*COMPANY, "developer", *OWNERS)),
)
