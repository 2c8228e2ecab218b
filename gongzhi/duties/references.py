"""How the rest of the platform finds a duty by its reference, and who may read one."""

from django.urls import reverse

from gongzhi.core import refs
from gongzhi.core.actors import Actor
from gongzhi.core.rights import may
from gongzhi.duties.models import Duty


def may_read(actor: Actor, duty: Duty) -> bool:
    """A party, an office above, or whoever may read what the duty is about."""
    if may(actor, "duty.read", duty) or may(actor, "duty.supervise", duty):
        return True
    return duty.subject_kind != "duty" and refs.may_read(actor, duty.subject)


def register() -> None:
    refs.register_kind(
        "duty",
        load=lambda pk: Duty.objects.filter(pk=pk).first(),
        may_read=may_read,
        url=lambda duty: reverse("duties:detail", args=[duty.pk]),
    )
