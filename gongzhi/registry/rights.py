"""Who may write what is known of estates. No Django."""

from gongzhi.core.rights import Right

KEEPERS = ("housing", "leading_group_office", "street_office", "community_station", "system_admin")

RIGHTS: tuple[Right, ...] = (
    Right("estate.register", roles=KEEPERS, title="登记小区"),
    Right("estate.record_fact", roles=KEEPERS, title="记录小区情况"),
    Right(
        "project.register",
        roles=("housing", "leading_group_office", "street_office", "system_admin"),
        title="登记物业项目",
    ),
)
