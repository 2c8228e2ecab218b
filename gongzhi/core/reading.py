"""Which rows about something an office above may read: what is shut to it is shut in every list that tells of it."""

from collections.abc import Iterable

from django.db.models import Q

from gongzhi.core import refs
from gongzhi.core.actors import Actor
from gongzhi.core.refs import Ref


def not_shut(actor: Actor) -> Q:
    """Of rows with `subject_kind` and `subject_id`: those about nothing that the actor may not read."""
    wanted = Q()
    for kind, ids in refs.readable_ids(actor).items():
        wanted &= ~Q(subject_kind=kind) | Q(subject_id__in=ids)
    return wanted


def shut_among(actor: Actor, subjects: Iterable[Ref]) -> set[str]:
    """The keys of those that the actor may not read. A statement a kind that is shut to him, none where none is."""
    asked = list(subjects)
    shut: set[str] = set()
    for kind, ids in refs.readable_ids(actor).items():
        wanted = {one.id for one in asked if one.kind == kind}
        shut |= {f"{kind}:{one}" for one in wanted - set(ids.filter(key__in=wanted).values_list("key", flat=True))}
    return shut
