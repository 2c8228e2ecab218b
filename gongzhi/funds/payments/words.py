"""The words of payments. No Django."""

PROVIDERS: dict[str, str] = {"wechat": "微信支付", "alipay": "支付宝"}
WAYS: dict[str, str] = {"native": "扫码付款", "h5": "手机网页付款", "jsapi": "微信内付款"}
ORDER_STATES: dict[str, str] = {"open": "待付款", "closing": "正在关闭", "paid": "已付款", "closed": "已关闭"}
# What is taken at the counter.
COUNTER: dict[str, str] = {"cash": "现金", "pos": "柜台刷卡", "bank": "银行转账"}
REFUND_STATES: dict[str, str] = {
    "asked": "待审批",
    "refused": "不同意",
    "approved": "待退款",
    "sent": "退款中",
    "done": "已退款",
    "failed": "退款失败",
}
REFUND_HOWS: dict[str, str] = {"back": "原路退回", "cash": "现金退还", "bank": "转账退还"}
# What a person has to look at. The first four come in by callbacks and queries, the others by the daily bill.
ISSUES: dict[str, str] = {
    "unknown_order": "没有这个订单",
    "mismatch": "金额或商户号不符",
    "late": "订单关闭后到账",
    "double": "账单已付清又到账",
    "theirs_only": "渠道有、平台没有",
    "ours_only": "平台有、渠道没有",
    "amount_differs": "两边金额不同",
    "refund_failed": "退款没有成功",
}
ISSUE_STATES: dict[str, str] = {"open": "待核实", "done": "已处理"}
HOWS: dict[str, str] = {
    "kept": "留作预存",
    "refunded": "已退款",
    "entered": "已补记收款",
    "not_ours": "不是本小区的款",
    "other_day": "在相邻日期的账单里",
    "asked_provider": "已由渠道更正",
    "other": "其他",
}
DAY_STATES: dict[str, str] = {"differs": "有差异", "agrees": "已核对一致"}
BATCH_STATES: dict[str, str] = {"made": "待银行回盘", "returned": "已回盘"}
LINE_STATES: dict[str, str] = {"sent": "已送银行", "paid": "扣款成功", "failed": "扣款不成功"}
