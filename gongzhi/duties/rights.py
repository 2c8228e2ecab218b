"""Who may do what with duties. A party is the organisation that owes the duty or that handed it out. No Django."""

from gongzhi.core.rights import Right

SUPERVISORS = (
    "leading_group_office",
    "county_leader",
    "housing",
    "street_office",
    "street_government",
    "community_station",
)
APPROVERS = ("leading_group_office", "county_leader", "housing", "street_office")

RIGHTS: tuple[Right, ...] = (
    Right("duty.read", scope="party", title="查看此事"),
    Right("duty.fulfil", scope="party", title="标记办结"),
    Right("duty.hand_out", scope="party", title="分派"),
    Right("duty.ask", scope="party", title="申请延期"),
    Right("duty.prompt", scope="party", title="催办"),
    Right("duty.supervise", roles=SUPERVISORS, scope="place", title="督促下级单位"),
    Right("duty.assign_task", roles=SUPERVISORS, scope="place", title="交办任务"),
    Right("duty.approve", roles=APPROVERS, scope="place", title="批准延期"),
    Right("duty.excuse", roles=APPROVERS, scope="place", title="批准免责"),
    Right("duty.suspend", roles=APPROVERS, scope="place", title="批准中止计时"),
)
