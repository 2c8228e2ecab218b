"""Who sees the books of an estate, keeps its accounts at the bank and matches their statements. No Django."""

from gongzhi.core.rights import Right

BUREAU = ("housing", "leading_group_office")
STREET = ("street_office", "street_government")
COMMUNITY = ("community_station", "community_committee")
COMMITTEE = ("owners_committee", "management_committee")
COMPANY = ("property_company", "project_manager")
AUDITORS = ("audit", "finance")
OVERSEERS = (*BUREAU, *STREET, *COMMUNITY, *AUDITORS)

RIGHTS: tuple[Right, ...] = (
    Right(
        "fund.read",
        roles=(*OVERSEERS, *COMMITTEE, *COMPANY),
        scope="place_or_party",
        title="查看小区账簿",
        place_roles=(*OVERSEERS, *COMMITTEE, "project_manager"),
    ),
    Right("fund.read_units", roles=(*OVERSEERS, *COMMITTEE), title="查看分户账"),
    Right("account.register", roles=(*BUREAU, *STREET, *COMMITTEE), title="登记监管账户"),
    Right("statement.import", roles=(*BUREAU, *STREET, *COMMITTEE), title="导入银行对账单"),
    Right("statement.match", roles=(*BUREAU, *STREET, *COMMITTEE), title="核对银行流水"),
    # What a company holds in its own account: the statement is the company's too.
    Right(
        "statement.import_held",
        roles=(*BUREAU, *STREET, *COMMITTEE, *COMPANY),
        scope="place_or_party",
        title="导入自管账户对账单",
        place_roles=(*BUREAU, *STREET, *COMMITTEE),
    ),
    Right(
        "statement.match_held",
        roles=(*BUREAU, *STREET, *COMMITTEE, *COMPANY),
        scope="place_or_party",
        title="核对自管账户流水",
        place_roles=(*BUREAU, *STREET, *COMMITTEE),
    ),
)
