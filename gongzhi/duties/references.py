"""How the rest of the platform finds a duty by its reference, and who may read one."""

from django.urls import reverse

from gongzhi.core import refs
from gongzhi.core.actors import Actor
from gongzhi.core.rights import may
from gongzhi.duties.models import Duty


def may_read(actor: Actor, duty: Duty) -> bool:
    """A party, an office above that may read what the duty is about, or whoever else may."""
    if may(actor, "duty.read", duty) or supervises(actor, duty):
        return True
    return duty.subject_kind != "duty" and refs.may_read(actor, duty.subject)


def supervises(actor: Actor, duty: Duty) -> bool:
    return may(actor, "duty.supervise", duty) and not refs.is_shut(actor, duty.subject)


def register() -> None:
    refs.register_kind(
        "duty",
        load=lambda pk: Duty.objects.filter(pk=pk).first(),
        may_read=may_read,
        url=lambda duty: reverse("duties:detail", args=[duty.pk]),
    )
