"""Budgets in the ledger: appropriation, commitment, payment. Nothing is committed that was not appropriated."""

from datetime import date, datetime

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Place, StoredFile
from gongzhi.core.refs import Ref
from gongzhi.funds.common.words import GRANTED, OF_BUDGET
from gongzhi.funds.public_money.models import Budget, BudgetMove
from gongzhi.funds.public_money.queries import PURSE, balance_of, book_at, budget_for, payer_place
from gongzhi.funds.public_money.words import ITEMS, PAYER_LEVEL, PAYERS
from gongzhi.ledger import services as ledger
from gongzhi.ledger.models import Account, Book, Entry
from gongzhi.ledger.services import NewAccount


@transaction.atomic
def appropriate(
    place: Place,
    *,
    payer: str,
    year: int,
    item: str,
    amount_fen: int,
    on: date,
    basis: str,
    key: str,
    holder: Ref | None = None,
    posts: int | None = None,
    file: StoredFile | None = None,
    actor: Actor,
    now: datetime,
) -> Budget:
    """安排 (above 0) or 核减 (below 0) an item of a payer's budget of a year; `key` names the act.

    Refuses `payer_level` (the payer has its budgets elsewhere), `basis` (no paper named), `below_committed` (a cut of
    what is committed or paid already).
    """
    core.require(actor, "money.budget", place.ref)
    if item not in ITEMS or payer not in PAYERS:
        raise Refused("budget_item", "请选出资方和科目。", fields={"item": "请选科目"})
    if place.level != PAYER_LEVEL[payer]:
        raise Refused(
            "payer_level", f"{PAYERS[payer]}的预算不设在{place.name}，请另选地区。", fields={"payer": "与地区不符"}
        )
    if not basis.strip():
        raise Refused("basis", "请写预算的依据文件。", fields={"basis": "请写依据"})
    budget, _ = Budget.objects.get_or_create(
        place=place,
        payer=payer,
        year=year,
        item=item,
        holder_kind=holder.kind if holder else "",
        holder_id=holder.id if holder else "",
        defaults={"holder_title": holder.title if holder else "", "place_path": place.path, "demo": actor.demo},
    )
    budget = Budget.objects.select_for_update().select_related("place").get(pk=budget.pk)
    before = BudgetMove.objects.filter(budget=budget, entry__key=f"grant:{key}").first()
    if before is not None:
        return budget
    if posts is not None:
        budget.posts = posts
        budget.save(update_fields=["posts"])
    if amount_fen:
        _move(budget, "grant" if amount_fen > 0 else "cut", amount_fen, on=on, basis=basis, key=f"grant:{key}",
              file=file, actor=actor, now=now)  # fmt: skip
    _tell(budget, "grant" if amount_fen >= 0 else "cut", amount_fen, actor, now)
    return budget


@transaction.atomic
def shift(
    source: Budget, *, target: Budget, amount_fen: int, on: date, basis: str, key: str, actor: Actor, now: datetime
) -> None:
    """调剂 from one item to another of the same payer and year. Refuses `shift_across`, `above_appropriation`."""
    core.require(actor, "money.budget", source.ref)
    if (source.place_id, source.payer, source.year) != (target.place_id, target.payer, target.year):
        raise Refused("shift_across", "只能在同一出资方、同一年度的科目之间调剂。", fields={"target": "请另选科目"})
    if source.pk == target.pk or amount_fen <= 0:
        raise Refused("shift", "请选另一个科目，金额要大于0。", fields={"target": "请另选"})
    if not basis.strip():
        raise Refused("basis", "请写调剂的依据文件。", fields={"basis": "请写依据"})
    for pk in sorted((source.pk, target.pk)):
        Budget.objects.select_for_update().get(pk=pk)
    _move(source, "shift", -amount_fen, on=on, basis=basis, key=f"shift:{key}:out", file=None, actor=actor, now=now)
    _move(target, "shift", amount_fen, on=on, basis=basis, key=f"shift:{key}:in", file=None, actor=actor, now=now)
    _tell(source, "shift", -amount_fen, actor, now)


@transaction.atomic
def publish_budgets(place: Place, *, year: int, actor: Actor, now: datetime) -> int:
    """Opens the execution of a place's budgets of a year to everybody."""
    core.require(actor, "money.publish", place.ref)
    rows = Budget.objects.filter(place=place, year=year)
    if not rows.exists():
        raise Refused("no_budget", f"{place.name}{year}年还没有预算，没有可以公开的。请先安排预算。")
    count = rows.update(published_on=core.local_day(now))
    core.record(
        "budget.published",
        subject=place.ref,
        actor=actor,
        at=now,
        place_path=place.path,
        data={"year": year, "items": count},
    )
    return count


