"""What forming, filing and supervising bodies asks of a pack. No Django."""

from gongzhi.governance.bodies.words import (
    ATTRIBUTES,
    BODY_KINDS,
    CONVENERS,
    LEVELS,
    MEETING_REASONS,
    PETITION_KINDS,
    POWERS,
    SIDES,
    SOURCES,
    STEPS,
    STEWARD_PER,
    TRIGGERS,
)
from gongzhi.policy.vocabulary import (
    AREA_M2,
    BOOL,
    COUNT,
    LIST,
    PERIOD,
    RATIO,
    ROLE,
    TEXT,
    Act,
    Enum,
    Fact,
    Question,
    Record,
)
from gongzhi.policy.vocabulary import RecordField as Field

BODY_KIND = Enum(BODY_KINDS)
SIDE = Enum(SIDES)
ATTRIBUTE = Enum(ATTRIBUTES)
PETITION_RESULT = Enum({"met": "联名成立", "not_met": "联名不成立"})

_KIND = Fact("kind", BODY_KIND, "组织类别")

# Who sits in a body that day: what its composition is judged by. Substitutes do not count; shares are exact.
COMPOSITION: tuple[Fact, ...] = (
    _KIND,
    Fact("trigger", Enum(TRIGGERS), "组建情形"),
    Fact("first_term", BOOL, "是否新组建（第一届）"),
    Fact("members", COUNT, "成员人数"),
    Fact("odd", BOOL, "人数是否单数"),
    Fact("owners", COUNT, "业主代表人数"),
    Fact("owner_share", RATIO, "业主代表占比"),
    Fact("party_members", COUNT, "党员人数"),
    Fact("party_share", RATIO, "党员占比"),
    Fact("previous_party_share", RATIO, "上一届党员占比"),
    Fact("party_share_falls", BOOL, "党员占比是否低于上一届"),
    Fact("encouraged", COUNT, "本地倡导的几类身份人数"),
    Fact("encouraged_share", RATIO, "本地倡导的几类身份占比"),
    Fact("sides", LIST(SIDE), "已有代表的各方"),
    Fact("absent_sides", LIST(SIDE), "登记为不存在的各方"),
    Fact("sides_complete", BOOL, "组成检查是否没有提示"),
    Fact("heads", COUNT, "主任（组长）人数"),
    Fact("deputies", COUNT, "副主任（副组长）人数"),
    Fact("full_time", COUNT, "专职（常驻）人数"),
    Fact("head_side", SIDE, "主任（牵头方）代表"),
    Fact("head_title_fits", BOOL, "主任（组长）职务是否相符"),
    Fact("deputy_titles_fit", BOOL, "副主任（副组长）职务是否配齐相符"),
    Fact("units_missing", COUNT, "缺少的成员单位数"),
    Fact("members_from_party", COUNT, "由党组织推荐的业主代表人数"),
    Fact("choosing_failed", BOOL, "业主推选未达成共同意见"),
    Fact("chosen_without_record", COUNT, "没有推选记录的业主代表人数"),
    Fact("has_company", BOOL, "小区是否有物业服务"),
    Fact("has_owners_committee", BOOL, "小区是否有业主委员会"),
)

# An act that windows may freeze for some of its matters: `where` tests the facts of the question of that name.
ACTS: tuple[Act, ...] = (Act("governance.convene_vote", "就某事项召集业主表决"),)

