"""结算酬金: what a period's service cost is paid as it was, the commission by the contract, out of the charges."""

from datetime import date, datetime, timedelta
from fractions import Fraction

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.core.models import StoredFile
from gongzhi.funds.charges.models import ChargeTerms, CommissionSettlement
from gongzhi.funds.charges.queries.owed import PURSE, OfProject, terms_on
from gongzhi.funds.common.services import ensure_book
from gongzhi.ledger import services as ledger
from gongzhi.registry.models import Project

CONFLICT_STATUS = 409
DAY = timedelta(days=1)


@transaction.atomic
def settle_commission(
    project: Project,
    *,
    from_on: date,
    to_on: date,
    spent_fen: int,
    text: str,
    papers: StoredFile | None = None,
    actor: Actor,
    now: datetime,
) -> CommissionSettlement:
    """A period once. Refuses where the contract is for a lump sum, and more than the account holds (`balance`)."""
    core.require(actor, "fee.bill", OfProject(project))
    on = core.local_day(now)
    Project.objects.select_for_update().get(pk=project.pk)
    terms = _terms(project, from_on, to_on, on)
    overlapping = project.commissions.filter(from_on__lte=to_on, to_on__gte=from_on).first()
    if overlapping is not None:
        said = f"{cn_date(overlapping.from_on)}至{cn_date(overlapping.to_on)}已经结算过。"
        raise Refused("settled", said, fields={"from_on": "不能重叠"}, status=CONFLICT_STATUS)
    if spent_fen <= 0:
        raise Refused("spent", "请填这一期的物业服务支出。", fields={"spent_fen": "要大于0"})
    if not text.strip():
        raise Refused("text", "请写支出包括哪些。", fields={"text": "请写支出说明"})
    commission_fen, clauses = _commission(terms, from_on, to_on, spent_fen, on)
    book = ensure_book(project.estate, purse=PURSE, on=on, actor=actor, now=now)
    bank = book.accounts.get(code="bank")
    there, wanted = ledger.balance(bank, on), spent_fen + commission_fen
    if wanted > there:
        said = f"支出加酬金共{core.yuan(wanted)}元，物业费账户只有{core.yuan(there)}元。"
        raise Refused("balance", said, clauses, {"spent_fen": "超过账户余额"})
    period = f"{cn_date(from_on)}至{cn_date(to_on)}"
    entry = ledger.post(
        book=book, key=f"commission:{project.pk}:{from_on}", kind="commission", booked_on=on,
        text=f"酬金制结算（{period}）{text.strip()}"[:200],
        legs=[(book.accounts.get(code="cost.service"), spent_fen)]
        + ([(book.accounts.get(code="cost.commission"), commission_fen)] if commission_fen else [])
        + [(bank, -wanted)],
        actor=actor, now=now, source=project.estate.ref,
    )  # fmt: skip
    row = CommissionSettlement.objects.create(
        project=project, terms=terms, from_on=from_on, to_on=to_on, spent_fen=spent_fen,
        commission_fen=commission_fen, text=text.strip(), papers=papers, settled_on=on, settled_by=actor.user,
        entry=entry, place_path=project.place_path, demo=actor.demo,
    )  # fmt: skip
    core.record(
        "fee.commission_settled", subject=project.estate.ref, actor=actor, at=now, place_path=project.place_path,
        data={"spent": spent_fen, "amount": commission_fen, "from_on": from_on, "to_on": to_on},
    )  # fmt: skip
    return row


def _terms(project: Project, from_on: date, to_on: date, on: date) -> ChargeTerms:
    """What the contract says over the whole period."""
    if to_on < from_on:
        raise Refused("days", "截止日不能早于起始日。", fields={"to_on": "不能早于起始日"})
    if to_on > on:
        raise Refused("days", "这一期还没有过完，过完以后再结算。", fields={"to_on": "不能晚于今天"})
    terms = terms_on(project, from_on)
    if terms is None:
        said = f"{cn_date(from_on)}还没有登记的合同约定，请从约定开始的那一日起结算。"
        raise Refused("terms", said, fields={"from_on": "早于合同约定"})
    if not terms.holds_on(to_on):
        raise Refused("terms", "这一期里合同约定有变化，请按约定分段结算。", fields={"from_on": "请分段"})
    if terms.mode != "commission":
        raise Refused("lump_sum", "合同约定的是包干制，盈亏由企业自负，不结算酬金。", status=CONFLICT_STATUS)
    return terms


def _commission(
    terms: ChargeTerms, from_on: date, to_on: date, spent_fen: int, on: date
) -> tuple[int, tuple[str, ...]]:
    """(fen, clauses): the ratio of what was spent, or the sum a month."""
    facts = {"spent": spent_fen, "ratio": Fraction(terms.commission_ratio or 0)}
    answer = core.ask("funds.commission", facts, place_path=terms.place_path, on=on)
    if terms.commission_ratio is not None:
        return int(answer.value), tuple(answer.clauses)
    if from_on.day != 1 or (to_on + DAY).day != 1:
        said = "按月定额的酬金要按整月结算，从1日到月末。"
        raise Refused("months", said, answer.clauses, {"from_on": "请从1日起", "to_on": "请到月末"})
    months = (to_on.year - from_on.year) * 12 + to_on.month - from_on.month + 1
    return months * int(terms.commission_fen or 0), tuple(answer.clauses)
