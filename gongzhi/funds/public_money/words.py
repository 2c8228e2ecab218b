"""The words of public money. Which schemes there are, and what each of them needs, a pack says. No Django."""

# What the platform itself knows of schemes; a pack may name more.
SCHEMES: dict[str, str] = {
    "resettlement_rebate": "安置户物业费补贴",
    "opening_fee": "安置小区开办费",
    "market_service": "市场化物业补贴",
    "household_support": "老旧小区扶持",
    "member_allowance": "自治组织成员补助",
    "fee_support": "物业费奖补",
    "manager_award": "项目负责人奖",
    "company_award": "物业企业奖",
    "honour_award": "评比表彰奖",
    "merit_award": "先进激励",
    "merit_person": "先进个人激励",
    "platform_award": "智慧物业平台奖励",
    "event_award": "重要活动奖励",
    "assessment_award": "考核奖励",
    "mediator_pay": "调解员以奖代补",
    "committee_allowance": "业委会成员补贴",
    "waste_award": "垃圾分类奖补",
    "area_subsidy": "物业服务补贴",
    "work_support": "工作经费补助",
    "policy_support": "政策扶持",
}
# Whom a line of a claim is for: nothing is granted twice to one of them for the same days.
HOLDERS: dict[str, str] = {
    "estate": "小区",
    "unit": "房屋",
    "member": "成员",
    "person": "个人",
    "case": "案件",
    "organisation": "单位",
}
LINES: dict[str, str] = {
    "whole": "整笔",
    "year": "按年度分段",
    "month": "按月",
    "member": "按成员",
    "case": "按人按件",
}
# Who bears a part. Each has its budgets at a place of that level.
PAYERS: dict[str, str] = {
    "city": "市级财政",
    "county": "区县（市）财政",
    "street": "镇街",
    "responsible_unit": "安置责任单位",
}
PAYER_LEVEL: dict[str, str] = {"city": "city", "county": "county", "street": "street", "responsible_unit": "street"}
ITEMS: dict[str, str] = {
    "work": "物业管理工作经费",
    "mediation": "物业纠纷调解经费",
    "subsidy": "物业补贴",
    "resettlement": "安置小区补贴、开办费",
    "resettlement_match": "安置小区配比奖补",
    "commercial_award": "商业小区考核奖励",
    "old_award": "老旧小区考核奖励",
    "old_support": "老旧小区扶持",
    "assessment_award": "考核奖惩",
    "renovation": "住宅小区环境整治提升",
    "civilisation": "文明创建",
    "four_party": "四位一体考核",
    "repair": "安置（老旧）小区维修基金",
    "utilities": "高层电梯和二次供水电费",
    "committees": "业委会工作经费",
    "allowance": "业委会成员补贴",
    "mediators": "调解员以奖代补",
    "award": "企业和个人奖励",
    "waste": "垃圾分类奖补",
    "support": "政策扶持",
}
STEPS: dict[str, str] = {
    "verify": "核实",
    "review": "审核",
    "match": "镇街配足",
    "approve": "审批",
    "notice": "公示",
    "pay": "拨付",
    "audit": "审计",
}
STATES: dict[str, str] = {
    "running": "办理中",
    "returned": "退回",
    "closed": "已办结",
    "refused": "不予补贴",
    "withdrawn": "撤回",
}
DEAD = ("refused", "withdrawn")
MOVES: dict[str, str] = {"grant": "安排", "cut": "核减", "shift": "调剂"}
EXPENSE_STATES: dict[str, str] = {
    "asked": "待审批",
    "approved": "待支付",
    "paid": "已支付",
    "refused": "未同意",
    "withdrawn": "已撤回",
}
EXPENSE_KINDS: dict[str, str] = {
    "work": "工作经费",
    "mediation": "调解经费",
    "committee": "业委会工作经费",
    "award": "考核奖励",
    "training": "培训宣传",
    "elevator_power": "高层电梯电费",
    "pump_power": "高层二次供水电费",
    "other_power": "其他电费",
    "upkeep": "设施设备维护",
    "renovation": "基础设施改造",
    "repair": "维修",
    "other": "其他",
}
# A project that public money is spent on, step by step.
PROJECT_STEPS: dict[str, str] = {
    "initiate": "立项",
    "design": "设计预算",
    "select": "选定施工单位",
    "start": "开工",
    "accept": "验收",
    "approve": "补办报批",
    "audit": "决算审计",
}
PROJECT_STATES: dict[str, str] = {"running": "办理中", "closed": "已完成"}
SELECTED: dict[str, str] = {
    "open_tender": "公开招标",
    "comparison": "比选",
    "inquiry": "询价",
    "framework": "框架（中标队伍）",
}
SUPPORTS: dict[str, str] = {
    "employment": "职工就业扶持",
    "social": "社会保障",
    "price": "价格支持",
    "finance": "财税金融支持",
    "tax": "税收优惠",
    "plan": "服务业发展规划",
}
POLICY_LEVELS: dict[str, str] = {"national": "国家", "province": "省", "city": "市", "county": "区县（市）"}
ENJOYED: dict[str, str] = {"asked": "待认定", "eligible": "符合、未享受", "enjoying": "享受", "refused": "不符合"}
HOSTS: dict[str, str] = {
    "government": "政府部门",
    "joint": "政府部门与协会联合",
    "association": "行业协会",
    "company": "企业",
}
HONOURS: dict[str, str] = {"national": "国家级", "provincial": "省级", "municipal": "市级"}
GRADES: dict[str, str] = {"excellent": "优秀", "good": "良好", "passed": "合格", "failed": "不合格"}
DECIDED: dict[str, str] = {"assembly": "业主大会", "management_committee": "物管会代行", "none": "没有表决"}
