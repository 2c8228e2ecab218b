"""Who keeps the fund, asks for money of it, attests, reviews, pays and publishes. No Django."""

from gongzhi.core.rights import Right
from gongzhi.funds.common.rights import AUDITORS, BUREAU, COMMITTEE, COMMUNITY, STREET

APPLICANTS = (*COMMITTEE, *COMMUNITY, *STREET, "property_company", "project_manager")
BY_PLACE = (*COMMITTEE, *COMMUNITY, *STREET, "project_manager")
# The offices that register titles and mortgages look a unit up.
REGISTRARS = (*BUREAU, *STREET, "planning", "administrative_approval")

RIGHTS: tuple[Right, ...] = (
    Right("fund.assess", roles=(*BUREAU, *STREET), title="核定应交额"),
    Right("fund.deposit", roles=(*BUREAU, *STREET), title="登记交存"),
    Right("fund.check_stage", roles=REGISTRARS, title="查验维修资金交存"),
    Right(
        "fund.use_read",
        roles=(*BUREAU, *STREET, *COMMUNITY, *COMMITTEE, *AUDITORS, "property_company", "project_manager"),
        scope="place_or_party",
        title="查看维修资金使用",
        place_roles=(*BUREAU, *STREET, *COMMUNITY, *COMMITTEE, *AUDITORS, "project_manager"),
    ),
    Right(
        "fund.use_propose",
        roles=APPLICANTS,
        title="申请使用维修资金",
        scope="place_or_party",
        place_roles=BY_PLACE,
    ),
    Right(
        "fund.use_prepare",
        roles=APPLICANTS,
        title="办理维修资金使用",
        scope="place_or_party",
        place_roles=BY_PLACE,
    ),
    Right("fund.plan", roles=APPLICANTS, title="拟定维修计划、续筹方案", scope="place_or_party", place_roles=BY_PLACE),
    Right("fund.use_guide", roles=STREET, title="指导维修"),
    Right("fund.use_verify", roles=(*STREET, *COMMUNITY), title="核实紧急情况"),
    Right("fund.use_discuss", roles=(*COMMITTEE, *COMMUNITY), title="登记讨论结果"),
    Right("fund.use_attest", roles=COMMUNITY, title="鉴证"),
    Right("fund.use_review", roles=BUREAU, title="审核维修资金使用"),
    Right("fund.use_pay", roles=(*BUREAU, *STREET), title="拨付维修资金"),
    Right("fund.use_audit", roles=(*BUREAU, *STREET, *AUDITORS), title="登记审计"),
    Right("repair.plan", roles=STREET, title="编制年度维修计划"),
    Right("repair.decide", roles=("county_leader", "county_office", "leading_group_office"), title="批复年度维修计划"),
    Right("repair.read", roles=(*BUREAU, *STREET, *AUDITORS, "county_leader", "county_office"), title="查看维修计划"),
    Right("repair.judge", roles=(*BUREAU, *STREET, *COMMUNITY), title="判定报修由谁修"),
    Right("repair.team", roles=(*BUREAU, *STREET), title="登记维修队伍"),
    Right("warranty.keep", roles=(*BUREAU, *STREET), title="登记物业保修金"),
    Right("warranty.ask", roles=APPLICANTS, scope="place_or_party", place_roles=BY_PLACE, title="申请支用保修金"),
    Right("warranty.check", roles=(*STREET, *COMMUNITY), title="核实保修金支用"),
    Right("warranty.pay", roles=BUREAU, title="拨付、退还保修金"),
    Right("fund.urge", roles=(*BUREAU, *STREET, *COMMUNITY), title="督办维修和续筹"),
)
# Who takes each step.
OF_STEP: dict[str, str] = {
    "guide": "fund.use_guide",
    "verify": "fund.use_verify",
    "discuss": "fund.use_discuss",
    "attest": "fund.use_attest",
    "review": "fund.use_review",
    "advance": "fund.use_pay",
    "settle": "fund.use_pay",
    "audit": "fund.use_audit",
    "price_review": "fund.use_prepare",
}
