"""The events of the registry. No Django."""

from gongzhi.policy.vocabulary import AREA_M2, BOOL, COUNT, DATE, LIST, OPTIONAL, ROLE, TEXT, Enum, EventKind
from gongzhi.registry.questions import CARE_ITEMS, FACILITY_KINDS, INSPECTION_RESULTS, MANAGEMENT_MODES


def _estate(kind: str, title: str, /, **fields: object) -> EventKind:
    return EventKind(kind, title, fields, subject="estate")


EVENTS: tuple[EventKind, ...] = (
    _estate("estate.registered", "登记小区", estate_type=TEXT, level=OPTIONAL(TEXT), facts=LIST(TEXT)),
    _estate("estate.fact_recorded", "记录小区情况", name=TEXT, value=OPTIONAL(TEXT), from_on=DATE),
    _estate("estate.changed", "更改小区档案", fields=LIST(TEXT), was=LIST(TEXT), now=LIST(TEXT)),
    _estate("estate.merged", "并入物业管理区域", into=TEXT, estates=LIST(TEXT), buildings=COUNT, from_on=DATE),
    _estate("estate.enlarged", "并入其他小区", into=TEXT, estates=LIST(TEXT), buildings=COUNT, from_on=DATE),
    _estate("estate.split", "拆分物业管理区域", new=TEXT, buildings=LIST(TEXT), from_on=DATE),
    _estate("estate.moved", "划转社区", was=TEXT, now=TEXT, was_path=TEXT, from_on=DATE, reason=TEXT),
    _estate("estate.paper_filed", "存入物业资料", item=TEXT),
    _estate("estate.rows_imported", "导入底数", added=COUNT, changed=COUNT, rows=TEXT),
    _estate("review.asked", "提出核办", kind=TEXT, lead=ROLE, review=TEXT),
    _estate("review.answered", "答复核办", kind=TEXT, lead=ROLE, result=TEXT, review=TEXT, choice=OPTIONAL(TEXT)),
    EventKind(
        "facility.registered",
        "登记设施设备",
        {"kind": Enum(FACILITY_KINDS), "code": OPTIONAL(TEXT), "valid_until": OPTIONAL(DATE)},
        subject="facility",
    ),
    EventKind(
        "facility.inspected",
        "检查设施设备",
        {
            "kind": Enum(FACILITY_KINDS),
            "item": OPTIONAL(Enum(CARE_ITEMS)),
            "inspected_on": OPTIONAL(DATE),
            "result": Enum(INSPECTION_RESULTS),
            "valid_until": OPTIONAL(DATE),
            "by": OPTIONAL(ROLE),
        },
        subject="facility",
    ),
    EventKind(
        "facility.changed",
        "更改设施设备",
        {"kind": Enum(FACILITY_KINDS), "was": LIST(TEXT), "now": LIST(TEXT)},
        subject="facility",
    ),
    EventKind(
        "facility.expired",
        "设施检验过期",
        {"kind": Enum(FACILITY_KINDS), "code": OPTIONAL(TEXT), "valid_until": DATE},
        subject="facility",
    ),
    EventKind(
        "facility.suspended", "停止使用设施设备", {"kind": Enum(FACILITY_KINDS), "reason": TEXT}, subject="facility"
    ),
    EventKind("facility.resumed", "恢复使用设施设备", {"kind": Enum(FACILITY_KINDS)}, subject="facility"),
    EventKind(
        "archive.items_set",
        "改物业资料目录",
        {"items": LIST(TEXT), "was": LIST(TEXT), "from_on": DATE},
        subject="place",
    ),
    _estate("building.changed", "更改楼幢", building=TEXT, was=LIST(TEXT), now=LIST(TEXT)),
    _estate("project.terms_changed", "更改服务标准和收费", company=TEXT, was=LIST(TEXT), now=LIST(TEXT)),
    EventKind("facility.ended", "停用设施设备", {"kind": Enum(FACILITY_KINDS), "to_on": DATE}, subject="facility"),
    _estate("estate.management_set", "登记管理方式", mode=Enum(MANAGEMENT_MODES), body=OPTIONAL(TEXT), from_on=DATE),
    EventKind("unit.registered", "登记房屋", {"area_m2": AREA_M2, "source": TEXT}, subject="unit"),
    EventKind(
        "unit.area_corrected",
        "更正房屋面积",
        {"was_m2": AREA_M2, "area_m2": AREA_M2, "source": TEXT, "from_on": OPTIONAL(DATE)},
        subject="unit",
    ),
    EventKind(
        "unit.entrance_changed",
        "更正房屋单元",
        {"was": OPTIONAL(COUNT), "entrance": OPTIONAL(COUNT)},
        subject="unit",
    ),
    EventKind(
        "unit.fact_recorded",
        "记录房屋情况",
        {"name": TEXT, "value": OPTIONAL(TEXT), "from_on": DATE},
        subject="unit",
    ),
    EventKind(
        "unit.transferred",
        "房屋转让",
        {"from_on": DATE, "owners": COUNT, "joint": BOOL, "was_owned": BOOL},
        subject="unit",
    ),
    EventKind(
        "organisation.registered",
        "登记物业服务企业",
        {"name": TEXT, "credit_code": OPTIONAL(TEXT)},
        subject="organisation",
    ),
    EventKind(
        "organisation.fact_recorded",
        "记录单位情况",
        {"name": TEXT, "value": OPTIONAL(TEXT), "from_on": DATE},
        subject="organisation",
    ),
    EventKind(
        "organisation.listing_decided",
        "决定黑名单",
        {"listed": BOOL, "was_listed": BOOL, "until": OPTIONAL(DATE), "reason": TEXT},
        subject="organisation",
    ),
    EventKind(
        "organisation.merged",
        "企业兼并重组",
        {"into": TEXT, "way": TEXT, "from_on": DATE, "projects": COUNT},
        subject="organisation",
    ),
    EventKind("staff.joined", "从业人员到岗", {"position": TEXT, "from_on": DATE}, subject="organisation"),
    EventKind("staff.left", "从业人员离岗", {"position": TEXT, "to_on": DATE}, subject="organisation"),
    _estate("project.begun", "开始物业服务", from_on=DATE, company=TEXT),
    _estate("project.ended", "结束物业服务", to_on=DATE, company=TEXT),
    _estate("project.manager_changed", "更换项目负责人", from_on=DATE, company=TEXT),
    EventKind(
        "registry.imported",
        "批量导入底数",
        {"file": TEXT, "added": COUNT, "changed": COUNT, "unchanged": COUNT, "gone": COUNT, "skipped": COUNT},
        subject="registry_import",
    ),
)
