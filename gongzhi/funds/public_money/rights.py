"""Who sees public money, lays down budgets, claims, decides on claims, pays, watches. No Django."""

from gongzhi.core.questions import STAFF_ROLES
from gongzhi.core.rights import Right
from gongzhi.funds.common.rights import AUDITORS, BUREAU, COMMITTEE, COMMUNITY, COMPANY, STREET

OFFICES = tuple(sorted(STAFF_ROLES | {"community_committee", "mediation_centre"}))
BUDGETERS = ("finance", *BUREAU, *STREET)
CLAIMANTS = (
    *COMPANY,
    *COMMITTEE,
    *COMMUNITY,
    *STREET,
    *BUREAU,
    "owner",
    "mediation_centre",
    "mediation_station",
    "urban_management",
    "justice",
)

CLAIM_READERS = (*BUREAU, *STREET, *COMMUNITY, *AUDITORS, "county_leader")

RIGHTS: tuple[Right, ...] = (
    Right("money.read", roles=(*BUREAU, *STREET, *COMMUNITY, *AUDITORS, "county_leader"), title="查看财政资金"),
    Right("money.budget", roles=BUDGETERS, title="安排预算"),
    Right("money.publish", roles=BUDGETERS, title="公开预算执行"),
    Right(
        "money.claim",
        roles=CLAIMANTS,
        scope="place_or_party",
        title="申请补贴、奖励",
        place_roles=tuple(one for one in CLAIMANTS if one not in COMPANY),
    ),
    Right(
        "money.claim_read",
        scope="place_or_party",
        title="查看补贴申请",
        place_roles=CLAIM_READERS,
    ),
    Right("money.step", roles=OFFICES, scope="place_or_party", title="办理补贴步骤"),
    Right(
        "money.reinvest",
        roles=(*COMPANY, *STREET),
        scope="place_or_party",
        title="登记奖补用于改造",
        place_roles=STREET,
    ),
    Right("money.expense", roles=(*BUREAU, *STREET, *COMMUNITY, "finance", "mediation_centre"), title="申请经费支出"),
    Right("money.approve", roles=(*BUREAU, *STREET, "finance"), title="审批经费支出"),
    Right("money.pay", roles=(*BUREAU, *STREET, "finance"), title="支付经费"),
    Right("money.project", roles=(*BUREAU, *STREET), title="办理财政资金项目"),
    Right("money.project_audit", roles=(*BUREAU, *STREET, *AUDITORS), title="登记财政资金项目决算审计"),
    Right("money.support", roles=(*BUREAU, "finance", "county_office", *STREET), title="登记扶持政策"),
    Right("money.enjoy", roles=COMPANY, scope="any", title="申请享受政策"),
    Right("money.doubt", roles=(*AUDITORS, *BUREAU), title="标记资金疑点"),
    Right("money.explain", roles=OFFICES, scope="place_or_party", title="说明资金疑点"),
    Right("money.preparatory", roles=(*BUREAU, *STREET), title="登记筹备经费"),
)
