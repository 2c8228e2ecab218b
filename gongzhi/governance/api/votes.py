"""The list of votes, one vote with its count, its roll, its instruments, its notice and result."""

from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.core.apikit.calls import call_of, reads, tagged
from gongzhi.core.apikit.paging import Page, Paging, keys, page_of
from gongzhi.core.apikit.shapes import RowId, code
from gongzhi.governance.tally.result import Result
from gongzhi.governance.tally.roll import STOCKS, UNIT_KINDS
from gongzhi.governance.votes import queries
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import RollEntry, Vote, VoteRecord
from gongzhi.governance.votes.queries import PUBLISHED
from gongzhi.governance.votes.views.common import compared_words, motion_words, vote_of
from gongzhi.governance.votes.views.next_step import acts_of, cautions
from gongzhi.governance.votes.words import CONVENERS, OBJECTED, OBJECTION_RESULTS, STATES

router = Router(tags=["业主表决"])
READING = r"^([a-z_]{1,40}:[a-z_]{1,40})?$"


class VoteRow(Schema):
    id: int = Field(description="表决编号")
    title: str = Field(description="名称")
    estate: int = Field(description="小区编号")
    estate_name: str = Field(description="小区")
    convener: str = code("召集人", CONVENERS)
    state: str = code("状态", STATES)
    secret: bool = Field(description="无记名")
    opens_at: datetime = Field(description="开始投票")
    closes_at: datetime = Field(description="截止投票")
    noticed_on: date | None = Field(description="公告日期")
    published_on: date | None = Field(description="结果公示日期")
    finalised_at: datetime | None = Field(description="生效时间")
    filed_on: date | None = Field(description="备案日期")
    version: int = Field(description="版本，与 ETag 相同")


class VoteFilter(Paging):
    state: str = code("状态", STATES)
    estate: int | None = Field(None, ge=1, le=2**63 - 1, description="只看这个小区")


NAMES = ("title", "convener", "state", "secret", "opens_at", "closes_at", "noticed_on", "published_on",
         "finalised_at", "filed_on", "version")  # fmt: skip


def _row(vote: Vote) -> dict[str, Any]:
    return {
        "id": vote.pk,
        "estate": vote.estate_id,
        "estate_name": vote.estate.name,
        **{name: getattr(vote, name) for name in NAMES},
    }


@reads(router, "/votes", scope="votes:read", response=Page[VoteRow], summary="业主表决清单")
def list_votes(request: HttpRequest, given: Query[VoteFilter]) -> dict[str, Any]:
    rows = queries.votes_for(call_of(request).actor)
    if given.state:
        rows = rows.filter(state=given.state)
    if given.estate:
        rows = rows.filter(estate_id=given.estate)
    of = f"votes:{given.state}:{given.estate}"
    return page_of(rows, _row, by=keys("-opens_at", "-id"), given=given, of=of)


class VoteCandidateOut(Schema):
    candidate: str = Field(description="代号")
    name: str = Field(description="姓名或单位")


class VoteMotionOut(Schema):
    motion: str = Field(description="议题代号")
    title: str = Field(description="议题")
    matter: str = Field(description="事项类别代码")
    text: str = Field(description="内容")
    amount_fen: int | None = Field(description="金额（分）")
    level: str = Field(description="由谁表决：estate 全小区、building 楼幢、entrance 单元、parts 楼幢和单元")
    of: list[str] = Field(description="哪些楼幢或单元；全小区的为空")
    candidates: list[VoteCandidateOut] = Field(description="候选")
    seats: int | None = Field(description="选几个")
    needs: str = Field(description="怎样通过")
    clauses: list[str] = Field(description="依据条款")
    origin: str = Field(description="所依的选举或会议：类别:编号")
    outcome: str = Field(description="结果代码；还没有的为空")
    follow_up: str = Field(description="接续办理的情况")


def _motion(one: Any) -> dict[str, Any]:
    shown, scope = motion_words(one), one.scope
    election = one.election or {}
    return {
        "motion": one.code,
        "title": one.title,
        "matter": one.matter,
        "text": one.text,
        "amount_fen": one.amount_fen,
        "level": scope["level"],
        "of": scope["of"],
        "candidates": [{"candidate": who["candidate"], "name": who["name"]} for who in election.get("candidates", ())],
        "seats": election.get("seats"),
        "needs": shown["shown"],
        "clauses": list(shown["clauses"]),
        "origin": one.origin,
        "outcome": one.outcome,
        "follow_up": (one.follow_up or {}).get("says", ""),
    }


