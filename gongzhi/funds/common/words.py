"""The words of the purses: charts of accounts, who watches an account, how a bank's line is matched. No Django."""

from gongzhi.ledger.kinds import PURSES

# The chart of each purse: code, title, kind. Accounts of units come below `units`, one for each.
CHARTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "maintenance_fund": (
        ("bank", "银行存款（专户）", "asset"),
        ("owed", "业主应补交", "asset"),
        ("units", "业主分户账", "liability"),
    ),
    "common_revenue": (
        ("bank", "银行存款", "asset"),
        ("income.parking", "车位收入", "income"),
        ("income.advertising", "广告收入", "income"),
        ("income.premises", "经营用房和场地收入", "income"),
        ("income.extended", "延伸服务收入", "income"),
        ("income.other", "其他收入", "income"),
        ("income.energy", "代收公共能耗费", "income"),
        ("income.elevator", "代收电梯使用费", "income"),
        ("cost.operation", "经营成本", "expense"),
        ("cost.upkeep", "设施设备维保", "expense"),
        ("cost.allowance", "业委会补贴", "expense"),
        ("cost.gap", "弥补物业费缺口", "expense"),
        ("cost.other", "其他支出", "expense"),
        ("to_fund", "转入维修资金", "expense"),
        ("owners", "业主共有结余", "equity"),
    ),
    # A unit's account holds both what it owes (a debit) and what it paid in advance (a credit).
    "service_charges": (
        ("bank", "银行存款", "asset"),
        ("cash", "现金", "asset"),
        ("transit.wechat", "微信支付待到账", "asset"),
        ("transit.alipay", "支付宝待到账", "asset"),
        ("units", "业主往来（应收、预存）", "asset"),
        ("due.shared", "代收公共水电", "liability"),
        ("income.service", "物业公共服务费", "income"),
        ("income.parking", "车辆停放费", "income"),
        ("income.special", "特约服务费", "income"),
        ("income.agency", "代办服务费", "income"),
        ("income.late", "违约金", "income"),
        ("reduced", "减免", "expense"),
        ("cost.service", "服务支出", "expense"),
        ("cost.commission", "物业服务酬金", "expense"),
        ("cost.channel", "支付渠道手续费", "expense"),
        ("surplus", "结余", "equity"),
    ),
    "warranty_money": (
        ("bank", "银行存款（保修金专户）", "asset"),
        ("developer", "应退建设单位", "liability"),
    ),
}
# Public money is kept by place, not by estate: three accounts for each item of a budget, below the one of all.
GRANTED = ("granted", "预算安排", "equity")
OF_BUDGET: tuple[tuple[str, str, str], ...] = (
    ("free", "可用指标", "asset"),
    ("held", "已批未付", "asset"),
    ("paid", "已支付", "expense"),
)
TITLES = {purse: {code: title for code, title, _ in chart} for purse, chart in CHARTS.items()}
ASSETS = {purse: tuple(code for code, _, kind in chart if kind == "asset") for purse, chart in CHARTS.items()}
UNITS = "units"
# The purses that are kept here.
KEPT = {purse: PURSES[purse] for purse in CHARTS}

SHARED_BY: dict[str, str] = {"area": "按专有面积", "unit": "按户平均"}
MANAGERS: dict[str, str] = {
    "bureau": "主管部门专户",
    "street": "镇街专户",
    "committee": "业委会（物管会）专户",
    "company": "物业服务企业监管账户",
}
MATCHES: dict[str, str] = {"none": "未对上", "auto": "自动对上", "hand": "人工对上", "aside": "不入本账"}
COLUMNS: dict[str, str] = {
    "booked_on": "日期",
    "income": "收入（贷方）",
    "expense": "支出（借方）",
    "amount": "金额（有正负号，或者另有借贷标志）",
    "direction": "借贷标志",
    "balance": "余额",
    "reference": "流水号",
    "counterparty": "对方户名",
    "text": "摘要",
}

__all__ = [
    "ASSETS",
    "CHARTS",
    "COLUMNS",
    "GRANTED",
    "KEPT",
    "MANAGERS",
    "MATCHES",
    "OF_BUDGET",
    "PURSES",
    "SHARED_BY",
    "TITLES",
    "UNITS",
]
