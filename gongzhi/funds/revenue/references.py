"""How the platform finds a statement of common revenue, and a question about one: who sees the estate reads it."""

from django.urls import reverse

from gongzhi.core import refs
from gongzhi.funds.revenue.models import RevenueQuestion, RevenueStatement
from gongzhi.registry.queries.reading import estates_for


def _statement(pk: str) -> RevenueStatement | None:
    rows = RevenueStatement.objects.select_related("estate")
    return rows.filter(pk=pk).first() if str(pk).isdigit() else None


def _question(pk: str) -> RevenueQuestion | None:
    rows = RevenueQuestion.objects.select_related("statement__estate")
    return rows.filter(pk=pk).first() if str(pk).isdigit() else None


def register() -> None:
    refs.register_kind(
        "revenue_statement",
        load=_statement,
        may_read=lambda actor, row: estates_for(actor).filter(pk=row.estate_id).exists(),
        url=lambda row: reverse("funds:shown", args=[row.pk]),
    )
    refs.register_kind(
        "revenue_question",
        load=_question,
        may_read=lambda actor, row: estates_for(actor).filter(pk=row.statement.estate_id).exists(),
        url=lambda row: f"{reverse('funds:shown', args=[row.statement_id])}#h-q",
    )
