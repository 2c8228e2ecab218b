"""The steps that tests of mediation share: an application, its consents, a body with mediators."""

from typing import Any

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import Organisation
from gongzhi.core.tests.cast import SINCE, Cast
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.models import Body
from gongzhi.governance.bodies.services import PersonInput
from gongzhi.governance.bodies.tests.steps import SYSTEM, city, day, duty, later, moment
from gongzhi.mediation import services
from gongzhi.mediation.models import MediationFile, Mediator
from gongzhi.mediation.services import PartyInput, Weight

__all__ = ["SYSTEM", "Weight", "city", "day", "duty", "later", "moment"]


def court(cast: Cast) -> Actor:
    """A court with somebody in it."""
    unit = core.ensure_organisation("court", place=cast.county)
    return person_of(cast, "court", unit)


def person_of(cast: Cast, key: str, unit: Organisation) -> Actor:
    if key not in cast.users:
        from gongzhi.core.tests.cast import _person

        cast.organisations[key] = unit
        _person(cast, key, f"经办{key}", organisation=unit)
    return cast.actor(key)


def at(cast: Cast, role: str) -> Actor:
    """Whoever works in that role; a post is made where the cast has none."""
    if role not in cast.users:
        return person_of(cast, role, cast.organisations[role])
    return cast.actor(role)


def asked(cast: Cast, *, matter: str = "service_charge_dispute", **given: Any) -> MediationFile:
    """An owner against the company."""
    owner = cast.user("owner")
    parties = [
        PartyInput("applicant", "owner", user=owner, name=owner.display_name, phone="13800001111"),
        PartyInput("respondent", "property_company"),
    ]
    values = {"text": "对物业费收缴有争议，请求调解。", "parties": parties, **given}
    actor = values.pop("actor", None) or cast.actor("owner")
    estate = values.pop("estate", cast.estate)
    return services.apply(estate, matter=matter, actor=actor, now=cast.now, **values)


def body_of(file: MediationFile, cast: Cast) -> Actor:
    """Somebody of the body that has it now."""
    unit = file.stage.organisation
    key = next((one for one, held in cast.organisations.items() if held == unit), f"unit-{unit.pk}")
    return person_of(cast, key, unit)


def agreed_by_all(file: MediationFile, cast: Cast) -> MediationFile:
    for one in file.parties.filter(consents=None):
        services.consent(file, party=one, agrees=True, how="written", actor=body_of(file, cast), now=cast.now)
    return MediationFile.objects.get(pk=file.pk)


def accepted(file: MediationFile, cast: Cast) -> MediationFile:
    file = agreed_by_all(file, cast)
    return services.accept(file, actor=body_of(file, cast), now=cast.now)


def failed(file: MediationFile, cast: Cast) -> MediationFile:
    return services.fail(accepted(file, cast), reason="双方差距太大", actor=body_of(file, cast), now=cast.now)


def settled(file: MediationFile, cast: Cast) -> MediationFile:
    file = accepted(file, cast)
    services.agree(
        file, terms="业主于本月底前补缴，物业减免违约金。", agreed_on=core.local_day(cast.now),
        actor=body_of(file, cast), now=cast.now,
    )  # fmt: skip
    return MediationFile.objects.get(pk=file.pk)


def moved(file: MediationFile, cast: Cast, way: str, **given: Any) -> MediationFile:
    actor = given.pop("actor", None) or body_of(file, cast)
    return services.move(file, way=way, reason="本级调解不成", actor=actor, now=cast.now, **given)


def registered(cast: Cast, kind: str, place: Any, **given: Any) -> Body:
    return bodies.register_body(
        kind=kind, place=place, formed_on=core.local_day(cast.now), actor=SYSTEM, now=cast.now, **given
    )


def mediator(body: Body, cast: Cast, name: str = "郭调解", **given: Any) -> Mediator:
    values = {
        "full_time": True,
        "line": "司法",
        "qualification": "从事调解二十年",
        "hired_on": SINCE,
        "from_on": core.local_day(cast.now),
        **given,
    }
    return services.register_mediator(
        body, person=PersonInput(name, values.pop("phone", "")), actor=SYSTEM, now=cast.now, **values
    )
