"""Who may do what in the enforcement of law. `operation_lead`, `operation_unit` are granted by the row. No Django."""

from gongzhi.core.questions import ROLES
from gongzhi.core.rights import Right

DEPARTMENTS = tuple(one.code for one in ROLES if one.kind == "department" and one.code != "court")
STREETS = ("street_office", "street_government")
COMMUNITIES = ("community_station", "community_committee")
OFFICES = ("leading_group_office", "housing", *STREETS, *COMMUNITIES)
LOCAL = (*STREETS, *COMMUNITIES)
COMPANY = ("property_company", "project_manager")
TAKING_PART = ("operation_lead", "operation_unit")

RIGHTS: tuple[Right, ...] = (
    Right("enforcement.look", roles=(*OFFICES, "county_leader", *DEPARTMENTS), title="查看执法进小区"),
    Right("operations.plan", scope="place", roles=(*OFFICES, *DEPARTMENTS), title="发起联合行动"),
    Right("operations.read", roles=(*OFFICES, "county_leader", *TAKING_PART), scope="place_or_party",
          title="查看联合行动", place_roles=(*OFFICES, "county_leader")),
    Right("operations.run", roles=("operation_lead",), scope="party", title="办理联合行动"),
    Right("operations.answer", roles=TAKING_PART, scope="party", title="填报联合行动结果"),
    Right("stations.keep", roles=("leading_group_office", "housing", "urban_management", *LOCAL),
          title="登记执法站点和队伍"),
    Right("officers.keep", roles=("leading_group_office", "housing", *LOCAL, *DEPARTMENTS), title="登记执法联络人"),
    Right("entries.record", roles=(*LOCAL, *DEPARTMENTS), title="登记进小区"),
    Right("structures.keep", roles=("urban_management", *LOCAL), title="登记违建台账"),
    Right("tenancies.told", roles=(*COMPANY, *LOCAL, "owner", "police"), scope="place_or_party", title="申报出租房",
          place_roles=(*LOCAL, "police")),
    Right("premises.review", roles=(*DEPARTMENTS, "leading_group_office"), title="核对经营场所"),
)  # fmt: skip
