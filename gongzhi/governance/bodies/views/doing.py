"""One page for every act. The address names the row and the act."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from gongzhi.core import services as core
from gongzhi.core.pages import FormPage, actor_of, bound, now_of, today_of
from gongzhi.core.refs import Ref
from gongzhi.governance.bodies.views.acting import Act, Who, crumbs_of, home_of, row_of
from gongzhi.governance.bodies.views.acts import ACTS
from gongzhi.governance.bodies.views.parts import address


@login_required
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, kind: str, pk: int, code: str) -> HttpResponse:
    known = ACTS.get(kind, {}).get(code)
    if known is None:
        raise Http404
    row, who = row_of(request, kind, pk), Who(actor_of(request), now_of(request))
    if known.right:
        core.require(who.actor, known.right, row)
    form = bound(request, known.form, version=getattr(row, "version", None), initial=_initial(known, row, who, request))
    if known.setup is not None:
        known.setup(form, row, who)

    def run(data: Mapping[str, Any]) -> Ref:
        made = known.run(row, data, who)
        ref: Ref = made if isinstance(made, Ref) else getattr(made, "ref", row.ref)
        if known.to_made:
            page.after = address(ref)
        return ref

    page = FormPage(
        title=known.title,
        form=form,
        run=run,
        done=known.done,
        back=home_of(row),
        crumbs=crumbs_of(row),
        hint=known.hint,
        clauses=tuple(known.clauses(row, who)) if known.clauses else (),
        nav="bodies",
    )
    return page.answer(request)


def _initial(known: Act, row: Any, who: Who, request: HttpRequest) -> dict[str, Any]:
    days = {name: today_of(request) for name in ("on", "started_on", "from_on", "opened_on", "given_on")}
    given = {name: value for name, value in request.GET.items() if name in known.form.base_fields}
    return {**days, **(known.initial(row, who) if known.initial else {}), **given}
