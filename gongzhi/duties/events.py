"""What happens to a duty. Payloads hold what a pack may test; reasons and evidence stay on the row."""

from gongzhi.policy.vocabulary import BOOL, COUNT, DATE, LIST, MOMENT, OPTIONAL, PERIOD, ROLE, TEXT, EventKind

_DUE = OPTIONAL(MOMENT)

# What every event of a duty carries, so that a pack can tell duties apart without reading the row.
_COMMON = {
    "rule": TEXT,
    "owner": ROLE,
    "owner_level": OPTIONAL(TEXT),
    "owner_organisation": OPTIONAL(COUNT),
    "about": TEXT,
}

EVENTS = (
    EventKind(
        "duty.opened",
        "职责产生",
        {
            **_COMMON,
            "title": TEXT,
            "due_at": _DUE,
            "last_day": OPTIONAL(DATE),
            "provisional": BOOL,
            "clauses": LIST(TEXT),
        },
        subject="duty",
    ),
    EventKind("duty.reminded", "到期前提醒", {**_COMMON, "due_at": _DUE}, subject="duty"),
    EventKind("duty.overdue", "逾期", {**_COMMON, "due_at": _DUE}, subject="duty"),
    EventKind(
        "duty.climbed",
        "升级督促",
        {
            **_COMMON,
            "step": TEXT,
            "instrument": OPTIONAL(TEXT),
            "document": OPTIONAL(COUNT),
            "number": OPTIONAL(TEXT),
            "due_at": _DUE,
        },
        subject="duty",
    ),
    EventKind(
        "duty.fulfilled",
        "办结",
        {**_COMMON, "late": BOOL, "silent": BOOL, "manual": BOOL},
        subject="duty",
    ),
    EventKind("duty.reopened", "办结后重新打开", {**_COMMON, "due_at": _DUE}, subject="duty"),
    EventKind("duty.voided", "职责撤销", {**_COMMON}, subject="duty"),
    EventKind("duty.moved", "职责转由他人承担", {**_COMMON, "organisation": COUNT}, subject="duty"),
    EventKind(
        "duty.handed_out", "分派到人", {**_COMMON, "organisation": COUNT, "to_user": OPTIONAL(COUNT)}, subject="duty"
    ),
    EventKind("duty.handed_over", "离任移交", {**_COMMON, "post": COUNT, "to_user": OPTIONAL(COUNT)}, subject="duty"),
    EventKind("duty.prompted", "催办", {**_COMMON, "due_at": _DUE}, subject="duty"),
    EventKind("duty.extension_asked", "申请延期", {**_COMMON, "due_at": _DUE}, subject="duty"),
    EventKind("duty.extension_refused", "不同意延期", {**_COMMON, "due_at": _DUE}, subject="duty"),
    EventKind(
        "duty.extended", "同意延期", {**_COMMON, "was_due_at": _DUE, "due_at": _DUE, "approver": ROLE}, subject="duty"
    ),
    EventKind("duty.excused", "免责", {**_COMMON, "approver": ROLE}, subject="duty"),
    EventKind("duty.suspended", "中止计时", {**_COMMON, "due_at": _DUE}, subject="duty"),
    EventKind("duty.resumed", "恢复计时", {**_COMMON, "due_at": _DUE}, subject="duty"),
    EventKind(
        "duty.recomputed", "期限按公布的日历重算", {**_COMMON, "was_due_at": _DUE, "due_at": _DUE}, subject="duty"
    ),
    EventKind("duty.period_missed", "周期内次数不足", {**_COMMON, "due_at": _DUE}, subject="duty"),
    EventKind(
        "duty.task_assigned",
        "交办任务",
        {
            "title": TEXT,
            "owner": ROLE,
            "owner_level": TEXT,
            "owner_organisation": COUNT,
            "by": ROLE,
            "due_on": DATE,
            "within": PERIOD,
            "clauses": LIST(TEXT),
            "about": TEXT,
        },
        subject="task",
    ),
    EventKind(
        "duty.needs_person",
        "需要人工处理",
        {**_COMMON, "pack": TEXT, "fault": TEXT, "failed": TEXT},
        subject="duty",
    ),
)
