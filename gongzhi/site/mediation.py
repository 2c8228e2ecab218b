"""Between mediation and what it begins from: complaints and arrears say what they know and learn what came of it."""

from typing import Any

from gongzhi.cases.models import Case
from gongzhi.core import refs
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.core.refs import Ref
from gongzhi.funds.charges.models import ArrearsHelp
from gongzhi.funds.charges.services import report_help
from gongzhi.funds.public_money.settled import Ending, register_keeper
from gongzhi.mediation import services as mediation
from gongzhi.mediation.models import MediationFile
from gongzhi.mediation.queries.origins import Origin, register_origin
from gongzhi.mediation.services import PartyInput
from gongzhi.registry.queries import county_of

ARREARS_MATTER = "service_charge_dispute"
ENDS = {
    "mediation.agreed": "已达成调解协议",
    "mediation.failed": "调解未达成",
    "mediation.declined": "没有受理调解",
    "mediation.withdrawn": "调解已终止",
}


def from_case(case: Case) -> Origin | None:
    """A complaint about a dispute in an estate; the complainant is the one who applies."""
    if case.estate is None or case.nature != "dispute":
        return None
    person, user = case.complaint.complainant, case.complaint.submitted_by
    parties: tuple[Any, ...] = ()
    if person is not None or user is not None:
        name = "" if person is not None else str(user)
        parties = (PartyInput("applicant", "owner", name=name, person=person, user=user),)
    return Origin(case.ref, case.estate, case.matter, case.complaint.text, "case", parties)


def from_arrears(row: ArrearsHelp) -> Origin | None:
    """What the owners of a unit owe: the company against them."""
    if row.kind != "mediation":
        return None
    shares = row.ownership.shares.select_related("owner") if row.ownership is not None else ()
    owners = [PartyInput("respondent", "owner", person=one.owner, unit=row.unit) for one in shares]
    company = PartyInput("applicant", "property_company", organisation=row.project.company)
    text = f"{row.unit}欠缴物业服务费，物业企业请求调解。"
    return Origin(row.ref, row.project.estate, ARREARS_MATTER, text, "arrears", (company, *owners))


def ending(number: str, place_path: str) -> Ending | None:
    """Of a mediation in the county where somebody is paid for it: the day of its archive."""
    row = MediationFile.objects.filter(number=number, place_path__startswith=county_of(place_path)).first()
    if row is None:
        return None
    return Ending(f"调解案件{number}", core.local_day(row.closed_at) if row.closed_at is not None else None)


def register() -> None:
    register_origin("case", from_case)
    register_origin("arrears_help", from_arrears)
    register_keeper(ending)


def begin_for_arrears(event: Event) -> None:
    """Reaction to `fee.help_asked`: mediation that was asked for begins; else the company learns why not."""
    row = refs.resolve(event.subject)
    found = from_arrears(row) if row is not None else None
    if row is None or found is None:
        return
    try:
        mediation.apply(
            found.estate,
            matter=found.matter,
            text=found.text,
            parties=found.parties,
            source=found.source,
            origin=found.ref,
            actor=Actor.system(demo=event.demo),
            now=event.at,
        )
    except Refused as refused:
        said = f"{row.unit}欠费没有能转为调解：{refused.message}"
        core.notify(to=row.project.company, template="mediation.not_begun", text=said, ref=row.ref, now=event.at)


def tell_arrears(event: Event) -> None:
    """The result goes back to the request for help."""
    origin = event.data.get("origin") or ""
    if not origin.startswith("arrears_help:"):
        return
    row = ArrearsHelp.objects.filter(pk=Ref.of_key(origin).id).first()
    if row is not None:
        number = event.subject_title.removeprefix("调解 ")
        report_help(
            row, result=f"{ENDS[event.kind]}，见{number}", handed_on=number, version=None,
            actor=Actor.system(demo=event.demo), now=event.at,
        )  # fmt: skip
