"""Which evidence belongs to a case or a line of the register, and what its files are called in a package."""

from pathlib import PurePath

from django.db.models import Q, QuerySet

from gongzhi.cases.enforcement.models import Custody, Evidence
from gongzhi.cases.models import Case, Problem
from gongzhi.cases.queries.cases import may_see
from gongzhi.cases.queries.ledgers import problems_for
from gongzhi.core.actors import Actor


def evidence_of(subject: Case | Problem) -> QuerySet[Evidence]:
    """Of a case also what was taken in before it was reported; of a line also what came to its case."""
    if isinstance(subject, Problem):
        wanted = Q(problem=subject) | Q(case=subject.opened_case) & ~Q(case=None)
    else:
        wanted = Q(case=subject) | Q(problem__opened_case=subject)
    rows = Evidence.objects.filter(wanted).select_related("file", "entry", "problem", "case")
    return rows.prefetch_related("custody__organisation", "custody__handed_by").order_by("pk")


def sees(subject: Case | Problem, actor: Actor) -> bool:
    """The case or the line itself, and with it all of its evidence."""
    if isinstance(subject, Problem):
        return problems_for(actor).filter(pk=subject.pk).exists()
    return may_see(actor, subject)


def shown_to(subject: Case | Problem, actor: Actor) -> QuerySet[Evidence]:
    """All of it for who sees the subject; for a unit that it was handed to, what it was handed."""
    rows = evidence_of(subject)
    if actor.is_system or sees(subject, actor):
        return rows
    if actor.organisation is None:
        return rows.none()
    return rows.filter(pk__in=Custody.objects.filter(organisation=actor.organisation).values("evidence"))


def offered_to(subject: Case | Problem, actor: Actor) -> QuerySet[Evidence]:
    return evidence_of(subject).filter(custody__organisation=actor.organisation, custody__from_at=None)


def held_by(subject: Case | Problem, actor: Actor) -> list[Evidence]:
    """What the actor's unit may hand over now."""
    return [
        one
        for one in evidence_of(subject)
        if actor.organisation is not None
        and one.holder == actor.organisation
        and all(each.from_at is not None for each in one.custody.all())
    ]


def member_name(number: str, name: str) -> str:
    """In a package: small letters and figures alone."""
    return f"evidence/{number.lower()}{PurePath(name).suffix.lower()}"
