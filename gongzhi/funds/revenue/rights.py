"""Who keeps the owners' revenue, spends it, shows it, and watches over it. No Django."""

from gongzhi.core.rights import Right
from gongzhi.funds.common.rights import BUREAU, COMMITTEE, COMMUNITY, COMPANY, STREET

KEEPERS = (*COMMITTEE, *COMPANY, *STREET, *BUREAU)
PLACE = (*COMMITTEE, *STREET, *BUREAU, "project_manager")

RIGHTS: tuple[Right, ...] = (
    Right("revenue.keep", roles=KEEPERS, scope="place_or_party", title="登记公共收益", place_roles=PLACE),
    Right("revenue.spend", roles=KEEPERS, scope="place_or_party", title="列支公共收益", place_roles=PLACE),
    Right("revenue.publish", roles=KEEPERS, scope="place_or_party", title="公布公共收益", place_roles=PLACE),
    Right("room.confirm", roles=COMMUNITY, title="确认社区办公不受影响"),
    Right("revenue.ask", roles=("owner", "building_steward", *COMMITTEE), title="对公共收益提出疑问"),
    Right("revenue.read_shown", title="查看公布的收支"),
)
