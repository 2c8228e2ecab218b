"""Handing out files and documents, and signing for a document."""

from hmac import compare_digest
from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from gongzhi.core import files, refs, sms
from gongzhi.core.documents import require_reading, sign_for_document
from gongzhi.core.errors import Refused
from gongzhi.core.models import Document, StoredFile
from gongzhi.core.rights import FORBIDDEN_STATUS
from gongzhi.core.sending import sent


@require_GET
def file(request: HttpRequest, pk: int) -> FileResponse:
    actor: Any = request.actor  # type: ignore[attr-defined]
    stored = get_object_or_404(StoredFile, pk=pk)
    if not files.may_download(actor, stored):
        raise Refused(
            "forbidden", "这个文件不在您的辖区或经办范围内，不能查看。需要时请向承办单位索取。", status=FORBIDDEN_STATUS
        )
    return sent(stored)


@require_GET
def document(request: HttpRequest, pk: int) -> FileResponse:
    actor: Any = request.actor  # type: ignore[attr-defined]
    found = _document(pk)
    require_reading(actor, found)
    if found.file is None:
        raise Http404
    return sent(found.file)


@require_POST
def sign_for(request: HttpRequest, pk: int) -> HttpResponse:
    found = _document(pk)
    sign_for_document(found, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = refs.url_of(found.subject) or "/"
    return HttpResponseRedirect(back, status=303)


@csrf_exempt
@never_cache
@require_POST
def sms_reports(request: HttpRequest, handle: str) -> HttpResponse:
    """短信回执 as the provider pushes them. The token in the address is all that it can show."""
    token = settings.SMS_REPORT_TOKEN
    if not token or not compare_digest(handle.encode(), token.encode()):
        return _not_believed(404)
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdecimal() or int(length) > sms.MOST_REPORT_BYTES:
        return _not_believed(413)
    try:
        sms.take_reports(request.body, now=request.now)  # type: ignore[attr-defined]
    except ValueError:
        return _not_believed(400)
    return JsonResponse({"code": 0, "msg": "成功"}, json_dumps_params={"ensure_ascii": False})


def _not_believed(status: int) -> HttpResponse:
    """So that the door counts the address."""
    response = HttpResponse(status=status)
    response.not_believed = True  # type: ignore[attr-defined]
    return response


def _document(pk: int) -> Document:
    return get_object_or_404(Document.objects.select_related("file").prefetch_related("recipients"), pk=pk)
