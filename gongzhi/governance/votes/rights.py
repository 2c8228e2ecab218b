"""Who prepares, checks, runs and counts a vote. No Django."""

from gongzhi.core.rights import Right

STREET = ("street_office", "street_government")
COMMUNITY = ("community_station", "community_committee")
COMMITTEE = ("owners_committee", "management_committee")
ABOVE = ("housing", "leading_group_office")
RUNNERS = (*COMMITTEE, *COMMUNITY, *STREET)

RIGHTS: tuple[Right, ...] = (
    Right("vote.read", roles=(*RUNNERS, *ABOVE), title="查看表决"),
    Right("vote.draft", roles=RUNNERS, title="拟定表决"),
    Right("vote.check", roles=(*STREET, *COMMUNITY), title="核对名册和议题"),
    Right("vote.run", roles=RUNNERS, title="办理表决"),
    Right("vote.adopt_rules", roles=(*RUNNERS, "housing"), title="登记议事规则和授权"),
    Right("vote.count", roles=RUNNERS, title="计票和公示"),
    Right("vote.adjudicate", roles=(*STREET, *COMMUNITY), title="认定选票"),
    Right("vote.decide_objection", roles=(*STREET, *COMMUNITY), title="答复异议"),
    Right("vote.supervise", roles=(*STREET, *COMMUNITY), title="填写表决监督意见"),
    Right("vote.consent", roles=STREET, title="审批、确认表决"),
    Right("vote.file", roles=RUNNERS, title="表决备案"),
)
