"""The fixed words of the complaint: codes with their Chinese, shared by models, questions and events."""

from gongzhi.registry.disputes import GRADES as GRADES
from gongzhi.registry.disputes import MEDIATION_KINDS as MEDIATION_KINDS
from gongzhi.registry.disputes import TRIBUNALS as TRIBUNALS

CHANNELS = {"web": "网络", "phone": "电话", "visit": "来访", "hotline": "热线转办", "found": "主动发现"}
# Nobody complained: an office came upon it, and whoever works on it answers to the file alone.
FOUND = "found"
# The rule of the clock that a hotline sets beside ours; ours stays what "in time" is measured by.
HOTLINE_DEADLINE = "hotline_deadline"
# Where on the platform a duty that a document lists is done.
DUTY_PAGES = {
    "tasks": "任务看板",
    "complaints": "投诉案件",
    "checks": "检查单",
    "inspections": "督查",
    "clues": "线索",
    "patrols": "巡查",
    "mediation": "调解",
    "mediation_bodies": "调解组织",
    "bodies": "组织",
    "votes": "表决",
    "procedures": "选聘、查验、退出",
    "contracts": "合同",
    "fund": "维修资金使用",
    "estates": "小区档案",
    "equipment": "设施设备",
}
NATURES = {"dispute": "矛盾纠纷", "violation": "违法违规", "request": "求助和报修", "other": "其他"}
TAGS = {"important": "重要", "prominent": "突出", "typical": "典型"}
STEPS = {
    "stopped": "现场制止",
    "verified": "现场核查",
    "investigated": "调查取证",
    "finding": "违法认定",
    "transferred": "移交",
    "intervened": "前期介入",
    "filed": "立案",
    "penalty": "处罚决定文号",
    "enforced": "执法处理",
    "follow_up": "回访",
}
PAPERS = {"letter": "移送函", "source": "案源材料", "evidence": "初步证据", "basis": "处罚依据和建议"}
ARCHIVE_ITEMS = {
    "registration": "登记材料",
    "investigation": "调查材料",
    "pictures": "图片",
    "opinion": "办理意见",
    "minutes": "会议记录",
    "instructions": "领导批示",
    "result": "处理结果",
}
OUTCOMES = {
    "settled": "已解决",
    "rectified": "已责令改正并改正到位",
    "penalised": "已作出处罚",
    "no_penalty": "不予处罚",
    "mediated": "调解达成一致",
    "litigation": "转诉讼",
    "not_substantiated": "经查不属实",
    "cannot_handle": "处理不了，已上报",
}
INTERVENTIONS = {
    "early": "前期介入",
    "joint": "协同监管",
    "investigation": "调查取证",
    "enforcement": "执法处理",
    "follow_up": "整改复查",
}
# Who calls the complainant back, and who ends the case: the unit that led it, or the desk that took the complaint in.
FOLLOWERS = {"lead": "主办单位", "desk": "受理单位", "either": "主办或受理单位"}
NOISE_SOURCES = {
    "industrial": "工业生产经营",
    "business": "商业经营",
    "social": "社会生活",
    "construction": "建筑施工",
    "household": "邻里、装修",
}
MEDIATION_RESULTS = {"agreed": "达成一致", "not_agreed": "未达成", "handed_up": "转上级"}
APPROVALS = {"extension": "延期", "suspension": "挂起", "void": "作废"}
FROM_LEVELS = {"community": "社区", "street": "镇街", "county": "区县", "city": "市", "province": "省"}
LEVELS = ("province", "city", "county", "street", "community", "estate")
