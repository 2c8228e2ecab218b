"""What the contract between developer, owners and property company asks of a pack."""

from gongzhi.policy.vocabulary import AREA_M2, BOOL, COUNT, LIST, ROLE, Enum, Fact, Question, Record, RecordField

PROJECT_TYPES = {"residential": "住宅", "non_residential": "非住宅", "mixed": "住宅与非住宅混合"}
FEE_MODES = {"lump_sum": "包干制", "commission": "酬金制"}
METHODS = {"public": "公开招标", "invited": "邀请招标", "agreement": "协议方式"}

PROJECT_TYPE = Enum(PROJECT_TYPES)
FEE_MODE = Enum(FEE_MODES)
METHOD = Enum(METHODS)

QUESTIONS: tuple[Question, ...] = (
    Question(
        name="contracts.tender_methods",
        asks="建设单位选聘前期物业服务企业可以用哪些方式",
        facts=(
            Fact("project_type", PROJECT_TYPE, "项目类型"),
            Fact("fee_mode", FEE_MODE, "收费方式"),
            Fact("total_area_m2", AREA_M2, "总建筑面积"),
            Fact("residential_area_m2", AREA_M2, "住宅建筑面积"),
            Fact("non_residential_area_m2", AREA_M2, "非住宅建筑面积"),
            Fact("multi_storey_area_m2", AREA_M2, "多层住宅建筑面积"),
            Fact("high_rise_area_m2", AREA_M2, "高层住宅建筑面积"),
            Fact("bidders", COUNT, "投标人数"),
            Fact("small_scale", BOOL, "主管部门认定住宅规模较小"),
            Fact("approved", BOOL, "主管部门已批准协议选聘"),
        ),
        answer=Record(
            RecordField("methods", LIST(METHOD), "可用方式"),
            RecordField("on_approval", LIST(METHOD), "经批准后可用的方式", optional=True),
            RecordField("approval_by", ROLE, "批准单位", optional=True),
            RecordField("supervised_by", LIST(ROLE), "监督单位", optional=True),
            RecordField("counts_as", PROJECT_TYPE, "按哪类项目对待", optional=True),
        ),
        notes="开标前还没有投标人数时不给 bidders；规则只在给出后才用它。",
    ),
)
