"""What the complaint asks of a pack: who receives, who leads, by when, and which records are complete."""

from gongzhi.cases.codes import (
    APPROVALS,
    ARCHIVE_ITEMS,
    CHANNELS,
    DUTY_PAGES,
    FOLLOWERS,
    FROM_LEVELS,
    GRADES,
    NATURES,
    NOISE_SOURCES,
    OUTCOMES,
    PAPERS,
    STEPS,
)
from gongzhi.cases.enforcement.questions import QUESTIONS as ENFORCEMENT
from gongzhi.cases.enforcement.words import STAGES
from gongzhi.cases.matters import MATTERS
from gongzhi.policy.vocabulary import (
    BOOL,
    COUNT,
    LIST,
    MATTER,
    MONEY_FEN,
    PERIOD,
    RATIO,
    ROLE,
    TEXT,
    Act,
    Enum,
    Fact,
    Question,
    Record,
    RecordField,
)
from gongzhi.registry.questions import ESTATE_TYPES, FACILITY_KINDS, LEAD_REASONS

CHANNEL = Enum(CHANNELS)
NATURE = Enum(NATURES)
STEP = Enum(STEPS)

_MATTER = Fact("matter", MATTER, "事项")
_NATURE = Fact("nature", NATURE, "类别")
_CHANNEL = Fact("channel", CHANNEL, "来源")
_BUILT_UP = Fact("in_built_up_area", BOOL, "小区在建成区内")
_FROM_LEVEL = Fact(
    "from_level",
    Enum(FROM_LEVELS),
    "反映到的层级",
)
_LEAD = Fact("lead", ROLE, "主办单位的职责")
_EXTENT = Fact("extent", Enum(STAGES), "到什么程度")
_REPORTED_BY = Fact("reported_by", ROLE, "上报线索的单位")
_DEVELOPER = Fact("developer", TEXT, "开发建设单位")
_BARRED = Fact("in_barred_place", BOOL, "开在法规条款禁止的场所里")
_PREMISES = Fact("premises_kind", TEXT, "禁止场所的类型")
# How heavy a dispute is; how many households it concerns is not how many the estate has.
_WEIGHT = (
    Fact("complex", BOOL, "疑难复杂"),
    Fact("grade", Enum(GRADES), "等级"),
    Fact("affected_households", COUNT, "涉及户数"),
    Fact("amount", MONEY_FEN, "涉及金额"),
    Fact("petition", BOOL, "群体上访"),
)

ACTS: tuple[Act, ...] = (
    Act("case.reopen", "要求重新办理"),
    Act("case.rate", "评价"),
    Act("case.return", "退回"),
    Act("case.edit", "修改受理内容"),
)

