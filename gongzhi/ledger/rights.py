"""Who may open and close books. No Django."""

from gongzhi.core.rights import Right

BOOKKEEPERS = ("housing", "leading_group_office", "street_office", "community_committee")

RIGHTS: tuple[Right, ...] = (
    Right("book.open", roles=BOOKKEEPERS, title="建账"),
    Right("book.close_period", roles=BOOKKEEPERS, title="结账"),
)
