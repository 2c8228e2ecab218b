"""What the staff pages share: who asks and when, and which case the address means."""

from django.http import Http404, HttpRequest
from django.urls import NoReverseMatch, reverse

from gongzhi.cases import queries
from gongzhi.cases.models import Case
from gongzhi.core.pages import actor_of as actor_of
from gongzhi.core.pages import now_of as now_of
from gongzhi.core.pages import see as see

SEE_OTHER, UNPROCESSABLE = 303, 422
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def case_of(request: HttpRequest, number: str) -> tuple[Case, queries.CaseView]:
    """404 for a number that nobody has; a refusal (403) for a case that is not the actor's to see."""
    rows = Case.objects.select_related(
        "complaint__complainant", "complaint__receiver", "estate__community", "lead", "desk", "merged_into"
    )
    case = rows.filter(number=number.upper()).first()
    if case is None:
        raise Http404
    return case, queries.case_view(case, actor_of(request))


def case_url(case: Case) -> str:
    return reverse("cases:case", args=[case.number])


def address(name: str, *args: object) -> str:
    """The address of another part's page, or nothing where that part has no pages."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
