"""Paper ballots on screen: print, hand in scans, read each page twice; and the way from a printed code to the phone."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.refs import Ref
from gongzhi.governance.votes import queries
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.forms import IdentityForm
from gongzhi.governance.votes.forms_paper import CodeForm, PrintForm, ReadForm, ScanForm, SetAsideForm
from gongzhi.governance.votes.identity import identity_check
from gongzhi.governance.votes.models import Vote
from gongzhi.governance.votes.paper import services as paper
from gongzhi.governance.votes.paper.codes import BadCode, read_code
from gongzhi.governance.votes.paper.models import PaperCode, PaperSheet
from gongzhi.governance.votes.paper.queries import progress, unprinted
from gongzhi.governance.votes.paper.words import OPEN_STATES, SHEET_STATES
from gongzhi.governance.votes.scopes import concerned
from gongzhi.governance.votes.views.common import (
    NOT_FOUND,
    UNPROCESSABLE,
    ActPage,
    actor_of,
    bound,
    now_of,
    see,
    vote_of,
    vote_url,
)
from gongzhi.governance.votes.views.phone import grant

Data = Mapping[str, Any]
PAGE_SIZE = 50
CODE_UNKNOWN = (
    "这个票号打不开：这张选票可能已经作废、换发了新的。请扫最近一次发的选票；"
    "也可以用短信里的投票链接，或到社区、业委会现场投票。已经投的票不受影响。"
)
CURRENT = {"waiting": "gz-wait", "once": "gz-soon", "differs": "gz-over", "counted": "gz-ok", "set_aside": "gz-wait"}


def _crumbs(vote: Vote, *, below: bool = True) -> list[tuple[str, str]]:
    found = [("业主表决", reverse("governance:votes")), (vote.title, vote_url(vote))]
    return [*found, ("纸质票", reverse("governance:paper", args=[vote.pk]))] if below else found


@login_required
@require_GET
def overview(request: HttpRequest, pk: int) -> HttpResponse:
    vote = vote_of(request, pk)
    sheets = PaperSheet.objects.filter(vote=vote).select_related("code__roll_entry", "first_by", "second_by", "ballot")
    state = request.GET.get("state", "")
    if state in SHEET_STATES:
        sheets = sheets.filter(state=state)
    context = {
        "nav": "votes",
        "page_title": "纸质票",
        "vote": vote,
        "crumbs": _crumbs(vote, below=False),
        "progress": progress(vote),
        "units": concerned(vote).count(),
        "states": SHEET_STATES,
        "state": state,
        "css": CURRENT,
        "page": Paginator(sheets.order_by("number"), PAGE_SIZE).get_page(request.GET.get("page")),
        "may_run": core.may(actor_of(request), "vote.run", vote),
        "may_print": vote.state in paper.RUNNING,
        "may_scan": vote.state == "open",
    }
    return render(request, "votes/paper.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def printing(request: HttpRequest, pk: int) -> HttpResponse:
    made: list[bytes] = []
    page = printing_page(request, pk, made)
    if request.method != "POST":
        return page.shown(request)
    if not page.form.is_valid():
        return page.shown(request, status=UNPROCESSABLE)
    try:
        page.run(page.form.cleaned_data)
    except Refused as refused:
        if refused.code == "forbidden":
            raise
        page.form.add_refusal(refused)
        return page.shown(request, status=refused.status)
    return as_pdf(made[-1], pk)


def printing_page(request: HttpRequest, pk: int, made: list[bytes]) -> ActPage:
    """`made`: where the PDF goes."""
    vote = vote_of(request, pk)
    form = bound(request, PrintForm)
    form.offer(vote)

    def run(data: Data) -> Ref:
        rows = concerned(vote).order_by("building", "room")
        rows = rows.filter(building=data["building"]) if data["building"] else rows
        rooms = [one.strip() for one in data["rooms"].splitlines() if one.strip()]
        rows = rows.filter(room__in=rooms) if rooms else rows
        content = paper.print_ballots(
            vote,
            entries=list(rows if data["again"] else unprinted(rows)),
            returns=data["returns"],
            address=request.build_absolute_uri(reverse("governance:paper_code", args=["x"])).rsplit("/x", 1)[0],
            actor=actor_of(request),
            now=now_of(request),
            again=data["again"],
        )
        made.append(content)
        return vote.ref

    return ActPage(
        title="打印选票",
        form=form,
        run=run,
        done="",
        back=reverse("governance:paper", args=[vote.pk]),
        crumbs=_crumbs(vote),
        hint="一户一张，右上角的编号只计一次。按楼幢分批打印，便于上门送达。",
        button="打印（PDF）",
    )


def as_pdf(content: bytes, pk: int) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="ballots-{pk}.pdf"'
    return response


@login_required
@require_http_methods(["GET", "POST"])
def scanning(request: HttpRequest, pk: int) -> HttpResponse:
    return scanning_page(request, pk).answer(request)


def scanning_page(request: HttpRequest, pk: int) -> ActPage:
    vote = vote_of(request, pk)

    def run(data: Data) -> Ref:
        made = paper.receive_pages(
            vote,
            content=data["scan"].read(),
            received_at=data["received_at"],
            actor=actor_of(request),
            now=queries.database_now(),
        )
        known = sum(one.code_id is not None for one in made)
        page.done = f"收到{len(made)}页，{known}页认出了票号。请两个人分别录入。"
        return vote.ref

    initial = {"received_at": now_of(request)}
    page = ActPage(
        title="登记交回的选票",
        form=bound(request, ScanForm, initial=initial),
        run=run,
        done="",
        back=reverse("governance:paper", args=[vote.pk]),
        crumbs=_crumbs(vote),
        hint="扫描成一个PDF或TIFF，一页一张票；也可以传一张照片。影像的摘要写入票册，影像留存备查。",
        button="上传",
    )
    return page


def sheet_of(request: HttpRequest, pk: int) -> PaperSheet:
    rows = PaperSheet.objects.select_related("vote__estate", "vote__log", "code__roll_entry", "image", "ballot")
    sheet: PaperSheet = get_object_or_404(rows, pk=pk)
    if not core.may(actor_of(request), "vote.run", sheet.vote):
        raise Http404
    return sheet


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """One page beside its form. The second person does not see what the first one read."""
    return sheet_page(request, pk).answer(request)


def sheet_page(request: HttpRequest, pk: int) -> ActPage:
    row = sheet_of(request, pk)
    form = ReadForm(request.POST if request.method == "POST" else None, version=row.version)
    form.offer(row, own=_own(request, row))
    page = ActPage(
        title=f"录入第{row.number}页",
        form=form,
        run=lambda _: row.ref,
        done="",
        back=reverse("governance:paper", args=[row.vote_id]),
        crumbs=_crumbs(row.vote),
        template="votes/sheet.html",
        button="录入",
        extra={
            "sheet": row,
            "open": row.state in OPEN_STATES,
            "own": _own(request, row) is not None,
            "state_css": CURRENT[row.state],
            "code_form": CodeForm() if row.code is None and row.state == "waiting" else None,
            "may_set_aside": core.may(actor_of(request), "vote.adjudicate", row.vote),
        },
    )

    def run(data: Data) -> Ref:
        done = paper.read_sheet(
            row, reading=form.reading(), version=data["version"], actor=actor_of(request), now=now_of(request)
        )
        faulty = done.ballot is not None and bool(done.ballot.faults)
        page.done = FAULTY if faulty else SAID[done.state]
        return done.ref

    page.run = run
    page.after = lambda _: _next(row)
    return page


SAID = {
    "once": "已记下。还要另一个人录入。",
    "differs": "两个人录的不一样。请一起看影像，录错的一方改正。",
    "counted": "两个人录的一致，这张票已计入。",
}
FAULTY = "两个人录的一致。票有瑕疵，监票人认定以后才知道算不算。"


def _own(request: HttpRequest, row: PaperSheet) -> dict[str, Any] | None:
    user = actor_of(request).user
    if user is None:
        return None
    kept = row.first if row.first_by_id == user.pk else row.second if row.second_by_id == user.pk else None
    return dict(kept) if kept else None


def _next(row: PaperSheet) -> str:
    """The next page that waits; after the last, the list."""
    later = PaperSheet.objects.filter(vote=row.vote, state__in=OPEN_STATES, number__gt=row.number).order_by("number")
    found = later.first()
    if found is None:
        return reverse("governance:paper", args=[row.vote_id])
    return reverse("governance:sheet", args=[found.pk])


@login_required
@require_http_methods(["POST"])
def code(request: HttpRequest, pk: int) -> HttpResponse:
    return code_page(request, pk).answer(request)


def code_page(request: HttpRequest, pk: int) -> ActPage:
    row = sheet_of(request, pk)
    form = bound(request, CodeForm)

    def run(data: Data) -> Ref:
        return paper.name_code(row, typed=data["code"], version=None, actor=actor_of(request), now=now_of(request)).ref

    here = reverse("governance:sheet", args=[row.pk])
    return ActPage(title="补填票号", form=form, run=run, done="已找到这张票。", back=here, crumbs=_crumbs(row.vote))


@login_required
@require_http_methods(["GET", "POST"])
def set_aside(request: HttpRequest, pk: int) -> HttpResponse:
    return set_aside_page(request, pk).answer(request)


def set_aside_page(request: HttpRequest, pk: int) -> ActPage:
    row = sheet_of(request, pk)

    def run(data: Data) -> Ref:
        return paper.set_aside(
            row, reason=data["reason"], version=data["version"], actor=actor_of(request), now=now_of(request)
        ).ref

    return ActPage(
        title=f"第{row.number}页不录入",
        form=bound(request, SetAsideForm, version=row.version),
        run=run,
        done="已登记，影像留存。",
        back=reverse("governance:paper", args=[row.vote_id]),
        crumbs=_crumbs(row.vote),
        hint="空白的背面、不是选票的纸。是选票的，哪怕有瑕疵也要录入，由监票人认定。",
        button="不录入",
    )


@never_cache
@require_http_methods(["GET", "POST"])
def by_code(request: HttpRequest, typed: str) -> HttpResponse:
    """Where the code on a printed ballot leads: who he is, then the ballot on his phone."""
    try:
        found = PaperCode.objects.select_related("vote__estate", "roll_entry").filter(
            code=read_code(typed), void_at=None
        ).first()  # fmt: skip
    except BadCode as error:
        raise Http404 from error
    if found is None:
        raise Refused("code_unknown", CODE_UNKNOWN, status=NOT_FOUND)
    form = IdentityForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound:
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                token = paper.open_by_code(found, answer=form.cleaned_data["answer"], now=now_of(request))
            except Refused as refused:
                form.add_refusal(refused)
                status = refused.status
            else:
                answer = see(reverse("governance:phone", args=[token]))
                link = votes.link_of(token)
                return grant(answer, link, secure=request.is_secure()) if link is not None else answer
    context = {
        "nav": "votes",
        "owner_pages": True,
        "page_title": "业主大会表决票",
        "vote": found.vote,
        "form": form,
        "how": identity_check().title,
        "now": queries.database_now(),
    }
    return render(request, "votes/phone_identity.html", context, status=status)
