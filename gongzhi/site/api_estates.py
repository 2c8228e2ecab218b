"""The public page of an estate for programs: to everybody, without a key, and nothing of a person in it."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.core import services as core
from gongzhi.core.apikit.calls import shows
from gongzhi.core.apikit.problems import ApiProblem
from gongzhi.core.apikit.shapes import RowId
from gongzhi.registry import queries as registry
from gongzhi.registry.models import Estate
from gongzhi.site import limits
from gongzhi.site.queries_estates import OpenEstate, open_estate, places_of

router = Router(tags=["公开"])

LONGEST_SEARCH = 50
WAIT = {"Retry-After": "900"}


class OpenPlace(Schema):
    code: str = Field(description="区划代码")
    name: str = Field(description="名称")


class OpenEstateRow(Schema):
    id: int = Field(description="小区编号")
    name: str = Field(description="名称")
    places: list[OpenPlace] = Field(description="县（市、区）、镇街、社区（村）")


class OpenCompany(Schema):
    name: str = Field(description="物业企业")
    phone: str = Field(description="企业电话")
    service_kind: str = Field(description="服务方式")
    from_on: date = Field(description="服务起")
    to_on: date | None = Field(description="服务止；没有定的为空")
    service_standard: str = Field(description="服务标准")
    fee_yuan_m2_month: str | None = Field(description="收费标准，元每平方米每月")
    fee: str = Field(description="收费标准的说明")


class OpenCredit(Schema):
    name: str = Field(description="哪一项")
    value: str = Field(description="是什么")
    from_on: date = Field(description="自哪一天起")


class OpenNotice(Schema):
    item: str = Field(description="公示项目")
    place: str = Field(description="位置")
    price: str | None = Field(description="公示单价；不是收费标准的为空")
    shown_on: date = Field(description="公示日期")


class OpenNumber(Schema):
    kind: str = Field(description="哪一类")
    name: str = Field(description="单位")
    number: str = Field(description="电话")


class OpenBoard(Schema):
    numbers: list[OpenNumber] = Field(description="受理电话")
    missing: list[str] = Field(description="还没有电话的单位")
    posted_on: date | None = Field(description="小区现场哪天张贴；没有张贴照片的为空，视为没有公布")
    spot: str = Field(description="张贴在哪里")
    stale: bool = Field(description="现场张贴以后有单位改了电话")
    clauses: list[str] = Field(description="依据")


class OpenOffice(Schema):
    name: str = Field(description="单位")
    phone: str = Field(description="电话")


class OpenBody(Schema):
    title: str = Field(description="哪种组织")
    formed: bool = Field(description="是否成立")


class OpenVote(Schema):
    id: int = Field(description="表决编号")
    title: str = Field(description="名称")
    state: str = Field(description="到哪一步")
    published_on: date | None = Field(description="结果公布日期")


class OpenPiece(Schema):
    name: str = Field(description="设备")
    where: str = Field(description="楼幢和位置")
    inspected_on: date | None = Field(description="上次检验")
    valid_until: date | None = Field(description="检验有效期至")
    upkeep: str = Field(description="维保单位")
    state: str = Field(description="情况")


class OpenFinding(Schema):
    kind: str = Field(description="类别")
    location: str = Field(description="位置")
    state: str = Field(description="到哪一步")
    responsible: str = Field(description="责任单位；当场处理的为空")
    due_on: date | None = Field(description="整改时限")
    published_on: date = Field(description="公开日期")


class OpenLine(Schema):
    name: str = Field(description="名称")
    text: str = Field(description="内容")


class OpenBook(Schema):
    title: str = Field(description="登记簿")
    lines: list[OpenLine] = Field(description="登记")


class OpenEstateOut(OpenEstateRow):
    type: str = Field(description="类型")
    address: str = Field(description="地址")
    households: int | None = Field(description="户数")
    ended_on: date | None = Field(description="到哪天为止；还在的为空")
    company: OpenCompany | None = Field(description="谁在服务；今天没有企业服务的为空")
    credit: list[OpenCredit] = Field(description="企业信用；没有登记的为空")
    notices: list[OpenNotice] = Field(description="收费公示")
    board: OpenBoard = Field(description="受理电话")
    offices: list[OpenOffice] = Field(description="谁管这个小区")
    bodies: list[OpenBody] = Field(description="业主组织")
    votes: list[OpenVote] = Field(description="业主大会，新的在前")
    inspected: list[OpenPiece] = Field(description="电梯等向业主公开检验情况的设备")
    findings: list[OpenFinding] = Field(description="已公开的问题和整改，新的在前")
    books: list[OpenBook] = Field(description="公开的登记簿")


class FindIn(Schema):
    text: str = Field(min_length=2, max_length=LONGEST_SEARCH, description="小区名称里的两个字或更多")


@shows(
    router,
    "/public/estates",
    response=list[OpenEstateRow],
    summary="按名称找小区",
    description="最多20个，名称短的在前。",
)
def find_estates(request: HttpRequest, given: Query[FindIn]) -> list[dict[str, Any]]:
    _counted(request)
    return [_row(one) for one in registry.find_estates(given.text)]


@shows(router, "/public/estates/{pk}", response=OpenEstateOut, summary="小区的公开情况", description="与公示页相同。")
def open_page(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    _counted(request)
    found = get_object_or_404(Estate.objects.select_related("community", "place"), pk=pk)
    return _out(open_estate(found, core.local_day(request.now)))  # type: ignore[attr-defined]


def _counted(request: HttpRequest) -> None:
    now, address = request.now, limits.address_of(request)  # type: ignore[attr-defined]
    if limits.too_many(limits.READ_ADDRESS, address, now=now):
        raise ApiProblem(429, headers=WAIT)
    limits.count(limits.READ_ADDRESS, address, now=now)


def _row(found: Estate) -> dict[str, Any]:
    return {
        "id": found.pk,
        "name": found.name,
        "places": [{"code": one.code, "name": one.name} for one in places_of(found)],
    }


def _out(shown: OpenEstate) -> dict[str, Any]:
    found, board = shown.estate, shown.board
    return {
        "id": found.pk,
        "name": found.name,
        "places": [{"code": one.code, "name": one.name} for one in shown.places],
        "type": found.type_words,
        "address": found.address,
        "households": found.households,
        "ended_on": found.ended_on,
        "company": _company(shown),
        "credit": [{"name": one.title, "value": one.words, "from_on": one.from_on} for one in shown.credit],
        "notices": [
            {
                "item": one.get_item_display(),
                "place": one.get_place_display(),
                "price": f"{one.price.normalize():f}" if one.price is not None else None,
                "shown_on": one.shown_on,
            }
            for one in shown.notices
        ],
        "inspected": [
            {
                "name": str(one.piece),
                "where": f"{one.piece.building or ''} {one.piece.location}".strip(),
                "inspected_on": one.last_on,
                "valid_until": one.piece.valid_until,
                "upkeep": one.piece.upkeep,
                "state": one.words,
            }
            for one in shown.inspected
        ],
        "board": {
            "numbers": [
                {"kind": title, "name": one.name, "number": one.number}
                for title, lines in board.numbers.groups
                for one in lines
            ],
            "missing": list(board.numbers.missing),
            "posted_on": core.local_day(board.posted.posted_at) if board.posted and board.posted.posted_at else None,
            "spot": board.posted.spot if board.posted else "",
            "stale": board.stale,
            "clauses": list(board.numbers.clauses),
        },
        "offices": [{"name": one.name, "phone": one.phone} for one in shown.offices],
        "bodies": [{"title": title, "formed": formed} for title, formed in shown.bodies],
        "votes": [
            {
                "id": one.pk,
                "title": one.title,
                "state": one.get_state_display(),
                "published_on": one.published_on,
            }
            for one in shown.votes
        ],
        "findings": [
            {
                "kind": one.kind,
                "location": one.location,
                "state": one.get_state_display(),
                "responsible": one.responsible.name if one.responsible is not None else "",
                "due_on": one.due_on,
                "published_on": one.published_on,
            }
            for one in shown.findings
        ],
        "books": [
            {"title": title, "lines": [{"name": name, "text": text} for name, text in lines]}
            for title, lines in shown.books
        ],
    }


def _company(shown: OpenEstate) -> dict[str, Any] | None:
    if shown.serving is None:
        return None
    project, price = shown.serving.project, shown.serving.project.fee_yuan_m2_month
    return {
        "name": shown.serving.company.name,
        "phone": shown.serving.company.phone,
        "service_kind": project.get_service_kind_display(),
        "from_on": project.from_on,
        "to_on": project.to_on,
        "service_standard": project.service_standard,
        "fee_yuan_m2_month": f"{price.normalize():f}" if price is not None else None,
        "fee": project.fee,
    }
