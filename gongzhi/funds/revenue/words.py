"""The words of common revenue. No Django."""

SOURCES: dict[str, str] = {
    "parking": "车位",
    "advertising": "广告",
    "premises": "经营用房和场地",
    "extended": "延伸服务",
    "other": "其他",
    "energy": "代收公共能耗费",
    "elevator": "代收电梯使用费",
}
OWNED_BY: dict[str, str] = {"owners": "业主共有部分", "operating": "经营性用房", "government": "政府配套用房、车位"}
PURPOSES: dict[str, str] = {
    "cost.operation": "经营成本",
    "cost.upkeep": "设施设备维保",
    "cost.allowance": "业委会补贴",
    "cost.gap": "弥补物业费缺口",
    "to_fund": "补充维修资金",
    "cost.other": "其他支出",
}
FLAGS: dict[str, str] = {
    "no_decision": "没有业主共同决定",
    "no_voucher": "缺凭证",
    "not_collected": "未归集",
    "off_purpose": "超出用途",
}
UPKEEP: dict[str, str] = {"elevator": "电梯", "fire": "消防", "security": "监控安防", "other": "其他设施"}
MANAGED_BY: dict[str, str] = {"company": "物业服务企业代管", "committee": "业委会（物管会）自管", "street": "镇街管理"}
"""Who runs the account of the owners' revenue."""
SHARE_OF: dict[str, str] = {"net": "净收益", "gross": "毛收入"}
"""What the part that goes into the fund is a part of: net of the costs of earning it, or all that came in."""
ROOM_USES: dict[str, str] = {
    "community": "社区办公",
    "service": "物业管理",
    "activity": "文体活动",
    "operating": "经营",
    "idle": "闲置",
}
# What owners are shown of a period, where a document wants each of them.
ACCOUNTS: dict[str, str] = {"revenue": "公共收益", "fund": "维修资金使用", "expenses": "经费开支", "shared": "公摊水电"}
# What a statement lists line by line; each list has to agree with its books.
LISTS: dict[str, str] = {
    "income": "公共收益收入",
    "cost": "公共收益支出",
    "fund": "维修资金使用",
    "shared": "公摊水电",
}
