"""公布: a statement of a period straight from the books, and the owners' questions about it."""

from datetime import date, datetime

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.core.models import StoredFile
from gongzhi.funds.common.queries import OfEstate, book_of, books_of
from gongzhi.funds.revenue.models import RevenueItem, RevenueQuestion, RevenueStatement
from gongzhi.funds.revenue.queries import PURSE, Listed, Sums, covered, lists_of, sums
from gongzhi.funds.revenue.services.keeping import publisher_of
from gongzhi.ledger.models import Book
from gongzhi.registry.models import Estate

CONFLICT_STATUS = 409


@transaction.atomic
def publish(
    estate: Estate,
    *,
    from_on: date,
    to_on: date,
    photo: StoredFile | None = None,
    actor: Actor,
    now: datetime,
) -> RevenueStatement:
    """Puts the accounts of days that are over on display; they have to balance to the 分 with the books.

    The document's period is met once all of its days are on display, in one statement or in several that touch.
    """
    on = core.local_day(now)
    core.require(actor, "revenue.publish", OfEstate(estate, on))
    book = _book_for(estate, from_on=from_on, to_on=to_on, on=on)
    found = sums(estate, from_on=from_on, to_on=to_on)
    if not found.tied:
        raise Refused(
            "unbalanced",
            f"期初{core.yuan(found.opening_fen)}＋收入{core.yuan(found.income_fen)}－支出"
            f"{core.yuan(found.cost_fen + found.to_fund_fen)}≠期末{core.yuan(found.closing_fen)}，不平不能公布。",
        )
    lists = lists_of(estate, found)
    for one in lists:
        if one.by_fen:
            raise Refused(
                "lists_differ",
                f"{one.title}明细合计{core.yuan(one.listed_fen)}元，台账{core.yuan(one.booked_fen)}元，"
                f"相差{core.yuan(abs(one.by_fen))}元，核对一致后才能公布。",
            )
    last = book.entries.filter(booked_on__lte=to_on).order_by("-pk").values_list("pk", flat=True).first() or 0
    accounts = accounts_of(estate, found, lists, on=on)
    row = RevenueStatement.objects.create(
        estate=estate,
        from_on=from_on,
        to_on=to_on,
        opening_fen=found.opening_fen,
        income_fen=found.income_fen,
        cost_fen=found.cost_fen,
        to_fund_fen=found.to_fund_fen,
        closing_fen=found.closing_fen,
        detail={
            "income": found.income,
            "cost": found.cost,
            "upkeep": _upkeep(estate, from_on=from_on, to_on=to_on),
            "accounts": accounts,
            "no_voucher": {one.code: one.without_voucher for one in lists if one.without_voucher},
        },
        last_entry=last,
        photo=photo,
        published_on=on,
        published_by=actor.user,
        publisher=publisher_of(estate, on),
        place_path=estate.place_path,
        demo=actor.demo,
    )
    covered_from, covered_to = covered(estate, from_on=from_on, to_on=to_on, complete=row.complete)
    core.record(
        "revenue.published",
        subject=estate.ref,
        actor=actor,
        at=now,
        place_path=estate.place_path,
        data={
            "from_on": from_on,
            "to_on": to_on,
            "closing": found.closing_fen,
            "publisher": row.publisher,
            "complete": row.complete,
            "covered_from": covered_from,
            "covered_to": covered_to,
        },
    )
    return row


def _book_for(estate: Estate, *, from_on: date, to_on: date, on: date) -> Book:
    """The book, where those days can be shown out of it."""
    if to_on >= on or from_on > to_on:
        raise Refused("statement_days", "只能公布已经过完的时期。", fields={"to_on": "要早于今天"})
    book = book_of(estate, PURSE)
    if book is None:
        raise Refused("no_book", "这个小区还没有公共收益账。")
    if to_on < book.opened_on:
        raise Refused(
            "before_book",
            f"公共收益账从{cn_date(book.opened_on)}建起，在这以前没有收支可以公布。",
            fields={"to_on": f"不早于{cn_date(book.opened_on)}"},
        )
    return book


def _upkeep(estate: Estate, *, from_on: date, to_on: date) -> dict[str, int]:
    found: dict[str, int] = {}
    for kind, fen in RevenueItem.objects.filter(
        estate=estate, purpose="cost.upkeep", on__range=(from_on, to_on)
    ).values_list("upkeep", "amount_fen"):
        found[kind or "other"] = found.get(kind or "other", 0) + fen
    return found


def accounts_of(estate: Estate, found: Sums, lists: list[Listed], *, on: date) -> dict[str, int | None]:
    """What the pack wants shown of a period, each from its own books in 分; None where there are no books to show."""
    wanted = core.ask("funds.publish_accounts", {}, place_path=estate.place_path, on=on).value or ()
    booked = {one.code: one.booked_fen for one in lists}
    books = books_of(estate)
    values: dict[str, int | None] = {
        "revenue": found.income_fen,
        "fund": booked["fund"] if "maintenance_fund" in books else None,
        "expenses": found.cost_fen,
        "shared": booked["shared"] if booked["shared"] or "service_charges" in books else None,
    }
    return {code: values[code] for code in wanted}


def answerer_of(statement: RevenueStatement, on: date) -> str:
    """Who published it; for a committee the one that publishes now, since committees are followed by others."""
    return statement.publisher if statement.publisher == "property_company" else publisher_of(statement.estate, on)


@transaction.atomic
def ask_question(statement: RevenueStatement, *, text: str, actor: Actor, now: datetime) -> RevenueQuestion:
    core.require(actor, "revenue.ask", statement)
    if not text.strip():
        raise Refused("text_missing", "请写疑问。", fields={"text": "请写疑问"})
    row = RevenueQuestion.objects.create(
        statement=statement, text=text.strip(), at=now, place_path=statement.place_path, demo=actor.demo
    )
    core.record(
        "revenue.asked",
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=statement.place_path,
        data={"publisher": answerer_of(statement, core.local_day(now))},
    )
    return row


@transaction.atomic
def answer_question(
    question: RevenueQuestion, *, reply: str, version: int | None, actor: Actor, now: datetime
) -> RevenueQuestion:
    row = (
        RevenueQuestion.objects.select_for_update(of=("self",)).select_related("statement__estate").get(pk=question.pk)
    )
    core.check_version(row, version)
    core.require(actor, "revenue.publish", OfEstate(row.statement.estate, core.local_day(now)))
    if row.reply:
        raise Refused("answered", "已经答复过。", status=CONFLICT_STATUS)
    if not reply.strip():
        raise Refused("reply_missing", "请写答复。", fields={"reply": "请写答复"})
    row.reply, row.replied_at, row.version = reply.strip(), now, row.version + 1
    row.save(update_fields=["reply", "replied_at", "version"])
    core.record(
        "revenue.answered",
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={"publisher": answerer_of(row.statement, core.local_day(now))},
    )
    return row
