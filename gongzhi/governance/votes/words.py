"""The words of a vote: states, steps, channels, kinds of service. No Django."""

STATES: dict[str, str] = {
    "draft": "拟定",
    "checked": "已核对",
    "noticed": "公告中",
    "open": "表决",
    "closed": "已截止",
    "published": "结果公示",
    "final": "已生效",
    "filed": "已备案",
    "stopped": "已终止",
}
# What a page shows as the way, in order.
STEPS: tuple[str, ...] = ("draft", "checked", "noticed", "open", "closed", "published", "final", "filed")
CONVENERS: dict[str, str] = {
    "owners_committee": "业主委员会",
    "management_committee": "物业管理委员会",
    "preparatory_group": "筹备组（换届小组）",
    "community_station": "社区",
    "community_committee": "居（村）委会",
    "street_office": "镇街",
}
SERVICE_KINDS: dict[str, str] = {
    "signed": "当面签收",
    "family": "同住人签收",
    "mail": "挂号信、快递签收",
    "sms": "短信、微信回执",
    "door": "上门张贴并拍照",
    "notice": "小区内公告",
}
SERVICE_RESULTS: dict[str, str] = {"served": "已送达", "refused": "拒收", "undeliverable": "未能送达"}
RECORD_KINDS: dict[str, str] = {
    "NOTICE": "公告",
    "SERVE": "送达",
    "NOMINATE": "共有人推定",
    "TRANSFER": "产权变更",
    "CORRECT": "名册更正",
    "PROXY": "委托",
    "REVOKE": "撤销委托",
    "ADJUDICATE": "认定",
    "LOT": "抽签",
    "OPEN": "开始表决",
    "CLOSE": "截止",
    "RESULT": "公布结果",
    "OBJECTION": "异议",
    "SCAN": "纸质票扫描",
    "TRUSTEES": "指定托管人",
    "TOTALS": "开票",
}
AGENT_KINDS: dict[str, str] = {
    "relative": "亲属",
    "owner": "其他业主",
    "tenant": "承租人",
    "property_staff": "物业服务企业人员",
    "other": "其他",
}
FAULTS: dict[str, str] = {
    "signature_mismatch": "签名与登记不符",
    "no_signature": "没有签名",
    "double_mark": "一个事项勾选两处",
    "illegible": "看不清",
    "unknown_code": "票号不在册",
    "void_code": "票已作废补发",
    "duplicate_code": "同一票号交回两张",
}
OBJECTED: dict[str, str] = {"roll": "名册", "result": "结果"}
OBJECTION_RESULTS: dict[str, str] = {"upheld": "成立", "rejected": "不成立"}
# The kind under which images of paper ballots are kept.
PAPER_SCANS = "paper_scans"
# How a vote on the fund may be held, where a document tells such ways apart.
MODES: dict[str, str] = {"proxy": "委托表决", "deemed": "默认表决", "objection": "异议表决"}
# When the street's consent is wanted.
CONSENTS: dict[str, str] = {"notice": "公告以前", "result": "结果生效以前"}
ANNOUNCED: dict[str, str] = {"passed": "通过", "rejected": "不通过", "no_quorum": "参与不足"}
ANNOUNCED_ELECTION: dict[str, str] = {
    "elected": "选出",
    "partly_elected": "选出一部分",
    "not_elected": "没有选出",
    "no_quorum": "参与不足",
}
# What a government's platform announces of a motion, and where it stands in our count.
ANNOUNCED_FIGURES: dict[str, str] = {
    "voted_heads": "参与人数",
    "voted_area": "参与面积",
    "agree_heads": "同意人数",
    "agree_area": "同意面积",
}
WITNESS_KINDS: dict[str, str] = {
    "street": "镇街",
    "community": "社区",
    "auditor": "审计、公证",
    "owner": "业主",
}
