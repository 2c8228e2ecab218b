"""What the pages share: which row, which crumbs, how files are kept."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse

from gongzhi.contracts.models import Procedure, ServiceContract
from gongzhi.core import services as core
from gongzhi.core.models import StoredFile
from gongzhi.core.pages import FormPage, actor_of, bound, day_of, now_of, page_of, see, today_of
from gongzhi.core.refs import Ref, readable
from gongzhi.duties.queries import duties_of
from gongzhi.registry.models import Estate
from gongzhi.registry.queries.reading import estates_for

NAV = "contracts"
Data = Mapping[str, Any]

__all__ = ["NAV", "Data", "actor_of", "bound", "clocks", "contract_of", "crumbs", "day_of", "estate_of", "form_page",
           "kept", "kept_all", "now_of", "page_of", "procedure_of", "see", "today_of", "url_of"]  # fmt: skip


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("选聘和交接", reverse("contracts:list")), *more]


def url_of(row: Procedure | ServiceContract) -> str:
    return reverse("contracts:procedure" if isinstance(row, Procedure) else "contracts:contract", args=[row.pk])


def procedure_of(request: Any, pk: int) -> Procedure:
    row = Procedure.objects.select_related("estate", "company", "opener", "motion", "origin").filter(pk=pk).first()
    if row is None or not core.may(actor_of(request), "contracts.read", row):
        raise Http404
    return row


def contract_of(request: Any, pk: int) -> ServiceContract:
    rows = ServiceContract.objects.select_related("estate", "company", "procedure", "motion", "project", "ended_by")
    row = rows.filter(pk=pk).first()
    if row is None or not core.may(actor_of(request), "contracts.read", row):
        raise Http404
    return row


def clocks(request: Any, row: Procedure | ServiceContract) -> list[tuple[Any, str, int]]:
    """Every duty of the row; its own page, where it opens to the reader; by how many days it was met too late."""
    # Of what comes again and again, as the next step does: what runs, otherwise the last.
    latest = {(one.rule, one.owner_organisation_id, one.closed_at is None): one for one in duties_of(row.ref)}
    running = {one.rule for one in latest.values() if one.closed_at is None}
    duties = [one for one in latest.values() if one.closed_at is None or one.rule not in running]
    known = readable(actor_of(request), [Ref("duty", str(one.pk), one.title, one.place_path) for one in duties])
    found = []
    for one in duties:
        late = 0
        if one.closed_at is not None and one.due_at is not None and one.closed_at >= one.due_at:
            last = core.local_day(one.due_at - timedelta(seconds=1))
            late = max((core.local_day(one.closed_at) - last).days, 0)
        found.append((one, known.get(f"duty:{one.pk}", ""), late))
    return found


def estate_of(request: Any, pk: int) -> Estate:
    """An estate that the actor knows, or where his company is asked to come."""
    found: Estate | None = estates_for(actor_of(request)).filter(pk=pk, ended_on=None).first()
    if found is None:
        raise Http404
    return found


def form_page(**given: Any) -> FormPage:
    return FormPage(**{"nav": NAV, **given})


def kept(request: HttpRequest, uploaded: Any, owner: Ref) -> StoredFile | None:
    if not uploaded:
        return None
    return core.store_file(uploaded, owner=owner, actor=actor_of(request), now=now_of(request))


def kept_all(request: HttpRequest, uploads: Iterable[tuple[str, Any]], owner: Ref) -> Sequence[tuple[str, StoredFile]]:
    found = [(name, kept(request, file, owner)) for name, file in uploads]
    return [(name, file) for name, file in found if file is not None]
