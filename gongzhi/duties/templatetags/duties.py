"""On the page of what a duty is about: what is still owed there, by whom and until when."""

from django import template

from gongzhi.core.refs import Ref
from gongzhi.duties.models import Duty
from gongzhi.duties.queries import duties_of

register = template.Library()


@register.simple_tag
def owed(ref: Ref) -> list[Duty]:
    """The running duties of the subject, soonest first. One statement."""
    return list(duties_of(ref).filter(closed_at=None))