class VoteTurnoutOut(Schema):
    units: int = Field(description="已投的套数")
    all_units: int = Field(description="应投的套数")
    heads: int = Field(description="已投的人数")
    all_heads: int = Field(description="应投的人数")
    area: int = Field(description="已投的面积（0.01平方米）")
    all_area: int = Field(description="应投的面积（0.01平方米）")
    ballots: int = Field(description="收到的票数")
    by_proxy: int = Field(description="代理投的套数")
    served: int = Field(description="已送达的套数")
    undeliverable: list[str] = Field(description="未能送达的房号")
    waiting: int = Field(description="待送达的套数")


class VoteActOut(Schema):
    act: str = Field(description="办法代码")
    title: str = Field(description="名称")


class VoteOut(VoteRow):
    check_opinion: str = Field(description="核对意见")
    roll_root: str = Field(description="名册的根")
    rules_hash: str = Field(description="规则摘要")
    objection_until: datetime | None = Field(description="异议截止")
    stop_reason: str = Field(description="终止原因")
    cautions: list[str] = Field(description="公告以前要留意的：不会自动到任的选举、人数不够的无记名选举")
    motions: list[VoteMotionOut] = Field(description="议题")
    turnout: VoteTurnoutOut | None = Field(description="投票和送达；名册还没有锁定的为空")
    acts: list[VoteActOut] = Field(description="现在能办的")


def _turnout(vote: Vote) -> dict[str, Any] | None:
    if vote.roll_frozen_at is None:
        return None
    found, service = queries.turnout(vote), queries.service_of(vote)
    names = ("units", "all_units", "heads", "all_heads", "area", "all_area", "ballots", "by_proxy")
    return {
        **{name: getattr(found, name) for name in names},
        "served": service.served,
        "undeliverable": service.rooms,
        "waiting": service.waiting,
    }


def shown(request: HttpRequest, vote: Vote) -> dict[str, Any]:
    tagged(request, vote)
    call = call_of(request)
    return {
        **_row(vote),
        **{name: getattr(vote, name) for name in ("check_opinion", "roll_root", "rules_hash", "objection_until",
                                                  "stop_reason")},
        "cautions": [f"{one.title}。{one.says}" for one in cautions(vote, call.now) if not one.ok],
        "motions": [_motion(one) for one in vote.motions.prefetch_related("buildings")],
        "turnout": _turnout(vote),
        "acts": [{"act": act, "title": title} for act, title, _ in acts_of(vote, call.actor, call.now)],
    }  # fmt: skip


