"""The standing facts of the registry and what it asks of packs. No Django."""

from gongzhi.policy.vocabulary import AREA_M2, BOOL, COUNT, DATE, LIST, NUMBER, ROLE, TEXT, Enum, Fact, Question, Record
from gongzhi.policy.vocabulary import RecordField as Field

ESTATE_TYPES: dict[str, str] = {
    "commercial": "商品房小区",
    "resettlement": "安置小区",
    "affordable": "保障性住房小区",
    "old": "老旧小区",
    "mixed": "混合小区",
    "non_residential": "非住宅项目",
    "other": "其他",
}
ESTATE_SUBTYPES: dict[str, str] = {"work_unit": "单位类", "scattered": "零散居民点"}
AREA_SOURCES: dict[str, str] = {"register": "不动产登记", "survey": "测绘", "contract": "买卖合同"}
UNIT_USES: dict[str, str] = {
    "residence": "住宅",
    "shop": "商业",
    "office": "办公",
    "parking": "车库车位",
    "other": "其他",
}
SERVICE_KINDS: dict[str, str] = {"market": "市场化物业", "fallback": "社区兜底"}
COMPANY_JOINS: dict[str, str] = {"franchise": "加盟", "takeover": "兼并", "restructuring": "重组"}
AREA_DIVISION = "area_division"
REVIEW_KINDS: dict[str, str] = {
    "premises": "配套用房规划核实",
    "community_choice": "社区归属",
    "community_premises": "社区用房验收",
    "area_division": "物业服务区域划分",
    "planning_acceptance": "新建住宅规划验收",
    "facility_planning": "新建小区配套设施规划会审",
}
REVIEW_RESULTS: dict[str, str] = {"agreed": "同意（通过）", "refused": "不同意（不通过）"}

FACILITY_KINDS: dict[str, str] = {
    "elevator": "电梯",
    "special": "其他特种设备",
    "security": "安防设施",
    "fire": "消防设施",
    "civil_defence": "人防工程",
    "pump": "二次供水设施",
    "parking_machine": "机械式停车设备",
    "drainage": "排水管网",
    "charging": "充电设施",
    "pollution": "周边污染源",
    "other": "其他设施设备",
}
# The committees that an import brings in; what they are, the package of bodies knows.
COMMITTEE_KINDS: dict[str, str] = {"owners_committee": "业主委员会", "management_committee": "物业管理委员会"}
# What is done to a piece again and again. `inspection` is the legal one: its last day is the piece's own `valid_until`.
INSPECTION = "inspection"
CARE_ITEMS: dict[str, str] = {INSPECTION: "检验", "check": "检查", "upkeep": "维护保养", "test": "全面检测"}
# Why the platform itself makes a lead of a piece.
LEAD_REASONS: dict[str, str] = {"expired": "检验过期", "no_permit": "无证使用", "other_use": "与证载用途不一致"}
INSPECTION_RESULTS: dict[str, str] = {"passed": "合格", "failed": "不合格"}
SERVICE_RATINGS: dict[str, str] = {"excellent": "优秀", "good": "良好", "passed": "合格", "failed": "不合格"}
# How an estate is looked after; all but the first are named with who does it.
MANAGEMENT_MODES: dict[str, str] = {
    "professional": "专业化物业",
    "community": "社区托管",
    "social": "社会组织代管",
    "residents": "居民自管",
}

