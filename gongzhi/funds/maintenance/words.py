"""The words of the maintenance fund: what is repaired, on which path, by which steps. No Django."""

PURPOSES: dict[str, str] = {"first": "首期交存", "renewal": "续交（续筹）", "opening": "接管余额"}
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
    "other": "其他共用部位、设施设备",
}
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
STATES: dict[str, str] = {"running": "办理中", "returned": "退回", "closed": "已结案", "refused": "不予使用"}
SELECTED: dict[str, str] = {"open_tender": "公开招标", "invited": "邀请比选", "direct": "直接委托"}
LEVELS: dict[str, str] = {"estate": "按小区", "building": "按幢", "unit": "按户"}
APPLICANTS: dict[str, str] = {
    "owners_committee": "业主委员会",
    "management_committee": "物业管理委员会",
    "community_committee": "居（村）委会（代为组织）",
    "street_office": "镇街（代为组织）",
    "property_company": "物业服务企业",
}
