"""The words of a company's arrival and leaving. No Django."""

PROCEDURES = {
    "tender": "前期物业选聘",
    "reselect": "业主选聘物业",
    "takeover": "承接查验",
    "acceptance": "综合验收",
    "asset_transfer": "配建资产移交",
    "exit": "退出和交接",
    "caretaker": "应急管理、兜底接管",
}
# What a contract is asked like a procedure: who files it, with which papers.
CONTRACT = "contract"
KINDS = {**PROCEDURES, CONTRACT: "物业服务合同"}
STATES = {"running": "办理中", "done": "已办结", "refused": "不予批准", "stopped": "已终止"}

STEPS = {
    "approve": "主管部门批准（核准）",
    "guide": "社区指导意见",
    "announce": "发布公告（需求）",
    "open": "开标",
    "score": "评标",
    "compare": "比选",
    "decide": "业主共同决定",
    "award": "定标（选定企业）",
    "result_notice": "公示结果",
    "file": "备案",
    "inspect": "现场查验",
    "notify": "书面通知整改",
    "reinspect": "组织复验",
    "conclude": "查验结论",
    "refuse": "拒绝接收",
    "rule": "裁定拒绝接收的理由",
    "agree": "签订交接验收协议",
    "publish": "公示查验情况",
    "report": "报送（备案）承接资料",
    "opinions": "各部门验收意见",
    "order_fix": "责令限期整改",
    "recheck": "整改复查",
    "penalise": "转立案处罚",
    "pass": "通过验收",
    "deliver": "可以交付",
    "transfer": "办理移交接收",
    "suggest": "建议解除合同",
    "order": "责令退出",
    "clear": "依法清出",
    "warn": "退出预警（申请）",
    "hand_over": "交接清单办结",
    "object": "拒绝交接",
    "confirm": "退出确认",
    "succeed": "选择接续方式",
    "entrust": "委托",
    "enter": "进场管理",
    "end": "期满交接",
    "sign": "签订合同",
    "begin": "进场服务",
}
# Taken when there is need, or with a contract; each of the others may be the next step of a procedure.
_NOT_IN_TURN = ("notify", "reinspect", "refuse", "rule", "recheck", "penalise", "suggest", "object", "sign", "begin")
IN_TURN = {code: title for code, title in STEPS.items() if code not in _NOT_IN_TURN}
# Steps whose opinion may be no: the procedure ends there.
OPINIONS = ("approve", "rule", "recheck")

# What a step may need beside its papers.
NEEDS = {
    "parties": "应到各方都已签字",
    "agreed": "各方都同意（符合）",
    "supervisors": "监督单位都已签字",
    "listed": "清单有内容",
    "groups": "每一类都有清单",
    "clean": "清单全部合格（签收、转责任人）",
    "marked": "清单逐项有结果",
    "settled": "没有留下不符的",
    "notified": "已书面通知整改",
    "channel": "填发布渠道",
    "reference": "填编号或媒介",
    "link": "填链接",
    "note": "填说明",
    "where": "填公示位置",
    "bids": "有企业报名",
    "scored": "评委对每家都评了分",
    "winner": "选定企业",
    "decision": "关联通过的业主决定",
    "takeover": "承接查验已完成",
    "choice": "选择一种方式",
    "reason": "填理由",
    "related": "填报有没有关联关系",
    "fix_over": "整改期限已过",
    "company": "指定企业",
}
CHANNELS = {"government": "政府公共资源交易平台", "other": "其他公开招投标"}
GROUNDS = {
    "expiry": "合同期满",
    "application": "企业申请退出",
    "early": "提前解除合同",
    "dismissed": "业主解聘",
    "ordered": "责令退出",
    "cleared": "依法清出",
}
REACHES = {"nowhere": "不用退出", "estate": "这个小区", "company": "这家企业在辖区服务的全部小区"}
SALES = {"presale": "预售", "spot": "现房销售"}
ASSETS = {"state": "国有资产", "owners": "全体业主共有", "other": "其他"}
CHOICES = {"retender": "重新招标（选聘）", "fallback": "国有（兜底）企业接管"}
REASONS = {
    "not_inspected": "没有查验",
    "defects": "查验不合格",
    "papers": "资料不全",
    "arrears": "业主欠费",
    "other": "其他理由",
}
# Nobody refuses to take over because owners owe, or to hand over because of an inspection.
REASONS_OF = {"refuse": ("not_inspected", "defects", "papers", "other"), "object": ("arrears", "other")}
ROLES_OF_PARTIES = {"party": "应签字", "supervisor": "监督"}
VERDICTS = {"": "没有出具", "fit": "符合（同意）", "unfit": "不符合（不同意）"}

ITEM_STATES = {
    "open": "没有查",
    "ok": "合格（已签收）",
    "defect": "不合格（没有交）",
    "fixed": "整改合格",
    "passed_on": "转责任人",
}
SETTLED = ("ok", "fixed", "passed_on")
DEFECTS = {"quantity": "数量不符", "papers": "图纸、资料不符", "quality": "质量不符", "rules": "未按图施工、条件不符"}

BID_STATES = {
    "invited": "已邀请",
    "entered": "已报名（投标）",
    "declined": "已谢绝",
    "won": "中标（选定）",
    "lost": "未中标",
}
JUDGES = {"tenderer": "招标人代表", "expert": "物业管理专家"}

CONTRACT_KINDS = {"preliminary": "前期物业服务合同", "service": "物业服务合同"}
CONTRACT_STATES = {"signed": "已签，没有生效", "in_force": "履行中", "over": "期满", "ended": "终止"}
FILINGS = {"none": "没有报备", "asked": "已报备，待审核", "returned": "退回补正", "filed": "已备案"}

REMARKS = {"opinion": "业主意见", "advice": "建设阶段建议", "help": "协助事项"}
STAGES = {"design": "设计", "construction": "施工", "household": "分户验收", "completion": "竣工验收"}
