"""Acts on arrears: demand, the owner's opinion, who helps, arbitration or suit, clearance, what an owner states."""

from typing import Any

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.funds import forms_charges as f
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.queries.arrears import Debtor
from gongzhi.funds.charges.queries.owed import OfProject
from gongzhi.funds.charges.services.early import unbilled
from gongzhi.funds.charges.services.reminding import remind
from gongzhi.funds.payments import services as payments
from gongzhi.funds.views.charging.acting import Act, Data, UnitOf, Who

CONFLICT_STATUS = 409


def _debtor(row: UnitOf, who: Who) -> Debtor:
    found = row.debtor_on(who.on)
    if found is None:
        raise Refused("nothing_due", "这套房屋没有逾期的物业费。", status=CONFLICT_STATUS)
    return found


def _owes(row: UnitOf, who: Who) -> bool:
    return row.debtor_on(who.on) is not None


def _of_company(row: UnitOf) -> OfProject:
    return OfProject(row.project)


def _demand(row: UnitOf, data: Data, who: Who) -> Any:
    address = payments.pay_address(row.unit, base=who.base, now=who.now)
    charges.demand(_debtor(row, who), project=row.project, how=data["how"], address=address, **who.by)
    return row


def _period(row: UnitOf, who: Who) -> tuple[str, ...]:
    return tuple(core.ask("funds.demand_period", {}, place_path=row.project.place_path, on=who.on).clauses)


def _hear(row: UnitOf, data: Data, who: Who) -> Any:
    found = row.debtor_on(who.on)
    title = found.ownership if found is not None else row.title_on(who.on)
    charges.hear(row.unit, project=row.project, ownership=title, text=data["text"], **who.by)
    return row


def _help(row: UnitOf, data: Data, who: Who) -> Any:
    charges.ask_help(_debtor(row, who), project=row.project, kind=data["kind"], **who.by)
    return row


def _recourse(row: UnitOf, data: Data, who: Who) -> Any:
    charges.take_recourse(_debtor(row, who), project=row.project, kind=data["kind"], number=data["number"], **who.by)
    return row


def _recourse_hint(row: UnitOf, who: Who) -> str:
    """What does not forbid it but has to be said."""
    found = row.debtor_on(who.on)
    rows = row.project.opinions.filter(unit=row.unit, state="reasonable")
    if found is not None and rows.exists():
        return "这户有合理意见还没有解决，是否“无故”由仲裁机构或法院认定。"
    return "催告的期限届满才能登记；仲裁和诉讼只能选一种。"


def _clear(row: UnitOf, data: Data, who: Who) -> Any:
    title = row.title_on(who.on)
    return charges.issue_clearance(row.unit, project=row.project, ownership=title, **who.by)


def _until_now(row: UnitOf, data: Data, who: Who) -> Any:
    if not charges.bill_until_now(row.unit, project=row.project, **who.by):
        raise Refused("nothing_unbilled", "到本月的费用都已出账，没有要补出的。", status=CONFLICT_STATUS)
    return row


def _mark(row: UnitOf, data: Data, who: Who) -> Any:
    charges.mark_self(row.unit, project=row.project, kind=data["kind"], **who.by)
    return row


def _judge(row: Any, data: Data, who: Who) -> Any:
    given = {name: data[name] for name in ("reasonable", "reply", "version")}
    return charges.judge(row, **given, **who.by)


def _report(row: Any, data: Data, who: Who) -> Any:
    given = {name: data[name] for name in ("result", "handed_on", "version")}
    return charges.report_help(row, **given, **who.by)


def _note(row: Any, data: Data, who: Who) -> Any:
    return charges.note_recourse(row, **data, **who.by)


def _answer(row: Any, data: Data, who: Who) -> Any:
    return charges.answer_clue(row, **data, **who.by)


def _remind(row: Any, data: Data, who: Who) -> Any:
    remind(row, **who.by)
    return row


