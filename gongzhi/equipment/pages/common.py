"""What the pages share: which row, which crumbs, how files are kept."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404
from django.urls import reverse

from gongzhi.core import services as core
from gongzhi.core.models import StoredFile
from gongzhi.core.pages import FormPage, actor_of, bound, now_of, today_of
from gongzhi.core.refs import Ref
from gongzhi.equipment.models import Directive
from gongzhi.equipment.pages.shown import NAV, Act
from gongzhi.equipment.queries.listing import directives_for, estates_seen
from gongzhi.registry.models import Estate

Data = Mapping[str, Any]

__all__ = ["Data", "act_url", "actor_of", "bound", "crumbs", "estate_of", "form_page", "kept", "now_of", "offered",
           "role_words", "row_of", "today_of"]  # fmt: skip


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("设施设备和应急", reverse("equipment:board")), *more]


def row_of(request: Any, model: Any, pk: int, *related: str) -> Any:
    row = model.objects.select_related(*related).filter(pk=pk).first()
    if row is None or not core.may(actor_of(request), "equipment.read", row):
        raise Http404
    return row


def directive_of(request: Any, pk: int) -> Directive:
    """A paper that the actor's list shows: also one that an office above sent to an estate of his."""
    row: Directive | None = directives_for(actor_of(request)).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def estate_of(request: Any, pk: Any) -> Estate:
    """An estate that the actor knows. One of another place is closed to an office (403), unknown to all others."""
    actor = actor_of(request)
    rows = estates_seen(actor)
    found: Estate | None = rows.filter(pk=pk, ended_on=None).first() if str(pk).isdecimal() else None
    if found is None:
        other = Estate.objects.filter(pk=pk).first() if str(pk).isdecimal() and actor.is_staff_role else None
        if other is not None:
            core.require(actor, "equipment.direct", other)
        raise Http404
    return found


def form_page(**given: Any) -> FormPage:
    return FormPage(**{"nav": NAV, **given})


def kept(request: Any, uploaded: Any, owner: Ref) -> StoredFile | None:
    if not uploaded:
        return None
    return core.store_file(uploaded, owner=owner, actor=actor_of(request), now=now_of(request))


def act_url(kind: str, pk: int, act: str) -> str:
    return reverse("equipment:act", args=[kind, pk, act])


def offered(kind: str, pk: int, acts: Sequence[tuple[str, str]]) -> list[Act]:
    """Buttons: the first one is what comes next."""
    return [Act(title, act_url(kind, pk, code), number == 0) for number, (code, title) in enumerate(acts)]


def role_words(roles: Sequence[str], path: str, on: Any) -> dict[str, str]:
    return {one: core.role_name(one, place_path=path, on=on) for one in roles}
