"""The caller itself, files, documents, places."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import File, Query, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from gongzhi.core import files, refs
from gongzhi.core.apikit.calls import MULTIPART, call_of, changes, creates, matched, reads, tagged
from gongzhi.core.apikit.paging import Page, Paging, keys, page_of
from gongzhi.core.apikit.shapes import Done, FileOut, PlaceOut, RowId, Subject, Unit, place_of, subject_of, unit_of
from gongzhi.core.documents import require_reading, sign_for_document
from gongzhi.core.errors import Refused
from gongzhi.core.models import Document, Place, StoredFile
from gongzhi.core.reading import not_shut
from gongzhi.core.refs import Ref
from gongzhi.core.rights import FORBIDDEN_STATUS, OVERSEERS
from gongzhi.core.sending import sent

me = Router(tags=["令牌"])
papers = Router(tags=["文件和文书"])
places = Router(tags=["地区"])


class Me(Schema):
    token: str = Field(description="令牌名称")
    scopes: list[str] = Field(description="令牌的范围")
    expires_at: datetime = Field(description="令牌失效时间")
    role: str = Field(description="岗位的角色代码")
    label: str = Field(description="办理记录里显示的办理人")
    organisation: Unit | None = Field(description="岗位所在单位；业主和楼幢长没有")
    place_path: str = Field(description="辖区路径")


@reads(me, "/me", scope="", response=Me, summary="这个令牌是谁", description="令牌的岗位、单位、辖区和范围。")
def whoami(request: HttpRequest) -> dict[str, Any]:
    call = call_of(request)
    return {
        "token": call.token.name,
        "scopes": call.token.scopes,
        "expires_at": call.token.expires_at,
        "role": call.actor.role,
        "label": call.actor.label,
        "organisation": unit_of(call.actor.organisation),
        "place_path": call.actor.place_path,
    }


# --- files


@creates(
    papers,
    "/files",
    scope="files:write",
    response=FileOut,
    summary="上传文件",
    description="先上传，再把得到的编号写进要用它的请求。类型和大小的限制与页面相同。",
    media=MULTIPART,
)
def upload(request: HttpRequest, file: UploadedFile = File(..., description="文件内容")) -> StoredFile:  # noqa: B008
    call = call_of(request)
    user = call.actor.user
    owner = Ref(files.UPLOAD, str(user.pk if user else 0), "", call.actor.place_path)
    return files.store_file(file, owner=owner, actor=call.actor, now=call.now)


def _file(request: HttpRequest, pk: int) -> StoredFile:
    stored = get_object_or_404(StoredFile, pk=pk)
    if not files.may_download(call_of(request).actor, stored):
        message = "这个文件不在您的辖区或经办范围内，不能查看。需要时请向承办单位索取。"
        raise Refused("forbidden", message, status=FORBIDDEN_STATUS)
    return stored


@reads(papers, "/files/{pk}", scope="files:read", response=FileOut, summary="文件信息")
def file_of(request: HttpRequest, pk: RowId) -> StoredFile:
    return _file(request, pk)


@reads(papers, "/files/{pk}/content", scope="files:read", response=bytes, summary="下载文件")
def file_content(request: HttpRequest, pk: RowId) -> Any:
    return sent(_file(request, pk))


# --- documents


class Recipient(Schema):
    organisation: Unit | None = Field(description="收文单位")
    copy_only: bool = Field(description="是抄送还是主送")
    signed_for_at: datetime | None = Field(description="签收时间；没有签收的为空")


class DocumentOut(Schema):
    id: int = Field(description="文书编号")
    instrument: str = Field(description="文书种类代码")
    title: str = Field(description="标题")
    number: str = Field(description="文号")
    issuer: Unit | None = Field(description="发文单位")
    issued_at: datetime = Field(description="成文时间")
    subject: Subject = Field(description="因何而发")
    clauses: list[str] = Field(description="依据的条款")
    file: int | None = Field(description="Word 文件的编号")
    recipients: list[Recipient] = Field(description="收文单位")


class DocumentFilter(Paging):
    subject: str = Field("", max_length=90, description="只看某个对象的，写 类别:编号，例如 case:12")
    unsigned: bool = Field(False, description="只看送达本单位、还没有签收的")


def _document_out(row: Document) -> dict[str, Any]:
    return {
        "id": row.pk,
        "instrument": row.instrument,
        "title": row.title,
        "number": row.number,
        "issuer": unit_of(row.issuer),
        "issued_at": row.issued_at,
        "subject": subject_of(row.subject),
        "clauses": list(row.clauses),
        "file": row.file_id,
        "recipients": [
            {
                "organisation": unit_of(one.organisation),
                "copy_only": one.copy,
                "signed_for_at": one.signed_for_at,
            }
            for one in row.recipients.all()
        ],
    }


_DOCUMENTS = Document.objects.select_related("issuer", "file").prefetch_related("recipients__organisation")


@reads(
    papers,
    "/documents",
    scope="files:read",
    response=Page[DocumentOut],
    summary="文书列表",
    description="本单位发出和收到的；主管和镇街另有辖区内的。新的在前。",
)
def documents(request: HttpRequest, given: Query[DocumentFilter]) -> dict[str, Any]:
    actor = call_of(request).actor
    seen = Q(pk__in=[])
    if actor.organisation is not None:
        seen |= Q(issuer=actor.organisation) | Q(recipients__organisation=actor.organisation)
    if actor.role in OVERSEERS and actor.place_path:
        seen |= Q(place_path__startswith=actor.place_path) & not_shut(actor)
    rows = _DOCUMENTS
    if given.subject:
        kind, _, number = given.subject.partition(":")
        rows = rows.filter(subject_kind=kind, subject_id=number)
        if kind and refs.may_read(actor, Ref(kind, number)):
            seen = Q()
    if given.unsigned:
        mine = Q(recipients__organisation=actor.organisation, recipients__signed_for_at=None, recipients__copy=False)
        rows = rows.filter(mine) if actor.organisation is not None else rows.none()
    return page_of(rows.filter(seen).distinct(), _document_out, by=keys("-id"), given=given, of="documents")


def _document(request: HttpRequest, pk: int) -> Document:
    """Who may read what the document is about may read the document as well."""
    actor = call_of(request).actor
    found: Document = get_object_or_404(_DOCUMENTS, pk=pk)
    require_reading(actor, found)
    return found


@reads(papers, "/documents/{pk}", scope="files:read", response=DocumentOut, summary="一件文书")
def document_of(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    found = _document(request, pk)
    tagged(request, found)
    return _document_out(found)


@reads(papers, "/documents/{pk}/content", scope="files:read", response=bytes, summary="下载文书（Word）")
def document_content(request: HttpRequest, pk: RowId) -> Any:
    found = _document(request, pk)
    if found.file is None:
        raise Http404
    return sent(found.file)


@changes(papers, "/documents/{pk}/sign", scope="files:write", response=Done, summary="签收文书")
def sign_document(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    call, found = call_of(request), _document(request, pk)
    matched(request, found)
    sign_for_document(found, actor=call.actor, now=call.now)
    return {"message": "已签收。"}


# --- places


class PlaceFilter(Paging):
    parent: str = Field("", max_length=32, description="只看这个地区的下一级；不填的从辖区起")


@reads(
    places,
    "/places",
    scope="",
    response=Page[PlaceOut],
    summary="地区",
    description="行政区划和小区的树，一级一级地看。",
)
def places_below(request: HttpRequest, given: Query[PlaceFilter]) -> dict[str, Any]:
    actor = call_of(request).actor
    rows = (
        Place.objects.filter(parent__code=given.parent) if given.parent else Place.objects.filter(path=actor.place_path)
    )
    return page_of(rows, place_of, by=keys("code"), given=given, of="places")
