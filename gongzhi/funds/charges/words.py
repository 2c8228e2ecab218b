"""The words of service charges. No Django."""

# What is charged for. The first four are what prices are set for; the others come about on the way.
FEES: dict[str, str] = {
    "service": "物业公共服务费",
    "parking": "车辆停放费",
    "special": "特约服务费",
    "agency": "代办服务费",
    "shared": "公共水电分摊",
    "late": "违约金",
}
PRICED = {code: FEES[code] for code in ("service", "parking", "special", "agency")}
PRICE_KINDS: dict[str, str] = {"guide": "政府指导价", "market": "市场调节价"}
MODES: dict[str, str] = {"lump_sum": "包干制", "commission": "酬金制"}
COMMISSIONS: dict[str, str] = {"ratio": "按支出的比例", "fixed": "每月固定数额"}
# How a tariff is counted.
BASES: dict[str, str] = {"area": "按面积", "unit": "按户", "item": "按数量"}
PER: dict[str, str] = {"area": "元/㎡·月", "unit": "元/户·月", "item": "元/个·月"}
EVERY: dict[int, str] = {1: "每月", 3: "每季度", 12: "每年"}
TARIFF_STATES: dict[str, str] = {"draft": "草稿", "in_force": "执行", "refused": "不予备案"}
GUIDE_STATES: dict[str, str] = {"draft": "草稿", "published": "已公布"}
RUN_STATES: dict[str, str] = {"running": "正在出账", "done": "已出账", "withdrawn": "已撤回"}
BILL_KINDS: dict[str, str] = {"run": "周期账单", "early": "提前账单", "single": "单独账单", "late": "违约金"}
PERSONAL: dict[str, str] = {"item": "按数量收费", "vacant": "空置", "rebate": "减免优惠"}
BILL_TO: dict[str, str] = {"owner": "业主", "tenant": "承租人"}
SHARED_COSTS: dict[str, str] = {
    "water": "公共用水",
    "power": "公共用电",
    "elevator": "电梯用电",
    "other": "其他公共能耗",
}

CHANNELS: dict[str, str] = {
    "cash": "现金",
    "pos": "柜台刷卡",
    "bank": "银行转账",
    "withheld": "银行代扣",
    "wechat": "微信支付",
    "alipay": "支付宝",
    "waived": "减免",
    "revenue": "公共收益抵扣",
}
# The account of the book where the money of a channel lies first.
LIES_IN: dict[str, str] = {
    "cash": "cash",
    "pos": "bank",
    "bank": "bank",
    "withheld": "bank",
    "wechat": "transit.wechat",
    "alipay": "transit.alipay",
    "waived": "reduced",
    "revenue": "bank",
}
SETTLEMENT_KINDS: dict[str, str] = {"payment": "缴费", "refund": "退款", "reversal": "冲销"}

# -- prices
CHANGE_STEPS: dict[str, str] = {"notice": "公示", "decide": "业主大会表决", "file": "备案"}
CHANGE_STATES: dict[str, str] = {"open": "办理中", "done": "已执行", "dropped": "已撤回"}
SHOWN_ITEMS: dict[str, str] = {
    "content": "服务内容",
    "standard": "服务标准",
    "grade": "服务等级",
    "price": "收费标准",
    "basis": "收费依据",
    "method": "收费方式",
    "accounts": "财务收支",
}
PLACES: dict[str, str] = {"centre": "客服中心", "board": "小区宣传栏", "online": "网上"}
FINDINGS: dict[str, str] = {
    "not_shown": "未公示收费",
    "over_guide": "超指导价",
    "over_filed": "高于备案或公示价格",
    "differs": "公示与合同不符",
}
# -- arrears
DEMANDED_BY: dict[str, str] = {"letter": "书面", "message": "短信", "door": "上门"}
OPINION_STATES: dict[str, str] = {
    "heard": "待处理",
    "reasonable": "合理，待解决",
    "resolved": "已解决",
    "unreasonable": "不合理，已答复",
}
HELPERS: dict[str, str] = {
    "committee": "业委会（物管会）督促",
    "steward": "楼幢长上门",
    "mediation": "调解",
}
RECOURSES: dict[str, str] = {"arbitration": "仲裁", "suit": "诉讼"}
ARREARS_STEPS: dict[str, str] = {**HELPERS, **RECOURSES, "credit_clue": "移交征信线索"}
PAYER_KINDS: dict[str, str] = {"official": "机关公务员", "institution": "事业单位人员", "party": "党员"}
HANDOVER_KINDS: dict[str, str] = {"kept": "由原企业继续收取", "ceded": "转由新企业收取"}
