"""Who may do what with complaints. `case_lead`, `case_desk`, … are granted by the row to the units that take part.

A right only opens the door; who of them is competent in this matter (who may whistle, who approves) the pack answers.
"""

from gongzhi.cases.accountability.rights import RIGHTS as ACCOUNTABILITY
from gongzhi.cases.enforcement.rights import RIGHTS as ENFORCEMENT
from gongzhi.core.questions import ROLES
from gongzhi.core.rights import Right

# See every case of their place. A department sees those it is party to.
OVERSIGHT = (
    "leading_group_office",
    "county_leader",
    "county_office",
    "party_office",
    "discipline_office",
    "hotline_desk",
    "complaint_desk",
    "petition_office",
    "street_office",
    "street_government",
    "community_station",
    "community_committee",
)
DISPATCH = (
    "leading_group_office",
    "hotline_desk",
    "complaint_desk",
    "street_office",
    "street_government",
    "community_station",
    "community_committee",
)
DEPARTMENTS = tuple(role.code for role in ROLES if role.kind == "department" and role.code != "court")
INTAKE = tuple(dict.fromkeys((*DISPATCH, "petition_office", *DEPARTMENTS)))
HOTLINE = ("hotline_desk", "complaint_desk", "leading_group_office")
TAKING_PART = ("case_desk", "case_lead", "case_support", "case_finding", "case_watch", "case_superior", "case_police",
               "case_told", "case_past", "case_answer")  # fmt: skip
HANDLERS = ("case_lead", "case_support")
COMPANY = ("property_company", "project_manager")
# Who finds, dissuades and reports: the company, the owners' own bodies, the community, the town.
KEEPERS = (*COMPANY, "owners_committee", "management_committee", "community_station", "community_committee",
           "street_office", "street_government")  # fmt: skip
PROBLEM_READERS = (*OVERSIGHT, "housing", "owners_committee")
APPROVERS = ("leading_group_office", "county_leader", "hotline_desk", "complaint_desk", "street_office", "housing")

RIGHTS: tuple[Right, ...] = (
    Right("cases.register", roles=INTAKE, scope="place", title="登记投诉"),
    Right("cases.read", roles=(*OVERSIGHT, *TAKING_PART, "complainant"), scope="place_or_party", title="查看案件"),
    Right("cases.statistics", roles=(*OVERSIGHT, "housing", "justice"), scope="place", title="查看投诉统计"),
    Right("cases.ledger", roles=INTAKE, scope="any", title="查看投诉登记台账"),
    Right("cases.assign", roles=(*DISPATCH, "case_desk"), scope="place_or_party", title="派单"),
    Right("cases.record_fact", roles=(*DISPATCH, "case_desk", "housing"), scope="place_or_party", title="补充派单事实"),
    Right("cases.claim", roles=(*DEPARTMENTS, "street_office"), scope="place", title="主动介入"),
    Right("cases.report_in", roles=("case_lead",), scope="party", title="报到签收"),
    Right("cases.return", roles=("case_lead",), scope="party", title="退回"),
    Right("cases.designate", roles=("hotline_desk", "leading_group_office", "county_leader"), title="指定承办单位"),
    Right("cases.transfer", roles=("case_lead",), scope="party", title="移交"),
    Right("cases.handle", roles=HANDLERS, scope="party", title="办理"),
    Right("cases.lead", roles=("case_lead",), scope="party", title="主办"),
    Right("cases.weigh", roles=("case_lead", "case_desk"), scope="party", title="认定纠纷轻重"),
    Right("cases.close", roles=("case_lead", "case_desk"), scope="party", title="办结"),
    Right("cases.judge", roles=(*DISPATCH, "case_desk"), scope="place_or_party", title="认定是否有效投诉"),
    Right("cases.respond", roles=("case_lead", "case_desk"), scope="party", title="首次回应投诉人"),
    Right("cases.finding", roles=("case_finding",), scope="party", title="出具认定意见"),
    Right("cases.answer", roles=("case_lead", "case_answer"), scope="party", title="答复投诉人"),
    Right("cases.report_up", roles=("case_lead", "case_desk"), scope="party", title="上报"),
    Right("cases.sign_report", roles=("case_superior",), scope="party", title="签收上报"),
    Right("cases.police", roles=("case_police",), scope="party", title="登记到场处置"),
    Right("cases.approve", roles=APPROVERS, scope="place", title="批准申请"),
    Right("cases.urge", roles=("case_watch", "case_superior"), scope="party", title="督办"),
    Right("cases.call_back", roles=("case_lead", "case_desk", "hotline_desk"), scope="place_or_party", title="回访"),
    Right("cases.rate", roles=("complainant",), scope="party", title="评价"),
    Right(
        "cases.reopen",
        roles=("complainant", "case_desk", "hotline_desk", "leading_group_office"),
        scope="place_or_party",
        title="重新办理",
    ),  # fmt: skip
    Right("cases.archive", roles=("case_lead", "case_desk"), scope="party", title="归档"),
    Right("cases.merge", roles=(*DISPATCH, "case_desk"), scope="place_or_party", title="并件、拆分"),
    Right("cases.find_shirking", roles=("leading_group_office",), scope="place", title="认定推诿"),
    Right(
        "cases.ease",
        roles=("owners_committee", "community_station", "community_committee"),
        scope="place",
        title="登记矛盾化解",
    ),  # fmt: skip
    Right("cases.supervise_mediation", roles=("justice", "leading_group_office"), scope="place", title="查看调解统计"),
    Right("hotline.exchange", roles=HOTLINE, scope="place", title="导入热线工单、回传答复"),
    Right("checks.record", roles=INTAKE, scope="place", title="建检查单"),
    Right("problems.register", roles=KEEPERS, scope="place_or_party", title="登记问题"),
    # A company's seat may lie in the county of its competitors: it has its own register as a party, none by place.
    Right("problems.handle", roles=KEEPERS, scope="party", title="办理登记的问题"),
    Right(
        "problems.read",
        roles=(*KEEPERS, *PROBLEM_READERS, *DEPARTMENTS),
        scope="place_or_party",
        title="查看问题台账",
        place_roles=PROBLEM_READERS,
    ),
    Right(
        "problems.approve_void",
        roles=("community_station", "street_office", "property_company"),
        scope="place_or_party",
        title="批准作废",
        place_roles=("community_station", "street_office"),
    ),
    *ACCOUNTABILITY,
    *ENFORCEMENT,
)
