"""What patrols and findings ask of a pack. Who patrols how often stands in its section `patrols`, what is asked on a
round or kept in a book in `registers`. No Django."""

from gongzhi.patrols.words import GRADES, SIDES, SOURCES
from gongzhi.policy.vocabulary import BOOL, LIST, MATTER, PERIOD, ROLE, TEXT, Enum, Fact, Question, Record
from gongzhi.policy.vocabulary import RecordField as Field

_OF_FINDING: tuple[Fact, ...] = (
    Fact("source", Enum(SOURCES), "来源"),
    Fact("by", ROLE, "由谁发现"),
    Fact("sheet", TEXT, "巡查表或登记簿"),
    Fact("kind", TEXT, "类别"),
    Fact("grade", Enum(GRADES), "等级"),
    Fact("side", Enum(SIDES), "问题主体"),
    Fact("in_contract", BOOL, "属于物业服务合同范围"),
    Fact("in_warranty", BOOL, "在保修期内"),
)

QUESTIONS: tuple[Question, ...] = (
    Question(
        "patrols.finding",
        "可否登记这条问题",
        (
            *_OF_FINDING,
            Fact("located", BOOL, "写明了位置"),
            Fact("unit_named", BOOL, "写明了责任单位"),
            Fact("photo", BOOL, "有照片"),
            Fact("in_contract_told", BOOL, "说明了是否属于合同范围"),
        ),
        BOOL,
        kind="check",
    ),
    Question(
        "patrols.handling",
        "问题由谁整改，多久整改，谁复查，超期报给谁",
        _OF_FINDING,
        Record(
            Field("responsible", ROLE, "责任单位", optional=True),
            Field("within", PERIOD, "整改期限", optional=True),
            Field("rechecked_by", ROLE, "复查单位（没有写的由发现单位复查）", optional=True),
            Field("escalates_to", ROLE, "超期升级到", optional=True),
            Field("photo", BOOL, "整改要有照片", optional=True),
            Field("recheck_photo", BOOL, "销号要有复查照片", optional=True),
            Field("tells", LIST(ROLE), "即时通知", optional=True),
            Field("matter", MATTER, "另建案件的事项", optional=True),
        ),
        default={"photo": True},
    ),
    Question(
        "patrols.kinds",
        "隐患、问题分哪几类",
        (Fact("by", ROLE, "由谁登记"),),
        LIST(TEXT),
        default=["环境卫生", "设施设备", "消防安全", "治安秩序", "房屋安全", "其他"],
    ),
    Question("patrols.repeat", "同一小区同一处同类问题多久以内算重复发生", (), PERIOD, default="180d"),
    Question(
        "patrols.warranty",
        "这一类部位保修几年",
        (Fact("kind", TEXT, "类别"),),
        Record(Field("lasts", PERIOD, "保修期", optional=True)),
        default={},
    ),
)