# Facts that packs ask of an estate, and facts that one package writes for the others.
FACTS: tuple[Fact, ...] = (
    Fact("in_built_up_area", BOOL, "是否在城市建成区内"),
    Fact("estate_type", Enum(ESTATE_TYPES), "小区类型"),
    Fact("estate_subtype", Enum(ESTATE_SUBTYPES), "小区细类"),
    Fact("households", COUNT, "户数"),
    Fact("building_area_m2", AREA_M2, "总建筑面积"),
    Fact("delivered_on", DATE, "交付日期"),
    Fact("completed_on", DATE, "竣工验收日期"),
    Fact("within_warranty", BOOL, "是否在质量保修期内"),
    Fact("greening_handed_over", BOOL, "围墙外绿地是否已登记移交城市公共绿地"),
    Fact("has_property_company", BOOL, "是否有物业服务企业"),
    Fact("has_owners_committee", BOOL, "是否有业主委员会"),
    Fact("tender_barred", BOOL, "是否被限制参加投标"),
    Fact("has_management_committee", BOOL, "是否有物业管理委员会"),
    Fact("has_party_group", BOOL, "是否有党组织"),
    Fact("assembly_conditions_met_on", DATE, "符合成立业主大会条件之日"),
    Fact("committee_term_until", DATE, "业委会任期届满日"),
    Fact("formation_class", TEXT, "组建分类"),
    Fact("formation_measures", TEXT, "组建措施"),
    Fact("developer_gone", BOOL, "建设单位是否已注销、不存在"),
    Fact("committee_unable", BOOL, "业委会不能正常开展工作"),
    Fact("in_arrears", BOOL, "催告期满仍欠物业费"),
    Fact("willful_arrears", BOOL, "社区确认蓄意拖欠物业费"),
    Fact("violation_unsettled", BOOL, "有未整改的违规记录"),
    Fact("area_boundary", TEXT, "物业管理区域四至"),
    Fact("area_line", TEXT, "区域界线（拐点坐标）"),
    Fact("service_given", BOOL, "是否有物业服务"),
    Fact("unmanaged_confirmed", BOOL, "镇街确认失管"),
    Fact("guidance_person", TEXT, "指导组建的责任人"),
    Fact("guidance_next_on", DATE, "指导组建的下一步日期"),
    Fact("service_premises_planned_m2", AREA_M2, "物业用房规划面积"),
    Fact("service_premises_actual_m2", AREA_M2, "物业用房实有面积"),
    Fact("community_premises_planned_m2", AREA_M2, "社区用房规划面积"),
    Fact("community_premises_actual_m2", AREA_M2, "社区用房实有面积"),
    Fact("support_premises_planned_m2", AREA_M2, "配套用房规划面积"),
    Fact("support_premises_actual_m2", AREA_M2, "配套用房实有面积"),
    Fact("community_premises_place", TEXT, "社区用房位置"),
    Fact("parking_planned", COUNT, "规划停车位（个）"),
    Fact("premises_owner", TEXT, "物业用房登记权属"),
    Fact("premises_title_number", TEXT, "物业用房不动产登记号"),
    Fact("parcel_point", TEXT, "邮件快件寄存点"),
    Fact("boundary_water", TEXT, "供水责任边界"),
    Fact("boundary_power", TEXT, "供电责任边界"),
    Fact("boundary_gas", TEXT, "供气责任边界"),
    Fact("boundary_post", TEXT, "邮政责任边界"),
    Fact("boundary_telecom", TEXT, "通讯责任边界"),
    Fact("boundary_cable", TEXT, "有线电视责任边界"),
    Fact("utility_water", TEXT, "供水单位"),
    Fact("utility_power", TEXT, "供电单位"),
    Fact("utility_gas", TEXT, "供气单位"),
    Fact("utility_heat", TEXT, "供热单位"),
    Fact("utility_telecom", TEXT, "通讯单位"),
    Fact("registered_address", TEXT, "企业住所"),
    Fact("management_mode", Enum(MANAGEMENT_MODES), "管理方式"),
    Fact("management_body", TEXT, "管理主体"),
    Fact("management_contact", TEXT, "管理主体的联系人"),
    Fact("warranty_until", DATE, "质量保修期最后一日"),
    Fact("civil_defence_m2", AREA_M2, "人防工程面积"),
    Fact("delivered", BOOL, "房屋是否已交付"),
    Fact("let_from", DATE, "出租起始日"),
    Fact("open_estate", BOOL, "是否开放式小区"),
    Fact("high_rise", BOOL, "是否高层"),
    Fact("drainage_area", BOOL, "是否在排水达标区内"),
    Fact("elevator_pilot", BOOL, "是否电梯试点小区"),
    Fact("service_grade", COUNT, "合同的物业服务等级"),
    Fact("assessment_passed", BOOL, "年度考核是否达标"),
    Fact("bottom_streak", COUNT, "连续几次全区后三名"),
    Fact("self_body", BOOL, "是否建立小区自治组织"),
    Fact("operating_premises_planned_m2", AREA_M2, "物业经营性用房规划面积"),
    Fact("platform_linked", BOOL, "智慧平台是否接入监管平台"),
    Fact("blacklisted", BOOL, "是否在黑榜期内"),
    Fact("list_pending", BOOL, "是否黑名单待批"),
    Fact("charge_custody_pilot", BOOL, "物业费集中托管和代收代扣试点"),
    Fact("service_score", COUNT, "物业服务质量评价得分"),
    Fact("takeover_responsible", TEXT, "承接查验责任人（单位和姓名）"),
    Fact("controller", TEXT, "控股股东（实际控制人）"),
    Fact("service_rating", Enum(SERVICE_RATINGS), "第三方评价等级"),
    Fact("demonstration", BOOL, "是否示范企业"),
    Fact("credit_grade", TEXT, "信用等级"),
    Fact("credit_score", NUMBER("point"), "信用分"),
    Fact("star", COUNT, "星级"),
    Fact("fallback_capacity", TEXT, "兜底接管能力"),
    Fact("refused_takeover", TEXT, "无正当理由拒绝接收"),
    Fact("refused_hand_over", TEXT, "拒绝交接"),
    Fact("case_on_file", TEXT, "登记的违规线索"),
    Fact("sanctioned", TEXT, "违规处理和处罚"),
    Fact("censured", TEXT, "通报"),
)
# Not recorded by hand: they follow from the estate's own row or from who serves it.
DERIVED = ("estate_type", "estate_subtype", "households", "building_area_m2", "has_property_company", "service_given")
OF_ORGANISATIONS = (
    "tender_barred", "registered_address", "platform_linked", "blacklisted", "list_pending", "controller",
    "service_rating", "demonstration", "credit_grade", "credit_score", "star", "fallback_capacity", "refused_takeover",
    "refused_hand_over", "case_on_file", "sanctioned", "censured",
)  # fmt: skip
# Of those a person states: grades, scores and lists by other offices, who stands behind a company, what it can take on.
STATED_OF_COMPANIES = (
    "credit_grade", "credit_score", "star", "service_rating", "demonstration", "blacklisted", "tender_barred",
    "controller", "fallback_capacity", "platform_linked",
)  # fmt: skip
# What is kept of how a company does its work: grades and lists, and every sanction and refusal as a line of its own.
COMPANY_FILE = (
    "credit_grade", "credit_score", "star", "service_rating", "demonstration", "case_on_file", "sanctioned", "censured",
    "refused_takeover", "refused_hand_over", "list_pending", "blacklisted", "tender_barred",
)  # fmt: skip
# Stated together, by a form of their own.
OF_MANAGEMENT = ("management_mode", "management_body", "management_contact")
OF_UNITS = ("in_arrears", "willful_arrears", "violation_unsettled", "delivered", "let_from")
# Written down by those who form bodies.
OF_BODIES = (
    "assembly_conditions_met_on", "committee_term_until", "formation_class", "formation_measures", "committee_unable",
    "developer_gone",
)  # fmt: skip
NOT_BY_HAND = (*DERIVED, *OF_ORGANISATIONS, *OF_MANAGEMENT, *OF_UNITS, *OF_BODIES)

