"""What enforcement shows on other pages: a company's cases in its file, who came into an estate."""

from datetime import date, datetime
from typing import Any

from django.urls import reverse

from gongzhi.cases.enforcement.models import CompanyCase, SiteEntry
from gongzhi.cases.enforcement.queries.asking import rule
from gongzhi.cases.enforcement.queries.presence import hosts, officers_of, station_of
from gongzhi.cases.enforcement.words import STATIONS
from gongzhi.cases.queries import asking
from gongzhi.cases.queries.cases import readable_by
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.models import Organisation
from gongzhi.duties.lacks import Lack, register_lacks
from gongzhi.registry.models import Estate
from gongzhi.registry.panels import Panel, Row, register_organisation_panels, register_panel

SHOWN = 6
NAMED = 12
COMPANIES = ("property_company",)


def company_cases(company: Organisation, actor: Actor, on: date) -> list[Panel]:
    """Violations of the company, from the day each was received; what was decided stands beside it."""
    if company.role not in COMPANIES:
        return []
    rows: Any = CompanyCase.objects.filter(company=company).select_related("case__lead", "case__estate")
    found = list(rows.order_by("-case")[: SHOWN + 1])
    open_to = _open_to(actor, found)
    return [
        Panel(
            code="company-cases",
            title="企业违法违规案件",
            rows=tuple(_company_row(one, one.case_id in open_to) for one in found[:SHOWN]),
            total=len(found) if len(found) <= SHOWN else rows.count(),
            empty="没有企业违法违规案件。",
            columns=("案件", "办理部门", ""),
        )
    ]


def _open_to(actor: Actor, found: list[Any]) -> set[int]:
    """The cases of the rows that the actor may read; of others not even the number is shown."""
    cases = [one.case_id for one in found if one.case_id]
    return set(readable_by(actor).filter(pk__in=cases).values_list("pk", flat=True)) if cases else set()


def _company_row(one: CompanyCase, readable: bool) -> Row:
    case = one.case
    ended = f"{cn_date(core.local_day(one.ended_at))}有结果" if one.ended_at else case.get_state_display()
    said = (
        case.number if readable else "",
        str(case.estate or ""),
        one.get_category_display() if one.category else "",
        ended,
        f"处理决定{one.decision}" if one.decision else "",
        one.result,
    )
    return Row(
        title=asking.matter_name(case.matter, case),
        url=reverse("cases:case", args=[case.number]) if readable else "",
        note="　".join(part for part in said if part),
        who=str(case.lead or "未派单"),
    )


def estate_entries(estate: Estate, *, actor: Actor, now: datetime, on: date) -> Panel | None:
    """Which departments came and why, the last first; who answers for the estate stands on the public page."""
    if not core.may(actor, "enforcement.look", estate):
        return None
    rows: Any = SiteEntry.objects.filter(estate=estate, on__lte=on).select_related("organisation", "case", "operation")
    found = list(rows.order_by("-on", "-pk")[: SHOWN + 1])
    open_to = _open_to(actor, found)
    station = station_of(estate, on)
    shown = [
        Row(
            title=one.get_kind_display(),
            url=reverse("enforcement:operation", args=[one.operation_id]) if one.operation_id else "",
            note="　".join(part for part in (cn_date(one.on), _number(one, open_to), one.note) if part),
            who=str(one.organisation),
        )
        for one in found[:SHOWN]
    ]
    if station is not None:
        shown.append(Row(title=str(station), note=station.phone, who=str(station.organisation)))
    shown += [
        Row(title=f"联络人　{one.name}", note=one.phone, who=str(one.organisation)) for one in officers_of(estate, on)
    ]
    return Panel(
        code="enforcement",
        title="执法进小区",
        rows=tuple(shown),
        total=len(found) if len(found) <= SHOWN else rows.count(),
        url=reverse("enforcement:overview"),
        link="执法进小区",
        empty="没有部门进小区的记录，也没有登记联络人。",
        columns=("事由（联络人）", "单位", ""),
    )


def _number(one: SiteEntry, open_to: set[int]) -> str:
    return one.case.number if one.case is not None and one.case_id in open_to else ""


def stations_lacking(actor: Actor, on: date) -> list[Lack]:
    """Whoever watches over stations and teams sees who has set up none; a unit that has to, that it is lacking."""
    shown: list[Lack] = []
    for kind, title in STATIONS.items():
        named, _ = rule("stations", actor.place_path, on, kind=kind)
        watches, is_host = named.get("watched_by") == actor.role, actor.role in (named.get("hosts") or ())
        if not watches and not is_host:
            continue
        found = hosts(actor.place_path, kind=kind, on=on)
        if is_host and actor.organisation in found.missing:
            new = reverse("enforcement:begin", args=["zhandian"])
            shown.append(Lack(f"登记{title}", "本单位还没有登记。", new, found.clauses))
        elif watches and found.missing:
            units = "、".join(str(one) for one in found.missing[:NAMED])
            more = f"等{len(found.missing)}个单位" if len(found.missing) > NAMED else ""
            note, url = f"{units}{more}还没有设立。", reverse("enforcement:stations")
            shown.append(Lack(f"督促设立{title}", note, url, found.clauses))
    return shown


def register() -> None:
    register_lacks(stations_lacking)
    register_organisation_panels(company_cases)
    register_panel(estate_entries)
