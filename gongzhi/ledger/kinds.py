"""The words of the ledger: purses, kinds of account, ways of apportioning. No Django."""

PURSES = {
    "maintenance_fund": "维修资金",
    "common_revenue": "公共收益",
    "service_charges": "物业费",
    "public_money": "财政资金",
    "warranty_money": "物业保修金",
}
# A debit adds to the first two, a credit to the others.
ACCOUNT_KINDS = {"asset": "资产", "expense": "支出", "liability": "负债", "equity": "净资产", "income": "收入"}
DEBIT_KINDS = frozenset({"asset", "expense"})

REST_TO = {
    "largest_remainder": "逐分给小数部分最大的",
    "largest_share": "给份额最大的",
    "last": "给排在最后的",
}
