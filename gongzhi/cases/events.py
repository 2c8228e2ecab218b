"""What happens to a complaint. Payloads hold what packs may test, and no personal data."""

from collections.abc import Mapping

from gongzhi.cases.accountability.events import EVENTS as ACCOUNTABILITY
from gongzhi.cases.codes import (
    APPROVALS,
    CHANNELS,
    GRADES,
    INTERVENTIONS,
    MEDIATION_KINDS,
    MEDIATION_RESULTS,
    NATURES,
    OUTCOMES,
    STEPS,
    TRIBUNALS,
)
from gongzhi.cases.enforcement.events import EVENTS as ENFORCEMENT
from gongzhi.cases.enforcement.words import SIGNINGS, STAGES
from gongzhi.policy.vocabulary import (
    BOOL,
    COUNT,
    DATE,
    LIST,
    MATTER,
    MOMENT,
    OPTIONAL,
    PERIOD,
    ROLE,
    TEXT,
    Enum,
    EventKind,
    Type,
)

CHANNEL = Enum(CHANNELS)
NATURE = Enum(NATURES)

# What every event of a case carries, so that a duty can find its owner and its clock in any of them.
_CASE: Mapping[str, Type] = {
    "number": TEXT,
    "channel": CHANNEL,
    "matter": MATTER,
    "nature": NATURE,
    "received_at": MOMENT,
    "lead": OPTIONAL(ROLE),
    "lead_level": OPTIONAL(TEXT),
    "lead_organisation": OPTIONAL(COUNT),
    "support": OPTIONAL(LIST(ROLE)),
    "desk": OPTIONAL(ROLE),
    "must_report_up": OPTIONAL(BOOL),
    "urgent": OPTIONAL(BOOL),
    "in_built_up_area": OPTIONAL(BOOL),
    "on_spot": OPTIONAL(BOOL),
    "tagged": OPTIONAL(BOOL),
    "anonymous": OPTIONAL(BOOL),
    "steward_submitted": OPTIONAL(BOOL),
    "supervised": OPTIONAL(BOOL),
    "reported_by": OPTIONAL(ROLE),
    "extent": OPTIONAL(Enum(STAGES)),
}
_ASSIGNED: Mapping[str, Type] = {
    "lead_since": OPTIONAL(MOMENT),
    "by": OPTIONAL(ROLE),
    "transfer_to": OPTIONAL(ROLE),
    "finding_by": OPTIONAL(ROLE),
    "finding_required": BOOL,
    "within": OPTIONAL(PERIOD),
    "steps": OPTIONAL(LIST(Enum(STEPS))),
    "called": OPTIONAL(LIST(ROLE)),
}


def _case(name: str, title: str, **fields: Type) -> EventKind:
    return EventKind(name=f"case.{name}", title=title, subject="case", fields={**_CASE, **fields})


