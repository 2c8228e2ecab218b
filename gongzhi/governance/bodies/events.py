"""What happens to bodies. Payloads hold what a pack may test: no names of persons. No Django.

What forms a body in an estate is recorded of the estate; what happens to a body, of the body.
"""

from gongzhi.governance.bodies.words import (
    ADVICE_KINDS,
    BODY_KINDS,
    CHANGE_KINDS,
    CHARGE_OUTCOMES,
    CORRECTION_KINDS,
    MEETING_REASONS,
    NOTICE_KINDS,
    NOTICE_REPORTS,
    PETITION_KINDS,
    SIDES,
    TRIGGERS,
)
from gongzhi.policy.vocabulary import BOOL, COUNT, DATE, LIST, OPTIONAL, PERIOD, RATIO, ROLE, TEXT, Enum, EventKind

KIND = Enum(BODY_KINDS)
_NOTICE = {"notice": Enum(NOTICE_KINDS), "body": TEXT, "estate": OPTIONAL(TEXT)}
_REPORT = {"report": Enum(NOTICE_REPORTS), "body": TEXT, "estate": OPTIONAL(TEXT)}
_BODY = {"kind": KIND, "term": COUNT, "estate": OPTIONAL(TEXT)}


def _of_estate(name: str, title: str, /, **fields: object) -> EventKind:
    return EventKind(name, title, fields, subject="estate")


def _of_body(name: str, title: str, /, **fields: object) -> EventKind:
    return EventKind(name, title, {**_BODY, **fields}, subject="body")


