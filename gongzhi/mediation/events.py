"""What happens to a mediation. No names and nothing of what was said. No Django."""

from gongzhi.mediation.words import (
    ASSIST_KINDS,
    CONFIRMATIONS,
    GRADES,
    GUIDANCE_KINDS,
    LEVELS,
    MEDIATION_KINDS,
    MOVES,
    OUTCOMES,
    PERFORMED,
    SOURCES,
    TRIBUNALS,
)
from gongzhi.policy.vocabulary import BOOL, COUNT, DATE, MATTER, OPTIONAL, ROLE, TEXT, Enum, EventKind, Type

_FILE: dict[str, Type] = {
    "estate": TEXT,
    "matter": MATTER,
    "source": Enum(SOURCES),
    "level": Enum(LEVELS),
    "lead": ROLE,
    "kind": Enum(MEDIATION_KINDS),
    "grade": OPTIONAL(Enum(GRADES)),
    "origin": OPTIONAL(TEXT),
}


def _of(name: str, title: str, /, **fields: Type) -> EventKind:
    return EventKind(f"mediation.{name}", title, {**_FILE, **fields}, subject="mediation")


EVENTS: tuple[EventKind, ...] = (
    _of("applied", "申请调解"),
    _of("unrest_told", "上报群体性苗头"),
    _of("consented", "当事人同意调解"),
    _of("accepted", "受理调解", due_on=OPTIONAL(DATE)),
    _of("extension_agreed", "当事人同意延长调解"),
    _of("extended", "各方同意延长调解", due_on=DATE, was_due_on=OPTIONAL(DATE)),
    _of("declined", "不受理调解", outcome=Enum(OUTCOMES)),
    _of("appointed", "指定调解员"),
    _of("session_held", "进行调解"),
    _of("weighed", "认定纠纷轻重", late=BOOL, **{"from": ROLE}),
    _of("moved", "移转调解", way=Enum(MOVES), **{"from": ROLE}),
    _of("agreed", "达成调解协议", confirm_by=OPTIONAL(DATE)),
    _of("signed", "当事人签收协议"),
    _of("failed", "调解未达成"),
    _of("withdrawn", "当事人终止调解"),
    _of("visited", "回访", performed=Enum(PERFORMED)),
    _of("confirmation_noted", "登记司法确认", state=Enum(CONFIRMATIONS), late=BOOL),
    _of("court_noted", "登记转诉讼", tribunal=Enum(TRIBUNALS), judged=BOOL),
    _of("help_asked", "请求协助", assist=Enum(ASSIST_KINDS), by=ROLE),
    _of("help_given", "登记协助意见", assist=Enum(ASSIST_KINDS), by=ROLE),
    _of("put_to_conference", "提请联席会议"),
    _of("measure_set", "登记处置措施"),
    _of("raised", "上报上级会议", to=ROLE),
    _of("concluded", "登记会议结论", by=ROLE),
    _of("closed", "调解归档", outcome=Enum(OUTCOMES)),
    EventKind("mediator.registered", "登记调解员", {"full_time": BOOL, "level": Enum(LEVELS)}, subject="body"),
    EventKind("mediator.trained", "登记调解员培训", {"on": DATE}, subject="body"),
    EventKind("mediator.left", "调解员离任", {"on": DATE}, subject="body"),
    EventKind(
        "mediation.guided", "登记调解指导", {"guidance": Enum(GUIDANCE_KINDS), "by": ROLE, "on": DATE}, subject="place"
    ),
    EventKind("conference.held", "召开联席会议", {"on": DATE, "by": ROLE, "listed": COUNT}, subject="place"),
    EventKind(
        "circuit.planned", "安排巡回审理", {"on": DATE, "estate": TEXT, "tribunal": Enum(TRIBUNALS)}, subject="estate"
    ),
)
