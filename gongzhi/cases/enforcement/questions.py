"""What law enforcement in estates asks of a pack. No Django."""

from gongzhi.cases.enforcement.words import CATEGORIES, ERAS, LAW_FIELDS, OPERATIONS, PREMISES, PREMISES_ANSWERS, STAGES
from gongzhi.cases.enforcement.words import STATIONS as STATION_KINDS
from gongzhi.policy.vocabulary import BOOL, COUNT, DATE, LIST, MATTER, PERIOD, ROLE, Enum, Fact, Question, Record
from gongzhi.policy.vocabulary import RecordField as Field

_MATTER = Fact("matter", MATTER, "事项")

QUESTIONS: tuple[Question, ...] = (
    Question(
        "enforcement.reporting",
        "劝阻过的事可不可以上报、报给谁、要告诉哪几级",
        (
            _MATTER,
            Fact("effective", BOOL, "劝阻有效"),
            Fact("by", ROLE, "登记单位的职责"),
            Fact("extent", Enum(STAGES), "到什么程度"),
        ),
        Record(
            Field("may", BOOL, "可以上报"),
            Field("to", LIST(ROLE), "办理的单位（没有写的，按分工表的主办和属地）", optional=True),
            Field("levels", LIST(ROLE), "要告诉的各级", optional=True),
            Field("lead_too", BOOL, "还要告诉主办的部门", optional=True),
            Field("within", PERIOD, "制止以后多久以内上报", optional=True),
            Field("notice_first", BOOL, "上报时要有劝阻告知书", optional=True),
            Field("with_notice", BOOL, "出具劝阻告知书时一并上报", optional=True),
        ),
        default={"may": True},
    ),
    Question(
        "enforcement.clue",
        "登记劝阻、上报的时间和内容是否合规",
        (
            _MATTER,
            Fact("violation", BOOL, "违法行为"),
            Fact("law_field", Enum(LAW_FIELDS), "违反哪方面的规定"),
            Fact("stopped_at", BOOL, "填了劝阻时间、方式"),
            Fact("effective", BOOL, "劝阻有效"),
            Fact("minutes", COUNT, "劝阻到上报的分钟数"),
            Fact("extent", Enum(STAGES), "到什么程度"),
        ),
        BOOL,
        kind="check",
    ),
    Question(
        "enforcement.operation",
        "这种行动由谁牵头、谁配合",
        (Fact("kind", Enum(OPERATIONS), "种类"),),
        Record(
            Field("leads", LIST(ROLE), "牵头单位"),
            Field("support", LIST(ROLE), "配合单位", optional=True),
            Field("openers", LIST(ROLE), "谁可以发起（没有写的，牵头单位）", optional=True),
            Field("topics", LIST(MATTER), "查处的事项", optional=True),
            Field("items_needed", BOOL, "要把事项分派到单位", optional=True),
            Field("every", PERIOD, "多久一次", optional=True),
        ),
        default={"leads": []},
    ),
    Question(
        "enforcement.stations",
        "执法站点、防控队伍由谁设立",
        (Fact("kind", Enum(STATION_KINDS), "种类"),),
        Record(
            Field("hosts", LIST(ROLE), "设立单位"),
            Field("covers", BOOL, "每个小区都要有站点负责", optional=True),
            Field("watched_by", ROLE, "谁督促没有设立的", optional=True),
        ),
        default={"hosts": []},
    ),
    Question(
        "enforcement.liaisons",
        "每个小区要有哪些部门的联络人，部门要不要按月到场",
        (),
        Record(
            Field("roles", LIST(ROLE), "要有联络人的部门"),
            Field("monthly", BOOL, "按自然月看有没有到场", optional=True),
        ),
        default={"roles": []},
    ),
    Question(
        "enforcement.topics",
        "哪几类执法难题要按小区统计",
        (),
        LIST(MATTER),
        default=[],
    ),
    Question(
        "enforcement.structures",
        "违建怎样分新增和存量，由谁牵头拆除",
        (),
        Record(
            Field("new_from", DATE, "从哪一天起算新增", optional=True),
            Field("leads", LIST(ROLE), "牵头拆除的单位"),
        ),
        default={"leads": []},
    ),
    Question(
        "enforcement.structure",
        "违建台账的登记是否齐全",
        (
            Fact("era", Enum(ERAS), "类别"),
            Fact("area_given", BOOL, "填了面积"),
            Fact("before_given", BOOL, "有拆前照片"),
            Fact("after_given", BOOL, "有拆后照片"),
            Fact("removed", BOOL, "已拆除"),
        ),
        BOOL,
        kind="check",
    ),
    Question(
        "enforcement.company",
        "这件是不是企业违规，按类别怎样处理",
        (_MATTER, Fact("category", Enum(CATEGORIES), "类别")),
        Record(
            Field("about_company", BOOL, "记入企业档案"),
            Field("categories", LIST(Enum(CATEGORIES)), "要选的类别", optional=True),
            Field("penal", BOOL, "可以处罚", optional=True),
        ),
        default={"about_company": False},
    ),
    Question(
        "enforcement.company_listing",
        "企业案件有了结果，要不要提请列入黑名单、由谁决定",
        (Fact("penalised", BOOL, "有处罚决定"), Fact("category", Enum(CATEGORIES), "类别")),
        Record(Field("by", ROLE, "由谁决定", optional=True)),
        default={},
        notes="没有规定的不提请。",
    ),
    Question(
        "enforcement.premises",
        "这处房屋可不可以登记为经营场所",
        (
            Fact("premises", Enum(PREMISES), "房屋种类"),
            Fact("approved", BOOL, "有规划批准"),
            Fact("relaxed", BOOL, "符合放宽条件"),
            Fact("paper", BOOL, "上传了依据"),
        ),
        Enum(PREMISES_ANSWERS),
        notes="没有规定的地方不核对。",
    ),
    Question(
        "enforcement.rentals",
        "出租房由谁申报、谁查看、谁认定违规",
        (),
        Record(
            Field("told_by", LIST(ROLE), "申报人"),
            Field("readers", LIST(ROLE), "查看台账"),
            Field("finds", LIST(ROLE), "认定违规"),
            Field("matter", MATTER, "违规出租按哪个事项查处", optional=True),
        ),
        default={"told_by": [], "readers": [], "finds": []},
    ),
    Question(
        "enforcement.board",
        "小区公示牌除了电话还要写什么",
        (),
        Record(
            Field("duties", BOOL, "各部门的执法职责"),
            Field("station", BOOL, "执法站点", optional=True),
            Field("officers", BOOL, "执法联络人", optional=True),
        ),
        default={"duties": False},
    ),
)
