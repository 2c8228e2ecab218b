"""The words of equipment, of what must be ready for a bad day, and of what departments ask of it. No Django."""

from gongzhi.registry.questions import FACILITY_KINDS

USE = "用途"  # the detail of a piece that says what it is used for

KEEPER, CONTRACTOR = "keeper", "contractor"
RESPONDERS = {KEEPER: "管理单位", CONTRACTOR: "维保单位"}
FAILED, EXPIRED = "failed", "expired"
SUSPENSIONS = {FAILED: "检查不合格", EXPIRED: "检验过期"}

CONTRACTS = {
    "maintenance": "维保合同",
    "insurance": "保险合同",
    "repair": "维修合同",
    "assessment": "评估合同",
    "operation": "运维合同",
}
CONTRACT_STATES = {"coming": "没有开始", "running": "履行中", "ending": "即将到期", "over": "已到期", "ended": "已终止"}

FAULTS = {
    "trapped": "困人",
    "stopped": "停运",
    "broken": "损坏、失灵",
    "blocked": "被占用、堵塞",
    "leaking": "渗漏、溢流",
    "other": "其他故障",
}
FAULT_STATES = {"open": "待处置", "arrived": "已到场", "fixed": "已修复"}

GENERAL = "general"
PLANS = {
    GENERAL: "综合应急预案",
    "fire": "消防应急预案",
    "elevator": "电梯困人救援预案",
    "flood": "防汛排涝预案",
    "service": "物业应急服务预案",
}
PLAN_LEVELS = {"estate": "小区", "street": "镇街"}
EMERGENCIES = {
    "fire": "火情",
    "flood": "内涝",
    "elevator": "电梯困人",
    "collapse": "坍塌、脱落",
    "abandoned": "物业弃管",
    "supply": "断水断电断气",
    "other": "其他突发事件",
}
EMERGENCY_STATES = {"open": "处置中", "closed": "已结束"}
RESCUE = "rescue"
NOTES = {"step": "处置经过", RESCUE: "救援出动", "taken": "应急接管"}

# What a department's paper may be about: equipment, or how the estate is looked after.
ABOUT = {**FACILITY_KINDS, "guarding": "安全防范", "parking": "停车管理"}
DIRECTIVES = {
    "guidance": "指导意见",
    "check": "安全检查",
    "supervision": "日常监督",
    "campaign": "专项治理",
    "order": "责令整改",
}
TARGET_STATES = {
    "open": "没有反馈",
    "answered": "已反馈，待核销",
    "returned": "退回，要重新反馈",
    "closed": "已核销",
}
DEFECTS = {
    "passage_blocked": "堵塞消防通道",
    "facility_down": "消防设施瘫痪",
    "flying_wires": "飞线充电",
    "escape_blocked": "逃生通道不顺畅",
    "ebikes": "电瓶车违规停放",
    "clutter": "楼道乱堆积",
    "other": "其他问题",
}
DEFECT_STATES = {"open": "待整改", "fixed": "待复查", "closed": "已销号"}

PERMIT_STEPS = {"review": "审核", "register": "登记", "issue": "发放"}
PERMIT_STATES = {
    "asked": "已申请",
    "reviewed": "已审核",
    "registered": "已登记",
    "issued": "已发证",
    "refused": "不予发证",
}

# What a document wants settled for an estate: a piece of the kind with what it names.
STAGES = {
    "known": "底数清单",
    "problems": "问题清单",
    "separated": "雨污分流",
    "funded": "经费落实",
    "levels": "分级运维",
    "lasting": "长效运维",
}
# What the drawing of a network was found to be.