PROJECT: dict[str, Act] = {
    "tixing": Act(
        "提醒按时交费", "已给逾期的业主各发一条提醒。", f.Plain, "fee.remind", _remind, button="发送提醒",
        judged=lambda row: row.estate,
        hint="给每一户逾期的业主发一条提醒。您看到户数和合计，看不到是哪几户。一天一次。",
    ),
}  # fmt: skip
UNIT: dict[str, Act] = {
    "cuigao": Act(
        "催告", "已催告，期限从第一次催告起算。", f.DemandForm, "fee.demand", _demand, open=_owes, judged=_of_company,
        clauses=_period, hint="同时给业主发消息，写明欠多少、哪天以前缴、在哪里缴、可以提意见。",
    ),
    "yijian": Act("提出意见", "已登记，企业要认定是否合理。", f.OpinionForm, "fee.object", _hear),
    "xiezhu": Act(
        "请人协助催缴", "已交办。", f.HelpForm, "fee.demand", _help, open=_owes, judged=_of_company,
    ),
    "zhongcai": Act(
        "登记仲裁或诉讼", "已登记。", f.RecourseForm, "fee.demand", _recourse, open=_owes, judged=_of_company,
        hint=_recourse_hint,
    ),
    "bubenyue": Act(
        "先出本月的账单", "账单已出到本月。", f.Plain, "fee.clear", _until_now, button="出账",
        open=lambda row, who: unbilled(row.unit, row.project, who.on),
        hint="只出这一户，到本月为止还没有出账的月份；以后整期出账时，这一户的这些月份不再出。",
    ),
    "qingling": Act(
        "出具清零证明", "已出具。", f.Plain, "fee.clear", _clear, to_made=True, button="申请出具",
        hint="没有欠费才能出具，本月还没有出账的也算；有预存的先抵扣。还有欠费的，会列出是哪几笔，缴清后马上可以再申请。",
    ),
    "shenfen": Act("标注身份类别", "已保存。", f.MarkForm, "fee.mark", _mark),
}  # fmt: skip
OPINION: dict[str, Act] = {
    "rending": Act(
        "认定意见", "已认定。", f.JudgeForm, "fee.demand", _judge, open=lambda row, who: row.state == "heard",
        clauses=lambda row, who: core.ask("funds.opinion_period", {}, place_path=row.place_path, on=who.on).clauses,
    ),
    "jiejue": Act(
        "登记解决措施", "已登记。", f.MeasuresForm, "fee.demand",
        lambda row, data, who: charges.resolve(row, measures=data["measures"], version=data["version"], **who.by),
        open=lambda row, who: row.state == "reasonable",
    ),
    "queren": Act(
        "确认有正当理由", "已确认，这户不算拒交。", f.Plain, "fee.confirm",
        lambda row, data, who: charges.confirm_reason(row, version=data["version"], **who.by),
        open=lambda row, who: row.confirmed_on is None and row.state != "resolved", judged=lambda row: row,
    ),
}  # fmt: skip
HELP: dict[str, Act] = {
    "jieguo": Act(
        "登记结果", "已登记。缴清以后这件事自动结束。", f.ResultForm, "fee.help", _report,
        open=lambda row, who: row.closed_on is None and who.actor.role == row.role, judged=lambda row: row,
    ),
}  # fmt: skip
RECOURSE: dict[str, Act] = {
    "caipan": Act(
        "登记裁判和执行", "已登记。", f.JudgmentForm, "fee.demand", _note, open=lambda row, who: row.closed_on is None,
        initial=lambda row, who: {
            name: getattr(row, name) for name in ("judgment", "judged_on", "refused_on", "malicious_on", "closed_on")
        },
    ),
    "xiansuo": Act(
        "移交征信线索", "已登记移交，由法院依规决定。", f.Plain, "fee.demand",
        lambda row, data, who: charges.hand_clue(row, version=data["version"], **who.by),
        open=lambda row, who: row.judged_on is not None and (row.clue_on is None or row.withdrawn_on is not None),
        hint="生效判决、拒不履行、恶意欠缴齐全才能移交；平台不直接报送任何征信机构。",
    ),
    "huitian": Act(
        "回填处理结果", "已登记。", f.ClueForm, "fee.demand", _answer,
        open=lambda row, who: row.clue_on is not None and row.withdrawn_on is None,
    ),
}  # fmt: skip