@reads(router, "/votes/{pk}", scope="votes:read", response=VoteOut, summary="一次表决")
def read_vote(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    return shown(request, vote_of(request, pk))


class VoteRollOut(Schema):
    unit: str = Field(description="名册代号")
    room: str = Field(description="房号")
    building: str = Field(description="楼幢")
    entrance: str = Field(description="单元")
    area: int = Field(description="专有部分面积（0.01平方米）")
    area_source: str = Field(description="面积来源代码")
    kind: str = code("用途", UNIT_KINDS)
    stock: str = code("出售交付", STOCKS)
    owners: list[str] = Field(description="业主代号")
    voters: list[str] = Field(description="现在可以投票的代号；共有没有推定的为空")
    served: str = Field(description="送达：served、refused、undeliverable；没有的为空")


@reads(
    router,
    "/votes/{pk}/roll",
    scope="votes:read",
    response=Page[VoteRollOut],
    summary="名册和送达",
    description="业主只有代号。只由几幢、几个单元表决的，只列它们。",
)
def read_roll(request: HttpRequest, pk: RowId, given: Query[Paging]) -> dict[str, Any]:
    vote = vote_of(request, pk)
    results: dict[str, str] = {}
    for data in VoteRecord.objects.filter(vote=vote, kind="SERVE").order_by("pk").values_list("data", flat=True):
        for unit in data["units"]:
            results[unit] = "served" if results.get(unit) == "served" else data["result"]
    names = ("room", "building", "entrance", "area", "area_source", "kind", "stock", "owners", "voters")

    def row(one: RollEntry) -> dict[str, Any]:
        return {"unit": one.code, **{name: getattr(one, name) for name in names}, "served": results.get(one.code, "")}

    return page_of(votes.concerned(vote), row, by=keys("building", "room", "id"), given=given, of=f"roll:{pk}")


class VoteInstrumentOut(Schema):
    id: str = Field(description="委托书编号")
    principal: str = Field(description="委托人代号")
    agent: str = Field(description="代理人代号")
    units: list[str] = Field(description="名册代号")
    motions: list[str] = Field(description="委托的议题代号；为空的是全部")
    until: datetime = Field(description="委托到")
    revoked: bool = Field(description="已撤销")


@reads(router, "/votes/{pk}/proxies", scope="votes:read", response=list[VoteInstrumentOut], summary="委托")
def read_proxies(request: HttpRequest, pk: RowId) -> list[dict[str, Any]]:
    names = ("id", "principal", "agent", "units", "motions", "until", "revoked")
    return [{name: getattr(one, name) for name in names} for one in votes.proxies_of(vote_of(request, pk))]


class VoteObjectionOut(Schema):
    id: int = Field(description="异议编号")
    about: str = code("针对", OBJECTED)
    at: datetime = Field(description="提出时间")
    by_room: str = Field(description="提出人房号")
    text: str = Field(description="异议")
    result: str = code("处理结果", OBJECTION_RESULTS)
    reply: str = Field(description="答复")
    decided_at: datetime | None = Field(description="答复时间")


@reads(router, "/votes/{pk}/objections", scope="votes:read", response=list[VoteObjectionOut], summary="异议")
def read_objections(request: HttpRequest, pk: RowId) -> list[Any]:
    return list(vote_of(request, pk).objections.order_by("pk"))


class VoteRuleOut(Schema):
    asks: str = Field(description="哪一条规则")
    says: str = Field(description="规则")
    origin: str = Field(description="来自法律、文件、本小区议事规则还是默认")
    clauses: list[str] = Field(description="依据条款")


class VoteNoticeOut(Schema):
    title: str = Field(description="名称")
    estate_name: str = Field(description="小区")
    noticed_on: date = Field(description="公告日期")
    opens_at: datetime = Field(description="开始投票")
    closes_at: datetime = Field(description="截止投票")
    units: int = Field(description="应投的套数")
    roll_root: str = Field(description="名册的根")
    rules: list[VoteRuleOut] = Field(description="规则")
    frozen: bool = Field(description="规则是否已固定")
    motions: list[VoteMotionOut] = Field(description="议题")


@reads(router, "/votes/{pk}/notice", scope="votes:read", response=VoteNoticeOut, summary="公告和规则")
def read_notice(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    vote = vote_of(request, pk)
    if vote.noticed_on is None:
        raise Http404
    names = ("title", "noticed_on", "opens_at", "closes_at", "roll_root")
    return {
        **{name: getattr(vote, name) for name in names},
        "estate_name": vote.estate.name,
        "units": votes.concerned(vote).count(),
        "rules": queries.rule_rows(votes.rules_in_force(vote)),
        "frozen": bool(vote.rules),
        "motions": [_motion(one) for one in vote.motions.prefetch_related("buildings")],
    }


class VoteComparedOut(Schema):
    title: str = Field(description="议题")
    name: str = Field(description="项目")
    announced: str = Field(description="官方平台公布的")
    counted: str = Field(description="这里重算的")
    agrees: bool = Field(description="是否相符")


class VoteResultOut(Schema):
    official: bool = Field(description="是不是公示的结果；换一种算法的不是")
    result: dict[str, Any] = Field(description="计票结果，格式 gongzhi-result/1")
    compared: list[VoteComparedOut] = Field(description="与官方平台公布的比对")


class ReadingAsked(Schema):
    reading: str = Field("", pattern=READING, description="换一种算法，写 规则:值；不写的是公示的结果")


@reads(
    router,
    "/votes/{pk}/result",
    scope="votes:read",
    response=VoteResultOut,
    summary="公示的结果，或者换一种算法的全部数字",
)
def read_result(request: HttpRequest, pk: RowId, given: Query[ReadingAsked]) -> dict[str, Any]:
    vote = vote_of(request, pk)
    published = queries.result_of(vote)
    if published is None or vote.state not in PUBLISHED:
        raise Http404
    found: Result = published
    if given.reading:
        setting, _, value = given.reading.partition(":")
        if vote.secret or not any((one.setting, one.value) == (setting, value) for one in published.sensitivity):
            raise Http404
        found = votes.counted_otherwise(vote, setting=setting, value=value)
    return {
        "official": not given.reading,
        "result": found.model_dump(mode="json"),
        "compared": compared_words(vote, published),
    }
