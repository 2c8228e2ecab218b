"""The worker script that keeps the round's pages on the phone. It stands here, for its reach is the folder it comes
from."""

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

SCRIPT = "gongzhi/patrol-worker.js"


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    found = finders.find(SCRIPT)
    if found is not None:
        with open(str(found), encoding="utf-8") as file:
            text = file.read()
    elif staticfiles_storage.exists(SCRIPT):
        with staticfiles_storage.open(SCRIPT) as kept:
            text = kept.read().decode()
    else:
        raise Http404
    response = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response