_INTAKE = (
    EventKind(
        name="complaint.identity_erased",
        title="按期删除投诉人信息",
        subject="complaint",
        fields={"kept_days": COUNT, "cases": COUNT},
    ),
    EventKind(
        name="complaint.received",
        title="收到投诉",
        subject="complaint",
        fields={
            "number": TEXT,
            "channel": CHANNEL,
            "matters": LIST(MATTER),
            "anonymous": BOOL,
            "steward_submitted": BOOL,
            "received_at": MOMENT,
            "visitors": OPTIONAL(COUNT),
            "tagged": BOOL,
        },
    ),
    _case("opened", "案件登记", complaint=TEXT, company_knew=BOOL),
    _case("fact_asked", "请求补充派单所缺的事实", needs=LIST(TEXT)),
    _case("found_valid", "认定是否有效投诉", valid=BOOL),
    _case("pending_duty", "没有主管部门，列为职责待定"),
    _case("merged", "并件", into=TEXT),
    _case("split", "拆分事项", source=TEXT),
)
_ROUTING = (
    _case("assigned", "派单", **_ASSIGNED),
    _case("whistled", "吹哨", **_ASSIGNED),
    _case("claimed", "部门主动介入", **_ASSIGNED),
    _case("reported_in", "部门报到签收"),
    _case("returned", "退回", by=OPTIONAL(ROLE), should_be=ROLE, returns=COUNT),
    _case("dispute_raised", "职责待定", returns=COUNT, body=OPTIONAL(ROLE)),
    _case(
        "designated",
        "指定承办单位",
        by=OPTIONAL(ROLE),
        by_leader=BOOL,
        **{k: v for k, v in _ASSIGNED.items() if k != "by"},
    ),
    _case("transferred", "移交", **{"from": OPTIONAL(ROLE)}, document=OPTIONAL(TEXT)),
    _case("handed_up", "调解不成，上交上一级", **{"from": OPTIONAL(ROLE)}),
    _case("moved", "随小区划转", was_organisation=OPTIONAL(COUNT)),
    _case("rerouted", "改事项重新派单", **{"from": MATTER}),
)
_HANDLING = (
    _case("verified", "现场核实"),
    _case("responded", "首次回应投诉人"),
    _case("contacted", "告知投诉人办理期限", promised_on=DATE),
    _case("progress_noted", "办理记录", by=OPTIONAL(ROLE)),
    _case("intervened", "介入和执法记录", kind=Enum(INTERVENTIONS)),
    _case("finding_requested", "商请认定", finding_by=OPTIONAL(ROLE)),
    _case("finding_recorded", "出具认定意见", finding_by=OPTIONAL(ROLE), result=Enum("lawful", "unlawful")),
    _case("filed", "立案"),
    _case("penalty_extended", "批准延长办案期限", was_due_at=MOMENT),
    _case("penalty_recorded", "填写处罚决定文号"),
    _case("stopped_on_site", "现场制止", method=TEXT, effective=BOOL),
    _case("handled", "办理完毕", outcome=Enum(OUTCOMES)),
    _case("explained", "逾期说明情况"),
    _case("mediated", "登记调解", kind=Enum(MEDIATION_KINDS), result=Enum(MEDIATION_RESULTS)),
    _case("court_recorded", "登记诉讼", tribunal=Enum(TRIBUNALS), judged=BOOL),
    _case("weighed", "认定纠纷轻重", grade=Enum(GRADES), late=BOOL, **{"from": OPTIONAL(ROLE)}),
    _case("police_requested", "请求公安支援", police=ROLE),
    _case("police_arrived", "公安到场"),
    _case("eased", "矛盾化解记录", by=OPTIONAL(ROLE)),
    _case("urged", "监督单位督办", by=OPTIONAL(ROLE)),
    _case("unit_asked", "转请专营单位办理", unit=ROLE),
)
_UPWARD = (
    _case("reported_up", "上报上一级", to=ROLE, by=OPTIONAL(ROLE), by_level=TEXT),
    _case("report_signed", "上级签收", by=OPTIONAL(ROLE), to=ROLE),
    _case("shirking_found", "认定推诿"),
)
_ASKED = Enum(APPROVALS)
_APPROVALS = (
    _case("extension_asked", "申请延期", days=COUNT),
    _case("extended", "批准延期", **{"for": PERIOD, "by": OPTIONAL(ROLE)}),
    _case("suspension_asked", "申请挂起"),
    _case("suspended", "批准挂起", by=OPTIONAL(ROLE)),
    _case("resumed", "恢复办理"),
    _case("void_asked", "申请作废"),
    _case("voided", "批准作废", by=OPTIONAL(ROLE)),
    _case("approval_refused", "不予批准", act=_ASKED, by=OPTIONAL(ROLE)),
)
_CLOSING = (
    _case("answered", "答复投诉人", final=BOOL, on_time=BOOL),
    _case("called_back", "回访", result=Enum("satisfied", "unsatisfied", "unreachable")),
    _case("rated", "评价", stars=COUNT),
    _case("reopened", "重新办理", after_answer=BOOL),
    _case("closed", "办结", outcome=OPTIONAL(Enum(OUTCOMES)), on_time=BOOL, late_explained=BOOL),
    _case("archived", "归档"),
)
_PROBLEMS = tuple(
    EventKind(
        name=f"problem.{name}",
        title=title,
        subject="problem",
        fields={
            "number": TEXT,
            "source": Enum("patrol", "complaint"),
            "matter": OPTIONAL(MATTER),
            "violation": BOOL,
            "by": OPTIONAL(ROLE),
            "found_at": MOMENT,
            "keeper": OPTIONAL(ROLE),
            "keeper_organisation": OPTIONAL(COUNT),
            "extent": OPTIONAL(Enum(STAGES)),
            "stopped_at": OPTIONAL(MOMENT),
            **extra,
        },
    )
    for name, title, extra in (
        ("registered", "登记问题", {"stopped": BOOL}),
        ("stopped", "现场劝阻、制止", {"method": TEXT, "effective": BOOL}),
        ("solved", "问题已处理", {}),
        (
            "reported_up",
            "问题上报",
            {"to": ROLE, "reason": Enum("stop_ineffective", "cannot_handle"), "case": OPTIONAL(TEXT)},
        ),
        ("noticed", "出具劝阻告知书", {"document": TEXT}),
        ("notice_served", "送达劝阻告知书", {"document": TEXT, "signing": Enum(SIGNINGS)}),
        ("told_beside", "告诉另一级", {"to": ROLE}),
        ("fed_back", "收到办理反馈", {"case": TEXT}),
        ("eased", "化解矛盾", {}),
        ("complained_of", "业主就同一问题投诉", {"late": BOOL}),
        ("voided", "问题登记作废", {}),
    )
)

