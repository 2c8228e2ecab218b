"""The words of the purses: charts of accounts, who watches an account, how a bank's line is matched. No Django."""

from gongzhi.ledger.kinds import PURSES

# The chart of each purse: code, title, kind. Accounts of units come below `units`, one for each.
CHARTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "maintenance_fund": (
        ("bank", "银行存款（专户）", "asset"),
        ("owed", "业主应补交", "asset"),
        ("units", "业主分户账", "liability"),
        ("pending", "待分摊", "liability"),
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
    "service_charges": (
        ("bank", "银行存款", "asset"),
        ("cash", "库存现金", "asset"),
        ("wechat", "微信待结算", "asset"),
        ("alipay", "支付宝待结算", "asset"),
        ("units", "业主应交物业费", "asset"),
        ("advance", "业主预交", "liability"),
        ("charged", "物业费收入", "income"),
        ("shared", "公摊水电收入", "income"),
        ("parking", "车位服务费收入", "income"),
        ("late_fee", "违约金收入", "income"),
        ("rebate", "减免", "expense"),
    ),
    "public_money": (
        ("bank", "银行存款", "asset"),
        ("appropriation", "预算拨入", "income"),
        ("paid.subsidy", "补贴", "expense"),
        ("paid.award", "奖补", "expense"),
        ("paid.work", "工作经费", "expense"),
        ("paid.case", "一案一补", "expense"),
        ("balance", "结余", "equity"),
    ),
}
TITLES = {purse: {code: title for code, title, _ in chart} for purse, chart in CHARTS.items()}
ASSETS = {purse: tuple(code for code, _, kind in chart if kind == "asset") for purse, chart in CHARTS.items()}
UNITS = "units"

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
    "amount": "金额（收入为正，支出为负）",
    "balance": "余额",
    "reference": "流水号",
    "counterparty": "对方户名",
    "text": "摘要",
}

__all__ = ["ASSETS", "CHARTS", "COLUMNS", "MANAGERS", "MATCHES", "PURSES", "TITLES", "UNITS"]
