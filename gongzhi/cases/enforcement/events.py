"""What happens in the enforcement of law in estates. No names of persons. No Django."""

from gongzhi.cases.enforcement.words import (
    CATEGORIES,
    ENTRY_KINDS,
    ERAS,
    OPERATIONS,
    PARTS,
    PREMISES_ANSWERS,
    RENT_FINDINGS,
    STATIONS,
)
from gongzhi.policy.vocabulary import BOOL, COUNT, DATE, LIST, MATTER, OPTIONAL, ROLE, TEXT, Enum, EventKind

_OPERATION = {
    "number": TEXT,
    "kind": Enum(OPERATIONS),
    "lead": OPTIONAL(ROLE),
    "lead_organisation": OPTIONAL(COUNT),
    "topics": LIST(MATTER),
    "planned_on": DATE,
}
_TO = {"to": ROLE, "to_organisation": COUNT, "unit": TEXT}
_EVIDENCE = {"number": TEXT, "subject": TEXT, "by": OPTIONAL(ROLE)}
_ABOUT = {"matter": MATTER, "category": OPTIONAL(Enum(CATEGORIES)), "lead": OPTIONAL(ROLE)}

EVENTS: tuple[EventKind, ...] = (
    EventKind("evidence.taken_in", "收存证据", {**_EVIDENCE, "sha256": TEXT}, subject="evidence"),
    EventKind("evidence.handed_over", "移交证据", {**_EVIDENCE, "to": ROLE, "to_organisation": COUNT},
              subject="evidence"),
    EventKind("evidence.signed_for", "签收证据", _EVIDENCE, subject="evidence"),
    EventKind("evidence.exported", "导出证据包", {"subject": TEXT, "files": COUNT, "by": OPTIONAL(ROLE)},
              subject="case"),
    EventKind("operation.planned", "安排联合行动", {**_OPERATION, "missing": LIST(ROLE)},
              subject="operation"),
    EventKind("operation.unit_told", "通知参加联合行动",
              {**_OPERATION, **_TO, "part": Enum(PARTS)}, subject="operation"),
    EventKind("operation.item_given", "分派联合行动的任务",
              {**_OPERATION, **_TO, "task": TEXT, "matter": OPTIONAL(MATTER)}, subject="operation"),
    EventKind("operation.result_told", "填报联合行动结果",
              {**_OPERATION, "unit": TEXT, "task": OPTIONAL(TEXT), "by": OPTIONAL(ROLE)}, subject="operation"),
    EventKind("operation.held", "开展联合行动",
              {**_OPERATION, "on": DATE, "estates": COUNT, "units": COUNT, "households": COUNT, "persons": COUNT},
              subject="operation"),
    EventKind("operation.archived", "联合行动归档", _OPERATION, subject="operation"),
    EventKind("operation.called_off", "取消联合行动", {**_OPERATION, "reason": TEXT}, subject="operation"),
    EventKind("operation.part_ended", "不再参加联合行动", {**_OPERATION, "unit": TEXT, "task": OPTIONAL(TEXT)},
              subject="operation"),
    EventKind("station.set_up", "设立执法站点、队伍", {"kind": Enum(STATIONS), "host": ROLE, "estates": COUNT},
              subject="station"),
    EventKind("station.changed", "变更执法站点、队伍", {"kind": Enum(STATIONS), "host": ROLE, "estates": COUNT},
              subject="station"),
    EventKind("station.closed", "撤销执法站点、队伍", {"kind": Enum(STATIONS), "host": ROLE}, subject="station"),
    EventKind("officer.named", "登记执法联络人", {"unit": ROLE, "from_on": DATE}, subject="officer"),
    EventKind("officer.left", "执法联络人离任", {"unit": ROLE, "on": DATE}, subject="officer"),
    EventKind("estate.entered", "部门进小区", {"unit": ROLE, "kind": Enum(ENTRY_KINDS), "on": DATE}, subject="estate"),
    EventKind("structure.entered", "登记违建", {"number": TEXT, "era": Enum(ERAS)}, subject="structure"),
    EventKind("structure.measured", "补登违建", {"number": TEXT, "era": Enum(ERAS)}, subject="structure"),
    EventKind("structure.removed", "拆除违建", {"number": TEXT, "era": Enum(ERAS), "lead": ROLE, "on": DATE},
              subject="structure"),
    EventKind("company.cased", "企业违规立为案件", {"case": TEXT, **_ABOUT}, subject="organisation"),
    EventKind("company.case_ended", "企业案件有了结果",
              {"case": TEXT, **_ABOUT, "penalised": BOOL}, subject="organisation"),
    EventKind("tenancy.told", "申报出租房", {"by": OPTIONAL(ROLE)}, subject="tenancy"),
    EventKind("tenancy.reported", "上报违规出租", {"case": TEXT, "by": OPTIONAL(ROLE)}, subject="tenancy"),
    EventKind("tenancy.ended", "退租", {"on": DATE}, subject="tenancy"),
    EventKind("tenancy.found", "认定是否违规出租", {"finding": Enum(RENT_FINDINGS), "by": OPTIONAL(ROLE)},
              subject="tenancy"),
    EventKind("premises.reviewed", "核对经营场所", {"answer": Enum(PREMISES_ANSWERS)}, subject="premises_review"),
)  # fmt: skip
