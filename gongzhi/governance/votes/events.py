"""What happens to a vote. A ballot is an entry of the vote's own log, never an event. No Django."""

from gongzhi.governance.votes.words import CONSENTS, OBJECTED, OBJECTION_RESULTS, SERVICE_RESULTS, WITNESS_KINDS
from gongzhi.policy.vocabulary import BOOL, COUNT, DATE, LIST, MOMENT, MONEY_FEN, OPTIONAL, ROLE, TEXT, Enum, EventKind

_VOTE = {"convener": ROLE, "estate": TEXT}


def _of_vote(name: str, title: str, /, **fields: object) -> EventKind:
    return EventKind(name, title, {**_VOTE, **fields}, subject="vote")


EVENTS: tuple[EventKind, ...] = (
    _of_vote("vote.drafted", "拟定表决", matters=LIST(TEXT), opens_at=MOMENT, closes_at=MOMENT),
    _of_vote("vote.checked", "核对表决", agreed=BOOL),
    _of_vote("vote.roll_frozen", "锁定名册", units=COUNT, owners=COUNT, root=TEXT),
    _of_vote("vote.roll_corrected", "更正名册", unit=TEXT),
    _of_vote("vote.noticed", "公告表决", published_on=DATE, opens_at=MOMENT, closes_at=MOMENT, silence_told=BOOL),
    _of_vote("vote.opened", "开始表决", rules=TEXT, closes_at=MOMENT),
    _of_vote("vote.served", "登记送达", units=COUNT, result=Enum(SERVICE_RESULTS), how=TEXT),
    _of_vote("vote.proxy_recorded", "登记委托", units=COUNT),
    _of_vote("vote.proxy_revoked", "撤销委托"),
    _of_vote("vote.nominated", "登记共有人推定", unit=TEXT),
    _of_vote("vote.transferred", "登记表决期间的产权变更", unit=TEXT),
    _of_vote("vote.ballots_printed", "打印纸质票", units=COUNT, again=COUNT),
    _of_vote("vote.pages_received", "登记交回的纸质票", pages=COUNT, known=COUNT),
    _of_vote("vote.sheet_named", "补填纸质票号", sheet=COUNT),
    _of_vote("vote.sheet_read", "录入纸质票", sheet=COUNT, state=TEXT),
    _of_vote("vote.sheet_set_aside", "纸质票不录入", sheet=COUNT),
    _of_vote("vote.trustees_named", "指定托管人", trustees=COUNT, needed=COUNT),
    _of_vote("vote.trustee_linked", "补发托管链接", number=COUNT),
    _of_vote("vote.trustee_acted", "托管人办理", number=COUNT, step=TEXT),
    _of_vote("vote.ballots_added_up", "汇总加密票", ballots=COUNT),
    _of_vote("vote.totals_opened", "开票", ballots=COUNT, trustees=LIST(COUNT)),
    _of_vote("vote.closed", "表决截止", ballots=COUNT),
    _of_vote("vote.adjudicated", "认定选票", ballot=TEXT, decision=TEXT),
    _of_vote("vote.announced", "登记官方平台公布的结果", motions=COUNT),
    _of_vote("vote.result_published", "公示结果草案", published_on=DATE, objection_until=MOMENT, passed=COUNT),
    _of_vote("vote.objected", "提出异议", about=OPTIONAL(Enum(OBJECTED))),
    _of_vote("vote.objection_decided", "答复异议", result=Enum(OBJECTION_RESULTS)),
    _of_vote("vote.finalised", "结果生效", passed=LIST(TEXT), rejected=LIST(TEXT), binding=BOOL),
    EventKind(
        "motion.decided",
        "议题有结果",
        {
            "vote": TEXT,
            "estate": TEXT,
            "motion": TEXT,
            "matter": TEXT,
            "outcome": TEXT,
            "amount": OPTIONAL(MONEY_FEN),
            "elected": LIST(TEXT),
            "alternates": LIST(TEXT),
        },
        subject="vote",
    ),
    _of_vote("vote.supervised", "填写表决监督意见", by=ROLE),
    _of_vote("vote.consented", "审批、确认表决", agreed=BOOL, before=Enum(CONSENTS)),
    _of_vote("vote.witness_added", "登记见证人", witness=COUNT, capacity=Enum(WITNESS_KINDS)),
    _of_vote("vote.witness_ended", "停用见证人", witness=COUNT),
    _of_vote("vote.filed", "表决备案", filed_on=DATE),
    _of_vote("vote.stopped", "终止表决", reason=TEXT),
    EventKind("vote.rules_adopted", "登记议事规则", {"adopted_on": DATE, "rules": LIST(TEXT)}, subject="estate"),
)
