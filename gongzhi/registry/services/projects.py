"""A company's service of an estate: from when to when, led by whom."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, User
from gongzhi.registry.models import Estate, Project, ProjectManager
from gongzhi.registry.questions import SERVICE_KINDS
from gongzhi.registry.services.estates import ServedEstate

DAY = timedelta(days=1)


@transaction.atomic
def begin_project(
    *,
    estate: Estate,
    company: Organisation,
    manager: User | None = None,
    manager_name: str = "",
    service_kind: str = "market",
    service_standard: str = "",
    fee: str = "",
    fee_yuan_m2_month: Decimal | None = None,
    from_on: date,
    actor: Actor,
    now: datetime,
) -> Project:
    """A company begins to serve the estate. Refuses while another one serves it."""
    core.require(actor, "project.register", estate)
    if service_kind not in SERVICE_KINDS:
        raise Refused("service_kind", "服务方式请从列表里选。", fields={"service_kind": "请从列表里选"})
    if Project.objects.select_for_update().filter(estate=estate, to_on=None).exists():
        raise Refused("project_open", f"{estate.name}已有物业服务企业，请先办理原企业退出。")
    try:
        with transaction.atomic():
            project = Project.objects.create(
                estate=estate,
                company=company,
                manager=manager,
                service_kind=service_kind,
                service_standard=service_standard.strip(),
                fee=fee.strip(),
                fee_yuan_m2_month=fee_yuan_m2_month,
                from_on=from_on,
                place_path=estate.place_path,
                demo=actor.demo,
            )
    except IntegrityError as error:
        raise Refused(
            "project_overlaps",
            f"{estate.name}在{from_on}已有别的企业服务，同一天只能有一家。请核对开始日期。",
            fields={"from_on": "这一天已有别的企业服务"},
        ) from error
    name = manager_name.strip() or (str(manager) if manager is not None else "")
    if name:
        ProjectManager.objects.create(project=project, name=name, user=manager, from_on=from_on, demo=actor.demo)
    core.record(
        "project.begun",
        subject=estate.ref,
        actor=actor,
        at=now,
        place_path=estate.place_path,
        data={"from_on": from_on, "company": company.name},
    )
    return project


@transaction.atomic
def change_manager(
    project: Project, *, name: str, user: User | None = None, from_on: date, actor: Actor, now: datetime
) -> ProjectManager:
    """Another person leads the project from a day on, as its company or an office above says; the one before ends on
    the day before."""
    core.require(actor, "project.manager", ServedEstate(project.estate, core.local_day(now)))
    project = Project.objects.select_for_update(of=("self",)).select_related("company", "estate").get(pk=project.pk)
    if not name.strip():
        raise Refused("manager_name", "请填写项目负责人姓名。", fields={"name": "请填写姓名"})
    if from_on < project.from_on or (project.to_on is not None and from_on > project.to_on):
        raise Refused("manager_dates", "日期不在这家企业的服务期内。", fields={"from_on": "要在服务期内"})
    latest = project.managers.order_by("-from_on").first()
    if latest is not None and latest.to_on is None:
        if from_on <= latest.from_on:
            raise Refused(
                "manager_dates",
                f"{latest.name}从{latest.from_on}起负责，新负责人要晚于这一天。",
                fields={"from_on": "要晚于现任的到任日期"},
            )
        latest.to_on = from_on - DAY
        latest.save(update_fields=["to_on"])
    try:
        with transaction.atomic():
            row = ProjectManager.objects.create(
                project=project, name=name.strip(), user=user, from_on=from_on, to_on=project.to_on, demo=actor.demo
            )
    except IntegrityError as error:
        raise Refused(
            "manager_dates", "这一天已有负责人，请核对日期。", fields={"from_on": "这一天已有负责人"}
        ) from error
    project.manager = user
    project.save(update_fields=["manager"])
    core.record(
        "project.manager_changed",
        subject=project.estate.ref,
        actor=actor,
        at=now,
        place_path=project.place_path,
        data={"from_on": from_on, "company": project.company.name},
    )
    return row


TERMS = ("service_standard", "fee", "fee_yuan_m2_month")


@transaction.atomic
def change_terms(project: Project, *, changes: Mapping[str, Any], actor: Actor, now: datetime) -> Project:
    """What is provided and what it costs, corrected or agreed anew. The event keeps what was."""
    core.require(actor, "project.register", project)
    project = Project.objects.select_for_update(of=("self",)).select_related("company", "estate").get(pk=project.pk)
    differing = [one for one in TERMS if one in changes and getattr(project, one) != changes[one]]
    if not differing:
        return project
    was = [f"{one}={getattr(project, one) or ''}" for one in differing]
    for name in differing:
        setattr(project, name, changes[name])
    project.save(update_fields=differing)
    core.record(
        "project.terms_changed",
        subject=project.estate.ref,
        actor=actor,
        at=now,
        place_path=project.place_path,
        data={
            "company": project.company.name,
            "was": was,
            "now": [f"{one}={changes[one] or ''}" for one in differing],
        },
    )
    return project


@transaction.atomic
def end_project(project: Project, *, to_on: date, actor: Actor, now: datetime) -> Project:
    """The last day of a company's service."""
    core.require(actor, "project.register", project)
    project = Project.objects.select_for_update().select_related("company", "estate").get(pk=project.pk)
    if project.to_on is not None:
        raise Refused("project_ended", "该企业的服务已经登记过结束日期。")
    if to_on < project.from_on:
        raise Refused("project_dates", "结束日期不能早于开始日期。", fields={"to_on": "不能早于开始日期"})
    if project.managers.filter(to_on=None, from_on__gt=to_on).exists():
        raise Refused(
            "project_dates", "现任项目负责人在这一天之后才到任，请核对结束日期。", fields={"to_on": "请核对日期"}
        )
    project.to_on = to_on
    project.save(update_fields=["to_on"])
    project.managers.filter(to_on=None).update(to_on=to_on)
    core.record(
        "project.ended",
        subject=project.estate.ref,
        actor=actor,
        at=now,
        place_path=project.place_path,
        data={"to_on": to_on, "company": project.company.name},
    )
    return project
