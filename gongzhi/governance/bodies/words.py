"""The words of bodies: kinds, posts, sides, attributes, steps. What a city calls or makes of them is pack data."""

BODY_KINDS: dict[str, str] = {
    "owners_assembly": "业主大会",
    "owners_committee": "业主委员会",
    "management_committee": "物业管理委员会",
    "preparatory_group": "首次业主大会筹备组",
    "renewal_group": "换届（改选）小组",
    "four_party_group": "四位一体联合工作组",
    "coordination": "协调运行机制",
    "building_stewards": "楼幢长",
    "party_alliance": "党建联盟",
    "property_council": "环境和物业管理委员会",
    "leading_group": "物业管理工作领导小组",
    "leading_office": "领导小组办公室",
    "joint_conference": "联席会议",
    "mediation_centre": "物业纠纷调解中心",
    "mediation_station": "物业纠纷调解站",
    "mediation_room": "物业纠纷调解室",
}
# Those that stand for the owners of one estate: one of a kind in office at a time.
COMMITTEES = ("owners_committee", "management_committee")
OF_ESTATES = (
    "owners_assembly",
    *COMMITTEES,
    "preparatory_group",
    "renewal_group",
    "four_party_group",
    "coordination",
    "building_stewards",
    "party_alliance",
)
MEDIATING = ("mediation_centre", "mediation_station", "mediation_room")
OF_PLACES = ("property_council", "leading_group", "leading_office", "joint_conference", *MEDIATING)
BODY_STATES: dict[str, str] = {"preparing": "组建中", "in_office": "在任", "ended": "已终止"}
END_REASONS: dict[str, str] = {
    "succeeded": "新一届产生",
    "dissolved": "任务完成",
    "committee_formed": "业委会成立",
    "recalled": "业主大会罢免",
    "other": "其他",
}
POSTS: dict[str, str] = {
    "head": "主任（组长）",
    "deputy": "副主任（副组长）",
    "member": "委员（成员）",
    "mediator": "调解员",
    "reporter": "信息员",
}
SEATS: dict[str, str] = {"full": "正式", "substitute": "候补"}
SIDES: dict[str, str] = {
    "owner": "业主代表",
    "street": "镇街（园区）",
    "street_party": "镇街（园区）党组织",
    "police": "公安派出所",
    "urban_management": "城市管理部门",
    "community_party": "社区（村）党组织",
    "community": "居（村）委会",
    "community_service": "社区服务机构",
    "developer": "建设单位",
    "owners_committee": "业主委员会",
    "property_company": "物业服务企业",
    "department": "部门",
    "utility": "公用单位",
    "other": "其他",
}
SOURCES: dict[str, str] = {
    "elected": "选举产生",
    "substitute": "候补递补",
    "chosen": "业主推选",
    "party": "社区党组织推荐",
    "self": "自荐",
    "recommended": "推荐",
    "appointed": "单位委派",
}
ATTRIBUTES: dict[str, str] = {
    "party_member": "中共党员",
    "party_delegate": "党代表",
    "congress_delegate": "人大代表",
    "cppcc_member": "政协委员",
    "democratic_party": "民主党派人士",
    "public_servant": "公职人员",
    "community_committee_member": "居（村）民委员会成员",
    "community_party_member": "社区“两委”（党组织）成员",
    "grid_party_member": "网格（小区）党组织成员",
    "building_party_leader": "楼栋党小组长",
    "professional": "财会、管理、法律等专业人员",
    "retired_cadre": "退休老党员、老干部",
    "resident_group_leader": "居民小组长",
}
PARTY_MEMBER = "party_member"
TRIGGERS: dict[str, str] = {
    "application": "业主书面申请",
    "no_application": "符合条件期满无人申请",
    "not_qualified": "不具备成立业主大会条件",
    "failed": "具备条件、经指导仍不能成立",
    "not_functioning": "业委会长期不能正常履职、不能产生新一届",
    "renewal": "任期届满换届",
    "re_election": "委员不足半数或罢免后改选",
    "by_election": "委员缺额补选",
    "appointment": "按文件设立",
}
STEPS: dict[str, str] = {
    "group": "筹备（换届小组）",
    "candidates": "候选人",
    "assembly": "业主大会",
    "notice": "公示",
}
FORMATION_STATES: dict[str, str] = {"open": "进行中", "formed": "已组成", "stopped": "已停止"}
REVIEW_RESULTS: dict[str, str] = {"passed": "审核通过", "refused": "审核不通过"}
ADVICE_KINDS: dict[str, str] = {
    "guidance": "指导记录",
    "opinion": "监督意见",
    "talk": "约谈",
    "order": "责令改正",
    "urge": "督促单",
    "assistance": "协助单",
    "report": "工作报告",
    "review": "转设评估",
}
# What a review of a management committee comes to: whether an assembly can be had now.
CONCLUSIONS: dict[str, str] = {
    "ready": "可以成立业主大会",
    "working": "正在推动",
    "not_yet": "暂不具备条件",
}
ANSWERED_KINDS = ("opinion", "talk", "order", "urge", "assistance")
ASSET_KINDS: dict[str, str] = {"seal": "印章", "account": "银行账户"}
CHANGE_KINDS: dict[str, str] = {
    "seal": "刻制印章",
    "account": "开立银行账户",
    "filed_matter": "备案事项变更",
}
FILING_STATES: dict[str, str] = {"submitted": "待审核", "returned": "已退回", "filed": "已备案"}
PARTY_GROUP_STATES: dict[str, str] = {"established": "已建", "not_established": "未建", "not_qualified": "不符合条件"}
PETITION_KINDS: dict[str, str] = {
    "recall_member": "罢免委员",
    "recall_committee": "罢免业委会",
    "interim_meeting": "召开业主大会临时会议",
}
PETITION_STATES: dict[str, str] = {"open": "征集中", "met": "联名成立", "not_met": "联名不成立"}
MEETING_REASONS: dict[str, str] = {
    **PETITION_KINDS,
    "violation": "成员违规、提请罢免",
    "not_functioning": "业委会不能正常开展工作",
    "serious_breach": "业委会不依法履职、严重侵权",
    "below_half": "委员不足半数",
    "dismiss_company": "重大矛盾和事故，解聘物业服务企业",
}
MEETING_STATES: dict[str, str] = {"due": "应召开", "held": "已召开"}
CONVENERS: dict[str, str] = {
    "owners_committee": "业主委员会",
    "management_committee": "物业管理委员会",
    "community_committee": "社区（村）居委会",
    "street_office": "镇街",
    "group": "筹备组（换届小组）",
}
CORRECTION_KINDS: dict[str, str] = {"order": "责令限期改正", "revoke": "撤销", "court": "法院判决撤销"}
REVOKING = ("revoke", "court")
CORRECTION_STATES: dict[str, str] = {
    "consulting": "待下达",
    "ordered": "已责令改正",
    "corrected": "已改正",
    "revoked": "已撤销",
    "closed": "已结案",
}
SERVICE_WAYS: dict[str, str] = {"posted": "楼幢张贴", "door": "入户送达", "letter": "邮寄", "online": "线上送达"}
CHARGE_STATES: dict[str, str] = {"open": "核查中", "verified": "查证属实", "unfounded": "不属实", "closed": "已结案"}
CHARGE_OUTCOMES: dict[str, str] = {
    "none": "不予处理",
    "corrected": "批评教育、责令改正",
    "punished": "由执法部门依法处罚",
    "disqualified": "终止委员资格",
}
DISQUALIFIED = "disqualified"
LIST_KINDS: dict[str, str] = {"duty": "履职清单", "negative": "负面清单"}
NOTICE_KINDS: dict[str, str] = {
    "revenue": "公共收益收支",
    "account": "账户",
    "use": "资金使用",
    "budget": "经费预算和结算",
    "decision": "业主大会、业委会的决定",
    "meeting": "会议",
    "charges": "物业费",
    "other": "其他",
}
NOTICE_STATES: dict[str, str] = {"held": "待街道核实", "shown": "公示", "taken_down": "已撤下", "barred": "不予发布"}
NOTICE_REPORTS: dict[str, str] = {"objection": "异议", "withholding": "要求拒交、缓交物业费"}
TEXT_KINDS: dict[str, str] = {
    "committee_rules": "业主大会、业委会管理制度",
    "management_covenant": "管理规约",
    "assembly_rules": "业主大会议事规则",
    "working_rules": "业委会工作规则",
}
CLASSES: dict[str, str] = {
    "committee": "可成立业委会",
    "management_committee": "宜建物管会",
    "waiting": "待培育",
}
POWERS: dict[str, str] = {"assembly": "业主大会职责", "committee": "业主委员会职责"}
LEVELS: dict[str, str] = {"county": "区县", "street": "镇街", "community": "社区（村）", "estate": "小区"}
STEWARD_PER: dict[str, str] = {"building": "按幢", "entrance": "按单元"}
# Who bears the costs of the first assembly.
PAYERS: dict[str, str] = {"developer": "建设单位", "street": "镇街"}
# What the owners alone decide together (Civil Code 278, 279).
OWNERS_MATTERS: dict[str, str] = {
    "assembly_rules": "制定和修改业主大会议事规则",
    "management_covenant": "制定和修改管理规约",
    "elect_committee": "选举业主委员会或者更换成员",
    "hire_company": "选聘和解聘物业服务人",
    "use_fund": "使用维修资金",
    "raise_fund": "筹集维修资金",
    "rebuild": "改建、重建建筑物及其附属设施",
    "change_shared_use": "改变共有部分用途或者利用共有部分经营",
    "manage_revenue": "公共收益的管理和使用",
    "other_major": "有关共有和共同管理权利的其他重大事项",
    "home_to_business": "将住宅改变为经营性用房",
}
