"""What happens in accountability. Payloads hold what packs may test; reasons, records and names stay on the rows."""

from gongzhi.policy.vocabulary import BOOL, COUNT, DATE, LIST, MATTER, OPTIONAL, PERIOD, ROLE, TEXT, Enum, EventKind

_UNIT = {"lead": ROLE, "lead_level": OPTIONAL(TEXT), "lead_organisation": OPTIONAL(COUNT)}
_TASK = {"number": TEXT, "source": TEXT, **_UNIT}
_SHEET = {"kind": Enum({"order": "工作交办单", "circular": "督查通报"})}

EVENTS: tuple[EventKind, ...] = (
    EventKind(
        name="inspection.opened",
        title="督查",
        subject="inspection",
        fields={
            "inspected": OPTIONAL(ROLE),
            "within": OPTIONAL(PERIOD),
            "random": BOOL,
            "seed": OPTIONAL(TEXT),
            "drawn": OPTIONAL(LIST(TEXT)),
            "drawn_from": OPTIONAL(COUNT),
        },
    ),
    EventKind(
        name="inspection.noted", title="督查记录问题", subject="finding", fields={"matter": OPTIONAL(MATTER), **_UNIT}
    ),
    EventKind(
        name="inspection.finding_recorded",
        title="督查发现问题",
        subject="finding",
        fields={"within": PERIOD, "matter": OPTIONAL(MATTER), **_UNIT},
    ),
    EventKind(name="inspection.rectified", title="督查问题已整改", subject="finding", fields=_UNIT),
    EventKind(name="inspection.checked", title="督查复核", subject="finding", fields={**_UNIT, "passed": BOOL}),
    EventKind(name="inspection.closed", title="督查结束", subject="inspection", fields={"findings": COUNT}),
    EventKind(name="plan.published", title="下达年度计划", subject="plan", fields={"year": COUNT, "tasks": COUNT}),
    EventKind(name="task.given", title="交办", subject="work_task", fields={**_TASK, "due_on": DATE}),
    EventKind(name="task.signed_for", title="签收任务", subject="work_task", fields=_TASK),
    EventKind(name="task.feedback_given", title="反馈任务进展", subject="work_task", fields=_TASK),
    EventKind(name="task.visited", title="现场督办", subject="work_task", fields=_TASK),
    EventKind(name="task.reported_done", title="报结任务", subject="work_task", fields={**_TASK, "late": BOOL}),
    EventKind(name="task.verified", title="验收任务", subject="work_task", fields={**_TASK, "passed": BOOL}),
    EventKind(name="task.censure_ordered", title="逾期直接通报", subject="work_task", fields=_TASK),
    EventKind(name="censure.issued", title="通报", subject="work_task",
              fields={**_UNIT, "about": TEXT, "document": COUNT, "number": TEXT}),
    EventKind(name="sheet.drafted", title="起草", subject="sheet", fields={**_SHEET, "items": COUNT}),
    EventKind(name="sheet.signed", title="签发、会签", subject="sheet", fields={**_SHEET, "by": ROLE}),
    EventKind(name="sheet.sent", title="下发", subject="sheet", fields={**_SHEET, "items": COUNT, "number": TEXT}),
    EventKind(name="shirking.found", title="认定推诿", subject="task", fields=_UNIT),
    EventKind(name="talk.opened", title="发起约谈", subject="talk", fields={"by": OPTIONAL(ROLE), "lead": ROLE}),
    EventKind(name="talk.held", title="约谈", subject="talk", fields={"by": OPTIONAL(ROLE), "lead": ROLE}),
    EventKind(name="discipline.referred", title="问责建议移送", subject="referral", fields={"to": ROLE, "lead": ROLE}),
    EventKind(name="discipline.answered", title="问责建议反馈", subject="referral", fields={"state": TEXT}),
    EventKind(name="clue.recorded", title="登记工作人员问题线索", subject="clue", fields={"to": OPTIONAL(ROLE)}),
    EventKind(name="clue.transferred", title="移送问题线索", subject="clue", fields={"to": ROLE}),
    EventKind(name="clue.concluded", title="问题线索办结", subject="clue", fields={"result": TEXT}),
    EventKind(
        name="censure.reviewed", title="审核通报候选", subject="problem", fields={"lead": ROLE, "proposed": BOOL}
    ),
    EventKind(
        name="conflict.found_major",
        title="认定重大矛盾和事故",
        subject="major_conflict",
        fields={"lead": ROLE, "consequences": LIST(TEXT)},
    ),
    EventKind(name="board.printed", title="印制公示牌", subject="notice_board", fields={"lines": COUNT}),
    EventKind(name="board.posted", title="张贴公示牌", subject="notice_board", fields={"lines": COUNT}),
    EventKind(name="unit.number_changed", title="更改受理电话", subject="organisation", fields={"lead": ROLE}),
)  # fmt: skip
