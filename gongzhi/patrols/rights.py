"""Who may do what on patrol. A finding grants its own roles (`finding_finder`, with it `finding_office` to an office or
department, `finding_owner`, `finding_rechecker`, `finding_above`, `finding_company`); a round `round_lead`; an entry of
a register `entry_writer`, `entry_reader`, `entry_company`. No Django."""

from gongzhi.core.rights import OVERSEERS, Right

ABOVE = (*OVERSEERS, "community_committee")
PARTY = ("finding_finder", "finding_owner", "finding_rechecker", "finding_above", "finding_company")

RIGHTS: tuple[Right, ...] = (
    Right("patrols.walk", scope="place_or_party", title="登记巡查"),
    Right("patrols.read", scope="place_or_party", place_roles=ABOVE, title="查看巡查记录"),
    Right("patrols.correct", roles=("round_lead",), scope="party", title="更正、作废巡查记录"),
    Right("patrols.routes", scope="place_or_party", title="设置巡查路线"),
    Right("patrols.statistics", roles=ABOVE, title="查看巡查统计"),
    Right("finding.report", scope="place_or_party", title="上报问题"),
    Right("finding.read", scope="place_or_party", place_roles=ABOVE, title="查看巡查问题"),
    Right("finding.assign", roles=("finding_office", "finding_rechecker", "finding_above", *ABOVE),
          scope="place_or_party", place_roles=ABOVE, title="明确责任和时限"),
    Right("finding.rectify", roles=("finding_owner",), scope="party", title="报送整改"),
    Right("finding.recheck", roles=("finding_rechecker", "finding_above"), scope="party", title="复查销号"),
    Right("finding.notify", roles=("finding_office", "finding_rechecker", "finding_above", *OVERSEERS),
          scope="place_or_party", place_roles=OVERSEERS, title="出具整改通知书、转为案件"),
    Right("finding.publish", roles=("finding_office", "finding_rechecker", "finding_above", *ABOVE),
          scope="place_or_party", place_roles=ABOVE, title="公开问题和整改"),
    Right("finding.void", roles=("finding_finder",), scope="party", title="作废问题"),
    Right("register.read", roles=("entry_writer", "entry_reader", "entry_company", *ABOVE), scope="place_or_party",
          place_roles=ABOVE, title="查看登记簿"),
    Right("register.write", roles=("entry_writer",), scope="party", title="登记入册"),
)  # fmt: skip
