"""Drafting a vote and running it: each act by the form of its page."""

from typing import Any

from django.http import Http404, HttpRequest
from ninja import Schema
from pydantic import Field

from gongzhi.core.apikit.asking import FormDone, FormOut, done_by, form_of, told
from gongzhi.core.apikit.calls import call_of, changes, creates, matched, reads, runs, tagged
from gongzhi.core.apikit.filling import Filled
from gongzhi.core.apikit.shapes import RowId
from gongzhi.governance.api.votes import VoteOut, router, shown
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import Ballot, RollEntry, VoteObjection
from gongzhi.governance.votes.views import acts, staff, units, witnesses
from gongzhi.governance.votes.views.common import vote_of
from gongzhi.registry.models import Estate
from gongzhi.registry.queries.reading import estates_for

ON_A_ROW = {
    "tuiding": ("登记共有人推定", units.nominate_page),
    "gengzheng": ("更正名册", units.correct_page),
    "zhuanrang": ("表决期间转让", units.sale_page),
}


@reads(router, "/forms/vote", scope="votes:read", response=FormOut, summary="拟定表决要填什么")
def describe_draft(request: HttpRequest) -> dict[str, Any]:
    return form_of(request, staff.draft_page)


@creates(router, "/votes", scope="votes:write", response=VoteOut, summary="拟定表决")
def draft(request: HttpRequest, given: Filled) -> dict[str, Any]:
    _, ref = done_by(request, staff.draft_page, given.fields)
    return shown(request, vote_of(request, int(ref.id)))


