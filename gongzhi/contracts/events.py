"""What happens between a company's arrival and its leaving. No Django."""

from gongzhi.contracts.questions import METHOD
from gongzhi.contracts.words import ASSETS, CONTRACT_KINDS, GROUNDS, PROCEDURES, REMARKS, STEPS, VERDICTS
from gongzhi.policy.vocabulary import BOOL, COUNT, DATE, LIST, OPTIONAL, ROLE, TEXT, Enum, EventKind

_PROCEDURE = {
    "kind": Enum(PROCEDURES),
    "estate": TEXT,
    "method": OPTIONAL(METHOD),
    "ground": OPTIONAL(Enum(GROUNDS)),
    "asset": OPTIONAL(Enum(ASSETS)),
    "company": OPTIONAL(TEXT),
    "opened_by": ROLE,
    # The very company and developer: a company that comes does not serve the estate yet.
    "served_by": OPTIONAL(ROLE),
    "served_by_organisation": OPTIONAL(COUNT),
    "built_by": OPTIONAL(ROLE),
    "built_by_organisation": OPTIONAL(COUNT),
    "next_step": OPTIONAL(Enum(STEPS)),
    "next_by": OPTIONAL(ROLE),
    "next_by_organisation": OPTIONAL(COUNT),
    # Who watches it and has not signed yet.
    "watchers": OPTIONAL(LIST(ROLE)),
}
_CONTRACT = {
    "kind": Enum(CONTRACT_KINDS),
    "estate": TEXT,
    "company": TEXT,
    "party_a": ROLE,
    "served_by": ROLE,
    "served_by_organisation": COUNT,
    "from_on": OPTIONAL(DATE),
    "to_on": OPTIONAL(DATE),
}


def _of(name: str, title: str, /, **fields: object) -> EventKind:
    return EventKind(name, title, {**_PROCEDURE, **fields}, subject="procedure")


def _contract(name: str, title: str, /, **fields: object) -> EventKind:
    return EventKind(name, title, {**_CONTRACT, **fields}, subject="service_contract")


EVENTS: tuple[EventKind, ...] = (
    _of(
        "procedure.opened",
        "开始选聘、查验、退出",
        on=DATE,
        due_on=OPTIONAL(DATE),
        leave_on=OPTIONAL(DATE),
        until=OPTIONAL(DATE),
        days_ahead=OPTIONAL(COUNT),
        signers=LIST(ROLE),
    ),
    _of("procedure.method_changed", "改选聘方式", approval=BOOL),
    _of(
        "procedure.step_taken",
        "办理选聘、查验、退出的步骤",
        step=Enum(STEPS),
        on=DATE,
        agreed=BOOL,
        done=BOOL,
        late=OPTIONAL(BOOL),
        lawful=OPTIONAL(BOOL),
        notified=OPTIONAL(BOOL),
        related=OPTIONAL(BOOL),
        related_known=OPTIONAL(BOOL),
        due_on=OPTIONAL(DATE),
    ),
    _of("procedure.stopped", "终止办理", reason=TEXT),
    _of("procedure.signed", "签字、出具意见", role=ROLE, verdict=Enum(VERDICTS), complete=BOOL),
    _of("procedure.listed", "登记查验（交接）清单", items=COUNT, defects=COUNT, clean=BOOL),
    _of("bid.entered", "企业报名、投标", bidder=TEXT),
    _of("bid.invited", "邀请企业", bidder=TEXT),
    _of("bid.declined", "企业谢绝", bidder=TEXT),
    _of("panel.seated", "评委入列", seats=COUNT),
    _of("panel.scored", "评委评分", scores=COUNT),
    _contract("contract.signed", "登记物业服务合同", open_terms=COUNT, signed_on=DATE, filing_open=BOOL),
    _contract("contract.renewed", "合同续签", by=TEXT),
    _contract("contract.replaced", "另聘企业签约", by=TEXT),
    _contract("contract.effective", "合同生效", replaces=BOOL),
    _contract("contract.filing_asked", "合同报备", on=DATE),
    _contract("contract.filed", "合同备案", on=DATE),
    _contract("contract.filing_returned", "退回合同备案", missing=LIST(TEXT)),
    _contract("contract.ended", "合同终止", on=DATE, early=BOOL, replaced=BOOL),
    _contract("contract.performed", "履行记录", service=TEXT, on=DATE, note=TEXT, file=OPTIONAL(COUNT)),
    _contract("contract.begun", "企业进场服务", on=DATE, follows=OPTIONAL(TEXT)),
    EventKind(
        "remark.made",
        "转业主意见、提出建议",
        {"kind": Enum(REMARKS), "estate": TEXT, "asked_of": ROLE},
        subject="contract_remark",
    ),
    EventKind(
        "remark.answered",
        "答复意见、建议",
        {"kind": Enum(REMARKS), "estate": TEXT, "adopted": BOOL},
        subject="contract_remark",
    ),
)