QUESTIONS: tuple[Question, ...] = (
    Question("governance.composition", "组织的组成是否合规", COMPOSITION, BOOL, kind="check"),
    Question(
        "governance.filing",
        "组织可否备案",
        (
            *COMPOSITION,
            Fact("explanation", BOOL, "是否已填说明"),
            Fact("party_group", Enum("established", "not_established", "not_qualified"), "党组织情况"),
            Fact("party_group_dated", BOOL, "是否填了党组织建立日期"),
            Fact("papers_missing", COUNT, "缺少的材料数"),
        ),
        BOOL,
        kind="check",
    ),
    Question(
        "governance.candidate",
        "人选是否符合条件",
        (
            _KIND,
            Fact("is_owner", BOOL, "是否本小区业主"),
            Fact("lives_in_building", BOOL, "是否本楼幢业主"),
            Fact("in_arrears", BOOL, "催告期满仍欠物业费"),
            Fact("violation_unsettled", BOOL, "有未整改的违规记录"),
            Fact("tied_to_company", BOOL, "本人、配偶或直系亲属在物业企业任职"),
            Fact("put_on_list", BOOL, "违反负面清单"),
            Fact("source", Enum(SOURCES), "产生方式"),
            Fact("recommended_by_given", BOOL, "是否有推荐人"),
            Fact("statement_given", BOOL, "是否填写了情况"),
            Fact("attributes", LIST(ATTRIBUTE), "身份"),
        ),
        BOOL,
        kind="check",
    ),
    Question(
        "governance.formation_start",
        "可否启动组建",
        (
            _KIND,
            Fact("trigger", Enum(TRIGGERS), "组建情形"),
            Fact("guided", BOOL, "是否有镇街指导记录"),
            Fact("reason_given", BOOL, "是否填写原因"),
            Fact("committee_in_office", BOOL, "业主委员会是否在任"),
            Fact("committee_unable", BOOL, "业主委员会是否被认定不能正常开展工作"),
            Fact("management_in_office", BOOL, "物业管理委员会是否在任"),
            Fact("conditions_met", BOOL, "是否符合成立条件"),
            Fact("started_by", ROLE, "由谁启动"),
        ),
        BOOL,
        kind="check",
    ),
    Question(
        "governance.body_clocks",
        "组建、任期和监督有哪些默认期限",
        (),
        Record(
            Field("no_application", PERIOD, "符合条件而无人申请，多久后由镇街组建", optional=True),
            Field("term_notice", PERIOD, "任期届满前多久提醒", optional=True),
            Field("term", PERIOD, "任期", optional=True),
            Field("candidate_notice", PERIOD, "候选人公示期", optional=True),
            Field("reply", PERIOD, "督促回复期限", optional=True),
            Field("correction", PERIOD, "改正期限", optional=True),
            Field("urge", PERIOD, "催告期限", optional=True),
        ),
        default={},
    ),
    Question(
        "governance.acting_body",
        "小区的职责由谁办理",
        (
            Fact("power", Enum(POWERS), "哪一项职责"),
            Fact("has_owners_committee", BOOL, "业主委员会是否在任"),
            Fact("has_management_committee", BOOL, "物业管理委员会是否在任"),
        ),
        Record(
            Field("by", ROLE, "由谁办理", optional=True),
            Field("owners_vote", BOOL, "是否须业主共同决定", optional=True),
        ),
        default={"by": "owners_committee", "owners_vote": True},
    ),
    Question(
        "governance.seats",
        "组织要设哪些席位",
        (_KIND, Fact("level", Enum(LEVELS), "层级")),
        Record(
            Field("head", TEXT, "组长（主任）职务", optional=True),
            Field("deputies", LIST(TEXT), "副组长（副主任）职务", optional=True),
            Field("units", LIST(TEXT), "成员单位", optional=True),
            Field("each_street", BOOL, "每个镇街各一席", optional=True),
            Field("deputy_each_street", BOOL, "每个镇街各一名副职", optional=True),
            Field("unit_title", TEXT, "成员职务", optional=True),
            Field("approval", BOOL, "成员调整是否须批准", optional=True),
            Field("head_fixed_to", TEXT, "主任须由哪个单位的负责人担任", optional=True),
        ),
        default={},
    ),
    Question("governance.encouraged", "倡导哪几类人士参加", (_KIND,), LIST(ATTRIBUTE), default=[]),
    Question(
        "governance.guidance",
        "组建的各环节须由谁指导",
        (_KIND,),
        Record(
            Field("steps", LIST(Enum(STEPS)), "须有指导的环节"),
            Field("by", LIST(ROLE), "指导单位"),
            Field("blocking", BOOL, "没有指导能否进入下一步（是：不能）"),
            Field("people", BOOL, "投票前须指定指导人和监督人", optional=True),
            Field("review", BOOL, "人选须经审核", optional=True),
            Field("publication", BOOL, "候选人须公示", optional=True),
        ),
        default={"steps": [], "by": [], "blocking": False, "review": True, "publication": True},
    ),
    Question(
        "governance.filing_desk",
        "备案报给谁、抄送谁、要哪些材料",
        (_KIND,),
        Record(
            Field("desk", ROLE, "备案单位"),
            Field("copy_to", LIST(ROLE), "抄送单位", optional=True),
            Field("papers", LIST(TEXT), "材料", optional=True),
            Field("takes_over", Enum("formed", "filed"), "物管会的代行何时终止", optional=True),
        ),
        default={"desk": "street_office", "copy_to": [], "papers": []},
    ),
    Question(
        "governance.handover",
        "新老组织移交哪些东西、哪几方签字",
        (_KIND,),
        Record(
            Field("items", LIST(TEXT), "移交清单"),
            Field("parties", LIST(ROLE), "新老双方以外的签字单位", optional=True),
        ),
        default={"items": ["印章", "账簿和凭证", "档案资料", "资金和账户", "其他资产"], "parties": []},
    ),
    Question(
        "governance.petition_result",
        "业主联名是否成立",
        (
            Fact("purpose", Enum(PETITION_KINDS), "请求"),
            Fact("total_area_m2", AREA_M2, "专有部分总面积"),
            Fact("total_heads", COUNT, "业主总人数"),
            Fact("signed_area_m2", AREA_M2, "联名业主的专有部分面积"),
            Fact("signed_heads", COUNT, "联名业主人数"),
        ),
        PETITION_RESULT,
    ),
    Question(
        "governance.convene_vote",
        "可否召集业主就某事项表决",
        (
            Fact("matter", TEXT, "表决事项"),
            Fact("convener", Enum(CONVENERS), "召集人"),
        ),
        BOOL,
        kind="check",
    ),
    Question(
        "governance.change_convener",
        "可否改由他人召集业主大会",
        (
            Fact("reason", Enum(MEETING_REASONS), "缘由"),
            Fact("urged", BOOL, "是否已书面催告"),
            Fact("overdue", BOOL, "是否超过应召开的期限"),
        ),
        BOOL,
        kind="check",
    ),
    Question(
        "governance.body_coverage",
        "组建率怎样算",
        (),
        Record(
            Field("counted", LIST(BODY_KIND), "计入已组建的组织"),
            Field("only_qualified", BOOL, "分母只算符合成立条件的小区", optional=True),
            Field("target", RATIO, "目标", optional=True),
            Field("unable_counts", BOOL, "不能正常开展工作的是否计入", optional=True),
        ),
        default={"counted": ["owners_committee", "management_committee"], "only_qualified": False},
    ),
    Question(
        "governance.correction",
        "违法决定怎样责令改正或撤销",
        (),
        Record(
            Field("consult", ROLE, "须会同的单位", optional=True),
            Field("notify_owners", BOOL, "是否通告全体业主", optional=True),
        ),
        default={"notify_owners": True},
    ),
    Question(
        "governance.stewards",
        "楼幢长怎样设",
        (),
        Record(
            Field("per", Enum(STEWARD_PER), "按幢还是按单元", optional=True),
            Field("priority", LIST(ATTRIBUTE), "优先推选", optional=True),
        ),
        default={},
    ),
    Question(
        "governance.assessment",
        "业委会由谁初评、定评，新成立多久起考评",
        (),
        Record(
            Field("first", BOOL, "是否由社区初评", optional=True),
            Field("yearly", BOOL, "是否每年考评", optional=True),
            Field("spared", PERIOD, "成立多久以内当年不考评", optional=True),
        ),
        default={},
    ),
    Question(
        "governance.due_bodies",
        "哪些小区应建这种组织",
        (
            _KIND,
            Fact("has_company", BOOL, "小区是否有物业服务"),
            Fact("has_owners_committee", BOOL, "小区是否有业主委员会"),
            Fact("has_management_committee", BOOL, "小区是否有物业管理委员会"),
            Fact("conditions_met", BOOL, "是否符合成立条件"),
        ),
        BOOL,
        default=False,
    ),
)
