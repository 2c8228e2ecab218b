"""What happens on patrol, to findings and in the registers. No names and no words of what was written. No Django."""

from gongzhi.patrols.words import GRADES, SIDES, SOURCES
from gongzhi.policy.vocabulary import BOOL, COUNT, DATE, LIST, MATTER, OPTIONAL, ROLE, TEXT, Enum, EventKind, Type

_ROUND: dict[str, Type] = {
    "estate": TEXT,
    "sheet": TEXT,
    "plan": OPTIONAL(TEXT),
    "kind": OPTIONAL(TEXT),
    "by": ROLE,
    "units": LIST(ROLE),
    "findings": COUNT,
    "offline": BOOL,
}
_FINDING: dict[str, Type] = {
    "estate": TEXT,
    "source": Enum(SOURCES),
    "sheet": OPTIONAL(TEXT),
    "kind": TEXT,
    "grade": Enum(GRADES),
    "side": OPTIONAL(Enum(SIDES)),
    "by": ROLE,
    "lead": OPTIONAL(ROLE),
    "rechecked_by": OPTIONAL(ROLE),
    "due_on": OPTIONAL(DATE),
    "repeated": BOOL,
}
_ENTRY: dict[str, Type] = {
    "register": TEXT,
    "estate": OPTIONAL(TEXT),
    "stage": OPTIONAL(TEXT),
    "by": ROLE,
    "due_on": OPTIONAL(DATE),
    "findings": COUNT,
}


def _finding(name: str, title: str, /, **fields: Type) -> EventKind:
    return EventKind(f"finding.{name}", title, {**_FINDING, **fields}, subject="patrol_finding")


EVENTS: tuple[EventKind, ...] = (
    EventKind("patrol.done", "完成巡查", _ROUND, subject="patrol_round"),
    EventKind(
        "patrol.corrected",
        "更正巡查记录",
        {"estate": TEXT, "sheet": TEXT, "by": ROLE, "items": COUNT, "findings": COUNT},
        subject="patrol_round",
    ),
    EventKind(
        "patrol.voided",
        "作废巡查记录",
        {"estate": TEXT, "sheet": TEXT, "by": ROLE, "findings": COUNT},
        subject="patrol_round",
        undoes="patrol.done",
    ),
    EventKind(
        "patrol.route_set", "设置巡查路线", {"estate": TEXT, "by": ROLE, "points": COUNT}, subject="patrol_route"
    ),
    EventKind("patrol.route_ended", "停用巡查路线", {"estate": TEXT, "by": ROLE}, subject="patrol_route"),
    EventKind("patrol.signed_in", "点位签到", {"estate": TEXT, "by": ROLE, "offline": BOOL}, subject="patrol_route"),
    _finding("made", "发现问题", matter=OPTIONAL(MATTER), eased=BOOL),
    _finding("assigned", "明确责任单位和整改时限"),
    _finding("rectified", "报送整改", in_time=BOOL),
    _finding("passed", "复查通过销号", in_time=BOOL),
    _finding("failed", "复查未通过"),
    _finding("escalated", "问题升级", to=ROLE),
    _finding("handed_on", "问题转为案件", matter=MATTER),
    _finding("noticed", "出具整改通知书", document=TEXT),
    _finding("published", "公开问题和整改"),
    _finding("voided", "作废问题"),
    EventKind("register.entered", "登记入册", _ENTRY, subject="register_entry"),
    EventKind("register.changed", "修改登记", _ENTRY, subject="register_entry"),
    EventKind("register.staged", "登记事项办理", {**_ENTRY, "was": OPTIONAL(TEXT)}, subject="register_entry"),
    EventKind("register.ended", "注销登记", _ENTRY, subject="register_entry"),
)
