"""One submission as the clerk hands it in, on the page or by a program: what is looked at before it is kept."""

from dataclasses import dataclass
from datetime import datetime

from gongzhi.cases import queries, services
from gongzhi.cases.forms_fields import not_before
from gongzhi.cases.forms_intake import FIELD_OF, IntakeForm, MatterRow
from gongzhi.cases.forms_public import matter_facts
from gongzhi.cases.models import Complaint
from gongzhi.cases.queries.similar import Duplicate
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused

INCOMPLETE = "登记的内容还不齐，没有保存。请按上面逐项补上。"


@dataclass(frozen=True)
class Sheet:
    """The head of the form and a row for each matter."""

    channel: str
    head: IntakeForm
    matters: list[MatterRow]
    duplicates: tuple[Duplicate, ...] = ()

    def is_valid(self) -> bool:
        """Of each matter too what its place wants to be told before it is submitted."""
        if not all([self.head.is_valid(), *[row.is_valid() for row in self.matters]]):
            return False
        data = self.head.cleaned_data
        on = local_day(data["called_at"])
        return all([row.complete(data["chosen_estate"], channel=self.channel, on=on) for row in self.matters])


def checked(sheet: Sheet) -> None:
    """What the pack wants of the register comes before the question of duplicates; the service looks again."""
    data = sheet.head.cleaned_data
    person = (data["caller_name"], data["caller_phone"])
    facts = {
        "channel": sheet.channel,
        "caller_name": data["caller_name"],
        "caller_phone": data["caller_phone"],
        "caller_address": data["caller_address"],
        "called_at": data["called_at"].isoformat(),
        "reason": data["reason"],
        "anonymous": bool(data["anonymous"]) or not any(person),
        "anonymous_reason": data["anonymous_reason"] if data["anonymous"] else "",
        "visitors": data.get("visitors"),
        "signed_register": bool(data.get("signed_register")),
        "answered_on_spot": data["answered_on_spot"],
        "visitor_confirmed": bool(data.get("visitor_confirmed")),
        "tagged": bool(data["tags"]),
        "estate": data["chosen_estate"].name,
        "matters": len(sheet.matters),
    }
    given = {name: value for name, value in facts.items() if value not in (None, "")}
    place = data["chosen_estate"].place_path
    core.run_checks("cases.register", given, place_path=place, on=local_day(data["called_at"]))


def duplicates_of(sheet: Sheet, now: datetime) -> list[Duplicate]:
    data = sheet.head.cleaned_data
    matters = [row.cleaned_data["matter"] for row in sheet.matters]
    return queries.duplicates(data["chosen_estate"], matters, data["reason"], now=now, spot=data["spot"])


def received(sheet: Sheet, *, key: str, actor: Actor, now: datetime) -> Complaint:
    data = sheet.head.cleaned_data
    anonymous = data["anonymous"]
    person = services.ComplainantInput(
        name=data["caller_name"], phone=data["caller_phone"], address=data["caller_address"]
    )
    titles = [
        services.MatterInput(
            matter=row.cleaned_data["matter"],
            title=row.cleaned_data["title"],
            text="",
            spot=data["spot"],
            facts=matter_facts(row.cleaned_data),
        )
        for row in sheet.matters
    ]
    return services.receive_complaint(
        channel=sheet.channel,
        estate=data["chosen_estate"],
        text=data["reason"],
        location=data["location"],
        matters=titles,
        complainant=None if anonymous else person,
        anonymous_reason=data["anonymous_reason"] if anonymous else "",
        received_at=not_before(data["called_at"], None) or now,
        visitors=data.get("visitors"),
        tags=data["tags"],
        signed_register=bool(data.get("signed_register")),
        visitor_confirmed=bool(data.get("visitor_confirmed")),
        answered_on_spot=data["answered_on_spot"],
        files=data["files"],
        extra={"hotline_number": data["hotline_number"]} if sheet.channel == "hotline" else None,
        key=key,
        actor=actor,
        now=now,
    )


def in_its_words(refused: Refused) -> Refused:
    """The names of the pack's fields become those of this form; what stands beside them is not said again."""
    fields = {FIELD_OF.get(name, name): words for name, words in refused.fields.items()}
    message = INCOMPLETE if refused.code == "check_failed" and fields else refused.message
    return Refused(refused.code, message, refused.clauses, fields, refused.status)
