"""Companies: facts of them, their staff, and one company joining another."""

import re
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.core.places import role_kind
from gongzhi.registry.models import CompanyStaff, Project, ProjectManager, StandingFact, covers
from gongzhi.registry.queries.known import county_of
from gongzhi.registry.questions import COMPANY_JOINS, OF_ORGANISATIONS
from gongzhi.registry.services.facts import set_fact, stored

DAY = timedelta(days=1)
COMPANY = "property_company"
# The unified social credit code: 18 digits and capitals without I, O, S, V, Z.
CREDIT_CODE = r"[0-9A-HJ-NPQRTUWXY]{18}"


@transaction.atomic
def register_company(
    *,
    name: str,
    credit_code: str = "",
    phone: str = "",
    address: str = "",
    actor: Actor,
    now: datetime,
) -> Organisation:
    """A company becomes known in the county of whoever registers it, with the address that it has today."""
    name, code = name.strip(), credit_code.strip().upper()
    where = core.place_at(county_of(actor.place_path)) if actor.place_path else None
    core.require(actor, "company.register", core.place_at(actor.place_path) if actor.place_path else None)
    if where is None or not name:
        raise Refused("company_name", "请填写企业名称。", fields={"name": "请填写企业名称"})
    if code and not re.fullmatch(CREDIT_CODE, code):
        words = "应为18位统一社会信用代码，请核对。"
        raise Refused("credit_code", words, fields={"credit_code": words})
    known = Organisation.objects.filter(role=COMPANY, active=True).select_related("place")
    twin = known.filter(credit_code=code).first() if code else None
    twin = twin or known.filter(name=name, place_path__startswith=where.path).first()
    if twin is not None:
        words = f"已经登记过：{twin.name}（{twin.place.name}），直接用它，不要重复登记。"
        field = "credit_code" if code and twin.credit_code == code else "name"
        raise Refused("company_twice", words, fields={field: words})
    try:
        with transaction.atomic():
            company = Organisation.objects.create(
                name=name,
                role=COMPANY,
                kind=role_kind(COMPANY),
                place=where,
                place_path=where.path,
                phone=phone.strip(),
                credit_code=code,
                demo=actor.demo,
            )
    except IntegrityError as error:
        words = f"{where.name}登记过同名的企业。"
        raise Refused("company_twice", words, fields={"name": words}) from error
    event = core.record(
        "organisation.registered",
        subject=company.ref,
        actor=actor,
        at=now,
        place_path=company.place_path,
        data={"name": name, "credit_code": code or None},
    )
    if address.strip():
        set_fact(company.ref, "registered_address", address.strip(), from_on=core.local_day(now), event=event)
    return company


@transaction.atomic
def record_organisation_fact(
    organisation: Organisation, *, name: str, value: Any, from_on: date, actor: Actor, now: datetime
) -> StandingFact:
    """What holds of a company from a day on: its registered address, say. Earlier values stay."""
    core.require(actor, "organisation.record_fact", organisation)
    if name not in OF_ORGANISATIONS:
        raise LookupError(f"{name!r} is no fact of organisations")
    event = core.record(
        "organisation.fact_recorded",
        subject=organisation.ref,
        actor=actor,
        at=now,
        place_path=organisation.place_path,
        data={"name": name, "value": None if value is None else str(stored(name, value)), "from_on": from_on},
    )
    return set_fact(organisation.ref, name, value, from_on=from_on, event=event)


