from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "gongzhi.cases"
    label = "cases"
    verbose_name = "案件"

    def ready(self) -> None:
        """Files and documents of a case open to whoever may see the case."""
        from django.urls import NoReverseMatch, reverse

        from gongzhi.cases.accountability.references import register
        from gongzhi.cases.enforcement.queries.beside import register as register_beside
        from gongzhi.cases.enforcement.references import register as register_enforcement
        from gongzhi.cases.holdings import IN_HAND
        from gongzhi.cases.hotline import answers
        from gongzhi.cases.models import Case, Complaint, Problem
        from gongzhi.cases.queries.cases import cases_for, helps_with, may_see
        from gongzhi.cases.queries.ledgers import problems_for
        from gongzhi.cases.rights import OVERSIGHT, PROBLEM_READERS
        from gongzhi.cases.services import upward
        from gongzhi.core import messages, refs
        from gongzhi.core import services as core
        from gongzhi.duties.elsewhere import register_extension

        register()
        register_enforcement()
        register_beside()
        core.register_holdings(*IN_HAND)
        register_extension("case", ask=upward.ask_extension_of, decide=upward.decide_extension_of)
        messages.SENDERS[answers.CHANNEL] = answers.post_answer

        def url(name: str) -> Any:
            def found(row: Any) -> str:
                try:
                    return reverse(name, args=[row.number])
                except NoReverseMatch:
                    return ""

            return found

        refs.register_kind(
            "case",
            load=lambda key: Case.objects.select_related("complaint", "estate").filter(**_told(key)).first(),
            may_read=may_see,
            url=url("cases:case"),
            readable=lambda actor: _keys(cases_for(actor), actor, OVERSIGHT),
            many=_cases,
        )
        refs.register_kind(
            "complaint",
            load=lambda pk: Complaint.objects.filter(pk=pk).first(),
            may_read=lambda actor, row: _may_read_complaint(actor, row),
            url=url("cases:complaint"),
            many=_complaints,
            helps=lambda actor, row: helps_with(row, actor),
        )
        refs.register_kind(
            "problem",
            load=lambda pk: Problem.objects.select_related("estate").filter(pk=pk).first(),
            may_read=lambda actor, row: problems_for(actor).filter(pk=row.pk).exists(),
            url=url("cases:problem"),
            readable=lambda actor: _keys(problems_for(actor), actor, PROBLEM_READERS),
        )


def _keys(rows: Any, actor: Any, oversight: tuple[str, ...]) -> Any | None:
    """The ids as duties and events keep them; None for those who read every one of their place."""
    from django.db.models import TextField
    from django.db.models.functions import Cast

    if actor.is_system or actor.role in oversight:
        return None
    return rows.order_by().annotate(key=Cast("pk", TextField())).values("key")


def _cases(actor: Any, ids: Sequence[str]) -> dict[str, Any]:
    """Each under what it was asked by: its own key or its number."""
    from django.db.models import Q

    from gongzhi.cases.queries.cases import readable_by

    keys = [one for one in ids if one.isdigit()]
    rows = readable_by(actor).filter(Q(pk__in=keys) | Q(number__in=set(ids) - set(keys)))
    return {told: row for row in rows for told in (str(row.pk), row.number) if told in ids}


def _complaints(actor: Any, ids: Sequence[str]) -> list[Any]:
    from gongzhi.cases.models import Complaint
    from gongzhi.cases.queries.cases import readable_by

    rows = list(Complaint.objects.filter(pk__in=ids))
    staff = set(readable_by(actor).filter(complaint__in=rows).values_list("complaint_id", flat=True))
    own = actor.user.pk if actor.user is not None else None
    return [
        row
        for row in rows
        if (own is not None and own in (row.submitted_by_id, row.steward_id))
        or (actor.is_staff_role and row.pk in staff)
    ]


def _told(key: str) -> dict[str, str]:
    """A case by its own key, or by its number, as other parts write it down."""
    return {"pk": key} if str(key).isdigit() else {"number": key}


def _may_read_complaint(actor: Any, complaint: Any) -> bool:
    """What was handed in may show who complained: staff with one of its cases, and the complainant himself."""
    from gongzhi.cases.queries.cases import readable_by

    if actor.user is not None and actor.user.pk in (complaint.submitted_by_id, complaint.steward_id):
        return True
    return bool(actor.is_staff_role) and readable_by(actor).filter(complaint=complaint).exists()
