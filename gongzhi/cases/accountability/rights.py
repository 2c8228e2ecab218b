"""Who may inspect, hand out, sign, talk, refer and register clues. The row grants `clue_body` to whom it went."""

from gongzhi.core.questions import ROLES
from gongzhi.core.rights import Right

OFFICE = ("leading_group_office",)
LEADERS = ("leading_group_office", "county_leader")
COUNTY_OFFICES = ("county_office", "party_office")
STREETS = ("street_office", "street_government")
WATCHERS = ("leading_group_office", "county_leader", "discipline_office", *COUNTY_OFFICES, "housing", *STREETS)
DEPARTMENTS = tuple(one.code for one in ROLES if one.kind == "department" and one.code not in (*WATCHERS, "court"))
# Who may read what a talk or a referral says.
CONFIDANTS = (*LEADERS, "discipline_office")

RIGHTS: tuple[Right, ...] = (
    Right("accountability.inspect", roles=OFFICE, title="督查"),
    Right("accountability.read_inspections", roles=CONFIDANTS, title="查看督查单"),
    Right("accountability.answer_finding", scope="party", title="反馈督查整改"),
    Right("accountability.plan", roles=(*OFFICE, "housing"), title="制定年度计划"),
    Right("accountability.hand_out", roles=(*OFFICE, "housing", *STREETS), title="交办任务"),
    Right("accountability.do_task", scope="party", title="办理交办任务"),
    Right("accountability.verify", scope="party", title="验收交办任务"),
    Right("accountability.board", roles=WATCHERS, title="查看任务看板"),
    Right("accountability.division", roles=(*WATCHERS, *DEPARTMENTS), title="查看任务分工"),
    Right("accountability.draft_sheet", roles=(*OFFICE, *COUNTY_OFFICES), title="起草交办单和督查通报"),
    Right("accountability.read_sheets", roles=(*CONFIDANTS, *COUNTY_OFFICES), title="查看交办单和督查通报"),
    Right("accountability.sign_sheet", roles=(*LEADERS, *COUNTY_OFFICES), title="签发、会签"),
    Right("accountability.send_sheet", roles=OFFICE, title="下发交办单和督查通报"),
    Right("accountability.find_shirking", roles=OFFICE, title="认定推诿"),
    Right("accountability.censure", roles=OFFICE, title="通报"),
    Right("accountability.talk", roles=OFFICE, title="约谈"),
    Right("accountability.read_talks", roles=CONFIDANTS, title="查看约谈和问责"),
    Right("accountability.refer", roles=OFFICE, title="移送问责建议"),
    Right("accountability.answer_referral", roles=("discipline_office",), title="反馈问责结果"),
    Right("accountability.record_clue", roles=(*OFFICE, "discipline_office"), title="登记问题线索"),
    Right("accountability.read_clue", roles=(*OFFICE, "discipline_office", "clue_body"), scope="place_or_party",
          place_roles=(*OFFICE, "discipline_office"), title="查看问题线索"),
    Right("accountability.conclude_clue", roles=("clue_body", "discipline_office"), scope="place_or_party",
          place_roles=("discipline_office",), title="登记线索处理结果"),
    Right("accountability.review_company", roles=STREETS, title="审核通报候选"),
    Right("accountability.find_major", roles=STREETS, title="认定重大矛盾和事故"),
    Right("accountability.read_candidates", roles=(*LEADERS, "housing", *STREETS), title="查看通报候选"),
    Right("accountability.post_board", roles=STREETS, title="制作公示牌"),
    Right("accountability.read_boards", roles=(*LEADERS, "housing", *STREETS, "community_station"), title="查看公示牌"),
    Right("accountability.set_number", roles=(*OFFICE, *STREETS), title="更改受理电话"),
)  # fmt: skip
