"""The words for who acts and where: the roles of the platform and the levels of places. No Django."""

from gongzhi.policy.vocabulary import Role

# From the whole to the part; a place's parent is always of an earlier level.
PLACE_LEVELS: dict[str, str] = {
    "province": "省",
    "city": "市",
    "county": "区县",
    "street": "镇街",
    "community": "社区（村）",
    "estate": "小区",
    "building": "楼幢",
    "unit": "房屋",
}

ROLE_KINDS: dict[str, str] = {
    "office": "办事机构",
    "department": "部门",
    "committee": "组织",
    "company": "企业",
    "person": "个人",
    "group": "几个单位的合称",
}

ROLES: tuple[Role, ...] = (
    Role("leading_group_office", "物业管理工作领导小组办公室", "county", kind="office"),
    Role("county_leader", "区县分管领导", "county", kind="person"),
    Role("county_office", "政府办公室", "county", kind="office"),
    Role("party_office", "党委办公室", "county", kind="office"),
    Role("discipline_office", "纪检监察机关", "county", kind="office"),
    Role("hotline_desk", "政务服务热线", "county", kind="office"),
    Role("complaint_desk", "投诉受理中心", "county", kind="office"),
    Role("petition_office", "信访部门", "county", kind="department"),
    Role("housing", "住房城乡建设部门", "county", kind="department"),
    Role("urban_management", "城市管理部门", "county", kind="department"),
    Role("market_regulation", "市场监督管理部门", "county", kind="department"),
    Role("ecology", "生态环境部门", "county", kind="department"),
    Role("police", "公安机关", "county", kind="department"),
    Role("fire_rescue", "消防救援机构", "county", kind="department"),
    Role("emergency", "应急管理部门", "county", kind="department"),
    Role("planning", "自然资源和规划部门", "county", kind="department"),
    Role("civil_affairs", "民政部门", "county", kind="department"),
    Role("justice", "司法行政部门", "county", kind="department"),
    Role("court", "人民法院", "county", kind="department"),
    Role("industry_information", "工业和信息化部门", "county", kind="department"),
    Role("finance", "财政部门", "county", kind="department"),
    Role("audit", "审计部门", "county", kind="department"),
    Role("education", "教育部门", "county", kind="department"),
    Role("health", "卫生健康部门", "county", kind="department"),
    Role("organisation_dept", "组织部门", "county", kind="department"),
    Role("propaganda_dept", "宣传部门", "county", kind="department"),
    Role("politics_law", "政法委", "county", kind="department"),
    Role("data_bureau", "数据资源管理部门", "county", kind="department"),
    Role("state_assets", "国有资产监督管理部门", "county", kind="department"),
    Role("utilities_company", "专业经营单位", "county", kind="company"),
    Role("street_office", "镇街物管办", "street", kind="office"),
    Role("street_government", "镇政府（街道办事处）", "street", kind="office"),
    Role("community_station", "社区物管站", "community", kind="office"),
    Role("community_committee", "社区（村）居委会", "community", kind="committee"),
    Role("mediation_centre", "物业纠纷调解中心", "county", kind="committee"),
    Role("mediation_station", "物业纠纷调解站", "street", kind="committee"),
    Role("mediation_room", "物业纠纷调解室", "community", kind="committee"),
    Role("property_company", "物业服务企业", "estate", kind="company"),
    Role("upkeep_company", "设备维保单位", "county", kind="company"),
    Role("project_manager", "物业项目经理", "estate", kind="person"),
    Role("owners_committee", "业主委员会", "estate", kind="committee"),
    Role("management_committee", "物业管理委员会", "estate", kind="committee"),
    Role("developer", "建设单位", "estate", kind="company"),
    Role("building_steward", "楼幢长", "estate", kind="person"),
    Role("owner", "业主", "estate", kind="person"),
    Role("system_admin", "系统管理员", "province", kind="person"),
)

# Offices and departments of the government: what the platform calls staff.
STAFF_ROLES: frozenset[str] = frozenset(
    role.code for role in ROLES if role.kind in ("office", "department") and role.code != "court"
) | {"county_leader", "community_committee"}