# What a list of a document may want known of every estate: facts, and what other rows tell.
ITEMS: dict[str, str] = {
    **{one.name: one.title for one in FACTS if one.name not in NOT_BY_HAND},
    "households": "户数",
    "building_area_m2": "总建筑面积",
    "management_mode": "管理方式",
    "committee": "业委会（物管会）组建",
    "service": "物业服务覆盖",
    "company": "物业服务企业",
    "manager": "项目负责人",
    "service_standard": "服务标准",
    "fee": "收费信息",
}
ITEM_LISTS: dict[str, str] = {
    "baseline": "小区底数",
    "service": "服务企业信息",
    "planning": "规划档案",
    "premises_title": "物业用房权属",
    "parcels": "邮件快件寄存点",
    "utilities": "专营单位责任边界",
    "management": "小区管理方式",
}
# How an estate is called by a list that is more than complete or not: where nothing lacks, where something does.
LIST_WORDS: dict[str, tuple[str, str]] = {"premises_title": ("用房权属已明确", "用房权属未明")}
COVERAGES: dict[str, str] = {"service": "物业服务覆盖率", "committee": "业委会（物管会）组建率"}
DEFAULT_PAPERS = (
    "竣工验收资料", "规划和产权资料", "共用设施设备资料", "承接查验资料", "物业服务合同",
    "业主清册", "维修和保养记录", "巡查和值班记录", "收费和收支资料", "投诉和回访记录",
)  # fmt: skip

