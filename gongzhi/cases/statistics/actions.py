"""The action list of an estate: a task about it, handed out to whoever answers for it, on the board of tasks."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms

from gongzhi.cases.accountability.models import WorkTask
from gongzhi.cases.accountability.services.tasks import give_task
from gongzhi.cases.statistics.concentration import EstatePicture, responsible_units
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.forms import RefusalForm
from gongzhi.core.models import Organisation
from gongzhi.registry.models import Estate

TASK_DAYS = 30


class ActionForm(RefusalForm, forms.Form):
    """One line of the action list: what, by whom, until when."""

    title = forms.CharField(label="办什么事", max_length=120, help_text="一句话写清要办到什么程度")
    owner = forms.ModelChoiceField(
        label="交办给", queryset=Organisation.objects.none(), empty_label="请选责任单位",
        error_messages={"required": "请选责任单位"},
    )  # fmt: skip
    due_on = forms.DateField(
        label="办结期限", help_text="到这一天24:00为止", widget=forms.DateInput(attrs={"type": "date"})
    )
    note = forms.CharField(label="要求和说明", widget=forms.Textarea(attrs={"rows": 3}), max_length=500, required=False)

    def __init__(self, *args: Any, owners: list[Organisation], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = Organisation.objects.filter(pk__in=[one.pk for one in owners])  # type: ignore[attr-defined]
        self.fields["due_on"].widget.attrs["min"] = today.isoformat()


def owners_for(estate: Estate, actor: Actor) -> list[Organisation]:
    """To whom the actor may hand out something about the estate."""
    units = [one for one in responsible_units(estate) if core.may(actor, "accountability.hand_out", one)]
    return [one for one in units if actor.organisation is None or one.pk != actor.organisation.pk]


def suggested(picture: EstatePicture, today: date) -> dict[str, Any]:
    return {"title": picture.suggestion, "due_on": today + timedelta(days=TASK_DAYS)}


def hand_out(
    estate: Estate, *, title: str, owner: Organisation, due_on: date, note: str = "", actor: Actor, now: datetime
) -> WorkTask:
    return give_task(title=title, unit=owner, due_on=due_on, text=note, estate=estate, actor=actor, now=now)
