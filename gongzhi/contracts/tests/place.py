"""What the tests of contracts share: a city with developer and committee, steps, lists and signatures."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from gongzhi.contracts import services as contracts
from gongzhi.contracts.models import Procedure, ServiceContract
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, StoredFile
from gongzhi.core.tests.cast import Cast, _person, build
from gongzhi.registry.models import Building, Project
from gongzhi.registry.services import register_estate, set_fact

COUNTY = {"zhangjiagang": "320582", "jinhua": "330782", "jiangyin": "320281", "meixian": "610326", "jiujiang": "340207"}
SINCE = date(2020, 1, 1)
EXTRA = ("state_assets", "education", "administrative_approval")
FILE = b"%PDF-1.4\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n"


def day(text: str, hour: int = 9) -> datetime:
    return datetime.fromisoformat(text).replace(hour=hour, tzinfo=ZONE)


def city(pack: str, moment: str) -> Cast:
    """An estate that is served (`inside`), one that is new (`new`), with developer, committee and two companies."""
    cast = build(day(moment), county=COUNTY[pack], pack=pack)
    cast.estates["new"] = register_estate(
        community=cast.communities[0], name="云栖新苑", households=600, building_area_m2=Decimal("80000"),
        buildings=("1幢",), facts={}, from_on=SINCE, actor=Actor.system(), now=cast.now,
    )  # fmt: skip
    for role in EXTRA:
        if role not in cast.organisations:
            cast.organisations[role] = core.ensure_organisation(role, place=cast.county)
    cast.organisations["developer"] = core.ensure_organisation(
        "developer", place=cast.estates["new"].place, name="云栖置业"
    )
    cast.organisations["owners_committee"] = core.ensure_organisation("owners_committee", place=cast.estate.place)
    for key in ("developer", "owners_committee", "property_company", "property_company@2", *EXTRA):
        if key not in cast.users:
            _person(cast, key, f"经办{len(cast.users)}", organisation=cast.organisations[key])
    for role in ("education", "civil_affairs", "health", "urban_management", "planning", "fire_rescue", "housing",
                 "leading_group_office", "street_government", "community_committee", "community_station"):  # fmt: skip
        if role in cast.organisations and role not in cast.users:
            _person(cast, role, f"经办{role}", organisation=cast.organisations[role])
    return cast


def at(cast: Cast, moment: str) -> Cast:
    return replace(cast, now=day(moment))


def known(cast: Cast, subject: Any, since: date = SINCE, **facts: Any) -> None:
    """Facts written down as if their own page had recorded them."""
    event = Event.objects.order_by("pk").first()
    assert event is not None
    for name, value in facts.items():
        set_fact(subject.ref, name, value, from_on=since, event=event)


def switch(cast: Cast, pack: str, name: str, value: str) -> None:
    core.set_switch(
        place=cast.county,
        pack=pack,
        name=name,
        value=value,
        from_on=SINCE,
        actor=Actor.system(),
        reason="测试",
        now=cast.now,
    )


def file(cast: Cast, owner: Any = None) -> StoredFile:
    upload = SimpleUploadedFile("附件.pdf", FILE, content_type="application/pdf")
    return core.store_file(upload, owner=(owner or cast.estate).ref, actor=Actor.system(), now=cast.now)


def papers(cast: Cast, *names: str) -> list[tuple[str, StoredFile]]:
    return [(name, file(cast)) for name in names]


def opened(cast: Cast, kind: str, *, by: str, estate: Any = None, **more: Any) -> Procedure:
    where = estate or cast.estate
    return contracts.open_procedure(
        where, kind=kind, given=contracts.Opening(**more), actor=cast.actor(by), now=cast.now
    )


def took(cast: Cast, row: Procedure, step: str, *, by: str, files: tuple[str, ...] = (), **more: Any) -> Procedure:
    given = {"on": cast.now.date(), "papers": papers(cast, *files), **more}
    return contracts.take_step(row, step=step, given=contracts.Taking(**given), actor=cast.actor(by), now=cast.now)


def listed(
    cast: Cast, row: Procedure, *lines: tuple[str, str, str], by: str = "property_company", **more: Any
) -> Procedure:
    """Lines as (group, name, state)."""
    defect = more.pop("defect", "quality")
    rows = [
        contracts.Line(group=group, name=name, state=state, defect=defect if state == "defect" else "", **more)
        for group, name, state in lines
    ]
    return contracts.mark(row, lines=rows, actor=cast.actor(by), now=cast.now)


def signed(cast: Cast, row: Procedure, *roles: str, verdict: str = "fit", by: str = "", **more: Any) -> None:
    for role in roles:
        for party in row.parties.filter(role=role):
            contracts.sign(
                row,
                party=party,
                verdict=verdict,
                on=cast.now.date(),
                actor=cast.actor(by or role),
                now=cast.now,
                **more,
            )


def contract(
    cast: Cast, company: str = "property_company", *, by: str, kind: str = "service", estate: Any = None, **more: Any
) -> ServiceContract:
    given = {
        "signed_on": cast.now.date(), "manager_name": "王经理", "party_a": "owners_committee", "party_a_name": "业委会",
        "to_on": date(2030, 12, 31), "papers": papers(cast, contracts.WRITTEN), **more,
    }  # fmt: skip
    return contracts.sign_contract(
        estate or cast.estate, company=cast.organisations[company], kind=kind, given=contracts.Terms(**given),
        actor=cast.actor(by), now=cast.now,
    )  # fmt: skip


def refuses(code: str, act: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.code == code, caught.value.message
    return caught.value


def project_of(cast: Cast) -> Project:
    return Project.objects.get(estate=cast.estate, to_on=None)


__all__ = ["Building", "at", "city", "contract", "day", "file", "known", "listed", "opened", "papers", "project_of",
           "refuses", "signed", "switch", "took"]  # fmt: skip