@reads(router, "/votes/{pk}/motions", scope="votes:read", response=FormOut, summary="加一个议题要填什么")
def describe_motion(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    vote = vote_of(request, pk)
    tagged(request, vote)
    return form_of(request, lambda asked: staff.motion_page(asked, vote))


@changes(router, "/votes/{pk}/motions", scope="votes:write", response=VoteOut, summary="加一个议题")
def add_motion(request: HttpRequest, pk: RowId, given: Filled) -> dict[str, Any]:
    vote = vote_of(request, pk)
    version = matched(request, vote)
    done_by(request, lambda asked: staff.motion_page(asked, vote), given.fields, version=version)
    return shown(request, vote_of(request, pk))


@reads(router, "/votes/{pk}/motions/{position}", scope="votes:read", response=FormOut, summary="修改一个议题要填什么")
def describe_change(request: HttpRequest, pk: RowId, position: RowId) -> dict[str, Any]:
    vote = vote_of(request, pk)
    tagged(request, vote)
    return form_of(request, lambda asked: staff.motion_change_page(asked, vote, position))


@changes(router, "/votes/{pk}/motions/{position}", scope="votes:write", response=VoteOut, summary="修改一个议题")
def change_motion(request: HttpRequest, pk: RowId, position: RowId, given: Filled) -> dict[str, Any]:
    vote = vote_of(request, pk)
    version = matched(request, vote)
    done_by(request, lambda asked: staff.motion_change_page(asked, vote, position), given.fields, version=version)
    return shown(request, vote_of(request, pk))


@changes(router, "/votes/{pk}/motions/{position}/drop", scope="votes:write", response=VoteOut, summary="撤下一个议题")
def drop_motion(request: HttpRequest, pk: RowId, position: RowId, given: Filled) -> dict[str, Any]:
    vote = vote_of(request, pk)
    version = matched(request, vote)
    done_by(request, lambda asked: staff.motion_drop_page(asked, vote, position), given.fields, version=version)
    return shown(request, vote_of(request, pk))


def _act(name: str) -> Any:
    if name not in acts.ACTS:
        raise Http404
    return acts.ACTS[name]


@reads(router, "/votes/{pk}/acts/{act}", scope="votes:read", response=FormOut, summary="一种办法要填什么")
def describe_act(request: HttpRequest, pk: RowId, act: str) -> dict[str, Any]:
    build, vote = _act(act), vote_of(request, pk)
    tagged(request, vote)
    return form_of(request, lambda asked: build(asked, vote))


@changes(
    router,
    "/votes/{pk}/acts/{act}",
    scope="votes:write",
    response=FormDone,
    summary="办理",
    description="锁定名册、核对、公告、开始、截止、公示、生效、备案、委托、现场投票、官方结果、抽签、监督意见等，与页面同一张表单。",
)
def do_act(request: HttpRequest, pk: RowId, act: str, given: Filled) -> dict[str, Any]:
    build, vote = _act(act), vote_of(request, pk)
    version = matched(request, vote)
    page, ref = done_by(request, lambda asked: build(asked, vote), given.fields, version=version)
    tagged(request, vote)
    return told(page, ref)


class ServedIn(Filled):
    units: list[str] = Field(min_length=1, max_length=5000, description="名册代号")


@runs(router, "/votes/{pk}/service", scope="votes:write", response=FormDone, summary="登记送达")
def serve(request: HttpRequest, pk: RowId, given: ServedIn) -> dict[str, Any]:
    page, ref = done_by(request, lambda asked: acts.serve_page(asked, pk, given.units), given.fields)
    return told(page, ref)


# -- one row of the roll


def _entry(request: HttpRequest, pk: int, code: str) -> RollEntry:
    found = RollEntry.objects.filter(vote=vote_of(request, pk), code=code).first()
    if found is None:
        raise Http404
    return found


def _row_act(name: str) -> Any:
    if name not in ON_A_ROW:
        raise Http404
    return ON_A_ROW[name][1]


@reads(
    router,
    "/votes/{pk}/roll/{code}/acts/{act}",
    scope="votes:read",
    response=FormOut,
    summary="名册上一套房屋的办法要填什么",
)
def describe_row_act(request: HttpRequest, pk: RowId, code: str, act: str) -> dict[str, Any]:
    build, entry = _row_act(act), _entry(request, pk, code)
    tagged(request, entry)
    return form_of(request, lambda asked: build(asked, pk, code))


@changes(
    router,
    "/votes/{pk}/roll/{code}/acts/{act}",
    scope="votes:write",
    response=FormDone,
    summary="名册上一套房屋：推定、更正、转让",
    description="、".join(f"{name} {title}" for name, (title, _) in ON_A_ROW.items()),
)
def do_row_act(request: HttpRequest, pk: RowId, code: str, act: str, given: Filled) -> dict[str, Any]:
    build, entry = _row_act(act), _entry(request, pk, code)
    matched(request, entry)
    page, ref = done_by(request, lambda asked: build(asked, pk, code), given.fields)
    return told(page, ref)


class VoteLinkOut(Schema):
    address: str = Field(description="投票链接，只给这一次；以前的同时失效")


def _link(request: HttpRequest, token: str) -> dict[str, str]:
    from django.urls import reverse

    return {"address": request.build_absolute_uri(reverse("governance:phone", args=[token]))}


@runs(
    router,
    "/votes/{pk}/roll/{code}/link",
    scope="votes:write",
    response=VoteLinkOut,
    summary="给一套房屋的业主发手机投票链接",
    description="投票在业主自己的页面上，先核对身份；接口不代投。",
    key="",
)
def make_link(request: HttpRequest, pk: RowId, code: str) -> dict[str, str]:
    call, entry = call_of(request), _entry(request, pk, code)
    vote = vote_of(request, pk)
    owner = vote.owners.get(code=units.voter_of(entry))
    return _link(request, votes.make_link(vote, owner=owner, actor=call.actor, now=call.now))


@runs(
    router,
    "/votes/{pk}/proxies/{proxy}/link",
    scope="votes:write",
    response=VoteLinkOut,
    summary="给代理人发手机投票链接",
    key="",
)
def make_agent_link(request: HttpRequest, pk: RowId, proxy: str) -> dict[str, str]:
    call, vote = call_of(request), vote_of(request, pk)
    return _link(request, votes.make_agent_link(vote, proxy=proxy, actor=call.actor, now=call.now))


class ProxyRevoked(Schema):
    proxy: str = Field(description="委托书编号")
    revoked: bool = Field(description="已撤销")


@runs(router, "/votes/{pk}/proxies/{proxy}/revoke", scope="votes:write", response=ProxyRevoked, summary="撤销委托")
def revoke(request: HttpRequest, pk: RowId, proxy: str) -> dict[str, Any]:
    call = call_of(request)
    votes.revoke_proxy(vote_of(request, pk), proxy=proxy, actor=call.actor, now=call.now)
    return {"proxy": proxy, "revoked": True}


# -- ballots that people settle, objections, witnesses, the estate's own rules


def _found(model: Any, pk: int) -> Any:
    found = model.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@runs(router, "/ballots/{pk}/adjudicate", scope="votes:write", response=FormDone, summary="认定有瑕疵的选票")
def adjudicate(request: HttpRequest, pk: RowId, given: Filled) -> dict[str, Any]:
    _found(Ballot, pk)
    page, ref = done_by(request, lambda asked: acts.adjudicate_page(asked, pk), given.fields)
    return told(page, ref)


@changes(router, "/objections/{pk}/reply", scope="votes:write", response=FormDone, summary="答复异议")
def reply(request: HttpRequest, pk: RowId, given: Filled) -> dict[str, Any]:
    row = _found(VoteObjection, pk)
    vote_of(request, row.vote_id)
    matched(request, row)
    page, ref = done_by(request, lambda asked: acts.reply_page(asked, pk), given.fields)
    tagged(request, row)
    return told(page, ref)


@reads(router, "/objections/{pk}", scope="votes:read", response=FormOut, summary="答复一件异议要填什么")
def describe_reply(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    row = _found(VoteObjection, pk)
    vote_of(request, row.vote_id)
    tagged(request, row)
    return form_of(request, lambda asked: acts.reply_page(asked, pk))


@runs(
    router,
    "/votes/{pk}/witnesses",
    scope="votes:write",
    response=FormDone,
    summary="登记见证人，或停用一名",
    description="登记填 kind、name、key；停用只填 witness（见证人编号）。",
)
def witness(request: HttpRequest, pk: RowId, given: Filled) -> dict[str, Any]:
    page, ref = done_by(request, lambda asked: witnesses.manage_page(_ending(asked, given), pk), given.fields)
    return told(page, ref)


def _ending(asked: Any, given: Filled) -> Any:
    """Which of the two forms is meant shows in what was sent."""
    asked.ending = "witness" in given.fields
    return asked


def _estate(request: HttpRequest, pk: int) -> Estate:
    found = estates_for(call_of(request).actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@reads(router, "/estates/{pk}/procedure", scope="votes:read", response=FormOut, summary="议事规则：有哪些、现在是什么")
def describe_procedure(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    tagged(request, _estate(request, pk))
    return form_of(request, lambda asked: acts.procedure_page(asked, pk))


@changes(router, "/estates/{pk}/procedure", scope="votes:write", response=FormDone, summary="登记议事规则")
def adopt(request: HttpRequest, pk: RowId, given: Filled) -> dict[str, Any]:
    matched(request, _estate(request, pk))
    page, ref = done_by(request, lambda asked: acts.procedure_page(asked, pk), given.fields)
    return told(page, ref)
