"""On the page of what a dispute came from: the mediations that began from it, linked for who may read them."""

from django import template
from django.template import Context

from gongzhi.core import refs
from gongzhi.core.pages import actor_of
from gongzhi.core.refs import Ref
from gongzhi.mediation.models import MediationFile

register = template.Library()


@register.simple_tag(takes_context=True)
def mediations_from(context: Context, ref: Ref) -> list[tuple[MediationFile, str]]:
    """(mediation, its address or ""), the last first."""
    rows = list(MediationFile.objects.filter(origin_kind=ref.kind, origin_id=ref.id).order_by("-applied_at", "-pk"))
    urls = refs.readable(actor_of(context["request"]), [one.ref for one in rows]) if rows else {}
    return [(one, urls.get(one.ref.key, "")) for one in rows]