QUESTIONS: tuple[Question, ...] = (
    Question(
        name="cases.route",
        asks="这件投诉由谁主办、谁协办、还要走哪些步骤",
        facts=(
            _MATTER,
            _NATURE,
            _BUILT_UP,
            Fact("within_warranty", BOOL, "在质保期内"),
            Fact("company_at_fault", BOOL, "涉及物业服务企业违规"),
            Fact("estate_type", Enum(ESTATE_TYPES), "小区类型"),
            Fact("has_property_company", BOOL, "有物业服务企业"),
            Fact("has_owners_committee", BOOL, "有业主委员会"),
            _FROM_LEVEL,
            *_WEIGHT,
            Fact("noise_source", Enum(NOISE_SOURCES), "噪声来源"),
            Fact("greening_handed_over", BOOL, "围墙外绿地已登记移交"),
            _DEVELOPER,
            _BARRED,
            _PREMISES,
            Fact("unrest", BOOL, "引发社会不稳定"),
            Fact("suspected_crime", BOOL, "涉嫌犯罪"),
            _EXTENT,
            Fact("stop_failed", BOOL, "现场制止无效"),
        ),
        answer=Record(
            RecordField("lead", ROLE, "主办", optional=True),
            RecordField("support", LIST(ROLE), "协办", optional=True),
            RecordField("watch", LIST(ROLE), "只读知悉", optional=True),
            RecordField("tell", LIST(ROLE), "通知", optional=True),
            RecordField("nature", NATURE, "类别", optional=True),
            RecordField("transfer_to", ROLE, "处罚权划转后移交", optional=True),
            RecordField("may_transfer_to", ROLE, "可以自行查处，也可以移交", optional=True),
            RecordField("finding_by", ROLE, "认定单位", optional=True),
            RecordField("steps", LIST(STEP), "必经步骤", optional=True),
            RecordField("judge_first", BOOL, "先判定归谁办，登记后停在待派", optional=True),
        ),
        notes="主办缺省表示无主事项，登记为职责待定。",
    ),
    Question("cases.intake_desk", "这类来源的投诉先进谁的待派", (_CHANNEL,), ROLE),
    Question("cases.dispatchers", "谁可以派单、吹哨", (_NATURE, _MATTER, _CHANNEL), LIST(ROLE)),
    Question(
        "cases.answer_deadline", "多长时间内答复投诉人", (_CHANNEL, _NATURE, _MATTER, _REPORTED_BY, _EXTENT), PERIOD
    ),
    Question("cases.transfer_deadline", "处罚权已划转的案件多长时间内移交", (_MATTER, _LEAD), PERIOD),
    Question(
        name="cases.mediation_level",
        asks="纠纷由哪一级调解",
        facts=(
            _MATTER,
            Fact("failed_at", Enum({"community": "社区", "street": "镇街", "county": "区县"}), "已在这一级调解不成"),
            *_WEIGHT,
        ),
        answer=ROLE,
    ),
    Question(
        "cases.hands_out_itself", "登记以后是否不经派单直接交给主办单位", (_CHANNEL, _NATURE, _MATTER, _LEAD), BOOL
    ),
    Question(
        "cases.report_weight_within",
        "发现纠纷加重，多长时间内报送",
        (Fact("grade", Enum(GRADES), "等级"),),
        PERIOD,
        notes="没有规定的不算迟报。",
    ),
    Question("cases.judges_validity", "投诉要不要先认定是否有效", (_CHANNEL,), BOOL),
    Question("cases.merges_repeats", "同一人就同一事项再次投诉是否自动并件", (_CHANNEL, _MATTER), BOOL),
    Question(
        name="cases.follow_up",
        asks="答复以后由谁回访、由谁办结，回访没有解决的是否重新办理",
        facts=(_CHANNEL, _NATURE, _MATTER),
        answer=Record(
            RecordField("call_back_by", Enum(FOLLOWERS), "回访"),
            RecordField("close_by", Enum(FOLLOWERS), "办结"),
            RecordField("reopens", BOOL, "未解决的重新办理"),
        ),
    ),
    Question(
        name="cases.lead_from_facility",
        asks="设施检验过期、违规使用，是否自动生成线索，按哪个事项",
        facts=(Fact("kind", Enum(FACILITY_KINDS), "设施种类"), Fact("reason", Enum(LEAD_REASONS), "缘由")),
        answer=Record(RecordField("matter", MATTER, "事项", optional=True)),
        default={},
    ),
    Question(
        name="cases.company_file",
        asks="什么要记入物业服务企业的档案",
        facts=(
            Fact("happened", Enum({"opened": "投诉登记", "closed": "投诉办结", "censured": "发出通报"}), "发生了什么"),
            _MATTER,
            _NATURE,
            Fact("outcome", Enum(OUTCOMES), "办理结果"),
        ),
        answer=BOOL,
        default=False,
        notes="没有规定的不记。",
    ),
    Question(
        name="cases.repeat_listing",
        asks="同一小区同一事项多久以内几次投诉没有解决，提请列入黑名单",
        facts=(_MATTER,),
        answer=Record(
            RecordField("cases", COUNT, "件数", optional=True),
            RecordField("within", PERIOD, "期间", optional=True),
            RecordField("leads", LIST(ROLE), "只算由谁主办的", optional=True),
            RecordField("alike", BOOL, "内容也要相近", optional=True),
            RecordField("by", ROLE, "由谁决定", optional=True),
        ),
        default={},
        notes="没有规定的不提请。",
    ),
    Question("cases.supervised", "是否列入督办", (_FROM_LEVEL, Fact("valid", BOOL, "有效投诉")), BOOL),
    Question(
        name="cases.duty_list",
        asks="文件给这个单位列了哪些职责",
        facts=(Fact("role", ROLE, "单位的职责"),),
        answer=Record(
            RecordField("duties", LIST(TEXT), "职责", optional=True),
            RecordField("relations", LIST(TEXT), "要协调的关系", optional=True),
        ),
        default={},
    ),
    Question(
        name="cases.duty_page",
        asks="文件列的这项职责在平台哪里办",
        facts=(Fact("task", TEXT, "职责"),),
        answer=Enum(DUTY_PAGES),
        default="tasks",
    ),
    Question(
        name="cases.task_division",
        asks="这项任务由谁牵头、谁负责",
        facts=(Fact("task", TEXT, "任务"),),
        answer=Record(
            RecordField("lead", LIST(ROLE), "牵头单位", optional=True),
            RecordField("duty", LIST(ROLE), "责任单位", optional=True),
            RecordField("theirs_alone", BOOL, "不在别的单位职责内", optional=True),
        ),
    ),
    Question(
        name="cases.sheet_signatures",
        asks="交办单、督查通报要谁签了才能下发",
        facts=(Fact("kind", Enum({"order": "工作交办单", "circular": "督查通报"}), "种类"),),
        answer=Record(
            RecordField("all_of", LIST(ROLE), "都要签的"),
            RecordField("one_of", LIST(ROLE), "签一个就行的", optional=True),
        ),
    ),
    Question(
        name="cases.direct_censure",
        asks="任务逾期能不能不经抄告、督办直接通报",
        facts=(
            Fact(
                "source",
                Enum(
                    {
                        "plan": "年度计划",
                        "hand": "直接交办",
                        "monthly": "月调度",
                        "order": "工作交办单",
                        "circular": "督查通报",
                    }
                ),
                "来源",
            ),
        ),
        answer=BOOL,
    ),
    Question(
        name="cases.board_numbers",
        asks="小区公示牌上要有谁的受理电话",
        facts=(),
        answer=Record(
            RecordField("departments", LIST(ROLE), "执法部门"),
            RecordField("street", ROLE, "镇街"),
            RecordField("community", ROLE, "社区"),
        ),
    ),
    Question("cases.superior", "本级办不了的报给上一级的谁", (Fact("role", ROLE, "上报人的职责"), _NATURE), ROLE),
    Question("cases.dispute_after_returns", "退回几次算职责不清", (_CHANNEL,), COUNT),
    Question("cases.designation_counts", "指定承办单位的时间是否计入答复期限", (_CHANNEL, _NATURE), BOOL, default=True),
    Question(
        "cases.answer_after_transfer",
        "案件移交后由谁答复投诉人",
        (_MATTER, _LEAD),
        Enum({"receiver": "接收部门", "sender": "移出部门"}),
        default="receiver",
    ),
    Question("cases.designating_body", "职责不清时由谁指定", (_CHANNEL, _NATURE), LIST(ROLE)),
    Question(
        name="cases.hotspot",
        asks="多少天内同一小区同类事项达到几件算热点",
        facts=(),
        answer=Record(RecordField("cases", COUNT, "件数"), RecordField("within", PERIOD, "期间")),
    ),
    Question("cases.marked_decline", "投诉件数同比下降几成算显著下降", (), RATIO),
    Question("cases.duplicate_window", "多长时间内的同类投诉提示为可能重复", (_MATTER,), PERIOD),
    Question("cases.required_steps", "办结前必须有哪些步骤", (_MATTER, _NATURE, _LEAD, _BUILT_UP, _EXTENT), LIST(STEP)),
    Question(
        name="cases.approval",
        asks="延期、挂起、作废可不可以批，由谁批",
        facts=(Fact("act", Enum(APPROVALS), "申请办的事"), _MATTER, _LEAD),
        answer=Record(
            RecordField("allowed", BOOL, "可以批"),
            RecordField("by", LIST(ROLE), "批准人", optional=True),
            RecordField("at_most", COUNT, "最多次数", optional=True),
            RecordField("within", PERIOD, "每次最长", optional=True),
        ),
    ),
    Question(
        "cases.must_report_up",
        "来访问题是否必须上报上级并签收",
        (_CHANNEL, Fact("tags", LIST(TEXT), "标签"), Fact("tagged", BOOL, "标了重要、突出或典型")),
        BOOL,
    ),
    Question(
        name="cases.register",
        asks="登记的内容是否齐全",
        facts=(
            _CHANNEL,
            Fact("caller_name", TEXT, "姓名"),
            Fact("caller_phone", TEXT, "联系电话"),
            Fact("caller_address", TEXT, "单位或联系地址"),
            Fact("called_at", TEXT, "来电、来访时间"),
            Fact("reason", TEXT, "事由"),
            Fact("anonymous", BOOL, "匿名"),
            Fact("anonymous_reason", TEXT, "匿名原因"),
            Fact("visitors", COUNT, "来访人数"),
            Fact("signed_register", BOOL, "来访登记表已签字"),
            Fact("answered_on_spot", TEXT, "当场答复内容"),
            Fact("visitor_confirmed", BOOL, "来访人已确认当场办结"),
            Fact("tagged", BOOL, "标了重要、突出或典型"),
            Fact("estate", TEXT, "小区"),
            Fact("location", TEXT, "具体地点"),
            Fact("matters", COUNT, "事项个数"),
        ),
        answer=BOOL,
        kind="check",
    ),
    Question(
        name="cases.matter",
        asks="登记的事项还要先说明什么",
        facts=(_CHANNEL, _MATTER, _DEVELOPER, _BARRED, _PREMISES),
        answer=BOOL,
        kind="check",
        notes="由人填表登记的，没有说明的不能提交；热线转来的先收下，补充以后再派。",
    ),
    Question(
        name="cases.close",
        asks="是否可以办结",
        facts=(
            _CHANNEL,
            _MATTER,
            _NATURE,
            _LEAD,
            _BUILT_UP,
            Fact("verified", BOOL, "有现场核实记录"),
            Fact("contacted", BOOL, "已告知投诉人办理期限"),
            Fact("reachable", BOOL, "投诉人可以联系"),
            Fact("on_spot", BOOL, "当场答复"),
            Fact("handled", BOOL, "有办理结果"),
            Fact("outcome", Enum(OUTCOMES), "办理结果"),
            Fact("answered", BOOL, "已答复投诉人"),
            Fact("finding_recorded", BOOL, "有认定意见"),
            Fact("penalty_number", TEXT, "处罚决定文号"),
            Fact("intervened", BOOL, "有前期介入记录"),
            Fact("report_signed", BOOL, "上报已签收"),
            Fact("must_report_up", BOOL, "须上报"),
            Fact("called_back", BOOL, "已回访"),
            Fact("silent_helpers", COUNT, "召集后还没有反馈的部门个数"),
        ),
        answer=BOOL,
        kind="check",
    ),
    Question(
        name="cases.continue",
        asks="超过期限的案件能不能继续办",
        facts=(
            _CHANNEL,
            Fact("overdue", BOOL, "已超期未答复"),
            Fact("explained", BOOL, "已说明情况"),
        ),
        answer=BOOL,
        kind="check",
    ),
    Question(
        name="cases.archive",
        asks="案卷材料是否齐全",
        facts=(
            *(Fact(code, Enum({"files": "有", "none": "无"}), title) for code, title in ARCHIVE_ITEMS.items()),
            Fact("closed", BOOL, "已办结"),
            _MATTER,
            Fact("called_back", BOOL, "已回访"),
        ),
        answer=BOOL,
        kind="check",
    ),
    Question(
        name="cases.transfer_papers",
        asks="移交材料是否齐全",
        facts=tuple(Fact(code, BOOL, title) for code, title in PAPERS.items()),
        answer=BOOL,
        kind="check",
    ),
    Question(
        name="cases.problem",
        asks="企业问题登记是否齐全",
        facts=(
            Fact("source", Enum({"patrol": "自查", "complaint": "业主投诉"}), "来源"),
            Fact("found_at", TEXT, "时间"),
            Fact("spot", TEXT, "地点"),
            Fact("text", TEXT, "内容"),
            Fact("reporter", TEXT, "报告人"),
            Fact("violation", BOOL, "违反条例的行为"),
            Fact("stopped_at", TEXT, "制止时间"),
            Fact("stopped_how", TEXT, "制止方式"),
        ),
        answer=BOOL,
        kind="check",
    ),
    *ENFORCEMENT,
)

__all__ = ["MATTERS", "QUESTIONS"]
