"""Mediations go with their estate to another community; the body that has one keeps it to its end."""

from gongzhi.core import services as core
from gongzhi.core.models import Event
from gongzhi.mediation.models import CircuitSession, MediationFile


def follow_estate(event: Event) -> None:
    for model in (MediationFile, CircuitSession):
        core.rebase(model.objects.all(), old=str(event.data["was_path"]), new=event.place_path)