@transaction.atomic
def absorb_company(
    company: Organisation, *, into: Organisation, way: str, from_on: date, actor: Actor, now: datetime
) -> int:
    """From that day on the projects of `company` are `into`'s; a franchise keeps its own. Gives how many moved.

    What was recorded of `company` before stays its own.
    """
    core.require(actor, "organisation.merge", company)
    if way not in COMPANY_JOINS:
        raise Refused("join_way", "方式请从加盟、兼并、重组里选。", fields={"way": "请从列表里选"})
    if company.pk == into.pk or {company.role, into.role} != {COMPANY}:
        raise Refused("join_whom", "请选择另一家物业服务企业。", fields={"into": "请选择另一家物业服务企业"})
    moving: list[Project] = []
    if way != "franchise":
        moving = list(
            Project.objects.select_for_update(of=("self",))
            .filter(Q(to_on=None) | Q(to_on__gte=from_on), company=company)
            .select_related("estate")
            .order_by("pk")
        )
    late = next((one for one in moving if one.from_on >= from_on), None)
    if late is not None:
        raise Refused(
            "join_days",
            f"{late.estate}的服务从{late.from_on}起，兼并日期要晚于这一天。",
            fields={"from_on": "要晚于各项目的开始日期"},
        )
    for one in moving:
        _hand_on(one, into, from_on)
    core.record(
        "organisation.merged",
        subject=company.ref,
        actor=actor,
        at=now,
        place_path=company.place_path,
        data={"into": into.name, "way": way, "from_on": from_on, "projects": len(moving)},
    )
    return len(moving)


def _hand_on(project: Project, into: Organisation, from_on: date) -> None:
    """The same service under the other company; the manager in charge stays in charge."""
    ends, user, leaders = project.to_on, project.manager, list(project.managers.filter(covers(from_on)))
    project.to_on = from_on - DAY
    project.save(update_fields=["to_on"])
    project.managers.filter(from_on__gte=from_on).delete()
    project.managers.filter(covers(from_on)).update(to_on=from_on - DAY)
    next_one = Project.objects.create(
        estate=project.estate,
        company=into,
        manager=user,
        service_kind=project.service_kind,
        service_standard=project.service_standard,
        fee=project.fee,
        fee_yuan_m2_month=project.fee_yuan_m2_month,
        from_on=from_on,
        to_on=ends,
        place_path=project.place_path,
        demo=project.demo,
    )
    for leader in leaders:
        ProjectManager.objects.create(
            project=next_one, name=leader.name, user=leader.user, from_on=from_on, to_on=ends, demo=project.demo
        )


@transaction.atomic
def join_staff(
    company: Organisation,
    *,
    name: str,
    phone: str = "",
    id_number: str = "",
    position: str,
    from_on: date,
    actor: Actor,
    now: datetime,
) -> CompanyStaff:
    core.require(actor, "company.staff", Employer(company))
    if not name.strip() or not position.strip():
        raise Refused("staff", "请填写姓名和岗位。", fields={"name": "请填写姓名", "position": "请填写岗位"})
    row = CompanyStaff.objects.create(
        company=company,
        person=core.keep_person(
            name=name,
            phone=phone,
            id_number=id_number,
            place_path=company.place_path,
            owner=company.ref,
            demo=actor.demo,
            now=now,
        ),
        position=position.strip(),
        from_on=from_on,
        place_path=company.place_path,
        demo=actor.demo,
    )
    _told("staff.joined", row, {"position": row.position, "from_on": from_on}, actor, now)
    return row


@transaction.atomic
def leave_staff(staff: CompanyStaff, *, to_on: date, actor: Actor, now: datetime) -> CompanyStaff:
    row = CompanyStaff.objects.select_for_update(of=("self",)).select_related("company").get(pk=staff.pk)
    core.require(actor, "company.staff", Employer(row.company))
    if row.to_on is not None:
        raise Refused("staff_left", "已登记过离岗。")
    if to_on < row.from_on:
        raise Refused("staff_days", "离岗日期不能早于到岗日期。", fields={"to_on": "不能早于到岗日期"})
    row.to_on = to_on
    row.save(update_fields=["to_on"])
    _told("staff.left", row, {"position": row.position, "to_on": to_on}, actor, now)
    return row


def _told(kind: str, row: CompanyStaff, data: dict[str, Any], actor: Actor, now: datetime) -> None:
    core.record(kind, subject=row.company.ref, actor=actor, at=now, place_path=row.place_path, data=data)


class Employer:
    """A company as its own people see it."""

    def __init__(self, company: Organisation) -> None:
        self.company = company
        self.place_path = company.place_path

    def is_party(self, actor: Actor) -> bool:
        return actor.organisation is not None and actor.organisation.pk == self.company.pk
