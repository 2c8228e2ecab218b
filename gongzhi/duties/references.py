"""How the rest of the platform finds a duty by its reference, and who may read one."""

from collections.abc import Sequence

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


def many(actor: Actor, ids: Sequence[str]) -> list[Duty]:
    rows = list(Duty.objects.filter(pk__in=ids).defer("explanation", "state_json"))
    own = [row for row in rows if may(actor, "duty.read", row) or supervises(actor, row)]
    others = [row for row in rows if row not in own and row.subject_kind != "duty"]
    about = refs.readable(actor, [row.subject for row in others])
    return [*own, *(row for row in others if row.subject.key in about)]


def register() -> None:
    refs.register_kind(
        "duty",
        load=lambda pk: Duty.objects.filter(pk=pk).first(),
        may_read=may_read,
        url=lambda duty: reverse("duties:detail", args=[duty.pk]),
        many=many,
    )
