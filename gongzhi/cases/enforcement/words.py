"""The words of law enforcement in estates. Which departments come, who leads, what is public, packs say. No Django."""

LAW_FIELDS: dict[str, str] = {
    "security": "治安",
    "fire": "消防",
    "market": "市场监管",
    "planning": "规划",
    "city": "城管",
    "environment": "环保",
    "civil_defence": "人防",
    "health": "公共卫生",
    "animals": "动物管理",
    "decoration": "装饰装修和使用",
}
STAGES: dict[str, str] = {"initial": "初期（正在建、刚发生）", "built": "已经建成、已经形成"}
INITIAL = "initial"
SIGNINGS: dict[str, str] = {"signed": "当事人签收", "refused": "拒绝签收", "absent": "无人在场，张贴留置"}
CATEGORIES: dict[str, str] = {"irregular": "违规经营", "breach": "合同违约", "unlawful": "违反法律法规"}

OPERATIONS: dict[str, str] = {
    "joint": "联合执法",
    "check": "专项执法检查",
    "campaign": "专项整治",
    "conference": "联席会议",
}
OPERATION_STATES: dict[str, str] = {"planned": "已安排", "held": "已开展", "archived": "已归档", "off": "已取消"}
OPERATION_OVER = ("archived", "off")
PARTS: dict[str, str] = {"main": "主办", "lead": "牵头", "support": "配合"}
PUNISHED: dict[str, str] = {"units": "单位", "households": "家庭", "persons": "个人"}

STATIONS: dict[str, str] = {"station": "联合执法工作站点", "team": "违建防控队伍"}
ERAS: dict[str, str] = {"new": "新增", "stock": "存量"}
ENTRY_KINDS: dict[str, str] = {"clue": "处理线索", "operation": "联合执法", "visit": "巡查走访"}

PREMISES: dict[str, str] = {"residence": "住宅", "garage": "车库", "auxiliary": "其他附属设施"}
PREMISES_ANSWERS: dict[str, str] = {"allowed": "可以登记", "refused": "依法不予核准登记"}
RENT_FINDINGS: dict[str, str] = {"lawful": "没有违规", "unlawful": "违规出租"}

EVIDENCE_LOG, DEMO_LOG = "zhengju", "zhengju-shifan"
NOTICE = "dissuasion_notice"
