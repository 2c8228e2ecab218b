"""Reading payments: whose bills somebody may pay, what a project took in, what waits for a person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, F, Q, QuerySet, Sum, When

from gongzhi.core.actors import Actor
from gongzhi.core.rights import known_rights, may
from gongzhi.funds.charges.models import Settlement
from gongzhi.funds.charges.queries import OfProject
from gongzhi.funds.common import apart
from gongzhi.funds.common.questions import ASK
from gongzhi.funds.payments.models import CashDeposit, ChannelDay, PayChannel, PayIssue, Receipt, RefundRequest
from gongzhi.registry.models import Ownership, Project

SHOWN = 50


def own_titles(actor: Actor, *, on: date) -> list[Ownership]:
    """The units of a signed-in owner: those whose recorded owner has the account's phone number, that day."""
    if actor.user is None or not actor.user.phone_hash:
        return []
    rows = Ownership.objects.filter(shares__owner__phone_hash=actor.user.phone_hash)
    if actor.place_path:
        rows = rows.filter(unit__building__estate__place_path=actor.place_path)
    lasting = Q(from_on=None) | Q(from_on__lte=on)
    return list(rows.filter(lasting).select_related("unit__building__estate").distinct().order_by("unit", "pk"))


def own_receipt(actor: Actor, pk: int, *, on: date) -> Receipt | None:
    """The receipt, where the actor owns or owned the home that it was paid for by those owners."""
    titles = own_titles(actor, on=on)
    if not titles:
        return None
    rows = Receipt.objects.select_related("settlement__project__estate", "settlement__unit__building", "company")
    return rows.filter(pk=pk, settlement__ownership__in=titles).first()


def may_look(actor: Actor, project: Project) -> bool:
    return may(actor, "payment.read", OfProject(project))


def channels_of(project: Project) -> QuerySet[PayChannel]:
    """Those that take money now."""
    return project.pay_channels.filter(to_on=None).order_by("-provider")


def issues_of(project: Project) -> QuerySet[PayIssue]:
    return (
        PayIssue.objects.filter(channel__project=project, state="open").select_related("channel").order_by("-noted_at")
    )


def days_of(project: Project) -> QuerySet[ChannelDay]:
    """Without the days on which nothing moved and nothing differs."""
    rows = ChannelDay.objects.filter(channel__project=project).exclude(state="agrees", paid_fen=0, refund_fen=0)
    return rows.select_related("channel").order_by("-on", "channel")


def refunds_of(project: Project) -> QuerySet[RefundRequest]:
    rows = RefundRequest.objects.filter(settlement__project=project)
    return rows.select_related("settlement__unit__building", "asked_by", "judged_by").order_by("-asked_at")


# By which right a step of a refund is taken.
OF_REFUND = {"approve": "refund.judge", "pay": "payment.take"}


def refund_due(row: RefundRequest) -> str:
    """The step that waits for a person: `approve`, `pay`, or none."""
    if row.state == "asked":
        return "approve"
    return "pay" if row.state == "approved" and row.how != "back" else ""


def refund_roles(step: str) -> tuple[str, ...]:
    return tuple(known_rights()[OF_REFUND[step]].roles or ())


def refund_apart(row: RefundRequest, step: str, actor: Actor, *, on: date) -> apart.Apart | None:
    """What this person did of the refund that may not be in one hand with `step`; None where nothing.

    Nobody approves his own, whatever a pack says: the database refuses it too.
    """
    if step == "approve":
        own = actor.user.pk if actor.user is not None else None
        return apart.Apart("refund", step, ASK, frozenset([own])) if own and own == row.asked_by_id else None
    taken = {ASK: row.asked_by_id, "approve": row.judged_by_id}
    return apart.kept_apart("refund", step, taken, actor=actor, place_path=row.place_path, on=on)


def receipts_of(project: Project) -> QuerySet[Receipt]:
    rows = Receipt.objects.filter(settlement__project=project)
    return rows.select_related("settlement__unit__building", "company").order_by("-year", "-seq")


@dataclass(frozen=True, slots=True)
class TakenOn:
    """One channel's money of a day, in 分."""

    channel: str
    title: str
    count: int
    fen: int
    back_fen: int

    @property
    def net_fen(self) -> int:
        return self.fen - self.back_fen


def taken_on(project: Project, on: date) -> list[TakenOn]:
    """日报: what came in and went back that day, by channel. Reversals take back what was never there."""
    rows = (
        Settlement.objects.filter(project=project, on=on)
        .values("channel")
        .annotate(
            count=Count("pk", filter=Q(kind="payment")),
            fen=Sum("amount_fen", filter=Q(kind="payment"), default=0),
            back=Sum("amount_fen", filter=~Q(kind="payment"), default=0),
        )
        .order_by("channel")
    )
    titles = dict(Settlement._meta.get_field("channel").flatchoices)
    return [TakenOn(row["channel"], titles[row["channel"]], row["count"], row["fen"], row["back"]) for row in rows]


def cash_of(project: Project, on: date) -> int:
    """现金 that this company took at the counter of this estate and has not paid in at the bank by that day, in 分.

    The books of an estate go on when its company changes; the box is the company's.
    """
    return cash_boxes([project], on)[0].held_fen


@dataclass(frozen=True, slots=True)
class CashBox:
    """One estate's part of what lies in the drawer of a company's desk. `taken_fen`: of that day alone."""

    project: Project
    taken_fen: int
    held_fen: int


def cash_boxes(projects: Iterable[Project], on: date) -> list[CashBox]:
    """In a few statements, whatever their number."""
    listed = list(projects)
    moved = Case(When(kind="payment", then=F("amount_fen")), default=-F("amount_fen"))
    rows = Settlement.objects.filter(project__in=listed, channel="cash", on__lte=on)
    held: dict[int, int] = dict(rows.values_list("project").annotate(fen=Sum(moved)))
    taken: dict[int, int] = dict(rows.filter(on=on).values_list("project").annotate(fen=Sum(moved)))
    deposits = CashDeposit.objects.filter(project__in=listed, on__lte=on)
    banked: dict[int, int] = dict(deposits.values_list("project").annotate(fen=Sum("amount_fen")))
    return [CashBox(one, taken.get(one.pk, 0), held.get(one.pk, 0) - banked.get(one.pk, 0)) for one in listed]


def gaps(receipts: Sequence[int]) -> list[int]:
    """Numbers that are missing from a series which begins with 1."""
    return sorted(set(range(1, max(receipts, default=0) + 1)) - set(receipts))
