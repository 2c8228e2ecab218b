"""The words of the maintenance fund: what is repaired, on which path, by which steps. No Django."""

PURPOSES: dict[str, str] = {
    "first": "首期交存",
    "renewal": "续交（续筹）",
    "makeup": "补交维修分摊",
    "opening": "接管余额",
}
PAYERS: dict[str, str] = {
    "owner": "业主",
    "developer": "建设单位",
    "responsible_unit": "安置责任单位",
    "government": "政府",
    "other": "其他",
}
STAGES: dict[str, str] = {
    "presale_filing": "网签备案",
    "delivery": "交付",
    "title_registration": "产权登记",
    "mortgage_registration": "抵押登记",
}
MATTERS: dict[str, str] = {
    "building_safety": "房屋安全",
    "elevator_stopped": "电梯停运",
    "fire_safety": "消防安全",
    "serious_impact": "严重影响房屋使用",
    "water_supply": "供水",
    "drainage": "排水",
    "roof_leak": "屋面、外墙漏水",
    "facade_fall": "外墙脱落危险",
    "fire_facility": "共用消防设施",
    "elevator": "电梯",
    "roof": "屋面防水",
    "facade": "外墙美化、修缮",
    "pipes": "共用管线",
    "security": "监控安防",
    "road": "道路、场地",
    "greening": "绿化",
    "elevator_assessment": "电梯维修前评估",
    "elevator_insurance": "电梯安全责任险",
    "other": "其他共用部位、设施设备",
}
# Bought from a third party instead of repaired; open only where the pack opens them.
SERVICES = ("elevator_assessment", "elevator_insurance")
WORKS: dict[str, str] = {"repair": "维修", "renewal": "更新", "renovation": "改造"}
PATHS: dict[str, str] = {
    "ordinary": "普通程序",
    "emergency": "紧急程序",
    "delegated": "授权额度内",
    "plan": "年度计划内",
}
# Every step there is; which of them a use takes, and in which order, the pack says.
STEPS: dict[str, str] = {
    "survey": "现场查勘",
    "guide": "镇街指导",
    "verify": "核实",
    "discuss": "业委会讨论",
    "scope": "列支范围和分摊",
    "decide": "业主决定",
    "notice": "公示方案",
    "file": "备案",
    "apply": "提出申请",
    "attest": "社区鉴证",
    "review": "审核",
    "price_review": "审价",
    "tender": "选定施工单位",
    "advance": "拨付预付款",
    "start": "开工",
    "supervision": "监理",
    "accept": "竣工验收",
    "audit": "审计",
    "publish": "公布使用情况",
    "settle": "拨付尾款",
    "archive": "归档",
}
PAYING = ("advance", "settle")
# What has to be on display before the last payment.
PUBLISHED: dict[str, str] = {
    "vote": "用前表决",
    "works": "工程内容",
    "acceptance": "验收结果",
    "apportioning": "费用分摊",
}
# An emergency is not voted on: there is no vote to show.
PUBLISHED_EMERGENCY = {name: title for name, title in PUBLISHED.items() if name != "vote"}
STATES: dict[str, str] = {
    "running": "办理中",
    "returned": "退回",
    "closed": "已结案",
    "refused": "不予使用",
    "withdrawn": "已撤回",
}
DEAD = ("refused", "withdrawn")
SELECTED: dict[str, str] = {"open_tender": "公开招标", "invited": "邀请比选", "direct": "直接委托"}
LEVELS: dict[str, str] = {"estate": "按小区", "building": "按幢", "unit": "按户"}
APPLICANTS: dict[str, str] = {
    "owners_committee": "业主委员会",
    "management_committee": "物业管理委员会",
    "community_committee": "居（村）委会（代为组织）",
    "street_office": "镇街（代为组织）",
    "property_company": "物业服务企业",
}
PLAN_STATES: dict[str, str] = {
    "drafting": "编制中",
    "submitted": "已上报",
    "agreed": "区政府同意",
    "returned": "退回修改",
}
WARRANTY_MOVES: dict[str, str] = {"deposit": "交存", "use": "支用", "return": "退还"}
# Parts of an estate that may need repair, and what kind each is of.
PARTS: dict[str, str] = {
    "own": "专有部位",
    "own_pipe": "户内管线",
    "own_leak": "户内防水",
    "facade": "外墙面",
    "stairs": "楼梯",
    "passage": "通道",
    "roof": "屋面",
    "structure": "其他主体和公共部位",
    "stair_light": "楼道灯",
    "common_facility": "公用设施",
    "road": "道路",
    "street_lamp": "路灯",
    "sewer": "下水管道",
    "ditch": "沟",
    "channel": "渠",
    "pond": "池",
    "well": "井",
    "green_bed": "绿化池",
    "parking_lot": "停车场",
    "bicycle_shed": "自行车房（棚）",
    "monitoring": "安防系统（监控）",
    "fire": "消防设施设备",
    "water": "供水",
    "power": "供电",
    "gas": "供气",
    "heat": "供热",
    "telecom": "通讯",
    "post": "邮政",
    "cable": "有线电视",
    "elevator": "电梯",
    "pump": "二次供水设备",
}
NEEDS: dict[str, str] = {"upkeep": "日常养护、疏通", "overhaul": "维修、更换"}
REPAIRERS: dict[str, str] = {
    "developer": "建设单位",
    "owner": "业主",
    "property_company": "物业服务企业",
    "maintenance_fund": "申请维修资金",
    "street_office": "镇街",
    "street_contractor": "镇街招标的维保单位",
    "utilities_company": "专营（产权）单位",
    "managing_unit": "物管单位",
    "agreed": "合同约定的单位",
}
BEARERS: dict[str, str] = {
    "developer": "建设单位",
    "owner": "业主",
    "property_company": "物业服务企业",
    "maintenance_fund": "维修资金",
    "street": "镇街",
    "utilities_company": "专营（产权）单位",
    "user": "用户",
    "managing_unit": "物管单位",
    "agreed": "合同约定的一方",
}

# Who bears the costs of a utility's part, as it is registered.
COST_ON: dict[str, str] = {
    "utilities_company": "专营（产权）单位",
    "user": "用户",
    "both": "用户和专营（产权）单位分担",
}
# With whom a contract may agree on the repair of a utility's part, and their desks.
AGREED_WITH: dict[str, str] = {
    "property_company": "物业服务企业",
    "developer": "建设单位",
    "street_office": "镇街",
    "owner": "业主",
    "other": "其他单位",
}

# What the owners vote on once and is then carried out in parts or house by house.
OWNERS_PLANS: dict[str, str] = {"uses": "年度维修计划", "renewal": "续筹方案"}
OWNERS_PLAN_STATES: dict[str, str] = {
    "drafting": "拟定",
    "voting": "表决中",
    "passed": "已通过",
    "not_passed": "未通过",
    "revoked": "已被撤销",
    "lapsed": "年度已过",
}
# The matter of the law that each has to be put to the owners as.
PLAN_MATTER: dict[str, str] = {"uses": "use_fund", "renewal": "raise_fund"}
# Estates whose repairs public money plans, and whose works go to tendered teams.
OF_PLAN = ("resettlement", "old")