EVENTS: tuple[EventKind, ...] = (
    _of_estate("formation.conditions_met", "核定符合成立条件", met_on=DATE),
    _of_estate("formation.classified", "归类指导", group=TEXT),
    _of_estate(
        "formation.applied",
        "收到成立申请",
        formation=TEXT,
        kind=KIND,
        received_on=DATE,
        conditions_met=BOOL,
        already_started=BOOL,
    ),
    _of_estate("formation.no_application", "符合条件期满无人申请", formation=TEXT, kind=KIND, met_on=DATE),
    _of_estate("formation.started", "启动组建", formation=TEXT, kind=KIND, trigger=Enum(TRIGGERS), started_on=DATE),
    _of_estate("formation.guided", "登记指导", formation=TEXT, step=TEXT, by=ROLE),
    _of_estate(
        "formation.group_formed", "成立筹备组（换届小组）", formation=TEXT, kind=KIND, group=TEXT, formed_on=DATE
    ),
    _of_estate("formation.people_named", "指定指导人和监督人", formation=TEXT, guide=TEXT, supervisor=TEXT),
    _of_estate("formation.choosing_failed", "业主推选未达成共同意见", formation=TEXT),
    _of_estate("formation.stopped", "停止组建", formation=TEXT, kind=KIND),
    _of_estate("candidate.nominated", "登记人选", formation=TEXT, source=TEXT, attributes=LIST(TEXT)),
    _of_estate("candidate.reviewed", "审核人选", formation=TEXT, candidate=TEXT, result=TEXT, failed=LIST(TEXT)),
    _of_estate("representatives.met", "业主代表会议", meeting=TEXT, held_on=DATE, attended=COUNT, chosen=COUNT),
    _of_estate("stewards.confirmed", "确认楼幢长", formation=TEXT, seats=COUNT, from_on=DATE),
    _of_estate("candidate.withdrawn", "人选退出", formation=TEXT, candidate=TEXT),
    _of_estate("candidates.published", "公示候选人", formation=TEXT, candidates=COUNT, from_on=DATE, until_on=DATE),
    _of_estate(
        "election.taken_over",
        "接收选举结果",
        formation=TEXT,
        vote=OPTIONAL(TEXT),
        elected=COUNT,
        seats=COUNT,
        substitutes=COUNT,
        formed=BOOL,
    ),
    _of_body(
        "body.brought_in",
        "登记已成立的组织",
        formed_on=DATE,
        term_until=OPTIONAL(DATE),
        filed_on=OPTIONAL(DATE),
    ),
    _of_body(
        "body.formed",
        "组织成立",
        formed_on=DATE,
        term_until=OPTIONAL(DATE),
        trigger=OPTIONAL(Enum(TRIGGERS)),
        members=COUNT,
        party_share=OPTIONAL(RATIO),
        formation=OPTIONAL(TEXT),
    ),
    _of_body("body.changed", "登记成员变动", what=TEXT, from_on=DATE),
    _of_body("body.seat_proposed", "提出成员调整", seat=TEXT, from_on=DATE),
    _of_body("body.member_struck", "划去错登的成员", seat=TEXT, from_on=DATE, reason=TEXT),
    _of_body("body.sides_corrected", "更正不存在的一方", absent=LIST(Enum(SIDES)), reason=TEXT),
    _of_body("body.seat_approved", "批准成员调整", seat=TEXT, from_on=DATE),
    _of_body("body.vacancy_filled", "补足委员缺额", seats=COUNT, from_on=DATE),
    _of_body("body.seats_vacant", "委员缺额待补选", members=COUNT, seats=COUNT),
    _of_body("body.below_half", "委员不足半数", members=COUNT, seats=COUNT),
    _of_body("body.ended", "组织终止", ended_on=DATE, reason=TEXT),
    _of_body("body.term_ending", "任期将满", term_until=DATE, within=PERIOD),
    _of_body("body.term_notified", "书面告知任期届满", told_on=DATE, term_until=DATE),
    _of_body("body.term_over", "任期已满", term_until=DATE),
    _of_body("body.unable", "认定不能正常开展工作", from_on=DATE, reason=TEXT),
    _of_body("body.able_again", "恢复正常", from_on=DATE),
    _of_body("filing.submitted", "提交备案", filing=TEXT, formed_on=DATE, party_group=OPTIONAL(TEXT)),
    _of_body("filing.returned", "退回备案", filing=TEXT),
    _of_body("filing.accepted", "准予备案", filing=TEXT, filed_on=DATE, number=TEXT),
    _of_body("body.asset_registered", "登记印章账户", what=TEXT, from_on=DATE),
    _of_body("body.asset_closed", "印章账户缴销销户", what=TEXT, to_on=DATE),
    EventKind(
        "change.happened",
        "发生须报告的事项",
        {"change": Enum(CHANGE_KINDS), "happened_on": DATE, "body": TEXT, "owner": ROLE},
        subject="body_change",
    ),
    EventKind("change.reported", "书面报告变更", {"change": Enum(CHANGE_KINDS), "body": TEXT}, subject="body_change"),
    EventKind(
        "handover.opened",
        "开始移交",
        {"body": TEXT, "from_kind": Enum(BODY_KINDS), "opened_on": DATE, "parties": LIST(ROLE)},
        subject="body_handover",
    ),
    EventKind(
        "handover.item_given", "移交物品", {"body": TEXT, "given": COUNT, "items": COUNT}, subject="body_handover"
    ),
    EventKind(
        "handover.signed",
        "移交签字",
        {"body": TEXT, "party": TEXT, "signed": COUNT, "parties": COUNT},
        subject="body_handover",
    ),
    EventKind("handover.refused", "移交拒签", {"body": TEXT, "party": TEXT}, subject="body_handover"),
    EventKind("handover.completed", "移交办结", {"body": TEXT}, subject="body_handover"),
    EventKind("petition.opened", "受理联名", {"purpose": Enum(PETITION_KINDS), "estate": TEXT}, subject="petition"),
    EventKind(
        "petition.signature_withdrawn", "撤下联名签名", {"signatures": COUNT, "reason": TEXT}, subject="petition"
    ),
    EventKind("petition.signed", "登记联名签名", {"signatures": COUNT, "counted": COUNT}, subject="petition"),
    EventKind(
        "petition.decided",
        "核验联名",
        {"purpose": Enum(PETITION_KINDS), "met": BOOL, "heads": COUNT, "total_heads": COUNT, "estate": TEXT},
        subject="petition",
    ),
    EventKind(
        "meeting.owed",
        "应召开业主大会",
        {"reason": Enum(MEETING_REASONS), "convener": ROLE, "owed_from": DATE, "estate": TEXT, "body": OPTIONAL(TEXT)},
        subject="owed_meeting",
    ),
    EventKind("meeting.urged", "催告召开业主大会", {"until_on": DATE, "convener": ROLE}, subject="owed_meeting"),
    EventKind("meeting.refused", "拒绝召开业主大会", {"convener": ROLE, "refused_on": DATE}, subject="owed_meeting"),
    EventKind(
        "meeting.convener_changed",
        "改由他人召集",
        {"convener": ROLE, "was": ROLE, "moved_on": DATE},
        subject="owed_meeting",
    ),
    EventKind(
        "meeting.held",
        "召开业主大会",
        {"reason": Enum(MEETING_REASONS), "held_on": DATE, "passed": BOOL, "vote": OPTIONAL(TEXT)},
        subject="owed_meeting",
    ),
    _of_estate("decision.recorded", "登记决定", decision=TEXT, decided_on=DATE, kind=OPTIONAL(KIND)),
    EventKind(
        "correction.opened",
        "立案处理违法决定",
        {"action": Enum(CORRECTION_KINDS), "consult": BOOL, "decision": TEXT},
        subject="correction",
    ),
    EventKind("correction.consulted", "会同意见", {"action": Enum(CORRECTION_KINDS)}, subject="correction"),
    EventKind(
        "correction.issued",
        "下达处理决定",
        {
            "action": Enum(CORRECTION_KINDS),
            "issued_on": DATE,
            "due_on": OPTIONAL(DATE),
            "within": OPTIONAL(PERIOD),
            "notices": COUNT,
            "decision": TEXT,
            "addressee": ROLE,
        },
        subject="correction",
    ),
    EventKind("correction.corrected", "改正违法决定", {"corrected_on": DATE}, subject="correction"),
    EventKind("correction.served", "登记通告送达", {"served": COUNT, "notices": COUNT}, subject="correction"),
    EventKind("correction.closed", "违法决定处理结案", {"served": COUNT}, subject="correction"),
    EventKind(
        "advice.given",
        "指导监督",
        {
            "kind": Enum(ADVICE_KINDS),
            "to": OPTIONAL(ROLE),
            "to_organisation": OPTIONAL(COUNT),
            "by": ROLE,
            "due_on": OPTIONAL(DATE),
            "within": OPTIONAL(PERIOD),
            "needs_reply": BOOL,
            "estate": OPTIONAL(TEXT),
            "body": OPTIONAL(TEXT),
        },
        subject="advice",
    ),
    EventKind("advice.replied", "回复指导监督", {"kind": Enum(ADVICE_KINDS)}, subject="advice"),
    EventKind("notice.shown", "发布公告", {**_NOTICE, "shown_on": DATE, "until_on": DATE}, subject="body_notice"),
    EventKind("notice.held", "公告待街道核实", _NOTICE, subject="body_notice"),
    EventKind("notice.barred", "公告不予发布", _NOTICE, subject="body_notice"),
    EventKind("notice.taken_down", "撤下公告", {**_NOTICE, "early": BOOL}, subject="body_notice"),
    EventKind("notice.reported", "对公告提出异议、举报", _REPORT, subject="notice_report"),
    EventKind(
        "notice.report_settled", "答复、核实公告的异议和举报", {**_REPORT, "confirmed": BOOL}, subject="notice_report"
    ),
    EventKind("prospect.noted", "摸排人选", {"attributes": LIST(TEXT)}, subject="estate"),
    EventKind(
        "body.met", "业委会会议", {**_BODY, "held_on": DATE, "attended": COUNT, "members": COUNT}, subject="body"
    ),
    EventKind("formation.developer_noted", "登记建设单位状态", {"gone": BOOL, "from_on": DATE}, subject="estate"),
    EventKind(
        "cross_post.registered",
        "登记双向兼职",
        {"estate": TEXT, "sides": LIST(TEXT), "from_on": DATE, "to_on": OPTIONAL(DATE)},
        subject="cross_post",
    ),
    EventKind("cross_post.ended", "双向兼职结束", {"estate": TEXT, "to_on": DATE}, subject="cross_post"),
    EventKind("advice.confirmed", "确认完成", {"kind": Enum(ADVICE_KINDS)}, subject="advice"),
    _of_body("body.assessed", "考评组织", year=COUNT, final=BOOL),
    EventKind("charge.opened", "立案查处委员", {"body": TEXT}, subject="charge"),
    EventKind(
        "charge.found", "认定委员违规", {"body": TEXT, "verified": BOOL, "suspected_crime": BOOL}, subject="charge"
    ),
    EventKind("charge.handed_over", "移交司法机关", {"body": TEXT, "handed_on": DATE}, subject="charge"),
    EventKind("charge.closed", "查处结案", {"body": TEXT, "outcome": Enum(CHARGE_OUTCOMES)}, subject="charge"),
    EventKind(
        "text.adopted", "登记制度和规约", {"kind": TEXT, "number": COUNT, "from_on": DATE}, subject="adopted_text"
    ),
    EventKind("text.received", "登记规约签收", {"received": COUNT}, subject="adopted_text"),
    EventKind("list.changed", "维护清单", {"list": TEXT, "what": TEXT}, subject="place"),
    _of_body("list.marked", "登记清单", list=TEXT),
)
