"""A kept or a made file on its way to a reader: never as a page of this site."""

from django.http import FileResponse, Http404, HttpResponse

from gongzhi.core import files
from gongzhi.core.models import StoredFile

# What is opened in the browser is given no rights of this site; anything but a picture or PDF is only saved.
SANDBOX = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"
# Browsers show no PDF in a sandbox: it does without, and without scripts.
NO_SCRIPTS = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
# In the address of a list: the same list as Excel.
EXPORT = "daochu"
PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(content: bytes, *, name: str, content_type: str = XLSX) -> HttpResponse:
    """Something made for this reader. `name` in ASCII: old browsers of offices garble anything else."""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def sent(file: StoredFile) -> FileResponse:
    """404 when the bytes are gone."""
    try:
        content = files.open_file(file)
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(
        content, as_attachment=not files.shown_inline(file), filename=file.name, content_type=file.content_type
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = NO_SCRIPTS if file.content_type == PDF else SANDBOX
    response.headers["Cache-Control"] = "private, no-store"
    return response
