"""核对: anybody checks a receipt or a checkpoint, in the browser by our own script and by the server without one."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from gongzhi.proof import notes, queries, receipts
from gongzhi.proof.models import SigningKey

NOT_FOUND, UNPROCESSABLE = 404, 422
CODE_ROWS = 5
QR_BORDER = 2
WAITS_MOST = timedelta(minutes=10)

# What was looked at: in words, when it holds, when it does not, while it waits.
WORDS = {
    "log": ("回执写明的日志", "本平台有这本日志", "本平台没有这本日志", ""),
    "promise": ("收到时的签名", "是本平台签的，内容没有改过", "不是本平台签的，或者内容改过", ""),
    "checkpoint": ("检查点的签名", "是本平台签的，没有改过", "不是本平台签的，或者改过", ""),
    "inclusion": ("这一条在检查点里", "推算成立", "推算不成立", ""),
    "entry": ("日志里现在有没有这一条", "有", "没有", "已收到，正在排序号，一般几秒钟"),
    "history": ("回执上的检查点与现在的日志", "前后一致，没有改写", "前后不一致，日志改写过", ""),
}
VERDICTS = {
    "good": ("相符：这一条在日志里，收到后没有改过", "gz-ok"),
    "waits": ("已收到，正在排序号", "gz-wait"),
    "bad": ("不符", "gz-over"),
}
COMPARED = {
    "same": ("相符：就是日志现在的样子", "gz-ok"),
    "consistent": ("相符：日志在它之后只增加，没有改写", "gz-ok"),
    "split": ("不符：同一本日志给人看过两种内容", "gz-over"),
    "ahead": ("不符：日志比它还短，丢过记录", "gz-over"),
    "unsigned": ("不符：不是本平台签的", "gz-over"),
    "unknown": ("不符：本平台没有这本日志", "gz-over"),
}


class ReceiptForm(forms.Form):
    text = forms.CharField(
        label="回执或检查点的文字",
        max_length=receipts.LONGEST,
        widget=forms.Textarea(attrs={"rows": CODE_ROWS, "spellcheck": "false", "autocomplete": "off"}),
        error_messages={
            "required": "请把回执的文字全部粘贴到这里。",
            "max_length": "太长了，不是回执。请只粘贴回执的文字。",
        },
    )


# Nothing is changed here, so that a saved page or another office's site may post a receipt to it.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _of_text(request)
    origin, leaf = request.GET.get("ri", ""), request.GET.get("tiao", "")
    if not origin and not leaf:
        return _page(request, ReceiptForm())
    entry = receipts.by_address(origin, leaf)
    if entry is None:
        return _page(request, ReceiptForm(), status=NOT_FOUND, not_found=True)
    text = receipts.text_of(queries.receipt(entry))
    return _report(request, ReceiptForm({"text": text}), text)


def _of_text(request: HttpRequest) -> HttpResponse:
    form = ReceiptForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=UNPROCESSABLE)
    text = form.cleaned_data["text"]
    if text.startswith("{"):
        return _report(request, form, text)
    try:
        found = queries.compare(f"{text.strip()}\n".replace("\r\n", "\n"))
    except notes.BadNote:
        form.add_error("text", "这不是回执，也不是检查点。回执以“{”开头，以“}”结尾，请从头到尾全部粘贴。")
        return _page(request, form, status=UNPROCESSABLE)
    title, tone = COMPARED[found.verdict]
    return _page(request, form, compared=found, title=title, tone=tone)


def _report(request: HttpRequest, form: ReceiptForm, text: str) -> HttpResponse:
    try:
        found = receipts.check(receipts.parsed(text))
    except receipts.NoReceipt:
        form.add_error("text", "这不是本平台的回执，或者粘贴得不完整。回执以“{”开头，以“}”结尾，请从头到尾全部粘贴。")
        return _page(request, form, status=UNPROCESSABLE)
    title, tone = VERDICTS[found.state]
    fresh = queries.receipt(found.entry) if found.entry is not None else found.receipt.value
    page = request.build_absolute_uri(reverse("check_receipt"))
    rows = [
        {"name": one.name, "title": WORDS[one.name][0], "state": one.state, "says": _says(one)}
        for one in found.findings
    ]
    late = found.state == "waits" and timezone.now() - found.receipt.promised_at > WAITS_MOST
    return _page(
        request,
        form,
        report=found,
        title=title,
        tone=tone,
        rows=rows,
        late=late,
        code=receipts.code_of(found.receipt.promise.leaf),
        receipt_text=text,
        fresh_text=receipts.text_of(fresh),
        qr=_svg(receipts.address(fresh, page=page)),
        key=found.receipt.promise.public_key.hex(),
    )


def _says(finding: receipts.Finding) -> str:
    _, good, bad, waits = WORDS[finding.name]
    return {"good": good, "bad": bad, "waits": waits}[finding.state]


def _svg(text: str) -> dict[str, Any]:
    """A QR as a path within a viewBox, without inline style."""
    code = receipts.qr(text)
    size = code.symbol_size(border=QR_BORDER)[0]
    steps = [
        f"M{x} {y}h1v1h-1z"
        for y, row in enumerate(code.matrix, QR_BORDER)
        for x, dark in enumerate(row, QR_BORDER)
        if dark
    ]
    return {"size": size, "path": "".join(steps)}


def _page(request: HttpRequest, form: ReceiptForm, *, status: int = 200, **context: Any) -> HttpResponse:
    newest = SigningKey.objects.order_by("-pk").first()
    context |= {
        "page_title": "核对",
        "owner_pages": True,
        "nav": "check_receipt",
        "form": form,
        "platform_key": bytes(newest.public).hex() if newest else "",
    }
    return render(request, "site/check_receipt.html", context, status=status)
