"""Every refusal and error of the API as `application/problem+json` (RFC 9457), made in one place."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpResponse
from ninja import Schema
from pydantic import Field

from gongzhi.core.errors import Refused

MEDIA_TYPE = "application/problem+json"
CLIENT_ERRORS = 400
STALE, FORBIDDEN, TOO_LARGE = "stale", "forbidden", "file_too_large"
PRECONDITION_FAILED, CONTENT_TOO_LARGE = 412, 413
UNPROCESSABLE = 422
INVALID, REFUSED = "invalid", "现在不能办"

# status -> (code, title, message): what is said when nothing more is known.
KNOWN: dict[int, tuple[str, str, str]] = {
    400: ("bad_request", "请求看不懂", "请求里有平台不认得的内容，请核对参数和 JSON。"),
    401: ("unauthenticated", "没有令牌", "请在 Authorization 里带上有效的令牌：Bearer gz_…。令牌可能过期或者已收回。"),
    403: ("forbidden", "没有权限", "这个令牌或者它的岗位不能办这件事。"),
    404: ("not_found", "没有找到", "没有这个地址或者这条内容，也可能不在您能看的范围里。"),
    405: ("method_not_allowed", "方法不对", "这个地址不能这样用，请看接口说明。"),
    409: ("conflict", "有冲突", "与已有的内容冲突，请核对后再试。"),
    412: (STALE, "内容已被改过", "您读到以后，别人已经改过这一条。请重新读取，核对后带上新的 ETag 再提交。"),
    413: ("too_large", "内容太大", "请求太大，请把文件用上传接口分开传。"),
    415: ("media_type", "格式不收", "请用 application/json；上传文件用 multipart/form-data。"),
    422: ("invalid", "填写有误", "有的内容不合要求，请看 fields 里逐项的说明。"),
    428: ("if_match_missing", "缺少 If-Match", "改动要带 If-Match，写读取时得到的 ETag。"),
    429: ("too_many", "太频繁", "试得太多，请过一会再来。"),
    500: ("server_error", "平台出了故障", "没有办成，也没有办一半。故障已记入平台日志，请稍后再试。"),
}


class Problem(Schema):
    type: str = Field(description="问题类别的标识")
    title: str = Field(description="一句话说是什么问题")
    status: int = Field(description="HTTP 状态码")
    code: str = Field(description="问题代码，程序据此分支；不会改名")
    message: str = Field(description="中文说明：什么没有办成、为什么、该怎么办")
    clause: str | None = Field(description="依据的条款编号；没有条款的为空")
    clauses: list[str] = Field(description="依据的全部条款编号")
    fields: dict[str, str] = Field(description="逐项说明：字段名对应一句话")


class ApiProblem(Exception):  # noqa: N818 - the word of the RFC
    """A problem of the protocol itself; what a command refuses is `Refused`."""

    def __init__(self, status: int, *, code: str = "", message: str = "", headers: Mapping[str, str] | None = None):
        super().__init__(message or KNOWN[status][2])
        self.status, self.code, self.message = status, code, message
        self.headers = dict(headers or {})


def problem(
    status: int,
    *,
    code: str = "",
    title: str = "",
    message: str = "",
    clauses: Iterable[str] = (),
    fields: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    known = KNOWN.get(status) or KNOWN[400 if status < 500 else 500]  # noqa: PLR2004 - the classes of HTTP
    listed = list(clauses)
    body = {
        "type": f"urn:gongzhi:problem:{code or known[0]}",
        "title": title or known[1],
        "status": status,
        "code": code or known[0],
        "message": message or known[2],
        "clause": listed[0] if listed else None,
        "clauses": listed,
        "fields": dict(fields or {}),
    }
    response = HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type=MEDIA_TYPE)
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


def of_refusal(refused: Refused) -> HttpResponse:
    """A missing right is 403, a stale version 412, a file above the limit 413; the rest keeps its status."""
    status = {FORBIDDEN: 403, STALE: PRECONDITION_FAILED, TOO_LARGE: CONTENT_TOO_LARGE}.get(
        refused.code, refused.status
    )
    message = KNOWN[PRECONDITION_FAILED][2] if refused.code == STALE else refused.message
    if not message and refused.fields:
        message = "；".join(refused.fields.values())
    fields = {name: words for name, words in refused.fields.items() if name != "version"}
    title = REFUSED if status == UNPROCESSABLE and refused.code != INVALID else ""
    return problem(status, code=refused.code, title=title, message=message, clauses=refused.clauses, fields=fields)


# How pydantic's complaints are said.
_WORDS = {
    "missing": "必须填写",
    "extra_forbidden": "没有这一项",
    "string_type": "要写文字",
    "string_too_long": "太长了，最多{max_length}个字",
    "string_too_short": "太短了，至少{min_length}个字",
    "string_pattern_mismatch": "格式不对",
    "int_parsing": "要写整数",
    "int_type": "要写整数",
    "int_from_float": "要写整数",
    "bool_parsing": "要写 true 或 false",
    "bool_type": "要写 true 或 false",
    "decimal_parsing": "要写数字",
    "date_from_datetime_parsing": "日期写成 2026-04-01 这样",
    "date_parsing": "日期写成 2026-04-01 这样",
    "datetime_parsing": "时间写成 2026-04-01T09:00:00+08:00 这样",
    "datetime_from_date_parsing": "时间写成 2026-04-01T09:00:00+08:00 这样",
    "timezone_aware": "时间要带时区，例如 +08:00",
    "literal_error": "只能是：{expected}",
    "enum": "只能是：{expected}",
    "list_type": "要写成列表",
    "dict_type": "要写成对象",
    "model_attributes_type": "要写成对象",
    "greater_than_equal": "不能小于{ge}",
    "greater_than": "要大于{gt}",
    "less_than_equal": "不能大于{le}",
    "too_long": "最多{max_length}项",
    "too_short": "至少{min_length}项",
}
_SOURCES = ("body", "query", "path", "header", "form", "file")


def of_validation(errors: Iterable[Mapping[str, Any]]) -> HttpResponse:
    """Pydantic's list of errors: one sentence a field."""
    fields: dict[str, str] = {}
    for error in errors:
        place = [str(one) for one in error.get("loc", ())]
        if place and place[0] in _SOURCES:
            # The name of the function's own parameter means nothing to who calls.
            place = place[2:] if place[0] == "body" and len(place) > 2 else place[1:]  # noqa: PLR2004
        words = _WORDS.get(str(error.get("type")), "格式不对")
        fields[".".join(place) or "body"] = words.format_map(_Given(error.get("ctx") or {}))
    return problem(UNPROCESSABLE, fields=fields)


class _Given(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""
