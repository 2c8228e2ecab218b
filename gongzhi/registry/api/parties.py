"""Organisations, who holds which post, companies with their projects and staff, reviews of estates."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.core import refs
from gongzhi.core import services as core
from gongzhi.core.apikit.calls import call_of, changes, creates, matched, reads, tagged
from gongzhi.core.apikit.filling import uploaded
from gongzhi.core.apikit.paging import Page, Paging, keys, page_of
from gongzhi.core.apikit.shapes import Body, PlaceOut, RowId, Unit, code, place_of, unit_of
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, Post
from gongzhi.registry import services as registry
from gongzhi.registry.api.estates import (
    EstateOut,
    FactOut,
    ProjectOut,
    estate_of,
    estate_out,
    fact_out,
    project_out,
    typed_json,
)
from gongzhi.registry.models import CompanyStaff, EstateReview, Project
from gongzhi.registry.queries import FACT
from gongzhi.registry.queries.reading import company_file, organisations_seen_by, people_near, stated_of
from gongzhi.registry.queries.reviews import about_words
from gongzhi.registry.questions import COMPANY_JOINS, REVIEW_KINDS, REVIEW_RESULTS, SERVICE_KINDS, STATED_OF_COMPANIES
from gongzhi.registry.services.companies import COMPANY

router = Router(tags=["单位、岗位和企业"])


class OrganisationOut(Schema):
    id: int = Field(description="单位编号")
    name: str = Field(description="名称")
    role: str = Field(description="角色代码")
    kind: str = Field(description="类别：office、department、committee、company 等")
    place: PlaceOut = Field(description="所在地区")
    phone: str = Field(description="办公电话")
    credit_code: str = Field(description="统一社会信用代码")
    active: bool = Field(description="是否在用")
    from_on: date | None = Field(description="设立；不知道的为空")
    to_on: date | None = Field(description="撤销前的最后一日；在用的为空")


def organisation_out(row: Organisation) -> dict[str, Any]:
    names = ("name", "role", "kind", "phone", "credit_code", "active", "from_on", "to_on")
    return {**{name: getattr(row, name) for name in names}, "id": row.pk, "place": place_of(row.place)}


class OrganisationFilter(Paging):
    text: str = Field("", max_length=50, description="名称里的字")
    role: str = Field("", max_length=40, description="角色代码，例如 street_office、property_company")


@reads(
    router,
    "/organisations",
    scope="registry:read",
    response=Page[OrganisationOut],
    summary="单位列表",
    description="辖区的、上级的和本单位；企业只看自己。",
)
def list_organisations(request: HttpRequest, given: Query[OrganisationFilter]) -> dict[str, Any]:
    rows = organisations_seen_by(call_of(request).actor).filter(active=True)
    if given.text:
        rows = rows.filter(name__icontains=given.text)
    if given.role:
        rows = rows.filter(role=given.role)
    of = f"organisations:{given.text}:{given.role}"
    return page_of(rows, organisation_out, by=keys("place_path", "role", "name", "id"), given=given, of=of)


def organisation_of(request: HttpRequest, pk: int) -> Organisation:
    found = organisations_seen_by(call_of(request).actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@reads(router, "/organisations/{pk}", scope="registry:read", response=OrganisationOut, summary="一个单位")
def readorganisation_of(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    found = organisation_of(request, pk)
    tagged(request, found)
    return organisation_out(found)


@reads(
    router,
    "/organisations/{pk}/file",
    scope="registry:read",
    response=list[FactOut],
    summary="企业档案",
    description="信用等级、处罚、通报等，新的在前；被取代的和已经过去的也在。",
)
def read_company_file(request: HttpRequest, pk: RowId) -> list[dict[str, Any]]:
    return [fact_out(one) for one in company_file(organisation_of(request, pk))]


# --- posts


class PostOut(Schema):
    id: int = Field(description="岗位编号")
    user: int = Field(description="任职人的用户编号")
    person: str = Field(description="任职人")
    organisation: Unit | None = Field(description="单位")
    role: str = Field(description="角色代码")
    title: str = Field(description="岗位名称")
    begins_on: date = Field(description="任职起")
    ends_on: date | None = Field(description="任职止；在任的为空")
    deputy: str = Field(description="代办人")
    deputy_from: date | None = Field(description="代办起")
    deputy_to: date | None = Field(description="代办止")


def _post_out(row: Post) -> dict[str, Any]:
    names = ("role", "title", "begins_on", "ends_on", "deputy_from", "deputy_to")
    return {
        **{name: getattr(row, name) for name in names},
        "id": row.pk,
        "user": row.user_id,
        "person": str(row.user),
        "organisation": unit_of(row.organisation),
        "deputy": str(row.deputy or ""),
    }


_POSTS = Post.objects.select_related("organisation", "user", "deputy")


@reads(router, "/organisations/{pk}/posts", scope="registry:read", response=Page[PostOut], summary="单位的岗位")
def list_posts(request: HttpRequest, pk: RowId, given: Query[Paging]) -> dict[str, Any]:
    rows = _POSTS.filter(organisation=organisation_of(request, pk))
    return page_of(rows, _post_out, by=keys("-begins_on", "-id"), given=given, of=f"posts:{pk}")


class PostIn(Body):
    user: RowId = Field(description="用户编号")
    title: str = Field("", max_length=60, description="岗位名称")
    begins_on: date = Field(description="到岗日期")


@creates(router, "/organisations/{pk}/posts", scope="registry:write", response=PostOut, summary="登记到岗")
def begin_post(request: HttpRequest, pk: RowId, given: PostIn) -> dict[str, Any]:
    call, found = call_of(request), organisation_of(request, pk)
    core.require(call.actor, "post.manage", found)
    user = people_near(call.actor).filter(pk=given.user).first()
    if user is None:
        raise Refused("no_user", "没有这个人，或者不在辖区。", fields={"user": "没有这个人，或者不在辖区"})
    post = core.begin_post(
        user, organisation=found, title=given.title, begins_on=given.begins_on, actor=call.actor, now=call.now
    )
    tagged(request, post)
    return _post_out(post)


def _post(request: HttpRequest, pk: int) -> Post:
    found: Post = get_object_or_404(_POSTS, pk=pk)
    if found.organisation is None:
        raise Http404
    organisation_of(request, found.organisation.pk)
    return found


@reads(router, "/posts/{pk}", scope="registry:read", response=PostOut, summary="一个岗位")
def read_post(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    found = _post(request, pk)
    tagged(request, found)
    return _post_out(found)


class DayIn(Body):
    day: date = Field(description="最后一日")


@changes(
    router,
    "/posts/{pk}/end",
    scope="registry:write",
    response=PostOut,
    summary="登记离岗",
    description="没有办完的事移交给本单位在任的人。",
)
def end_post(request: HttpRequest, pk: RowId, given: DayIn) -> dict[str, Any]:
    call, found = call_of(request), _post(request, pk)
    matched(request, found)
    core.end_post(found, ends_on=given.day, actor=call.actor, now=call.now)
    tagged(request, found)
    return _post_out(found)


class DeputyIn(Body):
    deputy: int | None = Field(None, ge=1, le=2**63 - 1, description="代办人的用户编号；不写的是不再代办")
    from_on: date = Field(description="代办起")
    to_on: date | None = Field(None, description="代办止")


@changes(router, "/posts/{pk}/deputy", scope="registry:write", response=PostOut, summary="指定代办人")
def set_deputy(request: HttpRequest, pk: RowId, given: DeputyIn) -> dict[str, Any]:
    call, found = call_of(request), _post(request, pk)
    matched(request, found)
    deputy = None
    if given.deputy is not None:
        deputy = people_near(call.actor).exclude(pk=found.user_id).filter(pk=given.deputy).first()
        if deputy is None:
            raise Refused("no_user", "没有这个人，或者不在辖区。", fields={"deputy": "没有这个人，或者不在辖区"})
    core.set_deputy(found, deputy=deputy, from_on=given.from_on, to_on=given.to_on, actor=call.actor, now=call.now)
    tagged(request, found)
    return _post_out(found)


# --- projects


class ProjectIn(Body):
    company: RowId = Field(description="物业服务企业的单位编号")
    service_kind: str = code("服务方式", SERVICE_KINDS, "market")
    manager_name: str = Field("", max_length=60, description="项目负责人")
    service_standard: str = Field("", max_length=40, description="服务标准")
    fee: str = Field("", max_length=60, description="收费标准")
    fee_yuan_m2_month: Decimal | None = Field(
        None, ge=0, max_digits=8, decimal_places=4, description="物业费（元/平方米·月）"
    )
    from_on: date = Field(description="服务起；同一天只能有一家")


@creates(router, "/estates/{pk}/projects", scope="registry:write", response=EstateOut, summary="登记物业企业")
def begin_project(request: HttpRequest, pk: RowId, given: ProjectIn) -> dict[str, Any]:
    call, found = call_of(request), estate_of(request, pk)
    core.require(call.actor, "project.register", found)
    company = Organisation.objects.filter(role=COMPANY, active=True, pk=given.company).first()
    if company is None:
        raise Refused("no_company", "没有这家企业。", fields={"company": "没有这家企业"})
    data = given.dict(exclude={"company"})
    registry.begin_project(estate=found, company=company, **data, actor=call.actor, now=call.now)
    tagged(request, found)
    return estate_out(request, found)


def _project(request: HttpRequest, pk: int) -> Project:
    found = get_object_or_404(Project.objects.select_related("estate", "company").prefetch_related("managers"), pk=pk)
    estate_of(request, found.estate_id)
    return found


def _project_again(request: HttpRequest, found: Project) -> dict[str, Any]:
    shown = _project(request, found.pk)
    tagged(request, shown)
    return project_out(shown, core.local_day(call_of(request).now))


@reads(router, "/projects/{pk}", scope="registry:read", response=ProjectOut, summary="一个物业项目")
def read_project(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    return _project_again(request, _project(request, pk))


@changes(router, "/projects/{pk}/end", scope="registry:write", response=ProjectOut, summary="登记企业退出")
def end_project(request: HttpRequest, pk: RowId, given: DayIn) -> dict[str, Any]:
    call, found = call_of(request), _project(request, pk)
    matched(request, found)
    registry.end_project(found, to_on=given.day, actor=call.actor, now=call.now)
    return _project_again(request, found)


class ManagerIn(Body):
    name: str = Field(min_length=1, max_length=60, description="新负责人姓名")
    from_on: date = Field(description="到任日期；原负责人到前一日为止")


@changes(router, "/projects/{pk}/manager", scope="registry:write", response=ProjectOut, summary="更换项目负责人")
def change_manager(request: HttpRequest, pk: RowId, given: ManagerIn) -> dict[str, Any]:
    call, found = call_of(request), _project(request, pk)
    matched(request, found)
    registry.change_manager(found, name=given.name, from_on=given.from_on, actor=call.actor, now=call.now)
    return _project_again(request, found)


class TermsIn(Body):
    service_standard: str = Field("", max_length=40, description="服务标准")
    fee: str = Field("", max_length=60, description="收费标准")
    fee_yuan_m2_month: Decimal | None = Field(
        None, ge=0, max_digits=8, decimal_places=4, description="物业费（元/平方米·月）"
    )


@changes(router, "/projects/{pk}/terms", scope="registry:write", response=ProjectOut, summary="更改服务标准和收费")
def change_terms(request: HttpRequest, pk: RowId, given: TermsIn) -> dict[str, Any]:
    call, found = call_of(request), _project(request, pk)
    matched(request, found)
    registry.change_terms(found, changes=given.dict(), actor=call.actor, now=call.now)
    return _project_again(request, found)


# --- companies


class CompanyIn(Body):
    name: str = Field(min_length=1, max_length=100, description="企业名称")
    credit_code: str = Field("", max_length=18, description="统一社会信用代码")
    phone: str = Field("", max_length=40, description="办公电话")
    address: str = Field("", max_length=200, description="住所")


@creates(
    router,
    "/companies",
    scope="registry:write",
    response=OrganisationOut,
    summary="登记物业服务企业",
    description="登记在办理人所在的县（市、区）。同名或者同代码的已有，不重复登记。",
)
def register_company(request: HttpRequest, given: CompanyIn) -> dict[str, Any]:
    call = call_of(request)
    made = registry.register_company(**given.dict(), actor=call.actor, now=call.now)
    tagged(request, made)
    return organisation_out(made)


class StaffOut(Schema):
    id: int = Field(description="从业人员编号")
    name: str = Field(description="姓名（脱敏）")
    phone: str = Field(description="电话（脱敏）")
    position: str = Field(description="岗位")
    from_on: date = Field(description="到岗日期")
    to_on: date | None = Field(description="离岗日期")


def _staff_out(row: CompanyStaff) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.person.masked_name,
        "phone": row.person.masked_phone,
        "position": row.position,
        "from_on": row.from_on,
        "to_on": row.to_on,
    }


@reads(router, "/organisations/{pk}/staff", scope="registry:read", response=Page[StaffOut], summary="企业从业人员")
def list_staff(request: HttpRequest, pk: RowId, given: Query[Paging]) -> dict[str, Any]:
    rows = CompanyStaff.objects.filter(company=organisation_of(request, pk)).select_related("person")
    return page_of(rows, _staff_out, by=keys("-from_on", "-id"), given=given, of=f"staff:{pk}")


class StaffIn(Body):
    name: str = Field(min_length=1, max_length=60, description="姓名；加密保存")
    phone: str = Field("", max_length=20, description="电话；加密保存")
    position: str = Field(min_length=1, max_length=40, description="岗位")
    from_on: date = Field(description="到岗日期")


@creates(router, "/organisations/{pk}/staff", scope="registry:write", response=StaffOut, summary="登记从业人员")
def join_staff(request: HttpRequest, pk: RowId, given: StaffIn) -> dict[str, Any]:
    call, found = call_of(request), organisation_of(request, pk)
    row = registry.join_staff(found, **given.dict(), actor=call.actor, now=call.now)
    tagged(request, row)
    return _staff_out(row)


def _member(request: HttpRequest, pk: int) -> CompanyStaff:
    row = get_object_or_404(CompanyStaff.objects.select_related("company", "person"), pk=pk)
    organisation_of(request, row.company_id)
    return row


@reads(router, "/staff/{pk}", scope="registry:read", response=StaffOut, summary="一名从业人员")
def read_staff(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    row = _member(request, pk)
    tagged(request, row)
    return _staff_out(row)


@changes(router, "/staff/{pk}/end", scope="registry:write", response=StaffOut, summary="登记从业人员离岗")
def leave_staff(request: HttpRequest, pk: RowId, given: DayIn) -> dict[str, Any]:
    call, row = call_of(request), _member(request, pk)
    matched(request, row)
    registry.leave_staff(row, to_on=given.day, actor=call.actor, now=call.now)
    tagged(request, row)
    return _staff_out(row)


class AddressIn(Body):
    address: str = Field(min_length=1, max_length=200, description="新住所")
    from_on: date = Field(description="变更日期")


@changes(
    router,
    "/organisations/{pk}/address",
    scope="registry:write",
    response=OrganisationOut,
    summary="登记住所变更",
    description="变更前的住所仍可查。",
)
def change_address(request: HttpRequest, pk: RowId, given: AddressIn) -> dict[str, Any]:
    call, found = call_of(request), organisation_of(request, pk)
    matched(request, found)
    registry.record_organisation_fact(
        found,
        name="registered_address",
        value=given.address,
        from_on=given.from_on,
        actor=call.actor,
        now=call.now,
    )
    tagged(request, found)
    return organisation_out(found)


class CompanyFactIn(Body):
    name: str = code("情况", {one: FACT[one].title for one in STATED_OF_COMPANIES}, ...)
    value: bool | int | str | None = Field(description="内容：是非写 true、false，评价等级写代码；不再认定的写 null")
    from_on: date = Field(description="自哪一天起")


@changes(
    router,
    "/organisations/{pk}/facts",
    scope="registry:write",
    response=OrganisationOut,
    summary="登记企业情况",
    description="信用、星级、评价、名单、控股股东等，自那一天起；原来的记录不会被改掉。建设单位只登记控股股东。",
)
def record_company_fact(request: HttpRequest, pk: RowId, given: CompanyFactIn) -> dict[str, Any]:
    call, found = call_of(request), organisation_of(request, pk)
    matched(request, found)
    if given.name not in stated_of(found):
        raise Refused("bad_fact", "这个单位不登记这一项。", fields={"name": "这个单位不登记这一项"})
    value = typed_json(given.name, given.value)
    registry.record_organisation_fact(
        found, name=given.name, value=value, from_on=given.from_on, actor=call.actor, now=call.now
    )
    tagged(request, found)
    return organisation_out(found)


class ListingIn(Body):
    listed: bool = Field(description="列入；false 为不列入，已经列入的为撤回")
    to_on: date | None = Field(None, description="列到哪一天；没有期限的为空")
    reason: str = Field(min_length=1, max_length=500, description="理由")


@changes(
    router,
    "/organisations/{pk}/listing",
    scope="registry:write",
    response=OrganisationOut,
    summary="决定黑名单",
    description="企业受处罚后待批的，由文件指定的单位决定；决定记入企业档案。",
)
def decide_listing(request: HttpRequest, pk: RowId, given: ListingIn) -> dict[str, Any]:
    call, found = call_of(request), organisation_of(request, pk)
    matched(request, found)
    registry.decide_listing(found, **given.dict(), actor=call.actor, now=call.now)
    tagged(request, found)
    return organisation_out(found)


class JoinIn(Body):
    into: RowId = Field(description="并到哪家企业")
    way: str = code("方式", COMPANY_JOINS, ...)
    from_on: date = Field(description="自哪一天起")


@changes(
    router,
    "/organisations/{pk}/absorb",
    scope="registry:write",
    response=OrganisationOut,
    summary="登记加盟、兼并、重组",
)
def absorb(request: HttpRequest, pk: RowId, given: JoinIn) -> dict[str, Any]:
    call, found = call_of(request), organisation_of(request, pk)
    matched(request, found)
    core.require(call.actor, "organisation.merge", found)
    into = Organisation.objects.filter(role=COMPANY, active=True, pk=given.into).exclude(pk=found.pk).first()
    if into is None:
        raise Refused("no_company", "没有这家企业。", fields={"into": "没有这家企业"})
    registry.absorb_company(found, into=into, way=given.way, from_on=given.from_on, actor=call.actor, now=call.now)
    tagged(request, found)
    return organisation_out(found)


# --- reviews


class ReviewOut(Schema):
    id: int = Field(description="核办编号")
    estate: int = Field(description="小区编号")
    kind: str = Field(description="事项代码")
    asked: str = Field(description="请求说明")
    asked_by: Unit | None = Field(description="提出单位")
    asked_at: datetime = Field(description="提出时间")
    desk: Unit | None = Field(description="受理单位")
    choice: str = Field(description="选定的做法")
    about: list[str] = Field(description="具体涉及什么：划分、社区")
    result: str = Field(description="结论代码；没有答复的为空")
    opinion: str = Field(description="意见")
    answered_at: datetime | None = Field(description="答复时间")
    version: int = Field(description="版本，与 ETag 相同")


def _review_out(row: EstateReview) -> dict[str, Any]:
    names = ("kind", "asked", "asked_at", "choice", "result", "opinion", "answered_at", "version")
    return {
        **{name: getattr(row, name) for name in names},
        "id": row.pk,
        "estate": row.estate_id,
        "asked_by": unit_of(row.asked_by),
        "desk": unit_of(row.desk),
        "about": [f"{title}：{words}" for title, words in about_words(row)],
    }


_REVIEWS = EstateReview.objects.select_related("estate", "desk", "asked_by")


@reads(router, "/estates/{pk}/reviews", scope="registry:read", response=Page[ReviewOut], summary="小区的核办")
def list_reviews(request: HttpRequest, pk: RowId, given: Query[Paging]) -> dict[str, Any]:
    actor = call_of(request).actor
    if not (actor.is_staff_role or actor.role == "system_admin"):
        raise Refused("forbidden", "核办只给有职责的单位看。", status=403)
    rows = _REVIEWS.filter(estate=estate_of(request, pk))
    return page_of(rows, _review_out, by=keys("-asked_at", "-id"), given=given, of=f"reviews:{pk}")


class ReviewIn(Body):
    kind: str = code("事项", REVIEW_KINDS, ...)
    asked: str = Field(min_length=1, max_length=1000, description="请求说明")
    choice: str = Field("", max_length=100, description="本地文件要求选定一种做法的，写在这里")
    merge: list[RowId] = Field(default_factory=list, max_length=50, description="划分：并入哪些小区")
    split: list[RowId] = Field(default_factory=list, max_length=500, description="划分：拆出哪些楼幢")
    community: str = Field("", max_length=32, description="社区归属：划入的社区（村）的地区代码")
    new_community: str = Field("", max_length=100, description="社区归属：设立新社区的，新社区的名称")
    files: list[int] = Field(default_factory=list, max_length=20, description="先上传得到的文件编号")


@creates(router, "/estates/{pk}/reviews", scope="registry:write", response=ReviewOut, summary="提出核办")
def ask_review(request: HttpRequest, pk: RowId, given: ReviewIn) -> dict[str, Any]:
    call, found = call_of(request), estate_of(request, pk)
    named = {"merge": sorted(given.merge), "split": sorted(given.split), "community": given.community}
    details = {name: about for name, about in {**named, "new_community": given.new_community}.items() if about}
    row = registry.ask_review(
        found,
        kind=given.kind,
        asked=given.asked,
        choice=given.choice,
        details=details,
        files=uploaded(given.files, name="files", actor=call.actor),
        actor=call.actor,
        now=call.now,
    )
    tagged(request, row)
    return _review_out(row)


def _review(request: HttpRequest, pk: int) -> EstateReview:
    found = get_object_or_404(_REVIEWS, pk=pk)
    if not refs.may_read(call_of(request).actor, found.ref):
        raise Http404
    return found


@reads(router, "/reviews/{pk}", scope="registry:read", response=ReviewOut, summary="一件核办")
def read_review(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    found = _review(request, pk)
    tagged(request, found)
    return _review_out(found)


class AnswerIn(Body):
    result: str = code("结论", REVIEW_RESULTS, ...)
    opinion: str = Field("", max_length=1000, description="意见；不同意的要写原因")
    files: list[int] = Field(default_factory=list, max_length=20, description="先上传得到的文件编号")


@changes(router, "/reviews/{pk}/answer", scope="registry:write", response=ReviewOut, summary="答复核办")
def answer_review(request: HttpRequest, pk: RowId, given: AnswerIn) -> dict[str, Any]:
    call, found = call_of(request), _review(request, pk)
    version = matched(request, found)
    row = registry.answer_review(
        found,
        result=given.result,
        opinion=given.opinion,
        files=uploaded(given.files, name="files", actor=call.actor),
        actor=call.actor,
        now=call.now,
        version=version,
    )
    tagged(request, row)
    return _review_out(row)