QUESTIONS: tuple[Question, ...] = (
    Question(
        "registry.estate_types",
        "小区分哪几类",
        (),
        Record(
            Field("types", LIST(Enum(ESTATE_TYPES)), "类型"),
            Field("subtypes_of_old", LIST(Enum(ESTATE_SUBTYPES)), "老旧小区的细类", optional=True),
        ),
        default={"types": list(ESTATE_TYPES), "subtypes_of_old": []},
    ),
    Question(
        "registry.group",
        "小区按哪一类管理和考核",
        (
            Fact("estate_type", Enum(ESTATE_TYPES), "小区类型"),
            Fact("estate_subtype", Enum(ESTATE_SUBTYPES), "小区细类"),
            Fact("has_property_company", BOOL, "是否有物业服务企业"),
        ),
        TEXT,
        default="住宅小区",
    ),
    Question(
        "registry.group_rules",
        "这一类小区怎样考核、怎样奖惩、由谁维修",
        (
            Fact("estate_type", Enum(ESTATE_TYPES), "小区类型"),
            Fact("estate_subtype", Enum(ESTATE_SUBTYPES), "小区细类"),
            Fact("has_property_company", BOOL, "是否有物业服务企业"),
        ),
        Record(
            Field("assessment", TEXT, "考核办法", optional=True),
            Field("rewards", TEXT, "奖惩规则", optional=True),
            Field("repair", TEXT, "维修责任", optional=True),
        ),
        default={},
        notes="文件没有按类规定的不显示。",
    ),
    Question(
        "registry.required_items",
        "小区档案要写明什么",
        (Fact("list", Enum(ITEM_LISTS), "哪一份清单"),),
        Record(
            Field("items", LIST(Enum(ITEMS)), "必有的项目"),
            Field("only_served", BOOL, "只算有物业服务的小区", optional=True),
        ),
        default={"items": []},
    ),
    Question(
        "registry.coverage",
        "覆盖率的分子分母怎样算",
        (Fact("coverage", Enum(COVERAGES), "哪个覆盖率"),),
        Record(
            Field("shown", BOOL, "本地是否考核"),
            Field("counted_types", LIST(Enum(ESTATE_TYPES)), "计入分母的类型"),
            Field("served_by", LIST(Enum(SERVICE_KINDS)), "计入分子的服务方式", optional=True),
        ),
        default={
            "shown": True,
            "counted_types": [one for one in ESTATE_TYPES if one != "non_residential"],
            "served_by": list(SERVICE_KINDS),
        },
    ),
    Question(
        "registry.review",
        "小区事项由谁核办",
        (Fact("kind", Enum(REVIEW_KINDS), "事项"), Fact("estate_type", Enum(ESTATE_TYPES), "小区类型")),
        Record(
            Field("desk", ROLE, "核办单位", optional=True),
            Field("asked_by", LIST(ROLE), "由谁提出", optional=True),
            Field("choices", LIST(TEXT), "须选定其一", optional=True),
            Field("sets_up", LIST(TEXT), "其中哪些是设立新社区", optional=True),
            Field("requires", LIST(Enum(ITEMS)), "提出以前小区档案要有的项目", optional=True),
        ),
        default={},
    ),
    Question(
        "registry.inspection_warning",
        "设施检验到期前几日提醒",
        (),
        COUNT,
        default=30,
    ),
    Question(
        "registry.management",
        "小区管理方式登记是否齐全",
        (
            Fact("management_mode", Enum(MANAGEMENT_MODES), "管理方式"),
            Fact("management_body", TEXT, "管理主体"),
            Fact("management_contact", TEXT, "联系人"),
        ),
        BOOL,
        kind="check",
    ),
    Question("registry.archive_items", "物业资料档案分哪几类", (), LIST(TEXT), default=list(DEFAULT_PAPERS)),
    Question(
        "registry.estate",
        "登记小区的资料是否齐全",
        (
            Fact("estate_type", Enum(ESTATE_TYPES), "小区类型"),
            Fact("estate_subtype", Enum(ESTATE_SUBTYPES), "小区细类"),
        ),
        BOOL,
        kind="check",
    ),
)
