"""Files of one vote: the filing form, the list of participation, the opened package for scrutineers."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.governance.votes import exports
from gongzhi.governance.votes.models import Vote
from gongzhi.governance.votes.views.common import actor_of, now_of, vote_of

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COUNTED = ("closed", "published", "final", "filed")


def counted_vote(request: HttpRequest, pk: int) -> Vote:
    vote = vote_of(request, pk)
    core.require(actor_of(request), "vote.count", vote)
    if vote.state not in COUNTED:
        raise Refused("vote_running", "表决还没有截止，不能导出。截止以后再来。")
    return vote


def word_file(content: bytes, *, name: str) -> HttpResponse:
    return _file(content, kind=WORD, name=name)


def _file(content: bytes, *, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_GET
def filing(request: HttpRequest, pk: int) -> HttpResponse:
    vote = counted_vote(request, pk)
    if request.GET.get("as") == "xlsx":
        return _file(exports.filing_workbook(vote), kind=EXCEL, name=f"vote-{vote.pk}-filing.xlsx")
    return _file(exports.filing_form(vote), kind=WORD, name=f"vote-{vote.pk}.docx")


@login_required
@require_GET
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """The result as it is posted in the estate: the draft, or what stands."""
    vote = counted_vote(request, pk)
    return _file(exports.result_notice(vote), kind=WORD, name=f"vote-{vote.pk}-result.docx")


@login_required
@require_GET
def participants(request: HttpRequest, pk: int) -> HttpResponse:
    vote = counted_vote(request, pk)
    return _file(exports.participation(vote), kind=EXCEL, name=f"vote-{vote.pk}.xlsx")


@login_required
@require_GET
def opened(request: HttpRequest, pk: int) -> HttpResponse:
    vote = counted_vote(request, pk)
    content = exports.package(vote, now=now_of(request), opened=True)
    return _file(content, kind="application/zip", name=f"vote-{vote.pk}-opened.zip")
