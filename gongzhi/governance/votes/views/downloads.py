"""Files of one vote: the filing form, the list of participation, the opened package for scrutineers."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from gongzhi.core import services as core
from gongzhi.core.display import cn_moment
from gongzhi.core.errors import Refused
from gongzhi.governance.votes import exports
from gongzhi.governance.votes.models import RollEntry, Vote
from gongzhi.governance.votes.paper.service_list import ServedUnit, service_pdf
from gongzhi.governance.votes.views.common import actor_of, now_of, vote_of
from gongzhi.governance.votes.views.staff import Served, served_of, sifted

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"
DIGEST_SHOWN = 16
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
def service_list(request: HttpRequest, pk: int) -> HttpResponse:
    return _file(service_list_of(request, pk), kind=PDF, name=f"vote-{pk}-service.pdf")


def service_list_of(request: HttpRequest, pk: int) -> bytes:
    """Of the units that the roll's page shows with the same filter."""
    vote = vote_of(request, pk)
    core.require(actor_of(request), "vote.run", vote)
    if vote.roll_frozen_at is None:
        raise Refused("roll_not_frozen", "名册还没有锁定，没有送达清单。请先锁定名册。")
    served, names = served_of(vote), _names(vote)
    rows = [_listed(one, served.get(one.code), names) for one in sifted(vote, request.GET, served)]
    asked = (request.GET.get("building", ""), "还没有送达的" if request.GET.get("only") == "waiting" else "")
    return service_pdf(vote, rows, part="，".join(one for one in asked if one), now=now_of(request))


def _names(vote: Vote) -> dict[str, str]:
    """Masked; whose person is unknown is the developer."""
    rows = vote.owners.values_list("code", "person__masked_name")
    return {code: name or "建设单位" for code, name in rows}


def _listed(entry: RollEntry, one: Served | None, names: dict[str, str]) -> ServedUnit:
    owners = "、".join(dict.fromkeys(names.get(code, "") for code in entry.owners))
    if one is None:
        return ServedUnit(entry.room, owners, served=False)
    file = one.record.file
    return ServedUnit(
        entry.room, owners, served=one.result == "served", way=one.says, at=cn_moment(one.record.at),
        by=str(one.record.data.get("by", "")), evidence=file.sha256[:DIGEST_SHOWN] if file is not None else "",
    )  # fmt: skip


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