_CHANGES = LIST(TEXT)
_HOTLINE = (
    _case("hotline_deadline_set", "热线期限", due_on=DATE),
    EventKind(
        name="hotline.source_set",
        title="设定热线来源",
        subject="hotline_source",
        fields={"columns": LIST(TEXT), "matter_words": COUNT, "estate_words": COUNT, "posts_answers": BOOL},
    ),
    EventKind(
        name="hotline.file_checked",
        title="试导热线工单",
        subject="hotline_run",
        fields={"file": TEXT, "new": COUNT, "changed": COUNT, "unchanged": COUNT, "faulty": COUNT},
    ),
    EventKind(
        name="hotline.file_imported",
        title="导入热线工单",
        subject="hotline_run",
        fields={"file": TEXT, "new": COUNT, "changed": COUNT, "unchanged": COUNT, "faulty": COUNT},
    ),
    EventKind(
        name="hotline.ticket_changed",
        title="热线工单有更新",
        subject="complaint",
        fields={"number": TEXT, "changed": _CHANGES, "kept": _CHANGES},
    ),
    EventKind(
        name="hotline.answer_resent",
        title="重发热线答复",
        subject="hotline_source",
        fields={"messages": COUNT},
    ),
)
_CHECK_SOURCES = {"patrol": "日常巡查", "complaint": "受理投诉", "other": "其他途径"}
_CHECKS = (
    EventKind(
        name="check.recorded",
        title="监督检查",
        subject="check",
        fields={
            "number": TEXT,
            "source": Enum(_CHECK_SOURCES),
            "by": OPTIONAL(ROLE),
            "matter": OPTIONAL(MATTER),
            "violation": BOOL,
            "linked": BOOL,
        },
    ),
    EventKind(
        name="check.voided",
        title="作废检查单",
        subject="check",
        fields={"number": TEXT, "source": Enum(_CHECK_SOURCES), "by": OPTIONAL(ROLE)},
    ),
)

EVENTS: tuple[EventKind, ...] = (
    *_INTAKE,
    *_ROUTING,
    *_HANDLING,
    *_UPWARD,
    *_APPROVALS,
    *_CLOSING,
    *_PROBLEMS,
    *_CHECKS,
    *_HOTLINE,
    *ACCOUNTABILITY,
    *ENFORCEMENT,
)