def commit(
    *, payer: str, item: str, place_path: str, amount_fen: int, on: date, key: str, text: str,
    clauses: tuple[str, ...] = (), holder: tuple[str, str] = ("", ""), source: Ref, actor: Actor, now: datetime,
) -> tuple[Budget, Entry]:  # fmt: skip
    """承诺 out of what is free of the payer's item of that year. Refuses `no_budget`, `above_appropriation`.

    The item's row is held until the transaction ends: two commitments wait for one another.
    """
    found = budget_for(payer=payer, place_path=place_path, item=item, year=on.year, holder=holder)
    if found is None:
        place = payer_place(payer, place_path)
        whose = f"{place.name}（{PAYERS[payer]}）" if place else PAYERS[payer]
        raise Refused(
            "no_budget",
            f"{whose}没有安排{on.year}年“{ITEMS[item]}”预算，不能审批。请先安排预算，再审核、拨付。",
            clause=clauses,
        )
    return commit_from(found, amount_fen=amount_fen, on=on, key=key, text=text, clauses=clauses, source=source,
                       actor=actor, now=now)  # fmt: skip


def commit_from(
    budget: Budget, *, amount_fen: int, on: date, key: str, text: str, clauses: tuple[str, ...] = (), source: Ref,
    actor: Actor, now: datetime,
) -> tuple[Budget, Entry]:  # fmt: skip
    budget = Budget.objects.select_for_update().select_related("place").get(pk=budget.pk)
    free = balance_of(budget).free_fen
    if amount_fen > free:
        raise Refused(
            "above_appropriation",
            f"“{budget}”可用{core.yuan(free)}元，不够{core.yuan(amount_fen)}元，"
            f"差{core.yuan(amount_fen - free)}元。请先追加或调剂预算。",
            clause=clauses,
            fields={"amount_fen": f"最多{core.yuan(free)}"},
        )
    entry = _post(budget, "held", "free", amount_fen, on=on, key=f"commit:{key}", kind="commitment", text=text,
                  source=source, actor=actor, now=now)  # fmt: skip
    return budget, entry


def pay_out(
    budget: Budget, *, amount_fen: int, on: date, key: str, text: str, source: Ref, actor: Actor, now: datetime
) -> Entry:
    """支付 of what was committed. One key pays once."""
    return _post(budget, "paid", "held", amount_fen, on=on, key=f"pay:{key}", kind="payment", text=text,
                 source=source, actor=actor, now=now)  # fmt: skip


def release(entry: Entry, *, on: date, text: str, actor: Actor, now: datetime) -> Entry:
    """A commitment that will not be paid: the counter-entry gives it back."""
    return ledger.reverse(entry, booked_on=on, text=text, actor=actor, now=now)


def _move(
    budget: Budget, kind: str, amount_fen: int, *, on: date, basis: str, key: str, file: StoredFile | None,
    actor: Actor, now: datetime,
) -> BudgetMove:  # fmt: skip
    free = balance_of(budget).free_fen
    if free + amount_fen < 0:
        raise Refused(
            "below_committed",
            f"“{budget}”只剩{core.yuan(free)}元没有承诺，不能减{core.yuan(-amount_fen)}元。",
            fields={"amount_fen": f"最多减{core.yuan(free)}"},
        )
    book = _book(budget, on, actor, now)
    accounts = _accounts(book, budget)
    legs = [(accounts["free"], amount_fen), (book.accounts.get(code=GRANTED[0]), -amount_fen)]
    entry = ledger.post(
        book=book, key=key, kind="appropriation", booked_on=on, text=f"{budget} {basis.strip()}", legs=legs,
        actor=actor, now=now, source=budget.ref,
    )  # fmt: skip
    return BudgetMove.objects.create(
        budget=budget, kind=kind, amount_fen=amount_fen, on=on, basis=basis.strip(), file=file, entry=entry,
        by=actor.user, at=now,
    )  # fmt: skip


def _post(
    budget: Budget, debit: str, credit: str, amount_fen: int, *, on: date, key: str, kind: str, text: str, source: Ref,
    actor: Actor, now: datetime,
) -> Entry:  # fmt: skip
    book = _book(budget, on, actor, now)
    accounts = _accounts(book, budget)
    return ledger.post(
        book=book, key=key, kind=kind, booked_on=on, text=text,
        legs=[(accounts[debit], amount_fen), (accounts[credit], -amount_fen)], actor=actor, now=now, source=source,
    )  # fmt: skip


def _book(budget: Budget, on: date, actor: Actor, now: datetime) -> Book:
    found = book_at(budget.place)
    if found is not None:
        return found
    code, title, kind = GRANTED
    return ledger.open_book(
        subject=budget.place.ref,
        purse=PURSE,
        opened_on=date(min(budget.year, on.year), 1, 1),
        accounts=[NewAccount(code, title, kind)],
        actor=Actor.system(demo=actor.demo),
        now=now,
    )


def _accounts(book: Book, budget: Budget) -> dict[str, Account]:
    codes = {f"{part}.{budget.pk}": part for part, _, _ in OF_BUDGET}
    found = {codes[one.code]: one for one in book.accounts.filter(code__in=codes)}
    if not found:
        made = ledger.add_accounts(
            book,
            [NewAccount(f"{part}.{budget.pk}", f"{title} {budget}"[:120], kind) for part, title, kind in OF_BUDGET],
        )
        found = {codes[one.code]: one for one in made}
    return found


def _tell(budget: Budget, kind: str, amount_fen: int, actor: Actor, now: datetime) -> None:
    core.record(
        "budget.moved",
        subject=budget.ref,
        actor=actor,
        at=now,
        place_path=budget.place_path,
        data={"item": budget.item, "payer": budget.payer, "year": budget.year, "amount": amount_fen, "kind": kind},
    )
