"""What stands behind a vote: log, witnesses, files; the trustees of a secret election."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Schema
from pydantic import Field

from gongzhi.core import services as core
from gongzhi.core.apikit.asking import FormOut
from gongzhi.core.apikit.calls import call_of, reads, runs
from gongzhi.core.apikit.filling import Filled, described, filled
from gongzhi.core.apikit.shapes import RowId
from gongzhi.governance.api.votes import router
from gongzhi.governance.votes import exports
from gongzhi.governance.votes.models import Vote
from gongzhi.governance.votes.queries import PUBLISHED
from gongzhi.governance.votes.secret import queries as ceremonies
from gongzhi.governance.votes.secret import trusting, weights
from gongzhi.governance.votes.secret.models import Trustee
from gongzhi.governance.votes.views import downloads, trustees, witnesses
from gongzhi.governance.votes.views.common import vote_of


class VoteWitnessOut(Schema):
    id: int = Field(description="见证人编号")
    name: str = Field(description="见证人")
    key_name: str = Field(description="签名用的名称")
    seen_at: datetime | None = Field(description="上次见证；还没有签的为空")
    size: int | None = Field(description="见证到第几条")
    ended: bool = Field(description="已停用")


class VoteProofOut(Schema):
    origin: str = Field(description="票册名称")
    ballots: int = Field(description="收到的票数")
    size: int = Field(description="已排入票册的条数")
    root: str = Field(description="最近检查点的根")
    key: str = Field(description="平台签名公钥")
    note: str = Field(description="最近的检查点（C2SP note）")
    closed_size: int | None = Field(description="截止时的条数")
    closed_root: str = Field(description="截止时的根")
    sealed_at: datetime | None = Field(description="时间戳")
    witnesses: list[VoteWitnessOut] = Field(description="见证人")


@reads(router, "/votes/{pk}/proof", scope="votes:read", response=VoteProofOut, summary="票册、检查点、时间戳、见证人")
def read_proof(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    vote = _logged(request, pk)
    found = witnesses.standing(vote)
    newest, closed, seal = found["newest"], found["closed"], found["seal"]
    return {
        "origin": vote.log.origin if vote.log else "",
        "ballots": found["ballots"],
        "size": newest.size if newest else 0,
        "root": found["newest_root"],
        "key": found["key"],
        "note": newest.note if newest else "",
        "closed_size": closed.size if closed else None,
        "closed_root": found["closed_root"],
        "sealed_at": seal.sealed_at if seal else None,
        "witnesses": [
            {
                "id": one.witness.pk,
                "name": one.witness.label,
                "key_name": one.witness.name,
                "seen_at": one.last.seen_at if one.last else None,
                "size": one.last.checkpoint.size if one.last else None,
                "ended": one.witness.ended_at is not None,
            }
            for one in found["witnesses"]
        ],
    }


def _logged(request: HttpRequest, pk: int) -> Vote:
    vote = vote_of(request, pk)
    if vote.log is None:
        raise Http404
    return vote


ZIP = "application/zip"


def _file(name: str, content: bytes, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@reads(router, "/votes/{pk}/filing-form", scope="votes:read", response=bytes, summary="备案表（Word）")
def filing_form(request: HttpRequest, pk: RowId) -> HttpResponse:
    vote = downloads.counted_vote(request, pk)
    return _file(f"vote-{pk}.docx", exports.filing_form(vote), downloads.WORD)


@reads(router, "/votes/{pk}/filing-workbook", scope="votes:read", response=bytes, summary="备案表（Excel）")
def filing_workbook(request: HttpRequest, pk: RowId) -> HttpResponse:
    vote = downloads.counted_vote(request, pk)
    return _file(f"vote-{pk}-filing.xlsx", exports.filing_workbook(vote), downloads.EXCEL)


@reads(router, "/votes/{pk}/result-notice", scope="votes:read", response=bytes, summary="结果公示、公告（Word）")
def result_notice(request: HttpRequest, pk: RowId) -> HttpResponse:
    vote = downloads.counted_vote(request, pk)
    return _file(f"vote-{pk}-result.docx", exports.result_notice(vote), downloads.WORD)


@reads(router, "/votes/{pk}/participants", scope="votes:read", response=bytes, summary="参与名单（Excel）")
def participants(request: HttpRequest, pk: RowId) -> HttpResponse:
    vote = downloads.counted_vote(request, pk)
    return _file(f"vote-{pk}.xlsx", exports.participation(vote), downloads.EXCEL)


class ServiceListAsked(Schema):
    building: str = Field("", description="只要这一幢；空着的是全部")
    only: str = Field("", description="waiting：只要还没有送达的")


@reads(router, "/votes/{pk}/service-list", scope="votes:read", response=bytes, summary="送达清单（PDF）")
def service_list(request: HttpRequest, pk: RowId, given: Query[ServiceListAsked]) -> HttpResponse:
    return _file(f"vote-{pk}-service.pdf", downloads.service_list_of(request, pk), downloads.PDF)


@reads(
    router,
    "/votes/{pk}/opened",
    scope="votes:read",
    response=bytes,
    summary="监票人的数据包（每张票打开）",
    description="只给能计票的岗位；截止以后。",
)
def opened(request: HttpRequest, pk: RowId) -> HttpResponse:
    vote = downloads.counted_vote(request, pk)
    return _file(f"vote-{pk}-opened.zip", exports.package(vote, now=call_of(request).now, opened=True), ZIP)


@reads(router, "/votes/{pk}/package", scope="votes:read", response=bytes, summary="公开的数据包（含核验程序）")
def package(request: HttpRequest, pk: RowId) -> HttpResponse:
    vote = vote_of(request, pk)
    if vote.state not in PUBLISHED:
        raise Http404
    return _file(f"vote-{pk}.zip", exports.package(vote, now=call_of(request).now), ZIP)


# -- trustees


class TrusteeOut(Schema):
    number: int = Field(description="编号")
    name: str = Field(description="姓名")
    office: str = Field(description="身份代码")
    done: list[str] = Field(description="已办的步骤")
    waiting: str = Field(description="现在要办的；没有的为空")


class CeremonyOut(Schema):
    state: str = Field(description="状态代码")
    step: str = Field(description="现在的步骤代码")
    needed: int = Field(description="几名可以开票")
    guard: int = Field(description="人数线")
    counted: int | None = Field(description="汇总的票数")
    opened_at: datetime | None = Field(description="开票时间")
    trustees: list[TrusteeOut] = Field(description="托管人")


@reads(router, "/votes/{pk}/trustees", scope="votes:read", response=CeremonyOut, summary="无记名选举的托管人")
def read_trustees(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    ceremony = ceremonies.ceremony_of(vote_of(request, pk))
    if ceremony is None:
        raise Http404
    step, rows = ceremonies.standings(ceremony)
    names = ("state", "needed", "guard", "counted", "opened_at")
    return {
        **{name: getattr(ceremony, name) for name in names},
        "step": step,
        "trustees": [
            {
                "number": one.row.number,
                "name": one.row.name,
                "office": one.row.office,
                "done": list(one.done),
                "waiting": one.waiting or "",
            }
            for one in rows
        ],
    }


class TrusteeLink(Schema):
    number: int = Field(description="编号")
    name: str = Field(description="姓名")
    address: str = Field(description="托管链接，只给这一次")


def _naming(request: HttpRequest, pk: int) -> tuple[Vote, int]:
    vote = vote_of(request, pk)
    if not vote.secret:
        raise Http404
    core.require(call_of(request).actor, "vote.run", vote)
    rules, _ = weights.secret_rules(vote, core.local_day(vote.opens_at))
    return vote, rules.settings.secrecy.trustees


def _form(count: int) -> Any:
    def make(data: Any = None, files: Any = None) -> Any:
        form = trustees.NamingForm(data)
        form.ask(count)
        return form

    return make


@reads(router, "/votes/{pk}/trustees/form", scope="votes:read", response=FormOut, summary="指定托管人要填什么")
def describe_naming(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    _, count = _naming(request, pk)
    return {"title": "指定托管人", "hint": "", "clauses": [], "fields": described(_form(count)())}


@runs(
    router,
    "/votes/{pk}/trustees",
    scope="votes:write",
    response=list[TrusteeLink],
    summary="指定托管人",
    description="答复各人的托管链接，只给这一次。托管人在自己的页面或离线工具里办。",
    key="",
)
def name_trustees(request: HttpRequest, pk: RowId, given: Filled) -> list[dict[str, Any]]:
    call = call_of(request)
    vote, count = _naming(request, pk)
    form = filled(_form(count), given.fields, owner=call.actor)
    tokens = trusting.name_trustees(vote, people=form.people(count), actor=call.actor, now=call.now)
    return _links(request, vote, tokens)


@runs(
    router,
    "/votes/{pk}/trustees/{number}/link",
    scope="votes:write",
    response=list[TrusteeLink],
    summary="补发托管链接",
    key="",
)
def renew(request: HttpRequest, pk: RowId, number: int) -> list[dict[str, Any]]:
    call, vote = call_of(request), vote_of(request, pk)
    rows = Trustee.objects.select_related("ceremony__vote").filter(ceremony__vote=vote)
    row = next((one for one in rows if one.number == number), None)
    if row is None:
        raise Http404
    core.require(call.actor, "vote.run", vote)
    return _links(request, vote, {number: trusting.renew_link(row, actor=call.actor, now=call.now)})


def _links(request: HttpRequest, vote: Vote, tokens: dict[int, str]) -> list[dict[str, Any]]:
    names = dict(Trustee.objects.filter(ceremony__vote=vote).values_list("number", "name"))
    return [
        {
            "number": number,
            "name": names[number],
            "address": request.build_absolute_uri(reverse("governance:trustee", args=[token])),
        }
        for number, token in tokens.items()
    ]
