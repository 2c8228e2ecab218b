"""The words of mediation. What a city calls its bodies and which disputes go where is pack data."""

from gongzhi.registry.disputes import GRADES as GRADES
from gongzhi.registry.disputes import MEDIATION_KINDS as MEDIATION_KINDS
from gongzhi.registry.disputes import TRIBUNALS as TRIBUNALS

SOURCES: dict[str, str] = {
    "applied": "当事人申请",
    "found": "排查发现",
    "steward": "楼幢长报来",
    "case": "投诉转来",
    "arrears": "欠费转来",
    "court": "法院移交",
}
LEVELS: dict[str, str] = {"county": "区县", "street": "镇街", "community": "社区（村）"}
STATES: dict[str, str] = {
    "applied": "待受理",
    "accepted": "调解中",
    "agreed": "已达成协议",
    "failed": "未达成",
    "declined": "不受理",
    "withdrawn": "已终止",
    "closed": "已归档",
}
OPEN_STATES = ("applied", "accepted", "agreed", "failed")
# How one body's work on it ended.
RESULTS: dict[str, str] = {
    "running": "在办",
    "agreed": "达成",
    "not_agreed": "未达成",
    "declined": "不受理",
    "withdrawn": "撤回",
    "taken": "移走",
    "eased": "已化解",
}
OUTCOMES: dict[str, str] = {
    "agreed": "达成协议",
    "not_agreed": "未达成协议",
    "withdrawn": "当事人撤回",
    "no_consent": "当事人不同意调解",
    "declined": "不予受理",
    "eased": "当场化解",
}
MOVES: dict[str, str] = {
    "up": "上交上一级",
    "down": "交下一级",
    "kind": "转另一种调解",
    "outside": "转行业调解",
    "taken_over": "提级接办",
}
SIDES: dict[str, str] = {"applicant": "申请人", "respondent": "被申请人"}
PARTY_KINDS: dict[str, str] = {
    "owner": "业主",
    "resident": "物业使用人",
    "owners_committee": "业主委员会",
    "property_company": "物业服务企业",
    "developer": "建设单位",
    "other": "其他",
}
OF_ESTATE = ("owners_committee", "property_company")
CONSENT_WAYS: dict[str, str] = {"online": "本人在平台上", "written": "书面", "oral": "口头（已记录）"}
SIGNED_WAYS: dict[str, str] = {"online": "本人在平台上", "paper": "纸质签名"}
CONFIRMATIONS: dict[str, str] = {
    "applied": "已申请",
    "confirmed": "裁定有效",
    "refused": "裁定驳回",
}
PERFORMED: dict[str, str] = {"yes": "已履行", "partly": "部分履行", "no": "没有履行"}
ASSIST_KINDS: dict[str, str] = {"help": "协助调解", "comment": "指导意见"}
GUIDANCE_KINDS: dict[str, str] = {
    "guidance": "业务指导",
    "template": "文书模板",
    "training": "培训",
    "example": "典型案例",
    "propaganda": "法规宣传",
    "analysis": "研判会",
    "draft_opinion": "制度意见",
}
PUBLISHED_KINDS = ("example", "propaganda")
ADOPTED: dict[str, str] = {"adopted": "已采纳", "not_adopted": "未采纳"}
TOPIC_ORIGINS: dict[str, str] = {"put": "提请", "listed": "未结清单"}
# The bodies of mediation, by the role in which they act.
BODY_LEVELS: dict[str, str] = {
    "mediation_centre": "county",
    "mediation_station": "street",
    "mediation_room": "community",
}
