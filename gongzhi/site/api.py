"""The root of `/api/v1`: the routers of every part, refusals as problems, and the description of it all."""

import json
import logging
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser

from gongzhi.cases import api as cases
from gongzhi.cases.accountability import api as accountability
from gongzhi.cases.enforcement import api as enforcement
from gongzhi.contracts import api as contracts
from gongzhi.core import api as core
from gongzhi.core.apikit.calls import Replayed, finish
from gongzhi.core.apikit.problems import MEDIA_TYPE, ApiProblem, Problem, of_refusal, of_validation, problem
from gongzhi.core.errors import Refused
from gongzhi.duties import api as duties
from gongzhi.equipment import api as equipment
from gongzhi.funds import api as funds
from gongzhi.funds.api import charging as charges
from gongzhi.governance import api as governance
from gongzhi.mediation import api as mediation
from gongzhi.patrols import api as patrols
from gongzhi.registry import api as registry
from gongzhi.site import api_estates as open_estates
from gongzhi.site import api_public as public
from gongzhi.site.api_docs import Described
from gongzhi.site.policy import api as policy

logger = logging.getLogger(__name__)

PREFIX = "/api/v1/"
ABOUT = """共治平台的接口。页面上能办的事，接口都能办，权限、规则、期限和依据与页面完全一样。

- **令牌**：`Authorization: Bearer gz_…`；小区的公开情况（`/public/estates`）不要令牌。
  令牌属于一个岗位，按岗位的辖区、角色和经办关系看和办；另有范围（scope）。
  登录网页的会话不能用来调接口。
- **新建**带 `Idempotency-Key`，重试不会办两次；**改动**带 `If-Match`，别人先改过的答复 412。
- **列表**用游标翻页，`next_cursor` 原样传回。
- **没有办成**的一律是 `application/problem+json`：`code`、`message`、`clause`、`fields`。
- **个人信息**默认脱敏；要看未脱敏的，用专门的地址，写明理由，每次留痕。
"""
# Which problems an operation may answer with; (status, when).
ALWAYS = (400, 401, 403, 404, 413, 415, 422, 429, 500)
OPEN = (400, 404, 422, 429, 500)  # where no key is asked for
WORDS = {
    400: "请求看不懂，或者缺少 Idempotency-Key",
    401: "没有令牌，或者令牌失效",
    403: "没有权限或者范围",
    404: "没有，或者不在能看的范围里",
    405: "方法不对",
    409: "与已有的内容冲突",
    412: "读取以后别人已经改过",
    413: "内容太大",
    415: "格式不收",
    422: "不合要求，或者按规则现在不能办",
    428: "缺少 If-Match",
    429: "太频繁",
    500: "平台故障，没有办一半",
}
BINARY = {"*/*": {"schema": {"type": "string", "format": "binary"}}}


class StrictParser(Parser):
    """JSON as the RFC has it: no NaN; no NUL and no half of a pair, which the database cannot keep."""

    def parse_body(self, request: HttpRequest) -> Any:
        data = json.loads(request.body, parse_constant=_no_constant)
        text = json.dumps(data, ensure_ascii=False)
        text.encode()
        if "\\u0000" in text:
            raise ValueError("NUL")
        return data


def _no_constant(name: str) -> None:
    raise ValueError(name)


class GongzhiAPI(NinjaAPI):
    def create_response(self, request: HttpRequest, data: Any, **given: Any) -> HttpResponse:
        return finish(request, super().create_response(request, data, **given))

    def get_openapi_schema(self, **given: Any) -> OpenAPISchema:
        return self._described

    def get_openapi_operation_id(self, operation: Any) -> str:
        """`cases_list_cases`: of the part and the function."""
        part = operation.view_func.__module__.removeprefix("gongzhi.").replace(".api", "").replace(".", "_")
        return f"{part}_{operation.view_func.__name__}"

    @cached_property
    def _described(self) -> OpenAPISchema:
        schema = super().get_openapi_schema(path_prefix=PREFIX)
        schema["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        schema["components"]["securitySchemes"]["Token"] |= {"description": "接口令牌，由本地管理员发放，只显示一次。"}
        for methods in schema["paths"].values():
            for method, operation in methods.items():
                _complete(operation, method)
        return schema


def _complete(operation: dict[str, Any], method: str) -> None:
    """The problems of the operation, and what is no JSON."""
    headers = {one["name"] for one in operation["parameters"]}
    always = ALWAYS if operation.get("security") else OPEN
    statuses = [*always, *((409,) if method != "get" else ()), *((412, 428) if "If-Match" in headers else ())]
    answers: dict[Any, Any] = operation["responses"]
    for status, answer in answers.items():
        answer["description"] = "已新建" if status == 201 else "成功"  # noqa: PLR2004
        content = answer.get("content", {}).get("application/json", {}).get("schema", {})
        if content.get("format") == "binary":
            answer["content"] = BINARY
    for status in sorted(statuses):
        answers[status] = {
            "description": WORDS[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }


api = GongzhiAPI(
    title="共治接口",
    version="1",
    description=ABOUT,
    urls_namespace="api",
    docs=Described(),
    parser=StrictParser(),
)
api.add_router("", core.router)
api.add_router("", cases.router)
api.add_router("", accountability.router)
api.add_router("", enforcement.router)
api.add_router("", duties.router)
api.add_router("", registry.router)
api.add_router("", governance.router)
api.add_router("", charges.router)
api.add_router("", funds.router)
api.add_router("", contracts.router)
api.add_router("", equipment.router)
api.add_router("", mediation.router)
api.add_router("", patrols.router)
api.add_router("", policy.router)
api.add_router("", public.router)
api.add_router("", open_estates.router)


# --- refusals


def _undo() -> None:
    """A refusal leaves nothing behind, as the middleware of the pages does by letting the exception through."""
    if connection.in_atomic_block:
        transaction.set_rollback(True)


@api.exception_handler(Refused)
def _refused(request: HttpRequest, refused: Refused) -> HttpResponse:
    _undo()
    return of_refusal(refused)


@api.exception_handler(ApiProblem)
def _api_problem(request: HttpRequest, given: ApiProblem) -> HttpResponse:
    _undo()
    return problem(given.status, code=given.code, message=given.message, headers=given.headers)


@api.exception_handler(Replayed)
def _replayed(request: HttpRequest, replayed: Replayed) -> HttpResponse:
    return replayed.response


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    _undo()
    return of_validation(error.errors)


@api.exception_handler(AuthenticationError)
def _unauthenticated(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problem(401, headers={"WWW-Authenticate": "Bearer"})


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    _undo()
    return problem(error.status_code)


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    _undo()
    return problem(404)


@api.exception_handler(PermissionDenied)
def _denied(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    _undo()
    return problem(403)


@api.exception_handler(RequestDataTooBig)
def _too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    _undo()
    return problem(413)


@api.exception_handler(SuspiciousOperation)
def _suspicious(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    _undo()
    return problem(400)


@api.exception_handler(Exception)
def _fault(request: HttpRequest, error: Exception) -> HttpResponse:
    _undo()
    logger.exception("%s %s", request.method, request.path, exc_info=error)
    return problem(500)
