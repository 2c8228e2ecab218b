"""Who may write, import and read what is known of estates. No Django."""

from gongzhi.core.rights import Right

KEEPERS = ("housing", "leading_group_office", "street_office", "community_station", "system_admin")
ABOVE = ("housing", "leading_group_office", "street_office", "system_admin")
# Departments that inspect equipment and enter what they find; a company does so for the estates that it serves.
INSPECTORS = ("market_regulation", "police", "fire_rescue", "emergency", "ecology")
COUNTY = ("housing", "leading_group_office", "system_admin")

RIGHTS: tuple[Right, ...] = (
    Right("estate.register", roles=KEEPERS, title="登记小区"),
    Right("estate.change", roles=KEEPERS, title="更改小区档案"),
    Right("estate.record_fact", roles=KEEPERS, title="记录小区情况"),
    Right("estate.divide", roles=COUNTY, title="合并、拆分物业管理区域"),
    Right("estate.move", roles=(*COUNTY, "street_office"), title="划转小区的所属社区"),
    Right("estate.export", roles=(*KEEPERS, "street_government", "county_leader"), title="导出小区名册"),
    Right("unit.transfer", roles=KEEPERS, title="登记房屋转让"),
    Right("unit.read", roles=(*KEEPERS, "community_committee"), title="查看房屋和业主名册"),
    Right("registry.import", roles=KEEPERS, title="批量导入底数"),
    Right("registry.read_import", roles=KEEPERS, scope="party", title="查看导入结果"),
    Right("project.register", roles=ABOVE, title="登记物业项目"),
    Right("organisation.record_fact", roles=(*COUNTY, "administrative_approval"), title="记录单位情况"),
    # A company's seat may lie in the county of its competitors: over its own it has these as a party, none by place.
    Right(
        "project.manager",
        roles=(*ABOVE, "property_company"),
        scope="place_or_party",
        title="更换项目负责人",
        place_roles=ABOVE,
    ),
    Right("company.register", roles=(*KEEPERS, "administrative_approval"), title="登记物业服务企业"),
    Right("organisation.list", roles=COUNTY, title="决定企业黑名单"),
    Right("organisation.merge", roles=COUNTY, title="登记企业兼并重组"),
    Right(
        "company.staff",
        roles=(*ABOVE, "property_company"),
        scope="place_or_party",
        title="登记从业人员",
        place_roles=ABOVE,
    ),
    Right(
        "estate.file_paper",
        roles=(*KEEPERS, "property_company", "project_manager"),
        scope="place_or_party",
        title="存入物业资料",
        place_roles=(*KEEPERS, "project_manager"),
    ),
    Right(
        "facility.register",
        roles=(*KEEPERS, *INSPECTORS, "property_company", "project_manager"),
        scope="place_or_party",
        title="登记设施设备",
        place_roles=(*KEEPERS, *INSPECTORS, "project_manager"),
    ),
    Right(
        "facility.inspect",
        roles=(*KEEPERS, *INSPECTORS, "property_company", "project_manager"),
        scope="place_or_party",
        title="登记设施检查",
        place_roles=(*KEEPERS, *INSPECTORS, "project_manager"),
    ),
    Right("archive.set_items", roles=ABOVE, title="改物业资料目录"),
    Right("estate.ask_review", roles=(*KEEPERS, "street_government", "developer"), title="提出核办请求"),
    Right("estate.answer_review", scope="party", title="答复核办请求"),
)
