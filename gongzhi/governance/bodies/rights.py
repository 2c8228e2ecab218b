"""Who forms, guides, supervises and files bodies. No Django."""

from gongzhi.core.rights import Right

STREET = ("street_office", "street_government")
COMMUNITY = ("community_station", "community_committee")
ABOVE = ("housing", "leading_group_office", "civil_affairs")
COMMITTEE = ("owners_committee", "management_committee")
TOLD = ("owner", "building_steward", "property_company", "project_manager", *COMMUNITY)
OFFICES = (*ABOVE, *STREET, *COMMUNITY)

RIGHTS: tuple[Right, ...] = (
    Right("body.read", roles=(*OFFICES, "county_leader", "discipline_office"), title="查看组织"),
    Right("body.see_estate", roles=(*OFFICES, *COMMITTEE), title="查看小区组织"),
    Right("body.register", roles=(*ABOVE, *STREET, *COMMUNITY), title="登记组织"),
    Right("body.seat", roles=(*ABOVE, *STREET, *COMMUNITY), title="登记组织成员"),
    Right("body.approve_seat", roles=("leading_group_office", "county_leader", "county_office"), title="批准成员调整"),
    Right("formation.start", roles=(*STREET, *COMMUNITY), title="启动组建"),
    Right("formation.conditions", roles=STREET, title="核定成立条件"),
    Right("formation.run", roles=(*STREET, *COMMUNITY), title="办理组建"),
    Right("formation.guide", roles=(*STREET, *COMMUNITY), title="登记指导"),
    Right("candidate.nominate", roles=(*STREET, *COMMUNITY, *COMMITTEE), title="登记人选"),
    Right("candidate.nominate_self", roles=("owner", "building_steward"), title="自荐"),
    Right("representatives.hold", roles=(*STREET, *COMMUNITY, *COMMITTEE), title="登记业主代表会议"),
    Right("candidate.review", roles=STREET, title="审核人选"),
    Right("body.file", roles=(*COMMITTEE, *STREET, *COMMUNITY), scope="place_or_party", title="提交备案"),
    Right("filing.decide", roles=("street_office", "street_government", "housing"), title="审核备案"),
    Right("body.report", roles=(*COMMITTEE, *STREET, *COMMUNITY), scope="place_or_party", title="报告组织事项"),
    Right("notice.show", roles=COMMITTEE, scope="place_or_party", title="发布公告"),
    Right("notice.verify", roles=STREET, title="核实公告和举报"),
    Right("notice.report", roles=TOLD, scope="any", title="对公告提出异议、举报"),
    Right("handover.work", roles=(*COMMITTEE, *STREET, *COMMUNITY, "police"), title="办理移交"),
    Right("petition.take", roles=(*STREET, *COMMUNITY, *COMMITTEE), title="受理联名"),
    Right("petition.decide", roles=(*STREET, *COMMUNITY), title="核验联名"),
    Right("meeting.urge", roles=STREET, title="催告召开业主大会"),
    Right("meeting.refuse", roles=(*STREET, *COMMUNITY, *COMMITTEE), title="登记拒绝召开业主大会"),
    Right("meeting.hold", roles=(*STREET, *COMMUNITY, *COMMITTEE), title="登记业主大会"),
    Right("decision.record", roles=(*STREET, *COMMUNITY, *COMMITTEE), title="登记决定"),
    Right("correction.work", roles=STREET, title="处理违法决定"),
    Right("correction.consult", roles=("housing",), title="会同处理违法决定"),
    Right("body.advise", roles=OFFICES, title="指导监督"),
    Right("advice.reply", scope="party", title="回复"),
    Right("body.assess_first", roles=COMMUNITY, title="初评"),
    Right("body.assess", roles=STREET, title="定评"),
    Right("charge.work", roles=(*STREET, "housing"), title="查处委员违法违规"),
    Right("text.adopt", roles=(*STREET, *COMMUNITY, *COMMITTEE), title="登记制度和规约"),
    Right("text.adopt_apart", roles=ABOVE, title="登记另列单位的制度"),
    Right("list.keep", roles=(*STREET, "housing"), title="维护清单"),
    Right("list.mark", roles=(*STREET, *COMMUNITY, *COMMITTEE), title="登记清单"),
)
