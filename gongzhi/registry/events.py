"""The events of the registry. No Django."""

from gongzhi.policy.vocabulary import DATE, LIST, OPTIONAL, TEXT, EventKind

EVENTS: tuple[EventKind, ...] = (
    EventKind(
        "estate.registered",
        "登记小区",
        {"estate_type": TEXT, "level": OPTIONAL(TEXT), "facts": LIST(TEXT)},
        subject="estate",
    ),
    EventKind(
        "estate.fact_recorded",
        "记录小区情况",
        {"name": TEXT, "value": OPTIONAL(TEXT), "from_on": DATE},
        subject="estate",
    ),
    EventKind(
        "organisation.fact_recorded",
        "记录单位情况",
        {"name": TEXT, "value": OPTIONAL(TEXT), "from_on": DATE},
        subject="organisation",
    ),
    EventKind("project.begun", "开始物业服务", {"from_on": DATE, "company": TEXT}, subject="estate"),
    EventKind("project.ended", "结束物业服务", {"to_on": DATE, "company": TEXT}, subject="estate"),
)
